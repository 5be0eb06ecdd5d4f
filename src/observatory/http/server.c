// SPDX-License-Identifier: Apache-2.0
#include "observatory/http/server.h"

#include "base/sha256.h"
#include "observatory/http/server_private.h"

#include <errno.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

void app_release(struct app *app)
{
    if (!app || __atomic_sub_fetch(&app->holders, 1, __ATOMIC_ACQ_REL) != 0)
        return;
    arena_free(&app->arena);
    free(app);
}

struct app *server_app(struct server *s)
{
    pthread_mutex_lock(&s->app_lock);
    struct app *app = s->app;
    __atomic_add_fetch(&app->holders, 1, __ATOMIC_ACQ_REL);
    pthread_mutex_unlock(&s->app_lock);
    return app;
}

void server_swap(struct server *s, struct app *app)
{
    app->server = s;
    pthread_mutex_lock(&s->app_lock);
    struct app *old = s->app;
    s->app = app;
    pthread_mutex_unlock(&s->app_lock);
    app_release(old);
}

void server_changed(struct server *s, struct store *writer)
{
    uint64_t now = store_generation(writer);
    if (now)
        atomic_store(&s->generation, now);
    bool more = false;
    if (!now || !s->options.changed || now == atomic_load(&s->derived))
        return;
    s->options.changed(s->options.context, writer, &more);
    atomic_fetch_add(&s->epoch, 1);
    if (!more)
        atomic_store(&s->derived, now);
}

static void catch_up_run(struct worker_job *job, void *store)
{
    struct server *s =
        (struct server *)(void *)((uint8_t *)job - offsetof(struct server, catch_up));
    server_changed(s, store);
    atomic_store(&s->catching_up, false);
}

// At most one such job waits, so that requests that write have their turns between.
static void catch_up(struct server *s)
{
    if (!s->options.changed || atomic_load(&s->derived) == atomic_load(&s->generation) ||
        atomic_exchange(&s->catching_up, true))
        return;
    s->catch_up.run = catch_up_run;
    if (!workers_submit(s->write_worker, &s->catch_up))
        atomic_store(&s->catching_up, false);
}

static void pause_milliseconds(long ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&t, NULL);
}

// Looks fifty times a second whether another program changed the store, and twice a second for
// connections past their deadline.
static void *keeper_main(void *p)
{
    struct server *s = p;
    for (unsigned round = 0; !atomic_load(&s->ending); round++) {
        // A request of ours may have changed it since we looked: then what it saw stands.
        uint64_t known = atomic_load(&s->generation), seen = store_generation(s->watcher);
        if (seen && seen != known)
            atomic_compare_exchange_strong(&s->generation, &known, seen);
        catch_up(s);
        if (round % 25 == 0)
            link_reap(s);
        pause_milliseconds(20);
    }
    return NULL;
}

static unsigned thread_count(const struct settings *set)
{
    long n = set->threads ? (long)set->threads : sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > 64 ? 64 : (unsigned)n;
}

// Another build renders other pages: tags of the old one must not hold for it.
static void build_name(struct server *s)
{
    struct stat st = {0};
    (void)!stat("/proc/self/exe", &st);
    char text[128];
    snprintf(text, sizeof text, VIGIE_VERSION " %lld %lld.%09ld", (long long)st.st_size,
             (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
    struct sha256_digest d = sha256_of(slice_from_str(text));
    char hex[65];
    sha256_hex(&d, hex);
    memcpy(s->build, hex, 32);
}

static bool open_stores(struct server *s, struct err *e)
{
    char *url = arena_str(&s->app->arena, s->app->settings.store);
    // The writer first: it makes what readers expect to find.
    if (!store_open(url, STORE_WRITE, &s->writer, e) ||
        !store_open(url, STORE_READ, &s->watcher, e))
        return false;
    size_t wanted = (size_t)thread_count(&s->app->settings) * 2;
    if (wanted < 4)
        wanted = 4;
    s->readers = mem_alloc_zero(wanted, sizeof *s->readers);
    for (; s->reader_count < wanted; s->reader_count++)
        if (!store_open(url, STORE_READ, &s->readers[s->reader_count], e))
            return false;
    atomic_store(&s->generation, store_generation(s->watcher));
    // A tag holds it too: what an earlier run of the program called its third must not be ours.
    atomic_store(&s->epoch, time_now());
    void *states[128];
    for (size_t i = 0; i < s->reader_count; i++)
        states[i] = s->readers[i];
    void *writer[] = {s->writer};
    s->flights = flights_create();
    s->read_workers = workers_create(states, s->reader_count, SERVER_QUEUE);
    s->write_worker = workers_create(writer, 1, SERVER_QUEUE / 4);
    return (s->read_workers && s->write_worker) ||
           err_set(e, ERR_IO, 0, "the system gives no more threads");
}

// Once it runs, what the library has to say is about clients that break the protocol: no news.
[[gnu::format(printf, 2, 0)]] static void log_of_library(void *context, const char *format,
                                                         va_list args)
{
    struct server *s = context;
    char text[256];
    if (s->daemon)
        return;
    vsnprintf(text, sizeof text, format, args);
    text[strcspn(text, "\n")] = 0;
    if (s->options.warn)
        s->options.warn(s->options.context, text);
}

static bool start_daemon(struct server *s, struct err *e)
{
    const struct settings *set = &s->app->settings;
    unsigned threads = thread_count(set);
    unsigned connections = set->max_connections ? set->max_connections : 1024;
    if (connections < threads)
        connections = threads;
    struct MHD_OptionItem more[] = {
        {MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)threads, NULL},
        {MHD_OPTION_END, 0, NULL},
    };
    if (threads < 2)
        more[0] = more[1];
    unsigned per_address = set->behind_proxy ? 0 : SERVER_ADDRESS_CONNECTIONS;
    if (per_address > connections)
        per_address = connections;
    s->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL, NULL,
        call_on_data, s, MHD_OPTION_EXTERNAL_LOGGER, log_of_library, s, MHD_OPTION_LISTEN_SOCKET,
        s->listen_fd, MHD_OPTION_CONNECTION_LIMIT, connections, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
        per_address, MHD_OPTION_CONNECTION_TIMEOUT, s->client_seconds,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)32 << 10, MHD_OPTION_URI_LOG_CALLBACK,
        call_on_uri, s, MHD_OPTION_NOTIFY_COMPLETED, call_on_end, s, MHD_OPTION_NOTIFY_CONNECTION,
        link_on_change, s, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
        MHD_OPTION_ARRAY, more, MHD_OPTION_END);
    return s->daemon || err_set(e, ERR_IO, 0, "the HTTP server cannot be started");
}

bool server_start(const struct server_options *o, struct server **out, char bound[80],
                  struct err *e)
{
    struct server *s = mem_alloc_zero(1, sizeof *s);
    char here[80];
    s->options = *o;
    s->listen_fd = -1;
    pthread_mutex_init(&s->app_lock, NULL);
    pthread_mutex_init(&s->link_lock, NULL);
    s->app = o->app;
    __atomic_add_fetch(&o->app->holders, 1, __ATOMIC_ACQ_REL);
    o->app->server = s;
    static const struct page_cache_ops ops = {answer_hold, answer_release};
    s->app->cache = page_cache_create(
        (size_t)(o->app->settings.cache_mib ? o->app->settings.cache_mib : 64) << 20, &ops);
    s->app->limits = rate_limits_create();
    s->client_seconds =
        o->app->settings.client_seconds ? o->app->settings.client_seconds : SERVER_CLIENT_SECONDS;
    build_name(s);
    *out = s; // before there are threads: what they call may ask for it
    bool ok = open_stores(s, e);
    if (ok) {
        s->listen_fd = listen_open(o->app->settings.listen, bound ? bound : here, e);
        ok = s->listen_fd >= 0 && start_daemon(s, e);
    }
    if (ok) {
        s->keeper_runs = pthread_create(&s->keeper, NULL, keeper_main, s) == 0;
        ok = s->keeper_runs || err_set(e, ERR_IO, 0, "the system gives no more threads");
    }
    if (!ok) {
        server_stop(s, 0);
        *out = NULL;
    }
    return ok;
}

struct server_figures server_figures(struct server *s)
{
    return (struct server_figures){
        .connections = atomic_load(&s->link_count),
        .busy = workers_busy(s->read_workers) + workers_busy(s->write_worker),
    };
}

// No new connections; those that are there may finish what they began.
static void drain(struct server *s, unsigned seconds)
{
    int fd = MHD_quiesce_daemon(s->daemon);
    if (fd >= 0)
        close(fd);
    s->listen_fd = -1;
    for (unsigned i = 0; i < seconds * 20; i++) {
        struct server_figures f = server_figures(s);
        if (f.busy == 0 && (f.connections == 0 || i > 10))
            break;
        pause_milliseconds(50);
    }
}

void server_stop(struct server *s, unsigned seconds)
{
    if (!s)
        return;
    if (s->daemon)
        drain(s, seconds);
    atomic_store(&s->ending, true);
    if (s->keeper_runs)
        pthread_join(s->keeper, NULL);
    // Workers end before the library does: it cannot stop while connections are suspended.
    workers_destroy(s->read_workers);
    workers_destroy(s->write_worker);
    if (s->daemon)
        MHD_stop_daemon(s->daemon);
    if (s->listen_fd >= 0)
        close(s->listen_fd);
    for (size_t i = 0; i < s->reader_count; i++)
        store_close(s->readers[i]);
    free(s->readers);
    flights_destroy(s->flights);
    store_close(s->watcher);
    store_close(s->writer);
    page_cache_destroy(s->app->cache);
    rate_limits_destroy(s->app->limits);
    app_release(s->app);
    pthread_mutex_destroy(&s->app_lock);
    pthread_mutex_destroy(&s->link_lock);
    free(s);
}
