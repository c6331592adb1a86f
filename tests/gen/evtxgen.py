"""Writes Windows event logs (.evtx): for tests, examples and demonstrations.

    from evtxgen import EvtxWriter, guid, hex64, sid

    with EvtxWriter("Security.evtx") as log:
        log.add(provider="Microsoft-Windows-Security-Auditing",
                guid="{54849625-5478-4994-A5BA-3E3B0328C30D}",
                event_id=4624, channel="Security", computer="EX01.contoso.local",
                time="2021-03-02T04:11:09.1234567Z", keywords=0x8020000000000000,
                data=[("TargetUserSid", sid("S-1-5-18")), ("TargetUserName", "SYSTEM"),
                      ("TargetLogonId", hex64(0x3e7)), ("LogonType", 3)])

        # what programs write through the old API: numbered strings, no names
        log.add(provider="MSExchange CmdletLogs", event_id=1, qualifiers=16384,
                channel="MSExchange Management", computer="EX01.contoso.local",
                time="2021-03-02T04:20:00Z", level=4, task=1,
                data=["Set-OabVirtualDirectory", "-ExternalUrl \\"http://f/\\"", ...])

        # UserData, with elements of its own
        log.add(..., userdata=("LogFileCleared", [("SubjectUserName", "bob")]))

The file is what Windows writes: a header, chunks of 64 KiB with their checksums, string and
template tables, templates defined where they are first used in a chunk, System values as
substitutions and EventData as a nested template. Nothing random: equal calls give equal bytes.

Values
    str         UTF-16 text                       bytes  binary
    int         UInt32, UInt64 if larger, Int32/Int64 if negative
    bool        Boolean                           None   NULL: the element is not there
    list of str a string array (0x81): the element is repeated
    and, where a certain type is wanted: i8 u8 i16 u16 i32 u32 i64 u64 float32 float64
    hex32 hex64 size_t ansi guid sid filetime systemtime raw(type, bytes); Literal(text) is
    written into the template itself.

Times are FILETIME integers, datetimes (UTC if naive) or ISO texts with up to 7 digits.

For odd files there are two more ways in. `add_tree` and `add_direct` write a record from an
Element tree; and the result can be patched as bytes: `to_bytes()`, `offsets` (where each
record stands) and `reseal(data)` (checksums made right again).

Source: docs/formats/evtx.md. Standard library only.
"""
import datetime
import hashlib
import re
import struct
import uuid
import zlib

CHUNK = 65536
RECORDS_AT = 512
EPOCH = 116444736000000000  # 1970 as FILETIME
NAMESPACE = "http://schemas.microsoft.com/win/2004/08/events/event"

# ---- values ----------------------------------------------------------------


class Value:
    """A value of a certain type: type number, its bytes, and how it reads as text."""
    __slots__ = ("type", "raw", "text", "optional")

    def __init__(self, type_, raw_, text, optional=False):
        self.type, self.raw, self.text, self.optional = type_, raw_, text, optional


NULL = Value(0x00, b"", "", optional=True)


class Literal(str):
    """Text that stands in the template instead of among the values."""


def _integer(type_, fmt):
    return lambda v: Value(type_, struct.pack(fmt, v), str(v))


def _hex(type_, fmt):
    return lambda v: Value(type_, struct.pack(fmt, v), f"0x{v:x}")


i8, u8 = _integer(0x03, "<b"), _integer(0x04, "<B")
i16, u16 = _integer(0x05, "<h"), _integer(0x06, "<H")
i32, u32 = _integer(0x07, "<i"), _integer(0x08, "<I")
i64, u64 = _integer(0x09, "<q"), _integer(0x0a, "<Q")
hex32, hex64 = _hex(0x14, "<I"), _hex(0x15, "<Q")


def float32(v):
    return Value(0x0b, struct.pack("<f", v), f"{v:g}")


def float64(v):
    return Value(0x0c, struct.pack("<d", v), f"{v:g}")


def size_t(v, width=8):
    return Value(0x10, v.to_bytes(width, "little"), f"0x{v:x}")


def ansi(text):
    return Value(0x02, text.encode("cp1252") + b"\0", text)


def raw(type_, data, text=""):
    """Any bytes as any type, for values that are wrong on purpose."""
    return Value(type_, data, text)


def guid(text):
    u = uuid.UUID(text)
    return Value(0x0f, u.bytes_le, "{" + str(u).upper() + "}")


def sid(text):
    parts = text.split("-")
    if parts[0] != "S" or len(parts) < 3:
        raise ValueError(f"not a SID: {text!r}")
    authority, subs = int(parts[2]), [int(p) for p in parts[3:]]
    data = struct.pack("<BB", int(parts[1]), len(subs)) + authority.to_bytes(6, "big")
    return Value(0x13, data + struct.pack(f"<{len(subs)}I", *subs), text)


def ticks(when):
    """A time as FILETIME: 100 ns steps since 1601-01-01 UTC."""
    if isinstance(when, int):
        return when
    if isinstance(when, datetime.datetime):
        if when.tzinfo is None:
            when = when.replace(tzinfo=datetime.timezone.utc)
        since = when - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
        return EPOCH + (since.days * 86400 + since.seconds) * 10**7 + since.microseconds * 10
    m = re.fullmatch(r"(\d+-\d+-\d+)[T ](\d+:\d+:\d+)(?:\.(\d{1,7}))?Z?", when)
    if not m:
        raise ValueError(f"not a time: {when!r}")
    whole = datetime.datetime.fromisoformat(f"{m[1]}T{m[2]}")
    return ticks(whole) + int((m[3] or "").ljust(7, "0"))


def iso(filetime_):
    """The text of a FILETIME, with seven digits as Windows shows it."""
    seconds, part = divmod(filetime_ - EPOCH, 10**7)
    when = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)
    return f"{when:%Y-%m-%dT%H:%M:%S}.{part:07d}Z"


def filetime(when):
    t = ticks(when)
    return Value(0x11, struct.pack("<Q", t), iso(t))


def systemtime(when):
    t = ticks(when)
    seconds, part = divmod(t - EPOCH, 10**7)
    d = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)
    data = struct.pack("<8H", d.year, d.month, d.isoweekday() % 7, d.day, d.hour, d.minute,
                       d.second, part // 10**4)
    return Value(0x12, data, iso(t - t % 10**4))


def utf16(text):
    return text.encode("utf-16-le", "surrogatepass")


def _infer_integer(v):
    if v < 0:
        return i32(v) if v >= -2**31 else i64(v)
    return u32(v) if v < 2**32 else u64(v)


def value(v):
    """Any value that add() takes, as a Value; Instance and Fragment are values already."""
    if isinstance(v, (Value, Instance, Fragment)):
        return v
    if v is None:
        return NULL
    if isinstance(v, bool):
        return Value(0x0d, struct.pack("<I", v), "true" if v else "false")
    if isinstance(v, int):
        return _infer_integer(v)
    if isinstance(v, str):
        return Value(0x01, utf16(v), v)
    if isinstance(v, (bytes, bytearray)):
        return Value(0x0e, bytes(v), bytes(v).hex().upper())
    if isinstance(v, (list, tuple)):
        return Value(0x81, b"".join(utf16(s) + b"\0\0" for s in v), list(v))
    raise TypeError(f"no EVTX type for {v!r}")


# ---- XML trees -------------------------------------------------------------


class Sub:
    """A substitution: takes value `index` of the instance."""

    def __init__(self, index, type_=0x01, optional=True):
        self.index, self.type, self.optional = index, type_, optional

    def key(self):
        return ("sub", self.index, self.type, self.optional)


class CData(str):
    """A CDATA section."""


class CharRef(int):
    """A character reference."""


class Entity(str):
    """An entity reference: amp, lt, gt, quot, apos."""


class Element:
    """An element: name, [(attribute name, content)], [content].

    Content is text, Sub, CData, CharRef, Entity or Element; of an attribute, one of these or
    a list of them."""

    def __init__(self, name, attributes=(), content=()):
        self.name, self.attributes, self.content = name, list(attributes), list(content)

    def key(self):
        return (self.name, tuple((n, tuple(map(_key, _parts(c)))) for n, c in self.attributes),
                tuple(map(_key, self.content)))


def _parts(content):
    return content if isinstance(content, list) else [content]


def _key(content):
    if isinstance(content, (Element, Sub)):
        return content.key()
    return (type(content).__name__, content)


class Instance:
    """A template and its values, as the value of a Sub of type 0x21."""

    def __init__(self, tree, values, header=True):
        self.tree, self.values, self.header = tree, list(map(value, values)), header


class Fragment:
    """XML without a template, as the value of a Sub of type 0x21."""

    def __init__(self, tree, header=True):
        self.tree, self.header = tree, header


# ---- the chunk -------------------------------------------------------------

FRAGMENT_HEADER = b"\x0f\x01\x01\x00"


class _Full(Exception):
    pass


class _Chunk:
    def __init__(self, number):
        self.first_number = number  # of its first record, counted over the file from 1
        self.buf = bytearray(RECORDS_AT)
        self.names = {}      # text -> offset
        self.templates = {}  # key -> offset
        self.name_heads = [0] * 64
        self.template_heads = [0] * 32
        self.ids = []
        self.last = 0

    # names and templates are remembered while a record is written; if it does not fit, all
    # that was added since is forgotten again
    def mark(self):
        return (len(self.buf), len(self.names), len(self.templates), self.name_heads[:],
                self.template_heads[:])

    def forget(self, mark):
        size, names, templates, self.name_heads, self.template_heads = mark
        del self.buf[size:]
        for table, n in ((self.names, names), (self.templates, templates)):
            while len(table) > n:
                table.popitem()

    def put_name(self, text):
        at = self.names.get(text)
        if at is not None:
            self.buf += struct.pack("<I", at)
            return
        h = 0
        for c in text:
            h = (h * 65599 + ord(c)) & 0xffffffff
        h &= 0xffff
        at = len(self.buf) + 4
        self.buf += struct.pack("<IIHH", at, self.name_heads[h % 64], h, len(text))
        self.buf += utf16(text) + b"\0\0"
        self.name_heads[h % 64] = at
        self.names[text] = at

    def put_content(self, content):
        if isinstance(content, Element):
            raise TypeError("an element cannot stand here")
        if isinstance(content, Sub):
            self.buf += struct.pack("<BHB", 0x0e if content.optional else 0x0d, content.index,
                                    content.type)
        elif isinstance(content, CData):
            self.buf += struct.pack("<BH", 0x07, len(utf16(content)) // 2) + utf16(content)
        elif isinstance(content, CharRef):
            self.buf += struct.pack("<BH", 0x08, content)
        elif isinstance(content, Entity):
            self.buf.append(0x09)
            self.put_name(str(content))
        else:
            data = utf16(content)
            self.buf += struct.pack("<BBH", 0x05, 0x01, len(data) // 2) + data

    def put_attributes(self, attributes):
        at = len(self.buf)
        self.buf += bytes(4)
        for i, (name, content) in enumerate(attributes):
            self.buf.append(0x46 if i + 1 < len(attributes) else 0x06)
            self.put_name(name)
            for part in _parts(content):
                self.put_content(part)
        struct.pack_into("<I", self.buf, at, len(self.buf) - at - 4)

    def put_element(self, e, in_template):
        self.buf.append(0x41 if e.attributes else 0x01)
        if in_template:
            depends = [c.index for c in e.content if isinstance(c, Sub)]
            self.buf += struct.pack("<H", depends[0] if len(depends) == 1 else 0xffff)
        at = len(self.buf)
        self.buf += bytes(4)
        self.put_name(e.name)
        if e.attributes:
            self.put_attributes(e.attributes)
        if e.content:
            self.buf.append(0x02)
            for c in e.content:
                if isinstance(c, Element):
                    self.put_element(c, in_template)
                else:
                    self.put_content(c)
            self.buf.append(0x04)
        else:
            self.buf.append(0x03)
        struct.pack_into("<I", self.buf, at, len(self.buf) - at - 4)

    def put_definition(self, key, tree):
        id_ = hashlib.md5(repr(key).encode("utf-8", "surrogatepass")).digest()
        at = len(self.buf)
        bucket = struct.unpack("<I", id_[:4])[0] % 32
        self.buf += struct.pack("<I", self.template_heads[bucket]) + id_ + bytes(4)
        self.buf += FRAGMENT_HEADER
        self.put_element(tree, True)
        self.buf.append(0x00)
        struct.pack_into("<I", self.buf, at + 20, len(self.buf) - at - 24)
        self.template_heads[bucket] = at
        self.templates[key] = (at, id_[:4])

    def put_instance(self, key, tree, values):
        self.buf += b"\x0c\x01"
        known = self.templates.get(key)
        if known:
            self.buf += known[1] + struct.pack("<I", known[0])
        else:
            at = len(self.buf)
            self.buf += bytes(8)
            self.put_definition(key, tree)
            offset, id_ = self.templates[key]
            self.buf[at:at + 8] = id_ + struct.pack("<I", offset)
        self.buf += struct.pack("<I", len(values))
        at = len(self.buf)
        self.buf += bytes(4 * len(values))
        for i, v in enumerate(values):
            start = len(self.buf)
            type_ = self.put_value(v)
            if len(self.buf) - start > 0xffff or len(self.buf) > CHUNK:
                raise _Full
            struct.pack_into("<HBB", self.buf, at + 4 * i, len(self.buf) - start, type_, 0)

    def put_value(self, v):
        if isinstance(v, Value):
            self.buf += v.raw
            return v.type
        if v.header:
            self.buf += FRAGMENT_HEADER
        if isinstance(v, Fragment):
            self.put_element(v.tree, False)
        else:
            self.put_instance(v.tree.key(), v.tree, v.values)
        self.buf.append(0x00)
        return 0x21

    def put_record(self, id_, written, body):
        """Appends a record; body writes its BinXML. False, and no change, if it is too long."""
        mark = self.mark()
        at = len(self.buf)
        self.buf += struct.pack("<IIQQ", 0x2a2a, 0, id_, written) + FRAGMENT_HEADER
        try:
            body(self)
        except _Full:
            self.forget(mark)
            return False
        self.buf.append(0x00)
        self.buf += bytes(-(len(self.buf) + 4 - at) % 8)
        size = len(self.buf) + 4 - at
        if at + size > CHUNK:
            self.forget(mark)
            return False
        self.buf += struct.pack("<I", size)
        struct.pack_into("<I", self.buf, at + 4, size)
        self.last = at
        self.ids.append(id_)
        return True

    def finish(self):
        free = len(self.buf)
        last = self.first_number + len(self.ids) - 1
        self.buf[0:8] = b"ElfChnk\0"
        struct.pack_into("<QQQQIII", self.buf, 8, self.first_number, last, min(self.ids),
                         max(self.ids), 128, self.last, free)
        struct.pack_into("<I", self.buf, 120, 1)
        struct.pack_into("<64I", self.buf, 128, *self.name_heads)
        struct.pack_into("<32I", self.buf, 384, *self.template_heads)
        self.buf += bytes(CHUNK - free)
        seal_chunk(self.buf, 0)
        return self.buf


def seal_chunk(data, at):
    """Makes the two checksums of the chunk at this offset right."""
    free = struct.unpack_from("<I", data, at + 48)[0]
    struct.pack_into("<I", data, at + 52, zlib.crc32(data[at + 512:at + free]))
    head = zlib.crc32(data[at + 128:at + 512], zlib.crc32(data[at:at + 120]))
    struct.pack_into("<I", data, at + 124, head)


def reseal(data):
    """Makes all checksums of a patched file right again. Takes and changes a bytearray."""
    for at in range(4096, len(data) - CHUNK + 1, CHUNK):
        if data[at:at + 8] == b"ElfChnk\0":
            seal_chunk(data, at)
    struct.pack_into("<I", data, 124, zlib.crc32(data[:120]))
    return data


def leave_over(data, old, chunk=0, old_chunk=0):
    """Makes a chunk look as if the log had gone round: what `old`, another file of this writer,
    has in its chunk behind the end of this file's records is left over in it. Changes data."""
    at, from_ = 4096 + chunk * CHUNK, 4096 + old_chunk * CHUNK
    free = struct.unpack_from("<I", data, at + 48)[0]
    data[at + free:at + CHUNK] = old[from_ + free:from_ + CHUNK]
    return data


# ---- events ----------------------------------------------------------------

# Which value is what in the templates that Windows makes for the System part.
(LEVEL, OPCODE, TASK, EVENT_ID, QUALIFIERS, KEYWORDS, TIME, ACTIVITY, PROCESS, THREAD, RECORD,
 VERSION, USER, RELATED, PROVIDER, GUID, CHANNEL, EVENT_DATA, USER_DATA, CLASSIC) = range(20)

def _manifest_system(computer):
    return Element("System", [], [
        Element("Provider", [("Name", Sub(PROVIDER)), ("Guid", Sub(GUID, 0x0f))]),
        Element("EventID", [("Qualifiers", Sub(QUALIFIERS, 0x06))], [Sub(EVENT_ID, 0x06)]),
        Element("Version", [], [Sub(VERSION, 0x04)]),
        Element("Level", [], [Sub(LEVEL, 0x04)]),
        Element("Task", [], [Sub(TASK, 0x06)]),
        Element("Opcode", [], [Sub(OPCODE, 0x04)]),
        Element("Keywords", [], [Sub(KEYWORDS, 0x15)]),
        Element("TimeCreated", [("SystemTime", Sub(TIME, 0x11))]),
        Element("EventRecordID", [], [Sub(RECORD, 0x0a)]),
        Element("Correlation", [("ActivityID", Sub(ACTIVITY, 0x0f)),
                                ("RelatedActivityID", Sub(RELATED, 0x0f))]),
        Element("Execution", [("ProcessID", Sub(PROCESS, 0x08)),
                              ("ThreadID", Sub(THREAD, 0x08))]),
        Element("Channel", [], [Sub(CHANNEL)]),
        Element("Computer", [], [computer] if computer else []),
        Element("Security", [("UserID", Sub(USER, 0x13))]),
    ])


def _classic_system(provider, channel, computer):
    return Element("System", [], [
        Element("Provider", [("Name", provider)]),
        Element("EventID", [("Qualifiers", Sub(QUALIFIERS, 0x06))], [Sub(EVENT_ID, 0x06)]),
        Element("Level", [], [Sub(LEVEL, 0x04)]),
        Element("Task", [], [Sub(TASK, 0x06)]),
        Element("Keywords", [], [Sub(KEYWORDS, 0x15)]),
        Element("TimeCreated", [("SystemTime", Sub(TIME, 0x11))]),
        Element("EventRecordID", [], [Sub(RECORD, 0x0a)]),
        Element("Channel", [], [channel] if channel else []),
        Element("Computer", [], [computer] if computer else []),
        Element("Security", [("UserID", Sub(USER, 0x13))]),
    ])


def _event(system, *content):
    return Element("Event", [("xmlns", NAMESPACE)], [system, *content])


def _leaf(name, attributes, v, values):
    """An element for a value: literal in the template, or the next number."""
    if isinstance(v, Literal):
        return Element(name, attributes, [str(v)] if v else [])
    v = value(v)
    values.append(v)
    sub = Sub(len(values) - 1, v.type or 0x01, v.optional)
    return Element(name, attributes, [sub])


def _event_data(data):
    """The nested template of EventData and its values."""
    values = []
    tree = Element("EventData", [], [
        _leaf("Data", [("Name", name)] if name is not None else [], v, values)
        for name, v in data])
    return Instance(tree, values, header=False)


def _is_unnamed_text(item):
    return isinstance(item, str) or (item[0] is None and isinstance(item[1], str)
                                     and not isinstance(item[1], Literal))


def _plain(item):
    return item if isinstance(item, str) else item[1]


CLASSIC_DATA = Element("EventData", [], [
    Element("Data", [], [Sub(0, 0x81)]),
    Element("Binary", [], [Sub(2, 0x0e)]),
])


def _classic_data(strings, binary):
    values = [value([str(s) for s in strings]) if strings else NULL,
              u32(len(binary) if binary else 0), value(binary) if binary else NULL]
    return Instance(CLASSIC_DATA, values)


def _user_element(name, content, values):
    if isinstance(content, list):
        return Element(name, [], [_user_element(n, c, values) for n, c in content])
    return _leaf(name, [], content, values)


def _user_data(userdata):
    values = []
    name, content = userdata
    tree = _user_element(name, list(content), values)
    tree.attributes.append(("xmlns", "http://manifests.microsoft.com/win/2004/08/windows/eventlog"))
    return Instance(tree, values, header=False)


class EvtxWriter:
    """Writes one log. Use as a context manager, or call close(); path None keeps the bytes
    for to_bytes() only."""

    def __init__(self, path=None):
        self.path = path
        self.done = bytearray()  # finished chunks
        self.chunk = None
        self.count = 0
        self.next_id = 1
        self.offsets = []  # file offset of each record, in the order of writing
        self.trees = {}    # outer trees by what their literals say

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            self.close()

    def add(self, *, provider, event_id, channel, computer, time, guid=None, record_id=None,
            written=None, version=0, level=4, task=0, opcode=0, keywords=0, qualifiers=None,
            process_id=4, thread_id=8, user_sid=None, activity_id=None, related_activity_id=None,
            data=None, userdata=None, binary=None, direct=False, classic=None):
        """Writes one event.

        data      [(name, value), ...]; a name None gives a Data without Name. Texts alone, or
                  with names None, and no provider GUID make the event a classic one:
                  provider, channel and computer literal in the template, the texts one
                  array, `binary` after it
        userdata  (root element, [(element, value or [nested ...]), ...]) in place of data
        direct    without a template, every value as text: so look forwarded events
        record_id the next one by default; `written` (the record's own time) is `time`
        returns   the record id
        """
        id_ = self.next_id if record_id is None else record_id
        when = ticks(time)
        if classic is None:
            classic = bool(data) and guid is None and all(map(_is_unnamed_text, data))
        if direct:
            tree = self._direct_tree(provider, event_id, channel, computer, when, id_, guid,
                                     level, task, keywords, qualifiers, user_sid, data)
            return self.add_direct(tree, record_id=id_, written=written or when)

        v = [NULL] * 20
        v[LEVEL], v[OPCODE], v[TASK], v[VERSION] = u8(level), u8(opcode), u16(task), u8(version)
        v[EVENT_ID] = event_id if isinstance(event_id, Value) else u16(event_id)
        v[KEYWORDS], v[TIME], v[RECORD] = hex64(keywords), filetime(when), u64(id_)
        v[PROCESS], v[THREAD] = u32(process_id), u32(thread_id)
        if qualifiers is not None:
            v[QUALIFIERS] = u16(qualifiers)
        if user_sid:
            v[USER] = sid(user_sid)
        if activity_id:
            v[ACTIVITY] = _guid(activity_id)
        if related_activity_id:
            v[RELATED] = _guid(related_activity_id)
        if classic:
            slot, key = CLASSIC, ("classic", provider, channel, computer)
            v[CLASSIC] = _classic_data([_plain(d) for d in data or []], binary)
        else:
            slot, key = (USER_DATA if userdata else EVENT_DATA), ("manifest", computer)
            v[PROVIDER], v[CHANNEL] = value(provider), value(channel)
            if guid:
                v[GUID] = _guid(guid)
            if userdata:
                v[USER_DATA] = _user_data(userdata)
            else:
                v[EVENT_DATA] = _event_data([d if isinstance(d, tuple) else (None, d)
                                             for d in data or []])
        key += (slot,)
        tree = self.trees.get(key)
        if tree is None:
            system = (_classic_system(provider, channel, computer) if classic
                      else _manifest_system(computer))
            rest = Sub(slot, 0x21)
            tree = _event(system, Element("UserData", [], [rest]) if slot == USER_DATA else rest)
            self.trees[key] = tree
        return self.add_tree(tree, v, record_id=id_, written=written or when, key=key)

    @staticmethod
    def _direct_tree(provider, event_id, channel, computer, when, id_, guid_, level, task,
                     keywords, qualifiers, user_sid, data):
        def leaf(name, text, attributes=()):
            return Element(name, attributes, [str(text)] if text not in ("", None) else [])

        plain = [d if isinstance(d, tuple) else (None, d) for d in data or []]
        return _event(
            Element("System", [], [
                Element("Provider", [("Name", provider)] + ([("Guid", guid_)] if guid_ else [])),
                leaf("EventID", event_id,
                     [("Qualifiers", str(qualifiers))] if qualifiers is not None else []),
                leaf("Level", level), leaf("Task", task), leaf("Keywords", f"0x{keywords:x}"),
                Element("TimeCreated", [("SystemTime", iso(when).replace("Z", "00Z"))]),
                leaf("EventRecordID", id_), leaf("Channel", channel),
                leaf("Computer", computer),
                Element("Security", [("UserID", user_sid)] if user_sid else []),
            ]),
            Element("EventData", [], [
                Element("Data", [("Name", n)] if n is not None else [],
                        [] if not value(v).text else [value(v).text]) for n, v in plain]))

    def add_tree(self, tree, values, *, record_id=None, written=EPOCH, key=None):
        """Writes a record that is an instance of this template. Values may be Instance and
        Fragment too."""
        if key is None:
            key = tree.key()
        values = list(map(value, values))
        return self._record(record_id, written, lambda c: c.put_instance(key, tree, values))

    def add_direct(self, tree, *, record_id=None, written=EPOCH):
        """Writes a record that is XML without a template."""
        return self._record(record_id, written, lambda c: c.put_element(tree, False))

    def _record(self, record_id, written, body):
        id_ = self.next_id if record_id is None else record_id
        for fresh in (False, True):
            if self.chunk is None:
                self.chunk = _Chunk(self.count + 1)
            at = len(self.chunk.buf)
            if self.chunk.put_record(id_, ticks(written), body):
                self.offsets.append(4096 + len(self.done) + at)
                self.count += 1
                self.next_id = id_ + 1
                return id_
            if not self.chunk.ids:
                break
            self.flush()
        raise ValueError("an event does not fit into a chunk of 64 KiB")

    def flush(self):
        """Ends the chunk: the next record starts a new one."""
        if self.chunk and self.chunk.ids:
            self.done += self.chunk.finish()
        self.chunk = None

    def to_bytes(self):
        """The whole file, as a bytearray to patch. The writer can go on, in a new chunk."""
        self.flush()
        chunks = len(self.done) // CHUNK
        head = bytearray(4096)
        head[:8] = b"ElfFile\0"
        struct.pack_into("<QQQIHHHH", head, 8, 0, max(chunks - 1, 0), self.next_id, 128, 1, 3,
                         4096, min(chunks, 0xffff))
        struct.pack_into("<I", head, 124, zlib.crc32(head[:120]))
        return head + self.done

    def close(self):
        if self.path is not None:
            with open(self.path, "wb") as out:
                out.write(self.to_bytes())


def _guid(text):
    return text if isinstance(text, Value) else guid(text)
