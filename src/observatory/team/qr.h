// SPDX-License-Identifier: Apache-2.0
// A QR code as an SVG picture, made on the server: a secret must not go to somebody else's.
#ifndef VIGIE_OBSERVATORY_TEAM_QR_H
#define VIGIE_OBSERVATORY_TEAM_QR_H

#include "base/buf.h"
#include "base/err.h"

enum { QR_MAX_BYTES = 512 };

// Appends an <svg> element with title (translated, escaped here). Dark on white whatever the
// page's scheme, for cameras. At most QR_MAX_BYTES of content.
[[nodiscard]] bool qr_svg(struct buf *out, struct slice content, const char *title, struct err *e);

#endif
