// SPDX-License-Identifier: Apache-2.0
#include "event.h"

#include "known.h"
#include "value.h"

#include "base/array.h"
#include "base/buf.h"
#include "base/sha256.h"

// Places of the values of the outer template, as in logs that Windows writes itself.
enum {
    V_LEVEL,
    V_OPCODE,
    V_TASK,
    V_EVENT_ID,
    V_QUALIFIERS,
    V_KEYWORDS,
    V_TIME,
    V_ACTIVITY,
    V_PID,
    V_TID,
    V_RECORD,
    V_VERSION,
    V_USER,
    V_RELATED = 18,
    V_DATA,
    V_COUNT,
};

struct builder {
    struct arena *a;
    const struct make_event *ev;
    const struct known_event *known;
    struct err *e;
    bool failed;
    ARRAY_OF(struct bx_value) values; // of the data template
};

void make_event_init(struct make_event *ev)
{
    *ev = (struct make_event){.version = MAKE_UNSET,
                              .level = MAKE_UNSET,
                              .task = MAKE_UNSET,
                              .opcode = MAKE_UNSET,
                              .qualifiers = MAKE_UNSET,
                              .pid = 4,
                              .tid = 8};
}

static void digest_nodes(struct buf *b, const struct bx_node *n)
{
    for (; n; n = n->next) {
        uint8_t *head = buf_reserve(b, 7);
        head[0] = (uint8_t)n->kind;
        head[1] = n->type;
        put16(head + 2, n->number);
        put16(head + 4, n->dependency);
        head[6] = '(';
        b->len += 7;
        buf_add(b, n->text);
        buf_byte(b, 0);
        buf_add(b, n->more);
        for (const struct bx_attribute *at = n->attributes; at; at = at->next) {
            buf_byte(b, '@');
            buf_add(b, at->name);
            buf_byte(b, 0);
            digest_nodes(b, at->value);
        }
        digest_nodes(b, n->children);
        buf_byte(b, ')');
    }
}

struct bx_template *make_template(struct arena *a, const struct bx_node *root)
{
    struct buf b = {0};
    struct bx_template *t = ARENA_NEW(a, struct bx_template);
    digest_nodes(&b, root);
    struct sha256_digest d = sha256_of(buf_slice(&b));
    memcpy(t->guid, d.bytes, sizeof t->guid);
    t->root = root;
    buf_free(&b);
    return t;
}

static size_t add_value(struct builder *b, uint8_t type, struct slice bytes)
{
    *ARRAY_ADD(&b->values) = (struct bx_value){.type = type, .bytes = bytes};
    return b->values.count - 1;
}

static struct slice encode(struct builder *b, uint8_t type, struct slice text, struct slice name)
{
    struct slice bytes = {0};
    struct err why = {0};
    if (!b->failed && !value_encode(b->a, type, text, &bytes, &why)) {
        err_set(b->e, ERR_FORMAT, 0, "field %.*s: %s", SLICE_FMT(name), why.message);
        b->failed = true;
    }
    return bytes;
}

// Strings of an array end in NUL; other types stand side by side.
static struct slice encode_list(struct builder *b, uint8_t type, const struct make_value *v,
                                struct slice name)
{
    struct buf all = {0};
    for (size_t i = 0; i < v->count; i++) {
        buf_add(&all, encode(b, type, v->fields[i].value.text, name));
        if (type == BX_STRING)
            buf_add(&all, slice_of("\0", 2));
        if (type == BX_ANSI)
            buf_byte(&all, 0);
    }
    struct slice bytes = arena_copy(b->a, buf_slice(&all));
    buf_free(&all);
    return bytes;
}

// Adds v to the values; type is what the template declares.
static size_t put_value(struct builder *b, const struct make_value *v, uint8_t known_type,
                        struct slice name, uint8_t *type)
{
    *type = v->type != MAKE_TYPE_UNSET ? v->type : known_type;
    if (v->form == MAKE_NULL)
        return add_value(b, BX_NULL, (struct slice){0});
    if (v->form == MAKE_LIST || *type & BX_ARRAY) {
        *type |= BX_ARRAY;
        return add_value(b, *type, encode_list(b, *type & (uint8_t)~BX_ARRAY, v, name));
    }
    struct slice bytes = encode(b, *type, v->text, name);
    // Windows writes an absent binary as null.
    return add_value(b, *type == BX_BINARY && !bytes.len ? BX_NULL : *type, bytes);
}

static void add_data(struct builder *b, struct bx_node *parent, struct slice name,
                     const struct make_value *v, uint8_t known_type)
{
    uint8_t type;
    size_t index = put_value(b, v, known_type, name, &type);
    struct bx_node *n;
    if (known_type == BX_BINARY && slice_equal_str(name, "Binary")) {
        n = bx_element(b->a, parent, name);
        n->dependency = (uint16_t)index;
        bx_sub(b->a, n, index, type, true);
        return;
    }
    n = bx_element(b->a, parent, SLICE("Data"));
    bx_attribute_text(b->a, n, SLICE("Name"), name);
    bx_sub(b->a, n, index, type, v->form == MAKE_NULL);
}

static void add_element(struct builder *b, struct bx_node *parent, struct slice name,
                        const struct make_value *v, uint8_t known_type, unsigned depth)
{
    struct bx_node *n = bx_element(b->a, parent, name);
    uint8_t type;
    if (v->form != MAKE_MAP) {
        size_t index = put_value(b, v, known_type, name, &type);
        bx_sub(b->a, n, index, type, v->form == MAKE_NULL);
        return;
    }
    for (size_t i = 0; i < v->count && depth < 256; i++) {
        const struct make_field *f = &v->fields[i];
        if (f->name.len && f->name.at[0] == '@')
            bx_attribute_text(b->a, n, slice_sub(f->name, 1, f->name.len), f->value.text);
        else
            add_element(b, n, f->name, &f->value, BX_STRING, depth + 1);
    }
}

static const struct make_field *field_named(const struct make_field *fields, size_t count,
                                            struct slice name)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal(fields[i].name, name))
            return &fields[i];
    return NULL;
}

static struct slice sysmon_time(struct arena *a, vtime t)
{
    struct civil_time c = time_to_civil(t);
    return arena_printf(a, "%04d-%02d-%02d %02d:%02d:%02d.%03u", c.year, c.month, c.day, c.hour,
                        c.minute, c.second, (unsigned)(c.ticks / 10000));
}

// The known fields in Windows' order, each with the event's value or the standard one; then the
// event's others.
static void add_fields(struct builder *b, struct bx_node *parent, const struct make_field *fields,
                       size_t count, bool as_data)
{
    struct slice list = b->known ? slice_from_str(b->known->fields) : (struct slice){0};
    struct slice all = list;
    struct known_field k;
    while (known_field_next(&list, &k)) {
        struct make_value standard = {MAKE_TEXT, MAKE_TYPE_UNSET, k.standard, NULL, 0};
        if (k.now)
            standard.text = sysmon_time(b->a, b->ev->time);
        const struct make_field *f = field_named(fields, count, k.name);
        if (as_data)
            add_data(b, parent, k.name, f ? &f->value : &standard, k.type);
        else
            add_element(b, parent, k.name, f ? &f->value : &standard, k.type, 0);
    }
    for (size_t i = 0; i < count; i++) {
        bool known = false;
        for (list = all; !known && known_field_next(&list, &k);)
            known = slice_equal(k.name, fields[i].name);
        if (known)
            continue;
        if (!as_data && fields[i].name.len && fields[i].name.at[0] == '@')
            bx_attribute_text(b->a, parent, slice_sub(fields[i].name, 1, fields[i].name.len),
                              fields[i].value.text);
        else if (as_data)
            add_data(b, parent, fields[i].name, &fields[i].value, BX_STRING);
        else
            add_element(b, parent, fields[i].name, &fields[i].value, BX_STRING, 0);
    }
}

// A classic source's strings are one array; elsewhere each <Data> stands alone.
static struct bx_node *build_unnamed(struct builder *b, bool classic)
{
    struct bx_node *root = bx_element(b->a, NULL, SLICE("EventData")), *n;
    const struct make_value all = {MAKE_LIST, BX_STRING, {0}, b->ev->fields, b->ev->count};
    uint8_t type;
    if (!classic) {
        for (size_t i = 0; i < b->ev->count; i++) {
            n = bx_element(b->a, root, SLICE("Data"));
            size_t index = put_value(b, &b->ev->fields[i].value, BX_STRING, SLICE("Data"), &type);
            bx_sub(b->a, n, index, type, b->ev->fields[i].value.form == MAKE_NULL);
        }
        return root;
    }
    n = bx_element(b->a, root, SLICE("Data"));
    n->dependency = 0;
    bx_sub(b->a, n, 0, BX_STRING | BX_ARRAY, true);
    if (b->ev->count)
        put_value(b, &all, BX_STRING, SLICE("Data"), &type);
    else
        add_value(b, BX_NULL, (struct slice){0});
    uint8_t *len = arena_alloc(b->a, 4);
    put32(len, (uint32_t)b->values.items[0].bytes.len);
    add_value(b, BX_UINT32, slice_of(len, 4));
    n = bx_element(b->a, root, SLICE("Binary"));
    n->dependency = 2;
    bx_sub(b->a, n, 2, BX_BINARY, true);
    struct slice bytes = encode(b, BX_BINARY, b->ev->binary, SLICE("Binary"));
    add_value(b, bytes.len ? BX_BINARY : BX_NULL, bytes);
    return root;
}

static struct bx_node *build_user(struct builder *b)
{
    const struct make_field *fields = b->ev->fields;
    size_t count = b->ev->count;
    struct slice name = {0}, space = {0};
    if (b->known && b->known->layout == KNOWN_USER) {
        const char *blank = strchr(b->known->root, ' ');
        name = slice_of(b->known->root, (size_t)(blank - b->known->root));
        space = slice_from_str(blank + 1);
    }
    bool given = b->ev->kind == MAKE_USER && count == 1;
    if (given && (!name.len || !slice_equal(name, fields[0].name))) {
        name = fields[0].name;
        space = (struct slice){0};
        b->known = NULL;
    }
    if (given && fields[0].value.form != MAKE_MAP) {
        struct bx_node *holder = bx_element(b->a, NULL, SLICE(""));
        add_element(b, holder, name, &fields[0].value, BX_STRING, 0);
        return holder->children;
    }
    struct bx_node *root = bx_element(b->a, NULL, name);
    if (space.len &&
        !(given && field_named(fields[0].value.fields, fields[0].value.count, SLICE("@xmlns"))))
        bx_attribute_text(b->a, root, SLICE("xmlns"), space);
    if (given)
        add_fields(b, root, fields[0].value.fields, fields[0].value.count, false);
    else
        add_fields(b, root, fields, count, false);
    return root;
}

static struct bx_instance *build_data(struct builder *b, bool *user)
{
    struct bx_node *root;
    enum known_layout layout = b->known ? b->known->layout : KNOWN_DATA;
    *user = b->ev->kind == MAKE_USER || (layout == KNOWN_USER && b->ev->kind != MAKE_UNNAMED);
    if (*user) {
        root = build_user(b);
    } else if (b->ev->kind == MAKE_UNNAMED ||
               (layout == KNOWN_CLASSIC && b->ev->kind == MAKE_NO_DATA)) {
        root = build_unnamed(b, layout == KNOWN_CLASSIC);
    } else {
        root = bx_element(b->a, NULL, SLICE("EventData"));
        add_fields(b, root, b->ev->fields, b->ev->count, true);
    }
    struct bx_instance *in = ARENA_NEW(b->a, struct bx_instance);
    in->form = make_template(b->a, root);
    in->count = b->values.count;
    in->values = ARENA_ARRAY(b->a, struct bx_value, in->count + 1);
    if (in->count)
        memcpy(in->values, b->values.items, in->count * sizeof *in->values);
    return in;
}

static void system_value(struct arena *a, struct bx_node *system, const char *name, size_t index,
                         uint8_t type)
{
    struct bx_node *n = bx_element(a, system, slice_from_str(name));
    n->dependency = (uint16_t)index;
    bx_sub(a, n, index, type, true);
}

static void add_provider(struct arena *a, const struct make_event *ev, struct bx_node *system)
{
    const struct known_provider *p = known_provider_find(ev->provider);
    struct bx_node *n = bx_element(a, system, SLICE("Provider"));
    struct slice guid = ev->guid, source = ev->source;
    bx_attribute_text(a, n, SLICE("Name"), ev->provider);
    if (!guid.at && p && p->guid)
        guid = slice_from_str(p->guid);
    if (guid.at && guid.len)
        bx_attribute_text(a, n, SLICE("Guid"),
                          guid.at[0] == '{' ? guid : arena_printf(a, "{%.*s}", SLICE_FMT(guid)));
    if (!source.at && p && p->source)
        source = slice_from_str(p->source);
    if (source.len)
        bx_attribute_text(a, n, SLICE("EventSourceName"), source);
}

static struct slice channel_of(const struct make_event *ev, const struct known_event *known)
{
    const struct known_provider *p = known_provider_find(ev->provider);
    if (ev->channel.at)
        return ev->channel;
    if (known && known->channel)
        return slice_from_str(known->channel);
    return p ? slice_from_str(p->channel) : SLICE("Application");
}

static struct bx_node *build_outer(struct builder *b, bool user)
{
    struct arena *a = b->a;
    struct bx_node *event = bx_element(a, NULL, SLICE("Event")), *n;
    bx_attribute_text(a, event, SLICE("xmlns"),
                      SLICE("http://schemas.microsoft.com/win/2004/08/events/event"));
    struct bx_node *system = bx_element(a, event, SLICE("System"));
    add_provider(a, b->ev, system);
    system_value(a, system, "EventID", V_EVENT_ID, BX_UINT16);
    bx_attribute_sub(a, system->last, SLICE("Qualifiers"), V_QUALIFIERS, BX_UINT16);
    system_value(a, system, "Version", V_VERSION, BX_UINT8);
    system_value(a, system, "Level", V_LEVEL, BX_UINT8);
    system_value(a, system, "Task", V_TASK, BX_UINT16);
    system_value(a, system, "Opcode", V_OPCODE, BX_UINT8);
    system_value(a, system, "Keywords", V_KEYWORDS, BX_HEX64);
    n = bx_element(a, system, SLICE("TimeCreated"));
    bx_attribute_sub(a, n, SLICE("SystemTime"), V_TIME, BX_FILETIME);
    system_value(a, system, "EventRecordID", V_RECORD, BX_UINT64);
    n = bx_element(a, system, SLICE("Correlation"));
    bx_attribute_sub(a, n, SLICE("ActivityID"), V_ACTIVITY, BX_GUID);
    bx_attribute_sub(a, n, SLICE("RelatedActivityID"), V_RELATED, BX_GUID);
    n = bx_element(a, system, SLICE("Execution"));
    bx_attribute_sub(a, n, SLICE("ProcessID"), V_PID, BX_UINT32);
    bx_attribute_sub(a, n, SLICE("ThreadID"), V_TID, BX_UINT32);
    n = bx_element(a, system, SLICE("Channel"));
    if (!b->ev->channel_null)
        bx_text(a, n, BX_TEXT, channel_of(b->ev, b->known));
    n = bx_element(a, system, SLICE("Computer"));
    bx_text(a, n, BX_TEXT, b->ev->computer.at ? b->ev->computer : SLICE("PC-1.office.example"));
    n = bx_element(a, system, SLICE("Security"));
    bx_attribute_sub(a, n, SLICE("UserID"), V_USER, BX_SID);
    n = user ? bx_element(a, event, SLICE("UserData")) : event;
    bx_sub(a, n, V_DATA, BX_BINXML, true);
    return event;
}

static struct bx_value number(struct arena *a, uint8_t type, size_t size, uint64_t n)
{
    uint8_t *p = arena_alloc(a, 8);
    put64(p, n);
    return (struct bx_value){.type = type, .bytes = slice_of(p, size)};
}

static uint64_t choose(int given, unsigned known)
{
    return given == MAKE_UNSET ? known : (unsigned)given;
}

static void fill_outer(struct builder *b, uint64_t record, struct bx_value *v)
{
    const struct make_event *ev = b->ev;
    const struct known_event *k = known_event_find(ev->provider, ev->id, ev->version);
    const struct known_provider *p = known_provider_find(ev->provider);
    static const struct known_event NONE = {.level = 4, .keywords = 0x8000000000000000ull};
    k = k ? k : &NONE;
    bool classic = k->layout == KNOWN_CLASSIC || (p && p->source);
    v[V_LEVEL] = number(b->a, BX_UINT8, 1, choose(ev->level, k->level));
    v[V_OPCODE] = number(b->a, BX_UINT8, 1, choose(ev->opcode, k->opcode));
    v[V_TASK] = number(b->a, BX_UINT16, 2, choose(ev->task, k->task));
    v[V_EVENT_ID] = number(b->a, BX_UINT16, 2, ev->id);
    if (ev->qualifiers != MAKE_UNSET || classic)
        v[V_QUALIFIERS] =
            number(b->a, BX_UINT16, 2, choose(ev->qualifiers, p && p->source ? 16384 : 0));
    v[V_KEYWORDS] = number(b->a, BX_HEX64, 8, ev->has_keywords ? ev->keywords : k->keywords);
    v[V_TIME] = number(b->a, BX_FILETIME, 8, ev->time);
    v[V_PID] = number(b->a, BX_UINT32, 4, ev->pid);
    v[V_TID] = number(b->a, BX_UINT32, 4, ev->tid);
    v[V_RECORD] = number(b->a, BX_UINT64, 8, record);
    v[V_VERSION] = number(b->a, BX_UINT8, 1, choose(ev->version, k->version));
    if (ev->activity.len)
        v[V_ACTIVITY] =
            (struct bx_value){BX_GUID, encode(b, BX_GUID, ev->activity, SLICE("activity")), NULL};
    struct slice user = ev->user.at ? ev->user : slice_from_str(p && p->user ? p->user : "");
    if (user.len)
        v[V_USER] = (struct bx_value){BX_SID, encode(b, BX_SID, user, SLICE("user")), NULL};
}

bool make_event_build(struct arena *a, const struct make_event *ev, uint64_t record,
                      const struct bx_instance **out, struct err *e)
{
    struct builder b = {.a = a, .ev = ev, .e = e};
    bool user;
    b.known = known_event_find(ev->provider, ev->id, ev->version);
    user = ev->custom_user;
    struct bx_instance *outer = ARENA_NEW(a, struct bx_instance);
    outer->count = V_COUNT;
    outer->values = ARENA_ARRAY(a, struct bx_value, V_COUNT);
    fill_outer(&b, record, outer->values);
    outer->values[V_DATA] = (struct bx_value){
        .type = BX_BINXML, .nested = ev->custom ? ev->custom : build_data(&b, &user)};
    b.known = known_event_find(ev->provider, ev->id, ev->version);
    outer->form = make_template(a, build_outer(&b, user));
    ARRAY_FREE(&b.values);
    *out = outer;
    return !b.failed;
}
