// SPDX-License-Identifier: Apache-2.0
// One described event, and how it becomes the two template instances that Windows writes: the outer
// one with the System part, and the nested one with EventData or UserData.
#ifndef VIGIE_TOOLS_EVENT_H
#define VIGIE_TOOLS_EVENT_H

#include "binxml.h"

#include "base/time.h"

enum make_form {
    MAKE_TEXT,
    MAKE_NULL, // an element without any value
    MAKE_LIST, // several texts: an array
    MAKE_MAP,  // child elements; only in userdata
};

enum { MAKE_TYPE_UNSET = 0xFF };

struct make_field;

struct make_value {
    enum make_form form;
    uint8_t type; // MAKE_TYPE_UNSET: from the table of known events, else a string
    struct slice text;
    struct make_field *fields; // of a map, or of a list (names empty)
    size_t count;
};

struct make_field {
    struct slice name; // "@Name" in userdata: an attribute
    struct make_value value;
};

enum make_kind {
    MAKE_NO_DATA,
    MAKE_DATA,
    MAKE_UNNAMED, // EventData without names
    MAKE_USER,    // UserData; fields is one root element
};

enum { MAKE_UNSET = -1 };

struct make_event {
    vtime time;
    struct slice provider, guid, source, channel, computer, user; // at NULL: not given
    bool channel_null;                                            // written, but null
    uint32_t id;
    int version, level, task, opcode, qualifiers; // MAKE_UNSET: as known, else 0
    bool has_keywords;
    uint64_t keywords;
    uint64_t record; // 0: counts up
    uint32_t pid, tid;
    struct slice activity; // GUID
    struct slice binary;   // hexadecimal, for classic events
    enum make_kind kind;
    struct make_field *fields;
    size_t count;
    const struct bx_instance *custom; // the data part, ready made; instead of kind and fields
    bool custom_user;                 // it belongs into UserData
};

void make_event_init(struct make_event *ev);
// The instance lives in the arena. Fills what the event leaves open from the table of known events.
[[nodiscard]] bool make_event_build(struct arena *a, const struct make_event *ev, uint64_t record,
                                    const struct bx_instance **out, struct err *e);
// A template whose identity follows from its content.
struct bx_template *make_template(struct arena *a, const struct bx_node *root);

#endif
