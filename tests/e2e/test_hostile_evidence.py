#!/usr/bin/env python3
"""Archives, images, hives, tables, pages and rules made to stop the program or to fill the memory.
Each costs itself only: it is told as a gap where something of it was not read, a log beside it is
read, and the program ends as it should, soon and in little memory.

usage: test_hostile_evidence.py ASSAY SOURCE_FOLDER
"""
import gzip
import json
import os
import pathlib
import struct
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import zipfile
import zlib

assay, source = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
sys.path.insert(0, str(source / "tests/gen"))
import carriers  # noqa: E402
import regfgen  # noqa: E402

SLOW = os.environ.get("ASSAY_TEST_QUICK") == "1"  # sanitizers take time and memory
SECONDS = 600 if SLOW else 240
MEMORY_MB = 1500  # of all processes together
problems = []
checks = 0
measured = {}

LOG = carriers.LOG


def check(name, ok, text=""):
    global checks
    checks += 1
    if not ok:
        problems.append(f"{name}: {text}")


def memory_of(pid):
    """Kilobytes that are no mapped evidence."""
    total = 0
    try:
        for line in open(f"/proc/{pid}/status", encoding="ascii", errors="replace"):
            if line.startswith("RssAnon"):
                total += int(line.split()[1])
    except OSError:
        pass
    return total


def children(pid):
    try:
        return open(f"/proc/{pid}/task/{pid}/children", encoding="ascii").read().split()
    except OSError:
        return []


def scan(name, path, *options):
    """What the program says, as JSON; checks what holds of all evidence."""
    peak = 0
    start = time.monotonic()
    before = os.times()
    env = {**os.environ, "NO_COLOR": "1"}
    with subprocess.Popen([assay, "scan", str(path), "--format", "json", "--jobs", "2", *options],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env) as process:
        def watch():
            nonlocal peak
            while process.poll() is None:
                peak = max(peak, sum(map(memory_of, [process.pid, *children(process.pid)])))
                time.sleep(0.02)
        threading.Thread(target=watch, daemon=True).start()
        try:
            out, err = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            check(name, False, f"took more than {SECONDS} s")
    after = os.times()
    used = sum(after[2:4]) - sum(before[2:4])
    measured[name] = f"{time.monotonic() - start:.1f} s, {used:.1f} s of processor, {peak >> 10} MB"
    check(name, process.returncode in (1, 3), f"status {process.returncode}: {err[:500]}")
    check(name, b"Sanitizer" not in err and b"runtime error" not in err, err[:2000])
    check(name, SLOW or peak >> 10 < MEMORY_MB, f"{peak >> 10} MB of memory")
    try:
        return json.loads(out)
    except ValueError:
        check(name, False, "no answer")
        return {"gaps": [], "evidence": [], "findings": [], "hosts": [], "stats": {"events": 0}}


def gaps_of(document, part):
    return [g["why"] for g in document["gaps"] if part in (g["path"] or "")]


def group(work, name, files, *options):
    """Scans a folder of hostile files beside a log.

    files: name to (content, words that one of its gaps holds; None: there is no gap; False: there
    may be one)
    """
    folder = work / name
    folder.mkdir()
    for path, (content, _) in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if callable(content):
            content(place)
        else:
            place.write_bytes(content)
    (folder / "u_ex210301.log").write_bytes(LOG)
    document = scan(name, folder, *options)
    events = {e["path"]: e["events"] for e in document["evidence"]}
    good = [n for path, n in events.items() if path.endswith(f"{name}/u_ex210301.log")]
    check(name, good == [1], f"the log beside it was not read: {good}")
    for path, (_, words) in files.items():
        told = gaps_of(document, f"{name}/{path}")
        if words is None:
            check(path, not told, f"gaps: {told[:3]}")
        elif words is not False:
            check(path, any(words in why for why in told), f"not told: {told[:5]}")
    return document


# --- archives -----------------------------------------------------------------------------------

def nest(content, ways, depth):
    """Archives of archives, `ways` alike in each."""
    for level in range(depth):
        content = carriers.zip_of({f"{level}-{i}.zip" if level else f"{i}.bin": content
                                   for i in range(ways)})
    return content


def overlapping(n, size):
    """Members that overlap: each starts with a block that is stored, which holds the header of
    the next one, and goes on with that one's packed bytes (D. Fifield, A better zip bomb, 2019)."""
    kernel = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = kernel.compress(bytes(size)) + kernel.flush()
    content = bytes(size)
    crc, length, quoted, headers = zlib.crc32(content), size, b"", []
    packed = len(data)
    prefix = []
    for i in reversed(range(n)):
        fields = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0x5274, crc, packed, length, 5, 0)
        local = b"PK\3\4" + fields + b"%05d" % i
        headers.append((fields, i))
        prefix.append(local)
        block = struct.pack("<BHH", 0, len(local), len(local) ^ 0xffff)
        if i:
            prefix.append(block)
            quoted = local + quoted
            crc = zlib.crc32(content, zlib.crc32(quoted))
            length += len(local)
            packed += len(local) + len(block)
    body = b"".join(reversed(prefix)) + data
    step = len(local) + 5
    central = b"".join(b"PK\1\2\x14\0" + fields + struct.pack("<HHHII", 0, 0, 0, 0, i * step)
                       + b"%05d" % i for fields, i in reversed(headers))
    return body + central + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, n, n, len(central),
                                                    len(body), 0)


def tar_header(name, size, kind=b"0"):
    head = bytearray(512)
    head[:len(name)] = name
    head[100:124] = b"0000644\0000000000\0000000000\0"
    head[124:136] = size
    head[136:148] = b"14027452100\0"
    head[156:157] = kind
    head[257:265] = b"ustar\00000"
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    return bytes(head)


def large_zip(entries, size, place):
    """The large form of a ZIP whose records say what they are told to."""
    plain = carriers.zip_of({"u_ex1.log": LOG})
    end = plain.rindex(b"PK\5\6")
    start = struct.unpack_from("<I", plain, end + 16)[0]
    where = start if place is None else place
    large = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, entries, entries, size, where)
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, end, 1)
    return (plain[:end] + large + locator
            + struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 0xffff, 0xffff, 0xffffffff, 0xffffffff, 0))


NAMES = {
    "../../up.log": "leads out", "/etc/top.log": "leads out", "C:/Windows/drive.log": "leads out",
    "..\\..\\back.log": "leads out", "\\\\server\\share\\unc.log": "leads out",
    "a/../../mixed.log": "leads out", "line\nfeed.log": "control", "esc\x1b[2J.log": "control",
    "bell\x07.log": "control", "long" * 16000 + ".log": "too long", "right\u202eleft.log": None,
    "con.log": None, "dot./..log": None, "%s%n.log": None,
}


def names_zip():
    return carriers.raw_zip([(name, 0x800, 0, b"", zlib.crc32(LOG), LOG, len(LOG))
                             for name in NAMES])


def archives(work):
    plain = carriers.zip_of({f"{i}.log": LOG for i in range(40)})
    packed = gzip.compress(bytes(1 << 25), 9)
    tar = carriers.tar_of({"u_ex1.log": LOG})
    huge = b"\x80" + (1 << 62).to_bytes(11, "big")
    document = group(work, "archives", {
        "nested.zip": (nest(bytes(1 << 20), 6, 5), "archives inside of others"),
        "overlapping.zip": (overlapping(1500, 1 << 18), "times its size"),
        "octal.tar": (tar_header(b"x.log", b"77777777777\0") + LOG + tar, ""),
        "base256.tar": (tar_header(b"x.log", huge) + LOG + tar, ""),
        "negative.tar": (tar_header(b"x.log", b"\xff" * 12) + LOG + tar, ""),
        "longname.tar": (tar_header(b"././@LongLink", huge, b"L") + tar, ""),
        "pax.tar": (tar_header(b"pax", b"77777777777\0", b"x") + b"30 size=99999999999\n" + tar, ""),
        "zip64entries.zip": (large_zip(1 << 60, 1 << 40, None), "its directory is damaged"),
        "zip64place.zip": (large_zip(1, 100, 1 << 63), ""),
        "names.zip": (names_zip(), "leads out"),
        "cut.zip": (plain[:len(plain) * 2 // 3], ""),
        "cut.tar.gz": (carriers.tar_of({"x.log": LOG * 5000}, "gz")[:-200], ""),
        "bomb.tar.gz": (gzip.compress(tar_header(b"x.bin", b"%011o\0" % (31 << 25)), 9) + packed * 31
                        + gzip.compress(tar), None),
        "head.7z": (b"7z\xbc\xaf\x27\x1c\0\x04" + bytes(4) + struct.pack("<QQI", 0, 1 << 62, 0), ""),
        "window.xz": (b"\xfd7zXZ\0\0\4\xe6\xd6\xb4\x46\2\0!\1\x28\0\0\0" + bytes(80), ""),
    }, "--password", "none")
    for name, words in NAMES.items():
        part = name.replace("\\", "/").rpartition("/")[2][:8]
        told = gaps_of(document, part)
        if words:
            check("names", any(words in why for why in told), f"{name[:40]!r}: {told[:3]}")
        else:
            events = [e["events"] for e in document["evidence"] if e["path"].endswith("/" + part)
                      or part in e["path"]]
            check("names", 1 in events, f"{name!r} was not read: {events}")
    text = json.dumps(document)
    check("names", "\u202e" not in text or "\\u202e" in text, "a sign that turns text around")


def many_refused(work):
    """A gap for each of the first refused members, then one for all others."""
    def write(path):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as z:
            for i in range(20000):
                z.writestr(zipfile.ZipInfo(f"../{i}.log"), b"")
    document = group(work, "refused", {"refused.zip": (write, "leads out")})
    told = gaps_of(document, "refused.zip")
    check("refused", 1000 <= len(told) <= 1010, f"{len(told)} gaps")
    check("refused", any("many more" in why for why in told), "the rest is not told")


# --- images -------------------------------------------------------------------------------------

SECTOR, RECORD = 512, 1024


def volume():
    """The blocks of a volume that the fuzz corpus holds, as an image; and where its table is."""
    image = bytearray(512 * 8192)
    packed = (source / "fuzz/corpus/volume/ntfs_blocks").read_bytes()[6:]
    for at in range(0, len(packed) - 513, 514):
        block = struct.unpack_from("<H", packed, at)[0]
        image[block * 512:block * 512 + 512] = packed[at + 2:at + 514]
    per_cluster, table = image[13], struct.unpack_from("<Q", image, 48)[0]
    return image, table * per_cluster * SECTOR


def attributes(image, record):
    """Places of the attributes of a record: type, offset, resident."""
    at = record + struct.unpack_from("<H", image, record + 20)[0]
    while at < record + RECORD - 8:
        kind, size = struct.unpack_from("<II", image, at)
        if kind == 0xffffffff or size == 0:
            return
        yield kind, at, image[at + 8] == 0
        at += size


def with_runs(image, table, runs, size, deleted):
    """Every file's own content is exchanged for what `runs` names."""
    for n in range(64, 96):
        record = table + n * RECORD
        if image[record:record + 4] != b"FILE":
            continue
        for kind, at, resident in list(attributes(image, record)):
            length = struct.unpack_from("<I", image, at + 4)[0]
            if kind != 0x80 or length < 64 + len(runs):
                continue
            image[at + 8] = 1
            struct.pack_into("<QQHHIQQQ", image, at + 16, 0, (1 << 62) - 1, 64, 0, 0, size, size,
                             size)
            image[at + 64:at + 64 + len(runs)] = runs
            image[at + 9] = 0
            if deleted:
                flags = struct.unpack_from("<H", image, record + 22)[0]
                struct.pack_into("<H", image, record + 22, flags & ~1)
    return bytes(image)


def looped_index(image, table):
    """The root folder's entries all name the root itself."""
    record = table + 5 * RECORD
    for at in range(record, record + RECORD - 8, 8):
        if struct.unpack_from("<Q", image, at)[0] & 0xffffffffffff in range(64, 96):
            struct.pack_into("<Q", image, at, 5 | 5 << 48)
    return bytes(image)


def section(at, kind, content, next_at=None):
    """Of an image in the Expert Witness form; `content` may be a length."""
    n = content if isinstance(content, int) else len(content)
    to = at + 76 + n if next_at is None else next_at
    head = kind.ljust(16, b"\0") + struct.pack("<QQ", to, 76 + n) + bytes(40)
    return head + struct.pack("<I", zlib.adler32(head)) + (
        b"" if isinstance(content, int) else content)


def expert_witness(chunks, places, sectors, told=None):
    """An image whose table says what it is told to."""
    out = b"EVF\x09\x0d\x0a\xff\0\x01\1\0\0\0"
    out += section(len(out), b"volume", struct.pack("<IIIII", 1, told or len(places), 64, 512,
                                                    sectors).ljust(94, b"\0"))
    base = len(out) + 76
    out += section(len(out), b"sectors", b"".join(chunks))
    listed = b"".join(struct.pack("<I", 0x80000000 | (base + p) & 0x7fffffff) for p in places)
    out += section(len(out), b"table", struct.pack("<IIQQ", len(places), 0, 0, 0) + listed)
    return out + section(len(out), b"done", b"", len(out))


def images(work):
    boot = volume()[0][:64 * 512]
    first = zlib.compress(bytes(boot))
    empty = zlib.compress(bytes(64 * 512))
    loop = b"EVF\x09\x0d\x0a\xff\0\x01\1\0\0\0"
    loop += section(13, b"volume", struct.pack("<IIIII", 1, 1, 64, 512, 64).ljust(94, b"\0"), 13)
    inside = b"EVF\x09\x0d\x0a\xff\0\x01\1\0\0\0" + section(13, b"volume", 0, 23)
    hole = b"\x06" + (1 << 40).to_bytes(6, "little") + b"\0"  # so many clusters of nothing
    outside = b"\x88" + b"\xff" * 6 + b"\0\x10" + b"\xff" * 6 + b"\x0f\0"
    image, table = volume()
    plain = bytes(image)
    check("volume", plain[table:table + 4] == b"FILE", "the seed has no table where it should")
    document = group(work, "images", {
        "plain.img": (plain, None),
        "hole.img": (with_runs(*volume(), hole, 1 << 52, False), "damaged"),
        "deleted.img": (with_runs(*volume(), hole, 1 << 52, True), False),
        "outside.img": (with_runs(*volume(), outside, 1 << 20, False), "damaged"),
        "index.img": (looped_index(*volume()), "damaged"),
        "cut.img": (plain[:len(plain) // 8], "cut off"),
        "loop.E01": (loop, ""),
        "inside.E01": (inside, ""),
        "bomb.E01": (expert_witness([first, empty], [0] + [len(first)] * 400000, 64 * 400001), ""),
        "places.E01": (expert_witness([first], [0, 1 << 30, (1 << 31) - 1, 5], 256), ""),
        "absent.E01": (expert_witness([first], [0], 64 << 24, 1 << 30), "chunks are there"),
    })
    read = [e for e in document["evidence"] if "plain.img/" in e["path"]]
    check("plain.img", len(read) > 3, f"{len(read)} members")


# --- hives, tables -------------------------------------------------------------------------------

def looped_hive():
    """A key that is its own child, lists that name each other, values by the thousand that share
    their data."""
    data = bytearray(regfgen.hive(regfgen.Key(
        "ROOT", regfgen.Key("Select", regfgen.Value("Current", 1)),
        regfgen.Key("A", regfgen.Key("B", regfgen.Value("v", "x" * 100))))))
    root = struct.unpack_from("<I", data, 36)[0]
    bins = 4096
    lists = struct.unpack_from("<I", data, bins + root + 4 + 28)[0]
    for at in range(bins + lists + 8, bins + lists + 8 + 16, 8):
        struct.pack_into("<I", data, at, root)
    return bytes(data)


def shared_data():
    """Each value's data are all that lies behind it."""
    n = 20000
    bins = regfgen._Bins()
    values = []
    for i in range(n):
        values.append(bins.cell(struct.pack("<2sHIIIHH", b"vk", 1, 0, 0, 1, 1, 0) + b"v"))
    starts = [bins.cell(b"\x41\0" * 6) for _ in range(n)]
    end = len(bins.data)
    for value, start in zip(values, starts):
        size = end - start
        struct.pack_into("<i", bins.data, start, -size)
        struct.pack_into("<II", bins.data, value + 8, size - 4, start)
    listed = bins.cell(struct.pack(f"<{n}I", *values))
    run = bins.cell(struct.pack("<2sHQIIIIIIIIII20xHH", b"nk", 0x20, regfgen.TIME, 0, 0, 0, 0,
                                0xffffffff, 0xffffffff, n, listed, 0xffffffff, 0xffffffff, 3, 0)
                    + b"Run")
    size = (len(bins.data) + 8 + 4095) // 4096 * 4096
    bins.data += bytes(size - len(bins.data))
    struct.pack_into("<4sIIQQI", bins.data, 0, b"hbin", 0, size, 0, regfgen.TIME, 0)
    head = bytearray(4096)
    struct.pack_into("<4sIIQIIIIIII", head, 0, b"regf", 7, 7, regfgen.TIME, 1, 5, 0, 1, run, size, 1)
    return regfgen._seal(head) + bytes(bins.data)


def noise(n, seed=1):
    """Bytes without order, the same each time."""
    out = bytearray()
    state = seed
    while len(out) < 1 << 16:
        state = state * 6364136223846793005 + 1442695040888963407 & (1 << 64) - 1
        out += struct.pack("<Q", state)
    return bytes(out) * (n // len(out) + 1)


def usn_record(i, name=b"a\0"):
    body = struct.pack("<HHQQQQIIIIHH", 2, 0, 60 + i, 5, i, 132590304000000000, 256, 0, 0, 32,
                       len(name), 60) + name
    size = (4 + len(body) + 7) // 8 * 8
    return struct.pack("<I", size) + body + bytes(size - 4 - len(body))


def torn_journal(n):
    """Damage behind each record."""
    return usn_record(0) + b"".join(usn_record(i) + b"\xff" * 8 for i in range(n))


def ring_table(n):
    """Folders each of which lies in the next one, with extensions that name each other."""
    image, table = volume()
    record = bytearray(image[table + 5 * RECORD:table + 6 * RECORD])
    name_at = next(at for kind, at, _ in attributes(record, 0) if kind == 0x30)
    content = name_at + struct.unpack_from("<H", record, name_at + 20)[0]
    out = bytearray(image[table:table + 24 * RECORD])
    for i in range(24, n):
        struct.pack_into("<Q", record, content, (i + 1 if i + 1 < n else 24) | 5 << 48)
        struct.pack_into("<I", record, 44, i)
        out += record
    return bytes(out)


def tables(work):
    image, table = volume()
    head = bytes(image[table:table + 3 * RECORD])
    group(work, "tables", {
        "Windows/System32/config/LOOPED": (looped_hive(), "belongs to two"),
        "Windows/System32/config/SHARED": (shared_data(), "belongs to two"),
        "C/$MFT": (head + noise(16 << 20), "damaged"),
        "ring/$MFT": (ring_table(20000), None),
        "torn/$J": (torn_journal(200000), ""),
    })


# --- pages, XML ----------------------------------------------------------------------------------

def pages(work):
    entities = ("<?xml version='1.0'?><!DOCTYPE c [<!ENTITY a 'lol'>" + "".join(
        f"<!ENTITY {chr(98 + i)} '{'&' + chr(97 + i) + ';'}{'&' + chr(97 + i) + ';'}'>"
        for i in range(20)) + "]><configuration>&u;</configuration>").encode()
    deep = b"<configuration>" + b"<a>" * 200000 + b"</a>" * 200000 + b"</configuration>"
    wide = b"<configuration><a " + b" ".join(b"k%d='v'" % i for i in range(200000)) + b"/></configuration>"
    amp = b"<configuration><a k='" + b"&" * 900000 + b"'/></configuration>"
    comment = b"<configuration>" + b"<!--" * 500000
    root = "inetpub/wwwroot/"
    evil = b'<%@ Page Language="JScript"%><%eval(Request.Item["k"],"unsafe");%>'
    document = group(work, "pages", {
        root + "a/web.config": (entities, "document type"),
        root + "b/web.config": (deep, "too deep"),
        root + "c/web.config": (wide, "attributes"),
        root + "d/web.config": (amp, None),
        root + "e/web.config": (comment, "comment"),
        root + "f/web.config": (b"<!--" + b"x" * 300000 + b"--><configuration/>", "configuration"),
        root + "g/web.config": (b"<?xml version='1.0'?><!DOCTYPE configuration><configuration/>", None),
        root + "x/parens.aspx": (b"<%" + b"(" * 1000000 + b")" * 1000000 + b"%>", False),
        root + "x/strings.aspx": (b'<% x = "' + b'"+"' * 1000000 + b'" %>', False),
        root + "x/blocks.aspx": (b"<% if(x){ %>" * 300000, False),
        root + "x/assign.aspx": (b"<% " + b"".join(b"a%d=a%d+a%d;" % (i + 1, i, i)
                                                    for i in range(100000)) + b"eval(a99999) %>", False),
        root + "x/functions.aspx": (b"<script runat=server>" + b"".join(
            b"function f%d(a){f%d(a);f%d(a);}" % (i, i + 1, i + 2) for i in range(30000))
            + b"</script>", False),
        root + "x/escape.aspx": (b"<% " + b"\\u0061" * 500000 + b" %>", False),
        root + "x/encode.asp": (b'<%@ LANGUAGE="VBScript.Encode"%><%#@~^' + b"A" * 3000000 + b"==^#~@%>",
                                False),
        root + "x/flood.aspx": (b"<% var y=1; %>\n" * 200000 + evil, "more script"),
        root + "x/padded.aspx": (evil + b"\n" * (40 << 20), None),
    })
    found = [f for f in document["findings"] if "padded.aspx" in json.dumps(f)]
    check("padded.aspx", found, "the shell before forty megabytes of nothing is not told")


# --- YARA ----------------------------------------------------------------------------------------

def yara(work):
    rule = work / "slow.yar"
    rule.write_text('rule slow { strings: $a = /(a|aa|aaa|aaaa)*(b|bb)*(a|aa)*c/ $b = /a.*a.*a.*a.*a.*z/ '
                    'condition: any of them }\n'
                    'rule loops { condition: for all i in (1..filesize) : (for all k in (1..filesize) : '
                    '(uint8(i) + uint8(k) < 300)) }\n'
                    'rule many { strings: $a = "a" condition: #a > 100000000 }\n')
    group(work, "yara", {"data.bin": (b"a" * (6 << 20), "YARA")}, "--rules", str(rule))


def main():
    with tempfile.TemporaryDirectory(prefix="assay-hostile-") as folder:
        for part in (archives, many_refused, images, tables, pages, yara):
            if len(sys.argv) < 4 or part.__name__ in sys.argv[3:]:
                part(pathlib.Path(folder))
    for problem in problems:
        print("FAIL", problem)
    for name, what in measured.items():
        print(f"{name}: {what}")
    print(f"{checks - len(problems)} checks held, {len(problems)} did not")
    return bool(problems)


sys.exit(main())
