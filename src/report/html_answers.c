// SPDX-License-Identifier: Apache-2.0
// The questions that a frightened reader has, answered from the findings by plain rules:
// - only findings of level medium and above answer anything; weaker ones are named as weak;
// - ATT&CK's tactics of a rule say which question it belongs to;
// - "since when" is always "no later than", beside the reach of the logs;
// - where nothing answers, the answer is "not known", with what could have told and is not there.
// No answer names who did it, and none says that all is well.
#include "report/html.h"

#include "base/array.h"

enum {
    LINKS_SHOWN = 5,
    TRACES_SHOWN = 6, // verbatim commands beside "what did they look for"
};

struct sign_search {
    const struct report *r;
    struct first_sign *sign;
    const struct report_group *group;
};

static bool see_dated(void *user, const struct case_finding *f)
{
    struct sign_search *s = user;
    if (!time_is_plausible(s->r, f->time))
        return true;
    if (!s->sign->time || f->time < s->sign->time) {
        s->sign->time = f->time;
        s->sign->group = s->group;
        snprintf(s->sign->host, sizeof s->sign->host, "%.*s",
                 SLICE_FMT(slice_sub(f->host, 0, 200)));
    }
    return false;
}

static bool search_level(struct report *r, enum finding_level from, enum finding_level to,
                         struct first_sign *sign, struct err *e)
{
    for (size_t i = 0; i < r->group_count; i++) {
        const struct report_group *g = &r->groups[i];
        if (g->found.rule.level < from || g->found.rule.level > to)
            continue;
        struct sign_search s = {r, sign, g};
        if (!case_each_finding_of(r->c, g->found.rule.key, SIZE_MAX, false, see_dated, &s, e))
            return false;
    }
    return true;
}

bool find_first_sign(struct report *r, struct first_sign *out, struct err *e)
{
    struct first_sign sign = {.level = LEVEL_HIGH};
    if (!search_level(r, LEVEL_HIGH, LEVEL_CRITICAL, &sign, e))
        return false;
    if (!sign.time) {
        sign.level = LEVEL_MEDIUM;
        if (!search_level(r, LEVEL_MEDIUM, LEVEL_MEDIUM, &sign, e))
            return false;
    }
    *out = sign;
    return true;
}

// The group's first time, 0 when it cannot be true.
static vtime begin_of(const struct report *r, const struct report_group *g)
{
    return time_is_plausible(r, g->found.first) ? g->found.first : 0;
}

static bool is_strong(const struct report_group *g)
{
    return g->found.rule.level >= LEVEL_HIGH;
}

// Groups of level medium and above of any of these tactics, the earliest first.
struct chosen {
    const struct report_group *groups[LINKS_SHOWN];
    size_t count; // kept
    size_t all;
};

static struct chosen choose(const struct report *r, unsigned tactics,
                            bool (*fits)(const struct report_group *g))
{
    struct chosen c = {0};
    const bool by_level = !tactics && fits == is_strong; // the order of the groups themselves
    for (size_t i = 0; i < r->group_count; i++) {
        const struct report_group *g = &r->groups[i];
        if (g->found.rule.level < LEVEL_MEDIUM || (tactics && !(g->tactics & tactics)) ||
            (fits && !fits(g)))
            continue;
        c.all++;
        size_t at = c.count;
        while (!by_level && at > 0 &&
               begin_of(r, g) - 1 < begin_of(r, c.groups[at - 1]) - 1) // 0 comes last
            at--;
        if (at == LINKS_SHOWN)
            continue;
        size_t tail = (c.count < LINKS_SHOWN ? c.count : LINKS_SHOWN - 1) - at;
        memmove(&c.groups[at + 1], &c.groups[at], tail * sizeof(void *));
        c.groups[at] = g;
        c.count += c.count < LINKS_SHOWN;
    }
    return c;
}

static bool is_staging(const struct report_group *g)
{
    return g->stages;
}

static bool is_looking(const struct report_group *g)
{
    return !g->stages;
}

static bool is_clearing(const struct report_group *g)
{
    return g->clears_log;
}

static void begin_answer(struct html *h, const char *question, const char *answer)
{
    h_raw(h, "<article class=\"answer\">\n");
    h_el(h, "h3", "%s", question);
    h_raw(h, "<div>");
    h_el(h, "p class=\"short\"", "%s", answer);
}

static void end_answer(struct html *h, const char *sure)
{
    struct report *r = h->r;
    h_raw(h, "<p class=\"sure\"><b>");
    h_str(h, TR("How sure"));
    h_raw(h, "</b> ");
    h_str(h, sure);
    h_raw(h, "</p>\n</div></article>\n");
}

static void add_basis(struct html *h, const struct chosen *c)
{
    struct report *r = h->r;
    if (!c->count)
        return;
    h_raw(h, "<p class=\"rests\"><b>");
    h_str(h, TR("Rests on"));
    h_raw(h, "</b> ");
    for (size_t i = 0; i < c->count; i++) {
        h_raw(h, i ? "; " : "");
        h_group_link(h, c->groups[i]);
    }
    if (c->all > c->count)
        h_say(h, TRN("; %s more", "; %s more", c->all - c->count), NUMBER(c->all - c->count));
    h_raw(h, "</p>\n");
}

static void add_checked(struct html *h)
{
    struct report *r = h->r;
    uint64_t rules = report_setting_number(h->r, "rules_loaded") +
                     report_setting_number(h->r, "correlations_loaded");
    if (rules)
        h_el(h, "p",
             TRN("%s event was held against %s rules.", "%s events were held against %s rules.",
                 r->summary.events),
             NUMBER(r->summary.events), NUMBER(rules));
}

static void answer_found(struct html *h, enum finding_level worst)
{
    struct report *r = h->r;
    const char *question = TR("Was something found?");
    if (!r->summary.events) {
        begin_answer(h, question, TR("Not known."));
        h_el(h, "p", "%s", TR("No event log could be read. The evidence list says why."));
        end_answer(h, TR("Nothing was checked, so nothing can be said."));
        return;
    }
    struct chosen strong = choose(r, 0, worst >= LEVEL_HIGH ? is_strong : NULL);
    if (worst >= LEVEL_HIGH) {
        begin_answer(h, question, TR("Yes: signs that an expert should see."));
        h_el(h, "p",
             TRN("%s rule of level high or critical matched.",
                 "%s rules of level high or critical matched.", strong.all),
             NUMBER(strong.all));
        h_el(h, "p", "%s",
             TR("They are signs, not proof. Innocent explanations stand beside each of them."));
    } else if (worst == LEVEL_MEDIUM) {
        begin_answer(h, question, TR("Perhaps: some events are unusual."));
        h_el(h, "p", "%s",
             TR("In most offices such events have an innocent cause. It stands beside each of "
                "them."));
    } else if (r->group_count) {
        begin_answer(h, question, TR("Only weak signs."));
        h_el(h, "p", "%s",
             TR("They occur on almost every computer. By themselves they do not point to an "
                "intrusion."));
    } else {
        begin_answer(h, question, TR("No rule matched."));
        h_el(h, "p", "%s", TR("That is no proof that nothing happened. See what cannot be known."));
    }
    add_checked(h);
    if (worst >= LEVEL_MEDIUM)
        add_basis(h, &strong);
    end_answer(
        h, r->group_count
               ? TR("The events stand in the logs. What they mean, a person has to judge.")
               : TR("The rules know common behaviour only. A careful intruder can stay unseen."));
}

// The earliest event of a host's logs, and of all logs.
static vtime reach_of(const struct report *r, const char *host, const char *channel)
{
    vtime first = 0;
    for (size_t i = 0; i < r->log_count; i++) {
        const struct case_log *l = &r->logs[i];
        if (time_is_plausible(r, l->first) && (!host || slice_equal_str(l->host, host)) &&
            (!channel || slice_equal_str(l->channel, channel)) && (!first || l->first < first))
            first = l->first;
    }
    return first;
}

static void add_reach(struct html *h, const struct first_sign *sign)
{
    struct report *r = h->r;
    struct arena *a = &h->r->scratch;
    vtime first = sign->time && sign->host[0] ? reach_of(r, sign->host, NULL) : 0;
    if (first)
        h_el(h, "p", TR("The logs of %s begin on %s. What came before cannot be seen."), sign->host,
             text_date(r->lang, a, first));
    else if ((first = reach_of(r, NULL, NULL)))
        h_el(h, "p", TR("The oldest event in the logs is of %s."), text_date(r->lang, a, first));
    if (sign->time && first && sign->time - first < 14 * 86400ull * VTIME_SECOND &&
        sign->time >= first)
        h_el(h, "p", "%s",
             TR("The first sign lies close to that beginning. It may well have begun earlier."));
}

static void answer_since(struct html *h, const struct first_sign *sign)
{
    struct report *r = h->r;
    struct arena *a = &h->r->scratch;
    const char *question = TR("Since when?");
    if (!sign->time) {
        begin_answer(h, question,
                     r->summary.events ? TR("Nothing found points to a beginning.")
                                       : TR("Not known."));
        add_reach(h, sign);
        end_answer(h, TR("Logs that have been overwritten cannot tell."));
        return;
    }
    begin_answer(h, question,
                 text_format(a, TR("No later than %s."), text_date(r->lang, a, sign->time)));
    if (sign->level == LEVEL_MEDIUM)
        h_el(h, "p", "%s", TR("That is, if the unusual events are an intrusion at all."));
    if (sign->host[0])
        h_el(h, "p", TR("The first sign stands in the logs of %s."), sign->host);
    struct chosen all = choose(r, 0, NULL);
    vtime weaker = all.count ? begin_of(r, all.groups[0]) : 0;
    if (weaker && weaker + 86400 * VTIME_SECOND < sign->time)
        h_el(h, "p", TR("Less certain signs begin on %s."), text_date(r->lang, a, weaker));
    add_reach(h, sign);
    struct chosen c = {.groups = {sign->group}, .count = 1, .all = 1};
    add_basis(h, &c);
    end_answer(h, TR("The day is that of the computer's clock, which can be wrong."));
}

static void add_dated(struct html *h, const struct chosen *c)
{
    struct report *r = h->r;
    h_raw(h, "<ul>\n");
    for (size_t i = 0; i < c->count; i++) {
        vtime begin = begin_of(r, c->groups[i]);
        h_raw(h, "<li>");
        h_group_link(h, c->groups[i]);
        h_raw(h, ", ");
        h_str(h, begin ? text_date(r->lang, &h->r->scratch, begin) : TR("not known"));
        h_raw(h, "</li>\n");
    }
    h_raw(h, "</ul>\n");
}

static bool has_channel(const struct report *r, const char *channel)
{
    for (size_t i = 0; i < r->log_count; i++)
        if (slice_equal_str(r->logs[i].channel, channel))
            return true;
    return false;
}

static void add_missing_sysmon(struct html *h)
{
    struct report *r = h->r;
    if (!has_channel(r, "Microsoft-Windows-Sysmon/Operational"))
        h_el(h, "p", "%s",
             TR("There is no Sysmon log. Without it Windows notes few program starts, unless told "
                "to."));
}

// A document or program that a person was led to open is a way in as well, though ATT&CK files it
// under execution.
static bool is_entry(const struct report_group *g)
{
    return g->enters;
}

static void answer_entry(struct html *h, const struct first_sign *sign)
{
    struct report *r = h->r;
    const char *question = TR("How did they get in?");
    struct chosen entry = choose(r, 0, is_entry), all = choose(r, 0, NULL);
    const vtime end_of_beginning = sign->time + 86400 * VTIME_SECOND;
    bool late = entry.count && sign->time && begin_of(r, entry.groups[0]) > end_of_beginning;
    if (!all.count) {
        begin_answer(h, question, TR("Nothing found raises this question."));
        add_missing_sysmon(h);
    } else if (entry.count && !late) {
        begin_answer(h, question,
                     sign->level == LEVEL_HIGH ? TR("There is a trace that may be the way in.")
                                               : TR("Not known. These events would fit a way in."));
        add_dated(h, &entry);
    } else {
        begin_answer(h, question, TR("Not known. What was found first is this."));
        add_dated(h, &all);
        if (late) {
            h_el(h, "p", "%s", TR("Later traces that may be another way in:"));
            add_dated(h, &entry);
        }
    }
    end_answer(h, TR("E-mail, browsers, phones and online accounts were not examined. The way in "
                     "is often there."));
}

// Words that intruders typed, as they stand in the events.
struct traces {
    struct html *h;
    size_t count;
    struct slice seen[TRACES_SHOWN];
};

static struct slice telling_value(const struct case_fields *f)
{
    static const char *const telling[] = {"CommandLine",    "ScriptBlockText",
                                          "Payload",        "HostApplication",
                                          "TargetFilename", "RelativeTargetName"};
    for (size_t k = 0; k < sizeof telling / sizeof *telling; k++)
        for (size_t i = 0; i < f->count; i++)
            if (slice_equal_nocase(f->at[i].name, slice_from_str(telling[k])))
                return f->at[i].value;
    return (struct slice){0};
}

static bool add_trace(struct traces *t, struct slice value)
{
    if (!value.at || value.len == 0)
        return true;
    for (size_t i = 0; i < t->count; i++)
        if (slice_equal(t->seen[i], value))
            return true;
    if (t->count == TRACES_SHOWN)
        return false;
    t->seen[t->count++] = arena_copy(&t->h->r->memory, value);
    h_raw(t->h, "<li>");
    h_value_cut(t->h, value, 400);
    h_raw(t->h, "</li>\n");
    return t->count < TRACES_SHOWN;
}

static bool see_trace(void *user, const struct case_finding *f)
{
    struct traces *t = user;
    struct arena *scratch = &t->h->r->scratch;
    struct arena_mark before = arena_mark(scratch);
    struct case_fields fields = case_finding_fields(f->fields, scratch);
    bool more = add_trace(t, slice_sub(telling_value(&fields), 0, 2000));
    arena_rewind(scratch, before);
    return more;
}

static bool add_traces(struct html *h, const struct chosen *c, struct err *e)
{
    struct traces t = {.h = h};
    size_t before = h->b.len;
    h_raw(h, "<ul class=\"traces\">\n");
    for (size_t i = 0; i < c->count; i++)
        if (!case_each_finding_of(h->r->c, c->groups[i]->found.rule.key, 200, false, see_trace, &t,
                                  e))
            return false;
    h_raw(h, "</ul>\n");
    if (!t.count)
        h->b.len = before;
    return true;
}

static bool answer_sought(struct html *h, const struct first_sign *sign, struct err *e)
{
    struct report *r = h->r;
    const char *question = TR("What did they look for?");
    struct chosen looked = choose(r, 1u << TACTIC_COLLECTION, is_looking);
    if (!looked.count)
        looked = choose(r, 1u << TACTIC_DISCOVERY, is_looking);
    if (!looked.count) {
        begin_answer(h, question,
                     sign->group ? TR("Not known.") : TR("Nothing found raises this question."));
        h_el(h, "p", "%s",
             TR("No finding shows a search. Opening a document leaves no trace in these logs."));
        add_missing_sysmon(h);
        end_answer(h, TR("Windows' logs say little about what was read."));
        return true;
    }
    begin_answer(h, question,
                 sign->level == LEVEL_HIGH ? TR("These traces show what was looked at.")
                                           : TR("Not known. These events would fit a search."));
    if (!add_traces(h, &looked, e))
        return false;
    add_basis(h, &looked);
    end_answer(h,
               TR("The words are as they stand in the logs. Much that was read leaves no trace."));
    return true;
}

static void answer_taken(struct html *h, const struct first_sign *sign)
{
    struct report *r = h->r;
    const char *question = TR("What was taken?");
    struct chosen sent = choose(r, 1u << TACTIC_EXFILTRATION, NULL),
                  packed = choose(r, 0, is_staging);
    if (sent.count) {
        begin_answer(h, question,
                     sign->level == LEVEL_HIGH
                         ? TR("There are traces of data being sent out.")
                         : TR("Not known. These events would fit data being sent out."));
        add_dated(h, &sent);
    } else if (packed.count) {
        begin_answer(
            h, question,
            sign->level == LEVEL_HIGH
                ? TR("Data was packed, perhaps to be taken away. Whether it left is not known.")
                : TR("Not known. Data was packed, as backups do too."));
        add_dated(h, &packed);
    } else {
        begin_answer(h, question,
                     sign->group ? TR("Not known.") : TR("Nothing found raises this question."));
        h_el(h, "p", "%s", TR("No finding shows data leaving."));
    }
    end_answer(h, TR("Windows' logs hardly ever show what left a computer. A router's logs may."));
}

static void answer_unknown(struct html *h)
{
    struct report *r = h->r;
    const struct case_summary *s = &r->summary;
    struct arena *a = &h->r->scratch;
    struct chosen cleared = choose(r, 0, is_clearing);
    vtime first = reach_of(r, NULL, NULL);
    begin_answer(h, TR("What cannot be known?"), TR("Much. This is not a full picture."));
    h_raw(h, "<ul>\n");
    if (first)
        h_el(h, "li", TR("What happened before %s: no log reaches further back."),
             text_date(r->lang, a, first));
    vtime logons = reach_of(r, NULL, "Security");
    if (logons > first + 86400 * VTIME_SECOND)
        h_el(h, "li", TR("Who logged on before %s: no Security log reaches further back."),
             text_date(r->lang, a, logons));
    if (s->evidence_by_state[STATE_NOT_READ])
        h_el(h, "li",
             TRN("What is in %s file that was not read.", "What is in %s files that were not read.",
                 s->evidence_by_state[STATE_NOT_READ]),
             NUMBER(s->evidence_by_state[STATE_NOT_READ]));
    if (s->damaged)
        h_el(h, "li",
             TRN("What stood in %s damaged place of the files.",
                 "What stood in %s damaged places of the files.", s->damaged),
             NUMBER(s->damaged));
    if (cleared.count)
        h_el(h, "li", "%s",
             TR("What stood in a log that was cleared. Often a technician did it; ask first."));
    h_el(h, "li", "%s",
         TR("What happened on phones, in e-mail, in online accounts and inside documents."));
    h_el(h, "li", "%s", TR("What no rule describes: new ways of attack are often missing."));
    if (!r->complete)
        h_el(h, "li", "%s",
             TR("What stands in the files that the interrupted audit did not reach."));
    h_raw(h, "</ul>\n");
    add_basis(h, &cleared);
    end_answer(h, TR("Certain. The reach of each log stands further down."));
}

static void add_steps(struct html *h, enum finding_level worst)
{
    struct report *r = h->r;
    h_raw(h, "<section id=\"next\">\n");
    h_el(h, "h2", "%s", TR("What to do now"));
    h_raw(h, "<ol>\n");
    if (worst >= LEVEL_HIGH) {
        h_el(h, "li", "%s", TR("Write or call one of the addresses above, from another device."));
        h_el(h, "li", "%s",
             TR("Leave the computers named here as they are: neither reset nor repaired. Use them "
                "as little as you can."));
        h_el(h, "li", "%s",
             TR("Copy the logs once more and keep the copy. Old events are overwritten day by "
                "day."));
        h_el(h, "li", "%s",
             TR("Change passwords only from another device, when a helper says so."));
        h_el(h, "li", "%s",
             TR("If you have to stop it at once: unplug the network, leave the power on."));
    } else if (worst == LEVEL_MEDIUM) {
        h_el(h, "li", "%s",
             TR("Read the innocent explanations. Ask those concerned, face to face, what they did "
                "then."));
        h_el(h, "li", "%s", TR("If nobody knows about it, write to one of the addresses above."));
        h_el(h, "li", "%s", TR("Keep the logs. Old events are overwritten day by day."));
    } else {
        h_el(h, "li", "%s",
             TR("If something made you worry, tell a helper anyway: logs do not show everything."));
        h_el(h, "li", "%s",
             TR("Keep the logs, and let Windows keep more: larger logs, and Sysmon."));
    }
    h_raw(h, "</ol>\n</section>\n");
}

bool html_answers(struct html *h, struct err *e)
{
    struct report *r = h->r;
    enum finding_level worst = LEVEL_INFORMATIONAL;
    struct first_sign sign;
    for (size_t i = 0; i < r->group_count; i++)
        if (r->groups[i].found.rule.level > worst)
            worst = r->groups[i].found.rule.level;
    if (!find_first_sign(h->r, &sign, e))
        return false;
    h_raw(h, "<section id=\"answers\" class=\"box\">\n");
    h_el(h, "h2", "%s", TR("Answers"));
    answer_found(h, worst);
    answer_since(h, &sign);
    answer_entry(h, &sign);
    if (!answer_sought(h, &sign, e))
        return false;
    answer_taken(h, &sign);
    answer_unknown(h);
    h_raw(h, "</section>\n");
    add_steps(h, worst);
    return true;
}
