#!/usr/bin/env python3
"""The campaigns against Exchange besides ProxyLogon: each is told where it happened, as far as it
got, and nowhere else.

usage: test_packs_exchange.py ASSAY GENERATORS [CAMPAIGN...]

A made server of the campaign's time is given a story (tests/gen/attack_*.py, which say what is
true): a scanner that is refused, an attempt that a fixed server refuses, an entry with what
follows. No story may raise the entry of another campaign above `attempted`. A server on which
nothing happened is clean where all is covered, and never clean without a source that is needed.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

assay = os.path.abspath(sys.argv[1])
sys.path.insert(0, os.path.abspath(sys.argv[2]))
import attack_add_in  # noqa: E402  (the folder is put on the path first)
import attack_owassrf  # noqa: E402
import attack_proxynotshell  # noqa: E402
import attack_proxyshell  # noqa: E402
import attack_proxytoken  # noqa: E402
import attack_view_state  # noqa: E402
from campaigns import copy_of, rng_of, server  # noqa: E402
from evidence import Knobs  # noqa: E402
from server import parse_time  # noqa: E402

ENTRY = ["not_assessable", "none_seen_partial", "none_seen", "probed", "attempted", "reached",
         "exploited"]
QUIET = {"entry": "none_seen", "backdoor": "none_seen", "action": "none_seen", "loss": "none_seen"}

# window: the evidence from, to, and the time of the story; builds without and with the fix.
PAGES = {"backdoor": ["files", "iis"], "action": [("security", "sysmon")], "loss": ["iis"]}
CAMPAIGNS = {
    "exchange-proxyshell": {
        "module": attack_proxyshell, "window": ("2021-08-04", "2021-08-08"),
        "at": "2021-08-07T14:11:40", "vulnerable": (15, 1, 2242, 4), "fixed": (15, 1, 2242, 8),
        "entered": {"backdoor": "present", "action": "seen", "loss": "bounds"},
        "needed": dict(PAGES, entry=[("httpproxy", "iis")]),
    },
    "exchange-proxynotshell": {
        "module": attack_proxynotshell, "window": ("2022-07-31", "2022-08-04"),
        "at": "2022-08-03T02:40:10", "vulnerable": (15, 1, 2507, 12), "fixed": (15, 1, 2507, 16),
        "entered": {"action": "seen", "loss": "not_assessable"},
        "needed": dict(PAGES, entry=[("httpproxy", "iis")]),
    },
    "exchange-owassrf": {
        "module": attack_owassrf, "window": ("2022-11-16", "2022-11-20"),
        "at": "2022-11-19T03:02:55", "vulnerable": (15, 1, 2507, 13), "fixed": (15, 1, 2507, 16),
        "entered": {"action": "seen", "loss": "not_assessable"},
        "needed": dict(PAGES, entry=[("httpproxy", "iis")]),
    },
    "exchange-2020-0688": {
        "module": attack_view_state, "window": ("2020-02-24", "2020-02-29"),
        "at": "2020-02-28T05:30:41", "vulnerable": (15, 1, 1847, 5), "fixed": (15, 1, 1847, 7),
        "entered": {"action": "seen", "loss": "not_assessable"},
        "needed": dict(PAGES, entry=[("httpproxy", "iis")]),
    },
    "exchange-2021-42321": {
        "module": attack_add_in, "window": ("2021-10-15", "2021-10-19"),
        "at": "2021-10-18T04:15:22", "vulnerable": (15, 1, 2375, 12), "fixed": (15, 1, 2375, 17),
        "entered": {"action": "seen", "loss": "not_assessable"}, "basis": "inferred",
        "needed": dict(PAGES, entry=["mgmt"]),
    },
    "exchange-proxytoken": {
        "module": attack_proxytoken, "window": ("2021-08-29", "2021-09-02"),
        "at": "2021-09-01T01:09:03", "vulnerable": (15, 1, 2242, 4), "fixed": (15, 1, 2242, 8),
        "entered": {"backdoor": "written", "loss": "bounds"},
        "needed": {"entry": [("httpproxy", "iis")], "backdoor": ["ecp"],
                   "action": [("httpproxy", "iis")]},
    },
}

problems = []
checks = 0


def check(name, ok, text):
    global checks
    checks += 1
    if not ok:
        problems.append(f"{name}: {text}")


def scan(evidence, folder, knobs=None):
    """The campaigns of the one host, by name, and the whole document."""
    evidence.write(str(folder), knobs or Knobs())
    run = subprocess.run([assay, "scan", str(folder), "--format", "json"], capture_output=True,
                         text=True)
    shutil.rmtree(folder)
    if run.returncode > 3 or not run.stdout:
        check(folder.name, False, "no verdict: " + run.stderr[:300])
        return {}, {"hosts": []}
    document = json.loads(run.stdout)
    told = {c["id"]: c for h in document["hosts"] for c in h["campaigns"]}
    return told, document


def states(campaign):
    return {axis: campaign[axis]["state"] for axis in QUIET}


def check_others(name, own, told):
    """A story of one campaign is no entry of another."""
    for other, campaign in told.items():
        state = campaign["entry"]["state"]
        check(name, other in (own, "back-doors") or ENTRY.index(state) <= ENTRY.index("attempted"),
              f"{other} says entry {state}: {campaign['entry']}")


def tell(base, story, what):
    evidence = copy_of(base)
    story(evidence, rng_of(what), parse_time(CAMPAIGNS[what.split()[0]]["at"]))
    return evidence


def check_story(work, name, what, evidence, wanted):
    told, document = scan(evidence, work / what)
    campaign = told.get(name)
    label = f"{name} {what}"
    check(label, campaign, f"not judged; campaigns {sorted(told)}")
    if not campaign:
        return None
    got = dict(states(campaign), exposure=campaign["exposure"]["state"])
    for axis, state in wanted.items():
        allowed = state if isinstance(state, tuple) else (state,)
        check(label, got[axis] in allowed, f"{axis} is {got[axis]}, want {state}; "
              f"{json.dumps(campaign[axis])[:400]}")
    check_others(label, name, told)
    return campaign, document


def check_campaign(work, name, c):
    module = c["module"]
    first, last = c["window"]
    vulnerable = server(first, last, [(first, c["vulnerable"])])
    fixed = server(first, last, [(first, c["fixed"])])
    stories = [("probe", fixed, {"entry": "probed", "exposure": "fixed"}),
               ("attempt", fixed, {"entry": "attempted", "exposure": "fixed"}),
               ("reach", vulnerable, {"entry": "reached", "exposure": "exposed"}),
               ("enter", vulnerable, dict(c["entered"], entry="exploited", exposure="exposed"))]
    for what, base, wanted in stories:
        if not hasattr(module, what):
            continue
        evidence = tell(base, getattr(module, what), f"{name} {what}")
        wanted = dict(QUIET, **wanted)
        found = check_story(work, name, what, evidence, wanted)
        if found and what == "enter":
            check_entered(f"{name} {what}", c, *found)
    check_story(work, name, "clean", copy_of(fixed), dict(QUIET, exposure="fixed"))
    for axis, sources in c["needed"].items():
        for source in sources:
            dropped = source if isinstance(source, tuple) else (source,)
            told, _ = scan(copy_of(fixed), work / "missing", Knobs(drop=dropped))
            state = told[name][axis]["state"]
            check(f"{name} without {dropped}", state in ENTRY[:2], f"{axis} is {state}")


def check_entered(label, c, campaign, document):
    """Who, when, and that the acts hang together."""
    entry = campaign["entry"]
    check(label, entry["basis"] == c.get("basis", "observed"), f"basis {entry['basis']}")
    text = json.dumps(entry["initiators"])
    check(label, c["module"].OUTSIDE.address in text, f"initiators {text[:300]}")
    begun = parse_time(entry["first"].rstrip("Z")) - parse_time(c["at"])
    check(label, abs(begun) <= 5000, f"first {entry['first']}, want {c['at']}")
    check(label, campaign["chain"], "no chain")


def main():
    wanted = sys.argv[3:]
    with tempfile.TemporaryDirectory() as folder:
        for name, c in CAMPAIGNS.items():
            if not wanted or name in wanted:
                check_campaign(pathlib.Path(folder), name, c)
    for p in problems:
        print("FAIL", p)
    print(f"{checks - len(problems)} checks held, {len(problems)} did not")
    sys.exit(bool(problems))


main()
