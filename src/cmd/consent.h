// SPDX-License-Identifier: Apache-2.0
// Who gave consent to the audit, for what, until when: from a file of `key: value` lines, or asked
// on a terminal.
#ifndef VIGIE_CMD_CONSENT_H
#define VIGIE_CMD_CONSENT_H

#include "base/arena.h"
#include "case/case.h"

// Reads the file. Keys: person, scope, until, contact, recorded-by, withdrawal; unknown keys and
// lines without a colon are refused, so that a typing mistake is not lost. At most 64 KiB.
[[nodiscard]] bool consent_read(const char *path, struct arena *a, struct case_consent *out,
                                struct err *e);
// Asks on the terminal (standard input and error); an empty first answer means: not recorded.
void consent_ask(struct arena *a, struct case_consent *out);

#endif
