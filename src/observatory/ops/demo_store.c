// SPDX-License-Identifier: Apache-2.0
// Where a demonstration's data are kept, and that they go with it.
#include "observatory/ops/demo.h"
#include "observatory/ops/serve.h"

#include "observatory/store/team_users.h"
#include "observatory/team/password.h"
#include "observatory/team/team.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

// An administrator, whose password is said once and kept nowhere.
static bool add_administrator(struct store *s, struct arena *a, struct err *e)
{
    struct slice password = password_generate(a);
    struct team_user u = {.name = SLICE("demo"), .roles = ROLES_ALL, .lang = SLICE("en")};
    int64_t id;
    struct team_user there;
    if (team_user_find(s, u.name, a, &there, e) == STORE_FOUND) {
        fputs("The store was there already, with its administrator.\n", stdout);
        return true;
    }
    if (!password_hash(NULL, a, password, &u.password, e) || !team_user_add(s, &u, &id, e))
        return false;
    printf("Sign in as:  demo\nPassword:    %.*s\n", SLICE_FMT(password));
    return true;
}

static bool fill(const char *url)
{
    struct store *s = NULL;
    struct err e = {0};
    struct arena a;
    arena_init(&a, 0);
    bool ok =
        store_open(url, STORE_CREATE, &s, &e) && demo_fill(s, &e) && add_administrator(s, &a, &e);
    if (!ok)
        fprintf(stderr, "vigied: %s\n", e.message);
    arena_free(&a);
    store_close(s);
    return ok;
}

bool serve_demo_begin(struct serve_demo *d, const char **store)
{
    const char *folder = getenv("TMPDIR");
    if (!*store) {
        snprintf(d->folder, sizeof d->folder, "%.200s/vigied-demo-XXXXXX",
                 folder && *folder ? folder : "/tmp");
        if (!mkdtemp(d->folder)) {
            fprintf(stderr, "vigied: %s cannot be made: %s\n", d->folder, strerror(errno));
            d->folder[0] = 0;
            return false;
        }
        snprintf(d->url, sizeof d->url, "sqlite:%s/registry.db", d->folder);
        *store = d->url;
    }
    return fill(*store);
}

// The folder was made by us and holds plain files only.
void serve_demo_end(struct serve_demo *d)
{
    DIR *folder = d->folder[0] ? opendir(d->folder) : NULL;
    if (!folder)
        return;
    for (struct dirent *f; (f = readdir(folder));)
        if (strcmp(f->d_name, ".") != 0 && strcmp(f->d_name, "..") != 0)
            unlinkat(dirfd(folder), f->d_name, 0);
    closedir(folder);
    rmdir(d->folder);
}
