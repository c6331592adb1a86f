#!/usr/bin/env python3
"""Sigma rules over an event log beside other programs, in one run.

    hunters.py [-n ROUNDS] [--limit SECONDS] --sigma FOLDER [--differences FILE]
               [--chainsaw-mapping FILE] [--hayabusa-rules FOLDER --hayabusa-config FOLDER] [--zircolite-rules FILE]
               [--rsigma-pipeline NAME] ASSAY LOG

Peers are used where they are found on PATH (chainsaw, hayabusa, rsigma, zircolite.py) and what
they need is given. Each gets the same log and the same rules, in the form it reads; what it
finds is written to a file. Figures: seconds by the clock, processor seconds of all its
processes, the largest process's memory; the best of the rounds; ratios are to `assay scan`.
--differences writes which (record, rule) each program found and the others did not.
"""
import argparse
import collections
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time


def run(command, limit, output):
    """Seconds, processor seconds, bytes, status of one run; status None if it was stopped."""
    start = time.monotonic()
    with open(output, "wb") as out, open(os.devnull, "wb") as nothing:
        p = subprocess.Popen(command, stdout=out, stderr=nothing, start_new_session=True)
        while True:
            pid, status, used = os.wait4(p.pid, os.WNOHANG)
            took = time.monotonic() - start
            if pid:
                return took, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024, status
            if took > limit:
                os.killpg(p.pid, signal.SIGKILL)
                _, _, used = os.wait4(p.pid, 0)
                return took, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024, None
            time.sleep(0.005)


# --- how each is called, and what it says it found -------------------------------------------


def lines(path):
    with open(path, encoding="utf-8", errors="replace") as text:
        for line in text:
            line = line.strip()
            if line.startswith(("{", "[")):
                try:
                    value = json.loads(line)
                except ValueError:
                    continue
                yield from value if isinstance(value, list) else [value]


def assay_found(path):
    with open(path, encoding="utf-8") as text:
        for finding in json.load(text)["findings"]:
            if finding["rule"]["source"] == "sigma":
                yield finding["where"].get("record"), finding["rule"]["title"]


def system_of(document):
    event = document.get("Event", document)
    return event.get("System", event)


def chainsaw_found(path):
    for line in lines(path):
        for hit in line if isinstance(line, list) else [line]:
            documents = hit.get("documents") or [hit.get("document", {})]
            for document in documents:
                yield system_of(document.get("data", {})).get("EventRecordID"), hit.get("name")


def hayabusa_found(path):
    for line in lines(path):
        yield line.get("RecordID"), line.get("RuleTitle")


def rsigma_found(path):
    for line in lines(path):
        event = line.get("event") or {}
        yield system_of(event).get("EventRecordID"), line.get("rule_title")


def zircolite_found(path):
    if not os.path.exists(path):
        return
    with open(path, encoding="utf-8") as text:
        for rule in json.load(text):
            for match in rule.get("matches", []):
                yield match.get("EventRecordID"), rule.get("title")


def programs(args, folder):
    log = str(args.log)
    found = {name: os.path.join(folder, name + ".out") for name in
             ("assay", "chainsaw", "hayabusa", "rsigma", "zircolite")}
    yield "assay", [args.assay, "scan", "-f", "json", "-r", str(args.sigma), log], found["assay"], assay_found
    yield ("assay, one worker", [args.assay, "scan", "-j", "1", "-f", "json", "-r", str(args.sigma), log],
           found["assay"], None)
    if args.chainsaw_mapping and shutil.which("chainsaw"):
        yield ("chainsaw", ["chainsaw", "hunt", log, "-s", str(args.sigma), "--mapping", str(args.chainsaw_mapping),
                            "--jsonl", "-q"], found["chainsaw"], chainsaw_found)
    if args.hayabusa_rules and shutil.which("hayabusa"):
        yield ("hayabusa", ["hayabusa", "dfir-timeline", "-f", log, "-r", str(args.hayabusa_rules), "-c", str(args.hayabusa_config),
                            "-w", "-q", "-Q", "-C", "-N", "-a", "-A", "-n", "-t", "jsonl", "-o", found["hayabusa"]],
               found["hayabusa"], hayabusa_found)
    if shutil.which("rsigma"):
        pipeline = ["-p", args.rsigma_pipeline] if args.rsigma_pipeline else []
        command = ["rsigma", "engine", "eval", "-r", str(args.sigma), "-e", "@" + log, *pipeline]
        yield "rsigma", command, found["rsigma"], None
        for lane in ("--bloom-prefilter", "--cross-rule-ac"):
            yield "rsigma " + lane, [*command, lane], found["rsigma"], None
        if args.differences:
            yield "rsigma, with events", [*command, "--include-event"], found["rsigma"], rsigma_found
    if args.zircolite_rules and shutil.which("zircolite.py"):
        yield ("zircolite", ["zircolite.py", "--evtx", log, "--ruleset", str(args.zircolite_rules), "-o",
                             found["zircolite"], "-n"], found["zircolite"], zircolite_found)


def text_pairs(found):
    return {(str(record), str(rule)) for record, rule in found if record is not None and rule}


def show_differences(sets, path):
    ours = sets["assay"]
    with open(path, "w", encoding="utf-8") as out:
        for name, theirs in sets.items():
            if name == "assay":
                continue
            print(f"{name}: {len(ours & theirs)} in common, {len(theirs - ours)} only there, {len(ours - theirs)} only here")
            for what, pairs in (("only " + name, theirs - ours), ("not " + name, ours - theirs)):
                rules = collections.Counter(rule for _, rule in pairs)
                for rule, n in rules.most_common():
                    records = sorted(r for r, x in pairs if x == rule)[:5]
                    out.write(f"{what}\t{rule}\t{n}\t{','.join(records)}\n")


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("-n", "--rounds", type=int, default=3)
    args.add_argument("--limit", type=float, default=600, help="seconds, after which a program is stopped")
    args.add_argument("--sigma", required=True, type=pathlib.Path)
    args.add_argument("--differences")
    args.add_argument("--chainsaw-mapping")
    args.add_argument("--hayabusa-rules")
    args.add_argument("--hayabusa-config")
    args.add_argument("--zircolite-rules")
    args.add_argument("--rsigma-pipeline")
    args.add_argument("assay")
    args.add_argument("log", type=pathlib.Path)
    args = args.parse_args()

    print(f"{args.log.name}, {args.log.stat().st_size / 1e6:.1f} MB, best of {args.rounds} rounds")
    sets = {}
    base = None
    with tempfile.TemporaryDirectory() as folder:
        for name, command, output, found in programs(args, folder):
            best = None
            for _ in range(args.rounds):
                stdout = output if not name.startswith(("hayabusa", "zircolite")) else output + ".log"
                got = run(command, args.limit, stdout)
                best = got if best is None or got[1] < best[1] else best
                if got[3] is None:
                    break
            took, used, memory, status = best
            base = base or best
            note = "" if status is not None else "  stopped at the limit"
            print(f"{name:24} {took:8.2f} s {used:8.2f} processor s {memory / 1e6:8.0f} MB   "
                  f"{took / base[0]:7.1f} x, {used / base[1]:7.1f} x processor{note}", flush=True)
            if found and status is not None:
                sets[name] = text_pairs(found(output))
    if args.differences:
        show_differences(sets, args.differences)


if __name__ == "__main__":
    main()
