// SPDX-License-Identifier: Apache-2.0
// Findings and evidence as rows for other programs. Names and order of the columns are a contract:
// add at the end, never change.
#include "report/internal.h"

#include "base/array.h"
#include "base/escape.h"
#include "base/term.h"

enum { ROW_FORMATS = 3 };

// Of a field, in the text of all.
struct span {
    size_t name, name_end, value, value_end;
};

// Where a finding stands, ready for each format; the same for many findings that follow each other.
enum place_part {
    PLACE_FILE, // these four as they are
    PLACE_HOST,
    PLACE_ACCOUNT,
    PLACE_CHANNEL,
    PLACE_JSON_FILE,
    PLACE_JSON_NAMES,
    PLACE_CSV_FILE,
    PLACE_CSV_NAMES,
    PLACE_MESSAGE, // of the timeline
    PLACE_PARTS,
};

struct place {
    bool made;
    struct buf parts[PLACE_PARTS];
};

// What the fields of a finding say in each format. A rule often finds the same again and again:
// what was said last is kept by rule.
enum said_part {
    SAID_JSON,    // names and values, of jsonl
    SAID_CSV,     // the cell, with the end of the line
    SAID_MESSAGE, // of the timeline
    SAID_KEYS,    // of the timeline, each field a key
    SAID_PARTS,
};

enum {
    SAID_SLOTS = 256,
    SAID_MOST = 1024, // bytes of fields that are kept by rule
};

struct said {
    bool made;
    struct buf of; // the fields as they lie in the case
    struct buf parts[SAID_PARTS];
};

struct rows {
    struct report *r;
    struct out *out;               // of the evidence list
    struct out *outs[ROW_FORMATS]; // of the findings; NULL: not wanted
    struct buf line, joined;
    struct place place;
    struct said *said, long_said; // by index of group; of long fields
    struct arena memory;          // of the fields in hand
    ARRAY_OF(struct span) spans;  // of these, in the JSON
    // Of the finding in hand: see make_common.
    struct buf keys;
    const struct said *fields;
    char time[VTIME_TEXT_MAX];
    size_t time_len;          // 0: not known
    struct rule_words *words; // by index of group
};

// What a rule adds to each of its rows is the same for all of them.
struct rule_words {
    struct slice json; // from "kind" to "techniques"
    struct slice csv;
    struct slice message, tag; // of the timeline
};

void report_json(struct buf *b, struct slice s)
{
    escape_json(b, s, ESCAPE_JSON_VISIBLE);
}

// The keys are literals: ,"key":
#define KEY(name) SLICE(",\"" name "\":")

static void key_text(struct buf *b, struct slice key, struct slice value)
{
    buf_add(b, key);
    buf_byte(b, '"');
    report_json(b, value);
    buf_byte(b, '"');
}

static void key_number(struct buf *b, struct slice key, bool known, uint64_t n)
{
    buf_add(b, key);
    if (known)
        buf_u64(b, n);
    else
        buf_add(b, SLICE("null"));
}

static void key_list(struct buf *b, struct slice key, const struct slice *items, size_t count)
{
    buf_add(b, key);
    buf_byte(b, '[');
    for (size_t i = 0; i < count; i++) {
        buf_str(b, i ? ",\"" : "\"");
        report_json(b, items[i]);
        buf_byte(b, '"');
    }
    buf_byte(b, ']');
}

static const struct finding_rule *rule_of(const struct report *r, const struct case_finding *f)
{
    static const struct finding_rule unknown = {0};
    const struct report_group *g = report_group_of(r, f->rule);
    return g ? &g->found.rule : &unknown;
}

static void cell(struct buf *b, struct slice value, char end)
{
    csv_cell(b, value);
    buf_byte(b, (uint8_t)end);
}

static void cell_number(struct buf *b, bool known, uint64_t n)
{
    if (known)
        buf_u64(b, n);
    buf_byte(b, ',');
}

static void cell_time(struct buf *b, vtime t)
{
    char text[VTIME_TEXT_MAX];
    if (t)
        buf_add(b, slice_of(text, time_format(t, text)));
    buf_byte(b, ',');
}

static void make_words(struct rows *s, const struct finding_rule *rule, struct rule_words *w)
{
    struct buf b = {0};
    key_text(&b, KEY("kind"), slice_from_str(finding_kind_name(rule->kind)));
    key_text(&b, KEY("rule"), rule->id);
    key_text(&b, KEY("title"), rule->title);
    key_text(&b, KEY("level"), slice_from_str(finding_level_name(rule->level)));
    key_list(&b, KEY("techniques"), rule->techniques, rule->technique_count);
    w->json = arena_copy(&s->r->memory, buf_slice(&b));
    buf_clear(&b);
    buf_clear(&s->joined);
    for (size_t i = 0; i < rule->technique_count; i++) {
        buf_str(&s->joined, i ? ";" : "");
        buf_add(&s->joined, rule->techniques[i]);
    }
    cell(&b, slice_from_str(finding_kind_name(rule->kind)), ',');
    cell(&b, rule->id, ',');
    cell(&b, rule->title, ',');
    cell(&b, slice_from_str(finding_level_name(rule->level)), ',');
    cell(&b, buf_slice(&s->joined), ',');
    w->csv = arena_copy(&s->r->memory, buf_slice(&b));
    buf_clear(&b);
    buf_printf(&b, "[%s] ", finding_level_name(rule->level));
    report_json(&b, rule->title);
    w->message = arena_copy(&s->r->memory, buf_slice(&b));
    w->tag = arena_printf(&s->r->memory, ",\"tag\":[\"%s\"]", finding_level_name(rule->level));
    buf_free(&b);
}

static const struct rule_words *words_of(struct rows *s, const struct case_finding *f)
{
    const struct report_group *g = report_group_of(s->r, f->rule);
    struct rule_words *w =
        &s->words[g ? g->number : 0]; // 0: a rule that the case does not describe
    if (!w->json.len)
        make_words(s, rule_of(s->r, f), w);
    return w;
}

static struct slice place_part(const struct rows *s, enum place_part part)
{
    return buf_slice(&s->place.parts[part]);
}

static bool is_same_place(const struct rows *s, const struct case_finding *f)
{
    return s->place.made && slice_equal(place_part(s, PLACE_HOST), f->host) &&
           slice_equal(place_part(s, PLACE_ACCOUNT), f->account) &&
           slice_equal(place_part(s, PLACE_CHANNEL), f->channel) &&
           slice_equal(place_part(s, PLACE_FILE), f->file);
}

static void add_place_message(struct buf *b, const struct case_finding *f)
{
    if (!f->host.len && !f->account.len)
        return;
    buf_add(b, SLICE(" ("));
    report_json(b, f->host);
    buf_add(b, f->host.len && f->account.len ? SLICE(", ") : SLICE(""));
    report_json(b, f->account);
    buf_byte(b, ')');
}

static void make_place(struct place *p, const struct case_finding *f)
{
    for (int i = 0; i < PLACE_PARTS; i++)
        buf_clear(&p->parts[i]);
    buf_add(&p->parts[PLACE_FILE], f->file);
    buf_add(&p->parts[PLACE_HOST], f->host);
    buf_add(&p->parts[PLACE_ACCOUNT], f->account);
    buf_add(&p->parts[PLACE_CHANNEL], f->channel);
    key_text(&p->parts[PLACE_JSON_FILE], KEY("file"), f->file);
    key_text(&p->parts[PLACE_JSON_NAMES], KEY("host"), f->host);
    key_text(&p->parts[PLACE_JSON_NAMES], KEY("account"), f->account);
    key_text(&p->parts[PLACE_JSON_NAMES], KEY("channel"), f->channel);
    cell(&p->parts[PLACE_CSV_FILE], f->file, ',');
    cell(&p->parts[PLACE_CSV_NAMES], f->host, ',');
    cell(&p->parts[PLACE_CSV_NAMES], f->account, ',');
    cell(&p->parts[PLACE_CSV_NAMES], f->channel, ',');
    add_place_message(&p->parts[PLACE_MESSAGE], f);
    p->made = true;
}

static void add_ready(struct buf *b, struct slice ready, struct slice text)
{
    if (ready.at)
        buf_add(b, ready);
    else
        report_json(b, text);
}

static void make_json(struct rows *s, const struct case_fields *f, struct buf *b)
{
    s->spans.count = 0;
    for (size_t i = 0; i < f->count; i++) {
        struct span *span = ARRAY_ADD(&s->spans);
        buf_add(b, i ? SLICE(",\"") : SLICE("\""));
        span->name = b->len;
        add_ready(b, f->json[i].name, f->at[i].name);
        span->name_end = b->len;
        buf_add(b, SLICE("\":\""));
        span->value = b->len;
        add_ready(b, f->json[i].value, f->at[i].value);
        span->value_end = b->len;
        buf_byte(b, '"');
    }
}

static void make_cell(struct rows *s, const struct case_fields *f, struct buf *b)
{
    buf_clear(&s->joined);
    for (size_t i = 0; i < f->count; i++) {
        if (i)
            buf_byte(&s->joined, ';');
        buf_add(&s->joined, f->at[i].name);
        buf_byte(&s->joined, '=');
        buf_add(&s->joined, f->at[i].value);
    }
    cell(b, buf_slice(&s->joined), '\r');
    buf_byte(b, '\n');
}

enum { MESSAGE_FIELDS = 3, MESSAGE_VALUE = 500 };

// A part of the JSON that was made.
static struct slice json_part(const struct said *said, size_t from, size_t to)
{
    return slice_sub(buf_slice(&said->parts[SAID_JSON]), from, to);
}

static void make_message(const struct rows *s, const struct case_fields *f, struct said *said)
{
    struct buf *b = &said->parts[SAID_MESSAGE];
    for (size_t i = 0; i < f->count && i < MESSAGE_FIELDS; i++) {
        const struct span *span = &s->spans.items[i];
        struct slice value = f->at[i].value;
        buf_add(b, i ? SLICE(", ") : SLICE(": "));
        buf_add(b, json_part(said, span->name, span->name_end));
        buf_byte(b, '=');
        if (value.len <= MESSAGE_VALUE)
            buf_add(b, json_part(said, span->value, span->value_end));
        else
            report_json(b, slice_sub(value, 0, MESSAGE_VALUE));
    }
}

// A field's name as a key of its own: OpenSearch reads dots as nesting.
static void add_field_key(struct buf *b, struct slice name)
{
    buf_add(b, SLICE(",\"field_"));
    name = slice_sub(name, 0, 100);
    uint8_t *out = buf_reserve(b, name.len);
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = name.at[i];
        bool word = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        out[i] = word ? c : '_';
    }
    b->len += name.len;
    buf_add(b, SLICE("\":\""));
}

static void make_keys(const struct rows *s, const struct case_fields *f, struct said *said)
{
    struct buf *b = &said->parts[SAID_KEYS];
    for (size_t i = 0; i < f->count; i++) {
        add_field_key(b, f->at[i].name);
        buf_add(b, json_part(said, s->spans.items[i].value, s->spans.items[i].value_end));
        buf_byte(b, '"');
    }
}

static const struct said *said_of(struct rows *s, const struct case_finding *f)
{
    const struct report_group *g = report_group_of(s->r, f->rule);
    struct said *said =
        f->fields.len > SAID_MOST ? &s->long_said : &s->said[(g ? g->number : 0) % SAID_SLOTS];
    if (said->made && slice_equal(buf_slice(&said->of), f->fields))
        return said;
    arena_reset(&s->memory);
    struct case_fields fields = case_finding_fields(f->fields, &s->memory);
    buf_clear(&said->of);
    buf_add(&said->of, f->fields);
    for (int i = 0; i < SAID_PARTS; i++)
        buf_clear(&said->parts[i]);
    make_json(s, &fields, &said->parts[SAID_JSON]);
    make_cell(s, &fields, &said->parts[SAID_CSV]);
    make_message(s, &fields, said);
    make_keys(s, &fields, said);
    said->made = true;
    return said;
}

static void free_said(struct said *said)
{
    buf_free(&said->of);
    for (int i = 0; i < SAID_PARTS; i++)
        buf_free(&said->parts[i]);
}

static void add_said(struct rows *s, enum said_part part)
{
    buf_add(&s->line, buf_slice(&s->fields->parts[part]));
}

// What the formats have in common is written once for all: the time, the place, jsonl's and
// Timesketch's keys from file on, and the fields' names and values.
static void make_common(struct rows *s, const struct case_finding *f)
{
    s->time_len = f->time ? time_format(f->time, s->time) : 0;
    if (!is_same_place(s, f))
        make_place(&s->place, f);
    struct buf *b = &s->keys;
    buf_clear(b);
    buf_add(b, place_part(s, PLACE_JSON_FILE));
    key_number(b, KEY("offset"), f->has_event, f->offset);
    key_number(b, KEY("record"), f->has_record, f->record);
    buf_add(b, place_part(s, PLACE_JSON_NAMES));
    key_number(b, KEY("event_id"), f->has_event, f->event_id);
    s->fields = said_of(s, f);
}

static void jsonl_row(struct rows *s, const struct case_finding *f)
{
    struct buf *b = &s->line;
    buf_add(b, SLICE("{\"time\":"));
    if (s->time_len) {
        buf_byte(b, '"');
        buf_add(b, slice_of(s->time, s->time_len));
        buf_byte(b, '"');
    } else {
        buf_add(b, SLICE("null"));
    }
    buf_add(b, words_of(s, f)->json);
    buf_add(b, buf_slice(&s->keys));
    buf_add(b, SLICE(",\"fields\":{"));
    add_said(s, SAID_JSON);
    buf_add(b, SLICE("}}\n"));
}

static void csv_row(struct rows *s, const struct case_finding *f)
{
    struct buf *b = &s->line;
    buf_add(b, slice_of(s->time, s->time_len));
    buf_byte(b, ',');
    buf_add(b, words_of(s, f)->csv);
    buf_add(b, place_part(s, PLACE_CSV_FILE));
    cell_number(b, f->has_event, f->offset);
    cell_number(b, f->has_record, f->record);
    buf_add(b, place_part(s, PLACE_CSV_NAMES));
    cell_number(b, f->has_event, f->event_id);
    add_said(s, SAID_CSV);
}

// What a row of the timeline says: level and title, where, then the first fields that matched.
static void add_message(struct rows *s, const struct case_finding *f)
{
    struct buf *b = &s->line;
    buf_add(b, words_of(s, f)->message);
    buf_add(b, place_part(s, PLACE_MESSAGE));
    add_said(s, SAID_MESSAGE);
}

// One row of Timesketch's JSONL: message, datetime and timestamp_desc are required, timestamp is in
// microseconds (timesketch.org, "Import data from JSON or CSV"). A finding without a time has no
// place there.
static void timesketch_row(struct rows *s, const struct case_finding *f)
{
    struct buf *b = &s->line;
    if (!f->time)
        return;
    int64_t micros = (int64_t)(f->time / 10) - 11644473600000000;
    buf_add(b, SLICE("{\"message\":\""));
    add_message(s, f);
    buf_add(b, SLICE("\",\"datetime\":\""));
    buf_add(b, slice_of(s->time, s->time_len - 2)); // microseconds: without the last digit and Z
    buf_add(b, micros < 0 ? SLICE("+00:00\",\"timestamp\":-") : SLICE("+00:00\",\"timestamp\":"));
    buf_u64(b, (uint64_t)(micros < 0 ? -micros : micros));
    buf_add(b, f->is_correlation ? SLICE(",\"timestamp_desc\":\"First Event\"")
                                 : SLICE(",\"timestamp_desc\":\"Event Recorded\""));
    buf_add(b, words_of(s, f)->json);
    buf_add(b, buf_slice(&s->keys));
    buf_add(b, words_of(s, f)->tag);
    add_said(s, SAID_KEYS);
    buf_add(b, SLICE("}\n"));
}

static const struct {
    enum report_format format;
    const char *head;
    void (*row)(struct rows *s, const struct case_finding *f); // appends to s->line
} row_formats[ROW_FORMATS] = {
    {REPORT_JSONL, "", jsonl_row},
    {REPORT_CSV,
     "time,kind,rule,title,level,techniques,file,offset,record,host,account,channel,event_id,"
     "fields\r\n",
     csv_row},
    {REPORT_TIMESKETCH, "", timesketch_row},
};

static bool finding_row(void *user, const struct case_finding *f)
{
    struct rows *s = user;
    make_common(s, f);
    for (int i = 0; i < ROW_FORMATS; i++) {
        if (!s->outs[i])
            continue;
        buf_clear(&s->line);
        row_formats[i].row(s, f);
        out_write(s->outs[i], buf_slice(&s->line));
    }
    return true;
}

static bool open_rows(struct rows *s, const char *dir, unsigned wanted, struct err *e)
{
    for (int i = 0; i < ROW_FORMATS; i++) {
        if (!(wanted & row_formats[i].format))
            continue;
        const char *path =
            text_format(&s->r->memory, "%s/%s", dir, report_file_name(row_formats[i].format));
        if (!out_create(path, &s->outs[i], e))
            return false;
        out_write(s->outs[i], slice_from_str(row_formats[i].head));
    }
    return true;
}

// One pass over the findings for all formats. A file that cannot be written leaves the old one as
// it was.
bool report_write_findings(struct report *r, const char *dir, unsigned wanted, struct err *e)
{
    struct rows s = {.r = r,
                     .said = ARENA_ARRAY(&r->memory, struct said, SAID_SLOTS),
                     .words = ARENA_ARRAY(&r->memory, struct rule_words, r->group_count + 1)};
    arena_init(&s.memory, 0);
    bool ok = open_rows(&s, dir, wanted, e);
    if (ok && (s.outs[0] || s.outs[1] || s.outs[2]))
        ok = case_each_finding(r->c, finding_row, &s, e);
    for (int i = 0; i < ROW_FORMATS; i++) {
        if (ok && s.outs[i])
            ok = out_commit_of_many(s.outs[i], e);
        else
            out_abort(s.outs[i]);
    }
    buf_free(&s.line);
    buf_free(&s.joined);
    for (int i = 0; i < PLACE_PARTS; i++)
        buf_free(&s.place.parts[i]);
    buf_free(&s.keys);
    for (int i = 0; i < SAID_SLOTS; i++)
        free_said(&s.said[i]);
    free_said(&s.long_said);
    arena_free(&s.memory);
    ARRAY_FREE(&s.spans);
    return ok;
}

static bool evidence_row(void *user, const struct case_evidence *row)
{
    struct rows *s = user;
    char hex[65] = "";
    buf_clear(&s->line);
    cell(&s->line, row->path, ',');
    cell(&s->line, row->kind, ',');
    cell_number(&s->line, true, row->size);
    if (row->has_hash)
        sha256_hex(&row->sha256, hex);
    cell(&s->line, slice_from_str(hex), ',');
    cell_time(&s->line, row->modified);
    cell_number(&s->line, true, row->events);
    cell_number(&s->line, true, row->damaged);
    cell(&s->line, slice_from_str(evidence_state_name(row->state)), ',');
    cell(&s->line, row->reason, '\r');
    buf_byte(&s->line, '\n');
    out_write(s->out, buf_slice(&s->line));
    return true;
}

bool report_write_evidence(struct report *r, const char *path, struct err *e)
{
    struct rows s = {.r = r};
    if (!out_create(path, &s.out, e))
        return false;
    out_write(s.out, SLICE("path,kind,size,sha256,modified,events,damaged,state,reason\r\n"));
    bool ok = case_each_evidence(r->c, evidence_row, &s, e);
    buf_free(&s.line);
    if (!ok) {
        out_abort(s.out);
        return false;
    }
    return out_commit_of_many(s.out, e);
}
