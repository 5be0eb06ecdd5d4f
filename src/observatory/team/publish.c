// SPDX-License-Identifier: Apache-2.0
// What must hold before a record is shown to the public.
#include "observatory/team/handlers.h"

#include "observatory/store/team_tasks.h"

bool kind_double_coded(const struct schema_kind *k)
{
    if (strcmp(k->name, "advisory") == 0) // written from a record that was
        return false;
    for (size_t g = 0; g < k->count; g++)
        for (size_t f = 0; f < k->groups[g].count; f++)
            if (k->groups[g].fields[f].double_coded)
                return true;
    return false;
}

static const char hand_words[] = TEXT("Somebody else must review it: you had a hand in it.");
static const char failed_words[] = TEXT("The registry cannot be read at this moment.");

enum { REVISIONS_COMPARED = 100 }; // of a draft; beyond these every one counts as a change

static bool load(struct request *rq, struct slice record, uint32_t number, struct record *out,
                 struct err *e)
{
    struct revision meta;
    return store_revision(rq->store, record, number, rq->arena, &meta, out, e) == STORE_FOUND;
}

// Whether a revision says what none before it did. Sending on or back does not, nor does putting
// back what was there.
static bool changes_content(struct request *rq, const struct revision *v, bool *out, struct err *e)
{
    struct record after;
    struct record_change *changes;
    uint32_t lowest = v->number > REVISIONS_COMPARED ? v->number - REVISIONS_COMPARED : 1;
    bool done = true;
    *out = true;
    if (!load(rq, v->record, v->number, &after, e))
        return false;
    for (uint32_t n = v->number - 1; n >= lowest && n > 0 && *out && done; n--) {
        struct record before;
        done = load(rq, v->record, n, &before, e);
        if (!done)
            break;
        *out = record_diff(&before, &after, rq->arena, &changes) > 0;
        record_free(&before);
    }
    record_free(&after);
    return done;
}

// Whether the signed-in person changed anything since the record was last public, or was one of its
// two coders; *public_before: it was public at some time.
static bool had_a_hand(struct request *rq, const struct revision *meta, bool *hand,
                       bool *public_before, struct err *e)
{
    struct revision *list;
    size_t count;
    if (!store_history(rq->store, meta->record, false, rq->arena, &list, &count, e))
        return false;
    *hand = *public_before = false;
    for (size_t i = 0; i < count && !*public_before; i++) {
        *public_before = list[i].public_from != 0;
        bool own = !*public_before && slice_equal(list[i].author, rq->user->name);
        if (own && !*hand && !changes_content(rq, &list[i], hand, e))
            return false;
    }
    bool coded = false;
    if (!*public_before && !team_coding_took_part(rq->store, meta->record, rq->user->id, &coded, e))
        return false;
    *hand = *hand || coded;
    return true;
}

static const char *consent_obstacle(struct request *rq, const struct revision *meta,
                                    const struct record *body, struct err *e)
{
    struct team_consent *list;
    size_t count;
    if (strcmp(body->kind->name, "advisory") != 0 ||
        slice_equal_str(record_text(body, "consent"), "not-needed"))
        return NULL;
    if (!team_consent_list(rq->store, meta->record, rq->arena, &list, &count, e))
        return failed_words;
    for (size_t i = 0; i < count; i++)
        if (!list[i].withdrawn && slice_equal_str(record_text(body, "consent"), "given"))
            return NULL;
    return TEXT("The consent of the affected group is not recorded.");
}

const char *team_hand_obstacle(struct request *rq, const struct revision *meta, struct err *e)
{
    bool hand, before;
    if (!had_a_hand(rq, meta, &hand, &before, e))
        return failed_words;
    return hand ? hand_words : NULL;
}

static bool reconciled(struct request *rq, const struct revision *meta, bool *out, struct err *e)
{
    struct team_round round;
    enum store_found found = team_round_find(rq->store, meta->record, true, rq->arena, &round, e);
    *out = found == STORE_FOUND;
    return found != STORE_ERROR;
}

// Whether the record and all its entries may be given to everybody.
static bool all_clear(const struct record *r)
{
    for (size_t i = 0; i < r->items.count; i++) {
        struct slice tlp = item_text(r, &r->items.items[i], "tlp");
        if (tlp.len && !slice_equal_str(tlp, "clear"))
            return false;
    }
    return true;
}

const char *team_publish_obstacle(struct request *rq, const struct revision *meta,
                                  const struct record *body, bool without_second, struct err *e)
{
    struct team_round round;
    struct record_flag *flags;
    bool hand, before, twice = true;
    if (team_round_find(rq->store, meta->record, false, rq->arena, &round, e) != STORE_NONE)
        return TEXT("Double coding is under way: finish it first, or call it off.");
    size_t count = record_check(body, rq->arena, &flags);
    for (size_t i = 0; i < count; i++)
        if (flags[i].error)
            return TEXT("Something must be mended before publication: see the list.");
    if (!all_clear(body))
        return TEXT("Something in it is not TLP:CLEAR, and all of it would be public.");
    if (!had_a_hand(rq, meta, &hand, &before, e))
        return failed_words;
    if (hand)
        return hand_words;
    if (slice_equal_str(record_text(body, "decision"), "turned-down"))
        return TEXT("Its decision is to turn it down: do that instead.");
    if (slice_equal_str(record_text(body, "decision"), "undecided"))
        return TEXT("Whether it is included is not decided yet.");
    if (!before && kind_double_coded(body->kind) && !reconciled(rq, meta, &twice, e))
        return failed_words;
    if (!twice && !without_second)
        return TEXT("It was not coded by two people yet.");
    return consent_obstacle(rq, meta, body, e);
}
