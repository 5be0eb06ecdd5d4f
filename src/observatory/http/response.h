// SPDX-License-Identifier: Apache-2.0
// What every answer carries, whatever the handler wrote.
#ifndef VIGIE_OBSERVATORY_HTTP_RESPONSE_H
#define VIGIE_OBSERVATORY_HTTP_RESPONSE_H

#include "observatory/http/http.h"

enum { SPOOL_FROM = 1 << 20 }; // bytes of body beyond which a streamed answer goes to a file

void response_init(struct response *rs);
void response_finish(struct response *rs); // frees the body and the file
struct slice response_header_value(const struct response *rs, const char *name);

// How an error is told to who asks for path.
enum error_form { ERROR_PAGE, ERROR_JSON, ERROR_TAXII };
enum error_form error_form_of(struct slice path);
const char *status_words(int status); // English: "Not found"
// A page without frame, style sheet and store: for when nothing else can be counted on.
void response_plain_error(const struct language *lang, struct response *rs, int status,
                          const char *message);
void response_error_json(struct response *rs, enum error_form form, int status,
                         const char *message);

#endif
