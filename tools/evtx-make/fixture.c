// SPDX-License-Identifier: Apache-2.0
#include "fixture.h"

#include <stdlib.h>

#define FIXTURE_TIME (VTIME_UNIX_EPOCH + 1782864000 * VTIME_SECOND) // 2026-07-01T00:00:00Z

struct bx_node *fixture_data(struct fixture *f, struct bx_node *parent, const char *name)
{
    struct bx_node *n = bx_element(&f->a, parent, SLICE("Data"));
    if (name)
        bx_attribute_text(&f->a, n, SLICE("Name"), slice_from_str(name));
    return n;
}

static void add_event(struct fixture *f, struct make_event *ev)
{
    const struct bx_instance *in;
    struct err e = {0};
    ev->time = FIXTURE_TIME + f->next * VTIME_SECOND + 1234567;
    ev->provider = SLICE("Fixture");
    ev->channel = SLICE("Fixture/Operational");
    ev->computer = SLICE("pc-1.office.example");
    ev->id = 1;
    if (!make_event_build(&f->a, ev, f->next, &in, &e) ||
        !evtx_writer_add(&f->w, f->next, ev->time, in, NULL, &e)) {
        fprintf(stderr, "evtx-make: fixture: %s\n", e.message);
        abort();
    }
    f->next++;
}

void fixture_add(struct fixture *f, const struct bx_node *root, struct bx_value *values,
                 size_t count, bool user)
{
    struct make_event ev;
    struct bx_instance in = {make_template(&f->a, root), values, count};
    make_event_init(&ev);
    ev.custom = &in;
    ev.custom_user = user;
    add_event(f, &ev);
}

void fixture_note(struct fixture *f, const char *note)
{
    struct make_event ev;
    struct make_field field = {SLICE("Note"),
                               {MAKE_TEXT, MAKE_TYPE_UNSET, slice_from_str(note), NULL, 0}};
    make_event_init(&ev);
    ev.kind = MAKE_DATA;
    ev.fields = &field;
    ev.count = 1;
    add_event(f, &ev);
}

void fixture_notes(struct fixture *f, const char *note, unsigned count)
{
    for (unsigned i = 1; i <= count; i++)
        fixture_note(f, arena_str(&f->a, arena_printf(&f->a, "%s %u", note, i)));
}

uint8_t *fixture_chunk(struct buf *bytes, size_t index)
{
    return bytes->at + EVTX_HEADER + index * CHUNK_SIZE;
}

uint8_t *fixture_record(uint8_t *chunk, size_t index)
{
    uint8_t *p = chunk + CHUNK_HEADER;
    while (index--)
        p += le32(p + 4);
    return p;
}

uint8_t *fixture_find(uint8_t *chunk, const void *needle, size_t len, const uint8_t *from)
{
    size_t start = (size_t)(from - chunk);
    uint8_t *p = memmem(chunk + start, CHUNK_SIZE - start, needle, len);
    if (!p) {
        fprintf(stderr, "evtx-make: fixture: what is to be damaged is not there\n");
        abort();
    }
    return p;
}

// One chunk at the beginning and one beyond 4 GiB, with a hole between; the header's 16-bit count
// has wrapped.
static bool write_huge(const char *path, struct err *e)
{
    struct fixture f = {.next = 1};
    const uint64_t far = 65536;
    if (!evtx_writer_open(&f.w, path, e))
        return false;
    arena_init(&f.a, 0);
    fixture_notes(&f, "first", 3);
    evtx_writer_end_chunk(&f.w);
    if (fseeko(f.w.file, (off_t)(EVTX_HEADER + far * CHUNK_SIZE), SEEK_SET) != 0)
        f.w.failed = true;
    f.w.chunks = far;
    fixture_notes(&f, "beyond 4 GiB", 3);
    arena_free(&f.a);
    return evtx_writer_close(&f.w, e);
}

static bool write_form(const struct fixture_form *form, const char *path, struct err *e)
{
    struct fixture f = {.next = 1};
    if (!evtx_writer_open(&f.w, NULL, e))
        return false;
    arena_init(&f.a, 0);
    form->make(&f);
    arena_free(&f.a);
    bool ok = evtx_writer_close(&f.w, e);
    if (form->damage)
        form->damage(&f.w.memory);
    FILE *out = ok ? fopen(path, "wb") : NULL;
    ok = out && fwrite(f.w.memory.at, 1, f.w.memory.len, out) == f.w.memory.len;
    ok = (!out || fclose(out) == 0) && ok;
    buf_free(&f.w.memory);
    return ok || err_set_errno(e, "%s", path);
}

bool fixture_write(const char *name, const char *path, struct err *e)
{
    if (strcmp(name, "over-4gib") == 0)
        return write_huge(path, e);
    const struct fixture_form *tables[] = {fixture_texts, fixture_damages};
    for (size_t i = 0; i < 2; i++)
        for (const struct fixture_form *form = tables[i]; form->name; form++)
            if (strcmp(form->name, name) == 0)
                return write_form(form, path, e);
    return err_set(e, ERR_USAGE, 0, "no fixture \"%s\"", name);
}

bool fixture_write_all(const char *folder, struct err *e)
{
    const struct fixture_form *tables[] = {fixture_texts, fixture_damages};
    struct arena a;
    bool ok = true;
    arena_init(&a, 0);
    for (size_t i = 0; i < 2; i++)
        for (const struct fixture_form *form = tables[i]; ok && form->name; form++)
            ok = write_form(form, arena_str(&a, arena_printf(&a, "%s/%s.evtx", folder, form->name)),
                            e);
    arena_free(&a);
    return ok;
}
