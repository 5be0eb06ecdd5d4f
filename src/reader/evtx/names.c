// SPDX-License-Identifier: Apache-2.0
// Names of elements and attributes, each one thing for all chunks.
//
// BinXML points at a name by its offset in the chunk, and some twenty names are pointed at again
// and again. Where a name stood once in a chunk is remembered; only the first time is it looked for
// by its text. What is asked afterwards is whether two names are the same one.
#include "reader/evtx/internal.h"
#include "reader/evtx/tokens.h"

static bool is_ascii(struct slice utf16, const char *text)
{
    size_t units = strlen(text);
    bool same = utf16.len == 2 * units;
    for (size_t i = 0; same && i < units; i++)
        same = le16(utf16.at + 2 * i) == (uint8_t)text[i];
    return same;
}

const struct name *name_intern(struct evtx_reader *r, struct slice utf16)
{
    if (utf16.len > MAX_NAME)
        return NULL;
    struct name *n = map_get(&r->names, utf16);
    if (n)
        return n;
    n = ARENA_NEW(&r->cache, struct name);
    *n = (struct name){
        .utf16 = arena_copy(&r->cache, utf16),
        .id = (uint32_t)r->names.count,
        .is_data = is_ascii(utf16, "Data"),
        .is_name = is_ascii(utf16, "Name"),
    };
    *map_put(&r->names, n->utf16, NULL) = n;
    r->cache_bytes += sizeof *n + utf16.len + 2 * sizeof(struct map_entry);
    return n;
}

// The chunk gives a hash of 16 bits with each name, which may be wrong but is nearly always right.
static const struct name *find(struct evtx_reader *r, uint16_t hash, struct slice utf16)
{
    const struct name **memo = &r->name_memo[hash % NAME_SLOTS];
    if (!*memo || !slice_equal((*memo)->utf16, utf16))
        *memo = name_intern(r, utf16);
    return *memo;
}

const struct name *name_load(struct evtx_reader *r, struct chunk_name *place, uint32_t offset)
{
    const struct name *n = NULL;
    if (offset <= r->chunk.len && r->chunk.len - offset >= NAME_HEADER_SIZE) {
        size_t bytes = (size_t)le16(r->chunk.at + offset + 6) * 2;
        if (r->chunk.len - offset - NAME_HEADER_SIZE >= bytes)
            n = find(r, le16(r->chunk.at + offset + 4),
                     slice_of(r->chunk.at + offset + NAME_HEADER_SIZE, bytes));
    }
    *place = (struct chunk_name){r->generation, offset, n};
    return n;
}
