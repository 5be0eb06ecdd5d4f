// SPDX-License-Identifier: Apache-2.0
// The codebook as JSON, from the schema's tables.
#include "observatory/machine/api.h"

#include "observatory/model/texts.h"

static const char *const kind_names[] = {
    [VALUE_LINE] = "line",     [VALUE_TEXT] = "text",       [VALUE_DATE] = "date",
    [VALUE_TERM] = "term",     [VALUE_COUNTRY] = "country", [VALUE_TECHNIQUE] = "technique",
    [VALUE_URL] = "url",       [VALUE_NUMBER] = "number",   [VALUE_HASH] = "sha256",
    [VALUE_RECORD] = "record",
};

static void both(struct buf *b, const char *name, const char *english)
{
    static const char *const languages[] = {"en", "fr"};
    json_key(b, name);
    buf_byte(b, '{');
    for (size_t i = 0; i < 2; i++) {
        const struct language *l = web_language(slice_from_str(languages[i]));
        json_text(b, languages[i], slice_from_str(*english ? text(l, english) : ""));
    }
    buf_byte(b, '}');
}

static void flag(struct buf *b, const char *name, bool set)
{
    json_key(b, name);
    buf_str(b, set ? "true" : "false");
}

static void write_field(struct buf *b, const struct schema_field *f)
{
    buf_byte(b, '{');
    json_text(b, "name", slice_from_str(f->name));
    both(b, "label", f->label);
    both(b, "definition", f->definition);
    json_text(b, "form", slice_from_str(kind_names[f->kind]));
    if (f->vocabulary)
        json_text(b, "vocabulary", slice_from_str(f->vocabulary->name));
    flag(b, "several", f->many);
    flag(b, "filter", f->filter);
    flag(b, "required", f->required);
    flag(b, "double_coded", f->double_coded);
    buf_byte(b, '}');
}

static void write_kind(struct buf *b, const struct schema_kind *k)
{
    buf_byte(b, '{');
    json_text(b, "name", slice_from_str(k->name));
    both(b, "label", k->label);
    json_text(b, "prefix", slice_from_str(k->prefix));
    buf_str(b, ",\"groups\":[");
    for (size_t g = 0; g < k->count; g++) {
        const struct schema_group *group = &k->groups[g];
        buf_str(b, g ? ",{" : "{");
        json_text(b, "name", slice_from_str(group->name));
        both(b, "label", group->label);
        both(b, "definition", group->definition);
        flag(b, "repeated", group->repeated);
        buf_str(b, ",\"fields\":[");
        for (size_t f = 0; f < group->count; f++) {
            if (f)
                buf_byte(b, ',');
            write_field(b, &group->fields[f]);
        }
        buf_str(b, "]}");
    }
    buf_str(b, "]}");
}

static void write_vocabulary(struct buf *b, const struct vocabulary *v)
{
    buf_byte(b, '{');
    json_text(b, "name", slice_from_str(v->name));
    both(b, "label", v->label);
    json_text(b, "source", slice_from_str(v->source));
    buf_str(b, ",\"terms\":[");
    for (size_t i = 0; i < v->count; i++) {
        buf_str(b, i ? ",{" : "{");
        json_text(b, "code", slice_from_str(v->terms[i].code));
        both(b, "label", v->terms[i].label);
        both(b, "definition", v->terms[i].definition);
        buf_byte(b, '}');
    }
    buf_str(b, "]}");
}

void api_codebook_get(struct request *rq, struct response *rs)
{
    (void)rq;
    struct buf *b = &rs->body;
    size_t kinds, vocabularies;
    const struct schema_kind *k = schema_kinds(&kinds);
    const struct vocabulary *const *v = schema_vocabularies(&vocabularies);
    rs->type = "application/json";
    rs->shared = true;
    buf_byte(b, '{');
    json_text(b, "version", SLICE(CODEBOOK_VERSION));
    buf_str(b, ",\"kinds\":[");
    for (size_t i = 0; i < kinds; i++) {
        if (i)
            buf_byte(b, ',');
        write_kind(b, &k[i]);
    }
    buf_str(b, "],\"vocabularies\":[");
    for (size_t i = 0; i < vocabularies; i++) {
        if (i)
            buf_byte(b, ',');
        write_vocabulary(b, v[i]);
    }
    buf_str(b, "]}\n");
}
