// SPDX-License-Identifier: Apache-2.0
// Functions that must not be used on evidence, or at all. Included on the compiler's command line.
// GCC alone checks: with clang, glibc's fortified headers define some of them as macros first.
#ifndef VIGIE_BASE_BANNED_H
#define VIGIE_BASE_BANNED_H

#ifndef __cplusplus
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifndef __clang__
#pragma GCC poison strcpy strcat sprintf vsprintf strtok gets atoi atol atof scanf sscanf fscanf
#endif
#endif

#endif
