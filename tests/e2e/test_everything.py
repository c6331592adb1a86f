#!/usr/bin/env python3
"""Everything that may be left on a server, once each, beside what looks alike and is harmless: all
of it is found where it lies and none of the twins, in a folder, in archives, in the layouts of
collecting programs, and in images of disks.

usage: test_everything.py ASSAY GENERATORS
"""
import json
import lzma
import os
import pathlib
import subprocess
import sys
import tempfile
import urllib.parse

sys.path.insert(0, sys.argv[2])
import carriers  # noqa: E402
import ntfs  # noqa: E402
import planted  # noqa: E402

ASSAY = os.path.abspath(sys.argv[1])
problems = []
checks = 0


def check(where, ok, why=""):
    global checks
    checks += 1
    if not ok:
        problems.append(f"{where}: {why}")


# --- how the same files lie in each collection: place below the collection -> path there -----------------

def plain(place):
    return place


def velociraptor(place):
    """The file system's own files by the reader of volumes, all others by that of files."""
    raw = place.startswith("C/$")
    drive, *rest = place.split("/")
    if place == planted.JOURNAL:
        rest = ["$Extend", "$UsnJrnl:$J"]
    root = ["uploads", "ntfs", r"\\.\C:"] if raw else ["uploads", "auto", drive + ":"]
    return "/".join(urllib.parse.quote(p, safe=" ().-_$&") for p in root + rest)


def in_image(place):
    return "$Extend/$UsnJrnl:$J" if place == planted.JOURNAL else place[2:]


def zipped(files):
    return carriers.zip_of(files)


def tar_xz(files):
    return lzma.compress(carriers.tar_of(files), preset=0)


# name: (what the servers' containers are called, how paths are written, what packs them)
COLLECTIONS = {
    "folder": ("%s", plain, None),
    "zip": ("%s.zip", plain, zipped),
    "7z": ("%s.7z", plain, carriers.seven_of),
    "tar.xz": ("%s.tar.xz", plain, tar_xz),
    "kape": ("2021-03-10T080000_%s/files.zip", plain, zipped),
    "velociraptor": ("Collection-%s-2021-03-10T08_00_00Z.zip", velociraptor, zipped),
    "image": ("%s.dd", in_image, None),
}


def lay_out(work, name, server, files):
    """Writes one server's collection; gives the start of its files' paths."""
    form, path, pack = COLLECTIONS[name]
    target = work / name / (form % server)
    if name == "image":
        target.parent.mkdir(exist_ok=True)
        (work / (server + ".dd")).rename(target)
    elif pack:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(pack({path(place): content for place, content in files.items()}))
    else:
        for place, content in files.items():
            (target / place).parent.mkdir(parents=True, exist_ok=True)
            (target / place).write_bytes(content)
    return str(target) + "/"


def scan(path):
    done = subprocess.run([ASSAY, "scan", str(path), "--format", "json"], capture_output=True, check=False,
                          timeout=120)
    check(path.name, done.returncode == 1, f"status {done.returncode}: {done.stderr[-500:]}")
    return json.loads(done.stdout)


def sentences(told):
    """What the facts say, of each finding that they rest on."""
    said = {}
    facts = [told]
    while facts:
        part = facts.pop()
        if isinstance(part, dict):
            facts += part.values()
            for finding in part.get("findings", []) if part.get("what") else []:
                said[finding] = said.get(finding, "") + part["what"] + "\n"
        elif isinstance(part, list):
            facts += part
    return said


def judge(name, told, bad, good):
    """Each thing where it lies, by the rule that is meant for it; nothing of the other server."""
    found = {}
    said = sentences(told)
    for f in told["findings"]:
        path = f["where"]["path"]
        if path.startswith(good) and f["rule"]["title"] == planted.UNKNOWN:
            check(name, "another content" not in said.get(f["id"], ""), said.get(f["id"], ""))
        elif path.startswith(good):
            check(name, False, f"a twin is told of: {f['rule']['title']}: {path[len(good):]}: {str(f)[:600]}")
        else:
            found.setdefault((path.removeprefix(bad), f["rule"]["title"]), []).append(said.get(f["id"], ""))
    path = COLLECTIONS[name][1]
    for t in planted.THINGS:
        here = found.get((path(t.place), t.title), [])
        check(name, any(t.holds in f for f in here),
              f"{t.kind}, {t.what}: {t.title}, {t.holds}: {path(t.place)}: "
              f"{here or [k[1] for k in found if k[0] == path(t.place)]}")
    check(name, not told["gaps"], told["gaps"])


def hosts(name, told):
    """Builds and mitigation, and that nothing is said of the server that nobody entered."""
    by_name = {h["host"].split(".")[0].upper(): h for h in told["hosts"]}
    check(name, set(by_name) == {"BAD01", "GOOD01"}, f"hosts {list(by_name)}")
    for server, build in (("BAD01", "15.1.2106.2"), ("GOOD01", "15.1.2507.6")):
        campaigns = {c["id"]: c for c in by_name[server]["campaigns"]} if server in by_name else {}
        exposure = campaigns.get("exchange-proxylogon", {}).get("exposure", {})
        names = [i.get("build") for i in exposure.get("intervals", [])]
        check(name, build in names, f"{server}: builds {names}")
        check(name, ("back-doors" in campaigns) == (server == "BAD01"), f"{server}: {list(campaigns)}")


def same_structure(work, files):
    """A shell that was renamed and laid out anew has the same structure, an honest page another."""
    hashes = {}
    for name in ("t.aspx", "again.aspx", "t.ascx"):
        (work / name).write_bytes(files[planted.APP + name])
        out = subprocess.run([ASSAY, "dump", work / name], capture_output=True, check=True).stdout
        hashes[name] = json.loads(out)["derived"].get("ShellHash")
    check("structure", hashes["t.aspx"] and hashes["t.aspx"] == hashes["again.aspx"] != hashes["t.ascx"], hashes)


def main():
    if not ntfs.available():
        print("libntfs-3g or mkfs.ntfs is not there")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        bad, good = planted.files(work)
        same_structure(work, bad)
        for name in COLLECTIONS:
            starts = [lay_out(work, name, server, files) for server, files in (("BAD01", bad), ("GOOD01", good))]
            told = scan(work / name)
            judge(name, told, *starts)
            hosts(name, told)
    for p in problems:
        print("FAIL", p)
    print(f"{len(planted.THINGS)} things, {len(COLLECTIONS)} collections: {checks} checks, {len(problems)} failed")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
