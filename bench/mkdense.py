#!/usr/bin/env python3
"""Makes one large event log out of many small ones: the well-filled chunks of all of them,
each once, repeated until the wished size is reached.

    mkdense.py [-m MEGABYTES] [--templates-only] -o OUT FILE|FOLDER...

Most sample logs are nearly empty files of one chunk: measured over those, a reader looks
faster than it is. A chunk counts as well filled from 52,000 bytes on. --templates-only
leaves out CAPI2 logs, whose records use no templates.
"""
import argparse
import pathlib
import struct
import zlib

CHUNK = 65536
FILLED = 52000
NO_CRC = 4


def chunks(data):
    for at in range(4096, len(data) - CHUNK + 1, CHUNK):
        chunk = data[at:at + CHUNK]
        free, crc = struct.unpack_from("<II", chunk, 48)
        flags, = struct.unpack_from("<I", chunk, 120)
        if chunk[:8] == b"ElfChnk\0" and FILLED <= free <= CHUNK:
            if flags & NO_CRC or zlib.crc32(chunk[512:free]) == crc:
                yield chunk


def header(count):
    head = bytearray(4096)
    head[:8] = b"ElfFile\0"
    struct.pack_into("<QQQIHHHH", head, 8, 0, count - 1, 1, 128, 1, 3, 4096, min(count, 65535))
    struct.pack_into("<I", head, 124, zlib.crc32(bytes(head[:120])))
    return bytes(head)


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("-m", "--megabytes", type=int, default=500)
    args.add_argument("--templates-only", action="store_true")
    args.add_argument("-o", "--out", required=True)
    args.add_argument("inputs", nargs="+", type=pathlib.Path)
    args = args.parse_args()

    paths = []
    for p in args.inputs:
        paths += sorted(p.rglob("*.evtx")) if p.is_dir() else [p]
    dense = {}
    for path in paths:
        if args.templates_only and "CAPI2" in path.name:
            continue
        for chunk in chunks(path.read_bytes()):
            dense[chunk] = True
    if not dense:
        raise SystemExit("no well-filled chunk found")
    repeats = max(1, args.megabytes * 1000000 // (len(dense) * CHUNK))
    with open(args.out, "wb") as out:
        out.write(header(repeats * len(dense)))
        for _ in range(repeats):
            for chunk in dense:
                out.write(chunk)
    print(f"{len(dense)} chunks, {repeats} times: {repeats * len(dense) * CHUNK / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
