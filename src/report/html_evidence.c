// SPDX-License-Identifier: Apache-2.0
// The files, what was not checked, and how the report was made.
#include "report/html.h"

enum { FILES_LISTED = 1000, DAMAGE_LISTED = 200, REFUSALS_LISTED = 200 };

struct listing {
    struct html *h;
    const struct slice *cells; // how each begins
    size_t count;
};

enum { CELL_FILE, CELL_KIND, CELL_SIZE, CELL_CHANGED, CELL_EVENTS, CELL_STATE, CELL_NOT_READ };

static const char *state_name(const struct report *r, enum evidence_state state)
{
    switch (state) {
    case STATE_READ:
        return TR("read");
    case STATE_PARTLY_READ:
        return TR("partly read");
    case STATE_DUPLICATE:
        return TR("given twice, read once");
    case STATE_NOT_READ:
        break;
    }
    return TR("not read");
}

static void add_hash(struct html *h, const struct sha256_digest *d)
{
    char hex[65];
    sha256_hex(d, hex);
    h_raw(h, "<br><span class=\"hash\">");
    buf_add(&h->b, slice_of(hex, 64));
    h_raw(h, "</span>");
}

static void add_file(struct html *h, const struct slice *cells, const struct case_evidence *row)
{
    struct report *r = h->r;
    h_raw(h, "<tr>");
    buf_add(&h->b, cells[CELL_FILE]);
    h_value(h, row->path);
    if (row->has_hash)
        add_hash(h, &row->sha256);
    buf_add(&h->b, cells[CELL_KIND]);
    h_words(h, row->kind);
    buf_add(&h->b, cells[CELL_SIZE]);
    h_str(h, text_bytes(r->lang, &h->r->scratch, row->size));
    buf_add(&h->b, cells[CELL_CHANGED]);
    h_time(h, row->modified);
    buf_add(&h->b, cells[CELL_EVENTS]);
    h_str(h, NUMBER(row->events));
    if (row->damaged)
        h_say(h, TR(" (%s damaged)"), NUMBER(row->damaged));
    buf_add(&h->b, cells[row->state == STATE_NOT_READ ? CELL_NOT_READ : CELL_STATE]);
    h_str(h, state_name(r, row->state));
    if (row->reason.len) {
        h_raw(h, ": ");
        h_words(h, row->reason);
    }
    h_raw(h, "</td></tr>\n");
}

static bool evidence_row(void *user, const struct case_evidence *row)
{
    struct listing *l = user;
    if (l->count++ >= FILES_LISTED)
        return false;
    add_file(l->h, l->cells, row);
    arena_reset(&l->h->r->scratch);
    return true;
}

static bool damage_row(void *user, const struct case_damage *d)
{
    struct listing *l = user;
    struct html *h = l->h;
    struct report *r = h->r;
    if (l->count++ >= DAMAGE_LISTED)
        return false;
    h_raw(h, "<li>");
    h_say(h, TR("File %lld, offset %llu: "), (long long)d->evidence, (unsigned long long)d->offset);
    h_words(h, d->message);
    h_raw(h, "</li>\n");
    return true;
}

static bool add_damage(struct html *h, struct err *e)
{
    struct report *r = h->r;
    struct listing l = {.h = h};
    if (!r->summary.damaged)
        return true;
    h_raw(h, "<details><summary>");
    h_say(h, TRN("%s damaged place", "%s damaged places", r->summary.damaged),
          NUMBER(r->summary.damaged));
    h_raw(h, "</summary>\n");
    h_el(h, "p", "%s", TR("Files are counted from 1 in the order of the list above."));
    h_raw(h, "<ul>\n");
    if (!case_each_damage(r->c, damage_row, &l, e))
        return false;
    h_raw(h, "</ul>\n");
    if (l.count > DAMAGE_LISTED)
        h_el(h, "p", "%s", TR("The case file lists more."));
    h_raw(h, "</details>\n");
    return true;
}

static bool add_files(struct html *h, struct err *e)
{
    struct report *r = h->r;
    const char *const heads[] = {TR("File and SHA-256"), TR("Kind"),   TR("Size"),
                                 TR("Changed"),          TR("Events"), TR("State")};
    static const char *const classes[] = {"", "", " class=\"n\"", " class=\"t\"", " class=\"n\"",
                                          ""};
    struct slice cells[CELL_NOT_READ + 1];
    struct listing l = {.h = h, .cells = cells};
    h_raw(h, "<table class=\"stack files\"><thead><tr>");
    for (size_t i = 0; i < 6; i++) {
        h_el(h, "th scope=\"col\"", "%s", heads[i]);
        cells[i] = arena_printf(&r->memory, "%s<td%s data-l=\"%s\">", i ? "</td>" : "", classes[i],
                                heads[i]);
    }
    cells[CELL_NOT_READ] =
        arena_printf(&r->memory, "</td><td class=\"not\" data-l=\"%s\">", heads[CELL_STATE]);
    h_raw(h, "</tr></thead><tbody>\n");
    if (!case_each_evidence(r->c, evidence_row, &l, e))
        return false;
    h_raw(h, "</tbody></table>\n");
    return true;
}

bool html_evidence(struct html *h, struct err *e)
{
    struct report *r = h->r;
    uint64_t all = 0;
    for (int i = 0; i < 4; i++)
        all += r->summary.evidence_by_state[i];
    h_raw(h, "<section id=\"evidence\">\n");
    h_el(h, "h2", "%s", TR("Evidence"));
    h_el(h, "p",
         TRN("%s file or member of an archive was met. Nothing was changed in it.",
             "%s files and members of archives were met. Nothing was changed in them.", all),
         NUMBER(all));
    if (!add_files(h, e))
        return false;
    if (all > FILES_LISTED)
        h_el(h, "p", TR("%s more are in evidence.csv."), NUMBER(all - FILES_LISTED));
    if (!add_damage(h, e))
        return false;
    h_raw(h, "</section>\n");
    return true;
}

static bool refusal_row(void *user, const struct case_refusal *refusal)
{
    struct listing *l = user;
    if (l->count++ >= REFUSALS_LISTED)
        return false;
    h_raw(l->h, "<li>");
    h_value(l->h, refusal->file);
    h_say(l->h, ":%u: ", refusal->line);
    h_words(l->h, refusal->reason);
    h_raw(l->h, "</li>\n");
    return true;
}

static bool add_refusals(struct html *h, struct err *e)
{
    struct report *r = h->r;
    struct listing l = {.h = h};
    uint64_t refused = report_setting_number(h->r, "rules_refused");
    if (!refused)
        return true;
    h_raw(h, "<li><details><summary>");
    h_say(h, TRN("%s rule could not be loaded.", "%s rules could not be loaded.", refused),
          NUMBER(refused));
    h_raw(h, "</summary>\n<ul>\n");
    if (!case_each_refusal(r->c, refusal_row, &l, e))
        return false;
    h_raw(h, "</ul>\n");
    if (l.count > REFUSALS_LISTED)
        h_el(h, "p", "%s", TR("The case file lists more."));
    h_raw(h, "</details></li>\n");
    return true;
}

bool html_not_checked(struct html *h, struct err *e)
{
    struct report *r = h->r;
    uint64_t unread = r->summary.evidence_by_state[STATE_NOT_READ];
    uint64_t not_applicable = report_setting_number(h->r, "rules_not_applicable");
    struct slice since = report_setting(h->r, "since"), until = report_setting(h->r, "until");
    struct slice level = report_setting(h->r, "min_level");
    h_raw(h, "<section id=\"unchecked\">\n");
    h_el(h, "h2", "%s", TR("What was not checked"));
    h_raw(h, "<ul>\n");
    if (unread)
        h_el(h, "li",
             TRN("%s file was not read; the list above says why.",
                 "%s files were not read; the list above says why.", unread),
             NUMBER(unread));
    if (!add_refusals(h, e))
        return false;
    if (not_applicable)
        h_el(h, "li",
             TRN("%s rule is for logs of other systems than Windows.",
                 "%s rules are for logs of other systems than Windows.", not_applicable),
             NUMBER(not_applicable));
    if (since.len || until.len)
        h_el(h, "li", TR("Only events from %.*s to %.*s were held against rules."),
             since.len ? (int)since.len : 1, since.len ? (const char *)since.at : "…",
             until.len ? (int)until.len : 1, until.len ? (const char *)until.at : "…");
    if (level.len && !slice_equal_str(level, "informational"))
        h_el(h, "li", TR("Rules below the level %.*s were left out."), SLICE_FMT(level));
    if (!slice_equal_str(report_setting(h->r, "recover"), "yes"))
        h_el(h, "li", "%s",
             TR("Deleted parts of the logs were not searched. The option --recover does that."));
    h_el(h, "li", "%s",
         TR("Only Windows event logs are read: no e-mail, no browser, no phone, no memory, no "
            "document."));
    h_raw(h, "</ul>\n</section>\n");
    return true;
}

static void made_row(struct html *h, const char *name, struct slice value)
{
    if (!value.len)
        return;
    h_raw(h, "<div><dt>");
    h_str(h, name);
    h_raw(h, "</dt><dd>");
    h_value(h, value);
    h_raw(h, "</dd></div>\n");
}

void html_made(struct html *h)
{
    struct report *r = h->r;
    uint64_t rules = report_setting_number(h->r, "rules_loaded"),
             more = report_setting_number(h->r, "correlations_loaded");
    h_raw(h, "<section id=\"made\">\n");
    h_el(h, "h2", "%s", TR("How this was made"));
    h_el(h, "p", "%s",
         TR("The program reads the logs on this computer and sends nothing anywhere. Rules say "
            "what it looks for."));
    h_raw(h, "<dl class=\"pairs\">\n");
    made_row(h, TR("Program"),
             slice_from_str(text_format(&h->r->scratch, "vigie %.*s",
                                        SLICE_FMT(report_setting(h->r, "program")))));
    made_row(h, TR("Called as"), report_setting(h->r, "options"));
    h_raw(h, "<div><dt>");
    h_str(h, TR("Audit begun"));
    h_raw(h, "</dt><dd>");
    h_time(h, r->made);
    h_raw(h, "</dd></div>\n");
    vtime ended;
    struct err ignored;
    if (time_parse(report_setting(h->r, "audit_ended"), &ended, &ignored)) {
        h_raw(h, "<div><dt>");
        h_str(h, TR("Audit ended"));
        h_raw(h, "</dt><dd>");
        h_time(h, ended);
        h_raw(h, "</dd></div>\n");
    }
    made_row(h, TR("Rules"),
             slice_from_str(text_format(&h->r->scratch, TR("%s, and %s correlations"),
                                        NUMBER(rules), NUMBER(more))));
    made_row(h, TR("Rules from"), report_setting(h->r, "rules_source"));
    made_row(h, TR("Fingerprint of the rules"), report_setting(h->r, "rules_digest"));
    made_row(h, TR("Fences"), report_setting(h->r, "sandbox"));
    h_raw(h, "</dl>\n");
    h_el(h, "p", "%s",
         TR("The same findings for other programs: findings.jsonl, findings.csv, timesketch.jsonl, "
            "evidence.csv, case.vigie."));
    h_raw(h, "</section>\n");
}

// The findings that name a technique, in the report's order.
struct use {
    const struct report_group *group;
    struct use *next;
};

// By technique. From the last group to the first, since each goes before those of the same list.
static struct use **find_uses(struct report *r)
{
    struct use **uses = ARENA_ARRAY(&r->memory, struct use *, attack_techniques_count);
    for (size_t i = r->group_count; i-- > 0;) {
        const struct finding_rule *rule = &r->groups[i].found.rule;
        for (size_t k = 0; k < rule->technique_count; k++) {
            const struct attack_technique *t = attack_technique_find(rule->techniques[k]);
            struct use **first = t ? &uses[t - attack_techniques] : NULL;
            if (!first || (*first && (*first)->group == &r->groups[i])) // named twice
                continue;
            struct use *use = ARENA_NEW(&r->memory, struct use);
            *use = (struct use){&r->groups[i], *first};
            *first = use;
        }
    }
    return uses;
}

static void add_technique(struct html *h, const struct attack_technique *t, const struct use *uses,
                          const char *const *heads)
{
    unsigned tactics = attack_technique_tactics(t);
    size_t shown = 0;
    buf_printf(&h->b, "<tr id=\"%s\"><td data-l=\"%s\">", t->id, heads[0]);
    h_say(h, "%s %s", t->id, t->name);
    buf_printf(&h->b, "</td><td data-l=\"%s\">", heads[1]);
    for (int i = 0; i < TACTIC_COUNT; i++)
        if (tactics & 1u << i) {
            h_raw(h, shown++ ? ", " : "");
            h_str(h, attack_tactic_name((enum attack_tactic)i));
        }
    buf_printf(&h->b, "</td><td data-l=\"%s\">", heads[2]);
    for (const struct use *use = uses; use; use = use->next) {
        h_raw(h, use == uses ? "" : "; ");
        h_group_link(h, use->group);
    }
    h_raw(h, "</td></tr>\n");
}

void html_attack(struct html *h)
{
    struct report *r = h->r;
    const char *const heads[] = {TR("Technique"), TR("Tactics"), TR("Findings")};
    h_raw(h, "<section id=\"attack\">\n<h2>ATT&amp;CK</h2>\n");
    size_t before = h->b.len;
    h_raw(h, "<table class=\"stack\"><thead><tr>");
    for (size_t i = 0; i < 3; i++)
        h_el(h, "th scope=\"col\"", "%s", heads[i]);
    h_raw(h, "</tr></thead><tbody>\n");
    size_t empty = h->b.len;
    struct use **uses = find_uses(r);
    for (size_t i = 0; i < attack_techniques_count; i++)
        if (uses[i])
            add_technique(h, &attack_techniques[i], uses[i], heads);
    if (h->b.len == empty) {
        h->b.len = before;
        h_el(h, "p", "%s", TR("No finding names a technique."));
    } else {
        h_raw(h, "</tbody></table>\n");
    }
    h_el(h, "p class=\"small\" lang=\"en\"", "%s",
         "© 2025 The MITRE Corporation. This work is reproduced and distributed with the "
         "permission of The MITRE Corporation. "
         "ATT&CK is a registered trademark of The MITRE Corporation.");
    h_raw(h, "</section>\n");
}
