// SPDX-License-Identifier: Apache-2.0
// The address without a language: sent on to the one that the reader's browser prefers.
#include "observatory/pages/pages.h"
#include "observatory/pages/parts.h"

#include "observatory/model/texts.h"

// The weight of one entry of Accept-Language, in thousandths (RFC 9110, section 12.4.2).
static int weight_of(struct slice entry)
{
    for (size_t i = 0; i + 2 < entry.len; i++) {
        if (entry.at[i] != ';')
            continue;
        struct slice q = slice_trim(slice_sub(entry, i + 1, entry.len));
        if (q.len < 3 || (q.at[0] != 'q' && q.at[0] != 'Q') || q.at[1] != '=')
            return 1000;
        int n = q.at[2] == '1' ? 1000 : 0, unit = 100;
        for (size_t d = 4; d < q.len && d < 7 && q.at[d] >= '0' && q.at[d] <= '9'; d++, unit /= 10)
            n += (q.at[d] - '0') * unit;
        return n > 1000 ? 1000 : n;
    }
    return 1000;
}

const char *language_preferred(struct slice accept)
{
    const char *best = NULL;
    int most = 0;
    for (int entries = 0; accept.len && entries < 50; entries++) {
        const uint8_t *comma = memchr(accept.at, ',', accept.len);
        size_t end = comma ? (size_t)(comma - accept.at) : accept.len;
        struct slice entry = slice_trim(slice_sub(accept, 0, end));
        struct slice code = slice_sub(entry, 0, 2);
        bool whole = entry.len == 2 || (entry.len > 2 && strchr("-;, ", entry.at[2]));
        const struct language *l = NULL;
        if (whole)
            l = slice_equal_nocase(code, SLICE("fr"))   ? web_language(SLICE("fr"))
                : slice_equal_nocase(code, SLICE("en")) ? web_language(SLICE("en"))
                                                        : NULL;
        if (l && weight_of(entry) > most) {
            most = weight_of(entry);
            best = l->code;
        }
        accept = slice_sub(accept, end + 1, accept.len);
    }
    return best;
}

// Without a preference that we know: a page that asks, in both languages.
static void write_choice(struct request *rq, struct response *rs)
{
    rs->type = "text/html; charset=utf-8";
    page_html(rs,
              "<!DOCTYPE html>\n<html lang=\"en-CA\">\n<head>\n<meta charset=\"utf-8\">\n"
              "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
              "<title>{}</title>\n<link rel=\"stylesheet\" href=\"{}\">\n</head>\n"
              "<body><main><h1>{}</h1>\n",
              page_site_name(rq), str(static_path("style.css")), page_site_name(rq));
    page_raw(rs, "<p><a class=\"choice\" href=\"/en/\">English</a> "
                 "<a class=\"choice\" lang=\"fr\" hreflang=\"fr\" href=\"/fr/\">Français</a></p>\n"
                 "</main></body></html>\n");
}

void language_get(struct request *rq, struct response *rs)
{
    const char *code = language_preferred(request_header(rq, "accept-language"));
    response_header(rs, "Vary", SLICE("Accept-Language"));
    if (code)
        response_redirect(rq, rs, arena_printf(rq->arena, "/%s/", code));
    else
        write_choice(rq, rs);
}
