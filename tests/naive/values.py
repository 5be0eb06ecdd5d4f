# SPDX-License-Identifier: Apache-2.0
"""Values of rules: text with wildcards, and what modifiers make of it. One class per kind of test, each with holds(event, name).

Written to be read beside docs/sigma.md, not to be fast.
"""
import base64
import ipaddress
import itertools
import re

STAR, QUEST = object(), object()
WHITE = " \t\n\v\f\r"
DASHES = "-/\u2013\u2014\u2015"


class Refused(Exception):
    """The rule can't be used; the text says why."""


class Plain(str):
    """A YAML scalar that was written without quotes."""


class Int(int):
    """A plain YAML integer; .text as written."""


def fold_char(c):
    """Unicode simple case folding: one code point to one code point."""
    folded = c.casefold()
    if len(folded) == 1:
        return folded
    lower = c.lower()
    return lower if len(lower) == 1 else c


def fold(text):
    return text.lower() if text.isascii() else "".join(map(fold_char, text))


def parse_wildcards(text):
    """Text of a rule to a list of characters, STAR and QUEST."""
    out, i = [], 0
    while i < len(text):
        c = text[i]
        if c == "\\" and i + 1 < len(text) and text[i + 1] in "\\*?":
            out.append(text[i + 1])
            i += 2
            continue
        out.append(STAR if c == "*" else QUEST if c == "?" else c)
        i += 1
    return out


def plain_text(tokens):
    if STAR in tokens or QUEST in tokens:
        raise Refused("a value with wildcards cannot be encoded")
    return "".join(tokens)


def tokens_to_regex(tokens, cased):
    parts = []
    for t in tokens:
        parts.append(".*" if t is STAR else "." if t is QUEST else re.escape(t if cased else fold(t)))
    return re.compile("(?s:" + "".join(parts) + r")\Z")


def all_values(event):
    return [v for values in event.fields.values() for v in values]


def texts(event, name):
    """Values of the name that have a text; name None: of the whole event (keywords)."""
    values = all_values(event) if name is None else event.fields.get(name, ())
    return [v for v in values if v is not None]


def folded_texts(event, name):
    got = event.folded.get(name)
    if got is None:
        got = event.folded[name] = [fold(v) for v in texts(event, name)]
    return got


class Text:
    def __init__(self, tokens, cased=False):
        self.tokens, self.cased = tokens, cased
        self.regex = tokens_to_regex(tokens, cased)
        body = tokens
        self.shape = "regex"
        if STAR not in body and QUEST not in body:
            self.shape = "is"
        elif QUEST not in body:
            starts = body[0] is not STAR
            ends = body[-1] is not STAR
            inner = body[(not starts):(len(body) - (not ends))]
            if STAR not in inner:
                self.shape = {(True, False): "starts", (False, True): "ends", (False, False): "contains"}.get(
                    (starts, ends), "regex")
                body = inner
        if self.shape != "regex":
            self.literal = "".join(body) if cased else fold("".join(body))

    def holds_text(self, text):
        """text is folded already unless cased."""
        if self.shape == "is":
            return text == self.literal
        if self.shape == "contains":
            return self.literal in text
        if self.shape == "starts":
            return text.startswith(self.literal)
        if self.shape == "ends":
            return text.endswith(self.literal)
        return self.regex.match(text) is not None

    def holds(self, event, name):
        for text in (texts if self.cased else folded_texts)(event, name):
            if self.holds_text(text):
                return True
        return False


class Empty:
    """'': an occurrence that is the empty string or null."""
    def holds(self, event, name):
        values = all_values(event) if name is None else event.fields.get(name, ())
        return any(v is None or v == "" for v in values)


class Null:
    def holds(self, event, name):
        return all(v is None for v in event.fields.get(name, ()))


class Exists:
    def __init__(self, wanted):
        self.wanted = wanted

    def holds(self, event, name):
        return (name in event.fields) == self.wanted


def integer_of(text):
    if re.fullmatch(r"-?[0-9]+", text):
        return int(text)
    if re.fullmatch(r"0[xX][0-9A-Fa-f]+", text):
        return int(text, 16)
    return None


def number_of(text):
    if re.fullmatch(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)", text):
        return float(text)
    if re.fullmatch(r"0[xX][0-9A-Fa-f]+", text):
        return float(int(text, 16))
    return None


class Integer:
    def __init__(self, number):
        self.number = int(number)

    def holds(self, event, name):
        return any(v == str(self.number) or integer_of(v) == self.number for v in texts(event, name))


COMPARE = {
    "lt": lambda a, b: a < b, "lte": lambda a, b: a <= b, "gt": lambda a, b: a > b, "gte": lambda a, b: a >= b,
    "eq": lambda a, b: a == b, "neq": lambda a, b: a != b,
}


class Compare:
    def __init__(self, op, number):
        self.op, self.number = COMPARE[op], number

    def holds(self, event, name):
        for v in texts(event, name):
            got = number_of(v)
            if got is not None and self.op(got, self.number):
                return True
        return False


TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(\.\d+)?(Z|[+-]\d\d:?\d\d)?")


class TimePart:
    def __init__(self, part, op, number):
        self.part, self.op, self.number = part, COMPARE[op], number

    def part_of(self, text):
        import datetime
        m = TIME.fullmatch(text)
        if not m:
            return None
        year, month, day, hour, minute, second = map(int, m.groups()[:6])
        try:
            date = datetime.datetime(year, month, day, hour, minute, min(second, 59))
        except ValueError:
            return None
        return {"minute": minute, "hour": hour, "day": day, "month": month, "year": year,
                "week": date.isocalendar()[1]}[self.part]

    def holds(self, event, name):
        for v in texts(event, name):
            got = self.part_of(v)
            if got is not None and self.op(got, self.number):
                return True
        return False


def address_of(text):
    text = text.split("%")[0] if ":" in text else text
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


class Cidr:
    def __init__(self, text):
        try:
            self.network = ipaddress.ip_network(text, strict=False)
        except ValueError:
            raise Refused("'%s' is no address range" % text) from None

    def holds(self, event, name):
        for v in texts(event, name):
            address = address_of(v)
            if address is None:
                continue
            forms = [address]
            if address.version == 6 and address.ipv4_mapped is not None:
                forms.append(address.ipv4_mapped)
            if any(f.version == self.network.version and f in self.network for f in forms):
                return True
        return False


def ascii_classes(pattern):
    r"""\d \w \s as ASCII's, whatever other flags say: outside brackets by a scoped flag, inside by their members."""
    out, i, in_class = [], 0, False
    while i < len(pattern):
        c = pattern[i]
        if c == "\\" and i + 1 < len(pattern):
            two = pattern[i:i + 2]
            if two[1] in "dwsDWSbB" and not in_class:
                two = "(?a:%s)" % two
            elif in_class and two[1] in "dws":
                two = {"d": "0-9", "w": "A-Za-z0-9_", "s": r" \t\n\r\f\v"}[two[1]]
            out.append(two)
            i += 2
            continue
        if c == "[" and not in_class:
            in_class = True
            if pattern[i + 1:i + 2] == "^":
                out.append("[^")
                i += 2
                if pattern[i:i + 1] == "]":
                    out.append(r"\]")
                    i += 1
                continue
        elif c == "[":
            c = r"\["
        elif c == "]":
            in_class = False
        out.append(c)
        i += 1
    return "".join(out)


class Regex:
    def __init__(self, pattern, flags):
        bits = 0
        for f in flags:
            bits |= {"i": re.I, "m": re.M, "s": re.S}[f]
        # PCRE allows (?i) anywhere; from there on to the end of its group
        pattern = ascii_classes(pattern)
        moved = re.match(r"^(.*?)\(\?([ims]+)\)(.*)$", pattern, re.S)
        if moved and moved.group(1):
            pattern = "%s(?%s:%s)" % (moved.group(1), moved.group(2), moved.group(3))
        try:
            self.regex = re.compile(pattern, bits)
        except re.error as e:
            raise Refused("regular expression: %s" % e) from None

    def holds(self, event, name):
        return any(self.regex.search(v) for v in texts(event, name))


class FieldRef:
    def __init__(self, other, how, cased):
        self.other, self.how, self.cased = other.replace(" ", ""), how, cased

    def holds(self, event, name):
        get = texts if self.cased else folded_texts
        for a in get(event, name):
            for b in get(event, self.other):
                if self.how == "is" and a == b or self.how == "startswith" and a.startswith(b) \
                        or self.how == "endswith" and a.endswith(b) or self.how == "contains" and b in a:
                    return True
        return False


def windash_forms(tokens):
    places = [i for i, t in enumerate(tokens)
              if t in ("-", "/") and (i == 0 or tokens[i - 1] in (STAR, QUEST) or tokens[i - 1] in WHITE)]
    if len(places) > 4:
        raise Refused("windash on a value with %d places" % len(places))
    for combination in itertools.product(DASHES, repeat=len(places)):
        form = list(tokens)
        for place, dash in zip(places, combination):
            form[place] = dash
        yield form


def encode(data, how):
    """UTF-16 modifiers and base64 work on bytes; bytes shows as characters of the same number where text is wanted."""
    if how in ("wide", "utf16le"):
        return data.decode("utf-8").encode("utf-16-le")
    if how == "utf16be":
        return data.decode("utf-8").encode("utf-16-be")
    return b"\xff\xfe" + data.decode("utf-8").encode("utf-16-le")


def base64_offsets(data):
    for shift in range(3):
        # characters that the neighbouring bytes have a part in are cut off
        encoded = base64.b64encode(b" " * shift + data).decode()
        first = (0, 2, 3)[shift]
        last = (None, -3, -2)[(len(data) + shift) % 3]
        yield encoded[first:last]
