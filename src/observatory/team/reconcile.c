// SPDX-License-Identifier: Apache-2.0
// Two codings become one: what they agree on is taken; each difference is decided by a person, who
// takes one of the two values or writes a third. And how far coders agree over all records.
#include "observatory/team/coding.h"

enum { UNITS_MAX = 256, ROUNDS_MAX = 5000 };

// One field of the record, or of one criterion.
struct unit {
    const struct schema_group *group;
    const char *code; // of the criterion; NULL: the record's own field
    uint16_t field;
    const struct item *items[2]; // what each coder has; may be NULL
    bool same;
    struct slice name; // of the choice's inputs
};

struct reconciling {
    struct coding coding;
    struct record records[2];
    struct unit units[UNITS_MAX];
    size_t count;
};

static void add_unit(struct request *rq, struct reconciling *r, const struct schema_group *g,
                     const char *code, uint16_t field)
{
    struct unit *u = &r->units[r->count];
    *u = (struct unit){.group = g, .code = code, .field = field};
    struct slice texts[2];
    for (int k = 0; k < 2; k++) {
        u->items[k] =
            code ? coded_item(&r->records[k], g, code) : record_next(&r->records[k], g->name, NULL);
        texts[k] = coded_text(rq->arena, &r->records[k], u->items[k], field);
    }
    u->same = slice_equal(texts[0], texts[1]);
    u->name = arena_printf(rq->arena, "%s%s%s%s%s", g->name, code ? "-" : "", code ? code : "",
                           code ? ":" : "", g->fields[field].name);
    if (texts[0].len || texts[1].len) // what neither coded is no question
        r->count++;
}

static void find_units(struct request *rq, struct reconciling *r)
{
    const struct schema_kind *kind = r->coding.draft.kind;
    for (size_t k = 0; k < kind->count; k++) {
        const struct schema_group *g = &kind->groups[k];
        int key = coded_key(g);
        if (!coded_fields(g) || (g->repeated && key < 0))
            continue;
        size_t terms = key >= 0 ? g->fields[key].vocabulary->count : 1;
        for (size_t t = 0; t < terms; t++)
            for (uint16_t f = 0; f < g->count; f++)
                if (f != key && r->count < UNITS_MAX && (key >= 0 || g->fields[f].double_coded))
                    add_unit(rq, r, g, key >= 0 ? g->fields[key].vocabulary->terms[t].code : NULL,
                             f);
    }
}

static void close_reconciling(struct reconciling *r)
{
    for (int k = 0; k < 2; k++)
        record_free(&r->records[k]);
    record_free(&r->coding.draft);
}

// False after an answer.
static bool open_reconciling(struct request *rq, struct response *rs, struct reconciling *r)
{
    struct err e = {0};
    if (!coding_load(rq, rs, &r->coding))
        return false;
    if (r->coding.found != STORE_FOUND || r->coding.round.handed != 2) {
        ui_redirect(rq, rs, "/team/records/%.*s/coding", SLICE_FMT(r->coding.meta.record));
        record_free(&r->coding.draft);
        return false;
    }
    bool done = true;
    for (int k = 0; k < 2; k++)
        done = done && record_from_json(r->coding.rows[k].body, rq->arena, &r->records[k], &e);
    if (!done) {
        team_failed(rq, rs, &e);
        close_reconciling(r);
        return false;
    }
    find_units(rq, r);
    return true;
}

static struct slice unit_label(struct request *rq, const struct unit *u)
{
    const char *field = text(rq->lang, u->group->fields[u->field].label);
    if (!u->code)
        return str(field);
    const struct vocabulary *v = u->group->fields[coded_key(u->group)].vocabulary;
    const struct vocabulary_term *t = vocabulary_term_find(v, slice_from_str(u->code));
    return str(text_format(rq->arena, "%s – %s", text(rq->lang, t->label), field));
}

static struct slice unit_values(struct request *rq, const struct reconciling *r,
                                const struct unit *u, int coder)
{
    struct slice words =
        show_values(rq, &r->records[coder], u->items[coder], u->group->fields[u->field].name);
    return words.len ? words : str(TR("(not coded)"));
}

static struct form unit_form(struct request *rq, const struct unit *u)
{
    return (struct form){.group = u->group,
                         .fields = 1ull << u->field,
                         .prefix = u->code
                                       ? arena_printf(rq->arena, "%s-%s:", u->group->name, u->code)
                                       : (struct slice){0}};
}

static struct slice picked(struct request *rq, const struct unit *u)
{
    return request_form(
        rq, arena_str(rq->arena, arena_printf(rq->arena, "pick.%.*s", SLICE_FMT(u->name))));
}

static void write_unit(struct request *rq, struct response *rs, const struct reconciling *r,
                       const struct unit *u, const struct ui_errors *errors)
{
    struct slice name = arena_printf(rq->arena, "pick.%.*s", SLICE_FMT(u->name));
    struct slice pick = picked(rq, u);
    const char *wrong = ui_error_of(errors, name);
    page_html(rs, "<fieldset class=\"part\" id=\"{}\"><legend>{}</legend>\n", name,
              unit_label(rq, u));
    if (wrong)
        page_html(rs, "<p class=\"error\">{}</p>\n", str(wrong));
    for (int k = 0; k < 2; k++) {
        const char *value = k ? "b" : "a";
        ui_radio(rs, arena_printf(rq->arena, "%.*s-%s", SLICE_FMT(name), value), name, str(value),
                 slice_equal_str(pick, value), unit_values(rq, r, u, k),
                 str(text_format(rq->arena, TR("as %s has it"),
                                 arena_str(rq->arena, r->coding.rows[k].user_name))));
    }
    ui_radio(rs, arena_printf(rq->arena, "%.*s-other", SLICE_FMT(name)), name, SLICE("other"),
             slice_equal_str(pick, "other"), str(TR("Something else, written here:")),
             (struct slice){0});
    struct form f = unit_form(rq, u);
    if (pick.len)
        form_parse(&f, rq->arena, rq->form, rq->form_count);
    buf_str(&rs->body, slice_equal_str(pick, "other") ? "<details open=\"\">" : "<details>");
    page_html(rs, "<summary>{}</summary>\n", str(TR("Another value")));
    form_write(rq, rs, &f, &r->coding.draft, errors);
    page_raw(rs, "</details></fieldset>\n");
    form_free(&f);
}

static void write_agreed(struct request *rq, struct response *rs, const struct reconciling *r)
{
    page_html(rs, "<h2>{}</h2>\n<dl class=\"facts\">\n", str(TR("Agreed")));
    for (size_t i = 0; i < r->count; i++)
        if (r->units[i].same)
            page_html(rs, "<div><dt>{}</dt><dd>{}</dd></div>\n", unit_label(rq, &r->units[i]),
                      unit_values(rq, r, &r->units[i], 0));
    page_raw(rs, "</dl>\n");
}

static void reconcile_page(struct request *rq, struct response *rs, const struct reconciling *r,
                           const struct ui_errors *errors)
{
    size_t different = 0;
    for (size_t i = 0; i < r->count; i++)
        different += !r->units[i].same;
    ui_begin(rq, rs, TR("Reconcile two codings"), "records", errors);
    coding_head(rq, rs, &r->coding);
    page_html(rs, "<p>{}</p>\n",
              str(text_format(rq->arena,
                              text_plural(rq->lang, TEXT("%s difference is to be decided."),
                                          TEXT("%s differences are to be decided."), different),
                              text_number(rq->lang, rq->arena, different))));
    form_sources(rq, rs, &r->coding.draft);
    ui_form(rq, rs, ui_path(rq, "/team/records/%.*s/reconcile", SLICE_FMT(r->coding.meta.record)));
    for (size_t i = 0; i < r->count; i++)
        if (!r->units[i].same)
            write_unit(rq, rs, r, &r->units[i], errors);
    write_agreed(rq, rs, r);
    team_reason_field(rq, rs, TR("How you decided"),
                      TR("For example: talked it over; the second source is clearer."), errors);
    ui_button(rs, "action", "reconcile", TR("Make this the draft"));
    UI_FORM_END(rs);
    form_countries(rq, rs);
    ui_end(rq, rs);
}

void team_reconcile(struct request *rq, struct response *rs)
{
    struct reconciling *r = ARENA_NEW(rq->arena, struct reconciling);
    if (!open_reconciling(rq, rs, r))
        return;
    reconcile_page(rq, rs, r, NULL);
    close_reconciling(r);
}

// Where both have the same values, the sources of both stand behind them.
static void merge_sources(struct request *rq, struct item *into, const struct unit *u)
{
    for (size_t i = 0; i < into->values.count; i++) {
        struct value *v = &into->values.items[i];
        for (size_t k = 0; v->field == u->field && k < u->items[1]->values.count; k++) {
            const struct value *o = &u->items[1]->values.items[k];
            if (o->field == u->field && slice_equal(o->text, v->text))
                v->sources = form_source_ids(rq->arena, v->sources, o->sources);
        }
    }
}

static struct item *unit_item(struct record *draft, const struct unit *u)
{
    if (!u->code)
        return record_main(draft);
    struct item *i = (struct item *)(uintptr_t)coded_item(draft, u->group, u->code);
    if (!i) {
        i = record_add_item(draft, u->group->name);
        record_add_value(draft, i, u->group->fields[coded_key(u->group)].name,
                         slice_from_str(u->code));
    }
    return i;
}

static void take_other(struct request *rq, struct record *draft, const struct unit *u,
                       struct item *into, struct slice name, struct ui_errors *errors)
{
    struct form f = unit_form(rq, u);
    size_t filled = 0;
    form_parse(&f, rq->arena, rq->form, rq->form_count);
    for (size_t k = 0; k < f.rows.count; k++)
        filled += f.rows.items[k].text.len > 0;
    form_to_item(&f, draft, into);
    form_check(rq, &f, draft, into, errors);
    if (!filled)
        ui_error_add(errors, name, TR("Write the other value, or choose one of the two."));
    form_free(&f);
}

static void take_unit(struct request *rq, struct record *draft, const struct unit *u,
                      struct ui_errors *errors)
{
    struct item *into = unit_item(draft, u);
    struct slice name = arena_printf(rq->arena, "pick.%.*s", SLICE_FMT(u->name));
    struct slice pick = u->same ? SLICE("a") : picked(rq, u);
    if (slice_equal_str(pick, "other")) {
        take_other(rq, draft, u, into, name, errors);
    } else if (slice_equal_str(pick, "a") || slice_equal_str(pick, "b")) {
        item_copy_field(draft, into, u->items[slice_equal_str(pick, "b")], u->field);
        if (u->same && u->items[1])
            merge_sources(rq, into, u);
    } else {
        ui_error_add(errors, name,
                     text_format(rq->arena, TR("%s: choose one of the values."),
                                 arena_str(rq->arena, unit_label(rq, u))));
    }
}

static bool close_round(struct request *rq, const struct revision *made, void *context,
                        struct err *e)
{
    return team_round_close(rq->store, *(int64_t *)context, rq->user->id, made->number, e);
}

void team_reconcile_post(struct request *rq, struct response *rs)
{
    struct reconciling *r = ARENA_NEW(rq->arena, struct reconciling);
    struct ui_errors errors = {0};
    struct revision made;
    struct err e = {0};
    if (!open_reconciling(rq, rs, r))
        return;
    struct record *draft = &r->coding.draft;
    for (size_t i = 0; i < r->count; i++)
        take_unit(rq, draft, &r->units[i], &errors);
    struct why why = team_reason(rq, &errors);
    if (request_form(rq, "more").len)
        reconcile_page(rq, rs, r, NULL);
    else if (errors.list.count)
        reconcile_page(rq, rs, r, &errors);
    else if (team_revise(rq, r->coding.meta.record, draft, STATE_DRAFT, why, "reconcile",
                         close_round, &r->coding.round.id, &made, &e))
        ui_redirect(rq, rs, "/team/records/%.*s?done=reconciled", SLICE_FMT(made.record));
    else
        team_failed(rq, rs, &e);
    ui_free(&errors);
    close_reconciling(r);
}

// --- agreement over all records

static bool add_round(struct request *rq, struct agreement *sum, const struct schema_kind *kind,
                      const struct team_round *round, struct arena *a, bool *used, struct err *e)
{
    struct team_coding rows[2];
    struct record records[2] = {0};
    size_t count;
    *used = false;
    if (schema_kind_by_prefix(round->record) != kind || round->handed < 2)
        return true; // of another kind, or called off
    if (!team_coding_list(rq->store, round->id, a, rows, &count, e))
        return false;
    bool done = count == 2;
    for (int k = 0; k < 2 && done; k++) // coded by an older codebook: not comparable, left out
        done = record_from_json(rows[k].body, a, &records[k], NULL);
    if (done)
        agreement_add(sum, &records[0], &records[1]);
    *used = done;
    for (int k = 0; k < 2; k++)
        record_free(&records[k]);
    return true;
}

static struct slice share(struct request *rq, double x)
{
    struct slice s = arena_printf(rq->arena, "%.2f", x);
    if (strcmp(rq->lang->decimal, ".") == 0)
        return s;
    uint8_t *at = (uint8_t *)(uintptr_t)s.at;
    for (size_t i = 0; i < s.len; i++)
        if (at[i] == '.')
            at[i] = (uint8_t)rq->lang->decimal[0];
    return s;
}

static void write_row(struct request *rq, struct response *rs, const struct agreement_row *x)
{
    page_raw(rs, "<tr><th scope=\"row\">");
    if (x->group->name[0])
        page_html(rs, "{} – ", str(text(rq->lang, x->group->one_label)));
    page_html(rs, "{}</th><td class=\"number\" data-label=\"{}\">{}</td>",
              str(text(rq->lang, x->field->label)), str(TR("Decisions")),
              page_number(rq, x->kappa.units));
    if (x->kappa.units)
        page_html(rs,
                  "<td class=\"number\" data-label=\"{}\">{}</td><td class=\"number\" "
                  "data-label=\"{}\">{}</td>",
                  str(TR("Agreement")), share(rq, x->kappa.observed), str(TR("By chance")),
                  share(rq, x->kappa.expected));
    else
        page_raw(rs, "<td></td><td></td>");
    if (x->kappa.defined)
        page_html(rs, "<td class=\"number\" data-label=\"{}\">{}</td></tr>\n", str(TR("Kappa")),
                  share(rq, x->kappa.value));
    else
        page_html(rs, "<td class=\"reading\" data-label=\"{}\">{}</td></tr>\n", str(TR("Kappa")),
                  str(x->kappa.units ? TR("not defined: both always chose the same")
                                     : TR("nothing compared")));
}

static bool write_kind(struct request *rq, struct response *rs, const struct schema_kind *kind,
                       const struct team_round *rounds, size_t count, struct err *e)
{
    struct agreement *sum = agreement_create(kind);
    struct agreement_row *rows;
    struct arena scratch;
    uint64_t records = 0;
    bool done = true;
    arena_init(&scratch, 0);
    for (size_t i = 0; i < count && done; i++) {
        bool used;
        done = add_round(rq, sum, kind, &rounds[i], &scratch, &used, e);
        records += done && used;
        arena_reset(&scratch);
    }
    if (done && records) {
        size_t n = agreement_rows(sum, rq->arena, &rows);
        page_html(
            rs,
            "<table class=\"records\"><caption>{} – {}</caption>\n<thead><tr><th "
            "scope=\"col\">{}</th><th scope=\"col\" class=\"number\">{}</th><th scope=\"col\" "
            "class=\"number\">{}</th><th scope=\"col\" class=\"number\">{}</th><th "
            "scope=\"col\" class=\"number\">{}</th></tr></thead>\n<tbody>\n",
            str(text(rq->lang, kind->plural)),
            str(text_format(rq->arena,
                            text_plural(rq->lang, TEXT("%s record coded twice"),
                                        TEXT("%s records coded twice"), records),
                            text_number(rq->lang, rq->arena, records))),
            str(TR("Field")), str(TR("Decisions")), str(TR("Agreement")), str(TR("By chance")),
            str(TR("Kappa")));
        for (size_t i = 0; i < n; i++)
            write_row(rq, rs, &rows[i]);
        page_raw(rs, "</tbody></table>\n");
    }
    arena_free(&scratch);
    agreement_destroy(sum);
    return done;
}

void team_agreement(struct request *rq, struct response *rs)
{
    struct team_round *rounds;
    size_t count, kind_count;
    struct err e = {0};
    const struct schema_kind *kinds = schema_kinds(&kind_count);
    if (!team_allowed(rq, rs, 0))
        return;
    if (!team_round_list(rq->store, true, ROUNDS_MAX, rq->arena, &rounds, &count, &e)) {
        team_failed(rq, rs, &e);
        return;
    }
    ui_begin(rq, rs, TR("Agreement"), "agreement", NULL);
    if (!count)
        page_html(rs, "<p>{}</p>\n", str(TR("No record was coded twice and reconciled yet.")));
    bool done = true;
    for (size_t k = 0; k < kind_count && done; k++)
        done = write_kind(rq, rs, &kinds[k], rounds, count, &e);
    if (!done) {
        team_failed(rq, rs, &e);
        return;
    }
    page_html(
        rs, "<h2>{}</h2>\n<p>{}</p>\n<p>{}</p>\n<p>{}</p>\n", str(TR("How this is counted")),
        str(TR("Cohen's kappa: agreement beyond chance, divided by what is possible beyond "
               "chance. 1 is full agreement, 0 what chance gives.")),
        str(TR("A field with several values at once is a yes-or-no decision for each term. The "
               "means over its terms go into the formula (pooled kappa).")),
        str(TR(
            "A date is one decision with its precision. A field left empty counts as a choice of "
            "its own. What both coders handed in counts, not what was reconciled.")));
    ui_end(rq, rs);
}
