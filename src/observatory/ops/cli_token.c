// SPDX-License-Identifier: Apache-2.0
// vigied token: who may use the TAXII collections that are not public. A token is printed once,
// when it is made; the store keeps its SHA-256 alone.
#include "base/sha256.h"
#include "base/term.h"
#include "observatory/ops/cli.h"
#include "observatory/ops/ops.h"
#include "observatory/store/taxii.h"

#include <getopt.h>
#include <sodium.h>
#include <stdio.h>

enum { TOKEN_BYTES = 32, NAME_MAX_BYTES = 100 };

static const char help[] =
    "usage: vigied token add NAME [--write] [--no-read] [--store URL]\n"
    "       vigied token revoke NAME [--store URL]\n"
    "       vigied token list [--store URL]\n"
    "\n"
    "Lets a partner use the TAXII collections under /taxii2/partners/. The token is printed once;\n"
    "it is the password of HTTP Basic authentication, with any name.\n"
    "\n"
    "  --write       the partner may send and delete objects, too\n"
    "  --no-read     … and not read\n"
    "  --store URL   sqlite:PATH; default sqlite:registry.db\n";

static bool add(struct store *s, struct slice name, unsigned rights, struct err *e)
{
    uint8_t bytes[TOKEN_BYTES];
    char text[2 * TOKEN_BYTES + 1];
    if (sodium_init() < 0)
        return err_set(e, ERR_IO, 0, "the system gives no random numbers");
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2hex(text, sizeof text, bytes, sizeof bytes);
    struct sha256_digest d = sha256_of(slice_from_str(text));
    if (!taxii_token_add(s, name, slice_of(d.bytes, sizeof d.bytes), rights, e))
        return false;
    puts(text);
    return true;
}

static bool list(struct store *s, struct err *e)
{
    struct arena a;
    struct taxii_token *all;
    size_t count;
    arena_init(&a, 0);
    bool ok = taxii_token_list(s, &a, &all, &count, e);
    for (size_t i = 0; ok && i < count; i++) {
        struct buf b = {0};
        char made[VTIME_TEXT_MAX];
        term_escape(&b, all[i].name);
        size_t n = time_format_seconds(all[i].made, made);
        printf("%.*s\t%s%s\t%.*s\t%s\n", (int)b.len, (const char *)b.at,
               all[i].rights & TAXII_MAY_READ ? "read" : "",
               !(all[i].rights & TAXII_MAY_WRITE) ? ""
               : all[i].rights & TAXII_MAY_READ   ? ",write"
                                                  : "write",
               (int)n, made, all[i].revoked ? "revoked" : "in force");
        buf_free(&b);
    }
    arena_free(&a);
    return ok;
}

static bool revoke(struct store *s, struct slice name, struct err *e)
{
    enum store_found found = taxii_token_revoke(s, name, e);
    if (found == STORE_NONE)
        return err_set(e, ERR_USAGE, 0, "no token of that name is in force");
    return found == STORE_FOUND;
}

static int run(const char *url, char **words, int count, unsigned rights)
{
    struct err e = {0};
    struct store *s = NULL;
    const char *verb = count ? words[0] : "";
    struct slice name = slice_from_str(count > 1 ? words[1] : "");
    bool lists = strcmp(verb, "list") == 0, adds = strcmp(verb, "add") == 0;
    if (count != (lists ? 1 : 2) || !(lists || adds || strcmp(verb, "revoke") == 0) ||
        (!lists && (!name.len || name.len > NAME_MAX_BYTES)) || !rights) {
        fputs(help, stderr);
        return CLI_TROUBLE;
    }
    bool ok = store_open(url, STORE_WRITE, &s, &e) && (lists  ? list(s, &e)
                                                       : adds ? add(s, name, rights, &e)
                                                              : revoke(s, name, &e));
    store_close(s);
    return ok ? 0 : cli_complain("token", &e);
}

int vigied_token(int argc, char **argv)
{
    static const struct option options[] = {
        {"write", no_argument, NULL, 'w'},
        {"no-read", no_argument, NULL, 'n'},
        {"store", required_argument, NULL, 's'},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    const char *store = CONFIG_DEFAULT_STORE;
    unsigned rights = TAXII_MAY_READ;
    for (int c; (c = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        switch (c) {
        case 'w':
            rights |= TAXII_MAY_WRITE;
            break;
        case 'n':
            rights &= ~(unsigned)TAXII_MAY_READ;
            break;
        case 's':
            store = optarg;
            break;
        case 'h':
            fputs(help, stdout);
            return 0;
        default:
            fputs("`vigied token --help` lists the options\n", stderr);
            return CLI_TROUBLE;
        }
    }
    return run(store, argv + optind, argc - optind, rights);
}
