// SPDX-License-Identifier: Apache-2.0
#include "cmd/events_options.h"

#include "base/utf.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>

enum { MAX_JOBS = 64 };

enum option_key {
    KEY_SINCE = 256,
    KEY_UNTIL,
    KEY_CHANNEL,
    KEY_ID,
    KEY_PROVIDER,
    KEY_WHERE,
    KEY_JOBS,
    KEY_RECOVER,
};

// The one list of options; the help is printed from it.
static const struct {
    const char *name;
    int key;
    const char *value; // NULL: takes none
    const char *does;
} table[] = {
    {"format", 'f', "FORMAT", "jsonl (default), xml, or csv"},
    {"since", KEY_SINCE, "TIME",
     "only events from this time on, e.g. 2025-07-01 or 2025-07-01T08:00:00Z"},
    {"until", KEY_UNTIL, "TIME", "only events before this time"},
    {"channel", KEY_CHANNEL, "C", "only events of this channel; * stands for anything"},
    {"id", KEY_ID, "N[,N|N-M]", "only events with these ids"},
    {"provider", KEY_PROVIDER, "P", "only events of this provider; * stands for anything"},
    {"where", KEY_WHERE, "FIELD=VALUE",
     "only events whose field has this value; * stands for anything (may be repeated: all must "
     "hold)"},
    {"jobs", KEY_JOBS, "N", "threads (default 1); the order of events is the files' all the same"},
    {"recover", KEY_RECOVER, NULL,
     "also show deleted records that are left in the slack of logs, marked so"},
    {"help", 'h', NULL, "this text"},
};

enum { OPTION_COUNT = sizeof table / sizeof *table };

void events_words_help(FILE *to)
{
    fputs("usage: vigie events FILE... [options]\n"
          "\n"
          "Shows the events of Windows event logs: files, folders, and what is in archives. Times "
          "are in UTC.\n"
          "\n",
          to);
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        char left[40];
        snprintf(left, sizeof left, "%s--%s%s%s",
                 table[i].key == 'f'   ? "-f, "
                 : table[i].key == 'h' ? "-h, "
                                       : "    ",
                 table[i].name, table[i].value ? " " : "", table[i].value ? table[i].value : "");
        fprintf(to, "  %-25s %s\n", left, table[i].does);
    }
    fputs("\n"
          "Example: vigie events Security.evtx --id 4624,4625 --where TargetUserName='adm*'\n"
          "Exit status: 0 done, 2 could not do the job.\n",
          to);
}

static struct slice fold(struct arena *a, const char *text)
{
    struct slice folded = utf8_fold_copy(a, utf8_clean(a, slice_from_str(text)));
    return folded.at ? folded : SLICE("");
}

static bool read_number(const char **at, uint32_t *out)
{
    char *end;
    errno = 0;
    if (**at < '0' || **at > '9')
        return false;
    unsigned long n = strtoul(*at, &end, 10);
    *at = end;
    *out = (uint32_t)n;
    return errno == 0 && n <= UINT32_MAX;
}

static bool read_ids(const char *text, struct events_words *w, struct err *e)
{
    for (const char *at = text;; at++) {
        struct events_id_range r = {0};
        bool ok = read_number(&at, &r.from);
        r.to = r.from;
        if (ok && *at == '-') {
            at++;
            ok = read_number(&at, &r.to) && r.to >= r.from;
        }
        if (!ok || (*at && *at != ','))
            return err_set(e, ERR_USAGE, 0,
                           "--id: '%.60s' is no list of ids; write e.g. 4624,4625 or 4720-4738",
                           text);
        *ARRAY_ADD(&w->ids) = r;
        if (!*at)
            return true;
    }
}

static bool read_where(const char *text, struct arena *a, struct events_words *w, struct err *e)
{
    const char *equals = strchr(text, '=');
    if (!equals || equals == text)
        return err_set(e, ERR_USAGE, 0,
                       "--where: '%.60s' is not FIELD=VALUE; write e.g. --where Image='*\\cmd.exe'",
                       text);
    uint8_t *field = arena_bytes(a, (size_t)(equals - text));
    size_t n = 0;
    for (const char *p = text; p < equals; p++)
        if (*p != ' ')
            field[n++] = (uint8_t)*p;
    *ARRAY_ADD(&w->where) = (struct events_where){slice_of(field, n), fold(a, equals + 1)};
    return true;
}

static bool read_format(const char *text, enum events_format *out, struct err *e)
{
    static const char *const names[] = {
        [EVENTS_JSONL] = "jsonl", [EVENTS_XML] = "xml", [EVENTS_CSV] = "csv"};
    for (int i = EVENTS_JSONL; i <= EVENTS_CSV; i++)
        if (strcmp(text, names[i]) == 0) {
            *out = (enum events_format)i;
            return true;
        }
    return err_set(e, ERR_USAGE, 0, "--format: '%.40s' is none of jsonl, xml, csv", text);
}

static bool read_jobs(const char *text, uint32_t *out, struct err *e)
{
    const char *at = text;
    if (!read_number(&at, out) || *at || *out < 1 || *out > MAX_JOBS)
        return err_set(e, ERR_USAGE, 0, "--jobs: '%.40s' is not a number from 1 to %d", text,
                       MAX_JOBS);
    return true;
}

static bool take_option(int key, const char *value, struct arena *a, struct events_words *w,
                        struct err *e)
{
    switch (key) {
    case 'f':
        return read_format(value, &w->format, e);
    case KEY_SINCE:
        return time_parse(slice_from_str(value), &w->since, e);
    case KEY_UNTIL:
        return time_parse(slice_from_str(value), &w->until, e);
    case KEY_CHANNEL:
        w->channel = fold(a, value);
        return true;
    case KEY_PROVIDER:
        w->provider = fold(a, value);
        return true;
    case KEY_ID:
        return read_ids(value, w, e);
    case KEY_WHERE:
        return read_where(value, a, w, e);
    case KEY_JOBS:
        return read_jobs(value, &w->jobs, e);
    case KEY_RECOVER:
        w->recover = true;
        return true;
    default:
        return err_set(e, ERR_USAGE, 0, "unknown option; `vigie events --help` lists them");
    }
}

enum events_words_result events_words_read(int argc, char **argv, struct arena *a,
                                           struct events_words *w, struct err *e)
{
    struct option options[OPTION_COUNT + 1] = {0};
    for (size_t i = 0; i < OPTION_COUNT; i++)
        options[i] = (struct option){.name = table[i].name,
                                     .has_arg = table[i].value ? required_argument : no_argument,
                                     .val = table[i].key};
    *w = (struct events_words){.jobs = 1};
    optind = 0;
    for (int got; (got = getopt_long(argc, argv, ":f:h", options, NULL)) != -1;) {
        if (got == 'h')
            return EVENTS_WORDS_HELP;
        if (got == ':' || got == '?') {
            (void)err_set(e, ERR_USAGE, 0, "%s%.60s; `vigie events --help` lists the options",
                          got == ':' ? "a value is missing after " : "unknown option ",
                          argv[optind - 1]);
            return EVENTS_WORDS_BAD;
        }
        if (!take_option(got, optarg, a, w, e))
            return EVENTS_WORDS_BAD;
    }
    w->path_count = (size_t)(argc - optind);
    if (w->path_count == 0) {
        (void)err_set(e, ERR_USAGE, 0,
                      "name at least one log, folder or archive, e.g. vigie events Security.evtx");
        return EVENTS_WORDS_BAD;
    }
    w->paths = ARENA_ARRAY(a, const char *, w->path_count);
    for (size_t i = 0; i < w->path_count; i++)
        w->paths[i] = argv[optind + (int)i];
    if (w->since && w->until && w->since >= w->until) {
        (void)err_set(e, ERR_USAGE, 0, "--since is not before --until: no event can be shown");
        return EVENTS_WORDS_BAD;
    }
    return EVENTS_WORDS_OK;
}

void events_words_free(struct events_words *w)
{
    ARRAY_FREE(&w->ids);
    ARRAY_FREE(&w->where);
}

bool events_pattern_fits(struct slice pattern, struct slice text)
{
    // The last star is all that ever needs to be come back to.
    size_t p = 0, t = 0, star = SIZE_MAX, resume = 0;
    while (t < text.len) {
        if (p < pattern.len && pattern.at[p] == '*') {
            star = ++p;
            resume = t;
        } else if (p < pattern.len && pattern.at[p] == text.at[t]) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star;
            t = ++resume;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.at[p] == '*')
        p++;
    return p == pattern.len;
}

void events_filter_init(struct events_filter *f, const struct events_words *words)
{
    *f = (struct events_filter){.words = words};
}

void events_filter_free(struct events_filter *f)
{
    for (size_t i = 0; i < f->bindings.count; i++)
        ARRAY_FREE(&f->bindings.items[i].fields);
    ARRAY_FREE(&f->bindings);
    buf_free(&f->text);
    buf_free(&f->folded);
}

static bool text_fits(struct events_filter *f, struct slice pattern, struct slice text)
{
    buf_clear(&f->folded);
    uint8_t *out = buf_reserve(&f->folded, text.len * 3);
    return events_pattern_fits(pattern, slice_of(out, utf8_fold(text, out)));
}

static const struct events_binding *bind(struct events_filter *f, const struct shape *s)
{
    while (f->bindings.count <= s->id)
        *ARRAY_ADD(&f->bindings) = (struct events_binding){0};
    struct events_binding *b = &f->bindings.items[s->id];
    if (b->made)
        return b;
    b->made = true;
    for (size_t i = 0; i < f->words->where.count; i++) {
        for (uint32_t k = 0; k < s->field_count; k++)
            if (slice_equal_nocase(s->fields[k].name, f->words->where.items[i].field))
                *ARRAY_ADD(&b->fields) = k;
        *ARRAY_ADD(&b->fields) = UINT32_MAX;
    }
    return b;
}

static bool value_fits(struct events_filter *f, struct slice pattern, struct value v)
{
    if (v.type == VALUE_ABSENT)
        return false;
    if (v.type < VALUE_ARRAY) {
        buf_clear(&f->text);
        value_append(&f->text, v);
        return text_fits(f, pattern, buf_slice(&f->text));
    }
    size_t pos = 0;
    for (struct value element; value_next_element(v, &pos, &element);)
        if (value_fits(f, pattern, element))
            return true;
    return false;
}

static bool where_holds(struct events_filter *f, const struct event *ev)
{
    const struct events_binding *b = bind(f, ev->shape);
    size_t at = 0;
    for (size_t i = 0; i < f->words->where.count; i++) {
        bool holds = false;
        for (; b->fields.items[at] != UINT32_MAX; at++)
            holds = holds || value_fits(f, f->words->where.items[i].folded,
                                        event_value(ev, b->fields.items[at]));
        at++;
        if (!holds)
            return false;
    }
    return true;
}

static bool id_fits(const struct events_words *w, uint32_t id)
{
    for (size_t i = 0; i < w->ids.count; i++)
        if (id >= w->ids.items[i].from && id <= w->ids.items[i].to)
            return true;
    return w->ids.count == 0;
}

bool events_words_filter(const struct events_words *w)
{
    return w->since || w->until || w->ids.count || w->channel.at || w->provider.at ||
           w->where.count;
}

bool events_filter_test(struct events_filter *f, const struct event *ev)
{
    const struct events_words *w = f->words;
    const struct event_system *s = &ev->system;
    if ((w->since && s->time < w->since) || (w->until && (s->time == 0 || s->time >= w->until)))
        return false;
    if (!id_fits(w, s->event_id))
        return false;
    if ((w->channel.at && !text_fits(f, w->channel, s->channel)) ||
        (w->provider.at && !text_fits(f, w->provider, s->provider)))
        return false;
    return w->where.count == 0 || where_holds(f, ev);
}
