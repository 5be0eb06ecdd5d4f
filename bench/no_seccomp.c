// SPDX-License-Identifier: Apache-2.0
// Preloaded for counting instructions only: valgrind does not know the system call seccomp, and
// Vigie goes no further without. The filter is still put together, as ever.
#include <seccomp.h>

int seccomp_attr_set(scmp_filter_ctx filter, enum scmp_filter_attr attribute, uint32_t value)
{
    (void)filter, (void)attribute, (void)value;
    return 0;
}

int seccomp_load(const scmp_filter_ctx filter)
{
    (void)filter;
    return 0;
}
