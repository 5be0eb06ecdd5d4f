// SPDX-License-Identifier: Apache-2.0
#include "detection/sigma/bundled.h"

#include "detection/sigma/load.h"

struct slice sigma_bundled_logsource(void)
{
    for (const struct bundled_file *f = bundled_files; f->path; f++)
        if (strcmp(f->path, "logsource.tsv") == 0)
            return slice_of(f->at, f->len);
    return (struct slice){0};
}

void sigma_set_add_bundled(struct sigma_set *set, const struct sigma_load_options *options)
{
    static const char folder[] = "rules/";
    struct load_ahead *ahead = load_ahead_create(set, true, options);
    for (const struct bundled_file *f = bundled_files; f->path; f++) {
        if (strncmp(f->path, folder, sizeof folder - 1) != 0)
            continue;
        struct slice name = arena_printf(&set->arena, "(bundled)/%s", f->path + sizeof folder - 1);
        load_ahead_add(ahead, name, slice_of(f->at, f->len));
    }
    load_ahead_destroy(ahead);
}
