#!/usr/bin/env python3
"""All rules of SigmaHQ load: without lists only those with a placeholder are refused, each
naming it; with a list for each placeholder all of them load.

test_sigma_load.py PATH/TO/assay BUILD

Skipped (77) where the corpora are absent."""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import corpora

RULES_LEAST = 3700


def load(assay, sigma, lists):
    """What `rules list` says with SigmaHQ's rules and these NAME=FILE."""
    command = [assay, "rules", "list", "--format", "json"]
    for folder in sorted(sigma.glob("rules*")):
        if any(folder.rglob("*.yml")):
            command += ["--rules", str(folder)]
    for name in lists:
        command += ["--placeholder", name]
    run = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    told = json.loads(run.stdout)
    return [rule for rule in told["rules"] if not rule["pack"]], told["refused"]


def main():
    assay = sys.argv[1]
    sigma = corpora.folder(sys.argv[2]) / "sigma"
    files = [path for folder in sigma.glob("rules*") for path in folder.rglob("*.yml")]
    if not files:
        print("skipped: SigmaHQ's rules are not here")
        sys.exit(corpora.SKIP)
    loaded, refused = load(assay, sigma, [])
    names = set()
    failed = 0
    for r in refused:
        named = re.search(r"the placeholder %(.+)% needs a list of values", r["reason"])
        if named:
            names.add(named[1])
        else:
            failed += 1
            print(f"{r['path']}: {r['reason']}")
    print(f"{len(files)} files: {len(loaded)} rules, {len(refused)} refused, "
          f"{len(names)} placeholders")
    failed += len(loaded) + len(refused) != len(files) or len(files) < RULES_LEAST
    with tempfile.TemporaryDirectory() as folder:
        values = pathlib.Path(folder) / "values.txt"
        values.write_text("# made up\nfirst\nsec*nd\n", encoding="utf-8")
        while True:  # a rule is refused for its first placeholder
            loaded, refused = load(assay, sigma, [f"{name}={values}" for name in sorted(names)])
            more = {found[1] for r in refused
                    if (found := re.search(r"placeholder %(.+)% needs", r["reason"]))} - names
            names |= more
            if not more:
                break
    for r in refused:
        failed += 1
        print(f"{r['path']}: {r['reason']}")
    print(f"with {len(names)} lists: {len(loaded)} rules, {len(refused)} refused")
    failed += len(loaded) != len(files)
    return 1 if failed else 0


sys.exit(main())
