// SPDX-License-Identifier: Apache-2.0
// What went wrong, where. Functions that can fail return false (or a status) and fill a struct err.
#ifndef VIGIE_BASE_ERR_H
#define VIGIE_BASE_ERR_H

#include <stdbool.h>
#include <stdint.h>

enum err_code {
    ERR_NONE = 0,
    ERR_FORMAT,      // the input breaks its format; skip it and go on
    ERR_TRUNCATED,   // the input ends too early
    ERR_CHECKSUM,    // stored and computed checksums differ
    ERR_LIMIT,       // a limit of ours on depth, count or bytes was reached
    ERR_UNSUPPORTED, // valid, but not handled; the message says what
    ERR_ENCRYPTED,   // needs a password
    ERR_IO,          // the operating system refused; the message has its reason
    ERR_MEMORY,      // out of memory
    ERR_USAGE,       // the caller's or user's words are wrong
    ERR_CANCELLED,   // the user asked to stop
};

struct err {
    enum err_code code;
    uint64_t offset; // bytes from the start of the input, where that makes sense
    char message[232];
};

// Fills e and returns false, so that failing is one line. e may be NULL.
[[gnu::format(printf, 4, 5)]] bool err_set(struct err *e, enum err_code code, uint64_t offset,
                                           const char *format, ...);
// As err_set with ERR_IO; appends strerror(errno).
[[gnu::format(printf, 2, 3)]] bool err_set_errno(struct err *e, const char *format, ...);
// A word for the code, for logs and tests ("format", "truncated", …).
const char *err_code_name(enum err_code code);

#endif
