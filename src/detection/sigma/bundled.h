// SPDX-License-Identifier: Apache-2.0
// What is built into the program out of knowledge/ (by tools/embed.c).
#ifndef VIGIE_DETECTION_SIGMA_BUNDLED_H
#define VIGIE_DETECTION_SIGMA_BUNDLED_H

#include "base/slice.h"

struct bundled_file {
    const char *path; // below knowledge/, e.g. "rules/windows/execution/x.yml"
    const uint8_t *at;
    size_t len;
};

// Generated; in the order of their paths, ends with a NULL path.
extern const struct bundled_file bundled_files[];

struct slice sigma_bundled_logsource(void);

#endif
