// SPDX-License-Identifier: Apache-2.0
#include "observatory/pages/chart.h"

#include "observatory/model/record.h"
#include "observatory/pages/map.h"
#include "observatory/pages/parts.h"

#include <math.h>

static const char INK[] = "#1c1f24", QUIET[] = "#565d68", RULE[] = "#9aa1ab";
enum { WIDTH = 440, MARGIN = 4 };

static void begin(struct buf *out, const struct chart *c, int width, int height)
{
    buf_printf(out,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" role=\"img\" "
               "viewBox=\"0 0 %d %d\" font-family=\"system-ui, sans-serif\" font-size=\"13\" ",
               width, height);
    if (c->own_file)
        buf_printf(out, "width=\"%d\" height=\"%d\" ", width * 2, height * 2);
    html_put(out,
             "aria-labelledby=\"{}-title {}-desc\"><title id=\"{}-title\">{}</title>"
             "<desc id=\"{}-desc\">{}</desc>",
             str(c->id), str(c->id), str(c->id), str(c->title), str(c->id), str(c->description));
    if (c->own_file)
        buf_printf(out, "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>", width, height);
}

static void write_words(struct buf *out, double x, double y, const char *class, const char *anchor,
                        struct slice words)
{
    const char *colour = strcmp(class, "quiet") == 0 ? QUIET : INK;
    buf_printf(out, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" fill=\"%s\" text-anchor=\"%s\">",
               class, x, y, colour, anchor);
    buf_xml(out, words);
    buf_str(out, "</text>");
}

static struct slice number(const struct chart *c, uint64_t n)
{
    return str(text_number(c->lang, c->arena, n));
}

static uint64_t largest(const struct chart *c)
{
    uint64_t most = 0;
    for (size_t i = 0; i < c->count; i++)
        if (c->data[i].value > most)
            most = c->data[i].value;
    return most;
}

// The first characters of a text, with an ellipsis when it is longer.
static struct slice shorten(struct arena *a, struct slice s, size_t characters)
{
    size_t at = 0, count = 0;
    while (at < s.len && count < characters) {
        at++;
        while (at < s.len && (s.at[at] & 0xc0) == 0x80)
            at++;
        count++;
    }
    if (at >= s.len)
        return s;
    return arena_printf(a, "%.*s…", SLICE_FMT(slice_sub(s, 0, at)));
}

static void write_nothing(struct buf *out, const struct chart *c)
{
    begin(out, c, WIDTH, 60);
    write_words(out, WIDTH / 2.0, 36, "quiet", "middle",
                str(text(c->lang, TEXT("Nothing to show"))));
    buf_str(out, "</svg>");
}

static void write_rect(struct buf *out, double x, double y, double w, double h, const char *colour)
{
    buf_printf(out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>", x,
               y, w, h, colour);
}

// Numbers over columns shrink so that they do not run into each other; under 8 they are left out.
static void write_over(struct buf *out, const struct chart *c, double x, double y, double step,
                       uint64_t value)
{
    struct slice digits = number(c, value);
    double size = fmin(13, step * 0.95 / (0.62 * (double)digits.len));
    if (size < 8)
        return;
    buf_printf(out,
               "<text class=\"value\" x=\"%.1f\" y=\"%.1f\" fill=\"%s\" text-anchor=\"middle\" "
               "font-size=\"%.1f\">",
               x, y, INK, size);
    buf_xml(out, digits);
    buf_str(out, "</text>");
}

// --- columns: a number a year -------------------------------------------------------------------
static void write_columns(struct buf *out, const struct chart *c)
{
    enum { HEIGHT = 200, BASE = 176, TOP = 22 };
    size_t from = c->count > CHART_MAX_COLUMNS ? c->count - CHART_MAX_COLUMNS : 0;
    double step = (double)(WIDTH - 2 * MARGIN) / (double)(c->count - from);
    double per_unit = (BASE - TOP) / (double)largest(c);
    size_t every = (size_t)ceil(36 / step);
    begin(out, c, WIDTH, HEIGHT);
    for (size_t i = from; i < c->count; i++) {
        const struct chart_datum *d = &c->data[i];
        double x = MARGIN + (double)(i - from) * step, middle = x + step / 2;
        double high = (double)d->value * per_unit, part = (double)d->part * per_unit;
        double wide = step * 0.8 > 40 ? 40 : step * 0.8;
        write_rect(out, middle - wide / 2, BASE - high, wide, high, c->colour);
        if (d->part)
            write_rect(out, middle - wide / 2, BASE - part, wide, part, "#0072B2");
        if (d->value)
            write_over(out, c, middle, BASE - high - 4, step, d->value);
        if ((c->count - 1 - i) % every == 0)
            write_words(out, middle, BASE + 17, "quiet", "middle", d->label);
    }
    buf_printf(out, "<path d=\"M%d %dH%d\" stroke=\"%s\"/></svg>", MARGIN, BASE, WIDTH - MARGIN,
               RULE);
}

// --- bars: a number a term, its words above it --------------------------------------------------
static void write_bars(struct buf *out, const struct chart *c)
{
    enum { ROW = 37, ROOM = 64 }; // units; ROOM for the number after the longest bar
    size_t shown = c->count > CHART_MAX_BARS ? CHART_MAX_BARS : c->count;
    double per_unit = (WIDTH - 2 * MARGIN - ROOM) / (double)largest(c);
    begin(out, c, WIDTH, (int)shown * ROW + 6);
    for (size_t i = 0; i < shown; i++) {
        const struct chart_datum *d = &c->data[i];
        double y = (double)i * ROW, wide = (double)d->value * per_unit;
        write_words(out, MARGIN, y + 15, "name", "start", shorten(c->arena, d->label, 56));
        write_rect(out, MARGIN, y + 20, wide, 12, c->colour);
        write_words(out, MARGIN + wide + 6, y + 31, "value", "start", number(c, d->value));
    }
    buf_str(out, "</svg>");
}

// --- map: a circle a country, its area in proportion --------------------------------------------
struct circle {
    double x, y, r;
    const struct chart_datum *datum;
};

struct box {
    double left, top, right, bottom;
};

enum { MAX_CIRCLES = 300, MAX_NAMED = 8 };

struct map {
    struct circle circles[MAX_CIRCLES];
    size_t circle_count;
    struct box names[MAX_NAMED];
    size_t name_count;
};

static void place_circles(struct map *m, const struct chart *c)
{
    enum { LARGEST = 30, SMALLEST = 3 };
    double per_root = LARGEST / sqrt((double)largest(c));
    for (size_t i = 0; i < c->count && m->circle_count < MAX_CIRCLES; i++) {
        const struct chart_datum *d = &c->data[i];
        double latitude, longitude;
        if (!d->value || !country_place(d->code, &latitude, &longitude))
            continue;
        struct circle *o = &m->circles[m->circle_count++];
        *o = (struct circle){.r = fmax(SMALLEST, sqrt((double)d->value) * per_root), .datum = d};
        map_project(latitude, longitude, &o->x, &o->y);
    }
}

static void write_circle(struct buf *out, const struct chart *c, const struct circle *o)
{
    buf_printf(out,
               "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" fill=\"%s\" fill-opacity=\".8\" "
               "stroke=\"#fff\"/>",
               o->x, o->y, o->r, c->colour);
    if (o->r < 9)
        return;
    buf_printf(out,
               "<text class=\"inside\" x=\"%.1f\" y=\"%.1f\" fill=\"#000\" "
               "text-anchor=\"middle\">",
               o->x, o->y + 4.5);
    buf_xml(out, number(c, o->datum->value));
    buf_str(out, "</text>");
}

static bool is_free(const struct map *m, struct box b, const struct circle *own)
{
    if (b.left < 0 || b.right > MAP_WIDTH || b.top < 0 || b.bottom > MAP_HEIGHT)
        return false;
    for (size_t i = 0; i < m->name_count; i++)
        if (b.left < m->names[i].right && b.right > m->names[i].left &&
            b.top < m->names[i].bottom && b.bottom > m->names[i].top)
            return false;
    for (size_t i = 0; i < m->circle_count; i++) {
        const struct circle *o = &m->circles[i];
        if (o != own && b.left < o->x + o->r && b.right > o->x - o->r && b.top < o->y + o->r &&
            b.bottom > o->y - o->r)
            return false;
    }
    return true;
}

// The country's name beside its circle, on the first side that is free; else it is left to the
// table.
static void write_name(struct buf *out, struct map *m, const struct circle *o)
{
    enum { HIGH = 14 };
    double wide = 7.2 * (double)o->datum->label.len, x = o->x, y = o->y, r = o->r + 3;
    const struct box sides[] = {
        {x + r, y - HIGH / 2.0, x + r + wide, y + HIGH / 2.0},
        {x - r - wide, y - HIGH / 2.0, x - r, y + HIGH / 2.0},
        {x - wide / 2, y - r - HIGH, x + wide / 2, y - r},
        {x - wide / 2, y + r, x + wide / 2, y + r + HIGH},
    };
    static const char *const anchors[] = {"start", "end", "middle", "middle"};
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
        if (!is_free(m, sides[i], o))
            continue;
        m->names[m->name_count++] = sides[i];
        double at = i == 0 ? sides[i].left : i == 1 ? sides[i].right : x;
        write_words(out, at, sides[i].bottom - 3, "named", anchors[i], o->datum->label);
        return;
    }
}

static void write_land(struct buf *out, const struct chart *c)
{
    if (!c->own_file) {
        html_put(out, "<image href=\"{}\" width=\"800\" height=\"348\"/>", str(c->land));
        return;
    }
    for (size_t i = 0; i < static_files_count; i++)
        if (strcmp(static_files[i].name, "land.svg") == 0)
            buf_add(out, slice_of(static_files[i].at, static_files[i].len));
}

static void write_map(struct buf *out, const struct chart *c)
{
    struct map *m = ARENA_NEW(c->arena, struct map);
    place_circles(m, c);
    begin(out, c, MAP_WIDTH, MAP_HEIGHT);
    write_land(out, c);
    for (size_t i = 0; i < m->circle_count; i++)
        write_circle(out, c, &m->circles[i]);
    for (size_t i = 0; i < m->circle_count && i < MAX_NAMED; i++)
        write_name(out, m, &m->circles[i]);
    buf_str(out, "</svg>");
}

// --- timeline: from the first day to the last, a line a record ----------------------------------
struct span {
    int64_t first, last;
};

static struct span whole_span(const struct chart *c, size_t shown)
{
    struct span s = {INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < shown; i++) {
        if (c->data[i].first < s.first)
            s.first = c->data[i].first;
        if (c->data[i].last > s.last)
            s.last = c->data[i].last;
    }
    if (s.last - s.first < 30)
        s.last = s.first + 30;
    return s;
}

static double place_day(struct span s, int64_t day)
{
    return 8 + (double)(day - s.first) / (double)(s.last - s.first) * (WIDTH - 16);
}

// A rule and a number for as many 1 Januaries as there is room for.
static void write_years(struct buf *out, struct span s, int height)
{
    int first = 1970 + (int)floor((double)s.first / 365.2425);
    int last = 1970 + (int)floor((double)s.last / 365.2425), every = 1 + (last - first) / 8;
    for (int year = first + every; year <= last; year += every) {
        double x = place_day(s, (int64_t)floor((year - 1970) * 365.2425));
        buf_printf(out, "<path d=\"M%.1f 18V%d\" stroke=\"%s\" stroke-opacity=\".5\"/>", x, height,
                   RULE);
        char words[16];
        int len = snprintf(words, sizeof words, "%d", year);
        write_words(out, x, 12, "quiet", "middle", slice_of(words, (size_t)len));
    }
}

static void write_timeline(struct buf *out, const struct chart *c)
{
    enum { ROW = 34, TOP = 22 };
    size_t shown = c->count > CHART_MAX_LINES ? CHART_MAX_LINES : c->count;
    struct span s = whole_span(c, shown);
    int height = TOP + (int)shown * ROW + 4;
    begin(out, c, WIDTH, height);
    write_years(out, s, height);
    for (size_t i = 0; i < shown; i++) {
        const struct chart_datum *d = &c->data[i];
        double y = TOP + (double)i * ROW, from = place_day(s, d->first), to = place_day(s, d->last);
        html_put(out, "<g lang=\"{}\">", str(d->lang ? d->lang : c->lang->code));
        write_words(out, MARGIN, y + 15, "halo name", "start", shorten(c->arena, d->label, 54));
        buf_str(out, "</g>");
        buf_printf(out, "<path d=\"M%.1f %.1fH%.1f\" stroke=\"%s\" stroke-width=\"3\"/>", from,
                   y + 24, fmax(to, from + 1), c->colour);
        buf_printf(out,
                   "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"%s\"/>"
                   "<path d=\"M%.1f %.1fl4.5 4.5l-4.5 4.5l-4.5 -4.5z\" fill=\"#D55E00\"/>",
                   from, y + 24, c->colour, to, y + 19.5);
    }
    buf_str(out, "</svg>");
}

void chart_write(struct buf *out, const struct chart *c)
{
    if (!c->count || (c->form != CHART_TIMELINE && !largest(c))) {
        write_nothing(out, c);
        return;
    }
    switch (c->form) {
    case CHART_COLUMNS:
        write_columns(out, c);
        break;
    case CHART_BARS:
        write_bars(out, c);
        break;
    case CHART_MAP:
        write_map(out, c);
        break;
    case CHART_TIMELINE:
        write_timeline(out, c);
        break;
    }
}
