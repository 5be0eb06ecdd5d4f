// SPDX-License-Identifier: Apache-2.0
// Gives up, for good, what reading evidence never needs: the network, other programs, changing
// anything outside the output folder. Evidence is hostile input; should a reader of it be taken
// over, this is what is left to the intruder.
//
// Two nets of the Linux kernel: seccomp (which system calls; always) and Landlock (which files;
// where the kernel has it, 5.13 and later, see man 7 landlock).
#ifndef VIGIE_BASE_SANDBOX_H
#define VIGIE_BASE_SANDBOX_H

#include "base/err.h"

#include <stddef.h>

// Bytes of private memory the program may hold from then on: many times what it needs, and a bound
// to what hostile archives can make their decoders ask for.
#define SANDBOX_MAX_MEMORY ((uint64_t)2 << 30)

struct sandbox_options {
    const char *const
        *write_folders; // folders below which files may be made, changed and removed; they exist
    size_t write_folder_count;
};

struct sandbox_report {
    int landlock_abi; // 0: the kernel has none
    char note[256];   // what could not be given up, for people; empty when all could
};

// Call before any thread starts and before evidence is opened. Everything may still be read. False:
// not even the system calls could be restricted; what was given up until then stays so.
[[nodiscard]] bool sandbox_enter(const struct sandbox_options *o, struct sandbox_report *report,
                                 struct err *e);

#endif
