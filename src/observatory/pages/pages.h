// SPDX-License-Identifier: Apache-2.0
// Everything that readers see.
#ifndef VIGIE_OBSERVATORY_PAGES_PAGES_H
#define VIGIE_OBSERVATORY_PAGES_PAGES_H

#include "observatory/http/http.h"

const struct route *pages_routes(size_t *count);

// One handler a page.
http_handler dashboard_get;
http_handler list_incidents_get, list_conducts_get, list_places_get, list_advisories_get;
http_handler list_candidates_get;
http_handler record_get, record_history_get, record_revision_get, record_cite_get;
http_handler codebook_get, method_get, corrections_get, trends_get, data_get, about_get;
http_handler releases_get, release_page_get, release_file_get, demo_get;
http_handler chart_get, embed_get, static_get, language_get;

// "en" or "fr", the one that an Accept-Language header prefers; NULL when it names neither.
const char *language_preferred(struct slice accept);

#endif
