// SPDX-License-Identifier: Apache-2.0
// An invented office whose computers write logs. The world (world.yml) says what computers, people,
// programs and activities there are; an activity is a list of steps; each step becomes the events
// that Windows and Sysmon would write. The same seed gives the same bytes: no clock, no chance from
// outside.
//
// Time goes day by day: the events of a day are made, sorted, written and forgotten, so memory does
// not grow.
#ifndef VIGIE_TOOLS_OFFICE_H
#define VIGIE_TOOLS_OFFICE_H

#include "../event.h"
#include "../writer.h"
#include "tree.h"

#include "base/array.h"

struct rng {
    uint64_t state;
};

uint64_t rng_seed(uint64_t seed, struct slice name,
                  uint64_t number); // mixes; not seeded by the process
uint64_t rng_next(struct rng *r);
uint64_t rng_below(struct rng *r, uint64_t n); // 0 … n-1
double rng_unit(struct rng *r);                // [0, 1)
size_t rng_about(struct rng *r, double mean);  // a count whose mean is that

enum who { WHO_USER, WHO_SYSTEM, WHO_LOCAL, WHO_NETWORK, WHO_ADMIN };

struct person {
    struct slice name;   // account
    struct slice domain; // or computer
    struct slice sid;
    struct slice home; // C:\Users\name
    uint64_t logon;    // id of the session
};

struct process {
    struct slice name; // in the activity or on the computer
    uint32_t pid;
    struct slice guid; // Sysmon's
    struct slice image, command, integrity;
    const struct person *user;
    struct slice task; // it was started by this scheduled task
    struct slice instance;
};

struct log {
    struct slice channel;
    struct slice path; // of the file
    vtime from;        // older events are gone
    uint64_t record;   // next number
    struct evtx_writer w;
    bool open;
    size_t written;
};

struct pending {
    struct log *log;
    vtime time;
    size_t order;
    struct make_event ev;
};

struct computer {
    const struct tree *form; // its entry in the world
    struct slice name, fqdn, ip;
    struct person user, admin, system, local, network;
    bool sysmon, audit_process, server;
    ARRAY_OF(struct log) logs;
    ARRAY_OF(struct process) processes; // that run all day
    uint32_t sysmon_pid, lsass_pid;
    uint64_t handed_out; // counts process numbers
};

struct office {
    struct arena a;   // lives as long as the office
    struct arena day; // texts of one day
    struct arena eve; // of the day before, for what went on past midnight
    struct tree world;
    uint64_t seed;
    size_t computers_count;
    struct computer *computers;
    ARRAY_OF(struct pending) pending;
    size_t handed_out; // counts events, so that those of one moment keep their order
    size_t events;     // written in all
    size_t limit;      // stop when that many are written; 0: none
    struct err err;    // the first thing that went wrong
    bool failed;
};

// One run of an activity on a computer.
struct run {
    struct office *o;
    struct computer *pc;
    struct rng rng;
    vtime t;
    const struct person *who;
    ARRAY_OF(struct process) processes;
    struct {
        struct slice name, value;
    } vars[32];
    size_t vars_count;
};

[[nodiscard]] bool office_open(struct office *o, struct slice world, uint64_t seed, struct err *e);
void office_close(struct office *o);
// Opens the logs of all computers under folder/COMPUTER/.
[[nodiscard]] bool office_open_logs(struct office *o, const char *folder, struct err *e);
// The days [from, to): activities by chance, then the story's steps. scale multiplies how often
// things happen; NULL story: none.
void office_live(struct office *o, vtime from, vtime to, const struct tree *story);
[[nodiscard]] bool office_close_logs(struct office *o, struct err *e);
struct computer *office_computer(struct office *o, struct slice name);

void office_fail(struct office *o, size_t line, const char *what, struct slice word);
// An event of the computer, put into its log (or nowhere, when the computer does not keep that
// log).
struct make_event *office_event(struct office *o, struct computer *pc, vtime t,
                                const char *provider, uint32_t id, struct slice channel);
void office_set(struct office *o, struct make_event *ev, const char *name, struct slice value);
[[gnu::format(printf, 4, 5)]] void office_setf(struct office *o, struct make_event *ev,
                                               const char *name, const char *format, ...);
// Does the steps of an activity.
void office_steps(struct run *r, const struct tree *steps);
// Text with its {placeholders} filled, in the day's arena.
struct slice office_expand(struct run *r, struct slice text);
const struct process *office_process(struct run *r, struct slice name);
const struct person *office_person(struct computer *pc, struct slice word);
struct slice office_hashes(struct arena *a, struct slice of);

#endif
