// SPDX-License-Identifier: Apache-2.0
// What Windows itself writes: for each known (provider, event id) its level, task, channel and
// fields in order.
#ifndef VIGIE_TOOLS_KNOWN_H
#define VIGIE_TOOLS_KNOWN_H

#include "base/slice.h"

struct known_provider {
    const char *name;
    const char *guid;    // NULL: a classic source without one
    const char *source;  // EventSourceName, or NULL
    const char *channel; // where it writes, unless the event says otherwise
    const char *user;    // SID of Security/UserID, or NULL
};

enum known_layout {
    KNOWN_DATA,    // <Data Name="…">
    KNOWN_CLASSIC, // <Data> without names, as one string array, and <Binary>
    KNOWN_USER,    // UserData with a root element of its own
};

struct known_event {
    const char *provider;
    uint32_t id;
    uint8_t version;
    uint8_t level;
    uint16_t task;
    uint8_t opcode;
    uint64_t keywords;
    enum known_layout layout;
    const char *channel; // NULL: the provider's
    const char *root;    // of KNOWN_USER: "Name namespace"
    const char *fields;  // "Name:type,Name:type=default,…"; types: known_field_next
};

struct known_field {
    struct slice name;
    uint8_t type;
    struct slice standard; // the value when an event does not give one
    bool now;              // the standard value is the event's time in Sysmon's form
};

const struct known_provider *known_provider_find(struct slice name);
// version -1: the newest known.
const struct known_event *known_event_find(struct slice provider, uint32_t id, int version);
// Takes the next field off the front of *fields; false when there is none left.
bool known_field_next(struct slice *fields, struct known_field *out);
// Every row, for tests.
const struct known_event *known_events(size_t *count);

#endif
