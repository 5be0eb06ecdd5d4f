// SPDX-License-Identifier: Apache-2.0
// Any bytes as a file of evidence: archives in archives, damaged, hostile. What every walk must
// keep is asserted.
#include "base/utf.h"
#include "evidence/evidence.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct evidence_limits limits = {
    .max_archive_depth = 3,
    .max_member_bytes = 2 << 20,
    .max_archive_bytes = 8 << 20,
    .max_ratio = 1100,
    .max_nested_bytes = 64 << 10, // small, so that second readers are tried
    .max_items = 500,
    .max_folder_depth = 8,
};

static void check(bool holds)
{
    if (!holds)
        abort();
}

// Every other item is left half read, so that skipping is tried.
static void read_item(struct evidence_walk *w, const struct evidence_item *item, uint64_t number)
{
    uint8_t buffer[5000];
    uint64_t sum = 0;
    size_t got = 1;
    struct err e = {0};
    bool ok = true;
    while (got && (number % 2 == 0 || sum < 3000)) {
        ok = evidence_walk_read(w, buffer, sizeof buffer, &got, &e);
        if (!ok)
            break;
        check(got <= sizeof buffer);
        sum += got;
    }
    check(ok || (e.code != ERR_NONE && e.message[0]));
    check(item->kind != EVIDENCE_EMPTY || sum == 0);
    check(sum <= limits.max_member_bytes || sum == item->size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct evidence_walk *w =
        evidence_walk_create_memory(SLICE("in.gz"), slice_of(data, size), &limits);
    struct evidence_item item;
    uint64_t items = 0;
    while (evidence_walk_next(w, &item)) {
        items++;
        check(item.path.len > 0 && utf8_valid(item.path) && utf8_valid(item.reason) &&
              item.kind_text);
        check(item.reason.len ||
              (item.kind != EVIDENCE_UNREADABLE && item.kind != EVIDENCE_SKIPPED));
        if (item.kind != EVIDENCE_UNREADABLE && item.kind != EVIDENCE_SKIPPED)
            read_item(w, &item, items);
        check(evidence_walk_consumed(w) <= size);
    }
    check(items >= 1 && items <= limits.max_items + 4);
    check(evidence_walk_consumed(w) == size);
    evidence_walk_destroy(w);
    return 0;
}
