"""Archives, honest and hostile ones, from files in memory. Python 3, standard library only.

    members = {"C/inetpub/logs/x.log": b"..."}
    zip_of(members); tar_of(members, "gz"); seven_of(members); encrypted_zip(members, b"secret")

ZIP with AES: APPNOTE 7.2.2 names it, WinZip's "AES Encryption Information" (AE-2) describes it.
7z: 7zFormat.txt of the LZMA SDK; everything is stored, in one folder.
"""
import bz2
import gzip
import hashlib
import hmac
import io
import lzma
import struct
import tarfile
import zipfile
import zlib

DATE = (2021, 3, 20, 0, 0, 0)
LOG = (b"#Software: Microsoft Internet Information Services 10.0\r\n"  # what lies beside damage
       b"#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip "
       b"cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken\r\n"
       b"2021-03-01 10:00:00 10.0.0.5 GET /owa/ - 443 - 192.0.2.9 probe - 200 0 0 5\r\n")


def zip_of(members, method=zipfile.ZIP_DEFLATED, utc=True):
    """members: a dict, or pairs where a name may come twice."""
    out = io.BytesIO()
    pairs = members.items() if isinstance(members, dict) else members
    with zipfile.ZipFile(out, "w", method) as z:
        for name, content in pairs:
            info = zipfile.ZipInfo(name, DATE)
            info.compress_type = method
            if utc:
                info.extra = struct.pack("<HHBI", 0x5455, 5, 1, 1616198400)
            z.writestr(info, content)
    return out.getvalue()


def tar_of(members, packing=""):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as t:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.mtime = 1616198400
            if content is None:
                info.type = tarfile.DIRTYPE
            else:
                info.size = len(content)
            t.addfile(info, io.BytesIO(content or b""))
    pack = {"": bytes, "gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}[packing]
    return pack(out.getvalue())


def tar_of_links():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as t:
        for name, kind, target in (("up", tarfile.SYMTYPE, "../../etc/passwd"),
                                   ("twin", tarfile.LNKTYPE, "plain.txt"),
                                   ("disk", tarfile.BLKTYPE, ""), ("pipe", tarfile.FIFOTYPE, "")):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, target
            t.addfile(info)
        info = tarfile.TarInfo("plain.txt")
        info.size = 5
        t.addfile(info, io.BytesIO(b"plain"))
    return out.getvalue()


# --- 7z ---------------------------------------------------------------------------------------

def seven_number(n):
    """First byte: a leading one bit for each further byte; then the rest, low byte first."""
    for extra in range(8):
        if n < 1 << (7 * (extra + 1)):
            first = (0xff00 >> extra) & 0xff | n >> 8 * extra
            return bytes([first]) + (n & (1 << 8 * extra) - 1).to_bytes(extra, "little")
    return b"\xff" + n.to_bytes(8, "little")


def seven_of(members):
    packed = b"".join(members.values())
    sizes = [len(c) for c in members.values()]
    number = seven_number
    streams = (b"\x06" + number(0) + number(1) + b"\x09" + number(len(packed)) + b"\0"  # packed
               + b"\x07\x0b" + number(1) + b"\0" + number(1) + b"\x01\0"  # one coder: copy
               + b"\x0c" + number(len(packed)) + b"\0"
               + b"\x08\x0d" + number(len(sizes)) + b"\x09"
               + b"".join(number(s) for s in sizes[:-1])
               + b"\x0a\x01" + b"".join(struct.pack("<I", zlib.crc32(c)) for c in members.values())
               + b"\0\0")
    names = b"\0" + b"".join(n.encode("utf-16-le") + b"\0\0" for n in members)
    header = (b"\x01\x04" + streams + b"\x05" + number(len(members))
              + b"\x11" + number(len(names)) + names + b"\0\0")
    start = struct.pack("<QQI", len(packed), len(header), zlib.crc32(header))
    return (b"7z\xbc\xaf\x27\x1c\0\x04" + struct.pack("<I", zlib.crc32(start)) + start
            + packed + header)


# --- RAR, CAB: everything is stored ------------------------------------------------------------

def rar_block(kind, flags, rest, content=b""):
    """RAR 4: the low half of a CRC-32, type, flags, size of the header."""
    head = struct.pack("<BHH", kind, flags, 7 + len(rest)) + rest
    return struct.pack("<H", zlib.crc32(head) & 0xffff) + head + content


def rar4_of(members, encrypted=False):
    """technote.txt of unrar 3: marker, archive header, a file header before each content."""
    out = b"Rar!\x1a\x07\0" + rar_block(0x73, 0, bytes(6))
    for name, content in members.items():
        name = name.replace("/", "\\").encode()
        out += rar_block(0x74, 0x8000 | (4 if encrypted else 0), struct.pack(
            "<IIBIIBBHI", len(content), len(content), 2, zlib.crc32(content), 0x52740000, 20, 0x30,
            len(name), 0x20) + name, content)
    return out + rar_block(0x7b, 0x4000, b"")


def vint(n):
    return bytes([n & 0x7f | 0x80]) + vint(n >> 7) if n > 0x7f else bytes([n])


def rar5_of(members):
    """technote.txt of RAR 5: CRC-32 of size and header, size, type, flags, ..."""
    def block(header, content=b""):
        sized = vint(len(header)) + header
        return struct.pack("<I", zlib.crc32(sized)) + sized + content
    out = b"Rar!\x1a\x07\x01\0" + block(vint(1) + vint(0) + vint(0))
    for name, content in members.items():
        name = name.encode()
        out += block(vint(2) + vint(2) + vint(len(content)) + vint(4) + vint(len(content)) + vint(0x20)
                     + struct.pack("<I", zlib.crc32(content)) + vint(0) + vint(0) + vint(len(name))
                     + name, content)
    return out + block(vint(5) + vint(0) + vint(0))


def cab_of(members):
    """[MS-CAB]: one folder, stored; blocks of data of up to 32 KiB."""
    def checksum(data, seed):
        whole = len(data) // 4 * 4
        for (word,) in struct.iter_unpack("<I", data[:whole]):
            seed ^= word
        rest = data[whole:]
        return seed ^ int.from_bytes(rest, "big" if len(rest) != 1 else "little") if rest else seed
    whole = b"".join(members.values())
    blocks = [whole[i:i + 32768] for i in range(0, len(whole), 32768)]
    files, at = b"", 0
    for name, content in members.items():
        files += struct.pack("<IIHHHH", len(content), at, 0, 0x5274, 0, 0x80)
        files += name.replace("/", "\\").encode() + b"\0"
        at += len(content)
    start = 36 + 8 + len(files)
    data = b""
    for b in blocks:
        sizes = struct.pack("<HH", len(b), len(b))
        data += struct.pack("<I", checksum(sizes, checksum(b, 0))) + sizes + b
    return (b"MSCF" + struct.pack("<IIIIIBBHHHHH", 0, start + len(data), 0, 36 + 8, 0, 3, 1, 1,
                                  len(members), 0, 0, 0)
            + struct.pack("<IHH", start, len(blocks), 0) + files + data)


# --- encrypted ZIP ----------------------------------------------------------------------------

def raw_zip(entries):
    """entries: (name, flags, method, extra, crc, packed, size)"""
    body, central = b"", b""
    for name, flags, method, extra, crc, packed, size in entries:
        raw = name.encode()
        common = struct.pack("<HHHHHIIIHH", 51, flags, method, 0, 0x5274, crc, len(packed), size,
                             len(raw), len(extra))
        central += (b"PK\1\2\x33\0" + common + struct.pack("<HHHII", 0, 0, 0, 0, len(body))
                    + raw + extra)
        body += b"PK\3\4" + common + raw + extra + packed
    return body + central + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, len(entries), len(entries),
                                                    len(central), len(body), 0)


CRC_TABLE = []
for i in range(256):
    c = i
    for _ in range(8):
        c = c >> 1 ^ (0xedb88320 if c & 1 else 0)
    CRC_TABLE.append(c)


def zipcrypto(plain, password, crc):
    keys = [0x12345678, 0x23456789, 0x34567890]

    def update(byte):
        keys[0] = keys[0] >> 8 ^ CRC_TABLE[(keys[0] ^ byte) & 0xff]
        keys[1] = ((keys[1] + (keys[0] & 0xff)) * 134775813 + 1) & 0xffffffff
        keys[2] = keys[2] >> 8 ^ CRC_TABLE[(keys[2] ^ keys[1] >> 24) & 0xff]
    for byte in password:
        update(byte)
    out = bytearray()
    for byte in bytes(range(11)) + bytes([crc >> 24]) + plain:
        t = (keys[2] | 2) & 0xffff
        out.append(byte ^ (t * (t ^ 1) >> 8) & 0xff)
        update(byte)
    return bytes(out)


def aes_tables():
    box = [0] * 256
    p = q = 1
    while True:
        p = (p ^ p << 1 ^ (0x11b if p & 0x80 else 0)) & 0xff
        q ^= q << 1
        q ^= q << 2
        q ^= q << 4
        q &= 0xff
        if q & 0x80:
            q ^= 9
        rotated = q ^ (q << 1 | q >> 7) ^ (q << 2 | q >> 6) ^ (q << 3 | q >> 5) ^ (q << 4 | q >> 4)
        box[p] = (rotated ^ 0x63) & 0xff
        if p == 1:
            box[0] = 0x63
            return box


BOX = aes_tables()


def double(b):
    return (b << 1 ^ (0x1b if b & 0x80 else 0)) & 0xff


def aes_keys(key):
    words = [list(key[i:i + 4]) for i in range(0, len(key), 4)]
    n = len(words)
    rcon = 1
    for i in range(n, 4 * (n + 7)):
        w = list(words[-1])
        if i % n == 0:
            w = [BOX[b] for b in w[1:] + w[:1]]
            w[0] ^= rcon
            rcon = double(rcon)
        elif n > 6 and i % n == 4:
            w = [BOX[b] for b in w]
        words.append([a ^ b for a, b in zip(words[i - n], w)])
    return [sum(words[i:i + 4], []) for i in range(0, len(words), 4)]


def aes_block(keys, block):
    s = [a ^ b for a, b in zip(block, keys[0])]
    for r, key in enumerate(keys[1:], 1):
        s = [BOX[s[(i + 4 * (i % 4)) % 16]] for i in range(16)]
        if r < len(keys) - 1:
            mixed = []
            for c in range(0, 16, 4):
                col = s[c:c + 4]
                every = col[0] ^ col[1] ^ col[2] ^ col[3]
                mixed += [col[i] ^ every ^ double(col[i] ^ col[(i + 1) % 4]) for i in range(4)]
            s = mixed
        s = [a ^ b for a, b in zip(s, key)]
    return s


def winzip_aes(plain, password):
    salt = bytes(range(16))
    derived = hashlib.pbkdf2_hmac("sha1", password, salt, 1000, 66)
    keys = aes_keys(derived[:32])
    out = bytearray()
    for at in range(0, len(plain), 16):
        counter = (at // 16 + 1).to_bytes(16, "little")
        out += bytes(a ^ b for a, b in zip(plain[at:at + 16], aes_block(keys, counter)))
    check = hmac.new(derived[32:64], bytes(out), hashlib.sha1).digest()[:10]
    return salt + derived[64:] + bytes(out) + check


def encrypted_zip(members, password, aes=False):
    entries = []
    for name, plain in members.items():
        crc = zlib.crc32(plain)
        if aes:
            extra = struct.pack("<HHH2sBH", 0x9901, 7, 2, b"AE", 3, 0)
            entries.append((name, 1, 99, extra, 0, winzip_aes(plain, password), len(plain)))
        else:
            entries.append((name, 1, 0, b"", crc, zipcrypto(plain, password, crc), len(plain)))
    return raw_zip(entries)


def lying_zip(content, size):
    """One stored member that says it is `size` bytes long."""
    return raw_zip([("liar.log", 0, 0, b"", zlib.crc32(content), content, size)])


def write_zeros(path, size):
    """A ZIP of one member of zeros, of any size, in little memory."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        info = zipfile.ZipInfo("zeros.bin", DATE)
        info.compress_type = zipfile.ZIP_DEFLATED
        with z.open(info, "w", force_zip64=True) as member:
            for _ in range(size >> 20):
                member.write(bytes(1 << 20))
