// SPDX-License-Identifier: Apache-2.0
// The fast ways against plain ones, a byte at a time, on texts that put each byte in each place of
// a word.
#include "base/escape.h"

#include "base/term.h"
#include "base/utf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

// Texts of up to 40 bytes: mostly letters, some of what is special.
static struct slice random_text(uint8_t *room, unsigned *seed, bool ascii)
{
    static const char special[] = "\"\\&<>',;= -\n\t\r\x01\x1f\x7f";
    size_t len = (size_t)rand_r(seed) % 41;
    for (size_t i = 0; i < len; i++) {
        int dice = rand_r(seed) % 12;
        int byte = 'a' + rand_r(seed) % 26;
        if (dice == 0)
            byte = special[rand_r(seed) % 17];
        else if (dice == 1 && !ascii)
            byte = rand_r(seed);
        room[i] = (uint8_t)(byte & 0xFF);
        if (dice == 2 && !ascii && i + 3 <= len) {
            memcpy(room + i, "\xe2\x80\xae", 3); // U+202E
            i += 2;
        }
    }
    return slice_of(room, len);
}

static void slow_json(struct buf *b, struct slice s)
{
    static const char short_forms[] = "\bb\ff\nn\rr\tt\"\"\\\\";
    for (size_t pos = 0; pos < s.len;) {
        uint32_t c = utf8_decode(s, &pos);
        const char *form = c && c < 0x80 ? strchr(short_forms, (int)c) : NULL;
        if (form && (form - short_forms) % 2)
            form = NULL; // the letter of a form, not what it stands for
        if (c == '"' || c == '\\') {
            buf_byte(b, '\\');
            buf_byte(b, (uint8_t)c);
        } else if (form) {
            buf_byte(b, '\\');
            buf_byte(b, (uint8_t)form[1]);
        } else if (c < 0x20 || c == 0x7f) {
            buf_printf(b, "\\u%04x", c);
        } else {
            b->len += utf8_encode(c, buf_reserve(b, 4));
        }
    }
}

static void slow_cell(struct buf *b, struct slice s) // printable ASCII that is no formula
{
    bool quote = s.len && (s.at[0] == ' ' || s.at[s.len - 1] == ' ');
    for (size_t i = 0; i < s.len; i++)
        quote = quote || strchr("\",;", s.at[i]);
    if (quote)
        buf_byte(b, '"');
    for (size_t i = 0; i < s.len; i++) {
        buf_byte(b, s.at[i]);
        if (s.at[i] == '"')
            buf_byte(b, '"');
    }
    if (quote)
        buf_byte(b, '"');
}

static void assert_same(struct buf *fast, struct buf *slow)
{
    if (!slice_equal(buf_slice(fast), buf_slice(slow)))
        fail_msg("got '%.*s', wanted '%.*s'", SLICE_FMT(buf_slice(fast)),
                 SLICE_FMT(buf_slice(slow)));
    buf_clear(fast);
    buf_clear(slow);
}

static bool is_plain(uint8_t c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static void test_against_slow(void **state)
{
    (void)state;
    struct buf fast = {0}, slow = {0};
    unsigned seed = 1;
    for (int i = 0; i < 60000; i++) {
        uint8_t *room = malloc(41); // its own block, so that ASan sees reading over the end
        struct slice s = random_text(room, &seed, i % 2);
        uint8_t *exact = malloc(s.len ? s.len : 1);
        memcpy(exact, room, s.len);
        s.at = exact;
        escape_json(&fast, s, ESCAPE_JSON_NEEDED);
        slow_json(&slow, s);
        assert_same(&fast, &slow);
        size_t pos = 0;
        while (pos < s.len) {
            escape_html_plain(&fast, s, &pos);
            if (pos < s.len) {
                size_t from = pos;
                utf8_decode(s, &pos);
                buf_xml(&fast, slice_sub(s, from, pos));
            }
        }
        buf_xml(&slow, s);
        assert_same(&fast, &slow);
        size_t run = 0;
        while (run < s.len && is_plain(s.at[run]))
            run++;
        assert_true(escape_copy_plain(s, NULL) == run);
        uint8_t *copy = malloc(s.len + ESCAPE_COPY_ROOM);
        assert_true(escape_copy_plain(s, copy) == run);
        assert_true(run == 0 || memcmp(copy, s.at, run) == 0);
        free(copy);
        while (run < s.len && s.at[run] >= 0x20 && s.at[run] < 0x7f)
            run++;
        if (run == s.len && s.len && s.at[0] >= 'a') {
            csv_cell(&fast, s);
            slow_cell(&slow, s);
            assert_same(&fast, &slow);
        }
        free(exact);
        free(room);
    }
    buf_free(&fast);
    buf_free(&slow);
}

static void test_visible(void **state)
{
    (void)state;
    struct buf b = {0};
    escape_json(&b, SLICE("\"a\\\x7f\xc2\x85\xe2\x80\xae\xf3\xa0\x81\x81\xc3\xa9\xff"),
                ESCAPE_JSON_VISIBLE);
    assert_true(slice_equal_str(buf_slice(&b), "\\\"a\\\\\\u007f\\u0085\\u202e\\udb40\\udc41"
                                               "\xc3\xa9\xef\xbf\xbd"));
    buf_clear(&b);
    uint8_t *long_text = malloc(10000);
    memset(long_text, 'x', 10000);
    long_text[4095] = long_text[4096] = '"'; // on both sides of a piece's end
    memcpy(long_text + 8191, "\xc3\xa9", 2); // across one
    escape_json(&b, slice_of(long_text, 10000), ESCAPE_JSON_VISIBLE);
    assert_int_equal(b.len, 10002);
    assert_memory_equal(b.at + 4095, "\\\"\\\"", 4);
    assert_memory_equal(b.at + 8193, "\xc3\xa9", 2);
    free(long_text);
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_slow),
        cmocka_unit_test(test_visible),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
