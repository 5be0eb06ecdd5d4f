// SPDX-License-Identifier: Apache-2.0
// How far each log reaches: what lies before its first event, and in the gaps between its files,
// cannot be known.
#include "report/html.h"

#include "base/array.h"

#include <stdlib.h>

enum {
    LOGS_DRAWN = 40,
    LOGS_LISTED = 1000,
    GAP_DAYS = 2, // a longer silence between two files of one log is named
    ROW = 30,
};

// The files of one log of one computer, next to each other in report.logs.
struct log_run {
    const struct case_log *parts;
    size_t count;
    uint64_t events;
    vtime first, last; // plausible ones; 0: none
    bool drawn;
};

struct runs {
    struct log_run *items;
    size_t count, drawn;
    vtime first, last;
};

static struct log_run measure(const struct report *r, const struct case_log *parts, size_t count)
{
    struct log_run run = {.parts = parts, .count = count};
    for (size_t i = 0; i < count; i++) {
        run.events =
            parts[i].events > UINT64_MAX - run.events ? UINT64_MAX : run.events + parts[i].events;
        if (time_is_plausible(r, parts[i].first) && (!run.first || parts[i].first < run.first))
            run.first = parts[i].first;
        if (time_is_plausible(r, parts[i].last) && parts[i].last > run.last)
            run.last = parts[i].last;
    }
    return run;
}

struct size_of_run {
    uint64_t events;
    size_t index;
};

static int by_events(const void *a, const void *b)
{
    const struct size_of_run *x = a, *y = b;
    if (x->events != y->events)
        return x->events < y->events ? 1 : -1;
    return (x->index > y->index) - (x->index < y->index);
}

// The picture shows the largest logs.
static void choose_drawn(struct report *r, struct runs *all)
{
    struct size_of_run *order = ARENA_ARRAY(&r->memory, struct size_of_run, all->count + 1);
    for (size_t i = 0; i < all->count; i++)
        order[i] = (struct size_of_run){all->items[i].events, i};
    qsort(order, all->count, sizeof *order, by_events);
    for (size_t i = 0; i < all->count && all->drawn < LOGS_DRAWN; i++) {
        struct log_run *run = &all->items[order[i].index];
        if (run->first && run->last) {
            run->drawn = true;
            all->drawn++;
        }
    }
}

static struct runs find_runs(struct report *r)
{
    struct runs all = {.items = ARENA_ARRAY(&r->memory, struct log_run, r->log_count + 1)};
    for (size_t i = 0; i < r->log_count;) {
        size_t end = i + 1;
        while (end < r->log_count && slice_equal(r->logs[end].host, r->logs[i].host) &&
               slice_equal(r->logs[end].channel, r->logs[i].channel))
            end++;
        struct log_run run = measure(r, &r->logs[i], end - i);
        if (run.first && (!all.first || run.first < all.first))
            all.first = run.first;
        if (run.last > all.last)
            all.last = run.last;
        all.items[all.count++] = run;
        i = end;
    }
    choose_drawn(r, &all);
    return all;
}

// The next stretch without events between two files of the run, from *at on; false when there is
// none.
static bool next_gap(const struct log_run *run, size_t *at, vtime *from, vtime *to, bool *missing)
{
    vtime reached = 0;
    uint64_t record = 0;
    for (size_t i = 0; i < run->count; i++) {
        const struct case_log *part = &run->parts[i];
        if (i > *at && part->first > reached &&
            part->first - reached > (vtime)GAP_DAYS * 86400 * VTIME_SECOND && reached) {
            *at = i;
            *from = reached;
            *to = part->first;
            *missing = part->first_record > record + 1; // numbers are missing, not only events
            return true;
        }
        reached = part->last > reached ? part->last : reached;
        record = part->last_record > record ? part->last_record : record;
    }
    return false;
}

static double share(const struct runs *all, vtime t)
{
    if (all->last <= all->first || t <= all->first)
        return 0;
    return t >= all->last ? 100 : 100 * (double)(t - all->first) / (double)(all->last - all->first);
}

static void add_bars(struct html *h, const struct runs *all, const struct log_run *run,
                     unsigned top)
{
    struct report *r = h->r;
    size_t at = 0;
    vtime from, to;
    bool missing;
    for (size_t i = 0; i < run->count; i++) {
        double left = share(all, run->parts[i].first), right = share(all, run->parts[i].last);
        if (!time_is_plausible(r, run->parts[i].first) || !time_is_plausible(r, run->parts[i].last))
            continue;
        left = left > 99.4 ? 99.4 : left;
        buf_printf(&h->b,
                   "<rect class=\"log\" x=\"%.3f%%\" y=\"%u\" width=\"%.3f%%\" height=\"9\"/>\n",
                   left, top + 17, right - left < 0.6 ? 0.6 : right - left);
    }
    while (next_gap(run, &at, &from, &to, &missing))
        buf_printf(&h->b,
                   "<rect class=\"gap\" x=\"%.3f%%\" y=\"%u\" width=\"%.3f%%\" height=\"8\"/>\n",
                   share(all, from), top + 17, share(all, to) - share(all, from));
}

static void add_sign_line(struct html *h, const struct runs *all, const struct first_sign *sign)
{
    struct report *r = h->r;
    if (!sign->time || sign->time < all->first || sign->time > all->last)
        return;
    double x = share(all, sign->time);
    for (size_t row = 0; row < all->drawn; row++) // across the bars, not across their names
        buf_printf(&h->b,
                   "<line class=\"sign\" x1=\"%.3f%%\" x2=\"%.3f%%\" y1=\"%zu\" y2=\"%zu\"/>\n", x,
                   x, 33 + row * ROW, 46 + row * ROW);
    buf_printf(&h->b, "<text class=\"tick\" x=\"%.3f%%\" y=\"11\" text-anchor=\"%s\">", x,
               x > 60   ? "end"
               : x < 20 ? "start"
                        : "middle");
    h_say(h, TR("first sign, %s"), text_date(r->lang, &h->r->scratch, sign->time));
    h_raw(h, "</text>\n");
}

static void add_picture(struct html *h, const struct runs *all, const struct first_sign *sign)
{
    struct report *r = h->r;
    struct arena *a = &h->r->scratch;
    unsigned top = 18, height = (unsigned)all->drawn * ROW + 40;
    buf_printf(&h->b,
               "<figure>\n<svg role=\"img\" aria-labelledby=\"re-t re-d\" width=\"100%%\" "
               "height=\"%u\">\n<title id=\"re-t\">",
               height);
    h_str(h, TR("From when to when each log has events"));
    h_raw(h, "</title>\n<desc id=\"re-d\">");
    h_str(h, TR("One bar for each log of each computer. The table below says the same in words."));
    h_raw(h, "</desc>\n");
    for (size_t i = 0; i < all->count; i++) {
        const struct log_run *run = &all->items[i];
        if (!run->drawn)
            continue;
        buf_printf(&h->b, "<text class=\"lab\" x=\"0\" y=\"%u\">", top + 12);
        h_text(h, slice_sub(run->parts->host, 0, 60));
        h_raw(h, " · ");
        h_text(h, slice_sub(run->parts->channel, 0, 90));
        h_raw(h, "</text>\n");
        add_bars(h, all, run, top);
        top += ROW;
    }
    add_sign_line(h, all, sign);
    buf_printf(&h->b, "<text class=\"tick\" x=\"0\" y=\"%u\">%s</text>\n", height - 5,
               text_date(r->lang, a, all->first));
    buf_printf(&h->b,
               "<text class=\"tick\" x=\"100%%\" y=\"%u\" "
               "text-anchor=\"end\">%s</text>\n</svg>\n<figcaption>",
               height - 5, text_date(r->lang, a, all->last));
    h_str(h, TR("Solid: the log has events. Dashed: quiet or missing."));
    if (all->drawn < all->count)
        h_say(h, TR(" The %s largest of %s logs."), NUMBER(all->drawn), NUMBER(all->count));
    h_raw(h, "</figcaption>\n</figure>\n");
}

static void add_blind(struct html *h, const struct log_run *run)
{
    struct report *r = h->r;
    struct arena *a = &h->r->scratch;
    size_t at = 0;
    vtime from, to;
    bool missing;
    if (run->first)
        h_say(h, TR("Before %s: nothing can be seen."), text_date(r->lang, a, run->first));
    else
        h_str(h, TR("No event has a usable time."));
    for (int shown = 0; shown < 5 && next_gap(run, &at, &from, &to, &missing); shown++) {
        h_raw(h, " ");
        h_say(h, missing ? TR("%s to %s: events are missing.") : TR("%s to %s: quiet or missing."),
              text_date(r->lang, a, from), text_date(r->lang, a, to));
    }
}

static void add_table(struct html *h, const struct runs *all)
{
    struct report *r = h->r;
    const char *const heads[] = {TR("Computer"), TR("Log"),  TR("Events"),
                                 TR("First"),    TR("Last"), TR("Cannot be known")};
    h_raw(h, "<table class=\"stack\"><thead><tr>");
    for (size_t i = 0; i < 6; i++)
        h_el(h, "th scope=\"col\"", "%s", heads[i]);
    h_raw(h, "</tr></thead><tbody>\n");
    for (size_t i = 0; i < all->count && i < LOGS_LISTED; i++) {
        const struct log_run *run = &all->items[i];
        buf_printf(&h->b, "<tr><td data-l=\"%s\">", heads[0]);
        h_value(h, run->parts->host);
        buf_printf(&h->b, "</td><td data-l=\"%s\">", heads[1]);
        h_value(h, run->parts->channel);
        buf_printf(&h->b,
                   "</td><td class=\"n\" data-l=\"%s\">%s</td><td class=\"t\" data-l=\"%s\">",
                   heads[2], text_number(r->lang, &h->r->memory, run->events), heads[3]);
        h_time(h, run->first);
        buf_printf(&h->b, "</td><td class=\"t\" data-l=\"%s\">", heads[4]);
        h_time(h, run->last);
        buf_printf(&h->b, "</td><td data-l=\"%s\">", heads[5]);
        add_blind(h, run);
        h_raw(h, "</td></tr>\n");
        arena_reset(&h->r->scratch);
    }
    h_raw(h, "</tbody></table>\n");
    if (all->count > LOGS_LISTED)
        h_el(h, "p", TR("%s more logs are in the case file."), NUMBER(all->count - LOGS_LISTED));
}

void html_reach(struct html *h)
{
    struct report *r = h->r;
    struct first_sign sign;
    struct err ignored;
    if (!find_first_sign(h->r, &sign, &ignored))
        sign = (struct first_sign){0};
    struct runs all = find_runs(h->r);
    h_raw(h, "<section id=\"reach\">\n");
    h_el(h, "h2", "%s", TR("Reach of the logs"));
    if (!all.count) {
        h_el(h, "p", "%s", TR("No log was read, so nothing can be said about any time."));
        h_raw(h, "</section>\n");
        return;
    }
    h_el(h, "p", "%s",
         TR("Windows overwrites the oldest events. A log that begins late says nothing about what "
            "came before."));
    if (all.drawn)
        add_picture(h, &all, &sign);
    add_table(h, &all);
    h_raw(h, "</section>\n");
}
