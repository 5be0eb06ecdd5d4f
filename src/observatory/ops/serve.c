// SPDX-License-Identifier: Apache-2.0
// `vigied serve` and `vigied --demo`: reads the settings, starts the server, and waits for signals.
#include "observatory/ops/ops.h"

#include "observatory/machine/machine.h"
#include "observatory/ops/serve.h"
#include "observatory/team/team.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { DRAIN_SECONDS = 20, TAXII_SYNC_AT_ONCE = 200, SYNC_SECONDS = 2 };

struct serve_words {
    const char *config, *listen, *store;
    bool demo;
};

struct running {
    struct serve_words words;
    struct log *log;
    struct metrics *metrics;
    struct server *server;
    struct team_state *team;
    struct route_table tables[SERVE_MAX_TABLES];
};

static const char usage[] =
    "usage: vigied serve [--config FILE] [--listen ADDRESS:PORT] [--store URL]\n"
    "       vigied --demo [--listen ADDRESS:PORT] [--store URL]\n"
    "       vigied serve --print-config\n"
    "\n"
    "Serves the registry over HTTP. --demo starts one with invented data, which are removed at "
    "the\n"
    "end unless --store is given. Signals: HUP reads the configuration again, TERM and INT end.\n"
    "The configuration is described in vigied.conf(5); --print-config prints every key with what\n"
    "it does and its default, as a file to begin with.\n";

static bool read_words(int argc, char **argv, struct serve_words *w)
{
    for (int i = 0; i < argc; i++) {
        const char **to = NULL;
        if (strcmp(argv[i], "--demo") == 0)
            w->demo = true;
        else if (strcmp(argv[i], "--config") == 0)
            to = &w->config;
        else if (strcmp(argv[i], "--listen") == 0)
            to = &w->listen;
        else if (strcmp(argv[i], "--store") == 0)
            to = &w->store;
        else if (i > 0 || argv[i][0] == '-') {
            fprintf(stderr, "vigied: serve does not know '%.60s'\n%s", argv[i], usage);
            return false;
        }
        if (to && i + 1 >= argc) {
            fprintf(stderr, "vigied: %s needs a value\n", argv[i]);
            return false;
        }
        if (to)
            *to = argv[++i];
    }
    return true;
}

static int print_config(void)
{
    size_t count;
    const struct config_key *keys = config_keys(&count);
    for (size_t i = 0; i < count; i++)
        printf("# %s\n# %s = %s\n\n", keys[i].does, keys[i].name, keys[i].initial);
    return 0;
}

// ---- settings

static uint64_t settings_name(const struct settings *s)
{
    struct buf b = {0};
    size_t count;
    const struct config_key *keys = config_keys(&count);
    for (size_t i = 0; i < count; i++) {
        const uint8_t *at = (const uint8_t *)s + keys[i].offset;
        struct slice text;
        if (keys[i].kind == CONFIG_TEXT) {
            memcpy(&text, at, sizeof text);
            buf_add(&b, text);
        }
        buf_byte(&b, '\n');
    }
    struct sha256_digest d = sha256_of(buf_slice(&b));
    buf_free(&b);
    return le64(d.bytes);
}

static struct app *app_make(const struct running *r, struct err *e)
{
    struct app *app = mem_alloc_zero(1, sizeof *app);
    struct settings *set = &app->settings;
    arena_init(&app->arena, 4096);
    app->holders = 1;
    app->metrics = r->metrics;
    app->team = r->team;
    app->started = time_now();
    app->error_page = serve_error_page;
    config_defaults(set);
    bool ok = !r->words.config || config_read(r->words.config, &app->arena, set, e);
    if (r->words.demo) {
        set->secure_cookies = false;
        set->requests_per_minute = 0;
    }
    if (r->words.listen)
        set->listen = slice_from_str(r->words.listen);
    if (r->words.store)
        set->store = slice_from_str(r->words.store);
    config_fill(set, &app->arena);
    ok = ok && config_check(set, e);
    if (!ok) {
        app_release(app);
        return NULL;
    }
    app->settings_id = settings_name(set);
    return app;
}

static void on_served(void *context, const struct served *s)
{
    struct running *r = context;
    metrics_add(r->metrics, s);
    struct app *app = server_app(r->server);
    if (app->settings.log_requests)
        log_request(r->log, s);
    app_release(app);
}

static void on_warning(void *context, const char *message)
{
    struct running *r = context;
    log_event(r->log, "warning", "fault", message);
}

static void on_changed(void *context, struct store *writer, bool *more)
{
    struct running *r = context;
    struct err e = {0};
    struct app *app = server_app(r->server);
    if (!taxii_sync(writer, &app->settings, TAXII_SYNC_AT_ONCE, more, &e))
        log_event(r->log, "warning", "taxii-sync", e.message);
    app_release(app);
}

static void reload(struct running *r)
{
    struct err e = {0};
    struct app *now = server_app(r->server), *next = app_make(r, &e);
    if (!next) {
        log_event(r->log, "error", "reload-refused", e.message);
    } else {
        bool restart = !slice_equal(now->settings.listen, next->settings.listen) ||
                       !slice_equal(now->settings.store, next->settings.store) ||
                       !slice_equal(now->settings.secret_key, next->settings.secret_key) ||
                       now->settings.threads != next->settings.threads ||
                       now->settings.cache_mib != next->settings.cache_mib ||
                       now->settings.max_connections != next->settings.max_connections ||
                       !slice_equal(now->settings.release_folder, next->settings.release_folder);
        next->cache = now->cache;
        next->limits = now->limits;
        next->started = now->started;
        server_swap(r->server, next);
        log_event(r->log, "info", "reloaded",
                  restart ? "a changed key among listen, store, secret_key, threads, "
                            "cache_mib, max_connections and release_folder waits for a restart"
                          : NULL);
    }
    app_release(now);
}

// ---- start and end

// Before the server is confined: the key may lie where it cannot write.
static bool open_key(struct running *r, struct app *app, bool *made, struct err *e)
{
    struct slice path = app->settings.secret_key;
    if (!path.len)
        return err_set(e, ERR_USAGE, 0, "secret_key must be set: this store has no folder");
    return team_key_open(r->team, arena_str(&app->arena, path), made, e);
}

static bool check_key(struct running *r, struct store *s, struct err *e)
{
    unsigned sealed, lost;
    if (!team_key_check(r->team, s, &sealed, &lost, e))
        return false;
    if (sealed)
        log_event(r->log, "info", "second-factors-sealed",
                  "backups made before hold them in the clear");
    if (lost)
        log_event(r->log, "warning", "second-factors-lost",
                  "some were sealed with another key: put it back, or `vigied user reset-totp`");
    return true;
}

// A registry that is not there yet begins empty; an older one is for `vigied migrate`. What is
// derived of it is made before the first request as far as that takes a moment; the rest follows
// while it is served.
static bool make_store(struct running *r, const struct settings *set, struct err *e)
{
    struct arena a;
    arena_init(&a, 1024);
    const char *url = arena_str(&a, set->store);
    const char *path = strncmp(url, "sqlite:", 7) == 0 ? url + 7 : url;
    bool there = strstr(url, "://") || access(path, F_OK) == 0, left = true;
    struct store *s = NULL;
    bool ok = store_open(url, there ? STORE_WRITE : STORE_CREATE, &s, e);
    ok = ok && check_key(r, s, e);
    vtime until = time_now() + SYNC_SECONDS * VTIME_SECOND;
    while (ok && left && time_now() < until)
        ok = taxii_sync(s, set, TAXII_SYNC_AT_ONCE, &left, e);
    store_close(s);
    arena_free(&a);
    return ok;
}

static bool start(struct running *r, struct app *app, char bound[80], struct err *e)
{
    struct server_options o = {
        .app = app,
        .session = team_session_load,
        .sign_in = TEAM_SIGN_IN,
        .cookie = TEAM_COOKIE,
        .tables = r->tables,
        .table_count = serve_routes(r->tables),
        .changed = on_changed,
        .served = on_served,
        .warn = on_warning,
        .context = r,
    };
    return server_start(&o, &r->server, bound, e);
}

static int signal_source(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, NULL); // before any thread starts: all inherit it
    return signalfd(-1, &set, SFD_CLOEXEC);
}

static void run(struct running *r, int signals)
{
    struct signalfd_siginfo got;
    while (true) {
        ssize_t n = read(signals, &got, sizeof got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n != sizeof got || got.ssi_signo != SIGHUP)
            return;
        reload(r);
    }
}

static int serve(struct running *r)
{
    struct err e = {0};
    int signals = signal_source();
    struct app *app = app_make(r, &e);
    if (!app) {
        fprintf(stderr, "vigied: %s\n", e.message);
        return 2;
    }
    bool made = false;
    if (!open_key(r, app, &made, &e)) {
        fprintf(stderr, "vigied: %s\n", e.message);
        app_release(app);
        return 2;
    }
    const char *kept = serve_confine(&app->settings);
    r->log = log_open(STDERR_FILENO);
    if (r->log && made)
        log_event(r->log, "info", "key-made", "a new key for second factors: keep a copy of it");
    if (kept)
        log_event(r->log, "warning", "not-confined", kept);
    char bound[80];
    bool ok = r->log && make_store(r, &app->settings, &e) && start(r, app, bound, &e);
    app_release(app);
    if (!ok) {
        log_close(r->log);
        fprintf(stderr, "vigied: %s\n", e.message);
        return 2;
    }
    printf("http://%s/\n", bound);
    fflush(stdout);
    log_event(r->log, "info", "started", bound);
    serve_notify("READY=1");
    run(r, signals);
    serve_notify("STOPPING=1");
    log_event(r->log, "info", "stopping", NULL);
    server_stop(r->server, DRAIN_SECONDS);
    log_event(r->log, "info", "stopped", NULL);
    log_close(r->log);
    close(signals);
    return 0;
}

int vigied_serve(int argc, char **argv)
{
    struct running r = {0};
    if (argc > 1 && (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0)) {
        fputs(usage, stdout);
        return 0;
    }
    if (argc == 2 && strcmp(argv[1], "--print-config") == 0)
        return print_config();
    if (!read_words(argc, argv, &r.words))
        return 2;
    r.metrics = metrics_create();
    r.team = team_state_create();
    struct serve_demo demo = {0};
    int status = 2;
    if (!r.words.demo || serve_demo_begin(&demo, &r.words.store))
        status = serve(&r);
    serve_demo_end(&demo);
    team_state_destroy(r.team);
    metrics_destroy(r.metrics);
    return status;
}
