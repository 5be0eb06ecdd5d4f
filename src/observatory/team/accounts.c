// SPDX-License-Identifier: Apache-2.0
#include "observatory/team/accounts.h"

#include "base/utf.h"
#include "observatory/store/team_audit.h"
#include "observatory/team/password.h"
#include "report/texts.h"

static const struct {
    unsigned role;
    const char *name;
} role_names[] = {
    {ROLE_CODER, "coder"},
    {ROLE_REVIEWER, "reviewer"},
    {ROLE_CURATOR, "curator"},
    {ROLE_ADMIN, "admin"},
};
enum { ROLE_COUNT = sizeof role_names / sizeof *role_names };

static unsigned role_of(struct slice word)
{
    if (slice_equal_str(word, "all"))
        return ROLES_ALL;
    for (size_t i = 0; i < ROLE_COUNT; i++)
        if (slice_equal_str(word, role_names[i].name))
            return role_names[i].role;
    return 0;
}

bool roles_parse(struct slice words, unsigned *roles, struct err *e)
{
    unsigned found = 0;
    for (size_t at = 0; at < words.len;) {
        const uint8_t *comma = memchr(words.at + at, ',', words.len - at);
        size_t end = comma ? (size_t)(comma - words.at) : words.len;
        struct slice word = slice_trim(slice_sub(words, at, end));
        if (!role_of(word))
            return err_set(e, ERR_USAGE, 0,
                           "there is no role '%.*s'; there are coder, reviewer, curator, admin",
                           word.len > 40 ? 40 : SLICE_FMT(word));
        found |= role_of(word);
        at = end + 1;
    }
    if (!found)
        return err_set(e, ERR_USAGE, 0, "a role is needed: coder, reviewer, curator, admin");
    *roles = found;
    return true;
}

struct slice roles_names(struct arena *a, unsigned roles)
{
    struct buf b = {0};
    for (size_t i = 0; i < ROLE_COUNT; i++)
        if (roles & role_names[i].role)
            buf_printf(&b, "%s%s", b.len ? "," : "", role_names[i].name);
    struct slice out = b.len ? arena_copy(a, buf_slice(&b)) : SLICE("none");
    buf_free(&b);
    return out;
}

const char *user_name_fault(struct slice name)
{
    size_t characters = 0;
    for (size_t at = 0; at < name.len; characters++)
        if (utf8_decode(name, &at) < ' ')
            return TEXT("A name has letters, not control characters.");
    if (!utf8_valid(name) || characters < 2 || characters > 60)
        return TEXT("A name has from 2 to 60 characters.");
    return NULL;
}

static bool log_line(struct store *s, const char *action, struct slice detail, struct err *e)
{
    return team_audit_add(s,
                          &(struct team_audit){.name = SLICE("(command line)"),
                                               .action = slice_from_str(action),
                                               .detail = detail},
                          e);
}

static bool end(struct store *s, bool done, struct err *e)
{
    if (done)
        return store_commit(s, e);
    store_rollback(s);
    return false;
}

// The given password when it may be one, or a generated one; its hash.
static bool choose(struct arena *a, struct slice name, struct slice *password, struct slice *hash,
                   struct err *e)
{
    if (!password->len)
        *password = password_generate(a);
    else if (!password_acceptable(*password, name, e))
        return false;
    return password_hash(NULL, a, *password, hash, e);
}

bool accounts_add(struct store *s, struct arena *a, struct slice name, unsigned roles,
                  struct slice lang, struct slice *password, struct err *e)
{
    struct team_user u = {.name = name, .roles = roles, .lang = lang, .made = time_now()};
    int64_t id;
    const char *fault = user_name_fault(name);
    if (fault)
        return err_set(e, ERR_USAGE, 0, "%s", fault);
    if (!choose(a, name, password, &u.password, e) || !store_begin(s, e))
        return false;
    return end(s, team_user_add(s, &u, &id, e) && log_line(s, "user-add", name, e), e);
}

static bool find(struct store *s, struct arena *a, struct slice name, struct team_user *u,
                 struct err *e)
{
    enum store_found found = team_user_find(s, name, a, u, e);
    if (found == STORE_NONE)
        return err_set(e, ERR_USAGE, 0, "there is no user '%.*s'",
                       name.len > 60 ? 60 : SLICE_FMT(name));
    return found == STORE_FOUND;
}

bool accounts_set_password(struct store *s, struct arena *a, struct slice name,
                           struct slice *password, struct err *e)
{
    struct team_user u;
    struct slice hash;
    if (!find(s, a, name, &u, e) || !choose(a, name, password, &hash, e) || !store_begin(s, e))
        return false;
    return end(
        s, team_user_set_password(s, u.id, hash, e) && log_line(s, "user-password", u.name, e), e);
}

bool accounts_set_roles(struct store *s, struct arena *a, struct slice name, unsigned roles,
                        struct err *e)
{
    struct team_user u;
    if (!find(s, a, name, &u, e) || !store_begin(s, e))
        return false;
    struct slice detail =
        arena_printf(a, "%.*s: %.*s", SLICE_FMT(u.name), SLICE_FMT(roles_names(a, roles)));
    return end(s, team_user_set_roles(s, u.id, roles, e) && log_line(s, "user-roles", detail, e),
               e);
}

bool accounts_set_disabled(struct store *s, struct arena *a, struct slice name, bool disabled,
                           struct err *e)
{
    struct team_user u;
    if (!find(s, a, name, &u, e) || !store_begin(s, e))
        return false;
    return end(s,
               team_user_set_disabled(s, u.id, disabled, e) &&
                   log_line(s, disabled ? "user-disable" : "user-enable", u.name, e),
               e);
}

bool accounts_reset_totp(struct store *s, struct arena *a, struct slice name, struct err *e)
{
    struct team_user u;
    if (!find(s, a, name, &u, e) || !store_begin(s, e))
        return false;
    return end(s,
               team_user_set_totp(s, u.id, (struct slice){0}, 0, e) &&
                   log_line(s, "user-second-factor-off", u.name, e),
               e);
}
