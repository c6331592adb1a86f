#!/usr/bin/env python3
"""The traps of the EVTX format, one test each, on files made for it.

    test_evtx_traps.py EVTX_DUMP

The numbers are those of docs/formats/evtx.md, "Traps".
"""
import pathlib
import struct
import sys
import tempfile
import traceback
import types

sys.path.insert(0, str(pathlib.Path(__file__).parent / "gen"))
import evtx_peer as peer
import evtxgen as gen
from evtxgen import (CData, CharRef, Element, Entity, EvtxWriter, Fragment, Instance, Literal,
                     Sub, reseal)

START = gen.ticks("2021-03-02T04:11:09.1234567Z")
EVENT = dict(provider="Maker", guid="{54849625-5478-4994-a5ba-3e3b0328c30d}", event_id=42,
             channel="Made/Operational", computer="EX01", time=START)
CHUNK_1 = 4096


def log_of(n=3, **kw):
    log = EvtxWriter()
    for i in range(n):
        log.add(data=[("Number", i), ("Text", "abc")], **{**EVENT, **kw})
    return log


class Reader:
    def __init__(self, dump, folder):
        self.dump, self.path = dump, pathlib.Path(folder) / "trap.evtx"

    def read(self, data):
        self.path.write_bytes(data)
        return peer.ours(self.dump, self.path)

    def one(self, data):
        """System and data of the only event of a file without gaps."""
        events, gaps = self.read(data)
        assert len(events) == 1 and not gaps, (events, gaps)
        return peer.ours_as_fields(events[0])

    def data(self, *fields):
        """What EventData of these values reads as."""
        log = EvtxWriter()
        log.add(data=list(fields), **EVENT)
        return self.one(log.to_bytes())[1]


def system(**fields):
    leaf = {"EventID": ["42"], "Channel": ["Made/Operational"], "Computer": ["EX01"]}
    leaf.update({name: [v] for name, v in fields.items()})
    return Element("System", [], [Element("Provider", [("Name", "Maker")]),
                                  *[Element(n, [], c) for n, c in leaf.items()]])


def event(*content, **fields):
    return Element("Event", [("xmlns", gen.NAMESPACE)], [system(**fields), *content])


def numbers(events):
    return [int(e["fields"]["Number"]) for e in events]


# ---- the traps ------------------------------------------------------------


def trap_01_header_counts_wrong_chunks(r):
    log = log_of()
    log.flush()
    log.add(data=[("Number", 3)], **EVENT)
    for count in (0, 1, 7, 0xffff):
        data = log.to_bytes()
        struct.pack_into("<H", data, 42, count)
        events, gaps = r.read(reseal(data))
        assert numbers(events) == [0, 1, 2, 3], count
        # more chunks than there are: everything is read, and the file may have been cut
        assert len(gaps) == (count > 2), (count, gaps)


def trap_02_checksum_is_wrong(r):
    for at in (52, 124):
        data = log_of().to_bytes()
        data[CHUNK_1 + at] ^= 1
        events, gaps = r.read(data)
        assert numbers(events) == [0, 1, 2] and not gaps
        assert all(e["checksum"] == "bad" for e in events)
    good, _ = r.read(log_of().to_bytes())
    assert not any("checksum" in e for e in good)
    data = log_of().to_bytes()  # a chunk may say that it has none
    data[CHUNK_1 + 52] ^= 1
    data[CHUNK_1 + 120] |= 4
    assert not any("checksum" in e for e in r.read(data)[0])


def trap_03_block_is_no_chunk(r):
    log = log_of()
    log.flush()
    log.add(data=[("Number", 3)], **EVENT)
    data = log.to_bytes()
    zero = data[:CHUNK_1] + bytes(gen.CHUNK) + data[CHUNK_1:]
    events, gaps = r.read(zero)  # blank, and counted by the header: something was there
    assert numbers(events) == [0, 1, 2, 3]
    assert [g["gap"] for g in gaps] == [[CHUNK_1, CHUNK_1 + gen.CHUNK]], gaps
    unused = data + bytes(gen.CHUNK)  # blank behind what the header counts: not used yet
    events, gaps = r.read(unused)
    assert numbers(events) == [0, 1, 2, 3] and not gaps
    zero[CHUNK_1 + 60000] = 1  # zeros at the start do not make it empty
    events, gaps = r.read(zero)
    assert numbers(events) == [0, 1, 2, 3]
    assert [g["gap"] for g in gaps] == [[CHUNK_1, CHUNK_1 + gen.CHUNK]], gaps
    data[CHUNK_1] = 0
    events, gaps = r.read(data)
    assert numbers(events) == [3] and len(gaps) == 1


def trap_04_end_of_records_lies(r):
    data = log_of().to_bytes()
    for free in (0, 512, 600, 60000, 65536, 0xffffffff):
        struct.pack_into("<I", data, CHUNK_1 + 48, free)
        events, gaps = r.read(data)
        assert numbers(events) == [0, 1, 2] and not gaps, free
    # behind the end, a record whose id does not continue is left over from before
    log = EvtxWriter()
    for i, id_ in enumerate((10, 11, 5, 6)):
        log.add(data=[("Number", i)], record_id=id_, **EVENT)
    data = log.to_bytes()
    struct.pack_into("<I", data, CHUNK_1 + 48, log.offsets[2] - CHUNK_1)
    assert numbers(r.read(reseal(data))[0]) == [0, 1]


def trap_05_copy_of_the_size_differs(r):
    log = log_of()
    data = log.to_bytes()
    data[log.offsets[2] - 4] ^= 8
    events, gaps = r.read(data)
    assert numbers(events) == [0]
    assert gaps[0]["gap"] == [log.offsets[1], CHUNK_1 + gen.CHUNK], gaps


def trap_06_record_size_is_impossible(r):
    log = log_of()
    for size in (0, 1, 27, 65535, 0xffffffff):
        data = log.to_bytes()
        struct.pack_into("<I", data, log.offsets[1] + 4, size)
        events, gaps = r.read(data)
        assert numbers(events) == [0] and len(gaps) == 1, size


def trap_07_definition_stands_later(r):
    """The third record is told to use a copy of its template behind the last record. (As
    written, it uses the one in the body of the second.)"""
    log = EvtxWriter()
    for literal in ("first", "second", "second"):
        log.add_tree(event(Element("EventData", [], [
            Element("A", [], [literal]), Element("B", [], [Sub(0)])])), ["x"])
    data = log.to_bytes()
    _, second, third = (o + 28 for o in log.offsets)
    at = second + 10  # its names stand in the first record, so that it can be copied
    assert struct.unpack_from("<I", data, third + 6)[0] == at - CHUNK_1
    size = struct.unpack_from("<I", data, at + 20)[0] + 24
    data[CHUNK_1 + 40000:CHUNK_1 + 40000 + size] = data[at:at + size]
    struct.pack_into("<I", data, third + 6, 40000)
    events, gaps = r.read(reseal(data))
    assert not gaps and [e["fields"]["A"] for e in events] == ["first", "second", "second"]
    data[CHUNK_1 + 40000 + 4] ^= 1  # and it is that one which was used
    assert len(r.read(data)[0]) == 2


def trap_08_name_offset_is_wild(r):
    log = log_of(2)
    clean = log.to_bytes()
    struct.pack_into("<96I", clean, CHUNK_1 + 128, *[0xdeadbeef] * 96)  # tables: never used
    assert numbers(r.read(reseal(bytearray(clean)))[0]) == [0, 1]
    at = log.offsets[0] + 28 + 10 + 24 + 4 + 1 + 2 + 4  # Event's name
    for offset in (65535, 65536, 0x7fffffff, 0xffffffff):
        data = bytearray(clean)
        struct.pack_into("<I", data, at, offset)
        events, gaps = r.read(data)
        assert not events and len(gaps) == 2, offset
    data = bytearray(clean)
    struct.pack_into("<H", data, at + 4 + 6, 256)  # longer than any name may be
    assert not r.read(data)[0]
    data = bytearray(clean)
    struct.pack_into("<I", data, at, gen.CHUNK - 40)  # begins in the chunk, ends outside
    struct.pack_into("<H", data, CHUNK_1 + gen.CHUNK - 40 + 6, 16)
    assert not r.read(data)[0]


def trap_09_same_guid_other_template(r):
    """Two definitions under one GUID that say different things, in different chunks."""
    log = EvtxWriter()
    log.add_tree(event(Element("EventData", [], [Element("A", [], [Sub(0)])])), ["x"])
    log.flush()
    log.add_tree(event(Element("EventData", [], [Element("B", [], [Sub(0)])])), ["x"])
    data = log.to_bytes()
    first, second = (o + 28 for o in log.offsets)
    data[second + 2:second + 6] = data[first + 2:first + 6]
    data[second + 14:second + 30] = data[first + 14:first + 30]
    events, gaps = r.read(reseal(data))
    assert [e["fields"] for e in events] == [{"A": "x"}, {"B": "x"}] and not gaps


def trap_10_template_id_is_not_the_guids(r):
    log = log_of(2)
    data = log.to_bytes()
    data[log.offsets[1] + 28 + 2] ^= 0xff
    events, gaps = r.read(data)
    assert numbers(events) == [0] and len(gaps) == 1
    assert gaps[0]["gap"][0] == log.offsets[1]


def trap_11_xml_without_template(r):
    log = EvtxWriter()
    log.add(direct=True, data=[("Name", "v"), (None, "first"), (None, ""), (None, "third")],
            qualifiers=16384, **EVENT)
    got, data = r.one(log.to_bytes())
    assert got["EventID"] == ["42"] and got["EventID_Qualifiers"] == ["16384"]
    assert got["TimeCreated"] == ["2021-03-02T04:11:09.123456700Z"]
    assert data == {"Name": ["v"], "Data": ["first", "", "third"]}
    events, _ = r.read(log.to_bytes())
    assert events[0]["time"] == "2021-03-02T04:11:09.1234567Z" and events[0]["host"] == "EX01"


def trap_12_nested_templates(r):
    def nested(value):
        log = EvtxWriter()
        log.add_tree(event(Element("UserData", [], [Sub(0, 0x21)])), [value])
        return log.to_bytes()

    leaf = Element("Root", [], [Element("Leaf", [], [Sub(0)])])
    for header in (True, False):
        assert r.one(nested(Instance(leaf, ["x"], header)))[1] == {"Leaf": ["x"]}
        bare = Fragment(Element("Root", [], [Element("Leaf", [], ["x"])]), header)
        assert r.one(nested(bare))[1] == {"Leaf": ["x"]}
    assert r.one(nested(gen.raw(0x21, b"")))[1] == {}
    assert r.one(nested(gen.raw(0x21, gen.FRAGMENT_HEADER + b"\0")))[1] == {}

    value = Instance(leaf, ["deep"])
    for _ in range(4):
        value = Instance(Element("Shell", [], [Sub(0, 0x21)]), [value])
    assert r.one(nested(value))[1] == {"Leaf": ["deep"]}
    for _ in range(20):
        value = Instance(Element("Shell", [], [Sub(0, 0x21)]), [value])
    events, gaps = r.read(nested(value))
    assert events[0]["system"]["EventID"] == "42" and len(gaps) == 1, gaps

    deep = Element("Leaf", [], ["x"])
    for _ in range(50):
        deep = Element("E", [], [deep])
    assert r.one(nested(Fragment(deep)))[1] == {"Leaf": ["x"]}
    for _ in range(50):
        deep = Element("E", [], [deep])
    events, gaps = r.read(nested(Fragment(deep)))
    assert len(events) == 1 and len(gaps) == 1


def trap_13_string_arrays(r):
    def array(data):
        return r.data((None, gen.raw(0x81, data)))["Data"]

    assert array(gen.utf16("a\0b\0")) == ["a", "b"]
    assert array(gen.utf16("a\0b")) == ["a", "b"]
    assert array(gen.utf16("a\0\0\0b\0")) == ["a", "", "", "b"]
    assert array(gen.utf16("a\0b\0") + b"x") == ["a", "b"]
    assert array(b"") == [""]
    numbers_ = r.data(("N", gen.raw(0x88, struct.pack("<3I", 1, 2, 3))))
    assert numbers_ == {"N": ["1", "2", "3"]}
    named = r.data(("L", ["x", "y"]), ("After", "z"))
    assert named == {"L": ["x", "y"], "After": ["z"]}


def trap_14_odd_strings(r):
    def text(data):
        return r.data(("T", gen.raw(0x01, data)))["T"][0]

    assert text(gen.utf16("abc") + b"d") == "abc"
    assert text(gen.utf16("abc\0")) == "abc"
    assert text(gen.utf16("abc\0def")) == "abc"
    assert text(gen.utf16("a\ud800b")) == "a\ufffdb"
    assert text(gen.utf16("a\udc00")) == "a\ufffd"
    assert text(gen.utf16("\ud83d")) == "\ufffd"
    assert text(gen.utf16("\U0001f4be")) == "\U0001f4be"
    assert text(b"") == "" and text(b"x") == ""
    padded, _ = r.one(log_of(1, channel="Security\0\0\0").to_bytes())
    assert padded["Channel"] == ["Security"]


def trap_15_ansi_strings(r):
    got = r.data(("A", gen.raw(0x02, b"caf\xe9 \x80\x81\0\0")), ("B", gen.raw(0x02, b"")))
    assert got == {"A": ["caf\u00e9 \u20ac\x81"], "B": [""]}


def trap_16_control_characters(r):
    text = "\x01\x1b[31m\x7f\u202e\r\n\t\"\\"
    assert r.data(("C", text)) == {"C": [text]}


def trap_17_data_and_its_names(r):
    tree = event(Element("EventData", [], [
        Element("Data", [], [Sub(0)]),
        Element("Data", [("Name", Sub(1))], [Sub(2)]),
        Element("ComplexData", [("Name", "Given")], [Sub(3)]),
        Element("Binary", [], [Sub(4, 0x0e)]),
        Element("Data", [("Name", "")], [Sub(5)]),
        Element("Data", [("Name", "Typed"), ("Type", "t")], [Sub(6)]),
        Element("Other", [("Name", "n")], [Sub(7)])]))
    log = EvtxWriter()
    log.add_tree(tree, ["a", "ByValue", "b", "c", b"\x01\xff", "d", "e", "f"])
    assert r.one(log.to_bytes())[1] == {
        "Data": ["a", "d"], "ByValue": ["b"], "Given": ["c"], "Binary": ["01FF"],
        "Data_Type": ["t"], "Typed": ["e"], "Other_Name": ["n"], "Other": ["f"]}


def trap_18_values_in_the_template(r):
    got = r.data(("Path", Literal("C:\\evil.aspx")), ("Empty", Literal("")), ("Number", 7))
    assert got == {"Path": ["C:\\evil.aspx"], "Empty": [""], "Number": ["7"]}


def trap_19_user_data_named_like_system(r):
    log = EvtxWriter()
    log.add(userdata=("Audit", [("EventID", 4647), ("Channel", "Fake"), ("Computer", "Other"),
                                ("System", [("EventID", 1)])]), **EVENT)
    got, data = r.one(log.to_bytes())
    assert got["EventID"] == ["42"] and got["Computer"] == ["EX01"]
    assert data == {"EventID": ["4647", "1"], "Channel": ["Fake"], "Computer": ["Other"]}
    # nor does a whole event within UserData
    inner = Instance(Element("Event", [], [Element("System", [], [
        Element("EventID", [], [Sub(0)])])]), ["4624"])
    log = EvtxWriter()
    log.add_tree(event(Element("UserData", [], [Sub(0, 0x21)])), [inner])
    got, data = r.one(log.to_bytes())
    assert got["EventID"] == ["42"] and data == {"EventID": ["4624"]}
    # nor does a Data give System a name
    tree = event()
    tree.content[0].content.append(Element("Data", [("Name", "Level")], ["9"]))
    log = EvtxWriter()
    log.add_tree(tree, [])
    got, _ = r.one(log.to_bytes())
    assert "Level" not in got and got["Data"] == ["9"]


def trap_20_event_id_of_any_type(r):
    for value, want in ((gen.u16(4624), 4624), (gen.u32(0x40001234), 0x1234),
                        ("4624", 4624), (gen.i32(7), 7), (gen.hex32(0x20), 0x20)):
        log = EvtxWriter()
        log.add_tree(event(EventID=Sub(0)), [value])
        assert r.one(log.to_bytes())[0]["EventID"] == [str(want)], value
    got, _ = r.one(log_of(1, qualifiers=49152).to_bytes())
    assert got["EventID"] == ["42"] and got["EventID_Qualifiers"] == ["49152"]


def trap_21_guids_in_braces(r):
    got = r.data(("G", gen.guid("0cce9217-69ae-11d9-bed3-505054503030")))
    assert got == {"G": ["{0CCE9217-69AE-11D9-BED3-505054503030}"]}


def trap_22_hex_without_padding(r):
    got = r.data(("A", gen.hex64(0x3e7)), ("B", gen.hex32(0)), ("C", gen.hex64(0xABCDEF)),
                 ("D", gen.size_t(4096, 4)), ("E", gen.raw(0x20, struct.pack("<Q", 16))))
    assert list(got.values()) == [["0x3e7"], ["0x0"], ["0xabcdef"], ["0x1000"], ["0x10"]]


def trap_23_times_to_100_ns(r):
    got = r.data(("F", gen.filetime(START)), ("Z", gen.filetime(0)),
                 ("S", gen.systemtime("2021-03-02T04:11:09.123Z")),
                 ("Far", gen.raw(0x11, b"\xff" * 8)))
    assert got["F"] == ["2021-03-02T04:11:09.1234567Z"]
    assert got["Z"] == ["1601-01-01T00:00:00.0000000Z"]
    assert got["S"] == ["2021-03-02T04:11:09.1230000Z"]
    assert got["Far"] == ["60056-05-28T05:36:10.9551615Z"], got


def trap_24_floats(r):
    got = r.data(("A", gen.float64(3199.234)), ("B", gen.float32(1.5)), ("C", gen.float64(0)))
    assert list(got.values()) == [["3199.23"], ["1.5"], ["0"]]


def trap_25_values_of_the_wrong_size(r):
    """Never guessed at: bytes that do not fit their type are shown as bytes."""
    got = r.data(("A", gen.raw(0x08, b"\x01\x02")), ("B", gen.raw(0x0f, b"\xaa")),
                 ("C", gen.raw(0x13, b"\x01\x05\0\0\0\0\0\x05")), ("D", gen.raw(0x0a, b"")),
                 ("E", gen.raw(0x77, b"\x0f")), ("F", gen.raw(0x0d, struct.pack("<I", 256))))
    assert list(got.values()) == [["0102"], ["AA"], ["0105000000000005"], [""], ["0F"],
                                  ["true"]]


def trap_26_text_of_several_parts(r):
    tree = event(Element("UserData", [], [Element("Root", [], [
        "\n  ",
        Element("Url", [("a", ["x", Entity("amp"), Sub(1)])],
                ["http://h/?a=1", Entity("amp"), "b=", Sub(0), CData("<c>"), CharRef(0x20ac)]),
        "\n",
        Element("Cmp", [], [Entity("lt"), Entity("gt"), Entity("quot"), Entity("apos")])])]))
    log = EvtxWriter()
    log.add_tree(tree, [gen.u32(2), "y"])
    assert r.one(log.to_bytes())[1] == {
        "Url_a": ["x&y"], "Url": ["http://h/?a=1&b=2<c>\u20ac"], "Cmp": ["<>\"'"]}


def trap_27_head_is_missing(r):
    tree = Element("Event", [], [Element("System", [], [Element("EventID", [], ["7"])]),
                                 Element("EventData", [], [Element("A", [], ["b"])])])
    log = EvtxWriter()
    log.add_direct(tree, written=START)
    events, gaps = r.read(log.to_bytes())
    assert not gaps and "host" not in events[0] and events[0]["record"] == 1
    assert events[0]["time"] == "2021-03-02T04:11:09.1234567Z"  # the record's own
    assert "Computer" not in r.one(log_of(1, computer="").to_bytes())[0]


def trap_28_crafted_counts(r):
    log = log_of(1)
    instance = log.offsets[0] + 28
    clean = log.to_bytes()
    size = struct.unpack_from("<I", clean, instance + 10 + 20)[0]
    values = instance + 10 + 24 + size
    for count in (300, 4096, 4097, 65536, 0xffffffff, 0x40000000):
        data = bytearray(clean)
        struct.pack_into("<I", data, values, count)
        events, gaps = r.read(data)
        assert not events and len(gaps) == 1, count
    for length in (5000, 0xffff):  # a value longer than its record
        data = bytearray(clean)
        struct.pack_into("<H", data, values + 4 + 4 * gen.PROVIDER, length)
        events, gaps = r.read(data)
        assert not events and len(gaps) == 1, length
    for definition in (65535, 65536, 0xffffffff, 0):
        data = bytearray(clean)
        struct.pack_into("<I", data, instance + 6, definition)
        assert not r.read(data)[0]
    for length in (0xffffffff, 0xffff, 0x7fffffff):
        data = bytearray(clean)
        struct.pack_into("<I", data, instance + 10 + 20, length)
        assert not r.read(data)[0]


def optional_null_takes_the_element_away(r):
    got = r.data(("Gone", None), ("Kept", gen.raw(0x00, b"")), ("Skips", gen.raw(0x00, b"xy")),
                 ("Text", "t"))
    assert got == {"Kept": [None], "Skips": [None], "Text": ["t"]}


def rendering_is_a_message(r):
    log = EvtxWriter()
    log.add_tree(event(Element("RenderingInfo", [("Culture", "en-US")], [
        Element("Message", [], ["It failed."]), Element("Level", [], ["Error"])])), [])
    events, _ = r.read(log.to_bytes())
    assert events[0]["message"] == {"RenderingInfo_Culture": "en-US", "Message": "It failed.",
                                    "Level": "Error"}
    assert "fields" not in events[0]


def file_is_cut_off(r):
    log = log_of(40)
    data = log.to_bytes()
    for at in (0, 3, 4095, 4096, 4097, 4608, 4700, log.offsets[20] + 5, log.offsets[30]):
        events, gaps = r.read(data[:at])
        whole = sum(1 for a, b in zip(log.offsets, log.offsets[1:]) if b <= at)
        assert numbers(events) == list(range(whole)), at
        assert len(gaps) <= 2, gaps  # the record that was cut, and the cut itself


def one_flipped_byte_costs_little(r):
    """No byte of a file, wrong, may stop the reader or cost another chunk's records."""
    log = log_of(2)
    log.flush()
    log.add(data=[("Number", 99)], **EVENT)
    clean = log.to_bytes()
    used = struct.unpack_from("<I", clean, CHUNK_1 + 48)[0]
    for at in range(CHUNK_1, CHUNK_1 + used, 7):
        data = bytearray(clean)
        data[at] ^= 0xff
        events, _ = r.read(data)
        assert any(e.get("fields", {}).get("Number") == "99" for e in events), at


def main():
    dump = sys.argv[1]
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        reader = Reader(dump, folder)
        tests = [(name, f) for name, f in globals().items()
                 if isinstance(f, types.FunctionType) and f.__code__.co_varnames[:1] == ("r",)]
        for name, test in tests:
            try:
                test(reader)
                print("ok  ", name)
            except Exception:
                failed += 1
                print("FAIL", name)
                traceback.print_exc(file=sys.stdout)
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
