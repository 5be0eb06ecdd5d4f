// SPDX-License-Identifier: Apache-2.0
// YAML as a small tree with line numbers, read by libyaml's parser events under limits: depth,
// nodes (aliases counted as often as they are used), bytes. Resolution of plain scalars is left to
// whoever asks (yaml_int, yaml_bool, yaml_null).
#ifndef VIGIE_DETECTION_SIGMA_YAML_H
#define VIGIE_DETECTION_SIGMA_YAML_H

#include "base/arena.h"
#include "base/err.h"

enum {
    YAML_MAX_DEPTH = 32,
    YAML_MAX_NODES = 200000, // per document
    YAML_NODE_BYTES = 32,    // so many bytes of text weigh as much as a node
};

enum ynode_kind {
    YNODE_SCALAR,
    YNODE_LIST,
    YNODE_MAP,
};

struct ynode;

struct ypair {
    struct slice key;
    bool key_plain; // not quoted
    uint32_t line;
    struct ynode *value;
};

struct ynode {
    enum ynode_kind kind;
    bool plain; // scalar: neither quoted nor tagged as text, so it may be a number, boolean or null
    uint32_t line;        // from 1
    uint32_t weight;      // nodes and text in and below, aliases counted each time
    uint32_t height;      // levels below
    struct slice text;    // scalar
    struct ynode **items; // list
    struct ypair *pairs;  // map, keys distinct
    size_t count;
};

enum ystream_result {
    YSTREAM_DOCUMENT,
    YSTREAM_BAD, // this document cannot be read (err: offset is the line); go on with the next call
    YSTREAM_END,
};

struct ystream;

// text must stay in place. Nodes live in the arena.
struct ystream *ystream_create(struct arena *a, struct slice text);
void ystream_destroy(struct ystream *s); // takes NULL
// The next document; *out is NULL for an empty one.
enum ystream_result ystream_next(struct ystream *s, struct ynode **out, struct err *e);

// The value of a map's key, or NULL (also when node is no map).
struct ynode *ynode_get(const struct ynode *node, const char *key);
const struct ypair *ynode_pair(const struct ynode *node, struct slice key);
// base with over laid on it: maps are merged key by key, all else is replaced. Neither is changed.
// NULL when the result is deeper or larger than the limits.
struct ynode *ynode_merge(struct arena *a, const struct ynode *base, const struct ynode *over);

// What a plain scalar stands for, where YAML 1.1 and 1.2 agree; what they read differently (0777,
// 1_000, 1:30) is text.
bool ynode_is_null(const struct ynode *node);
[[nodiscard]] bool ynode_bool(const struct ynode *node, bool *out); // also yes, no, on, off
// An integer, decimal or 0x…; false as well when it does not fit.
[[nodiscard]] bool ynode_int(const struct ynode *node, int64_t *out);
// An integer above INT64_MAX that fits into 64 bits.
[[nodiscard]] bool ynode_big(const struct ynode *node, uint64_t *out);

// Decimal (fraction and exponent allowed) or 0x…; the whole of the text.
[[nodiscard]] bool number_parse(struct slice text, double *out);

#endif
