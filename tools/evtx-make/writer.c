// SPDX-License-Identifier: Apache-2.0
#include "writer.h"

static void write_out(struct evtx_writer *w, const uint8_t *p, size_t len)
{
    if (!w->file)
        buf_add(&w->memory, slice_of(p, len));
    else if (fwrite(p, 1, len, w->file) != len)
        w->failed = true;
}

bool evtx_writer_open(struct evtx_writer *w, const char *path, struct err *e)
{
    *w = (struct evtx_writer){.next_record = 1};
    if (path && !(w->file = fopen(path, "wb")))
        return err_set_errno(e, "%s", path);
    w->chunk = mem_alloc_zero(1, sizeof *w->chunk);
    chunk_init(w->chunk);
    write_out(w, (const uint8_t[EVTX_HEADER]){0}, EVTX_HEADER);
    return true;
}

void evtx_writer_end_chunk(struct evtx_writer *w)
{
    if (!w->chunk->records)
        return;
    chunk_seal(w->chunk);
    evtx_writer_add_chunk(w, w->chunk->bytes);
    chunk_init(w->chunk);
}

void evtx_writer_add_chunk(struct evtx_writer *w, uint8_t *bytes)
{
    if (w->sink)
        w->sink(w->context, bytes);
    else
        write_out(w, bytes, CHUNK_SIZE);
    w->chunks++;
}

bool evtx_writer_add(struct evtx_writer *w, uint64_t record, uint64_t filetime,
                     const struct bx_instance *instance, const struct bx_node *root, struct err *e)
{
    if (!chunk_add(w->chunk, record, filetime, instance, root)) {
        evtx_writer_end_chunk(w);
        if (!chunk_add(w->chunk, record, filetime, instance, root))
            return err_set(e, ERR_LIMIT, 0, "record %llu is larger than a chunk",
                           (unsigned long long)record);
    }
    if (record >= w->next_record)
        w->next_record = record + 1;
    return true;
}

void evtx_header_checksum(uint8_t *header)
{
    put32(header + 124, crc32_of(0, header, 120));
}

static void make_header(const struct evtx_writer *w, uint8_t *h)
{
    memcpy(h, "ElfFile", 8);
    put64(h + 16, w->chunks ? w->chunks - 1 : 0);
    put64(h + 24, w->next_record);
    put32(h + 32, 128);
    put16(h + 36, 1);
    put16(h + 38, 3);
    put16(h + 40, EVTX_HEADER);
    put16(h + 42, (uint16_t)w->chunks); // wraps in files over 4 GiB, as in Windows
    put32(h + 120, w->flags);
    evtx_header_checksum(h);
}

bool evtx_writer_close(struct evtx_writer *w, struct err *e)
{
    uint8_t header[EVTX_HEADER] = {0};
    evtx_writer_end_chunk(w);
    make_header(w, header);
    if (w->sink)
        buf_free(&w->memory);
    else if (!w->file)
        memcpy(w->memory.at, header, sizeof header);
    else if (fseek(w->file, 0, SEEK_SET) != 0 ||
             fwrite(header, 1, sizeof header, w->file) != sizeof header)
        w->failed = true;
    if (w->file && fclose(w->file) != 0)
        w->failed = true;
    w->file = NULL;
    chunk_free(w->chunk);
    free(w->chunk);
    w->chunk = NULL;
    return !w->failed || err_set_errno(e, "could not write the whole log");
}
