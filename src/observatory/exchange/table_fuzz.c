// SPDX-License-Identifier: Apache-2.0
// Tables of other registries: rows, lists in cells, dates, addresses.
#include "observatory/exchange/csv.h"
#include "observatory/exchange/import_terms.h"
#include "observatory/exchange/pylist.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_cell(struct arena *a, struct record *r, struct slice cell)
{
    struct slice *texts, part;
    size_t n = pylist_read(cell, a, &texts);
    for (size_t i = 0; i < n && r->items.count < 64; i++)
        import_sources(r, texts[i]);
    for (struct slice rest = cell; import_part(&rest, ";", &part);)
        if (r->items.count < 64)
            import_country(r, record_main(r), "origin", part, (struct slice){0});
    import_date(a, cell, false);
    import_date(a, cell, true);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 1 << 16)
        return 0;
    uint8_t *copy = malloc(size ? size : 1); // exactly as long, so that reading past it shows
    if (!copy)
        return 0;
    if (size)
        memcpy(copy, data, size);
    struct arena names, row;
    arena_init(&names, 0);
    arena_init(&row, 0);
    struct csv c;
    struct err e;
    struct record r;
    record_init(&r, schema_kind_find(SLICE("incident")), &names);
    if (csv_open(&c, slice_of(copy, size), &names, &row, &e)) {
        enum csv_result got;
        for (int n = 0; n < 64 && (got = csv_next(&c, &e)) != CSV_END; n++)
            for (size_t i = 0; got == CSV_ROW && i < c.cell_count && i < 16; i++)
                read_cell(&names, &r, c.cells[i]);
    }
    record_free(&r);
    arena_free(&names);
    arena_free(&row);
    free(copy);
    return 0;
}
