#!/usr/bin/env python3
"""What gen/exchlog.py writes comes out of `assay dump` as it was written.

    test_exchlog.py ASSAY

Every type of log, whole, and again: exported with quotes around every cell, separated by tabs
and by semicolons, in UTF-16, without its header (where the order of the columns is known), cut
into a gzip file.
"""
import gzip
import json
import pathlib
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent / "gen"))
import exchlog

HEADERLESS = ("ews2013", "ews2016", "mapihttp", "rps-http", "tracking2010", "tracking2013",
              "tracking2016", "agent", "audit", "ecp-server", "imap")

failed = 0


def wrong(text):
    global failed
    failed += 1
    print(text)


def dump(assay, path):
    done = subprocess.run([assay, "dump", str(path)], capture_output=True, check=False)
    return ([json.loads(line) for line in done.stdout.decode("utf-8").splitlines()],
            done.stderr.decode("utf-8"))


def have(event):
    found = {}
    for section in ("fields", "derived"):
        for name, value in event.get(section, {}).items():
            found.setdefault(name, []).extend(value if isinstance(value, list) else [value])
    return found


def pairs_of(text):
    """The items of a key/value cell, read by other code than the program's."""
    at, n = 0, len(text)
    while at < n:
        if text[at] in "; ":
            at += 1
            continue
        quoted = text[at] == "'"
        at += quoted
        item = ""
        while at < n and not (not quoted and text[at] == ";"):
            if quoted and text[at] == "'":
                if text[at + 1:at + 2] != "'":
                    break
                at += 1
            item += text[at]
            at += 1
        at = text.find(";", at) if quoted and ";" in text[at:] else at if not quoted else n
        head, _, rest = item.partition(":")
        if rest and head in ("S", "Dbl", "I32"):
            item = rest
        key, equals, value = item.partition("=")
        if equals:
            yield key, value


def compare_items(what, found, row):
    columns = [name for name, _ in row]
    for name, text in row:
        if name not in exchlog.KEYED:
            continue
        for key, value in pairs_of(text):
            field = key if name == "EventData" and key not in columns and \
                "ServerName" in columns else name + "." + key
            got = found.get(field, found.get(name + "." + key))
            if field.startswith("GenericInfo.") and "AnchorMailbox" in columns:
                continue  # HttpProxy's are left in their cell
            if field.startswith("GenericErrors.") and "AnchorMailbox" in columns:
                continue
            if got is None or (value or None) not in got:
                wrong("%s: item %s of %r is %r" % (what, field, text, got))


def compare(what, events, said, written, headed=True):
    if said.strip():
        wrong("%s: %s" % (what, said.splitlines()[0]))
    if len(events) != len(written.rows):
        wrong("%s: %d events of %d rows" % (what, len(events), len(written.rows)))
        return
    for i, (event, row) in enumerate(zip(events, written.rows)):
        where = "%s row %d" % (what, i + 1)
        found = have(event)
        if event["kind"] != written.kind:
            wrong("%s is %s" % (where, event["kind"]))
        if headed and event.get("part", "") != written.part:
            wrong("%s is of part %r" % (where, event.get("part")))
        if event.get("columns") != (None if headed else "assumed"):
            wrong("%s: columns %r" % (where, event.get("columns")))
        for name, text in row:
            if (text or None) not in found.get(name, []):
                wrong("%s: %s is %r, was %r" % (where, name, found.get(name), text))
        compare_items(where, found, row)


def exported(rows, separator, type_line):
    quote = lambda t: '"' + t.replace('"', '""') + '"'
    lines = ["#TYPE Selected.System.Management.Automation.PSCustomObject"] if type_line else []
    lines.append(separator.join(quote(name) for name, _ in rows[0]))
    lines += [separator.join(quote(t) for _, t in row) for row in rows]
    return "\r\n".join(lines) + "\r\n"


def again(assay, folder, name, written):
    """The same log in its other forms."""
    text = written.path.read_bytes().decode("utf-8-sig")
    beside = written.path.with_suffix("")
    forms = {"tabs": exported(written.rows, "\t", False).encode(),
             "semicolons": exported(written.rows, ";", True).encode(),
             "utf16": b"\xff\xfe" + text.encode("utf-16-le")}
    for form, data in forms.items():
        named = form == "utf16"  # an export has lost the log's name
        if not named and written.kind in ("owa", "mitigation", "exchange", "autodiscover",
                                          "ecp-activity"):
            continue
        path = beside.with_name(beside.name + "." + form)
        path.write_bytes(data)
        events, said = dump(assay, path)
        if not named and written.kind == "smtp":
            events = [dict(e, part=written.part) for e in events]
        compare(name + " as " + form, events, said, written)
    packed = beside.with_name(beside.name + ".LOG.gz")
    packed.write_bytes(gzip.compress(written.path.read_bytes()))
    compare(name + " in gzip", *dump(assay, packed), written)
    if name in HEADERLESS:
        bare(assay, folder, name, written)


def bare(assay, folder, name, written):
    """Rows alone; the first must have the shape that tells the log."""
    rng = random.Random(7)
    columns = [n for n, _ in written.rows[0]]
    rows = []
    for row in written.rows:
        values = dict(row)
        values.update({k: v for k, v in {
            "IsAuthenticated": "true", "StartTime": "2021-03-03T06:00:00.000Z",
            "RemoteEndpoint": "192.0.2.1:25", "NumRecipients": "1", "event-id": "RECEIVE",
            "TenantId": "00000000-0000-0000-0000-000000000000", "RequestType": "Execute",
            "TotalRequestLatency": "5", "seqNumber": "3", "duration": "4", "command": "login",
        }.items() if k in values})
        if name == "ews2016":
            values["StartTime"] = dict(row)["StartTime"]
        rows.append([(n, values[n]) for n in columns])
    lines = [exchlog.line_of(rng, columns, [t for _, t in row]) for row in rows]
    path = pathlib.Path(folder) / ("bare-" + name + ".LOG")
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode("utf-8"))
    compare(name + " bare", *dump(assay, path), written._replace(rows=rows), headed=False)


def main():
    assay = sys.argv[1]
    for seed in (1, 2, 3):
        with tempfile.TemporaryDirectory() as folder:
            for name, written in zip(exchlog.TYPES, exchlog.write_all(folder, seed)):
                compare("%s (%d)" % (name, seed), *dump(assay, written.path), written)
                if seed == 1:
                    again(assay, folder, name, written)
    print("%d mistakes" % failed)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
