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
// Counted by query, as of v->q.as_of and under v's filters. Memory: the request's arena.
[[nodiscard]] bool figure_load(struct request *rq, const struct figure *f, const struct view *v,
                               struct figure_data *out, struct err *e);
void figure_svg(struct request *rq, struct buf *out, const struct figure_data *d, bool own_file);
// Heading, finding, warning, picture, table, note, source and day. alone: its heading is the
// page's.
void figure_write(struct request *rq, struct response *rs, const struct figure_data *d,
                  const struct view *v, bool alone);
// "As of 22 November 2026. Source: …" and what is covered.
void figure_source(struct request *rq, struct response *rs, const struct view *v);

#endif
