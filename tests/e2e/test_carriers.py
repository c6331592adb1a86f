#!/usr/bin/env python3
"""Evidence inside of archives: the same verdict as of the folder; hostile archives cost
themselves, as a gap, and nothing else.

usage: test_carriers.py ASSAY GENERATOR
"""
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import urllib.parse

assay, generator = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
sys.path.insert(0, str(generator.parent))
import carriers  # noqa: E402

problems = []
checks = 0

IIS_HEAD = ("#Software: Microsoft Internet Information Services 10.0\r\n#Fields: date time s-ip "
            "cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) "
            "cs(Referer) sc-status sc-substatus sc-win32-status time-taken\r\n")
IIS_ROW = "2021-03-01 10:%02d:%02d 10.0.0.5 GET /owa/%d - 443 - 192.0.2.9 probe - 200 0 0 5\r\n"


def check(name, ok, text=""):
    global checks
    checks += 1
    if not ok:
        problems.append(f"{name}: {text}")


def scan(path, *options):
    run = subprocess.run([assay, "scan", str(path), "--format", "json", *options],
                         capture_output=True, text=True, env={**os.environ, "NO_COLOR": "1"})
    try:
        return run.returncode, json.loads(run.stdout), run.stdout
    except json.JSONDecodeError:
        check(path.name, False, f"no answer ({run.returncode}): {run.stderr[:300]}")
        return run.returncode, {"evidence": [], "gaps": [], "hosts": [], "findings": [],
                                "stats": {"events": 0}}, ""


def gaps_of(document, part):
    return [g["why"] for g in document["gaps"] if part in (g["path"] or "")]


def write(path, content):
    path.write_bytes(content)
    return path


# --- the same server, packed --------------------------------------------------------------------

def verdict_of(document):
    """What is said of the server, without the places in the evidence."""
    hosts = [(h["host"], [{axis: c[axis]["state"] for axis in
                           ("exposure", "entry", "backdoor", "action", "loss")}
                          for c in h["campaigns"]]) for h in document["hosts"]]
    found = sorted(str(f["rule"]) for f in document["findings"])
    return hosts, found, document["stats"]["events"]


def members_of(folder, name=lambda path: path):
    return {name(p.relative_to(folder).as_posix()): p.read_bytes()
            for p in sorted(folder.rglob("*")) if p.is_file()}


def velociraptor(path):
    parts = [urllib.parse.quote(p, safe=" ().-_") for p in path.split("/")]
    return "/".join(["uploads", "auto", urllib.parse.quote("C:", safe=""), *parts[1:]])


def same_as_the_folder(work):
    folder = work / "mail01"
    subprocess.run([sys.executable, str(generator), "entered", str(folder), "--seed", "7"],
                   check=True, stdout=subprocess.DEVNULL)
    status, document, _ = scan(folder)
    want = verdict_of(document)
    check("folder", want[1] and status == 1, "nothing was found in it")
    plain = members_of(folder)
    kape = {"mail01/" + n: c for n, c in plain.items()}
    logs = "C/inetpub/logs/"
    inner = carriers.zip_of({n[len(logs):]: c for n, c in plain.items() if n.startswith(logs)})
    nested = {n: c for n, c in plain.items() if not n.startswith(logs)}
    packed = {
        "plain.zip": carriers.zip_of(plain),
        "kape.zip": carriers.zip_of(kape),
        "velociraptor.zip": carriers.zip_of(members_of(folder, velociraptor)),
        "mail01.tar.gz": carriers.tar_of(plain, "gz"),
        "mail01.7z": carriers.seven_of(plain),
        "nested.zip": carriers.zip_of({**nested, logs + "iis.zip": inner}),
    }
    for name, content in packed.items():
        path = write(work / name, content)
        status, document, text = scan(path)
        got = verdict_of(document)
        for what, a, b in zip(("verdict", "findings", "events"), got, want):
            check(name, a == b, f"{what}: {str(a)[:300]}, of the folder {str(b)[:300]}")
        check(name, not document["gaps"], f"gaps: {document['gaps'][:3]}")
        if name == "kape.zip":
            check(name, scan(path, "--jobs", "1")[2] == scan(path, "--jobs", "3")[2],
                  "the output depends on --jobs")
        path.unlink()


# --- members larger than a window -------------------------------------------------------------

def large_log(work):
    rows = "".join(IIS_ROW % (i // 60 % 60, i % 60, i) for i in range(700000))
    assert len(rows) > 48 << 20
    log = (IIS_HEAD + rows[:20 << 20].rsplit("\r\n", 1)[0] + "\r\n" + IIS_HEAD
           + rows[20 << 20:].split("\r\n", 1)[1]).encode()
    plain = work / "logs"
    plain.mkdir()
    write(plain / "u_ex210301.log", log)
    path = write(work / "large.zip", carriers.zip_of({"u_ex210301.log": log}))
    del rows, log
    outside, inside = scan(plain)[1], scan(path)[1]
    a = next(e for e in outside["evidence"])
    b = next(e for e in inside["evidence"] if e["path"].endswith(".log"))
    for key in ("sha256", "bytes", "events", "first", "last"):
        check("large log", a[key] == b[key], f"{key}: {b[key]}, of the folder {a[key]}")
    check("large log", not inside["gaps"], f"gaps: {inside['gaps'][:3]}")
    check("large log", scan(path, "--jobs", "1")[2] == scan(path, "--jobs", "3")[2],
          "the output depends on --jobs")


def zeros(work):
    """A GiB of zeros from a MiB: its digest is told, and no window of it is kept."""
    path = work / "zeros.zip"
    carriers.write_zeros(path, 1 << 30)
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    _, document, _ = scan(path)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    sanitized = os.environ.get("ASSAY_TEST_QUICK") == "1"
    check("zeros", sanitized or peak < max(before, 300 << 10), f"{peak >> 10} MiB in one process")
    member = next((e for e in document["evidence"] if e["path"].endswith("zeros.bin")), {})
    check("zeros", member.get("bytes") == 1 << 30, f"{member}")
    check("zeros", (member.get("sha256") or "").startswith("49bc20df"), f"{member}")
    path.unlink()


# --- hostile ones ------------------------------------------------------------------------------

LOG = (IIS_HEAD + IIS_ROW % (1, 2, 3)).encode()


def hostile(work):
    def one(name, content, *options):
        _, document, _ = scan(write(work / name, content), *options)
        return document

    d = one("names.zip", carriers.zip_of({"../../up.log": LOG, "/etc/top.log": LOG,
                                          "ok/x.log": LOG, "a\x01b.log": LOG}))
    for part in ("up.log", "top.log", "b.log"):
        check("names", len(gaps_of(d, part)) == 1, f"{part}: {d['gaps']}")
    check("names", d["stats"]["events"] == 1, f"{d['stats']}")

    for utc, told in ((True, "2021-03-20T00:00:00Z"), (False, None)):
        d = one("times.zip", carriers.zip_of({"x.log": LOG}, utc=utc))
        check("times", d["evidence"][1]["modified"] == told, f"{d['evidence'][1]}")

    d = one("links.tar", carriers.tar_of_links())
    for part in ("/up", "/twin", "/disk", "/pipe"):
        check("links", len(gaps_of(d, part)) == 1, f"{part}: {d['gaps']}")

    d = one("twins.zip", carriers.zip_of([("x.log", LOG), ("x.log", LOG + LOG)]))
    check("twins", d["stats"]["events"] == 3, f"{d['stats']}")
    check("twins", len(gaps_of(d, "x.log")) == 1, f"{d['gaps']}")

    for kind, aes in (("zipcrypto", False), ("aes", True)):
        content = carriers.encrypted_zip({"x.log": LOG, "y.log": LOG}, b"correct", aes)
        d = one(kind + ".zip", content)
        check(kind, d["stats"]["events"] == 0 and len(gaps_of(d, ".log")) == 2, f"{d['gaps']}")
        d = one(kind + ".zip", content, "--password", "wrong")
        check(kind, d["stats"]["events"] == 0 and len(gaps_of(d, ".log")) == 2, f"{d['gaps']}")
        d = one(kind + ".zip", content, "--password", "correct")
        check(kind, d["stats"]["events"] == 2 and not d["gaps"], f"{d['gaps']} {d['stats']}")
    secret = write(work / "secret.txt", b"correct\r\n")
    d = one("aes.zip", content, "--password-file", str(secret))
    check("password file", d["stats"]["events"] == 2 and not d["gaps"], f"{d['gaps']}")

    for size in (1 << 31, 3, 0):
        d = one("liar.zip", carriers.lying_zip(LOG, size))
        check("liar", d["gaps"], f"size {size}: no gap")
    whole = carriers.zip_of({f"{i}.log": LOG for i in range(50)})
    d = one("cut.zip", whole[:len(whole) // 2])
    check("cut", gaps_of(d, "cut.zip"), "no gap")
    d = one("cut.7z", carriers.seven_of({"x.log": LOG})[:-10])
    check("cut 7z", gaps_of(d, "cut.7z"), "no gap")
    d = one("cut.tar.gz", carriers.tar_of({"x.log": LOG * 500}, "gz")[:-30])
    check("cut tar", gaps_of(d, "cut.tar.gz"), "no gap")

    deep = LOG
    for depth in range(5):
        deep = carriers.zip_of({("x.log" if depth == 0 else "deeper.zip"): deep})
    d = one("deep.zip", deep)
    check("deep", d["stats"]["events"] == 0 and len(d["gaps"]) == 1, f"{d['gaps']}")
    three = carriers.zip_of({"b.zip": carriers.zip_of({"c.tar": carriers.tar_of({"x.log": LOG})})})
    d = one("three.zip", three)
    check("three deep", d["stats"]["events"] == 1 and not d["gaps"], f"{d['gaps']} {d['stats']}")


def many(work):
    """Ten thousand small members take seconds."""
    path = write(work / "many.zip", carriers.zip_of({f"d{i % 50}/{i}.log": LOG
                                                     for i in range(10000)}))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _, document, _ = scan(path)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    check("many", document["stats"]["events"] == 10000, f"{document['stats']}")
    print(f"10000 small members: {after.ru_utime - before.ru_utime:.1f} s user, "
          f"{after.ru_stime - before.ru_stime:.1f} s system")


def main():
    with tempfile.TemporaryDirectory(prefix="assay-carriers-") as folder:
        work = pathlib.Path(folder)
        for test in (zeros, hostile, many, large_log, same_as_the_folder):
            test(work)
    for p in problems:
        print(p)
    print(f"{checks} checks, {len(problems)} problems")
    return 1 if problems else 0


sys.exit(main())
