#!/usr/bin/env python3
"""assay explain --rule: why a rule does or does not match one record.

usage: test_explain_rule.py ASSAY
"""
import json
import pathlib
import subprocess
import sys
import tempfile

ASSAY = sys.argv[1]
failed = 0
RULE = """title: Somebody's command line
id: 0d5b5f0e-3c52-4a2e-8b52-6a7a9be2a001
logsource: {product: windows, category: process_creation}
detection:
  selection:
    Image|endswith: ['\\cmd.exe', '\\x.exe']
    CommandLine|contains: planted-word
  filter: {User|contains: SYSTEM}
  condition: selection and not filter
"""


def same(what, got, want):
    global failed
    if got != want:
        failed += 1
        print(f"{what}: {got!r}, want {want!r}")


def event(number, event_id, **fields):
    return json.dumps({"Event": {
        "System": {"Provider": {"#attributes": {"Name": "P"}}, "EventID": event_id,
                   "EventRecordID": number, "Channel": "Security", "Computer": "mail01",
                   "TimeCreated": {"#attributes": {"SystemTime": f"2026-01-05T10:00:0{number}Z"}}},
        "EventData": fields}})


def run(*args):
    done = subprocess.run([ASSAY, "explain", *map(str, args)], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def items(tree):
    """Names of items and selections, with their results."""
    found = {tree["name"]: tree["result"]} if tree.get("name") else {}
    for part in tree.get("of", []):
        found.update(items(part))
    return found


def explained(log, number, rule):
    status, out, _ = run(log, "--record", number, "--rule", rule, "--format", "json")
    same(f"record {number}: status", status, 0)
    return json.loads(out)["records"][0]["rules"][0]


def main():
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        log, rule = work / "log.json", work / "rule.yml"
        image = "C:\\Windows\\cmd.exe"
        lines = [
            event(1, 4688, NewProcessName=image, CommandLine="cmd planted-word",
                  SubjectDomainName="EX", SubjectUserName="bob"),
            event(2, 4688, NewProcessName=image, CommandLine="cmd planted-word",
                  SubjectDomainName="NT AUTHORITY", SubjectUserName="SYSTEM"),
            event(3, 4624, TargetUserName="bob"),
            event(4, 4688, NewProcessName=image, SubjectUserName="bob",
                  CommandLine="powershell -enc cABsAGEAbgB0AGUAZAAtAHcAbwByAGQA"),
        ]
        log.write_text("\n".join(lines) + "\n")
        rule.write_text(RULE)

        one = explained(log, 1, rule)
        same("matches", (one["matches"], one["log_source_applies"]), (True, True))
        same("its parts", items(one["condition"]), {
            "selection": True, "Image|endswith": True, "CommandLine|contains": True,
            "filter": False, "User|contains": False})
        two = explained(log, 2, rule)
        same("left out", (two["matches"], items(two["condition"])["filter"]), (False, True))
        three = explained(log, 3, rule)
        same("another source", (three["matches"], three["log_source_applies"]), (False, False))
        four = explained(log, 4, rule)
        same("decoded", (four["matches"], four["decoded"]),
             (True, "CommandLine: base64, utf-16"))

        status, out, _ = run(log, "--record", 2, "--rule", rule)
        same("status", status, 0)
        for part in ("RECORD  2, at byte ", "it does not match", "  no    not",
                     "record has: C:\\Windows\\cmd.exe  [NewProcessName]",
                     "[SubjectDomainName + SubjectUserName]", "asks for: \\cmd.exe  (yes)",
                     "asks for: \\x.exe  (no)", "log source applies: security EventID 4688"):
            same(f"text has '{part}'", part in out, True)
        same("80 columns", max(map(len, out.splitlines())) < 80, True)
        _, out, _ = run(log, "--record", 3, "--rule", rule)
        same("why not", "the log source does not apply" in out and "EventID 4624" in out, True)

        offset = str(len(lines[0]) + 1)
        _, out, _ = run(log, "--offset", offset, "--rule", "0d5b", "--rules", rule, "-f", "json")
        same("by offset and id", json.loads(out)["records"][0]["event"]["record"], 2)
        _, out, _ = run(log, "--record", 1, "--rule", "somebody's COMMAND line", "-r", rule)
        same("by title", "it matches this record" in out, True)

        rule.write_text(RULE.replace("endswith", "endwith"))
        for args, why in (((log, "--record", 1, "--rule", rule), "rule.yml:6:"),
                          ((log, "--record", 9, "--rule", "0d5b"), "no rule in use"),
                          ((log, "--record", 1), "which rule"),
                          ((log, "--rule", rule), "which record"),
                          ((log, "--record", 1, "--offset", 1, "--rule", rule), "one of them"),
                          ((log, "--record", "x", "--rule", rule), "--record x: want a number"),
                          ((log, "--offset", "x", "--rule", rule), "--offset x: want a number"),
                          ((log,), "usage: assay explain")):
            status, out, told = run(*args)
            same(f"{args[1:]}", (status, out, why in told), (2, "", True))
        rule.write_text(RULE)
        status, out, told = run(log, "--record", 9, "--rule", rule)
        same("no such record", (status, out, "no record with the number 9" in told), (2, "", True))
    return 1 if failed else 0


sys.exit(main())
