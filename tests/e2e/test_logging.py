#!/usr/bin/env python3
"""What speaks against the logs themselves: records that are missing, a clock that went back, a log
that was cleared. Each is a fact of the host, can be explained, and makes no intruder.

usage: test_logging.py ASSAY
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "gen"))
import evtxgen  # noqa: E402

assay = os.path.abspath(sys.argv[1])
problems = []
checks = 0


def same(what, got, want):
    global checks
    checks += 1
    if got != want:
        problems.append(f"{what} is {got!r}, want {want!r}")


def run(*args):
    return subprocess.run([assay, *map(str, args)], capture_output=True, text=True, check=False)


def log_of(records):
    """A System log of (record id, minute)."""
    with evtxgen.EvtxWriter() as log:
        for id_, minute in records:
            log.add(provider="Service Control Manager",
                    guid="{555908d1-a6d7-4695-8e1e-26931d2012f4}", event_id=7036, channel="System",
                    computer="EX01.example.com", record_id=id_,
                    time=f"2021-03-02T{4 + minute // 60:02}:{minute % 60:02}:00Z",
                    data=[("param1", "Windows Update"), ("param2", "running")])
        return log.to_bytes()


def verdict_of(data, more=()):
    with tempfile.TemporaryDirectory() as where:
        folder = pathlib.Path(where, "EX01", "C", "Windows", "System32", "winevt", "Logs")
        folder.mkdir(parents=True)
        (folder / "System.evtx").write_bytes(data)
        ran = run("scan", pathlib.Path(where, "EX01"), "--format", "json", *more)
        host = json.loads(ran.stdout)["hosts"][0]
        case = pathlib.Path(where, "a.db")
        run("scan", pathlib.Path(where, "EX01"), "-o", case)
        told = [f for f in host["facts"] if f["id"] in host["logging"]]
        for f in told:
            for what in (pathlib.Path(where, "EX01"), case):
                shown = run("explain", what, f["id"])
                same(f"explain {what.name}", shown.returncode, 0)
                same("the sentence in it", " ".join(f["what"].split())[:60] in
                     " ".join(shown.stdout.split()), True)
        text = run("scan", pathlib.Path(where, "EX01")).stdout
        same("the part of the text", "What speaks against the logs" in text, bool(told))
        return ran.returncode, host, told


whole = [(i, i) for i in range(1, 120)]
status, host, told = verdict_of(log_of(whole))
same("what is told of a log that is whole", told, [])

status, host, told = verdict_of(log_of(r for r in whole if not 40 <= r[0] < 60))
same("states", [f["state"] for f in told], ["records_missing"])
same("the time before", told[0]["time"], "2021-03-02T04:39:00Z")
same("the time behind", told[0]["last"], "2021-03-02T05:00:00Z")
same("how many", told[0]["what"].startswith("20 record numbers are missing"), True)
same("where", [w["record"] for w in told[0]["where"]], [39])
same("unattributed", host["unattributed"], [])
same("status", status, 3)

back = [(i, i if i < 60 else i - 30) for i in range(1, 120)]
status, host, told = verdict_of(log_of(back))
same("states", [f["state"] for f in told], ["clock_back"])
same("where", [w["record"] for w in told[0]["where"]], [59])
slow = [(i, i if i < 60 else i - 4) for i in range(1, 120)]
same("of four minutes", verdict_of(log_of(slow))[2], [])

with evtxgen.EvtxWriter() as cleared:
    cleared.add(provider="Microsoft-Windows-Eventlog", guid="{fc65ddd8-d6ef-4962-83d5-6e5cfe9ce148}",
                event_id=104, channel="System", computer="EX01.example.com", record_id=7,
                time="2021-03-02T04:00:00Z",
                data=[("SubjectUserName", "eve"), ("SubjectDomainName", "EXAMPLE"),
                      ("Channel", "Windows PowerShell"), ("BackupPath", "")])
    status, host, told = verdict_of(cleared.to_bytes(), ("--level", "high"))
same("states", [(f["state"], f["object"]) for f in told],
     [("cleared", "windows:Windows PowerShell")])
same("who", "EXAMPLE\\eve" in told[0]["what"], True)
same("findings", len(told[0]["findings"]), 1)
same("status", status, 3)

print(f"{checks} checks, {len(problems)} failed")
print("\n".join(problems[:20]))
sys.exit(1 if problems else 0)
