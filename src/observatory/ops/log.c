// SPDX-License-Identifier: Apache-2.0
#include "observatory/ops/log.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

struct log {
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct buf waiting;
    uint64_t dropped;
    bool ending;
    int fd;
    pthread_t thread;
};

static void write_whole(int fd, struct slice s)
{
    while (s.len) {
        ssize_t n = write(fd, s.at, s.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return; // nobody reads it: there is nowhere to complain
        s = slice_sub(s, (size_t)n, s.len);
    }
}

static void line_begin(struct buf *b, const char *level, const char *event)
{
    char now[VTIME_TEXT_MAX];
    size_t n = time_format(time_now(), now);
    buf_printf(b, "{\"time\":\"%.*s\",\"level\":\"%s\",\"event\":\"%s\"", (int)n, now, level,
               event);
}

static void *writer_main(void *p)
{
    struct log *l = p;
    struct buf out = {0};
    pthread_mutex_lock(&l->lock);
    while (true) {
        if (!l->waiting.len && !l->dropped && !l->ending)
            pthread_cond_wait(&l->more, &l->lock);
        bool last = l->ending;
        if (!last) { // let more lines gather: one write for all
            pthread_mutex_unlock(&l->lock);
            struct timespec t = {.tv_nsec = LOG_FLUSH_MILLISECONDS * 1000000};
            nanosleep(&t, NULL);
            pthread_mutex_lock(&l->lock);
        }
        struct buf swap = l->waiting;
        l->waiting = out;
        out = swap;
        if (l->dropped) {
            line_begin(&out, "warning", "log-lines-dropped");
            buf_printf(&out, ",\"count\":%llu}\n", (unsigned long long)l->dropped);
            l->dropped = 0;
        }
        pthread_mutex_unlock(&l->lock);
        write_whole(l->fd, buf_slice(&out));
        buf_clear(&out);
        pthread_mutex_lock(&l->lock);
        if (last)
            break;
    }
    pthread_mutex_unlock(&l->lock);
    buf_free(&out);
    return NULL;
}

struct log *log_open(int fd)
{
    struct log *l = mem_alloc_zero(1, sizeof *l);
    l->fd = fd;
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->more, NULL);
    if (pthread_create(&l->thread, NULL, writer_main, l) == 0)
        return l;
    free(l);
    return NULL;
}

void log_close(struct log *l)
{
    if (!l)
        return;
    pthread_mutex_lock(&l->lock);
    l->ending = true;
    pthread_cond_signal(&l->more);
    pthread_mutex_unlock(&l->lock);
    pthread_join(l->thread, NULL);
    buf_free(&l->waiting);
    pthread_mutex_destroy(&l->lock);
    pthread_cond_destroy(&l->more);
    free(l);
}

// Locked until line_end; NULL when the line is dropped.
static struct buf *line_open(struct log *l, const char *level, const char *event)
{
    pthread_mutex_lock(&l->lock);
    if (l->waiting.len > LOG_MAX_BYTES) {
        l->dropped++;
        pthread_mutex_unlock(&l->lock);
        return NULL;
    }
    line_begin(&l->waiting, level, event);
    return &l->waiting;
}

static void line_end(struct log *l)
{
    buf_str(&l->waiting, "}\n");
    pthread_cond_signal(&l->more);
    pthread_mutex_unlock(&l->lock);
}

void log_event(struct log *l, const char *level, const char *event, const char *text)
{
    struct buf *b = l ? line_open(l, level, event) : NULL;
    if (!b)
        return;
    if (text) {
        buf_str(b, ",\"text\":\"");
        buf_json(b, slice_from_str(text));
        buf_byte(b, '"');
    }
    line_end(l);
}

void log_request(struct log *l, const struct served *s)
{
    static const char *const cache[] = {"made", "kept", "not-modified"};
    struct buf *b = l ? line_open(l, "info", "request") : NULL;
    if (!b)
        return;
    buf_printf(b, ",\"method\":\"%s\",\"route\":\"", s->method);
    buf_json(b, slice_from_str(s->pattern));
    buf_printf(b, "\",\"status\":%d,\"ms\":%.3f,\"bytes\":%llu,\"cache\":\"%s\"", s->status,
               (double)s->microseconds / 1000, (unsigned long long)s->bytes, cache[s->cache]);
    line_end(l);
}
