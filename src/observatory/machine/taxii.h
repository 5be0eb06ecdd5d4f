// SPDX-License-Identifier: Apache-2.0
// The TAXII 2.1 server (OASIS Standard, 10 June 2021). Sections named in this folder are its.
#ifndef VIGIE_OBSERVATORY_MACHINE_TAXII_H
#define VIGIE_OBSERVATORY_MACHINE_TAXII_H

#include "observatory/machine/machine.h"
#include "observatory/store/taxii.h"

#define TAXII_TYPE "application/taxii+json;version=2.1"
#define STIX_TYPE  "application/stix+json;version=2.1"

enum {
    TAXII_PAGE = 100,      // objects of a page when the client does not say
    TAXII_MAX_PAGE = 1000, // … and when it asks for more than this
    TAXII_MAX_SENT = 1000, // objects of one envelope sent to us
    TAXII_MAX_VALUE = 256, // bytes of one value of a filter
};

enum taxii_root { TAXII_PUBLIC, TAXII_PARTNERS, TAXII_ROOTS };

struct taxii_collection {
    int number; // in the store
    enum taxii_root root;
    const char *id;    // UUID
    const char *alias; // may stand in its place
    const char *title, *description;
    bool is_private; // needs a token, whose rights say what may be done
};
const struct taxii_collection *taxii_collections(size_t *count);
const char *taxii_root_name(enum taxii_root root);
// By path segments: NULL when there is none.
const struct taxii_collection *taxii_collection_find(struct slice root, struct slice id);

const struct route *taxii_routes(size_t *count);

// taxii_filter.c: section 3.4 and 3.5. False: e says which parameter is wrong.
[[nodiscard]] bool taxii_filter_parse(const struct http_pair *params, size_t count,
                                      struct taxii_query *q, struct err *e);
// 2026-11-22T06:00:00.123456Z in microseconds since 1970.
[[nodiscard]] bool taxii_time_parse(struct slice s, int64_t *out);
struct slice taxii_time(struct arena *a, int64_t microseconds);
// Section 1.6.2: whether an Accept header admits what we send.
bool taxii_acceptable(struct slice accept);
bool taxii_content_type(struct slice type); // of what is sent to us

// taxii_auth.c. True: rights (bits TAXII_MAY_…) of whoever asks, for private collections; 0 without
// token. token->id is 0 then. False: the answer was given (401, 503).
bool taxii_authenticate(struct request *rq, struct response *rs, struct taxii_token *token);
void taxii_ask_for_token(struct request *rq, struct response *rs);

// taxii_send.c: objects sent to us. The status resource (section 4.3) is the answer.
void taxii_receive(struct request *rq, struct response *rs, const struct taxii_collection *c,
                   const struct taxii_token *token);

#endif
