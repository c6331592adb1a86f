#!/usr/bin/env python3
"""A campaign that the program knows nothing of, as a folder of data: judged end to end, and checked.

usage: test_own_pack.py ASSAY GENERATORS PACKS
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
pack = pathlib.Path(sys.argv[3]) / "acme-frob"
import attack_web as web  # noqa: E402  (the folder is put on the path first)

problems = []
checks = 0


def check(name, ok, text):
    global checks
    checks += 1
    if not ok:
        problems.append(f"{name}: {text}")


def run(*args):
    got = subprocess.run([assay, *map(str, args)], capture_output=True, text=True, env={**os.environ, "NO_COLOR": "1"})
    return got.returncode, got.stdout, got.stderr


STORIES = [  # name, arguments of the story, states, exit statuses
    ("exposed", ("clean",), {}, dict(exposure="exposed", entry="none_seen", backdoor="none_seen", action="none_seen"), (0,)),
    ("clean", ("clean",), dict(version="3.1.0.140"), dict(exposure="fixed", entry="none_seen", action="none_seen"), (0,)),
    ("attempted", ("attempted",), dict(version="3.1.0.140"), dict(exposure="fixed", entry="attempted", action="none_seen"), (0, 3)),
    ("exploited", ("entered",), {}, dict(exposure="exposed", entry="exploited", action="seen"), (1,)),
    ("not affected", ("clean",), dict(version="2.9.0.4"), dict(exposure="not_affected"), (0,)),
    ("missing source", ("clean",), dict(without=("iis",)), dict(entry="not_assessable", backdoor="not_assessable"), (3,)),
]

SLIPS = [  # file, what is put in place of what, the place told, a part of what is told
    ("pack.yml", "phases:", "fases:", "pack.yml:22:1:", "unknown key `fases` (do you mean `phases`?)"),
    ("pack.yml", "from: 2031-05-01", "from: 2031-13-01", "pack.yml:23:22:", "is not a date"),
    ("pack.yml", 'fixed: "3.1.0.140"', 'fixed: "3.2.0.140"', "pack.yml:32:7:", "first three numbers"),
    ("pack.yml", "tolerance: 26h, why: \"the request", "tolerance: 26 hours, why: \"the request", "pack.yml:38:47:", "not a duration"),
    ("pack.yml", "{source: iis.w3c, parts: [], tolerance: 26h, why: \"the request", "{source: iis.w3x, parts: [], tolerance: 26h, why: \"the request",
     "pack.yml:38:16:", "no evidence is called"),
    ("pack.yml", "exposure: [exposed]", "exposure: [expose]", "pack.yml:48:23:", "do you mean `exposed`?"),
    ("pack.yml", "claims: [back-doors,", "claims: [back-door,", "pack.yml:5:10:", "no general pack"),
    ("pack.yml", "id: acme-frob", "id: acme-frobs", "pack.yml:4:5:", "the folder's name"),
    ("pack.yml", "title:", "title: [", "pack.yml:", ""),
    ("rules/import_refused.yml", "state: attempted", "state: seen", "import_refused.yml:19:10:", "not one of axis entry"),
    ("rules/import_refused.yml", "  act: import", "  akt: import", "import_refused.yml:22:3:", "unknown key `akt`"),
    ("rules/import_refused.yml", "key: [ClientAddress]", "key: []", "import_", "key fields"),
    ("rules/import_refused.yml", "condition: import", "condition: imports", "import_refused.yml:15:14:", "refused"),
    ("rules/import_refused.yml", "cs-uri-query: ticket=71ac", "cs-uri-query: ticket=0000", "import_refused.yml:30:5:", "matches its near miss"),
]


def stories(work):
    for name, args, more, want, statuses in STORIES:
        root = work / name.replace(" ", "-")
        web.frob(root, *args, **more)
        status, out, err = run("scan", root, "--pack", pack, "--format", "json")
        check(name, status in statuses, f"status {status}, want {statuses} {err}")
        document = json.loads(out)
        got = {c["id"]: c for h in document["hosts"] for c in h["campaigns"]}.get("acme-frob")
        check(name, got, f"not judged: {err}")
        for axis, state in want.items():
            check(name, got and got[axis]["state"] == state,
                  f"{axis} is {got and got[axis]['state']}, want {state}; {got and got[axis].get('reason')}")
        if name == "exploited":
            check(name, web.INTRUDER in json.dumps(got["entry"]["initiators"]), "who it was")
            check(name, got["chain"], "the row and the record are joined")
            fact = got["entry"]["facts"][0]
            status, out, err = run("explain", root, fact, "--pack", pack)
            check(name, status == 0 and "frob" in out.lower(), f"explain: {status} {err}")
    root = work / "exploited"
    _, out, _ = run("scan", root, "--format", "json")
    check("without the pack", "acme-frob" not in out, "it is known without being given")


def commands(work):
    status, out, _ = run("packs", "check", pack)
    check("check", status == 0 and out.startswith("4 rules, 8 tests, 0 failed"), f"{status} {out}")
    status, out, _ = run("packs", "show", pack)
    check("show", status == 0 and "Frobnication" in out and "3.1.0.140" in out, f"{status} {out}")
    status, _, err = run("scan", work, "--pack", work / "nowhere")
    check("no such folder", status == 2 and "pack.yml" in err, f"{status} {err}")
    status, _, err = run("scan", work, "--pack", "acme-frobs")
    check("no such name", status == 2 and "there is no pack" in err, f"{status} {err}")


def slips(work):
    for i, (file, old, new, place, told) in enumerate(SLIPS):
        copy = work / f"slip{i}" / "acme-frob"
        shutil.copytree(pack, copy)
        text = (copy / file).read_text()
        check(f"slip {i}", text.count(old) >= 1, f"{file} has no {old!r}")
        (copy / file).write_text(text.replace(old, new, 1))
        status, out, err = run("packs", "check", copy)
        check(f"slip {i}", status == 2 and place in out and told in out, f"want {place} {told}\ngot {status} {out}{err}")


with tempfile.TemporaryDirectory(prefix="assay-test-") as name:
    for part in (stories, commands, slips):
        part(pathlib.Path(name))
for p in problems:
    print(p)
print(f"{checks} checks, {len(problems)} failed")
sys.exit(1 if problems else 0)
