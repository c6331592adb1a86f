#!/usr/bin/env python3
"""Puts files into one C file: embed.py OUT.c DEPFILE NAME ROOT FILE...

OUT.c defines `const struct embedded NAME[]` (src/base/embed.h) with one row for each
FILE, its path written relative to ROOT, in the order of the paths, ended by a row
without path. FILE may be a folder: all files below it but hidden ones (an editor's).
Output depends on nothing but the files. DEPFILE, in the language of make, names the
files and the folders they were found in: a folder's time changes when a file comes or
goes, and the build runs again."""
import os
import sys


def files_below(path):
    if not os.path.isdir(path):
        return [path]
    return [os.path.join(folder, name) for folder, _, names in os.walk(path) for name in names
            if not name.startswith(".")]


def folders_below(path):
    return [folder for folder, _, _ in os.walk(path)]


def depend(out, depfile, paths):
    with open(depfile, "w", encoding="utf-8") as d:
        d.write("%s:" % out)
        for path in paths:
            d.write(" \\\n  %s" % path.replace("$", "$$").replace("#", "\\#").replace(" ", "\\ "))
        d.write("\n")


def literal(data):
    """The bytes as string literals: much faster to compile than a list of numbers."""
    lines = []
    for at in range(0, len(data), 64):
        text = "".join(chr(b) if 32 <= b < 127 and b not in b'"\\?' else "\\%03o" % b
                       for b in data[at:at + 64])
        lines.append('    "%s"' % text)
    return "\n".join(lines) or '    ""'


def main():
    out, depfile, name, root = sys.argv[1:5]
    files = sorted({(os.path.relpath(f, root).replace(os.sep, "/"), f)
                    for arg in sys.argv[5:] for f in files_below(arg)})
    folders = sorted({f for arg in sys.argv[5:] for f in folders_below(arg)})
    depend(out, depfile, folders + [f for _, f in files])
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
