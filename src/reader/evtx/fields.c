// SPDX-License-Identifier: Apache-2.0
// The fields of a layout: their names, as docs/sigma.md says, and where each finds its value.
#include "reader/evtx/internal.h"

struct ancestors {
    const struct ancestors *up;
    uint32_t dependency;
};

struct collector {
    struct evtx_reader *r;
    struct arena *arena;
    ARRAY_OF(struct field) fields;
    ARRAY_OF(struct ref) refs;
};

static bool has_elements(const struct tree *t)
{
    for (const struct tree *c = t->children; c; c = c->next)
        if (c->kind == TREE_ELEMENT)
            return true;
    return false;
}

static struct ref ref_to(const struct tree *t, bool attribute)
{
    const struct tree *p = t->children;
    struct ref ref = {.kind = REF_COMPOSED, .attribute = attribute, .tree = t};
    if (!p)
        ref.kind = REF_EMPTY;
    else if (!p->next && p->kind == TREE_VALUE) {
        ref.kind = REF_VALUE;
        ref.value = p->value;
    } else if (!p->next && p->kind == TREE_TEXT) {
        ref.kind = REF_LITERAL;
        ref.literal = p->text;
    }
    return ref;
}

static void add_dependencies(struct collector *c, struct ref *ref, const struct ancestors *up)
{
    uint32_t count = 0;
    for (const struct ancestors *a = up; a; a = a->up)
        count += a->dependency != NO_DEPENDENCY;
    if (count == 0)
        return;
    uint32_t *list = ARENA_ARRAY(c->arena, uint32_t, count);
    for (const struct ancestors *a = up; a; a = a->up)
        if (a->dependency != NO_DEPENDENCY)
            list[ref->dependency_count++] = a->dependency;
    ref->dependencies = list;
}

// The name without spaces: prefix, tag, and "_attribute" when there is one.
static struct slice field_name(struct collector *c, const char *prefix, struct slice tag,
                               struct slice attribute)
{
    struct buf b = {0};
    buf_str(&b, prefix);
    buf_add(&b, tag);
    if (attribute.len) {
        buf_byte(&b, '_');
        buf_add(&b, attribute);
    }
    size_t kept = 0;
    for (size_t i = 0; i < b.len; i++)
        if (b.at[i] != ' ')
            b.at[kept++] = b.at[i];
    struct slice name = arena_copy(&c->r->scratch, slice_of(b.at, kept));
    buf_free(&b);
    return name;
}

static void add_field(struct collector *c, struct slice name, enum field_place place,
                      struct ref ref, const struct ancestors *up)
{
    add_dependencies(c, &ref, up);
    *ARRAY_ADD(&c->fields) = (struct field){name, place};
    *ARRAY_ADD(&c->refs) = ref;
}

static bool is_namespace(struct slice attribute)
{
    return slice_equal_str(attribute, "xmlns") || slice_starts(attribute, SLICE("xmlns:"));
}

static struct slice attribute_text(struct collector *c, const struct tree *a)
{
    struct buf b = {0};
    layout_append_text(c->r, &b, a->children, TEXT_PLAIN);
    struct slice text = arena_copy(&c->r->scratch, buf_slice(&b));
    buf_free(&b);
    return text;
}

static void add_attributes(struct collector *c, const struct tree *t, enum field_place place,
                           const char *prefix, const struct ancestors *up)
{
    bool is_data = place == PLACE_DATA && slice_equal_str(t->name, "Data");
    for (const struct tree *a = t->attributes; a; a = a->next) {
        if (is_namespace(a->name) || (is_data && slice_equal_str(a->name, "Name")))
            continue;
        add_field(c, field_name(c, prefix, t->name, a->name), place, ref_to(a, true), up);
    }
}

// The element itself, when it has no elements in it, or those in it; and their attributes.
static void add_element(struct collector *c, const struct tree *t, enum field_place place,
                        const char *prefix, const struct ancestors *up)
{
    struct ancestors here = {up, t->dependency};
    if (has_elements(t)) {
        for (const struct tree *child = t->children; child; child = child->next)
            if (child->kind == TREE_ELEMENT)
                add_element(c, child, place, prefix, &here);
    } else {
        struct slice tag = t->name;
        bool is_data = place == PLACE_DATA && slice_equal_str(tag, "Data");
        const struct tree *name = is_data ? tree_attribute(t, "Name") : NULL;
        struct slice named = name ? attribute_text(c, name) : (struct slice){0};
        struct ref ref = ref_to(t, false);
        if (named.len && ref.kind == REF_EMPTY)
            ref = (struct ref){.kind = REF_VALUE, .value = NULL_VALUE};
        add_field(c, field_name(c, prefix, named.len ? named : tag, (struct slice){0}), place, ref,
                  &here);
    }
    add_attributes(c, t, place, prefix, &here);
}

// A child of Event: System, EventData, UserData, RenderingInfo …
static void add_section(struct collector *c, const struct tree *section)
{
    enum field_place place = PLACE_DATA;
    const char *prefix = "";
    struct ancestors here = {NULL, section->dependency};
    if (slice_equal_str(section->name, "System"))
        place = PLACE_SYSTEM;
    else if (slice_equal_str(section->name, "RenderingInfo")) {
        place = PLACE_RENDERING;
        prefix = "RenderingInfo_";
    }
    for (const struct tree *child = section->children; child; child = child->next)
        if (child->kind == TREE_ELEMENT)
            add_element(c, child, place, prefix, &here);
    if (section->children && !has_elements(section)) {
        struct ref ref = ref_to(section, true); // left out when there is nothing in it
        add_field(c, field_name(c, "", section->name, (struct slice){0}), place, ref, &here);
    }
    add_attributes(c, section, place, "", &here);
}

// A shape is one thing for all layouts with the same names in the same places.
static bool intern_shape(struct evtx_reader *r, struct collector *c, const struct shape **out,
                         struct err *e)
{
    struct buf key = {0};
    for (size_t i = 0; i < c->fields.count; i++) {
        struct field f = c->fields.items[i];
        uint32_t len = (uint32_t)f.name.len;
        buf_byte(&key, (uint8_t)f.place);
        buf_add(&key, slice_of(&len, sizeof len));
        buf_add(&key, f.name);
    }
    struct shape *s = map_get(&r->shapes, buf_slice(&key));
    bool ok = s || (r->shape_count < MAX_SHAPES && r->shape_bytes < MAX_SHAPE_BYTES);
    if (!s && ok) {
        struct slice kept = arena_copy(&r->shape_arena, buf_slice(&key));
        struct field *fields = ARENA_ARRAY(&r->shape_arena, struct field, c->fields.count);
        size_t at = 0;
        for (size_t i = 0; i < c->fields.count; i++) {
            struct field f = c->fields.items[i];
            fields[i] = (struct field){slice_of(kept.at + at + 5, f.name.len), f.place};
            at += 5 + f.name.len;
        }
        s = ARENA_NEW(&r->shape_arena, struct shape);
        *s = (struct shape){r->shape_count++, (uint32_t)c->fields.count, fields};
        *map_put(&r->shapes, kept, NULL) = s;
        r->shape_bytes +=
            key.len + c->fields.count * sizeof *fields + sizeof *s + 2 * sizeof(struct map_entry);
    }
    buf_free(&key);
    if (!ok)
        return err_set(e, ERR_LIMIT, 0, "too many different kinds of event");
    *out = s;
    return true;
}

// Whether a value is all that decides; whether an empty one is left out is no matter in System.
static bool depends_on_itself(const struct ref *ref)
{
    bool alone = ref->kind == REF_VALUE;
    for (uint32_t i = 0; i < ref->dependency_count; i++)
        alone &= ref->dependencies[i] == ref->value;
    return alone;
}

static void find_system(struct collector *c, struct layout *l)
{
    const struct tree *system = tree_child(l->root, "System");
    const struct ancestors section = {NULL, system ? system->dependency : NO_DEPENDENCY};
    struct {
        const char *element, *attribute;
        struct ref *ref;
    } wanted[] = {
        {"TimeCreated", "SystemTime", &l->system.time},
        {"EventRecordID", NULL, &l->system.record_id},
        {"EventID", NULL, &l->system.event_id},
        {"Channel", NULL, &l->system.channel},
        {"Provider", "Name", &l->system.provider},
        {"Computer", NULL, &l->system.computer},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        const struct tree *t = tree_child(system, wanted[i].element);
        const struct ancestors element = {&section, t ? t->dependency : NO_DEPENDENCY};
        struct ref *ref = wanted[i].ref;
        if (wanted[i].attribute)
            t = tree_attribute(t, wanted[i].attribute);
        *ref = t ? ref_to(t, true) : (struct ref){0};
        add_dependencies(c, ref, &element);
        if (depends_on_itself(ref))
            ref->kind = REF_PLAIN;
    }
}

// Constant text that some events of the layout leave out: the template's own is a value, but one
// that is no UTF-16.
static bool is_optional_constant(const struct evtx_reader *r, const struct ref *ref)
{
    return ref->dependency_count &&
           (ref->kind == REF_LITERAL ||
            (ref->kind == REF_VALUE && reader_value(r, ref->value).type == VALUE_UTF8));
}

bool fields_make(struct evtx_reader *r, struct arena *a, struct layout *l, struct err *e)
{
    struct collector c = {.r = r, .arena = a};
    struct arena_mark mark = arena_mark(&r->scratch);
    for (const struct tree *t = l->root->children; t; t = t->next)
        if (t->kind == TREE_ELEMENT)
            add_section(&c, t);
    bool ok = intern_shape(r, &c, &l->shape, e);
    if (a != &r->scratch)
        arena_rewind(&r->scratch, mark);
    struct ref *refs = ARENA_ARRAY(a, struct ref, c.refs.count);
    if (c.refs.count)
        memcpy(refs, c.refs.items, c.refs.count * sizeof *refs);
    l->refs = refs;
    l->id = ++r->layout_ids;
    l->constants_vary = false;
    for (size_t i = 0; i < c.refs.count; i++) {
        struct ref *ref = &refs[i];
        l->constants_vary |= ref->kind == REF_COMPOSED || is_optional_constant(r, ref);
        if (ref->kind == REF_VALUE && !ref->attribute && !ref->dependency_count)
            ref->kind = REF_PLAIN;
    }
    find_system(&c, l);
    ARRAY_FREE(&c.fields);
    ARRAY_FREE(&c.refs);
    return ok;
}

static bool shows_attributes(const struct evtx_reader *r, const struct tree *t)
{
    for (const struct tree *a = t->attributes; a; a = a->next)
        if (!layout_is_empty(r, a->children))
            return true;
    return false;
}

static struct value ref_value(struct evtx_reader *r, const struct ref *ref)
{
    for (uint32_t i = 0; i < ref->dependency_count; i++)
        if (reader_value(r, ref->dependencies[i]).type == VALUE_NULL)
            return (struct value){.type = VALUE_ABSENT};
    struct value v = {.type = VALUE_ABSENT};
    switch ((enum ref_kind)ref->kind) {
    case REF_NONE:
        return v;
    case REF_VALUE:
    case REF_PLAIN:
        v = reader_value(r, ref->value);
        break;
    case REF_LITERAL:
        v = (struct value){ref->literal, VALUE_UTF8};
        break;
    case REF_COMPOSED: {
        struct buf b = {0};
        layout_append_text(r, &b, ref->tree->children, TEXT_PLAIN);
        v = (struct value){arena_copy(&r->scratch, buf_slice(&b)), VALUE_UTF8};
        buf_free(&b);
        break;
    }
    case REF_EMPTY:
        v.type = shows_attributes(r, ref->tree) ? VALUE_ABSENT : VALUE_NULL;
        break;
    }
    if (ref->attribute && value_is_empty(v))
        v.type = VALUE_ABSENT;
    return v;
}

struct value fields_value(const struct event *ev, uint32_t i)
{
    // The reader lends itself out as const; the scratch arena behind it is its to write.
    struct evtx_reader *r = (struct evtx_reader *)(uintptr_t)ev->reader;
    if (i >= ev->shape->field_count)
        return (struct value){.type = VALUE_ABSENT};
    const struct ref *ref = &r->layout->refs[i];
    return ref->kind == REF_PLAIN ? reader_value(r, ref->value) : ref_value(r, ref);
}

bool fields_raw(const struct event *ev, struct event_raw *out)
{
    const struct evtx_reader *r = ev->reader;
    if (r->layout->constants_vary)
        return false;
    // Constant are the layout's texts and the template's own: a number for both together, which
    // also differs in its low bits.
    uint64_t own = r->own ? r->own->id : 0;
    *out = (struct event_raw){
        .values = r->values.items,
        .count = r->values.count,
        .types = r->types,
        .bytes = r->record,
        .readable = (size_t)(r->chunk.at + r->chunk.len - r->record.at),
        .layout = own << 32 | (uint32_t)(r->layout->id + own * 613),
    };
    return !(r->layout->id >> 32 | own >> 32) && r->own_count <= 1;
}

// System's own values, for every event: nearly all are one value or constant text, and nothing
// turns on whether an empty one is left out.
static inline struct value system_value(struct evtx_reader *r, const struct ref *ref)
{
    return ref->kind == REF_PLAIN ? reader_value(r, ref->value) : ref_value(r, ref);
}

[[gnu::noinline]] static struct slice memo_text(struct text_memo *memo, struct value v)
{
    buf_clear(&memo->text);
    value_append(&memo->text, v);
    memo->raw_len = 0;
    if (v.type == VALUE_UTF16 && v.raw.len <= sizeof memo->raw && v.raw.len) {
        memcpy(memo->raw, v.raw.at, v.raw.len);
        memo->raw_len = v.raw.len;
    }
    return buf_slice(&memo->text);
}

static inline struct slice system_text(struct evtx_reader *r, const struct ref *ref,
                                       struct text_memo *memo)
{
    struct value v = system_value(r, ref);
    if (v.type == VALUE_UTF8)
        return v.raw;
    if (v.type == VALUE_UTF16 && v.raw.len == memo->raw_len && v.raw.len &&
        memcmp(v.raw.at, memo->raw, memo->raw_len) == 0)
        return buf_slice(&memo->text);
    return memo_text(memo, v);
}

[[gnu::noinline]] static bool parse_number(struct evtx_reader *r, struct value v, uint64_t *out)
{
    bool negative;
    if (value_number(v, &negative, out))
        return !negative;
    if (v.type != VALUE_UTF8 && v.type != VALUE_UTF16)
        return false;
    struct slice text = slice_trim(value_text(&r->scratch, v));
    uint64_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9' || __builtin_mul_overflow(n, 10u, &n) ||
            __builtin_add_overflow(n, (uint64_t)(text.at[i] - '0'), &n))
            return false;
    }
    *out = n;
    return text.len > 0;
}

static inline bool is_uint16(struct value v)
{
    return v.type == VALUE_UINT16 && v.raw.len == 2;
}

static inline bool system_number(struct evtx_reader *r, const struct ref *ref, uint64_t *out)
{
    struct value v = system_value(r, ref);
    if (is_uint16(v))
        *out = le16(v.raw.at);
    else if (v.type == VALUE_UINT64 && v.raw.len == 8)
        *out = le64(v.raw.at);
    else
        return parse_number(r, v, out);
    return true;
}

static vtime system_time(struct evtx_reader *r, const struct ref *ref)
{
    struct value v = system_value(r, ref);
    if (v.type == VALUE_FILETIME && v.raw.len == 8)
        return le64(v.raw.at);
    if (v.type != VALUE_SYSTEMTIME && v.type != VALUE_UTF8 && v.type != VALUE_UTF16)
        return 0;
    vtime t = 0;
    return time_parse(value_text(&r->scratch, v), &t, NULL) ? t : 0;
}

void fields_fill_system(struct evtx_reader *r, struct event_system *out)
{
    const struct system_refs *s = &r->layout->system;
    uint64_t id = 0;
    *out = (struct event_system){0};
    out->time = system_time(r, &s->time);
    out->has_record_id = system_number(r, &s->record_id, &out->record_id);
    if (!out->has_record_id)
        out->record_id = 0;
    out->plain_event_id =
        s->event_id.kind == REF_PLAIN && is_uint16(reader_value(r, s->event_id.value));
    if (system_number(r, &s->event_id, &id) && id <= UINT32_MAX)
        out->event_id = (uint32_t)id;
    out->channel = system_text(r, &s->channel, &r->channel);
    out->provider = system_text(r, &s->provider, &r->provider);
    out->computer = system_text(r, &s->computer, &r->computer);
}
