// SPDX-License-Identifier: Apache-2.0
// The counts that the pages show as pictures, each with its table. One row of a table a figure: the
// dashboard, the pages for other sites and the files are made from it.
#ifndef VIGIE_OBSERVATORY_PAGES_FIGURES_H
#define VIGIE_OBSERVATORY_PAGES_FIGURES_H

#include "observatory/pages/chart.h"
#include "observatory/pages/view.h"

struct figure {
    const char *name;  // in the address
    const char *title; // English, as all here
    enum chart_form form;
    const char *filter; // what is counted; NULL: a timeline
    const char *colour;
    bool origin;      // the warning on origins stands with it
    const char *note; // how it is counted
};
const struct figure *figures_all(size_t *count);
const struct figure *figure_find(struct slice name);

struct figure_data {
    const struct figure *figure;
    struct chart_datum *data;
    struct slice *ids; // of the timeline's records; else NULL
    size_t count;
    uint64_t total; // records counted, each once
    bool parts;     // espionage is drawn apart
};
// What was counted for one view, so that a page with several figures asks for each count once.
struct counts {
    const struct view *view;
    struct {
        const char *field, *field2;
        struct tally *tallies;
        size_t count;
    } known[16];
    size_t known_count;
    uint64_t total; // records under the view's filters
    bool has_total;
};
[[nodiscard]] bool counts_total(struct request *rq, struct counts *c, struct err *e);
// As store_tally; field and field2 (or NULL) are literals.
[[nodiscard]] bool counts_tally(struct request *rq, struct counts *c, const char *field,
                                const char *field2, struct tally **out, size_t *count,
                                struct err *e);

// Counted by query, as of the view's day and under its filters. Memory: the request's arena.
[[nodiscard]] bool figure_load(struct request *rq, const struct figure *f, struct counts *c,
                               struct figure_data *out, struct err *e);
void figure_svg(struct request *rq, struct buf *out, const struct figure_data *d, bool own_file);
// Heading, finding, warning, picture, table, note, source and day. alone: its heading is the
// page's.
void figure_write(struct request *rq, struct response *rs, const struct figure_data *d,
                  const struct view *v, bool alone);
// "As of 22 November 2026. Source: …" and what is covered.
void figure_source(struct request *rq, struct response *rs, const struct view *v);

#endif
