#!/usr/bin/env python3
"""Every byte of a ZIP is looked at: what its directory leaves out is read and told, and damage of
one member costs no other.

usage: test_zip_whole.py ASSAY TESTS_GEN
"""
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import zlib

assay, generator = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
sys.path.insert(0, str(generator))
import carriers  # noqa: E402

problems = []
checks = 0
LOG = carriers.LOG


def check(name, ok, text=""):
    global checks
    checks += 1
    if not ok:
        problems.append(f"{name}: {text}")


def scan(path):
    out = subprocess.run([assay, "scan", str(path), "--format", "json", "--jobs", "2"],
                         capture_output=True, check=False, timeout=120)
    check(path.name, out.returncode in (1, 3, 0), out.stderr[:500])
    return json.loads(out.stdout)


def own(name, content, flags=0, method=0, packed=None, sizes=None):
    """A member's own header and its bytes."""
    packed = content if packed is None else packed
    sizes = (zlib.crc32(content), len(packed), len(content)) if sizes is None else sizes
    raw = name if isinstance(name, bytes) else name.encode()
    return b"PK\3\4" + struct.pack("<HHHHHIIIHH", 20, flags, method, 0, 0x5274, *sizes, len(raw),
                                   0) + raw + packed


def entry(name, content, at, flags=0, method=0, packed=None, comment=b""):
    raw = name if isinstance(name, bytes) else name.encode()
    n = len(content if packed is None else packed)
    return b"PK\1\2\x14\0" + struct.pack("<HHHHHIIIHHHHHII", 20, flags, method, 0, 0x5274,
                                         zlib.crc32(content), n, len(content), len(raw), 0,
                                         len(comment), 0, 0, 0, at) + raw + comment


def end(n, size, at, comment=b""):
    return b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, n, n, size, at, len(comment)) + comment


def joined(parts, listed, between=b"", comment=b"", entry_comment=b""):
    """Members one behind the other, of which the directory lists some."""
    body, central = b"", b""
    for i, (name, content) in enumerate(parts):
        if i in listed:
            central += entry(name, content, len(body), comment=entry_comment)
        body += own(name, content)
    body += between
    return body + central + end(len(listed), len(central), len(body), comment)


def behind(name, content, method=8):
    """A member whose sizes stand behind its bytes only."""
    packed = content
    if method:
        z = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = z.compress(content) + z.flush()
    return own(name, content, 8, method, packed, (0, 0, 0)) + struct.pack(
        "<4sIII", b"PK\7\x08", zlib.crc32(content), len(packed), len(content))


def cases():
    """name: archive, events, words of a gap (None: no gap at all)"""
    one, two = ("a.log", LOG), ("b.log", LOG)
    whole = carriers.zip_of({"a.log": LOG})
    other = carriers.zip_of({"b.log": LOG})
    inner = joined([two], {0})
    yield "plain", joined([one, two], {0, 1}), 2, None
    yield "first left out", joined([one, two], {1}), 2, "1 members that its directory does not list"
    yield "second left out", joined([one, two], {0}), 2, "does not list: b.log"
    yield "joined", whole + other, 2, "does not list: a.log"
    yield "two ends", whole + inner, 2, "does not list"
    yield "trailing members", whole + own("b.log", LOG), 2, "does not list: b.log"
    yield "sizes behind", own("a.log", LOG) + behind("b.log", LOG) + behind("c.log", LOG, 0) + entry(
        "a.log", LOG, 0) + end(1, 51, len(own("a.log", LOG) + behind("b.log", LOG) + behind(
            "c.log", LOG, 0))), 3, "2 members that its directory does not list"
    yield "in the comment", joined([one], {0}, comment=inner), 2, "does not list"
    yield "in an entry's comment", joined([one], {0}, entry_comment=own("b.log", LOG)), 2, \
        "does not list: b.log"
    yield "bytes between", joined([one], {0}, between=LOG), 2, "belong to none of its members"
    yield "zeros between", joined([one], {0}, between=bytes(5000)), 1, None
    yield "no directory", own("a.log", LOG) + own("b.log", LOG), 2, "no directory"
    yield "cut off", joined([one, two], {0, 1})[:2 * len(own("a.log", LOG)) - 20], 1, "no directory"
    damaged = bytearray(joined([one, two], {0, 1}))
    second = len(own("a.log", LOG))
    damaged[second:second + 35] = b"\xff" * 35
    yield "own header damaged", bytes(damaged), None, "its own header is damaged"
    damaged = bytearray(joined([one, two], {0, 1}))
    damaged[second + 2] ^= 1
    yield "one bit of it", bytes(damaged), 2, None
    body = own("other.log", LOG)
    yield "two names", body + entry("a.log", LOG, 0) + end(1, 51, len(body)), 1, \
        "another name in their own header"
    body = own("a.log", LOG, sizes=(zlib.crc32(LOG), len(LOG) - 9, len(LOG) - 9))
    yield "two sizes", body + entry("a.log", LOG, 0) + end(1, 51, len(body)), 1, "other sizes"
    body = own("a.log", LOG)
    yield "listed twice", body + entry("a.log", LOG, 0) + entry("b.log", LOG, 0) + end(
        2, 102, len(body)), 2, "name the bytes of another entry"
    body = own(b"a.log\0.txt", LOG)
    yield "zero byte", body + entry(b"a.log\0.txt", LOG, 0) + end(1, 56, len(body)), 0, \
        "control characters"
    body = own("a.log", LOG + own("b.log", LOG))
    yield "overlapping", body + entry("a.log", LOG + own("b.log", LOG), 0) + entry(
        "b.log", LOG, len(own("a.log", LOG))) + end(2, 102, len(body)), None, "inside of another"
    body = own("a.log/", LOG)
    yield "folder with bytes", body + entry("a.log/", LOG, 0) + end(1, 52, len(body)), 1, None


def main():
    with tempfile.TemporaryDirectory(prefix="assay-zip-") as folder:
        for name, content, events, words in cases():
            path = pathlib.Path(folder) / f"{name.replace(' ', '-')}.zip"
            path.write_bytes(content)
            document = scan(path)
            whys = [g["why"] for g in document["gaps"]]
            told = document["stats"]["events"]
            check(name, events is None or told == events, f"{told} events, not {events}: {whys}")
            check(name, any(words in w for w in whys) if words else not whys, f"gaps: {whys}")
    for p in problems:
        print("FAIL", p)
    print(f"{checks} checks, {len(problems)} problems")
    return bool(problems)


sys.exit(main())
