// SPDX-License-Identifier: Apache-2.0
// Double coding: two people code the same record, each without seeing what the other makes of it.
// When a round begins, what the draft has in those fields goes to its author's own coding and out
// of the draft, so that no page can show it to the second coder.
#include "observatory/team/coding.h"

bool coding_load(struct request *rq, struct response *rs, struct coding *c)
{
    struct err e = {0};
    *c = (struct coding){.own = -1};
    if (!team_allowed(rq, rs, ROLE_CODER | ROLE_REVIEWER | ROLE_CURATOR) ||
        !show_load(rq, rs, rq->part[0], &c->meta, &c->draft))
        return false;
    c->found = team_round_find(rq->store, c->meta.record, false, rq->arena, &c->round, &e);
    bool done = c->found != STORE_ERROR;
    if (c->found == STORE_FOUND)
        done = team_coding_list(rq->store, c->round.id, rq->arena, c->rows, &c->count, &e);
    for (size_t i = 0; i < c->count; i++)
        if (c->rows[i].user == rq->user->id)
            c->own = (int)i;
    if (done)
        return true;
    record_free(&c->draft);
    team_failed(rq, rs, &e);
    return false;
}

void coding_head(struct request *rq, struct response *rs, const struct coding *c)
{
    page_html(rs, "<p class=\"meta\"><a href=\"{}\">{} {}</a></p>\n",
              ui_path(rq, "/team/records/%.*s", SLICE_FMT(c->meta.record)), c->meta.record,
              record_name(rq, &c->draft));
}

// A form of its own at the end of the page.
static void write_call_off(struct request *rq, struct response *rs, const struct coding *c)
{
    if (c->found != STORE_FOUND || c->round.handed == 2 || !team_has(rq, ROLE_CURATOR))
        return;
    ui_form(rq, rs, ui_path(rq, "/team/records/%.*s/coding", SLICE_FMT(c->meta.record)));
    ui_button_danger(rs, "action", "call-off", TR("Call the double coding off"));
    UI_FORM_END(rs);
}

static void begin_page(struct request *rq, struct response *rs, const struct coding *c,
                       const char *words, const char *action, const char *label)
{
    ui_begin(rq, rs, TR("Double coding"), "records", NULL);
    coding_head(rq, rs, c);
    page_html(rs, "<p>{}</p>\n", str(words));
    if (action) {
        ui_form(rq, rs, ui_path(rq, "/team/records/%.*s/coding", SLICE_FMT(c->meta.record)));
        ui_button(rs, "action", action, label);
        UI_FORM_END(rs);
    }
    write_call_off(rq, rs, c);
    ui_end(rq, rs);
}

// A correction of what is public is not coded anew by two.
static bool coding_may_begin(struct request *rq, const struct coding *c)
{
    struct revision meta;
    struct record body;
    enum store_found is =
        store_record(rq->store, c->meta.record, 0, false, rq->arena, &meta, &body, NULL);
    if (is == STORE_FOUND)
        record_free(&body);
    return is == STORE_NONE && c->meta.state == STATE_DRAFT && kind_double_coded(c->draft.kind);
}

// --- the form

// A form for one criterion, or for the fields of the record that two people code.
static struct form part_form(struct request *rq, const struct schema_group *g, const char *code)
{
    struct form f = {.group = g, .fields = coded_fields(g)};
    int key = coded_key(g);
    if (key >= 0) { // all but the criterion itself, which the place in the form says
        f.prefix = arena_printf(rq->arena, "%s-%s:", g->name, code);
        f.fields = ((1ull << g->count) - 1) & ~(1ull << key);
    }
    return f;
}

typedef void part_do(struct request *rq, struct form *f, const char *code, void *context);

// Each form of the page: the record's own fields, then a criterion each.
static void each_part(struct request *rq, const struct schema_kind *kind, part_do *run,
                      void *context)
{
    for (size_t k = 0; k < kind->count; k++) {
        const struct schema_group *g = &kind->groups[k];
        int key = coded_key(g);
        if (!coded_fields(g) || (g->repeated && key < 0))
            continue;
        size_t count = key >= 0 ? g->fields[key].vocabulary->count : 1;
        for (size_t t = 0; t < count; t++) {
            const char *code = key >= 0 ? g->fields[key].vocabulary->terms[t].code : NULL;
            struct form f = part_form(rq, g, code);
            run(rq, &f, code, context);
            form_free(&f);
        }
    }
}

struct writing {
    struct response *rs;
    const struct record *record; // draft with the coder's own values
    const struct ui_errors *errors;
    bool typed; // show what was sent
};

static const struct item *part_item(const struct record *r, const struct form *f, const char *code)
{
    return code ? coded_item(r, f->group, code) : record_next(r, f->group->name, NULL);
}

static void write_part(struct request *rq, struct form *f, const char *code, void *context)
{
    struct writing *w = context;
    struct response *rs = w->rs;
    if (w->typed)
        form_parse(f, rq->arena, rq->form, rq->form_count);
    else
        form_from_item(f, rq->arena, part_item(w->record, f, code));
    if (code) {
        const struct vocabulary *v = f->group->fields[coded_key(f->group)].vocabulary;
        const struct vocabulary_term *t = vocabulary_term_find(v, slice_from_str(code));
        page_html(rs, "<section class=\"part\"><h3>{}</h3><p class=\"hint\">{}</p>\n",
                  str(text(rq->lang, t->label)), str(text(rq->lang, t->definition)));
    } else {
        page_html(rs, "<section class=\"part\"><h2>{}</h2>\n",
                  str(text(rq->lang, f->group->label)));
    }
    form_write(rq, rs, f, w->record, w->errors);
    page_raw(rs, "</section>\n");
}

static void form_page(struct request *rq, struct response *rs, const struct coding *c,
                      const struct record *own, bool typed, const struct ui_errors *errors)
{
    ui_begin(rq, rs, TR("Code independently"), "records", errors);
    coding_head(rq, rs, c);
    page_html(
        rs, "<p>{}</p>\n",
        str(TR("Code from the sources alone. The other coder does not see this, nor you theirs, "
               "until both have handed in.")));
    page_html(rs, "<details><summary>{}</summary>\n", str(TR("The draft, without these fields")));
    show_record(rq, rs, &c->draft);
    page_raw(rs, "</details>\n");
    form_sources(rq, rs, &c->draft);
    ui_form(rq, rs, ui_path(rq, "/team/records/%.*s/coding", SLICE_FMT(c->meta.record)));
    page_raw(rs, "<button class=\"hidden\" tabindex=\"-1\" aria-hidden=\"true\" type=\"submit\" "
                 "name=\"action\" value=\"save\"></button>\n");
    struct writing w = {.rs = rs, .record = own, .errors = errors, .typed = typed};
    each_part(rq, own->kind, write_part, &w);
    page_raw(rs, "<div class=\"buttons\">\n");
    ui_button(rs, "action", "hand-in", TR("Hand in"));
    ui_button_plain(rs, "action", "save", TR("Save, and go on later"));
    page_raw(rs, "</div>\n");
    UI_FORM_END(rs);
    write_call_off(rq, rs, c);
    form_countries(rq, rs);
    ui_end(rq, rs);
}

// The draft with the coder's own values in the fields that two people code.
static bool own_record(struct request *rq, const struct coding *c, struct record *out,
                       struct err *e)
{
    struct record coded;
    struct buf b = {0};
    record_to_json(&c->draft, &b);
    bool done = record_from_json(arena_copy(rq->arena, buf_slice(&b)), rq->arena, out, e);
    buf_free(&b);
    if (!done)
        return false;
    coded_clear(out);
    if (!record_from_json(c->rows[c->own].body, rq->arena, &coded, e)) {
        record_free(out);
        return false;
    }
    coded_apply(out, &coded);
    record_free(&coded);
    return true;
}

void team_coding(struct request *rq, struct response *rs)
{
    struct coding c;
    struct record own;
    struct err e = {0};
    if (!coding_load(rq, rs, &c))
        return;
    if (c.found == STORE_NONE)
        begin_page(
            rq, rs, &c,
            TR("Two people code some fields independently; then they reconcile them. What the "
               "draft has in these fields becomes its author's coding."),
            coding_may_begin(rq, &c) ? "open" : NULL, TR("Begin double coding"));
    else if (c.own < 0 && c.count < 2)
        begin_page(rq, rs, &c, TR("This record waits for a second, independent coder."), "join",
                   TR("Code it as the second coder"));
    else if (c.own < 0)
        begin_page(rq, rs, &c, TR("Two people code it already."), NULL, NULL);
    else if (c.round.handed == 2)
        ui_redirect(rq, rs, "/team/records/%.*s/reconcile", SLICE_FMT(c.meta.record));
    else if (c.rows[c.own].handed)
        begin_page(rq, rs, &c, TR("You have handed in. The other coder has not yet."), NULL, NULL);
    else if (own_record(rq, &c, &own, &e)) {
        form_page(rq, rs, &c, &own, false, NULL);
        record_free(&own);
    } else {
        team_failed(rq, rs, &e);
    }
    record_free(&c.draft);
}

// --- what is sent

static struct slice to_json(struct request *rq, const struct record *r)
{
    struct buf b = {0};
    record_to_json(r, &b);
    struct slice out = arena_copy(rq->arena, buf_slice(&b));
    buf_free(&b);
    return out;
}

struct opening {
    struct slice body;
};

static bool open_round(struct request *rq, const struct revision *made, void *context,
                       struct err *e)
{
    struct opening *o = context;
    int64_t id;
    return team_round_open(rq->store, made->record, made->number, rq->user->id, &id, e) &&
           team_coding_begin(rq->store, id, rq->user->id, o->body, e);
}

// Whether the signed-in person wrote any of the draft's revisions.
static bool wrote_draft(struct request *rq, struct slice record, bool *out, struct err *e)
{
    struct revision *list;
    size_t count;
    if (!store_history(rq->store, record, false, rq->arena, &list, &count, e))
        return false;
    *out = false;
    for (size_t i = 0; i < count; i++)
        *out = *out || slice_equal(list[i].author, rq->user->name);
    return true;
}

static bool open_coding(struct request *rq, struct coding *c, struct err *e)
{
    struct revision made;
    struct opening o = {.body = to_json(rq, &c->draft)};
    bool author;
    if (!wrote_draft(rq, c->meta.record, &author, e))
        return false;
    coded_clear(&c->draft);
    if (!author)
        o.body = to_json(rq, &c->draft);
    return team_revise(
        rq, c->meta.record, &c->draft, STATE_DRAFT,
        team_said(rq, TEXT("Double coding begins: two people code these fields independently")),
        "double-coding", open_round, &o, &made, e);
}

struct calling_off {
    int64_t round;
};

static bool close_unfinished(struct request *rq, const struct revision *made, void *context,
                             struct err *e)
{
    const struct calling_off *c = context;
    return team_round_close(rq->store, c->round, rq->user->id, made->number, e);
}

// Nobody comes to code it a second time: the first coder's values go back into the draft.
static bool call_off(struct request *rq, struct coding *c, struct err *e)
{
    struct record first;
    struct revision made;
    struct calling_off off = {.round = c->round.id};
    if (c->count && !record_from_json(c->rows[0].body, rq->arena, &first, e))
        return false;
    if (c->count) {
        coded_apply(&c->draft, &first);
        record_free(&first);
    }
    return team_revise(rq, c->meta.record, &c->draft, STATE_DRAFT,
                       team_said(rq, TEXT("Double coding was called off")), "double-coding-off",
                       close_unfinished, &off, &made, e);
}

static bool join_coding(struct request *rq, struct coding *c, struct err *e)
{
    if (!store_begin(rq->store, e))
        return false;
    coded_clear(&c->draft);
    if (team_coding_begin(rq->store, c->round.id, rq->user->id, to_json(rq, &c->draft), e) &&
        team_log(rq, "second-coder", c->meta.record, 0, (struct slice){0}, e))
        return store_commit(rq->store, e);
    store_rollback(rq->store);
    return false;
}

struct taking {
    struct record *record;
    struct ui_errors *errors;
    bool more;
};

static void take_part(struct request *rq, struct form *f, const char *code, void *context)
{
    struct taking *t = context;
    form_parse(f, rq->arena, rq->form, rq->form_count);
    t->more = t->more || f->more.len;
    size_t filled = 0;
    for (size_t i = 0; i < f->rows.count; i++)
        filled += f->rows.items[i].text.len > 0;
    struct item *item = (struct item *)(uintptr_t)part_item(t->record, f, code);
    if (!item && code) {
        if (!filled)
            return;
        item = record_add_item(t->record, f->group->name);
        record_add_value(t->record, item, f->group->fields[coded_key(f->group)].name,
                         slice_from_str(code));
    } else if (!item) {
        item = record_main(t->record);
    }
    form_to_item(f, t->record, item);
    form_check(rq, f, t->record, item, t->errors);
    if (code && !filled)
        record_remove_item(t->record, item);
}

static void save_coding(struct request *rq, struct response *rs, struct coding *c)
{
    struct record own;
    struct ui_errors errors = {0}, none = {0};
    struct err e = {0};
    bool hand_in = slice_equal_str(request_form(rq, "action"), "hand-in");
    if (!own_record(rq, c, &own, &e)) {
        team_failed(rq, rs, &e);
        return;
    }
    struct taking t = {.record = &own, .errors = &errors};
    each_part(rq, own.kind, take_part, &t);
    if (t.more || errors.list.count) {
        form_page(rq, rs, c, &own, true, t.more ? &none : &errors);
    } else if (!store_begin(rq->store, &e)) {
        team_failed(rq, rs, &e);
    } else if (team_coding_save(rq->store, c->round.id, rq->user->id, to_json(rq, &own), hand_in,
                                &e) &&
               (!hand_in || team_log(rq, "hand-in", c->meta.record, 0, (struct slice){0}, &e)) &&
               store_commit(rq->store, &e)) {
        ui_redirect(rq, rs, "/team/records/%.*s/coding?done=%s", SLICE_FMT(c->meta.record),
                    hand_in ? "handed" : "saved");
    } else {
        store_rollback(rq->store);
        team_failed(rq, rs, &e);
    }
    ui_free(&errors);
    record_free(&own);
}

void team_coding_post(struct request *rq, struct response *rs)
{
    struct coding c;
    struct err e = {0};
    struct slice action = request_form(rq, "action");
    if (!coding_load(rq, rs, &c))
        return;
    bool may_open = c.found == STORE_NONE && coding_may_begin(rq, &c);
    bool done = true;
    bool off = slice_equal_str(action, "call-off") && c.found == STORE_FOUND &&
               c.round.handed < 2 && team_has(rq, ROLE_CURATOR);
    if (c.own >= 0 && !c.rows[c.own].handed && !off) {
        save_coding(rq, rs, &c);
        record_free(&c.draft);
        return;
    }
    if (slice_equal_str(action, "open") && may_open)
        done = open_coding(rq, &c, &e);
    else if (off)
        done = call_off(rq, &c, &e);
    else if (slice_equal_str(action, "join") && c.found == STORE_FOUND && c.own < 0)
        done = join_coding(rq, &c, &e);
    if (done || e.code == ERR_LIMIT || e.code == ERR_USAGE) // somebody was faster
        ui_redirect(rq, rs, "/team/records/%.*s/coding", SLICE_FMT(c.meta.record));
    else
        team_failed(rq, rs, &e);
    record_free(&c.draft);
}
