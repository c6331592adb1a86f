#!/usr/bin/env python3
"""Records that lie outside the chunks of an event log: exactly those that are whole are given,
marked; what is left of others is counted; a finding that rests on one says so; nothing of it is
coverage; and whether several workers read the evidence or one, the result is the same.

usage: test_recovery.py ASSAY
"""
import csv
import io
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "gen"))
import evtxgen  # noqa: E402

assay = os.path.abspath(sys.argv[1])
HEADER, CHUNK = 4096, 65536
problems = []
checks = 0

RULE = """title: A planted word
id: 0d5b5f0e-3c52-4a2e-8b52-6a7a9be2a001
level: high
logsource: {product: windows, service: security}
detection:
    selection:
        EventID: 4688
        CommandLine|contains: 'planted-word'
    condition: selection
"""


def check(what, good, detail=""):
    global checks
    checks += 1
    if not good:
        problems.append(f"{what} {detail}")


def same(what, got, want):
    check(what, got == want, f"is {got!r}, want {want!r}")


def process(log, id_, command, host="EX01.example.com", **more):
    """A process creation; each log has its own template for these."""
    log.add(provider="Microsoft-Windows-Security-Auditing",
            guid="{54849625-5478-4994-A5BA-3E3B0328C30D}", event_id=4688, channel="Security",
            computer=host, time=f"2021-03-02T04:{id_ // 60 % 60:02}:{id_ % 60:02}Z",
            record_id=id_, keywords=0x8020000000000000,
            data=[("NewProcessName", r"C:\Windows\System32\cmd.exe"),
                  ("CommandLine", command)], **more)


def written(ids, command=lambda i: f"cmd /c echo {i}", **more):
    with evtxgen.EvtxWriter() as log:
        for i in ids:
            process(log, i, command(i), **more)
        return log.to_bytes(), list(log.offsets)


def lines(*args):
    run = subprocess.run([assay, *map(str, args)], capture_output=True, text=True, check=False)
    return [json.loads(line) for line in run.stdout.splitlines()], run.stderr


def dump(path, *more):
    """The events of a file, those of its own and those that were recovered, and the counts."""
    events, told = lines("dump", path, *more)
    own = [e for e in events if "provenance" not in e]
    recovered = [e for e in events if e.get("provenance") == "recovered"]
    same("events with no or this provenance", len(own) + len(recovered), len(events))
    line = next((x for x in told.splitlines() if "recovered" in x), "")
    return own, recovered, [int(w) for w in line.split() if w.isdecimal()]


def scan(folder, *more, status=(0, 1, 3)):
    run = subprocess.run([assay, "scan", "--format", "json", *map(str, more), str(folder)],
                         capture_output=True, text=True, check=False)
    check("scan ends well", run.returncode in status, f"{run.returncode}: {run.stderr}")
    return json.loads(run.stdout)


def ids(events):
    return [e["record"] for e in events]


def command_of(event):
    return event["fields"]["CommandLine"]


# ---- slack ------------------------------------------------------------------------------------


def slack(folder):
    """Ten new records over thirty old ones: the old ones behind them are given, but for that
    which the new ones' end cut in two."""
    old, places = written(range(1, 31))
    new, _ = written(range(1001, 1011))
    free = struct.unpack_from("<I", new, HEADER + 48)[0]
    whole = [i + 1 for i, at in enumerate(places) if at - HEADER >= free]
    check("some old records are behind the new ones", 10 < len(whole) < 25, len(whole))
    path = folder / "slack.evtx"
    path.write_bytes(evtxgen.leave_over(new, old))

    own, recovered, counts = dump(path)
    same("own records", ids(own), list(range(1001, 1011)))
    same("recovered records", ids(recovered), whole)
    same("counts of dump", counts, [len(whole), 0, 0])
    same("their text", [command_of(e) for e in recovered], [f"cmd /c echo {i}" for i in whole])
    same("their channel", {e["system"]["Channel"] for e in recovered}, {"Security"})
    same("where they are from", {e["derived"]["RecoveredFrom"] for e in recovered}, {"slack"})
    check("their place", all(places[e["record"] - 1] == e["offset"] for e in recovered))

    own, recovered, counts = dump(path, "--no-recover")
    same("dump --no-recover", (len(own), recovered, counts), (10, [], []))


def planted(folder):
    """Rubbish in the slack: only what is whole is given, and no event is made up."""
    old, places = written(range(1, 41))
    new, _ = written([1001])
    evtxgen.leave_over(new, old)
    free = HEADER + struct.unpack_from("<I", new, HEADER + 48)[0]
    behind = [i for i in range(41) if i < 40 and places[i] >= free]
    want = {i + 1 for i in behind}
    sizes = [struct.unpack_from("<I", old, at + 4)[0] for at in places]

    def spoil(i, at, data):
        new[places[i] + at:places[i] + at + len(data)] = data
        want.discard(i + 1)

    a, b, c, d, e, f, g, h = behind[1:24:3]
    spoil(a, 24, bytes(range(64)))                     # written over behind its head
    spoil(b, 4, struct.pack("<I", sizes[b] - 8))       # its sizes disagree
    spoil(c, 8, struct.pack("<Q", 77777))              # another number than its event says
    spoil(d, 16, struct.pack("<Q", 1))                 # written in 1601
    spoil(e, 24 + 4 + 2, b"\xde\xad\xbe\xef")          # a template that nobody knows
    values = places[f] + 24 + 4 + 10                   # count of values, then their sizes
    size = struct.unpack_from("<H", new, values + 4)[0]
    spoil(f, 24 + 4 + 10 + 4, struct.pack("<H", size + 1))  # sizes that do not add up
    spoil(g, 24 + 4 + 10, struct.pack("<I", 19))       # a value fewer
    half = sizes[h] // 8 * 4                           # half a record, then its other half
    spoil(h, 4, struct.pack("<I", half))
    spoil(h, half - 4, struct.pack("<I", half))
    check("the planted ones are different", len({a, b, c, d, e, f, g, h}) == 8)
    for at in range(len(new) - 4096, len(new) - 64, 40):  # shells of noise
        new[at:at + 32] = struct.pack("<IIQQI", 0x2a2a, 32, at, 132591000000000000, 0) \
            + struct.pack("<I", 32)
    path = folder / "planted.evtx"
    path.write_bytes(new)

    own, recovered, counts = dump(path)
    same("planted: own", ids(own), [1001])
    same("planted: recovered", set(ids(recovered)), want)
    same("planted: each once", len(recovered), len(want))
    check("planted: unreadable ones are counted", counts[2] >= 50, counts)


def copies(folder):
    """A copy of a record that the chunk has is no other record; the same number with another
    text is."""
    data, places = written(range(1, 21))
    size = struct.unpack_from("<I", data, places[4] + 4)[0]
    record = bytes(data[places[4]:places[4] + size])
    changed = record.replace("echo 5".encode("utf-16-le"), "echo 6".encode("utf-16-le"))
    check("the changed copy is changed", changed != record)
    end = HEADER + CHUNK
    for i, copy in enumerate((record, record, changed, changed)):
        data[end - 8192 + i * 1024:end - 8192 + i * 1024 + size] = copy
    path = folder / "copies.evtx"
    path.write_bytes(data)
    own, recovered, counts = dump(path)
    same("copies: own", len(own), 20)
    same("copies: recovered", [(e["record"], command_of(e)) for e in recovered],
         [(5, "cmd /c echo 6")])
    same("copies: counts", counts, [1, 3, 0])


def damage(folder):
    """What lies behind a damaged record, in a block without its signature, and in a last block
    that is cut off."""
    data, places = written(range(1, 11))
    data[places[3] + 4:places[3] + 8] = struct.pack("<I", 0)
    path = folder / "damage.evtx"
    path.write_bytes(data)
    own, recovered, _ = dump(path)
    same("behind damage: own", ids(own), [1, 2, 3])
    same("behind damage: recovered", ids(recovered), [5, 6, 7, 8, 9, 10])
    same("behind damage: said so", {e["derived"]["RecoveredFrom"] for e in recovered},
         {"behind damage"})

    data, places = written(range(1, 11))
    data[HEADER:HEADER + 8] = b"\xff" * 8
    path = folder / "block.evtx"
    path.write_bytes(data)
    own, recovered, _ = dump(path)
    same("no chunk: recovered", (ids(own), ids(recovered)), ([], list(range(1, 11))))

    path = folder / "tail.evtx"
    path.write_bytes(data[:places[7] + 10])
    own, recovered, _ = dump(path)
    same("cut off, no chunk", (ids(own), ids(recovered)), ([], list(range(1, 8))))


# ---- templates that only another log has, findings, coverage ------------------------------------


def over_files(root):
    """A record whose template is written over is read with that of another log."""
    folder = root / "EX01"
    folder.mkdir()
    old, places = written(range(1, 31), lambda i: f"cmd /c planted-word {i}")
    with evtxgen.EvtxWriter() as log:  # other templates altogether
        for i in range(12):
            log.add(provider="Service Control Manager", event_id=7036, channel="System",
                    computer="EX01.example.com", time=f"2021-03-05T04:00:{i:02}Z",
                    data=["Windows Update", "running"])
        new = log.to_bytes()
    free = HEADER + struct.unpack_from("<I", new, HEADER + 48)[0]
    left = [i + 1 for i, at in enumerate(places) if at >= free]
    evtxgen.leave_over(new, old)
    alone = folder / "System.evtx"
    alone.write_bytes(new)
    rule = root / "rule.yml"
    rule.write_text(RULE)
    check("some are left", len(left) > 5, len(left))
    same("without the other log", len(dump(alone)[1]), 0)

    def of(report):
        return [f for f in report["findings"] if f["rule"]["title"] == "A planted word"]

    def recovered_of(report, name):
        return next(e.get("recovered") for e in report["evidence"]
                    if e["path"].endswith(name))

    report = scan(folder, "--rules", rule)
    same("without the other log: findings", of(report), [])
    same("without the other log: counted", recovered_of(report, "System.evtx"),
         {"records": 0, "copies": 0, "unreadable": len(left)})

    other, _ = written(range(501, 511))
    (folder / "Zother.evtx").write_bytes(other)
    report = scan(folder, "--rules", rule)
    found = of(report)
    same("with it: findings", sorted(f["where"]["record"] for f in found), left)
    check("marked", all(f["where"]["marks"] == ["recovered"] for f in found))
    check("in the log where they lie",
          all(f["where"]["path"].endswith("System.evtx") for f in found))
    same("with it: counted", recovered_of(report, "System.evtx"),
         {"records": len(left), "copies": 0, "unreadable": 0})
    same("events of the log", next(e["events"] for e in report["evidence"]
                                   if e["path"].endswith("System.evtx")), 12)
    for n in (1, 2, 5):
        same(f"the same with {n} workers", scan(folder, "--rules", rule, "--jobs", n), report)
    same("--no-recover", of(scan(folder, "--rules", rule, "--no-recover")), [])

    # The log before it went round is evidence too: each record is told of once.
    (folder / "Archive.evtx").write_bytes(old)
    report = scan(folder, "--rules", rule)
    found = of(report)
    same("told once", sorted(f["where"]["record"] for f in found), list(range(1, 31)))
    check("by the record itself", all(not f["where"]["marks"] for f in found))
    (folder / "Archive.evtx").unlink()

    explain_and_csv(folder, rule, left)


def explain_and_csv(folder, rule, left):
    case = folder.parent / "case.db"
    run = subprocess.run([assay, "scan", "--format", "csv", "--rules", str(rule), "-o", str(case),
                          str(folder)], capture_output=True, text=True, check=False)
    rows = [r for r in csv.DictReader(io.StringIO(run.stdout)) if r["title"] == "A planted word"]
    same("CSV", [r["provenance"] for r in rows], ["recovered"] * len(left))
    told = subprocess.run([assay, "explain", str(case), rows[0]["id"]], capture_output=True,
                          text=True, check=False).stdout
    check("explain says it", "recovered" in told and "planted-word" in told, told)


def no_coverage(root):
    """Recovered records cover no time, are no missing or present numbers, add no events."""
    folder = root / "cover"
    folder.mkdir()
    old, _ = written(range(1, 31))
    new, _ = written(range(1001, 1011))
    plain = folder / "Security.evtx"
    plain.write_bytes(new)
    before = scan(folder)
    plain.write_bytes(evtxgen.leave_over(bytearray(new), old))
    after = scan(folder)
    check("there was something to recover", after["stats"]["recovered"] > 5)
    same("events", after["stats"]["events"], before["stats"]["events"])
    same("hosts", after["hosts"], before["hosts"])
    for key in ("events", "first", "last"):
        same(f"evidence: {key}", after["evidence"][0][key], before["evidence"][0][key])


def images(root):
    """Chunks at any place, across the borders of the parts in which an image is searched, lone
    records with and without their template: each is found once, and the same by any number of
    workers."""
    folder = root / "image"
    folder.mkdir()
    part = 16 << 20
    first, _ = written(range(1, 31), lambda i: f"cmd /c planted-word {i}")
    second, _ = written(range(101, 131), lambda i: f"cmd /c planted-word {i}")
    third, _ = written(range(201, 231), lambda i: f"cmd /c planted-word {i}")
    lone, places = written(range(301, 311), lambda i: f"cmd /c planted-word {i}")
    old, _ = written(range(401, 431), lambda i: f"cmd /c planted-word {i}")
    image = bytearray(b"\xa5" * (part + 4 * CHUNK))
    image[1024:1024 + CHUNK] = first[HEADER:]              # at a sector
    image[2 * CHUNK + 777:3 * CHUNK + 777] = second[HEADER:]  # at no sector
    border = part - CHUNK // 8 * 1 - 3                     # over the border, at an odd place
    image[border:border + CHUNK] = third[HEADER:]
    at = part + 2 * CHUNK + 4096
    for i in (0, 4, 5):                                    # records without their chunk
        size = struct.unpack_from("<I", lone, places[i] + 4)[0]
        image[at:at + size] = lone[places[i]:places[i] + size]
        at += size + 512
    path = folder / "memory.raw"
    path.write_bytes(image)
    rule = folder.parent / "rule.yml"

    same("an image is no log", scan(folder, "--rules", rule)["stats"]["recovered"], 0)
    report = scan(folder, "--rules", rule, "--carve", "--jobs", "1")
    found = sorted(f["where"]["record"] for f in report["findings"]
                   if f["rule"]["title"] == "A planted word")
    want = [*range(1, 31), *range(101, 131), *range(201, 231), 301, 305, 306]
    same("records of an image", found, want)
    same("each once", report["stats"]["recovered"], len(want))
    same("events", report["stats"]["events"], 0)
    same("by several", scan(folder, "--rules", rule, "--carve", "--jobs", "4"), report)
    told = subprocess.run([assay, "explain", "--carve", "--format", "json", "--rules", str(rule),
                           str(folder), report["findings"][0]["id"]], capture_output=True,
                          text=True, check=False).stdout
    check("explain --carve", told and "recovered" in json.loads(told)["findings"][0]["marks"], told)
    events, _ = lines("dump", "--carve", path)
    same("dump --carve", sorted(ids(events))[:90], want[:90])
    same("dump --carve: marked", {e["derived"]["RecoveredFrom"] for e in events}, {"image"})

    # records whose template is in another part of the image only
    image = bytearray(part + 2 * CHUNK)
    image[4096:4096 + CHUNK] = old[HEADER:]
    at = part + 8192
    for i in (6, 7):
        size = struct.unpack_from("<I", lone, places[i] + 4)[0]
        image[at:at + size] = lone[places[i]:places[i] + size]
        at += size
    path.write_bytes(image)
    report = scan(folder, "--rules", rule, "--carve")
    found = sorted(f["where"]["record"] for f in report["findings"]
                   if f["rule"]["title"] == "A planted word")
    same("a template in another part", found, [307, 308, *range(401, 431)])


def main():
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        slack(root)
        planted(root)
        copies(root)
        damage(root)
        over_files(root)
        no_coverage(root)
        images(root)
    for problem in problems:
        print(problem[:2000])
    print(f"{checks} checks, {len(problems)} problems")
    sys.exit(len(problems) > 0)


if __name__ == "__main__":
    main()
