#!/usr/bin/env python3
"""Makes scenarios, judges them, and compares every verdict with what really happened.

usage: judge.py ASSAY [--quick] [--only NAME]... [--composed N] [--no-changes] [--json FILE]

Prints a confusion table per axis, the mistakes, and at the end one line. Exit status 1 when a
verdict was falsely comfortable, a changed scenario broke a promise (changes.py), or the figures
fall below those written down in FLOOR.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import changes  # noqa: E402  (the folder is put on the path first)
import composed  # noqa: E402
import stories  # noqa: E402
import stories_more  # noqa: E402, F401 (its stories register themselves)
import truth  # noqa: E402
from compare import Comparison, Counts  # noqa: E402

COMPOSED = 110
QUICK_COMPOSED = 8
# What must be reached: of a hundred.
FLOOR = {"precision": 98.0, "recall": 95.0}
QUICK_FLOOR = {"precision": 98.0, "recall": 95.0}


def tell(name):
    if name.startswith("composed_"):
        return composed.compose(int(name.split("_")[1]))
    return stories.tell(name)


def write(scenario, folder):
    """The scenario's hosts below a folder. Returns the places of marked events."""
    marks = {}
    for host in scenario.hosts:
        for mark, (path, number) in host.write(os.path.join(folder, host.name)).items():
            marks[(host.name, mark)] = (os.path.join(host.name, path), number)
    return marks


def scan(assay, folder):
    run = subprocess.run([assay, "scan", folder, "--jobs", "1", "--format", "json"],
                         capture_output=True, text=True, check=False)
    if run.returncode == 2 or not run.stdout:
        raise RuntimeError("scan failed: %s" % run.stderr[:500])
    return json.loads(run.stdout)


def one(assay, name, with_changes):
    """Makes, scans and compares one scenario; then its changed forms."""
    counts = Counts()
    folder = tempfile.mkdtemp(prefix="judge-")
    try:
        scenario = tell(name)
        base = os.path.join(folder, "base")
        marks = write(scenario, base)
        told = truth.truth(scenario)
        document = scan(assay, base)
        Comparison(counts, name, document, told).run(base, marks)
        if with_changes:
            changes.check(counts, name, assay, scan, tell, write, folder, base, document, told)
    except (RuntimeError, ValueError, KeyError) as error:
        counts.errors.append([name, "", "failed", repr(error), ""])
        counts.pair("scans", False)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return counts


def run(assay, names, with_changes):
    counts = Counts()
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        jobs = [pool.submit(one, assay, n, c) for n, c in zip(names, with_changes)]
        for job in jobs:
            found = job.result()
            for e in found.errors:
                print("MISTAKE %s %s: %s is %s, want %s" % tuple(e), flush=True)
            for c in found.comfort:
                print("FALSE COMFORT %s %s: %s %s" % tuple(c), flush=True)
            counts.add(found)
    return counts


# -- figures ---------------------------------------------------------------------------------


def per_state(cells):
    """{(axis, state): [rightly told, told, true]}."""
    found = collections.defaultdict(lambda: [0, 0, 0])
    for (_, axis, state, shown, right), n in cells.items():
        found[(axis, state)][2] += n
        found[(axis, shown)][1] += n
        if right:
            found[(axis, shown)][0] += n
    return found


def figures(counts):
    """Precision and recall over all states, in hundredths."""
    rows = per_state(counts.cells)
    right = sum(r[0] for r in rows.values())
    return {"precision": 100.0 * right / max(1, sum(r[1] for r in rows.values())),
            "recall": 100.0 * right / max(1, sum(r[2] for r in rows.values()))}


def tables(counts):
    for axis in truth.AXES:
        cells = collections.Counter()
        for (_, a, state, shown, _), n in counts.cells.items():
            if a == axis:
                cells[(state, shown)] += n
        names = sorted({s for pair in cells for s in pair})
        if not names:
            continue
        print("\n%-22s %s" % (axis + ": truth, told", " ".join("%12.12s" % s for s in names)))
        for state in names:
            print("%-22s %s" % (state, " ".join("%12d" % cells[(state, t)] for t in names)))
    print("\n%-24s %6s %6s   %s" % ("campaign", "right", "of", "by state: rightly told/told/true"))
    for campaign in [*truth.CAMPAIGNS, "back-doors"]:
        mine = collections.Counter({k: n for k, n in counts.cells.items() if k[0] == campaign})
        right, of = sum(n for k, n in mine.items() if k[4]), sum(mine.values())
        if of:
            print("%-24s %6d %6d" % (campaign, right, of))
    print("\n%-36s %9s %9s" % ("state", "precision", "recall"))
    for (axis, state), (right, told, true) in sorted(per_state(counts.cells).items()):
        print("%-36s %9s %9s" % ("%s %s" % (axis, state), share(right, told), share(right, true)))
    for name, (held, of) in sorted(counts.pairs.items()):
        print("%-36s %5d of %5d" % (name, held, of))
    for name, n in sorted(counts.skipped.items()):
        print("no pack: %s (%d hosts)" % (name, n))


def share(part, whole):
    return "%.1f%%" % (100.0 * part / whole) if whole else "-"


def last_line(counts, number, seconds):
    f, p = figures(counts), counts.pairs
    wrong = p["joins right"][1] - p["joins right"][0]
    print("judge: %d scenarios, %.0f s: precision %.1f%%, recall %.1f%%, false comfort %d, bounds %s "
          "(width %s), chains %s (wrong joins %s), intervals %s, changes %s" % (
              number, seconds, f["precision"], f["recall"], len(counts.comfort),
              share(*p["bounds"]), share(*p["width"]), share(*p["links"]),
              share(wrong, p["joins right"][1]), share(*p["intervals"]),
              share(sum(v[0] for k, v in p.items() if k.startswith("change")),
                    sum(v[1] for k, v in p.items() if k.startswith("change")))))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("assay")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--composed", type=int, default=COMPOSED)
    parser.add_argument("--no-changes", action="store_true")
    parser.add_argument("--json")
    args = parser.parse_args()
    names = list(stories.STORIES) + ["composed_%03d" % i for i in range(args.composed)]
    if args.quick:
        names = stories.QUICK + ["composed_%03d" % i for i in range(QUICK_COMPOSED)]
    if args.only:
        names = [n for n in names if any(o in n for o in args.only)]
    changed = [not args.no_changes and (not args.quick or i % 6 == 0) for i in range(len(names))]
    began = time.time()
    counts = run(os.path.abspath(args.assay), names, changed)
    tables(counts)
    print()
    if args.json:
        with open(args.json, "w", encoding="utf-8") as out:
            json.dump({"errors": counts.errors, "comfort": counts.comfort}, out, indent=1)
    last_line(counts, len(names), time.time() - began)
    f = figures(counts)
    floor = QUICK_FLOOR if args.quick else FLOOR
    low = [k for k in floor if f[k] < floor[k]]
    broken = [k for k, v in counts.pairs.items() if k.startswith("change") and v[0] < v[1]]
    sys.exit(bool(counts.comfort or low or broken) and not args.only)


if __name__ == "__main__":
    main()
