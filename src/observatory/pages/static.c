// SPDX-License-Identifier: Apache-2.0
// Style sheet, icon and base map: built in, under addresses that change with their content.
#include "observatory/pages/pages.h"
#include "observatory/pages/parts.h"

void static_get(struct request *rq, struct response *rs)
{
    for (size_t i = 0; i < static_files_count; i++) {
        const struct static_file *f = &static_files[i];
        if (!slice_equal(rq->path, str(f->path)))
            continue;
        rs->type = f->type;
        response_header(rs, "Cache-Control", SLICE("public, max-age=31536000, immutable"));
        buf_add(&rs->body, slice_of(f->at, f->len));
        return;
    }
    response_error(rq, rs, 404, TR("There is no such page."));
}
