// SPDX-License-Identifier: Apache-2.0
// vigie audit: the main job, from the words on the command line to the report.
#include "audit/audit.h"
#include "base/sandbox.h"
#include "base/term.h"
#include "cmd/audit_options.h"
#include "cmd/cmd.h"
#include "cmd/consent.h"
#include "report/report.h"

#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static atomic_bool stop_asked;

static void on_signal(int number)
{
    (void)number;
    // The second Ctrl-C ends the program at once: every moment leaves a case that is valid.
    if (atomic_exchange(&stop_asked, true))
        _exit(EXIT_INTERRUPT);
}

// Everything that lives during one audit.
struct session {
    struct audit_words words;
    struct arena arena;
    struct sigma_set rules;
    struct sigma_engine *engine;
    struct case_file *c;
    struct case_consent consent;
    struct progress progress;
    bool progressing;
    uint64_t messages, messages_hidden;
    char *case_path;
    char cache[PATH_MAX]; // folder of compiled rules
    bool cached;
};

enum { MESSAGES_SHOWN = 20 };

#define complain(...) cmd_complain("audit", __VA_ARGS__)

static void on_message(void *user, const char *text)
{
    struct session *s = user;
    if (s->messages++ >= MESSAGES_SHOWN) {
        s->messages_hidden++;
        return;
    }
    progress_end(&s->progress);
    complain("%s", text);
}

static void on_progress(void *user, const struct audit_progress *p)
{
    struct session *s = user;
    if (!s->progressing) {
        progress_begin(&s->progress, STDERR_FILENO, p->total_bytes);
        s->progressing = true;
    }
    char what[80];
    int n = snprintf(what, sizeof what, "%llu events, %llu findings", (unsigned long long)p->events,
                     (unsigned long long)p->findings);
    progress_show(&s->progress, p->done_bytes, slice_of(what, (size_t)n));
}

// --- The rules

static bool load_rules(struct session *s, struct err *e)
{
    const struct audit_words *w = &s->words;
    if (!audit_words_open_rules(w, s->cached ? s->cache : NULL, &s->rules, &s->engine, e))
        return false;
    if (s->rules.rules.count + s->rules.correlations.count + s->rules.left_out_count == 0)
        return err_set(e, ERR_USAGE, 0, "no rule is left to look for%s",
                       w->bundled ? "" : "; name some with --rules, or leave --no-bundled out");
    return true;
}

static size_t count_refused(const struct sigma_set *set)
{
    size_t n = 0;
    for (size_t i = 0; i < set->refusals.count; i++)
        n += !set->refusals.items[i].warning;
    return n;
}

static bool store_refusals(struct session *s, struct err *e)
{
    for (size_t i = 0; i < s->rules.refusals.count; i++) {
        const struct sigma_refusal *r = &s->rules.refusals.items[i];
        if (!r->warning && !case_add_refusal(s->c, r->file, r->line, r->reason, e))
            return false;
    }
    return true;
}

static void tell_refusals(struct session *s)
{
    size_t refused = count_refused(&s->rules), shown = 0;
    for (size_t i = 0; i < s->rules.refusals.count && shown < 5; i++) {
        const struct sigma_refusal *r = &s->rules.refusals.items[i];
        if (r->warning)
            continue;
        complain("rule not loaded: %.*s:%u: %.*s", SLICE_FMT(r->file), r->line,
                 SLICE_FMT(r->reason));
        shown++;
    }
    if (refused > shown)
        complain("%zu more rules were not loaded; `vigie rules check` names them all, and so does "
                 "the report",
                 refused - shown);
}

// --- The case

// Of an audit that was begun with anything else, half would be another audit's. A build before this
// one may have put the digest together otherwise: then nobody can say whether the rules are the
// same.
static bool is_the_audit_begun(struct session *s, struct err *e)
{
    const struct audit_words *w = &s->words;
    struct slice digest = case_get(s->c, "rules_digest", &s->arena),
                 by = case_get(s->c, "program", &s->arena),
                 options = case_get(s->c, "options", &s->arena);
    if (slice_equal(digest, audit_words_digest(w, &s->rules, &s->arena)))
        return true;
    if (!slice_equal_str(by, VIGIE_VERSION))
        return err_set(
            e, ERR_USAGE, 0,
            "%.100s was begun by vigie %.*s, and this is %s: go on with that one, or begin "
            "anew with --force",
            s->case_path, SLICE_FMT(slice_sub(by, 0, 20)), VIGIE_VERSION);
    if (!slice_equal(options, audit_words_line(w, &s->arena)))
        return err_set(e, ERR_USAGE, 0,
                       "%.100s was begun with other evidence, rules or options (`vigie case info` "
                       "shows them); resume with the same, or use another folder",
                       s->case_path);
    return err_set(e, ERR_USAGE, 0,
                   "%.100s: since it was begun its rules have changed, or vigie was replaced by "
                   "another build; go on with those of then, or begin anew with --force",
                   s->case_path);
}

static bool open_case(struct session *s, struct err *e)
{
    const struct audit_words *w = &s->words;
    if (w->resume) {
        if (!case_open(s->case_path, true, &s->c, e) || !is_the_audit_begun(s, e))
            return false;
        if (case_is_complete(s->c))
            return err_set(
                e, ERR_USAGE, 0,
                "%s is complete: there is nothing to resume; `vigie report` makes its report again",
                s->case_path);
        return true;
    }
    return case_create(s->case_path, &s->c, e);
}

static bool set_number(struct session *s, const char *name, uint64_t n, struct err *e)
{
    return case_set(s->c, name, arena_printf(&s->arena, "%llu", (unsigned long long)n), e);
}

static bool set_now(struct session *s, const char *name, struct err *e)
{
    char now[VTIME_TEXT_MAX];
    return case_set(s->c, name, slice_of(now, time_format_seconds(time_now(), now)), e);
}

static bool describe_case(struct session *s, const char *sandbox_note, struct err *e)
{
    const struct audit_words *w = &s->words;
    struct slice digest = audit_words_digest(w, &s->rules, &s->arena);
    return set_now(s, "audit_started", e) && case_set(s->c, "program", SLICE(VIGIE_VERSION), e) &&
           case_set(s->c, "rules_digest", digest, e) &&
           case_set(s->c, "options", audit_words_line(w, &s->arena), e) &&
           case_set(s->c, "rules_source", audit_words_rules_source(w, &s->arena), e) &&
           case_set(s->c, "recover", w->recover ? SLICE("yes") : SLICE("no"), e) &&
           case_set(s->c, "language", slice_from_str(w->lang), e) &&
           case_set(s->c, "min_level", slice_from_str(sigma_level_name(w->load.minimum_level)),
                    e) &&
           case_set(s->c, "since", audit_words_time(w->since, &s->arena), e) &&
           case_set(s->c, "until", audit_words_time(w->until, &s->arena), e) &&
           case_set(s->c, "sandbox", slice_from_str(sandbox_note), e) &&
           set_number(s, "rules_loaded", s->rules.rules.count, e) &&
           set_number(s, "correlations_loaded", s->rules.correlations.count, e) &&
           set_number(s, "rules_refused", count_refused(&s->rules), e) &&
           set_number(s, "rules_not_applicable", audit_words_not_applicable(&s->rules), e) &&
           case_set_consent(s->c, &s->consent, e);
}

// --- The run

static void print_costs(const struct session *s, const struct audit_outcome *out)
{
    // The dearest first; a plain selection, since only the top of the list is printed.
    size_t count = s->rules.rules.count;
    bool *printed = mem_alloc_zero(count, sizeof *printed);
    fprintf(stderr, "\n%12s %10s %12s  %s\n", "looked at", "matches", "time (us)", "rule");
    for (int row = 0; row < 40; row++) {
        size_t best = count;
        for (size_t i = 0; i < count; i++)
            if (!printed[i] && out->costs[i].candidates &&
                (best == count || out->costs[i].nanoseconds > out->costs[best].nanoseconds))
                best = i;
        if (best == count)
            break;
        printed[best] = true;
        const struct sigma_cost *c = &out->costs[best];
        fprintf(stderr, "%12llu %10llu %12.1f  %.*s\n", (unsigned long long)c->candidates,
                (unsigned long long)c->matches, (double)c->nanoseconds / 1000,
                SLICE_FMT(sigma_set_rule(&s->rules, best)->title));
    }
    free(printed);
}

static void watch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static bool run(struct session *s, struct audit_outcome *out, struct err *e)
{
    const struct audit_words *w = &s->words;
    struct audit_options options = {
        .paths = w->paths,
        .path_count = w->path_count,
        .output_dir = w->output,
        .jobs = w->jobs,
        .minimum_level = w->load.minimum_level,
        .since = w->since,
        .until = w->until,
        .recover = w->recover,
        .resume = w->resume,
        .profile = w->profile,
    };
    struct audit_watcher watcher = {.message = on_message, .user = s, .stop = &stop_asked};
    if (progress_is_shown(STDERR_FILENO))
        watcher.progress = on_progress;
    bool ok = audit_run(&options, &s->rules, s->engine, s->c, &watcher, out, e);
    if (s->progressing)
        progress_end(&s->progress);
    if (s->messages_hidden)
        complain("%llu more messages of this kind; the report lists all that was not read",
                 (unsigned long long)s->messages_hidden);
    return ok;
}

static bool write_reports(struct session *s, struct err *e)
{
    struct report_options options = {.lang = s->words.lang, .force = true};
    return report_write_all(s->c, s->words.output, &options, e);
}

static int finish(struct session *s, struct audit_outcome *out, struct err *e)
{
    if (out->stopped) {
        complain("stopped; what was read so far is kept. Go on with the same command and --resume");
        return EXIT_INTERRUPT;
    }
    if (!set_now(s, "audit_ended", e) || !case_complete(s->c, e))
        return complain("%s", e->message);
    // A case made beside an old one takes its place only now that it is whole.
    if (s->words.replaces &&
        !audit_words_replace_case(&s->words, s->c, &s->case_path, &s->arena, e))
        return complain("%s", e->message);
    if (!write_reports(s, e))
        return complain("the case is written, but not the report: %s", e->message);
    struct case_summary summary;
    if (!case_summarise(s->c, &summary, e))
        return complain("%s", e->message);
    report_terminal_summary(s->c, s->words.output, s->words.lang, stdout);
    if (out->costs)
        print_costs(s, out);
    uint64_t found = 0, read = summary.evidence_by_state[STATE_READ] +
                               summary.evidence_by_state[STATE_PARTLY_READ];
    for (int level = 0; level < LEVEL_COUNT; level++)
        found += summary.findings_by_level[level];
    if (summary.events == 0 && (out->files_read == 0 || read == 0))
        return complain("no event log could be read; the report's evidence list says why");
    return found ? EXIT_FOUND : EXIT_NOTHING;
}

static int audit(struct session *s)
{
    struct err e = {0};
    s->cached = s->words.cache && sigma_cache_folder(s->cache, sizeof s->cache);
    const char *folders[] = {s->words.output, s->cache};
    struct sandbox_options box = {.write_folders = folders,
                                  .write_folder_count = s->cached ? 2 : 1};
    struct sandbox_report given_up = {0};
    if (!sandbox_enter(&box, &given_up, &e))
        return complain("cannot give up the rights it does not need: %s", e.message);
    const char *note = given_up.note;
    if (note[0])
        complain("%s", note);
    if (!load_rules(s, &e))
        return complain("%s", e.message);
    tell_refusals(s);
    if (!open_case(s, &e))
        return complain("%s", e.message);
    if (!s->words.resume &&
        (!describe_case(s, note, &e) || !store_refusals(s, &e) || !case_evidence_flush(s->c, &e)))
        return complain("%s", e.message);
    struct audit_outcome out = {0};
    watch_signals();
    if (!run(s, &out, &e)) {
        free(out.costs);
        return complain("the case cannot be written: %s", e.message);
    }
    int status = finish(s, &out, &e);
    free(out.costs);
    return status;
}

int cmd_audit(int argc, char **argv)
{
    struct session s = {0};
    struct err e = {0};
    arena_init(&s.arena, 0);
    int status = EXIT_TROUBLE;
    enum audit_words_result words = audit_words_read(argc, argv, &s.arena, &s.words, &e);
    if (words == AUDIT_WORDS_HELP) {
        audit_words_help(stdout);
        status = EXIT_NOTHING;
    } else if (words == AUDIT_WORDS_BAD ||
               (s.words.consent_path &&
                !consent_read(s.words.consent_path, &s.arena, &s.consent, &e)) ||
               !audit_words_prepare_output(&s.words, &s.arena, &s.case_path, &e)) {
        complain("%s", e.message);
    } else {
        if (!s.words.consent_path && isatty(STDIN_FILENO) && isatty(STDERR_FILENO) &&
            !s.words.resume)
            consent_ask(&s.arena, &s.consent);
        status = audit(&s);
        case_close(s.c);
        sigma_engine_destroy(s.engine);
        sigma_set_free(&s.rules);
    }
    audit_words_free(&s.words);
    arena_free(&s.arena);
    return status;
}
