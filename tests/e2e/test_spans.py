#!/usr/bin/env python3
"""Large files are read in spans by several workers: nothing is lost or told twice at a cut,
and the columns in force are known at each. Compressed, they tell the same.

usage: test_spans.py ASSAY
"""
import gzip
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "gen"))
import evtxgen  # noqa: E402

assay = os.path.abspath(sys.argv[1])
MIB = 1 << 20
HEAD = "#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n"
FIELDS_A = "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status\r\n"
FIELDS_B = "#Fields: date time c-ip cs-method cs-uri-stem sc-status s-port cs-uri-query cs-username cs(User-Agent)\r\n"


def iis(path):
    """Rows of two layouts that change four times; one row in each part uses a web shell."""
    rows = shells = 0
    with open(path, "w", newline="") as f:
        f.write(HEAD)
        for part in range(4):
            f.write(FIELDS_B if part % 2 else FIELDS_A)
            for i in range(45000):
                when = f"2021-03-{3 + part:02d} {i // 3600 % 24:02d}:{i // 60 % 60:02d}:{i % 60:02d}"
                page = "/owa/auth/zz.aspx" if i == 30000 else f"/owa/page{i}.js"
                shells += i == 30000
                if part % 2:
                    f.write(f"{when} 203.0.113.9 GET {page} 200 443 x={i} - Mozilla/5.0\r\n")
                else:
                    f.write(f"{when} 10.0.0.5 GET {page} x={i} 443 - 203.0.113.9 Mozilla/5.0 200\r\n")
                rows += 1
    return rows, shells


def evtx(path):
    """One chunk's worth of records, many times over: chunks stand for themselves."""
    with evtxgen.EvtxWriter(path) as w:
        for i in range(60):
            w.add(provider="Test", event_id=1, channel="Application", computer="SRV",
                  time="2021-03-03T00:00:%02dZ" % i, record_id=i + 1, level=4,
                  data=[("Text", "x" * 200)])
    data = path.read_bytes()
    header, chunks = data[:4096], data[4096:]
    times = 12 * MIB // len(chunks) + 1
    path.write_bytes(header + chunks * times)
    return 60 * times


def json_lines(path):
    n = 0
    with open(path, "w") as f:
        while f.tell() < 12 * MIB:
            f.write(json.dumps({"EventID": 1, "Channel": "Application", "SourceName": "Test",
                                "Hostname": "SRV", "TimeCreated": "2021-03-03T00:00:00Z",
                                "Text": "y" * (n % 500)}) + "\n")
            n += 1
    return n


def scan(folder, jobs):
    run = subprocess.run([assay, "scan", str(folder), "--format", "json", "--jobs", jobs],
                         capture_output=True, text=True, check=False)
    return run.stdout


def check_packed(folder, want):
    """The same logs compressed: unpacked as they are read, whatever they are."""
    folder.mkdir()
    for name in want:
        with open(folder.parent / name, "rb") as log, gzip.open(folder / f"{name}.gz", "wb", 1) as z:
            shutil.copyfileobj(log, z)
    document = json.loads(scan(folder, "2"))
    assert document["gaps"] == [], document["gaps"][:3]
    for e in document["evidence"]:
        name = os.path.basename(e["path"])[:-3]
        assert e["events"] == want[name], f"{name}.gz: {e['events']} events, want {want[name]}"


def main():
    with tempfile.TemporaryDirectory() as work:
        folder = pathlib.Path(work)
        rows, shells = iis(folder / "u_ex.log")
        want = {"u_ex.log": rows, "Application.evtx": evtx(folder / "Application.evtx"),
                "events.json": json_lines(folder / "events.json")}
        for name in want:
            assert (folder / name).stat().st_size > 8 * MIB, f"{name} is too small for spans"
        out = scan(folder, "3")
        assert out == scan(folder, "1"), "the output depends on the number of workers"
        document = json.loads(out)
        assert document["gaps"] == [], document["gaps"][:3]
        for e in document["evidence"]:
            name = os.path.basename(e["path"])
            assert e["events"] == want[name], f"{name}: {e['events']} events, want {want[name]}"
        used = [f for f in document["findings"] if f["where"]["path"].endswith("u_ex.log")]
        assert len(used) == shells, f"{len(used)} uses of the shell found, want {shells}"
        for f in used:
            with open(f["where"]["path"], "rb") as log:
                log.seek(f["where"]["offset"])
                assert b"/owa/auth/zz.aspx" in log.read(f["where"]["size"]), f
        check_packed(folder / "packed", want)
        print(sum(want.values()), "events in spans, none lost")


main()
