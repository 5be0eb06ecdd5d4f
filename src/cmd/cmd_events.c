// SPDX-License-Identifier: Apache-2.0
// vigie events: shows logs as JSON lines, XML or CSV.
#include "base/sandbox.h"
#include "base/term.h"
#include "base/utf.h"
#include "cmd/cmd.h"
#include "cmd/events_blocks.h"
#include "evidence/evidence.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { MESSAGES_SHOWN = 1000 };

struct show {
    struct events_words words;
    struct events_pool *pool;
    bool terminal;
    int write_error; // errno of the first write that failed
    struct buf safe;
    uint64_t events, shown, damaged, sums, messages, logs, others, unreadable;
};

#define complain(...) cmd_complain("events", __VA_ARGS__)

// Characters that change what a terminal shows: C1 controls, DEL, and the controls of bidirectional
// text. In rendered events they can only stand inside JSON strings, or in XML text and attribute
// values.
static bool is_unsafe(uint32_t c)
{
    return (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x200e || c == 0x200f ||
           (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static void make_safe(struct buf *safe, struct slice text, enum events_format format)
{
    for (size_t pos = 0; pos < text.len;) {
        size_t from = pos;
        if (text.at[pos] < 0x7f) {
            pos++;
            buf_byte(safe, text.at[from]);
            continue;
        }
        uint32_t c = utf8_decode(text, &pos);
        if (!is_unsafe(c))
            buf_add(safe, slice_sub(text, from, pos));
        else
            buf_printf(safe, format == EVENTS_XML ? "&#x%X;" : "\\u%04x", c);
    }
}

static void write_all(struct show *s, struct slice text)
{
    while (text.len && !s->write_error) {
        ssize_t n = write(STDOUT_FILENO, text.at, text.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            s->write_error = errno;
        else
            text = slice_sub(text, (size_t)n, text.len);
    }
}

static void flush(void *user, struct buf *out)
{
    struct show *s = user;
    if (s->terminal && s->words.format != EVENTS_CSV) { // cells are made safe one by one
        buf_clear(&s->safe);
        make_safe(&s->safe, buf_slice(out), s->words.format);
        write_all(s, buf_slice(&s->safe));
    } else {
        write_all(s, buf_slice(out));
    }
    buf_clear(out);
}

static bool take_block(struct show *s)
{
    struct events_block *b = events_pool_take(s->pool);
    if (!b)
        return false;
    flush(s, &b->out);
    s->events += b->events;
    s->shown += b->shown;
    for (size_t i = 0; i < b->damages.count; i++) {
        const struct events_damage *d = &b->damages.items[i];
        *(d->code == ERR_CHECKSUM ? &s->sums : &s->damaged) += 1;
        if (s->messages++ < MESSAGES_SHOWN)
            complain("%.*s: at byte %llu: %.*s", SLICE_FMT(buf_slice(&b->file)),
                     (unsigned long long)d->offset, SLICE_FMT(d->message));
    }
    return true;
}

static struct events_block *next_block(struct show *s, struct slice path)
{
    struct events_block *b;
    while (!(b = events_pool_free_block(s->pool)))
        take_block(s);
    buf_add(&b->file, path);
    return b;
}

// Fills the buffer as far as the item goes; false at its end or when the rest cannot be read.
static bool read_on(struct show *s, struct evidence_walk *walk, struct slice path, uint8_t *to,
                    size_t capacity, size_t *got)
{
    struct err e = {0};
    *got = 0;
    if (!evidence_walk_read(walk, to, capacity, got, &e)) {
        s->damaged++;
        complain("%.*s: only partly read: %s", SLICE_FMT(path), e.message);
        return false;
    }
    return *got == capacity;
}

static void read_log(struct show *s, struct evidence_walk *walk, struct slice path)
{
    struct events_block *b = next_block(s, path);
    struct evtx_header header = {0};
    struct err e;
    size_t got, kept = 0;
    uint64_t offset = EVTX_HEADER_SIZE;
    bool more = read_on(s, walk, path, b->bytes, EVTX_HEADER_SIZE, &got);
    if (got < sizeof(uint64_t) ||
        memcmp(b->bytes, "ElfFile", sizeof(uint64_t)) != 0) { // begins with a chunk
        kept = got;
        offset = 0;
    } else if (!evtx_header_read(slice_of(b->bytes, got), &header, &e) || !more) {
        s->damaged++;
        complain("%.*s: at byte 0: the file ends within its header", SLICE_FMT(path));
        return;
    } else if (!header.checksum_ok && !header.no_crc32) {
        s->sums++;
        complain("%.*s: at byte 0: the checksum of the file header is wrong; read all the same",
                 SLICE_FMT(path));
    }
    s->logs++;
    while (more || kept) {
        got = 0;
        more = more && read_on(s, walk, path, b->bytes + kept, EVENTS_BLOCK_BYTES - kept, &got);
        b->len = kept + got;
        b->offset = offset;
        b->no_crc32 = header.no_crc32;
        offset += b->len;
        kept = 0;
        if (b->len)
            events_pool_push(s->pool);
        if (!more || s->write_error)
            break;
        b = next_block(s, path);
    }
}

static void not_read(struct show *s, const struct evidence_item *item)
{
    if (item->kind == EVIDENCE_UNREADABLE || item->kind == EVIDENCE_SKIPPED || item->reason.len) {
        s->unreadable++;
        complain("%.*s: not read: %.*s", SLICE_FMT(item->path), SLICE_FMT(item->reason));
    } else if (item->kind != EVIDENCE_ARCHIVE) {
        s->others++;
        if (s->others <= MESSAGES_SHOWN)
            complain("%.*s: not read: no event log (%s)", SLICE_FMT(item->path), item->kind_text);
    }
}

static void read_all(struct show *s)
{
    struct evidence_walk *walk =
        evidence_walk_create(s->words.paths, s->words.path_count, NULL, NULL);
    for (struct evidence_item item; !s->write_error && evidence_walk_next(walk, &item);) {
        if (item.kind == EVIDENCE_EVTX)
            read_log(s, walk, item.path);
        else
            not_read(s, &item);
    }
    while (take_block(s))
        ;
    evidence_walk_destroy(walk);
}

static int tell(const struct show *s)
{
    if (s->write_error) {
        complain("cannot write the output: %s", strerror(s->write_error));
        return EXIT_TROUBLE;
    }
    if (s->messages > MESSAGES_SHOWN)
        complain("%llu more messages like these",
                 (unsigned long long)(s->messages - MESSAGES_SHOWN));
    if (s->damaged || s->sums)
        complain("%llu events read, %llu shown; %llu records or parts of files damaged, %llu wrong "
                 "checksums",
                 (unsigned long long)s->events, (unsigned long long)s->shown,
                 (unsigned long long)s->damaged, (unsigned long long)s->sums);
    if (s->logs == 0) {
        complain("no event log could be read; a log's name ends in .evtx, on the PC they are in "
                 "C:\\Windows\\System32\\winevt\\Logs");
        return EXIT_TROUBLE;
    }
    return EXIT_NOTHING;
}

int cmd_events(int argc, char **argv)
{
    struct show s = {.terminal = isatty(STDOUT_FILENO)};
    struct arena arena;
    struct err e = {0};
    struct sandbox_report sandbox;
    int status = EXIT_NOTHING;
    arena_init(&arena, 0);
    signal(SIGPIPE, SIG_IGN); // a reader that goes away is an error of writing
    switch (events_words_read(argc, argv, &arena, &s.words, &e)) {
    case EVENTS_WORDS_HELP:
        events_words_help(stdout);
        break;
    case EVENTS_WORDS_BAD:
        complain("%s", e.message);
        status = EXIT_TROUBLE;
        break;
    case EVENTS_WORDS_OK:
        if (!sandbox_enter(&(struct sandbox_options){0}, &sandbox, &e)) {
            complain("%s", e.message);
            status = EXIT_TROUBLE;
            break;
        }
        s.pool = events_pool_create(&s.words, flush, &s);
        if (s.words.format == EVENTS_CSV)
            write_all(
                &s,
                SLICE("time,event_id,level,provider,channel,computer,record,file,offset,data\r\n"));
        read_all(&s);
        status = tell(&s);
        events_pool_destroy(s.pool);
        break;
    }
    events_words_free(&s.words);
    buf_free(&s.safe);
    arena_free(&arena);
    return status;
}
