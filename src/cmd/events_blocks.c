// SPDX-License-Identifier: Apache-2.0
#include "cmd/events_blocks.h"

#include "base/pool.h"
#include "base/term.h"

#include <stdlib.h>

enum { BLOCKS_PER_JOB = 3, FLUSH_BYTES = 256 << 10, MAX_DAMAGES = 4096 };

struct worker {
    struct events_pool *pool;
    struct evtx_reader *reader;
    struct events_filter filter;
    struct buf cell, data;
};

struct events_pool {
    const struct events_words *words;
    void (*flush)(void *user, struct buf *out);
    void *user;
    struct pool *pool;
    struct events_block *blocks; // one a slot
    struct worker *workers;
    size_t worker_count;
};

// All fields of the event's own content, name=value joined by "; ".
static void data_text(struct buf *b, const struct event *ev)
{
    for (uint32_t i = 0; i < ev->shape->field_count; i++) {
        const struct field *f = &ev->shape->fields[i];
        if (f->place != PLACE_DATA)
            continue;
        struct value v = event_value(ev, i);
        if (v.type == VALUE_ABSENT)
            continue;
        if (b->len)
            buf_str(b, "; ");
        buf_add(b, f->name);
        buf_byte(b, '=');
        value_append(b, v);
    }
}

static void cell(struct worker *w, struct buf *out, struct slice s)
{
    (void)w;
    csv_cell(out, s);
    buf_byte(out, ',');
}

static void csv_row(struct worker *w, const struct events_block *b, const struct event *ev,
                    struct buf *out)
{
    const struct event_system *s = &ev->system;
    char time[VTIME_TEXT_MAX];
    buf_add(out, slice_of(time, s->time ? time_format(s->time, time) : 0));
    buf_printf(out, ",%u,", s->event_id);
    buf_clear(&w->cell);
    for (uint32_t i = shape_find(ev->shape, SLICE("Level"), 0); i < ev->shape->field_count;
         i = ev->shape->field_count)
        value_append(&w->cell, event_value(ev, i));
    cell(w, out, buf_slice(&w->cell));
    cell(w, out, s->provider);
    cell(w, out, s->channel);
    cell(w, out, s->computer);
    if (s->has_record_id)
        buf_u64(out, s->record_id);
    buf_str(out, ev->origin.recovered ? " recovered," : ",");
    cell(w, out, buf_slice(&b->file));
    buf_printf(out, "%llu,", (unsigned long long)ev->origin.offset);
    buf_clear(&w->data);
    data_text(&w->data, ev);
    csv_cell(out, buf_slice(&w->data));
    buf_str(out, "\r\n");
}

static void show(struct worker *w, struct events_block *b, const struct event *ev)
{
    unsigned long long offset = ev->origin.offset;
    b->shown++;
    switch (w->pool->words->format) {
    case EVENTS_JSONL:
        ev->render(ev, EVENT_FORMAT_JSON, &b->out);
        if (ev->origin.recovered) { // a member beside "Event", which other tools do not look at
            b->out.len--;
            buf_printf(&b->out, ",\"Vigie\":{\"recovered\":true,\"offset\":%llu}}", offset);
        }
        break;
    case EVENTS_XML:
        ev->render(ev, EVENT_FORMAT_XML, &b->out);
        if (ev->origin.recovered)
            buf_printf(&b->out, "<!-- recovered, offset %llu -->", offset);
        break;
    case EVENTS_CSV:
        csv_row(w, b, ev, &b->out);
        return;
    }
    buf_byte(&b->out, '\n');
}

static void keep_damage(struct events_block *b, const struct err *e)
{
    if (b->damages.count < MAX_DAMAGES)
        *ARRAY_ADD(&b->damages) = (struct events_damage){
            e->offset, e->code, arena_copy(&b->arena, slice_from_str(e->message))};
}

static void work_on(struct worker *w, struct events_block *b)
{
    struct events_pool *p = w->pool;
    for (size_t at = 0; at < b->len; at += EVTX_CHUNK_SIZE) {
        evtx_reader_start(w->reader,
                          slice_sub(slice_of(b->bytes, b->len), at, at + EVTX_CHUNK_SIZE),
                          b->offset + at, b->no_crc32);
        struct event ev;
        struct err e;
        for (enum read_result got; (got = evtx_reader_next(w->reader, &ev, &e)) != READ_END;) {
            if (got == READ_ERROR) {
                keep_damage(b, &e);
                continue;
            }
            b->events++;
            if (events_filter_test(&w->filter, &ev))
                show(w, b, &ev);
        }
        if (p->flush && b->out.len >= FLUSH_BYTES)
            p->flush(p->user, &b->out);
    }
}

static void work(void *user, size_t slot, size_t worker)
{
    struct events_pool *p = user;
    work_on(&p->workers[worker], &p->blocks[slot]);
}

struct events_pool *events_pool_create(const struct events_words *words,
                                       void (*flush)(void *user, struct buf *out), void *user)
{
    struct events_pool *p = mem_alloc_zero(1, sizeof *p);
    struct evtx_options reading = {
        .recover = words->recover,
        .without_system = words->format != EVENTS_CSV && !events_words_filter(words),
    };
    p->words = words;
    p->user = user;
    p->flush = words->jobs == 1 ? flush : NULL;
    p->worker_count = words->jobs;
    p->workers = mem_alloc_zero(p->worker_count, sizeof *p->workers);
    for (size_t i = 0; i < p->worker_count; i++) {
        p->workers[i].pool = p;
        p->workers[i].reader = evtx_reader_create(&reading);
        events_filter_init(&p->workers[i].filter, words);
    }
    p->pool = pool_create(words->jobs, (size_t)words->jobs * BLOCKS_PER_JOB, work, NULL, p);
    p->blocks = mem_alloc_zero(pool_slots(p->pool), sizeof *p->blocks);
    for (size_t i = 0; i < pool_slots(p->pool); i++) {
        p->blocks[i].bytes = mem_alloc(EVENTS_BLOCK_BYTES);
        arena_init(&p->blocks[i].arena, 0);
    }
    return p;
}

void events_pool_destroy(struct events_pool *p)
{
    if (!p)
        return;
    size_t slots = pool_slots(p->pool);
    pool_destroy(p->pool);
    for (size_t i = 0; i < p->worker_count; i++) {
        evtx_reader_destroy(p->workers[i].reader);
        events_filter_free(&p->workers[i].filter);
        buf_free(&p->workers[i].cell);
        buf_free(&p->workers[i].data);
    }
    for (size_t i = 0; i < slots; i++) {
        struct events_block *b = &p->blocks[i];
        free(b->bytes);
        buf_free(&b->file);
        buf_free(&b->out);
        arena_free(&b->arena);
        ARRAY_FREE(&b->damages);
    }
    free(p->workers);
    free(p->blocks);
    free(p);
}

struct events_block *events_pool_free_block(struct events_pool *p)
{
    size_t slot;
    if (!pool_free_slot(p->pool, &slot))
        return NULL;
    struct events_block *b = &p->blocks[slot];
    buf_clear(&b->file);
    buf_clear(&b->out);
    arena_reset(&b->arena);
    b->damages.count = 0;
    b->events = b->shown = 0;
    b->len = 0;
    return b;
}

void events_pool_push(struct events_pool *p)
{
    pool_push(p->pool);
}

struct events_block *events_pool_take(struct events_pool *p)
{
    size_t slot;
    return pool_take(p->pool, &slot) ? &p->blocks[slot] : NULL;
}
