// SPDX-License-Identifier: Apache-2.0
#include "observatory/team/handlers.h"

enum {
    CODERS = ROLE_CODER | ROLE_REVIEWER | ROLE_CURATOR,
    REVIEWERS = ROLE_REVIEWER | ROLE_CURATOR,
    READS = ROUTE_SIGNED_IN,
    WRITES = ROUTE_SIGNED_IN | ROUTE_WRITES,
    BIG = ROUTE_SIGNED_IN | ROUTE_WRITES | ROUTE_BIG_BODY,
};

// Handlers check the roles again.
static const struct route routes[] = {
    // Hashing a password takes long: these two open a connection of their own to write.
    {HTTP_GET, "~" TEAM_SIGN_IN, team_sign_in, 0, 0},
    {HTTP_POST, "~" TEAM_SIGN_IN, team_sign_in_post, 0, 0},
    {HTTP_POST, "~/team/account/password", team_account_password, READS, 0},

    {HTTP_POST, "~/sign-out", team_sign_out, ROUTE_WRITES, 0},
    {HTTP_GET, "~/team/account", team_account, READS, 0},
    {HTTP_POST, "~/team/account/totp", team_account_totp, WRITES, 0},
    {HTTP_POST, "~/team/account/recovery", team_account_recovery, WRITES, 0},
    {HTTP_POST, "~/team/account/sessions", team_account_sessions, WRITES, 0},

    {HTTP_GET, "~/team", team_desk, READS, 0},
    {HTTP_GET, "~/team/records", team_records, READS, 0},
    {HTTP_GET, "~/team/records/*", team_record_page, READS, 0},
    {HTTP_GET, "~/team/new", team_new, READS, CODERS},
    {HTTP_POST, "~/team/new", team_new_post, WRITES, CODERS},
    {HTTP_POST, "~/team/records/*/edit", team_record_edit, WRITES, CODERS},
    {HTTP_GET, "~/team/work/*", team_work_page, READS, CODERS},
    {HTTP_GET, "~/team/work/*/fields", team_work_item, READS, CODERS},
    {HTTP_POST, "~/team/work/*/fields", team_work_item_post, BIG, CODERS},
    {HTTP_GET, "~/team/work/*/item/*/*", team_work_item, READS, CODERS},
    {HTTP_POST, "~/team/work/*/item/*/*", team_work_item_post, BIG, CODERS},
    {HTTP_GET, "~/team/work/*/finish", team_work_finish, READS, CODERS},
    {HTTP_POST, "~/team/work/*/finish", team_work_finish_post, WRITES, CODERS},
    {HTTP_POST, "~/team/work/*/discard", team_work_discard, WRITES, CODERS},

    {HTTP_POST, "~/team/records/*/submit", team_submit_post, WRITES, CODERS},
    {HTTP_GET, "~/team/records/*/review", team_review, READS, REVIEWERS},
    {HTTP_POST, "~/team/records/*/review", team_review_post, WRITES, REVIEWERS},
    {HTTP_GET, "~/team/records/*/turn-down", team_turn_down, READS, REVIEWERS},
    {HTTP_POST, "~/team/records/*/turn-down", team_turn_down_post, WRITES, REVIEWERS},
    {HTTP_GET, "~/team/records/*/withdraw", team_withdraw, READS, ROLE_CURATOR},
    {HTTP_POST, "~/team/records/*/withdraw", team_withdraw_post, WRITES, ROLE_CURATOR},
    {HTTP_GET, "~/team/records/*/reinstate", team_reinstate, READS, ROLE_CURATOR},
    {HTTP_POST, "~/team/records/*/reinstate", team_reinstate_post, WRITES, ROLE_CURATOR},

    {HTTP_GET, "~/team/records/*/coding", team_coding, READS, CODERS},
    {HTTP_POST, "~/team/records/*/coding", team_coding_post, BIG, CODERS},
    {HTTP_GET, "~/team/records/*/reconcile", team_reconcile, READS, CODERS},
    {HTTP_POST, "~/team/records/*/reconcile", team_reconcile_post, BIG, CODERS},
    {HTTP_GET, "~/team/agreement", team_agreement, READS, 0},

    {HTTP_GET, "~/team/records/*/advisory", team_advisory, READS, ROLE_CURATOR},
    {HTTP_POST, "~/team/records/*/advisory", team_advisory_post, WRITES, ROLE_CURATOR},
    {HTTP_POST, "~/team/records/*/consent", team_consent_post, WRITES, ROLE_CURATOR},

    {HTTP_GET, "~/team/merges", team_merges, READS, 0},
    {HTTP_POST, "~/team/merges", team_merge_propose, WRITES, ROLE_CURATOR},
    {HTTP_GET, "~/team/merges/*", team_merge_page, READS, 0},
    {HTTP_POST, "~/team/merges/*", team_merge_post, WRITES, ROLE_CURATOR},

    {HTTP_GET, "~/team/tasks", team_tasks, READS, 0},
    {HTTP_POST, "~/team/tasks", team_tasks_post, WRITES, 0},
    {HTTP_GET, "~/team/tasks/*", team_task_page, READS, 0},
    {HTTP_POST, "~/team/tasks/*", team_task_post, WRITES, 0},
    {HTTP_GET, "~/team/searches", team_searches, READS, 0},
    {HTTP_POST, "~/team/searches", team_searches_post, WRITES, 0},
    // Of the public.
    {HTTP_GET, "~/corrections/new", team_correction_new, 0, 0},
    {HTTP_POST, "~/corrections/new", team_correction_post, ROUTE_WRITES, 0},

    {HTTP_GET, "~/team/users", team_users, READS, ROLE_ADMIN},
    {HTTP_POST, "~/team/users", team_users_post, WRITES, ROLE_ADMIN},
    {HTTP_GET, "~/team/users/*", team_user_page, READS, ROLE_ADMIN},
    {HTTP_POST, "~/team/users/*", team_user_post, WRITES, ROLE_ADMIN},
    {HTTP_GET, "~/team/audit", team_audit_page, READS, ROLE_ADMIN},
    {HTTP_GET, "~/team/audit.csv", team_audit_csv, READS | ROUTE_STREAM, ROLE_ADMIN},
};

const struct route *team_routes(size_t *count)
{
    *count = sizeof routes / sizeof *routes;
    return routes;
}
