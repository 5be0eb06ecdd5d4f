// SPDX-License-Identifier: Apache-2.0
#include "observatory/exchange/csv.h"

#include "base/utf.h"

// One cell at c->at, which is moved behind it; *last says that the row ends there.
static bool read_quoted(struct csv *c, struct slice *out, struct err *e)
{
    size_t start = c->at, end = c->at + 1;
    bool doubled = false;
    for (;; end++) {
        if (end >= c->input.len)
            return err_set(e, ERR_FORMAT, start, "a quotation mark is opened and never closed");
        if (c->input.at[end] != '"')
            continue;
        if (end + 1 < c->input.len && c->input.at[end + 1] == '"') {
            doubled = true;
            end++;
            continue;
        }
        break;
    }
    struct slice inside = slice_sub(c->input, start + 1, end);
    c->at = end + 1;
    if (inside.len > CSV_MAX_CELL)
        return err_set(e, ERR_LIMIT, start, "a cell has more than %d bytes", CSV_MAX_CELL);
    if (doubled) {
        uint8_t *copy = arena_bytes(c->arena, inside.len);
        size_t len = 0;
        for (size_t i = 0; i < inside.len; i++) {
            copy[len++] = inside.at[i];
            if (inside.at[i] == '"')
                i++;
        }
        inside = slice_of(copy, len);
    }
    *out = inside;
    return true;
}

static bool ends_line(uint8_t ch)
{
    return ch == '\n' || ch == '\r';
}

static bool read_cell(struct csv *c, struct slice *out, struct err *e)
{
    if (c->at < c->input.len && c->input.at[c->at] == '"') {
        if (!read_quoted(c, out, e))
            return false;
        // What stands between the closing mark and the separator is none of the cell's; some
        // programs write spaces there.
        size_t from = c->at;
        while (c->at < c->input.len && !ends_line(c->input.at[c->at]) &&
               c->input.at[c->at] != (uint8_t)c->separator)
            c->at++;
        if (slice_trim(slice_sub(c->input, from, c->at)).len)
            return err_set(e, ERR_FORMAT, from, "text after a closing quotation mark");
    } else {
        size_t from = c->at;
        while (c->at < c->input.len && !ends_line(c->input.at[c->at]) &&
               c->input.at[c->at] != (uint8_t)c->separator)
            c->at++;
        if (c->at - from > CSV_MAX_CELL)
            return err_set(e, ERR_LIMIT, from, "a cell has more than %d bytes", CSV_MAX_CELL);
        *out = slice_sub(c->input, from, c->at);
    }
    *out = utf8_clean(c->arena, *out);
    return true;
}

static void skip_line(struct csv *c)
{
    while (c->at < c->input.len && !ends_line(c->input.at[c->at]))
        c->at++;
    if (c->at < c->input.len && c->input.at[c->at] == '\r')
        c->at++;
    if (c->at < c->input.len && c->input.at[c->at] == '\n')
        c->at++;
}

static bool read_row(struct csv *c, struct err *e)
{
    c->start = c->at;
    c->cells = ARENA_ARRAY(c->arena, struct slice, CSV_MAX_COLUMNS);
    c->cell_count = 0;
    for (;;) {
        if (c->cell_count == CSV_MAX_COLUMNS)
            return err_set(e, ERR_LIMIT, c->start, "a row has more than %d columns",
                           CSV_MAX_COLUMNS);
        if (!read_cell(c, &c->cells[c->cell_count], e))
            return false;
        c->cell_count++;
        if (c->at >= c->input.len || ends_line(c->input.at[c->at]))
            break;
        c->at++; // the separator
    }
    skip_line(c);
    return true;
}

// The most frequent of the three in the first line, outside quotation marks.
static char find_separator(struct slice s)
{
    static const char candidates[] = {',', ';', '\t'};
    size_t counts[3] = {0};
    bool quoted = false;
    for (size_t i = 0; i < s.len && (quoted || !ends_line(s.at[i])); i++) {
        if (s.at[i] == '"')
            quoted = !quoted;
        for (size_t k = 0; k < sizeof candidates && !quoted; k++)
            counts[k] += s.at[i] == (uint8_t)candidates[k];
    }
    size_t best = 0;
    for (size_t k = 1; k < sizeof candidates; k++)
        if (counts[k] > counts[best])
            best = k;
    return candidates[best];
}

bool csv_open(struct csv *c, struct slice input, struct arena *names, struct arena *row,
              struct err *e)
{
    *c = (struct csv){.input = input, .arena = row};
    if (slice_starts(input, SLICE("\xEF\xBB\xBF")))
        c->at = 3;
    while (c->at < input.len && ends_line(input.at[c->at]))
        c->at++;
    if (c->at >= input.len)
        return err_set(e, ERR_FORMAT, 0,
                       "the file is empty: a line with the columns' names is missing");
    c->separator = find_separator(slice_sub(input, c->at, input.len));
    if (!read_row(c, e))
        return false;
    c->names = ARENA_ARRAY(names, struct slice, c->cell_count);
    for (size_t i = 0; i < c->cell_count; i++)
        c->names[i] = arena_copy(names, slice_trim(c->cells[i]));
    c->name_count = c->cell_count;
    return true;
}

enum csv_result csv_next(struct csv *c, struct err *e)
{
    arena_reset(c->arena);
    while (c->at < c->input.len && ends_line(c->input.at[c->at]))
        c->at++;
    if (c->at >= c->input.len)
        return CSV_END;
    c->row++;
    if (read_row(c, e))
        return CSV_ROW;
    c->at = c->start;
    skip_line(c);
    return CSV_ERROR;
}

static int find_name(const struct csv *c, const char *name)
{
    for (size_t i = 0; i < c->name_count; i++)
        if (slice_equal_str(c->names[i], name))
            return (int)i;
    return -1;
}

bool csv_has(const struct csv *c, const char *name)
{
    return find_name(c, name) >= 0;
}

struct slice csv_cell_of(const struct csv *c, const char *name)
{
    int i = find_name(c, name);
    if (i < 0 || (size_t)i >= c->cell_count)
        return (struct slice){0};
    return slice_trim(c->cells[i]);
}
