// SPDX-License-Identifier: Apache-2.0
#include "observatory/ops/config.h"

#include "base/utf.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    struct settings s;
    struct err e = {0};
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy)
        return 0;
    memcpy(copy, data, size);
    arena_init(&a, 0);
    config_defaults(&s);
    if (config_parse(slice_of(copy, size), "f", &a, &s, &e)) {
        if (s.threads > 64 || s.cache_mib < 1 || !utf8_valid(s.name_en))
            abort();
        (void)!config_check(&s, &e);
    } else if (e.message[0] != 'f' || e.message[1] != ':') { // every mistake has its line
        abort();
    }
    arena_free(&a);
    free(copy);
    return 0;
}
