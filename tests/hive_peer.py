"""Hives as other readers tell them, and as ours does, in one form.

A hive is a list of keys in the order of the walk: (path, [value, ...]), where a value is
(name, type, size, data); data are bytes, or None where the other reader does not show them all.
Other readers: regfexport of libregf (keys, values, data), reglookup (times of keys).
"""
import re
import struct
import subprocess
import urllib.parse

TYPES = {"REG_NONE": 0, "REG_SZ": 1, "REG_EXPAND_SZ": 2, "REG_BINARY": 3,
         "REG_DWORD_LITTLE_ENDIAN": 4, "REG_DWORD": 4, "REG_DWORD_BIG_ENDIAN": 5,
         "REG_LINK": 6, "REG_MULTI_SZ": 7, "REG_RESOURCE_LIST": 8,
         "REG_FULL_RESOURCE_DESCRIPTOR": 9, "REG_RESOURCE_REQUIREMENTS_LIST": 10,
         "REG_QWORD_LITTLE_ENDIAN": 11, "REG_QWORD": 11}
INSIDE = re.compile(rb"^[0-9a-f]{8}: ((?:[0-9a-f]{2} ?| )+?)  +", re.M)


def ours(hive_dump, path, *logs):
    """(keys, times by path, gaps)"""
    out = subprocess.run([hive_dump, path, *logs], stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL, check=False,
                         timeout=120).stdout
    keys, times, gaps = [], {}, []
    for line in out.split(b"\n"):
        cell = line.split(b"\t")
        if cell[0] == b"K":
            name = bytes.fromhex(cell[1].decode()).decode()
            keys.append((name, []))
            times.setdefault(name, []).append(int(cell[2]))
        elif cell[0] == b"V":
            name, data = (bytes.fromhex(cell[i].decode()) for i in (1, 4))
            keys[-1][1].append((name.decode(), int(cell[2]), int(cell[3]), data))
        elif cell[0] == b"G":
            gaps.append((int(cell[1]), int(cell[2]), cell[3].decode()))
    return keys, times, gaps


def _hex_dump(text):
    data = bytearray()
    for line in text.split(b"\n"):
        if re.match(rb"^[0-9a-f]{8}: ", line):
            data += bytes.fromhex(line[10:60].replace(b"  ", b" ").decode("ascii", "ignore"))
    return bytes(data)


def _value(block):
    head, _, rest = block.partition(b"\n")
    name = head.split(b" ", 2)[2].decode("utf-8", "replace")
    kind = re.search(rb"^Type: (.*)$", rest, re.M)
    size = re.search(rb"^Data size: (\d+)", rest, re.M)
    if not kind or not size:
        return None
    word = kind.group(1).decode()
    number = re.search(r"0x([0-9a-f]+)$", word)
    known = re.search(r"\((REG_\w+)\)", word)
    code = int(number.group(1), 16) if number else TYPES[known.group(1)]
    size = int(size.group(1))
    dump = rest.partition(b"\nData:\n")[2]
    shown = re.search(rb"^Data: (.*)", rest, re.M | re.S)
    data = _hex_dump(dump) if dump else None
    if shown and code in (4, 11) and size in (4, 8):
        text = shown.group(1).split(b"\n")[0]
        data = struct.pack("<I" if size == 4 else "<Q", int(text, 0))
    elif shown and code in (1, 2):
        data = shown.group(1).rstrip(b"\n").decode("utf-8", "replace")
    return ("" if name == "(default)" else name, code, size, data)


def regfexport(path):
    """Keys, or None where it gives the hive up."""
    done = subprocess.run(["regfexport", path], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=False, timeout=120)
    keys = []
    for block in re.split(rb"\n\n(?=Key path: |Value: \d+ )", done.stdout):
        block = block.strip(b"\n")
        if block.startswith(b"Key path: ") or b"\nKey path: " in block[:40]:
            block = block[block.index(b"Key path: "):]
            head, _, rest = block.partition(b"\n")
            full = head[10:].decode("utf-8", "replace")
            keys.append((full.partition("\\")[2], []))
            at = rest.find(b"\nValue: ")
            if at >= 0:
                keys[-1][1].append(_value(rest[at + 1:]))
        elif block.startswith(b"Value: ") and keys:
            keys[-1][1].append(_value(block))
    return keys if done.returncode == 0 else None


def reglookup_times(path):
    """Times of keys by path, in seconds since 1970, as written."""
    out = subprocess.run(["reglookup", "-t", "KEY", path], stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL, check=False, timeout=120).stdout
    times = {}
    for line in out.decode("utf-8", "replace").split("\n")[1:]:
        cells = line.split(",")
        if len(cells) >= 4 and cells[1] == "KEY":
            parts = [urllib.parse.unquote(p) for p in cells[0].strip("/").split("/")]
            times.setdefault("\\".join(parts) if cells[0] != "/" else "", []).append(cells[3])
    return times


def deleted(hive_dump, path):
    """What we find of deleted keys and values: {place: (path, seconds)}, {place: (name, type)}."""
    out = subprocess.run([hive_dump, path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                         check=False, timeout=120).stdout
    keys, values = {}, {}
    for line in out.split(b"\n"):
        cell = line.decode().split("\t")
        if cell[0] == "D":
            keys[int(cell[3])] = (bytes.fromhex(cell[1]).decode(), int(cell[2]))
        elif cell[0] == "E":
            values[int(cell[5])] = (bytes.fromhex(cell[1]).decode(), int(cell[2]))
    return keys, values


def reglookup_deleted(path):
    """The same as reglookup-recover finds it; of keys (path above, name, time), of values
    (name, type)."""
    out = subprocess.run(["reglookup-recover", "-H", path], stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL, check=False, timeout=120).stdout
    keys, values = {}, {}
    for line in out.decode("utf-8", "replace").split("\n"):
        cell = line.split(",")
        if len(cell) < 10:
            continue
        place, name = int(cell[0], 16), urllib.parse.unquote(cell[4])
        if cell[2] == "KEY":
            keys[place] = (urllib.parse.unquote(cell[3]), name, cell[5])
        elif cell[2] == "VALUE":
            values[place] = (name, cell[7])
    return keys, values


def same_name(ours, theirs):
    """regfexport shows names up to a NUL or the end of a line, and bytes of 0x80 to 0x9f as
    windows-1252 has them; Windows takes them for the first 256 characters of Unicode."""
    return ours == theirs or any(ord(c) < 32 or 0x80 <= ord(c) < 0xa0 for c in ours)


def same_value(a, b):
    """Whether ours is the other's, as far as it shows it.

    regfexport ends a string, and its size, at the first NUL, and reads on where there is none;
    it shows data of one to three bytes, which lie inside of the value, as zeros or shifted
    (reglookup shows them as we do); and a value of the name "(default)" as one without."""
    if b is None or a[1] != b[1] or a[0] not in (b[0], b[0] or "(default)"):
        return False
    if isinstance(b[3], str):
        text = a[3].decode("utf-16-le", "replace").split("\0")[0]
        if a[3][-2:] != b"\0\0" or len(a[3]) % 2:
            return b[3].startswith(text.rstrip("\ufffd")) or len(a[3]) % 2 == 1
        return b[2] <= a[2] and text.strip() == b[3].strip()
    if a[2] != b[2]:
        return False
    return b[3] is None or a[3] == b[3] or a[2] < 4
