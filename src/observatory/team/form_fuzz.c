// SPDX-License-Identifier: Apache-2.0
// A form of the team as a browser sends it: taken apart, put into a record, checked, written as
// JSON and read again, and shown as a form.
#include "observatory/http/parse.h"
#include "observatory/http/response.h"
#include "observatory/model/texts.h"
#include "observatory/team/form.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void run_form(struct request *rq, const struct schema_kind *kind, size_t group)
{
    struct record r, again;
    struct response rs;
    struct ui_errors errors = {0};
    struct err e = {0};
    struct buf json = {0}, second = {0};
    struct form f = {.group = &kind->groups[group]};
    record_init(&r, kind, rq->arena);
    response_init(&rs);
    struct item *item = f.group->repeated ? record_add_item(&r, f.group->name) : record_main(&r);
    form_parse(&f, rq->arena, rq->form, rq->form_count);
    form_to_item(&f, &r, item);
    form_check(rq, &f, &r, item, &errors);
    record_to_json(&r, &json);
    if (!record_from_json(buf_slice(&json), rq->arena, &again, &e))
        abort(); // what a form makes can always be stored
    record_to_json(&again, &second);
    if (!slice_equal(buf_slice(&json), buf_slice(&second)))
        abort();
    form_write(rq, &rs, &f, &r, &errors);
    record_free(&again);
    record_free(&r);
    form_free(&f);
    ui_free(&errors);
    buf_free(&json);
    buf_free(&second);
    response_finish(&rs);
}

// First byte: the kind and group; the rest is the body.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t kinds;
    const struct schema_kind *list = schema_kinds(&kinds);
    if (size < 1 || size > 1 << 16)
        return 0;
    const struct schema_kind *kind = &list[data[0] % kinds];
    struct arena a;
    struct err e = {0};
    arena_init(&a, 0);
    uint8_t *copy = mem_alloc(size - 1); // exactly as long, so that reading past it shows
    memcpy(copy, data + 1, size - 1);
    struct request rq = {.arena = &a,
                         .method = HTTP_POST,
                         .path = SLICE("/en/team/work/1/fields"),
                         .lang = web_language(SLICE("fr"))};
    if (http_parse_pairs(&a, slice_of(copy, size - 1), HTTP_MAX_FORM_PAIRS, &rq.form,
                         &rq.form_count, &e))
        run_form(&rq, kind, data[0] / kinds % kind->count);
    free(copy);
    arena_free(&a);
    return 0;
}
