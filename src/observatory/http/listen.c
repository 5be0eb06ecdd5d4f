// SPDX-License-Identifier: Apache-2.0
// The listening socket: of our own, or one that systemd hands over (sd_listen_fds(3)).
#include "observatory/http/server_private.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

// "ADDR:PORT", "[ADDR]:PORT" or ":PORT" taken apart.
static bool split(struct slice where, char host[64], char port[8])
{
    const uint8_t *colon = where.at ? memrchr(where.at, ':', where.len) : NULL;
    if (!colon)
        return false;
    struct slice h = slice_sub(where, 0, (size_t)(colon - where.at));
    struct slice p = slice_sub(where, h.len + 1, where.len);
    if (h.len >= 2 && h.at[0] == '[' && h.at[h.len - 1] == ']')
        h = slice_sub(h, 1, h.len - 1);
    if (h.len > 63 || p.len == 0 || p.len > 5)
        return false;
    for (size_t i = 0; i < p.len; i++)
        if (p.at[i] < '0' || p.at[i] > '9')
            return false;
    snprintf(host, 64, "%.*s", SLICE_FMT(h));
    snprintf(port, 8, "%.*s", SLICE_FMT(p));
    return strtol(port, NULL, 10) <= 65535;
}

static void name_of(int fd, char bound[80])
{
    struct sockaddr_storage a;
    socklen_t n = sizeof a;
    char text[INET6_ADDRSTRLEN] = "";
    bound[0] = 0;
    if (getsockname(fd, (struct sockaddr *)&a, &n) != 0)
        return;
    if (a.ss_family == AF_INET6) {
        const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&a;
        inet_ntop(AF_INET6, &six->sin6_addr, text, sizeof text);
        snprintf(bound, 80, "[%s]:%u", text, (unsigned)ntohs(six->sin6_port));
    } else if (a.ss_family == AF_INET) {
        const struct sockaddr_in *four = (const struct sockaddr_in *)&a;
        inet_ntop(AF_INET, &four->sin_addr, text, sizeof text);
        snprintf(bound, 80, "%s:%u", text, (unsigned)ntohs(four->sin_port));
    }
}

static int from_systemd(void)
{
    const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
    if (!pid || !fds || strtol(pid, NULL, 10) != getpid() || strtol(fds, NULL, 10) < 1)
        return -1;
    return 3;
}

int listen_open(struct slice where, char bound[80], struct err *e)
{
    int fd = from_systemd();
    if (fd >= 0) {
        name_of(fd, bound);
        return fd;
    }
    char host[64], port[8];
    if (!split(where, host, port)) {
        err_set(e, ERR_USAGE, 0,
                "'%.*s' is not an address to listen to; write ADDRESS:PORT, as in "
                "127.0.0.1:8080 or [::1]:8080",
                SLICE_FMT(where));
        return -1;
    }
    struct addrinfo hints = {.ai_family = AF_UNSPEC,
                             .ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_PASSIVE | AI_NUMERICSERV},
                    *list = NULL;
    int failed = getaddrinfo(*host ? host : NULL, port, &hints, &list);
    if (failed) {
        err_set(e, ERR_USAGE, 0, "the address %.*s cannot be found: %s", SLICE_FMT(where),
                gai_strerror(failed));
        return -1;
    }
    fd = socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int one = 1;
    bool ok = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0 &&
              bind(fd, list->ai_addr, list->ai_addrlen) == 0 && listen(fd, 511) == 0;
    freeaddrinfo(list);
    if (!ok) {
        err_set_errno(e, "cannot listen on %.*s", SLICE_FMT(where));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    name_of(fd, bound);
    return fd;
}
