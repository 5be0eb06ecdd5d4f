// SPDX-License-Identifier: Apache-2.0
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool err_set(struct err *e, enum err_code code, uint64_t offset, const char *format, ...)
{
    if (!e)
        return false;
    e->code = code;
    e->offset = offset;
    va_list args;
    va_start(args, format);
    vsnprintf(e->message, sizeof e->message, format, args);
    va_end(args);
    return false;
}

bool err_set_errno(struct err *e, const char *format, ...)
{
    int saved = errno;
    if (!e)
        return false;
    e->code = ERR_IO;
    e->offset = 0;
    va_list args;
    va_start(args, format);
    int n = vsnprintf(e->message, sizeof e->message, format, args);
    va_end(args);
    if (n >= 0 && (size_t)n < sizeof e->message)
        snprintf(e->message + n, sizeof e->message - (size_t)n, ": %s", strerror(saved));
    errno = saved;
    return false;
}

const char *err_code_name(enum err_code code)
{
    static const char *const names[] = {
        "none",      "format", "truncated", "checksum", "limit",     "unsupported",
        "encrypted", "io",     "memory",    "usage",    "cancelled",
    };
    return (size_t)code < sizeof names / sizeof *names ? names[code] : "unknown";
}
