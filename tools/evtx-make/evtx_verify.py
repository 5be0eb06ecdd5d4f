#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A second, strict reader of EVTX for the tests: it checks what a writer must get right and a lenient reader never looks at.

Checksums, counts, record numbers and sizes, that every name and template stands in its hash chain, that every element's
size is exact. usage: evtx_verify.py FILE… (prints what is wrong; exit status 1 when anything is)
"""
import struct
import sys
import uuid
import zlib

CHUNK = 65536
NAMES = {0: "null", 1: "string", 2: "ansistring", 3: "int8", 4: "uint8", 5: "int16", 6: "uint16", 7: "int32",
         8: "uint32", 9: "int64", 10: "uint64", 11: "float", 12: "double", 13: "bool", 14: "binary", 15: "guid",
         16: "sizet", 17: "filetime", 18: "systemtime", 19: "sid", 20: "hexint32", 21: "hexint64", 33: "binxml"}
INTEGERS = {3: "<b", 4: "<B", 5: "<h", 6: "<H", 7: "<i", 8: "<I", 9: "<q", 10: "<Q"}


class Bad(Exception):
    pass


def need(truth, what):
    if not truth:
        raise Bad(what)


def name_hash(words):
    h = 0
    for w in words:
        h = (h * 65599 + w) & 0xFFFFFFFF
    return h & 0xFFFF


def ticks(n):
    seconds, part = divmod(n, 10**7)
    days, seconds = divmod(seconds, 86400)
    import datetime
    d = datetime.datetime(1601, 1, 1) + datetime.timedelta(days=days, seconds=seconds)
    return d.strftime("%Y-%m-%dT%H:%M:%S") + ".%07dZ" % part


def scalar(kind, b):
    if kind == 0:
        return None
    if kind == 1:
        return b.decode("utf-16-le", "surrogatepass")
    if kind == 2:
        return b.decode("latin-1")
    if kind in INTEGERS:
        return str(struct.unpack(INTEGERS[kind], b)[0])
    if kind == 11:
        return repr(struct.unpack("<f", b)[0])
    if kind == 12:
        return repr(struct.unpack("<d", b)[0])
    if kind == 13:
        return "true" if struct.unpack("<I", b)[0] else "false"
    if kind == 14:
        return b.hex().upper()
    if kind == 15:
        return "{%s}" % str(uuid.UUID(bytes_le=b)).upper()
    if kind in (16, 21):
        return "0x%x" % struct.unpack("<Q", b)[0]
    if kind == 20:
        return "0x%x" % struct.unpack("<I", b)[0]
    if kind == 17:
        return ticks(struct.unpack("<Q", b)[0])
    if kind == 18:
        y, mo, _, d, h, mi, s, ms = struct.unpack("<8H", b)
        return "%04d-%02d-%02dT%02d:%02d:%02d.%03d0000Z" % (y, mo, d, h, mi, s, ms)
    if kind == 19:
        need(len(b) == 8 + 4 * b[1], "SID of a wrong size")
        return "-".join(["S", str(b[0]), str(int.from_bytes(b[2:8], "big"))] +
                        [str(x) for x in struct.unpack("<%dI" % b[1], b[8:])])
    raise Bad("value type 0x%02x" % kind)


def value(kind, b):
    if not kind & 0x80:
        return scalar(kind, b)
    if kind == 0x81:
        need(b.endswith(b"\0\0") or not b, "string array without NUL")
        return b.decode("utf-16-le", "surrogatepass").split("\0")[:-1]
    size = {4: 1, 6: 2, 8: 4, 10: 8, 15: 16, 17: 8, 20: 4, 21: 8}.get(kind & 0x7F)
    need(size and len(b) % size == 0, "array type 0x%02x" % kind)
    return [scalar(kind & 0x7F, b[i:i + size]) for i in range(0, len(b), size)]


class Element:
    def __init__(self, name, dependency):
        self.name, self.dependency, self.attributes, self.children = name, dependency, [], []


class Sub:
    def __init__(self, index, kind, optional):
        self.index, self.kind, self.optional = index, kind, optional


class Chunk:
    def __init__(self, b):
        self.b, self.names, self.templates = b, set(), {}

    def u16(self, p):
        return struct.unpack_from("<H", self.b, p)[0]

    def u32(self, p):
        return struct.unpack_from("<I", self.b, p)[0]

    def name(self, p):
        """Reads the offset at p; returns the name and where to go on."""
        at = self.u32(p)
        n = self.u16(at + 6)
        text = self.b[at + 8:at + 8 + 2 * n]
        need(at <= p + 4, "name at 0x%x defined after its use" % at)
        need(self.u16(at + 8 + 2 * n) == 0, "name at 0x%x does not end in NUL" % at)
        need(self.u16(at + 4) == name_hash(struct.unpack("<%dH" % n, text)), "hash of name at 0x%x" % at)
        self.names.add((at, self.u16(at + 4) % 64))
        return text.decode("utf-16-le", "surrogatepass"), (p + 4 + 10 + 2 * n if at == p + 4 else p + 4)

    def text(self, p):
        n = self.u16(p)
        return self.b[p + 2:p + 2 + 2 * n].decode("utf-16-le", "surrogatepass"), p + 2 + 2 * n

    def part(self, p):
        token = self.b[p] & 0xBF
        if token == 5:
            need(self.b[p + 1] == 1, "value text that is no string")
            return self.text(p + 2)
        if token == 7:
            return self.text(p + 1)
        if token == 8:
            return chr(self.u16(p + 1)), p + 3
        if token == 9:
            n, p = self.name(p + 1)
            return {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}[n], p
        if token in (13, 14):
            return Sub(self.u16(p + 1), self.b[p + 3], token == 14), p + 4
        raise Bad("token 0x%02x at 0x%x" % (self.b[p], p))

    def nodes(self, p, template, ends):
        out = []
        while self.b[p] not in ends:
            if self.b[p] & 0xBF == 1:
                n, p = self.element(p, template)
            elif self.b[p] == 0x0A:
                target, p = self.name(p + 1)
                need(self.b[p] == 0x0B, "PI without data")
                data, p = self.text(p + 1)
                n = ("pi", target, data)
            else:
                n, p = self.part(p)
            out.append(n)
        return out, p

    def element(self, p, template):
        start, more = p, self.b[p] & 0x40
        p += 1
        e = Element("", 0xFFFF)
        if template:
            e.dependency = self.u16(p)
            p += 2
        size = self.u32(p)
        begin = p + 4
        e.name, p = self.name(begin)
        if more:
            end = p + 4 + self.u32(p)
            p += 4
            while p < end:
                need(self.b[p] in (6, 0x46), "no attribute at 0x%x" % p)
                last = self.b[p] == 6
                n, p = self.name(p + 1)
                parts = []
                while p < end and self.b[p] & 0xBF != 6:
                    x, p = self.part(p)
                    parts.append(x)
                e.attributes.append((n, parts))
                need(last == (p == end), "attribute flag 0x40 at 0x%x" % p)
            need(p == end, "attribute list at 0x%x has a wrong size" % end)
        if self.b[p] == 3:
            p += 1
        else:
            need(self.b[p] == 2, "element at 0x%x does not end its start tag" % start)
            e.children, p = self.nodes(p + 1, template, (4,))
            p += 1
        need(p - begin == size, "element %s at 0x%x: size %d, really %d" % (e.name, start, size, p - begin))
        return e, p

    def instance(self, p):
        need(self.b[p:p + 6] == b"\x0f\x01\x01\0\x0c\x01", "no template instance at 0x%x" % p)
        number, at = self.u32(p + 6), self.u32(p + 10)
        p += 14
        if at not in self.templates:
            need(at == p, "template at 0x%x is used before it is defined" % at)
            size = self.u32(at + 20)
            need(self.u32(at + 4) == number, "template 0x%x has another number" % at)
            need(self.b[at + 24:at + 28] == b"\x0f\x01\x01\0", "template without fragment header")
            root, end = self.nodes(at + 28, True, (0,))
            need(end + 1 - at - 24 == size, "template at 0x%x: size" % at)
            self.templates[at] = root
            p = end + 1
        n = self.u32(p)
        forms = [(self.u16(p + 4 + 4 * i), self.b[p + 6 + 4 * i]) for i in range(n)]
        p += 4 + 4 * n
        values = []
        for size, kind in forms:
            if kind == 0x21 and size:
                inner, end = self.instance(p)
                need(end == p + size, "nested fragment of a wrong size")
                values.append(inner)
            else:
                values.append(value(kind, self.b[p:p + size]))
            p += size
        need(self.b[p] == 0, "fragment at 0x%x does not end" % p)
        return (self.templates[at], values), p + 1

    def record(self, p):
        size = self.u32(p + 4)
        need(self.b[p:p + 4] == b"**\0\0" and size % 8 == 0, "no record at 0x%x" % p)
        need(self.u32(p + size - 4) == size, "size copy of the record at 0x%x" % p)
        number, time = struct.unpack_from("<QQ", self.b, p + 8)
        if self.b[p + 28] == 0x0C:
            tree, end = self.instance(p + 24)
        else:
            root, end = self.nodes(p + 28, False, (0,))
            tree, end = (root, []), end + 1
        need(p + size - 4 - 8 < end <= p + size - 4, "record at 0x%x: %d bytes of padding" % (p, p + size - 4 - end))
        return number, time, tree, p + size

    def check_chains(self):
        for base, count, found in ((128, 64, self.names), (384, 32, set(self.templates))):
            chained = set()
            for bucket in range(count):
                at = self.u32(base + 4 * bucket)
                while at:
                    need(at not in chained and (at, bucket) not in chained, "chain of bucket %d loops" % bucket)
                    chained.add((at, bucket) if base == 128 else at)
                    if base == 384:
                        words = struct.unpack_from("<8H", self.b, at + 4)
                        need(name_hash(words) % 32 == bucket, "template at 0x%x in a wrong bucket" % at)
                    at = self.u32(at)
            need(found <= chained, "names or templates outside of their chains: %s" % (found - chained))


def flatten(tree):
    """(name, text or None) of every leaf and attribute, in order; Data by its Name."""
    out = []

    def fill(parts, values):
        got = [values[x.index] if isinstance(x, Sub) else x for x in parts if not isinstance(x, (Element, tuple))]
        return got[0] if len(got) == 1 else "".join(x or "" for x in got) if got else None

    def walk(nodes, values):
        for n in nodes:
            if isinstance(n, Sub) and isinstance(values[n.index], tuple):
                walk(*values[n.index])
            if not isinstance(n, Element) or (n.dependency != 0xFFFF and values[n.dependency] is None):
                continue
            name = n.name
            for a, parts in n.attributes:
                text = fill(parts, values)
                if name == "Data" and a == "Name":
                    name = text
                elif text is not None:
                    out.append((n.name + "_" + a, text))
            if not any(isinstance(c, Element) or (isinstance(c, Sub) and c.kind == 0x21) for c in n.children):
                out.append((name, fill(n.children, values)))
            walk(n.children, values)

    walk(*tree)
    return out


def read(path):
    """Yields (record number of the header, FILETIME of the header, flat list); raises Bad."""
    b = open(path, "rb").read()
    need(b[:8] == b"ElfFile\0" and len(b) >= 4096, "no EVTX header")
    need(zlib.crc32(b[:120]) == struct.unpack_from("<I", b, 124)[0], "checksum of the file header")
    _, last, following, size, minor, major, block, chunks = struct.unpack_from("<QQQIHHHH", b, 8)
    need((size, minor, major, block) == (128, 1, 3, 4096), "fields of the file header")
    need(len(b) == 4096 + CHUNK * (last + 1 if chunks else 0) and chunks == (len(b) - 4096) // CHUNK & 0xFFFF,
         "number of chunks")
    highest = 0
    for start in range(4096, len(b), CHUNK):
        c = Chunk(b[start:start + CHUNK])
        need(c.b[:8] == b"ElfChnk\0", "no chunk at 0x%x" % start)
        need(zlib.crc32(c.b[128:512], zlib.crc32(c.b[:120])) == c.u32(124), "checksum of a chunk header")
        first, final, first_id, last_id, _, last_at, free, crc = struct.unpack_from("<QQQQIIII", c.b, 8)
        need(zlib.crc32(c.b[512:free]) == crc, "checksum of a chunk's records")
        p, at, numbers = 512, 0, []
        while p < free:
            at = p
            number, time, tree, p = c.record(p)
            numbers.append(number)
            yield number, time, flatten(tree)
        need(p == free and at == last_at, "free space or last record of the chunk")
        need(not numbers or (first, final) == (first_id, last_id) == (numbers[0], numbers[-1]), "record numbers of the chunk")
        highest = max([highest] + numbers)
        c.check_chains()
    need(following == highest + 1, "next record number")


def main():
    status = 0
    for path in sys.argv[1:]:
        count = 0
        try:
            for _ in read(path):
                count += 1
            print("%s: %d records, sound" % (path, count))
        except (Bad, struct.error, IndexError, KeyError, UnicodeDecodeError, RecursionError, OverflowError) as e:
            print("%s: after %d records: %s" % (path, count, e))
            status = 1
    sys.exit(status)


if __name__ == "__main__":
    main()
