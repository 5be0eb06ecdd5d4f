// SPDX-License-Identifier: Apache-2.0
// What a reader asked for, as it stands in the address:
// ?q=words&type=espionage&origin=CN&since=2015 &until=2020-06&sort=oldest&page=2&as_of=2025-12-31.
// Lists, charts, downloads and feeds read and write it by these functions, so that each view of one
// can be had as another.
#ifndef VIGIE_OBSERVATORY_PAGES_VIEW_H
#define VIGIE_OBSERVATORY_PAGES_VIEW_H

#include "observatory/http/http.h"

enum { VIEW_PAGE = 50, VIEW_MAX_PAGE = 20000, VIEW_MAX_FILTERS = 48 };

// Something that a kind of record can be filtered by.
struct filter {
    const char *name;  // in the address
    const char *label; // English
    const struct schema_field *field;
    const struct schema_group *group; // of which the field is; NULL for what is derived
};
// "Type"; of a field in a group "Target: Country". Memory: arena.
const char *view_filter_label(struct request *rq, const struct filter *f);
// Fills out; returns how many.
size_t view_filters(const struct schema_kind *kind, struct filter out[VIEW_MAX_FILTERS]);
const struct filter *view_filter_find(const struct filter *filters, size_t count, const char *name);

struct view {
    const struct schema_kind *kind;
    struct query q;
    struct slice as_of;        // YYYY-MM-DD as asked, or empty
    struct slice since, until; // as asked
    const char *wrong;         // what could not be understood, translated; NULL: nothing
    size_t page;               // from 1
};

// Reads the request's parameters. What cannot be understood is left out and told in wrong. Unknown
// names are ignored.
void view_read(struct request *rq, const char *kind, struct view *v);

enum { // parts to leave out
    VIEW_NO_SORT = 1,
    VIEW_NO_PAGE = 2,
    VIEW_NO_AS_OF = 4,
    VIEW_NO_WORDS = 8,
    VIEW_NO_SINCE = 16,
    VIEW_NO_UNTIL = 32,
    VIEW_NO_FILTERS = 64,
};
// Appends "?type=…&…", or nothing when nothing is asked for. Raw: goes through page_html's holes
// into attributes. without: index of a filter to leave out, or -1.
void view_query(struct buf *out, const struct view *v, unsigned omit, int without);
// The same as a slice in the arena, after a path.
struct slice view_address(struct request *rq, const struct view *v, struct slice path,
                          unsigned omit, int without);
const char *view_sort_name(enum query_sort sort);

// The end of a day in UTC, or now when it has not ended; false when the text is no date.
bool view_as_of(struct slice day, vtime *out);

#endif
