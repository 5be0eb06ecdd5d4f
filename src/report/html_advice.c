// SPDX-License-Identifier: Apache-2.0
// What the page says before and after the answers: what to mind first, consent, the words of the
// trade.
#include "report/html.h"

static enum finding_level worst(const struct report *r)
{
    enum finding_level level = LEVEL_INFORMATIONAL;
    for (size_t i = 0; i < r->group_count; i++)
        if (r->groups[i].found.rule.level > level)
            level = r->groups[i].found.rule.level;
    return level;
}

static const char *headline(const struct report *r)
{
    if (!r->summary.events)
        return TR("No event log could be read");
    if (!r->group_count)
        return TR("No rule matched");
    if (worst(r) >= LEVEL_HIGH)
        return TR("Serious signs were found. Show them to an expert.");
    if (worst(r) == LEVEL_MEDIUM)
        return TR("Unusual events were found. Most have innocent causes.");
    return TR("Only weak signs were found");
}

static void add_nav(struct html *h)
{
    struct report *r = h->r;
    const struct {
        const char *id, *name;
    } parts[] = {
        {"answers", TR("Answers")},
        {"findings", TR("What was found")},
        {"timeline", TR("Timeline")},
        {"reach", TR("Reach of the logs")},
        {"evidence", TR("Evidence")},
        {"unchecked", TR("Not checked")},
        {"made", TR("How it was made")},
        {"words", TR("Words")},
        {"attack", "ATT&CK"},
    };
    buf_printf(&h->b, "<nav aria-label=\"%s\">", TR("Parts of this page"));
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        buf_printf(&h->b, "<a href=\"#%s\">", parts[i].id);
        h_str(h, parts[i].name);
        h_raw(h, "</a>\n");
    }
    h_raw(h, "</nav>\n");
}

void html_head(struct html *h)
{
    struct report *r = h->r;
    const struct case_summary *s = &r->summary;
    uint64_t files = s->evidence_by_state[STATE_READ] + s->evidence_by_state[STATE_PARTLY_READ];
    struct arena *a = &h->r->scratch;
    h_raw(h, "<header><p class=\"brand\">Vigie</p>\n");
    h_el(h, "h1", "%s", headline(r));
    h_raw(h, "<p class=\"lead\">");
    h_say(h, TRN("%s event in %s was read", "%s events in %s were read", s->events),
          NUMBER(s->events), text_format(a, TRN("%s file", "%s files", files), NUMBER(files)));
    if (s->first_event)
        h_say(h, TR(", from %s to %s"), text_date(r->lang, a, s->first_event),
              text_date(r->lang, a, s->last_event));
    h_raw(h, ". ");
    if (r->made)
        h_say(h, TR("Audit of %s."), text_date(r->lang, a, r->made));
    h_raw(h, "</p>\n");
    if (!r->complete)
        h_el(h, "p class=\"warn\"", "%s", TR("The audit was interrupted: this is only a part."));
    add_nav(h);
    h_raw(h, "</header>\n");
}

static void add_contact(struct html *h, const struct advice_contact *c)
{
    h_raw(h, "<div><dt>");
    h_str(h, c->name);
    h_raw(h, "</dt><dd><span class=\"reach\">");
    h_str(h, c->reach);
    h_raw(h, "</span> ");
    h_str(h, text(h->r->lang, c->help));
    h_raw(h, "</dd></div>\n");
}

// The first two of the list are for everybody; the others are folded.
static void add_contacts(struct html *h)
{
    struct report *r = h->r;
    h_el(h, "h3", "%s", TR("Whom to call"));
    h_raw(h, "<dl class=\"contacts\">\n");
    for (size_t i = 0; i < advice_contacts_count && i < 2; i++)
        add_contact(h, &advice_contacts[i]);
    h_raw(h, "</dl>\n<details><summary>");
    h_str(h, TR("More addresses"));
    h_raw(h, "</summary>\n<dl class=\"contacts\">\n");
    for (size_t i = 2; i < advice_contacts_count; i++)
        add_contact(h, &advice_contacts[i]);
    h_raw(h, "</dl></details>\n");
}

void html_before(struct html *h)
{
    struct report *r = h->r;
    h_raw(
        h,
        "<section id=\"before\" class=\"box\" aria-labelledby=\"before-h\">\n<h2 id=\"before-h\">");
    h_str(h, TR("Before you act"));
    h_raw(h, "</h2>\n");
    h_el(h, "p class=\"danger\"", "%s",
         TR("Is someone in danger? People come first: get to safety, then call for help."));
    h_raw(h, "<ul>\n");
    h_el(h, "li", "%s", TR("Talk about this on another device, one that is not under suspicion."));
    h_el(h, "li", "%s", TR("Tell only those who must know. Do not confront or warn anyone."));
    h_el(h, "li", "%s",
         TR("Keep everything as it is. Do not clean up, delete, reset or reinstall."));
    h_el(h, "li", "%s",
         TR("Keep this report safe. Do not send it through an account under suspicion."));
    h_raw(h, "</ul>\n");
    add_contacts(h);
    h_raw(h, "</section>\n");
}

static void consent_row(struct html *h, const char *name, struct slice value)
{
    if (!value.len)
        return;
    h_raw(h, "<div><dt>");
    h_str(h, name);
    h_raw(h, "</dt><dd>");
    h_words(h, value);
    h_raw(h, "</dd></div>\n");
}

bool html_consent(struct html *h, struct err *e)
{
    struct report *r = h->r;
    struct case_consent c;
    if (!case_get_consent(r->c, &c, &h->r->scratch, e))
        return false;
    h_raw(h, "<section id=\"consent\">\n");
    h_el(h, "h2", "%s", TR("Consent"));
    if (!c.given) {
        h_el(h, "p", "%s",
             TR("Not recorded. Ask the owners of these computers before anyone else reads this."));
    } else {
        h_raw(h, "<dl class=\"pairs\">\n");
        consent_row(h, TR("Given by"), c.person);
        consent_row(h, TR("For"), c.scope);
        consent_row(h, TR("Until"), c.until);
        consent_row(h, TR("To be reached at"), c.contact);
        consent_row(h, TR("Recorded by"), c.recorded_by);
        consent_row(h, TR("To withdraw it"), c.withdrawal);
        consent_row(h, TR("Source"), c.source);
        h_raw(h, "</dl>\n");
    }
    h_raw(h, "</section>\n");
    return true;
}

void html_glossary(struct html *h)
{
    struct report *r = h->r;
    const struct {
        const char *word, *meaning;
    } words[] = {
        {TR("Account"),
         TR("The name under which somebody, or Windows itself, worked on a computer.")},
        {TR("ATT&CK"), TR("A public list of what intruders do, with numbers such as T1566. It is "
                          "kept by MITRE.")},
        {TR("Event"), TR("One entry of a log: what happened, when, on which computer.")},
        {TR("Event log"), TR("A file in which Windows notes what happens. When it is full, the "
                             "oldest entries are lost.")},
        {TR("Finding"), TR("An event that a rule describes. It is a sign, never a proof.")},
        {TR("Hash (SHA-256)"),
         TR("A fingerprint of a file. If one byte changes, the fingerprint changes.")},
        {TR("Host"), TR("A computer, by the name it has in its own logs.")},
        {TR("Level"), TR("How much a finding matters, as the rule's author sees it, from "
                         "informational to critical.")},
        {TR("Offset"), TR("Where an event stands in its file, counted in bytes.")},
        {TR("Record"), TR("The number that Windows gave to an event in its log.")},
        {TR("Rule"), TR("A description of events that intruders cause, in the open format Sigma.")},
        {TR("Sysmon"), TR("A free program of Microsoft that notes program starts and connections "
                          "in a log of its own.")},
        {TR("UTC"),
         TR("The world's common time. Your local time is some hours before or after it.")},
    };
    h_raw(h, "<section id=\"words\">\n");
    h_el(h, "h2", "%s", TR("Words"));
    h_raw(h, "<dl class=\"pairs\">\n");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        h_raw(h, "<div><dt>");
        h_str(h, words[i].word);
        h_raw(h, "</dt><dd>");
        h_str(h, words[i].meaning);
        h_raw(h, "</dd></div>\n");
    }
    h_raw(h, "</dl>\n</section>\n");
}
