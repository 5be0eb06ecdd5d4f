#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes small archives of all the kinds that are read, as seeds for fuzzing archive input.
# Usage: fuzz_seeds_archive.sh DIR. Needs tar, gzip, bzip2, xz; uses zstd, zip, 7z, bsdtar where they are.
set -eu
out=$(mkdir -p "$1" && cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
have() { command -v "$1" >/dev/null 2>&1; }

mkdir -p logs/sub
printf 'ElfFile\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0' >logs/Security.evtx
head -c 3000 /dev/zero >>logs/Security.evtx
printf 'a few words\n' >logs/sub/note.txt
: >logs/empty
ln -s note.txt logs/sub/link
ln logs/sub/note.txt logs/sub/hard
mkfifo logs/pipe

tar cf "$out/pax.tar" --format=pax logs
tar cf "$out/ustar.tar" --format=ustar logs
tar cf "$out/gnu.tar" --format=gnu logs
tar cf "$out/v7.tar" --format=v7 logs/sub/note.txt
head -c 100000 /dev/zero >sparse && tar cSf "$out/sparse.tar" sparse
tar czf "$out/a.tar.gz" logs
tar cjf "$out/a.tar.bz2" logs
tar cJf "$out/a.tar.xz" logs
gzip -c logs/Security.evtx >"$out/one.evtx.gz"
gzip -c logs/empty >"$out/empty.gz"
xz -c logs/Security.evtx >"$out/one.evtx.xz"
bzip2 -c logs/Security.evtx >"$out/one.evtx.bz2"
rm logs/pipe
if have zstd; then
    zstd -qc logs/Security.evtx >"$out/one.evtx.zst"
    tar cf - logs | zstd -q >"$out/a.tar.zst"
fi
if have lz4; then lz4 -qc logs/Security.evtx >"$out/one.evtx.lz4"; fi
if have zip; then
    zip -qr "$out/a.zip" logs
    zip -qr0 "$out/stored.zip" logs
    zip -qr -P secret "$out/password.zip" logs
    zip -q - logs/Security.evtx >"$out/streamed.zip" </dev/null
    (cd "$out" && zip -q "$work/nest.zip" a.zip a.tar.gz one.evtx.xz) && cp nest.zip "$out/nested.zip"
    gzip -c nest.zip >"$out/nested.zip.gz"
    mkdir -p doc/word && printf '<x/>' >doc/word/document.xml && printf '<x/>' >'doc/[Content_Types].xml'
    (cd doc && zip -qr "$out/document.docx" .)
fi
if have bsdtar; then
    bsdtar -cf "$out/a.7z" --format=7zip logs
    bsdtar -cf "$out/store.7z" --format=7zip --options compression=store logs
    bsdtar -cf "$out/bzip2.7z" --format=7zip --options compression=bzip2 logs
    bsdtar -cf "$out/a.iso" --format=iso9660 logs/sub
    bsdtar -cf "$out/zip64.zip" --format=zip --options zip:zip64 logs
    bsdtar -cf "$out/a.tar.Z" --format=ustar -Z logs
    bsdtar -cf "$out/nested7.tar.xz" -J -C "$out" a.7z a.tar.gz
fi
ls "$out" | wc -l
