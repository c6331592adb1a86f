#!/usr/bin/env python3
"""Correlations from outside: events of several files in order of time, whatever their names are,
however many workers read them and however little memory there is; with what it rests on.

usage: test_correlation.py ASSAY
"""
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
problems = []
checks = 0

RULES = """title: Guessing
id: 7c4d1f00-0000-4000-8000-000000000001
level: high
tags: [attack.t1110]
correlation:
    type: event_count
    rules: [failed_logon]
    group-by: [TargetUserName, IpAddress]
    timespan: 10m
    condition: {gte: 5}
tests:
    match:
        events: [@, @, @, @, {at: 10m, H4625, fields: {TargetUserName: bob, IpAddress: 192.0.2.1}}]
    near_miss:
        events: [@, @, @, @, {at: 601, H4625, fields: {TargetUserName: bob, IpAddress: 192.0.2.1}}]
    near_miss_other:
        events: [@, @, @, @, {rule: good_logon, H4624, fields: {TargetUserName: bob, IpAddress: 192.0.2.1}}]
---
title: Guessed
id: 7c4d1f00-0000-4000-8000-000000000002
level: critical
correlation:
    type: temporal_ordered
    rules: [guessing_user, good_logon]
    group-by: [TargetUserName]
    timespan: 10m
---
title: Guessing at one user
name: guessing_user
correlation:
    type: event_count
    rules: [failed_logon]
    group-by: [TargetUserName]
    timespan: 10m
    condition: {gte: 5}
---
title: Failed logon
name: failed_logon
level: low
logsource: {product: windows, service: security}
detection: {s: {EventID: 4625}, condition: s}
---
title: Logon
name: good_logon
level: informational
logsource: {product: windows, service: security}
detection: {s: {EventID: 4624}, condition: s}
---
title: Requests and a process
level: medium
correlation:
    type: temporal
    rules: [page, shell]
    timespan: 1m
    generate: true
---
title: A page of ours
name: page
level: low
logsource: {category: webserver}
detection: {s: {cs-uri-stem|endswith: /x.aspx}, condition: s}
---
title: A shell
name: shell
level: low
logsource: {product: windows, category: process_creation}
detection: {s: {Image|endswith: '\\cmd.exe'}, condition: s}
---
title: Many scripts
level: medium
correlation:
    type: event_count
    rules: [alpha]
    timespan: 1h
    condition: {gte: 2}
---
title: Alpha
name: alpha
logsource: {product: windows, category: ps_script}
detection: {s: {ScriptBlockText|contains: AlphaWord}, condition: s}
---
title: Old form
id: 7c4d1f00-0000-4000-8000-000000000003
level: medium
logsource: {product: windows, service: security}
detection:
    s: {EventID: 4625}
    timeframe: 10m
    condition: s | count(IpAddress) by TargetUserName > 1
"""

RULES = RULES.replace("@", "{at: 0s, H4625, fields: {TargetUserName: bob, IpAddress: 192.0.2.1}}")
for number in ("4624", "4625"):
    RULES = RULES.replace(f"H{number}", f"head: {{channel: Security, event_id: {number}}}")

IIS = """#Software: Microsoft Internet Information Services 10.0
#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status
2021-03-03 10:20:00 10.0.0.1 POST /owa/x.aspx - 443 - 192.0.2.9 agent 200
2021-03-03 11:20:00 10.0.0.1 GET /owa/y.aspx - 443 - 192.0.2.9 agent 200
"""


def check(name, got, want):
    global checks
    checks += 1
    if got != want:
        problems.append(f"{name}: {got!r}, want {want!r}")


def logon(event_id, minute, second, user="bob", address="192.0.2.1", record=0):
    return {"event_id": event_id, "time": f"2021-03-03T10:{minute:02d}:{second:02d}Z",
            "channel": "Security", "provider": "Microsoft-Windows-Security-Auditing",
            "record": record,
            "data": [("TargetUserName", user), ("IpAddress", address)]}


def shell(minute, second):
    return {"event_id": 1, "time": f"2021-03-03T10:{minute:02d}:{second:02d}Z", "record": 1,
            "channel": "Microsoft-Windows-Sysmon/Operational",
            "provider": "Microsoft-Windows-Sysmon",
            "data": [("Image", "C:\\Windows\\System32\\cmd.exe"), ("CommandLine", "cmd")]}


def script(number, total, text, record):
    return {"event_id": 4104, "time": f"2021-03-03T10:00:{number:02d}Z", "record": record,
            "channel": "Microsoft-Windows-PowerShell/Operational",
            "provider": "Microsoft-Windows-PowerShell",
            "data": [("MessageNumber", number), ("MessageTotal", total),
                     ("ScriptBlockText", text),
                     ("ScriptBlockId", evtxgen.guid("{9c3d1b7e-0b53-4c1c-8d1f-0f1c2a3b4c5d}")),
                     ("Path", "")]}


def write(path, events):
    with evtxgen.EvtxWriter() as log:
        for e in events:
            log.add(provider=e["provider"], event_id=e["event_id"], channel=e["channel"],
                    computer="SRV", time=e["time"], record_id=e["record"], level=0,
                    data=e["data"])
        path.write_bytes(log.to_bytes())


def write_json(path, events):
    with open(path, "w", encoding="utf-8") as out:
        for e in events:
            out.write(json.dumps({
                "@timestamp": e["time"].replace("Z", ".000Z"),
                "winlog": {"channel": e["channel"], "provider_name": e["provider"],
                           "event_id": e["event_id"], "record_id": e["record"],
                           "computer_name": "SRV", "event_data": dict(e["data"])}}) + "\n")


def scan(folder, *options, status=None):
    run = subprocess.run([assay, "scan", str(folder), "--rules", str(root / "rules.yml"),
                          "--format", "json", *options],
                         capture_output=True, text=True, check=False)
    if run.returncode not in (0, 1, 3):
        problems.append(f"scan {options}: {run.stderr}")
    if status is not None:
        check(f"status of {options}", run.returncode, status)
    return run.stdout


def windows(text):
    """title: first, last, count, group, times of the events named, of all correlations."""
    return [(f["rule"]["title"], f["correlation"]["first"][11:19], f["correlation"]["last"][11:19],
             f["correlation"]["count"],
             {g["field"]: g["value"] for g in f["correlation"]["group"]},
             [e["time"][11:19] for e in f["correlation"]["events"]])
            for f in json.loads(text)["findings"] if f["correlation"]]


def single(text):
    return sorted(f["rule"]["title"] for f in json.loads(text)["findings"]
                  if not f["correlation"] and f["rule"]["source"] == "sigma")


BOB = {"TargetUserName": "bob", "IpAddress": "192.0.2.1"}
WANT = [
    ("Guessing", "10:00:00", "10:10:00", 5, BOB,
     ["10:00:00", "10:02:30", "10:05:00", "10:07:30", "10:10:00"]),
    ("Old form", "10:00:00", "10:10:00", 6, {"TargetUserName": "bob"},
     ["10:00:00", "10:02:30", "10:05:00", "10:06:00", "10:07:30", "10:10:00"]),
    ("Guessed", "10:00:00", "10:11:00", 2, {"TargetUserName": "bob"},
     ["10:00:00", "10:07:30", "10:11:00"]),
    ("Requests and a process", "10:20:00", "10:20:59", 2, {}, ["10:20:00", "10:20:59"]),
]


def make(folder, names):
    folder.mkdir()
    a, b, c, d, e, f = names
    write(folder / a, [logon(4625, 0, 0, record=1), logon(4625, 7, 30, record=2),
                       logon(4624, 11, 0, record=3)])
    write(folder / b, [logon(4625, 5, 0, record=1001), logon(4625, 10, 0, record=1002),
                       logon(4625, 6, 0, address="192.0.2.2", record=1003)])
    write_json(folder / c, [logon(4625, 2, 30, record=2001),
                            logon(4624, 11, 0, user="eve", record=2002)])
    (folder / d).write_text(IIS, encoding="ascii")
    write(folder / e, [shell(20, 59)])
    write(folder / f, [script(1, 3, "one AlphaWord", 1), script(3, 3, "three", 3)])


with tempfile.TemporaryDirectory() as tmp:
    root = pathlib.Path(tmp)
    (root / "rules.yml").write_text(RULES, encoding="utf-8")
    make(root / "one", ["a.evtx", "b.evtx", "c.json", "d.log", "e.evtx", "f.evtx"])
    make(root / "two", ["z.evtx", "y.evtx", "x.json", "w.log", "v.evtx", "u.evtx"])
    first = scan(root / "one", "--jobs", "1", status=1)
    by_time = sorted(windows(first), key=lambda w: (w[1], w[2], w[0]))
    check("windows", by_time, sorted(WANT, key=lambda w: (w[1], w[2], w[0])))
    check("single", single(first), ["A page of ours", "A shell"])
    check("two workers", scan(root / "one", "--jobs", "2"), first)
    check("little memory", scan(root / "one", "--correlate-memory", "1"), first)
    check("other names", windows(scan(root / "two")), windows(first))

    # the evidence for it
    guessing = next(f for f in json.loads(first)["findings"] if f["rule"]["title"] == "Guessing")
    places = {(pathlib.Path(e["path"]).name, e["record"]) for e in
              guessing["correlation"]["events"]}
    check("places", places, {("a.evtx", 1), ("c.json", 2001), ("b.evtx", 1001), ("a.evtx", 2),
                             ("b.evtx", 1002)})
    check("rule", guessing["correlation"]["events"][0]["title"], "Failed logon")
    for where in (root / "one", root / "x.case"):
        if where.suffix == ".case":
            scan(root / "one", "-o", str(where))
        run = subprocess.run([assay, "explain", str(where), guessing["id"], "--format", "json",
                              "--rules", str(root / "rules.yml")],
                             capture_output=True, text=True, check=False)
        told = json.loads(run.stdout)["findings"][0] if run.stdout else {}
        check(f"explain {where.name}", [e["record"] for e in told.get("events", [])],
              [1, 2001, 1001, 2, 1002])
        check("explain: how", told.get("how", "").split(";")[0],
              "5 events from 2021-03-03 10:00:00 UTC to 2021-03-03 10:10:00 UTC")
    text = subprocess.run([assay, "scan", str(root / "one"), "--rules", str(root / "rules.yml")],
                          capture_output=True, text=True, check=False).stdout
    check("text", "Guessing (correlation)" in text, True)
    lines = subprocess.run([assay, "scan", str(root / "one"), "--rules", str(root / "rules.yml"),
                            "--format", "jsonl"], capture_output=True, text=True, check=False)
    check("lines", [json.loads(x)["how"].split(";")[0] for x in lines.stdout.splitlines()
                    if json.loads(x)["title"] == "Guessing"],
          ["5 events from 2021-03-03 10:00:00 UTC to 2021-03-03 10:10:00 UTC"])

    # copies of evidence count once
    shutil.copytree(root / "one", root / "copies" / "first")
    shutil.copytree(root / "one", root / "copies" / "second")
    doubled = scan(root / "copies")
    check("copies", sorted(windows(doubled)), sorted(windows(first)))
    counts = {c["title"]: (c["matches"], c["copies"]) for c in json.loads(doubled)["correlations"]}
    check("copies are told", counts["Guessing"], (12, 6))

    # a script in parts is one match, in its parts or joined
    folder = root / "parts"
    folder.mkdir()
    write(folder / "p.evtx", [script(1, 2, "one", 1), script(2, 2, "two AlphaWord", 2)])
    check("parts", windows(scan(folder)), [])
    check("parts are counted once", [c["matches"] for c in
                                     json.loads(scan(folder))["correlations"]
                                     if c["title"] == "Many scripts"], [1])

    # what is chosen needs what it rests on
    chosen = scan(root / "one", "--min-level", "high")
    check("chosen", sorted(w[0] for w in windows(chosen)), ["Guessed", "Guessing"])
    check("chosen: nothing else", single(chosen), [])
    tagged = scan(root / "one", "--tag", "attack.t1110")
    check("by tag", [w[0] for w in windows(tagged)], ["Guessing"])
    source = scan(root / "one", "--logsource", "webserver")
    check("by log source", [w[0] for w in windows(source)], ["Requests and a process"])

    # tuning
    (root / "tune.yml").write_text("- rule: Guessing\n  suppress: true\n  reason: a test\n",
                                   encoding="utf-8")
    tuned = scan(root / "one", "--tune", str(root / "tune.yml"))
    check("tuned", "Guessing" in [w[0] for w in windows(tuned)], False)
    check("tuned: told", [s["reason"] for s in json.loads(tuned)["suppressed"]], ["a test"])

    # what is not counted is told
    folder = root / "without"
    folder.mkdir()
    event = logon(4625, 0, 0, record=1)
    event["data"] = [("TargetUserName", "bob")]
    write(folder / "w.evtx", [event])
    told = {c["title"]: c for c in json.loads(scan(folder))["correlations"]}
    check("without a group", told["Guessing"]["without_group"], 1)
    check("without a value", told["Old form"]["without_value"], 1)
    check("all correlations", len(told), 6)

    listed = subprocess.run([assay, "rules", "list", "--rules", str(root / "rules.yml"),
                             "--format", "json"], capture_output=True, text=True, check=False)
    rows = {r["title"]: r for r in json.loads(listed.stdout)["rules"] if not r["pack"]}
    check("list", (rows["Guessing"]["logsource"], rows["Failed logon"]["silent"],
                   rows["A shell"]["silent"], rows["Guessing"]["has_evidence"]),
          ("correlation/event_count", True, False, True))
    check("list: each once", len(rows), 11)
    checked = subprocess.run([assay, "rules", "check", str(root / "rules.yml")],
                             capture_output=True, text=True, check=False)
    check("check", (checked.returncode, "error:" in checked.stdout), (0, False))

    tested = subprocess.run([assay, "rules", "test", str(root / "rules.yml")],
                            capture_output=True, text=True, check=False)
    check("rules test", (tested.returncode, "(tests: 3," in tested.stdout), (0, True))
    (root / "bad.yml").write_text(RULES.replace("{gte: 5}", "{gte: 6}", 1), encoding="utf-8")
    tested = subprocess.run([assay, "rules", "test", str(root / "bad.yml")],
                            capture_output=True, text=True, check=False)
    check("a failing test", (tested.returncode,
                             "match: the correlation has no window" in tested.stdout), (1, True))

for p in problems:
    print(p)
print(f"{checks} checks, {len(problems)} failed")
sys.exit(bool(problems))
