#!/usr/bin/env python3
"""Follows every reference that a verdict cites to the raw bytes of the evidence.

usage: test_references.py ASSAY [STORY...]

For every fact: each of its findings, the file with that digest, the place in it, the record's own
number and time there, and every value that the fact's sentence took from the record. Nothing here
uses the program's own readers.
"""
import glob
import hashlib
import os
import re
import struct
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import judge  # noqa: E402  (the folder is put on the path first)

PACKS = os.path.join(HERE, "..", "..", "packs")
STORIES = ("pl_entered", "pl_local", "pl_mail_theft", "pl_removed_by_defender",
           "pl_archive_fetched", "org_one_of_three", "ps_exported_page", "ns_executed",
           "ts_keys_taken", "web_shell_apache", "sb_loaded")
# Values that a reader derives: they stand in no record as they are printed.
DERIVED = {"WebPath", "DdiSchema", "CompiledPage", "Size", "DumpKey", "DumpBuild", "DumpTime",
           "KnownPath", "ShellWhy", "ScriptMarks", "Tool", "TempFile", "ControlPanelUrl",
           "ExportMailbox", "Format", "DumpWhenChanged", "DumpServer", "ShellConfidence", "AnchorHost"}
# What the program says of a match of a YARA rule (src/rule/yara.c).
YARA = ["a web shell, by its text: {Path} ({Size} bytes)"]
EPOCH = 11644473600
QUOTES = re.compile(rb"[\"']")


def templates():
    """{rule id: [sentence of a pack's rule]}."""
    found = {}
    for path in glob.glob(os.path.join(PACKS, "*", "rules", "*.yml")):
        with open(path, encoding="utf-8") as handle:
            text = handle.read()
        rule = re.search(r"^id: *([0-9a-f-]{36})", text, re.M)
        if rule:
            title = re.search(r"^title: *(.*)$", text, re.M)
            found[rule[1]] = re.findall(r'what: *"((?:[^"\\]|\\.)*)"', text) + [title[1]]
    return found


def values(sentence, text):
    """{field: value} of a fact's sentence by its template; None where it is another's."""
    names, pattern = [], ""
    for part in re.split(r"(\{\w[\w-]*\})", sentence.replace('\\"', '"').replace("\\\\", "\\")):
        if re.fullmatch(r"\{\w[\w-]*\}", part):
            names.append(part[1:-1])
            pattern += "(.*?)"
        else:
            pattern += re.escape(part)
    hit = re.fullmatch(pattern, text, re.S)
    return list(zip(names, hit.groups())) if hit else None


class Followed:
    """What was checked, and what did not hold."""

    def __init__(self):
        self.checks, self.values, self.problems, self.files = 0, 0, [], {}

    def check(self, ok, text):
        self.checks += 1
        if not ok:
            self.problems.append(text)

    def data(self, path):
        if path not in self.files:
            with open(path, "rb") as handle:
                self.files[path] = handle.read()
        return self.files[path]

    def finding(self, f):
        """The bytes that a finding is about."""
        where = f["where"]
        data = self.data(where["path"])
        name = "%s %s" % (f["rule"]["title"], where)
        self.check(hashlib.sha256(data).hexdigest() == where["sha256"], "digest: " + name)
        begin, end = where["offset"], where["offset"] + where["size"]
        self.check(0 <= begin <= end <= len(data), "outside the file: " + name)
        raw = data[begin:end]
        if where["path"].endswith(".evtx"):
            self._record(raw, f, name)
        elif where["path"].lower().endswith(".log") and f["time"] and begin > 0:
            self._row(data, begin, raw, f, name)
        return raw

    def _record(self, raw, f, name):
        magic, size, number, written = struct.unpack_from("<4sIQQ", raw)
        self.check(magic == b"**\0\0" and size == len(raw), "no record there: " + name)
        self.check(number == f["where"]["record"], "another record's number: " + name)
        when = written / 1e7 - EPOCH
        told = judge_seconds(f["time"])
        self.check(told is None or abs(when - told) < 4, "another time (%s): %s" % (when, name))

    def _row(self, data, begin, raw, f, name):
        self.check(data[begin - 1:begin] in (b"\n", b"\r"), "not at a row's begin: " + name)
        self.check(b"\n" not in raw.rstrip(b"\r\n"), "more than one row: " + name)
        clock = f["time"][11:19].encode()
        self.check(clock in raw or b":" + clock[3:] in raw, "another time: " + name)

    def sentence(self, found, fact):
        """The sentence is that of one of the records: all its values stand in that one."""
        lacks = []
        for pairs, f, raw in found:
            pairs = [(k, v) for k, v in pairs if k not in DERIVED and v not in ("?", "") and
                     not v.endswith(("...", "\u2026"))]
            lacks.append([x for x in pairs if not self.holds(x[1], raw, f)])
            self.values += len(pairs)
        self.check(lacks, "no finding of it has this sentence: " + fact["what"])
        self.check(not lacks or [] in lacks, "in no record: %s" % lacks[:1])

    @staticmethod
    def holds(value, raw, f):
        """Whether a value stands in a record, in UTF-8 or UTF-16, or in its path."""
        place = f["where"]["path"]
        low = raw.lower()
        held = value.replace("\\", "/").split("/")[-1].lower() in place.lower()
        for form in (value.lower(), value.lower().replace(" ", "+")):
            # Quotes are doubled in some logs, and stand around cells: they are left out.
            narrow, wide = form.encode("utf-8"), form.encode("utf-16-le")
            held = held or narrow in low or wide in low or (
                QUOTES.sub(b"", narrow) in QUOTES.sub(b"", low))
        return held


def judge_seconds(text):
    from compare import seconds
    return seconds(text)


def follow(document, sentences, followed):
    findings = {f["id"]: f for f in document["findings"]}
    evidence = {e["path"]: e["sha256"] for e in document["evidence"]}
    for h in document["hosts"]:
        for fact in h["facts"]:
            followed.check(fact["findings"], "rests on nothing: " + fact["what"])
            found = []
            for number in fact["findings"]:
                f = findings.get(number)
                followed.check(f, "no such finding: %s of %s" % (number, fact["what"]))
                if not f or not os.path.exists(f["where"]["path"]):
                    continue
                followed.check(evidence.get(f["where"]["path"]) == f["where"]["sha256"],
                               "another digest: " + f["where"]["path"])
                raw = followed.finding(f)
                for sentence in sentences.get(f["rule"]["id"], YARA):
                    pairs = values(sentence, fact["what"])
                    if pairs is not None:
                        found.append((pairs, f, raw))
            if any(os.path.exists(w["path"]) for w in fact["where"]):  # a member is in no file of its own
                followed.sentence(found, fact)
            for w in fact["where"]:
                followed.check(any(findings[n]["where"]["path"] == w["path"] and
                                   findings[n]["where"]["offset"] == w["offset"]
                                   for n in fact["findings"] if n in findings),
                               "cites a place of no finding: %s" % w)


def main():
    assay = os.path.abspath(sys.argv[1])
    sentences, followed = templates(), Followed()
    for name in sys.argv[2:] or STORIES:
        with tempfile.TemporaryDirectory() as folder:
            judge.write(judge.tell(name), folder)
            before = followed.checks
            follow(judge.scan(assay, folder), sentences, followed)
            if followed.checks == before:
                print("nothing is told of", name)
            followed.files.clear()
    for p in sorted(set(followed.problems))[:60]:
        print("FAIL", p)
    print("%d checks, %d values followed to the bytes, %d do not hold" % (
        followed.checks, followed.values, len(followed.problems)))
    sys.exit(bool(followed.problems))


if __name__ == "__main__":
    main()
