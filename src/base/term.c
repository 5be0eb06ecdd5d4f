// SPDX-License-Identifier: Apache-2.0
#include "base/term.h"

#include "base/escape.h"
#include "base/utf.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unicode/uchar.h>
#include <unistd.h>

// Characters that change the order, the lines or nothing visible at all: they hide what a name
// really is.
static bool is_invisible(uint32_t c)
{
    if (c < 0x80)
        return false;
    switch (u_charType((UChar32)c)) {
    case U_FORMAT_CHAR: // bidirectional controls, zero-width, tags, byte order mark, soft hyphen
    case U_LINE_SEPARATOR:
    case U_PARAGRAPH_SEPARATOR:
    case U_SURROGATE:
    case U_PRIVATE_USE_CHAR:
    case U_UNASSIGNED:
        return true;
    default:
        return c == 0x034f || c == 0x115f || c == 0x1160 || c == 0x3164 || c == 0xffa0;
    }
}

static void escape_char(struct buf *b, struct slice s, size_t from, size_t to, uint32_t c,
                        bool keep_lines)
{
    if (keep_lines && (c == '\n' || c == '\t'))
        buf_byte(b, (uint8_t)c);
    else if (c < 0x20 || (c >= 0x7f && c < 0xa0))
        buf_printf(b, "\\x%02x", c);
    else if (c == UTF_REPLACEMENT && !(to - from == 3 && s.at[from] == 0xef))
        for (size_t i = from; i < to; i++)
            buf_printf(b, "\\x%02x", s.at[i]);
    else if (is_invisible(c))
        buf_printf(b, "<U+%04X>", c);
    else
        buf_add(b, slice_sub(s, from, to));
}

static void escape(struct buf *b, struct slice s, bool keep_lines)
{
    for (size_t pos = 0; pos < s.len;) {
        size_t from = pos;
        uint32_t c = utf8_decode(s, &pos);
        escape_char(b, s, from, pos, c, keep_lines);
    }
}

void term_escape(struct buf *b, struct slice s)
{
    escape(b, s, false);
}

void term_escape_lines(struct buf *b, struct slice s)
{
    escape(b, s, true);
}

// What a spreadsheet may run: = + - @, their full-width forms, and white space that it strips
// before them.
static bool is_formula(struct slice s)
{
    if (s.len == 0)
        return false;
    if (s.at[0] == '\t' || s.at[0] == '\r' || s.at[0] == '\n')
        return true;
    size_t pos = 0;
    uint32_t c = ' ';
    while (pos < s.len && (c <= ' ' || c == 0xa0 || c == 0xfeff))
        c = utf8_decode(s, &pos);
    return c == '=' || c == '+' || c == '-' || c == '@' || c == 0xff1d || c == 0xff0b ||
           c == 0xff0d || c == 0xff20;
}

static bool has_blank_at_end(struct slice s)
{
    return s.len && (s.at[0] == ' ' || s.at[s.len - 1] == ' ');
}

// Most cells are ASCII. False for any other; nothing is appended then.
static bool plain_cell(struct buf *b, struct slice s)
{
    bool marked;
    size_t start = b->len;
    buf_byte(b, '"');
    if (!escape_csv_plain(b, s, &marked)) {
        b->len = start;
        return false;
    }
    if (marked || has_blank_at_end(s)) {
        buf_byte(b, '"');
    } else {
        memmove(b->at + start, b->at + start + 1, b->len - start - 1);
        b->len--;
    }
    return true;
}

void csv_cell(struct buf *b, struct slice s)
{
    bool formula = is_formula(s);
    if (!formula && plain_cell(b, s))
        return;
    size_t start = b->len;
    if (formula)
        buf_byte(b, '\'');
    escape(b, s, true);
    bool quote = false;
    size_t quotes = 0;
    for (size_t i = start; i < b->len; i++) {
        uint8_t c = b->at[i];
        quotes += c == '"';
        quote = quote || c == '"' || c == ',' || c == ';' || c == '\n' || c == '\t' || c == '\r';
    }
    if (!quote && !formula && !has_blank_at_end(s))
        return;
    // Move the text to its place from the back: one byte for the first quote, one more for each
    // quote in it.
    buf_reserve(b, quotes + 2);
    size_t from = b->len, to = b->len + quotes + 2;
    b->len = to;
    b->at[--to] = '"';
    while (from > start) {
        uint8_t c = b->at[--from];
        b->at[--to] = c;
        if (c == '"')
            b->at[--to] = '"';
    }
    b->at[start] = '"';
}

bool term_has_colour(int fd)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(fd) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

void term_bytes(struct buf *b, uint64_t bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    size_t unit = 0;
    double n = (double)bytes;
    while (n >= 1024 && unit + 1 < sizeof units / sizeof *units) {
        n /= 1024;
        unit++;
    }
    buf_printf(b, unit && n < 100 ? "%.1f %s" : "%.0f %s", n, units[unit]);
}

static void time_left(struct buf *b, double seconds)
{
    uint64_t s = seconds < 1 ? 1 : (uint64_t)seconds;
    if (s < 60)
        buf_printf(b, "%llu s left", (unsigned long long)s);
    else if (s < 3600)
        buf_printf(b, "%llu min left", (unsigned long long)((s + 59) / 60));
    else
        buf_printf(b, "%llu h %02llu min left", (unsigned long long)(s / 3600),
                   (unsigned long long)(s / 60 % 60));
}

void progress_text(struct buf *b, uint64_t done, uint64_t total, double seconds, struct slice what,
                   size_t columns)
{
    size_t start = b->len;
    if (total && done > total)
        done = total;
    term_bytes(b, done);
    if (total) {
        buf_str(b, " of ");
        term_bytes(b, total);
        buf_printf(b, " (%u%%)", (unsigned)((double)done * 100 / (double)total));
    }
    double rate = seconds > 0.1 ? (double)done / seconds : 0;
    if (rate >= 1) {
        buf_str(b, ", ");
        term_bytes(b, (uint64_t)rate);
        buf_str(b, "/s");
        if (total && done < total && seconds > 1) {
            buf_str(b, ", ");
            time_left(b, (double)(total - done) / rate);
        }
    }
    size_t used = b->len - start;
    if (what.len && used + 8 < columns) {
        buf_str(b, "  ");
        size_t room = columns - used - 2, from = b->len;
        term_escape(b, what);
        // The end of a path says more than its start. Bytes stand for columns: too short is fine,
        // too long is not.
        if (b->len - from > room) {
            size_t cut = b->len - room + 3;
            while (cut < b->len && (b->at[cut] & 0xc0) == 0x80)
                cut++;
            memcpy(b->at + from, "...", 3);
            memmove(b->at + from + 3, b->at + cut, b->len - cut);
            b->len = from + 3 + (b->len - cut);
        }
    }
    if (b->len - start > columns)
        b->len = start + columns;
}

static double since(const struct timespec *from, const struct timespec *to)
{
    return (double)(to->tv_sec - from->tv_sec) + (double)(to->tv_nsec - from->tv_nsec) / 1e9;
}

bool progress_is_shown(int fd)
{
    const char *term = getenv("TERM");
    return isatty(fd) && !(term && strcmp(term, "dumb") == 0);
}

void progress_begin(struct progress *p, int fd, uint64_t total)
{
    *p = (struct progress){.fd = fd, .total = total, .on = progress_is_shown(fd)};
    clock_gettime(CLOCK_MONOTONIC, &p->start);
    p->last = p->start;
}

static void put(const struct progress *p, const struct buf *b)
{
    ssize_t n = write(p->fd, b->at, b->len); // a progress line that cannot be shown is no error
    (void)n;
}

void progress_show(struct progress *p, uint64_t done, struct slice what)
{
    if (!p->on)
        return;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (since(&p->last, &now) < 0.2)
        return;
    p->last = now;
    struct winsize size;
    size_t columns = ioctl(p->fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
    struct buf b = {0};
    buf_str(&b, "\r");
    progress_text(&b, done, p->total, since(&p->start, &now), what, columns - 1);
    buf_str(&b, "\x1b[K");
    put(p, &b);
    buf_free(&b);
    p->drawn = true;
}

void progress_end(struct progress *p)
{
    if (!p->drawn)
        return;
    struct buf b = {0};
    buf_str(&b, "\r\x1b[K");
    put(p, &b);
    buf_free(&b);
    p->drawn = false;
}
