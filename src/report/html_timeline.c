// SPDX-License-Identifier: Apache-2.0
// When the findings happened: one row of bars for each level, each with its own height, since a
// thousand weak signs would hide one that matters. Widths are in per cent and the letters keep
// their size, so that the picture fits a phone.
#include "report/html.h"

enum { MAX_BINS = 60, ROW = 62, BAR = 36 };

enum unit { BY_DAY, BY_WEEK, BY_MONTH, BY_YEAR, BY_DECADE, BY_CENTURY, BY_MILLENNIUM, UNIT_COUNT };

struct bins {
    const struct report *r;
    enum unit unit;
    uint64_t first; // number of the first bin
    size_t count;
    uint64_t of[LEVEL_COUNT][MAX_BINS + 1];
    uint64_t total[LEVEL_COUNT], highest[LEVEL_COUNT];
    uint64_t implausible;
    uint64_t first_day, last_day;
};

static struct civil_time civil_of_day(uint64_t day)
{
    return time_to_civil(day * 86400 * VTIME_SECOND);
}

static uint64_t bin_of(enum unit unit, uint64_t day)
{
    static const uint64_t years[] = {
        [BY_YEAR] = 1, [BY_DECADE] = 10, [BY_CENTURY] = 100, [BY_MILLENNIUM] = 1000};
    struct civil_time c = civil_of_day(day);
    switch (unit) {
    case BY_DAY:
        return day;
    case BY_WEEK:
        return day / 7; // 1601-01-01 was a Monday
    case BY_MONTH:
        return (uint64_t)c.year * 12 + (uint64_t)c.month - 1;
    default:
        return (uint64_t)c.year / years[unit];
    }
}

static const char *bin_label(struct report *r, const struct bins *b, uint64_t bin)
{
    struct arena *a = &r->scratch;
    struct civil_time c;
    switch (b->unit) {
    case BY_DAY:
    case BY_WEEK:
        c = civil_of_day(b->unit == BY_DAY ? bin : bin * 7);
        return text_format(a, "%04d-%02d-%02d", c.year, c.month, c.day);
    case BY_MONTH:
        return text_format(a, "%04llu-%02llu", (unsigned long long)(bin / 12),
                           (unsigned long long)(bin % 12 + 1));
    case BY_YEAR:
        return text_format(a, "%llu", (unsigned long long)bin);
    case BY_DECADE:
        return text_format(a, "%llu0", (unsigned long long)bin);
    case BY_CENTURY:
        return text_format(a, "%llu00", (unsigned long long)bin);
    case BY_MILLENNIUM:
    case UNIT_COUNT:
        break;
    }
    return text_format(a, "%llu000", (unsigned long long)bin);
}

static const char *unit_name(const struct report *r, enum unit unit)
{
    switch (unit) {
    case BY_DAY:
        return TR("by day");
    case BY_WEEK:
        return TR("by week, from Monday");
    case BY_MONTH:
        return TR("by month");
    case BY_YEAR:
        return TR("by year");
    default:
        return TR("by decade or more");
    }
}

static bool see_range(void *user, uint64_t day, enum finding_level level, uint64_t count)
{
    struct bins *b = user;
    (void)level;
    if (!time_is_plausible(b->r, day * 86400 * VTIME_SECOND)) {
        b->implausible += count;
        return true;
    }
    b->first_day = b->first_day ? b->first_day : day;
    b->last_day = day;
    return true;
}

static bool see_day(void *user, uint64_t day, enum finding_level level, uint64_t count)
{
    struct bins *b = user;
    uint64_t bin = bin_of(b->unit, day);
    if (day < b->first_day || day > b->last_day || bin - b->first >= b->count)
        return true;
    uint64_t *n = &b->of[level][bin - b->first];
    *n += count;
    b->total[level] += count;
    if (*n > b->highest[level])
        b->highest[level] = *n;
    return true;
}

static bool fill(struct report *r, struct bins *b, struct err *e)
{
    *b = (struct bins){.r = r};
    if (!case_each_day(r->c, see_range, b, e))
        return false;
    if (!b->last_day)
        return true;
    while (b->unit < UNIT_COUNT - 1 &&
           bin_of(b->unit, b->last_day) - bin_of(b->unit, b->first_day) >= MAX_BINS)
        b->unit++;
    b->first = bin_of(b->unit, b->first_day);
    b->count = (size_t)(bin_of(b->unit, b->last_day) - b->first) + 1;
    if (b->count > MAX_BINS)
        b->count = MAX_BINS;
    return case_each_day(r->c, see_day, b, e);
}

static void add_level_row(struct html *h, const struct bins *b, enum finding_level level,
                          unsigned top)
{
    struct report *r = h->r;
    unsigned base = top + ROW - 6;
    buf_printf(&h->b, "<text x=\"0\" y=\"%u\" class=\"lab\">", top + 13);
    h_say(h, TR("%s: %s in all, at most %s in one bar"), level_name(r, level),
          NUMBER(b->total[level]), NUMBER(b->highest[level]));
    buf_printf(&h->b, "</text>\n<line x1=\"0\" x2=\"100%%\" y1=\"%u\" y2=\"%u\" class=\"axis\"/>\n",
               base, base);
    double width = 100.0 / (double)(b->count < 12 ? 12 : b->count);
    for (size_t i = 0; i < b->count; i++) {
        uint64_t n = b->of[level][i];
        if (!n)
            continue;
        double height = (double)BAR * (double)n / (double)b->highest[level];
        height = height < 2 ? 2 : height;
        buf_printf(
            &h->b,
            "<rect class=\"%s\" x=\"%.3f%%\" y=\"%.1f\" width=\"%.3f%%\" height=\"%.1f\"><title>",
            finding_level_name(level), width * (double)i, (double)base - height, width * 0.85,
            height);
        h_say(h, "%s: %s", bin_label(h->r, b, b->first + i), NUMBER(n));
        h_raw(h, "</title></rect>\n");
    }
}

static void add_picture(struct html *h, const struct bins *b)
{
    struct report *r = h->r;
    unsigned rows = 0, top = 0;
    for (int level = 0; level < LEVEL_COUNT; level++)
        rows += b->total[level] != 0;
    buf_printf(&h->b,
               "<figure>\n<svg role=\"img\" aria-labelledby=\"tl-t tl-d\" width=\"100%%\" "
               "height=\"%u\">\n<title id=\"tl-t\">",
               rows * ROW + 22);
    h_say(h, TR("Findings over time, %s"), unit_name(r, b->unit));
    h_raw(h, "</title>\n<desc id=\"tl-d\">");
    h_say(
        h,
        TR("One row of bars for each level, from %s to %s. The table below has the same numbers."),
        bin_label(h->r, b, b->first), bin_label(h->r, b, b->first + b->count - 1));
    h_raw(h, "</desc>\n");
    for (int level = LEVEL_COUNT - 1; level >= 0; level--)
        if (b->total[level]) {
            add_level_row(h, b, (enum finding_level)level, top);
            top += ROW;
        }
    buf_printf(&h->b, "<text x=\"0\" y=\"%u\" class=\"tick\">%s</text>\n", top + 15,
               bin_label(h->r, b, b->first));
    if (b->count >= 12) // fewer bars do not fill the width
        buf_printf(&h->b,
                   "<text x=\"100%%\" y=\"%u\" class=\"tick\" text-anchor=\"end\">%s</text>\n",
                   top + 15, bin_label(h->r, b, b->first + b->count - 1));
    h_raw(h, "</svg>\n<figcaption>");
    h_say(h, TR("Findings %s; each row has its own scale."), unit_name(r, b->unit));
    h_raw(h, " ");
    if (r->made)
        h_say(h, TR("Source: this case, as of %s."), text_date(r->lang, &h->r->scratch, r->made));
    h_raw(h, "</figcaption>\n</figure>\n");
}

static bool bin_is_empty(const struct bins *b, size_t i)
{
    for (int level = 0; level < LEVEL_COUNT; level++)
        if (b->of[level][i])
            return false;
    return true;
}

static void add_table(struct html *h, const struct bins *b)
{
    struct report *r = h->r;
    h_raw(h, "<details><summary>");
    h_str(h, TR("The same as a table"));
    h_raw(h, "</summary>\n<table class=\"stack\"><thead><tr>");
    h_el(h, "th scope=\"col\"", "%s", TR("From"));
    for (int level = LEVEL_COUNT - 1; level >= 0; level--)
        if (b->total[level])
            h_el(h, "th scope=\"col\" class=\"n\"", "%s", level_name(r, (enum finding_level)level));
    h_raw(h, "</tr></thead><tbody>\n");
    for (size_t i = 0; i < b->count; i++) {
        if (bin_is_empty(b, i))
            continue;
        h_raw(h, "<tr>");
        h_el(h, "th scope=\"row\" class=\"t\"", "%s", bin_label(h->r, b, b->first + i));
        for (int level = LEVEL_COUNT - 1; level >= 0; level--)
            if (b->total[level])
                buf_printf(&h->b, "<td class=\"n\" data-l=\"%s\">%s</td>\n",
                           level_name(r, (enum finding_level)level), NUMBER(b->of[level][i]));
        h_raw(h, "</tr>\n");
    }
    h_raw(h, "</tbody></table></details>\n");
}

bool html_timeline(struct html *h, struct err *e)
{
    struct report *r = h->r;
    struct bins *b = ARENA_NEW(&h->r->memory, struct bins);
    if (!fill(h->r, b, e))
        return false;
    h_raw(h, "<section id=\"timeline\">\n");
    h_el(h, "h2", "%s", TR("Timeline"));
    if (!b->last_day) {
        h_el(h, "p", "%s", TR("There is no finding with a time to show."));
    } else {
        add_picture(h, b);
        add_table(h, b);
    }
    if (b->implausible)
        h_el(h, "p",
             TRN("%s finding has a day before 1995 or after the audit. The clock was wrong; it is "
                 "not in the picture.",
                 "%s findings have days before 1995 or after the audit. The clock was wrong; they "
                 "are not in the picture.",
                 b->implausible),
             NUMBER(b->implausible));
    if (r->undated)
        h_el(h, "p", TRN("%s finding has no time.", "%s findings have no time.", r->undated),
             NUMBER(r->undated));
    h_raw(h, "</section>\n");
    return true;
}
