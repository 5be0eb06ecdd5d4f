// SPDX-License-Identifier: Apache-2.0
// Editing a record: a copy of one's own, changed form by form, that becomes a revision at the end.
// Each form is small and saved by itself, so that nothing typed is lost with a session or a window.
#include "observatory/team/edit.h"

#include "observatory/team/handlers.h"

bool work_open(struct request *rq, struct response *rs, struct slice id, struct work *out)
{
    struct err e = {0};
    int64_t number = parse_number(id);
    if (!team_allowed(rq, rs, ROLE_CODER | ROLE_REVIEWER | ROLE_CURATOR))
        return false;
    enum store_found found =
        number < 0 ? STORE_NONE
                   : team_work_get(rq->store, number, rq->user->id, rq->arena, &out->row, &e);
    if (found == STORE_NONE) {
        response_error(rq, rs, 404, TEXT("There is no such work of yours; it may be finished."));
        return false;
    }
    if (found == STORE_ERROR || !record_from_json(out->row.body, rq->arena, &out->record, &e)) {
        team_failed(rq, rs, &e);
        return false;
    }
    return true;
}

void work_close(struct work *w)
{
    record_free(&w->record);
}

struct slice record_name(struct request *rq, const struct record *r)
{
    bool french = strcmp(rq->lang->code, "fr") == 0;
    struct slice title = french ? record_text(r, "title-fr") : (struct slice){0};
    if (!title.len)
        title = record_text(r, "title");
    if (!title.len)
        title = record_text(r, "name");
    return title.len ? title : str(TR("(no title yet)"));
}

static void work_fill(struct request *rq, struct work *w)
{
    struct buf b = {0};
    record_to_json(&w->record, &b);
    w->row.body = arena_copy(rq->arena, buf_slice(&b));
    buf_free(&b);
    struct slice title = record_text(&w->record, "title");
    w->row.title = slice_sub(title.len ? title : record_text(&w->record, "name"), 0, 300);
}

bool work_save(struct request *rq, struct work *w, struct err *e)
{
    work_fill(rq, w);
    if (w->row.body.len > RECORD_MAX_BYTES)
        return err_set(e, ERR_LIMIT, 0, "the record is too large");
    return team_work_save(rq->store, &w->row, e);
}

bool work_begin(struct request *rq, const struct record *r, struct slice record, uint32_t base,
                int64_t *id, struct err *e)
{
    struct work w = {.record = *r,
                     .row = {.user = rq->user->id,
                             .record = record,
                             .kind = slice_from_str(r->kind->name),
                             .base = base}};
    work_fill(rq, &w);
    return team_work_add(rq->store, &w.row, id, e);
}

// --- beginning

void team_new(struct request *rq, struct response *rs)
{
    size_t count;
    const struct schema_kind *kinds = schema_kinds(&count);
    if (!team_allowed(rq, rs, ROLE_CODER | ROLE_REVIEWER | ROLE_CURATOR))
        return;
    ui_begin(rq, rs, TR("New record"), "records", NULL);
    page_html(rs, "<p>{}</p>\n", str(TR("What kind of record is it?")));
    ui_form(rq, rs, ui_path(rq, "/team/new"));
    for (size_t i = 0; i < count; i++)
        if (strcmp(kinds[i].name, "advisory") != 0) // those come from an incident
            ui_button(rs, "kind", kinds[i].name, text(rq->lang, kinds[i].label));
    UI_FORM_END(rs);
    ui_end(rq, rs);
}

void team_new_post(struct request *rq, struct response *rs)
{
    struct err e = {0};
    int64_t id;
    struct record r;
    const struct schema_kind *kind = schema_kind_find(form_line(rq, "kind"));
    if (!team_allowed(rq, rs, ROLE_CODER | ROLE_REVIEWER | ROLE_CURATOR))
        return;
    if (!kind || strcmp(kind->name, "advisory") == 0) {
        ui_redirect(rq, rs, "/team/new");
        return;
    }
    record_init(&r, kind, rq->arena);
    record_main(&r);
    bool done = work_begin(rq, &r, (struct slice){0}, 0, &id, &e);
    record_free(&r);
    if (done)
        ui_redirect(rq, rs, "/team/work/%lld", (long long)id);
    else
        team_failed(rq, rs, &e);
}

// Of a record that is there: the copy under way, or a new one of its newest revision.
void team_record_edit(struct request *rq, struct response *rs)
{
    struct revision meta;
    struct record body;
    struct team_work row;
    struct err e = {0};
    int64_t id = 0;
    if (!team_allowed(rq, rs, ROLE_CODER | ROLE_REVIEWER | ROLE_CURATOR) ||
        !show_load(rq, rs, rq->part[0], &meta, &body))
        return;
    enum store_found found =
        team_work_find(rq->store, rq->user->id, meta.record, rq->arena, &row, &e);
    if (found == STORE_FOUND)
        id = row.id;
    else if (found == STORE_NONE && !work_begin(rq, &body, meta.record, meta.number, &id, &e))
        found = STORE_ERROR;
    record_free(&body);
    if (found == STORE_ERROR)
        team_failed(rq, rs, &e);
    else
        ui_redirect(rq, rs, "/team/work/%lld", (long long)id);
}

// --- overview

static void write_items(struct request *rq, struct response *rs, const struct work *w,
                        const struct schema_group *g, struct slice links)
{
    const struct item *i = record_next(&w->record, g->name, NULL);
    if (i)
        page_raw(rs, "<ul class=\"items\">\n");
    for (const struct item *x = i; x; x = record_next(&w->record, g->name, x))
        page_html(rs, "<li><a href=\"{}/item/{}/{}\"><code>{}</code> {}</a></li>\n", links,
                  str(g->name), x->id, x->id, show_item_words(rq, &w->record, x));
    if (i)
        page_raw(rs, "</ul>\n");
    page_html(rs, "<p><a class=\"add\" href=\"{}/item/{}/new\">{}</a></p>\n", links, str(g->name),
              str(text_format(rq->arena, TR("Add: %s"), text(rq->lang, g->one_label))));
}

void team_work_page(struct request *rq, struct response *rs)
{
    struct work w = {0};
    if (!work_open(rq, rs, rq->part[0], &w))
        return;
    struct slice links = ui_path(rq, "/team/work/%lld", (long long)w.row.id);
    ui_begin(rq, rs, arena_str(rq->arena, record_name(rq, &w.record)), "records", NULL);
    page_html(rs, "<p class=\"meta\">{} {}</p>\n", str(text(rq->lang, w.record.kind->label)),
              w.row.record.len ? w.row.record : str(TR("(new)")));
    show_flags(rq, rs, &w.record, links);
    page_html(rs, "<section><h2>{}</h2>\n", str(text(rq->lang, w.record.kind->groups[0].label)));
    show_item(rq, rs, &w.record, record_next(&w.record, "", NULL));
    page_html(rs, "<p><a class=\"add\" href=\"{}/fields\">{}</a></p></section>\n", links,
              str(TR("Change these fields")));
    for (size_t g = 1; g < w.record.kind->count; g++) {
        const struct schema_group *group = &w.record.kind->groups[g];
        page_html(rs, "<section id=\"g-{}\"><h2>{}</h2>\n<p class=\"hint\">{}</p>\n",
                  str(group->name), str(text(rq->lang, group->label)),
                  str(text(rq->lang, group->definition)));
        write_items(rq, rs, &w, group, links);
        page_raw(rs, "</section>\n");
    }
    page_html(rs, "<p><a class=\"button main\" href=\"{}/finish\">{}</a></p>\n", links,
              str(TR("Preview and save")));
    ui_form(rq, rs, ui_path(rq, "/team/work/%lld/discard", (long long)w.row.id));
    ui_button_danger(rs, "action", "discard", TR("Throw these changes away"));
    UI_FORM_END(rs);
    ui_end(rq, rs);
    work_close(&w);
}

void team_work_discard(struct request *rq, struct response *rs)
{
    struct work w = {0};
    struct err e = {0};
    if (!work_open(rq, rs, rq->part[0], &w))
        return;
    if (team_work_remove(rq->store, w.row.id, &e))
        ui_redirect(rq, rs, "/team?done=removed");
    else
        team_failed(rq, rs, &e);
    work_close(&w);
}

// --- one item's form

static void form_page(struct request *rq, struct response *rs, struct work *w, const struct form *f,
                      struct slice item, const struct ui_errors *errors)
{
    bool repeated = f->group->repeated, fresh = slice_equal_str(item, "new");
    const char *title = text(rq->lang, repeated ? f->group->one_label : f->group->label);
    ui_begin(rq, rs, title, "records", errors);
    page_html(rs, "<p class=\"meta\"><a href=\"{}\">{}</a>",
              ui_path(rq, "/team/work/%lld", (long long)w->row.id), record_name(rq, &w->record));
    if (repeated && !fresh)
        page_html(rs, " <code>{}</code>", item);
    page_html(rs, "</p>\n<p class=\"hint\">{}</p>\n", str(text(rq->lang, f->group->definition)));
    if (strcmp(f->group->name, "sources") != 0)
        form_sources(rq, rs, &w->record);
    ui_form(rq, rs, rq->path);
    // What Enter in a field does: the first submit button of a form.
    page_raw(rs, "<button class=\"hidden\" tabindex=\"-1\" aria-hidden=\"true\" "
                 "type=\"submit\" name=\"action\" value=\"save\"></button>\n");
    form_write(rq, rs, f, &w->record, errors);
    page_raw(rs, "<div class=\"buttons\">\n");
    ui_button(rs, "action", "save", TR("Save"));
    if (repeated && !fresh)
        ui_button_danger(rs, "action", "remove", TR("Remove this entry"));
    page_raw(rs, "</div>\n");
    UI_FORM_END(rs);
    form_countries(rq, rs);
    ui_end(rq, rs);
}

// The group and item that the address names; item is "new" for one that is not there yet. False
// after an answer of 404.
static bool address_item(struct request *rq, struct response *rs, const struct work *w,
                         const struct schema_group **group, struct slice *item)
{
    struct slice name = rq->part_count > 1 ? rq->part[1] : (struct slice){0};
    *item = rq->part_count > 2 ? rq->part[2] : (struct slice){0};
    int g = schema_group_find(w->record.kind, arena_str(rq->arena, name));
    bool there = g >= 0 && (!item->len || slice_equal_str(*item, "new") ||
                            show_find_item(&w->record, name, *item));
    if (there)
        *group = &w->record.kind->groups[g];
    else
        response_error(rq, rs, 404, TEXT("The record has no such part."));
    return there;
}

void team_work_item(struct request *rq, struct response *rs)
{
    struct work w = {0};
    struct form f = {0};
    struct slice item;
    if (!work_open(rq, rs, rq->part[0], &w))
        return;
    if (address_item(rq, rs, &w, &f.group, &item)) {
        form_from_item(&f, rq->arena,
                       show_find_item(&w.record, slice_from_str(f.group->name), item));
        form_page(rq, rs, &w, &f, item, NULL);
    }
    form_free(&f);
    work_close(&w);
}

// The item that a form is for, made when it is new.
static struct item *target_item(struct work *w, const struct schema_group *g, struct slice id)
{
    if (!g->repeated)
        return record_main(&w->record);
    if (slice_equal_str(id, "new"))
        return w->record.items.count < RECORD_MAX_ITEMS ? record_add_item(&w->record, g->name)
                                                        : NULL;
    return (struct item *)(uintptr_t)show_find_item(&w->record, slice_from_str(g->name), id);
}

// True: saved, and the answer leads on. False: the form is to be shown again.
static bool take_form(struct request *rq, struct response *rs, struct work *w, struct form *f,
                      struct slice id, struct ui_errors *errors)
{
    struct err e = {0};
    struct item *item = target_item(w, f->group, id);
    if (!item) {
        ui_error_add(errors, (struct slice){0}, TR("The record has too many entries."));
        return false;
    }
    form_to_item(f, &w->record, item);
    if (f->more.len)
        return false;
    form_check(rq, f, &w->record, item, errors);
    if (errors->list.count)
        return false;
    if (f->group->repeated && item->values.count == 0)
        record_remove_item(&w->record, item);
    if (work_save(rq, w, &e))
        ui_redirect(rq, rs, "/team/work/%lld?done=saved#g-%s", (long long)w->row.id,
                    f->group->name);
    else
        team_failed(rq, rs, &e);
    return true;
}

static void remove_from_work(struct request *rq, struct response *rs, struct work *w,
                             const struct schema_group *g, struct slice id)
{
    struct err e = {0};
    const struct item *item = show_find_item(&w->record, slice_from_str(g->name), id);
    if (item && g->repeated)
        record_remove_item(&w->record, item);
    if (work_save(rq, w, &e))
        ui_redirect(rq, rs, "/team/work/%lld?done=removed", (long long)w->row.id);
    else
        team_failed(rq, rs, &e);
}

void team_work_item_post(struct request *rq, struct response *rs)
{
    struct work w = {0};
    struct form f = {0};
    struct ui_errors errors = {0};
    struct slice item;
    if (!work_open(rq, rs, rq->part[0], &w))
        return;
    if (address_item(rq, rs, &w, &f.group, &item)) {
        if (slice_equal_str(request_form(rq, "action"), "remove")) {
            remove_from_work(rq, rs, &w, f.group, item);
        } else {
            form_parse(&f, rq->arena, rq->form, rq->form_count);
            if (!take_form(rq, rs, &w, &f, item, &errors))
                form_page(rq, rs, &w, &f, item, &errors);
        }
    }
    ui_free(&errors);
    form_free(&f);
    work_close(&w);
}
