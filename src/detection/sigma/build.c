// SPDX-License-Identifier: Apache-2.0
#include "detection/sigma/build.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <elf.h>
#include <link.h>
#include <pcre2.h>
#include <unicode/uversion.h>
#include <yaml.h>

// Appends the build id out of a run of notes (elf(5)).
static bool take_build_id(struct slice notes, struct buf *out)
{
    while (notes.len >= sizeof(ElfW(Nhdr))) {
        ElfW(Nhdr) head;
        memcpy(&head, notes.at, sizeof head);
        size_t name = (head.n_namesz + 3u) & ~(size_t)3, text = (head.n_descsz + 3u) & ~(size_t)3;
        if (notes.len - sizeof head < name || notes.len - sizeof head - name < text)
            return false;
        const uint8_t *at = notes.at + sizeof head;
        if (head.n_type == NT_GNU_BUILD_ID && head.n_namesz == 4 && memcmp(at, "GNU", 4) == 0) {
            for (size_t i = 0; i < head.n_descsz; i++)
                buf_printf(out, "%02x", at[name + i]);
            return head.n_descsz > 0;
        }
        notes = slice_sub(notes, sizeof head + name + text, notes.len);
    }
    return false;
}

struct search {
    struct buf *out;
    bool found;
};

// The first object is the program itself.
static int look_at_program(struct dl_phdr_info *info, size_t size, void *user)
{
    struct search *s = user;
    (void)size;
    for (int i = 0; i < info->dlpi_phnum && !s->found; i++) {
        const ElfW(Phdr) *p = &info->dlpi_phdr[i];
        const void *at = (const void *)(uintptr_t)(info->dlpi_addr + p->p_vaddr);
        if (p->p_type == PT_NOTE)
            s->found = take_build_id(slice_of(at, p->p_memsz), s->out);
    }
    return 1;
}

bool build_identity(struct buf *out)
{
    struct search s = {.out = out};
    char pcre[64] = "";
    UVersionInfo icu = {0};
    dl_iterate_phdr(look_at_program, &s);
    (void)pcre2_config(PCRE2_CONFIG_VERSION, pcre);
    u_getVersion(icu);
    buf_printf(out, "\nvigie %s yaml %s pcre2 %s icu %d.%d\n", VIGIE_VERSION,
               yaml_get_version_string(), pcre, icu[0], icu[1]);
    return s.found;
}
