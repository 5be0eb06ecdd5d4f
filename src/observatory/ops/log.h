// SPDX-License-Identifier: Apache-2.0
// The log: JSON lines to standard error. What a request asked for, who asked, and with what words
// is never in it. Lines are collected and written by a thread of their own, so that a reader of the
// log that stops does not stop the server: beyond a bound lines are dropped, and counted.
#ifndef VIGIE_OBSERVATORY_OPS_LOG_H
#define VIGIE_OBSERVATORY_OPS_LOG_H

#include "observatory/http/server.h"

struct log;

enum { LOG_MAX_BYTES = 1 << 20, LOG_FLUSH_MILLISECONDS = 200 };

struct log *log_open(int fd);
void log_close(struct log *l); // writes what is left; takes NULL
// {"time":…,"level":…,"event":…,"text":…}; text may be NULL.
void log_event(struct log *l, const char *level, const char *event, const char *text);
// {"time":…,"level":"info","event":"request","method":…,"route":…,"status":…,"ms":…,"bytes":…,
// "cache":…}
void log_request(struct log *l, const struct served *s);

#endif
