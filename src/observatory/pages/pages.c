// SPDX-License-Identifier: Apache-2.0
// The table of pages.
#include "observatory/pages/pages.h"

static const struct route routes[] = {
    {HTTP_GET, "/", language_get, 0, 0},
    {HTTP_GET, "/static/*", static_get, 0, 0},
    {HTTP_GET, "/charts/*", chart_get, ROUTE_CACHED, 0},
    {HTTP_GET, "~/", dashboard_get, ROUTE_CACHED, 0},
    {HTTP_GET, "~/incidents", list_incidents_get, ROUTE_CACHED, 0},
    {HTTP_GET, "~/conducts", list_conducts_get, ROUTE_CACHED, 0},
    {HTTP_GET, "~/places", list_places_get, ROUTE_CACHED, 0},
    {HTTP_GET, "~/advisories", list_advisories_get, ROUTE_CACHED, 0},
    {HTTP_GET, "~/candidates", list_candidates_get, ROUTE_CACHED, 0},
    {HTTP_GET, "~/incidents/*", record_get, ROUTE_CACHED, 0},
    {HTTP_GET, "~/conducts/*", record_get, ROUTE_CACHED, 0},
    {HTTP_GET, "~/places/*", record_get, ROUTE_CACHED, 0},
    {HTTP_GET, "~/advisories/*", record_get, ROUTE_CACHED, 0},
    {HTTP_GET, "~/incidents/*/history", record_history_get, ROUTE_CACHED, 0},
    {HTTP_GET, "~/conducts/*/history", record_history_get, ROUTE_CACHED, 0},
    {HTTP_GET, "~/places/*/history", record_history_get, ROUTE_CACHED, 0},
    {HTTP_GET, "~/advisories/*/history", record_history_get, ROUTE_CACHED, 0},
    {HTTP_GET, "~/incidents/*/revisions/*", record_revision_get, ROUTE_CACHED, 0},
    {HTTP_GET, "~/conducts/*/revisions/*", record_revision_get, ROUTE_CACHED, 0},
    {HTTP_GET, "~/places/*/revisions/*", record_revision_get, ROUTE_CACHED, 0},
    {HTTP_GET, "~/advisories/*/revisions/*", record_revision_get, ROUTE_CACHED, 0},
    {HTTP_GET, "~/codebook", codebook_get, ROUTE_CACHED, 0},
    {HTTP_GET, "~/method", method_get, ROUTE_CACHED, 0},
    {HTTP_GET, "~/corrections", corrections_get, ROUTE_CACHED, 0},
    {HTTP_GET, "~/trends", trends_get, ROUTE_CACHED, 0},
    {HTTP_GET, "~/data", data_get, ROUTE_CACHED, 0},
    {HTTP_GET, "~/releases", releases_get, ROUTE_CACHED, 0},
    {HTTP_GET, "~/releases/*", release_page_get, ROUTE_CACHED, 0},
    {HTTP_GET, "/releases/*/*", release_file_get, ROUTE_STREAM, 0},
    {HTTP_GET, "~/about", about_get, ROUTE_CACHED, 0},
    {HTTP_GET, "~/demo", demo_get, ROUTE_CACHED, 0},
    {HTTP_GET, "~/embed/*", embed_get, ROUTE_CACHED, 0},
};

const struct route *pages_routes(size_t *count)
{
    *count = sizeof routes / sizeof *routes;
    return routes;
}
