// SPDX-License-Identifier: Apache-2.0
// vigied user: the people who keep the registry. A password comes from a terminal or standard
// input, never from the command line, which other users of the machine can read; or it is
// generated, and printed once.
#include "base/term.h"
#include "observatory/ops/cli.h"
#include "observatory/ops/ops.h"
#include "observatory/store/team_audit.h"
#include "observatory/team/accounts.h"

#include <getopt.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

static const char help[] =
    "usage: vigied user add NAME --roles ROLES [--lang en|fr] [--generate]\n"
    "       vigied user passwd NAME [--generate]\n"
    "       vigied user roles NAME ROLES\n"
    "       vigied user disable|enable|reset-totp NAME\n"
    "       vigied user list\n"
    "       vigied user audit [--csv]\n"
    "\n"
    "ROLES, joined by commas: coder (codes drafts), reviewer (reviews and publishes what others\n"
    "coded), curator (corrections, withdrawals, merging, advisories), admin (people, audit log).\n"
    "\n"
    "The password is asked for on a terminal, else read from standard input (its first line).\n"
    "With --generate one is made and printed. disable ends all sessions; reset-totp takes the\n"
    "second factor away. audit checks the chain of the audit log and prints its end; --csv prints\n"
    "all entries.\n"
    "\n"
    "  --store URL   sqlite:PATH; default sqlite:registry.db\n";

struct words {
    const char *store, *roles, *lang;
    bool generate, csv;
    char **rest;
    int count;
};

// One line without echo when it is a terminal.
static bool read_line(const char *prompt, char *line, int room)
{
    struct termios was, quiet;
    bool terminal = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &was) == 0;
    if (terminal) {
        fputs(prompt, stderr);
        quiet = was;
        quiet.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    }
    bool read = fgets(line, room, stdin) != NULL;
    if (terminal) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &was);
        fputc('\n', stderr);
    }
    if (read)
        line[strcspn(line, "\r\n")] = 0;
    return read;
}

static bool read_password(struct arena *a, struct slice *out, struct err *e)
{
    char first[2048], again[2048];
    bool done = read_line("Password: ", first, sizeof first) && first[0];
    if (!done)
        return err_set(e, ERR_USAGE, 0, "no password was given; --generate makes one");
    *out = arena_copy(a, slice_from_str(first));
    if (isatty(STDIN_FILENO) &&
        (!read_line("Again: ", again, sizeof again) || strcmp(first, again) != 0))
        done = err_set(e, ERR_USAGE, 0, "the two passwords are not the same");
    sodium_memzero(first, sizeof first);
    sodium_memzero(again, sizeof again);
    return done;
}

static bool get_password(const struct words *w, struct arena *a, struct slice *out, struct err *e)
{
    *out = (struct slice){0};
    return w->generate || read_password(a, out, e);
}

static void tell(const struct words *w, struct slice password)
{
    if (w->generate)
        printf("password: %.*s\n", SLICE_FMT(password));
}

typedef bool action(struct store *s, struct arena *a, const struct words *w, struct slice name,
                    struct err *e);

static bool add(struct store *s, struct arena *a, const struct words *w, struct slice name,
                struct err *e)
{
    unsigned roles;
    struct slice password;
    if (!roles_parse(slice_from_str(w->roles ? w->roles : ""), &roles, e) ||
        !get_password(w, a, &password, e) ||
        !accounts_add(s, a, name, roles, slice_from_str(w->lang), &password, e))
        return false;
    tell(w, password);
    return true;
}

static bool passwd(struct store *s, struct arena *a, const struct words *w, struct slice name,
                   struct err *e)
{
    struct slice password;
    if (!get_password(w, a, &password, e) || !accounts_set_password(s, a, name, &password, e))
        return false;
    tell(w, password);
    return true;
}

static bool roles(struct store *s, struct arena *a, const struct words *w, struct slice name,
                  struct err *e)
{
    unsigned bits;
    return roles_parse(slice_from_str(w->count > 2 ? w->rest[2] : ""), &bits, e) &&
           accounts_set_roles(s, a, name, bits, e);
}

static bool disable(struct store *s, struct arena *a, const struct words *w, struct slice name,
                    struct err *e)
{
    (void)w;
    return accounts_set_disabled(s, a, name, true, e);
}

static bool enable(struct store *s, struct arena *a, const struct words *w, struct slice name,
                   struct err *e)
{
    (void)w;
    return accounts_set_disabled(s, a, name, false, e);
}

static bool reset_totp(struct store *s, struct arena *a, const struct words *w, struct slice name,
                       struct err *e)
{
    (void)w;
    return accounts_reset_totp(s, a, name, e);
}

static bool list(struct store *s, struct arena *a, const struct words *w, struct slice name,
                 struct err *e)
{
    struct team_user *users;
    size_t count;
    (void)w, (void)name;
    if (!team_user_list(s, a, &users, &count, e))
        return false;
    for (size_t i = 0; i < count; i++) {
        cli_print_escaped(stdout, users[i].name);
        printf("\t%.*s\t%s\t%s\n", SLICE_FMT(roles_names(a, users[i].roles)),
               users[i].totp_secret.len ? "second factor" : "password only",
               users[i].disabled ? "disabled" : "active");
    }
    return true;
}

static bool print_entry(void *context, const struct team_audit *x)
{
    struct buf *b = context;
    buf_clear(b);
    char at[VTIME_TEXT_MAX];
    buf_printf(b, "%" PRId64 ",", x->id);
    buf_add(b, slice_of(at, time_format(x->at, at)));
    const struct slice cells[] = {x->name, x->action, x->record, x->detail};
    for (size_t i = 0; i < 4; i++) {
        buf_byte(b, ',');
        csv_cell(b, cells[i]);
        if (i == 2)
            buf_printf(b, ",%u", x->revision);
    }
    buf_byte(b, ',');
    for (size_t i = 0; i < x->hash.len; i++)
        buf_printf(b, "%02x", x->hash.at[i]);
    buf_str(b, "\r\n");
    return fwrite(b->at, 1, b->len, stdout) == b->len;
}

static bool audit(struct store *s, struct arena *a, const struct words *w, struct slice name,
                  struct err *e)
{
    uint64_t entries;
    uint8_t newest[AUDIT_HASH_BYTES];
    struct buf b = {0};
    (void)a, (void)name;
    if (w->csv) {
        fputs("id,at,name,action,record,revision,detail,hash\r\n", stdout);
        bool done = team_audit_walk(s, print_entry, &b, e);
        buf_free(&b);
        return done && (fflush(stdout) == 0 || err_set_errno(e, "standard output"));
    }
    if (!team_audit_verify(s, &entries, newest, e))
        return false;
    printf("%" PRIu64 " entries, the chain is whole, its end: ", entries);
    for (size_t i = 0; i < sizeof newest; i++)
        printf("%02x", newest[i]);
    putchar('\n');
    return true;
}

static const struct {
    const char *name;
    action *run;
    int words; // the action's own name among them
    enum store_mode mode;
} actions[] = {
    {"add", add, 2, STORE_CREATE},      {"passwd", passwd, 2, STORE_WRITE},
    {"roles", roles, 3, STORE_WRITE},   {"disable", disable, 2, STORE_WRITE},
    {"enable", enable, 2, STORE_WRITE}, {"reset-totp", reset_totp, 2, STORE_WRITE},
    {"list", list, 1, STORE_READ},      {"audit", audit, 1, STORE_READ},
};

// 0: go on; else the exit status is status - 1.
static int read_words(int argc, char **argv, struct words *w)
{
    static const struct option options[] = {{"store", required_argument, NULL, 's'},
                                            {"roles", required_argument, NULL, 'r'},
                                            {"lang", required_argument, NULL, 'l'},
                                            {"generate", no_argument, NULL, 'g'},
                                            {"csv", no_argument, NULL, 'c'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    *w = (struct words){.store = CONFIG_DEFAULT_STORE, .lang = "en"};
    for (int c; (c = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        switch (c) {
        case 's':
            w->store = optarg;
            break;
        case 'r':
            w->roles = optarg;
            break;
        case 'l':
            w->lang = optarg;
            break;
        case 'g':
            w->generate = true;
            break;
        case 'c':
            w->csv = true;
            break;
        case 'h':
            fputs(help, stdout);
            return 1;
        default:
            fputs(help, stderr);
            return CLI_TROUBLE + 1;
        }
    }
    w->rest = argv + optind;
    w->count = argc - optind;
    return 0;
}

static int run(const struct words *w, size_t which)
{
    struct store *s = NULL;
    struct err e = {0};
    struct arena a;
    arena_init(&a, 0);
    struct slice name = slice_from_str(w->count > 1 ? w->rest[1] : "");
    bool done =
        store_open(w->store, actions[which].mode, &s, &e) && actions[which].run(s, &a, w, name, &e);
    store_close(s);
    arena_free(&a);
    return done ? 0 : cli_complain("user", &e);
}

int vigied_user(int argc, char **argv)
{
    struct words w;
    struct err e = {0};
    int status = read_words(argc, argv, &w);
    if (status)
        return status - 1;
    if (strcmp(w.lang, "en") != 0 && strcmp(w.lang, "fr") != 0) {
        (void)err_set(&e, ERR_USAGE, 0, "the languages are en and fr");
        return cli_complain("user", &e);
    }
    for (size_t i = 0; w.count && i < sizeof actions / sizeof *actions; i++)
        if (strcmp(w.rest[0], actions[i].name) == 0 && w.count == actions[i].words)
            return run(&w, i);
    fputs(help, stderr);
    return CLI_TROUBLE;
}
