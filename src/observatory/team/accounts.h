// SPDX-License-Identifier: Apache-2.0
// Accounts from the command line: adding people, giving passwords. Everything is in the audit log.
#ifndef VIGIE_OBSERVATORY_TEAM_ACCOUNTS_H
#define VIGIE_OBSERVATORY_TEAM_ACCOUNTS_H

#include "observatory/store/team_users.h"
#include "observatory/team/team.h"

// "coder,reviewer" to bits; "all" is all of them. False: the error names the word.
[[nodiscard]] bool roles_parse(struct slice words, unsigned *roles, struct err *e);
// "coder,reviewer"; "none".
struct slice roles_names(struct arena *a, unsigned roles);
// English for text(), or NULL when it may be somebody's name.
const char *user_name_fault(struct slice name);

// A new account. password empty: one is generated. *password is what to tell them. Memory: arena.
[[nodiscard]] bool accounts_add(struct store *s, struct arena *a, struct slice name, unsigned roles,
                                struct slice lang, struct slice *password, struct err *e);
// Another password; ends their sessions.
[[nodiscard]] bool accounts_set_password(struct store *s, struct arena *a, struct slice name,
                                         struct slice *password, struct err *e);
[[nodiscard]] bool accounts_set_roles(struct store *s, struct arena *a, struct slice name,
                                      unsigned roles, struct err *e);
[[nodiscard]] bool accounts_set_disabled(struct store *s, struct arena *a, struct slice name,
                                         bool disabled, struct err *e);
// Takes the second factor and the recovery codes away.
[[nodiscard]] bool accounts_reset_totp(struct store *s, struct arena *a, struct slice name,
                                       struct err *e);
// Hash of a recovery code as typed: case, spaces and dashes make no difference.
struct slice recovery_hash(struct arena *a, int64_t user, struct slice typed);

#endif
