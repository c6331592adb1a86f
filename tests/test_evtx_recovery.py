#!/usr/bin/env python3
"""Recovered records of every event log of the corpora, against libevtx and against themselves.

    test_evtx_recovery.py ASSAY BUILD_FOLDER

For each file: what evtxinfo counts as recovered (it counts whatever has the outer form of a
record) is what we find, read or not: recovered, copies, not readable. And each record that is
given holds what docs/formats/evtx.md, "Recovery", promises: the number of its frame, a plausible
time, an EventID, a channel that can be one, and that of the log unless that is an export
(which may leave in its file what was in memory), no record twice, none that the log itself has. Skipped where the corpora or libevtx are missing.
"""
import collections
import json
import os
import re
import struct
import subprocess
import sys

import corpora
import evtx_peer as peer

# Files in which we count more shells than evtxinfo, with the reason.
MORE = {
    # libevtx stops behind a shell inside of which others begin
    "Powershell-Invoke-Obfuscation-many.evtx": 1,
    "new-user-security.evtx": 4,
}


def peer_recovered(path):
    out = subprocess.run(["evtxinfo", path], capture_output=True, text=True,
                         errors="replace").stdout
    found = re.search(r"Number of recovered records\s*: (\d+)", out)
    return int(found[1]) if found else 0


def dump(assay, path):
    run = subprocess.run([assay, "dump", path], capture_output=True, check=True)
    events = [json.loads(line) for line in run.stdout.decode("utf-8").splitlines()]
    told = re.search(rb"recovered (\d+) records, (\d+) copies left out, (\d+) not", run.stderr)
    counts = tuple(map(int, told.groups())) if told else (0, 0, 0)
    return ([e for e in events if "provenance" not in e],
            [e for e in events if e.get("provenance") == "recovered"], counts)


def content(event):
    return json.dumps([event["time"], event.get("record"), event.get("system"),
                       event.get("fields")], sort_keys=True)


class Comparison:
    def __init__(self, assay):
        self.assay = assay
        self.failures = []
        self.seen = collections.Counter()
        self.more = collections.Counter()

    def fail(self, path, why):
        self.failures.append(f"{path.name}: {why}")

    def file(self, path):
        own, recovered, counts = dump(self.assay, path)
        theirs = peer_recovered(path)
        self.seen["files"] += 1
        self.seen["recovered by libevtx's count"] += theirs
        for name, n in zip(("recovered", "copies", "not readable"), counts):
            self.seen[name] += n
        self.seen["files with any"] += any(counts)
        if len(recovered) != counts[0]:
            self.fail(path, f"{len(recovered)} records are given, {counts[0]} told")
        if sum(counts) < theirs:
            self.fail(path, f"{counts} make less than evtxinfo's {theirs}")
        if sum(counts) > theirs:
            self.more[path.name] = sum(counts) - theirs
            if MORE.get(path.name) != sum(counts) - theirs:
                self.fail(path, f"{counts} make more than evtxinfo's {theirs}")
        self.records(path, own, recovered)

    def records(self, path, own, recovered):
        with open(path, "rb") as f:
            data = f.read()
        renumbered = any(self.frame_id(data, e) != e["record"] for e in own)
        known = set(map(content, own))
        channels = {e["system"].get("Channel", "") for e in own}
        for e in recovered:
            text = content(e)
            if text in known:
                self.fail(path, f"record {e['record']} at {e['offset']} is given twice")
            known.add(text)
            if not renumbered and self.frame_id(data, e) != e["record"]:
                self.fail(path, f"record {e['record']} has another number than its frame")
            if not "1990" <= e["time"][:4] < "2100":
                self.fail(path, f"record {e['record']}: {e['time']}")
            if not e["system"].get("EventID", "").isdecimal():
                self.fail(path, f"record {e['record']} has no EventID")
            if not e["derived"]["RecoveredFrom"]:
                self.fail(path, f"record {e['record']}: from where?")
            channel = e["system"].get("Channel", "")
            if not re.fullmatch(r"[A-Za-z0-9][-A-Za-z0-9 ._/()]*", channel):
                self.fail(path, f"record {e['record']}: channel {channel!r}")
            if own and channel not in channels:
                self.seen["of another channel than the log's records"] += 1
                if not renumbered:  # an export has left in its file what was in memory
                    self.fail(path, f"record {e['record']}: channel {channel!r}, not {channels}")

    @staticmethod
    def frame_id(data, event):
        return struct.unpack_from("<Q", data, event["offset"] + 8)[0]


def main():
    assay, build = os.path.abspath(sys.argv[1]), sys.argv[2]
    logs = sorted(corpora.folder(build).rglob("*.evtx"))
    peer.need("evtxinfo")
    if not logs:
        sys.exit("no event logs in the corpora")
    comparison = Comparison(assay)
    for path in logs:
        comparison.file(path)
    for what, n in comparison.seen.items():
        print(f"{n} {what}")
    print("more than evtxinfo:", dict(comparison.more))
    for failure in comparison.failures[:50]:
        print(failure[:600])
    sys.exit(len(comparison.failures) > 0)


if __name__ == "__main__":
    main()
