#!/usr/bin/env python3
"""Hives, value by value, beside libregf's regfexport and the times of reglookup.

    test_hive_peers.py HIVE_DUMP

Made hives always, logs of both forms with them; and those of the folder registry-hives of the
corpora, where they are. Skipped where there is none of the two other readers.
"""
import os
import pathlib
import shutil
import sys
import tempfile
from datetime import datetime, timezone

sys.path.insert(0, str(pathlib.Path(__file__).parent / "gen"))
import hive_peer as peer
from regfgen import Key, Value, dirty, hive, log_new, log_old

SKIP = 77


def made():
    big = bytes(i % 251 for i in range(40000))
    many = [Key(f"Key{i:03}", Value("n", i)) for i in range(600)]
    for lists in ("lf", "lh", "li", "ri"):
        yield lists, hive(Key("ROOT", *many, lists=lists))
    yield "values", hive(Key(
        "ROOT", Value("", "of the key"), Value("Big", big), Value("Four", 4),
        Value("List", ["a", "bc"]), Value("Eight", bytes(8), 11), Value("Odd", b"12345", 0x1234),
        Value("\u0416", "wide"), Key("B\xe4r", Value("x", b"")), class_name="class"))
    yield "free", hive(Key("ROOT", Key("A", Value("x", 1))), free=b"nk" + bytes(90))


def differs(dump, path):
    keys, times, gaps = peer.ours(dump, path)
    other = peer.regfexport(path)
    if other is None:
        return "" if gaps else "regfexport gives it up, and there is no gap"
    if gaps:
        return "" # they are told; the others go on in their own way
    if [k[0] for k in keys] != [k[0] for k in other]:
        return "not the same keys"
    for (name, ours), (_, theirs) in zip(keys, other):
        if len(ours) != len(theirs):
            return f"{name}: {len(ours)} values, not {len(theirs)}"
        for a, b in zip(ours, theirs):
            if not peer.same_value(a, b):
                return f"{name}: {a} is not {b}"
    other_times = peer.reglookup_times(path)
    for name, seconds in times.items():
        told = other_times.get(name)
        mine = [datetime.fromtimestamp(s, timezone.utc).strftime("%Y-%m-%d %H:%M:%S")
                for s in seconds]
        if told and all(ord(c) < 128 for c in name) and told != mine:
            return f"{name}: {mine} is not {told}"
    return ""


def logs_apply(dump, folder):
    old = hive(Key("ROOT", *[Key(f"K{i}", Value("n", 1)) for i in range(300)]))
    new = hive(Key("ROOT", *[Key(f"K{i}", Value("n", 1 + i % 2)) for i in range(300)]))
    path, log = folder / "hive", folder / "log"
    path.write_bytes(new)
    want = peer.ours(dump, path)
    for form in (log_new, log_old):
        path.write_bytes(dirty(old))
        log.write_bytes(form(old, new))
        assert peer.ours(dump, path) != want
        assert peer.ours(dump, path, log) == want, form


def main():
    dump = sys.argv[1]
    if not shutil.which("regfexport") or not shutil.which("reglookup"):
        print("skipped: libregf-utils and reglookup are not installed")
        return SKIP
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        logs_apply(dump, folder)
        for what, data in made():
            path = folder / "made"
            path.write_bytes(data)
            why = differs(dump, path)
            if why:
                failed += 1
                print(f"{what}: {why}"[:400])
    real = pathlib.Path(os.environ.get("ASSAY_CORPORA", "none")) / "registry-hives"
    hives = sorted(p for p in real.rglob("*") if p.is_file()) if real.is_dir() else []
    for path in hives:
        why = differs(dump, path)
        if why:
            print(f"{path.name}: {why}"[:400])
    print(f"{len(hives)} recorded hives looked at")
    return 1 if failed else 0


sys.exit(main())
