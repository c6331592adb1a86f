#!/usr/bin/env python3
"""Writes the table of simple case folding: fold_table.py OUT.h

Python's casefold is the full folding; where that gives several characters, the simple
one is the lower-case character, if it is one."""
import sys


def fold(c):
    full = chr(c).casefold()
    if len(full) == 1:
        return ord(full)
    lower = chr(c).lower()
    return ord(lower) if len(lower) == 1 else c


pairs = [(c, fold(c) - c) for c in range(0x80, 0x110000)
         if not 0xD800 <= c < 0xE000 and fold(c) != c]
ranges = []  # [first, last, step, delta]
for c, delta in pairs:
    r = ranges[-1] if ranges else None
    if r and r[3] == delta and c - r[1] <= 2 and (r[0] == r[1] or c - r[1] == r[2]):
        r[2] = c - r[1]
        r[1] = c
    else:
        ranges.append([c, c, 1, delta])
with open(sys.argv[1], "w", encoding="ascii") as out:
    out.write("/* Made by tools/fold_table.py. */\nstatic const struct fold_range fold_table[] = {\n")
    for r in ranges:
        out.write("    {0x%x, 0x%x, %d, %d},\n" % tuple(r))
    out.write("};\n")
