// SPDX-License-Identifier: Apache-2.0
// Signing in and out.
#include "observatory/team/handlers.h"

#include "base/utf.h"
#include "observatory/http/app.h"
#include "observatory/http/limits.h"
#include "observatory/team/accounts.h"
#include "observatory/team/totp.h"

#include <ctype.h>

// Where to go afterwards: an address of ours only.
static struct slice safe_target(struct request *rq, struct slice to)
{
    bool ours =
        (slice_starts(to, SLICE("/en/")) || slice_starts(to, SLICE("/fr/"))) && to.len < 1024;
    for (size_t i = 0; ours && i < to.len; i++)
        ours = to.at[i] > ' ' && to.at[i] != '\\' && to.at[i] != 127 &&
               !(to.at[i] == '/' && i + 1 < to.len && to.at[i + 1] == '/');
    return ours ? to : page_path(rq, "/team");
}

static void sign_in_page(struct request *rq, struct response *rs, struct slice name,
                         struct slice to, const struct ui_errors *errors)
{
    ui_begin(rq, rs, TR("Sign in"), NULL, errors);
    page_html(rs, "<p>{}</p>\n",
              str(TR("For the people who keep the registry. Reading needs no account.")));
    ui_form(rq, rs, page_path(rq, TEAM_SIGN_IN));
    page_html(rs, "<input type=\"hidden\" name=\"next\" value=\"{}\">\n", to);
    ui_field(rq, rs,
             &(struct ui_field){.name = SLICE("name"),
                                .label = TR("Name"),
                                .value = name,
                                .autocomplete = "username",
                                .size = 32,
                                .required = true},
             errors);
    ui_field(rq, rs,
             &(struct ui_field){.name = SLICE("password"),
                                .label = TR("Password"),
                                .type = "password",
                                .autocomplete = "current-password",
                                .size = 32,
                                .required = true},
             errors);
    ui_field(rq, rs,
             &(struct ui_field){
                 .name = SLICE("code"),
                 .label = TR("Code"),
                 .hint = TR("If you have set up a second factor: six digits from the app, "
                            "or a recovery code."),
                 .autocomplete = "one-time-code",
                 .size = 24},
             errors);
    ui_button(rs, "action", "sign-in", TR("Sign in"));
    UI_FORM_END(rs);
    ui_end(rq, rs);
}

void team_sign_in(struct request *rq, struct response *rs)
{
    sign_in_page(rq, rs, (struct slice){0}, request_param(rq, "next"), NULL);
}

struct slice recovery_hash(struct arena *a, int64_t user, struct slice typed)
{
    struct buf b = {0};
    buf_printf(&b, "recovery:%lld:", (long long)user);
    for (size_t i = 0; i < typed.len && i < 64; i++)
        if (isalnum(typed.at[i]))
            buf_byte(&b, (uint8_t)tolower(typed.at[i]));
    struct slice out = secret_hash(a, buf_slice(&b));
    buf_free(&b);
    return out;
}

// Whether the second factor is given, or none is set up. A code or recovery code is used up.
static bool second_factor(struct request *rq, struct store *w, const struct team_user *u,
                          struct slice code, bool *good, struct err *e)
{
    *good = u->totp_secret.len == 0;
    if (*good)
        return true;
    uint64_t step;
    struct slice secret;
    (void)secret_unseal(&rq->app->team->key, rq->arena, u->id, u->totp_secret, &secret);
    if (totp_check(secret, code, time_to_unix(time_now()), u->totp_step, &step))
        return team_user_use_totp(w, u->id, step, good, e);
    return team_recovery_use(w, u->id, recovery_hash(rq->arena, u->id, code), good, e);
}

static bool open_session(struct request *rq, struct response *rs, const struct team_user *u,
                         bool *good, struct err *e)
{
    struct store *w = NULL;
    bool done = team_writer(rq, &w, e) && store_begin(w, e);
    if (!done)
        goto out;
    done = second_factor(rq, w, u, form_line(rq, "code"), good, e);
    if (done && *good) {
        struct team_session *old = session_of(rq);
        done =
            (!old || team_session_remove(w, old->hash, e)) && session_begin(rq, rs, w, u->id, e) &&
            team_audit_add(
                w, &(struct team_audit){.user = u->id, .name = u->name, .action = SLICE("sign-in")},
                e);
    }
    if (done)
        done = store_commit(w, e);
    else
        store_rollback(w);
out:
    store_close(w);
    return done;
}

// The password, without telling by words or time whether the name is known.
static enum password_result try_password(struct request *rq, struct slice name, struct team_user *u,
                                         struct err *e)
{
    enum store_found found = team_user_find(rq->store, name, rq->arena, u, e);
    if (found == STORE_ERROR)
        return PASSWORD_BUSY;
    bool usable = found == STORE_FOUND && !u->disabled;
    return password_check(&rq->app->team->gate, usable ? u->password : (struct slice){0},
                          request_form(rq, "password"));
}

// Both buckets or neither.
static bool may_try(struct team_state *t, struct slice account, struct slice address)
{
    if (!team_take(t, &t->addresses, address))
        return false;
    if (team_take(t, &t->accounts, account))
        return true;
    team_give_back(t, &t->addresses, address);
    return false;
}

void team_sign_in_post(struct request *rq, struct response *rs)
{
    struct team_state *t = rq->app->team;
    struct slice name = form_line(rq, "name"), to = form_line(rq, "next");
    struct slice account = utf8_fold_copy(rq->arena, slice_sub(name, 0, 200));
    char network[64];
    struct slice address = slice_of(network, rate_limits_network(rq->address, network));
    struct ui_errors errors = {0};
    struct team_user u = {0};
    struct err e = {0};
    if (!may_try(t, account, address)) {
        rs->status = 429;
        response_header(rs, "Retry-After", SLICE("60"));
        ui_error_add(&errors, SLICE("name"),
                     TR("There were too many tries. Wait a minute, then try again."));
    } else {
        enum password_result is = try_password(rq, name, &u, &e);
        bool good = is == PASSWORD_RIGHT;
        if (good && !open_session(rq, rs, &u, &good, &e)) {
            team_failed(rq, rs, &e);
            return;
        }
        if (good) {
            team_give_back(t, &t->addresses, address);
            team_give_back(t, &t->accounts, account);
            response_redirect(rq, rs, safe_target(rq, to));
            return;
        }
        if (is == PASSWORD_BUSY) {
            rs->status = 503;
            ui_error_add(&errors, SLICE("name"),
                         TR("Too many people are signing in at this moment. Try again shortly."));
        } else {
            ui_error_add(&errors, SLICE("name"), TR("Name, password or code are not right."));
        }
    }
    sign_in_page(rq, rs, name, to, &errors);
    ui_free(&errors);
}

void team_sign_out(struct request *rq, struct response *rs)
{
    struct err e = {0};
    if (!session_end(rq, rs, &e))
        team_failed(rq, rs, &e);
    else
        ui_redirect(rq, rs, TEAM_SIGN_IN "?done=signed-out");
}
