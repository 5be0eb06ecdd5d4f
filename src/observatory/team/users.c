// SPDX-License-Identifier: Apache-2.0
// People: who has which roles. Passwords are given out here once, and changed by their owners.
#include "observatory/team/handlers.h"

#include "observatory/http/app.h"
#include "observatory/team/accounts.h"

static const struct {
    unsigned role;
    const char *name, *label, *does;
} role_list[] = {
    {ROLE_CODER, "coder", TEXT("Coder"), TEXT("Codes drafts.")},
    {ROLE_REVIEWER, "reviewer", TEXT("Reviewer"), TEXT("Reviews and publishes what others coded.")},
    {ROLE_CURATOR, "curator", TEXT("Curator"),
     TEXT("Corrections, withdrawals, merging, advisories.")},
    {ROLE_ADMIN, "admin", TEXT("Administrator"), TEXT("People and the audit log.")},
};
enum { ROLE_COUNT = sizeof role_list / sizeof *role_list };

struct slice roles_words(struct request *rq, unsigned roles)
{
    struct buf b = {0};
    for (size_t i = 0; i < ROLE_COUNT; i++) {
        if (!(roles & role_list[i].role))
            continue;
        buf_printf(&b, "%s%s", b.len ? ", " : "", text(rq->lang, role_list[i].label));
    }
    struct slice out = arena_copy(rq->arena, buf_slice(&b));
    buf_free(&b);
    return out.len ? out : str(TR("none"));
}

static unsigned form_roles(const struct request *rq)
{
    unsigned roles = 0;
    for (size_t i = 0; i < rq->form_count; i++)
        for (size_t k = 0; k < ROLE_COUNT; k++)
            if (slice_equal_str(rq->form[i].name, "role") &&
                slice_equal_str(rq->form[i].value, role_list[k].name))
                roles |= role_list[k].role;
    return roles;
}

static void role_boxes(struct request *rq, struct response *rs, unsigned roles)
{
    page_html(rs, "<fieldset id=\"roles\"><legend>{}</legend>\n", str(TR("Roles")));
    for (size_t i = 0; i < ROLE_COUNT; i++)
        ui_checkbox(rs, arena_printf(rq->arena, "role-%s", role_list[i].name), SLICE("role"),
                    str(role_list[i].name), roles & role_list[i].role,
                    str(text(rq->lang, role_list[i].label)),
                    str(text(rq->lang, role_list[i].does)));
    page_raw(rs, "</fieldset>\n");
}

static void users_page(struct request *rq, struct response *rs, const struct ui_errors *errors)
{
    struct team_user *list;
    size_t count;
    struct err e = {0};
    if (!team_user_list(rq->store, rq->arena, &list, &count, &e)) {
        team_failed(rq, rs, &e);
        return;
    }
    ui_begin(rq, rs, TR("People"), "users", errors);
    page_html(rs,
              "<table class=\"records\"><caption>{}</caption>\n<thead><tr><th "
              "scope=\"col\">{}</th><th scope=\"col\">{}"
              "</th><th scope=\"col\">{}</th><th scope=\"col\">{}</th></tr></thead>\n<tbody>\n",
              str(TR("Accounts")), str(TR("Name")), str(TR("Roles")), str(TR("Second factor")),
              str(TR("State")));
    for (size_t i = 0; i < count; i++)
        page_html(rs,
                  "<tr><th scope=\"row\"><a href=\"{}\">{}</a></th><td data-label=\"{}\">{}</td>"
                  "<td data-label=\"{}\">{}</td><td data-label=\"{}\">{}</td></tr>\n",
                  ui_path(rq, "/team/users/%lld", (long long)list[i].id), list[i].name,
                  str(TR("Roles")), roles_words(rq, list[i].roles), str(TR("Second factor")),
                  str(list[i].totp_secret.len ? TR("yes") : TR("no")), str(TR("State")),
                  str(list[i].disabled ? TR("disabled") : TR("active")));
    page_html(rs, "</tbody></table>\n<h2>{}</h2>\n", str(TR("Add a person")));
    ui_form(rq, rs, ui_path(rq, "/team/users"));
    ui_field(
        rq, rs,
        &(struct ui_field){.name = SLICE("name"),
                           .label = TR("Name"),
                           .hint = TR("They sign in with it, and readers see it in histories."),
                           .value = request_form(rq, "name"),
                           .autocomplete = "off",
                           .size = 32,
                           .required = true},
        errors);
    role_boxes(rq, rs, form_roles(rq));
    ui_button(rs, "action", "add", TR("Add"));
    UI_FORM_END(rs);
    ui_end(rq, rs);
}

void team_users(struct request *rq, struct response *rs)
{
    if (team_allowed(rq, rs, ROLE_ADMIN))
        users_page(rq, rs, NULL);
}

static void password_page(struct request *rq, struct response *rs, struct slice name,
                          struct slice password)
{
    ui_begin(rq, rs, TR("A new password"), "users", NULL);
    page_html(
        rs,
        "<p>{}</p>\n<dl "
        "class=\"facts\"><div><dt>{}</dt><dd>{}</dd></div><div><dt>{}</dt><dd><code>{}</code>"
        "</dd></div></dl>\n<p><a href=\"{}\">{}</a></p>\n",
        str(TR("Give it to them by a safe way. It is shown only now; they should change it.")),
        str(TR("Name")), name, str(TR("Password")), password, ui_path(rq, "/team/users"),
        str(TR("Back to the list")));
    ui_end(rq, rs);
}

// A new password for a user that is there (id) or not yet (0).
static bool give_password(struct request *rq, int64_t id, struct slice name, unsigned roles,
                          struct slice *password, struct err *e)
{
    struct slice hash;
    *password = password_generate(rq->arena);
    if (!password_hash(&rq->app->team->gate, rq->arena, *password, &hash, e) ||
        !store_begin(rq->store, e))
        return false;
    struct team_user u = {.name = name,
                          .password = hash,
                          .roles = roles,
                          .lang = str(rq->lang->code),
                          .made = time_now()};
    bool done =
        id ? team_user_set_password(rq->store, id, hash, e) : team_user_add(rq->store, &u, &id, e);
    if (done && team_log(rq, roles ? "user-add" : "user-password", (struct slice){0}, 0, name, e))
        return store_commit(rq->store, e);
    store_rollback(rq->store);
    return false;
}

void team_users_post(struct request *rq, struct response *rs)
{
    struct ui_errors errors = {0};
    struct err e = {0};
    struct slice name = form_line(rq, "name"), password;
    unsigned roles = form_roles(rq);
    const char *fault = user_name_fault(name);
    if (!team_allowed(rq, rs, ROLE_ADMIN))
        return;
    if (fault)
        ui_error_add(&errors, SLICE("name"), text(rq->lang, fault));
    if (!roles)
        ui_error_add(&errors, SLICE("roles"), TR("Choose at least one role."));
    if (errors.list.count) {
        users_page(rq, rs, &errors);
    } else if (give_password(rq, 0, name, roles, &password, &e)) {
        password_page(rq, rs, name, password);
    } else if (e.code == ERR_USAGE) {
        ui_error_add(&errors, SLICE("name"), TR("Somebody has that name already."));
        users_page(rq, rs, &errors);
    } else {
        team_failed(rq, rs, &e);
    }
    ui_free(&errors);
}

static bool load_user(struct request *rq, struct response *rs, struct team_user *u)
{
    struct err e = {0};
    int64_t id = parse_number(rq->part[0]);
    enum store_found found = id < 0 ? STORE_NONE : team_user_get(rq->store, id, rq->arena, u, &e);
    if (found == STORE_NONE)
        response_error(rq, rs, 404, TEXT("There is no such person."));
    else if (found == STORE_ERROR)
        team_failed(rq, rs, &e);
    return found == STORE_FOUND;
}

static void user_page(struct request *rq, struct response *rs, const struct team_user *u,
                      const struct ui_errors *errors)
{
    ui_begin(rq, rs, arena_str(rq->arena, u->name), "users", errors);
    ui_form(rq, rs, ui_path(rq, "/team/users/%lld", (long long)u->id));
    role_boxes(rq, rs, u->roles);
    page_raw(rs, "<div class=\"buttons\">\n");
    ui_button(rs, "action", "roles", TR("Change the roles"));
    ui_button_plain(rs, "action", "password", TR("Give a new password"));
    if (u->totp_secret.len)
        ui_button_plain(rs, "action", "totp", TR("Remove the second factor"));
    if (u->disabled)
        ui_button_plain(rs, "action", "enable", TR("Enable the account"));
    else
        ui_button_danger(rs, "action", "disable", TR("Disable the account"));
    page_raw(rs, "</div>\n");
    UI_FORM_END(rs);
    ui_end(rq, rs);
}

void team_user_page(struct request *rq, struct response *rs)
{
    struct team_user u;
    if (team_allowed(rq, rs, ROLE_ADMIN) && load_user(rq, rs, &u))
        user_page(rq, rs, &u, NULL);
}

static bool change_user(struct request *rq, const struct team_user *u, struct slice action,
                        struct err *e)
{
    if (!store_begin(rq->store, e))
        return false;
    bool done = false;
    const char *log = "user-roles";
    if (slice_equal_str(action, "roles")) {
        done = team_user_set_roles(rq->store, u->id, form_roles(rq), e);
    } else if (slice_equal_str(action, "totp")) {
        log = "user-second-factor-off";
        done = team_user_set_totp(rq->store, u->id, (struct slice){0}, 0, e);
    } else {
        bool disable = slice_equal_str(action, "disable");
        log = disable ? "user-disable" : "user-enable";
        done = team_user_set_disabled(rq->store, u->id, disable, e);
    }
    struct slice detail = u->name;
    if (slice_equal_str(action, "roles"))
        detail = arena_printf(rq->arena, "%.*s: %.*s", SLICE_FMT(u->name),
                              SLICE_FMT(roles_names(rq->arena, form_roles(rq))));
    if (done && team_log(rq, log, (struct slice){0}, 0, detail, e))
        return store_commit(rq->store, e);
    store_rollback(rq->store);
    return false;
}

static bool known_action(struct slice action)
{
    static const char *const all[] = {"roles", "password", "totp", "enable", "disable"};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (slice_equal_str(action, all[i]))
            return true;
    return false;
}

void team_user_post(struct request *rq, struct response *rs)
{
    struct team_user u;
    struct ui_errors errors = {0};
    struct err e = {0};
    struct slice password, action = request_form(rq, "action");
    if (!team_allowed(rq, rs, ROLE_ADMIN) || !load_user(rq, rs, &u))
        return;
    if (!known_action(action)) {
        response_error(rq, rs, 400, TEXT("The form in the request is damaged, or not valid text."));
        return;
    }
    bool own = u.id == rq->user->id;
    if (own && (slice_equal_str(action, "disable") ||
                (slice_equal_str(action, "roles") && !(form_roles(rq) & ROLE_ADMIN))))
        ui_error_add(&errors, (struct slice){0},
                     TR("Somebody else must do this: you would lock yourself out."));
    if (errors.list.count) {
        user_page(rq, rs, &u, &errors);
    } else if (slice_equal_str(action, "password")) {
        if (give_password(rq, u.id, u.name, 0, &password, &e))
            password_page(rq, rs, u.name, password);
        else
            team_failed(rq, rs, &e);
    } else if (change_user(rq, &u, action, &e)) {
        ui_redirect(rq, rs, "/team/users/%lld?done=saved", (long long)u.id);
    } else {
        team_failed(rq, rs, &e);
    }
    ui_free(&errors);
}
