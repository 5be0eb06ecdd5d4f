// SPDX-License-Identifier: Apache-2.0
// A rule file of any bytes: loading, joining and compiling must neither crash nor take long. The
// input may hold several files, parted by a line "%%%" (filters and correlations reach over files).
#include "detection/sigma/engine.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct sigma_load_options options = {.with_deprecated = true};
    struct sigma_set set;
    sigma_set_init(&set);
    struct slice rest = slice_of(data, size);
    for (bool more = true; more;) {
        const uint8_t *cut = rest.len ? memmem(rest.at, rest.len, "\n%%%\n", 5) : NULL;
        size_t len = cut ? (size_t)(cut - rest.at) : rest.len;
        uint8_t *exact = malloc(len ? len : 1); // so that a read past its end is seen
        if (!exact)
            abort();
        if (len)
            memcpy(exact, rest.at, len);
        sigma_set_add_text(&set, SLICE("fuzz.yml"), slice_of(exact, len), false, &options);
        free(exact);
        more = cut != NULL;
        rest = slice_sub(rest, len + 5, rest.len);
    }
    sigma_set_finish(&set, &options);
    struct sigma_engine *engine = sigma_engine_create(&set, NULL);
    sigma_engine_destroy(engine);
    sigma_set_free(&set);
    return 0;
}
