#!/usr/bin/env python3
"""Files that are put into the program: a new file in a folder must not be left out by a build
that goes on, so the folder itself is among what the table depends on: test_embed.py EMBED"""
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

EMBED = sys.argv.pop(1)


class Embed(unittest.TestCase):
    def run_on(self, root):
        out, depfile = self.work / "out.c", self.work / "out.d"
        subprocess.run([sys.executable, EMBED, out, depfile, "table", root, root], check=True)
        target, _, paths = depfile.read_text(encoding="utf-8").replace("\\\n", " ").partition(":")
        self.assertEqual(target, str(out))
        found = [p.replace("\\ ", " ") for p in re.findall(r"(?:\\ |\S)+", paths)]
        return set(found), re.findall(r'^    \{"([^"]+)"', out.read_text(encoding="ascii"), re.M)

    def test_folders_and_files_are_depended_on(self):
        with tempfile.TemporaryDirectory() as work:
            self.work = pathlib.Path(work)
            root = self.work / "rules of all"
            (root / "deep" / "empty").mkdir(parents=True)
            (root / "a.yml").write_text("a: 1\n", encoding="ascii")
            (root / "deep" / "b.yml").write_text("b: 2\n", encoding="ascii")
            (root / ".a.yml.swp").write_text("", encoding="ascii")
            paths, rows = self.run_on(root)
            self.assertEqual(rows, ["a.yml", "deep/b.yml"])
            self.assertEqual(paths, {str(p) for p in [root, *root.rglob("[!.]*")]})


unittest.main()
