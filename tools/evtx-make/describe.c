// SPDX-License-Identifier: Apache-2.0
#include "describe.h"

#include "value.h"
#include "writer.h"

#include "base/array.h"

#include <yaml.h>

struct reader {
    struct arena *a;
    yaml_document_t *doc;
    struct err *e;
};

static yaml_node_t *node(const struct reader *r, int index)
{
    return yaml_document_get_node(r->doc, index);
}

static bool fail(const struct reader *r, const yaml_node_t *n, const char *what, struct slice word)
{
    return err_set(r->e, ERR_FORMAT, n ? n->start_mark.index : 0, "line %zu: %s%s%.*s",
                   n ? n->start_mark.line + 1 : 0, what, word.len ? " " : "", SLICE_FMT(word));
}

static struct slice scalar(const struct reader *r, const yaml_node_t *n)
{
    if (!n || n->type != YAML_SCALAR_NODE)
        return SLICE("");
    struct slice s = arena_copy(r->a, slice_of(n->data.scalar.value, n->data.scalar.length));
    return s.len ? s : SLICE("");
}

static bool is_null(const yaml_node_t *n)
{
    struct slice s = slice_of(n->data.scalar.value, n->data.scalar.length);
    return n->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           (s.len == 0 || slice_equal_str(s, "null") || slice_equal_str(s, "~"));
}

static yaml_node_t *member(const struct reader *r, const yaml_node_t *map, const char *key)
{
    if (!map || map->type != YAML_MAPPING_NODE)
        return NULL;
    for (yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top;
         p++) {
        const yaml_node_t *k = node(r, p->key);
        if (k->type == YAML_SCALAR_NODE &&
            slice_equal_str(slice_of(k->data.scalar.value, k->data.scalar.length), key))
            return node(r, p->value);
    }
    return NULL;
}

static bool read_value(const struct reader *r, const yaml_node_t *n, bool nested, unsigned depth,
                       struct make_value *out);

static bool read_list(const struct reader *r, const yaml_node_t *n, unsigned depth,
                      struct make_field **fields, size_t *count)
{
    size_t max = (size_t)(n->data.sequence.items.top - n->data.sequence.items.start);
    *fields = ARENA_ARRAY(r->a, struct make_field, max + 1);
    for (*count = 0; *count < max; ++*count) {
        const yaml_node_t *v = node(r, n->data.sequence.items.start[*count]);
        if (!read_value(r, v, false, depth + 1, &(*fields)[*count].value))
            return false;
    }
    return true;
}

static bool read_map(const struct reader *r, const yaml_node_t *n, bool nested, unsigned depth,
                     struct make_field **fields, size_t *count)
{
    size_t max = (size_t)(n->data.mapping.pairs.top - n->data.mapping.pairs.start);
    *fields = ARENA_ARRAY(r->a, struct make_field, max + 1);
    for (*count = 0; *count < max; ++*count) {
        const yaml_node_pair_t *p = n->data.mapping.pairs.start + *count;
        struct make_field *f = &(*fields)[*count];
        f->name = scalar(r, node(r, p->key));
        if (!read_value(r, node(r, p->value), nested, depth + 1, &f->value))
            return false;
    }
    return true;
}

// A map is {type: …, value: …}, or, in userdata, child elements.
static bool read_value(const struct reader *r, const yaml_node_t *n, bool nested, unsigned depth,
                       struct make_value *out)
{
    *out = (struct make_value){.type = MAKE_TYPE_UNSET};
    if (depth > 100)
        return fail(r, n, "nested too deep", SLICE(""));
    if (n->type == YAML_SCALAR_NODE) {
        out->form = is_null(n) ? MAKE_NULL : MAKE_TEXT;
        out->text = scalar(r, n);
        return true;
    }
    if (n->type == YAML_SEQUENCE_NODE) {
        out->form = MAKE_LIST;
        return read_list(r, n, depth, &out->fields, &out->count);
    }
    const yaml_node_t *type = member(r, n, "type"), *value = member(r, n, "value");
    if (type && value && n->data.mapping.pairs.top - n->data.mapping.pairs.start == 2) {
        uint8_t t;
        if (!value_type_named(scalar(r, type), &t))
            return fail(r, type, "no such type:", scalar(r, type));
        if (!read_value(r, value, false, depth + 1, out))
            return false;
        out->type = t;
        if (t == BX_NULL)
            out->form = MAKE_NULL;
        return true;
    }
    if (!nested)
        return fail(r, n, "a map is no value here", SLICE(""));
    out->form = MAKE_MAP;
    return read_map(r, n, true, depth, &out->fields, &out->count);
}

static bool read_number(const struct reader *r, const yaml_node_t *n, uint64_t *out)
{
    struct slice s = scalar(r, n);
    return value_parse_integer(s, out) || fail(r, n, "not a number:", s);
}

static bool read_data(const struct reader *r, const yaml_node_t *n, bool user,
                      struct make_event *ev)
{
    if (n->type == YAML_SEQUENCE_NODE && !user) {
        ev->kind = MAKE_UNNAMED;
        return read_list(r, n, 0, &ev->fields, &ev->count);
    }
    if (n->type != YAML_MAPPING_NODE)
        return n->type == YAML_SCALAR_NODE && is_null(n)
                   ? true
                   : fail(r, n, "data must be a map or a list", SLICE(""));
    ev->kind = user ? MAKE_USER : MAKE_DATA;
    if (user && n->data.mapping.pairs.top - n->data.mapping.pairs.start != 1)
        return fail(r, n, "userdata must have one root element", SLICE(""));
    return read_map(r, n, user, 0, &ev->fields, &ev->count);
}

static bool read_numbers(const struct reader *r, struct slice key, const yaml_node_t *n,
                         struct make_event *ev, bool *known)
{
    const struct {
        const char *key;
        int *to;
        uint32_t *to32;
        uint64_t *to64;
    } NUMBERS[] = {
        {"version", &ev->version, NULL, NULL},
        {"level", &ev->level, NULL, NULL},
        {"task", &ev->task, NULL, NULL},
        {"opcode", &ev->opcode, NULL, NULL},
        {"qualifiers", &ev->qualifiers, NULL, NULL},
        {"id", NULL, &ev->id, NULL},
        {"pid", NULL, &ev->pid, NULL},
        {"tid", NULL, &ev->tid, NULL},
        {"record", NULL, NULL, &ev->record},
        {"keywords", NULL, NULL, &ev->keywords},
    };
    for (size_t i = 0; i < sizeof NUMBERS / sizeof *NUMBERS; i++) {
        uint64_t v = 0;
        if (!slice_equal_str(key, NUMBERS[i].key))
            continue;
        *known = true;
        if (!read_number(r, n, &v))
            return false;
        if (NUMBERS[i].to)
            *NUMBERS[i].to = (int)(v & 0xFFFF);
        if (NUMBERS[i].to32)
            *NUMBERS[i].to32 = (uint32_t)v;
        if (NUMBERS[i].to64)
            *NUMBERS[i].to64 = v;
    }
    if (slice_equal_str(key, "keywords"))
        ev->has_keywords = true;
    return true;
}

static bool read_texts(const struct reader *r, struct slice key, const yaml_node_t *n,
                       struct make_event *ev)
{
    const struct {
        const char *key;
        struct slice *to;
    } TEXTS[] = {
        {"provider", &ev->provider}, {"guid", &ev->guid},     {"source", &ev->source},
        {"computer", &ev->computer}, {"user", &ev->user},     {"channel", &ev->channel},
        {"activity", &ev->activity}, {"binary", &ev->binary},
    };
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++) {
        if (slice_equal_str(key, TEXTS[i].key)) {
            *TEXTS[i].to = scalar(r, n);
            return true;
        }
    }
    return false;
}

static bool read_keys(const struct reader *r, const yaml_node_t *map, struct make_event *ev)
{
    if (map->type != YAML_MAPPING_NODE)
        return fail(r, map, "an event must be a map", SLICE(""));
    for (yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top;
         p++) {
        struct slice key = scalar(r, node(r, p->key));
        const yaml_node_t *n = node(r, p->value);
        bool known = false;
        if (!read_numbers(r, key, n, ev, &known))
            return false;
        if (known || read_texts(r, key, n, ev)) {
            if (slice_equal_str(key, "channel"))
                ev->channel_null = is_null(n);
        } else if (slice_equal_str(key, "time")) {
            if (!time_parse(scalar(r, n), &ev->time, NULL))
                return fail(r, n, "not a time:", scalar(r, n));
        } else if (slice_equal_str(key, "data") || slice_equal_str(key, "userdata")) {
            if (!read_data(r, n, slice_equal_str(key, "userdata"), ev))
                return false;
        } else {
            return fail(r, n, "unknown key", key);
        }
    }
    return true;
}

static bool read_log(const struct reader *r, const yaml_node_t *root, const yaml_node_t *list,
                     struct make_log *log)
{
    struct make_event standard;
    const yaml_node_t *defaults = member(r, root, "defaults"), *name = member(r, root, "log");
    make_event_init(&standard);
    if (defaults && !read_keys(r, defaults, &standard))
        return false;
    if (list->type != YAML_SEQUENCE_NODE)
        return fail(r, list, "events must be a list", SLICE(""));
    size_t max = (size_t)(list->data.sequence.items.top - list->data.sequence.items.start);
    log->name = scalar(r, name);
    log->events = ARENA_ARRAY(r->a, struct make_event, max + 1);
    for (log->count = 0; log->count < max; log->count++) {
        const yaml_node_t *n = node(r, list->data.sequence.items.start[log->count]);
        struct make_event *ev = &log->events[log->count];
        *ev = standard;
        if (log->count) // without a time of its own, a second after the event before
            ev->time = log->events[log->count - 1].time + VTIME_SECOND;
        else if (!ev->time)
            ev->time = VTIME_UNIX_EPOCH + 1782000000 * VTIME_SECOND;
        if (!read_keys(r, n, ev))
            return false;
        if (!ev->provider.len)
            return fail(r, n, "an event needs a provider", SLICE(""));
    }
    return true;
}

bool describe_read(struct arena *a, struct slice text, const char *list, struct make_log **logs,
                   size_t *count, struct err *e)
{
    ARRAY_OF(struct make_log) all = {0};
    yaml_parser_t parser;
    bool ok = yaml_parser_initialize(&parser);
    yaml_parser_set_input_string(&parser, text.at, text.len);
    for (bool more = ok; ok && more;) {
        yaml_document_t doc;
        if (!yaml_parser_load(&parser, &doc)) {
            ok =
                err_set(e, ERR_FORMAT, parser.problem_offset, "line %zu: %s",
                        parser.problem_mark.line + 1, parser.problem ? parser.problem : "not YAML");
            break;
        }
        struct reader r = {a, &doc, e};
        const yaml_node_t *root = yaml_document_get_root_node(&doc);
        const yaml_node_t *events = member(&r, root, list);
        struct make_log log = {0};
        more = root != NULL;
        if (events && (ok = read_log(&r, root, events, &log)))
            *ARRAY_ADD(&all) = log;
        yaml_document_delete(&doc);
    }
    yaml_parser_delete(&parser);
    *count = all.count;
    *logs = ARENA_ARRAY(a, struct make_log, all.count + 1);
    if (all.count)
        memcpy(*logs, all.items, all.count * sizeof **logs);
    ARRAY_FREE(&all);
    return ok;
}

bool describe_write(const struct make_log *log, const char *path, struct buf *out, struct err *e)
{
    struct evtx_writer w;
    struct arena a;
    uint64_t next = 1;
    bool ok = true;
    if (!evtx_writer_open(&w, path, e))
        return false;
    arena_init(&a, 0);
    for (size_t i = 0; ok && i < log->count; i++) {
        const struct make_event *ev = &log->events[i];
        const struct bx_instance *in;
        uint64_t record = ev->record ? ev->record : next;
        next = record + 1;
        ok = make_event_build(&a, ev, record, &in, e) &&
             evtx_writer_add(&w, record, ev->time, in, NULL, e);
        arena_reset(&a);
    }
    arena_free(&a);
    struct err ignored;
    ok = evtx_writer_close(&w, ok ? e : &ignored) && ok;
    if (ok && out)
        *out = w.memory;
    else
        buf_free(&w.memory);
    return ok;
}
