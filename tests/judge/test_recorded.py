#!/usr/bin/env python3
"""What is told of recorded attacks, against what was checked by hand once.

usage: test_recorded.py ASSAY BUILD [--write]

recorded.tsv holds one line for each statement about the recorded ProxyLogon run and the 312 logs of
attack techniques: the file, the record (or @ the offset), what is said, and the start of the digest
of its sentence, so that nothing of the recordings stands here. Every line was read beside its record.
Cleared logs are checked by the number of the event. Skips (77) where the corpora are not there.
"""
import hashlib
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import corpora  # noqa: E402

GOLDEN = HERE / "recorded.tsv"
# 1102 and 104: a log was cleared; 255 and others never say it.
CLEARED = {"1102", "104", "517"}


def statements(document):
    for h in document["hosts"]:
        for f in h["facts"]:
            yield f, f["where"][0]


def line(fact, where):
    place = "@%d" % where["offset"] if where["record"] is None else str(where["record"])
    return "\t".join([os.path.basename(where["path"]), place, fact["axis"] or "-",
                      fact["state"] or "-", fact["kind"] or "-", fact["confidence"],
                      hashlib.sha256(fact["what"].encode()).hexdigest()[:12]])


def event_id(assay, where):
    out = subprocess.run([assay, "dump", where["path"]], capture_output=True, text=True,
                         check=False).stdout
    for text in out.splitlines():
        event = json.loads(text)
        if event.get("offset") == where["offset"]:
            return event["system"]["EventID"]
    return None


def main():
    assay, build = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    folder = corpora.folder(build)
    found, problems, cleared = [], [], 0
    for name in ("proxylogon-recording.jsonl", "evtx-attack"):
        run = subprocess.run([assay, "scan", str(folder / name), "--format", "json"],
                             capture_output=True, text=True, check=False)
        for fact, where in statements(json.loads(run.stdout)):
            if fact["axis"] != "logging":
                found.append(line(fact, where))
            elif fact["state"] == "cleared":
                cleared += 1
                number = event_id(assay, where)
                if number not in CLEARED:
                    problems.append("a log cleared by event %s: %s" % (number, fact["what"]))
    found.sort()
    if "--write" in sys.argv:
        GOLDEN.write_text("\n".join(found) + "\n", encoding="utf-8")
        return
    golden = GOLDEN.read_text(encoding="utf-8").splitlines()
    problems += ["no longer told: " + x for x in golden if x not in found]
    problems += ["not checked by hand: " + x for x in found if x not in golden]
    for p in problems:
        print("FAIL", p)
    print("%d statements as they were checked, %d cleared logs" % (len(found), cleared))
    sys.exit(bool(problems))


main()
