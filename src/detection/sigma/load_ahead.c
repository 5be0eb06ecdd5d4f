// SPDX-License-Identifier: Apache-2.0
// Most of loading thousands of rules is reading YAML, and files know nothing of each other there.
#include "detection/sigma/load.h"

#include "base/buf.h"
#include "base/pool.h"

enum { FILES_PER_JOB = 4 };

struct ahead_file {
    struct buf name, text;
    struct sigma_documents documents;
};

struct load_ahead {
    struct sigma_set *set;
    bool bundled;
    const struct sigma_load_options *options; // may be NULL
    struct pool *pool;
    struct ahead_file *files; // one a slot
};

static void read_file(void *user, size_t slot, size_t worker)
{
    const struct load_ahead *l = user;
    struct ahead_file *f = &l->files[slot];
    (void)worker;
    sigma_documents_read(&f->documents, buf_slice(&f->text), l->options);
}

struct load_ahead *load_ahead_create(struct sigma_set *set, bool bundled,
                                     const struct sigma_load_options *options)
{
    struct load_ahead *l = mem_alloc_zero(1, sizeof *l);
    size_t jobs = options && options->jobs ? options->jobs : 1;
    *l = (struct load_ahead){.set = set, .bundled = bundled, .options = options};
    l->pool = pool_create(jobs, jobs * FILES_PER_JOB, read_file, NULL, l);
    l->files = mem_alloc_zero(pool_slots(l->pool), sizeof *l->files);
    for (size_t i = 0; i < pool_slots(l->pool); i++)
        sigma_documents_init(&l->files[i].documents);
    return l;
}

static bool add_oldest(struct load_ahead *l)
{
    size_t slot;
    if (!pool_take(l->pool, &slot))
        return false;
    const struct ahead_file *f = &l->files[slot];
    sigma_set_add_documents(l->set, buf_slice(&f->name), &f->documents, l->bundled, l->options);
    return true;
}

void load_ahead_add(struct load_ahead *l, struct slice file, struct slice text)
{
    size_t slot;
    while (!pool_free_slot(l->pool, &slot))
        add_oldest(l);
    struct ahead_file *f = &l->files[slot];
    buf_clear(&f->name);
    buf_clear(&f->text);
    buf_add(&f->name, file);
    buf_add(&f->text, text);
    pool_push(l->pool);
}

static void settle(struct load_ahead *l)
{
    while (add_oldest(l))
        ;
}

void load_ahead_refuse(struct load_ahead *l, struct slice file, const struct err *e)
{
    settle(l);
    sigma_refuse(l->set, arena_copy(&l->set->arena, file), 0, (struct slice){0}, false,
                 slice_from_str(e->message));
}

void load_ahead_destroy(struct load_ahead *l)
{
    if (!l)
        return;
    settle(l);
    for (size_t i = 0; i < pool_slots(l->pool); i++) {
        buf_free(&l->files[i].name);
        buf_free(&l->files[i].text);
        sigma_documents_free(&l->files[i].documents);
    }
    free(l->files);
    pool_destroy(l->pool);
    free(l);
}
