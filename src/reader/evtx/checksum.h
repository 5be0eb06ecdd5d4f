// SPDX-License-Identifier: Apache-2.0
// CRC-32 (ISO 3309, the one of zlib), by carry-less multiplication where the processor has it.
#ifndef VIGIE_READER_EVTX_CHECKSUM_H
#define VIGIE_READER_EVTX_CHECKSUM_H

#include "base/slice.h"

// sum: of what came before; 0 at the start.
uint32_t checksum_crc32(uint32_t sum, struct slice s);

#endif
