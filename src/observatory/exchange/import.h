// SPDX-License-Identifier: Apache-2.0
// Other registries' files, row by row, into the store. Every row is imported or refused with a
// reason; every column is kept as the source gave it (store_original_add), whether or not it is
// mapped to a field of ours.
#ifndef VIGIE_OBSERVATORY_EXCHANGE_IMPORT_H
#define VIGIE_OBSERVATORY_EXCHANGE_IMPORT_H

#include "base/map.h"
#include "observatory/exchange/csv.h"
#include "observatory/store/store.h"

struct import_counts { // of one file
    uint64_t rows;
    uint64_t incidents; // new records
    uint64_t claims;    // of attribution, of rows that are new
    uint64_t targets;   // of rows that are new
    uint64_t updated;   // records that have a new revision
    uint64_t unchanged; // rows that were imported before
    uint64_t refused;
};

struct import_file {
    const char *path;
    struct slice name;  // without folder
    struct slice bytes; // mapped or read
    struct import_counts counts;
};

typedef void import_refused(void *context, const char *path, uint64_t row, const char *reason);

struct import_job {
    struct store *store;
    enum record_state state; // of new records
    struct slice mapping;    // text of the mapping file (csv)
    import_refused *refused;
    void *context;
    struct import_file *files;
    size_t file_count;
    struct arena arena; // of the whole call
    struct map seen;    // keys met, and how many times; import_files'
};

enum { IMPORT_MAX_FILE = 256 << 20 }; // bytes

#define IMPORT_AUTHOR "import:" // begins the author's name of revisions that importers made

// format: "eurepoc", "cfr", "veris", "stix", "csv". The files are one set and one transaction:
// false means that nothing was imported. Fills each file's counts.
[[nodiscard]] bool import_files(struct import_job *job, const char *format,
                                const char *const *paths, size_t count, struct err *e);

// --- for the importers
typedef bool import_format(struct import_job *job, struct err *e);
import_format import_eurepoc, import_cfr, import_veris, import_stix, import_csv;

// A row under way: what it will become.
struct import_row {
    struct import_file *file;
    uint64_t row; // from 1
    const char *dataset;
    struct slice columns;     // as struct original
    struct slice key;         // file name, content, and how many times the same came before
    uint32_t claims, targets; // items made of it alone; a record of one row has all from it
};
void import_refuse(struct import_job *job, struct import_file *f, uint64_t row, const char *reason);
// Columns of a CSV row as JSON pairs, and its key.
struct import_row import_csv_row(struct import_job *job, struct import_file *f, const char *dataset,
                                 const struct csv *csv);
// The same for a row that is a JSON object.
struct import_row import_object_row(struct import_job *job, struct import_file *f, uint64_t row,
                                    const char *dataset, struct slice json);
// Makes the record, unless the row was imported before. Rows that belong to it (claims, targets of
// other files) are noted with it. id: of the record, also when it was there.
[[nodiscard]] bool import_save(struct import_job *job, const struct record *r,
                               const struct import_row *rows, size_t row_count, struct slice *id,
                               struct err *e);

#endif
