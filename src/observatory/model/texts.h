// SPDX-License-Identifier: Apache-2.0
// The languages of the pages; French from web/po/fr/*.po.
#ifndef VIGIE_OBSERVATORY_MODEL_TEXTS_H
#define VIGIE_OBSERVATORY_MODEL_TEXTS_H

#include "report/texts.h"

// "en" or "fr"; NULL for others.
const struct language *web_language(struct slice code);

#endif
