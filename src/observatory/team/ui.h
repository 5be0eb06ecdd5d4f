// SPDX-License-Identifier: Apache-2.0
// What the team's pages are made of: their frame, forms with labels, hints and errors beside the
// fields, and the summary of errors on top that links to them.
#ifndef VIGIE_OBSERVATORY_TEAM_UI_H
#define VIGIE_OBSERVATORY_TEAM_UI_H

#include "observatory/pages/parts.h"
#include "observatory/store/team_audit.h"
#include "observatory/team/session.h"

struct ui_error {
    struct slice id;     // of the field; empty: of the form as a whole
    const char *message; // translated
};

struct ui_errors {
    ARRAY_OF(struct ui_error) list; // in ui_free
};

void ui_error_add(struct ui_errors *e, struct slice id, const char *message);
const char *ui_error_of(const struct ui_errors *e, struct slice id); // NULL: none
void ui_free(struct ui_errors *e);
// The summary; nothing when there are none.
void ui_error_summary(struct request *rq, struct response *rs, const struct ui_errors *e);

// Begins a page of the team with its own navigation. errors (may be NULL) stand in the title and on
// top. title: translated.
void ui_begin(struct request *rq, struct response *rs, const char *title, const char *place,
              const struct ui_errors *errors);
void ui_end(struct request *rq, struct response *rs);
// What was done just before, told once: the parameter "done" of the address.
void ui_notice(struct request *rq, struct response *rs);

struct ui_field {
    struct slice name; // and id
    const char *label; // translated, as hint
    const char *hint;  // or NULL
    struct slice value;
    const char *type;         // of <input>; NULL: text
    const char *autocomplete; // or NULL
    const char *list;         // id of a <datalist>, or NULL
    const char *inputmode;    // or NULL
    unsigned rows;            // of a textarea; 0: an <input>
    unsigned size;            // characters wide; 0: all
    bool required;
};

void ui_field(struct request *rq, struct response *rs, const struct ui_field *f,
              const struct ui_errors *errors);

struct ui_option {
    struct slice value;
    struct slice label;
};
// A <select>; the first option is the one chosen unless selected is among them.
void ui_select(struct request *rq, struct response *rs, const struct ui_field *f,
               const struct ui_option *options, size_t count, const struct ui_errors *errors);
void ui_checkbox(struct response *rs, struct slice id, struct slice name, struct slice value,
                 bool on, struct slice label, struct slice hint);
void ui_radio(struct response *rs, struct slice id, struct slice name, struct slice value, bool on,
              struct slice label, struct slice hint);
// <form method=post action=/en+path> with the session's token.
void ui_form(struct request *rq, struct response *rs, struct slice path);
void ui_button(struct response *rs, const char *name, const char *value, const char *label);
void ui_button_plain(struct response *rs, const char *name, const char *value, const char *label);
void ui_button_danger(struct response *rs, const char *name, const char *value, const char *label);
#define UI_FORM_END(rs) page_raw(rs, "</form>\n")

// "/en" + formatted path. Memory: arena.
[[gnu::format(printf, 2, 3)]] struct slice ui_path(struct request *rq, const char *format, ...);
[[gnu::format(printf, 3, 4)]] void ui_redirect(struct request *rq, struct response *rs,
                                               const char *format, ...);
// Name of a state, translated.
const char *ui_state(struct request *rq, enum record_state s);
// Day and time, UTC.
struct slice ui_time(struct request *rq, vtime t);

// Again, whatever the table of routes says: false after an answer of 403.
bool team_allowed(struct request *rq, struct response *rs, unsigned roles);
bool team_has(const struct request *rq, unsigned roles); // any of them
// A line of the audit log in the signed-in person's name, with what was done, in one transaction.
[[nodiscard]] bool team_log(struct request *rq, const char *action, struct slice record,
                            uint32_t revision, struct slice detail, struct err *e);
// 500 in plain words, and ends an open transaction.
void team_failed(struct request *rq, struct response *rs, const struct err *e);
// A second connection that writes, for what takes long beside the writing (hashing a password).
[[nodiscard]] bool team_writer(struct request *rq, struct store **out, struct err *e);

// A form field, cut of white space around it.
struct slice form_line(const struct request *rq, const char *name);
// A number in a path or a form; -1 when it is none.
int64_t parse_number(struct slice s);

#endif
