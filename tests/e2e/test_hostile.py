#!/usr/bin/env python3
"""Evidence, names and rules made to crash the program, to stop it, to fill the memory or to
speak to the terminal. Nothing may do more than cost itself, as a gap.

usage: test_hostile.py ASSAY
"""
import base64
import gzip
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import time

assay = os.path.abspath(sys.argv[1])
MEMORY_MB = 1500  # of all processes together; a tenth of it without sanitizers
SECONDS = 300 if os.environ.get("ASSAY_TEST_QUICK") == "1" else 60  # sanitizers take time
problems = []
checks = 0
peaks = {}

IIS_HEAD = ("#Software: Microsoft Internet Information Services 10.0\r\n#Fields: date time s-ip "
            "cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) "
            "cs(Referer) sc-status sc-substatus sc-win32-status time-taken\r\n")
IIS_ROW = "2021-03-01 10:00:00 10.0.0.5 {} {} - 443 - 1.2.3.4 {} - 200 0 0 5\r\n"
PROXY_HEAD = "#Log-type: HttpProxy Logs\n#Fields: DateTime,RequestId,AnchorMailbox\n"
EVTX_HEAD = b"ElfFile\0" + bytes(34) + b"\x28\0" + bytes(4096 - 44)  # 40 chunks


def check(name, ok, text=""):
    global checks
    checks += 1
    if not ok:
        problems.append(f"{name}: {text}")


def private_memory(pid):
    """Kilobytes of a process that are its own, not the evidence's."""
    try:
        for line in open(f"/proc/{pid}/status", encoding="ascii", errors="replace"):
            if line.startswith("RssAnon"):
                return int(line.split()[1])
    except OSError:
        pass
    return 0


def children(pid):
    try:
        return open(f"/proc/{pid}/task/{pid}/children", encoding="ascii").read().split()
    except OSError:
        return []


def run(name, *args, disturb=None):
    """Runs the program; returns its status, standard output and error as bytes."""
    env = {**os.environ, "NO_COLOR": "1"}
    # What AddressSanitizer keeps of what was freed is no memory of the program's.
    env["ASAN_OPTIONS"] = env.get("ASAN_OPTIONS", "") + ":handle_sigbus=0:quarantine_size_mb=64"
    with subprocess.Popen([assay, *map(os.fspath, args)], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env=env) as process:
        def watch():
            while process.poll() is None:
                own = sum(map(private_memory, [process.pid, *children(process.pid)]))
                peaks[name] = max(peaks.get(name, 0), own >> 10)
                time.sleep(0.02)
        threading.Thread(target=watch, daemon=True).start()
        if disturb:
            threading.Thread(target=disturb, daemon=True).start()
        try:
            out, err = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            check(name, False, f"took more than {SECONDS} s")
    check(name, process.returncode in (0, 1, 2, 3), f"status {process.returncode}")
    check(name, b"Sanitizer" not in err and b"runtime error" not in err, err[:2000])
    check(name, peaks.get(name, 0) < MEMORY_MB, f"{peaks.get(name)} MB of memory")
    return process.returncode, out, err


def scan(name, *args, disturb=None):
    status, out, err = run(name, "scan", *args, "--format", "json", disturb=disturb)
    if err.startswith(b"assay: the readers of evidence were not confined fully: "):
        err = err.partition(b"\n")[2]  # of the system that this runs on
    check(name, status in (1, 3) and err == b"", f"status {status}: {err[:300]}")
    return json.loads(out) if status in (0, 1, 3) else {"gaps": [], "evidence": []}


def tree(work):
    """Names and kinds of files that lead elsewhere, never end or speak to the terminal."""
    root = work / "tree"
    pages = root / "FrontEnd/HttpProxy/owa/auth"
    pages.mkdir(parents=True)
    for name, target in {"etc": "/etc", "proc": "/proc", "loop": ".", "up": "..",
                         "dangling": "nowhere", "passwd": "/etc/passwd"}.items():
        (root / name).symlink_to(target)
    os.mkfifo(root / "fifo")
    with socket.socket(socket.AF_UNIX) as s:
        try:
            s.bind(str(root / "socket"))
        except OSError:  # the folder's path is too long for a socket
            (root / "socket").symlink_to("nowhere")
    (root / "unreadable").write_text("x")
    (root / "unreadable").chmod(0)
    deep = root
    for _ in range(140):
        deep = deep / "n"
        deep.mkdir()
    shell = b'<% eval(Request["x"]) %>'
    for name in (b"\x1b[2J\x1b]0;title\x07.aspx", b"new\nline.aspx", b"bad\xff\xfe.aspx",
                 b"c1\xc2\x9b2J.aspx", b"bidi\xe2\x80\xae.aspx", b"=cmd()|x,\".aspx",
                 b"%s%n.aspx", b"x" * 250 + b".aspx"):
        with open(os.fsencode(pages) + b"/" + name, "wb") as f:
            f.write(shell + name)
    (root / "W3SVC1").mkdir()
    log = IIS_HEAD + IIS_ROW.format("POST", "/aspnet_client/a%1b[2J.aspx", "\x1b]0;x\x07\x9b2J")
    (root / "W3SVC1/u_ex210301.log").write_bytes(log.encode("latin-1"))
    document = scan("tree", root)
    told = {pathlib.PurePath(g["path"]).name for g in document["gaps"]}
    want = {"etc", "proc", "loop", "up", "dangling", "passwd", "fifo", "socket"}
    check("tree", want <= told, f"no gap for {want - told}")
    check("tree", not any("/etc/" in e["path"] for e in document["evidence"]), "left the folder")
    items = [i for h in document["hosts"] for c in h["campaigns"] for i in c["backdoor"]["items"]]
    check("tree", len(items) == 9, f"{len(items)} of 9 pages told")

    some = document["findings"][0]["id"], document["hosts"][0]["facts"][0]["id"]
    outputs = [run("tree", "scan", root, "--format", form) for form in
               ("text", "csv", "json", "jsonl")]
    outputs += [run("tree", "explain", root, i) for i in some]
    outputs += [run("tree", "scan", root / "\x1b[2Jnot there")]
    outputs += [run("tree", "dump", path) for path in (root / "W3SVC1").iterdir()]
    for n, (_, out, err) in enumerate(outputs):
        text = (out + err).decode("utf-8", "surrogateescape")
        raw = [c for c in text if (c < " " and c not in "\r\n") or "\x7f" <= c < "\xa0" or
               "\u202a" <= c <= "\u202e" or "\udc80" <= c <= "\udcff"]
        check("tree", not raw, f"output {n} sends {raw[:4]!r} to the terminal")


def files(work):
    """Each costs itself and is told of."""
    folder = work / "files"
    folder.mkdir()

    def put(name, content):
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    put("empty.evtx", b"")
    put("blank.evtx", EVTX_HEAD + bytes(40 * 65536))
    put("cut.evtx", EVTX_HEAD)
    with open(folder / "sparse.evtx", "wb") as f:
        f.write(EVTX_HEAD)
        f.truncate(1 << 28)
    zeros = gzip.compress(bytes(1 << 25), 9)
    put("zeros.json.gz", zeros * 320)  # 10 GB
    put("lines.json.gz", gzip.compress(b'{"a":1}\n' * (1 << 21), 9) * 10)
    put("rows.log.gz", gzip.compress(IIS_HEAD.encode(), 9) + 10 * gzip.compress(
        IIS_ROW.format("GET", "/owa/", "x").encode() * (1 << 17), 9))
    put("window.json.zst", bytes.fromhex("28b52ffd00ff") + bytes(100))
    put("nested.json", '{"a":' * 1000000 + "1" + "}" * 1000000)
    put("nested.jsonl", '{"a":' + "[" * 1000000 + "]" * 1000000 + '}\n{"EventID":1}\n')
    put("keys.json", "{" + ",".join(f'"k{i}":1' for i in range(400000)) + "}\n")
    put("HttpProxy_cells.LOG", PROXY_HEAD + "2021-03-01T00:00:00Z" + ",x" * 1000000 + "\n")
    put("HttpProxy_columns.LOG", PROXY_HEAD[:-1] + ",c" * 1000000 + "\n" + "," * 1000000 + "\n")
    put("HttpProxy_quote.LOG", PROXY_HEAD + '2021-03-01T00:00:00Z,"' * 50000 + "\n")
    put("u_ex_columns.log", IIS_HEAD[:-2] + " c" * 300000 + "\r\n" + "x " * 300000 + "\r\n")
    with open(folder / "line.jsonl", "wb") as f:
        f.write(b'{"EventID":1,"x":"' + b"A" * (1 << 20))
        f.truncate(1 << 28)
    (folder / "inetpub/wwwroot").mkdir(parents=True)
    put("inetpub/wwwroot/eval.aspx", "<%" + "eval(" * 200000)
    put("inetpub/wwwroot/vdir.aspx", "Name : OAB (x)\n" * 50000 + "ExternalUrl : http://f/<script>")
    put("inetpub/wwwroot/page.compiled", "<preserve virtualPath=" * 50000)
    document = scan("files", folder)
    told = {pathlib.PurePath(g["path"]).name for g in document["gaps"]}
    quiet = {"empty.evtx", "rows.log.gz", "eval.aspx", "vdir.aspx", "page.compiled"}
    names = {pathlib.PurePath(e["path"]).name for e in document["evidence"]}
    rows = [e["events"] for e in document["evidence"] if e["path"].endswith("rows.log.gz")]
    check("files", rows == [10 << 17], rows)
    check("files", names - quiet <= told, f"no gap for {names - quiet - told}")


def shrinking(work):
    """A file that shrinks under the reader costs what it lost, not the run."""
    folder = work / "shrinking"
    folder.mkdir()
    log = folder / "u_ex210301.log"
    rows = (IIS_HEAD + IIS_ROW.format("GET", "/owa/", "x") * 400000).encode()
    for attempt in range(6):
        log.write_bytes(rows)
        (folder / "other.jsonl").write_text('{"EventID":1,"Channel":"Security"}\n')

        def cut():
            time.sleep(0.02 + 0.04 * attempt)
            os.truncate(log, 70000 if attempt % 2 else 0)
        document = scan("shrinking", folder, "--jobs", "2", disturb=cut)
        events = {pathlib.PurePath(e["path"]).name: e["events"] for e in document["evidence"]}
        check("shrinking", events.get("other.jsonl") == 1, events)
        whole = events.get("u_ex210301.log") == 400000
        check("shrinking", whole or document["gaps"] or log.stat().st_size == 0 and
              document["evidence"][-1]["bytes"] == 0, "the loss is not told")


def many(work):
    """Work grows with the evidence, not with its square."""
    folder = work / "many"
    for i in range(40):
        (folder / f"e{i}").mkdir(parents=True)
        for k in range(250):
            (folder / f"e{i}" / f"f{k}.aspx").touch()
    for i in range(2000):
        (folder / f"h{i}" / "Windows").mkdir(parents=True)
        (folder / f"h{i}" / "Windows" / "a.txt").write_text("x")
    names = ["H.d{}.org", "h{}.org"]
    with open(folder / "forwarded.jsonl", "w", encoding="ascii") as f:
        for i in range(30000):
            f.write(json.dumps({"Channel": "MSExchange Management" if i % 30 == 0 else "Security",
                                "EventID": 1, "SourceName": "x", "EventRecordID": 1,
                                "Hostname": names[i % 2].format(i),
                                "@timestamp": "2021-03-01T10:00:00.000Z"}) + "\n")
    document = scan("many", folder)
    check("many", len(document["hosts"]) >= 30000, len(document["hosts"]))


RULE = """title: {title}
id: 11111111-1111-4111-8111-{n:012}
logsource: {{product: windows, category: process_creation}}
detection:
  a:
    {detection}
  condition: {condition}
level: low
"""


def rules(work):
    """Rules that are bombs are refused or bounded; what they could not decide is a gap."""
    folder = work / "rules"
    folder.mkdir()
    bomb = 'a: &a ["l","l"]\n' + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(9))
    texts = [bomb, "x: " + "[" * 100000 + "]" * 100000,
             "".join(" " * i + "a:\n" for i in range(900))]
    bad = [("CommandLine|re: '^(a+)+$'", "a"), ("CommandLine|re: '(x+x+)+y'", "a"),
           ("CommandLine|re: '" + "(" * 30000 + "a" + ")" * 30000 + "'", "a"),
           ("CommandLine|re: '(a{1,1000}){1,1000}'", "a"),
           ("CommandLine: '" + "*a" * 20000 + "'", "a"),
           ("CommandLine|windash|base64offset|contains: '" + " -a" * 5000 + "'", "a"),
           ("CommandLine: x", "(" * 100000 + "a" + ")" * 100000),
           ("CommandLine: x", "not " * 100000 + "a"),
           ("CommandLine: x", " or ".join(["a"] * 100000)),
           ("CommandLine|nothing: x", "a")]
    texts += [RULE.format(title=f"rule {n}", n=n, detection=d, condition=c)
              for n, (d, c) in enumerate(bad)]
    texts.append(RULE.format(title="\x1b[2J", n=99, detection="CommandLine: x", condition="b"))
    for n, text in enumerate(texts):
        (folder / f"{n}.yml").write_text(text)
    log = work / "commands.jsonl"
    log.write_text("".join(json.dumps({
        "Channel": "Security", "EventID": 4688, "Hostname": "H", "EventRecordID": i + 1,
        "SourceName": "Microsoft-Windows-Security-Auditing", "NewProcessName": "C:\\x.exe",
        "@timestamp": "2021-03-01T10:00:00.000Z",
        "CommandLine": ("a" * 30000 + "!") if i % 2 else "x" * 30000}) + "\n" for i in range(60)))
    document = scan("rules", log, "--rules", folder)
    check("rules", any("given up" in g["why"] for g in document["gaps"]), document["gaps"])
    (folder / "large.yml").write_text("# " + "x" * (8 << 20))
    status, _, _ = run("rules", "scan", log, "--rules", folder)
    check("rules", status in (1, 2, 3))


def hidden(work):
    """Bombs in base64, code without end, floods of script parts: each costs itself only."""
    def event(i, event_id, channel, data):
        return json.dumps({"winlog": {
            "channel": channel, "provider_name": "P", "event_id": event_id, "record_id": i + 1,
            "computer_name": "H", "event_data": data}, "@timestamp": "2021-03-01T10:00:00Z"})

    def script(i, number, total, text, block="b"):
        return event(i, 4104, "Microsoft-Windows-PowerShell/Operational", {
            "MessageNumber": str(number), "MessageTotal": str(total), "ScriptBlockText": text,
            "ScriptBlockId": block})

    bomb = gzip.compress(b"A " * (40 << 20), mtime=0)
    deep = b"Invoke-Planted all"
    for _ in range(40):
        deep = base64.b64encode(deep)[:60000]
    texts = [base64.b64encode(bomb).decode(), base64.b64encode(gzip.compress(bomb)).decode(),
             deep.decode(), "'a'+" * 15000, "('" * 20000 + "')" * 20000, "'a'-f" * 12000,
             "'aXb'.Replace('X','XXXXXXXXXXXXXXXX')" + ".Replace('X','XXXXXXXX')" * 200,
             "[char]65+" * 7000, "65," * 20000, "\\x41" * 15000, "$a='" + "x" * 60000 + "';[-1..-2]",
             "'" * 60000, "%25" * 20000, "-bxor 1 " + "QUJD" * 15000, "`a" * 30000]
    lines = [event(i, 1, "Microsoft-Windows-Sysmon/Operational",
                   {"CommandLine": t, "ParentCommandLine": t}) for i, t in enumerate(texts)]
    lines += [script(i, 1 + i % 7, 7, "part " * 20, f"b{i // 7}") for i in range(20000)]
    lines += [script(i, i + 1, 4294967295, "many ") for i in range(20000)]
    lines += [script(i, 1 + i % 2, 2, f"wording {i}", "w") for i in range(5000)]
    log = work / "hidden.jsonl"
    log.write_text("\n".join(lines) + "\n")
    rule = work / "hidden.yml"
    rule.write_text("title: x\nid: 00000000-0000-0000-0000-0000000000aa\nlogsource: {product: "
                    "windows}\ndetection: {s: {CommandLine|contains: zz}, t: {ScriptBlockText|"
                    "contains: zz}, condition: 1 of them}\n")
    document = scan("hidden", log, "--rules", rule)
    told = " ".join(g["why"] for g in document["gaps"])
    check("hidden", "more is encoded than was decoded" in told, told[:300])
    check("hidden", "not joined whole" in told, told[:300])


def main():
    with tempfile.TemporaryDirectory() as name:
        for part in (tree, files, shrinking, many, rules, hidden):
            part(pathlib.Path(name))
        os.chmod(pathlib.Path(name) / "tree/unreadable", 0o600)
    for p in problems:
        print("FAIL", p)
    print("memory of all processes, MB:", peaks)
    print(f"{checks - len(problems)} checks held, {len(problems)} did not")
    sys.exit(bool(problems))


main()
