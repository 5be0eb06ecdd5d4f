// SPDX-License-Identifier: Apache-2.0
#include "detection/sigma/engine_testing.h"

#include "base/utf.h"

uint32_t dice_roll(struct dice *d, uint32_t sides)
{
    if (sides == 0)
        return 0;
    if (d->pos < d->input.len)
        return d->input.at[d->pos++] % sides;
    d->seed += 0x9e3779b97f4a7c15u;
    uint64_t x = d->seed;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)((x ^ x >> 31) >> 16) % sides;
}

static struct value fake_value(const struct event *ev, uint32_t i)
{
    const struct fake_event *f = ev->reader;
    return f->values[i];
}

void fake_event_init(struct fake_event *f, struct field *fields, struct value *values,
                     uint32_t count)
{
    *f = (struct fake_event){.fields = fields, .values = values};
    f->shape = (struct shape){.field_count = count, .fields = fields};
    f->event.shape = &f->shape;
    f->event.value = fake_value;
    f->event.reader = f;
}

struct value fake_utf8(const char *text)
{
    return (struct value){slice_from_str(text), VALUE_UTF8};
}

struct value fake_utf16(struct arena *a, struct slice utf8)
{
    uint8_t *out = arena_bytes(a, utf8.len * 4 + 2);
    size_t n = 0;
    for (size_t pos = 0; pos < utf8.len;) {
        uint32_t c = utf8_decode(utf8, &pos);
        uint32_t units[2] = {c, 0};
        if (c >= 0x10000) {
            units[0] = 0xd800 + ((c - 0x10000) >> 10);
            units[1] = 0xdc00 + ((c - 0x10000) & 0x3ff);
        }
        for (size_t i = 0; i < 2 && (i == 0 || units[1]); i++) {
            out[n++] = (uint8_t)units[i];
            out[n++] = (uint8_t)(units[i] >> 8);
        }
    }
    return (struct value){slice_of(out, n), VALUE_UTF16};
}

#define PICK(d, list) (list)[dice_roll((d), (uint32_t)(sizeof(list) / sizeof *(list)))]

static const char *const pieces[] = {
    "a",         "b",     "ab",       "abc",      "bca",        "x",
    "-e",        " ",     "é",        "É",        "ß",          "\xe2\x84\xaa",
    "k",         "K",     "mimikatz", "MimiKatz", ".exe",       "\\",
    "c:\\",      "power", "shell",    "4",        "-",          "0x",
    "1",         "10",    "16",       "😀",        "sekurlsa::", "windows",
    "\\cmd.exe", "://",   "д",        "Д",        "aaaa",       "aaab",
};
static const char *const wholes[] = {
    "",
    "4624",
    "0x1210",
    "-5",
    "10.1.2.3",
    "10.1.2.77",
    "::ffff:10.1.2.3",
    "fe80::1%12",
    "fe80::2",
    "3.5",
    "1e5",
    "2026-07-03T08:12:44Z",
    "2026-12-31 23:59:59",
    "true",
    "S-1-16-8192",
    "%%14593",
    "6",
    "%%1904",
    "\\REGISTRY\\MACHINE\\Software",
    "\\registry\\user\\x",
    "0x1a4",
};

static struct slice draw_text(struct dice *d, struct arena *a)
{
    if (dice_roll(d, 5) == 0)
        return slice_from_str(PICK(d, wholes));
    struct buf b = {0};
    for (uint32_t n = dice_roll(d, 6); n; n--)
        buf_str(&b, PICK(d, pieces));
    if (dice_roll(d, 60) == 0)
        for (uint32_t n = dice_roll(d, 200); n; n--)
            buf_str(&b, PICK(d, pieces));
    struct slice text = arena_copy(a, buf_slice(&b));
    buf_free(&b);
    return text;
}

static const char *const names[] = {"Image",         "Cmd",  "Parent", "EventID", "Channel",
                                    "Provider_Name", "User", "Ip",     "Odd"};
static const char *const own_names[] = {"NewImage", "Cmd",         "Sub", "Dom",
                                        "Object",   "ObjectValue", "Pid"};
static const char *const channels[] = {"Security", "SYSTEM", "Sysmon"};
static const char *const regexes[] = {
    "ab+c",    "a.c",         "^c:",     "(?:power|cmd)", "mimi(katz)?", "[ab]{2,3}",      "k",
    "(a|b)*x", "\\d+\\.\\d+", "\\.exe$", "a{0}b",         "x?y?",        "(?i)POWER|MIMI",
};

static void draw_pattern(struct dice *d, struct arena *a, struct sigma_test *t)
{
    t->kind = SIGMA_PATTERN;
    t->cased = dice_roll(d, 8) == 0;
    uint32_t form = dice_roll(d, 8), count = 0;
    t->tokens = ARENA_ARRAY(a, struct sigma_token, 8);
    if (form == 7) {
        for (uint32_t n = dice_roll(d, 7); n; n--)
            t->tokens[count++].kind = (enum sigma_token_kind)dice_roll(d, 3);
    } else {
        if (form & 1)
            t->tokens[count++].kind = SIGMA_ANY_RUN;
        t->tokens[count++].kind = SIGMA_LITERAL;
        if (form & 2)
            t->tokens[count++].kind = SIGMA_ANY_RUN;
    }
    t->token_count = count;
    for (uint32_t i = 0; i < count; i++) {
        if (t->tokens[i].kind != SIGMA_LITERAL)
            continue;
        struct slice text = draw_text(d, a);
        t->tokens[i].text = t->cased ? text : utf8_fold_copy(a, text);
    }
}

static void draw_cidr(struct dice *d, struct sigma_test *t)
{
    static const uint8_t four[16] = {10, 1, 2, 3}, six[16] = {0xfe, 0x80, [15] = 1};
    t->kind = SIGMA_CIDR;
    t->v6 = dice_roll(d, 2);
    memcpy(t->address, t->v6 ? six : four, sizeof t->address);
    t->prefix_bits = (uint8_t)dice_roll(d, t->v6 ? 129 : 33);
}

static void draw_test(struct dice *d, struct arena *a, struct sigma_test *t, bool keywords)
{
    static const int64_t integers[] = {4624, -5, 10, 6, 0};
    switch (dice_roll(d, keywords ? 16 : 24)) {
    case 14:
    case 15:
    case 16:
        t->kind = SIGMA_REGEX;
        t->text = slice_from_str(PICK(d, regexes));
        t->flag_i = dice_roll(d, 2);
        break;
    case 17:
        draw_cidr(d, t);
        break;
    case 18:
        t->kind = SIGMA_INTEGER;
        t->integer = PICK(d, integers);
        break;
    case 19:
        t->kind = SIGMA_COMPARE;
        t->op = (enum sigma_compare)dice_roll(d, 6);
        t->number = (double)PICK(d, integers);
        break;
    case 20:
        t->kind = dice_roll(d, 4) ? SIGMA_IS_NULL : SIGMA_NEVER;
        break;
    case 21:
        t->kind = SIGMA_EXISTS;
        t->wanted = dice_roll(d, 2);
        break;
    case 22:
        t->kind = SIGMA_FIELDREF;
        t->text = slice_from_str(PICK(d, names));
        t->anchor = (enum sigma_anchor)dice_roll(d, 4);
        t->cased = dice_roll(d, 3) == 0;
        break;
    case 23:
        t->kind = SIGMA_TIME_PART;
        t->part = (enum sigma_time_part)dice_roll(d, 6);
        t->op = (enum sigma_compare)dice_roll(d, 6);
        t->integer = dice_roll(d, 60);
        break;
    default:
        draw_pattern(d, a, t);
    }
}

static void draw_item(struct dice *d, struct arena *a, struct sigma_item *item)
{
    bool keywords = dice_roll(d, 12) == 0;
    if (!keywords)
        item->field = slice_from_str(PICK(d, names));
    item->all = dice_roll(d, 5) == 0;
    item->negated = dice_roll(d, 8) == 0;
    item->value_count = 1 + dice_roll(d, 4);
    item->values = ARENA_ARRAY(a, struct sigma_value, item->value_count);
    for (size_t i = 0; i < item->value_count; i++) {
        struct sigma_value *v = &item->values[i];
        v->test_count = 1 + (dice_roll(d, 6) == 0);
        v->tests = ARENA_ARRAY(a, struct sigma_test, v->test_count);
        for (size_t k = 0; k < v->test_count; k++)
            draw_test(d, a, &v->tests[k], keywords);
    }
}

static struct sigma_node *draw_node(struct dice *d, struct arena *a, uint32_t selections,
                                    unsigned depth)
{
    struct sigma_node *n = ARENA_NEW(a, struct sigma_node);
    uint32_t kind = depth > 4 ? 0 : dice_roll(d, 9);
    n->kind = SIGMA_NODE_SELECTION;
    n->selection = dice_roll(d, selections);
    if (kind == 4)
        n->kind = dice_roll(d, 2) ? SIGMA_NODE_TRUE : SIGMA_NODE_FALSE;
    if (kind >= 5 && kind <= 6)
        n->kind = SIGMA_NODE_AND;
    if (kind == 7)
        n->kind = SIGMA_NODE_OR;
    if (kind == 8)
        n->kind = SIGMA_NODE_NOT;
    if (n->kind == SIGMA_NODE_AND || n->kind == SIGMA_NODE_OR || n->kind == SIGMA_NODE_NOT)
        n->left = draw_node(d, a, selections, depth + 1);
    if (n->kind == SIGMA_NODE_AND || n->kind == SIGMA_NODE_OR)
        n->right = draw_node(d, a, selections, depth + 1);
    return n;
}

static const struct sigma_alias aliases[] = {
    {SLICE("Image"), SLICE("NewImage"), {0}, SIGMA_AS_IS},
    {SLICE("Parent"), SLICE("Object"), SLICE("ObjectValue"), SIGMA_REGISTRY_PATH},
    {SLICE("User"), SLICE("Dom"), SLICE("Sub"), SIGMA_DOMAIN_USER},
    {SLICE("Ip"), SLICE("Pid"), {0}, SIGMA_HEX_TO_DECIMAL},
    {SLICE("Odd"), SLICE("Sub"), {0}, SIGMA_INTEGRITY_LEVEL},
};

static void draw_source(struct dice *d, struct arena *a, struct sigma_source *s)
{
    static uint32_t ids[] = {1, 4624};
    if (dice_roll(d, 3)) {
        s->channels = ARENA_ARRAY(a, struct slice, 1);
        s->channels[0] = slice_from_str(PICK(d, channels));
        s->channel_count = 1;
    }
    if (dice_roll(d, 4) == 0) {
        s->providers = ARENA_ARRAY(a, struct slice, 1);
        s->providers[0] = SLICE("prov");
        s->provider_count = 1;
    }
    s->event_ids = ids;
    s->event_id_count = dice_roll(d, 3) == 0 ? 1 + dice_roll(d, 2) : 0;
    if (dice_roll(d, 5) == 0) {
        s->conditions = ARENA_ARRAY(a, struct sigma_item, 1);
        s->condition_count = 1;
        draw_item(d, a, s->conditions);
    }
    if (dice_roll(d, 3) == 0) {
        s->stand_in = dice_roll(d, 4);
        s->aliases = aliases;
        s->alias_count = sizeof aliases / sizeof *aliases;
    }
}

static struct sigma_rule *draw_rule(struct dice *d, struct arena *a)
{
    struct sigma_rule *r = ARENA_NEW(a, struct sigma_rule);
    r->title = r->file = SLICE("drawn");
    r->selection_count = 1 + dice_roll(d, 3);
    r->selections = ARENA_ARRAY(a, struct sigma_selection, r->selection_count);
    for (size_t i = 0; i < r->selection_count; i++) {
        struct sigma_selection *s = &r->selections[i];
        s->name = SLICE("sel");
        s->group_count = 1 + (dice_roll(d, 4) == 0);
        s->groups = ARENA_ARRAY(a, struct sigma_group, s->group_count);
        for (size_t k = 0; k < s->group_count; k++) {
            s->groups[k].item_count = 1 + dice_roll(d, 3);
            s->groups[k].items = ARENA_ARRAY(a, struct sigma_item, s->groups[k].item_count);
            for (size_t n = 0; n < s->groups[k].item_count; n++)
                draw_item(d, a, &s->groups[k].items[n]);
        }
    }
    r->condition = draw_node(d, a, (uint32_t)r->selection_count, 0);
    r->source_count = 1 + dice_roll(d, 2);
    r->sources = ARENA_ARRAY(a, struct sigma_source, r->source_count);
    for (size_t i = 0; i < r->source_count; i++)
        draw_source(d, a, &r->sources[i]);
    return r;
}

void draw_rules(struct dice *d, struct sigma_set *set, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct sigma_rule *r = draw_rule(d, &set->arena);
        r->index = (uint32_t)set->rules.count;
        *ARRAY_ADD(&set->rules) = r;
    }
}

static struct value draw_value(struct dice *d, struct arena *a)
{
    struct slice text = draw_text(d, a);
    uint8_t *bytes = arena_bytes(a, 16);
    for (size_t i = 0; i < 16; i++)
        bytes[i] = (uint8_t)dice_roll(d, 256);
    switch (dice_roll(d, 16)) {
    case 0:
        return (struct value){.type = VALUE_NULL};
    case 1:
        return (struct value){.type = VALUE_ABSENT};
    case 2:
        return (struct value){slice_of(bytes, 4), VALUE_UINT32};
    case 3:
        return (struct value){slice_of(bytes, 16), VALUE_GUID};
    case 4:
        return (struct value){slice_of(bytes, 8), VALUE_HEX64};
    case 5: {
        uint8_t *units = arena_bytes(a, text.len * 4 + 2);
        struct value v = fake_utf16(a, text);
        if (v.raw.len)
            memcpy(units, v.raw.at, v.raw.len);
        for (size_t i = 0; i + 1 < v.raw.len; i += 2) // a NUL for each b: several elements
            if (units[i] == 'b')
                units[i] = units[i + 1] = 0;
        v = (struct value){slice_of(units, v.raw.len), VALUE_UTF16 | VALUE_ARRAY};
        return v;
    }
    case 6:
        return (struct value){slice_of(bytes, dice_roll(d, 17)), VALUE_BINARY};
    case 7:
    case 8:
    case 9:
        return (struct value){text, VALUE_UTF8};
    case 10:
        return (struct value){slice_of(bytes, dice_roll(d, 17)), VALUE_UTF16};
    default:
        return fake_utf16(a, text);
    }
}

enum {
    MAX_FIELDS = 3 + 12,
};

static void add_field(struct fake_event *f, const char *name, enum field_place place,
                      struct value v)
{
    f->fields[f->shape.field_count] = (struct field){slice_from_str(name), place};
    f->values[f->shape.field_count++] = v;
}

void draw_event(struct dice *d, struct arena *a, struct fake_event *out)
{
    static const uint16_t ids[] = {1, 4624, 15};
    struct field *fields = ARENA_ARRAY(a, struct field, MAX_FIELDS);
    struct value *values = ARENA_ARRAY(a, struct value, MAX_FIELDS);
    fake_event_init(out, fields, values, 0);
    uint8_t *id = arena_bytes(a, 2);
    uint16_t number = PICK(d, ids);
    id[0] = (uint8_t)number;
    id[1] = (uint8_t)(number >> 8);
    const char *channel = dice_roll(d, 2) ? PICK(d, channels) : "security";
    // The names of the fields decide the id: a shape is its fields.
    uint32_t shape = 0, extra = dice_roll(d, 8), data = dice_roll(d, 6);
    shape = extra * 6 + data;
    struct dice layout = {.seed = shape};
    if (extra)
        add_field(out, "EventID", PLACE_SYSTEM, (struct value){slice_of(id, 2), VALUE_UINT16});
    add_field(out, "Channel", PLACE_SYSTEM, fake_utf16(a, slice_from_str(channel)));
    add_field(out, "Provider_Name", PLACE_SYSTEM, fake_utf8(data & 1 ? "Prov" : "Other"));
    for (uint32_t n = data * 2; n; n--) {
        bool own = dice_roll(&layout, 2);
        const char *name = own ? PICK(&layout, own_names) : PICK(&layout, names);
        add_field(out, name, PLACE_DATA, draw_value(d, a));
    }
    out->shape.id = shape;
    out->event.system =
        (struct event_system){.event_id = extra ? number : 0,
                              .channel = slice_from_str(channel),
                              .provider = slice_from_str(data & 1 ? "Prov" : "Other")};
}
