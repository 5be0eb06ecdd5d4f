// SPDX-License-Identifier: Apache-2.0
// Output files that are whole or not there: written beside their place under another name, and put
// there when all of it is safely on disk. A full disk, an error or a crash leaves what was there
// before. Readable by their owner only (0600).
#ifndef VIGIE_BASE_OUT_H
#define VIGIE_BASE_OUT_H

#include "base/err.h"
#include "base/slice.h"

struct out;

// path's folder must exist and be writable. The file appears at out_commit.
[[nodiscard]] bool out_create(const char *path, struct out **out, struct err *e);
// Buffered. An error is kept and told by out_commit, so that writers need not check each time.
void out_write(struct out *o, struct slice s);
[[gnu::format(printf, 2, 3)]] void out_printf(struct out *o, const char *format, ...);
// Writes what is buffered, waits for the disk, puts the file in its place; frees o either way.
// False: nothing changed at path.
[[nodiscard]] bool out_commit(struct out *o, struct err *e);
// The same for one of several files of a folder: out_sync_folder is called once, after the last.
// Until then a power cut can bring the old files back.
[[nodiscard]] bool out_commit_of_many(struct out *o, struct err *e);
void out_sync_folder(const char *folder);
void out_abort(struct out *o); // takes NULL

// Makes a folder (0700) and those above it that are missing. One that is there already is fine and
// left as it is.
[[nodiscard]] bool out_make_folder(const char *path, struct err *e);

#endif
