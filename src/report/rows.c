// SPDX-License-Identifier: Apache-2.0
// Findings and evidence as rows for other programs. Names and order of the columns are a contract:
// add at the end, never change.
#include "report/internal.h"

#include "base/term.h"
#include "base/utf.h"

#include <unicode/uchar.h>

struct rows {
    struct report *r;
    struct out *out;
    struct buf line;
};

static bool needs_escape(uint32_t c)
{
    int8_t type = u_charType((UChar32)c);
    return (c >= 0x7f && c < 0xa0) || type == U_FORMAT_CHAR || type == U_LINE_SEPARATOR ||
           type == U_PARAGRAPH_SEPARATOR;
}

static size_t plain_ascii(struct slice s, size_t pos)
{
    size_t i = pos;
    while (s.at && i < s.len && s.at[i] < 0x7f)
        i++;
    return i - pos;
}

void report_json(struct buf *b, struct slice s)
{
    for (size_t pos = 0; pos < s.len;) {
        size_t run = plain_ascii(s, pos);
        buf_json(b, slice_sub(s, pos, pos + run));
        pos += run;
        if (pos >= s.len)
            break;
        size_t from = pos;
        uint32_t c = utf8_decode(s, &pos);
        if (!needs_escape(c))
            buf_json(b, slice_sub(s, from, pos));
        else if (c < 0x10000)
            buf_printf(b, "\\u%04x", c);
        else
            buf_printf(b, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10),
                       0xdc00 + ((c - 0x10000) & 0x3ff));
    }
}

static void key_text(struct buf *b, const char *key, struct slice value)
{
    buf_printf(b, ",\"%s\":\"", key);
    report_json(b, value);
    buf_byte(b, '"');
}

static void key_number(struct buf *b, const char *key, bool known, uint64_t n)
{
    buf_printf(b, ",\"%s\":", key);
    if (known)
        buf_u64(b, n);
    else
        buf_str(b, "null");
}

static void key_list(struct buf *b, const char *key, const struct slice *items, size_t count)
{
    buf_printf(b, ",\"%s\":[", key);
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

// The contract's keys from kind on.
static void add_finding_json(struct buf *b, const struct finding_rule *rule,
                             const struct case_finding *f)
{
    key_text(b, "kind", slice_from_str(finding_kind_name(rule->kind)));
    key_text(b, "rule", rule->id);
    key_text(b, "title", rule->title);
    key_text(b, "level", slice_from_str(finding_level_name(rule->level)));
    key_list(b, "techniques", rule->techniques, rule->technique_count);
    key_text(b, "file", f->file);
    key_number(b, "offset", f->has_event, f->offset);
    key_number(b, "record", f->has_record, f->record);
    key_text(b, "host", f->host);
    key_text(b, "account", f->account);
    key_text(b, "channel", f->channel);
    key_number(b, "event_id", f->has_event, f->event_id);
}

static bool jsonl_row(void *user, const struct case_finding *f)
{
    struct rows *s = user;
    struct buf *b = &s->line;
    char time[VTIME_TEXT_MAX];
    buf_clear(b);
    buf_str(b, "{\"time\":");
    if (f->time)
        buf_printf(b, "\"%.*s\"", (int)time_format(f->time, time), time);
    else
        buf_str(b, "null");
    add_finding_json(b, rule_of(s->r, f), f);
    buf_str(b, ",\"fields\":{");
    for (size_t i = 0; i < f->field_count; i++) {
        buf_str(b, i ? ",\"" : "\"");
        report_json(b, f->fields[i].name);
        buf_str(b, "\":\"");
        report_json(b, f->fields[i].value);
        buf_byte(b, '"');
    }
    buf_str(b, "}}\n");
    out_write(s->out, buf_slice(b));
    return true;
}

static void cell(struct rows *s, struct slice value, char end)
{
    csv_cell(&s->line, value);
    buf_byte(&s->line, (uint8_t)end);
}

static void cell_number(struct rows *s, bool known, uint64_t n)
{
    if (known)
        buf_u64(&s->line, n);
    buf_byte(&s->line, ',');
}

static void cell_time(struct rows *s, vtime t)
{
    char text[VTIME_TEXT_MAX];
    if (t)
        buf_add(&s->line, slice_of(text, time_format(t, text)));
    buf_byte(&s->line, ',');
}

static bool csv_row(void *user, const struct case_finding *f)
{
    struct rows *s = user;
    const struct finding_rule *rule = rule_of(s->r, f);
    struct buf joined = {0};
    buf_clear(&s->line);
    cell_time(s, f->time);
    cell(s, slice_from_str(finding_kind_name(rule->kind)), ',');
    cell(s, rule->id, ',');
    cell(s, rule->title, ',');
    cell(s, slice_from_str(finding_level_name(rule->level)), ',');
    for (size_t i = 0; i < rule->technique_count; i++) {
        buf_str(&joined, i ? ";" : "");
        buf_add(&joined, rule->techniques[i]);
    }
    cell(s, buf_slice(&joined), ',');
    cell(s, f->file, ',');
    cell_number(s, f->has_event, f->offset);
    cell_number(s, f->has_record, f->record);
    cell(s, f->host, ',');
    cell(s, f->account, ',');
    cell(s, f->channel, ',');
    cell_number(s, f->has_event, f->event_id);
    buf_clear(&joined);
    for (size_t i = 0; i < f->field_count; i++) {
        buf_str(&joined, i ? ";" : "");
        buf_add(&joined, f->fields[i].name);
        buf_byte(&joined, '=');
        buf_add(&joined, f->fields[i].value);
    }
    cell(s, buf_slice(&joined), '\r');
    buf_byte(&s->line, '\n');
    out_write(s->out, buf_slice(&s->line));
    buf_free(&joined);
    return true;
}

// What a row of the timeline says: level and title, where, then the first fields that matched.
static void add_message(struct buf *b, const struct finding_rule *rule,
                        const struct case_finding *f)
{
    buf_printf(b, "[%s] ", finding_level_name(rule->level));
    report_json(b, rule->title);
    if (f->host.len || f->account.len) {
        buf_str(b, " (");
        report_json(b, f->host);
        buf_str(b, f->host.len && f->account.len ? ", " : "");
        report_json(b, f->account);
        buf_byte(b, ')');
    }
    for (size_t i = 0; i < f->field_count && i < 3; i++) {
        buf_str(b, i ? ", " : ": ");
        report_json(b, f->fields[i].name);
        buf_byte(b, '=');
        report_json(b, slice_sub(f->fields[i].value, 0, 500));
    }
}

// A field's name as a key of its own: OpenSearch reads dots as nesting.
static void add_field_key(struct buf *b, struct slice name)
{
    buf_str(b, ",\"field_");
    for (size_t i = 0; i < name.len && i < 100; i++) {
        uint8_t c = name.at[i];
        bool word = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        buf_byte(b, word ? c : '_');
    }
    buf_str(b, "\":\"");
}

// One row of Timesketch's JSONL: message, datetime and timestamp_desc are required, timestamp is in
// microseconds (timesketch.org, "Import data from JSON or CSV"). A finding without a time has no
// place there.
static bool timesketch_row(void *user, const struct case_finding *f)
{
    struct rows *s = user;
    struct buf *b = &s->line;
    const struct finding_rule *rule = rule_of(s->r, f);
    if (!f->time)
        return true;
    struct civil_time c = time_to_civil(f->time);
    int64_t micros = (int64_t)(f->time / 10) - 11644473600000000;
    buf_clear(b);
    buf_str(b, "{\"message\":\"");
    add_message(b, rule, f);
    buf_printf(b,
               "\",\"datetime\":\"%04d-%02d-%02dT%02d:%02d:%02d.%06u+00:00\",\"timestamp\":%lld,"
               "\"timestamp_desc\":\"%s\"",
               c.year, c.month, c.day, c.hour, c.minute, c.second, c.ticks / 10, (long long)micros,
               f->is_correlation ? "First Event" : "Event Recorded");
    add_finding_json(b, rule, f);
    key_list(b, "tag",
             &(struct slice){(const uint8_t *)finding_level_name(rule->level),
                             strlen(finding_level_name(rule->level))},
             1);
    for (size_t i = 0; i < f->field_count; i++) {
        add_field_key(b, f->fields[i].name);
        report_json(b, f->fields[i].value);
        buf_byte(b, '"');
    }
    buf_str(b, "}\n");
    out_write(s->out, buf_slice(b));
    return true;
}

static bool write_findings(struct report *r, const char *path, struct slice head,
                           case_visit_finding *row, struct err *e)
{
    struct rows s = {.r = r};
    if (!out_create(path, &s.out, e))
        return false;
    out_write(s.out, head);
    bool ok = case_each_finding(r->c, row, &s, e);
    buf_free(&s.line);
    if (!ok) {
        out_abort(s.out);
        return false;
    }
    return out_commit(s.out, e);
}

bool report_write_jsonl(struct report *r, const char *path, struct err *e)
{
    return write_findings(r, path, SLICE(""), jsonl_row, e);
}

bool report_write_csv(struct report *r, const char *path, struct err *e)
{
    return write_findings(r, path,
                          SLICE("time,kind,rule,title,level,techniques,file,offset,record,host,"
                                "account,channel,event_id,"
                                "fields\r\n"),
                          csv_row, e);
}

bool report_write_timesketch(struct report *r, const char *path, struct err *e)
{
    return write_findings(r, path, SLICE(""), timesketch_row, e);
}

static bool evidence_row(void *user, const struct case_evidence *row)
{
    struct rows *s = user;
    char hex[65] = "";
    buf_clear(&s->line);
    cell(s, row->path, ',');
    cell(s, row->kind, ',');
    cell_number(s, true, row->size);
    if (row->has_hash)
        sha256_hex(&row->sha256, hex);
    cell(s, slice_from_str(hex), ',');
    cell_time(s, row->modified);
    cell_number(s, true, row->events);
    cell_number(s, true, row->damaged);
    cell(s, slice_from_str(evidence_state_name(row->state)), ',');
    cell(s, row->reason, '\r');
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
    return out_commit(s.out, e);
}
