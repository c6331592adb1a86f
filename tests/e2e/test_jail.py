#!/usr/bin/env python3
"""A worker that was taken over can do nothing but answer, and the scan goes on without it. On
a kernel that lacks a part of the jail the program says so, and --require-jail refuses.

usage: test_jail.py ASSAY TAKEN_OVER_LIBRARY WITHOUT_PROGRAM
"""
import gzip
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

assay, library, without = map(os.path.abspath, sys.argv[1:4])
SKIP = 77
BROKE_OUT = 77  # status of a process in which an attempt worked
ROW = ('{"Channel":"Security","EventID":4624,"SourceName":"x","Hostname":"H","EventRecordID":%d,'
       '"@timestamp":"2021-03-01T10:00:00.000Z"}\n')
RULE = ("title: x\nid: 00000000-0000-0000-0000-0000000000aa\nlogsource: {product: windows}\n"
        "detection: {s: {EventID: 4624}, condition: s}\nlevel: low\n")
problems = []
checks = 0


def check(name, ok, text=""):
    global checks
    checks += 1
    if not ok:
        problems.append(f"{name}: {text}")


def run(*args, **env):
    done = subprocess.run([os.fspath(a) for a in args], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env={**os.environ, **env}, check=False)
    return done.returncode, done.stdout, done.stderr.decode("utf-8", "replace")


def names():
    """What jail_attempts.h tries, in its order."""
    text = (pathlib.Path(__file__).parent.parent / "unit/jail_attempts.h").read_text()
    return re.findall(r'\{"([^"]+)", try_', text)


def taken_over(folder, spoil, names_of, packed="taken.jsonl.gz"):
    """packed: what is met by a worker, or by the porter that reads an archive."""
    inside = "taken.jsonl" if packed.endswith(".zip") else packed
    lost = "the rest of it was not read: " if packed.endswith(".zip") else ""
    for number, name in enumerate(names_of):
        env = {"LD_PRELOAD": library, "ASSAY_TEST_ATTEMPT": str(number),
               "ASSAY_TEST_FOLDER": str(spoil)}
        outside, _, _ = run(assay, "scan", folder, **env, ASSAY_TEST_PARENT="1")
        ran_program = name == "run a program" and outside == 0
        if outside != BROKE_OUT and not ran_program:
            print(f"skipped: {name}: does not work here even without a jail")
            continue
        status, out, err = run(assay, "scan", folder, "--format", "json", "--jobs", "2", **env)
        check(name, status == 3 and err == "", f"status {status}: {err}")
        document = json.loads(out or b'{"gaps":[],"evidence":[]}')
        events = {pathlib.PurePath(e["path"]).name: e["events"] for e in document["evidence"]}
        gaps = {pathlib.PurePath(g["path"]).name: g["why"] for g in document["gaps"]}
        check(name, events.get("good.jsonl") == 500, f"the rest was not read: {events}")
        check(name, set(gaps) <= {packed}, gaps)
        why = gaps.get(packed)
        died = why in (lost + "the reader was stopped: it tried what its jail forbids",
                       lost + "the reader stopped (Segmentation fault)")
        refused = why is None and events.get(inside) == 500
        check(name, died or refused, f"{why}, {events}")
        check(name, (spoil / "victim").read_bytes() == b"x", "a file was changed")
        check(name, sorted(p.name for p in spoil.iterdir()) == ["victim", "victim2"],
              list(spoil.iterdir()))


def rules_in_a_zip(work, spoil, names_of):
    """The process that reads it is in the jail too."""
    with zipfile.ZipFile(work / "rules.zip", "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("a.yml", RULE)
        z.writestr("\u00fcber/\u0436.yml", RULE.replace("aa\n", "ab\n"))
    status, out, err = run(assay, "rules", "list", "--rules", work / "rules.zip", "--format",
                           "csv")
    rules = [row for row in out.splitlines() if b"00000000-0000-0000" in row]
    check("zip", status == 0 and len(rules) == 2, f"{rules} {err}")
    number = names_of.index("read a file")
    env = {"LD_PRELOAD": library, "ASSAY_TEST_FOLDER": str(spoil)}
    status, _, err = run(assay, "rules", "list", "--rules", work / "rules.zip", **env,
                         ASSAY_TEST_ATTEMPT=str(number))
    check("zip", status == 0, f"an attempt that is refused: {status} {err}")
    number = names_of.index("make a socket")
    status, _, err = run(assay, "rules", "list", "--rules", work / "rules.zip", **env,
                         ASSAY_TEST_ATTEMPT=str(number))
    check("zip", status == 2 and "what its jail forbids" in err, f"{status} {err}")


def lacking(folder):
    """What is missing is told in one line, in the document, and by `version`."""
    for lack, missing, text in (("landlock", ["paths"], "files (Landlock)"),
                                ("seccomp", ["calls"], "system calls (seccomp)"),
                                ("both", ["calls", "paths"],
                                 "system calls (seccomp), files (Landlock)")):
        status, out, err = run(without, lack, assay, "scan", folder, "--format", "json")
        check(lack, status == 3, f"status {status}: {err}")
        check(lack, err.count("\n") == 1 and f"this system lacks: {text}\n" in err, err)
        jail = json.loads(out)["tool"]["jail"]
        check(lack, jail == {"complete": False, "missing": missing}, jail)
        status, out, err = run(without, lack, assay, "version")
        check(lack, status == 0 and f"jail: without {text}\n".encode() in out, out)
        for command in (["scan", folder], ["search", folder, "a"], ["rules", "coverage", folder]):
            status, out, err = run(without, lack, assay, *command, "--require-jail")
            check(lack, status == 2 and out == b"" and text in err, f"{command} {status} {err}")


def main():
    status, version, _ = run(assay, "version")
    if b"sanitizers" in version:
        print("skipped: a build with sanitizers has no whole jail, and takes no library before it")
        return SKIP
    if b"jail: whole\n" not in version:
        print(f"skipped: this system has no whole jail: {version.decode().splitlines()[-1]}")
        return SKIP
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        folder, spoil = work / "evidence", work / "spoil"
        folder.mkdir()
        spoil.mkdir()
        rows = "".join(ROW % (i + 1) for i in range(500))
        (folder / "good.jsonl").write_text(rows)
        (folder / "taken.jsonl.gz").write_bytes(gzip.compress(rows.encode()))
        names_of = names()
        status, out, err = run(assay, "scan", "--require-jail", folder, "--format", "json")
        check("whole", status == 3 and err == "", f"{status} {err}")
        check("whole", json.loads(out)["tool"]["jail"] == {"complete": True, "missing": []}, out)
        check("attempts", len(names_of) > 40, len(names_of))
        taken_over(folder, spoil, names_of)
        (folder / "taken.jsonl.gz").unlink()
        with zipfile.ZipFile(folder / "taken.zip", "w", zipfile.ZIP_DEFLATED) as z:
            z.writestr("taken.jsonl", rows)
        taken_over(folder, spoil, names_of, "taken.zip")
        rules_in_a_zip(work, spoil, names_of)
        lacking(folder)
    for p in problems:
        print("FAIL", p)
    print(f"{checks - len(problems)} checks held, {len(problems)} did not")
    return 1 if problems else 0


sys.exit(main())
