// SPDX-License-Identifier: Apache-2.0
// The configuration file: lines of `key = value`. vigied.conf(5) is made from the same table.
#ifndef VIGIE_OBSERVATORY_OPS_CONFIG_H
#define VIGIE_OBSERVATORY_OPS_CONFIG_H

#include "observatory/http/app.h"

#define CONFIG_DEFAULT_STORE "sqlite:registry.db"

enum { CONFIG_MAX_BYTES = 256 << 10, CONFIG_MAX_LINE = 4096 };

enum config_kind { CONFIG_TEXT, CONFIG_NUMBER, CONFIG_SWITCH };

struct config_key {
    const char *name;
    enum config_kind kind;
    size_t offset;        // in struct settings
    unsigned least, most; // of numbers
    const char *does;
    const char *initial; // as it would be written
};
const struct config_key *config_keys(size_t *count);

void config_defaults(struct settings *out);
// Text of a file into out, whose other values stay; strings go into the arena. name: for messages.
// An error names file, line and cause.
[[nodiscard]] bool config_parse(struct slice text, const char *name, struct arena *a,
                                struct settings *out, struct err *e);
[[nodiscard]] bool config_read(const char *path, struct arena *a, struct settings *out,
                               struct err *e);
// What was left open and then lies beside the store: the folder of releases, the key of second
// factors. Memory: arena.
void config_fill(struct settings *s, struct arena *a);
// What fits together: an error names the two that do not.
[[nodiscard]] bool config_check(const struct settings *s, struct err *e);

#endif
