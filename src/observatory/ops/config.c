// SPDX-License-Identifier: Apache-2.0
#include "observatory/ops/config.h"

#include "base/utf.h"
#include "observatory/http/parse.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define TEXT_KEY(name, initial, does)                                                              \
    {                                                                                              \
#name, CONFIG_TEXT, offsetof(struct settings, name), 0, 0, does, initial                   \
    }
#define NUMBER_KEY(name, initial, least, most, does)                                               \
    {                                                                                              \
#name, CONFIG_NUMBER, offsetof(struct settings, name), least, most, does, initial          \
    }
#define SWITCH_KEY(name, initial, does)                                                            \
    {                                                                                              \
#name, CONFIG_SWITCH, offsetof(struct settings, name), 0, 0, does, initial                 \
    }

static const struct config_key keys[] = {
    TEXT_KEY(listen, "127.0.0.1:8080",
             "Address and port to listen to. Changing it needs a restart."),
    TEXT_KEY(store, CONFIG_DEFAULT_STORE, "Where the records are. Changing it needs a restart."),
    TEXT_KEY(base_url, "",
             "The registry's address as readers see it, without a slash at the end, such as "
             "https://registry.example.org. Empty: taken from each request's Host header."),
    TEXT_KEY(name_en, "Registry of cyber incidents", "The registry's name in English."),
    TEXT_KEY(name_fr, "Registre des cyberincidents", "The registry's name in French."),
    TEXT_KEY(contact, "", "Where corrections are received: an e-mail or web address."),
    TEXT_KEY(coverage_en, "",
             "What the registry covers and what it does not, in English; it "
             "stands beside figures."),
    TEXT_KEY(coverage_fr, "", "The same in French."),
    TEXT_KEY(release_key, "",
             "File of the secret key with which `vigied release --config` signs. The server does "
             "not read it."),
    TEXT_KEY(
        release_folder, "",
        "Folder in which `vigied release` puts releases and from which the server offers their "
        "files. Empty: releases beside the store. Changing it needs a restart."),
    TEXT_KEY(secret_key, "",
             "File of the key with which second factors are sealed in the store; it is made when "
             "it is not there. Empty: beside the store, with .key after its name. Keep a copy of "
             "it apart from the backups. Changing it needs a restart."),
    NUMBER_KEY(threads, "0", 0, 64,
               "Threads that speak HTTP; 0: one for each processor. Changing "
               "it needs a restart."),
    NUMBER_KEY(requests_per_minute, "600", 0, 1000000,
               "Requests that one network address may make in a minute, those not counted that a "
               "kept page answers. A search counts once, a form five times, a whole export ten "
               "times. 0: no limit."),
    NUMBER_KEY(cache_mib, "64", 1, 65536,
               "Memory for finished pages, in MiB. Changing it needs a "
               "restart."),
    NUMBER_KEY(max_connections, "1024", 16, 65536,
               "Connections at the same time. Changing it needs a restart."),
    NUMBER_KEY(client_seconds, "30", 1, 3600,
               "What a client has to send the headers of a request; four times as much for a body, "
               "and as long as that, and longer for larger ones, to take the answer."),
    SWITCH_KEY(behind_proxy, "no",
               "Believe X-Forwarded-For and X-Forwarded-Proto. Only with a proxy of your own in "
               "front, and no other way in."),
    SWITCH_KEY(secure_cookies, "yes",
               "Cookies go over https only. `no` is for trying things out on localhost."),
    SWITCH_KEY(log_requests, "yes",
               "One line for each request; never who asked, nor for what words."),
    SWITCH_KEY(public_metrics, "no",
               "/metrics answers everybody, and not only this machine: it counts drafts too."),
};

const struct config_key *config_keys(size_t *count)
{
    *count = sizeof keys / sizeof *keys;
    return keys;
}

static bool set_number(const struct config_key *k, struct slice value, unsigned *out, struct err *e)
{
    uint64_t n = 0;
    bool good = value.len > 0 && value.len < 10;
    for (size_t i = 0; good && i < value.len; i++) {
        good = value.at[i] >= '0' && value.at[i] <= '9';
        n = n * 10 + (uint64_t)(value.at[i] - '0');
    }
    if (!good || n < k->least || n > k->most)
        return err_set(e, ERR_USAGE, 0, "%s must be a whole number from %u to %u", k->name,
                       k->least, k->most);
    *out = (unsigned)n;
    return true;
}

static bool set_switch(const struct config_key *k, struct slice value, bool *out, struct err *e)
{
    bool yes = slice_equal_str(value, "yes") || slice_equal_str(value, "true");
    if (!yes && !slice_equal_str(value, "no") && !slice_equal_str(value, "false"))
        return err_set(e, ERR_USAGE, 0, "%s must be yes or no", k->name);
    *out = yes;
    return true;
}

static bool set_key(const struct config_key *k, struct slice value, struct arena *a,
                    struct settings *out, struct err *e)
{
    void *to = (uint8_t *)out + k->offset;
    switch (k->kind) {
    case CONFIG_NUMBER:
        return set_number(k, value, to, e);
    case CONFIG_SWITCH:
        return set_switch(k, value, to, e);
    case CONFIG_TEXT:
        break;
    }
    struct slice copy = a ? arena_copy(a, value) : value;
    memcpy(to, &copy, sizeof copy);
    return true;
}

void config_defaults(struct settings *out)
{
    *out = (struct settings){0};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct err e = {0};
        // The texts are the table's own. A default that is not allowed is found by the tests.
        if (!set_key(&keys[i], slice_from_str(keys[i].initial), NULL, out, &e))
            continue;
    }
}

static const struct config_key *key_find(struct slice name)
{
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (slice_equal_str(name, keys[i].name))
            return &keys[i];
    return NULL;
}

// "…" keeps spaces at its ends; there are no escapes.
static bool unquote(struct slice *value, struct err *e)
{
    if (value->len == 0 || value->at[0] != '"')
        return true;
    if (value->len < 2 || value->at[value->len - 1] != '"')
        return err_set(e, ERR_FORMAT, 0, "the quotation mark has no other one at the line's end");
    *value = slice_sub(*value, 1, value->len - 1);
    return true;
}

static bool parse_line(struct slice line, uint64_t *seen, struct arena *a, struct settings *out,
                       struct err *e)
{
    if (line.len > CONFIG_MAX_LINE)
        return err_set(e, ERR_LIMIT, 0, "the line is longer than %d bytes", CONFIG_MAX_LINE);
    line = slice_trim(line);
    if (line.len == 0 || line.at[0] == '#' || line.at[0] == ';')
        return true;
    const uint8_t *equals = memchr(line.at, '=', line.len);
    if (!equals)
        return err_set(e, ERR_FORMAT, 0, "there is no '=' between a key and its value");
    size_t split = (size_t)(equals - line.at);
    struct slice name = slice_trim(slice_sub(line, 0, split));
    struct slice value = slice_trim(slice_sub(line, split + 1, line.len));
    const struct config_key *k = key_find(name);
    if (!k)
        return err_set(e, ERR_USAGE, 0, "there is no key '%.*s'",
                       (int)(name.len > 60 ? 60 : name.len), (const char *)name.at);
    uint64_t bit = 1ull << (k - keys);
    if (*seen & bit)
        return err_set(e, ERR_USAGE, 0, "%s is set for the second time", k->name);
    *seen |= bit;
    if (!utf8_valid(value) || (value.len && memchr(value.at, 0, value.len)))
        return err_set(e, ERR_FORMAT, 0, "%s is not valid UTF-8 text", k->name);
    return unquote(&value, e) && set_key(k, value, a, out, e);
}

bool config_parse(struct slice text, const char *name, struct arena *a, struct settings *out,
                  struct err *e)
{
    struct settings s = *out;
    uint64_t seen = 0;
    unsigned number = 0;
    for (size_t i = 0; i < text.len;) {
        const uint8_t *end = memchr(text.at + i, '\n', text.len - i);
        size_t stop = end ? (size_t)(end - text.at) : text.len;
        struct err cause = {0};
        number++;
        if (!parse_line(slice_sub(text, i, stop), &seen, a, &s, &cause))
            return err_set(e, cause.code, number, "%s:%u: %s", name, number, cause.message);
        i = stop + 1;
    }
    *out = s;
    return true;
}

bool config_read(const char *path, struct arena *a, struct settings *out, struct err *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set_errno(e, "%s cannot be read", path);
    uint8_t *to = arena_bytes(a, CONFIG_MAX_BYTES + 1);
    size_t n = 0;
    ssize_t got = 0;
    while (n <= CONFIG_MAX_BYTES &&
           ((got = read(fd, to + n, CONFIG_MAX_BYTES + 1 - n)) > 0 || (got < 0 && errno == EINTR)))
        n += got > 0 ? (size_t)got : 0;
    int saved = errno;
    close(fd);
    errno = saved;
    if (got < 0)
        return err_set_errno(e, "%s cannot be read", path);
    if (n > CONFIG_MAX_BYTES)
        return err_set(e, ERR_LIMIT, 0, "%s is larger than %d bytes", path, CONFIG_MAX_BYTES);
    return config_parse(slice_of(to, n), path, a, out, e);
}

void config_fill(struct settings *s, struct arena *a)
{
    struct slice path = s->store;
    if (slice_starts(path, SLICE("sqlite:")))
        path = slice_sub(path, 7, path.len);
    else if (path.len && memmem(path.at, path.len, "://", 3))
        return; // it has no folder
    const uint8_t *slash = path.at ? memrchr(path.at, '/', path.len) : NULL;
    struct slice folder = slice_sub(path, 0, slash ? (size_t)(slash - path.at) + 1 : 0);
    if (!s->release_folder.len)
        s->release_folder = arena_printf(a, "%.*sreleases", SLICE_FMT(folder));
    if (!s->secret_key.len)
        s->secret_key = arena_printf(a, "%.*s.key", SLICE_FMT(path));
}

bool config_check(const struct settings *s, struct err *e)
{
    struct slice base = s->base_url;
    bool http = slice_starts(base, SLICE("http://")), https = slice_starts(base, SLICE("https://"));
    if (base.len && !http && !https)
        return err_set(e, ERR_USAGE, 0, "base_url must begin with http:// or https://");
    if (base.len && !http_host_valid(slice_sub(base, http ? 7 : 8, base.len)))
        return err_set(e, ERR_USAGE, 0,
                       "base_url must be a scheme and a host alone, without a path or a slash at "
                       "the end");
    if (http && s->secure_cookies)
        return err_set(e, ERR_USAGE, 0,
                       "nobody could sign in: base_url is http, and secure_cookies is yes");
    char host[64], port[8];
    return http_listen_split(s->listen, host, port, e);
}
