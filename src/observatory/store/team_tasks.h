// SPDX-License-Identifier: Apache-2.0
// Tasks of the team, requests from the public (a correction, a reply), and saved searches.
#ifndef VIGIE_OBSERVATORY_STORE_TEAM_TASKS_H
#define VIGIE_OBSERVATORY_STORE_TEAM_TASKS_H

#include "observatory/store/store.h"

struct team_task {
    int64_t id;
    struct slice kind;   // "task", "correction", "reply"
    struct slice record; // or empty
    struct slice title, body;
    struct slice contact; // of the public, when they gave one
    vtime made;
    int64_t made_by; // 0: the public
    struct slice made_name;
    int64_t assigned; // 0: nobody yet
    struct slice assigned_name;
    struct slice due; // YYYY-MM-DD or empty
    vtime done;       // 0: open
    struct slice done_name, outcome;
};

struct team_task_query {
    int64_t assigned;          // 0: anybody's
    bool done;                 // those done instead of those open
    struct slice kind, record; // empty: any
    size_t offset, limit;
};

[[nodiscard]] bool team_task_add(struct store *s, const struct team_task *n, int64_t *id,
                                 struct err *e);
enum store_found team_task_get(struct store *s, int64_t id, struct arena *a, struct team_task *out,
                               struct err *e);
// Open: those with the nearest due day first, then the oldest. Done: the newest first.
[[nodiscard]] bool team_task_list(struct store *s, const struct team_task_query *q, struct arena *a,
                                  struct team_task **out, size_t *count, struct err *e);
// Open requests from the public: the store takes no more than a limit of them.
[[nodiscard]] bool team_task_open_requests(struct store *s, uint64_t *out, struct err *e);
[[nodiscard]] bool team_task_assign(struct store *s, int64_t id, int64_t user, struct slice due,
                                    struct err *e);
// user 0: open again.
[[nodiscard]] bool team_task_finish(struct store *s, int64_t id, int64_t user, struct slice outcome,
                                    struct err *e);

struct team_comment {
    struct slice name;
    vtime at;
    struct slice text;
};
[[nodiscard]] bool team_comment_add(struct store *s, int64_t task, int64_t user, struct slice text,
                                    struct err *e);
[[nodiscard]] bool team_comment_list(struct store *s, int64_t task, struct arena *a,
                                     struct team_comment **out, size_t *count, struct err *e);

enum { TEAM_SEARCH_MAX = 50 }; // of one person

struct team_search {
    int64_t id, user;
    struct slice name;
    struct slice query; // "/incidents?type=espionage": path and filters, without language
    vtime seen;
    uint64_t count; // records when last looked at
};
[[nodiscard]] bool team_search_add(struct store *s, const struct team_search *n, struct err *e);
[[nodiscard]] bool team_search_list(struct store *s, int64_t user, struct arena *a,
                                    struct team_search **out, size_t *count, struct err *e);
[[nodiscard]] bool team_search_seen(struct store *s, int64_t id, int64_t user, uint64_t count,
                                    struct err *e);
[[nodiscard]] bool team_search_remove(struct store *s, int64_t id, int64_t user, struct err *e);

// Consent of the group that an advisory is about.
struct team_consent {
    int64_t id;
    struct slice record;   // the advisory
    struct slice incident; // it came from
    struct slice who, day, how;
    vtime withdrawn; // 0: it stands
    vtime recorded;
    struct slice recorded_by;
};
[[nodiscard]] bool team_consent_add(struct store *s, const struct team_consent *n, struct err *e);
[[nodiscard]] bool team_consent_list(struct store *s, struct slice record, struct arena *a,
                                     struct team_consent **out, size_t *count, struct err *e);
[[nodiscard]] bool team_consent_withdraw(struct store *s, int64_t id, struct err *e);

#endif
