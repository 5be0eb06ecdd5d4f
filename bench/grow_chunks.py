#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Large logs, or many small ones, out of the chunks of others.

    grow_chunks.py log OUT.evtx --mib N SOURCE...             one log of N MiB of well-filled chunks
    grow_chunks.py many OUTDIR --files N [--each K] SOURCE... N logs of K chunks each, and OUTDIR.evtx, one log of the same chunks
    grow_chunks.py join OUT.evtx SOURCE...                    one log of all the sources' chunks, full or not

Sources are logs, and folders of logs. A chunk brings its own names and templates, so it may stand in any log. Sound chunks that are at
least four fifths full are taken, as a log has that has been running for a while; each is used as often as needed, in an order that
changes from round to round, and all records are numbered through (in the headers of chunks and records; the number inside an event stays),
so no two files are alike. The same sources give the same bytes.
"""
import argparse
import os
import shutil
import struct
import sys
import zlib

CHUNK, HEADER = 65536, 4096


class Chunk:
    def __init__(self, data):
        self.data = data
        self.end = struct.unpack_from("<I", data, 48)[0]
        self.records = []
        at = 512
        while at + 24 <= self.end and data[at:at + 4] == b"\x2a\x2a\0\0":
            size = struct.unpack_from("<I", data, at + 4)[0]
            if size < 28 or at + size > self.end:
                break
            self.records.append(at)
            at += size
        self.sound = at == self.end and bool(self.records)

    def numbered(self, first):
        """Its bytes with records from `first` on, and new checksums."""
        out = bytearray(self.data)
        for n, at in enumerate(self.records):
            struct.pack_into("<Q", out, at + 8, first + n)
        last = first + len(self.records) - 1
        struct.pack_into("<QQQQ", out, 8, first, last, first, last)
        struct.pack_into("<I", out, 52, zlib.crc32(memoryview(out)[512:self.end]))
        struct.pack_into("<I", out, 124, zlib.crc32(memoryview(out)[128:512], zlib.crc32(memoryview(out)[:120])))
        return out


def sources_of(paths):
    for path in paths:
        if not os.path.isdir(path):
            yield path
            continue
        for here, below, names in os.walk(path):
            below.sort()
            yield from (os.path.join(here, n) for n in sorted(names) if n.lower().endswith(".evtx"))


def chunks_of(paths, fill):
    """Sound chunks of these logs."""
    for path in sources_of(paths):
        with open(path, "rb") as f:
            if f.read(8) != b"ElfFile\0":
                continue
            f.seek(HEADER)
            while len(data := f.read(CHUNK)) == CHUNK:
                if data[:8] != b"ElfChnk\0":
                    continue
                used = struct.unpack_from("<I", data, 48)[0]
                if not fill * CHUNK <= used <= CHUNK or used < 512 or zlib.crc32(data[512:used]) != struct.unpack_from("<I", data, 52)[0]:
                    continue
                chunk = Chunk(data)
                if chunk.sound:
                    yield chunk


def endless(pool):
    """All of the pool in one order, then in another, and so on: steps that share no factor with its size visit each once."""
    turn = 0
    while True:
        step = 2 * turn + 1
        while any(step % p == 0 and len(pool) % p == 0 for p in range(2, step + 1)):
            step += 1
        yield from (pool[i * step % len(pool)] for i in range(len(pool)))
        turn += 1


class Log:
    """Writes a log chunk by chunk."""

    def __init__(self, path):
        self.file = open(path, "wb")  # pylint: disable=consider-using-with
        self.file.write(bytes(HEADER))
        self.chunks, self.next = 0, 1

    def add(self, chunk, first=None):
        first = self.next if first is None else first
        self.file.write(chunk.numbered(first))
        self.next = first + len(chunk.records)
        self.chunks += 1

    def close(self):
        head = bytearray(HEADER)
        # The count of chunks has 16 bits and wraps in logs above 4 GiB, as Windows' own does.
        struct.pack_into("<8sQQQIHHHH", head, 0, b"ElfFile\0", 0, self.chunks - 1, self.next, 128, 1, 3, HEADER, self.chunks & 0xFFFF)
        struct.pack_into("<I", head, 124, zlib.crc32(head[:120]))
        self.file.seek(0)
        self.file.write(head)
        self.file.close()


def grow(out, mib, sources, fill=0.8):
    pool = list(chunks_of(sources, fill))
    if not pool:
        sys.exit("grow_chunks: no sound, well-filled chunk in the sources")
    log, turns = Log(out + ".part"), endless(pool)
    for _ in range(mib * 16):
        log.add(next(turns))
    log.close()
    os.rename(out + ".part", out)
    return log.next - 1


def many(folder, files, each, sources, fill=0.8):
    """Many small logs, and folder.evtx: one log of the same chunks."""
    pool = list(chunks_of(sources, fill))
    if not pool:
        sys.exit("grow_chunks: no sound, well-filled chunk in the sources")
    part = folder + ".part"
    shutil.rmtree(part, ignore_errors=True)
    os.makedirs(part)
    turns, whole = endless(pool), Log(folder + ".evtx")
    for n in range(files):
        log = Log(os.path.join(part, f"log-{n:05}.evtx"))
        for _ in range(each):
            chunk = next(turns)
            log.add(chunk, whole.next)
            whole.add(chunk)
        log.close()
    whole.close()
    shutil.rmtree(folder, ignore_errors=True)
    os.rename(part, folder)


def join(out, sources):
    """All chunks as they are, damage and all."""
    log = Log(out + ".part")
    for path in sources_of(sources):
        with open(path, "rb") as f:
            f.seek(HEADER)
            while len(data := f.read(CHUNK)) == CHUNK:
                log.file.write(data)
                log.chunks += 1
    log.close()
    os.rename(out + ".part", out)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("what", choices=("log", "many", "join"))
    p.add_argument("out")
    p.add_argument("sources", nargs="+")
    p.add_argument("--mib", type=int, default=256)
    p.add_argument("--files", type=int, default=1000)
    p.add_argument("--each", type=int, default=1)
    a = p.parse_args()
    if a.what == "log":
        print(f"{a.out}: {grow(a.out, a.mib, a.sources)} records")
    elif a.what == "many":
        many(a.out.rstrip("/"), a.files, a.each, a.sources)
    else:
        join(a.out, a.sources)


if __name__ == "__main__":
    main()
