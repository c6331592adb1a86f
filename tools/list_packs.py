#!/usr/bin/env python3
"""Prints the files of all packs, one a line, for the build: list_packs.py PACKS"""
import pathlib
import sys

for path in sorted(pathlib.Path(sys.argv[1]).rglob("*.yml")):
    print(path)
