// SPDX-License-Identifier: Apache-2.0
// What was found, grouped by rule: a thousand hits of one rule read as one story.
#include "report/html.h"

enum {
    SAMPLES_EACH_END = 10, // shown of a rule's hits: the first ones and the last ones
    NAMES_SHOWN = 8,       // hosts and accounts named at a group
    VALUE_SHOWN = 1500,    // bytes of a field that matched
};

struct names {
    struct html *h;
    size_t count;
};

static bool add_name(void *user, struct slice name)
{
    struct names *n = user;
    if (n->count == NAMES_SHOWN) {
        h_raw(n->h, ", …");
        return false;
    }
    h_raw(n->h, n->count++ ? ", " : "");
    h_value(n->h, name);
    return true;
}

static bool add_names(struct html *h, const struct report_group *g, enum case_name which,
                      const char *label, struct err *e)
{
    struct names n = {.h = h};
    size_t before = h->b.len;
    h_raw(h, "<div><dt>");
    h_str(h, label);
    h_raw(h, "</dt><dd>");
    if (!case_each_name_of(h->r->c, g->found.rule.key, which, NAMES_SHOWN + 1, add_name, &n, e))
        return false;
    if (n.count)
        h_raw(h, "</dd></div>\n");
    else
        h->b.len = before;
    return true;
}

static void add_when(struct html *h, const struct case_group *f)
{
    struct report *r = h->r;
    h_raw(h, "<div><dt>");
    h_str(h, TR("When"));
    h_raw(h, "</dt><dd>");
    h_time(h, f->first);
    if (f->last > f->first) {
        h_raw(h, " – ");
        h_time(h, f->last);
    }
    if (f->undated && f->undated < f->count)
        h_say(h, TR(" (%s without a time)"), NUMBER(f->undated));
    h_raw(h, "</dd></div>\n");
}

void html_index(struct html *h)
{
    struct report *r = h->r;
    if (!r->group_count) {
        h_el(h, "p", "%s", TR("No rule matched any event that was read."));
        return;
    }
    h_el(h, "p",
         TRN("%s finding, by one rule.", "%s findings. Those of one rule stand together.",
             r->finding_count),
         NUMBER(r->finding_count));
    h_raw(h, "<table class=\"stack index\"><thead><tr>");
    const char *const heads[] = {TR("Level"), TR("What"), TR("Times"), TR("First"), TR("Last")};
    for (size_t i = 0; i < 5; i++)
        h_el(h, "th scope=\"col\"", "%s", heads[i]);
    h_raw(h, "</tr></thead><tbody>\n");
    for (size_t i = 0; i < r->group_count; i++) {
        const struct report_group *g = &r->groups[i];
        h_raw(h, "<tr><td>");
        h_level(h, g->found.rule.level);
        h_raw(h, "</td><td>");
        h_group_link(h, g);
        buf_printf(&h->b, "</td><td class=\"n\" data-l=\"%s\">%s", heads[2],
                   NUMBER(g->found.count));
        buf_printf(&h->b, "</td><td class=\"t\" data-l=\"%s\">", heads[3]);
        h_time(h, g->found.first);
        buf_printf(&h->b, "</td><td class=\"t\" data-l=\"%s\">", heads[4]);
        if (g->found.last > g->found.first)
            h_time(h, g->found.last);
        h_raw(h, "</td></tr>\n");
        arena_reset(&h->r->scratch);
    }
    h_raw(h, "</tbody></table>\n");
}

static void add_matched(struct html *h, const struct case_fields *f)
{
    h_raw(h, "<dl class=\"fields\">\n");
    for (size_t i = 0; i < f->count; i++) {
        h_raw(h, "<div><dt>");
        h_text(h, slice_sub(f->at[i].name, 0, 200));
        h_raw(h, "</dt><dd>");
        h_value_cut(h, f->at[i].value, VALUE_SHOWN);
        h_raw(h, "</dd></div>\n");
    }
    h_raw(h, "</dl>\n");
}

static void add_place(struct html *h, const struct case_finding *f)
{
    struct report *r = h->r;
    if (!f->has_event)
        return;
    h_raw(h, "<p class=\"place\">");
    h_value(h, f->file);
    h_say(h, TR(", offset %llu"), (unsigned long long)f->offset);
    if (f->has_record)
        h_say(h, TR(", record %llu"), (unsigned long long)f->record);
    if (f->recovered)
        h_say(h, "%s", TR(", recovered from a deleted part of the log"));
    h_raw(h, "</p>\n");
}

static void add_sample(struct html *h, const struct case_finding *f)
{
    struct report *r = h->r;
    h_raw(h, "<div class=\"hit\"><p>");
    h_time(h, f->time);
    if (f->is_correlation && f->last > f->time) {
        h_raw(h, " – ");
        h_time(h, f->last);
    }
    const struct slice words[] = {f->host, f->account, f->channel};
    for (size_t i = 0; i < 3; i++)
        if (words[i].len) {
            h_raw(h, " · ");
            h_value(h, words[i]);
        }
    if (f->has_event)
        h_say(h, TR(" · event %u"), f->event_id);
    if (f->is_correlation)
        h_say(h, TRN(" · %s event together", " · %s events together", f->correlated),
              NUMBER(f->correlated));
    h_raw(h, "</p>\n");
    struct case_fields fields = case_finding_fields(f->fields, &h->r->scratch);
    add_matched(h, &fields);
    add_place(h, f);
    struct slice json = case_event_json(r->c, f->event, &h->r->scratch);
    if (json.len) {
        h_raw(h, "<details><summary>");
        h_str(h, TR("The whole event"));
        h_raw(h, "</summary>\n");
        html_event(h, json, &fields);
        h_raw(h, "</details>\n");
    }
    h_raw(h, "</div>\n");
}

struct samples {
    struct html *h;
    size_t ends[2 * SAMPLES_EACH_END + 1]; // where each sample's text ends
    size_t count;
    uint64_t others; // shown besides the first; 0: no folding
    uint64_t count_all;
};

static void fold_others(struct samples *s)
{
    struct html *h = s->h;
    struct report *r = h->r;
    h_raw(h, "<details class=\"more\"><summary>");
    if (s->others + 1 < s->count_all)
        h_say(h, TR("%s more of %s: the next ones and the last"), NUMBER(s->others),
              NUMBER(s->count_all));
    else
        h_say(h, TRN("%s more", "%s more", s->others), NUMBER(s->others));
    h_raw(h, "</summary>\n");
}

static bool see_sample(void *user, const struct case_finding *f)
{
    struct samples *s = user;
    if (s->count == 1 && s->others)
        fold_others(s);
    add_sample(s->h, f);
    s->ends[s->count++] = s->h->b.len;
    arena_reset(&s->h->r->scratch);
    return true;
}

// The last ones come from the case backwards; they are turned round here.
static bool add_last(struct html *h, const struct report_group *g, size_t most, struct err *e)
{
    struct html back = {.r = h->r, .page = h->page};
    struct samples s = {.h = &back};
    bool ok = case_each_finding_of(h->r->c, g->found.rule.key, most, true, see_sample, &s, e);
    for (size_t i = back.b.at ? s.count : 0; ok && i > 0; i--) {
        size_t from = i > 1 ? s.ends[i - 2] : 0;
        buf_add(&h->b, slice_sub(buf_slice(&back.b), from, s.ends[i - 1]));
    }
    buf_free(&back.b);
    return ok;
}

static bool add_samples(struct html *h, const struct report_group *g, struct err *e)
{
    struct report *r = h->r;
    const uint64_t most = 2ull * SAMPLES_EACH_END, count = g->found.count;
    const uint64_t shown = count < most ? count : most;
    struct samples s = {.h = h, .others = shown - 1, .count_all = count};
    h_el(h, "h4", "%s", count == 1 ? TR("The event") : TR("The first event"));
    size_t first = shown < count ? SAMPLES_EACH_END : (size_t)shown;
    if (!case_each_finding_of(r->c, g->found.rule.key, first, false, see_sample, &s, e))
        return false;
    if (shown < count) {
        uint64_t left = count - shown;
        h_el(h, "p class=\"left\"",
             TRN("%s more between these is in findings.csv and findings.jsonl.",
                 "%s more between these are in findings.csv and findings.jsonl.", left),
             NUMBER(left));
        if (!add_last(h, g, SAMPLES_EACH_END, e))
            return false;
    }
    if (count > 1)
        h_raw(h, "</details>\n");
    return true;
}

static void add_innocent(struct html *h, const struct finding_rule *rule, bool clears_log)
{
    struct report *r = h->r;
    h_el(h, "h4", "%s", TR("Innocent explanations"));
    if (clears_log && !rule->false_positive_count)
        h_el(h, "p", "%s",
             TR("Technicians often clear logs when they repair a computer, and some clean-up "
                "programs do."));
    if (!rule->false_positive_count && !clears_log) {
        h_el(h, "p", "%s",
             TR("The rule names none. That does not mean that there are none: ask the people "
                "concerned."));
        return;
    }
    h_raw(h, rule->false_positive_count ? "<ul>\n" : "");
    for (size_t i = 0; i < rule->false_positive_count; i++)
        h_rule_text(h, "li", rule->false_positives[i]);
    h_raw(h, rule->false_positive_count ? "</ul>\n" : "");
}

static void add_meaning(struct html *h, const struct finding_rule *rule)
{
    struct report *r = h->r;
    h_el(h, "h4", "%s", TR("What it means"));
    if (rule->meaning.len)
        h_rule_text(h, "p", rule->meaning);
    else if (rule->description.len)
        h_rule_text(h, "p", rule->description);
    else
        h_el(h, "p", "%s", TR("The rule does not say. Its title is all there is."));
}

static void add_next(struct html *h, const struct finding_rule *rule)
{
    struct report *r = h->r;
    h_el(h, "h4", "%s", TR("What to do next"));
    if (rule->next.len)
        h_rule_text(h, "p", rule->next);
    else
        h_el(
            h, "p", "%s",
            TR("Ask those who used this computer what they did then. Show the event to a helper."));
}

static void add_techniques(struct html *h, const struct finding_rule *rule)
{
    if (!rule->technique_count)
        return;
    h_raw(h, "<div><dt>ATT&amp;CK</dt><dd>");
    for (size_t i = 0; i < rule->technique_count; i++) {
        const struct attack_technique *t = attack_technique_find(rule->techniques[i]);
        h_raw(h, i ? ", " : "");
        if (t)
            buf_printf(&h->b, "<a href=\"%s#%s\">%s %s</a>", h->page == 1 ? "" : "report.html",
                       t->id, t->id, t->name);
        else
            h_text(h, rule->techniques[i]);
    }
    h_raw(h, "</dd></div>\n");
}

static void add_source(struct html *h, const struct finding_rule *rule)
{
    struct report *r = h->r;
    h_raw(h, "<details><summary>");
    h_str(h, TR("Where the rule comes from"));
    h_raw(h, "</summary>\n<dl class=\"pairs\">\n");
    const struct {
        const char *name;
        struct slice value;
    } rows[] = {
        {TR("Rule"), rule->id},
        {TR("Describes"), rule->meaning.len ? rule->description : (struct slice){0}},
        {TR("Author"), rule->author},
        {TR("File"), rule->file},
        {TR("Licence"), rule->license},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!rows[i].value.len)
            continue;
        h_raw(h, "<div><dt>");
        h_str(h, rows[i].name);
        h_raw(h, "</dt><dd>");
        h_words(h, rows[i].value);
        h_raw(h, "</dd></div>\n");
    }
    for (size_t i = 0; i < rule->reference_count; i++) {
        h_raw(h, "<div><dt>");
        h_str(h, TR("Source"));
        h_raw(h, "</dt><dd>");
        h_words(h, rule->references[i]);
        h_raw(h, "</dd></div>\n");
    }
    h_raw(h, "</dl></details>\n");
}

bool html_group(struct html *h, const struct report_group *g, struct err *e)
{
    struct report *r = h->r;
    const struct finding_rule *rule = &g->found.rule;
    buf_printf(&h->b, "<section class=\"group %s\" id=\"f%u\">\n", finding_level_name(rule->level),
               g->number);
    h_raw(h, "<p class=\"over\">");
    h_level(h, rule->level);
    h_raw(h, " <span>");
    h_say(h, TRN("%s time", "%s times", g->found.count), NUMBER(g->found.count));
    h_raw(h, "</span></p>\n");
    h_rule_text(h, "h3", rule->title);
    h_raw(h, "<dl class=\"pairs\">\n");
    add_when(h, &g->found);
    if (!add_names(h, g, CASE_HOSTS, TR("Computers"), e) ||
        !add_names(h, g, CASE_ACCOUNTS, TR("Accounts"), e))
        return false;
    add_techniques(h, rule);
    h_raw(h, "</dl>\n");
    if (g->clears_log) // most cleared logs are a technician's work: that is said first
        add_innocent(h, rule, true);
    add_meaning(h, rule);
    if (!g->clears_log)
        add_innocent(h, rule, false);
    add_next(h, rule);
    if (!add_samples(h, g, e))
        return false;
    add_source(h, rule);
    h_raw(h, "</section>\n");
    return true;
}
