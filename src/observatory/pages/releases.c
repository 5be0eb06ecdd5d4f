// SPDX-License-Identifier: Apache-2.0
// Frozen releases: the list, a page for each, and their files as they lie in the release folder.
#include "observatory/pages/pages.h"
#include "observatory/pages/parts.h"

#include "observatory/http/app.h"
#include "observatory/store/releases.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
    const char *name;
    const char *type;
} release_files[] = {
    {"incidents.csv", "text/csv; charset=utf-8"},
    {"claims.csv", "text/csv; charset=utf-8"},
    {"records.json", "application/json"},
    {"records.stix.json", "application/stix+json;version=2.1"},
    {"CITATION.cff", "text/plain; charset=utf-8"},
    {"SHA256SUMS", "text/plain; charset=utf-8"},
    {"SHA256SUMS.minisig", "text/plain; charset=utf-8"},
};
enum { RELEASE_FILES = sizeof release_files / sizeof *release_files };

// Path of a release's file; NULL when no folder is configured.
static const char *file_path(struct request *rq, uint32_t number, const char *name)
{
    struct slice folder = rq->app ? rq->app->settings.release_folder : (struct slice){0};
    if (!folder.len)
        return NULL;
    return text_format(rq->arena, "%.*s/%u/%s", SLICE_FMT(folder), number, name);
}

static void write_files(struct request *rq, struct response *rs, const struct release *r)
{
    size_t shown = 0;
    for (size_t i = 0; i < RELEASE_FILES; i++) {
        const char *path = file_path(rq, r->number, release_files[i].name);
        struct stat st;
        if (!path || stat(path, &st) != 0 || !S_ISREG(st.st_mode))
            continue;
        if (!shown++)
            page_html(rs, "<div><dt>{}</dt><dd><ul class=\"plain\">", str(TR("Files")));
        page_html(rs, "<li><a href=\"/releases/{}/{}\">{}</a> <span class=\"quiet\">{}</span></li>",
                  arena_printf(rq->arena, "%u", r->number), str(release_files[i].name),
                  str(release_files[i].name),
                  str(text_bytes(rq->lang, rq->arena, (uint64_t)st.st_size)));
    }
    if (shown)
        page_raw(rs, "</ul></dd></div>\n");
}

static void write_release(struct request *rq, struct response *rs, const struct release *r)
{
    page_html(rs, "<p>{}</p>\n<dl class=\"facts\">\n", r->note);
    page_html(rs, "<div><dt>{}</dt><dd>{}</dd></div>\n", str(TR("Made")),
              str(text_time(rq->lang, rq->arena, r->made)));
    page_html(rs, "<div><dt>{}</dt><dd>{}</dd></div>\n", str(TR("How many records")),
              page_number(rq, r->records));
    page_html(rs, "<div><dt>{}</dt><dd><code>{}</code></dd></div>\n",
              str(TR("SHA-256 of its checksums")), r->checksum);
    if (r->key.len)
        page_html(rs, "<div><dt>{}</dt><dd><code>{}</code></dd></div>\n",
                  str(TR("Signed with key")), r->key);
    write_files(rq, rs, r);
    const char *site = arena_str(rq->arena, page_site_name(rq));
    page_html(rs, "<div><dt>{}</dt><dd>{}</dd></div>\n</dl>\n", str(TR("Cite this")),
              str(text_format(rq->arena, "%s (%d). %s. %.*s/%s/releases/%u", site,
                              time_to_civil(r->made).year,
                              text_format(rq->arena, TR("Release %u"), r->number),
                              SLICE_FMT(rq->base_url), rq->lang->code, r->number)));
}

void releases_get(struct request *rq, struct response *rs)
{
    struct release *list;
    size_t count;
    struct err e = {0};
    if (!release_list(rq->store, rq->arena, &list, &count, &e)) {
        page_failed(rq, rs, &e);
        return;
    }
    page_begin(rq, rs, &(struct page_options){.title = TR("Frozen releases"), .section = "data"});
    page_html(
        rs, "<h1>{}</h1>\n<p class=\"lead\">{}</p>\n", str(TR("Frozen releases")),
        str(TR("A release never changes. It has a number, a checksum and a signature, so that "
               "others can cite it and check what they were given.")));
    if (!count)
        page_html(rs, "<p>{}</p>\n",
                  str(TR("No release has been made yet. Any day's figures can be asked again with "
                         "“as of”.")));
    for (size_t i = 0; i < count; i++) {
        page_html(rs, "<section><h2><a href=\"{}/{}\">{}</a></h2>\n", page_path(rq, "/releases"),
                  arena_printf(rq->arena, "%u", list[i].number),
                  str(text_format(rq->arena, TR("Release %u"), list[i].number)));
        write_release(rq, rs, &list[i]);
        page_raw(rs, "</section>\n");
    }
    page_end(rq, rs);
}

// 0 for what is no number of a release.
static uint32_t read_number(struct slice s)
{
    uint32_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] < '0' || s.at[i] > '9' || n > 1000000)
            return 0;
        n = n * 10 + (uint32_t)(s.at[i] - '0');
    }
    return n;
}

void release_page_get(struct request *rq, struct response *rs)
{
    struct release r;
    struct err e = {0};
    enum store_found found = release_get(rq->store, read_number(rq->part[0]), rq->arena, &r, &e);
    if (found == STORE_ERROR) {
        page_failed(rq, rs, &e);
        return;
    }
    if (found == STORE_NONE) {
        response_error(rq, rs, 404, TR("There is no such release."));
        return;
    }
    const char *title = text_format(rq->arena, TR("Release %u"), r.number);
    page_begin(rq, rs, &(struct page_options){.title = title, .section = "data"});
    page_html(rs, "<p class=\"kicker\"><a href=\"{}\">{}</a></p>\n<h1>{}</h1>\n",
              page_path(rq, "/releases"), str(TR("Frozen releases")), str(title));
    write_release(rq, rs, &r);
    page_end(rq, rs);
}

static bool copy_file(int fd, struct response *rs)
{
    enum { PIECE = 256 << 10 };
    for (;;) {
        ssize_t n = read(fd, buf_reserve(&rs->body, PIECE), PIECE);
        if (n <= 0)
            return n == 0;
        rs->body.len += (size_t)n;
        if (!response_flush(rs))
            return false;
    }
}

// /releases/3/incidents.csv. Only names of the list above are looked for, so that no address leads
// out of the folder.
void release_file_get(struct request *rq, struct response *rs)
{
    uint32_t number = read_number(rq->part[0]);
    for (size_t i = 0; number && i < RELEASE_FILES; i++) {
        if (!slice_equal_str(rq->part[1], release_files[i].name))
            continue;
        const char *path = file_path(rq, number, release_files[i].name);
        int fd = path ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) : -1;
        struct stat st;
        if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
            rs->type = release_files[i].type;
            rs->shared = true;
            bool ok = copy_file(fd, rs);
            close(fd);
            if (!ok)
                page_failed(rq, rs, NULL);
            return;
        }
        if (fd >= 0)
            close(fd);
        break;
    }
    response_error(rq, rs, 404, TR("There is no such file."));
}
