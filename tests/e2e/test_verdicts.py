#!/usr/bin/env python3
"""Scans every scenario of tests/gen and compares the verdict with what really happened.

usage: test_verdicts.py ASSAY GENERATOR [NAME...]

The truth files were written from the stories, not from the program's output. Then evidence
is taken away from the clean server, source by source and in three manners: the verdict must
never be comfortable, and the text must name what is missing.
"""
import concurrent.futures
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SCENARIOS = ["clean", "probed", "attempted", "reached", "entered", "headerless", "removed",
             "local", "mailtheft", "guesser"]

# What is taken from the clean server, and by what name the text must mention it.
TAKEN = {
    "httpproxy": "exchange.httpproxy",
    "httpproxy-ecp": "exchange.httpproxy (Ecp)",
    "iis": "iis.w3c",
    "ecp": "exchange.ecp_server",
    "mgmt": "windows:MSExchange Management",
    "security": "windows:Security/4688",
    "files": "files.webroot",
}
LATE = "2021-02-10"
HOLE = "2021-02-01/2021-02-14"

problems = []
checks = 0


def check(name, ok, text):
    global checks
    checks += 1
    if not ok:
        problems.append(f"{name}: {text}")


def scan(assay, folder, *options):
    run = subprocess.run([assay, "scan", str(folder), *options], capture_output=True, text=True,
                         env={**os.environ, "NO_COLOR": "1"})
    return run.returncode, run.stdout, run.stderr


def make(generator, scenario, folder, *knobs):
    subprocess.run([sys.executable, generator, scenario, str(folder), "--seed", "7", *knobs],
                   check=True, stdout=subprocess.DEVNULL)


def campaign_of(document, host, campaign):
    for h in document["hosts"]:
        if h["host"].lower() == host.lower():
            return next((c for c in h["campaigns"] if c["id"] == campaign), None)
    return None


def seconds(a, b):
    from datetime import datetime
    to = lambda t: datetime.fromisoformat(t.split(".")[0].rstrip("Z"))
    return abs((to(a) - to(b)).total_seconds())


def check_intervals(name, got, want):
    for w in want:
        near = [g for g in got if g["state"] == w["state"]
                and seconds(g["from"], w["from"]) <= 3600 and seconds(g["to"], w["to"]) <= 3600]
        check(name, near, f"no exposure interval like {w}; got {got}")


def check_backdoor(name, got, want):
    items = {i["where"].lower(): i for i in got["items"]}
    for w in want.get("items", []):
        item = items.get(w["web_path"].lower())
        check(name, item, f"back door {w['web_path']} not in {sorted(items)}")
        if not item:
            continue
        check(name, item["presence"]["state"] == w["presence"],
              f"presence {item['presence']} want {w['presence']}")
        if w.get("written"):
            check(name, item["written"] and seconds(item["written"], w["written"]) <= 5,
                  f"written {item['written']} want {w['written']}")
        use = w.get("use") or {}
        if use.get("state"):
            check(name, item["use"]["state"] == use["state"], f"use {item['use']} want {use}")
        if use.get("state") == "seen" and use.get("first"):
            check(name, seconds(item["use"]["first"], use["first"]) <= 5,
                  f"first use {item['use']} want {use}")
    check(name, len(items) <= max(1, len(want.get("items", []))) or not want.get("items"),
          f"too many back doors: {sorted(items)}")


def check_commands(name, document, want):
    """Each command once, although several sources tell of it."""
    executions = [f for f in document["facts_all"]
                  if f["axis"] == "action" and f["kind"] == "execution"]
    for w in want.get("commands", []):
        same = [f for f in executions if w["command"].lower() in f["what"].lower()
                and seconds(f["time"], w["time"]) <= 5]
        check(name, len(same) == 1, f"command {w['command']!r} told {len(same)} times")
    check(name, len(executions) == len(want.get("commands", [])),
          f"{len(executions)} executions, want {len(want.get('commands', []))}")


def check_truth(name, status, document, truth):
    got = campaign_of(document, truth["host"], truth["campaign"])
    check(name, got, "the campaign was not judged for " + truth["host"])
    if not got:
        return
    document["facts_all"] = [f for h in document["hosts"] for f in h["facts"]]
    for axis, want in truth["axes"].items():
        check(name, got[axis]["state"] in want["accept"],
              f"{axis} is {got[axis]['state']}, want one of {want['accept']}")
    allowed = truth["exit_status"]
    check(name, status in (allowed if isinstance(allowed, list) else [allowed]),
          f"exit status {status}, want {allowed}")
    entry = truth["axes"]["entry"]
    if entry.get("basis") and got["entry"]["state"] == entry["state"]:
        check(name, got["entry"]["basis"] == entry["basis"], f"basis {got['entry']['basis']}")
    text = json.dumps(got["entry"]["initiators"]).lower()
    for who in entry.get("initiators", []):
        value = who.get("address") or who.get("process") or who.get("image") or ""
        check(name, value.lower().replace("\\", "\\\\") in text,
              f"initiator {who} not in {text[:300]}")
    check_intervals(name, got["exposure"]["intervals"],
                    truth["axes"]["exposure"].get("intervals", []))
    check_backdoor(name, got["backdoor"], truth["axes"]["backdoor"])
    check_commands(name, document, truth["axes"]["action"])
    if truth["axes"]["loss"].get("bytes"):
        check(name, got["loss"]["bytes"]["low"] == truth["axes"]["loss"]["bytes"],
              f"loss {got['loss']} want {truth['axes']['loss']['bytes']}")


def check_references(name, document):
    """Every id that is cited exists, every fact rests on findings, every finding on a file."""
    facts = {f["id"]: f for h in document["hosts"] for f in h["facts"]}
    findings = {f["id"] for f in document["findings"]}
    evidence = {(e["path"], e["sha256"]) for e in document["evidence"]}
    cited = []

    def collect(value):
        if isinstance(value, dict):
            for key, part in value.items():
                if key == "facts" and all(isinstance(x, str) for x in part):
                    cited.extend(part)
                else:
                    collect(part)
        elif isinstance(value, list):
            for part in value:
                collect(part)
    for h in document["hosts"]:
        collect(h["campaigns"])
        cited.extend(h["unattributed"])
    check(name, set(cited) <= set(facts), f"cited but not told: {set(cited) - set(facts)}")
    for f in facts.values():
        check(name, f["findings"] and set(f["findings"]) <= findings, f"fact {f['id']} rests on air")
        check(name, all((w["path"], w["sha256"]) in evidence for w in f["where"]),
              f"fact {f['id']} cites a file that is not in the evidence")


def run_scenario(assay, generator, scenario, work):
    folder = work / scenario
    make(generator, scenario, folder)
    truth = json.loads((work / f"{scenario}.truth.json").read_text())
    # The truth is of one campaign; whether others are covered as well is not its business.
    packs = ("--pack", truth["campaign"], "--pack", "back-doors")
    status, out, err = scan(assay, folder, "--format", "json", *packs)
    check(scenario, err == "", f"talks on standard error: {err[:200]}")
    document = json.loads(out)
    check_truth(scenario, status, document, truth)
    check_references(scenario, document)
    if scenario in ("clean", "entered"):
        for jobs in ("1", "3"):
            again = scan(assay, folder, "--format", "json", "--jobs", jobs, *packs)
            check(scenario, again[1] == out, f"output differs with --jobs {jobs}")
        width = max(len(line) for line in scan(assay, folder)[1].splitlines())
        check(scenario, width <= 80, f"a line of {width} columns")


class Clean:
    """The clean server, made once: what is taken from it is made beside it with links."""

    def __init__(self, generator, work):
        sys.path.insert(0, os.path.dirname(generator))
        import evidence
        import scenario
        self.knobs = evidence.Knobs.parse
        self.evidence = scenario.tell("clean", seed=7, end="2021-03-05").evidence
        self.base = work / "base"
        self.evidence.write(str(self.base), self.knobs([], [], []))

    def without(self, source, manner, folder):
        late = [f"{source}:{LATE}"] if manner == "late" else []
        hole = [f"{source}:{HOLE}"] if manner == "hole" else []
        knobs = self.knobs([source] if manner == "drop" else [], late, hole)
        self.evidence.write_like(str(folder), str(self.base), knobs)


def run_taken(assay, clean, source, manner, work):
    name = f"clean without {source} ({manner})"
    folder = work / f"{source}-{manner}"
    clean.without(source, manner, folder)
    status, out, _ = scan(assay, folder)
    check(name, status == 3, f"exit status {status}, want 3")
    check(name, TAKEN[source] in out, f"the text does not name {TAKEN[source]}")
    check(name, "NO SIGN" not in out, "the headline is comfortable")
    _, out, _ = scan(assay, folder, "--format", "json")
    shutil.rmtree(folder)
    document = json.loads(out)
    states = [c[axis]["state"] for h in document["hosts"] for c in h["campaigns"]
              for axis in ("entry", "backdoor", "action", "loss")
              if any(v["source"].lower().startswith(TAKEN[source].split(" (")[0].lower())
                     and axis in v["needed_for"] for v in c["coverage"])]
    check(name, states and "none_seen" not in states, f"states {states}")


def main():
    assay, generator = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    wanted = sys.argv[3:]
    quick = os.environ.get("ASSAY_TEST_QUICK") == "1"
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        jobs = [(run_scenario, generator, s) for s in SCENARIOS if not wanted or s in wanted]
        if not wanted or "taken" in wanted:
            clean = Clean(generator, work)
            jobs += [(run_taken, clean, s, m) for s in TAKEN for m in ("drop", "late", "hole")
                     if (s != "files" or m == "drop") and (not quick or m == "drop")]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            runs = [pool.submit(job[0], assay, *job[1:], work) for job in jobs]
            for run in runs:
                run.result()
    for p in problems:
        print("FAIL", p)
    print(f"{checks - len(problems)} checks held, {len(problems)} did not")
    sys.exit(bool(problems))


main()
