// SPDX-License-Identifier: Apache-2.0
#include "observatory/http/response.h"

#include "observatory/http/app.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

void response_init(struct response *rs)
{
    *rs = (struct response){.status = 200, .spool = -1};
}

void response_finish(struct response *rs)
{
    buf_free(&rs->body);
    if (rs->spool >= 0)
        close(rs->spool);
    rs->spool = -1;
}

void response_header(struct response *rs, const char *name, struct slice value)
{
    // A line end in a value would begin another header; such a value has no business here.
    for (size_t i = 0; i < value.len; i++)
        if (value.at[i] < 0x20 || value.at[i] == 0x7F)
            return;
    for (size_t i = 0; i < rs->header_count; i++) {
        if (slice_equal_nocase(slice_from_str(rs->headers[i].name), slice_from_str(name)) &&
            !slice_equal_nocase(slice_from_str(name), SLICE("set-cookie"))) {
            rs->headers[i].value = value;
            return;
        }
    }
    if (rs->header_count == sizeof rs->headers / sizeof *rs->headers)
        return;
    rs->headers[rs->header_count].name = name;
    rs->headers[rs->header_count++].value = value;
}

struct slice response_header_value(const struct response *rs, const char *name)
{
    for (size_t i = 0; i < rs->header_count; i++)
        if (slice_equal_nocase(slice_from_str(rs->headers[i].name), slice_from_str(name)))
            return rs->headers[i].value;
    return (struct slice){0};
}

void response_redirect(struct request *rq, struct response *rs, struct slice to)
{
    (void)rq;
    rs->status = 303;
    buf_clear(&rs->body);
    response_header(rs, "Location", to);
}

static int spool_open(void)
{
    const char *folder = getenv("TMPDIR");
    int fd = open(folder && *folder ? folder : "/var/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0)
        fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    return fd;
}

bool response_flush(struct response *rs)
{
    if (rs->spool_failed)
        return false;
    if (rs->body.len < SPOOL_FROM)
        return true;
    if (rs->spool < 0)
        rs->spool = spool_open();
    size_t done = 0;
    while (rs->spool >= 0 && done < rs->body.len) {
        ssize_t n = write(rs->spool, rs->body.at + done, rs->body.len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        done += (size_t)n;
    }
    rs->spool_failed = done < rs->body.len;
    rs->spooled += done;
    buf_clear(&rs->body);
    return !rs->spool_failed;
}

const char *status_words(int status)
{
    static const struct {
        int status;
        const char *words;
    } list[] = {
        {400, TEXT("The request cannot be understood")},
        {401, TEXT("Sign in first")},
        {403, TEXT("Not allowed")},
        {404, TEXT("There is no such page")},
        {405, TEXT("This cannot be done here")},
        {406, TEXT("Not available in that format")},
        {409, TEXT("Somebody else changed it meanwhile")},
        {410, TEXT("No longer here")},
        {413, TEXT("Too large")},
        {414, TEXT("The address is too long")},
        {415, TEXT("Not a format that is read here")},
        {422, TEXT("The request cannot be carried out")},
        {429, TEXT("Too many requests")},
        {501, TEXT("This cannot be done here")},
        {503, TEXT("Busy just now")},
        {507, TEXT("The disk is full")},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        if (list[i].status == status)
            return list[i].words;
    return TEXT("Something went wrong here");
}

enum error_form error_form_of(struct slice path)
{
    if (slice_starts(path, SLICE("/taxii2")))
        return ERROR_TAXII;
    static const char *const machine[] = {"/api/", "/data/", "/feeds/"};
    for (size_t i = 0; i < sizeof machine / sizeof *machine; i++)
        if (slice_starts(path, slice_from_str(machine[i])))
            return ERROR_JSON;
    return ERROR_PAGE;
}

void response_error_json(struct response *rs, enum error_form form, int status, const char *message)
{
    buf_clear(&rs->body);
    rs->status = status;
    if (form == ERROR_TAXII) { // TAXII 2.1, section 3.6.1: Error Message
        rs->type = "application/taxii+json;version=2.1";
        buf_str(&rs->body, "{\"title\":\"");
        buf_json(&rs->body, slice_from_str(status_words(status)));
        buf_str(&rs->body, "\",\"description\":\"");
        buf_json(&rs->body, slice_from_str(message));
        buf_printf(&rs->body, "\",\"http_status\":\"%d\"}\n", status);
        return;
    }
    rs->type = "application/problem+json"; // RFC 9457
    buf_str(&rs->body, "{\"title\":\"");
    buf_json(&rs->body, slice_from_str(status_words(status)));
    buf_str(&rs->body, "\",\"detail\":\"");
    buf_json(&rs->body, slice_from_str(message));
    buf_printf(&rs->body, "\",\"status\":%d}\n", status);
}

void response_plain_error(const struct language *lang, struct response *rs, int status,
                          const char *message)
{
    rs->status = status;
    rs->type = "text/html; charset=utf-8";
    buf_clear(&rs->body);
    struct buf *b = &rs->body;
    const char *title = text(lang, status_words(status));
    buf_printf(b, "<!doctype html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n",
               lang->code);
    buf_str(b, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
    buf_xml(b, slice_from_str(title));
    buf_str(b, "</title>\n</head>\n<body>\n<main>\n<h1>");
    buf_xml(b, slice_from_str(title));
    buf_str(b, "</h1>\n<p>");
    buf_xml(b, slice_from_str(text(lang, message)));
    buf_printf(b, "</p>\n<p><a href=\"/%s/\">", lang->code);
    buf_xml(b, slice_from_str(text(lang, TEXT("To the first page"))));
    buf_str(b, "</a></p>\n</main>\n</body>\n</html>\n");
}

void response_error(struct request *rq, struct response *rs, int status, const char *message)
{
    enum error_form form = error_form_of(rq->path);
    response_finish(rs); // what was written before is not the answer
    rs->spooled = 0;
    rs->status = status;
    rs->no_store = true;
    if (form != ERROR_PAGE)
        response_error_json(rs, form, status, message);
    else if (status < 500 && rq->app->error_page)
        rq->app->error_page(rq, rs, status, message);
    else
        response_plain_error(rq->lang, rs, status, message);
}
