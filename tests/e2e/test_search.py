#!/usr/bin/env python3
"""assay search: what it finds, in which order, how it is shown, and what it says where it could
not look.

usage: test_search.py ASSAY
"""
import contextlib
import csv
import gzip
import io
import json
import os
import pathlib
import pty
import sqlite3
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "gen"))
import evtxgen  # noqa: E402

ASSAY = os.path.abspath(sys.argv[1])
SYSMON = "Microsoft-Windows-Sysmon/Operational"
failed = 0

RULE = """title: cmd
logsource: {product: windows, category: process_creation}
detection:
  s: {Image|endswith: '\\cmd.exe'}
  condition: s
"""


def same(what, got, want):
    global failed
    if got != want:
        failed += 1
        print(f"{what}: {got!r}, want {want!r}")


def holds(what, text, *parts):
    for part in parts:
        same(f"{what}: '{part}' in {text!r}", part in text, True)


def event(number, channel=SYSMON, event_id=1, **fields):
    return json.dumps({
        "Event": {
            "System": {
                "Provider": {"#attributes": {"Name": "Some-Provider"}},
                "EventID": event_id, "EventRecordID": number, "Channel": channel,
                "Computer": "mail01.example.com",
                "TimeCreated": {"#attributes": {"SystemTime": f"2026-01-05T10:00:{number:02}Z"}},
            },
            "EventData": fields,
        }})


def run(*args):
    done = subprocess.run([ASSAY, "search", *map(str, args)], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def records(*args):
    """Numbers of the records found, and the status."""
    status, out, _ = run(*args, "--format", "jsonl")
    return [json.loads(line)["event"].get("record") for line in out.splitlines()], status


def terminal(*args, **env):
    """What is shown on a terminal."""
    parent, child = pty.openpty()
    with subprocess.Popen([ASSAY, "search", *map(str, args)], stdout=child,
                          stderr=subprocess.DEVNULL, env={**os.environ, **env}) as process:
        os.close(child)
        shown = b""
        while True:
            try:
                got = os.read(parent, 4096)
            except OSError:
                break
            if not got:
                break
            shown += got
        process.wait()
    os.close(parent)
    return shown.decode()


def small(work):
    log = work / "log.json"
    log.write_text("\n".join([
        event(1, Image="C:\\Windows\\System32\\cmd.exe", User="NT AUTHORITY\\SYSTEM",
              CommandLine="cmd.exe /c whoami & echo a line that does not fit at all into eighty "
                          "columns; mimikatz is in it"),
        event(2, Image="C:\\Windows\\System32\\cmd.exe", User="EXAMPLE\\bob",
              CommandLine="cmd.exe \x1b[31m, \"quoted\""),
        event(3, "Security", 4688, NewProcessName="C:\\Windows\\System32\\cmd.exe",
              CommandLine="powershell -enc bQBpAG0AaQBrAGEAdAB6AA=="),
        event(4, "Security", 4624, LogonType="10", IpAddress="10.1.2.3"),
    ]) + "\n")
    return log


def expressions(log):
    for text, want in (
            ("Image|endswith: \\cmd.exe and not User|contains: SYSTEM", [2]),
            ("mimikatz", [1, 3]),
            ("EventID: [4624, 4625] and (LogonType: 10 or IpAddress|cidr: 10.0.0.0/8)", [4]),
            ("CommandLine|re: 'who.mi'", [1]),
            ("2 of (User|endswith: \\bob, EventID: 4688, Image|endswith: cmd.exe)", [2]),
            ("*", [1, 2, 3, 4]),
    ):
        same(text, records(log, text), (want, 0))
    same("nothing", records(log, "nobody"), ([], 1))
    same("not decoded", records(log, "mimikatz", "--no-decode"), ([1], 0))
    same("from and to", records(log, "*", "--from", "2026-01-05T10:00:02Z", "--to",
                                "2026-01-05T10:00:04Z"), ([2, 3], 0))
    same("a log source", records(log, "Image|endswith: \\cmd.exe", "--logsource",
                                 "windows/process_creation"), ([1, 2, 3], 0))
    same("its service", records(log, "*", "--logsource", "security"), ([3, 4], 0))


def rules(work, log):
    path = work / "rule.yml"
    path.write_text(RULE)
    same("-r", records(log, "-r", path), ([1, 2, 3], 0))
    same("@", records(log, f"@{path}"), ([1, 2, 3], 0))
    path.write_text(RULE.replace("title", "name: c\ntitle") + "---\ntitle: many\ncorrelation: {type: "
                    "event_count, rules: [c], timespan: 1h, condition: {gte: 2}}\n")
    same("the rules that a correlation counts", records(log, "-r", path), ([1, 2, 3], 0))
    holds("a correlation is told", run(log, "-r", path)[2], "1 correlations are left out")
    path.write_text(RULE.replace("endswith", "endwith"))
    status, _, told = run(log, "-r", path)
    same("a rule that is refused", status, 2)
    holds("a rule that is refused", told, "rule.yml:4:", "endwith", "no rule that can be used")
    path.write_text(RULE.replace("endswith", "endwith") + "---\n" + RULE.replace("cmd", "nobody"))
    status, out, told = run(log, "-r", path)
    same("not found, but one rule was refused", (status, out), (3, ""))
    holds("not found, but one rule was refused", told, "refused", "0 of 4 records")


def forms(log):
    status, out, told = run(log, "LogonType: 10 or mimikatz", "--fields", "IpAddress,User")
    rows = [line.split("\t") for line in out.splitlines()]
    same("columns", [len(r) for r in rows], [8, 8, 8])
    same("the last row", rows[2], ["2026-01-05T10:00:04Z", "mail01.example.com", "Security 4624",
                                   str(log), "#4", "LogonType=10", "10.1.2.3", ""])
    same("what was decoded", rows[1][4:6], ["#3 (decoded: CommandLine: base64, utf-16)",
                                            "CommandLine=powershell -enc mimikatz"])
    same("told", told, "assay: 3 of 4 records match (1 of 1 files hold events)\n")
    rows = list(csv.reader(io.StringIO(run(log, "bob", "--format", "csv", "--fields",
                                           "CommandLine")[1])))
    same("csv", rows, [["time", "host", "source", "path", "record", "matched", "CommandLine"],
                       ["2026-01-05T10:00:02Z", "mail01.example.com", "Sysmon 1", str(log), "#2",
                        "User=EXAMPLE\\bob", "cmd.exe \\x1b[31m, \"quoted\""]])
    whole = json.loads(run(log, "mimikatz", "--format", "json")[1])
    same("json", (whole["found"], whole["events"], whole["gaps"], whole["fields_not_seen"]),
         (2, 4, [], []))
    same("the record as it is", [r["event"]["fields"]["CommandLine"][:15]
                                 for r in whole["records"]], ["cmd.exe /c whoa", "powershell -enc"])
    same("what matched", whole["records"][1]["matched"],
         [{"field": "CommandLine", "value": "powershell -enc mimikatz"}])
    same("count", run(log, "mimikatz", "--count")[:2], (0, "2\n"))
    status, out, told = run(log, "*", "--limit", "2")
    same("limit", (status, len(out.splitlines())), (0, 2))
    holds("limit", told, "2 records; stopped at --limit: there may be more")


def on_a_terminal(log):
    shown = terminal(log, "mimikatz or bob", NO_COLOR="1").splitlines()
    same("lines", len(shown), 3)
    same("no wider than 80 columns", max(map(len, shown)) <= 80, True)
    holds("what matched is in sight", shown[0], "*CommandLine=\u2026", "mimikatz",
          "2026-01-05 10:00:01 mail01 Sysmon 1 #1 ")
    same("no escapes from the evidence", "\x1b" in "".join(shown), False)
    same("colour", "\x1b[1;31m" in terminal(log, "bob"), True)
    same("no colour in a pipe", "\x1b" in run(log, "bob")[1], False)


def mistakes(work, log):
    for text, where, why in (("Image|endwith: x", "column 7:", "did you mean 'endswith'?"),
                             ("a and (b", "column 7:", "not closed"),
                             ("EventID:4624", "column 8:", "blank between")):
        status, out, told = run(log, text)
        same(f"{text}: status", (status, out), (2, ""))
        holds(text, told, where, why, "\n  " + text + "\n" + " " * (int(where[7:-1]) + 1) + "^\n")
    status, _, told = run(log, "Imgae: x")
    same("a field that is not there", status, 1)
    holds("a field that is not there", told, "has a field Imgae; did you mean Image?")
    _, _, told = run(log, "EventID: 9999")
    holds("no such event", told, "no record is of the time, log source, channel or EventID")
    for args in ((log,), (log, "x", "--limit", "0"), (log, "x", "--logsource", "sysmn"),
                 (work / "missing", "x"), (log, "x", "--fields", "a,,b"), (log, "x", "--jobs", "x")):
        status, out, told = run(*args)
        same(f"{args}", (status, out, bool(told)), (2, "", True))


def gaps(work):
    folder = work / "gaps"
    folder.mkdir()
    (folder / "a.json").write_text(event(1, A="x")[:60])
    (folder / "b.json").write_text(event(2, A="hit") + "\n")
    nothing = work / "nothing"
    nothing.mkdir()
    status, out, told = run(nothing, "nobody")
    same("there is no record", (status, out), (3, ""))
    holds("there is no record", told, "0 of 0 records")
    status, out, told = run(folder, "nobody")
    same("nothing found, not all read", (status, out), (3, ""))
    holds("nothing found, not all read", told, "not everything could be read", "a.json, bytes 0")
    same("found all the same", records(folder, "hit"), ([2], 0))
    same("gaps in JSON", [g["path"] for g in json.loads(run(folder, "nobody", "--format",
                                                            "json")[1])["gaps"]],
         [str(folder / "a.json")])


def large(work):
    """In the order of the evidence, whatever the workers do; and all of it, also where a
    stretch gives more than fits into one answer."""
    folder = work / "large"
    folder.mkdir()
    with open(folder / "a.log", "w", newline="", encoding="ascii") as f:
        f.write("#Software: Microsoft Internet Information Services 10.0\r\n"
                "#Fields: date time cs-method cs-uri-stem sc-status\r\n")
        for i in range(200000):
            f.write(f"2021-03-03 {i // 3600 % 24:02}:{i // 60 % 60:02}:{i % 60:02} GET "
                    f"/page{i:06}.html 200\r\n")
    with gzip.open(folder / "b.json.gz", "wt", 1) as f:
        for i in range(12000):
            f.write(event(i % 60, A="y" * 4000, N=str(i)) + "\n")
    want = [f"/page{i:06}.html" for i in range(200000) if f"{i:06}".endswith("77")]
    one = run(folder / "a.log", "cs-uri-stem|endswith: 77.html", "-j", "1")[1]
    same("all of them in order", [line.split("\t")[5].split("=")[1] for line in one.splitlines()],
         want)
    four = run(folder / "a.log", "cs-uri-stem|endswith: 77.html", "-j", "4")[1]
    same("the same from four workers", one == four, True)
    whole = run(folder / "a.log", "cs-uri-stem|endswith: 77.html or No: x")[1]
    same("rows passed over unread, and all read", one == whole, True)
    _, out, told = run(folder, "N|exists: true", "--format", "jsonl", "-j", "2")
    same("more than one answer holds", [json.loads(line)["event"]["fields"]["N"] for line in
                                        out.splitlines()], [str(i) for i in range(12000)])
    holds("more than one answer holds", told, "12000 of 212000 records match")


def commands(ids):
    with evtxgen.EvtxWriter() as log:
        for i in ids:
            log.add(provider="P", guid="{54849625-5478-4994-A5BA-3E3B0328C30D}", event_id=4688,
                    channel="Security", computer="EX01", time=f"2021-03-02T04:00:{i:02}Z",
                    record_id=i, data=[("CommandLine", f"cmd {i}")])
        return log.to_bytes()


def recovered(work):
    """Records outside the chunks come behind those of the log."""
    path = work / "slack.evtx"
    path.write_bytes(evtxgen.leave_over(commands(range(31, 41)), commands(range(1, 31))))
    _, out, _ = run(path, "CommandLine|startswith: cmd", "--format", "jsonl")
    got = [(e["event"]["record"], e["event"].get("provenance", "")) for e in
           map(json.loads, out.splitlines())]
    same("the log's own", got[:10], [(i, "") for i in range(31, 41)])
    same("recovered", (got[-1], len(got) > 20, {p for _, p in got[10:]}),
         ((30, "recovered"), True, {"recovered"}))
    same("left out", records(path, "CommandLine|startswith: cmd", "--no-recover")[0],
         list(range(31, 41)))
    holds("marked", run(path, "'cmd 30'")[1], "#30 (recovered)")


def case_of(work):
    """Findings of a log that JSON keeps whole, of one row that is too long, and of a row."""
    folder = work / "seized"
    folder.mkdir()
    (folder / "rules.yml").write_text(RULE)
    (folder / "log.json").write_text("\n".join([
        event(1, Image="C:\\Windows\\cmd.exe", User="EXAMPLE\\bob", CommandLine="cmd /c \"ping 10.0.0.9\""),
        event(2, Image="C:\\Windows\\cmd.exe", User="EXAMPLE\\eve", CommandLine="x" * 9000 + "behind"),
        event(3, Image="C:\\Windows\\notepad.exe", CommandLine="never mentioned"),
    ]) + "\n")
    case = work / "a.case"
    subprocess.run([ASSAY, "scan", folder / "log.json", "-r", folder / "rules.yml", "-o", case],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    with contextlib.closing(sqlite3.connect(case)) as db:
        db.execute("INSERT INTO fact SELECT '0123456789ab', host, 'some-pack', 'entry', 'reached', NULL, 'weak', 'a guess',"
                   " time - 600000000, time - 300000000, 0, '/owa/x.aspx', NULL, NULL, 0 FROM finding LIMIT 1")
        db.execute("INSERT INTO fact_initiator VALUES ('0123456789ab', '192.0.2.7'), ('0123456789ab', '2001:db8::7')")
        db.commit()
    return case


def entries(case, *args):
    """What is found in a case: kinds of entries, and the status."""
    status, out, _ = run(case, *args, "--format", "jsonl")
    return [json.loads(line)["entry"] for line in out.splitlines()], status


def in_a_case(work):
    case = case_of(work)
    for text, want in (
            ("cmd", ["finding", "finding", "fact", "fact"]),
            ("Image|endswith: \\cmd.exe", ["finding"]),
            ("bob or seized", ["finding", "finding", "evidence"]),
            ("level: medium and User|endswith: bob", ["finding"]),
            ("initiator|cidr: 192.0.2.0/24", ["fact"]),
            ("'2001:db8::7'", ["fact"]),
            ("axis: entry and state: reached", ["fact"]),
            ("format|exists: true", ["evidence"]),
            ("'mail01.example.com'", ["finding", "finding", "fact", "fact", "fact"]),
    ):
        same("in a case: " + text, entries(case, text), (want, 0))
    same("words do not meet words of ours", entries(case, "some-pack"), ([], 3))
    status, out, told = run(case, "behind")
    same("behind what is kept of a record", (status, out), (3, ""))
    holds("what is not searched", told, "2 findings, 3 facts, 1 files were searched", "the evidence has 3 records",
          "of 0 findings the case does not keep the record, of 1 only a part")
    same("from and to", (entries(case, "*", "--to", "2026-01-05T10:00:01Z")[0],
                         entries(case, "*", "--from", "2026-01-05T10:00:02Z")[0]),
         (["fact"], ["finding", "fact", "evidence"]))
    same("count", run(case, "cmd", "--count")[1], "4\n")
    _, out, told = run(case, "cmd", "--limit", "1")
    same("limit", (out.count("\n"), "stopped at --limit" in told), (1, True))
    holds("a slip", run(case, "levl: x")[2], "has a field levl; did you mean level?")
    rows = list(csv.reader(io.StringIO(run(case, "192.0.2.7", "--format", "csv", "--fields", "object,id")[1])))
    same("csv", rows, [["time", "host", "source", "path", "record", "matched", "object", "id"],
                       ["2026-01-05T09:59:01Z", "mail01.example.com", "fact", "", "0123456789ab",
                        "initiator=192.0.2.7", "/owa/x.aspx", "0123456789ab"]])
    whole = json.loads(run(case, "cmd", "--format", "json")[1])
    same("json", ([whole[k] for k in ("found", "findings", "facts", "evidence", "events", "cut", "not_kept", "stopped")],
                  whole["records"][0]["fields"]["CommandLine"]),
         ([4, 2, 3, 1, 3, 1, 0, False], 'cmd /c "ping 10.0.0.9"'))
    shown = terminal(case, "cmd", NO_COLOR="1").splitlines()
    holds("on a terminal", shown[0], "2026-01-05 10:00:01 mail01 finding ", "*")
    for args, part in (((case, "x", "--logsource", "sysmon"), "is a case: rules and --logsource"),
                       ((case, "@" + str(work / "seized/rules.yml")), "is a case: rules and --logsource"),
                       ((case, case, "x"), "searched alone"), ((work / "seized", case, "x"), "searched alone")):
        status, _, told = run(*args)
        same(f"{part}: status", status, 2)
        holds("a mistake", told, part)


def main():
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        log = small(work)
        expressions(log)
        rules(work, log)
        forms(log)
        on_a_terminal(log)
        mistakes(work, log)
        gaps(work)
        large(work)
        recovered(work)
        in_a_case(work)
    return 1 if failed else 0


sys.exit(main())
