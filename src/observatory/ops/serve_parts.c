// SPDX-License-Identifier: Apache-2.0
#include "observatory/ops/serve.h"

#include <assert.h>

#include "observatory/http/response.h"
#include "observatory/machine/parts.h"
#include "observatory/machine/taxii.h"
#include "observatory/pages/page.h"
#include "observatory/pages/pages.h"
#include "observatory/team/team.h"

size_t serve_routes(struct route_table out[SERVE_MAX_TABLES])
{
    static const struct route *(*const parts[])(size_t *) = {
        pages_routes, team_routes,  data_routes,  feeds_routes,
        api_routes,   sites_routes, taxii_routes, ops_routes,
    };
    static_assert(sizeof parts / sizeof *parts <= SERVE_MAX_TABLES, "raise SERVE_MAX_TABLES");
    size_t n = 0;
    for (; n < sizeof parts / sizeof *parts; n++)
        out[n].routes = parts[n](&out[n].count);
    return n;
}

void serve_error_page(struct request *rq, struct response *rs, int status, const char *message)
{
    rs->status = status;
    const char *title = text(rq->lang, status_words(status));
    page_begin(rq, rs, &(struct page_options){.title = title});
    page_raw(rs, "<h1>");
    page_tr(rs, title);
    page_raw(rs, "</h1>\n<p>");
    page_tr(rs, text(rq->lang, message));
    page_raw(rs, "</p>\n");
    page_end(rq, rs);
}
