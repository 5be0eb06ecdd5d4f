// SPDX-License-Identifier: Apache-2.0
// Explanations that were given lately. What a program does by the hour, a rule finds by the hour,
// and what it looks at is the same each time: the walk need not be made again when every value that
// it read, and whatever decides by which logsource the rule admits the event, are as they were.
// They are held against each other byte by byte.
#include "detection/sigma/matcher_internal.h"

enum {
    MEMO_SETS = 256,
    MEMO_WAYS = 4,
    MEMO_BYTES = 2 << 20,   // of all; then all are forgotten
    MEMO_BYTES_EACH = 4096, // of what one explanation read; longer ones are not kept
    MEMO_VALUES = 64,
    MEMO_FIELDS = 32,
};

struct memo_value {
    uint32_t slot;
    struct value value;
};

struct memo_entry {
    bool used;
    uint32_t rule, shape, event_id;
    struct slice channel, provider;
    const struct memo_value *values; // that were read
    size_t value_count;
    struct sigma_matched_field *fields;
    size_t field_count;
};

struct explain_memo {
    struct memo_entry entries[MEMO_SETS][MEMO_WAYS];
    uint8_t next[MEMO_SETS]; // way that is written over next
    struct arena memory;
    size_t bytes;
};

void explain_memo_destroy(struct explain_memo *memo)
{
    if (memo)
        arena_free(&memo->memory);
    free(memo);
}

static bool is_known(const struct memo_entry *known, const struct event *ev, uint32_t rule)
{
    const struct event_system *s = &ev->system;
    if (!known->used || known->rule != rule || known->shape != ev->shape->id ||
        known->event_id != s->event_id || !slice_equal(known->channel, s->channel) ||
        !slice_equal(known->provider, s->provider))
        return false;
    for (size_t i = 0; i < known->value_count; i++) {
        struct value before = known->values[i].value, v = event_value(ev, known->values[i].slot);
        if (v.type != before.type || !slice_equal(v.raw, before.raw))
            return false;
    }
    return true;
}

bool explain_memo_find(const struct explain_memo *memo, const struct event *ev, uint32_t rule,
                       struct sigma_matched_field **fields, size_t *count)
{
    for (int i = 0; memo && i < MEMO_WAYS; i++) {
        const struct memo_entry *known = &memo->entries[rule % MEMO_SETS][i];
        if (!is_known(known, ev, rule))
            continue;
        *fields = known->fields;
        *count = known->field_count;
        return true;
    }
    return false;
}

// The entry that makes room for one of so many bytes.
static struct memo_entry *make_room(struct explain_memo **memo, uint32_t rule, size_t bytes)
{
    struct explain_memo *m = *memo;
    if (!m) {
        m = *memo = mem_alloc_zero(1, sizeof *m);
        arena_init(&m->memory, 0);
    }
    if (m->bytes + bytes > MEMO_BYTES) {
        arena_reset(&m->memory);
        memset(m->entries, 0, sizeof m->entries);
        m->bytes = 0;
    }
    m->bytes += bytes;
    size_t set = rule % MEMO_SETS;
    return &m->entries[set][m->next[set]++ % MEMO_WAYS];
}

void explain_memo_keep(struct explain_memo **memo, const struct event *ev, uint32_t rule,
                       const struct slots_read *read, const struct sigma_matched_field *fields,
                       size_t count)
{
    const struct event_system *s = &ev->system;
    struct memo_value values[MEMO_VALUES];
    size_t bytes = s->channel.len + s->provider.len;
    if (read->too_many || read->count > MEMO_VALUES || count > MEMO_FIELDS)
        return;
    for (size_t i = 0; i < read->count; i++) {
        values[i] = (struct memo_value){read->slots[i], event_value(ev, read->slots[i])};
        bytes += values[i].value.raw.len;
    }
    for (size_t i = 0; i < count; i++)
        bytes += fields[i].value.len;
    if (bytes > MEMO_BYTES_EACH)
        return;
    bytes += read->count * sizeof *values + count * sizeof *fields;
    struct memo_entry *e = make_room(memo, rule, bytes);
    struct arena *a = &(*memo)->memory;
    struct memo_value *kept = ARENA_ARRAY(a, struct memo_value, read->count);
    for (size_t i = 0; i < read->count; i++) {
        kept[i] = values[i];
        kept[i].value.raw = arena_copy(a, values[i].value.raw);
    }
    *e = (struct memo_entry){
        .used = true,
        .rule = rule,
        .shape = ev->shape->id,
        .event_id = s->event_id,
        .channel = arena_copy(a, s->channel),
        .provider = arena_copy(a, s->provider),
        .values = kept,
        .value_count = read->count,
        .fields = ARENA_ARRAY(a, struct sigma_matched_field, count),
        .field_count = count,
    };
    for (size_t i = 0; i < count; i++)
        e->fields[i] = (struct sigma_matched_field){fields[i].name, arena_copy(a, fields[i].value)};
}
