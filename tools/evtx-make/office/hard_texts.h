// SPDX-License-Identifier: Apache-2.0
// What the events of the hardest mix are made of: forms whose places are filled by chance.
//
// In a form, %u is a user's account, %g a GUID, %h eight hexadecimal digits, %H thirty-two, %n a
// number, %w a word, %W a word with a capital, %d a document's name, %p a computer, %i an inner
// address, %a an outer one, %s a site, %v a version, %b base64 text, %% a sign.
#ifndef VIGIE_TOOLS_HARD_TEXTS_H
#define VIGIE_TOOLS_HARD_TEXTS_H

#include <stddef.h>

// A program of the world (world.yml), which one of it starts it, and its command line behind the
// path; system: it runs as SYSTEM.
struct hard_launch {
    const char *program, *parent, *parent_arguments, *arguments;
    int system;
};

struct hard_texts {
    const char *const *items;
    size_t count;
};

extern const struct hard_launch hard_launches[];
extern const size_t hard_launches_count;
extern const struct hard_texts hard_words, hard_first_names, hard_last_names, hard_documents,
    hard_extensions, hard_sites, hard_scripts, hard_keys, hard_details, hard_network_programs;

#endif
