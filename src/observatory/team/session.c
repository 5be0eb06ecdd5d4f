// SPDX-License-Identifier: Apache-2.0
#include "observatory/team/session.h"

#include "base/sha256.h"
#include "observatory/http/app.h"
#include "observatory/http/parse.h"

#include <sodium.h>

#define MINUTES(n) ((vtime)(n)*60 * VTIME_SECOND)

static struct slice base64(struct arena *a, const uint8_t *bytes, size_t count)
{
    size_t room = sodium_base64_encoded_len(count, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *out = arena_alloc(a, room);
    sodium_bin2base64(out, room, bytes, count, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return slice_of(out, room - 1);
}

struct slice secret_hash(struct arena *a, struct slice secret)
{
    struct sha256_digest d = sha256_of(secret);
    return arena_copy(a, slice_of(d.bytes, sizeof d.bytes));
}

struct slice session_csrf(struct arena *a, struct slice token)
{
    // Keyed by the cookie's token itself: neither the page nor the store's hash gives it away.
    static const uint8_t what[] = "form";
    uint8_t out[24];
    if (token.len < crypto_generichash_KEYBYTES_MIN || token.len > crypto_generichash_KEYBYTES_MAX)
        return (struct slice){0};
    crypto_generichash(out, sizeof out, what, sizeof what, token.at, token.len);
    return base64(a, out, sizeof out);
}

bool session_alive(vtime made, vtime seen, vtime now)
{
    return made <= now && now - made < MINUTES(SESSION_HOURS * 60) &&
           (seen >= now || now - seen < MINUTES(SESSION_IDLE_MINUTES));
}

struct team_session *session_of(struct request *rq)
{
    return rq->session;
}

// The part of an address after "//": host and port.
static struct slice authority(struct slice url)
{
    const uint8_t *at = url.len ? memmem(url.at, url.len, "//", 2) : NULL;
    if (!at)
        return (struct slice){0};
    struct slice rest = slice_sub(url, (size_t)(at - url.at) + 2, url.len);
    const uint8_t *slash = rest.len ? memchr(rest.at, '/', rest.len) : NULL;
    return slash ? slice_sub(rest, 0, (size_t)(slash - rest.at)) : rest;
}

bool session_same_site(const struct request *rq)
{
    struct slice site = request_header(rq, "sec-fetch-site");
    if (site.len)
        return slice_equal_str(site, "same-origin") || slice_equal_str(site, "none");
    // Older browsers, and programs. "null" is what a page with a strict referrer policy sends.
    struct slice origin = request_header(rq, "origin");
    if (!origin.len || slice_equal_str(origin, "null"))
        return true;
    struct slice host = authority(origin);
    return slice_equal_nocase(host, request_header(rq, "host")) ||
           slice_equal_nocase(host, authority(rq->base_url));
}

// The prefix makes browsers refuse a cookie of that name which another host of the domain sets: it
// would sign people in to an account of its own choice.
static const char *cookie_name(const struct request *rq)
{
    return rq->app && rq->app->settings.secure_cookies ? "__Host-" TEAM_COOKIE : TEAM_COOKIE;
}

static void cookie(struct request *rq, struct response *rs, struct slice token, const char *more)
{
    const char *secure = rq->app && rq->app->settings.secure_cookies ? "; Secure" : "";
    response_header(rs, "Set-Cookie",
                    arena_printf(rq->arena, "%s=%.*s; Path=/; HttpOnly; SameSite=Lax%s%s",
                                 cookie_name(rq), SLICE_FMT(token), secure, more));
    rs->no_store = true;
}

bool session_begin(struct request *rq, struct response *rs, struct store *writer, int64_t user,
                   struct err *e)
{
    uint8_t bytes[SESSION_TOKEN_BYTES];
    randombytes_buf(bytes, sizeof bytes);
    struct slice token = base64(rq->arena, bytes, sizeof bytes);
    vtime now = time_now();
    struct team_session n = {
        .hash = secret_hash(rq->arena, token), .user = user, .made = now, .seen = now};
    if (!team_session_expire(writer, now - MINUTES(SESSION_IDLE_MINUTES + 60),
                             now - MINUTES(SESSION_HOURS * 60), e) ||
        !team_session_add(writer, &n, e))
        return false;
    cookie(rq, rs, token, "");
    return true;
}

bool session_end(struct request *rq, struct response *rs, struct err *e)
{
    cookie(rq, rs, (struct slice){0}, "; Max-Age=0");
    return !rq->session || team_session_remove(rq->store, session_of(rq)->hash, e);
}

// The user whom the session belongs to, unless it or they are no longer good.
static bool load_user(struct request *rq, struct slice token, struct err *e)
{
    struct team_session *found = ARENA_NEW(rq->arena, struct team_session);
    struct team_user u;
    vtime now = time_now();
    enum store_found is =
        team_session_get(rq->store, secret_hash(rq->arena, token), rq->arena, found, e);
    if (is != STORE_FOUND)
        return is == STORE_NONE;
    vtime before = rq->app && rq->app->team ? team_seen(rq->app->team, found->hash, now) : 0;
    if (!session_alive(found->made, before > found->seen ? before : found->seen, now))
        return true;
    is = team_user_get(rq->store, found->user, rq->arena, &u, e);
    if (is != STORE_FOUND || u.disabled)
        return is != STORE_ERROR;
    struct user *user = ARENA_NEW(rq->arena, struct user);
    *user = (struct user){.id = u.id,
                          .name = u.name,
                          .roles = u.roles,
                          .lang = u.lang,
                          .totp = u.totp_secret.len > 0};
    rq->user = user;
    rq->session = found;
    rq->csrf = session_csrf(rq->arena, token);
    // Requests that only read cannot note it; what is in memory covers them until the next that
    // writes.
    bool writes = rq->route && rq->route->flags & ROUTE_WRITES;
    return !writes || team_session_touch(rq->store, found->hash, now, e);
}

static bool token_right(const struct request *rq)
{
    struct slice sent = request_form(rq, "csrf");
    return sent.len > 0 && sent.len == rq->csrf.len &&
           sodium_memcmp(sent.at, rq->csrf.at, sent.len) == 0;
}

bool team_session_load(struct request *rq, struct err *e)
{
    struct slice token = http_cookie(request_header(rq, "cookie"), cookie_name(rq));
    bool changes = rq->method != HTTP_GET;
    bool free = rq->route && rq->route->flags & ROUTE_CSRF_FREE;
    if (changes && !free && !session_same_site(rq))
        return err_set(e, ERR_USAGE, 0, "the form was sent from another site");
    if (token.len == 0 || token.len > 64 || free)
        return true;
    if (!load_user(rq, token, e))
        return false;
    if (changes && rq->user && !token_right(rq))
        return err_set(e, ERR_USAGE, 0, "the form's token is not that of the session");
    return true;
}

void team_csrf_field(struct request *rq, struct response *rs)
{
    buf_str(&rs->body, "<input type=\"hidden\" name=\"csrf\" value=\"");
    buf_xml(&rs->body, rq->csrf);
    buf_str(&rs->body, "\">\n");
}
