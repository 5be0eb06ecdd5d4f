// SPDX-License-Identifier: Apache-2.0
// world.yml, built into the program.
#ifndef VIGIE_TOOLS_WORLD_H
#define VIGIE_TOOLS_WORLD_H

#include <stddef.h>

extern const unsigned char office_world[];
extern const size_t office_world_len;

#endif
