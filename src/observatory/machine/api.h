// SPDX-License-Identifier: Apache-2.0
// The JSON API: its endpoints stand once, in a table; routes, the OpenAPI description and the page
// that explains it are made from that.
#ifndef VIGIE_OBSERVATORY_MACHINE_API_H
#define VIGIE_OBSERVATORY_MACHINE_API_H

#include "observatory/machine/parts.h"

enum api_takes {     // groups of parameters
    API_FILTERS = 1, // those of the kind's list
    API_PAGES = 2,
    API_AS_OF = 4,
    API_ORIGINALS = 8,
    API_FIELDS = 16, // by, by2
};

struct api_endpoint {
    const char *pattern; // of the route
    const char *after;   // what follows /api/v1/KIND, with names for the parts; NULL: not of a kind
    const char *path;    // whole path of those; NULL for those of a kind
    const char *id;      // operationId; of a kind: with the kind before it
    const char *summary; // English, translated by text()
    const char *schema;  // of the answer, in openapi.c
    unsigned takes;
    http_handler *handler;
};
const struct api_endpoint *api_endpoints(size_t *count);

http_handler api_openapi_get, api_page_get, api_codebook_get;

#endif
