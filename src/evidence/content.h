// SPDX-License-Identifier: Apache-2.0
// What the first bytes of a file say it is. The name of a file says nothing: intruders choose
// names, and so do mail programs.
#ifndef VIGIE_EVIDENCE_CONTENT_H
#define VIGIE_EVIDENCE_CONTENT_H

#include "base/slice.h"

enum content_class {
    CONTENT_OTHER,
    CONTENT_EVTX,     // a log, or a chunk of one without its header
    CONTENT_STREAM,   // an archive or compressed file that can be read front to back
    CONTENT_SEEK,     // an archive that needs seeking to be read well
    CONTENT_DOCUMENT, // a ZIP inside, but a document outside: not opened
};

struct content {
    enum content_class class;
    const char *text; // for people; never NULL
};

// Bytes of a file's start that tell all that content_tell can tell (an ISO 9660 image's mark stands
// at 32769).
enum { CONTENT_HEAD = 64 << 10 };

// head: the first CONTENT_HEAD bytes, or the whole file when it is shorter.
struct content content_tell(struct slice head);

#endif
