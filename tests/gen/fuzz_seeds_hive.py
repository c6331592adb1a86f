#!/usr/bin/env python3
"""Writes the seeds of fuzz_hive and fuzz_hive_log.

    fuzz_seeds_hive.py FOLDER      (fuzz/corpus)
"""
import pathlib
import struct
import sys

from regfgen import Key, Value, delete, dirty, hive, log_new, log_old


def deep(names, *content):
    for name in reversed(names.split("\\")):
        content = (Key(name, *content),)
    return content[0]


def hives():
    yield "system", hive(Key(
        "ROOT", Key("Select", Value("Current", 1)),
        Key("ControlSet001",
            deep("Services\\x", Value("ImagePath", "%SystemRoot%\\x.exe -y"), Value("Start", 2)),
            deep("Control\\Lsa", Value("Security Packages", ["a", "b"])),
            deep("Services\\bam\\State\\UserSettings\\S-1-5-18",
                 Value("\\Device\\x.exe", bytes(24))))))
    entry = struct.pack("<H", 8) + "C:\\x".encode("utf-16-le") + bytes(12)
    cache = struct.pack("<I", 0x30) + bytes(0x2c) + b"10ts" + struct.pack("<II", 0, len(entry))
    yield "cache", hive(Key("ROOT", Key("Select"), deep(
        "ControlSet001\\Control\\Session Manager\\AppCompatCache",
        Value("AppCompatCache", cache + entry))))
    yield "software", hive(Key(
        "ROOT", Key("Classes"), Key("Microsoft", deep(
            "Windows NT\\CurrentVersion\\Schedule\\TaskCache\\Tree\\T", Value("Id", "{1}")),
            deep("SystemCertificates\\REQUEST\\Certificates\\1", Value("Blob", b"<% eval %>")),
            lists="ri")))
    yield "sam", hive(Key("ROOT", deep(
        "SAM\\Domains\\Account\\Users\\000001F4",
        Value("F", bytes(80)), Value("V", bytes(0xcc) + "n".encode("utf-16-le")))))
    yield "deleted", delete(hive(Key(
        "ROOT", Key("Classes"), Key("Microsoft", Key("Gone", Value("n", "some text"),
                                                     Key("Deep", Value("", 1))), Key("Kept")))),
        "Gone", "Microsoft")
    yield "small", hive(Key("R", Value("", b"x" * 9), Key("\u0416", class_name="c"), lists="li"))


def main():
    folder = pathlib.Path(sys.argv[1])
    for name, data in hives():
        (folder / "hive" / name).write_bytes(data)
    old = hive(Key("R", Value("n", 1)))
    new = hive(Key("R", Value("n", 2)))
    for name, log in (("new", log_new(old, new)), ("old", log_old(old, new))):
        parts = [dirty(old), log, b""]
        data = b"".join(bytes([(len(p) + 511) // 512]) + p.ljust(-(-len(p) // 512) * 512, b"\0")
                        for p in parts)
        (folder / "hive_log" / name).write_bytes(data)


main()
