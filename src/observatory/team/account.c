// SPDX-License-Identifier: Apache-2.0
// A person's own account: password, second factor, recovery codes, sessions.
#include "observatory/team/handlers.h"

#include "observatory/http/app.h"
#include "observatory/team/accounts.h"
#include "observatory/team/qr.h"
#include "observatory/team/totp.h"

#include <sodium.h>

enum { RECOVERY_CODES = 10 };

static bool own_user(struct request *rq, struct response *rs, struct team_user *u)
{
    struct err e = {0};
    if (team_user_get(rq->store, rq->user->id, rq->arena, u, &e) == STORE_FOUND)
        return true;
    team_failed(rq, rs, &e);
    return false;
}

static void password_field(struct request *rq, struct response *rs, struct slice name,
                           const char *label, const char *hint, const char *autocomplete,
                           const struct ui_errors *errors)
{
    ui_field(rq, rs,
             &(struct ui_field){.name = name,
                                .label = label,
                                .hint = hint,
                                .type = "password",
                                .autocomplete = autocomplete,
                                .size = 32,
                                .required = true},
             errors);
}

static void password_section(struct request *rq, struct response *rs,
                             const struct ui_errors *errors)
{
    page_html(rs, "<section aria-labelledby=\"h-password\"><h2 id=\"h-password\">{}</h2>\n",
              str(TR("Change your password")));
    ui_form(rq, rs, ui_path(rq, "/team/account/password"));
    page_html(rs,
              "<input type=\"hidden\" name=\"username\" autocomplete=\"username\" value=\"{}\">\n",
              rq->user->name);
    password_field(rq, rs, SLICE("old"), TR("Current password"), NULL, "current-password", errors);
    password_field(rq, rs, SLICE("new"), TR("New password"),
                   TR("At least 12 characters; several unrelated words are good."), "new-password",
                   errors);
    password_field(rq, rs, SLICE("again"), TR("New password again"), NULL, "new-password", errors);
    ui_button(rs, "action", "password", TR("Change the password"));
    UI_FORM_END(rs);
    page_raw(rs, "</section>\n");
}

static void factor_section(struct request *rq, struct response *rs, const struct team_user *u,
                           const struct ui_errors *errors)
{
    page_html(rs, "<section aria-labelledby=\"h-factor\"><h2 id=\"h-factor\">{}</h2>\n",
              str(TR("Second factor")));
    if (u->totp_secret.len == 0) {
        page_html(rs, "<p>{}</p>\n",
                  str(TR("There is none. With one, a stolen password alone lets nobody in.")));
        ui_form(rq, rs, ui_path(rq, "/team/account/totp"));
        ui_button(rs, "action", "begin", TR("Set up a second factor"));
        UI_FORM_END(rs);
    } else {
        page_html(rs, "<p>{} ", str(TR("It is set up.")));
        page_html(
            rs, "{}</p>\n",
            str(text_format(rq->arena,
                            text_plural(rq->lang, TEXT("%s recovery code is left."),
                                        TEXT("%s recovery codes are left."), u->recovery_left),
                            text_number(rq->lang, rq->arena, u->recovery_left))));
        ui_form(rq, rs, ui_path(rq, "/team/account/recovery"));
        password_field(rq, rs, SLICE("factor-password"), TR("Password"), NULL, "current-password",
                       errors);
        ui_button(rs, "action", "codes", TR("Make new recovery codes"));
        ui_button_danger(rs, "action", "remove", TR("Remove the second factor"));
        UI_FORM_END(rs);
    }
    page_raw(rs, "</section>\n");
}

static void account_page(struct request *rq, struct response *rs, const struct ui_errors *errors)
{
    struct team_user u;
    uint64_t sessions = 0;
    struct err e = {0};
    if (!own_user(rq, rs, &u))
        return;
    if (!team_session_count(rq->store, u.id, &sessions, &e)) {
        team_failed(rq, rs, &e);
        return;
    }
    ui_begin(rq, rs, TR("Your account"), "account", errors);
    page_html(
        rs,
        "<dl "
        "class=\"facts\"><div><dt>{}</dt><dd>{}</dd></div><div><dt>{}</dt><dd>{}</dd></div></dl>\n",
        str(TR("Name")), u.name, str(TR("Roles")), roles_words(rq, u.roles));
    factor_section(rq, rs, &u, errors);
    password_section(rq, rs, errors);
    page_html(rs,
              "<section aria-labelledby=\"h-sessions\"><h2 id=\"h-sessions\">{}</h2>\n<p>{}</p>\n",
              str(TR("Where you are signed in")),
              str(text_format(rq->arena,
                              text_plural(rq->lang, TEXT("There is %s session."),
                                          TEXT("There are %s sessions."), sessions),
                              text_number(rq->lang, rq->arena, sessions))));
    ui_form(rq, rs, ui_path(rq, "/team/account/sessions"));
    ui_button(rs, "action", "everywhere", TR("Sign out everywhere"));
    UI_FORM_END(rs);
    page_raw(rs, "</section>\n");
    ui_end(rq, rs);
}

void team_account(struct request *rq, struct response *rs)
{
    if (!team_allowed(rq, rs, 0))
        return;
    account_page(rq, rs, NULL);
}

// Whether the form's field holds the person's own password; tries are counted as at signing in.
static bool own_password(struct request *rq, const struct team_user *u, const char *field,
                         struct ui_errors *errors)
{
    struct team_state *t = rq->app->team;
    struct slice key = arena_printf(rq->arena, "own:%lld", (long long)u->id);
    struct slice id = slice_from_str(field);
    if (!team_take(t, &t->accounts, key)) {
        ui_error_add(errors, id, TR("There were too many tries. Wait a minute, then try again."));
        return false;
    }
    switch (password_check(&t->gate, u->password, request_form(rq, field))) {
    case PASSWORD_RIGHT:
        team_give_back(t, &t->accounts, key);
        return true;
    case PASSWORD_BUSY:
        ui_error_add(errors, id,
                     TR("Too many people are signing in at this moment. Try again shortly."));
        return false;
    default:
        ui_error_add(errors, id, TR("The password is not right."));
        return false;
    }
}

// In one transaction on a connection of its own, since hashing came before it.
typedef bool account_change(struct request *rq, struct response *rs, struct store *w,
                            struct slice what, struct err *e);

static bool change_account(struct request *rq, struct response *rs, account_change *change,
                           struct slice what, const char *action)
{
    struct store *w = NULL;
    struct err e = {0};
    bool done = team_writer(rq, &w, &e) && store_begin(w, &e);
    if (done) {
        done = change(rq, rs, w, what, &e) &&
               team_audit_add(w,
                              &(struct team_audit){.user = rq->user->id,
                                                   .name = rq->user->name,
                                                   .action = slice_from_str(action)},
                              &e);
        if (done)
            done = store_commit(w, &e);
        else
            store_rollback(w);
    }
    store_close(w);
    if (!done)
        team_failed(rq, rs, &e);
    return done;
}

// All sessions end with the old password; this one begins anew.
static bool set_password(struct request *rq, struct response *rs, struct store *w,
                         struct slice what, struct err *e)
{
    return team_user_set_password(w, rq->user->id, what, e) &&
           session_begin(rq, rs, w, rq->user->id, e);
}

void team_account_password(struct request *rq, struct response *rs)
{
    struct team_user u;
    struct ui_errors errors = {0};
    struct err e = {0};
    struct slice hash, chosen = request_form(rq, "new");
    if (!team_allowed(rq, rs, 0))
        return;
    if (!own_user(rq, rs, &u))
        return;
    if (!password_acceptable(chosen, u.name, &e))
        ui_error_add(&errors, SLICE("new"), text(rq->lang, arena_str(rq->arena, str(e.message))));
    else if (!slice_equal(chosen, request_form(rq, "again")))
        ui_error_add(&errors, SLICE("again"), TR("The two are not the same."));
    else if (own_password(rq, &u, "old", &errors) &&
             !password_hash(&rq->app->team->gate, rq->arena, chosen, &hash, &e))
        ui_error_add(&errors, SLICE("new"),
                     TR("Too many people are signing in at this moment. Try again shortly."));
    if (errors.list.count)
        account_page(rq, rs, &errors);
    else if (change_account(rq, rs, set_password, hash, "password-change"))
        ui_redirect(rq, rs, "/team/account?done=saved");
    ui_free(&errors);
}

static struct slice issuer(struct request *rq)
{
    struct slice name = page_site_name(rq);
    return name.len > 60 ? SLICE("Vigie") : name;
}

static void enrolment_page(struct request *rq, struct response *rs, struct slice secret,
                           const struct ui_errors *errors)
{
    struct err e = {0};
    struct slice uri = totp_uri(rq->arena, issuer(rq), rq->user->name, secret);
    struct slice letters = base32_encode(rq->arena, secret);
    ui_begin(rq, rs, TR("Set up a second factor"), "account", errors);
    page_html(rs, "<p>{}</p>\n",
              str(TR("Scan the picture with an authenticator app, or type the key into it. "
                     "Then type the six digits that it shows.")));
    if (!qr_svg(&rs->body, uri, TR("QR code of the key"), &e))
        page_html(rs, "<p>{}</p>\n", str(TR("The picture could not be made; type the key.")));
    page_html(rs, "<p>{} <code class=\"key\">", str(TR("Key:")));
    for (size_t i = 0; i < letters.len; i += 4)
        page_html(rs, "{} ", slice_sub(letters, i, i + 4));
    page_html(rs, "</code></p>\n<p><a href=\"{}\">{}</a></p>\n", uri,
              str(TR("Open in an app on this device")));
    ui_form(rq, rs, ui_path(rq, "/team/account/totp"));
    ui_field(rq, rs,
             &(struct ui_field){.name = SLICE("code"),
                                .label = TR("Six digits from the app"),
                                .autocomplete = "one-time-code",
                                .inputmode = "numeric",
                                .size = 10,
                                .required = true},
             errors);
    ui_button(rs, "action", "confirm", TR("Turn it on"));
    UI_FORM_END(rs);
    ui_end(rq, rs);
}

// Shows them once: only their hashes are kept.
static bool give_codes(struct request *rq, struct response *rs, struct err *e)
{
    struct slice codes[RECOVERY_CODES], hashes[RECOVERY_CODES];
    for (int i = 0; i < RECOVERY_CODES; i++) {
        codes[i] = slice_sub(password_generate(rq->arena), 0, 17); // 75 bits
        hashes[i] = recovery_hash(rq->arena, rq->user->id, codes[i]);
    }
    if (!team_recovery_set(rq->store, rq->user->id, hashes, RECOVERY_CODES, e))
        return false;
    ui_begin(rq, rs, TR("Recovery codes"), "account", NULL);
    page_html(
        rs, "<p>{}</p>\n<ul class=\"codes\">\n",
        str(TR(
            "Each of them stands in once for the app. Print them, keep them safe: they are shown "
            "only now.")));
    for (int i = 0; i < RECOVERY_CODES; i++)
        page_html(rs, "<li><code>{}</code></li>\n", codes[i]);
    page_html(rs, "</ul>\n<p><a href=\"{}\">{}</a></p>\n", ui_path(rq, "/team/account"),
              str(TR("Back to your account")));
    ui_end(rq, rs);
    return true;
}

static bool begin_totp(struct request *rq, struct response *rs, struct err *e)
{
    uint8_t secret[TOTP_SECRET_BYTES];
    randombytes_buf(secret, sizeof secret);
    struct slice s = arena_copy(rq->arena, slice_of(secret, sizeof secret));
    sodium_memzero(secret, sizeof secret);
    struct slice sealed = secret_seal(&rq->app->team->key, rq->arena, rq->user->id, s);
    if (!team_session_set_pending(rq->store, session_of(rq)->hash, sealed, e))
        return false;
    enrolment_page(rq, rs, s, NULL);
    return true;
}

static bool confirm_totp(struct request *rq, struct response *rs, struct err *e)
{
    struct slice secret, sealed = session_of(rq)->totp_pending;
    uint64_t step;
    if (secret_unseal(&rq->app->team->key, rq->arena, rq->user->id, sealed, &secret) !=
        SECRET_OPENED) {
        ui_redirect(rq, rs, "/team/account");
        return true;
    }
    if (!totp_check(secret, form_line(rq, "code"), time_to_unix(time_now()), 0, &step)) {
        struct ui_errors errors = {0};
        ui_error_add(&errors, SLICE("code"),
                     TR("The code is not right. Is the clock of the device right?"));
        enrolment_page(rq, rs, secret, &errors);
        ui_free(&errors);
        return true;
    }
    if (!store_begin(rq->store, e))
        return false;
    if (team_user_set_totp(rq->store, rq->user->id, sealed, step, e) &&
        team_session_set_pending(rq->store, session_of(rq)->hash, (struct slice){0}, e) &&
        team_session_remove_all(rq->store, rq->user->id, session_of(rq)->hash, e) &&
        give_codes(rq, rs, e) &&
        team_log(rq, "second-factor-on", (struct slice){0}, 0, (struct slice){0}, e))
        return store_commit(rq->store, e);
    store_rollback(rq->store);
    return false;
}

void team_account_totp(struct request *rq, struct response *rs)
{
    struct err e = {0};
    bool confirm = slice_equal_str(request_form(rq, "action"), "confirm");
    if (!team_allowed(rq, rs, 0))
        return;
    // One that is set up is not replaced by whoever finds an open session: remove it first.
    if (rq->user->totp)
        ui_redirect(rq, rs, "/team/account");
    else if (!(confirm ? confirm_totp(rq, rs, &e) : begin_totp(rq, rs, &e)))
        team_failed(rq, rs, &e);
}

static bool remove_totp(struct request *rq, struct response *rs, struct err *e)
{
    if (!store_begin(rq->store, e))
        return false;
    if (team_user_set_totp(rq->store, rq->user->id, (struct slice){0}, 0, e) &&
        team_log(rq, "second-factor-off", (struct slice){0}, 0, (struct slice){0}, e) &&
        store_commit(rq->store, e)) {
        ui_redirect(rq, rs, "/team/account?done=removed");
        return true;
    }
    store_rollback(rq->store);
    return false;
}

void team_account_recovery(struct request *rq, struct response *rs)
{
    struct team_user u;
    struct ui_errors errors = {0};
    struct err e = {0};
    if (!team_allowed(rq, rs, 0))
        return;
    if (!own_user(rq, rs, &u))
        return;
    if (!own_password(rq, &u, "factor-password", &errors)) {
        account_page(rq, rs, &errors);
    } else if (slice_equal_str(request_form(rq, "action"), "remove")) {
        if (!remove_totp(rq, rs, &e))
            team_failed(rq, rs, &e);
    } else if (!give_codes(rq, rs, &e)) {
        team_failed(rq, rs, &e);
    }
    ui_free(&errors);
}

void team_account_sessions(struct request *rq, struct response *rs)
{
    struct err e = {0};
    if (!team_allowed(rq, rs, 0))
        return;
    if (!team_session_remove_all(rq->store, rq->user->id, (struct slice){0}, &e) ||
        !session_end(rq, rs, &e))
        team_failed(rq, rs, &e);
    else
        ui_redirect(rq, rs, TEAM_SIGN_IN "?done=signed-out");
}
