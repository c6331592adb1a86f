#!/usr/bin/env python3
"""Our EVTX reader against libevtx's, over every event log of the corpora.

    test_evtx_corpora.py EVTX_DUMP BUILD_FOLDER

For each file: the number of records is what evtxinfo counts, and every field of every
record, by name and in order, is what evtxexport writes, after the normalisation described
in evtx_peer.py. All files are compared, none is sampled: evtxexport needs about ten seconds
for the lot. Skipped where the corpora or libevtx are missing.
"""
import collections
import sys

import corpora
import evtx_peer as peer

# Records that libevtx cannot turn into XML, with their number per file. evtxexport stops at
# the first of them; its Python module goes on.
NOT_READ_BY_PEER = {
    # entity references inside attributes ("sub token - unsupported type: 0x49")
    "E_ShadowCopy6_windows_system32_winevt_logs_Microsoft-Windows-CAPI2%4Operational.evtx": 23,
    "E_Windows_system32_winevt_logs_Microsoft-Windows-CAPI2%4Operational.evtx": 3,
    # XML without a template, whose elements carry no dependency id: forwarded events
    "MSExchange_Management_wec.evtx": 1,
    "issue_201.evtx": 1,
}

# Files of which parts cannot be read, with the number of gaps we report.
GAPS = {
    # a record is partly overwritten: the walk of its chunk ends, libevtx's too
    "2-vss_0-Microsoft-Windows-RemoteDesktopServices-RdpCoreTS%4Operational.evtx": 2,
    "2-vss_0-Microsoft-Windows-TerminalServices-RemoteConnectionManager%4Operational.evtx": 1,
    "Microsoft-Windows-HelloForBusiness%4Operational.evtx": 1,
    "Microsoft-Windows-LanguagePackSetup%4Operational.evtx": 1,
    "sample-with-zero-data-size-event.evtx": 1,  # a record of size 0
    "sample_with_a_bad_chunk_magic.evtx": 7,  # three such records, two blocks no chunks, two blank stretches
    "sysmon.evtx": 8,  # blocks that are no chunks
}

# (file name, record, field) where the texts differ, with the reason. None is left.
DIFFERENT = {}


class Comparison:
    def __init__(self, dump):
        self.dump = dump
        self.failures = []
        self.seen = collections.Counter()

    def fail(self, path, why):
        self.failures.append(f"{path.name}: {why}")

    def file(self, path):
        events, gaps = peer.ours(self.dump, path)
        if len(gaps) != GAPS.get(path.name, 0):
            self.fail(path, f"{len(gaps)} gaps: {gaps[:3]}")
        count = peer.peer_count(path)
        if count != len(events):
            self.fail(path, f"{len(events)} records, evtxinfo counts {count}")
            return
        self.seen["files"] += 1
        self.seen["records"] += len(events)
        xml, complete = peer.peer_xml(path)
        if not complete:
            xml = peer.pyevtx_xml(path)
            if xml is None:
                self.seen["files without values (no Python module of libevtx)"] += 1
                return
        self.values(path, events, xml)

    def values(self, path, events, xml):
        if len(xml) != len(events):
            self.fail(path, f"{len(events)} records, evtxexport writes {len(xml)}")
            return
        not_read = xml.count(None)
        if not_read != NOT_READ_BY_PEER.get(path.name, 0):
            self.fail(path, f"libevtx cannot read {not_read} records")
        for event, text in zip(events, xml):
            if text is None:
                self.seen["not read by libevtx"] += 1
                continue
            self.seen["compared"] += 1
            for mine, theirs in zip(peer.ours_as_fields(event), peer.peer_as_fields(text)):
                for name, a, b in peer.differences(mine, theirs):
                    if (path.name, event["record"], name) not in DIFFERENT:
                        self.fail(path, f"record {event['record']}: {name}: {a} is not {b}")


def main():
    dump, build = sys.argv[1:3]
    logs = sorted(corpora.folder(build).rglob("*.evtx"))
    peer.need("evtxinfo")
    peer.need("evtxexport")
    if not logs:
        sys.exit("no event logs in the corpora")
    comparison = Comparison(dump)
    for path in logs:
        comparison.file(path)
    for what, n in comparison.seen.items():
        print(f"{n} {what}")
    for failure in comparison.failures[:50]:
        print(failure[:1000])
    sys.exit(len(comparison.failures) > 0)


if __name__ == "__main__":
    main()
