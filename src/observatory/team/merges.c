// SPDX-License-Identifier: Apache-2.0
// Possible duplicates: proposed by comparison, looked at side by side, merged only by a curator who
// says for each contradiction which value counts.
#include "observatory/team/handlers.h"
#include "observatory/team/merge.h"

#include "observatory/exchange/duplicates.h"
#include "observatory/pages/view.h"
#include "observatory/store/team_merge.h"

enum { MERGE_PAGE = 50 };

static struct slice percent(struct request *rq, double score)
{
    bool french = strcmp(rq->lang->code, "fr") == 0;
    return arena_printf(rq->arena, french ? "%.0f\u00a0%%" : "%.0f%%", score * 100);
}

static bool write_proposals(struct request *rq, struct response *rs, enum merge_state state,
                            const char *title, size_t page, struct err *e)
{
    struct merge_proposal *list;
    size_t count;
    uint64_t total;
    if (!merge_proposal_list(rq->store, state, (struct slice){0}, (page - 1) * MERGE_PAGE,
                             MERGE_PAGE, rq->arena, &list, &count, &total, e))
        return false;
    page_html(rs, "<section><h2>{} ({})</h2>\n<ul class=\"rows\">\n", str(title),
              page_number(rq, total));
    for (size_t i = 0; i < count; i++)
        page_html(rs, "<li><a href=\"{}\">{} · {}</a> <span class=\"meta\">{} {}</span></li>\n",
                  ui_path(rq, "/team/merges/%lld", (long long)list[i].id), list[i].a, list[i].b,
                  str(TR("likeness")), percent(rq, list[i].score));
    page_raw(rs, "</ul>\n");
    if (total > page * MERGE_PAGE)
        page_html(rs, "<p><a href=\"{}?page={}\">{}</a></p>\n", ui_path(rq, "/team/merges"),
                  arena_printf(rq->arena, "%zu", page + 1), str(TR("More")));
    page_raw(rs, "</section>\n");
    return true;
}

void team_merges(struct request *rq, struct response *rs)
{
    struct err e = {0};
    int64_t page = parse_number(request_param(rq, "page"));
    if (!team_allowed(rq, rs, 0))
        return;
    ui_begin(rq, rs, TR("Possible duplicates"), "merges", NULL);
    page_html(rs, "<p>{}</p>\n",
              str(TR("Records that may tell of the same event. Nothing is merged by itself.")));
    if (team_has(rq, ROLE_CURATOR)) {
        ui_form(rq, rs, ui_path(rq, "/team/merges"));
        ui_button_plain(rs, "action", "compare", TR("Compare all records now"));
        UI_FORM_END(rs);
    }
    bool done = write_proposals(rq, rs, MERGE_OPEN, TR("To be decided"),
                                page > 1 && page < 10000 ? (size_t)page : 1, &e) &&
                (page > 1 || (write_proposals(rq, rs, MERGE_DONE, TR("Merged"), 1, &e) &&
                              write_proposals(rq, rs, MERGE_APART, TR("Kept apart"), 1, &e)));
    if (done)
        ui_end(rq, rs);
    else
        team_failed(rq, rs, &e);
}

void team_merge_propose(struct request *rq, struct response *rs)
{
    struct err e = {0};
    uint64_t proposed;
    if (!team_allowed(rq, rs, ROLE_CURATOR))
        return;
    if (duplicates_propose(rq->store, &proposed, &e) &&
        team_log(rq, "compare", (struct slice){0}, 0,
                 arena_printf(rq->arena, "%llu", (unsigned long long)proposed), &e))
        ui_redirect(rq, rs, "/team/merges?done=done");
    else
        team_failed(rq, rs, &e);
}

// --- one pair

struct couple {
    struct merge_proposal proposal;
    struct revision meta[2];
    struct record body[2]; // record_free
    struct merge_field *fields;
    size_t count;
};

static void close_couple(struct couple *c)
{
    record_free(&c->body[0]);
    record_free(&c->body[1]);
}

// The first of the couple is the one that is kept: the lower id, unless the form says "b".
static bool open_couple(struct request *rq, struct response *rs, struct couple *c)
{
    struct err e = {0};
    int64_t id = parse_number(rq->part[0]);
    *c = (struct couple){0};
    enum store_found found =
        id < 0 ? STORE_NONE : merge_proposal_get(rq->store, id, rq->arena, &c->proposal, &e);
    if (found == STORE_ERROR)
        team_failed(rq, rs, &e);
    else if (found == STORE_NONE)
        response_error(rq, rs, 404, TEXT("There is no such pair."));
    if (found != STORE_FOUND)
        return false;
    bool other = slice_equal_str(request_form(rq, "keep"), "b") ||
                 slice_equal_str(request_param(rq, "keep"), "b");
    if (!show_load(rq, rs, other ? c->proposal.b : c->proposal.a, &c->meta[0], &c->body[0]))
        return false;
    if (!show_load(rq, rs, other ? c->proposal.a : c->proposal.b, &c->meta[1], &c->body[1])) {
        record_free(&c->body[0]);
        return false;
    }
    if (c->body[0].kind == c->body[1].kind)
        c->count = merge_fields(&c->body[0], &c->body[1], rq->arena, &c->fields);
    return true;
}

static struct slice cell(struct request *rq, const struct couple *c, int k, uint16_t field)
{
    const struct item *own = record_next(&c->body[k], "", NULL);
    struct slice words =
        show_values(rq, &c->body[k], own, c->body[k].kind->groups[0].fields[field].name);
    return words.len > 600 ? arena_printf(rq->arena, "%.*s …", 600, (const char *)words.at) : words;
}

static struct slice pick_name(struct request *rq, const struct couple *c, uint16_t field)
{
    return arena_printf(rq->arena, "pick.%s", c->body[0].kind->groups[0].fields[field].name);
}

static void write_choice(struct request *rq, struct response *rs, const struct couple *c,
                         const struct merge_field *f)
{
    const struct schema_field *s = &c->body[0].kind->groups[0].fields[f->field];
    struct slice name = pick_name(rq, c, f->field),
                 sent = request_form(rq, arena_str(rq->arena, name));
    page_html(rs, "<fieldset class=\"part\"><legend>{}</legend>\n", str(text(rq->lang, s->label)));
    static const char *const values[] = {"both", "a", "b"};
    for (int k = 1; k < 3; k++)
        ui_radio(rs, arena_printf(rq->arena, "%.*s-%s", SLICE_FMT(name), values[k]), name,
                 str(values[k]),
                 sent.len ? slice_equal_str(sent, values[k]) : f->pick == (enum merge_pick)k,
                 cell(rq, c, k - 1, f->field), c->meta[k - 1].record);
    if (s->many)
        ui_radio(rs, arena_printf(rq->arena, "%.*s-both", SLICE_FMT(name)), name, SLICE("both"),
                 sent.len ? slice_equal_str(sent, "both") : f->pick == MERGE_BOTH,
                 str(TR("All of them count")), (struct slice){0});
    page_raw(rs, "</fieldset>\n");
}

static void write_side(struct request *rq, struct response *rs, const struct couple *c, int k)
{
    page_html(
        rs, "<section class=\"side\"><h2><a href=\"{}\">{}</a> {}</h2>\n<p class=\"meta\">{}</p>\n",
        ui_path(rq, "/team/records/%.*s", SLICE_FMT(c->meta[k].record)), c->meta[k].record,
        record_name(rq, &c->body[k]), str(ui_state(rq, c->meta[k].state)));
    show_record(rq, rs, &c->body[k]);
    page_raw(rs, "</section>\n");
}

static bool unpublished(enum record_state s)
{
    return s == STATE_DRAFT || s == STATE_REVIEW;
}

// English for text(), or NULL.
static const char *merge_obstacle(const struct couple *c)
{
    enum record_state kept = c->meta[0].state, other = c->meta[1].state;
    if (c->body[0].kind != c->body[1].kind)
        return TEXT("They are of different kinds and cannot be merged.");
    if (kept == STATE_PUBLISHED ? other == STATE_PUBLISHED || unpublished(other)
                                : unpublished(kept) && unpublished(other))
        return NULL;
    if (other == STATE_PUBLISHED && unpublished(kept))
        return TEXT("Keep the one that is published, and finish the other's draft first.");
    return TEXT("One of them is withdrawn, turned down or merged already.");
}

static void write_decision(struct request *rq, struct response *rs, const struct couple *c,
                           const struct ui_errors *errors)
{
    bool other = slice_equal(c->meta[0].record, c->proposal.b);
    page_html(rs, "<h2>{}</h2>\n<p>", str(TR("Decision")));
    page_unbroken(
        rs, str(text_format(rq->arena,
                            TR("%1$s is kept and takes over all values, each with its sources. "
                               "%2$s stays visible as a pointer to it."),
                            arena_str(rq->arena, c->meta[0].record),
                            arena_str(rq->arena, c->meta[1].record))));
    page_raw(rs, "</p>\n");
    const char *obstacle = merge_obstacle(c);
    if (obstacle)
        page_html(rs, "<p class=\"warning\">{}</p>\n", str(text(rq->lang, obstacle)));
    page_html(rs, "<p><a href=\"{}?keep={}\">{}</a></p>\n",
              ui_path(rq, "/team/merges/%lld", (long long)c->proposal.id), str(other ? "a" : "b"),
              str(TR("Keep the other one instead")));
    ui_form(rq, rs, ui_path(rq, "/team/merges/%lld", (long long)c->proposal.id));
    page_html(rs, "<input type=\"hidden\" name=\"keep\" value=\"{}\">\n", str(other ? "b" : "a"));
    for (size_t i = 0; i < c->count && !obstacle; i++)
        if (c->fields[i].conflict)
            write_choice(rq, rs, c, &c->fields[i]);
    team_reason_field(rq, rs, TR("Reason"),
                      TR("Why they are the same event, or why not. Readers see it in the history."),
                      errors);
    page_raw(rs, "<div class=\"buttons\">\n");
    if (!obstacle)
        ui_button(rs, "action", "merge", TR("Merge the two records"));
    ui_button_plain(rs, "action", "apart", TR("Keep them apart"));
    page_raw(rs, "</div>\n");
    UI_FORM_END(rs);
}

// --- why a pair is proposed, in words

static struct slice reason_value(struct request *rq, const struct schema_kind *k,
                                 const struct merge_reason *r, struct slice codes)
{
    int date = schema_field_find(&k->groups[0], arena_str(rq->arena, r->what));
    struct buf b = {0};
    while (codes.len) {
        const uint8_t *mark = memmem(codes.at, codes.len, "; ", 2);
        size_t end = mark ? (size_t)(mark - codes.at) : codes.len;
        struct slice one = slice_sub(codes, 0, end);
        buf_str(&b, b.len ? ", " : "");
        if (date >= 0 && k->groups[0].fields[date].kind == VALUE_DATE)
            buf_str(&b, date_words(rq->lang, rq->arena, one, (struct slice){0}));
        else
            buf_add(&b, term_label(rq, k, arena_str(rq->arena, r->what), one));
        codes = slice_sub(codes, end + 2, codes.len);
    }
    struct slice out = arena_copy(rq->arena, buf_slice(&b));
    buf_free(&b);
    return out;
}

// A field's name, or a filter's.
static const char *reason_label(struct request *rq, const struct schema_kind *k,
                                const struct merge_reason *r)
{
    const char *name = arena_str(rq->arena, r->what);
    int field = schema_field_find(&k->groups[0], name);
    if (field >= 0)
        return text(rq->lang, k->groups[0].fields[field].label);
    struct filter filters[VIEW_MAX_FILTERS];
    const struct filter *f = view_filter_find(filters, view_filters(k, filters), name);
    return f ? view_filter_label(rq, f) : name;
}

static void write_difference(struct request *rq, struct response *rs, const struct couple *c,
                             const struct merge_reason *r)
{
    const struct schema_kind *k = c->body[0].kind;
    const char *label = reason_label(rq, k, r);
    const char *ids[] = {arena_str(rq->arena, c->proposal.a), arena_str(rq->arena, c->proposal.b)};
    const char *said[] = {arena_str(rq->arena, reason_value(rq, k, r, r->a)),
                          arena_str(rq->arena, reason_value(rq, k, r, r->b))};
    int one = r->a.len ? 0 : 1; // the only one that says something
    page_raw(rs, "<li>");
    page_unbroken(rs,
                  str(r->a.len && r->b.len ? text_format(rq->arena, TR("%s: %s in %s, %s in %s."),
                                                         label, said[0], ids[0], said[1], ids[1])
                                           : text_format(rq->arena, TR("%s: only %s says it, %s."),
                                                         label, ids[one], said[one])));
    page_raw(rs, "</li>\n");
}

static void write_shared(struct request *rq, struct response *rs, const struct merge_reason *r)
{
    bool words = slice_equal_str(r->what, "words");
    page_html(rs, "<li>{} <span lang=\"\">{}</span></li>\n",
              str(words ? TR("Both use these rare words:") : TR("Both rest on the same page:")),
              r->a);
}

static void write_reasons(struct request *rq, struct response *rs, const struct couple *c)
{
    for (int shared = 1; shared >= 0; shared--) {
        size_t shown = 0;
        for (size_t i = 0; i < c->proposal.reason_count; i++) {
            const struct merge_reason *r = &c->proposal.reasons[i];
            bool both = slice_equal_str(r->what, "words") || slice_equal_str(r->what, "source");
            if (both != (shared == 1))
                continue;
            if (!shown++)
                page_html(
                    rs, "<h2>{}</h2>\n<ul>\n",
                    str(shared ? TR("What speaks for one event") : TR("What they differ in")));
            if (both)
                write_shared(rq, rs, r);
            else
                write_difference(rq, rs, c, r);
        }
        if (shown)
            page_raw(rs, "</ul>\n");
    }
}

static void write_decided(struct request *rq, struct response *rs, const struct merge_proposal *p)
{
    const struct revision why = {
        .reason = p->reason, .reason_lang = p->reason_lang, .reason_other = p->reason_other};
    page_html(rs, "<p class=\"notice\">{} {}, {} – ",
              str(p->state == MERGE_DONE ? TR("Merged") : TR("Kept apart")), p->decided_by,
              ui_time(rq, p->decided));
    page_reason(rq, rs, &why);
    page_raw(rs, "</p>\n");
}

static void couple_page(struct request *rq, struct response *rs, const struct couple *c,
                        const struct ui_errors *errors)
{
    ui_begin(rq, rs, TR("Are these one event?"), "merges", errors);
    page_html(rs, "<p class=\"meta\">{} {}</p>\n", str(TR("likeness")),
              percent(rq, c->proposal.score));
    write_reasons(rq, rs, c);
    if (c->proposal.state != MERGE_OPEN)
        write_decided(rq, rs, &c->proposal);
    if (c->proposal.state == MERGE_OPEN && team_has(rq, ROLE_CURATOR))
        write_decision(rq, rs, c, errors);
    page_raw(rs, "<div class=\"sides\">\n");
    write_side(rq, rs, c, 0);
    write_side(rq, rs, c, 1);
    page_raw(rs, "</div>\n");
    ui_end(rq, rs);
}

void team_merge_page(struct request *rq, struct response *rs)
{
    struct couple c;
    if (!team_allowed(rq, rs, 0))
        return;
    if (!open_couple(rq, rs, &c))
        return;
    couple_page(rq, rs, &c, NULL);
    close_couple(&c);
}

static void read_picks(struct request *rq, struct couple *c)
{
    for (size_t i = 0; i < c->count; i++) {
        struct slice sent =
            request_form(rq, arena_str(rq->arena, pick_name(rq, c, c->fields[i].field)));
        if (slice_equal_str(sent, "a"))
            c->fields[i].pick = MERGE_FIRST;
        else if (slice_equal_str(sent, "b"))
            c->fields[i].pick = MERGE_SECOND;
        else if (slice_equal_str(sent, "both"))
            c->fields[i].pick = MERGE_BOTH;
    }
}

static bool take_originals(struct request *rq, const struct couple *c, struct err *e)
{
    struct original *list;
    size_t count;
    if (!store_originals(rq->store, c->meta[1].record, rq->arena, &list, &count, e))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!store_original_add(rq->store, c->meta[0].record, &list[i], e))
            return false;
    return true;
}

// What becomes of the other: a pointer, with its content only when readers have seen that already.
static bool point_away(struct request *rq, struct couple *c, struct why why, struct err *e)
{
    struct revision made;
    struct record pointer;
    bool seen = c->meta[1].state == STATE_PUBLISHED;
    record_init(&pointer, c->body[1].kind, rq->arena);
    record_set(&pointer, "title", c->meta[0].record);
    struct record *body = seen ? &c->body[1] : &pointer;
    merge_point(body, c->meta[0].record);
    bool done = team_revise(rq, c->meta[1].record, body, STATE_MERGED, why, "merged-away", NULL,
                            NULL, &made, e);
    record_free(&pointer);
    return done;
}

static bool decide(struct request *rq, const struct couple *c, enum merge_state state,
                   struct why why, struct err *e)
{
    const struct merge_proposal p = {.id = c->proposal.id,
                                     .state = state,
                                     .decided_by = rq->user->name,
                                     .reason = why.text,
                                     .reason_lang = why.lang,
                                     .reason_other = why.other};
    return merge_proposal_decide(rq->store, &p, e);
}

static bool merge(struct request *rq, struct couple *c, struct why why, struct err *e)
{
    struct revision made;
    if (!store_begin(rq->store, e))
        return false;
    bool done =
        merge_records(&c->body[0], &c->body[1], c->meta[1].record, c->fields, c->count, e) &&
        team_revise(rq, c->meta[0].record, &c->body[0], c->meta[0].state, why, "merge", NULL, NULL,
                    &made, e) &&
        take_originals(rq, c, e) && point_away(rq, c, why, e) && decide(rq, c, MERGE_DONE, why, e);
    if (done)
        return store_commit(rq->store, e);
    store_rollback(rq->store);
    return false;
}

static bool keep_apart(struct request *rq, const struct couple *c, struct why why, struct err *e)
{
    if (!store_begin(rq->store, e))
        return false;
    if (decide(rq, c, MERGE_APART, why, e) &&
        team_log(rq, "keep-apart", c->proposal.a, 0, c->proposal.b, e))
        return store_commit(rq->store, e);
    store_rollback(rq->store);
    return false;
}

void team_merge_post(struct request *rq, struct response *rs)
{
    struct couple c;
    struct ui_errors errors = {0};
    struct err e = {0};
    if (!team_allowed(rq, rs, ROLE_CURATOR) || !open_couple(rq, rs, &c))
        return;
    bool apart = slice_equal_str(request_form(rq, "action"), "apart");
    read_picks(rq, &c);
    struct why why = team_reason(rq, &errors);
    const char *obstacle = apart ? NULL : merge_obstacle(&c);
    if (obstacle)
        ui_error_add(&errors, (struct slice){0}, text(rq->lang, obstacle));
    if (c.proposal.state != MERGE_OPEN) {
        ui_redirect(rq, rs, "/team/merges/%lld", (long long)c.proposal.id);
    } else if (errors.list.count) {
        couple_page(rq, rs, &c, &errors);
    } else if (apart ? keep_apart(rq, &c, why, &e) : merge(rq, &c, why, &e)) {
        if (apart)
            ui_redirect(rq, rs, "/team/merges?done=apart");
        else
            ui_redirect(rq, rs, "/team/records/%.*s?done=merged", SLICE_FMT(c.meta[0].record));
    } else {
        team_failed(rq, rs, &e);
    }
    ui_free(&errors);
    close_couple(&c);
}
