// SPDX-License-Identifier: Apache-2.0
// ADDRESS_SANITIZED: 1 in builds for testing with AddressSanitizer (and its leak checker), which
// gcc and clang say in different ways; else 0.
#ifndef VIGIE_BASE_SANITIZED_H
#define VIGIE_BASE_SANITIZED_H

#if defined(__SANITIZE_ADDRESS__)
#define ADDRESS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ADDRESS_SANITIZED 1
#endif
#endif
#ifndef ADDRESS_SANITIZED
#define ADDRESS_SANITIZED 0
#endif

#endif
