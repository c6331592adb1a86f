#!/usr/bin/env python3
"""YARA rules from outside: what they find in files, what is refused, what is left out, and
that rules which never end cost a gap and no more.

usage: test_yara.py ASSAY
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

assay = os.path.abspath(sys.argv[1])
problems = []
checks = 0

RULES = """
rule made_page : page
{
    meta:
        description = "a made page"
        author = "nobody"
        score = 80
        match = "say the made word"
        near_miss = "say another word"
    strings:
        $a = "made word"
    condition:
        $a
}
private rule hidden { condition: true }
rule made_name { meta: level = "low" condition: hidden and filename == "page.txt" }
"""
# every position begins a match that is tried to the end of the text
ENDLESS = "rule endless { strings: $a = /a(.{1,3000}){2}.{1,3000}[^a]z/ condition: $a }"
# a condition that is evaluated for hours
SLOW = "rule slow { condition: for all i in (0..9000000000000) : (uint8(i % filesize) < 255) }"
ROW = ("#Software: Microsoft Internet Information Services 10.0\r\n#Fields: date time cs-uri-stem\r\n"
       "2021-03-03 06:00:00 /made%20word/made word\r\n")


def same(what, got, want):
    """Notes what is not as it should be."""
    global checks
    checks += 1
    if got != want:
        problems.append(f"{what}: {got!r}, want {want!r}")


def has(what, text, part):
    """Notes what is not there."""
    global checks
    checks += 1
    if part not in text:
        problems.append(f"{what}: no {part!r} in {text!r}")


def run(*args, status=None):
    """Runs the program; returns what it printed."""
    done = subprocess.run([assay, *map(str, args)], capture_output=True, check=False)
    if status is not None:
        same(f"exit status of {' '.join(map(str, args[:2]))}", done.returncode, status)
    return done.stdout.decode(), done.stderr.decode()


def found(*args):
    """Rule and file name of each finding."""
    out, _ = run("scan", "-f", "jsonl", *args)
    return sorted((f["rule"], os.path.basename(f["path"]))
                  for f in map(json.loads, out.splitlines()))


def finds(d):
    rules, evidence = d / "made.yar", d / "evidence"
    evidence.mkdir()
    rules.write_text(RULES)
    (evidence / "page.txt").write_text("here is the made word\n")
    (evidence / "other.txt").write_text("here is another\n")
    (evidence / "u_ex210303.log").write_text(ROW)
    same("findings", found("-r", rules, evidence),
         [("yara:made_name", "page.txt"), ("yara:made_page", "page.txt")])
    same("for any number of workers", run("scan", "-f", "json", "-j", "4", "-r", rules, evidence)[0],
         run("scan", "-f", "json", "-j", "1", "-r", rules, evidence)[0])
    same("logs too", ("yara:made_page", "u_ex210303.log") in
         found("-r", rules, "--yara-logs", evidence), True)
    same("by level", found("-r", rules, "--min-level", "high", evidence),
         [("yara:made_page", "page.txt")])
    document = json.loads(run("scan", "-f", "json", "-r", rules, evidence, status=1)[0])
    finding = next(f for f in document["findings"] if f["rule"]["id"] == "yara:made_page")
    same("source", finding["rule"]["source"], "yara")
    same("level", finding["rule"]["level"], "high")
    same("place", (finding["where"]["offset"], finding["where"]["size"]), (12, 9))
    told, _ = run("explain", "-r", rules, evidence, finding["id"])
    for part in ("a YARA rule given to the scan", "author: nobody;", "by the rule"):
        has("explained", told, part)


def commands(d):
    rules = d / "set"
    rules.mkdir()
    (rules / "made.yar").write_text(RULES)
    (rules / "bad.yara").write_text("rule a { condition: true }\n\nrule b { condition: nothing }\n")
    (rules / "include.yar").write_text('include "made.yar"\n')
    out, _ = run("rules", "check", rules, status=1)
    has("check", out, 'bad.yara:3:1: error: undefined identifier "nothing" [refused]')
    has("check", out, "include.yar:1:1: error: includes are disabled [refused]")
    out, _ = run("rules", "list", "-f", "json", "-r", rules)
    document = json.loads(out)
    same("listed", sorted(r["id"] for r in document["rules"] if r["logsource"] == "yara" and not r["pack"]),
         ["yara:made_name", "yara:made_page"])
    same("refused", len(document["refused"]), 2)
    out, _ = run("rules", "test", rules / "made.yar", status=0)
    has("tests", out, "made_page")
    (d / "wrong.yar").write_text(RULES.replace("say the made word", "say nothing"))
    out, _ = run("rules", "test", d / "wrong.yar", status=1)
    has("a failing test", out, "does not match its text")


def compiled(d):
    evidence = d / "evidence"
    (d / "rules.yarc").write_bytes(b"YARA\x00\x00\x00\x00")
    (d / "set" / "rules.yarc").write_bytes(b"YARA\x00\x00\x00\x00")
    _, err = run("scan", "-r", d / "rules.yarc", evidence, status=2)
    has("damaged compiled rules", err, "rules.yarc")
    out, _ = run("rules", "list", "-f", "json", "-r", d / "set")
    has("compiled rules of a folder", out, "compiled YARA rules are used only where they are named themselves")


def endless(d):
    evidence = d / "hostile"
    evidence.mkdir()
    (d / "endless.yar").write_text(ENDLESS + RULES)
    (evidence / "a.txt").write_text("a" * 300_000 + " made word")
    (evidence / "b.txt").write_text("made word")
    out, _ = run("scan", "-f", "json", "-r", d / "endless.yar", evidence)
    document = json.loads(out)
    same("other files are looked at", "yara:made_page" in
         {f["rule"]["id"] for f in document["findings"] if f["where"]["path"].endswith("b.txt")}, True)
    gaps = [json.dumps(g) for g in document["gaps"]]
    if not any("YARA" in g or "processor time" in g for g in gaps):
        same("the other rule was asked to the end", "yara:made_page" in
             {f["rule"]["id"] for f in document["findings"] if f["where"]["path"].endswith("a.txt")}, True)


def slow(d):
    """A rule that is not done in its time is a gap of that file, not silence."""
    evidence = d / "slow"
    evidence.mkdir()
    (d / "slow.yar").write_text(SLOW)
    (d / "quick.yar").write_text(RULES)
    (evidence / "a.txt").write_text("made word")
    (evidence / "empty.txt").write_text("")
    out, _ = run("scan", "-f", "json", "-r", d / "slow.yar", "-r", d / "quick.yar", evidence)
    document = json.loads(out)
    gaps = [(os.path.basename(g["path"]), g["why"]) for g in document["gaps"]]
    same("gaps", [g[0] for g in gaps], ["a.txt"])
    has("why", gaps[0][1] if gaps else "", "YARA rules needed more than")
    same("no rule is said to have matched", [f["rule"]["id"] for f in document["findings"] if f["rule"]["id"] == "yara:slow"], [])


def main():
    with tempfile.TemporaryDirectory() as folder:
        d = pathlib.Path(folder)
        finds(d)
        commands(d)
        compiled(d)
        endless(d)
        slow(d)
    for p in problems:
        print(p)
    print(f"{checks} checks, {len(problems)} problems")
    return bool(problems) or checks < 20


sys.exit(main())
