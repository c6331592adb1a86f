"""Writes registry hives and their transaction logs.

    root = Key("ROOT", Key("Software", Value("Name", "text"), ...), ...)
    data = hive(root)                       # bytes of a hive
    log = log_new(old, new)                 # the log that makes `new` of `old`, HvLE
    log = log_old(old, new)                 # the same, DIRT

Source: docs/formats/registry.md
"""
import struct

SZ, EXPAND_SZ, BINARY, DWORD, MULTI_SZ, QWORD = 1, 2, 3, 4, 7, 11
SEGMENT = 16344
TIME = 132600000000000000
HEADER = 4096
PAGE = 512


class Value:
    def __init__(self, name, data, kind=None):
        if isinstance(data, str):
            kind, data = kind or SZ, data.encode("utf-16-le") + b"\0\0"
        elif isinstance(data, list):
            kind = kind or MULTI_SZ
            data = b"".join(s.encode("utf-16-le") + b"\0\0" for s in data) + b"\0\0"
        elif isinstance(data, int):
            kind, data = kind or DWORD, struct.pack("<I", data)
        self.name, self.data, self.kind = name, data, BINARY if kind is None else kind


class Key:
    def __init__(self, name, *content, time=TIME, lists="lh", class_name=""):
        self.name, self.time, self.lists, self.class_name = name, time, lists, class_name
        self.keys = [c for c in content if isinstance(c, Key)]
        self.values = [c for c in content if isinstance(c, Value)]


def _name(text, wide_flag, narrow_flag):
    try:
        return text.encode("latin-1"), narrow_flag
    except UnicodeEncodeError:
        return text.encode("utf-16-le"), wide_flag


class _Bins:
    """One bin for all cells: bins may be of any size."""

    def __init__(self):
        self.data = bytearray(32)

    def cell(self, content):
        at = len(self.data)
        size = (len(content) + 4 + 7) // 8 * 8
        self.data += struct.pack("<i", -size) + content + bytes(size - 4 - len(content))
        return at

    def free(self, content):
        at = self.cell(content)
        size = struct.unpack_from("<i", self.data, at)[0]
        struct.pack_into("<i", self.data, at, -size)
        return at

    def value(self, v):
        name, flag = _name(v.name, 0, 1)
        size, at = len(v.data), 0
        if size <= 4:
            size |= 0x80000000
            at = struct.unpack("<I", v.data.ljust(4, b"\0"))[0]
        elif size <= SEGMENT:
            at = self.cell(v.data)
        else:
            parts = [self.cell(v.data[i:i + SEGMENT] + bytes(4))
                     for i in range(0, size, SEGMENT)]
            listed = self.cell(struct.pack(f"<{len(parts)}I", *parts))
            at = self.cell(struct.pack("<2sHI", b"db", len(parts), listed))
        return self.cell(struct.pack("<2sHIIIHH", b"vk", len(name), size, at, v.kind, flag, 0)
                         + name)

    def leaf(self, kind, cells):
        each = "<I" if kind == "li" else "<I4x"
        body = b"".join(struct.pack(each, c) for c in cells)
        return self.cell(struct.pack("<2sH", kind.encode(), len(cells)) + body)

    def list(self, key, cells):
        if key.lists != "ri":
            return self.leaf(key.lists, cells)
        half = (len(cells) + 1) // 2
        leaves = [self.leaf("lh", cells[:half])]
        if cells[half:]:
            leaves.append(self.leaf("li", cells[half:]))
        return self.cell(struct.pack("<2sH", b"ri", len(leaves))
                         + struct.pack(f"<{len(leaves)}I", *leaves))

    def key(self, key, parent, security):
        name, flag = _name(key.name, 0, 0x20)
        own = self.cell(bytes(76) + name)
        class_name = key.class_name.encode("utf-16-le")
        none = 0xffffffff
        keys = [self.key(k, own, security)
                for k in sorted(key.keys, key=lambda k: k.name.upper())]
        values = [self.value(v) for v in key.values]
        head = struct.pack(
            "<2sHQIIIIIIIIII20xHH", b"nk", flag | (0x0c if parent is None else 0), key.time, 0,
            parent or 0, len(keys), 0, self.list(key, keys) if keys else none, none,
            len(values), self.cell(struct.pack(f"<{len(values)}I", *values)) if values else none,
            security, self.cell(class_name) if class_name else none, len(name), len(class_name))
        self.data[own + 4:own + 4 + len(head)] = head
        return own


def _seal(data):
    total = 0
    for i in range(127):
        total ^= struct.unpack_from("<I", data, 4 * i)[0]
    total = 0xfffffffe if total == 0xffffffff else total or 1
    struct.pack_into("<I", data, 508, total)
    return bytes(data)


def hive(root, sequence=(7, 7), minor=5, free=b""):
    """free: what a free cell holds at the end, a deleted key perhaps"""
    bins = _Bins()
    descriptor = struct.pack("<BBHIIII", 1, 0, 0x8000, 0, 0, 0, 0)
    security = bins.cell(struct.pack("<2sHIIII", b"sk", 0, 32, 32, 1, len(descriptor))
                         + descriptor)
    top = bins.key(root, None, security)
    if free:
        bins.free(free)
    size = (len(bins.data) + 8 + 4095) // 4096 * 4096
    bins.data += struct.pack("<i", size - len(bins.data))
    bins.data += bytes(size - len(bins.data))
    struct.pack_into("<4sIIQQI", bins.data, 0, b"hbin", 0, size, 0, TIME, 0)
    head = bytearray(HEADER)
    struct.pack_into("<4sIIQIIIIIII", head, 0, b"regf", *sequence, TIME, 1, minor, 0, 1, top,
                     size, 1)
    return _seal(head) + bytes(bins.data)


def dirty(data):
    """The same hive, whose last write did not come to its end."""
    head = bytearray(data[:PAGE])
    struct.pack_into("<I", head, 4, struct.unpack_from("<I", data, 8)[0] + 1)
    return _seal(head) + data[PAGE:]


def marvin32(data):
    a, b = 0x7a4e55c5, 0x82ef4d88

    def turn(v, n):
        return (v << n | v >> (32 - n)) & 0xffffffff

    def mix(a, b, value):
        a = (a + value) & 0xffffffff
        b ^= a
        a = (turn(a, 20) + b) & 0xffffffff
        b = turn(b, 9) ^ a
        a = (turn(a, 27) + b) & 0xffffffff
        return a, turn(b, 19)

    whole = len(data) // 4 * 4
    for (value,) in struct.iter_unpack("<I", data[:whole]):
        a, b = mix(a, b, value)
    rest = 0x80
    for byte in reversed(data[whole:]):
        rest = rest << 8 | byte
    a, b = mix(a, b, rest)
    a, b = mix(a, b, 0)
    return b << 32 | a


def _pages(old, new):
    for at in range(HEADER, len(new), PAGE):
        if old[at:at + PAGE] != new[at:at + PAGE]:
            yield at - HEADER, new[at:at + PAGE]


def _log_head(new, kind, sequence):
    head = bytearray(new[:PAGE])
    struct.pack_into("<II", head, 4, sequence, sequence)
    struct.pack_into("<I", head, 28, kind)
    return _seal(head)


def log_new(old, new, sequence=7):
    pages = list(_pages(old, new))
    body = b"".join(struct.pack("<II", at, PAGE) for at, _ in pages)
    body += b"".join(page for _, page in pages)
    body += bytes(-(len(body) + 40) % PAGE)
    head = struct.pack("<4sIIIII", b"HvLE", len(body) + 40, 0, sequence, len(new) - HEADER,
                       len(pages)) + struct.pack("<Q", marvin32(body))
    return _log_head(new, 6, sequence) + head + struct.pack("<Q", marvin32(head)) + body


def log_old(old, new, sequence=7):
    bits = bytearray((len(new) - HEADER) // PAGE // 8 + 1)
    pages = b""
    for at, page in _pages(old, new):
        bits[at // PAGE // 8] |= 1 << at // PAGE % 8
        pages += page
    bits = bits[:((len(new) - HEADER) // PAGE + 7) // 8]
    vector = b"DIRT" + bytes(bits)
    return _log_head(new, 1, sequence) + vector + bytes(-len(vector) % PAGE) + pages


def _cells_of(data, key, found):
    """Every cell of a key and of those below it; its list of keys must be a leaf."""
    body = HEADER + key + 4
    n_keys, keys = struct.unpack_from("<I4xI", data, body + 20)
    n_values, values = struct.unpack_from("<II", data, body + 36)
    found.append(key)
    if n_values:
        found.append(values)
        for value in struct.unpack_from(f"<{n_values}I", data, HEADER + values + 4):
            size, place = struct.unpack_from("<II", data, HEADER + value + 8)
            found.append(value)
            if 4 < size < 0x80000000:
                found.append(place)
    if n_keys:
        found.append(keys)
        for i in range(n_keys):
            _cells_of(data, struct.unpack_from("<I", data, HEADER + keys + 8 + 8 * i)[0], found)


def delete(data, name, above=None, time=TIME + 10 ** 7):
    """The hive after a key below the root, or below the key `above` of the root, was deleted: its
    cells are given up, none of them written over."""
    data = bytearray(data)

    def below(key, wanted):
        n, cells = struct.unpack_from("<I4xI", data, HEADER + key + 24)
        for i in range(n):
            at = HEADER + cells + 8 + 8 * i
            cell = struct.unpack_from("<I", data, at)[0]
            size = struct.unpack_from("<H", data, HEADER + cell + 76)[0]
            if data[HEADER + cell + 80:HEADER + cell + 80 + size] == wanted.encode():
                return i, n, cells, cell
        raise KeyError(wanted)

    parent = struct.unpack_from("<I", data, 36)[0]
    if above:
        parent = below(parent, above)[3]
    i, n, cells, cell = below(parent, name)
    at = HEADER + cells + 8
    data[at + 8 * i:at + 8 * (n - 1)] = data[at + 8 * (i + 1):at + 8 * n]
    struct.pack_into("<H", data, HEADER + cells + 6, n - 1)
    struct.pack_into("<I", data, HEADER + parent + 24, n - 1)
    struct.pack_into("<Q", data, HEADER + parent + 8, time)
    freed = []
    _cells_of(data, cell, freed)
    for each in freed:
        size = struct.unpack_from("<i", data, HEADER + each)[0]
        struct.pack_into("<i", data, HEADER + each, -size)
    return bytes(data)
