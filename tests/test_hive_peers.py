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
from regfgen import Key, Value, delete, dirty, hive, log_new, log_old

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
        return "" # we go on where it does not
    if gaps:
        return "" # they are told; the others go on in their own way
    if len(keys) != len(other) or not all(peer.same_name(a[0], b[0])
                                          for a, b in zip(keys, other)):
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


def deleted_is_found(dump, folder):
    """Deleted trees, place by place, as reglookup-recover has them."""
    path = folder / "deleted"
    data = hive(Key("ROOT", Key("Kept", Value("x", "y" * 20), Key("Inner", Value("n", 7))),
                    Key("Gone", Value("Text", "some text"), Value("Number", 5),
                        Key("Deep", Value("", "of the key"), Key("Deeper")))))
    path.write_bytes(delete(delete(data, "Gone"), "Inner", "Kept"))
    keys, values = peer.deleted(dump, path)
    other_keys, other_values = peer.reglookup_deleted(path)
    assert sorted(k[0] for k in keys.values()) == ["Gone", "Gone\\Deep", "Gone\\Deep\\Deeper",
                                                   "Kept\\Inner"], keys
    assert set(keys) == set(other_keys) and set(values) == set(other_values)
    assert sorted(v[0] for v in values.values()) == ["", "Number", "Text", "n"], values
    for place, (name, _) in keys.items():
        above, last, _ = other_keys[place]
        told = (above.rstrip("/") + "/" + last).split("/")[2:]
        assert told == name.split("\\"), (name, other_keys[place])


def deleted_of_others(dump, path, count):
    """Counts how much of what reglookup-recover finds in a recorded hive we find too. It takes
    anything for the type of a value, looks behind the hive's end, and tells what was moved."""
    keys, values = peer.deleted(dump, path)
    other_keys, other_values = peer.reglookup_deleted(path)
    end = 4096 + int.from_bytes(path.read_bytes()[40:44], "little")
    known = {p for p, v in other_values.items() if "0x" not in v[1] and p < end}
    inside = {p for p in other_keys if p < end}
    for i, n in enumerate((len(inside & set(keys)), len(inside), len(known & set(values)),
                           len(known))):
        count[i] += n


def main():
    dump = sys.argv[1]
    if not shutil.which("regfexport") or not shutil.which("reglookup"):
        print("skipped: libregf-utils and reglookup are not installed")
        return SKIP
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        logs_apply(dump, folder)
        deleted_is_found(dump, folder)
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
            failed += 1
            print(f"{path.name}: {why}"[:400])
    count = [0] * 4
    for path in hives:
        if not path.name.lower().endswith((".log", ".log1", ".log2")):
            deleted_of_others(dump, path, count)
    print(f"{len(hives)} recorded hives looked at; of what reglookup-recover finds in them, "
          f"{count[0]} of {count[1]} deleted keys and {count[2]} of {count[3]} deleted values")
    if count[0] < 0.95 * count[1] or count[2] < 0.95 * count[3]:
        failed += 1
    return 1 if failed else 0


sys.exit(main())
