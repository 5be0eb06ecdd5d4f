// SPDX-License-Identifier: Apache-2.0
// Invented data for demonstrations: demo.txt, built into the program. Everything in it is made up:
// persons, organisations, groups, products and sources (whose addresses end in .example).
#ifndef VIGIE_OBSERVATORY_OPS_DEMO_H
#define VIGIE_OBSERVATORY_OPS_DEMO_H

#include "observatory/store/store.h"

// Fills an empty store, in one transaction; one that holds a record already is left as it is.
[[nodiscard]] bool demo_fill(struct store *s, struct err *e);
// The same from another text in demo.txt's form, described at its head. Errors name the line.
[[nodiscard]] bool demo_fill_from(struct store *s, struct slice text, struct err *e);
struct slice demo_text(void); // demo.txt

#endif
