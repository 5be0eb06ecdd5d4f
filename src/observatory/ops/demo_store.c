// SPDX-License-Identifier: Apache-2.0
// Where a demonstration's data are kept, and that they go with it.
#include "observatory/ops/serve.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static bool fill(const char *url)
{
    struct store *s = NULL;
    struct err e = {0};
    bool ok = store_open(url, STORE_CREATE, &s, &e);
    if (!ok)
        fprintf(stderr, "vigied: %s\n", e.message);
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
