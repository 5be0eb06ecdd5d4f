// SPDX-License-Identifier: Apache-2.0
// The logsource table: what answers what; and all public rules of the corpus, where it is there.
#include "detection/sigma/bundled.h"
#include "detection/sigma/load_testing.h"
#include "detection/sigma/logsource.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

static void show_list(struct buf *b, const struct slice *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buf_printf(b, "%s%.*s", i ? ";" : "", SLICE_FMT(list[i]));
}

static void show_answer(struct buf *b, const struct logsource_answer *answer)
{
    if (answer->source_count == 0)
        buf_printf(b, "none: %.*s", SLICE_FMT(answer->reason));
    for (size_t i = 0; i < answer->source_count; i++) {
        const struct sigma_source *s = &answer->sources[i];
        buf_str(b, i ? " | " : "");
        show_list(b, s->channels, s->channel_count);
        for (size_t k = 0; k < s->event_id_count; k++)
            buf_printf(b, " %u", s->event_ids[k]);
        for (size_t k = 0; k < s->condition_count; k++) {
            buf_str(b, " ");
            dump_item(b, &s->conditions[k]);
        }
        buf_str(b, s->stand_in ? " stand-in" : "");
    }
}

#define SYSMON     "Microsoft-Windows-Sysmon/Operational"
#define POWERSHELL "Microsoft-Windows-PowerShell/Operational;PowerShellCore/Operational"

static const struct {
    const char *product, *category, *service;
    const char *want; // "!" and a part, or all
} cases[] = {
    {"windows", "process_creation", "", SYSMON " 1 | Security 4688 stand-in"},
    {"Windows", "Process_Creation", "", SYSMON " 1 | Security 4688 stand-in"},
    {"", "process_creation", "", SYSMON " 1 | Security 4688 stand-in"},
    {"windows", "process_creation", "sysmon", SYSMON " 1"},
    {"windows", "process_creation", "security", "Security 4688 stand-in"},
    {"windows", "process_creation", "system", "!none: "},
    {"linux", "process_creation", "", "none: logs of 'linux' are no Windows event logs"},
    {"windows", "network_connection", "", SYSMON " 3 | Security 5156 stand-in"},
    {"windows", "registry_set", "", SYSMON " 13 | Security 4657 stand-in"},
    {"windows", "registry_event", "", SYSMON " 12 13 14"},
    {"windows", "registry_add", "", SYSMON " 12 EventType: \"createkey\""},
    {"windows", "registry_delete", "", SYSMON " 12 EventType: \"deletekey\" , \"deletevalue\""},
    {"windows", "registry_rename", "", SYSMON " 14"},
    {"windows", "pipe_created", "", SYSMON " 17 18"},
    {"windows", "wmi_event", "", SYSMON " 19 20 21"},
    {"windows", "sysmon_status", "", SYSMON " 4 16"},
    {"windows", "sysmon_error", "", SYSMON " 255"},
    {"windows", "file_executable_detected", "", SYSMON " 29"},
    {"windows", "ps_script", "", POWERSHELL " 4104"},
    {"windows", "ps_module", "", POWERSHELL " 4103"},
    {"windows", "ps_classic_start", "", "Windows PowerShell 400"},
    {"windows", "ps_classic_provider_start", "", "Windows PowerShell 600"},
    {"windows", "ps_classic_script", "", "Windows PowerShell 800"},
    {"", "antivirus", "",
     "Microsoft-Windows-Windows Defender/Operational 1006 1007 1008 1009 1010 1011 1012 1017 1018 "
     "1019 1115 1116 stand-in"},
    {"windows", "", "security", "Security"},
    {"", "", "sysmon", SYSMON},
    {"windows", "", "powershell", POWERSHELL},
    {"windows", "", "windefend", "Microsoft-Windows-Windows Defender/Operational"},
    {"windows", "", "", ""},
    {"windows", "", "no-such-service",
     "none: no Windows event log answers the service 'no-such-service'"},
    {"windows", "no_such_category", "",
     "none: no Windows event log answers the category 'no_such_category'"},
    {"windows", "file_access", "", "!Microsoft-Windows-Kernel-File/Analytic 12"},
    {"windows", "process_creation", "no-such-service", "!none: "},
    {"", "proxy", "", "!none: "},
    {"zeek", "", "dns", "!none: "},
};

static void test_answers(void **state)
{
    (void)state;
    struct arena a;
    struct err e = {0};
    struct buf b = {0};
    arena_init(&a, 0);
    struct logsource_table *t = logsource_table_create(&a, sigma_bundled_logsource(), &e);
    assert_non_null(t);
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        buf_clear(&b);
        show_answer(&b, logsource_find(t, slice_from_str(cases[i].product),
                                       slice_from_str(cases[i].category),
                                       slice_from_str(cases[i].service)));
        buf_byte(&b, 0);
        const char *got = (const char *)b.at, *want = cases[i].want;
        if (want[0] == '!' ? strstr(got, want + 1) == NULL : strcmp(got, want) != 0) {
            print_error("%s/%s/%s\n  wanted %s\n  got    %s\n", cases[i].product, cases[i].category,
                        cases[i].service, want, got);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
    // The same answer is the same object: the engine tells classes of events by it.
    assert_ptr_equal(logsource_find(t, SLICE("windows"), SLICE("ps_script"), (struct slice){0}),
                     logsource_find(t, SLICE("windows"), SLICE("ps_script"), (struct slice){0}));
    buf_free(&b);
    logsource_table_destroy(t);
    arena_free(&a);
}

static const struct {
    const char *text;
    unsigned line; // of the error; 0: a good table
} tables[] = {
    {"", 0},
    {"# words\n\nsource\twindows\tc\t-\tA;B\t-\t1;2\tF=a|b\t-\n", 0},
    {"sauce\twindows\tc\t-\tA\t-\t1\t-\t-\n", 1},
    {"\nsource\twindows\tc\t-\tA\t-\t1\t-\n", 2},
    {"source\twindows\tc\t-\tA\t-\tx\t-\t-\n", 1},
    {"source\twindows\tc\t-\tA\t-\t1\tF\t-\n", 1},
    {"source\twindows\tc\t-\tA\t-\t1\t-\tnobody\n", 1},
    {"alias\ts\tA\tB\t-\tbackwards\n", 1},
    {"source\ta\tb\tc\td\te\tf\tg\th\ti\n", 1},
    {"none\twindows\tc\t-\n", 1},
};

static void test_tables(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 0);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        struct err e = {0};
        struct logsource_table *t = logsource_table_create(&a, slice_from_str(tables[i].text), &e);
        assert_int_equal(t == NULL, tables[i].line != 0);
        assert_int_equal(e.offset, tables[i].line);
        logsource_table_destroy(t);
    }
    arena_free(&a);
}

static void test_bundled_rules(void **state)
{
    (void)state;
    struct sigma_set set;
    struct buf b = {0};
    sigma_set_init(&set);
    sigma_set_add_bundled(&set, NULL);
    sigma_set_finish(&set, NULL);
    dump_refusals(&b, &set);
    buf_byte(&b, 0);
    assert_string_equal((const char *)b.at, "");
    assert_true(set.rules.count > 0);
    for (size_t i = 0; i < set.rules.count; i++)
        assert_true(set.rules.items[i]->source_count > 0);
    buf_free(&b);
    sigma_set_free(&set);
}

// $VIGIE_CORPUS, or shared/corpus beside the checkout.
static void corpus_path(char *out, size_t size)
{
    const char *named = getenv("VIGIE_CORPUS");
    const char *slash = strrchr(__FILE__, '/');
    if (named)
        snprintf(out, size, "%s", named);
    else
        snprintf(out, size, "%.*s/../../../../shared/corpus", slash ? (int)(slash - __FILE__) : 1,
                 slash ? __FILE__ : ".");
}

// Every public rule is loaded, or refused because it needs values for placeholders; every Windows
// rule has its log.
static void test_public_rules(void **state)
{
    (void)state;
    char corpus[2048], path[4096];
    struct sigma_set set;
    struct err e;
    corpus_path(corpus, sizeof corpus);
    snprintf(path, sizeof path, "%s/sigma", corpus);
    if (access(path, R_OK) != 0) {
        print_message("skipped: the corpus is not there (set VIGIE_CORPUS)\n");
        skip();
    }
    sigma_set_init(&set);
    static const char *const folders[] = {"rules",
                                          "rules-compliance",
                                          "rules-dfir",
                                          "rules-emerging-threats",
                                          "rules-placeholder",
                                          "rules-threat-hunting"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        snprintf(path, sizeof path, "%s/sigma/%s", corpus, folders[i]);
        assert_true(sigma_set_add_path(&set, path, NULL, &e));
    }
    sigma_set_finish(&set, NULL);
    for (size_t i = 0; i < set.refusals.count; i++) {
        struct slice reason = set.refusals.items[i].reason;
        if (!memmem(reason.at, reason.len, "is a placeholder (expand)", 25))
            fail_msg("%.*s:%u: %.*s", SLICE_FMT(set.refusals.items[i].file),
                     set.refusals.items[i].line, SLICE_FMT(reason));
    }
    size_t loaded = 0;
    for (size_t i = 0; i < set.rules.count; i++) {
        const struct sigma_rule *r = set.rules.items[i];
        loaded++;
        if (slice_equal_str(r->product, "windows") && r->source_count == 0)
            fail_msg("%.*s: %.*s", SLICE_FMT(r->file), SLICE_FMT(r->not_applicable));
    }
    assert_int_equal(loaded + set.refusals.count, set.file_count);
    sigma_set_free(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_bundled_rules),
        cmocka_unit_test(test_public_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
