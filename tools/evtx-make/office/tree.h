// SPDX-License-Identifier: Apache-2.0
// A YAML document as a tree in an arena.
#ifndef VIGIE_TOOLS_TREE_H
#define VIGIE_TOOLS_TREE_H

#include "base/arena.h"
#include "base/err.h"

enum tree_kind { TREE_TEXT, TREE_LIST, TREE_MAP };

struct tree {
    enum tree_kind kind;
    struct slice text;
    bool null; // a plain null, ~ or nothing
    size_t line;
    size_t count;       // of a list or map
    struct tree *items; // a map's values
    struct slice *keys; // of a map
};

// The first document of the text.
[[nodiscard]] bool tree_read(struct arena *a, struct slice yaml, struct tree *out, struct err *e);
const struct tree *tree_get(const struct tree *map, const char *key); // NULL when absent or no map
const struct tree *tree_get_slice(const struct tree *map, struct slice key);
// The text under key, or the given one.
struct slice tree_text(const struct tree *map, const char *key, const char *otherwise);
double tree_number(const struct tree *map, const char *key, double otherwise);
bool tree_flag(const struct tree *map, const char *key);

#endif
