#!/usr/bin/env python3
"""Holds the program's JSON to its schema: test_schema.py PROGRAM

Runs it over demonstration evidence and over oddities, and checks that each document is
valid, that every id named in it is there, that the number of workers changes nothing, and
that a case file written twice is the same. Exit status 77 (skipped) without jsonschema."""
import hashlib
import json
import sqlite3
import pathlib
import subprocess
import sys
import tempfile

try:
    import jsonschema
except ImportError:
    print("skipped: the Python package jsonschema is not installed")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parent.parent
SCHEMA = json.loads((ROOT / "docs/schema/verdict-1.json").read_text(encoding="utf-8"))
SHORT = ["--start", "2021-02-24", "--end", "2021-03-12", "--probe-every", "21600"]
SCENARIOS = {
    "entered": [],
    "probed": ["--drop", "iis"],
    "local": [],
    "mailtheft": ["--start", "2021-01-03", "--end", "2021-01-14"],
    "clean": ["--late", "httpproxy-ecp:2021-03-01"],
}

failed = []


def check(good, what):
    """Notes a failure and goes on."""
    if not good:
        failed.append(what)
        print("FAILED: " + what)


def scan(program, folder, *options):
    """The document on what lies in a folder, as text."""
    run = subprocess.run([program, "scan", str(folder), "--format", "json", *options],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    check(run.returncode in (0, 1, 3),
          "%s: exit status %d: %s" % (folder.name, run.returncode, run.stderr.decode()))
    return run.stdout.decode("utf-8"), run.returncode


def named_facts(value):
    """Every id in a member called "facts" or in a chain."""
    if isinstance(value, dict):
        for key, below in value.items():
            if key == "facts":
                yield from below
            elif key == "chain":
                for link in below:
                    yield from (link["from"], link["to"])
            else:
                yield from named_facts(below)
    elif isinstance(value, list):
        for below in value:
            yield from named_facts(below)


def check_ids(name, document):
    """Whatever is named is there, once."""
    findings = [f["id"] for f in document["findings"]]
    check(len(findings) == len(set(findings)), name + ": an id of a finding twice")
    check(len(findings) == document["stats"]["findings"], name + ": number of findings")
    advice = {(a["pack"], a["id"]) for a in document["advice"]}
    for host in document["hosts"]:
        facts = {f["id"] for f in host["facts"]}
        check(len(facts) == len(host["facts"]), name + ": an id of a fact twice")
        for campaign in host["campaigns"]:
            check(set(named_facts(campaign)) <= facts, name + ": a fact that is not there")
            check({(campaign["id"], a) for a in campaign["advice"]} <= advice,
                  name + ": advice that is not there")
        check(set(host["unattributed"]) ==
              {f["id"] for f in host["facts"] if f["pack"] is None},
              name + ": unattributed facts")
        for fact in host["facts"]:
            check(set(fact["findings"]) <= set(findings), name + ": a finding is not there")
            check(len(fact["findings"]) == len(fact["where"]), name + ": places of a fact")


def check_folder(program, folder):
    """One folder of evidence."""
    text, status = scan(program, folder)
    document = json.loads(text)
    validator = jsonschema.Draft202012Validator(SCHEMA)
    for error in list(validator.iter_errors(document))[:5]:
        check(False, "%s: /%s: %s" % (folder.name, "/".join(map(str, error.path)),
                                      error.message[:300]))
    check(document["exit_status"] == status, folder.name + ": exit status")
    check_ids(folder.name, document)
    check(scan(program, folder, "--jobs", "1")[0] == text,
          folder.name + ": one worker gives another document")


def held(case):
    """Digest of what a case holds, its log of scans apart."""
    tables = sqlite3.connect("file:%s?mode=ro" % case, uri=True)
    lines = [line for line in tables.iterdump()
             if not any(name in line[:40] for name in (' "audit"', ' "scan"', "sqlite_sequence"))]
    tables.close()
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def check_case(program, folder, case):
    """A case: writing twice, and every id explained."""
    text, _ = scan(program, folder, "-o", str(case))
    before = held(case)
    scan(program, folder, "-o", str(case))
    check(held(case) == before, "the same scan twice")
    document = json.loads(text)
    ids = [f["id"] for f in document["findings"][:20]]
    ids += [f["id"] for host in document["hosts"] for f in host["facts"][:20]]
    check(ids, "no finding to explain")
    for wanted in ids:
        run = subprocess.run([program, "explain", str(case), wanted, "--format", "json"],
                             stdout=subprocess.PIPE, check=False)
        check(run.returncode == 0 and json.loads(run.stdout)["id"] == wanted,
              "explain " + wanted)


def check_tuned(program, folder, work):
    """Findings of a rule of one's own, put aside or with another level."""
    rule = work / "rule.yml"
    rule.write_text("title: Any request\nid: 6f3e2987-db24-4c78-a860-b4f4095a7095\nlevel: high\n"
                    "logsource: {category: webserver}\n"
                    "detection: {s: {cs-method: [GET, POST]}, condition: s}\n", encoding="utf-8")
    tune = work / "tune.yml"
    for effect in ("suppress: true", "level: low"):
        tune.write_text("- {rule: any request, reason: everyday life, %s}\n" % effect,
                        encoding="utf-8")
        text, _ = scan(program, folder, "--rules", str(rule), "--tune", str(tune))
        document = json.loads(text)
        jsonschema.validate(document, SCHEMA)
        tuned = [f for f in document["findings"] if f["tuned"]]
        put_aside = sum(s["count"] for s in document["suppressed"])
        check(put_aside == document["stats"]["suppressed"], effect + ": number suppressed")
        check((put_aside > 0) == (effect[0] == "s") and bool(tuned) == (effect[0] == "l"),
              effect + ": the effect")
        check(all(f["rule"]["level"] == "low" and f["tuned"]["from"] == "high" for f in tuned),
              effect + ": the level")


def oddities(folder):
    """Evidence with nothing in it, and with names that a document must survive."""
    folder.mkdir()
    (folder / "empty.evtx").write_bytes(b"")
    (folder / 'q"uote\\ \x1b[31m \u202e.log').write_bytes(b"\0\xff\n")
    (folder / b"bad\xff\xfe.txt".decode("utf-8", "surrogateescape")).write_bytes(b"text\n")


def main():
    """Exit status 0: all is well."""
    program = str(pathlib.Path(sys.argv[1]).resolve())
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    with tempfile.TemporaryDirectory() as where:
        top = pathlib.Path(where)
        oddities(top / "odd")
        check_folder(program, top / "odd")
        for name, knobs in SCENARIOS.items():
            subprocess.run([sys.executable, str(ROOT / "tests/gen/scenario.py"), name,
                            str(top / name), *SHORT, *knobs], check=True,
                           stdout=subprocess.DEVNULL)
            check_folder(program, top / name)
        check_case(program, top / "entered", top / "entered.case")
        check_tuned(program, top / "entered", top)
    sys.exit(1 if failed else 0)


main()
