// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target over every file of a folder, in the order of names, each copied to a block of
// its exact size so that an over-read by one byte is seen. Fails when the folder is missing or
// empty: a corpus that is not there tests nothing.
#include "base/arena.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool replay_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return false;
    struct stat st;
    if (fstat(fileno(f), &st) != 0 || !S_ISREG(st.st_mode)) {
        fclose(f);
        return false;
    }
    size_t size = (size_t)st.st_size;
    uint8_t *exact = mem_alloc(size);
    size_t got = fread(exact, 1, size, f);
    fclose(f);
    if (got == size)
        LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return got == size;
}

int main(int argc, char **argv)
{
    size_t passed = 0, failed = 0;
    for (int i = 1; i < argc; i++) {
        struct dirent **entries;
        int n = scandir(argv[i], &entries, NULL, alphasort);
        for (int k = 0; k < n; k++) {
            if (entries[k]->d_name[0] != '.') {
                char path[4096];
                snprintf(path, sizeof path, "%s/%s", argv[i], entries[k]->d_name);
                bool ok = replay_file(path);
                passed += ok;
                failed += !ok;
            }
            free(entries[k]);
        }
        if (n >= 0)
            free(entries);
    }
    printf("%zu passed, %zu failed\n", passed, failed);
    return passed > 0 && failed == 0 ? 0 : 1;
}
