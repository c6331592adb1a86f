#!/usr/bin/env python3
"""A case is valid whatever happens while it is written, and a scan that goes on gives the
verdict of one that was left alone.

usage: test_reliability.py ASSAY GENERATOR FAULTS [KILLS]

KILLS  how many times a scan is killed at a random moment (default 10); from 100 on, each call
       that can fail is let fail, not some of them only, and the figures of docs/reliability.md
       are printed
"""
import json
import os
import pathlib
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import zipfile

ASSAY, GENERATOR, FAULTS = (os.path.abspath(p) for p in sys.argv[1:4])
KILLS = int(sys.argv[4]) if len(sys.argv) > 4 else 10
FULL = KILLS >= 100
WORK = pathlib.Path(tempfile.mkdtemp(prefix="assay-reliability-"))
EVIDENCE = WORK / "server"
CASE = WORK / "case.db"
TABLES = ["host", "evidence", "finding", "finding_event", "fact", "fact_finding",
          "fact_initiator", "gap", "verdict", "campaign", "coverage", "coverage_interval", "setup"]
dice = random.Random(7)
problems = []
checks = 0


def check(name, ok, text=""):
    global checks
    checks += 1
    if not ok:
        problems.append(f"{name}: {text}")


def make_evidence():
    """A server that was entered, and some of its logs in an archive."""
    subprocess.run([sys.executable, GENERATOR, "entered", EVIDENCE, "--start", "2021-02-27",
                    "--end", "2021-03-10"], check=True, stdout=subprocess.DEVNULL)
    logs = sorted(p for p in EVIDENCE.rglob("*") if p.suffix.lower() in (".evtx", ".log"))
    with zipfile.ZipFile(EVIDENCE / "logs.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for p in logs[:40]:
            archive.write(p, p.relative_to(EVIDENCE))


def command(*options):
    return [ASSAY, "scan", str(EVIDENCE), "--format", "json", *options]


def environment(fault=None):
    env = {**os.environ, "NO_COLOR": "1"}
    if fault:
        env.update(LD_PRELOAD=FAULTS, ASSAY_TEST_FAULT=fault)
    return env


def scan(*options, fault=None):
    return subprocess.run(command(*options), capture_output=True, env=environment(fault),
                          check=False)


def fresh():
    for p in WORK.glob("*case.db*"):
        p.unlink()


def rows(case):
    db = sqlite3.connect(f"file:{case}?mode=ro", uri=True)
    held = {t: sorted(db.execute(f"SELECT * FROM {t}"), key=repr) for t in TABLES}
    unfinished = db.execute("SELECT count(*) FROM scan WHERE state <> 'complete'").fetchone()[0]
    parts = db.execute("SELECT count(*) FROM part").fetchone()[0]
    db.close()
    return held, unfinished, parts


def left_over():
    """Processes of a scan into this case."""
    found = []
    for p in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if str(CASE).encode() in p.read_bytes():
                found.append(p.parent.name)
        except OSError:
            pass
    return found


def case_is_valid(name):
    """As it lies there, for others and for us; looked at in a copy."""
    copy = WORK / "copy-case.db"
    if not CASE.exists():
        return
    for suffix in ("", "-journal"):
        pathlib.Path(str(copy) + suffix).unlink(missing_ok=True)
        if pathlib.Path(str(CASE) + suffix).exists():
            shutil.copyfile(str(CASE) + suffix, str(copy) + suffix)
    explained = subprocess.run([ASSAY, "explain", copy, "00000000"], capture_output=True,
                               env=environment(), check=False)
    said = explained.stderr.decode()
    check(name, explained.returncode == 2 and "damaged" not in said and "malformed" not in said,
          f"explain: {explained.returncode} {said}")
    db = sqlite3.connect(copy)
    check(name, db.execute("PRAGMA integrity_check").fetchall() == [("ok",)], "integrity")
    check(name, not db.execute("PRAGMA foreign_key_check").fetchall(), "references")
    db.close()


def goes_on(name, reference):
    """Returns how many pieces were not read again."""
    run = scan("-o", str(CASE), "--resume")
    check(name, run.returncode == reference["status"] and run.stdout == reference["printed"],
          f"resumed: {run.returncode}, {len(run.stdout)} bytes; {run.stderr.decode()}")
    held, unfinished, parts = rows(CASE)
    for t in TABLES:
        check(name, held[t] == reference["rows"][t], f"table {t} differs")
    check(name, unfinished == 0 and parts == 0, f"{unfinished} scans, {parts} parts left")
    check(name, not pathlib.Path(str(CASE) + "-journal").exists(), "a journal is left")
    taken = re.search(rb"(\d+) pieces of evidence were read", run.stderr)
    return int(taken[1]) if taken else 0


def undisturbed():
    fresh()
    run = scan("-o", str(CASE))
    held, unfinished, parts = rows(CASE)
    check("undisturbed", run.returncode == 1 and unfinished == 0 and parts == 0, run.stderr)
    without = scan()
    check("undisturbed", without.stdout == run.stdout, "the verdict depends on the case")
    return {"status": run.returncode, "printed": run.stdout, "rows": held}


def seconds_of_a_scan():
    fresh()
    start = time.monotonic()
    scan("-o", str(CASE))
    return time.monotonic() - start


def end_by(number, delay, *options):
    """Starts a scan and sends it a signal after a while. Its exit status, what it said."""
    process = subprocess.Popen(command("-o", str(CASE), *options), stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env=environment())
    try:
        said = process.communicate(timeout=delay)
    except subprocess.TimeoutExpired:
        process.send_signal(number)
        said = process.communicate()
    return process.returncode, *said


def kills(reference):
    usual = seconds_of_a_scan()
    killed = taken = 0
    for i in range(KILLS):
        fresh()
        name = f"kill {i}"
        status, _, _ = end_by(signal.SIGKILL, dice.uniform(0.05, usual * 1.05))
        while status == -signal.SIGKILL:
            killed += 1
            case_is_valid(name)
            if dice.random() < 0.7:
                break
            status, _, _ = end_by(signal.SIGKILL, dice.uniform(0.05, usual), "--resume")
        taken += goes_on(name, reference) > 0
    check("kills", taken > 0 or not FULL, "no scan was ever gone on with")
    print(f"kill -9: {KILLS} scans, {killed} kills, {taken} went on with what was read before")


def interruptions(reference):
    usual = seconds_of_a_scan()
    count = 0
    for i in range(max(4, KILLS // 5)):
        fresh()
        number = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)[i % 3]
        name = f"interruption {i}"
        status, out, said = end_by(number, dice.uniform(0.1, usual * 0.8))
        if status != reference["status"]:
            count += 1
            check(name, status == 130 or -status == number, f"{status} {said.decode()}")
            check(name, not out, "a verdict all the same")
            check(name, b"--resume" in said or -status == number, said.decode())
            check(name, not left_over(), "processes are left")
            check(name, not pathlib.Path(str(CASE) + "-journal").exists(), "a journal is left")
            case_is_valid(name)
        goes_on(name, reference)
    print(f"interruptions: {count} of {max(4, KILLS // 5)} came in time")


def interrupted():
    """Leaves a case with a scan that was interrupted."""
    usual = seconds_of_a_scan()
    said = b""
    for part in (0.6, 0.5, 0.7, 0.4, 0.8, 0.3, 0.2, 0.9) * 2:
        fresh()
        status, _, said = end_by(signal.SIGINT, usual * part)
        if status == 130:
            return
    raise RuntimeError(f"no interruption met a scan: exit status {status}, {said.decode()}")


def other_rules(reference):
    """Parts of a scan by other rules, or of a file that was changed, are not taken."""
    interrupted()
    run = scan("-o", str(CASE), "--resume", "--no-decode")
    check("other options", b"everything is read again" in run.stderr, run.stderr.decode())
    check("other options", run.stdout == scan("--no-decode").stdout, "another verdict")
    goes_on_all = scan("-o", str(CASE), "--resume")
    check("other options", goes_on_all.stdout == reference["printed"], "the first ones again")

    interrupted()
    log = sorted(EVIDENCE.rglob("u_ex*.log"))[0]
    content, times = log.read_bytes(), log.stat()
    log.write_bytes(content.replace(b"GET", b"PUT"))
    os.utime(log, ns=(times.st_atime_ns, times.st_mtime_ns))
    changed = scan()
    run = scan("-o", str(CASE), "--resume")
    check("changed file", run.stdout == changed.stdout, "what was there before was told")
    log.write_bytes(content)
    os.utime(log, ns=(times.st_atime_ns, times.st_mtime_ns))


def same_twice(reference):
    """Nothing changes but the log."""
    fresh()
    scan("-o", str(CASE))
    again = scan("-o", str(CASE))
    held, _, _ = rows(CASE)
    check("same twice", again.stdout == reference["printed"], "another verdict")
    check("same twice", held == reference["rows"], "rows differ")
    db = sqlite3.connect(CASE)
    events = [e for (e,) in db.execute("SELECT event FROM audit ORDER BY id")]
    scans = db.execute("SELECT count(*) FROM scan").fetchone()[0]
    db.close()
    check("same twice", events == ["started", "complete"] * 2 and scans == 1, f"{events} {scans}")


def steps():
    """Which of the calls fails: all, or some that lie further and further apart."""
    n = 1
    while True:
        yield n
        n += 1 if FULL and n < 40 else max(1, n // (8 if FULL else 1))


def faults_of_the_disk(reference):
    for what in ("kill", "write", "once", "read"):
        tried = printed = 0
        for n in steps():
            fresh()
            name = f"{what} {n}"
            run = scan("-o", str(CASE), fault=f"{what}:{n}:{CASE.name}")
            tried += 1
            right = run.stdout == reference["printed"]
            printed += right
            if what == "kill":
                check(name, run.returncode == -signal.SIGKILL or right, "wrong verdict")
            else:
                check(name, right or (run.returncode == 2 and not run.stdout and run.stderr),
                      f"{run.returncode}: {run.stderr.decode()[:300]}")
                check(name, run.returncode in (reference["status"], 2), str(run.returncode))
            if what == "write":
                check(name, right, f"no verdict: {run.stderr.decode()[:300]}")
            case_is_valid(name)
            done = run.returncode == reference["status"] and not run.stderr
            goes_on(name, reference)
            if done:
                break
        print(f"{what}: {tried} of the first {n} calls failed; {printed} times the verdict was "
              "printed")


def faults_of_the_evidence(reference):
    whole = json.loads(reference["printed"])
    for what, name in (("open", EVIDENCE.name), ("map", "any")):
        worse = 0
        tries = 60 if FULL else 4
        for _ in range(tries):
            n = dice.randrange(1, 1500)
            run = scan(fault=f"{what}:{n}:{name}")
            if run.stdout == reference["printed"]:
                continue
            if run.returncode == 2 and not run.stdout:
                check(f"{what} {n}", run.stderr, "it failed without a word")
                continue
            told = json.loads(run.stdout)
            worse += 1
            check(f"{what} {n}", len(told["gaps"]) > len(whole["gaps"]), "no gap tells it")
            check(f"{what} {n}", run.returncode in (1, 3), str(run.returncode))
        print(f"{what}: {tries} tried, {worse} changed what was told, each with a gap")


def main():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL) # a job in the background is begun with some ignored
    try:
        make_evidence()
        reference = undisturbed()
        same_twice(reference)
        kills(reference)
        interruptions(reference)
        other_rules(reference)
        faults_of_the_disk(reference)
        faults_of_the_evidence(reference)
    finally:
        shutil.rmtree(WORK)
    print("\n".join(problems[:40]))
    print(f"{checks - len(problems)} checks held, {len(problems)} did not")
    return 1 if problems else 0


sys.exit(main())
