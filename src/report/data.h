// SPDX-License-Identifier: Apache-2.0
// Data of knowledge/ that is built into the program; the tables are made by tools/embed.py.
#ifndef VIGIE_REPORT_DATA_H
#define VIGIE_REPORT_DATA_H

#include "base/slice.h"

// MITRE ATT&CK Enterprise (knowledge/attack/NOTICE), sorted by id.
struct attack_technique {
    const char *id, *name, *tactics; // tactics: short names ("initial-access"), space between
};
extern const struct attack_technique attack_techniques[];
extern const size_t attack_techniques_count;

// Whom to call (knowledge/advice/contacts.tsv).
struct advice_contact {
    const char *name, *help, *reach; // help: an English sentence that is translated
};
extern const struct advice_contact advice_contacts[];
extern const size_t advice_contacts_count;

extern const char report_css[];

// ATT&CK's tactics in the matrix's order.
enum attack_tactic {
    TACTIC_RECONNAISSANCE,
    TACTIC_RESOURCES,
    TACTIC_ENTRY,
    TACTIC_EXECUTION,
    TACTIC_PERSISTENCE,
    TACTIC_ESCALATION,
    TACTIC_EVASION,
    TACTIC_CREDENTIALS,
    TACTIC_DISCOVERY,
    TACTIC_LATERAL,
    TACTIC_COLLECTION,
    TACTIC_CONTROL,
    TACTIC_EXFILTRATION,
    TACTIC_IMPACT,
    TACTIC_COUNT,
};
const char *attack_tactic_name(enum attack_tactic tactic); // MITRE's English name
// The technique of that id (in any case), or NULL.
const struct attack_technique *attack_technique_find(struct slice id);
// Bits (1 << tactic) of a technique.
unsigned attack_technique_tactics(const struct attack_technique *t);
// The bit of a rule's tag ("attack.initial-access", "attack.initial_access"); 0 when it names no
// tactic.
unsigned attack_tag_tactic(struct slice tag);

#endif
