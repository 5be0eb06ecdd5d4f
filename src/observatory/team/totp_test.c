// SPDX-License-Identifier: Apache-2.0
#include "observatory/team/totp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

// RFC 6238, appendix B, the rows of SHA-1.
static void test_vectors(void **state)
{
    (void)state;
    static const struct {
        uint64_t seconds;
        uint32_t code;
    } rows[] = {
        {59, 94287082},         {1111111109, 7081804},  {1111111111, 14050471},
        {1234567890, 89005924}, {2000000000, 69279037}, {20000000000, 65353130},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(
            totp_code(SLICE("12345678901234567890"), rows[i].seconds / TOTP_STEP_SECONDS, 8),
            rows[i].code);
}

static struct slice code_text(char out[16], struct slice secret, uint64_t step)
{
    snprintf(out, 16, "%06u", totp_code(secret, step, TOTP_DIGITS));
    return slice_from_str(out);
}

static void test_window_and_replay(void **state)
{
    (void)state;
    struct slice secret = SLICE("12345678901234567890");
    int64_t now = 1234567890;
    uint64_t current = (uint64_t)now / TOTP_STEP_SECONDS, step = 0;
    char text[16];
    for (uint64_t s = current - 3; s <= current + 3; s++) {
        bool within = s + 1 >= current && s <= current + 1;
        assert_int_equal(totp_check(secret, code_text(text, secret, s), now, 0, &step), within);
        if (within)
            assert_int_equal(step, s);
    }
    // Once used, neither it nor an older one is good any more.
    assert_true(totp_check(secret, code_text(text, secret, current), now, current - 1, &step));
    assert_false(totp_check(secret, code_text(text, secret, current), now, current, &step));
    assert_false(totp_check(secret, code_text(text, secret, current - 1), now, current, &step));
    assert_true(totp_check(secret, code_text(text, secret, current + 1), now, current, &step));
}

static void test_odd_input(void **state)
{
    (void)state;
    struct slice secret = SLICE("12345678901234567890");
    uint64_t step = 0;
    static const char *const typed[] = {"",       "12345",   "1234567", "00592a",
                                        "-05924", "005 92a", "٠٠٥٩٢٤",  "\xff\xff\xff"};
    for (size_t i = 0; i < sizeof typed / sizeof *typed; i++)
        assert_false(totp_check(secret, slice_from_str(typed[i]), 1234567890, 0, &step));
    assert_true(totp_check(secret, SLICE("005 924"), 1234567890, 0, &step));
    assert_false(totp_check(SLICE(""), SLICE("005924"), 1234567890, 0, &step));
    assert_false(totp_check(secret, SLICE("005924"), 0, 0, &step));
}

// RFC 4648, section 10, without the padding.
static void test_base32(void **state)
{
    (void)state;
    static const char *const rows[][2] = {{"", ""},
                                          {"f", "MY"},
                                          {"fo", "MZXQ"},
                                          {"foo", "MZXW6"},
                                          {"foob", "MZXW6YQ"},
                                          {"fooba", "MZXW6YTB"},
                                          {"foobar", "MZXW6YTBOI"}};
    struct arena a;
    arena_init(&a, 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_true(slice_equal_str(base32_encode(&a, slice_from_str(rows[i][0])), rows[i][1]));
    assert_true(slice_equal_str(totp_uri(&a, SLICE("A b"), SLICE("é"), SLICE("foobar")),
                                "otpauth://totp/A%20b:%C3%A9?secret=MZXW6YTBOI&issuer=A%20b"));
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_window_and_replay),
        cmocka_unit_test(test_odd_input),
        cmocka_unit_test(test_base32),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
