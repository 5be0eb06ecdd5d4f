// SPDX-License-Identifier: Apache-2.0
#include "cmd/consent.h"

#include "base/utf.h"

#include <stdio.h>

enum { CONSENT_MAX_BYTES = 64 << 10, ANSWER_MAX_BYTES = 1024 };

struct consent_key {
    const char *name;
    size_t offset; // in struct case_consent
    const char *question;
};

static const struct consent_key keys[] = {
    {"person", offsetof(struct case_consent, person), "Who agreed to this audit (name and role)?"},
    {"scope", offsetof(struct case_consent, scope), "To what (which computers, which logs)?"},
    {"until", offsetof(struct case_consent, until), "Until when may the case be kept?"},
    {"contact", offsetof(struct case_consent, contact), "How can they be reached, safely?"},
    {"recorded-by", offsetof(struct case_consent, recorded_by), "Who are you, who records this?"},
    {"withdrawal", offsetof(struct case_consent, withdrawal), NULL},
};

enum { KEY_COUNT = sizeof keys / sizeof *keys };

static struct slice *key_place(struct case_consent *c, const struct consent_key *k)
{
    return (struct slice *)(void *)((char *)c + k->offset);
}

static const struct consent_key *find_key(struct slice name)
{
    for (size_t i = 0; i < KEY_COUNT; i++)
        if (slice_equal_nocase(name, slice_from_str(keys[i].name)))
            return &keys[i];
    return NULL;
}

// One line "key: value"; empty lines and lines that begin with # are passed over.
static bool read_line(struct slice line, uint64_t number, const char *path, struct case_consent *c,
                      struct err *e)
{
    line = slice_trim(line);
    if (line.len == 0 || line.at[0] == '#')
        return true;
    const uint8_t *colon = memchr(line.at, ':', line.len);
    if (!colon)
        return err_set(e, ERR_USAGE, number, "%s:%llu: expected 'key: value'", path,
                       (unsigned long long)number);
    size_t at = (size_t)(colon - line.at);
    const struct consent_key *k = find_key(slice_trim(slice_sub(line, 0, at)));
    if (!k)
        return err_set(e, ERR_USAGE, number,
                       "%s:%llu: unknown key '%.*s'; known: person, scope, until, contact, "
                       "recorded-by, withdrawal",
                       path, (unsigned long long)number,
                       SLICE_FMT(slice_sub(line, 0, at < 40 ? at : 40)));
    *key_place(c, k) = slice_trim(slice_sub(line, at + 1, line.len));
    return true;
}

bool consent_read(const char *path, struct arena *a, struct case_consent *out, struct err *e)
{
    FILE *f = fopen(path, "rbe");
    if (!f)
        return err_set_errno(e, "%s", path);
    uint8_t *bytes = arena_bytes(a, CONSENT_MAX_BYTES + 1);
    size_t n = fread(bytes, 1, CONSENT_MAX_BYTES + 1, f);
    bool failed = ferror(f) != 0;
    fclose(f);
    if (failed)
        return err_set(e, ERR_IO, 0, "%s: cannot be read", path);
    if (n > CONSENT_MAX_BYTES)
        return err_set(e, ERR_LIMIT, CONSENT_MAX_BYTES,
                       "%s: longer than a consent file may be (64 KiB)", path);
    struct slice text = utf8_clean(a, slice_of(bytes, n));
    if (slice_starts(text, SLICE("\xef\xbb\xbf")))
        text = slice_sub(text, 3, text.len);
    struct case_consent c = {.source = slice_from_str(path)};
    for (uint64_t number = 1; text.len; number++) {
        const uint8_t *end = memchr(text.at, '\n', text.len);
        size_t len = end ? (size_t)(end - text.at) : text.len;
        if (!read_line(slice_sub(text, 0, len), number, path, &c, e))
            return false;
        text = slice_sub(text, len + 1, text.len);
    }
    if (c.person.len == 0)
        return err_set(e, ERR_USAGE, 0,
                       "%s: it does not say who consents; add a line 'person: NAME'", path);
    c.given = true;
    *out = c;
    return true;
}

static struct slice ask(struct arena *a, const char *question)
{
    char line[ANSWER_MAX_BYTES];
    fprintf(stderr, "  %s ", question);
    fflush(stderr);
    if (!fgets(line, sizeof line, stdin))
        return (struct slice){0};
    return arena_copy(a, slice_trim(utf8_clean(a, slice_from_str(line))));
}

void consent_ask(struct arena *a, struct case_consent *out)
{
    *out = (struct case_consent){.source = SLICE("asked on the terminal")};
    fputs("Consent. The report records who agreed to this audit. Press Enter to leave it "
          "unrecorded.\n",
          stderr);
    for (size_t i = 0; i < KEY_COUNT; i++) {
        if (!keys[i].question)
            continue;
        *key_place(out, &keys[i]) = ask(a, keys[i].question);
        if (i == 0 && out->person.len == 0)
            return;
    }
    out->given = true;
}
