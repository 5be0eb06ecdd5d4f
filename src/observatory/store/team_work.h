// SPDX-License-Identifier: Apache-2.0
// Work that is not yet a revision: records being edited, and the two codings of a double coding.
#ifndef VIGIE_OBSERVATORY_STORE_TEAM_WORK_H
#define VIGIE_OBSERVATORY_STORE_TEAM_WORK_H

#include "observatory/store/store.h"

enum { TEAM_WORK_MAX = 100 }; // copies that one person may have under way

struct team_work {
    int64_t id, user;
    struct slice record; // empty: a new one
    struct slice kind;
    uint32_t base; // revision it started from; 0: none
    struct slice title;
    struct slice body; // JSON, as of record_to_json
    vtime started, changed;
};

// ERR_LIMIT when the person has too many. at once: started, changed.
[[nodiscard]] bool team_work_add(struct store *s, const struct team_work *n, int64_t *id,
                                 struct err *e);
// STORE_NONE also when it is somebody else's.
enum store_found team_work_get(struct store *s, int64_t id, int64_t user, struct arena *a,
                               struct team_work *out, struct err *e);
// The user's copy of a record, when there is one.
enum store_found team_work_find(struct store *s, int64_t user, struct slice record, struct arena *a,
                                struct team_work *out, struct err *e);
// The user's, newest change first; without bodies.
[[nodiscard]] bool team_work_list(struct store *s, int64_t user, struct arena *a,
                                  struct team_work **out, size_t *count, struct err *e);
// Body, title and base are replaced.
[[nodiscard]] bool team_work_save(struct store *s, const struct team_work *w, struct err *e);
[[nodiscard]] bool team_work_remove(struct store *s, int64_t id, struct err *e);

// --- double coding ------------------------------------------------------------------------------
struct team_round {
    int64_t id;
    struct slice record;
    uint32_t base; // revision that both saw
    vtime opened;
    int64_t opened_by;
    vtime closed; // 0: open
    int64_t closed_by;
    uint32_t revision;       // that has the reconciled result
    uint32_t coders, handed; // how many began, and handed in
};

struct team_coding {
    int64_t round, user;
    struct slice user_name;
    struct slice body;     // JSON
    vtime started, handed; // handed 0: still coding
};

[[nodiscard]] bool team_round_open(struct store *s, struct slice record, uint32_t base,
                                   int64_t user, int64_t *id, struct err *e);
enum store_found team_round_get(struct store *s, int64_t id, struct arena *a,
                                struct team_round *out, struct err *e);
// The record's open round, or its newest closed one when closed is asked for.
enum store_found team_round_find(struct store *s, struct slice record, bool closed, struct arena *a,
                                 struct team_round *out, struct err *e);
// Open ones, oldest first; or those closed, newest first.
[[nodiscard]] bool team_round_list(struct store *s, bool closed, size_t limit, struct arena *a,
                                   struct team_round **out, size_t *count, struct err *e);
[[nodiscard]] bool team_round_close(struct store *s, int64_t id, int64_t user, uint32_t revision,
                                    struct err *e);
// Both codings at the most, the first to begin first.
[[nodiscard]] bool team_coding_list(struct store *s, int64_t round, struct arena *a,
                                    struct team_coding out[2], size_t *count, struct err *e);
// Joins a round; ERR_LIMIT when two code already.
[[nodiscard]] bool team_coding_begin(struct store *s, int64_t round, int64_t user,
                                     struct slice body, struct err *e);
// ERR_USAGE once it is handed in.
[[nodiscard]] bool team_coding_save(struct store *s, int64_t round, int64_t user, struct slice body,
                                    bool hand_in, struct err *e);
// Whether the user coded the record in any round.
[[nodiscard]] bool team_coding_took_part(struct store *s, struct slice record, int64_t user,
                                         bool *out, struct err *e);

#endif
