// SPDX-License-Identifier: Apache-2.0
#include "cmd/rules_test.h"

#include <stdio.h>

static struct slice rule_name(const struct sigma_rule *r)
{
    return r->title.len ? r->title : r->id;
}

struct slice test_time_text(struct arena *a, vtime t)
{
    char text[VTIME_TEXT_MAX];
    return t ? arena_copy(a, slice_of(text, time_format(t, text))) : SLICE("time not known");
}

static void json_event(struct test_run *t, struct buf *b, const struct event *ev)
{
    rules_json_text(b, "file", t->file);
    buf_printf(b, ",\"record\":%llu,\"offset\":%llu", (unsigned long long)ev->system.record_id,
               (unsigned long long)ev->origin.offset);
    rules_json_text(b, "time", test_time_text(&t->scratch, ev->system.time));
}

static void print_match_json(struct test_run *t, const struct event *ev, const struct sigma_rule *r,
                             const struct sigma_matched_field *fields, size_t count)
{
    struct buf b = {0};
    buf_byte(&b, '{');
    json_event(t, &b, ev);
    rules_json_text(&b, "rule", r->id);
    rules_json_text(&b, "title", r->title);
    buf_str(&b, ",\"matches\":true,\"fields\":{");
    for (size_t i = 0; i < count; i++)
        rules_json_text(&b, arena_str(&t->scratch, fields[i].name), fields[i].value);
    buf_str(&b, "}}\n");
    fwrite(b.at, 1, b.len, stdout);
    buf_free(&b);
}

void test_print_match(struct test_run *t, const struct event *ev, const struct sigma_rule *r)
{
    struct sigma_matched_field *fields;
    size_t count = sigma_matched_fields(t->matcher, ev, r->index, &t->scratch, &fields);
    if (t->json) {
        print_match_json(t, ev, r, fields, count);
        return;
    }
    if (t->outcomes[r->index].matches > MAX_SHOWN)
        return;
    struct buf b = {0};
    buf_printf(&b, "match: %.*s\n  record %llu, %.*s, %.*s", SLICE_FMT(rule_name(r)),
               (unsigned long long)ev->system.record_id,
               SLICE_FMT(test_time_text(&t->scratch, ev->system.time)), SLICE_FMT(t->file));
    rules_print(&b);
    for (size_t i = 0; i < count; i++) {
        buf_printf(&b, "  %.*s: %.*s", SLICE_FMT(fields[i].name), SLICE_FMT(fields[i].value));
        rules_print(&b);
    }
    buf_free(&b);
}

void test_print_explanation(struct test_run *t, const struct event *ev, const struct sigma_rule *r,
                            bool matches)
{
    struct buf text = {0}, b = {0};
    sigma_explain(t->matcher, ev, r->index, &text);
    if (t->json) {
        buf_byte(&b, '{');
        json_event(t, &b, ev);
        rules_json_text(&b, "rule", r->id);
        rules_json_text(&b, "title", r->title);
        buf_printf(&b, ",\"matches\":%s", matches ? "true" : "false");
        rules_json_text(&b, "explanation", buf_slice(&text));
        buf_str(&b, "}\n");
        fwrite(b.at, 1, b.len, stdout);
    } else {
        buf_printf(&b, "%.*s\nrecord %llu, %.*s, %.*s: ", SLICE_FMT(rule_name(r)),
                   (unsigned long long)ev->system.record_id,
                   SLICE_FMT(test_time_text(&t->scratch, ev->system.time)), SLICE_FMT(t->file));
        buf_add(&b, buf_slice(&text));
        rules_print(&b);
    }
    buf_free(&text);
    buf_free(&b);
}

void test_print_hit(void *user, const struct sigma_correlation_hit *hit)
{
    struct test_run *t = user;
    const struct sigma_rule *r = hit->correlation->rule;
    struct buf b = {0};
    arena_reset(&t->scratch);
    t->correlation_hits++;
    if (t->json) {
        buf_byte(&b, '{');
        rules_json_text(&b, "rule", r->id);
        rules_json_text(&b, "title", r->title);
        rules_json_text(&b, "first", test_time_text(&t->scratch, hit->first));
        rules_json_text(&b, "last", test_time_text(&t->scratch, hit->last));
        rules_json_text(&b, "group", hit->group);
        buf_printf(&b, ",\"matches\":true,\"value\":%.15g,\"total_events\":%llu,\"events\":[",
                   hit->value, (unsigned long long)hit->total_events);
        for (size_t i = 0; i < hit->event_count; i++) {
            const struct place *p = &t->places.items[hit->events[i]];
            buf_str(&b, i ? ",{" : "{");
            rules_json_text(&b, "file", p->file);
            buf_printf(&b, ",\"record\":%llu}", (unsigned long long)p->record);
        }
        buf_str(&b, "]}\n");
        fwrite(b.at, 1, b.len, stdout);
    } else {
        buf_printf(&b, "match: %.*s\n  %llu events from %.*s to %.*s%s%.*s\n  records",
                   SLICE_FMT(rule_name(r)), (unsigned long long)hit->total_events,
                   SLICE_FMT(test_time_text(&t->scratch, hit->first)),
                   SLICE_FMT(test_time_text(&t->scratch, hit->last)), hit->group.len ? ", " : "",
                   SLICE_FMT(hit->group));
        for (size_t i = 0; i < hit->event_count && i < 20; i++)
            buf_printf(&b, " %llu", (unsigned long long)t->places.items[hit->events[i]].record);
        buf_str(&b, hit->event_count > 20 ? " …" : "");
        rules_print(&b);
    }
    buf_free(&b);
}

// "product windows, category process_creation": what the rule gives of it.
static void add_logsource(struct buf *b, const struct sigma_rule *r)
{
    const struct slice values[] = {r->product, r->category, r->service};
    static const char *const names[] = {"product", "category", "service"};
    const char *comma = "";
    for (size_t i = 0; i < 3; i++) {
        if (values[i].len == 0)
            continue;
        buf_printf(b, "%s%s %.*s", comma, names[i], SLICE_FMT(values[i]));
        comma = ", ";
    }
}

// What was missing, for each rule that matched nothing.
static void print_near(struct test_run *t, const struct sigma_rule *r, const struct rule_outcome *o)
{
    struct buf b = {0};
    buf_printf(&b, "no match: %.*s", SLICE_FMT(rule_name(r)));
    rules_print(&b);
    if (r->source_count == 0) {
        buf_printf(&b, "  not applicable here: %.*s", SLICE_FMT(r->not_applicable));
    } else if (o->admitted == 0) {
        buf_printf(&b, "  none of the %llu events comes from its logsource (",
                   (unsigned long long)t->events);
        add_logsource(&b, r);
        buf_byte(&b, ')');
    } else {
        buf_printf(&b, "  %llu event%s from its logsource%s; the nearest:",
                   (unsigned long long)o->admitted, o->admitted == 1 ? "" : "s",
                   o->weighed == MAX_WEIGHED ? " (no more were looked at)" : "");
    }
    rules_print(&b);
    for (size_t i = 0; i < o->near_count; i++) {
        const struct near_event *n = &o->nearest[i];
        buf_printf(&b, "record %llu, %.*s, %.*s: ", (unsigned long long)n->record, (int)n->time_len,
                   n->time, SLICE_FMT(n->file));
        buf_add(&b, buf_slice(&n->text));
        rules_print(&b);
    }
    buf_free(&b);
}

static void print_near_json(const struct sigma_rule *r, const struct rule_outcome *o)
{
    struct buf b = {0};
    buf_byte(&b, '{');
    rules_json_text(&b, "rule", r->id);
    rules_json_text(&b, "title", r->title);
    rules_json_text(&b, "not_applicable", r->not_applicable);
    buf_printf(&b, ",\"matches\":false,\"events_of_logsource\":%llu,\"nearest\":[",
               (unsigned long long)o->admitted);
    for (size_t i = 0; i < o->near_count; i++) {
        const struct near_event *n = &o->nearest[i];
        buf_str(&b, i ? ",{" : "{");
        rules_json_text(&b, "file", n->file);
        buf_printf(&b, ",\"record\":%llu", (unsigned long long)n->record);
        rules_json_text(&b, "explanation", buf_slice(&n->text));
        buf_byte(&b, '}');
    }
    buf_str(&b, "]}\n");
    fwrite(b.at, 1, b.len, stdout);
    buf_free(&b);
}

void test_print_rest(struct test_run *t)
{
    struct buf b = {0};
    uint64_t without = 0;
    bool few = t->set.rules.count <= MAX_EXPLAINED;
    for (size_t i = 0; i < t->set.rules.count; i++) {
        const struct sigma_rule *r = t->set.rules.items[i];
        const struct rule_outcome *o = &t->outcomes[i];
        without += o->matches == 0;
        if (o->matches == 0 && t->json)
            print_near_json(r, o);
        else if (o->matches == 0 && few)
            print_near(t, r, o);
        if (o->matches <= MAX_SHOWN || t->json)
            continue;
        buf_printf(&b, "… %llu more matches: %.*s (--json shows all)",
                   (unsigned long long)(o->matches - MAX_SHOWN), SLICE_FMT(rule_name(r)));
        rules_print(&b);
    }
    if (t->json)
        return;
    for (size_t i = 0; i < t->set.correlations.count && !t->correlation_hits; i++) {
        buf_printf(&b, "no match: %.*s (correlation)",
                   SLICE_FMT(rule_name(t->set.correlations.items[i]->rule)));
        rules_print(&b);
    }
    if (!few && without)
        printf("%llu of %zu rules matched nothing (name one rule file to see why)\n",
               (unsigned long long)without, t->set.rules.count);
    buf_free(&b);
}
