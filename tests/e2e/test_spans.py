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


def dateless(path):
    """Rows that say the time of day only, over nine days: no row's day may be lost at a cut."""
    rows = 0
    with open(path, "w", newline="") as f:
        f.write("#Date: 2013-07-30 00:00:00\r\n#Fields: time c-ip cs-method cs-uri-stem sc-status\r\n")
        for i in range(9 * 24 * 720):
            f.write(f"{i // 720 % 24:02d}:{i // 12 % 60:02d}:{i % 12 * 5:02d} 192.0.2.7 GET /a/rather/long/page{i}.html?x=y 200\r\n")
            rows += 1
    return rows


def httperr(path):
    """Two layouts in turn; in UTF-16, as a PowerShell redirection leaves it."""
    rows = 0
    with open(path, "w", encoding="utf-16", newline="") as f:
        f.write("#Software: Microsoft HTTP API 2.0\r\n#Version: 1.0\r\n#Date: 2021-03-01 00:00:00\r\n")
        for part in range(4):
            fields = ["date", "time", "c-ip", "c-port", "s-ip", "s-port", "cs-version", "cs-method",
                      "cs-uri", "sc-status", "s-siteid", "s-reason", "s-queuename"]
            if part % 2:
                fields.insert(9, "streamid")
            f.write("#Fields: " + " ".join(fields) + "\r\n")
            for i in range(20000):
                row = f"2021-03-{part + 1:02d} {i // 3600 % 24:02d}:{i // 60 % 60:02d}:{i % 60:02d} 192.0.2.7 {i} ::1 443 HTTP/1.1 GET /caf\u00e9/{i}"
                f.write(row + (" 1" if part % 2 else "") + " 400 1 URL -\r\n")
                rows += 1
    return rows


def access(path):
    rows = 0
    with open(path, "w", newline="") as f:
        while f.tell() < 12 * MIB:
            for _ in range(1000):
                f.write(f'203.0.113.{rows % 250} - - [03/Mar/2021:{rows // 3600 % 24:02d}:{rows // 60 % 60:02d}:{rows % 60:02d} +0100] "GET /x?{rows} HTTP/1.1" 200 {rows} "-" "curl/7.79.1"\n')
                rows += 1
    return rows


def native(path):
    rows = 0
    with open(path, "w", newline="") as f:
        while f.tell() < 10 * MIB:
            for _ in range(1000):
                f.write(f"192.0.2.7, -, 3/3/2021, {rows // 3600 % 24}:{rows // 60 % 60:02d}:{rows % 60:02d}, W3SVC1, S, ::1, 1, 2, {rows}, 200, 0, GET, /x{rows}.htm, -,\r\n")
                rows += 1
    return rows


def check_times(document):
    """The last row's time follows from all rows before it, or from its own span's columns."""
    last = {os.path.basename(e["path"]): e["last"] for e in document["evidence"]}
    want = {"ex130730.log": "2013-08-07T23:59:55Z", "httperr1.log": "2021-03-04T05:33:19Z"}
    for name, time in want.items():
        assert last[name] == time, f"{name} ends {last[name]}, want {time}"


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
                "events.json": json_lines(folder / "events.json"),
                "ex130730.log": dateless(folder / "ex130730.log"),
                "httperr1.log": httperr(folder / "httperr1.log"),
                "access.log": access(folder / "access.log"),
                "in210303.log": native(folder / "in210303.log")}
        for name in want:
            assert (folder / name).stat().st_size > 8 * MIB, f"{name} is too small for spans"
        out = scan(folder, "3")
        assert out == scan(folder, "1"), "the output depends on the number of workers"
        document = json.loads(out)
        assert document["gaps"] == [], document["gaps"][:3]
        for e in document["evidence"]:
            name = os.path.basename(e["path"])
            assert e["events"] == want[name], f"{name}: {e['events']} events, want {want[name]}"
        check_times(document)
        used = [f for f in document["findings"] if f["where"]["path"].endswith("u_ex.log")]
        assert len(used) == shells, f"{len(used)} uses of the shell found, want {shells}"
        for f in used:
            with open(f["where"]["path"], "rb") as log:
                log.seek(f["where"]["offset"])
                assert b"/owa/auth/zz.aspx" in log.read(f["where"]["size"]), f
        check_packed(folder / "packed", want)
        print(sum(want.values()), "events in spans, none lost")


main()
