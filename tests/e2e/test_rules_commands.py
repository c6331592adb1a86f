#!/usr/bin/env python3
"""The parts of `assay rules`, and what chooses and tunes rules for a scan, from outside: what
is printed, how wide, and the exit statuses.

test_rules_commands.py PATH/TO/assay"""
import csv
import io
import json
import os
import pathlib
import pty
import subprocess
import sys
import tempfile
import zipfile

ASSAY = os.path.abspath(sys.argv[1])
PACKS = {p.name for p in (pathlib.Path(__file__).parents[2] / "packs").iterdir()}
failed = 0

WHOAMI = """\
title: Somebody asks who he is
id: 6f3e2987-db24-4c78-a860-b4f4095a7095
status: test
level: high
date: 2026-01-31
tags: [attack.t1033, attack.discovery]
logsource: {product: windows, category: process_creation}
detection:
  img: {Image|endswith: '\\whoami.exe'}
  cli: {CommandLine|contains: '/all'}
  condition: all of them
tests:
  match:
    fields: {Image: 'C:\\x\\whoami.exe', CommandLine: whoami /all}
  near_miss:
    fields: {Image: 'C:\\x\\whoami.exe', CommandLine: whoami}
"""
CMD = """\
title: A command line
id: 6f3e2987-db24-4c78-a860-b4f4095a7096
status: experimental
level: low
date: 2025-12-01
modified: 2026-02-03
tags: [attack.t1059.003, attack.execution]
logsource: {product: windows, category: process_creation}
detection:
  sel: {Image|endswith: '\\cmd.exe'}
  condition: sel
"""
BAD = """\
title: A slip
id: 6f3e2987-db24-4c78-a860-b4f4095a7096
status: test
level: high
logsource: {product: windows, category: process_creation}
detection:
  sel:
    Image|endswiht: '\\cmd.exe'
  condition: sel or sell
"""


def check(what, got, want=True):
    global failed
    if got != want:
        failed += 1
        print(f"{what}: {got!r}, want {want!r}")


def run(*args, **env):
    done = subprocess.run([ASSAY, *map(str, args)], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env={**os.environ, **env})
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def on_terminal(*args):
    """What a person sees."""
    ours, theirs = pty.openpty()
    with subprocess.Popen([ASSAY, *map(str, args)], stdout=theirs, stderr=theirs,
                          env={**os.environ, "NO_COLOR": "1"}):
        os.close(theirs)
        text = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:
                break
            if not part:
                break
            text += part
    os.close(ours)
    return text.decode().replace("\r\n", "\n")


def narrow(name, text):
    check(f"{name}: 80 columns", [line for line in text.splitlines() if len(line) > 80], [])


def event(number, host, image, command=""):
    return json.dumps({"Event": {
        "System": {
            "Provider": {"#attributes": {"Name": "Microsoft-Windows-Sysmon"}},
            "EventID": 1, "EventRecordID": number, "Computer": host,
            "Channel": "Microsoft-Windows-Sysmon/Operational",
            "TimeCreated": {"#attributes": {"SystemTime": f"2026-01-0{number}T10:00:00Z"}}},
        "EventData": {"Image": image, "CommandLine": command}}})


def write_rules(folder):
    folder.mkdir(parents=True)
    (folder / "whoami.yml").write_text(WHOAMI)
    (folder / "deep").mkdir()
    (folder / "deep" / "cmd.yaml").write_text(CMD)
    (folder / "info.yml").write_text("author: somebody\nfiles: [a]\n")
    (folder / "LICENSE").write_text("do what you like\n")


def write_zip(path, folder, *more):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                z.write(file, file.relative_to(folder))
        for name, text in more:
            z.writestr(name, text)


def ours(*args):
    """The rules loaded that are of no pack: (title, status, logsource, tags)."""
    status, out, err = run("rules", "list", *args)
    check(f"rules list {args}", (status, err), (0, ""))
    rows = [line.split("\t") for line in out.splitlines()]
    return [(r[3], *r[5:8]) for r in rows
            if r[0] == "loaded" and r[4].split("/")[0] not in PACKS]


def test_list(work, rules):
    who = ("Somebody asks who he is", "test", "windows/process_creation",
           "attack.t1033, attack.discovery")
    cmd = ("A command line", "experimental", "windows/process_creation",
           "attack.t1059.003, attack.execution")
    check("list", ours("-r", rules), [cmd, who])
    for options, want in [
            (["--min-level", "high"], [who]), (["--min-level", "low"], [cmd, who]),
            (["--status", "test,stable"], [who]), (["--status", "!test"], [cmd]),
            (["--tag", "attack.t1059"], [cmd]), (["--tag", "!attack.t1059"], [who]),
            (["--logsource", "windows/process_creation"], [cmd, who]),
            (["--logsource", "linux"], []), (["--profile", "core"], [who]),
            (["--profile", "core", "--min-level", "low"], [who]),
            (["--profile", "all"], [cmd, who])]:
        check(f"list {options}", ours("-r", rules, *options), want)
    told = json.loads(run("rules", "list", "-r", rules, "--min-level", "high", "-f", "json")[1])
    check("left out", (told["left_out"], told["other_documents"]), (1, 1))
    packs = [r for r in told["rules"] if r["pack"]]
    check("packs stay", len(packs) > 50)
    rows = list(csv.reader(io.StringIO(run("rules", "list", "-r", rules, "-f", "csv")[1])))
    check("csv", len({len(r) for r in rows}), 1)
    text = on_terminal("rules", "list", "-r", rules)
    narrow("rules list", text)
    check("list for people", "LEVEL" in text and "documents that are no rules: 1" in text)
    for options in (["--min-level", "hgih"], ["--status", "good"], ["--tag", ""],
                    ["--format", "xml"], ["-r", work / "none"], ["--profile", "mine"]):
        check(f"use {options}", run("rules", "list", *options)[0], 2)
    check("no part", run("rules", "lits")[0], 2)
    narrow("rules --help", run("rules", "--help")[1])
    for part in ("list", "check", "test", "import"):
        status, out, _ = run("rules", part, "--help")
        check(f"help {part}", status, 0)
        narrow(f"help {part}", out)
    narrow("help scan", run("scan", "--help")[1])


def test_large(work, rules, log):
    """A file that is too large costs itself."""
    large = work / "large"
    write_rules(large)
    (large / "big.yml").write_text(WHOAMI + "#" * (5 << 20))
    status, out, _ = run("scan", log, "-r", large, "-f", "json")
    check("a large rule file", (status, len(json.loads(out)["findings"])), (1, 5))
    out = run("rules", "list", "-r", large)[1]
    check("a large rule file is told", [line for line in out.splitlines()
                                        if line.startswith("refused") and "bytes" in line] != [])


def test_check(work, rules):
    good = run("rules", "check", rules / "whoami.yml")
    check("check", good, (0, "1 rule in 1 file: 0 errors, 0 warnings, 0 notes\n", ""))
    bad = work / "bad.yml"
    bad.write_text(BAD)
    status, out, err = run("rules", "check", rules, bad)
    check("check bad", (status, err), (1, ""))
    check("check lines", out.splitlines(), [
        f"{bad}:2:5: warning: the id is that of {rules}/deep/cmd.yaml:2 too [duplicate-id]",
        f"{bad}:8:11: error: unknown modifier 'endswiht' (did you mean 'endswith'?) [refused]",
        f"{bad}:9:21: error: condition: unknown selection at 'sell' (did you mean 'sel'?) "
        "[refused]",
        "3 rules in 4 files: 2 errors, 1 warning, 0 notes",
        "1 document that is no rule was left alone"])
    slip = work / "slip.yml"
    slip.write_text(WHOAMI.replace("status: test", "status: tets"))
    check("warnings", run("rules", "check", slip)[0], 0)
    check("strict", run("rules", "check", "--strict", slip)[0], 1)
    told = json.loads(run("rules", "check", "-f", "json", bad)[1])
    check("check json", [(p["line"], p["column"], p["severity"]) for p in told["problems"]],
          [(8, 11, "error"), (9, 21, "error")])
    check("check nothing", run("rules", "check")[0], 2)
    check("check no path", run("rules", "check", work / "none")[0], 2)


def test_test(work, rules):
    status, out, _ = run("rules", "test", rules)
    check("test", (status, out.splitlines()), (0, [
        f"{rules}/whoami.yml: passed: 2 tests: Somebody asks who he is",
        "tested rules: 1, passed: 1, failed: 0 (tests: 2, recordings among them: 0)",
        "rules without tests: 1"]))
    wrong = work / "wrong.yml"
    wrong.write_text(WHOAMI.replace("whoami /all}", "whoami}"))
    status, out, _ = run("rules", "test", "--failed", wrong)
    check("test fails", (status, out.splitlines()[:2]), (1, [
        f"{wrong}:13:3: failed: match: the rule does not match its event",
        "    img yes, cli no; condition: all of them"]))
    data = work / "data" / "one"
    data.mkdir(parents=True)
    (data / "info.yml").write_text(
        "rule_metadata:\n  - id: 6f3e2987-db24-4c78-a860-b4f4095a7096\n"
        "regression_tests_info:\n  - name: Positive\n    type: json\n    match_count: 2\n"
        "    path: somewhere/else/log.json\n")
    log = data / "log.json"
    log.write_text("\n".join(event(i, "a", "C:\\cmd.exe") for i in (1, 2)) + "\n")
    check("recordings", run("rules", "test", "-d", work / "data", rules)[0], 0)
    log.write_text(event(1, "a", "C:\\cmd.exe") + "\n")
    status, out, _ = run("rules", "test", "-d", work / "data", rules)
    check("recordings fail", (status, "matches 1 of the 2 events" in out), (1, True))
    refused = work / "refused.yml"
    refused.write_text(BAD)
    check("test refused", run("rules", "test", refused)[0], 1)
    check("test no path", run("rules", "test", work / "none")[0], 2)


def test_import(work, rules, log):
    home = {"XDG_DATA_HOME": str(work / "home")}
    packed = work / "sigma_core.zip"
    write_zip(packed, rules, ("bad.yml", BAD), ("../escape.yml", CMD), ("rules/", ""))
    status, out, err = run("rules", "import", packed, **home)
    place = work / "home" / "assay" / "rules" / "sigma_core"
    check("import", (status, err), (0, ""))
    check("import lines", out.splitlines()[-3:], [
        "imported rules: 2, in files: 2, the newest of 2026-02-03; refused: 2",
        f"to:  {place}", "use: assay scan --rules sigma_core EVIDENCE"])
    check("imported", sorted(str(p.relative_to(place)) for p in place.rglob("*")
                             if p.is_file()),
          ["LICENSE", "assay-import.json", "deep/cmd.yaml", "whoami.yml"])
    index = json.loads((place / "assay-import.json").read_text())
    check("index", ([r["id"][-1] for r in index["rules"]],
                    [(r["path"], r["reason"][:14]) for r in index["refused"]]),
          (["6", "5"], [("../escape.yml", "its name leads"), ("bad.yml", "sel: 'Image|en")]))
    check("nothing outside", (work / "home" / "assay" / "rules" / "escape.yml").exists(), False)
    check("import again", run("rules", "import", packed, **home)[0], 2)
    before = (place / "assay-import.json").read_bytes()
    check("import --force", run("rules", "import", "--force", packed, **home)[0], 0)
    check("the same index", (place / "assay-import.json").read_bytes(), before)
    check("to a folder", run("rules", "import", rules, "-o", work / "set")[0], 0)
    check("by folder", ours("-r", work / "set"), ours("-r", rules))
    check("nothing to import", run("rules", "import", work / "data", **home)[0], 2)
    check("a name", run("rules", "import", packed, "--name", "../x", **home)[0], 2)
    for given in ("sigma_core", packed):
        status, out, _ = run("scan", log, "-f", "json", "-r", given, **home)
        check(f"scan by {given}", (status, len(json.loads(out)["findings"])), (1, 5))
    packed.write_bytes(packed.read_bytes()[:len(packed.read_bytes()) // 3])
    check("half a ZIP", run("scan", log, "-r", packed)[0], 2)


TUNE = """\
- rule: A COMMAND LINE
  suppress: true
  host: srv1
  reason: its scheduler
- rule: [6f3e2987-db24-4c78-a860-b4f4095a7095, nothing]
  level: low
  until: 2026-01-05
  reason: the monitoring of {}
"""


def test_tune(work, rules, log):
    tune = work / "tune.yml"
    tune.write_text(TUNE.format("January"))
    plain = run("scan", log, "-r", rules, "-f", "json")
    status, out, err = run("scan", log, "-r", rules, "-f", "json", "-t", tune)
    check("tuned status", (plain[0], status), (1, 1))
    check("unknown rule", err, f'assay: {tune}:5: no rule in use has the id or title "nothing"\n')
    told = json.loads(out)
    check("suppressed", (told["stats"]["suppressed"], [
        (s["rule"]["title"], s["count"], s["reason"]) for s in told["suppressed"]]),
          (2, [("A command line", 2, "its scheduler")]))
    check("findings", [(f["rule"]["title"][:9], f["rule"]["level"], f["tuned"])
                       for f in told["findings"]],
          [("Somebody ", "low", {"from": "high", "reason": "the monitoring of January"}),
           ("A command", "low", None), ("Somebody ", "high", None)])
    tune.write_text(TUNE.format("ever").replace("2026-01-05", "2027-01-01"))
    check("relevelled below --level", run("scan", log, "-r", rules, "-t", tune)[0], 3)
    text = run("scan", log, "-r", rules, "-t", tune)[1]
    check("told in text", "SUPPRESSED BY TUNING  findings: 2" in text and
          "(tuned from high: the monitoring of ever)" in " ".join(text.split()))
    narrow("tuned", text)
    for form in ("csv", "jsonl"):
        _, out, err = run("scan", log, "-r", rules, "-t", tune, "-f", form)
        check(f"told with {form}", "2 findings were suppressed" in err and "of ever" in out)
    case = work / "tuned.assay"
    run("scan", log, "-r", rules, "-t", tune, "-o", case)
    check("case", run("explain", case, told["findings"][0]["id"])[1].count("level low"), 1)
    tune.write_text("- {rule: Program started by an Exchange web application, "
                    "suppress: true, reason: x}\n")
    status, _, err = run("scan", log, "-t", tune)
    check("a pack's rule", (status, "the verdict rests on" in err), (2, True))
    for text in ("- {rule: x, suppress: true}\n", "rule: x\n", "- [\n"):
        tune.write_text(text)
        status, _, err = run("scan", log, "-t", tune)
        check(f"tune {text!r}", (status, err.startswith(f"assay: {tune}:")), (2, True))


def test_profile(work, rules, log):
    team = work / "team"
    team.mkdir()
    (team / "tune.yml").write_text(TUNE.format("us"))
    profile = team / "profile.yml"
    profile.write_text(f"about: ours\nrules: [../{rules.name}]\ntune: tune.yml\n"
                       "tags: attack.t1059\nlevel: critical\n")
    status, out, _ = run("scan", log, "--profile", profile, "-f", "json")
    told = json.loads(out)
    check("profile", (status, len(told["findings"]), told["stats"]["suppressed"],
                      told["stats"]["rules_left_out"]), (3, 1, 2, 1))
    status, out, _ = run("scan", log, "--profile", profile, "--tag", "attack.", "-l", "low",
                         "-f", "json")
    told = json.loads(out)
    check("options win", (status, len(told["findings"]), told["stats"]["rules_left_out"]),
          (1, 3, 0))
    profile.write_text("rulse: x\n")
    status, _, err = run("scan", log, "--profile", profile)
    check("a slip in a profile", (status, err), (
        2, f"assay: {profile}:1:1: a profile cannot hold rulse (did you mean 'rules'?)\n"))


PIPELINE = """\
name: ours
priority: 5
transformations:
- {type: field_name_mapping, mapping: {Program: Image}}
- type: rule_failure
  message: not here
  rule_conditions: [{type: rule_attribute, attribute: level, value: high}]
finalizers: [{type: concat}]
"""


def test_pipeline(work, rules, log):
    """A user's rules are rewritten, those of packs are not."""
    renamed = work / "renamed"
    renamed.mkdir()
    for path in ("whoami.yml", "deep/cmd.yaml"):
        (renamed / pathlib.Path(path).name).write_text(
            (rules / path).read_text().replace("Image|", "Program|"))
    pipeline = work / "pipeline.yml"
    pipeline.write_text(PIPELINE)

    def found(folder, *options):
        status, out, err = run("scan", log, "-l", "low", "-f", "json", "-r", folder, *options)
        check(f"scan {options}", err, "")
        return len(json.loads(out)["findings"])

    check("without", (found(rules), found(renamed)), (5, 0))
    check("renamed", found(renamed, "--pipeline", pipeline), 3)
    check("sysmon", found(rules, "--pipeline", "sysmon"), 5)
    check("audit", found(rules, "--pipeline", "windows-audit"), 0)
    check("two", found(renamed, "--pipeline", "sysmon", "--pipeline", pipeline), 3)
    told = json.loads(run("rules", "list", "-r", rules, "--pipeline", pipeline,
                          "-f", "json")[1])
    check("refused", [r["reason"] for r in told["refused"]], ["pipeline: not here"])
    check("packs stay", len([r for r in told["rules"] if r["pack"]]) > 50)
    out = run("rules", "list", "-r", rules, "--pipeline", pipeline)[1]
    check("notice", [line for line in out.splitlines() if line.startswith("notice")
                     and "finalizers forms the text of queries" in line] != [])
    pipeline.write_text("transformations: [{type: field_name_maping}]\n")
    check("a slip", run("scan", log, "-r", rules, "--pipeline", pipeline), (
        2, "", f"assay: {pipeline}: line 1, column 26: unknown transformation "
        "'field_name_maping' (did you mean 'field_name_mapping'?)\n"))
    status, _, err = run("rules", "list", "--pipeline", "sysmo")
    check("no such", (status, "built in: sysmon, windows-audit" in err), (2, True))


def main():
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        rules, log = work / "rules", work / "log.json"
        write_rules(rules)
        log.write_text("\n".join([
            event(1, "srv1.example.com", "C:\\x\\whoami.exe", "whoami /all"),
            event(2, "srv1.example.com", "C:\\x\\cmd.exe"),
            event(3, "srv1.example.com", "C:\\x\\cmd.exe"),
            event(4, "srv2.example.com", "C:\\x\\cmd.exe"),
            event(6, "srv2.example.com", "C:\\x\\whoami.exe", "whoami /all"),
        ]) + "\n")
        test_list(work, rules)
        test_large(work, rules, log)
        test_check(work, rules)
        test_test(work, rules)
        test_import(work, rules, log)
        test_tune(work, rules, log)
        test_profile(work, rules, log)
        test_pipeline(work, rules, log)
    print(f"{failed} failed")
    return failed > 0


sys.exit(main())
