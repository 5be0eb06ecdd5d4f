// SPDX-License-Identifier: Apache-2.0
// The summary at the end of an audit: at most 80 columns and 24 lines.
#include "report/internal.h"

#include "base/term.h"

#include <unistd.h>

struct screen {
    struct report *r;
    FILE *out;
    bool colour;
};

static int columns_of(const char *s)
{
    int n = 0;
    for (; *s; s++)
        n += ((unsigned char)*s & 0xc0) != 0x80;
    return n;
}

// Evidence's own words in a line of the terminal, cut to `columns` characters.
static const char *shown(struct screen *s, struct slice text, size_t columns)
{
    struct buf b = {0};
    term_escape(&b, text);
    size_t count = 0, i = 0;
    for (; i < b.len; i++)
        if ((b.at[i] & 0xc0) != 0x80 && ++count > columns)
            break;
    const char *out =
        text_format(&s->r->scratch, "%.*s%s", (int)i, (const char *)b.at, i < b.len ? "…" : "");
    buf_free(&b);
    return out;
}

static void print_read(struct screen *s)
{
    struct report *r = s->r;
    const struct case_summary *sum = &r->summary;
    uint64_t read = sum->evidence_by_state[STATE_READ] + sum->evidence_by_state[STATE_PARTLY_READ];
    fprintf(s->out, TRN("Read: %s file, %s events", "Read: %s files, %s events", read),
            NUMBER(read), NUMBER(sum->events));
    if (sum->first_event)
        fprintf(s->out, TR(", from %s to %s"), text_date(r->lang, &r->scratch, sum->first_event),
                text_date(r->lang, &r->scratch, sum->last_event));
    fputc('\n', s->out);
    if (sum->evidence_by_state[STATE_DUPLICATE])
        fprintf(s->out, TR("  given twice, read once: %s\n"),
                NUMBER(sum->evidence_by_state[STATE_DUPLICATE]));
    if (sum->evidence_by_state[STATE_NOT_READ])
        fprintf(s->out, TR("  not read: %s (the report says why)\n"),
                NUMBER(sum->evidence_by_state[STATE_NOT_READ]));
    if (sum->damaged)
        fprintf(s->out, TRN("  damaged: %s place\n", "  damaged: %s places\n", sum->damaged),
                NUMBER(sum->damaged));
}

static void print_levels(struct screen *s)
{
    static const char *const colours[LEVEL_COUNT] = {"", "\x1b[36m", "\x1b[33m", "\x1b[1;33m",
                                                     "\x1b[1;31m"};
    struct report *r = s->r;
    for (int level = LEVEL_COUNT - 1; level >= 0; level--) {
        uint64_t n = r->summary.findings_by_level[level];
        if (!n)
            continue;
        size_t rules = 0;
        for (size_t i = 0; i < r->group_count; i++)
            rules += r->groups[i].found.rule.level == (enum finding_level)level;
        const char *word = level_name(r, (enum finding_level)level);
        fprintf(s->out, "  %s%s%s%*s %9s  ", s->colour ? colours[level] : "", word,
                s->colour && *colours[level] ? "\x1b[0m" : "", 17 - columns_of(word), "",
                NUMBER(n));
        fprintf(s->out, TRN("by %s rule\n", "by %s rules\n", rules), NUMBER(rules));
    }
}

static void print_top(struct screen *s)
{
    struct report *r = s->r;
    fputs(TR("First to look at:\n"), s->out);
    for (size_t i = 0; i < r->group_count && i < 5; i++) {
        const struct case_group *g = &r->groups[i].found;
        char when[VTIME_TEXT_MAX] = "          ";
        if (g->first)
            time_format(g->first, when);
        fprintf(s->out, "  %.10s  %s\n", when, shown(s, g->rule.title, 64));
    }
}

static void print_found(struct screen *s)
{
    struct report *r = s->r;
    const struct case_summary *sum = &r->summary;
    if (!r->finding_count) {
        fputs(TR("No rule matched. That is no proof that nothing happened.\n"), s->out);
        return;
    }
    fprintf(s->out,
            TRN("Found: %s match of a rule\n", "Found: %s matches of rules\n", r->finding_count),
            NUMBER(r->finding_count));
    print_levels(s);
    if (sum->first_finding)
        fprintf(s->out, TR("  first %s, last %s\n"),
                text_time(r->lang, &r->scratch, sum->first_finding),
                text_time(r->lang, &r->scratch, sum->last_finding));
    print_top(s);
    fputs(TR("Most such signs have innocent causes; the report gives them with each one.\n"),
          s->out);
}

void report_terminal_summary(struct case_file *c, const char *dir, const char *lang, FILE *out)
{
    struct report r;
    struct err e;
    if (!report_load(&r, c, lang, &e)) {
        fprintf(out, "vigie: %s\n", e.message);
        report_free(&r);
        return;
    }
    struct screen s = {&r, out, term_has_colour(fileno(out))};
    print_read(&s);
    print_found(&s);
    if (!r.complete)
        fputs(text(r.lang, TEXT("The audit was interrupted: this is only a part.\n")), out);
    if (dir) {
        struct buf b = {0};
        term_escape(&b, slice_from_str(dir));
        fprintf(out, text(r.lang, TEXT("Report: %.*s/report.html\n")), (int)b.len,
                (const char *)b.at);
        buf_free(&b);
    }
    report_free(&r);
}
