// SPDX-License-Identifier: Apache-2.0
// Placeholders in the texts of the world: {user}, {n:1-99}, {pick:list}, …; what is none stays as
// it is.
#include "office.h"

#include "base/buf.h"

static uint64_t number_at(struct slice s, size_t *i)
{
    uint64_t n = 0;
    while (*i < s.len && s.at[*i] >= '0' && s.at[*i] <= '9')
        n = n * 10 + (uint64_t)(s.at[(*i)++] - '0');
    return n;
}

static void add_hex(struct run *r, struct buf *b, uint64_t digits, bool upper)
{
    for (uint64_t i = 0; i < digits; i++)
        buf_byte(
            b, (uint8_t)(upper ? "0123456789ABCDEF" : "0123456789abcdef")[rng_below(&r->rng, 16)]);
}

static void add_guid(struct run *r, struct buf *b)
{
    static const uint64_t PARTS[] = {8, 4, 4, 4, 12};
    for (size_t i = 0; i < 5; i++) {
        if (i)
            buf_byte(b, '-');
        add_hex(r, b, PARTS[i], false);
    }
}

static void add_range(struct run *r, struct buf *b, struct slice argument)
{
    size_t i = 0;
    uint64_t from = number_at(argument, &i);
    i++;
    uint64_t to = number_at(argument, &i);
    buf_u64(b, from + rng_below(&r->rng, to >= from ? to - from + 1 : 1));
}

static bool add_time(struct run *r, struct buf *b, struct slice word, vtime t)
{
    struct civil_time c = time_to_civil(t);
    if (slice_equal_str(word, "date"))
        buf_printf(b, "%04d%02d%02d", c.year, c.month, c.day);
    else if (slice_equal_str(word, "day"))
        buf_printf(b, "%04d-%02d-%02d", c.year, c.month, c.day);
    else if (slice_equal_str(word, "month"))
        buf_printf(b, "%04d-%02d", c.year, c.month);
    else if (slice_equal_str(word, "clock"))
        buf_printf(b, "%02d%02d%02d", c.hour, c.minute, c.second);
    else if (slice_equal_str(word, "now"))
        buf_printf(b, "%04d-%02d-%02dT%02d:%02d:%02d.%07uZ", c.year, c.month, c.day, c.hour,
                   c.minute, c.second, c.ticks);
    else
        return false;
    (void)r;
    return true;
}

static bool add_person(struct run *r, struct buf *b, struct slice word)
{
    const struct person *p = r->who;
    if (slice_equal_str(word, "user"))
        buf_add(b, p->name);
    else if (slice_equal_str(word, "domain"))
        buf_add(b, p->domain);
    else if (slice_equal_str(word, "account"))
        buf_printf(b, "%.*s\\%.*s", SLICE_FMT(p->domain), SLICE_FMT(p->name));
    else if (slice_equal_str(word, "home"))
        buf_add(b, p->home);
    else if (slice_equal_str(word, "sid"))
        buf_add(b, p->sid);
    else if (slice_equal_str(word, "logonid"))
        buf_printf(b, "0x%llx", (unsigned long long)p->logon);
    else if (slice_equal_str(word, "pc"))
        buf_add(b, r->pc->name);
    else if (slice_equal_str(word, "fqdn"))
        buf_add(b, r->pc->fqdn);
    else if (slice_equal_str(word, "ip"))
        buf_add(b, r->pc->ip);
    else
        return false;
    return true;
}

static bool add_word(struct run *r, struct buf *b, struct slice word, struct slice argument)
{
    for (size_t i = r->vars_count; i-- > 0;) {
        if (slice_equal(r->vars[i].name, word)) {
            buf_add(b, r->vars[i].value);
            return true;
        }
    }
    if (add_person(r, b, word) || add_time(r, b, word, r->t))
        return true;
    if (slice_equal_str(word, "guid")) {
        add_guid(r, b);
        return true;
    }
    if (!argument.len)
        return false;
    size_t i = 0;
    if (slice_equal_str(word, "n")) {
        add_range(r, b, argument);
    } else if (slice_equal_str(word, "hex") || slice_equal_str(word, "HEX")) {
        add_hex(r, b, number_at(argument, &i), word.at[0] == 'H');
    } else if (slice_equal_str(word, "pid")) {
        const struct process *p = office_process(r, argument);
        buf_u64(b, p ? p->pid : 0);
    } else if (slice_equal_str(word, "hexpid")) {
        const struct process *p = office_process(r, argument);
        buf_printf(b, "0x%x", p ? p->pid : 0);
    } else if (slice_equal_str(word, "pguid")) {
        const struct process *p = office_process(r, argument);
        buf_add(b, p ? p->guid : SLICE("00000000-0000-0000-0000-000000000000"));
    } else if (slice_equal_str(word, "pick")) {
        const struct tree *list = tree_get_slice(tree_get(&r->o->world, "lists"), argument);
        if (!list || list->kind != TREE_LIST || !list->count) {
            office_fail(r->o, 0, "no list", argument);
            return true;
        }
        buf_add(b, office_expand(r, list->items[rng_below(&r->rng, list->count)].text));
    } else {
        return false;
    }
    return true;
}

struct slice office_expand(struct run *r, struct slice text)
{
    struct buf b = {0};
    for (size_t i = 0; i < text.len; i++) {
        const uint8_t *end = text.at[i] == '{' ? memchr(text.at + i, '}', text.len - i) : NULL;
        if (end) {
            struct slice inside = slice_sub(text, i + 1, (size_t)(end - text.at));
            const uint8_t *colon = inside.len ? memchr(inside.at, ':', inside.len) : NULL;
            size_t word = colon ? (size_t)(colon - inside.at) : inside.len;
            if (inside.len && inside.len < 60 &&
                add_word(r, &b, slice_sub(inside, 0, word),
                         slice_sub(inside, word + 1, inside.len))) {
                i += inside.len + 1;
                continue;
            }
        }
        buf_byte(&b, text.at[i]);
    }
    struct slice out = b.len ? arena_copy(&r->o->day, buf_slice(&b)) : SLICE("");
    buf_free(&b);
    return out;
}
