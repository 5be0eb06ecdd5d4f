// SPDX-License-Identifier: Apache-2.0
// Findings as they are added to a new case: what the digest will ask of them is at hand then, and
// need not be read back when the audit ends. A case that an audit goes on with holds findings that
// were not seen, and is read.
#include "case/case_digest.h"

struct case_gathered *case_gathered_create(void)
{
    struct case_gathered *g = mem_alloc_zero(1, sizeof *g);
    arena_init(&g->texts, 0);
    return g;
}

void case_gathered_free(struct case_gathered *g)
{
    if (!g)
        return;
    ARRAY_FREE(&g->places);
    ARRAY_FREE(&g->keys);
    arena_free(&g->texts);
    free(g);
}

void case_gathered_give_up(struct case_file *c)
{
    case_gathered_free(c->gathered);
    c->gathered = NULL;
}

void case_gathered_begin_file(struct case_gathered *g)
{
    if (!g)
        return;
    g->file_count = g->places.count;
    g->file_field_bytes = g->field_bytes;
    g->file_texts = arena_mark(&g->texts);
}

void case_gathered_undo_file(struct case_gathered *g)
{
    if (!g)
        return;
    g->places.count = g->keys.count = g->file_count;
    g->field_bytes = g->file_field_bytes;
    arena_rewind(&g->texts, g->file_texts);
}

void case_gathered_add(struct case_file *c, const struct order_key *key,
                       const struct finding_place *place)
{
    struct case_gathered *g = c->gathered;
    if (!g)
        return;
    if (g->places.count == DIGEST_ORDER || g->places.count == DIGEST_PLACES) {
        case_gathered_give_up(c);
        return;
    }
    struct finding_place *added = ARRAY_ADD(&g->places);
    struct order_key *added_key = ARRAY_ADD(&g->keys);
    *added = *place;
    *added_key = *key;
    added->id = added_key->id = (int64_t)g->places.count;
    if (!digest_holds_fields(g->field_bytes, place->fields)) {
        added->fields = (struct slice){0};
        return;
    }
    added->fields = arena_copy(&g->texts, place->fields);
    g->field_bytes += place->fields.len;
}
