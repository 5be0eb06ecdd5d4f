// SPDX-License-Identifier: Apache-2.0
#include "report/data.h"

static const struct {
    const char *key, *name;
} tactics[TACTIC_COUNT] = {
    [TACTIC_RECONNAISSANCE] = {"reconnaissance", "Reconnaissance"},
    [TACTIC_RESOURCES] = {"resource-development", "Resource Development"},
    [TACTIC_ENTRY] = {"initial-access", "Initial Access"},
    [TACTIC_EXECUTION] = {"execution", "Execution"},
    [TACTIC_PERSISTENCE] = {"persistence", "Persistence"},
    [TACTIC_ESCALATION] = {"privilege-escalation", "Privilege Escalation"},
    [TACTIC_EVASION] = {"defense-evasion", "Defense Evasion"},
    [TACTIC_CREDENTIALS] = {"credential-access", "Credential Access"},
    [TACTIC_DISCOVERY] = {"discovery", "Discovery"},
    [TACTIC_LATERAL] = {"lateral-movement", "Lateral Movement"},
    [TACTIC_COLLECTION] = {"collection", "Collection"},
    [TACTIC_CONTROL] = {"command-and-control", "Command and Control"},
    [TACTIC_EXFILTRATION] = {"exfiltration", "Exfiltration"},
    [TACTIC_IMPACT] = {"impact", "Impact"},
};

const char *attack_tactic_name(enum attack_tactic tactic)
{
    return tactics[tactic].name;
}

static uint8_t tidy(uint8_t c)
{
    return c == '_' ? '-' : c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

// Equal but for case, and _ for -.
static bool same_key(struct slice a, struct slice b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (tidy(a.at[i]) != tidy(b.at[i]))
            return false;
    return true;
}

static unsigned tactic_bit(struct slice key)
{
    for (int i = 0; i < TACTIC_COUNT; i++)
        if (same_key(key, slice_from_str(tactics[i].key)))
            return 1u << i;
    return 0;
}

unsigned attack_tag_tactic(struct slice tag)
{
    static const struct slice prefix = {(const uint8_t *)"attack.", 7};
    return slice_equal_nocase(slice_sub(tag, 0, 7), prefix) ? tactic_bit(slice_sub(tag, 7, tag.len))
                                                            : 0;
}

const struct attack_technique *attack_technique_find(struct slice id)
{
    char key[16] = {0};
    if (id.len == 0 || id.len >= sizeof key)
        return NULL;
    memcpy(key, id.at, id.len);
    key[0] = key[0] == 't' ? 'T' : key[0];
    size_t low = 0, high = attack_techniques_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(key, attack_techniques[middle].id);
        if (order == 0)
            return &attack_techniques[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

unsigned attack_technique_tactics(const struct attack_technique *t)
{
    unsigned bits = 0;
    struct slice rest = slice_from_str(t->tactics);
    while (rest.len) {
        const uint8_t *space = memchr(rest.at, ' ', rest.len);
        size_t end = space ? (size_t)(space - rest.at) : rest.len;
        bits |= tactic_bit(slice_sub(rest, 0, end));
        rest = slice_sub(rest, space ? end + 1 : end, rest.len);
    }
    return bits;
}
