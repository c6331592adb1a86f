"""Makes NTFS volumes in image files, with libntfs-3g and without mounting anything.

available() says whether the library and mkfs.ntfs are there.
"""
import ctypes
import re
import shutil
import struct
import subprocess

DATA = 0x80
FOLDER, FILE = 0o040000, 0o100000


def library():
    for name in ("libntfs-3g.so.89", "libntfs-3g.so.88", "libntfs-3g.so.883", "libntfs-3g.so"):
        try:
            return ctypes.CDLL(name, use_errno=True)
        except OSError:
            continue
    return None


def available():
    return library() is not None and shutil.which("mkfs.ntfs") is not None


def make(path, size, cluster=4096):
    """An empty volume in a new, sparse file."""
    with open(path, "wb") as f:
        f.truncate(size)
    subprocess.run(["mkfs.ntfs", "-F", "-Q", "-q", "-c", str(cluster), "-p", "0", path], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def forge_times(path, name, created, modified):
    """Sets the times of $STANDARD_INFORMATION of the files with this name in an image, and not those of
    their names, as a program that forges times does: steps of 100 ns since 1601."""
    with open(path, "r+b") as image:
        content = image.read()
        wide = name.encode("utf-16-le")
        for record in (m.start() for m in re.finditer(b"FILE[0*]\0\3\0", content)):
            at = content.find(wide, record, record + 1024)
            if at < 0 or content[at - 2] != len(name):
                continue
            attribute = record + struct.unpack_from("<H", content, record + 0x14)[0]
            image.seek(attribute + struct.unpack_from("<H", content, attribute + 0x14)[0])
            image.write(struct.pack("<4Q", created, modified, modified, modified))


class Volume:
    """An open volume; paths with '/', names in ASCII."""

    def __init__(self, path):
        self.lib = library()
        p, i, u8, u32, i64 = (ctypes.c_void_p, ctypes.c_int, ctypes.c_uint8, ctypes.c_uint32,
                              ctypes.c_int64)
        text = ctypes.c_char_p
        for name, ret, args in (
                ("ntfs_mount", p, (text, ctypes.c_ulong)), ("ntfs_umount", i, (p, i)),
                ("ntfs_pathname_to_inode", p, (p, p, text)), ("ntfs_inode_close", i, (p,)),
                ("ntfs_create", p, (p, u32, text, u8, u32)),
                ("ntfs_delete", i, (p, text, p, p, text, u8)),
                ("ntfs_link", i, (p, p, text, u8)),
                ("ntfs_attr_open", p, (p, u32, text, u32)), ("ntfs_attr_close", None, (p,)),
                ("ntfs_attr_add", i, (p, u32, text, u8, text, i64)),
                ("ntfs_attr_pwrite", i64, (p, i64, i64, text)),
                ("ntfs_attr_pread", i64, (p, i64, i64, p))):
            call = getattr(self.lib, name)
            call.restype, call.argtypes = ret, args
        self.vol = self.lib.ntfs_mount(path.encode(), 0)
        if not self.vol:
            raise OSError(ctypes.get_errno(), path)

    def inode(self, path):
        found = self.lib.ntfs_pathname_to_inode(self.vol, None, path.encode())
        if not found:
            raise OSError(ctypes.get_errno(), path)
        return found

    def _make(self, path, kind):
        folder, _, name = path.rpartition("/")
        above = self.inode(folder or "/")
        made = self.lib.ntfs_create(above, 0, name.encode("utf-16-le"), len(name), kind)
        if not made:
            raise OSError(ctypes.get_errno(), path)
        self.lib.ntfs_inode_close(made)
        self.lib.ntfs_inode_close(above)

    def mkdir(self, path):
        """The folder and those above it."""
        part = ""
        for name in path.strip("/").split("/"):
            part += "/" + name
            try:
                self.lib.ntfs_inode_close(self.inode(part))
            except OSError:
                self._make(part, FOLDER)

    def write(self, path, data, stream="", at=0):
        """Makes the file, and the stream, where they are not there."""
        try:
            ni = self.inode(path)
        except OSError:
            self._make(path, FILE)
            ni = self.inode(path)
        name = stream.encode("utf-16-le") if stream else b"\0\0"
        attribute = self.lib.ntfs_attr_open(ni, DATA, name, len(stream))
        if not attribute:
            assert self.lib.ntfs_attr_add(ni, DATA, name, len(stream), None, 0) == 0
            attribute = self.lib.ntfs_attr_open(ni, DATA, name, len(stream))
        assert self.lib.ntfs_attr_pwrite(attribute, at, len(data), data) == len(data)
        self.lib.ntfs_attr_close(attribute)
        self.lib.ntfs_inode_close(ni)

    def read(self, path, most=16 << 20):
        ni = self.inode(path)
        attribute = self.lib.ntfs_attr_open(ni, DATA, b"\0\0", 0)
        content = ctypes.create_string_buffer(most)
        size = self.lib.ntfs_attr_pread(attribute, 0, most, content)
        self.lib.ntfs_attr_close(attribute)
        self.lib.ntfs_inode_close(ni)
        assert size >= 0
        return content.raw[:size]

    def delete(self, path):
        folder, _, name = path.rpartition("/")
        ni, above = self.inode(path), self.inode(folder or "/")
        assert self.lib.ntfs_delete(self.vol, None, ni, above, name.encode("utf-16-le"),
                                    len(name)) == 0

    def close(self):
        assert self.lib.ntfs_umount(self.vol, 0) == 0
