// SPDX-License-Identifier: Apache-2.0
#include "base/term.h"
#include "cmd/cmd.h"

#include <stdarg.h>
#include <stdio.h>

int cmd_complain(const char *command, const char *format, ...)
{
    char line[4096];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    struct buf shown = {0};
    term_escape(&shown, slice_from_str(line));
    fprintf(stderr, "vigie %s: %.*s\n", command, SLICE_FMT(buf_slice(&shown)));
    buf_free(&shown);
    return EXIT_TROUBLE;
}
