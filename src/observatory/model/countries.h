// SPDX-License-Identifier: Apache-2.0
// The tables behind record.h's functions on countries.
#ifndef VIGIE_OBSERVATORY_MODEL_COUNTRIES_H
#define VIGIE_OBSERVATORY_MODEL_COUNTRIES_H

#include <stddef.h>

struct country {
    const char *code; // sorted by it
    double latitude, longitude;
};
struct country_alias {
    const char *name; // sorted by it
    const char *code;
};
extern const struct country country_table[];
extern const size_t country_table_count;
extern const struct country_alias country_aliases[];
extern const size_t country_alias_count;

#endif
