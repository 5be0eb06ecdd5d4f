// SPDX-License-Identifier: Apache-2.0
// CRC-32 (ISO 3309, the one of zlib), by carry-less multiplication where the processor has it.
#ifndef VIGIE_READER_EVTX_CHECKSUM_H
#define VIGIE_READER_EVTX_CHECKSUM_H

#include "base/slice.h"

// sum: of what came before; 0 at the start.
uint32_t checksum_crc32(uint32_t sum, struct slice s);

// How: with zlib, or by carry-less products of 128 or of 512 bits, as the processor has them. The
// best also stands for the ways before it.
enum checksum_way { CHECKSUM_PLAIN, CHECKSUM_128, CHECKSUM_512 };
enum checksum_way checksum_best(void);
uint32_t checksum_crc32_by(enum checksum_way way, uint32_t sum, struct slice s);

#endif
