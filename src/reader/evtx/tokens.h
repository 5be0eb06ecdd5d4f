// SPDX-License-Identifier: Apache-2.0
// The tokens of BinXML, and how many bytes stand before what they hold.
#ifndef VIGIE_READER_EVTX_TOKENS_H
#define VIGIE_READER_EVTX_TOKENS_H

enum token {
    TOKEN_EOF = 0x00,
    TOKEN_OPEN = 0x01,
    TOKEN_CLOSE_START = 0x02,
    TOKEN_CLOSE_EMPTY = 0x03,
    TOKEN_END = 0x04,
    TOKEN_VALUE = 0x05,
    TOKEN_ATTRIBUTE = 0x06,
    TOKEN_CDATA = 0x07,
    TOKEN_CHAR = 0x08,
    TOKEN_ENTITY = 0x09,
    TOKEN_PI_TARGET = 0x0a,
    TOKEN_PI_DATA = 0x0b,
    TOKEN_INSTANCE = 0x0c,
    TOKEN_SLOT = 0x0d,
    TOKEN_OPTIONAL_SLOT = 0x0e,
    TOKEN_FRAGMENT = 0x0f,
    TOKEN_MORE = 0x40, // flag: more of the kind follows
    FRAGMENT_HEADER_SIZE = 4,
    DEFINITION_HEADER_SIZE = 24,
    INSTANCE_HEADER_SIZE = 9,
    NAME_HEADER_SIZE = 8,
};

#endif
