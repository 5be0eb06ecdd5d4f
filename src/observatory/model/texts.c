// SPDX-License-Identifier: Apache-2.0
#include "observatory/model/texts.h"

extern const struct text_pair web_texts_fr[];
extern const size_t web_texts_fr_count;

const struct language *web_language(struct slice code)
{
    static const struct language list[] = {
        {.code = "en", .thousands = ",", .decimal = "."},
        {.code = "fr",
         .texts = web_texts_fr,
         .text_count = &web_texts_fr_count,
         .thousands = "\u00a0",
         .decimal = ",",
         .one_below_two = true,
         .day_first = true},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        if (slice_equal_str(code, list[i].code))
            return &list[i];
    return NULL;
}
