#!/usr/bin/env python3
"""Tries to make the program say something comfortable, or certain, that the evidence does not
carry: each case is a way in which evidence is missing, damaged, mixed up, copied or ordinary.

usage: test_truth.py ASSAY GENERATOR
"""
import concurrent.futures
import datetime
import gzip
import io
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "gen"))

from regfgen import Key, Value, hive  # noqa: E402  (lies in another folder)

AXES = ("entry", "backdoor", "action", "loss")
V15 = "C/Program Files/Microsoft/Exchange Server/V15"
PROXY = V15 + "/Logging/HttpProxy"
ECP = V15 + "/Logging/ECP/Server"
OWA_AUTH = V15 + "/FrontEnd/HttpProxy/owa/auth"
EVENTS = "C/Windows/System32/winevt/Logs"
IIS = "C/inetpub/logs/LogFiles/W3SVC1"
CHUNK = 65536

assay, generator = (os.path.abspath(a) for a in sys.argv[1:3])
problems = []
checks = 0


def check(name, ok, text):
    global checks
    checks += 1
    if not ok:
        problems.append(f"{name}: {text}")


def scan(*args, **more):
    # The server's story is of one campaign; other packs have needs of their own.
    packs = ["--pack", "exchange-proxylogon", "--pack", "back-doors"]
    run = subprocess.run([assay, "scan", *map(str, args), *packs, "--format", "json"],
                         capture_output=True, text=True, **more)
    return run.returncode, json.loads(run.stdout) if run.stdout else None


def campaigns(document):
    return [(h["host"], c) for h in document["hosts"] for c in h["campaigns"]]


def write(path, content):
    """Replaces a file: the others' hard links keep the old content."""
    path.unlink()
    path.write_bytes(content)


def hour(folder, app="Ecp"):
    return sorted((folder / PROXY / app).iterdir())[700]


def noise(n):
    return random.Random(7).randbytes(n)


# --- ways in which evidence is not what it should be; what they touch must not be none_seen ---

def nothing(folder):
    return ()


def hour_of_nul(folder):
    write(hour(folder), bytes(hour(folder).stat().st_size))


def hour_of_noise(folder):
    write(hour(folder), noise(5000))


def hour_empty(folder):
    write(hour(folder), b"")


def hour_deleted(folder):
    hour(folder).unlink()


def hour_without_rows(folder):
    head = hour(folder).read_bytes().splitlines(True)
    write(hour(folder), b"".join(x for x in head if x[:1] == b"#" or x[:8] == b"DateTime"))


def hour_cut_in_a_row(folder):
    write(hour(folder), hour(folder).read_bytes()[:-40])


def hour_is_a_link(folder):
    path = hour(folder)
    path.unlink()
    path.symlink_to("/nowhere")


def hour_packed(folder):
    path = hour(folder)
    path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes()))
    path.unlink()


def hour_packed_and_cut(folder):
    path = hour(folder)
    path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes())[:-20])
    path.unlink()


def second_file_of_an_hour_unreadable(folder):
    path = hour(folder)
    path.with_name(path.name.replace("-1.", "-2.")).write_bytes(noise(3000))


def iis_day_of_noise(folder):
    write(sorted((folder / IIS).iterdir())[30], noise(5000))


def ecp_day_of_noise(folder):
    write(sorted((folder / ECP).iterdir())[30], noise(5000))


def packed_in_an_archive_that_was_cut_off(folder):
    packed = pathlib.Path(shutil.make_archive(str(folder / "ecp"), "zip", folder / PROXY / "Ecp"))
    shutil.rmtree(folder / PROXY / "Ecp")
    write(packed, packed.read_bytes()[:packed.stat().st_size // 2])


def security_chunk_blanked(folder):
    path = folder / EVENTS / "Security.evtx"
    content = bytearray(path.read_bytes())
    at = 4096 + CHUNK * ((len(content) - 4096) // CHUNK // 2)
    content[at:at + CHUNK] = bytes(CHUNK)
    write(path, bytes(content))


def management_cut(folder):
    path = folder / EVENTS / "MSExchange Management.evtx"
    write(path, path.read_bytes()[:-1000])


def management_of_nul(folder):
    path = folder / EVENTS / "MSExchange Management.evtx"
    write(path, bytes(path.stat().st_size))


def only_folders_inside_the_auth_folder(folder):
    for path in (folder / OWA_AUTH).iterdir():
        if path.is_file():
            path.unlink()


def link_in_the_auth_folder(folder):
    (folder / OWA_AUTH / "x.aspx").symlink_to("/etc/hostname")


def no_wwwroot(folder):
    shutil.rmtree(folder / "C/inetpub/wwwroot")


def torn_configuration_in_the_auth_folder(folder):
    write(folder / OWA_AUTH / "web.config", b"<configuration><system.webServer><handlers>")


def blank_configuration_in_the_auth_folder(folder):
    write(folder / OWA_AUTH / "web.config", bytes(500))


def web_folders_of_a_former_windows(folder):
    (folder / "C/Windows.old/inetpub").mkdir(parents=True)
    (folder / "C/inetpub/wwwroot").rename(folder / "C/Windows.old/inetpub/wwwroot")


PACKED = ("C/inetpub/wwwroot/iisstart.htm", "C/inetpub/wwwroot/page.htm")


def web_folders_packed_with_one_file_damaged(folder):
    shutil.rmtree(folder / "C/inetpub/wwwroot")
    path = folder / "web.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for name in PACKED:
            packed.writestr(name, f"<html>{name}</html>")
    path.write_bytes(path.read_bytes().replace(b"page.htm</", b"Page.htm</"))


def web_folders_packed_and_cut_off(folder):
    shutil.rmtree(folder / "C/inetpub/wwwroot")
    path = folder / "web.tar"
    with tarfile.open(path, "w") as packed:
        for name in PACKED:
            member = tarfile.TarInfo(name)
            member.size = 40
            packed.addfile(member, io.BytesIO(b"<html></html>".ljust(40)))
    path.write_bytes(path.read_bytes()[:1024])  # behind the first file


def evidence_of_noise(folder):
    for name in ("C/Windows/System32/config/SOFTWARE", "C/$MFT", "C/$Extend/$J", "disk.E01",
                 "C/Windows/System32/inetsrv/config/applicationHost.config", "logs.zip",
                 "C/Windows/System32/Tasks/Task"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).unlink(missing_ok=True)
        (folder / name).write_bytes(noise(3000))


def told_to_look_at_january(folder):
    return "--to", "2021-02-01"


def told_to_look_from_february(folder):
    return "--from", "2021-02-01"


def ends_before_the_campaign(folder):
    return "--to", "2021-01-02T20:00:00Z"


def web_logs_of_another_server(folder):
    """No drive, no names: the web server's logs may be those of MAIL02."""
    flat = folder / "flat"
    flat.mkdir()
    for source in (PROXY, ECP, EVENTS, IIS, OWA_AUTH, "C/inetpub/wwwroot"):
        target = flat / pathlib.PurePath(source).name
        (folder / source).rename(target)
    shutil.rmtree(folder / "C")
    other = flat / "other"
    other.mkdir()
    for path in sorted((flat / "HttpProxy/Owa").iterdir())[:3]:
        (other / path.name).write_bytes(path.read_bytes().replace(b"MAIL01", b"MAIL02"))


DOUBTFUL = {
    nothing: "", hour_packed: "", hour_packed_and_cut: "entry loss",
    hour_of_nul: "entry loss", hour_of_noise: "entry loss", hour_empty: "entry loss",
    hour_deleted: "entry loss", hour_without_rows: "entry loss",
    hour_cut_in_a_row: "entry loss", hour_is_a_link: "entry loss",
    second_file_of_an_hour_unreadable: "entry loss", iis_day_of_noise: "backdoor loss",
    ecp_day_of_noise: "backdoor", packed_in_an_archive_that_was_cut_off: "entry loss",
    security_chunk_blanked: "action", management_cut: "backdoor",
    management_of_nul: "backdoor", only_folders_inside_the_auth_folder: "backdoor",
    link_in_the_auth_folder: "backdoor", no_wwwroot: "backdoor",
    torn_configuration_in_the_auth_folder: "backdoor",
    blank_configuration_in_the_auth_folder: "backdoor",
    web_folders_of_a_former_windows: "backdoor",
    web_folders_packed_with_one_file_damaged: "backdoor",
    web_folders_packed_and_cut_off: "backdoor", evidence_of_noise: "",
    told_to_look_at_january: "entry backdoor action loss",
    told_to_look_from_february: "entry backdoor action loss",
    ends_before_the_campaign: "not applicable",
    web_logs_of_another_server: "backdoor loss",
}
SHOWN_AS_GAP = (torn_configuration_in_the_auth_folder, blank_configuration_in_the_auth_folder,
                web_folders_packed_with_one_file_damaged, web_folders_packed_and_cut_off,
                hour_of_nul, hour_of_noise, hour_is_a_link, packed_in_an_archive_that_was_cut_off, management_cut,
                security_chunk_blanked, management_of_nul, second_file_of_an_hour_unreadable)


def doubtful(base, work, case):
    name = case.__name__
    folder = work / name
    shutil.copytree(base, folder, copy_function=os.link)
    status, document = scan(folder, *(case(folder) or ()))
    axes = DOUBTFUL[case].split()
    check(name, status == (3 if axes else 0), f"exit status {status}")
    named = [c for host, c in campaigns(document) if host.startswith("MAIL01")]
    if case is ends_before_the_campaign:
        left_out = [p for h in document["hosts"] for p in h["not_applicable"]]
        check(name, not named and "exchange-proxylogon" in left_out, "a campaign to come was judged")
        return
    check(name, named, "MAIL01 was not judged")
    for c in named:
        for axis in AXES:
            comfortable = c[axis]["state"] == "none_seen"
            check(name, comfortable == (axis not in axes), f"{axis} is {c[axis]['state']}")
    if case in SHOWN_AS_GAP:
        check(name, document["gaps"], "no gap is shown")
    if case is evidence_of_noise:
        check(name, len(document["gaps"]) == 7, f"gaps: {document['gaps']}")
    shutil.rmtree(folder)


# --- logs that end before the campaign ---------------------------------------------------------

def logs_end_early(base, work):
    """A day of December, and what the server's registry says of the time in which it ran."""
    for written, judged, said in ((None, False, "if the server ran on after that, later logs tell"),
                                  ("2020-12-04", False, "own disk tells of nothing later"),
                                  ("2021-02-01", True, "that it ran on")):
        name = f"logs of December, registry {written}"
        folder = work / name
        path = sorted((base / PROXY / "Ecp").iterdir())[30]
        target = folder / path.relative_to(base)
        target.parent.mkdir(parents=True)
        target.write_bytes(path.read_bytes().replace(b"2021-01-", b"2020-12-"))
        if written:
            when = datetime.datetime.fromisoformat(written + "T00:00:00+00:00").timestamp()
            ticks = (int(when) + 11644473600) * 10 ** 7
            config = folder / "C/Windows/System32/config"
            config.mkdir(parents=True)
            (config / "SOFTWARE").write_bytes(hive(Key(
                "ROOT", Key("Microsoft", Value("a", "b"), time=ticks), time=ticks)))
        status, document = scan(folder)
        check(name, status == 3, f"exit status {status}")
        reasons = [w for h in document["hosts"] for w in h["not_applicable_why"]]
        told = [c for _, c in campaigns(document) if c["id"] == "exchange-proxylogon"]
        reasons += [c["entry"]["reason"] for c in told]
        check(name, bool(told) == judged, f"judged: {[c['id'] for c in told]}")
        check(name, all(c["entry"]["state"] == "not_assessable" for c in told), "of no evidence")
        check(name, any(r and said in r for r in reasons), reasons)


# --- a flood of refused requests before the one that counts ------------------------------------

def flood(base, work):
    folder = work / "flood"
    shutil.copytree(base, folder, copy_function=os.link)
    path = sorted((folder / IIS).iterdir())[30]
    lines = path.read_bytes().splitlines(True)
    columns = next(x for x in lines if x.startswith(b"#Fields")).split()[1:]

    def row(second, client, method, stem, status):
        cells = dict(zip(columns, lines[-1].split()))
        cells.update({b"time": b"12:%02d:%02d" % divmod(second % 3600, 60), b"c-ip": client,
                      b"cs-method": method, b"cs-uri-stem": stem, b"sc-status": status,
                      b"cs-uri-query": b"-", b"cs-username": b"-", b"cs(User-Agent)": b"x"})
        return b" ".join(cells[c] for c in columns) + b"\r\n"
    rows = [row(k, b"198.51.100.%d" % (k % 250), b"POST", b"/owa/auth/Current/x.css", b"404")
            for k in range(25000)]
    rows.append(row(3599, b"203.0.113.9", b"POST", b"/aspnet_client/shell.aspx", b"200"))
    write(path, b"".join(lines + rows))
    status, document = scan(folder)
    c = campaigns(document)[0][1]
    items = [i["where"] for i in c["backdoor"]["items"]]
    check("flood", status == 1 and items == ["/aspnet_client/shell.aspx"], f"{status}, {items}")
    shutil.rmtree(folder)


# --- the same evidence: twice, in another order, elsewhere --------------------------------------

def summary(document):
    """What is said, without ids and paths. (How far a copy helps: not at all.)"""
    return [(host, *(c[a]["state"] for a in ("exposure",) + AXES), len(c["entry"]["facts"]),
             len(c["backdoor"]["facts"]), len(c["action"]["facts"]), c["loss"].get("bytes"),
             [i["where"] for i in c["backdoor"]["items"]]) for host, c in campaigns(document)]


def ids(document):
    return (sorted(f["id"] for h in document["hosts"] for f in h["facts"]),
            sorted({f["id"] for f in document["findings"]}))


def piped(work, file, told):
    """Standard input is evidence like a file: redirected, and through a pipe."""
    with open(file, "rb") as stream:
        _, redirected = scan("-", stdin=stream)
    with subprocess.Popen(["cat", file], stdout=subprocess.PIPE) as cat:
        _, through = scan("-", stdin=cat.stdout, env={**os.environ, "TMPDIR": str(work)})
    check("redirected", summary(redirected) == told, f"{summary(redirected)} is not {told}")
    check("piped", through == redirected, "a pipe tells something else")
    check("piped", redirected["evidence"][0]["path"] == "standard input",
          redirected["evidence"][0])
    for command in (["dump", "-"], ["search", "-", "c-ip: 203.0.113.66"]):
        with open(file, "rb") as stream:
            run = subprocess.run([assay, *command], stdin=stream, capture_output=True)
        check(f"piped {command[0]}", run.returncode == 0 and run.stdout, run.stderr)
    main_end, other_end = os.openpty()
    run = subprocess.run([assay, "scan", "-"], stdin=other_end, capture_output=True, text=True)
    check("terminal", run.returncode == 2 and "terminal" in run.stderr, run.stderr)
    os.close(main_end)
    os.close(other_end)


def same(work):
    folder = work / "entered"
    subprocess.run([sys.executable, generator, "entered", folder, "--seed", "7", "--start",
                    "2021-03-01", "--end", "2021-03-10"], check=True, stdout=subprocess.DEVNULL)
    _, one = scan(folder)
    for name, args in {"jobs": (folder, "--jobs", "5"), "twice": (folder, folder),
                       "nested": (folder, folder / "C")}.items():
        _, other = scan(*args)
        check(name, summary(other) == summary(one), f"{summary(other)} is not {summary(one)}")
        check(name, ids(other) == ids(one), "other ids")
    parts = sorted((folder / "C").iterdir())
    check("order", scan(*parts) == scan(*reversed(parts)), "the order of paths matters")
    _, other = scan(*parts)
    check("in parts", summary(other) == summary(one) and ids(other) == ids(one), summary(other))
    _, other = scan(*parts, *[p for part in parts for p in part.iterdir() if p.is_dir()])
    check("in parts, some twice", summary(other) == summary(one), summary(other))
    apart = work / "apart"
    shutil.copytree(folder / IIS, apart)
    name = one["hosts"][0]["host"]
    for options, hosts in (((), 2), (("--host", name), 1), (("--host", name.split(".")[0]), 1)):
        _, other = scan(*parts, apart, *options)
        check(f"apart {options}", len(other["hosts"]) == hosts, [h["host"] for h in other["hosts"]])
    check("apart, named", summary(other) == summary(one), f"{summary(other)} not {summary(one)}")
    for path, hint in ((parts[-1], False), (parts[0], True)):
        run = subprocess.run([assay, "scan", path, "-o", work / "two.db", "-p",
                              "exchange-proxylogon"], capture_output=True, text=True)
        check("one case", hint == ("not judged together" in run.stderr), run.stderr)
    packed = work / "packed.tar"
    with tarfile.open(packed, "w") as tar:
        tar.add(folder / "C", "C")
    piped(work, packed, summary(one))
    moved = work / "moved to here"
    shutil.copytree(folder, moved, copy_function=os.link)
    _, other = scan(moved)
    check("moved", ids(other) == ids(one), "other ids under another path")
    _, other = scan(moved, folder)
    check("copied", summary(other) == summary(one) and ids(other) == ids(one), summary(other))

    for path in [*moved.rglob("*.LOG"), *moved.rglob("*.log")]:
        path.with_name("copy of " + path.name).write_bytes(path.read_bytes() + b"\r\n")
    for path in list((moved / EVENTS).glob("*.evtx")):
        content = path.read_bytes()
        chunks = (len(content) - 4096) // CHUNK
        if chunks > 1:  # a later export: without the oldest chunk
            head = bytearray(content[:4096])
            head[42:44] = (chunks - 1).to_bytes(2, "little")
            path.with_name("later " + path.name).write_bytes(head + content[4096 + CHUNK:])
    _, other = scan(moved)
    check("overlapping", summary(other) == summary(one), f"{summary(other)} not {summary(one)}")


# --- ordinary life ------------------------------------------------------------------------------

def process(channel, event_id, provider, **fields):
    return {"Channel": channel, "EventID": event_id, "SourceName": provider,
            "Hostname": "MAIL01.example.org", "@timestamp": "2021-03-01T10:00:00.000Z",
            "EventRecordID": 77, **fields}


def ordinary(work):
    """What administrators, responders and scanners do is no entry and no back door."""
    export = 'powershell.exe New-MailboxExportRequest -Mailbox ceo -FilePath \\\\nas\\pst\\ceo.pst'
    shell = "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe"
    events = [
        process("Microsoft-Windows-Sysmon/Operational", 1, "Microsoft-Windows-Sysmon",
                Image=shell, CommandLine=export, ProcessId="4321",
                ParentImage="C:\\Windows\\explorer.exe"),
        process("Security", 4688, "Microsoft-Windows-Security-Auditing", NewProcessName=shell,
                CommandLine=export, NewProcessId="0x10e1",
                ParentProcessName="C:\\Windows\\explorer.exe"),
        process("Security", 4688, "Microsoft-Windows-Security-Auditing",
                NewProcessName="C:\\Windows\\System32\\reg.exe", NewProcessId="0x10e2",
                CommandLine="reg save HKLM\\SAM D:\\backup\\sam.hiv",
                ParentProcessName="C:\\backup\\agent.exe"),
        process("MSExchange Management", 1, "MSExchange CmdletLogs",
                Param1="Set-OabVirtualDirectory",
                Param2='-ExternalUrl "https://mail.example.org/OAB"'),
        process("Microsoft-Windows-Windows Defender/Operational", 1116,
                "Microsoft-Windows-Windows Defender",
                **{"Threat Name": "Backdoor:ASP/Chopper.F!dha",
                   "Path": "file:_C:\\Users\\analyst\\Downloads\\samples\\shell.aspx"}),
    ]
    iis = ["#Software: Microsoft Internet Information Services 10.0",
           "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip "
           "cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken"]
    for n, (method, stem, status) in enumerate([
            ("OPTIONS", "/aspnet_client/shell.aspx", 200), ("GET", "/owa/auth/logon.aspx", 200),
            ("TRACE", "/owa/auth/x.aspx", 200), ("GET", "/owa/auth/shell.aspx", 404),
            ("GET", "/owa/", 302), ("POST", "/owa/service.svc", 440), ("GET", "/ecp/", 401)]):
        iis.append(f"2021-03-01 10:00:{n:02} 10.0.0.5 {method} {stem} - 443 - 203.0.113.8 x - "
                   f"{status} 0 0 5")
    folder = work / "ordinary"
    (folder / "W3SVC1").mkdir(parents=True)
    (folder / "W3SVC1" / "u_ex210301.log").write_text("\r\n".join(iis) + "\r\n")
    (folder / "events.json").write_text("\n".join(map(json.dumps, events)) + "\n")
    (folder / "lsass.dmp").write_bytes(b"MDMP" + bytes(5000))
    _, document = scan(folder)
    told = campaigns(document)
    check("ordinary", {h for h, _ in told} == {"MAIL01.example.org"}, [h for h, _ in told])
    for _, c in told:
        check("ordinary", c["entry"]["state"] in ("probed", "none_seen_partial",
                                                  "not_assessable"), c["entry"])
        places = [i["where"] for i in c["backdoor"]["items"]]
        check("ordinary", all("Downloads" in p for p in places), places)
        facts = [f for h in document["hosts"] for f in h["facts"] if f["axis"] == "action"]
        check("ordinary", sum("ExportRequest" in f["what"] for f in facts) == 1, facts)


def main():
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        base = work / "base"
        subprocess.run([sys.executable, generator, "clean", base, "--seed", "7", "--end",
                        "2021-03-05"], check=True, stdout=subprocess.DEVNULL)
        for app in ("Autodiscover", "Ews", "Mapi"):
            shutil.rmtree(base / PROXY / app)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            runs = [pool.submit(doubtful, base, work, case) for case in DOUBTFUL]
            runs += [pool.submit(flood, base, work), pool.submit(same, work),
                     pool.submit(ordinary, work), pool.submit(logs_end_early, base, work)]
            for run in runs:
                run.result()
    for p in problems:
        print("FAIL", p)
    print(f"{checks - len(problems)} checks held, {len(problems)} did not")
    sys.exit(bool(problems))


main()
