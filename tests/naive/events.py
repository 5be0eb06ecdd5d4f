# SPDX-License-Identifier: Apache-2.0
"""Events as lists of (name, value) pairs, read from XML or JSON lines (docs/sigma.md, first section).

The XML reader is a tokenizer of its own: a parser of the standard library would not tell <a/> (null) from <a></a>
(empty string).
"""
import json
import re
import subprocess

TOKEN = re.compile(
    r"<!\[CDATA\[(?P<cdata>.*?)\]\]>|<\?.*?\?>|<!--.*?-->"
    r"|<(?P<close>/?)(?P<tag>[^\s/>!?]+)(?P<attrs>(?:\s+[^\s=]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*)\s*(?P<empty>/?)>"
    r"|(?P<text>[^<]+)", re.S)
ATTRIBUTE = re.compile(r"([^\s=]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.S)
ENTITY = re.compile(r"&(#x[0-9A-Fa-f]+|#[0-9]+|lt|gt|amp|quot|apos);")
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}


def unescape(text):
    def one(m):
        name = m.group(1)
        if name in NAMED:
            return NAMED[name]
        code = int(name[2:], 16) if name[1] == "x" else int(name[1:])
        return chr(code) if code < 0x110000 else "\ufffd"
    return ENTITY.sub(one, text) if "&" in text else text


class Element:
    __slots__ = ("tag", "attrs", "children", "text", "closed")

    def __init__(self, tag, attrs):
        self.tag, self.attrs, self.children, self.text, self.closed = tag, attrs, [], [], False

    def value(self):
        """Text of a leaf; None for <a/>, which stands for no value."""
        return None if self.closed else "".join(self.text)


def parse_xml(text):
    """Yields the root elements <Event> of a text that holds one after another, whatever stands between them."""
    stack = []
    for m in TOKEN.finditer(text):
        tag = m.group("tag")
        if tag is None:
            if stack:
                piece = m.group("cdata")
                if piece is None:
                    piece = unescape(m.group("text") or "")
                stack[-1].text.append(piece)
            continue
        tag = tag.split(":")[-1]
        if m.group("close"):
            if stack:
                done = stack.pop()
                if not stack and done.tag == "Event":
                    yield done
            continue
        if not stack and tag != "Event":
            continue
        attrs = [(k, unescape(a or b)) for k, a, b in ATTRIBUTE.findall(m.group("attrs"))]
        element = Element(tag, attrs)
        if stack:
            stack[-1].children.append(element)
        if m.group("empty"):
            element.closed = True
            if not stack:
                yield element
        else:
            stack.append(element)


class Event:
    """fields: name to list of values (str or None), in the event's order."""
    __slots__ = ("fields", "file", "folded", "channel", "id", "provider", "record", "time", "order")

    def __init__(self, pairs, file="", order=0):
        self.fields = {}
        for name, value in pairs:
            self.fields.setdefault(name.replace(" ", ""), []).append(value)
        self.file, self.order, self.folded = file, order, {}
        self.channel = (self.first("Channel") or "").lower()
        self.provider = (self.first("Provider_Name") or "").lower()
        self.id = self.first("EventID") or ""
        self.record = self.first("EventRecordID") or ""
        self.time = self.first("TimeCreated_SystemTime") or ""

    def first(self, name):
        for value in self.fields.get(name, ()):
            if value is not None:
                return value
        return None


def body_pairs(element, in_event_data):
    """Pairs of what stands under EventData, UserData, ProcessingErrorData."""
    for child in element.children:
        name = child.tag
        named = False
        if child.tag == "Data" and in_event_data:
            for k, v in child.attrs:
                if k == "Name":
                    name, named = v, True
        if not child.children:
            yield name, child.value()
        for k, v in child.attrs:
            if k == "xmlns" or k.startswith("xmlns:") or (k == "Name" and named):
                continue
            yield "%s_%s" % (child.tag, k), v
        yield from body_pairs(child, False)


def event_of_element(root, file, order):
    pairs = []
    for section in root.children:
        if section.tag in ("System", "RenderingInfo"):
            prefix = "" if section.tag == "System" else "RenderingInfo_"
            for child in section.children:
                if not child.children:
                    text = child.value()
                    if not child.attrs or (text or "").strip():  # one that only carries attributes has no text
                        pairs.append((prefix + child.tag, text or None))  # nothing in System is an empty string
                else:  # Keywords of RenderingInfo
                    for leaf in child.children:
                        pairs.append((prefix + leaf.tag, leaf.value()))
                for k, v in child.attrs:
                    pairs.append(("%s%s_%s" % (prefix, child.tag, k), v))
        elif section.tag in ("EventData", "UserData", "ProcessingErrorData"):
            pairs.extend(body_pairs(section, section.tag == "EventData"))
            if section.tag != "EventData":
                continue
            for k, v in section.attrs:
                if not k.startswith("xmlns"):
                    pairs.append(("%s_%s" % (section.tag, k), v))
    return Event(pairs, file, order)


def json_text(value):
    if value is True or value is False:
        return "true" if value else "false"
    return value if value is None or isinstance(value, str) else str(value)


def json_pairs(name, value, prefix=""):
    """evtx_dump's layout. What repeats there has become Name_1, Name_2 …: that loss is the layout's."""
    if isinstance(value, list):
        for item in value:
            yield from json_pairs(name, item, prefix)
        return
    if not isinstance(value, dict):
        yield name, json_text(value)
        return
    for k, v in (value.get("#attributes") or {}).items():
        if k != "xmlns" and not (name == "Data" and k == "Name"):
            yield "%s_%s" % (name, k), json_text(v)
    if "#text" in value:
        yield from json_pairs(name, value["#text"])
    for k, v in value.items():
        if k not in ("#attributes", "#text"):
            yield from json_pairs(prefix + k, v)


def event_of_json(line, file, order):
    event = json.loads(line)["Event"]
    pairs = []
    for section, content in event.items():
        if section == "#attributes" or content is None:
            continue
        prefix = "RenderingInfo_" if section == "RenderingInfo" else ""
        for k, v in content.items():
            if k != "#attributes":
                pairs.extend(json_pairs(prefix + k, v))
    return Event(pairs, file, order)


def read_text(text, file, first_order=0):
    """Events of one file's text, XML or JSON lines, told by its first sign."""
    if text.lstrip()[:1] == "{":
        for n, line in enumerate(x for x in text.split("\n") if x.strip()):
            yield event_of_json(line, file, first_order + n)
    else:
        for n, root in enumerate(parse_xml(text)):
            yield event_of_element(root, file, first_order + n)


def read_evtx(path, reader, shown, first_order=0):
    """reader: a command (list) that prints the events of the file given after it, as XML or JSON lines."""
    done = subprocess.run(reader + [path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return list(read_text(done.stdout.decode("utf-8", "replace"), shown, first_order))
