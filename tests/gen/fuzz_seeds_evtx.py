#!/usr/bin/env python3
"""Writes the seeds of fuzz_evtx_chunk: chunks cut off behind their last record.

    fuzz_seeds_evtx.py FOLDER      (fuzz/corpus/evtx_chunk)
"""
import pathlib
import struct
import sys

import evtxgen as gen
from evtxgen import CData, CharRef, Element, Entity, EvtxWriter, Fragment, Instance, Sub

EVENT = dict(provider="P", event_id=1, channel="C", computer="H", time=gen.EPOCH)


def event(*content):
    return Element("Event", [], [Element("System", [], [Element("EventID", [], ["1"])]), *content])


def named(log):
    log.add(guid="54849625-5478-4994-a5ba-3e3b0328c30d", data=[
        ("a", "text"), ("b", 1), ("c", gen.sid("S-1-5-18")), ("d", True), ("e", b"\1\2"),
        ("f", gen.filetime(gen.EPOCH)), ("g", gen.ansi("x")), ("h", None), ("i", ["p", "q"]),
        ("j", gen.size_t(1)), ("k", gen.systemtime(gen.EPOCH)), ("l", gen.float64(1)),
        ("m", gen.hex64(1))], **EVENT)


def classic(log):
    log.add(data=["one", "", "three"], binary=b"\1", **EVENT)
    log.add(data=["four"], **EVENT)


def direct(log):
    log.add(data=["one", ""], direct=True, **EVENT)


def nested(log):
    deep = Instance(Element("A", [], [Element("B", [], [Sub(0)])]), ["x"])
    shell = Instance(Element("S", [], [Sub(0, 0x21)]), [deep])
    log.add_tree(event(Element("UserData", [], [Sub(0, 0x21), Sub(1, 0x21)])),
                 [shell, Fragment(Element("F", [("n", "v")], ["t"]))])


def parts(log):
    log.add_tree(event(Element("EventData", [], [
        Element("Data", [("Name", Sub(0))], ["a", Entity("amp"), CData("b"), CharRef(99), Sub(1)]),
        Element("ComplexData", [("Name", "n")], [Sub(1)])])), ["name", gen.u32(7)])


def main():
    folder = pathlib.Path(sys.argv[1])
    for write in (named, classic, direct, nested, parts):
        log = EvtxWriter()
        write(log)
        chunk = log.to_bytes()[4096:]
        free = struct.unpack_from("<I", chunk, 48)[0]
        (folder / write.__name__).write_bytes(chunk[:free])


if __name__ == "__main__":
    main()
