#!/usr/bin/env python3
"""Rules from outside: collections, filters and lists of values reach the scan, in whatever
order they are given; what has no effect and what cannot be used is told.

test_rules.py PATH/TO/assay"""
import json
import pathlib
import subprocess
import sys
import tempfile

ASSAY = sys.argv[1]
CHANNEL = "Microsoft-Windows-Sysmon/Operational"
failed = 0

COLLECTION = """\
action: global
logsource: {product: windows, category: process_creation}
level: high
detection:
  condition: s
---
title: whoami
name: whoami
detection:
  s: {Image|endswith: '\\whoami.exe'}
---
title: a user of ours
detection:
  s: {User|expand: 'EXAMPLE\\\\%users%'}
---
action: repeat
title: a user of ours in cmd
detection:
  s: {ParentImage|endswith: '\\cmd.exe'}
"""

FILTER = """\
title: our monitoring
id: f-1
logsource: {product: windows}
filter:
  rules: [whoami, nobody]
  parent: {ParentImage|endswith: '\\monitor.exe'}
  condition: not parent
"""
OUTSIDE = """title: outside
id: f-2
logsource: {product: windows, service: remediation}
filter:
  rules: %s
  scanner: {Tool: MSERT}
  condition: not scanner
"""
SCANNER = """Microsoft Safety Scanner v1.333, (build 1.333.160.0)
Started On Sun Mar  7 18:02:03 2021

Threat Detected: Backdoor:JS/Webshell.A and Removed!
  Action: Remove, Result: 0x00000000
    file://C:\\inetpub\\wwwroot\\aspnet_client\\x.aspx
"""


def check(what, got, want):
    global failed
    if got != want:
        failed += 1
        print(f"{what}: {got!r}, want {want!r}")


def event(number, **fields):
    return json.dumps({
        "Event": {
            "System": {
                "Provider": {"#attributes": {"Name": "Microsoft-Windows-Sysmon"}},
                "EventID": 1, "EventRecordID": number, "Channel": CHANNEL,
                "Computer": "mail01.example.com",
                "TimeCreated": {"#attributes": {"SystemTime": f"2026-01-05T10:00:0{number}Z"}},
            },
            "EventData": fields,
        }})


def run(*args):
    done = subprocess.run([ASSAY, *map(str, args)], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    return done.returncode, done.stdout, done.stderr.decode()


def findings(log, *options):
    _, out, _ = run("scan", log, "--format", "json", *options)
    return sorted((f["rule"]["title"], f["time"][17:19])
                  for f in json.loads(out)["findings"])


def main():
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        log, rules, users = work / "log.json", work / "rules", work / "users.txt"
        rules.mkdir()
        (rules / "a_filter.yml").write_text(FILTER)
        (rules / "b_collection.yml").write_text(COLLECTION)
        users.write_text("# ours\n\njane\r\nadm_*  \n")
        log.write_text("\n".join([
            event(1, Image="C:\\Windows\\System32\\WHOAMI.exe", ParentImage="C:\\cmd.exe",
                  User="OTHER\\jane"),
            event(2, Image="C:\\Windows\\System32\\whoami.exe", ParentImage="D:\\monitor.exe",
                  User="OTHER\\jane"),
            event(3, Image="C:\\a.exe", ParentImage="C:\\cmd.exe", User="EXAMPLE\\ADM_1"),
            event(4, Image="C:\\a.exe", ParentImage="C:\\cmd.exe", User="EXAMPLE\\root"),
            event(5, Image="C:\\a.exe", ParentImage="C:\\b.exe", User="EXAMPLE\\jane"),
        ]) + "\n")
        lists = ["--rules", rules, "--placeholder", f"users={users}"]
        all_found = [("a user of ours", "03"), ("a user of ours", "05"),
                     ("a user of ours in cmd", "03"), ("whoami", "01")]
        check("all together", findings(log, *lists), all_found)
        check("files in another order",
              findings(log, "--placeholder", f"users={users}",
                       "--rules", rules / "b_collection.yml", "--rules",
                       rules / "a_filter.yml"),
              all_found)
        check("without the list", findings(log, "--rules", rules), [("whoami", "01")])

        _, out, _ = run("rules", "list", "--format", "json", *lists)
        told = json.loads(out)
        check("filters", sorted((r["title"], r["filters"]) for r in told["rules"]
                                if not r["pack"]), [("a user of ours", 0), ("a user of ours in cmd", 0),
                                 ("whoami", 1)])
        check("notices", [(n["id"], n["reason"]) for n in told["notices"]],
              [("f-1", "filter: no rule has the id or name 'nobody'")])
        check("refused", told["refused"], [])
        _, out, _ = run("rules", "list", "--format", "json", "--rules", rules)
        refused = json.loads(out)["refused"]
        check("two are refused, and told why", ["%users%" in r["reason"] for r in refused],
              [True, True])

        # What a filter of the user's leaves out must not be what the verdict rests on.
        pack_rule = "8c9d1828-1908-483e-a8b4-e0255b101e53"
        (work / "msert.log").write_text(SCANNER)
        for wanted in ("any", pack_rule):
            (work / "outside.yml").write_text(OUTSIDE % wanted)
            got = [f["rule"]["id"] for f in json.loads(run(
                "scan", work / "msert.log", "--rules", work / "outside.yml", "--format",
                "json")[1])["findings"]]
            check(f"a filter for {wanted}", got, [pack_rule])
        _, out, _ = run("rules", "list", "--format", "json", "--rules", work / "outside.yml")
        check("a filter for a pack's rule",
              ["packs cannot be filtered" in n["reason"] for n in json.loads(out)["notices"]],
              [True])

        for wrong in ("users", "=x", f"users={work / 'missing'}"):
            status, _, why = run("scan", log, "--placeholder", wrong)
            check(f"--placeholder {wrong}", (status, bool(why)), (2, True))
        users.write_bytes(b"\xff\xfe")
        status, _, why = run("scan", log, *lists)
        check("a list that is no text", (status, "UTF-8" in why), (2, True))
    return 1 if failed else 0


sys.exit(main())
