// SPDX-License-Identifier: Apache-2.0
// The operations between json.c, which compiles a layout to them, and json_run.c, which runs them.
#ifndef VIGIE_READER_EVTX_JSON_OPS_H
#define VIGIE_READER_EVTX_JSON_OPS_H

enum json_code {
    JSON_LITERAL,      // before
    JSON_SKIP_NULL,    // jump over the next operations when the value is null
    JSON_MEMBER,       // before, value, comma; after: what stands for an empty value
    JSON_TEXT_MEMBER,  // the same, left out when empty
    JSON_CLOSE,        // end of an object: without members it becomes null
    JSON_ATTRIBUTES,   // before, {"#attributes":{
    JSON_END_EMPTY,    // end of the attributes of an element without content
    JSON_END_TEXT,     // … of an element whose content is the value
    JSON_END_CHILDREN, // … of an element with child elements

    JSON_FIRST_RARE,
    // … whose content is pieces of text: string operations follow
    JSON_END_TEXT_PIECES = JSON_FIRST_RARE,
    JSON_STRING,     // before, opens a string made of pieces
    JSON_PIECE,      // the value's text; before: literal, already escaped
    JSON_STRING_END, // closes it; after: what stands for an empty one
    JSON_DATA,       // opens unnamed Data
    JSON_DATA_ITEM,  // one of them
    JSON_DATA_END,
};

enum op_flag {
    FLAG_LIST = 1,       // a list: of an array, or of Data with one name
    FLAG_PIECES = 2,     // the content comes in further operations
    FLAG_DROP_EMPTY = 4, // left out without text
};

#endif
