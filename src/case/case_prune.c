// SPDX-License-Identifier: Apache-2.0
// The end of an audit: what only the audit needed is taken out of the case.
//
// An event that no finding rests on is found by marking those that one does, in a bitmap over event
// ids (1, 2, …): 16 million events at a time, so that memory is bounded. Only events of matches are
// asked for; the others are there because of a finding.
#include "case/case_digest.h"

enum { WINDOW = 1 << 24 }; // event ids: 2 MiB of bits

struct window {
    uint64_t first; // event id of the first bit
    uint8_t *bits;
};

static bool inside(const struct window *w, int64_t event)
{
    return event >= 0 && (uint64_t)event - w->first < WINDOW; // wraps for those before
}

static bool mark_events(struct case_file *c, struct window *w, const char *sql, struct err *e)
{
    sqlite3_stmt *st;
    if (sqlite3_prepare_v2(c->db, sql, -1, &st, NULL) != SQLITE_OK)
        return case_error(c, e, "cannot be read");
    int step;
    while ((step = sqlite3_step(st)) == SQLITE_ROW) {
        int64_t event = sqlite3_column_int64(st, 0);
        size_t bit = (size_t)((uint64_t)event - w->first);
        if (inside(w, event))
            w->bits[bit / 8] |= (uint8_t)(1 << bit % 8);
    }
    bool ok = step == SQLITE_DONE || case_error(c, e, "cannot be read");
    sqlite3_finalize(st);
    return ok;
}

static bool drop(struct case_file *c, enum statement which, int64_t id, struct err *e)
{
    sqlite3_stmt *st = case_statement(c, (int)which, e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, id);
    return case_run(c, st, e);
}

// Drops the events of matches in this window that are not marked. *beyond: the lowest event behind
// it; 0: none.
static bool drop_unmarked(struct case_file *c, const struct window *w, uint64_t *beyond,
                          struct err *e)
{
    sqlite3_stmt *st = case_statement(c, ST_MATCH_EVENTS, e);
    if (!st)
        return false;
    int64_t before = 0;
    int step;
    bool ok = true;
    *beyond = 0;
    while (ok && (step = sqlite3_step(st)) == SQLITE_ROW) {
        int64_t event = sqlite3_column_int64(st, 0);
        size_t bit = (size_t)((uint64_t)event - w->first);
        if (event == before) // several matches of one event stand together
            continue;
        before = event;
        if (event >= 0 && (uint64_t)event >= w->first + WINDOW &&
            (!*beyond || (uint64_t)event < *beyond))
            *beyond = (uint64_t)event;
        if (inside(w, event) && !(w->bits[bit / 8] >> bit % 8 & 1))
            ok = drop(c, ST_DROP_EVENT, event, e) && drop(c, ST_DROP_EVENT_TEXT, event, e);
    }
    if (ok && step != SQLITE_DONE)
        ok = case_error(c, e, "cannot be read");
    sqlite3_reset(st);
    return ok;
}

static bool prune_events(struct case_file *c, struct err *e)
{
    struct window w = {.first = 0, .bits = mem_alloc(WINDOW / 8)};
    bool ok = true;
    uint64_t beyond = 0;
    do {
        memset(w.bits, 0, WINDOW / 8);
        ok = mark_events(c, &w, "SELECT event FROM finding WHERE event IS NOT NULL", e) &&
             mark_events(c, &w, "SELECT event FROM correlation_event", e) &&
             drop_unmarked(c, &w, &beyond, e);
        w.first = beyond;
    } while (ok && beyond);
    free(w.bits);
    return ok;
}

static bool has_matches(struct case_file *c, bool *out, struct err *e)
{
    sqlite3_stmt *st = case_statement(c, ST_MATCH_EVENTS, e);
    if (!st)
        return false;
    int step = sqlite3_step(st);
    sqlite3_reset(st);
    *out = step == SQLITE_ROW;
    return step == SQLITE_ROW || step == SQLITE_DONE || case_error(c, e, "cannot be read");
}

// The digest stays right: it has nothing of these rules but their names.
static bool prune_rules(struct case_file *c, struct err *e)
{
    const struct case_digest *d = case_digest(c, e);
    if (!d)
        return false;
    for (size_t i = 0; i < d->rule_count; i++)
        if (!d->rules[i].found && !drop(c, ST_DROP_RULE, d->rules[i].key, e))
            return false;
    return true;
}

bool case_prune(struct case_file *c, struct err *e)
{
    bool matches;
    if (!case_rows_flush(c, e) || !has_matches(c, &matches, e))
        return false;
    if (matches && (!prune_events(c, e) || !case_exec(c, "DELETE FROM match", e)))
        return false;
    case_digest_drop(c);
    return prune_rules(c, e);
}
