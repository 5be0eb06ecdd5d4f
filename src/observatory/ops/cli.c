// SPDX-License-Identifier: Apache-2.0
#include "observatory/ops/cli.h"

#include "base/term.h"

int cli_complain(const char *command, const struct err *e)
{
    struct buf b = {0};
    term_escape_lines(&b, slice_from_str(e->message));
    fprintf(stderr, "vigied %s: %.*s\n", command, (int)b.len, (const char *)b.at);
    buf_free(&b);
    return CLI_TROUBLE;
}

void cli_print_escaped(FILE *to, struct slice s)
{
    struct buf b = {0};
    term_escape(&b, s);
    fwrite(b.at, 1, b.len, to);
    buf_free(&b);
}

bool cli_read_file(const char *path, size_t max, struct arena *a, struct slice *out, struct err *e)
{
    FILE *f = fopen(path, "rbe");
    if (!f)
        return err_set_errno(e, "%s", path);
    uint8_t *bytes = arena_bytes(a, max + 1);
    size_t len = fread(bytes, 1, max + 1, f);
    bool bad = ferror(f);
    fclose(f);
    if (bad)
        return err_set(e, ERR_IO, 0, "%s: cannot be read", path);
    if (len > max)
        return err_set(e, ERR_LIMIT, 0, "%s: more than %zu bytes", path, max);
    *out = slice_of(bytes, len);
    return true;
}
