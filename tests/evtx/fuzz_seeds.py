# SPDX-License-Identifier: Apache-2.0
"""Writes fuzzing seeds: single chunks cut from the corpus' logs, shortened to the first
events (a small input is mutated more often where it matters).

usage: fuzz_seeds.py OUT_DIR [MAX_SEEDS]
"""
import hashlib
import os
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import corpus  # noqa: E402

CHUNK = 65536
RECORDS = 4


def shorten(chunk):
    """The chunk up to the end of its first few records."""
    at = 512
    for _ in range(RECORDS):
        if chunk[at:at + 4] != b"**\0\0":
            break
        size = struct.unpack_from("<I", chunk, at + 4)[0]
        if size < 28 or at + size > len(chunk):
            break
        at += size
    return chunk[:at]



def main():
    out, most = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 400
    logs = corpus.logs()
    if not logs:
        sys.exit("fuzz_seeds: the corpus is not there (set VIGIE_CORPUS)")
    os.makedirs(out, exist_ok=True)
    seen = set()
    for log in logs:
        data = log.read_bytes()
        for at in range(4096, len(data) - 512, CHUNK):
            chunk = data[at:at + CHUNK]
            if chunk[:8] != b"ElfChnk\0" or len(seen) >= most:
                continue
            seed = shorten(chunk)
            key = hashlib.sha256(seed[512:][:2048]).hexdigest()[:16]
            if len(seed) > 600 and key not in seen:
                seen.add(key)
                with open(os.path.join(out, key), "wb") as f:
                    f.write(seed)
    print(f"{len(seen)} seeds in {out}")


if __name__ == "__main__":
    main()
