// SPDX-License-Identifier: Apache-2.0
// The one event record: a shape (interned list of fields), and the values in this event. Rules bind
// their field names to a shape's fields once, and read values by number from then on.
#ifndef VIGIE_EVENT_EVENT_H
#define VIGIE_EVENT_EVENT_H

#include "base/buf.h"
#include "base/time.h"
#include "event/value.h"

enum field_place {
    PLACE_SYSTEM,
    PLACE_DATA, // EventData, UserData, and whatever else carries the event's own content
    PLACE_RENDERING,
};

struct field {
    struct slice name; // as in docs/sigma.md (spaces removed), UTF-8; lives as long as the shape
    enum field_place place;
};

// One event can have a field name several times; then the shape has several fields of that name. A
// field whose value is an array (string arrays in one <Data>) counts once in the shape; its
// elements are told apart by value_elements().
struct shape {
    uint32_t id; // 0, 1, 2 … in the order met by this reader
    uint32_t field_count;
    const struct field *fields;
};

// The fields of System that everything needs, decoded for every event. Slices are UTF-8.
struct event_system {
    vtime time;         // System/TimeCreated; 0 when missing
    uint64_t record_id; // System/EventRecordID
    bool has_record_id;
    uint32_t event_id;     // System/EventID
    bool plain_event_id;   // known to be, as text, just that number in decimal
    struct slice channel;  // empty when null or missing
    struct slice provider; // Provider/@Name
    struct slice computer;
};

// Where the event stands in the evidence.
struct event_origin {
    uint64_t offset;        // of the record, bytes from the start of the (uncompressed) file
    uint32_t size;          // of the record, bytes
    uint64_t header_record; // the number in the record's own header
    vtime header_time;      // the time in the record's own header
    bool recovered;         // found in slack, not in the log's list of records
};

enum event_format {
    EVENT_FORMAT_JSON, // evtx_dump's layout, one line without the newline
    EVENT_FORMAT_XML,  // Windows' own form
};

// What an event's values are made of, for a look at all of them without asking for each.
struct event_raw {
    const struct value *values; // every value is one of these, or constant text of the layout
    size_t count;
    uint64_t types;     // of theirs: event_type_bit; but not of constant texts among them
    struct slice bytes; // in which the bytes of all values lie, constant texts apart
    size_t readable;    // from the first of these on: memory, at least as much as they are
    uint64_t layout;    // events with the same number have the same constant texts
};

// The bit of a type of value. Arrays of UTF-16 count as UTF-16; all other arrays, and types that
// do not exist, share one.
static inline uint64_t event_type_bit(uint8_t type)
{
    if (type < 0x3f)
        return 1ull << type;
    return type == (VALUE_UTF16 | VALUE_ARRAY) ? 1ull << VALUE_UTF16 : 1ull << 63;
}

struct event {
    const struct shape *shape;
    struct event_system system;
    struct event_origin origin;
    // Value of field number i of the shape; VALUE_ABSENT when this event leaves the element out.
    // Cheap, and decoded only now: the memory belongs to the reader and lives until its next call.
    struct value (*value)(const struct event *ev, uint32_t i);
    // May be NULL. False when this event's values cannot be given so.
    bool (*raw)(const struct event *ev, struct event_raw *out);
    // Appends the whole event in the given format.
    void (*render)(const struct event *ev, enum event_format format, struct buf *out);
    const void *reader; // the reader's own state behind value and render
};

static inline struct value event_value(const struct event *ev, uint32_t field)
{
    return ev->value(ev, field);
}

// The number of the first field of that name at or after `from`, or shape->field_count.
uint32_t shape_find(const struct shape *s, struct slice name, uint32_t from);
// Text of the first present value of that name; empty (at == NULL) when there is none.
struct slice event_text(const struct event *ev, struct slice name, struct arena *a);
// The same where the number of the first field of that name is known.
struct slice event_text_from(const struct event *ev, struct slice name, uint32_t first,
                             struct arena *a);

#endif
