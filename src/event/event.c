// SPDX-License-Identifier: Apache-2.0
#include "event/event.h"

uint32_t shape_find(const struct shape *s, struct slice name, uint32_t from)
{
    for (uint32_t i = from; i < s->field_count; i++)
        if (slice_equal(s->fields[i].name, name))
            return i;
    return s->field_count;
}

struct slice event_text_from(const struct event *ev, struct slice name, uint32_t first,
                             struct arena *a)
{
    for (uint32_t i = first; i < ev->shape->field_count; i = shape_find(ev->shape, name, i + 1)) {
        struct value v = event_value(ev, i);
        if (v.type == VALUE_ABSENT)
            continue;
        struct slice text = value_text(a, v);
        return text.at ? text : SLICE("");
    }
    return (struct slice){0};
}

struct slice event_text(const struct event *ev, struct slice name, struct arena *a)
{
    return event_text_from(ev, name, shape_find(ev->shape, name, 0), a);
}
