#!/usr/bin/env python3
"""Writes how common pieces of four bytes are in logs: gram_ranks.py TEXT... > src/rule/literals_ranks.tbl.h

TEXT are logs of text, or JSON lines as `assay dump` writes them, of which the strings are taken.
What counts is in how many documents a piece occurs, not how often: a file of evidence, or each
64 KiB of it, is one. So the words of one recording do not pass for common ones. Only counts are
kept, a digit for each cell of a hash: the most common piece in it decides. All decimal digits are
one, since numbers are everywhere."""
import json
import math
import sys

CELLS_LOG2 = 15
DOCUMENT = 64 * 1024
LOWER = bytes(c + 32 if 65 <= c <= 90 else 48 if 48 <= c <= 57 else c for c in range(256))


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for v in value.values():
            yield from strings(v)
    elif isinstance(value, list):
        for v in value:
            yield from strings(v)


def texts(path):
    with open(path, "rb") as file:
        for line in file:
            if not line.startswith(b"{"):
                yield line.rstrip(b"\r\n")
                continue
            for text in strings(json.loads(line)):
                yield text.encode("utf-8", "surrogatepass")


def documents(path):
    grams, size = set(), 0
    for text in texts(path):
        text = text.translate(LOWER)
        grams.update(text[i:i + 4] for i in range(len(text) - 3))
        size += len(text)
        if size >= DOCUMENT:
            yield grams
            grams, size = set(), 0
    yield grams


def main():
    counts, total = {}, 0
    for path in sys.argv[1:]:
        for grams in documents(path):
            total += 1
            for gram in grams:
                counts[gram] = counts.get(gram, 0) + 1
    cells = [0] * (1 << CELLS_LOG2)
    for gram, n in counts.items():
        cell = int.from_bytes(gram, "little") * 2654435761 % (1 << 32) >> (32 - CELLS_LOG2)
        # 15: in every document; one less for each halving; 0: in none, or hardly any
        rank = max(0, round(15 + math.log2(n / total))) if n > 1 else 0
        cells[cell] = max(cells[cell], rank)
    print("/* Made by tools/gram_ranks.py from %d documents. */" % total)
    print("static const char gram_ranks[%d][65] = {" % (len(cells) // 64))
    for at in range(0, len(cells), 64):
        print('    "%s",' % "".join("%x" % c for c in cells[at:at + 64]))
    print("};")


main()
