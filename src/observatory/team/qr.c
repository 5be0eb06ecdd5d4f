// SPDX-License-Identifier: Apache-2.0
#include "observatory/team/qr.h"

#include <qrencode.h>

enum { QUIET = 4 }; // light modules around it, as ISO/IEC 18004 asks

// Each row's runs of dark modules as rectangles of one path: small, and without gaps.
static void draw_modules(struct buf *out, const QRcode *code)
{
    for (int y = 0; y < code->width; y++) {
        for (int x = 0, end; x < code->width; x = end + 1) {
            for (end = x; end < code->width && code->data[y * code->width + end] & 1; end++)
                ;
            if (end > x)
                buf_printf(out, "M%d %dh%dv1h-%dz", x + QUIET, y + QUIET, end - x, end - x);
        }
    }
}

bool qr_svg(struct buf *out, struct slice content, const char *title, struct err *e)
{
    if (content.len == 0 || content.len > QR_MAX_BYTES)
        return err_set(e, ERR_LIMIT, 0, "a QR code of %zu bytes is not made", content.len);
    QRcode *code = QRcode_encodeData((int)content.len, content.at, 0, QR_ECLEVEL_M);
    if (!code)
        return err_set_errno(e, "cannot make a QR code");
    int side = code->width + 2 * QUIET;
    buf_printf(out,
               "<svg class=\"qr\" role=\"img\" width=\"240\" height=\"240\" viewBox=\"0 0 %d %d\" "
               "shape-rendering=\"crispEdges\"><title>",
               side, side);
    buf_xml(out, slice_from_str(title));
    buf_printf(out,
               "</title><rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/><path fill=\"#000000\" "
               "d=\"",
               side, side);
    draw_modules(out, code);
    buf_str(out, "\"/></svg>\n");
    QRcode_free(code);
    return true;
}
