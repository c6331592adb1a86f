#!/usr/bin/env python3
"""Evidence inside of archives: the same verdict as of the folder; hostile archives cost
themselves, as a gap, and nothing else.

usage: test_carriers.py ASSAY GENERATOR
"""
import hashlib
import json
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile
import urllib.parse

assay, generator = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
sys.path.insert(0, str(generator.parent))
import carriers  # noqa: E402
import evtxgen  # noqa: E402
import regfgen  # noqa: E402

problems = []
checks = 0
QUICK = os.environ.get("ASSAY_TEST_QUICK") == "1"  # sanitizers take time and memory

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


def collected_logs(path):
    """As ExchangeLogCollector names folders; "" for what it leaves out."""
    for folder, name in (("LogFiles/W3SVC1/", "IIS_W3SVC1_Logs"), ("LogFiles/W3SVC2/", "IIS_W3SVC2_Logs"),
                         ("LogFiles/HTTPERR/", "HTTPERR_Logs"), ("HttpProxy/Ecp/", "ECP_Proxy_Logs"),
                         ("HttpProxy/Autodiscover/", "AutoD_Proxy_Logs"),
                         ("ECP/Server/", "ECP_Logs"), ("winevt/Logs/", "Windows_Event_Logs/Windows-Logs")):
        if folder.lower() in path.lower() and "FrontEnd" not in path:
            return name + "/" + path.rpartition("/")[2]
    return ""


def log_collector(work, folder):
    """Each folder packed, and all of them: as the folders that lie there."""
    files = {collected_logs(n): c for n, c in members_of(folder).items() if collected_logs(n)}
    names = sorted({n.rpartition("/")[0] for n in files})
    check("log collector", len(names) > 3, f"{names}")
    root = work / "collected" / "MAIL01"
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    want = verdict_of(scan(work / "collected")[1])
    check("log collector", want[1] and len(want[0]) == 1 and "unnamed" not in want[0][0][0],
          f"{want}")
    inside = {n + ".zip": carriers.zip_of({f.rpartition("/")[2]: c for f, c in files.items()
                                           if f.rpartition("/")[0] == n}) for n in names}
    packed = work / "packed"
    packed.mkdir()
    write(packed / "MAIL01-35.zip", carriers.zip_of(inside))
    got = verdict_of(scan(packed)[1])
    for what, a, b in zip(("verdict", "findings", "events"), got, want):
        check("log collector", a == b, f"{what}: {str(a)[:300]}, unpacked {str(b)[:300]}")


def same_as_the_folder(work):
    folder = work / "mail01"
    days = ["--start", "2021-03-01", "--end", "2021-03-05"] if QUICK else []
    subprocess.run([sys.executable, str(generator), "entered", str(folder), "--seed", "7", *days],
                   check=True, stdout=subprocess.DEVNULL)
    status, document, _ = scan(folder)
    want = verdict_of(document)
    check("folder", want[1] and status == 1, "nothing was found in it")
    plain = members_of(folder)
    kape = {"mail01/" + n: c for n, c in plain.items()}
    logs = "C/inetpub/logs/"
    inner = carriers.zip_of({n[len(logs):]: c for n, c in plain.items() if n.startswith(logs)})
    nested = {n: c for n, c in plain.items() if not n.startswith(logs)}
    raw = {"uploads/ntfs/%5C%5C.%5CC%3A/" + "/".join(
        urllib.parse.quote(p, safe=" ().-_") for p in n.split("/")[1:]): c for n, c in plain.items()}
    log_collector(work, folder)
    packed = {
        "plain.zip": carriers.zip_of(plain),
        "kape.zip": carriers.zip_of(kape),
        "cylr.zip": carriers.zip_of({n.replace("/", "\\"): c for n, c in plain.items()}),
        "velociraptor-raw.zip": carriers.zip_of(raw),
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
    size = 1 << (27 if QUICK else 30)
    carriers.write_zeros(path, size)
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    _, document, _ = scan(path)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    check("zeros", QUICK or peak < max(before, 300 << 10), f"{peak >> 10} MiB in one process")
    member = next((e for e in document["evidence"] if e["path"].endswith("zeros.bin")), {})
    digest = hashlib.sha256()
    for _ in range(size >> 20):
        digest.update(bytes(1 << 20))
    check("zeros", member.get("bytes") == size, f"{member}")
    check("zeros", member.get("sha256") == digest.hexdigest(), f"{member}")
    path.unlink()


# --- hives, which need what lies beside them ----------------------------------------------------

def software(value):
    run_key = regfgen.Key("Run", regfgen.Value("Updater", value))
    windows = regfgen.Key("Windows", regfgen.Key("CurrentVersion", run_key))
    return regfgen.hive(regfgen.Key("ROOT", regfgen.Key("Microsoft", windows)))


def hives(work):
    """What only the logs hold is read in archives too, in its place or not at all."""
    old, new = software("C:\\old\\one.exe"), software("C:\\new\\two.exe")
    members = {"C/Windows/System32/config/SOFTWARE": regfgen.dirty(old),
               "C/Windows/System32/config/SOFTWARE.LOG1": regfgen.log_new(old, new),
               "C/Windows/System32/config/SAM": software("C:\\whole.exe")}
    folder = work / "hives"
    for name, content in members.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    rule = write(work / "run.yml", b"""title: A planted value
id: 0d5b5f0e-3c52-4a2e-8b52-6a7a9be2a00a
level: high
logsource: {product: windows, service: registry-hive}
detection:
    one: {Details|contains: '\\new\\two.exe'}
    condition: one
""")
    logged = {"events": [], "found": []}
    nested = {"inner.zip": carriers.zip_of(members), "x.txt": b"x"}
    for path in (folder, write(work / "hives.zip", carriers.zip_of(members)),
                 write(work / "hives.tar.gz", carriers.tar_of(members, "gz")),
                 write(work / "nested.zip", carriers.zip_of(nested))):
        one, three = (scan(path, "--rules", rule, "--jobs", n) for n in ("1", "3"))
        check(path.name, one[2] == three[2], "the output depends on --jobs")
        document = one[1]
        check(path.name, not document["gaps"], f"{document['gaps']}")
        logged["events"].append(document["stats"]["events"])
        logged["found"].append([f["rule"]["title"] for f in document["findings"]
                                if f["rule"]["source"] == "sigma"])
    check("hives", logged["found"] == [["A planted value"]] * 4, f"{logged}")
    check("hives", len(set(logged["events"])) == 1, f"{logged}")
    del members["C/Windows/System32/config/SOFTWARE.LOG1"]
    _, document, _ = scan(write(work / "nolog.zip", carriers.zip_of(members)), "--rules", rule)
    check("no log", len(gaps_of(document, "SOFTWARE")) == 1 and
          document["stats"]["events"] == logged["events"][0], f"{document['gaps']}")


# --- the other commands ---------------------------------------------------------------------------

def run(*args):
    done = subprocess.run([assay, *map(str, args)], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def searched(path, *what):
    """What was found, without the place that the evidence lies at."""
    status, out, told = run("search", path, *what)
    found = [[r["path"].removeprefix(str(path)), r["event"]["time"], r["event"]["offset"],
              r["event"].get("record"), r["matched"]] for r in json.loads(out)["records"]]
    return status, found, told


def written(ids):
    with evtxgen.EvtxWriter() as log:
        for i in ids:
            log.add(provider="Microsoft-Windows-Security-Auditing", event_id=4688,
                    guid="{54849625-5478-4994-A5BA-3E3B0328C30D}", channel="Security",
                    computer="EX01.example.com", record_id=i, keywords=0x8020000000000000,
                    time=f"2021-03-02T04:{i // 60 % 60:02}:{i % 60:02}Z",
                    data=[("CommandLine", f"cmd /c echo {i}")])
        return log.to_bytes()


def long_event_log():
    """More than a window, and behind its last records some of an older log."""
    one, old = written(range(500, 520)), written(range(100, 200))
    last = evtxgen.leave_over(one, old)
    chunks = one[4096:4096 + 65536] * 600 + last[4096:4096 + 65536]
    return one[:4096] + chunks


RULE = """title: A cookie
id: 0d5b5f0e-3c52-4a2e-8b52-6a7a9be2a009
logsource: {category: webserver}
detection:
    one: {cs-uri-stem|contains: autodiscover}
    condition: one
"""


def other_commands(work):
    folder = work / "other" / "mail01"
    inner = {"x.log": LOG, "deeper.tar.gz": carriers.tar_of({"y.log": LOG * 3}, "gz")}
    plain = {"C/inetpub/logs/LogFiles/W3SVC1/u_ex.log": LOG, "Security.evtx": long_event_log(),
             "C/a.bin": bytes(5 << 20), "large.log": IIS_HEAD.encode() + b"".join(
                 (IIS_ROW % (i // 60 % 60, i % 60, i)).encode() for i in range(450000))}
    for name, content in plain.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    packed = [write(work / "other.zip", carriers.zip_of({**plain, "inner.zip": carriers.zip_of(inner)})),
              write(work / "other.tar.gz", carriers.tar_of(plain, "gz"))]
    (folder / "inner.zip").mkdir()
    for name, content in inner.items():
        (folder / "inner.zip" / name).write_bytes(content)

    for what in (("owa and '*9999*'",), ("echo",)):
        wanted = searched(folder, *what, "--format", "json")
        check("search", len(wanted[1]) > 40, f"{what}: {wanted}")
        got = searched(packed[0], *what, "--format", "json")
        check("search", sorted(got[1], key=str) == sorted(wanted[1], key=str),
              f"{what}: {len(got[1])} in the archive, {len(wanted[1])} in the folder {got[2]}")
        check("search", got[0] == wanted[0] and "could be read" not in got[2], got[2])
        again = [run("search", packed[0], *what, "--jobs", n)[1] for n in ("1", "3")]
        check("search", again[0] == again[1], "the output depends on --jobs")
    recovered = run("search", packed[0], "echo", "--count", "--no-recover")[1]
    check("search", int(recovered) == 601 * 20, f"without those recovered: {recovered}")
    check("search", len(got[1]) > 601 * 20, "of a member in windows too they are recovered")
    check("search", run("search", packed[1], "owa", "--limit", "2")[0] == 0, "--limit")

    covered = [json.loads(run("rules", "coverage", path, "--format", "json")[1])
               for path in (folder, packed[0])]
    check("coverage", covered[0]["states"] == covered[1]["states"], "other rules could fire")
    logs = [[s for s in c["sources"] if s["source"] != "files.inventory"] for c in covered]
    check("coverage", logs[0] == logs[1] and len(logs[0]) > 1, f"{str(logs)[:600]}")
    check("coverage", not covered[1]["gaps"], f"{covered[1]['gaps']}")

    rule = write(work / "rule.yml", RULE.replace("autodiscover", "owa").encode())
    small = write(work / "small.zip", carriers.encrypted_zip({"x.log": LOG}, b"correct"))
    at = ("--offset", json.loads(run("search", small, "owa", "--format", "json", "--password",
                                     "correct")[1])["records"][0]["event"]["offset"])
    status, out, told = run("explain", small, *at, "--rule", rule, "--format", "json",
                            "--password", "correct")
    check("explain", status == 0 and json.loads(out)["records"][0]["rules"][0]["matches"], f"{out} {told}")
    check("explain", run("explain", small, *at, "--rule", rule)[0] == 2, "without its password")
    check("search", run("search", small, "owa")[0] == 3, "without its password")


def dumped(work):
    """The members are listed; each of them is a FILE too, whatever lies around it."""
    names = {"C/pr\u00fcfung/\u65e5.log": LOG, "plain.txt": b"hello"}
    inner = carriers.tar_of(names, "gz")
    for kind, content in (("zip", carriers.zip_of({"b.tar.gz": inner, **names})),
                          ("tar", carriers.tar_of({"b.tar.gz": inner, **names})),
                          ("7z", carriers.seven_of({"b.tar.gz": inner, **names}))):
        path = write(work / f"dump.{kind}", content)
        rows = [json.loads(line) for line in run("dump", path)[1].splitlines()]
        check(kind, rows[0]["kind"] == "file" and rows[0]["fields"]["Format"] == kind, f"{rows[0]}")
        listed = {r["member"]: r["bytes"] for r in rows[1:]}
        want = {f"{path}/{n}": len(c) for n, c in {"b.tar.gz": inner, **names}.items()}
        check(kind, listed == want, f"{listed}, not {want}")
        for member in (f"{path}/C/pr\u00fcfung/\u65e5.log",
                       f"{path}/b.tar.gz/C/pr\u00fcfung/\u65e5.log"):
            status, out, told = run("dump", member)
            events = [json.loads(line) for line in out.splitlines()]
            check(kind, len(events) == 1 and events[0]["kind"] == "iis", f"{member}: {told}")
        inside = [json.loads(x)["member"] for x in
                  run("dump", f"{path}/b.tar.gz")[1].splitlines()[1:]]
        check(kind, inside == [f"{path}/b.tar.gz/{n}" for n in names], f"{inside}")
        facts = json.loads(run("dump", f"{path}/plain.txt")[1])["fields"]
        check(kind, facts["Size"] == "5", f"{facts}")
        for wrong in ("/none", "/plain.txt/none", "/b.tar.gz/none", "/b.tar", "/C"):
            status, out, told = run("dump", f"{path}{wrong}")
            check(kind, status == 2 and not out and wrong in told, f"{wrong}: {out} {told}")
        check(kind, scan(path)[1]["stats"]["events"] == 2, "names in other letters")
    secret = write(work / "secret.zip", carriers.encrypted_zip({"x.log": LOG}, b"correct"))
    check("encrypted", "not_read" in run("dump", secret)[1], "it is not told")
    check("encrypted", run("dump", f"{secret}/x.log")[0] == 2, "it was read")
    check("encrypted", '"iis"' in run("dump", f"{secret}/x.log", "--password", "correct")[1], "")
    cut = write(work / "cut.zip", carriers.zip_of({"x.log": LOG * 99, "y.log": LOG})[:300])
    check("cut", run("dump", cut)[2], "its damage is not told")


# --- other archives ----------------------------------------------------------------------------

def other_archives(work):
    names = {"C/inetpub/logs/u_ex.log": LOG, "readme.txt": b"hello", "C/large.bin": bytes(100000)}
    packed = {"a.rar": carriers.rar4_of(names), "b.rar": carriers.rar5_of(names),
              "c.cab": carriers.cab_of(names)}
    if shutil.which("genisoimage"):
        folder = work / "disc"
        for name, content in names.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        for name, how in (("joliet.iso", "-J"), ("rock.iso", "-R"), ("udf.iso", "-udf")):
            subprocess.run(["genisoimage", "-quiet", "-no-pad", how, "-o", work / name, folder], check=True,
                           capture_output=True)
            packed[name] = (work / name).read_bytes()
    for name, content in packed.items():
        path = write(work / name, content)
        _, document, _ = scan(path)
        udf = name == "udf.iso"
        got = {e["path"].removeprefix(f"{path}/"): e["bytes"] for e in document["evidence"][1:]}
        want = {n: len(c) for n, c in names.items()}
        check(name, udf or got == want, f"{got}")
        check(name, document["stats"]["events"] == 1, f"{document['stats']}")
        check(name, [("UDF" in g["why"]) for g in document["gaps"]] == [True] * udf,
              f"{document['gaps']}")
        for end in (len(content) // 2, 40):
            _, document, _ = scan(write(work / "cut", content[:end]))
            check(name, document["gaps"] or end == 40, f"cut at {end}: no gap")
    _, document, _ = scan(write(work / "locked.rar", carriers.rar4_of(names, encrypted=True)))
    check("encrypted RAR", len(gaps_of(document, "locked.rar/")) == 3, f"{document['gaps']}")
    for name, content, told in (
            ("install.wim", b"MSWIM\0\0\0" + bytes(300), "WIM"),
            ("a.qcow2", b"QFI\xfb" + bytes(70000), "QCOW")):
        path = write(work / name, content)
        whys = [g["why"] for g in scan(path)[1]["gaps"]]
        check(name, any(told in w and ("7z x" in w or "qemu-img" in w) for w in whys), f"{whys}")
    for name, content, told in (("a.vhdx", b"vhdxfile" + bytes(70000), "VHDX"),
                                ("a.vhd", b"conectix" + bytes(70000), "VHD"),
                                ("a.vmdk", b"KDMV" + bytes(70000), "VMDK")):
        whys = [g["why"] for g in scan(write(work / name, content))[1]["gaps"]]
        check(name, any(told in w and "damaged" in w for w in whys), f"{whys}")


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

    d = one("dot.tar", carriers.tar_of({"./": None, "./a/x.log": LOG}))
    check("dot", d["stats"]["events"] == 1 and not d["gaps"], f"{d['gaps']}")

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
    n = 2000 if QUICK else 10000
    path = write(work / "many.zip", carriers.zip_of({f"d{i % 50}/{i}.log": LOG
                                                     for i in range(n)}))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _, document, _ = scan(path)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    check("many", document["stats"]["events"] == n, f"{document['stats']}")
    print(f"{n} small members: {after.ru_utime - before.ru_utime:.1f} s user, "
          f"{after.ru_stime - before.ru_stime:.1f} s system")


def main():
    with tempfile.TemporaryDirectory(prefix="assay-carriers-") as folder:
        work = pathlib.Path(folder)
        for test in (zeros, hostile, many, dumped, other_archives, hives, other_commands, large_log, same_as_the_folder):
            test(work)
    for p in problems:
        print(p)
    print(f"{checks} checks, {len(problems)} problems")
    return 1 if problems else 0


sys.exit(main())
