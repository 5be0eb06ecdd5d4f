// SPDX-License-Identifier: Apache-2.0
#include "reader/evtx/internal.h"

// Those of [MS-EVEN6] 2.2.12, and arrays of all but null and BinXML.
static bool is_type_of_windows(unsigned type)
{
    unsigned single = type & ~(unsigned)VALUE_ARRAY;
    return single <= VALUE_HEX64 ? type != (VALUE_ARRAY | VALUE_NULL) : type == VALUE_BINXML;
}

struct evtx_reader *evtx_reader_create(const struct evtx_options *options)
{
    struct evtx_reader *r = mem_alloc_zero(1, sizeof *r);
    r->options = *options;
    r->state = WALK_END;
    r->generation = 1;
    for (unsigned type = 0; type < 256; type++)
        r->type_bits[type] = is_type_of_windows(type) ? event_type_bit((uint8_t)type)
                                                      : TYPE_ODD | event_type_bit(VALUE_BINARY);
    arena_init(&r->cache, 0);
    arena_init(&r->shape_arena, 0);
    arena_init(&r->scratch, 0);
    map_init(&r->variants);
    map_init(&r->templates);
    map_init(&r->own_texts);
    map_init(&r->names);
    map_init(&r->layouts);
    map_init(&r->shapes);
    return r;
}

void evtx_reader_destroy(struct evtx_reader *r)
{
    if (!r)
        return;
    arena_free(&r->cache);
    arena_free(&r->shape_arena);
    arena_free(&r->scratch);
    map_free(&r->variants);
    map_free(&r->templates);
    map_free(&r->own_texts);
    map_free(&r->names);
    stream_free(r);
    map_free(&r->layouts);
    map_free(&r->shapes);
    ARRAY_FREE(&r->values);
    ARRAY_FREE(&r->instances);
    ARRAY_FREE(&r->fragments);
    for (size_t i = 0; i < r->spare_nodes.count; i++) {
        ARRAY_FREE(&r->spare_nodes.items[i]->list);
        buf_free(&r->spare_nodes.items[i]->text);
        free(r->spare_nodes.items[i]);
    }
    ARRAY_FREE(&r->spare_nodes);
    buf_free(&r->channel.text);
    buf_free(&r->provider.text);
    buf_free(&r->computer.text);
    free(r);
}

void evtx_reader_start(struct evtx_reader *r, struct slice chunk, uint64_t offset, bool no_crc32)
{
    r->chunk = slice_sub(chunk, 0, EVTX_CHUNK_SIZE);
    r->offset = offset;
    r->no_crc32 = no_crc32;
    chunk_start(r);
}

uint32_t evtx_reader_shape_count(const struct evtx_reader *r)
{
    return r->shape_count;
}

// The reader lends itself out as const; its caches and scratch memory are its to write.
static struct evtx_reader *reader_of(const struct event *ev)
{
    return (struct evtx_reader *)(uintptr_t)ev->reader;
}

const struct program *program_make(struct arena *a, const struct op *ops, size_t count,
                                   struct buf *text)
{
    struct program *p = ARENA_NEW(a, struct program);
    struct op *kept = ARENA_ARRAY(a, struct op, count);
    uint8_t *literals = arena_alloc(a, text->len + PROGRAM_PAD);
    if (count)
        memcpy(kept, ops, count * sizeof *ops);
    if (text->len)
        memcpy(literals, text->at, text->len);
    *p = (struct program){kept, (uint32_t)count, literals};
    return p;
}

// A program is kept with its layout, which may be kept for other events.
static const struct program *program_of(struct evtx_reader *r, enum event_format format)
{
    struct layout *l = r->layout;
    const struct program **place = format == EVENT_FORMAT_JSON ? &l->json : &l->xml;
    if (!*place) {
        struct arena *a = l->dynamic ? &r->scratch : &r->cache;
        *place = format == EVENT_FORMAT_JSON ? json_compile(r, a, l) : xml_compile(r, a, l);
    }
    return *place;
}

static void event_render(const struct event *ev, enum event_format format, struct buf *out)
{
    struct evtx_reader *r = reader_of(ev);
    const struct program *p = program_of(r, format);
    if (format == EVENT_FORMAT_JSON)
        json_run(r, p, out);
    else
        xml_run(r, p, out);
}

// Evidence that shows one long value in many places, or a large template with every small record,
// must not fill memory or disk. Each value is at most one chunk, and real events hardly ever show
// one twice.
static bool charge_output(struct evtx_reader *r, size_t record_size, struct err *e)
{
    const struct layout *l = r->layout;
    uint64_t values = record_size + r->own_bytes;
    if (l->value_uses > r->values.count + 8)
        values = (uint64_t)l->value_uses * EVTX_CHUNK_SIZE;
    uint64_t output = values * TEXT_GROWTH + TREE_COST * (uint64_t)l->tree_count +
                      l->literal_bytes * (uint64_t)TEXT_GROWTH;
    if (output > MAX_EVENT_OUTPUT + MAX_EVENT_LITERALS * (uint64_t)TEXT_GROWTH)
        return err_set(e, ERR_LIMIT, 0, "the event shows too much for its size");
    if (output > r->output_left) {
        r->output_left = 0;
        return err_set(e, ERR_LIMIT, 0, "the events of this chunk show too much for its size");
    }
    r->output_left -= output;
    return true;
}

bool event_read(struct evtx_reader *r, size_t pos, size_t end, struct event *out, struct err *e)
{
    if (r->cache_bytes > MAX_CACHE_BYTES)
        template_cache_drop(r);
    arena_reset(&r->scratch);
    if (!binxml_read_record(r, pos, end, e) || !layout_find(r, &r->layout, e))
        return false;
    if (!charge_output(r, end - pos, e))
        return false;
    out->shape = r->layout->shape;
    out->value = fields_value;
    out->raw = fields_raw;
    out->render = event_render;
    out->reader = r;
    if (r->options.without_system)
        out->system = (struct event_system){0};
    else
        fields_fill_system(r, &out->system);
    return true;
}
