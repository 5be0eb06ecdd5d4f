// SPDX-License-Identifier: Apache-2.0
// A ring of blocks. Positions only grow: taken <= started <= pushed, and pushed - taken <= size.
#include "cmd/events_blocks.h"

#include "base/term.h"

#include <pthread.h>
#include <stdlib.h>

enum { BLOCKS_PER_WORKER = 3, FLUSH_BYTES = 256 << 10, MAX_DAMAGES = 4096 };

struct worker {
    struct events_pool *pool;
    struct evtx_reader *reader;
    struct events_filter filter;
    struct buf cell, data;
    pthread_t id;
};

struct events_pool {
    const struct events_words *words;
    void (*flush)(void *user, struct buf *out);
    void *user;
    pthread_mutex_t lock;
    pthread_cond_t work, finished;
    struct events_block *blocks;
    bool *done;
    size_t size;
    uint64_t pushed, started, taken;
    bool closing;
    struct worker *workers;
    size_t worker_count, thread_count;
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

static void work(struct worker *w, struct events_block *b)
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

static void *run(void *argument)
{
    struct worker *self = argument;
    struct events_pool *p = self->pool;
    pthread_mutex_lock(&p->lock);
    for (;;) {
        while (p->started == p->pushed && !p->closing)
            pthread_cond_wait(&p->work, &p->lock);
        if (p->started == p->pushed)
            break;
        size_t mine = p->started++ % p->size;
        pthread_mutex_unlock(&p->lock);
        work(self, &p->blocks[mine]);
        pthread_mutex_lock(&p->lock);
        p->done[mine] = true;
        pthread_cond_signal(&p->finished);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

struct events_pool *events_pool_create(const struct events_words *words,
                                       void (*flush)(void *user, struct buf *out), void *user)
{
    struct events_pool *p = mem_alloc_zero(1, sizeof *p);
    struct evtx_options reading = {.recover = words->recover};
    p->words = words;
    p->user = user;
    p->flush = words->jobs == 1 ? flush : NULL;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->work, NULL);
    pthread_cond_init(&p->finished, NULL);
    p->size = words->jobs > 1 ? (size_t)words->jobs * BLOCKS_PER_WORKER : 1;
    p->blocks = mem_alloc_zero(p->size, sizeof *p->blocks);
    p->done = mem_alloc_zero(p->size, sizeof *p->done);
    for (size_t i = 0; i < p->size; i++) {
        p->blocks[i].bytes = mem_alloc(EVENTS_BLOCK_BYTES);
        arena_init(&p->blocks[i].arena, 0);
    }
    p->worker_count = words->jobs;
    p->workers = mem_alloc_zero(p->worker_count, sizeof *p->workers);
    for (size_t i = 0; i < p->worker_count; i++) {
        p->workers[i].pool = p;
        p->workers[i].reader = evtx_reader_create(&reading);
        events_filter_init(&p->workers[i].filter, words);
    }
    // One job, or no thread to be had: the caller does the work.
    for (; words->jobs > 1 && p->thread_count < words->jobs; p->thread_count++) {
        struct worker *w = &p->workers[p->thread_count];
        if (pthread_create(&w->id, NULL, run, w) != 0)
            break;
    }
    return p;
}

void events_pool_destroy(struct events_pool *p)
{
    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    p->closing = true;
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->lock);
    for (size_t i = 0; i < p->thread_count; i++)
        pthread_join(p->workers[i].id, NULL);
    for (size_t i = 0; i < p->worker_count; i++) {
        evtx_reader_destroy(p->workers[i].reader);
        events_filter_free(&p->workers[i].filter);
        buf_free(&p->workers[i].cell);
        buf_free(&p->workers[i].data);
    }
    for (size_t i = 0; i < p->size; i++) {
        struct events_block *b = &p->blocks[i];
        free(b->bytes);
        buf_free(&b->file);
        buf_free(&b->out);
        arena_free(&b->arena);
        ARRAY_FREE(&b->damages);
    }
    pthread_mutex_destroy(&p->lock);
    pthread_cond_destroy(&p->work);
    pthread_cond_destroy(&p->finished);
    free(p->workers);
    free(p->blocks);
    free(p->done);
    free(p);
}

struct events_block *events_pool_free_block(struct events_pool *p)
{
    if (p->pushed - p->taken >= p->size)
        return NULL;
    struct events_block *b = &p->blocks[p->pushed % p->size];
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
    size_t at = p->pushed % p->size;
    if (p->thread_count == 0) {
        work(&p->workers[0], &p->blocks[at]);
        p->done[at] = true;
        p->pushed++;
        return;
    }
    pthread_mutex_lock(&p->lock);
    p->done[at] = false;
    p->pushed++;
    pthread_cond_signal(&p->work);
    pthread_mutex_unlock(&p->lock);
}

struct events_block *events_pool_take(struct events_pool *p)
{
    if (p->taken == p->pushed)
        return NULL;
    size_t at = p->taken % p->size;
    if (p->thread_count) {
        pthread_mutex_lock(&p->lock);
        while (!p->done[at])
            pthread_cond_wait(&p->finished, &p->lock);
        pthread_mutex_unlock(&p->lock);
    }
    p->taken++;
    return &p->blocks[at];
}
