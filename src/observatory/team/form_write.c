// SPDX-License-Identifier: Apache-2.0
// The markup of a form made from the schema. Each field is a fieldset; each value a row in it.
#include "observatory/team/form.h"

static struct slice input_name(struct request *rq, const struct form *f, const char *field,
                               struct slice key, const char *sub)
{
    return arena_printf(rq->arena, "%.*s%s.%.*s%s%s", SLICE_FMT(f->prefix), field, SLICE_FMT(key),
                        sub ? "." : "", sub ? sub : "");
}

static void small_input(struct response *rs, struct slice name, struct slice value,
                        const char *label, unsigned size)
{
    page_html(rs, "<span class=\"small\"><label for=\"{}\">{}</label> <input id=\"{}\" name=\"{}\"",
              name, str(label), name, name);
    page_printf(rs, " size=\"%u\"", size);
    page_html(rs, " value=\"{}\"></span>\n", value);
}

static void write_precision(struct request *rq, struct response *rs, struct slice name,
                            struct slice precision)
{
    static const struct {
        const char *value, *words;
    } list[] = {
        {"", TEXT("as written")},      {"day", TEXT("to the day")}, {"month", TEXT("to the month")},
        {"year", TEXT("to the year")}, {"about", TEXT("about")},
    };
    page_html(rs,
              "<span class=\"small\"><label for=\"{}\">{}</label> <select id=\"{}\" name=\"{}\">",
              name, str(TR("Precision")), name, name);
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        page_html(rs, "<option value=\"{}\"", str(list[i].value));
        if (slice_equal_str(precision, list[i].value))
            page_raw(rs, " selected=\"\"");
        page_html(rs, ">{}</option>", str(text(rq->lang, list[i].words)));
    }
    page_raw(rs, "</select></span>\n");
}

// What a value rests on: folded when empty.
static void write_basis(struct request *rq, struct response *rs, const struct form *f,
                        const struct schema_field *s, const struct form_row *row, bool several)
{
    if (strcmp(f->group->name, "sources") == 0) // they are what others rest on
        return;
    bool open = row->sources.len || row->note.len || row->aside;
    buf_str(&rs->body, open ? "<details class=\"basis\" open=\"\">" : "<details class=\"basis\">");
    page_html(rs, "<summary>{}</summary>\n", str(TR("Sources and note")));
    small_input(rs, input_name(rq, f, s->name, row->key, "sources"), row->sources,
                TR("Sources (ids)"), 12);
    small_input(rs, input_name(rq, f, s->name, row->key, "note"), row->note, TR("Note"), 30);
    if (several || row->aside) {
        struct slice name = input_name(rq, f, s->name, row->key, "aside");
        ui_checkbox(rs, name, name, SLICE("1"), row->aside,
                    str(TR("Set aside: shown, but another value counts")), (struct slice){0});
    }
    page_raw(rs, "</details>\n");
}

static void write_options(struct request *rq, struct response *rs, const struct schema_field *s,
                          struct slice chosen)
{
    bool known = chosen.len == 0;
    page_html(rs, "<option value=\"\">{}</option>", str(TR("(not coded)")));
    for (size_t i = 0; i < s->vocabulary->count; i++) {
        const struct vocabulary_term *t = &s->vocabulary->terms[i];
        bool on = slice_equal_str(chosen, t->code);
        known = known || on;
        page_html(rs, "<option value=\"{}\"", str(t->code));
        if (on)
            page_raw(rs, " selected=\"\"");
        page_html(rs, ">{}</option>", str(text(rq->lang, t->label)));
    }
    if (!known)
        page_html(rs, "<option value=\"{}\" selected=\"\">{}</option>", chosen, chosen);
}

// The input of a value itself; its label is the fieldset's legend, and the number of the row when
// there are several.
static void write_input(struct request *rq, struct response *rs, const struct form *f,
                        const struct schema_field *s, const struct form_row *row, size_t number,
                        bool wrong)
{
    struct slice name = input_name(rq, f, s->name, row->key, NULL);
    struct slice id = form_field_id(rq->arena, f, s->name);
    if (s->kind == VALUE_TERM)
        page_html(rs, "<select id=\"{}\" name=\"{}\"", name, name);
    else if (s->kind == VALUE_TEXT)
        page_html(rs, "<textarea id=\"{}\" name=\"{}\" rows=\"5\"", name, name);
    else
        page_html(rs, "<input id=\"{}\" name=\"{}\" value=\"{}\"", name, name, row->text);
    if (number > 1)
        page_html(
            rs, " aria-label=\"{}\"",
            str(text_format(rq->arena, TR("%1$s, value %2$zu"), text(rq->lang, s->label), number)));
    else
        page_html(rs, " aria-labelledby=\"{}-label\"", id);
    if (wrong)
        page_html(rs, " aria-invalid=\"true\" aria-describedby=\"{}-error {}-hint\"", id, id);
    else
        page_html(rs, " aria-describedby=\"{}-hint\"", id);
    if (s->kind == VALUE_TERM) {
        page_raw(rs, ">");
        write_options(rq, rs, s, row->text);
        page_raw(rs, "</select>\n");
        return;
    }
    if (s->kind == VALUE_TEXT) {
        page_html(rs, ">\n{}</textarea>\n", row->text);
        return;
    }
    static const unsigned sizes[] = {
        [VALUE_LINE] = 60, [VALUE_DATE] = 12,   [VALUE_COUNTRY] = 24, [VALUE_TECHNIQUE] = 12,
        [VALUE_URL] = 60,  [VALUE_NUMBER] = 12, [VALUE_HASH] = 66,    [VALUE_RECORD] = 14};
    page_printf(rs, " size=\"%u\"", sizes[s->kind]);
    if (s->kind == VALUE_COUNTRY)
        page_raw(rs, " list=\"countries\"");
    page_raw(rs, ">\n");
    if (s->kind == VALUE_COUNTRY && row->text.len)
        page_html(rs, "<span class=\"meaning\">{}</span>\n", value_label(rq, s, row->text));
}

static void write_row(struct request *rq, struct response *rs, const struct form *f, uint16_t field,
                      const struct form_row *row, size_t number, bool several, bool wrong)
{
    const struct schema_field *s = &f->group->fields[field];
    page_raw(rs, "<div class=\"row\">\n");
    write_input(rq, rs, f, s, row, number, wrong);
    if (s->kind == VALUE_DATE)
        write_precision(rq, rs, input_name(rq, f, s->name, row->key, "precision"), row->precision);
    write_basis(rq, rs, f, s, row, several);
    page_raw(rs, "</div>\n");
}

static void write_rows(struct request *rq, struct response *rs, const struct form *f,
                       uint16_t field, bool wrong)
{
    const struct schema_field *s = &f->group->fields[field];
    size_t filled = 0, number = 0;
    uint64_t highest = 0;
    for (size_t i = 0; i < f->rows.count; i++) {
        const struct form_row *row = &f->rows.items[i];
        int64_t key = row->field == field ? parse_number(row->key) : -1;
        filled += row->field == field && row->text.len > 0;
        if (key >= 0 && (uint64_t)key >= highest)
            highest = (uint64_t)key + 1;
    }
    bool more = slice_equal_str(f->more, s->name), several = filled + more > 1;
    for (size_t i = 0; i < f->rows.count; i++)
        if (f->rows.items[i].field == field && f->rows.items[i].text.len)
            write_row(rq, rs, f, field, &f->rows.items[i], ++number, several, wrong);
    if (filled == 0 || more) {
        struct form_row empty = {
            .field = field, .key = arena_printf(rq->arena, "%llu", (unsigned long long)highest)};
        write_row(rq, rs, f, field, &empty, ++number, several, wrong);
    }
    // A title or a text is written, not reported: one is enough.
    if (!s->many && (s->kind == VALUE_LINE || s->kind == VALUE_TEXT))
        return;
    page_html(rs,
              "<button type=\"submit\" class=\"small-button\" name=\"more\" value=\"{}{}\">{}"
              "<span class=\"hidden\"> ({})</span></button>\n",
              f->prefix, str(s->name),
              str(s->many ? TR("Add another value") : TR("Add what another source says")),
              str(text(rq->lang, s->label)));
}

static const struct form_row *row_with(const struct form *f, uint16_t field, const char *key)
{
    for (size_t i = 0; i < f->rows.count; i++)
        if (f->rows.items[i].field == field && slice_equal_str(f->rows.items[i].key, key))
            return &f->rows.items[i];
    return NULL;
}

static void write_box(struct request *rq, struct response *rs, const struct form *f, uint16_t field,
                      const struct vocabulary_term *t)
{
    const struct schema_field *s = &f->group->fields[field];
    const struct form_row *row = row_with(f, field, t->code);
    bool on = row && row->text.len;
    struct slice name = arena_printf(rq->arena, "%.*s%s", SLICE_FMT(f->prefix), s->name);
    ui_checkbox(rs, arena_printf(rq->arena, "%.*s-%s", SLICE_FMT(name), t->code), name,
                slice_from_str(t->code), on, str(text(rq->lang, t->label)),
                str(t->definition[0] ? text(rq->lang, t->definition) : ""));
    if (on && row->has_sources)
        write_basis(rq, rs, f, s, row, true);
}

static void write_boxes(struct request *rq, struct response *rs, const struct form *f,
                        uint16_t field)
{
    const struct schema_field *s = &f->group->fields[field];
    bool tall = s->vocabulary->count > 14;
    if (tall)
        page_html(rs, "<details class=\"terms\"><summary>{}</summary>\n",
                  str(TR("Choose from the vocabulary")));
    for (size_t i = 0; i < s->vocabulary->count; i++)
        write_box(rq, rs, f, field, &s->vocabulary->terms[i]);
    if (tall)
        page_raw(rs, "</details>\n");
    const struct form_row *plus = row_with(f, field, "+");
    small_input(rs, input_name(rq, f, s->name, SLICE("+"), "sources"),
                plus ? plus->sources : (struct slice){0}, TR("Sources of what you tick now (ids)"),
                12);
}

static void write_chosen(struct request *rq, struct response *rs, const struct form *f,
                         uint16_t field)
{
    size_t shown = 0;
    for (size_t i = 0; i < f->rows.count; i++) {
        const struct form_row *row = &f->rows.items[i];
        if (row->field != field || !row->text.len)
            continue;
        buf_str(&rs->body, shown++ ? ", " : "<p class=\"chosen\">");
        page_text(rs, value_label(rq, &f->group->fields[field], row->text));
    }
    if (shown)
        page_raw(rs, "</p>\n");
}

static void write_field(struct request *rq, struct response *rs, const struct form *f,
                        uint16_t field, const struct ui_errors *errors)
{
    const struct schema_field *s = &f->group->fields[field];
    struct slice id = form_field_id(rq->arena, f, s->name);
    const char *wrong = ui_error_of(errors, id);
    page_html(rs, "<fieldset id=\"{}\" class=\"coded\"><legend id=\"{}-label\">{}</legend>\n", id,
              id, str(text(rq->lang, s->label)));
    page_html(rs, "<p class=\"hint\" id=\"{}-hint\">{}", id, str(text(rq->lang, s->definition)));
    if (s->kind == VALUE_DATE)
        page_html(rs, " {}", str(TR("As 2026, 2026-11 or 2026-11-22.")));
    if (s->required)
        page_html(rs, " <span class=\"needed\">{}</span>", str(TR("Needed to publish.")));
    page_raw(rs, "</p>\n");
    if (wrong)
        page_html(rs, "<p class=\"error\" id=\"{}-error\">{}</p>\n", id, str(wrong));
    if (s->kind == VALUE_TERM && s->many) {
        if (s->vocabulary->count > 14)
            write_chosen(rq, rs, f, field);
        write_boxes(rq, rs, f, field);
    } else {
        write_rows(rq, rs, f, field, wrong != NULL);
    }
    page_raw(rs, "</fieldset>\n");
}

void form_write(struct request *rq, struct response *rs, const struct form *f,
                const struct record *r, const struct ui_errors *errors)
{
    (void)r;
    for (size_t i = 0; i < f->group->count; i++)
        if (form_shows(f, i))
            write_field(rq, rs, f, (uint16_t)i, errors);
}

void form_countries(struct request *rq, struct response *rs)
{
    page_raw(rs, "<datalist id=\"countries\">\n");
    for (char x = 'A'; x <= 'Z'; x++) {
        for (char y = 'A'; y <= 'Z'; y++) {
            char two[2] = {x, y};
            struct slice code = slice_of(two, 2);
            if (country_valid(code))
                page_html(rs, "<option value=\"{}\">{}</option>\n", code,
                          country_name(rq->arena, code, page_locale(rq)));
        }
    }
    const struct vocabulary *regions = vocabulary_find("region");
    for (size_t i = 0; regions && i < regions->count; i++)
        page_html(rs, "<option value=\"{}\">{}</option>\n", str(regions->terms[i].code),
                  str(text(rq->lang, regions->terms[i].label)));
    page_raw(rs, "</datalist>\n");
}

void form_sources(struct request *rq, struct response *rs, const struct record *r)
{
    const struct item *s = record_next(r, "sources", NULL);
    if (!s) {
        page_html(
            rs, "<p class=\"hint\">{}</p>\n",
            str(TR(
                "The record has no sources yet: add them first, so that values can name them.")));
        return;
    }
    page_html(rs, "<details class=\"known-sources\" open=\"\"><summary>{}</summary>\n<ul>\n",
              str(TR("The record's sources and their ids")));
    for (; s; s = record_next(r, "sources", s)) {
        struct slice words = item_text(r, s, "title");
        if (!words.len)
            words = item_text(r, s, "url");
        page_html(rs, "<li><code>{}</code> {}</li>\n", s->id, words);
    }
    page_raw(rs, "</ul></details>\n");
}
