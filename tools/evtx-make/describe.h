// SPDX-License-Identifier: Apache-2.0
// Reads event descriptions: a YAML stream, one document a log.
#ifndef VIGIE_TOOLS_DESCRIBE_H
#define VIGIE_TOOLS_DESCRIBE_H

#include "event.h"

struct make_log {
    struct slice name; // key "log": the file to write; empty when not given
    struct make_event *events;
    size_t count;
};

// Reads the whole stream. list names the key that holds the events ("events"; rule tests have
// "match" and "no_match"). Documents without that key are skipped. Everything lives in the arena;
// text need not outlive the call.
[[nodiscard]] bool describe_read(struct arena *a, struct slice text, const char *list,
                                 struct make_log **logs, size_t *count, struct err *e);
// Writes a described log; path NULL and out set: into memory (free with buf_free).
struct buf;
[[nodiscard]] bool describe_write(const struct make_log *log, const char *path, struct buf *out,
                                  struct err *e);

#endif
