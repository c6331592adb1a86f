#!/usr/bin/env python3
"""SharePoint, SolarWinds Orion and any web server: small made servers (tests/gen/attack_web.py), each
judged as far as its story went, and never clean where a needed source is missing.

usage: test_packs_web.py ASSAY GENERATORS
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

assay = os.path.abspath(sys.argv[1])
sys.path.insert(0, os.path.abspath(sys.argv[2]))
import attack_web as web  # noqa: E402  (the folder is put on the path first)

problems = []
checks = 0


def check(name, ok, text):
    global checks
    checks += 1
    if not ok:
        problems.append(f"{name}: {text}")


def judged(work, make, *args, **more):
    root = work / f"s{checks}-{len(os.listdir(work))}"
    make(root, *args, **more)
    run = subprocess.run([assay, "scan", str(root), "--format", "json"], capture_output=True, text=True)
    if run.returncode == 2:
        sys.exit(run.stderr)
    document = json.loads(run.stdout)
    text = subprocess.run([assay, "scan", str(root)], capture_output=True, text=True,
                          env={**os.environ, "NO_COLOR": "1"}).stdout
    for line in text.splitlines():
        check(make.__name__, len(line) <= 80, f"a line of {len(line)} letters: {line}")
    return run.returncode, document, {c["id"]: c for h in document["hosts"] for c in h["campaigns"]}


def states(name, campaign, **want):
    check(name, campaign, "it was not judged")
    for axis, allowed in want.items():
        got = campaign[axis]["state"] if campaign else None
        check(name, got in allowed.split("|"), f"{axis} is {got}, want {allowed}; "
              f"{campaign and campaign[axis].get('reason')}")


def sharepoint(work):
    id_ = "sharepoint-toolshell"
    status, document, c = judged(work, web.sharepoint, "entered")
    states("SharePoint entered", c.get(id_), exposure="exposed", entry="exploited", backdoor="present", action="seen")
    check("SharePoint entered", status == 1, f"status {status}")
    check("SharePoint entered", c[id_]["entry"]["basis"] == "observed", c[id_]["entry"]["basis"])
    check("SharePoint entered", web.INTRUDER in json.dumps(c[id_]["entry"]["initiators"]), "who it was")
    check("SharePoint entered", set(c) == {id_}, f"one fact, one heading: {sorted(c)}")
    check("SharePoint entered", "credentials" in c[id_]["action"]["kinds"], "machine keys")
    items = c[id_]["backdoor"]["items"]
    check("SharePoint entered", len(items) == 1 and items[0]["use"]["state"] == "seen", f"items {items}")
    check("SharePoint entered", len(c[id_]["chain"]) >= 2, f"chain {c[id_]['chain']}")

    fixed = (16, 0, 10417, 20037)
    status, _, c = judged(work, web.sharepoint, "attempted", build=fixed)
    states("SharePoint fixed", c.get(id_), exposure="fixed", entry="attempted", backdoor="none_seen", action="none_seen")
    check("SharePoint fixed", status in (0, 3), f"status {status}")
    july = (16, 0, 10417, 20027)
    states("SharePoint of July 8", judged(work, web.sharepoint, "clean", build=july)[2].get(id_), exposure="exposed")
    later = (16, 0, 18526, 20518)
    states("SharePoint SE of August", judged(work, web.sharepoint, "clean", build=later)[2].get(id_), exposure="fixed")
    states("SharePoint probed", judged(work, web.sharepoint, "probed", build=fixed)[2].get(id_), entry="probed", backdoor="none_seen")
    status, _, c = judged(work, web.sharepoint, "clean", build=fixed)
    states("SharePoint clean", c.get(id_), exposure="fixed", entry="none_seen", backdoor="none_seen", action="none_seen", loss="none_seen")
    check("SharePoint clean", status == 0, f"status {status}")
    states("SharePoint without IIS", judged(work, web.sharepoint, "clean", without=("iis",))[2].get(id_),
           entry="not_assessable", backdoor="none_seen_partial|not_assessable", loss="not_assessable")
    states("SharePoint without Sysmon", judged(work, web.sharepoint, "clean", without=("sysmon",))[2].get(id_), action="not_assessable")


def orion(work):
    burst, nova = "solarwinds-sunburst", "solarwinds-supernova"
    _, _, c = judged(work, web.orion, "entered")
    states("Orion entered", c.get(burst), exposure="exposed", entry="exploited", action="seen")
    states("Orion entered", c.get(nova), entry="reached|exploited", backdoor="written|present", action="seen")
    check("Orion entered", web.INTRUDER in json.dumps(c[nova]["entry"]["initiators"]), "who it was")
    _, _, c = judged(work, web.orion, "beacon")
    states("Orion beacon", c.get(burst), exposure="exposed", entry="reached", action="none_seen")
    states("Orion beacon", c.get(nova), entry="none_seen", backdoor="none_seen")
    status, _, c = judged(work, web.orion, "attempted", version=(2020, 2, 15300, 12901))
    states("Orion attempted", c.get(nova), exposure="fixed", entry="attempted", backdoor="none_seen")
    states("Orion attempted", c.get(burst), exposure="fixed", entry="none_seen")
    check("Orion attempted", status in (0, 3), f"status {status}")
    states("Orion of 2019.2", judged(work, web.orion, "clean", version=(2019, 2, 5100, 7000))[2].get(burst), exposure="not_affected")
    states("Orion without Sysmon", judged(work, web.orion, "clean", without=("sysmon",))[2].get(burst),
           entry="not_assessable", action="not_assessable")


def apache(work):
    id_ = "web-server-intrusion"
    status, document, c = judged(work, web.apache, "entered")
    states("Apache entered", c.get(id_), exposure="not_assessable", entry="exploited", backdoor="present")
    check("Apache entered", status == 1, f"status {status}")
    check("Apache entered", set(c) == {id_}, f"one heading: {sorted(c)}")
    check("Apache entered", c[id_]["exposure"]["reason"], "why exposure is not assessed")
    items = c[id_]["backdoor"]["items"]
    check("Apache entered", len(items) == 1 and items[0]["use"]["state"] == "seen" and
          items[0]["use"]["first"].startswith("2024-05-08T01:00:13"), f"items {items}")
    status, _, c = judged(work, web.apache, "attempted")
    states("Apache attempted", c.get(id_), entry="attempted", backdoor="none_seen", loss="none_seen")
    check("Apache attempted", status in (0, 3), f"status {status}")
    check("Apache attempted", set(c) == {id_}, f"what was tried is said once: {sorted(c)}")
    states("Apache probed", judged(work, web.apache, "probed")[2].get(id_), entry="probed")
    states("Apache clean", judged(work, web.apache, "clean")[2].get(id_), entry="none_seen", backdoor="none_seen", loss="none_seen",
           action="not_assessable")
    states("Apache without its log", judged(work, web.apache, "clean", without=("log",))[2].get(id_),
           entry="not_assessable", backdoor="not_assessable|none_seen_partial", loss="not_assessable")
    states("Apache without its folder", judged(work, web.apache, "clean", without=("files",))[2].get(id_),
           backdoor="not_assessable|none_seen_partial")


with tempfile.TemporaryDirectory(prefix="assay-test-") as name:
    for part in (sharepoint, orion, apache):
        part(pathlib.Path(name))
for p in problems:
    print(p)
print(f"{checks} checks, {len(problems)} failed")
sys.exit(1 if problems else 0)
