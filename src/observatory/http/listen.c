// SPDX-License-Identifier: Apache-2.0
// The listening socket: of our own, or one that systemd hands over (sd_listen_fds(3)).
#include "observatory/http/server_private.h"

#include "observatory/http/parse.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

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
    if (!http_listen_split(where, host, port, e))
        return -1;
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
