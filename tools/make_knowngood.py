#!/usr/bin/env python3
"""Makes data/exchange-known-good.bin from a table of SHA-256 digests.

    tools/make_knowngood.py TABLE.tsv data/exchange-known-good.bin

The table has one digest per line in its first column, in hex; lines that start with '#'
are comments. The result is the first 16 bytes of each digest, sorted, without repeats: what
src/detect/knowngood.c searches. See data/README.md for the source of the table."""
import sys

KEPT = 16  # bytes of each digest: a chance match among 2^17 digests has odds of 2^-111


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    digests = set()
    with open(sys.argv[1], encoding="utf-8") as table:
        for number, line in enumerate(table, 1):
            if line.startswith("#") or not line.strip():
                continue
            digest = bytes.fromhex(line.split("\t", 1)[0])
            if len(digest) != 32:
                sys.exit(f"{sys.argv[1]}:{number}: not a SHA-256")
            digests.add(digest[:KEPT])
    with open(sys.argv[2], "wb") as out:
        out.write(b"".join(sorted(digests)))
    print(f"{len(digests)} digests")


main()
