#!/usr/bin/env python3
"""assay rules coverage: each state, what would help, and how it is told.

usage: test_rules_coverage.py ASSAY
"""
import csv
import io
import json
import pathlib
import subprocess
import sys
import tempfile

ASSAY = sys.argv[1]
failed = 0
SYSMON = "Microsoft-Windows-Sysmon/Operational"

RULES = {  # title: state, level, log source, detection
    "full": ("could_fire", "high", "category: process_creation", "Image|endswith: '\\x.exe'"),
    "partly": ("partly", "low", "category: process_creation", "Image: x\n  f: {CommandLine: y}"),
    "field": ("field_not_logged", "critical", "category: process_creation", "CommandLine: y"),
    "event": ("event_not_seen", "medium", "service: security", "EventID: 4698"),
    "source": ("source_absent", "high", "category: dns_query", "QueryName: x"),
    "mac": ("unreadable", "high", "product: macos", "A: b"),
    "web": ("could_fire", "medium", "category: webserver", "cs-uri-stem|contains: x"),
    "agent": ("field_not_logged", "medium", "category: webserver", "cs-user-agent|contains: x"),
}


def same(what, got, want):
    global failed
    if got != want:
        failed += 1
        print(f"{what}: {got!r}, want {want!r}")


def event(number, channel, event_id, host, **fields):
    return json.dumps({"Event": {
        "System": {"Provider": {"#attributes": {"Name": "P"}}, "EventID": event_id,
                   "EventRecordID": number, "Channel": channel, "Computer": host,
                   "TimeCreated": {"#attributes": {"SystemTime": f"2026-01-05T10:00:0{number}Z"}}},
        "EventData": fields}})


def write_rules(folder):
    folder.mkdir()
    for title, (_, level, source, detection) in RULES.items():
        product = "" if "product" in source or "webserver" in source else "product: windows, "
        condition = "s and not f" if "\n" in detection else "s"
        detection = "  s: {" + detection.replace("\n", "}\n", 1) if "\n" in detection else \
            "  s: {" + detection + "}"
        (folder / f"{title}.yml").write_text(
            f"title: {title}\nid: {title}\nlevel: {level}\ntags: [attack.t1059.001]\n"
            f"logsource: {{{product}{source}}}\ndetection:\n{detection}\n"
            f"  condition: {condition}\n")


def run(*args):
    done = subprocess.run([ASSAY, "rules", "coverage", *map(str, args)],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def main():
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        logs, rules = work / "logs", work / "rules"
        logs.mkdir()
        write_rules(rules)
        (logs / "security.json").write_text("\n".join([
            event(1, "Security", 4688, "mail01.example.com", NewProcessName="C:\\a.exe",
                  CommandLine=""),
            event(2, "Security", 4688, "mail01.example.com", NewProcessName="C:\\b.exe",
                  CommandLine="-"),
        ]) + "\n")
        (logs / "u_ex.log").write_text(
            "#Software: Microsoft Internet Information Services 10.0\r\n"
            "#Fields: date time cs-method cs-uri-stem cs(User-Agent) sc-status\r\n"
            "2026-01-05 10:00:00 GET /a - 200\r\n", newline="")
        options = (logs, "--rules", rules, "--no-packs")

        status, out, told = run(*options, "--format", "json")
        same("status", (status, told), (0, ""))
        whole = json.loads(out)
        same("states", {r["title"]: r["state"] for r in whole["rules"]},
             {title: state for title, (state, *_) in RULES.items()})
        same("counts", {k: v["rules"] for k, v in whole["states"].items()},
             {"could_fire": 2, "partly": 1, "field_not_logged": 2, "event_not_seen": 1,
              "source_absent": 1, "unreadable": 1})
        same("one host", whole["hosts"], 1)
        rule = {r["title"]: r for r in whole["rules"]}
        same("missing", rule["field"]["missing_fields"], ["CommandLine"])
        same("missing in a filter", (rule["partly"]["missing_fields"],
                                     rule["partly"]["missing_in_filters"]), ([], ["CommandLine"]))
        help_ = {(h["source"], h["channel"], tuple(h["event_ids"]), h["field"]): h
                 for h in whole["help"]}
        same("what helps", sorted(help_), sorted([
            ("windows", "Security", (4688,), "CommandLine"),
            ("windows", "Security", (4698,), ""),
            ("windows", SYSMON, (22,), ""),
            ("iis.w3c", "", (), "cs-user-agent")]))
        line = help_["windows", "Security", (4688,), "CommandLine"]
        same("command lines", (line["enables"], line["completes"], line["levels"]["critical"],
                               "ProcessCreationIncludeCmdLine_Enabled" in line["how"]),
             (1, 1, 1, True))
        same("each has its source", all("described_in" in h for h in whole["help"]), True)
        same("a source", [(s["records"], s["first"], {f["name"]: (f["records"], f["filled"])
                                                      for f in s["fields"]}["CommandLine"])
                          for s in whole["sources"] if s["event_id"] == 4688],
             [(2, "2026-01-05T10:00:01Z", (2, 0))])
        same("techniques", whole["techniques"],
             [{"id": "t1059.001", "rules": 8, "could_fire": 3}])

        rows = list(csv.DictReader(io.StringIO(run(*options, "--format", "csv")[1])))
        same("csv", {r["title"]: r["state"] for r in rows},
             {title: state for title, (state, *_) in RULES.items()})
        same("csv: needs", [r["needs"] for r in rows if r["title"] == "event"],
             ["Security EventID 4698"])

        status, out, _ = run(*options)
        same("text: status", status, 0)
        same("text: 80 columns", max(map(len, out.splitlines())) < 80, True)
        for part in ("Security: 2 records, 1 EventID, 2026-01-05 to 2026-01-05", "RULES  8",
                     "could fire", "event not seen", "WHAT WOULD HELP", "Security EventID 4698",
                     "audit policy subcategory 'Other Object Access Events'",
                     "ATT&CK  1 techniques are tagged; for 1 of them a rule could fire"):
            same(f"text has {part!r}", part in out, True)
        same("nothing is called clean", "clean" in out, False)

        # The answer does not depend on the workers; hosts are told apart.
        same("jobs", run(*options, "-j", "1", "-f", "json")[1],
             run(*options, "-j", "4", "-f", "json")[1])
        (logs / "other.json").write_text(event(1, "System", 6005, "dc02") + "\n")
        whole = json.loads(run(*options, "--format", "json")[1])
        rule = {r["title"]: r for r in whole["rules"]}
        # The web log names no host: with two to choose from, it stands for one of its own.
        same("hosts", rule["full"]["hosts"], {"could_fire": 1, "source_absent": 2})
        same("some hosts only", "some of the" in run(*options)[1], True)

        # Logs are told once for all hosts; --all tells them of each.
        (logs / "third.json").write_text(event(2, "System", 6006, "dc03") + "\n"
                                         + event(3, "System", 6005, "dc03") + "\n")
        text = run(*options)[1]
        same("logs of all hosts", [line.strip() for line in text.splitlines() if "System:" in line],
             ["System: 3 records, 2 EventIDs, 2 host names, 2026-01-05 to 2026-01-05"])
        same("files once", [line.strip() for line in text.splitlines() if "files.inv" in line],
             ["files.inventory: 4 files"])
        same("more with --all", "--all lists" in text, True)
        text = run(*options, "--all")[1]
        same("logs of each host", [line.strip() for line in text.splitlines() if "System:" in line],
             ["dc02: System: 1 record, 1 EventID, 2026-01-05 to 2026-01-05",
              "dc03: System: 2 records, 2 EventIDs, 2026-01-05 to 2026-01-05"])
        (logs / "third.json").unlink()

        # A command line in one record is enough for the rules that want it.
        (logs / "more.json").write_text(
            event(3, "Security", 4688, "mail01", NewProcessName="x", CommandLine="y") + "\n")
        whole = json.loads(run(*options, "--format", "json")[1])
        same("filled", {r["title"]: r["state"] for r in whole["rules"]}["field"], "could_fire")

        (logs / "broken.json").write_text('{"Event": {"System":')
        status, out, told = run(*options)
        same("a gap", (status, "not everything could be read" in told), (0, True))
        same("a gap in JSON", len(json.loads(run(*options, "-f", "json")[1])["gaps"]), 1)
        same("packs too", "RULES  8" in run(logs, "--rules", rules)[1], False)
        for args in ((work / "missing",), (logs, "--format", "jsonl"), (logs, "--jobs", "0"), ()):
            status, out, told = run(*args)
            same(f"{args}", (status, out, bool(told)), (2, "", True))
    return 1 if failed else 0


sys.exit(main())
