#!/usr/bin/env python3
"""Logs of real servers: nothing in them is lost.

    test_real_logs.py ASSAY

Reads every file below the folder that ASSAY_REAL_LOGS names, one log each; skipped where there
is none. Nothing of them is part of the project. For each file a reader of this script, which
shares no code with the program, says which rows and columns there are; then

- `assay dump` must give as many events as there are rows, and tell of no damage;
- every column of every row must be a field of its event, with the same text.

A reader is a class with `fits(text)` and `rows(text)`; to add a kind of log, add a class to
READERS.
"""
import csv
import io
import json
import os
import pathlib
import re
import subprocess
import sys

SKIP = 77
TIMES = ("datetime", "timestamp", "date-time", "mytimestamp", "time")


class ExchangeCsv:
    """Exchange's comma-separated logs, and exports of them. A row is a dict; rows without a
    header above them are lists, of which only the values can be compared."""

    @staticmethod
    def fits(text):
        head = text[:65536]
        return ("#Software: Microsoft Exchange" in head or head.startswith("#TYPE") or
                any(ExchangeCsv.is_header(cells) for cells in csv.reader(io.StringIO(head))) or
                head[:4].isdigit() and head[10:11] == "T" and head.split("\n")[0].count(",") > 3)

    @staticmethod
    def is_header(cells):
        return len(cells) > 2 and any(c.strip().lower() in TIMES for c in cells)

    @staticmethod
    def rows(text):
        columns, export = None, False
        for cells in csv.reader(io.StringIO(text, newline="")):
            if not cells:
                continue
            if cells[0].startswith("#Fields:"):
                columns = [cells[0][len("#Fields:"):].strip()] + cells[1:]
            elif cells[0].startswith("#"):
                export = cells[0].startswith("#TYPE")
            elif export or ExchangeCsv.is_header(cells):
                columns, export = cells, False
            elif columns:
                yield list(zip(columns, cells))
            else:
                yield [(None, c) for c in cells]


class W3c:
    """Logs with columns between blanks or tabs: IIS, HTTP.sys and others. A field that says '-'
    has no value. A row with surplus blanks is counted; its columns are not compared."""

    NAMES = {"cs(User-Agent)": "cs-user-agent", "cs(Referer)": "cs-referer",
             "cs(Cookie)": "cs-cookie", "cs(Host)": "cs-host"}

    @staticmethod
    def fits(text):
        return "#Fields: " in text[:65536] and "," not in text[:65536].split("#Fields: ")[1][:40]

    @staticmethod
    def rows(text):
        columns, between = None, " "
        for line in text.splitlines():
            if line.startswith("#Fields:"):
                between = "\t" if "\t" in line else " "
                columns = [W3c.NAMES.get(c, c) for c in line[len("#Fields:"):].split()]
            elif line and not line.startswith("#"):
                cells = line.rstrip(between).split(between)
                if columns and len(cells) == len(columns):
                    yield [(n, "" if c == "-" else c) for n, c in zip(columns, cells)]
                else:
                    yield []


class HttpErr:
    """Rows of HTTP.sys's error log without their header."""

    @staticmethod
    def fits(text):
        return re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \S+ \d+ \S+ \d+ (HTTP/|- )", text)

    @staticmethod
    def rows(text):
        for line in text.splitlines():
            yield [(None, c) for c in line.split(" ") if c != "-"] if line.count(" ") < 13 else []


class Access:
    """Access logs of Apache, nginx and their like: every value of a row must be there."""

    ROW = re.compile(r'^(.*?) ?\[(\d\d/\w{3}/\d{4}:[^\]]+)\] "(.*?(?<!\\))" (\d{3}|-) (\d+|-)(?: (.*))?$')
    MORE = re.compile(r'"((?:[^"\\]|\\.)*)"(?=\s|$)|"([^"]*)$|([^\s"]\S*?(?:"[^"]*")?)(?=\s|$)')

    @staticmethod
    def fits(text):
        return Access.ROW.match(text.splitlines()[0] if text else "")

    @staticmethod
    def clear(text):
        """Without escapes, if all are escapes; else as written, as the program keeps it."""
        def char(m):
            return bytes([int(m[1], 16)]) if m[1] else m[2]
        escapes = rb'\\(?:x([0189a-fA-F][0-9a-fA-F]|7[fF]|22|5[cC])|(["\\]))'
        raw = text.encode()
        if b"\\" in re.sub(escapes, b"", raw):
            return text
        try:
            return re.sub(escapes, char, raw).decode()
        except UnicodeDecodeError:
            return text

    @staticmethod
    def rows(text):
        for line in text.replace("\r\n", "\n").rstrip("\n").split("\n"):
            m = Access.ROW.match(line)
            if not m:
                yield []
                continue
            cells = [m[1].split()[-1], m[4], m[5]]
            words = re.match(r"([A-Za-z_-]+) (.*) (HTTP/\S*)$|([A-Za-z_-]+) (\S+ *)$", m[3])
            if words and (words[2] or words[5]) != "-":
                cells += [words[1] or words[4], words[3] or "-"] + (words[2] or words[5]).split("?", 1)
            else:
                cells.append(m[3])
            cells += [a or b or c for a, b, c in Access.MORE.findall(m[6] or "")]
            # Bytes that are no UTF-8 are read in a code page: not compared.
            yield [(None, Access.clear(c)) for c in cells if c not in ("-", "") and "\ufffd" not in c]


READERS = (ExchangeCsv, W3c, HttpErr, Access)


def dumped(assay, path):
    done = subprocess.run([assay, "dump", str(path)], capture_output=True, check=False)
    events = [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]
    return events, done.stderr.decode("utf-8", "replace").strip()


def values(event):
    for section in ("fields", "derived"):
        for name, value in event.get(section, {}).items():
            for v in value if isinstance(value, list) else [value]:
                yield name, "" if v is None else v


def missing(event, row):
    """The columns of a row that the event lacks or has otherwise."""
    have = set(values(event))
    texts = {v for _, v in have}
    return [(n, c) for n, c in row if ((n, c) not in have if n else c not in texts)]


def check(assay, path):
    """What is wrong with how a file was read: a list of sentences."""
    text = path.read_bytes().decode("utf-8-sig", "replace")
    reader = next((r for r in READERS if r.fits(text)), None)
    if not reader:
        return ["no reader of this test knows it"]
    rows = list(reader.rows(text))
    events, said = dumped(assay, path)
    wrong = []
    if said:
        wrong.append("the program says: " + said.splitlines()[0])
    if len(events) != len(rows):
        wrong.append("%d events of %d rows" % (len(events), len(rows)))
    for i, (event, row) in enumerate(zip(events, rows)):
        for name, cell in missing(event, row):
            wrong.append("row %d: column %s is not there as %r" % (i + 1, name, cell[:80]))
    if not wrong:
        print("  %s: %s, %d rows, %d columns" % (path.name, events[0]["kind"] if events else "-",
                                                 len(rows), len(rows[0]) if rows else 0))
    return wrong


def main():
    folder = os.environ.get("ASSAY_REAL_LOGS")
    if not folder or not pathlib.Path(folder).is_dir():
        print("skipped: ASSAY_REAL_LOGS names no folder")
        return SKIP
    files = sorted(p for p in pathlib.Path(folder).rglob("*") if p.is_file())
    failed = 0
    for path in files:
        for sentence in check(sys.argv[1], path):
            print("%s: %s" % (path.name, sentence))
            failed += 1
    print("%d files, %d mistakes" % (len(files), failed))
    return 1 if failed or not files else 0


if __name__ == "__main__":
    sys.exit(main())
