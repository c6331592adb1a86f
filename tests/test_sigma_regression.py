#!/usr/bin/env python3
"""SigmaHQ's own regression data: each recorded attack must be found by its rule, in the
EVTX file and in its JSON twin, with all of SigmaHQ's rules loaded.

test_sigma_regression.py PATH/TO/sigma_run

The data are looked for in the folder that ASSAY_CORPORA names, then in build/corpora; the
test is skipped (77) where they are absent."""
import collections
import os
import pathlib
import re
import subprocess
import sys

# What today's rules match beyond the count that the data state: the recordings hold more
# events of the same kind. (rule id -> matches)
MORE = {
    "0b9ad457-2554-44c1-82c2-d56a99c42377": 3,
    "8fbf3271-1ef6-4e94-8210-03c2317947f6": 3,
    "45e112d0-7759-4c2a-aa36-9f8fb79d3393": 3,
    "c7dcacd0-cc59-4004-b0a4-1d6cdebe6f3e": 2,
}


def corpus():
    root = pathlib.Path(__file__).resolve().parent.parent
    for place in (os.environ.get("ASSAY_CORPORA"), root / "build" / "corpora"):
        if place and (pathlib.Path(place) / "sigma" / "regression_data").is_dir():
            return pathlib.Path(place) / "sigma"
    print("skipped: no SigmaHQ regression data (set ASSAY_CORPORA)")
    sys.exit(77)


def read_tests(sigma):
    """The (rule id, file, least number of matches) of each test. The files are simple
    enough to be read without a YAML library."""
    for info in sorted(sigma.glob("regression_data/**/info.yml")):
        text = "\n".join(line for line in info.read_text(encoding="utf-8").splitlines()
                         if not line.lstrip().startswith("#"))
        rule = re.search(r"rule_metadata:\s*\n\s*- id: (\S+)", text)
        path = re.search(r"^\s+path: (\S+\.evtx)\s*$", text, re.M)
        count = re.search(r"^\s+match_count: (\d+)\s*$", text, re.M)
        if rule and path:
            yield rule[1], sigma / path[1], int(count[1]) if count else None


def main():
    sigma = corpus()
    tests = list(read_tests(sigma))
    failed = 0
    for suffix in (".evtx", ".json"):
        files = [path.with_suffix(suffix) for _, path, _ in tests]
        run = subprocess.run([sys.argv[1], str(sigma), *map(str, files)],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        print(run.stderr.decode("utf-8", "replace").splitlines()[-1])
        run.check_returncode()
        found = collections.Counter()
        for line in run.stdout.decode("utf-8", "replace").splitlines():
            path, _, rule, _ = line.split("\t", 3)
            found[path, rule] += 1
        passed = exact = 0
        for (rule, _, count), path in zip(tests, files):
            n = found[str(path), rule]
            passed += n >= (count or 1)
            exact += n == count or (count is None and n > 0)
            if n < (count or 1) or (count and n != count and n != MORE.get(rule)):
                failed += 1
                print(f"{path.relative_to(sigma)}: {n} matches, want {count or 'some'}")
        print(f"{suffix}: {passed} of {len(tests)} pass, {exact} with the exact count")
    return 1 if failed or len(tests) < 202 else 0


sys.exit(main())
