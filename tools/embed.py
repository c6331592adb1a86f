#!/usr/bin/env python3
"""Puts files into one C file: embed.py OUT.c NAME ROOT FILE...

OUT.c defines `const struct embedded NAME[]` (src/base/embed.h) with one row for each
FILE, its path written relative to ROOT, in the order of the paths, ended by a row
without path. FILE may be a folder: all files below it. Output depends on nothing but
the files."""
import os
import sys


def files_below(path):
    if not os.path.isdir(path):
        return [path]
    return [os.path.join(folder, name) for folder, _, names in os.walk(path) for name in names]


def literal(data):
    """The bytes as string literals: much faster to compile than a list of numbers."""
    lines = []
    for at in range(0, len(data), 64):
        text = "".join(chr(b) if 32 <= b < 127 and b not in b'"\\?' else "\\%03o" % b
                       for b in data[at:at + 64])
        lines.append('    "%s"' % text)
    return "\n".join(lines) or '    ""'


def main():
    out, name, root = sys.argv[1:4]
    files = sorted({(os.path.relpath(f, root).replace(os.sep, "/"), f)
                    for arg in sys.argv[4:] for f in files_below(arg)})
    with open(out, "w", encoding="ascii") as c:
        c.write("/* Made by tools/embed.py. */\n#include \"base/embed.h\"\n\n")
        c.write("#pragma GCC diagnostic ignored \"-Woverlength-strings\"\n")
        c.write("extern const struct embedded %s[];\n\n" % name)
        for i, (_, path) in enumerate(files):
            with open(path, "rb") as f:
                data = f.read()
            c.write("static const char file_%d[] =\n%s;\n\n" % (i, literal(data)))
        c.write("const struct embedded %s[] = {\n" % name)
        for i, (path, _) in enumerate(files):
            c.write('    {"%s", (const unsigned char *)file_%d, sizeof file_%d - 1},\n'
                    % (path.replace("\\", "\\\\").replace('"', '\\"'), i, i))
        c.write("    {0, 0, 0},\n};\n")


main()
