// SPDX-License-Identifier: Apache-2.0
#include "observatory/pages/view.h"

#include "observatory/pages/parts.h"

static const char *const sort_names[] = {
    [SORT_NEWEST] = "newest", [SORT_OLDEST] = "oldest",       [SORT_CHANGED] = "changed",
    [SORT_TITLE] = "title",   [SORT_RELEVANCE] = "relevance",
};

const char *view_sort_name(enum query_sort sort)
{
    return sort_names[sort];
}

bool view_as_of(struct slice day, vtime *out)
{
    vtime start, now = time_now();
    if (day.len != 10 || !date_valid(day) || !time_parse(day, &start, NULL))
        return false;
    vtime end = start + 86400 * VTIME_SECOND - 1;
    *out = end < now ? end : now;
    return true;
}

// Technique ids are typed: "t1566 " means T1566.
static struct slice filter_value(struct request *rq, const struct filter *f, struct slice typed)
{
    struct slice value = slice_trim(typed);
    if (!f->field || f->field->kind != VALUE_TECHNIQUE || !value.len || value.at[0] != 't')
        return value;
    return arena_printf(rq->arena, "T%.*s", SLICE_FMT(slice_sub(value, 1, value.len)));
}

static void add_filter(struct request *rq, struct view *v, const struct filter *filters,
                       size_t count, const struct http_pair *pair)
{
    if (!pair->value.len || pair->value.len > 200 || v->q.filter_count == QUERY_MAX_FILTERS)
        return;
    for (size_t i = 0; i < count; i++) {
        if (!slice_equal_str(pair->name, filters[i].name))
            continue;
        struct slice value = filter_value(rq, &filters[i], pair->value);
        if (!value.len)
            return;
        v->q.filters[v->q.filter_count].field = filters[i].name;
        v->q.filters[v->q.filter_count++].value = value;
        return;
    }
}

static void read_dates(struct request *rq, struct view *v)
{
    v->since = slice_trim(request_param(rq, "since"));
    v->until = slice_trim(request_param(rq, "until"));
    if (v->since.len && !date_valid(v->since)) {
        v->wrong = TR("The first day could not be understood and was left out. "
                      "Write 2021, 2021-06 or 2021-06-30.");
        v->since.len = 0;
    }
    if (v->until.len && !date_valid(v->until)) {
        v->wrong = TR("The last day could not be understood and was left out. "
                      "Write 2021, 2021-06 or 2021-06-30.");
        v->until.len = 0;
    }
    v->q.since = v->since;
    v->q.until = v->until;
    v->as_of = slice_trim(request_param(rq, "as_of"));
    if (v->as_of.len && !view_as_of(v->as_of, &v->q.as_of)) {
        v->wrong = TR("The day that you asked for is no date, so today's state is shown.");
        v->as_of.len = 0;
    }
}

static size_t read_number(struct slice s, size_t most)
{
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] < '0' || s.at[i] > '9' || n > most)
            return 0;
        n = n * 10 + (size_t)(s.at[i] - '0');
    }
    return n > most ? most : n;
}

void view_read(struct request *rq, const char *kind, struct view *v)
{
    *v = (struct view){.kind = schema_kind_find(str(kind)), .q = {.kind = kind}};
    v->q.french = strcmp(rq->lang->code, "fr") == 0;
    struct filter filters[VIEW_MAX_FILTERS];
    size_t count = v->kind ? view_filters(v->kind, filters) : 0;
    for (size_t i = 0; i < rq->param_count; i++)
        add_filter(rq, v, filters, count, &rq->params[i]);
    read_dates(rq, v);
    v->q.words = slice_sub(slice_trim(request_param(rq, "q")), 0, 300);
    struct slice sort = request_param(rq, "sort");
    v->q.sort = v->q.words.len ? SORT_RELEVANCE : SORT_NEWEST;
    for (size_t i = 0; i < sizeof sort_names / sizeof *sort_names; i++)
        if (slice_equal_str(sort, sort_names[i]) && (i != SORT_RELEVANCE || v->q.words.len))
            v->q.sort = (enum query_sort)i;
    v->page = read_number(request_param(rq, "page"), VIEW_MAX_PAGE);
    v->page = v->page ? v->page : 1;
    v->q.limit = VIEW_PAGE;
    v->q.offset = (v->page - 1) * VIEW_PAGE;
}

static void write_pair(struct buf *out, size_t start, const char *name, struct slice value)
{
    if (!value.len)
        return;
    buf_byte(out, out->len == start ? '?' : '&');
    url_encode(out, str(name));
    buf_byte(out, '=');
    url_encode(out, value);
}

void view_query(struct buf *out, const struct view *v, unsigned omit, int without)
{
    size_t start = out->len;
    if (!(omit & VIEW_NO_WORDS))
        write_pair(out, start, "q", v->q.words);
    for (size_t i = 0; i < v->q.filter_count && !(omit & VIEW_NO_FILTERS); i++)
        if ((int)i != without)
            write_pair(out, start, v->q.filters[i].field, v->q.filters[i].value);
    if (!(omit & VIEW_NO_SINCE))
        write_pair(out, start, "since", v->since);
    if (!(omit & VIEW_NO_UNTIL))
        write_pair(out, start, "until", v->until);
    enum query_sort usual = v->q.words.len ? SORT_RELEVANCE : SORT_NEWEST;
    if (!(omit & VIEW_NO_SORT) && v->q.sort != usual)
        write_pair(out, start, "sort", str(sort_names[v->q.sort]));
    if (!(omit & VIEW_NO_AS_OF))
        write_pair(out, start, "as_of", v->as_of);
    if (!(omit & VIEW_NO_PAGE) && v->page > 1) {
        char digits[24];
        int len = snprintf(digits, sizeof digits, "%zu", v->page);
        write_pair(out, start, "page", slice_of(digits, (size_t)len));
    }
}

struct slice view_address(struct request *rq, const struct view *v, struct slice path,
                          unsigned omit, int without)
{
    struct buf b = {0};
    buf_add(&b, path);
    view_query(&b, v, omit, without);
    struct slice out = arena_copy(rq->arena, buf_slice(&b));
    buf_free(&b);
    return out;
}
