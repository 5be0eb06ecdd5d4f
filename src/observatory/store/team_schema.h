// SPDX-License-Identifier: Apache-2.0
// The tables of the team: SQL for the list of migrations.
#ifndef VIGIE_OBSERVATORY_STORE_TEAM_SCHEMA_H
#define VIGIE_OBSERVATORY_STORE_TEAM_SCHEMA_H

extern const char store_team_tables[];

#endif
