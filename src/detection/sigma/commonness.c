// SPDX-License-Identifier: Apache-2.0
#include "detection/sigma/commonness.h"

// What values are made of on any Windows computer, and roughly what share of the values of fields
// that rules look at for such a text has it. Where two say something, the greater share counts.
static const struct {
    const char *text;
    double share;
} ordinary[] = {
    {"\\", 0.9},
    {".", 0.9},
    {" ", 0.8},
    {"true", 0.7},
    {"false", 0.3},
    {"-", 0.3},
    {"system", 0.4},
    {"high", 0.3},
    {"medium", 0.3},
    {"negotiate", 0.4},
    {"kerberos", 0.4},
    {"ntlm", 0.2},
    {"localhost", 0.2},
    {"127.0.0.1", 0.2},
    {"anonymous logon", 0.1},
    {"nt authority\\system", 0.5},
    {"nt authority\\local service", 0.4},
    {"nt authority\\network service", 0.4},
    {"0x3e7", 0.5}, // the logon of SYSTEM
    {"s-1-5-18", 0.4},
    {"s-1-5-21-", 0.5},
    {"valid", 0.6},
    {"microsoft corporation", 0.6},
    {"microsoft\xc2\xae windows\xc2\xae operating system", 0.6},
    {"\\\\*\\c$", 0.2},
    {"\\\\*\\admin$", 0.2},
    {"\\\\*\\ipc$", 0.4},
    {"\\??\\c:\\windows\\", 0.5},
    {"c:\\windows\\system32\\", 0.5},
    {"c:\\windows\\syswow64\\", 0.2},
    {"c:\\windows\\system32\\ntdll.dll+", 0.6},
    {"c:\\windows\\system32\\kernelbase.dll+", 0.6},
    {"c:\\windows\\system32\\kernel32.dll+", 0.6},
    {"c:\\windows\\system32\\svchost.exe", 0.2},
    {"c:\\windows\\system32\\services.exe", 0.15},
    {"c:\\windows\\system32\\lsass.exe", 0.1},
    {"c:\\windows\\system32\\cmd.exe", 0.15},
    {"c:\\windows\\system32\\conhost.exe", 0.1},
    {"c:\\windows\\system32\\rundll32.exe", 0.1},
    {"c:\\windows\\system32\\windowspowershell\\v1.0\\powershell.exe", 0.1},
    {"c:\\windows\\explorer.exe", 0.15},
    {"c:\\program files\\", 0.3},
    {"c:\\program files (x86)\\", 0.3},
    {"c:\\programdata\\microsoft\\", 0.1},
    {"c:\\users\\", 0.3},
    {"c:\\users\\public\\", 0.05},
    {"\\appdata\\local\\temp\\", 0.15},
    {"\\appdata\\local\\microsoft\\", 0.15},
    {"\\appdata\\roaming\\microsoft\\windows\\", 0.1},
    {"c:\\windows\\temp\\", 0.05},
    {".exe", 0.6},
    {".exe\"", 0.4},
    {".dll", 0.5},
    {"http://", 0.15},
    {"https://", 0.15},
    {" /c ", 0.15},
    {"hklm\\software\\microsoft\\windows\\currentversion\\", 0.3},
    {"hklm\\software\\microsoft\\windows nt\\currentversion\\", 0.2},
    {"hklm\\system\\currentcontrolset\\services\\", 0.3},
    {"\\registry\\machine\\system\\currentcontrolset\\", 0.3},
    {"\\registry\\machine\\software\\microsoft\\windows\\currentversion\\", 0.3},
    {"\\software\\microsoft\\office\\", 0.1},
    {"function", 0.3},
    {"param(", 0.3},
    {"process", 0.3},
    {"return", 0.3},
    {"write-host", 0.2},
    {"new-object ", 0.3},
    {"get-childitem ", 0.2},
    {"add-content", 0.1},
};

static bool stands_in(enum literal_place place, struct slice text, struct slice literal)
{
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
    return memmem(text.at, text.len, literal.at, literal.len) != NULL;
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
    for (size_t i = 0; i < sizeof ordinary / sizeof *ordinary; i++)
        if (ordinary[i].share > most &&
            stands_in(place, slice_from_str(ordinary[i].text), folded))
            most = ordinary[i].share;
    return most;
}
