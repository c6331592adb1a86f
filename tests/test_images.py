#!/usr/bin/env python3
"""Images of disks: what carrier_list and assay read, against what was put in and against
The Sleuth Kit. Skipped where the tools that make images are not there.

test_images.py CARRIER_LIST ASSAY
"""
import hashlib
import json
import os
import pathlib
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import uuid
import zipfile
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).parent / "gen"))
import ntfs  # noqa: E402

CARRIER_LIST, ASSAY = sys.argv[1:3]
PAGES = "/inetpub/wwwroot/aspnet_client"
KEPT = {
    PAGES + "/x.aspx": b'<%@ Page Language="JScript"%><%eval(Request.Item["k"],"unsafe");%>',
    PAGES + "/large.aspx": b"<%@ Page %>" + bytes(range(256)) * 200,
    "/readme.txt": b"hello",
}
GONE = {
    PAGES + "/gone.aspx": b'<%@ Page Language="JScript"%><%eval(Request.Item["g"],"unsafe");%>',
    "/lost/deep/q.asp": b"<%execute request(1)%>",
}
NO_TIME = 3373865674  # how fls shows a time that is zero
FAILED = []


def check(ok, what):
    if not ok:
        FAILED.append(what)
        print("FAILED:", what)


def usn_record(major, entry, parent, reason, attributes, name, at):
    text = name.encode("utf-16-le")
    fixed = 60 if major == 2 else 76
    refs = struct.pack("<QQ", entry, parent) if major == 2 else struct.pack("<QQQQ", entry, 0,
                                                                            parent, 0)
    body = struct.pack("<HH", major, 0) + refs + struct.pack(
        "<QQIIIIHH", at, 132590304000000000 + at, reason, 0, 0, attributes, len(text), fixed) + text
    size = (4 + len(body) + 7) // 8 * 8
    return struct.pack("<I", size) + body + bytes(size - 4 - len(body))


def journal(records=3000):
    out = b""
    for i in range(records):
        reason = (0x100, 0x1000, 0x2000, 0x80000200)[i % 4]
        record = usn_record(2 + i % 2, 60 + i % 50 | 1 << 48, 5 | 5 << 48, reason, 0x20,
                            f"file{i}.aspx", len(out))
        if len(out) // 4096 != (len(out) + len(record) - 1) // 4096:
            out += bytes(-len(out) % 4096)
        out += record
    return out


def fill(path):
    v = ntfs.Volume(path)
    for file, content in {**KEPT, **GONE}.items():
        v.mkdir(file.rpartition("/")[0] or "/") if file.count("/") > 1 else None
        v.write(file, content)
    v.write("/readme.txt", b"[ZoneTransfer]\r\nZoneId=3\r\n", "Zone.Identifier")
    v.write("/sparse.bin", b"end", at=10 << 20)
    v.write("/$Extend/$UsnJrnl", struct.pack("<QQQQ", 32 << 20, 8 << 20, 132590304000000000, 0), "$Max")
    v.write("/$Extend/$UsnJrnl", journal(), "$J", at=1 << 20)
    for i in range(200):
        v.write(f"/many{i:03}.txt", b"%d" % i)
    for i in range(0, 200, 3):
        v.delete(f"/many{i:03}.txt")
    for file in GONE:
        v.delete(file)
    v.delete("/lost/deep")
    v.delete("/lost")
    v.close()


def members(*args):
    out = subprocess.run([CARRIER_LIST, *args], check=True, capture_output=True,
                         text=True).stdout
    gaps = [line[4:] for line in out.splitlines() if line.startswith("gap\t")]
    rows = [line.split("\t") for line in out.splitlines() if not line.startswith("gap\t")]
    return {r[3]: (int(r[0]), r[1], r[2]) for r in rows}, gaps


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def what_was_put_in(image, prefix="", options=()):
    got, gaps = members(*options, image)
    check(not gaps, f"{image}: gaps {gaps}")
    for file, content in KEPT.items():
        check(got.get(prefix + file[1:]) == (len(content), sha256(content), ""), f"{image}: {file}")
    for file, content in GONE.items():
        check(got.get(prefix + file[1:]) == (len(content), sha256(content), "deleted"),
              f"{image}: {file}, which was deleted")
    stream = b"[ZoneTransfer]\r\nZoneId=3\r\n"
    check(got.get(prefix + "readme.txt:Zone.Identifier", ("",) * 2)[1] == sha256(stream),
          f"{image}: a stream")
    sparse = bytes(10 << 20) + b"end"
    check(got.get(prefix + "sparse.bin", ("",) * 2)[1] == sha256(sparse), f"{image}: holes")
    check(got.get(prefix + "$Extend/$UsnJrnl:$J", ("",) * 2)[1] == sha256(journal()),
          f"{image}: the journal without its hole")
    check("many003.txt" not in got or "deleted" in got["many003.txt"][2], "a deleted file")
    return got


def partitions(image, work):
    volume = pathlib.Path(image).read_bytes()
    start = 2048
    mbr = bytearray(512)
    mbr[446:462] = struct.pack("<B3xB3xII", 0x80, 7, start, len(volume) // 512)
    mbr[462:478] = struct.pack("<B3xB3xII", 0, 7, start + len(volume) // 512, 4096)
    mbr[510:] = b"\x55\xaa"
    path = work / "mbr.dd"
    locked = bytearray(4096 * 512)
    locked[3:11] = b"-FVE-FS-"
    path.write_bytes(bytes(mbr) + bytes(start * 512 - 512) + volume + bytes(locked))
    got, gaps = members(path)
    check(len(gaps) == 1 and "partition 2" in gaps[0] and "BitLocker" in gaps[0],
          f"BitLocker: {gaps}")
    check("p1/readme.txt" in got, "a partition's files")


def expert_witness(image, work, raw):
    if not shutil.which("ewfacquirestream"):
        print("ewfacquirestream is not there: E01 is not tested")
        return
    for form in ("encase1", "encase5", "encase6", "encase7", "ftk", "smart", "linen6"):
        for compression in ("none", "fast"):
            target = work / f"{form}{compression}"
            with open(image, "rb") as source:
                subprocess.run(["ewfacquirestream", "-c", compression, "-f", form, "-S", "1GiB",
                                "-t", target], stdin=source, check=True, capture_output=True)
            made = next(work.glob(target.name + ".*"))
            got, gaps = members(made)
            check(not gaps and got == raw, f"{form}, {compression}: {gaps}")
            if form == "encase6" and compression == "none":
                broken_e01(made, work)
            made.unlink()


def broken_e01(made, work):
    data = bytearray(made.read_bytes())
    at = data.find(KEPT[PAGES + "/large.aspx"][11:11 + 4096])
    check(at > 0, "the content lies in the image as it is")
    data[at] ^= 1
    path = work / "broken.E01"
    path.write_bytes(data)
    got, _ = members(path)
    check("damaged" in got[PAGES[1:] + "/large.aspx"][2], "a chunk with a wrong sum is damage")
    path.write_bytes(data[:len(data) // 3])
    _, gaps = members(path)
    check(gaps and "chunks are there" in gaps[0], f"a segment that is not there: {gaps}")


def scan(path):
    out = subprocess.run([ASSAY, "scan", path, "--format", "json"], capture_output=True,
                         text=True).stdout
    told = json.loads(out)
    top = str(path)
    return ({e["path"].removeprefix(top + "/") for e in told["evidence"] if e["path"] != top},
            [g["why"] for g in told["gaps"]])


def segments(image, work, raw):
    """An image in many files: the disk is what it was; what lacks is named."""
    if not shutil.which("ewfacquirestream"):
        return
    folder = work / "segments"
    folder.mkdir()
    content = pathlib.Path(image).read_bytes()
    for form in ("smart", "encase6"):
        for old in folder.iterdir():
            old.unlink()
        disk = content + os.urandom(100 << 20) if form == "encase6" else content
        subprocess.run(["ewfacquirestream", "-c", "none", "-f", form, "-S", "1MiB", "-t",
                        folder / "disk"], input=disk, check=True, capture_output=True)
        made = sorted(folder.iterdir(), key=lambda p: (p.suffix[2].isalpha(), p.suffix))
        check([p.suffix for p in made[:100:99]] == [".E01", ".EAA"][:1 + (len(made) > 99)] and
              len(made) > (100 if form == "encase6" else 5), f"{form}: {len(made)}, {made[:3]}")
        out = subprocess.run([CARRIER_LIST, "--disk", *made], check=True, capture_output=True,
                             text=True).stdout.split()
        check(out == [str(len(disk)), sha256(disk)], f"{form}: the disk is another: {out}")
        got, gaps = members(*made)
        check(got == raw and not gaps, f"{form}: {gaps}")
        rest = {p.name for p in made[1:]}
        for given in (made[0], folder):
            names, gaps = scan(given)
            names = {n.removeprefix(str(folder) + "/").removeprefix(made[0].name + "/")
                     for n in names} - rest - {made[0].name}
            check(names == set(raw) and not gaps, f"{form}: {given}: {gaps}")
    rows = [json.loads(line) for line in
            subprocess.run([ASSAY, "dump", made[0]], capture_output=True).stdout.splitlines()]
    check({r["member"].removeprefix(f"{made[0]}/") for r in rows[1:]} == set(raw), "dump")
    packed = work / "segments.zip"
    with zipfile.ZipFile(packed, "w") as z:
        for p in made[:3]:
            z.write(p, p.name)
    _, gaps = scan(packed)
    check(sum("unpack the archive" in g for g in gaps) == 1, f"in an archive: {gaps}")
    made[2].rename(folder / "kept")
    _, gaps = scan(made[0])
    check(any("segment 3 (.E03) is not there" in g for g in gaps), f"without the third: {gaps}")
    (folder / "kept").write_bytes(made[3].read_bytes())
    (folder / "kept").rename(made[2])
    _, gaps = scan(made[0])
    check(any("segment 3 (.E03)" in g for g in gaps), f"the fourth for the third: {gaps}")
    made[0].unlink()
    _, gaps = scan(folder)
    check(len(gaps) == len(made) - 1 and all("first one is not there" in g for g in gaps),
          f"without the first: {gaps[:2]}")


def entries(path):
    out = subprocess.run([ASSAY, "dump", path], check=True, capture_output=True, text=True).stdout
    return [json.loads(line) for line in out.splitlines()]


def body_rows(image):
    """What fls says: {(entry, path): (size, times)}; of unnamed content only."""
    out = subprocess.run(["fls", "-r", "-p", "-m", "/", image], check=True, capture_output=True,
                         text=True).stdout
    rows = {}
    for line in out.splitlines():
        _, name, meta, _, _, _, size, atime, mtime, ctime, born = line.split("|")
        name = name.removesuffix(" (deleted)").removesuffix(" (deleted-realloc)")
        if "($FILE_NAME)" in name or "$OrphanFiles" in name or ":" in name:
            continue
        times = [0 if int(t) == NO_TIME else int(t) for t in (atime, mtime, ctime, born)]
        rows[int(meta.split("-")[0]), "/" + name.lstrip("/")] = (int(size), *times)
    return rows


def seconds(text):
    if not text:
        return 0
    import datetime
    return int(datetime.datetime.fromisoformat(text[:19] + "+00:00").timestamp())


def against_sleuthkit(image, work, least=150):
    if not shutil.which("fls"):
        print("fls is not there: nothing to compare with")
        return
    table = work / "$MFT"
    table.write_bytes(subprocess.run(["icat", image, "0"], check=True, capture_output=True).stdout)
    ours = {}
    for e in entries(table):
        f = e["fields"]
        if "Path" not in f:
            continue
        for path in f["Path"] if isinstance(f["Path"], list) else [f["Path"]]:
            ours[int(f["Entry"]), path.replace("\\", "/")] = f
    theirs = body_rows(image)
    for key, (size, *times) in theirs.items():
        f = ours.get(key)
        if not check_entry(key, f):
            continue
        if f["IsDirectory"] == "false" and "Size" in f and not key[1].startswith("/$"):
            check(int(f["Size"]) == size, f"{key}: size {f['Size']}, {size}")
        mine = [seconds(f.get(n)) for n in ("Accessed", "Modified", "Changed", "Created")]
        check(mine == times, f"{key}: times {mine}, {times}")
    check(len(theirs) > least, "fls tells of files")
    print(f"{len(theirs)} entries as fls has them")


def check_entry(key, f):
    check(f is not None, f"{key}: fls has it, we do not")
    return f is not None


# As usnjls numbers what we name.
REASONS = {"DataOverwrite": 0x1, "DataExtend": 0x2, "DataTruncation": 0x4,
           "NamedDataOverwrite": 0x10, "NamedDataExtend": 0x20, "NamedDataTruncation": 0x40,
           "Create": 0x100, "Delete": 0x200, "EaChange": 0x400, "SecurityChange": 0x800,
           "RenameOld": 0x1000, "RenameNew": 0x2000, "IndexableChange": 0x4000,
           "BasicInfoChange": 0x8000, "HardLinkChange": 0x10000, "CompressionChange": 0x20000,
           "EncryptionChange": 0x40000, "ObjectIdChange": 0x80000,
           "ReparsePointChange": 0x100000, "StreamChange": 0x200000, "Close": 0x80000000}


def as_usnjls(e):
    """An event in the form of a line of usnjls -m: references, USN, time, reasons, name."""
    f = e["fields"]
    reasons = f.get("Reason", [])
    reasons = reasons if isinstance(reasons, list) else [reasons]
    return (f"{f['Entry']}-{f['Sequence']}", f"{f['ParentEntry']}-{f['ParentSequence']}",
            int(f["Usn"]), seconds(e["time"]), sum(REASONS[r] for r in reasons), f["FileName"])


def usnjls(content, work):
    """The records of version 2 of a journal. usnjls reads the unnamed content of a file of a
    volume; it passes over the other versions."""
    image = str(work / "journal.dd")
    ntfs.make(image, 16 << 20)
    v = ntfs.Volume(image)
    v.write("/journal", content)
    v.close()
    listed = subprocess.run(["fls", image], check=True, capture_output=True, text=True).stdout
    inode = next(line.split()[1].split("-")[0] for line in listed.splitlines()
                 if line.endswith("\tjournal"))
    out = subprocess.run(["usnjls", "-m", image, inode], check=True, capture_output=True,
                         text=True).stdout
    rows = [line.split("|", 10) for line in out.splitlines()]
    return [(r[2], r[3], int(r[4]) & 0xffffffff, int(r[5].split(".")[0]), int(r[6]), r[10])
            for r in rows]


def compare_journal(content, work, name):
    path = work / "$J"
    path.write_bytes(content)
    events = entries(path)
    mine = [as_usnjls(e) for e in events if content[e["offset"] + 4] == 2]
    theirs = usnjls(content, work)
    for a, b in zip(mine, theirs):
        if (*a[:2], a[2] & 0xffffffff, *a[3:]) != b:
            check(False, f"{name}: {a}, usnjls {b}")
            return
    check(len(mine) == len(theirs), f"{name}: {len(mine)} records, usnjls {len(theirs)}")
    print(f"{name}: {len(theirs)} records as usnjls has them")


def journal_against_sleuthkit(work):
    path = work / "$J"
    path.write_bytes(bytes(1 << 20) + journal())
    ours = [e["fields"] for e in entries(path)]
    check(len(ours) == 3000, f"{len(ours)} records of the journal")
    check(ours[1]["Reason"] == "RenameOld" and ours[3]["Reason"] == ["Delete", "Close"], "reasons")
    if not shutil.which("usnjls"):
        print("usnjls is not there: nothing to compare journals with")
        return
    compare_journal(journal(), work, "journal")
    compare_journal(bytes(1 << 20) + journal(), work, "journal with its hole")
    every = b"".join(usn_record(2, 70 + i | i << 48, 5 | 5 << 48, 1 << i, 1 << i % 12,
                                f"b{i}.aspx", 72 * i)
                     for i in (*range(3), *range(4, 7), *range(8, 22), 31))
    compare_journal(every, work, "each reason")


def recorded(work):
    """What others recorded, where it is: volumes and journals."""
    corpora = pathlib.Path(os.environ.get("ASSAY_CORPORA", "none"))
    for path in sorted(corpora.glob("ntfs-volumes/*")):
        against_sleuthkit(str(path), work, least=1)
    for path in sorted(corpora.glob("usn-journals/*")):
        compare_journal(path.read_bytes(), work, path.name)


def sparse_disk(work):
    image = str(work / "large.dd")
    ntfs.make(image, 20 << 30)
    v = ntfs.Volume(image)
    v.mkdir(PAGES)
    v.write(PAGES + "/x.aspx", KEPT[PAGES + "/x.aspx"])
    v.close()
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    got, gaps = members("--jail", image)
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    check(not gaps and PAGES[1:] + "/x.aspx" in got, "a large disk")
    check(most < max(before, 256 * 1024), f"a large disk took {most} KiB")
    os.unlink(image)


def damaged(image, work):
    """No damage ends the reader, and none reads as clean."""
    data = pathlib.Path(image).read_bytes()
    path = work / "damaged.dd"
    path.write_bytes(data[:len(data) // 2])
    got, gaps = members(path)
    check("readme.txt" in got and "cut off" in gaps[0], f"half an image: {gaps}")
    for at in range(0, 8192, 64):
        broken = bytearray(data[:1 << 20])
        broken[at] ^= 0xff
        path.write_bytes(broken)
        subprocess.run([CARRIER_LIST, path], check=True, capture_output=True)
    table = data.find(b"FILE0")
    for at in range(table, table + 100 * 1024, 9973):
        broken = bytearray(data)
        broken[at] ^= 0xff
        path.write_bytes(broken)
        subprocess.run([CARRIER_LIST, "--jail", path], check=True, capture_output=True)


EFI, RESERVED, DATA = (uuid.UUID(u).bytes_le for u in (
    "c12a7328-f81f-11d2-ba4b-00a0c93ec93b", "e3c9e316-0b5c-4db8-817d-f92df00215ae",
    "ebd0a0a2-b9e5-4433-87c0-68b6b72699c7"))


def gpt(volumes, sector=512):
    """A disk with a table of partitions of the newer form: (type, name, content) each."""
    entries, body, at = b"", b"", (1 << 20) // sector
    first = at
    for kind, name, content in volumes:
        n = (len(content) + sector - 1) // sector
        entries += struct.pack("<16s16sQQQ72s", kind, uuid.uuid4().bytes_le, at, at + n - 1, 0,
                               name.encode("utf-16-le"))
        body += content + bytes(n * sector - len(content))
        at += n
    entries += bytes(128 * 128 - len(entries))
    end = at + 128 * 128 // sector + 1

    def header(own, other, table):
        head = struct.pack("<8sIIIIQQQQ16sQIII", b"EFI PART", 0x10000, 92, 0, 0, own, other, first,
                           at, bytes(range(16)), table, 128, 128, zlib.crc32(entries))
        return (head[:16] + struct.pack("<I", zlib.crc32(head)) + head[20:]).ljust(sector, b"\0")
    mbr = bytearray(sector)
    mbr[446:462] = struct.pack("<B3xB3xII", 0, 0xee, 1, end - 1)
    mbr[510:512] = b"\x55\xaa"
    start = (bytes(mbr) + header(1, end - 1, 2) + entries).ljust(first * sector, b"\0")
    return start + body + entries + header(end - 1, 1, at)


def fat(work, files):
    image = work / "fat.dd"
    image.write_bytes(bytes(40 << 20))
    subprocess.run(["mkfs.fat", "-F", "32", image], check=True, capture_output=True)
    for name, content in files.items():
        (work / "content").write_bytes(content)
        parts = name.split("/")
        for i in range(1, len(parts)):
            subprocess.run(["mmd", "-D", "s", "-i", image, "::" + "/".join(parts[:i])],
                           capture_output=True)
        subprocess.run(["mcopy", "-i", image, work / "content", "::" + name], check=True)
    subprocess.run(["mcopy", "-i", image, work / "content", "::gone.txt"], check=True)
    subprocess.run(["mdel", "-i", image, "::gone.txt"], check=True)
    return image.read_bytes()


def several_volumes(image, work):
    """Which letter a volume had nothing tells: they are numbered as they lie."""
    if not all(map(shutil.which, ("mkfs.fat", "mcopy", "mkfs.exfat"))):
        print("mkfs.fat, mtools or mkfs.exfat are not there: GPT with FAT is not tested")
        return
    files = {"EFI/Boot/bootx64.efi": b"MZ" + bytes(3000), "a long name of a log.txt": b"hello" * 9999}
    exfat = work / "exfat.dd"
    exfat.write_bytes(bytes(8 << 20))
    subprocess.run(["mkfs.exfat", exfat], check=True, capture_output=True)
    content = pathlib.Path(image).read_bytes()
    volumes = [(EFI, "EFI", fat(work, files)), (RESERVED, "Microsoft reserved partition", bytes(1 << 20)),
               (DATA, "Windows", content), (DATA, "Data", exfat.read_bytes()),
               (DATA, "Locked", bytes(3) + b"-FVE-FS-" + bytes(1 << 20))]
    disk = gpt(volumes)
    path = work / "gpt.dd"
    path.write_bytes(disk)
    for options in ((), ("--jail",)):
        got, gaps = members(*options, path)
        check(len(gaps) == 1 and "partition 5" in gaps[0] and "BitLocker" in gaps[0], f"GPT: {gaps}")
        for name, text in files.items():
            check(got.get("p1/" + name) == (len(text), sha256(text), ""), f"GPT, FAT32: {name}")
        check(got.get("p1/_one.txt", got.get("p1/gone.txt", ("",) * 3))[2] == "deleted",
              "GPT, FAT32: a deleted file")
        check({n.split("/")[0] for n in got} >= {"p1", "p3"}, "GPT: numbers of partitions")
        for name, text in KEPT.items():
            check(got.get("p3" + name) == (len(text), sha256(text), ""), f"GPT, NTFS: {name}")
    wide, gaps = members(path)
    path.write_bytes(gpt(volumes, 4096))
    large, more = members(path)
    check("p3/readme.txt" in large, f"GPT, sectors of 4096 bytes: {more}")
    path.write_bytes(disk[:512] + bytes(512) + disk[1024:])
    _, gaps = members(path)
    check(gaps and "partition" in gaps[0] or "p3/readme.txt" in members(path)[0],
          f"GPT whose first header is lost: {gaps}")
    path.write_bytes(disk[:30 << 20])
    got, gaps = members(path)
    check(len(gaps) >= 2, f"GPT, cut off: {gaps}")
    path.unlink()


def other_systems(work):
    if not shutil.which("mke2fs"):
        return
    tree = work / "tree" / "inetpub"
    tree.mkdir(parents=True)
    (tree / "a.asp").write_bytes(b"<%eval(request(1))%>")
    image = work / "ext.dd"
    subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", "-d", tree.parent, image, "20M"], check=True,
                   capture_output=True)
    got, gaps = members("--jail", image)
    check("inetpub/a.asp" in got and not gaps, f"ext4: {gaps}")


def virtual_machines(image, work, raw):
    """Disks of virtual machines, as qemu-img makes them, hold what the raw image holds."""
    if not shutil.which("qemu-img"):
        print("qemu-img is not there: disks of virtual machines are not tested")
        return
    for name, form, options in (
            ("dynamic.vhd", "vpc", "subformat=dynamic,force_size=on"),
            ("fixed.vhd", "vpc", "subformat=fixed,force_size=on"),
            ("dynamic.vhdx", "vhdx", "subformat=dynamic"),
            ("large.vhdx", "vhdx", "subformat=dynamic,block_size=33554432"),
            ("fixed.vhdx", "vhdx", "subformat=fixed"),
            ("sparse.vmdk", "vmdk", "subformat=monolithicSparse"),
            ("stream.vmdk", "vmdk", "subformat=streamOptimized")):
        path = work / name
        subprocess.run(["qemu-img", "convert", "-q", "-f", "raw", "-O", form, "-o", options, image, path],
                       check=True)
        got, gaps = members(path)
        check(not gaps and got == raw, f"{name}: {gaps}")
        data = path.read_bytes()
        cut = work / ("cut-" + name)
        cut.write_bytes(data[:len(data) * 2 // 3])
        got, gaps = members(cut)
        lost = [m for m, told in got.items() if "damaged" in told[2]]
        check(gaps or lost, f"{name}, cut off: nothing is told")
        cut.unlink()
        if name in ("dynamic.vhd", "sparse.vmdk"):
            child = work / ("child-" + name)
            subprocess.run(["qemu-img", "create", "-q", "-f", form, "-F", form, "-b", path, child],
                           check=form == "vmdk", capture_output=True)
            if child.exists():
                _, gaps = members(child)
                check(len(gaps) == 1 and "parent" in gaps[0], f"{child}: {gaps}")
        path.unlink()


def to_be_converted(work):
    for name, start in (("x.vmdk", b"KDMV"), ("x.vhdx", b"vhdxfile"), ("x.vhd", b"conectix")):
        path = work / name
        path.write_bytes(start + bytes(100000))
        got, gaps = members(path)
        check(len(gaps) == 1 and not got, f"{name}: {gaps}")
    for name, start in (("x.Ex01", b"EVF2\r\n\x81\0"), ("x.qcow2", b"QFI\xfb"),
                        ("x.vmdk", b"# Disk DescriptorFile")):
        path = work / name
        path.write_bytes(start + bytes(100000))
        _, gaps = members(path)
        check(len(gaps) == 1 and "convert" in gaps[0], f"{name}: {gaps}")


def main():
    if not ntfs.available():
        print("libntfs-3g or mkfs.ntfs is not there")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        image = str(work / "volume.dd")
        ntfs.make(image, 48 << 20)
        fill(image)
        raw = what_was_put_in(image)
        what_was_put_in(image, options=("--jail",))
        partitions(image, work)
        expert_witness(image, work, raw)
        against_sleuthkit(image, work)
        journal_against_sleuthkit(work)
        recorded(work)
        damaged(image, work)
        other_systems(work)
        to_be_converted(work)
        virtual_machines(image, work, raw)
        sparse_disk(work)
        # last: the one before looks at the memory of all children, this process forked among them
        several_volumes(image, work)
        segments(image, work, raw)
    return 1 if FAILED else 0


sys.exit(main())
