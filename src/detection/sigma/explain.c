// SPDX-License-Identifier: Apache-2.0
// Why a rule matches an event, or not: the rule as it was written, walked part by part. Slow and
// plain on purpose: it shares with the matcher how values are read and how one text is tested, but
// none of its tables and programs, so that the two can be held against each other.
#include "detection/sigma/matcher_internal.h"

struct explanation {
    struct sigma_matcher *m;
    const struct event *ev;
    const struct sigma_rule *rule;
    const struct sigma_source *source;
    struct arena *arena;
};

// What an event has for a field of the rule.
static struct key_texts values_of(const struct explanation *x, struct slice field)
{
    struct reading r = engine_reading(x->source, field);
    struct bound_key bound;
    matcher_bind_reading(x->arena, x->ev->shape, &r, &bound);
    return matcher_texts(x->arena, x->ev, &bound);
}

static bool regex_holds(const struct explanation *x, const struct sigma_test *t, struct slice text)
{
    struct sigma_regex *re = regex_compile(t, NULL);
    bool holds = re && regex_run(x->m->regex, re, text) == REGEX_YES;
    regex_destroy(re);
    return holds;
}

static bool fieldref_holds(const struct explanation *x, const struct sigma_test *t,
                           struct slice text)
{
    struct key_texts others = values_of(x, t->text);
    for (size_t i = 0; i < others.count; i++) {
        struct slice a = text, b = others.at[i];
        if (!t->cased) {
            a = matcher_fold(x->arena, a);
            b = matcher_fold(x->arena, b);
        }
        if (texts_agree(a, b, t->anchor))
            return true;
    }
    return false;
}

static bool test_holds_on_text(const struct explanation *x, const struct sigma_test *t,
                               struct slice text)
{
    if (t->kind == SIGMA_REGEX)
        return regex_holds(x, t, text);
    if (t->kind == SIGMA_FIELDREF)
        return fieldref_holds(x, t, text);
    return text_passes(t, text, matcher_fold(x->arena, text));
}

static bool is_empty_pattern(const struct sigma_test *t)
{
    return t->kind == SIGMA_PATTERN &&
           (t->token_count == 0 || (t->token_count == 1 && t->tokens[0].kind == SIGMA_LITERAL &&
                                    t->tokens[0].text.len == 0));
}

// *which: the text it held on; empty when that is none.
static bool test_holds(const struct explanation *x, const struct key_texts *v,
                       const struct sigma_test *t, struct slice *which)
{
    *which = (struct slice){0};
    if (t->kind == SIGMA_IS_NULL)
        return v->count == 0;
    if (t->kind == SIGMA_EXISTS) {
        if (v->count)
            *which = v->at[0];
        return v->occurs == t->wanted;
    }
    for (size_t i = 0; i < v->count; i++) {
        if (test_holds_on_text(x, t, v->at[i])) {
            *which = v->at[i];
            return true;
        }
    }
    return is_empty_pattern(t) && v->null;
}

static bool value_holds(const struct explanation *x, const struct key_texts *v,
                        const struct sigma_value *value, struct slice *which)
{
    for (size_t i = 0; i < value->test_count; i++)
        if (test_holds(x, v, &value->tests[i], which))
            return true;
    return false;
}

static bool item_holds(const struct explanation *x, const struct sigma_item *item)
{
    struct key_texts v = values_of(x, item->field);
    struct slice which;
    size_t held = 0;
    for (size_t i = 0; i < item->value_count; i++)
        held += value_holds(x, &v, &item->values[i], &which);
    bool holds = item->all ? held == item->value_count : held > 0;
    return holds != item->negated;
}

static bool items_hold(const struct explanation *x, const struct sigma_item *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!item_holds(x, &items[i]))
            return false;
    return true;
}

static bool selection_holds(const struct explanation *x, const struct sigma_selection *s)
{
    for (size_t i = 0; i < s->group_count; i++)
        if (items_hold(x, s->groups[i].items, s->groups[i].item_count))
            return true;
    return false;
}

enum {
    MAX_DEPTH = 5000,
};

static bool node_holds(const struct explanation *x, const struct sigma_node *n, unsigned depth)
{
    if (depth > MAX_DEPTH)
        return false;
    switch (n->kind) {
    case SIGMA_NODE_SELECTION:
        return selection_holds(x, &x->rule->selections[n->selection]);
    case SIGMA_NODE_NOT:
        return !node_holds(x, n->left, depth + 1);
    case SIGMA_NODE_AND:
        return node_holds(x, n->left, depth + 1) && node_holds(x, n->right, depth + 1);
    case SIGMA_NODE_OR:
        return node_holds(x, n->left, depth + 1) || node_holds(x, n->right, depth + 1);
    case SIGMA_NODE_FALSE:
        return false;
    case SIGMA_NODE_TRUE:
        return true;
    }
    return false;
}

static bool source_holds(const struct explanation *x)
{
    return source_admits(x->source, &x->ev->system) &&
           items_hold(x, x->source->conditions, x->source->condition_count);
}

// The source through which the rule matches; else one that admits the event; else NULL.
static const struct sigma_source *best_source(struct explanation *x)
{
    const struct sigma_source *admitting = NULL;
    for (size_t i = 0; i < x->rule->source_count; i++) {
        x->source = &x->rule->sources[i];
        if (!source_holds(x))
            continue;
        if (!admitting)
            admitting = x->source;
        if (node_holds(x, x->rule->condition, 0))
            return x->source;
    }
    return admitting;
}

bool sigma_rule_holds(struct sigma_matcher *m, const struct event *ev, uint32_t rule,
                      struct arena *a)
{
    struct explanation x = {
        .m = m, .ev = ev, .rule = m->engine->set->rules.items[rule], .arena = a};
    x.source = best_source(&x);
    return x.source && node_holds(&x, x.rule->condition, 0);
}

// The event's own name of the field in which a keyword's text stands.
static struct slice name_of_text(const struct explanation *x, struct slice text)
{
    for (uint32_t i = 0; i < x->ev->shape->field_count; i++) {
        struct value v = event_value(x->ev, i);
        if (v.type != VALUE_ABSENT && v.type != VALUE_NULL &&
            slice_equal(value_text(x->arena, v), text))
            return x->ev->shape->fields[i].name;
    }
    return SLICE("keywords");
}

typedef ARRAY_OF(struct sigma_matched_field) matched_list;

enum {
    MAX_MATCHED = 256,
};

static void add_matched(matched_list *list, struct slice name, struct slice value)
{
    for (size_t i = 0; i < list->count; i++)
        if (slice_equal(list->items[i].name, name) && slice_equal(list->items[i].value, value))
            return;
    if (list->count < MAX_MATCHED)
        *ARRAY_ADD(list) = (struct sigma_matched_field){name, value};
}

static void add_item(const struct explanation *x, const struct sigma_item *item, matched_list *list)
{
    struct key_texts v = values_of(x, item->field);
    struct slice which;
    if (item->negated)
        return;
    for (size_t i = 0; i < item->value_count; i++) {
        if (!value_holds(x, &v, &item->values[i], &which) || !v.occurs)
            continue;
        add_matched(list, item->field.len ? item->field : name_of_text(x, which), which);
    }
}

static void add_selection(const struct explanation *x, const struct sigma_selection *s,
                          matched_list *list)
{
    for (size_t i = 0; i < s->group_count; i++) {
        if (!items_hold(x, s->groups[i].items, s->groups[i].item_count))
            continue;
        for (size_t k = 0; k < s->groups[i].item_count; k++)
            add_item(x, &s->groups[i].items[k], list);
    }
}

// What stands below a `not` helped by not holding: it has nothing to show.
static void add_node(const struct explanation *x, const struct sigma_node *n, unsigned depth,
                     matched_list *list)
{
    if (depth > MAX_DEPTH || n->kind == SIGMA_NODE_NOT || !node_holds(x, n, depth))
        return;
    if (n->kind == SIGMA_NODE_SELECTION)
        add_selection(x, &x->rule->selections[n->selection], list);
    if (n->kind == SIGMA_NODE_AND || n->kind == SIGMA_NODE_OR) {
        add_node(x, n->left, depth + 1, list);
        add_node(x, n->right, depth + 1, list);
    }
}

size_t sigma_matched_fields(struct sigma_matcher *m, const struct event *ev, uint32_t rule,
                            struct arena *a, struct sigma_matched_field **out)
{
    struct explanation x = {
        .m = m, .ev = ev, .rule = m->engine->set->rules.items[rule], .arena = a};
    matched_list list = {0};
    x.source = best_source(&x);
    if (x.source)
        add_node(&x, x.rule->condition, 0, &list);
    *out = ARENA_ARRAY(a, struct sigma_matched_field, list.count);
    for (size_t i = 0; i < list.count; i++)
        (*out)[i] = list.items[i];
    size_t n = list.count;
    ARRAY_FREE(&list);
    return n;
}

bool sigma_field_text(struct sigma_matcher *m, const struct event *ev, uint32_t rule,
                      struct slice name, struct arena *a, struct slice *out)
{
    struct explanation x = {
        .m = m, .ev = ev, .rule = m->engine->set->rules.items[rule], .arena = a};
    for (size_t i = 0; i < x.rule->source_count; i++) {
        x.source = &x.rule->sources[i];
        if (!source_holds(&x))
            continue;
        struct key_texts v = values_of(&x, name);
        if (v.count) {
            *out = v.at[0];
            return true;
        }
    }
    return false;
}

enum {
    SHOWN_TEXTS = 4,
    SHOWN_VALUES = 12,
    SHOWN_BYTES = 200,
};

// A text in quotes on one line, cut when long.
static void show_text(struct buf *out, struct slice text)
{
    size_t cut = text.len;
    if (cut > SHOWN_BYTES)
        for (cut = SHOWN_BYTES; cut > 0 && (text.at[cut] & 0xc0) == 0x80;)
            cut--;
    buf_byte(out, '"');
    buf_json(out, slice_sub(text, 0, cut));
    buf_str(out, cut < text.len ? "…\"" : "\"");
}

static void show_event_values(struct buf *out, const struct key_texts *v)
{
    if (v->count == 0) {
        buf_str(out,
                v->occurs ? "the event's value is null" : "the event does not have this field");
        return;
    }
    buf_str(out, "the event has ");
    for (size_t i = 0; i < v->count && i < SHOWN_TEXTS; i++) {
        buf_str(out, i ? ", " : "");
        show_text(out, v->at[i]);
    }
    if (v->count > SHOWN_TEXTS)
        buf_printf(out, " and %zu more", v->count - SHOWN_TEXTS);
}

static void explain_item(const struct explanation *x, const struct sigma_item *item,
                         struct buf *out)
{
    struct key_texts v = values_of(x, item->field);
    struct slice which;
    buf_printf(out, "    %s %.*s (line %u): ", item_holds(x, item) ? "holds" : "fails",
               SLICE_FMT(item->source.len ? item->source : SLICE("keywords")), item->line);
    if (item->field.len)
        show_event_values(out, &v);
    else
        buf_str(out, "searched in all values");
    buf_byte(out, '\n');
    size_t shown = 0;
    for (size_t i = 0; i < item->value_count; i++) {
        bool holds = value_holds(x, &v, &item->values[i], &which);
        if (!holds && shown >= SHOWN_VALUES)
            continue;
        shown++;
        buf_str(out, holds ? "      yes  " : "      no   ");
        show_text(out, item->values[i].source);
        buf_byte(out, '\n');
    }
    if (shown < item->value_count)
        buf_printf(out, "      no   %zu more\n", item->value_count - shown);
}

static void explain_selection(const struct explanation *x, const struct sigma_selection *s,
                              struct buf *out)
{
    buf_printf(out, "  %s %.*s (line %u)\n", selection_holds(x, s) ? "holds" : "fails",
               SLICE_FMT(s->name), s->line);
    for (size_t i = 0; i < s->group_count; i++) {
        if (s->group_count > 1)
            buf_printf(out, "   alternative %zu of %zu\n", i + 1, s->group_count);
        for (size_t k = 0; k < s->groups[i].item_count; k++)
            explain_item(x, &s->groups[i].items[k], out);
    }
}

static void explain_no_source(const struct explanation *x, struct buf *out)
{
    const struct sigma_rule *r = x->rule;
    buf_printf(out,
               "does not match: its logsource (product %.*s, category %.*s, service %.*s) does not "
               "admit this event ",
               SLICE_FMT(r->product), SLICE_FMT(r->category), SLICE_FMT(r->service));
    buf_printf(out, "(channel %.*s, provider %.*s, event id %u)\n",
               SLICE_FMT(x->ev->system.channel), SLICE_FMT(x->ev->system.provider),
               x->ev->system.event_id);
    if (r->source_count == 0)
        buf_str(out, "  no Windows event log answers this logsource\n");
}

void sigma_explain(struct sigma_matcher *m, const struct event *ev, uint32_t rule, struct buf *out)
{
    struct arena arena;
    arena_init(&arena, 0);
    struct explanation x = {
        .m = m, .ev = ev, .rule = m->engine->set->rules.items[rule], .arena = &arena};
    x.source = best_source(&x);
    if (!x.source) {
        explain_no_source(&x, out);
    } else {
        buf_str(out, node_holds(&x, x.rule->condition, 0) ? "matches\n" : "does not match\n");
        if (x.source->stand_in)
            buf_str(out,
                    "  (an event that stands in: fields under its own names, others are absent)\n");
        for (size_t i = 0; i < x.rule->selection_count; i++)
            explain_selection(&x, &x.rule->selections[i], out);
    }
    arena_free(&arena);
}
