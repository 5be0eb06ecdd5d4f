// SPDX-License-Identifier: Apache-2.0
#include "observatory/machine/parts.h"

#include "observatory/http/app.h"

const char *machine_plural(const char *kind)
{
    const char *path = schema_kind_path(schema_kind_find(slice_from_str(kind)));
    return path ? path + 1 : NULL;
}

const char *machine_kind(struct slice plural)
{
    size_t count;
    const struct schema_kind *kinds = schema_kinds(&count);
    for (size_t i = 0; i < count; i++)
        if (slice_equal_str(plural, kinds[i].path + 1))
            return kinds[i].name;
    return NULL;
}

struct export_options machine_options(const struct request *rq)
{
    const struct settings *set = &rq->app->settings;
    return (struct export_options){.base_url = rq->base_url,
                                   .name = set->name_en,
                                   .originals = true,
                                   .demo = store_invented(rq->store)};
}

bool machine_view(struct request *rq, struct response *rs, const char *kind, struct view *v)
{
    view_read(rq, kind, v);
    if (!v->wrong)
        return true;
    response_error(rq, rs, 400, v->wrong);
    return false;
}

struct slice machine_page_address(struct request *rq, const struct view *v, const char *path,
                                  size_t page)
{
    struct view other = *v;
    other.page = page;
    struct slice base = arena_printf(rq->arena, "%.*s%s", SLICE_FMT(rq->base_url), path);
    return view_address(rq, &other, base, 0, -1);
}

void json_key(struct buf *b, const char *name)
{
    uint8_t last = b->len ? b->at[b->len - 1] : '{';
    buf_printf(b, "%s\"%s\":", last == '{' || last == '[' ? "" : ",", name);
}

void json_text(struct buf *b, const char *name, struct slice value)
{
    json_key(b, name);
    buf_byte(b, '"');
    buf_json(b, value);
    buf_byte(b, '"');
}

void json_number(struct buf *b, const char *name, uint64_t n)
{
    json_key(b, name);
    buf_u64(b, n);
}

void json_time(struct buf *b, const char *name, vtime t)
{
    char text[VTIME_TEXT_MAX];
    json_text(b, name, slice_of(text, time_format_seconds(t, text)));
}
