// SPDX-License-Identifier: Apache-2.0
// Shared by the steps.
#ifndef VIGIE_TOOLS_STEPS_H
#define VIGIE_TOOLS_STEPS_H

#include "office.h"

// The text under key, or the given one, with its placeholders filled; in the day's arena.
struct slice step_text(struct run *r, const struct tree *s, const char *key, const char *otherwise);
// The text of a step whose only argument is written without a map; empty when it has a map.
struct slice step_own_text(struct run *r, const struct tree *s);
// The process that the key names ("explorer" when it does not stand there); none fails the run and
// gives an empty one.
const struct process *step_process_by(struct run *r, const struct tree *s, const char *key);
// DOMAIN\name, or "-".
struct slice step_user_text(struct run *r, const struct person *p);
// Sysmon's hashes of a file that is no program: without those of an import table.
struct slice step_hashes_of_data(struct arena *a, struct slice of);
// An event of Sysmon, about p when given; NULL where Sysmon does not run or its log is not kept.
struct make_event *step_sysmon(struct run *r, uint32_t id, const struct process *p);
// An event of the Security log; NULL where it is not kept.
struct make_event *step_security(struct run *r, uint32_t id);
// SubjectUserSid … SubjectLogonId, or Target….
void step_set_subject(struct run *r, struct make_event *ev, const char *prefix,
                      const struct person *p);

// The steps that are not in steps.c; s is the step's argument.
void step_run(struct run *r, const struct tree *s);
void step_end(struct run *r, const struct tree *s);
void step_task(struct run *r, const struct tree *s);
void step_file(struct run *r, const struct tree *s);
void step_delete(struct run *r, const struct tree *s);
void step_stream(struct run *r, const struct tree *s);
void step_reg(struct run *r, const struct tree *s);
void step_dns(struct run *r, const struct tree *s);
void step_net(struct run *r, const struct tree *s);
void step_load(struct run *r, const struct tree *s);
void step_access(struct run *r, const struct tree *s);
void step_pipe(struct run *r, const struct tree *s);

#endif
