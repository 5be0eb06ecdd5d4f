// SPDX-License-Identifier: Apache-2.0
#include "base/digits.h"

const char digits_decimal[201] =
    "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
    "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
    "8081828384858687888990919293949596979899";

#define HEX_ROW(d)                                                                                 \
    d "0" d "1" d "2" d "3" d "4" d "5" d "6" d "7" d "8" d "9" d "a" d "b" d "c" d "d" d "e" d "f"
const char digits_hex[513] = HEX_ROW("0") HEX_ROW("1") HEX_ROW("2") HEX_ROW("3") HEX_ROW("4")
    HEX_ROW("5") HEX_ROW("6") HEX_ROW("7") HEX_ROW("8") HEX_ROW("9") HEX_ROW("a") HEX_ROW("b")
        HEX_ROW("c") HEX_ROW("d") HEX_ROW("e") HEX_ROW("f");

static uint8_t *digits_eight(uint8_t *out, uint32_t below_10_to_8)
{
    return digits_four(digits_four(out, below_10_to_8 / 10000), below_10_to_8 % 10000);
}

uint8_t *digits_long(uint8_t *out, uint64_t n)
{
    if (n < 100000000) {
        out = digits_u64(out, n / 10000);
        return digits_four(out, (uint32_t)(n % 10000));
    }
    out = digits_u64(out, n / 100000000);
    return digits_eight(out, (uint32_t)(n % 100000000));
}
