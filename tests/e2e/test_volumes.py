#!/usr/bin/env python3
"""Several volumes on one disk: each is read, none is taken for another, and the output does not depend
on how many workers read them. Times of FAT are told as what they are.

usage: test_volumes.py ASSAY GENERATORS
"""
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, sys.argv[2])
import ntfs  # noqa: E402
import planted  # noqa: E402

ASSAY = os.path.abspath(sys.argv[1])
MBR_NTFS, MBR_FAT = 7, 12
problems = []
checks = 0


def check(what, ok, why=""):
    global checks
    checks += 1
    if not ok:
        problems.append(f"{what}: {why}")


def disk(volumes):
    """volumes: (type, content)"""
    table, body, at = b"", b"", 2048
    for kind, content in volumes:
        sectors = len(content) // 512
        table += struct.pack("<B3xB3xII", 0, kind, at, sectors)
        body += content
        at += sectors
    head = bytes(446) + table.ljust(64, b"\0") + b"\x55\xaa"
    return head.ljust(2048 * 512, b"\0") + body


def fat(work):
    """A volume with one page, last changed at 10:11:12 of whatever the clock showed."""
    image = work / "fat.dd"
    image.write_bytes(bytes(40 << 20))
    subprocess.run(["mkfs.fat", "-F", "32", image], check=True, capture_output=True)
    page = work / "f.aspx"
    page.write_bytes(planted.SHELL)
    os.utime(page, (1614939072, 1614939072))
    subprocess.run(["mmd", "-i", image, "::inetpub", "::inetpub/wwwroot"], check=True)
    subprocess.run(["mcopy", "-m", "-i", image, page, "::inetpub/wwwroot/f.aspx"], check=True, env={**os.environ, "TZ": "UTC"})
    return image.read_bytes()


def data(work):
    image = str(work / "data.dd")
    ntfs.make(image, 24 << 20)
    v = ntfs.Volume(image)
    v.mkdir("/inetpub/wwwroot/shop")
    v.write("/inetpub/wwwroot/shop/d.aspx", planted.SHELL)
    v.close()
    return pathlib.Path(image).read_bytes()


def scan(path, *options, **env):
    done = subprocess.run([ASSAY, "scan", path.name, "--format", "json", *options], capture_output=True, check=False,
                          cwd=path.parent, env={**os.environ, **env})
    return done.stdout


def one_server(work):
    """What lies on other volumes of the disk is the server's that one of them names."""
    path = work / "one.dd"
    path.write_bytes(disk([(MBR_FAT, fat(work)), (MBR_NTFS, (work / "BAD01.dd").read_bytes()), (MBR_NTFS, data(work))]))
    told = json.loads(scan(path))
    check("one server", [h["host"] for h in told["hosts"]] == ["BAD01.example.com"], [h["host"] for h in told["hosts"]])
    path.write_bytes(disk([(MBR_FAT, fat(work)), (MBR_NTFS, data(work))]))
    told = json.loads(scan(path))
    check("without a name", [h["host"] for h in told["hosts"]] == ["unnamed (one.dd)"], [h["host"] for h in told["hosts"]])


def main():
    if not ntfs.available() or not all(map(shutil.which, ("mkfs.fat", "mcopy"))):
        print("libntfs-3g, mkfs.ntfs, mkfs.fat or mtools are not there")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        planted.files(work)
        one_server(work)
        path = work / "disk.dd"
        path.write_bytes(disk([(MBR_FAT, fat(work)), (MBR_NTFS, (work / "BAD01.dd").read_bytes()),
                               (MBR_NTFS, data(work)), (MBR_NTFS, (work / "GOOD01.dd").read_bytes())]))
        out = [scan(path, "--jobs", str(jobs)) for jobs in (1, 2, 3)]
        check("jobs", out[0] == out[1] == out[2], [len(o) for o in out])
        check("zone", scan(path, TZ="Asia/Tokyo") == out[0])
        told = json.loads(out[0])
        check("gaps", not told["gaps"], told["gaps"])
        found = {}
        for f in told["findings"]:
            found.setdefault(f["where"]["path"], []).append(f)
        page = found.get("disk.dd/p1/inetpub/wwwroot/f.aspx", [])
        check("FAT", page and all(f["time"] == "2021-03-05T10:11:12Z" and "time_local" in f["where"]["marks"] for f in page), page)
        page = found.get("disk.dd/p3/inetpub/wwwroot/shop/d.aspx", [])
        check("whose it is", len(told["hosts"]) == 4, [h["host"] for h in told["hosts"]])
        check("volume of data", page and not any("time_local" in f["where"]["marks"] for f in page), page)
        missing = [t for t in planted.THINGS if t.title not in [f["rule"]["title"] for f in found.get(
            "disk.dd/p2" + (t.place[1:] if t.place != planted.JOURNAL else "/$Extend/$UsnJrnl:$J"), [])]]
        check("the system entered", not missing, missing)
        twins = [(p, f["rule"]["title"]) for p, fs in found.items() for f in fs
                 if p.startswith("disk.dd/p4/") and f["rule"]["title"] != planted.UNKNOWN]
        check("the other system", not twins, twins)
    for p in problems:
        print("FAIL", p)
    print(f"{checks} checks, {len(problems)} failed")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
