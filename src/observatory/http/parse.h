// SPDX-License-Identifier: Apache-2.0
// What clients send, taken apart: addresses, forms, cookies, negotiation. All input is hostile; all
// limits have names; nothing here allocates but in the arena given.
#ifndef VIGIE_OBSERVATORY_HTTP_PARSE_H
#define VIGIE_OBSERVATORY_HTTP_PARSE_H

#include "base/arena.h"
#include "base/err.h"
#include "observatory/http/http.h"

enum {
    HTTP_MAX_TARGET = 8192,      // bytes of path and query, as sent
    HTTP_MAX_SEGMENTS = 16,      // of a path
    HTTP_MAX_FORM_PAIRS = 16384, // a record may have thousands of values
    HTTP_MAX_NAME = 256,         // bytes of a parameter's or field's name
    HTTP_MAX_PART_HEADER = 4096, // bytes of one multipart part's headers
    HTTP_MAX_BOUNDARY = 70,      // RFC 2046, section 5.1.1
    HTTP_MAX_BODY = 256 << 10,
    HTTP_MAX_BIG_BODY = 8 << 20,
    HTTP_MAX_FORGOTTEN = 64 << 20, // of a body that is refused, but read to its end
};

// Decodes %XX, and '+' as a space where plus. False for a broken escape (RFC 3986, section 2.1).
// *out is s itself when there was nothing to decode.
[[nodiscard]] bool url_decode(struct arena *a, struct slice s, bool plus, struct slice *out);

// The path of a request: decoded and checked. False (ERR_USAGE) unless it begins with '/', is valid
// UTF-8 without control characters, has no empty segment but the last, no "." or "..", no backslash
// and no encoded slash.
[[nodiscard]] bool http_parse_path(struct arena *a, struct slice raw, struct slice *path,
                                   struct err *e);

// a=1&b=2, in the order given. More than max pairs, a broken escape, NUL or invalid UTF-8: an
// error. Line ends of values become LF.
[[nodiscard]] bool http_parse_pairs(struct arena *a, struct slice s, size_t max,
                                    const struct http_pair **pairs, size_t *count, struct err *e);

// multipart/form-data (RFC 7578). A part with a file name gives two pairs: NAME, whose value is the
// bytes as sent (not checked for UTF-8), and NAME.filename.
[[nodiscard]] bool http_parse_multipart(struct arena *a, struct slice content_type,
                                        struct slice body, const struct http_pair **pairs,
                                        size_t *count, struct err *e);

// By content type: one of the two above; another type gives no pairs.
[[nodiscard]] bool http_parse_form(struct arena *a, struct slice content_type, struct slice body,
                                   const struct http_pair **pairs, size_t *count, struct err *e);

// Value of a cookie in a Cookie header (RFC 6265, section 4.2); empty when absent.
struct slice http_cookie(struct slice header, const char *name);

// Whether an Accept-like header allows word, with its quality in thousandths: 0 is no. "*" counts
// when the word itself is not named. A header that is not there allows nothing.
unsigned http_accepts(struct slice header, struct slice word);

// Letters, digits, '.', '-', ':', '[', ']', '_'; 1 to 255 bytes.
bool http_host_valid(struct slice host);
// "ADDRESS:PORT", "[ADDRESS]:PORT" or ":PORT" taken apart.
[[nodiscard]] bool http_listen_split(struct slice where, char host[64], char port[8],
                                     struct err *e);

// Whether an If-None-Match or If-Match list names the tag (weak comparison), or is "*".
bool http_etag_listed(struct slice header, struct slice etag);

#endif
