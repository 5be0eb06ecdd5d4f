// SPDX-License-Identifier: Apache-2.0
// What the answers for machines share.
#ifndef VIGIE_OBSERVATORY_MACHINE_PARTS_H
#define VIGIE_OBSERVATORY_MACHINE_PARTS_H

#include "observatory/exchange/export.h"
#include "observatory/machine/machine.h"
#include "observatory/pages/view.h"

// "incidents" for "incident", as in addresses; NULL when there is none.
const char *machine_plural(const char *kind);
const char *machine_kind(struct slice plural);

struct export_options machine_options(const struct request *rq);

// The list's filters; false when one was not understood: the answer (400) was given.
bool machine_view(struct request *rq, struct response *rs, const char *kind, struct view *v);
// base_url + path + the view's query, with another page; into the arena.
struct slice machine_page_address(struct request *rq, const struct view *v, const char *path,
                                  size_t page);

// ,"name":"value" with the comma unless an object or a list was just opened.
void json_text(struct buf *b, const char *name, struct slice value);
void json_number(struct buf *b, const char *name, uint64_t n);
void json_time(struct buf *b, const char *name, vtime t); // RFC 3339, seconds
void json_key(struct buf *b, const char *name);

http_handler machine_misp_get, machine_misp_index;

const struct route *data_routes(size_t *count);
const struct route *feeds_routes(size_t *count);
const struct route *api_routes(size_t *count);
const struct route *sites_routes(size_t *count);

#endif
