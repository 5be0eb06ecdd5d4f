// SPDX-License-Identifier: Apache-2.0
// Deadlines of connections. A thread looks once a second for those that are past theirs, and shuts
// their sockets down; libmicrohttpd then finds them closed. A socket's number is valid as long as
// the connection is in the list: it leaves the list before it is closed.
#include "observatory/http/server_private.h"

#include <sys/socket.h>
#include <time.h>

uint64_t clock_nanoseconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void link_deadline(struct link *l, uint64_t seconds)
{
    if (l)
        atomic_store_explicit(&l->deadline, clock_nanoseconds() / 1000000000u + seconds,
                              memory_order_relaxed);
}

static void link_add(struct server *s, struct MHD_Connection *connection, void **context)
{
    struct link *l = mem_alloc_zero(1, sizeof *l);
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    l->fd = info ? info->connect_fd : -1;
    link_deadline(l, s->client_seconds);
    pthread_mutex_lock(&s->link_lock);
    l->next = s->links;
    l->to_me = &s->links;
    if (l->next)
        l->next->to_me = &l->next;
    s->links = l;
    pthread_mutex_unlock(&s->link_lock);
    atomic_fetch_add(&s->link_count, 1);
    *context = l;
}

void link_on_change(void *server, struct MHD_Connection *connection, void **context,
                    enum MHD_ConnectionNotificationCode what)
{
    struct server *s = server;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        link_add(s, connection, context);
        return;
    }
    struct link *l = *context;
    if (!l)
        return;
    pthread_mutex_lock(&s->link_lock);
    *l->to_me = l->next;
    if (l->next)
        l->next->to_me = l->to_me;
    pthread_mutex_unlock(&s->link_lock);
    atomic_fetch_sub(&s->link_count, 1);
    *context = NULL;
    free(l);
}

void link_reap(struct server *s)
{
    uint64_t now = clock_nanoseconds() / 1000000000u;
    pthread_mutex_lock(&s->link_lock);
    for (struct link *l = s->links; l; l = l->next) {
        uint64_t deadline = atomic_load_explicit(&l->deadline, memory_order_relaxed);
        if (deadline && deadline < now && l->fd >= 0)
            shutdown(l->fd, SHUT_RDWR);
    }
    pthread_mutex_unlock(&s->link_lock);
}
