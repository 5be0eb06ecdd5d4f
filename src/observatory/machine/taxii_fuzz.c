// SPDX-License-Identifier: Apache-2.0
// A TAXII client's filters: the input is a query, or (first byte 'A') an Accept header, or ('T') a
// timestamp.
#include "observatory/http/parse.h"
#include "observatory/machine/taxii.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void check_time(struct arena *a, struct slice s)
{
    int64_t t, again;
    if (!taxii_time_parse(s, &t))
        return;
    require(t >= 0);
    require(taxii_time_parse(taxii_time(a, t), &again) && again == t);
}

static void check_query(struct arena *a, struct slice s)
{
    const struct http_pair *p;
    size_t n;
    struct taxii_query *q = ARENA_NEW(a, struct taxii_query);
    if (!http_parse_pairs(a, s, HTTP_MAX_PAIRS, &p, &n, NULL) || !taxii_filter_parse(p, n, q, NULL))
        return;
    require(q->limit >= 1 && q->limit <= TAXII_MAX_PAGE && q->after >= 0);
    require(q->id.count <= TAXII_MAX_MATCHES && q->type.count <= TAXII_MAX_MATCHES);
    require(q->version_count <= TAXII_MAX_MATCHES);
    for (size_t i = 0; i < q->id.count; i++)
        require(q->id.list[i].len && q->id.list[i].len <= TAXII_MAX_VALUE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy || !size) {
        free(copy);
        return 0;
    }
    memcpy(copy, data, size);
    arena_init(&a, 0);
    struct slice rest = slice_of(copy + 1, size - 1);
    if (copy[0] == 'A') {
        (void)taxii_acceptable(rest);
        (void)taxii_content_type(rest);
    } else if (copy[0] == 'T') {
        check_time(&a, rest);
    } else {
        check_query(&a, slice_of(copy, size));
    }
    arena_free(&a);
    free(copy);
    return 0;
}
