// SPDX-License-Identifier: Apache-2.0
// What a pull reader answers: kept apart so that damage is never mistaken for the end.
#ifndef VIGIE_READER_READ_RESULT_H
#define VIGIE_READER_READ_RESULT_H

enum read_result {
    READ_EVENT, // an event was delivered
    READ_ERROR, // something could not be read; the error says what; reading can go on
    READ_END,   // no more in this chunk
};

#endif
