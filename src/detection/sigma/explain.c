// SPDX-License-Identifier: Apache-2.0
// Why a rule matches an event, or not: the rule as it was written, walked part by part. Slow and
// plain on purpose: it shares with the matcher how values are read and how one text is tested, but
// none of its tables and programs, so that the two can be held against each other.
#include "detection/sigma/matcher_internal.h"

// What an event has for a field of the rule; kept, since the items of a rule ask again and again.
struct field_view {
    struct field_view *next;
    struct slice field;
    struct key_texts texts;
    struct slice *folded;     // parallel to texts
    struct text_pairs *pairs; // NULL: no text is long
};

// Which pairs of bytes stand side by side in a folded text, hashed: a rule may look for hundreds of
// words in a script of 20 KB, and most are missing a pair. Made when a long text was looked through
// a few times; short ones are not worth it.
enum { PAIRS_TEXT = 1024, PAIRS_ASKED = 12, PAIRS = 4096 };

struct text_pairs {
    unsigned asked;
    bool *there; // NULL: not yet
};

struct explanation {
    struct sigma_matcher *m;
    const struct event *ev;
    const struct sigma_rule *rule;
    const struct sigma_source *source;
    struct arena *arena;
    struct field_view *views; // of this source
    struct slots_read read;   // through all sources
    bool *was_read;           // by slot; NULL: nobody asks
    uint8_t *selections;      // by number: 0 not known, 1 fails, 2 holds
};

static struct explanation explanation_of(struct sigma_matcher *m, const struct event *ev,
                                         uint32_t rule, struct arena *a)
{
    struct explanation x = {
        .m = m, .ev = ev, .rule = sigma_set_rule(m->engine->set, rule), .arena = a};
    x.selections = ARENA_ARRAY(a, uint8_t, x.rule->selection_count);
    return x;
}

static void set_source(struct explanation *x, const struct sigma_source *source)
{
    x->source = source;
    x->views = NULL;
    if (x->rule->selection_count)
        memset(x->selections, 0, x->rule->selection_count);
}

static void note_read(struct explanation *x, const struct bound_key *bound)
{
    if (!x->was_read)
        return;
    x->read.too_many |= bound->reading->all_values;
    for (uint32_t i = 0; !x->read.too_many && i < bound->count + bound->count2; i++) {
        uint32_t slot = bound->slots[i];
        if (!x->was_read[slot])
            x->read.slots[x->read.count++] = slot;
        x->was_read[slot] = true;
    }
}

static const struct field_view *view_of(struct explanation *x, struct slice field)
{
    for (const struct field_view *v = x->views; v; v = v->next)
        if (slice_equal(v->field, field))
            return v;
    struct reading r = engine_reading(x->source, field);
    struct bound_key bound;
    struct field_view *v = ARENA_NEW(x->arena, struct field_view);
    matcher_bind_reading(x->arena, x->ev->shape, &r, &bound);
    note_read(x, &bound);
    v->field = field;
    v->texts = matcher_texts(x->arena, x->ev, &bound);
    v->folded = ARENA_ARRAY(x->arena, struct slice, v->texts.count);
    bool is_long = false;
    for (size_t i = 0; i < v->texts.count; i++) {
        v->folded[i] = matcher_fold(x->arena, v->texts.at[i]);
        is_long |= v->folded[i].len >= PAIRS_TEXT;
    }
    if (is_long)
        v->pairs = ARENA_ARRAY(x->arena, struct text_pairs, v->texts.count);
    v->next = x->views;
    x->views = v;
    return v;
}

static size_t pair_at(struct slice text, size_t at)
{
    return ((size_t)text.at[at] << 5 ^ text.at[at + 1]) % PAIRS;
}

static bool has_pairs(const bool *there, struct slice literal)
{
    for (size_t i = 0; i + 1 < literal.len; i++)
        if (!there[pair_at(literal, i)])
            return false;
    return true;
}

// False when a folded text certainly lacks a literal of the pattern.
static bool pattern_may_stand(struct explanation *x, const struct sigma_test *t,
                              const struct field_view *v, size_t i)
{
    if (!v->pairs || v->folded[i].len < PAIRS_TEXT || t->kind != SIGMA_PATTERN || t->cased ||
        ++v->pairs[i].asked <= PAIRS_ASKED)
        return true;
    struct slice text = v->folded[i];
    struct text_pairs *pairs = &v->pairs[i];
    if (!pairs->there) {
        pairs->there = ARENA_ARRAY(x->arena, bool, PAIRS);
        for (size_t k = 0; k + 1 < text.len; k++)
            pairs->there[pair_at(text, k)] = true;
    }
    for (uint32_t k = 0; k < t->token_count; k++)
        if (t->tokens[k].kind == SIGMA_LITERAL && !has_pairs(pairs->there, t->tokens[k].text))
            return false;
    return true;
}

// The engine's own, among the tests of that field. NULL for a selection that no condition uses.
static struct sigma_regex *compiled_regex(const struct explanation *x, const struct sigma_test *t,
                                          struct slice field)
{
    const struct engine_field *f = map_get(&x->m->engine->field_numbers, field);
    for (size_t i = 0; f && i < f->tests.tests.count; i++) {
        const struct sigma_test *other = f->tests.tests.items[i].test;
        if (other && other->kind == SIGMA_REGEX && slice_equal(other->text, t->text) &&
            other->flag_i == t->flag_i && other->flag_m == t->flag_m && other->flag_s == t->flag_s)
            return f->tests.tests.items[i].regex;
    }
    return NULL;
}

// Looked for, or compiled, once; remembered by the matcher.
static struct sigma_regex *regex_of(struct explanation *x, const struct sigma_test *t,
                                    struct slice field)
{
    for (size_t i = 0; i < x->m->regexes.count; i++)
        if (x->m->regexes.items[i].test == t)
            return x->m->regexes.items[i].regex;
    struct known_regex known = {t, compiled_regex(x, t, field), NULL};
    if (!known.regex)
        known.regex = known.own = regex_compile(t, NULL);
    *ARRAY_ADD(&x->m->regexes) = known;
    return known.regex;
}

static bool fieldref_holds(struct explanation *x, const struct sigma_test *t,
                           const struct field_view *v, size_t i)
{
    const struct field_view *o = view_of(x, t->text);
    for (size_t k = 0; k < o->texts.count; k++) {
        if (t->cased ? texts_agree(v->texts.at[i], o->texts.at[k], t->anchor)
                     : texts_agree(v->folded[i], o->folded[k], t->anchor))
            return true;
    }
    return false;
}

static bool test_holds_on_text(struct explanation *x, const struct sigma_test *t,
                               const struct field_view *v, size_t i)
{
    if (t->kind == SIGMA_REGEX) {
        struct sigma_regex *regex = regex_of(x, t, v->field);
        return regex && regex_run(x->m->regex, regex, v->texts.at[i]) == REGEX_YES;
    }
    if (t->kind == SIGMA_FIELDREF)
        return fieldref_holds(x, t, v, i);
    return pattern_may_stand(x, t, v, i) && text_passes(t, v->texts.at[i], v->folded[i]);
}

static bool is_empty_pattern(const struct sigma_test *t)
{
    return t->kind == SIGMA_PATTERN &&
           (t->token_count == 0 || (t->token_count == 1 && t->tokens[0].kind == SIGMA_LITERAL &&
                                    t->tokens[0].text.len == 0));
}

// *which: the text it held on; empty when that is none.
static bool test_holds(struct explanation *x, const struct field_view *v,
                       const struct sigma_test *t, struct slice *which)
{
    *which = (struct slice){0};
    if (t->kind == SIGMA_IS_NULL)
        return v->texts.count == 0;
    if (t->kind == SIGMA_EXISTS) {
        if (v->texts.count)
            *which = v->texts.at[0];
        return v->texts.occurs == t->wanted;
    }
    for (size_t i = 0; i < v->texts.count; i++) {
        if (test_holds_on_text(x, t, v, i)) {
            *which = v->texts.at[i];
            return true;
        }
    }
    return is_empty_pattern(t) && v->texts.null;
}

static bool value_holds(struct explanation *x, const struct field_view *v,
                        const struct sigma_value *value, struct slice *which)
{
    for (size_t i = 0; i < value->test_count; i++)
        if (test_holds(x, v, &value->tests[i], which))
            return true;
    return false;
}

static bool item_holds(struct explanation *x, const struct sigma_item *item)
{
    const struct field_view *v = view_of(x, item->field);
    struct slice which;
    bool holds = item->all;
    for (size_t i = 0; i < item->value_count && holds == item->all; i++)
        holds = value_holds(x, v, &item->values[i], &which);
    return holds != item->negated;
}

static bool items_hold(struct explanation *x, const struct sigma_item *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!item_holds(x, &items[i]))
            return false;
    return true;
}

static bool find_selection(struct explanation *x, const struct sigma_selection *s)
{
    for (size_t i = 0; i < s->group_count; i++)
        if (items_hold(x, s->groups[i].items, s->groups[i].item_count))
            return true;
    return false;
}

static bool selection_holds(struct explanation *x, uint32_t number)
{
    if (x->selections[number] == 0)
        x->selections[number] = find_selection(x, &x->rule->selections[number]) ? 2 : 1;
    return x->selections[number] == 2;
}

enum {
    MAX_DEPTH = 5000,
};

static bool node_holds(struct explanation *x, const struct sigma_node *n, unsigned depth)
{
    if (depth > MAX_DEPTH)
        return false;
    switch (n->kind) {
    case SIGMA_NODE_SELECTION:
        return selection_holds(x, n->selection);
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

static bool source_holds(struct explanation *x)
{
    return source_admits(x->source, &x->ev->system) &&
           items_hold(x, x->source->conditions, x->source->condition_count);
}

// Sets the source through which the rule matches; else one that admits the event; else NULL.
static void find_source(struct explanation *x)
{
    const struct sigma_source *admitting = NULL;
    for (size_t i = 0; i < x->rule->source_count; i++) {
        set_source(x, &x->rule->sources[i]);
        if (!source_holds(x))
            continue;
        if (!admitting)
            admitting = x->source;
        if (node_holds(x, x->rule->condition, 0))
            return;
    }
    if (x->source != admitting)
        set_source(x, admitting);
}

// The same for a rule that is known to match: where only one source admits the event, it is that.
static void find_matching_source(struct explanation *x)
{
    const struct sigma_source *admitting = NULL;
    for (size_t i = 0; i < x->rule->source_count; i++) {
        set_source(x, &x->rule->sources[i]);
        if (!source_holds(x))
            continue;
        if (admitting) {
            find_source(x);
            return;
        }
        admitting = x->source;
    }
    if (x->source != admitting)
        set_source(x, admitting);
}

bool sigma_rule_holds(struct sigma_matcher *m, const struct event *ev, uint32_t rule,
                      struct arena *a)
{
    struct explanation x = explanation_of(m, ev, rule, a);
    find_source(&x);
    return x.source && node_holds(&x, x.rule->condition, 0);
}

// The event's own name of the field in which a keyword's text stands.
static struct slice name_of_text(struct explanation *x, struct slice text)
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

static void add_item(struct explanation *x, const struct sigma_item *item, matched_list *list)
{
    const struct field_view *v = view_of(x, item->field);
    struct slice which;
    if (item->negated)
        return;
    for (size_t i = 0; i < item->value_count; i++) {
        if (!value_holds(x, v, &item->values[i], &which) || !v->texts.occurs)
            continue;
        add_matched(list, item->field.len ? item->field : name_of_text(x, which), which);
    }
}

// A selection that holds.
static void add_selection(struct explanation *x, const struct sigma_selection *s,
                          matched_list *list)
{
    for (size_t i = 0; i < s->group_count; i++) {
        if (s->group_count > 1 && !items_hold(x, s->groups[i].items, s->groups[i].item_count))
            continue;
        for (size_t k = 0; k < s->groups[i].item_count; k++)
            add_item(x, &s->groups[i].items[k], list);
    }
}

// A part of the condition that holds. What stands below a `not` helped by not holding: it has
// nothing to show.
static void add_node(struct explanation *x, const struct sigma_node *n, unsigned depth,
                     matched_list *list)
{
    if (depth > MAX_DEPTH)
        return;
    const struct sigma_node *const parts[] = {n->left, n->right};
    if (n->kind == SIGMA_NODE_SELECTION)
        add_selection(x, &x->rule->selections[n->selection], list);
    if (n->kind == SIGMA_NODE_AND || n->kind == SIGMA_NODE_OR)
        for (int i = 0; i < 2; i++)
            if (n->kind == SIGMA_NODE_AND || node_holds(x, parts[i], depth + 1))
                add_node(x, parts[i], depth + 1, list);
}

size_t sigma_matched_fields(struct sigma_matcher *m, const struct event *ev, uint32_t rule,
                            struct arena *a, struct sigma_matched_field **out)
{
    size_t n;
    if (explain_memo_find(m->memo, ev, rule, out, &n))
        return n;
    struct explanation x = explanation_of(m, ev, rule, a);
    matched_list list = {0};
    x.was_read = ARENA_ARRAY(a, bool, ev->shape->field_count);
    x.read.slots = ARENA_ARRAY(a, uint32_t, ev->shape->field_count);
    find_matching_source(&x);
    if (x.source)
        add_node(&x, x.rule->condition, 0, &list);
    *out = ARENA_ARRAY(a, struct sigma_matched_field, list.count);
    for (size_t i = 0; i < list.count; i++)
        (*out)[i] = list.items[i];
    n = list.count;
    ARRAY_FREE(&list);
    explain_memo_keep(&m->memo, ev, rule, &x.read, *out, n);
    return n;
}

bool sigma_field_text(struct sigma_matcher *m, const struct event *ev, uint32_t rule,
                      struct slice name, struct arena *a, struct slice *out)
{
    struct explanation x = explanation_of(m, ev, rule, a);
    for (size_t i = 0; i < x.rule->source_count; i++) {
        set_source(&x, &x.rule->sources[i]);
        if (!source_holds(&x))
            continue;
        const struct field_view *v = view_of(&x, name);
        if (v->texts.count) {
            *out = v->texts.at[0];
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

static void show_event_values(struct buf *out, const struct field_view *v)
{
    if (v->texts.count == 0) {
        buf_str(out, v->texts.occurs ? "the event's value is null"
                                     : "the event does not have this field");
        return;
    }
    buf_str(out, "the event has ");
    for (size_t i = 0; i < v->texts.count && i < SHOWN_TEXTS; i++) {
        buf_str(out, i ? ", " : "");
        show_text(out, v->texts.at[i]);
    }
    if (v->texts.count > SHOWN_TEXTS)
        buf_printf(out, " and %zu more", v->texts.count - SHOWN_TEXTS);
}

static void explain_item(struct explanation *x, const struct sigma_item *item, struct buf *out)
{
    const struct field_view *v = view_of(x, item->field);
    struct slice which;
    buf_printf(out, "    %s %.*s (line %u): ", item_holds(x, item) ? "holds" : "fails",
               SLICE_FMT(item->source.len ? item->source : SLICE("keywords")), item->line);
    if (item->field.len)
        show_event_values(out, v);
    else
        buf_str(out, "searched in all values");
    buf_byte(out, '\n');
    size_t shown = 0;
    for (size_t i = 0; i < item->value_count; i++) {
        bool holds = value_holds(x, v, &item->values[i], &which);
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

static void explain_selection(struct explanation *x, uint32_t number, struct buf *out)
{
    const struct sigma_selection *s = &x->rule->selections[number];
    buf_printf(out, "  %s %.*s (line %u)\n", selection_holds(x, number) ? "holds" : "fails",
               SLICE_FMT(s->name), s->line);
    for (size_t i = 0; i < s->group_count; i++) {
        if (s->group_count > 1)
            buf_printf(out, "   alternative %zu of %zu\n", i + 1, s->group_count);
        for (size_t k = 0; k < s->groups[i].item_count; k++)
            explain_item(x, &s->groups[i].items[k], out);
    }
}

static void explain_no_source(struct explanation *x, struct buf *out)
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
    struct explanation x = explanation_of(m, ev, rule, &arena);
    find_source(&x);
    if (!x.source) {
        explain_no_source(&x, out);
    } else {
        buf_str(out, node_holds(&x, x.rule->condition, 0) ? "matches\n" : "does not match\n");
        if (x.source->stand_in)
            buf_str(out,
                    "  (an event that stands in: fields under its own names, others are absent)\n");
        for (uint32_t i = 0; i < x.rule->selection_count; i++)
            explain_selection(&x, i, out);
    }
    arena_free(&arena);
}
