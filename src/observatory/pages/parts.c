// SPDX-License-Identifier: Apache-2.0
#include "observatory/pages/parts.h"

#include "observatory/http/app.h"

void html_fill(struct buf *out, const char *markup, const struct slice *texts, size_t count)
{
    size_t next = 0;
    for (const char *hole; (hole = strstr(markup, "{}")); markup = hole + 2) {
        buf_add(out, slice_of(markup, (size_t)(hole - markup)));
        if (next < count)
            buf_xml(out, texts[next++]);
    }
    buf_str(out, markup);
}

static void write_anchor(struct request *rq, struct response *rs, const char *address,
                         struct slice words)
{
    if (!address) {
        page_text(rs, words);
        return;
    }
    struct slice href = address[0] == '~' ? page_path(rq, address + 1) : str(address);
    page_html(rs, "<a href=\"{}\">{}</a>", href, words);
}

void page_sentence(struct request *rq, struct response *rs, const char *sentence,
                   const char *const *addresses)
{
    const char *open, *close;
    while ((open = strchr(sentence, '[')) && (close = strchr(open, ']'))) {
        page_text(rs, slice_of(sentence, (size_t)(open - sentence)));
        write_anchor(rq, rs, *addresses, slice_of(open + 1, (size_t)(close - open - 1)));
        if (*addresses)
            addresses++;
        sentence = close + 1;
    }
    page_tr(rs, sentence);
}

struct slice page_path(struct request *rq, const char *path)
{
    return arena_printf(rq->arena, "/%s%s", rq->lang->code, path);
}

static bool is_french(const struct request *rq)
{
    return strcmp(rq->lang->code, "fr") == 0;
}

struct slice page_feed(struct request *rq, struct slice address)
{
    if (!is_french(rq))
        return address; // English is what feeds are without being asked
    bool asked = memchr(address.at, '?', address.len) != NULL;
    return arena_printf(rq->arena, "%.*s%clang=fr", SLICE_FMT(address), asked ? '&' : '?');
}

const char *page_locale(const struct request *rq)
{
    return is_french(rq) ? "fr_CA" : "en_CA";
}

struct slice page_site_name(struct request *rq)
{
    struct slice name = {0};
    if (rq->app)
        name = is_french(rq) ? rq->app->settings.name_fr : rq->app->settings.name_en;
    return name.len ? name : str(TR("Registry of cyber incidents"));
}

struct slice page_coverage(struct request *rq)
{
    if (!rq->app)
        return (struct slice){0};
    return is_french(rq) ? rq->app->settings.coverage_fr : rq->app->settings.coverage_en;
}

bool page_is_demo(const struct request *rq)
{
    return rq->store && store_invented(rq->store);
}

struct slice page_number(struct request *rq, uint64_t n)
{
    return str(text_number(rq->lang, rq->arena, n));
}

void page_failed(struct request *rq, struct response *rs, const struct err *e)
{
    (void)e; // what went wrong inside is no business of readers; the server logs the status
    buf_clear(&rs->body);
    response_error(rq, rs, 500, TR("The registry cannot be read right now. Please try again."));
}

const char *static_path(const char *name)
{
    for (size_t i = 0; i < static_files_count; i++)
        if (strcmp(static_files[i].name, name) == 0)
            return static_files[i].path;
    return "";
}
