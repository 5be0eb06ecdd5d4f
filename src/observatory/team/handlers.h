// SPDX-License-Identifier: Apache-2.0
// All handlers of the team's pages, for the table in routes.c, and what several of them share.
#ifndef VIGIE_OBSERVATORY_TEAM_HANDLERS_H
#define VIGIE_OBSERVATORY_TEAM_HANDLERS_H

#include "observatory/team/edit.h"

http_handler team_sign_in, team_sign_in_post, team_sign_out;
http_handler team_account, team_account_password, team_account_totp, team_account_recovery,
    team_account_sessions;
http_handler team_users, team_users_post, team_user_page, team_user_post;
http_handler team_desk, team_records, team_record_page;
http_handler team_new, team_new_post, team_record_edit;
http_handler team_work_page, team_work_discard, team_work_item, team_work_item_post,
    team_work_finish, team_work_finish_post;
http_handler team_review, team_review_post, team_withdraw, team_withdraw_post, team_reinstate,
    team_reinstate_post, team_turn_down, team_turn_down_post, team_submit_post;
http_handler team_coding, team_coding_post, team_reconcile, team_reconcile_post, team_agreement;
http_handler team_merges, team_merge_page, team_merge_post, team_merge_propose;
http_handler team_tasks, team_tasks_post, team_task_page, team_task_post;
http_handler team_correction_new, team_correction_post;
http_handler team_searches, team_searches_post;
http_handler team_advisory, team_advisory_post, team_consent_post;
http_handler team_audit_page, team_audit_csv;

struct slice roles_words(struct request *rq, unsigned roles);

// Why a revision was made, as struct revision_new has it.
struct why {
    struct slice text, lang, other;
};

// A new revision of a record in the signed-in person's name, and its line of the audit log, in one
// transaction. Changes of the store that belong to it: also, in the same transaction, when not
// NULL.
typedef bool team_also(struct request *rq, const struct revision *made, void *context,
                       struct err *e);
[[nodiscard]] bool team_revise(struct request *rq, struct slice record, const struct record *body,
                               enum record_state state, struct why why, const char *action,
                               team_also *also, void *context, struct revision *out, struct err *e);
// What must hold for a record to be published, beside its flags: English for text(), or NULL.
// without_second: a curator takes it upon them that it was not double coded.
const char *team_publish_obstacle(struct request *rq, const struct revision *meta,
                                  const struct record *body, bool without_second, struct err *e);
// Of the above only that nobody publishes or turns down what they changed or coded themselves.
const char *team_hand_obstacle(struct request *rq, const struct revision *meta, struct err *e);
// The "reason" of a form; an error at the field when it is empty or overlong.
struct why team_reason(struct request *rq, struct ui_errors *errors);
// A sentence of ours, in both languages.
struct why team_said(struct request *rq, const char *english);
void team_reason_field(struct request *rq, struct response *rs, const char *label, const char *hint,
                       const struct ui_errors *errors);
// Whether records of that kind have fields that two people code.
// Where readers find the record.
struct slice public_path(struct request *rq, const struct record *r, struct slice id);
bool kind_double_coded(const struct schema_kind *k);

#endif
