// SPDX-License-Identifier: Apache-2.0
// Pictures of counts as SVG: bars from zero, the number on each mark, title and description for
// those who do not see it. A chart takes 440 units' width, so that its words can still be read on a
// phone; colours are Okabe and Ito's. The same drawing serves pages (whose style sheet recolours
// words for dark screens) and files of its own.
#ifndef VIGIE_OBSERVATORY_PAGES_CHART_H
#define VIGIE_OBSERVATORY_PAGES_CHART_H

#include "base/buf.h"
#include "report/texts.h"

struct chart_datum {
    struct slice label; // for people
    const char *lang;   // of the label, where it is another than the chart's; else NULL
    struct slice code;  // as stored: a year, a country's code
    uint64_t value;
    uint64_t part;       // of value, drawn darker (columns); 0: none
    int32_t first, last; // days since 1970 (timeline)
};

enum chart_form { CHART_COLUMNS, CHART_BARS, CHART_MAP, CHART_TIMELINE };

struct chart {
    const char *id; // unique in the page, [a-z-]: for title and description
    enum chart_form form;
    const char *title, *description; // translated
    const char *colour;              // "#0072B2"
    const struct chart_datum *data;
    size_t count;
    const struct language *lang;
    struct arena *arena;
    bool own_file;    // with a background, and the land inside
    const char *land; // address of the base map, unless own_file
};

enum { // what a picture shows at the most; the table beside it has all
    CHART_MAX_COLUMNS = 60,
    CHART_MAX_BARS = 12,
    CHART_MAX_LINES = 40,
};

// Data without any value give a picture that says so.
void chart_write(struct buf *out, const struct chart *c);

#endif
