// SPDX-License-Identifier: Apache-2.0
#include "observatory/model/codebook.h"

const char *value_kind_name(enum value_kind k)
{
    static const char *const names[] = {
        [VALUE_LINE] = "line",     [VALUE_TEXT] = "text",       [VALUE_DATE] = "date",
        [VALUE_TERM] = "term",     [VALUE_COUNTRY] = "country", [VALUE_TECHNIQUE] = "technique",
        [VALUE_URL] = "url",       [VALUE_NUMBER] = "number",   [VALUE_HASH] = "sha256",
        [VALUE_RECORD] = "record",
    };
    return names[k];
}

static const char *group_name(const struct schema_group *g)
{
    return g->name[0] ? g->name : "record";
}

// --- Markdown

static void markdown_field(const struct language *l, const struct schema_field *f, struct buf *out)
{
    buf_printf(out, "- **%s** (`%s`, ", text(l, f->label), f->name);
    if (f->vocabulary)
        buf_printf(out, "`%s`", f->vocabulary->name);
    else
        buf_str(out, value_kind_name(f->kind));
    if (f->many)
        buf_printf(out, ", %s", text(l, TEXT("several may hold")));
    if (f->required)
        buf_printf(out, ", %s", text(l, TEXT("needed for publication")));
    if (f->double_coded)
        buf_printf(out, ", %s", text(l, TEXT("coded by two people independently")));
    buf_printf(out, ")  \n  %s\n", text(l, f->definition));
}

static void markdown_vocabulary(const struct language *l, const struct vocabulary *v,
                                struct buf *out)
{
    buf_printf(out, "\n### %s (`%s`)\n\n", text(l, v->label), v->name);
    if (v->source[0])
        buf_printf(out, "%s%s%s\n\n", text(l, TEXT("Source")), l->day_first ? "\u00a0: " : ": ",
                   v->source);
    for (size_t t = 0; t < v->count; t++) {
        buf_printf(out, "- `%s` **%s**", v->terms[t].code, text(l, v->terms[t].label));
        if (v->terms[t].definition[0])
            buf_printf(out, "  \n  %s", text(l, v->terms[t].definition));
        buf_byte(out, '\n');
    }
}

void codebook_markdown(const struct language *l, struct buf *out)
{
    size_t kinds, vocabularies;
    const struct schema_kind *k = schema_kinds(&kinds);
    const struct vocabulary *const *v = schema_vocabularies(&vocabularies);
    buf_printf(out, "# %s %s\n", text(l, TEXT("Codebook, version")), CODEBOOK_VERSION);
    for (size_t i = 0; i < kinds; i++) {
        buf_printf(out, "\n## %s (`%s`)\n", text(l, k[i].label), k[i].name);
        for (size_t g = 0; g < k[i].count; g++) {
            const struct schema_group *group = &k[i].groups[g];
            buf_printf(out, "\n### %s (`%s`)\n\n%s\n\n", text(l, group->label), group_name(group),
                       text(l, group->definition));
            for (size_t f = 0; f < group->count; f++)
                markdown_field(l, &group->fields[f], out);
        }
    }
    buf_printf(out, "\n## %s\n", text(l, TEXT("Vocabularies")));
    for (size_t i = 0; i < vocabularies; i++)
        markdown_vocabulary(l, v[i], out);
}

// --- JSON

static void json_text(struct buf *out, const char *name, const char *value, bool first)
{
    buf_printf(out, "%s\"%s\":\"", first ? "" : ",", name);
    buf_json(out, slice_from_str(value));
    buf_byte(out, '"');
}

static void json_flag(struct buf *out, const char *name, bool value)
{
    buf_printf(out, ",\"%s\":%s", name, value ? "true" : "false");
}

static void json_field(const struct language *l, const struct schema_field *f, struct buf *out)
{
    buf_byte(out, '{');
    json_text(out, "name", f->name, true);
    json_text(out, "label", text(l, f->label), false);
    json_text(out, "definition", text(l, f->definition), false);
    json_text(out, "form", value_kind_name(f->kind), false);
    if (f->vocabulary)
        json_text(out, "vocabulary", f->vocabulary->name, false);
    if (f->filter)
        json_text(out, "filter", schema_filter_name(f), false);
    json_flag(out, "many", f->many);
    json_flag(out, "double_coded", f->double_coded);
    json_flag(out, "required", f->required);
    buf_byte(out, '}');
}

static void json_kind(const struct language *l, const struct schema_kind *k, struct buf *out)
{
    buf_byte(out, '{');
    json_text(out, "name", k->name, true);
    json_text(out, "label", text(l, k->label), false);
    json_text(out, "prefix", k->prefix, false);
    buf_str(out, ",\"groups\":[");
    for (size_t g = 0; g < k->count; g++) {
        const struct schema_group *group = &k->groups[g];
        buf_str(out, g ? ",{" : "{");
        json_text(out, "name", group->name, true);
        json_text(out, "label", text(l, group->label), false);
        json_text(out, "definition", text(l, group->definition), false);
        json_flag(out, "repeated", group->repeated);
        buf_str(out, ",\"fields\":[");
        for (size_t f = 0; f < group->count; f++) {
            if (f)
                buf_byte(out, ',');
            json_field(l, &group->fields[f], out);
        }
        buf_str(out, "]}");
    }
    buf_str(out, "]}");
}

static void json_vocabulary(const struct language *l, const struct vocabulary *v, struct buf *out)
{
    buf_byte(out, '{');
    json_text(out, "name", v->name, true);
    json_text(out, "label", text(l, v->label), false);
    json_text(out, "source", v->source, false);
    buf_str(out, ",\"terms\":[");
    for (size_t t = 0; t < v->count; t++) {
        buf_str(out, t ? ",{" : "{");
        json_text(out, "code", v->terms[t].code, true);
        json_text(out, "label", text(l, v->terms[t].label), false);
        json_text(out, "definition", text(l, v->terms[t].definition), false);
        buf_byte(out, '}');
    }
    buf_str(out, "]}");
}

void codebook_json(const struct language *l, struct buf *out)
{
    size_t kinds, vocabularies;
    const struct schema_kind *k = schema_kinds(&kinds);
    const struct vocabulary *const *v = schema_vocabularies(&vocabularies);
    buf_byte(out, '{');
    json_text(out, "version", CODEBOOK_VERSION, true);
    json_text(out, "language", l->code, false);
    buf_str(out, ",\"kinds\":[");
    for (size_t i = 0; i < kinds; i++) {
        if (i)
            buf_byte(out, ',');
        json_kind(l, &k[i], out);
    }
    buf_str(out, "],\"vocabularies\":[");
    for (size_t i = 0; i < vocabularies; i++) {
        if (i)
            buf_byte(out, ',');
        json_vocabulary(l, v[i], out);
    }
    buf_str(out, "]}\n");
}

// --- CSV

static void csv_row(struct buf *out, const char *const cells[12])
{
    for (int i = 0; i < 12; i++) {
        if (i)
            buf_byte(out, ',');
        bool quoted = strpbrk(cells[i], "\",\n") != NULL;
        if (quoted)
            buf_byte(out, '"');
        for (const char *c = cells[i]; *c; c++) {
            if (*c == '"')
                buf_byte(out, '"');
            buf_byte(out, (uint8_t)*c);
        }
        if (quoted)
            buf_byte(out, '"');
    }
    buf_str(out, "\r\n");
}

static void csv_kind(const struct language *l, const struct schema_kind *k, struct buf *out)
{
    for (size_t g = 0; g < k->count; g++)
        for (size_t i = 0; i < k->groups[g].count; i++) {
            const struct schema_field *f = &k->groups[g].fields[i];
            csv_row(out, (const char *const[12]){
                             k->name, group_name(&k->groups[g]), f->name, "", text(l, f->label),
                             text(l, f->definition), value_kind_name(f->kind),
                             f->vocabulary ? f->vocabulary->name : "", f->many ? "yes" : "no",
                             f->filter ? schema_filter_name(f) : "", f->double_coded ? "yes" : "no",
                             f->required ? "yes" : "no"});
        }
}

void codebook_csv(const struct language *l, struct buf *out)
{
    size_t kinds, vocabularies;
    const struct schema_kind *k = schema_kinds(&kinds);
    const struct vocabulary *const *v = schema_vocabularies(&vocabularies);
    csv_row(out,
            (const char *const[12]){"kind", "group", "field", "code", "label", "definition", "form",
                                    "vocabulary", "many", "filter", "double_coded", "required"});
    for (size_t i = 0; i < kinds; i++)
        csv_kind(l, &k[i], out);
    for (size_t i = 0; i < vocabularies; i++)
        for (size_t t = 0; t < v[i]->count; t++)
            csv_row(out, (const char *const[12]){"", "", "", v[i]->terms[t].code,
                                                 text(l, v[i]->terms[t].label),
                                                 text(l, v[i]->terms[t].definition), "term",
                                                 v[i]->name, "", "", "", ""});
}
