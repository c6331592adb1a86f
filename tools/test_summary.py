#!/usr/bin/env python3
"""Prints why tests were skipped and the closing line of the tests, from Meson's log, and fails
unless all went well: test_summary.py BUILD/meson-logs/testlog.json

The log has one JSON object a line, one for each test (Meson's documentation of unit tests)."""
import collections
import json
import sys

KINDS = {"OK": "passed", "EXPECTEDFAIL": "passed", "SKIP": "skipped"}  # all else has failed


LAST = 4  # lines of what a failed test said, of each of its two outputs


def said(test, lines):
    """The last lines of what a test said."""
    told = []
    for output in ("stdout", "stderr"):
        told += (test.get(output) or "").strip().splitlines()[-lines:]
    return [line[:300] for line in told]


def reason(test):
    """What a skipped test said last."""
    return (said({"stdout": test.get("stdout")}, 1) or ["skipped"])[0]


def main():
    count = collections.Counter()
    with open(sys.argv[1], encoding="utf-8") as log:
        for line in log:
            test = json.loads(line)
            kind = KINDS.get(test["result"], "failed")
            count[kind] += 1
            if kind == "failed":
                print(f"failed: {test['name']} ({test['result']})")
                print("".join(f"    {line}\n" for line in said(test, LAST)), end="")
            if kind == "skipped":
                print(f"{test['name']}: {reason(test)}")
    print(f"{count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped")
    return 0 if count["passed"] and not count["failed"] else 1


sys.exit(main())
