#!/usr/bin/env python3
"""The fast matcher says what the plain one says, over all corpora: with the rules of the packs,
and with those of SigmaHQ too.

test_engine_equal.py PATH/TO/engine_equal BUILD PACKS

Skipped (77) where the corpora are absent."""
import subprocess
import sys

import corpora


def main():
    program, build, packs = sys.argv[1:4]
    root = corpora.folder(build)
    rules = [packs] + [str(p) for p in sorted((root / "sigma").glob("rules*"))
                       if any(p.rglob("*.yml"))]
    evidence = [p for p in (root / "evtx-attack", root / "evtx-format", root / "sigma",
                            root / "proxylogon-recording.jsonl") if p.exists()]
    if not evidence:
        print("skipped: no corpora here")
        sys.exit(corpora.SKIP)
    failed = subprocess.run([program, *rules, "--", *map(str, evidence)], check=False).returncode
    if len(rules) > 1:
        failed |= subprocess.run([program, packs, "--", *map(str, evidence)],
                                 check=False).returncode
    return failed


sys.exit(main())
