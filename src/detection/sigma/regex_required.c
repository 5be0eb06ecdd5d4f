// SPDX-License-Identifier: Apache-2.0
// The literals that a text must contain if a regex is to match it.
//
// The pattern is read once, from left to right, as alternatives of sequences of atoms. A run of
// literal characters that must stand side by side is a requirement; so is what a group requires
// that must occur at least once; of an alternation, the requirements of all branches together (each
// branch must have one). Of a sequence the strongest requirement is kept. Whatever is not
// understood ends the search without a result: the regex is then simply run more often than needed.
//
// The literals are compared with the folded text. That is sound for case-sensitive and caseless
// regexes alike: equal texts fold to equal texts, and PCRE2's caseless matching of ASCII letters
// joins the same characters as folding does.
#include "detection/sigma/regex.h"

#include "base/utf.h"

enum {
    MAX_DEPTH = 32,
    MAX_LITERALS = 64,
    MAX_RUN = 64,
};

struct need {
    struct slice texts[MAX_LITERALS];
    size_t count; // 0: requires nothing
};

struct parser {
    struct arena *arena;
    struct slice pattern;
    size_t pos;
    bool lost; // met something it does not understand
};

// A need is as strong as its shortest literal is long; fewer literals are better.
static size_t strength(const struct need *n)
{
    if (n->count == 0)
        return 0;
    size_t shortest = SIZE_MAX;
    for (size_t i = 0; i < n->count; i++)
        if (n->texts[i].len < shortest)
            shortest = n->texts[i].len;
    return shortest * 64 + (MAX_LITERALS - n->count);
}

static void keep_stronger(struct need *best, const struct need *other)
{
    if (strength(other) > strength(best))
        *best = *other;
}

struct run {
    uint8_t bytes[MAX_RUN];
    size_t len;
};

// One character alone is worth asking for when few texts have it.
static bool is_telling(const struct run *run)
{
    return run->len >= 2 || (run->len == 1 && memchr("`^~", run->bytes[0], 3));
}

static void end_run(struct parser *p, struct run *run, struct need *best)
{
    if (is_telling(run)) {
        struct need n = {.count = 1};
        n.texts[0] = utf8_fold_copy(p->arena, slice_of(run->bytes, run->len));
        keep_stronger(best, &n);
    }
    run->len = 0;
}

static bool at_end(const struct parser *p)
{
    return p->pos >= p->pattern.len;
}

static uint8_t peek(const struct parser *p)
{
    return at_end(p) ? 0 : p->pattern.at[p->pos];
}

// Reads a quantifier behind an atom. *least: 0, or 1 for "at least once"; *exact: no quantifier at
// all.
static void quantifier(struct parser *p, bool *optional, bool *exact)
{
    *optional = false;
    *exact = true;
    uint8_t c = peek(p);
    if (c == '*' || c == '?') {
        *optional = true;
    } else if (c == '{') {
        size_t q = p->pos + 1;
        while (q < p->pattern.len &&
               ((p->pattern.at[q] >= '0' && p->pattern.at[q] <= '9') || p->pattern.at[q] == ','))
            q++;
        // {3}, {3,}, {3,5}; with anything else the brace is a literal in PCRE2: not worth telling
        // apart.
        if (q >= p->pattern.len || p->pattern.at[q] != '}' || q == p->pos + 1 ||
            p->pattern.at[p->pos + 1] == ',') {
            p->lost = true;
            return;
        }
        // 0, 00, 0,5 …: may be left out.
        size_t digit = p->pos + 1;
        *optional = true;
        for (; p->pattern.at[digit] >= '0' && p->pattern.at[digit] <= '9'; digit++)
            if (p->pattern.at[digit] != '0')
                *optional = false;
        p->pos = q;
    } else if (c != '+') {
        return;
    }
    *exact = false;
    p->pos++;
    if (peek(p) == '?' || peek(p) == '+') // lazy, possessive
        p->pos++;
}

static void skip_class(struct parser *p)
{
    p->pos++; // [
    if (peek(p) == '^')
        p->pos++;
    if (peek(p) == ']')
        p->pos++;
    for (; !at_end(p) && peek(p) != ']'; p->pos++) {
        if (peek(p) == '\\') {
            p->pos++;
            if (peek(p) == 'Q' || peek(p) == 'E' || at_end(p)) {
                p->lost = true;
                return;
            }
        } else if (peek(p) == '[' && p->pos + 1 < p->pattern.len &&
                   (p->pattern.at[p->pos + 1] == ':' || p->pattern.at[p->pos + 1] == '.' ||
                    p->pattern.at[p->pos + 1] == '=')) {
            const uint8_t *close = memmem(p->pattern.at + p->pos, p->pattern.len - p->pos, ":]", 2);
            if (!close) {
                p->lost = true;
                return;
            }
            p->pos = (size_t)(close - p->pattern.at) + 1;
        }
    }
    if (at_end(p))
        p->lost = true;
    else
        p->pos++;
}

static struct need alternatives(struct parser *p, unsigned depth);

// Behind "(": what kind of group. Only those that change nothing for the search are understood.
static bool open_group(struct parser *p, bool *is_flags)
{
    *is_flags = false;
    if (peek(p) == '*')
        return false; // verbs
    if (peek(p) != '?')
        return true;
    size_t q = p->pos + 1;
    while (q < p->pattern.len &&
           (p->pattern.at[q] == 'i' || p->pattern.at[q] == 's' || p->pattern.at[q] == 'm'))
        q++;
    if (q >= p->pattern.len || (p->pattern.at[q] != ':' && p->pattern.at[q] != ')'))
        return false;
    *is_flags = p->pattern.at[q] == ')';
    p->pos = q + 1;
    return true;
}

// Reads one escape. Returns the literal character, or -1 for a class, an anchor …
static int escape(struct parser *p)
{
    p->pos++;
    uint8_t c = peek(p);
    p->pos++;
    if (c == 0 || c >= 0x80) {
        p->lost = true;
        return -1;
    }
    if (strchr("dDwWsSbBAzZntrfeahHvVR", c))
        return -1;
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
        p->lost = true;
        return -1;
    }
    return c;
}

static struct need group(struct parser *p, unsigned depth)
{
    struct need none = {0};
    bool flags;
    p->pos++; // (
    if (depth >= MAX_DEPTH || !open_group(p, &flags)) {
        p->lost = true;
        return none;
    }
    if (flags)
        return none;
    struct need inner = alternatives(p, depth + 1);
    if (peek(p) != ')')
        p->lost = true;
    p->pos++;
    return inner;
}

// One literal character (ASCII; others break the run), with what stands behind it.
static void literal(struct parser *p, int c, struct run *run, struct need *best)
{
    bool optional, exact;
    quantifier(p, &optional, &exact);
    if (c >= 0x80 || optional || run->len == MAX_RUN) {
        end_run(p, run, best);
        return;
    }
    run->bytes[run->len++] = (uint8_t)c;
    if (!exact)
        end_run(p, run, best);
}

static struct need sequence(struct parser *p, unsigned depth)
{
    struct need best = {0};
    struct run run = {.len = 0};
    while (!p->lost && !at_end(p) && peek(p) != '|' && peek(p) != ')') {
        uint8_t c = peek(p);
        int escaped = -1;
        struct need inner = {0};
        bool optional, exact;
        switch (c) {
        case '(':
            inner = group(p, depth);
            break;
        case '[':
            skip_class(p);
            break;
        case '^':
        case '$':
            p->pos++;
            continue;
        case '.':
            p->pos++;
            break;
        case '\\':
            escaped = escape(p);
            break;
        case '*':
        case '+':
        case '?':
            p->lost = true;
            break;
        default:
            p->pos++;
            escaped = c;
        }
        if (escaped >= 0) {
            literal(p, escaped, &run, &best);
            continue;
        }
        end_run(p, &run, &best);
        quantifier(p, &optional, &exact);
        if (!optional)
            keep_stronger(&best, &inner);
    }
    end_run(p, &run, &best);
    return best;
}

static struct need alternatives(struct parser *p, unsigned depth)
{
    struct need all = sequence(p, depth);
    while (!p->lost && peek(p) == '|' && !at_end(p)) {
        p->pos++;
        struct need next = sequence(p, depth);
        if (all.count == 0 || next.count == 0 || all.count + next.count > MAX_LITERALS) {
            all.count = 0;
            continue;
        }
        for (size_t i = 0; i < next.count; i++)
            all.texts[all.count++] = next.texts[i];
    }
    return all;
}

bool regex_required(struct arena *a, struct slice pattern, regex_literals *out)
{
    struct parser p = {.arena = a, .pattern = pattern};
    struct need n = alternatives(&p, 0);
    if (p.lost || !at_end(&p) || n.count == 0)
        return false;
    for (size_t i = 0; i < n.count; i++)
        *ARRAY_ADD(out) = n.texts[i];
    return true;
}
