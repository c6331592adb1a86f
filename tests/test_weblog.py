#!/usr/bin/env python3
"""What gen/weblog.py writes comes out of `assay dump` as it was written.

    test_weblog.py ASSAY

Every kind of web server's log: as it is, in UTF-16, compressed, with a torn row, with a NUL
tail, and with lines of every length cut off at its end.
"""
import gzip
import json
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent / "gen"))
import weblog  # noqa: E402

failed = 0


def wrong(text):
    global failed
    failed += 1
    print(text)


def dump(assay, path):
    done = subprocess.run([assay, "dump", str(path)], capture_output=True, check=False)
    return ([json.loads(line) for line in done.stdout.decode("utf-8").splitlines()],
            done.stderr.decode("utf-8"))


def check_row(name, i, event, want):
    for field, value in want.items():
        got = event["fields"].get(field, "nothing")
        if got != value:
            wrong("%s, row %d: %s is %r, want %r" % (name, i + 1, field, got, value))
    extra = set(event["fields"]) - set(want) - {"c-ident"}
    if extra:
        wrong("%s, row %d: fields that nobody wrote: %s" % (name, i + 1, extra))


def check(assay, path, rows, gaps=0):
    events, said = dump(assay, path)
    if len(said.splitlines()) != gaps:
        wrong("%s: the program says: %s" % (path.name, said.strip()[:200]))
    if len(events) != len(rows):
        wrong("%s: %d events of %d rows" % (path.name, len(events), len(rows)))
        return
    for i, (event, (_, want)) in enumerate(zip(events, rows)):
        check_row(path.name, i, event, want)
    return events


def check_places(path, events, rows):
    """Offsets are those of the file, whatever its encoding."""
    data = path.read_bytes()
    wide = data[:2] == b"\xff\xfe"
    for event, (line, _) in zip(events or [], rows):
        have = data[event["offset"]:event["offset"] + (2 if wide else 1) * 20]
        have = have.decode("utf-16-le" if wide else "utf-8", "replace")
        if not line.startswith(have[:8]):
            wrong("%s: no row at %d" % (path.name, event["offset"]))
            return


def check_log(assay, folder, name, header, rows):
    text = header + "".join(line + "\r\n" for line, _ in rows)
    path = folder / name
    path.write_bytes(text.encode())
    check_places(path, check(assay, path, rows), rows)
    wide = folder / ("wide_" + name)
    wide.write_bytes(b"\xff\xfe" + text.encode("utf-16-le"))
    check_places(wide, check(assay, wide, rows), rows)
    packed = folder / (name + ".gz")
    packed.write_bytes(gzip.compress(text.encode(), 1))
    check(assay, packed, rows)
    tail = folder / ("nul_" + name)
    tail.write_bytes(text.encode() + bytes(5000))
    check(assay, tail, rows)
    torn = folder / ("torn_" + name)
    half = len(rows) // 2
    lines = [line for line, _ in rows]
    torn.write_bytes((header + "\r\n".join(lines[:half] + [lines[half][:9]] + lines[half:])
                      + "\r\n").encode())
    check(assay, torn, rows, gaps=1)


def main():
    assay = sys.argv[1]
    n = 0
    with tempfile.TemporaryDirectory() as work:
        for seed in (1, 2):
            for name, (header, rows) in weblog.all_logs(seed, 120).items():
                check_log(assay, pathlib.Path(work), name, header, rows)
                n += 5 * len(rows)
    print("%d rows, %d mistakes" % (n, failed))
    return 1 if failed else 0


sys.exit(main())
