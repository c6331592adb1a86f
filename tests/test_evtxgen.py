#!/usr/bin/env python3
"""The event logs that gen/evtxgen.py writes, read by libevtx and by us.

    test_evtxgen.py EVTX_DUMP

libevtx must read them without an error, count the same records and give the values that
were written; so must we. Skipped where libevtx is missing.
"""
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent / "gen"))
import evtx_peer as peer
import evtxgen as gen
from evtxgen import EvtxWriter

SECURITY = dict(provider="Microsoft-Windows-Security-Auditing",
                guid="{54849625-5478-4994-A5BA-3E3B0328C30D}", channel="Security",
                computer="EX01.contoso.local", keywords=0x8020000000000000)
CMDLET = dict(provider="MSExchange CmdletLogs", event_id=1, qualifiers=16384, level=4, task=1,
              channel="MSExchange Management", computer="EX01.contoso.local",
              keywords=0x80000000000000)
START = gen.ticks("2021-03-02T04:11:09.1234567Z")

VALUES = [
    ("Text", "plain"), ("Umlaut", "Gr\u00fc\u00dfe \u2014 \U0001f4be"), ("Empty", ""),
    ("Markup", "<a b=\"c\">&amp;</a>"), ("Int8", gen.i8(-5)), ("UInt8", gen.u8(250)),
    ("Int16", gen.i16(-30000)), ("UInt16", gen.u16(60000)), ("Int32", -2000000000),
    ("UInt32", 4000000000), ("Int64", gen.i64(-2**62)), ("UInt64", 2**63 + 1),
    ("Float", gen.float32(1.5)), ("Double", gen.float64(-0.25)), ("True", True),
    ("False", False), ("Bytes", bytes(range(1, 20))),
    ("Guid", gen.guid("0cce9217-69ae-11d9-bed3-505054503030")), ("Size4", gen.size_t(4096, 4)),
    ("Size8", gen.size_t(2**40)), ("Time", gen.filetime("2021-03-02T04:11:09.1234567Z")),
    ("Date", gen.systemtime("2021-03-02T04:11:09.123Z")),
    ("User", gen.sid("S-1-5-21-1-2-4294967295-500")), ("System", gen.sid("S-1-5-18")),
    ("Hex32", gen.hex32(0x3e7)), ("Hex64", gen.hex64(0xffffffffffffffff)),
    ("Ansi", gen.ansi("caf\u00e9 \u20ac")), ("Null", None),
    ("List", ["one", "", "three"]), ("InTemplate", gen.Literal("C:\\Windows\\Temp")),
    (None, "unnamed"),
]


# What libevtx (20181227) gets wrong: negative numbers (-5 reads -123), and characters beyond
# U+FFFF.
WRONG_IN_PEER = ("Int8", "Int16", "Int32", "Int64", "Umlaut")


def write_all(log):
    """Every kind of record that libevtx can read; the expected data of each."""
    expected = []

    def add(want, **kw):
        log.add(time=START + 10**7 * len(expected), **kw)
        expected.append(want)

    named = {}
    for name, v in VALUES:
        text = str(v) if isinstance(v, gen.Literal) else gen.value(v).text
        named.setdefault(name or "Data", []).extend(text if isinstance(text, list) else [text])
    add(named, event_id=4624, data=VALUES, user_sid="S-1-5-19", version=2, opcode=1,
        activity_id="{8be4df61-93ca-11d2-aa0d-00e098032b8c}", **SECURITY)
    add({}, event_id=4608, **SECURITY)
    strings = ["Set-OabVirtualDirectory", "-ExternalUrl \"http://f/<script>\"", "", "0", ""]
    add({"Data": strings}, data=strings, **CMDLET)
    add({"Data": strings, "Binary": ["0A0B"]}, data=[(None, s) for s in strings],
        binary=b"\x0a\x0b", **CMDLET)
    add({"SubjectUserName": ["bob"], "Count": ["3"]}, event_id=1102,
        userdata=("LogFileCleared", [("SubjectUserName", "bob"), ("Detail", [("Count", 3)])]),
        **SECURITY)
    for i in range(3000):
        add({"Number": [str(i)], "Name": [f"user{i % 7}"]}, event_id=4625,
            data=[("Number", i), ("Name", f"user{i % 7}")], **SECURITY)
    return expected


def check(what, events, expected, to_fields, leave_out=()):
    """How many events differ from what was written."""
    bad = 0
    if len(events) != len(expected):
        print(f"{what}: {len(events)} records, {len(expected)} were written")
        return 1
    for i, (event, data) in enumerate(zip(events, expected)):
        system, fields = to_fields(event)
        differences = [d for d in peer.differences(data, fields) if d[0] not in leave_out]
        if system["EventRecordID"] != [str(i + 1)]:
            differences.append(("EventRecordID", system["EventRecordID"], i + 1))
        time = gen.iso(START + 10**7 * i)
        if peer.normal(system["TimeCreated"][0]) != peer.normal(time):
            differences.append(("TimeCreated", system["TimeCreated"], time))
        if differences:
            bad += 1
            if bad < 10:
                print(f"{what}, record {i + 1}: {differences}"[:500])
    return bad


def direct_is_read_back(dump, folder):
    """XML without a template: libevtx does not read it, so it is held to our reader, which
    is held to recorded logs of that kind."""
    path = folder / "direct.evtx"
    strings = ["Set-Mailbox", "", "fr-FR"]
    with EvtxWriter(path) as log:
        log.add(time=START, data=strings, direct=True, **CMDLET)
    events, gaps = peer.ours(dump, path)
    system, data = peer.ours_as_fields(events[0])
    wrong = gaps or data != {"Data": strings} or system["EventID_Qualifiers"] != ["16384"]
    if wrong:
        print("direct:", system, data, gaps)
    return int(bool(wrong))


def equal_calls_give_equal_bytes():
    logs = []
    for _ in range(2):
        log = EvtxWriter()
        write_all(log)
        logs.append(bytes(log.to_bytes()))
    return int(logs[0] != logs[1])


def main():
    dump = sys.argv[1]
    bad = equal_calls_give_equal_bytes()
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "all.evtx"
        with EvtxWriter(path) as log:
            expected = write_all(log)
        events, gaps = peer.ours(dump, path)
        bad += check("ours", events, expected, peer.ours_as_fields) + len(gaps)
        bad += direct_is_read_back(dump, pathlib.Path(folder))
        if bad:
            sys.exit(1)
        peer.need("evtxexport")
        xml, complete = peer.peer_xml(path)
        bad += check("libevtx", xml, expected, peer.peer_as_fields, WRONG_IN_PEER)
        bad += not complete
        if peer.peer_count(path) != len(expected):
            bad += 1
            print(f"evtxinfo counts {peer.peer_count(path)} of {len(expected)}")
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
