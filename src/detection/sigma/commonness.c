// SPDX-License-Identifier: Apache-2.0
#include "detection/sigma/commonness.h"

#include <pthread.h>

#define ORDINARY(text, share)                                                                      \
    {                                                                                              \
        text, sizeof(text) - 1, share                                                              \
    }

// What values are made of on any Windows computer, and roughly what share of the values of fields
// that rules look at for such a text has it. Where two say something, the greater share counts.
static const struct {
    const char *text;
    size_t len;
    double share;
} ordinary[] = {
    ORDINARY("\\", 0.9),
    ORDINARY(".", 0.9),
    ORDINARY(" ", 0.8),
    ORDINARY("true", 0.7),
    ORDINARY("false", 0.3),
    ORDINARY("-", 0.3),
    ORDINARY("system", 0.4),
    ORDINARY("high", 0.3),
    ORDINARY("medium", 0.3),
    ORDINARY("negotiate", 0.4),
    ORDINARY("kerberos", 0.4),
    ORDINARY("ntlm", 0.2),
    ORDINARY("localhost", 0.2),
    ORDINARY("127.0.0.1", 0.2),
    ORDINARY("anonymous logon", 0.1),
    ORDINARY("nt authority\\system", 0.5),
    ORDINARY("nt authority\\local service", 0.4),
    ORDINARY("nt authority\\network service", 0.4),
    ORDINARY("0x3e7", 0.5), // the logon of SYSTEM
    ORDINARY("s-1-5-18", 0.4),
    ORDINARY("s-1-5-21-", 0.5),
    ORDINARY("valid", 0.6),
    ORDINARY("microsoft corporation", 0.6),
    ORDINARY("microsoft\xc2\xae windows\xc2\xae operating system", 0.6),
    ORDINARY("\\\\*\\c$", 0.2),
    ORDINARY("\\\\*\\admin$", 0.2),
    ORDINARY("\\\\*\\ipc$", 0.4),
    ORDINARY("\\??\\c:\\windows\\", 0.5),
    ORDINARY("c:\\windows\\system32\\", 0.5),
    ORDINARY("c:\\windows\\syswow64\\", 0.2),
    ORDINARY("c:\\windows\\system32\\ntdll.dll+", 0.6),
    ORDINARY("c:\\windows\\system32\\kernelbase.dll+", 0.6),
    ORDINARY("c:\\windows\\system32\\kernel32.dll+", 0.6),
    ORDINARY("c:\\windows\\system32\\svchost.exe", 0.2),
    ORDINARY("c:\\windows\\system32\\services.exe", 0.15),
    ORDINARY("c:\\windows\\system32\\lsass.exe", 0.1),
    ORDINARY("c:\\windows\\system32\\cmd.exe", 0.15),
    ORDINARY("c:\\windows\\system32\\conhost.exe", 0.1),
    ORDINARY("c:\\windows\\system32\\rundll32.exe", 0.1),
    ORDINARY("c:\\windows\\system32\\windowspowershell\\v1.0\\powershell.exe", 0.1),
    ORDINARY("c:\\windows\\explorer.exe", 0.15),
    ORDINARY("c:\\program files\\", 0.3),
    ORDINARY("c:\\program files (x86)\\", 0.3),
    ORDINARY("c:\\programdata\\microsoft\\", 0.1),
    ORDINARY("c:\\users\\", 0.3),
    ORDINARY("c:\\users\\public\\", 0.05),
    ORDINARY("\\appdata\\local\\temp\\", 0.15),
    ORDINARY("\\appdata\\local\\microsoft\\", 0.15),
    ORDINARY("\\appdata\\roaming\\microsoft\\windows\\", 0.1),
    ORDINARY("c:\\windows\\temp\\", 0.05),
    ORDINARY(".exe", 0.6),
    ORDINARY(".exe\"", 0.4),
    ORDINARY(".dll", 0.5),
    ORDINARY("http://", 0.15),
    ORDINARY("https://", 0.15),
    ORDINARY(" /c ", 0.15),
    ORDINARY("hklm\\software\\microsoft\\windows\\currentversion\\", 0.3),
    ORDINARY("hklm\\software\\microsoft\\windows nt\\currentversion\\", 0.2),
    ORDINARY("hklm\\system\\currentcontrolset\\services\\", 0.3),
    ORDINARY("\\registry\\machine\\system\\currentcontrolset\\", 0.3),
    ORDINARY("\\registry\\machine\\software\\microsoft\\windows\\currentversion\\", 0.3),
    ORDINARY("\\software\\microsoft\\office\\", 0.1),
    ORDINARY("function", 0.3),
    ORDINARY("param(", 0.3),
    ORDINARY("process", 0.3),
    ORDINARY("return", 0.3),
    ORDINARY("write-host", 0.2),
    ORDINARY("new-object ", 0.3),
    ORDINARY("get-childitem ", 0.2),
    ORDINARY("add-content", 0.1),
};

// Which pairs of bytes stand side by side in ordinary texts. Most literals have one that does not,
// and so stand in none of them.
static uint64_t ordinary_pairs[65536 / 64];
static pthread_once_t pairs_noted = PTHREAD_ONCE_INIT;

static size_t pair_at(const uint8_t *at)
{
    return (size_t)at[0] << 8 | at[1];
}

static void note_pairs(void)
{
    for (size_t i = 0; i < sizeof ordinary / sizeof *ordinary; i++) {
        struct slice text = slice_of(ordinary[i].text, ordinary[i].len);
        for (size_t k = 0; k + 1 < text.len; k++) {
            size_t pair = pair_at(text.at + k);
            ordinary_pairs[pair / 64] |= 1ull << (pair % 64);
        }
    }
}

static bool may_be_ordinary(struct slice literal)
{
    pthread_once(&pairs_noted, note_pairs);
    for (size_t k = 0; k + 1 < literal.len; k++) {
        size_t pair = pair_at(literal.at + k);
        if (!(ordinary_pairs[pair / 64] >> (pair % 64) & 1))
            return false;
    }
    return true;
}

// The texts are short: a plain search is over before a clever one has made its tables.
static bool is_within(struct slice text, struct slice literal)
{
    for (size_t i = 0; i + literal.len <= text.len; i++)
        if (text.at[i] == literal.at[0] && memcmp(text.at + i, literal.at, literal.len) == 0)
            return true;
    return false;
}

static bool stands_in(enum literal_place place, struct slice text, struct slice literal)
{
    if (literal.len == 0 || literal.len > text.len)
        return false;
    switch (place) {
    case LITERAL_EQUALS:
        return slice_equal(text, literal);
    case LITERAL_STARTS:
        return slice_starts(text, literal);
    case LITERAL_ENDS:
        return slice_ends(text, literal);
    case LITERAL_CONTAINS:
        break;
    }
    return is_within(text, literal);
}

// The longer a text, the rarer. A piece halves with every second byte more; whole values and ends
// are mostly names of programs, of which one is about as rare as another.
static double by_length(enum literal_place place, size_t len)
{
    bool piece = place == LITERAL_CONTAINS || place == LITERAL_STARTS;
    double c = piece ? 0.5 : len < 4 ? 0.3 : 0.06;
    size_t steps = piece ? len : len / 4;
    for (size_t i = 0; i < steps && c > 1e-6; i++)
        c *= 0.72;
    return c;
}

double literal_commonness(enum literal_place place, struct slice folded)
{
    double most = by_length(place, folded.len);
    if (!may_be_ordinary(folded))
        return most;
    for (size_t i = 0; i < sizeof ordinary / sizeof *ordinary; i++)
        if (ordinary[i].share > most &&
            stands_in(place, slice_of(ordinary[i].text, ordinary[i].len), folded))
            most = ordinary[i].share;
    return most;
}
