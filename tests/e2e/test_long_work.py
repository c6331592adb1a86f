#!/usr/bin/env python3
"""Progress, low priority and a limit of memory for the whole run.

usage: test_long_work.py ASSAY GENERATORS SCHEMA
"""
import fcntl
import json
import os
import pty
import struct
import subprocess
import sys
import tempfile
import termios
import time
import zipfile
from pathlib import Path

ASSAY, GENERATORS, SCHEMA = sys.argv[1], sys.argv[2], sys.argv[3]
failures = 0


def check(what, holds, seen=""):
    global failures
    if not holds:
        failures += 1
        print(f"{what}: {seen!r}")


def run(*words, env=None):
    done = subprocess.run([ASSAY, *map(str, words)], capture_output=True, timeout=300,
                          env={**os.environ, **(env or {})})
    return done.returncode, done.stdout, done.stderr.decode()


def web_logs(folder, files, rows):
    """Logs of an IIS on which a few odd requests were made."""
    folder.mkdir(parents=True)
    head = ("#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip "
            "cs(User-Agent) sc-status sc-substatus sc-win32-status time-taken\r\n")
    for i in range(files):
        day = f"2021-{1 + i // 28 % 12:02}-{1 + i % 28:02}"
        lines = [head]
        for k in range(rows):
            clock = f"{k * 86400 // rows // 3600:02}:{k * 86400 // rows % 3600 // 60:02}:00"
            page = "/aspnet_client/x.aspx" if k % 997 == 0 else f"/images/{k % 400}.png"
            lines.append(f"{day} {clock} 192.0.2.1 GET {page} n={k} 443 - 203.0.113.{k % 250} "
                         f"Mozilla/5.0+(X11) 200 0 0 {k % 90}\r\n")
        (folder / f"u_ex{day[2:].replace('-', '')}_{i}.log").write_text("".join(lines))


def objects_of(err):
    return [json.loads(line) for line in err.splitlines() if line.startswith("{")]


def progress_is_json(evidence, kind):
    status, out, err = run("scan", evidence, "--progress", "json")
    plain = run("scan", evidence)
    check(f"{kind}: same verdict", (status, out) == plain[:2])
    check(f"{kind}: nothing without asking", not plain[2], plain[2])
    said = objects_of(err)
    check(f"{kind}: only objects", len(said) == len(err.splitlines()), err)
    try:
        import jsonschema
        for one in said:
            jsonschema.validate(one, json.loads(Path(SCHEMA).read_text()))
    except ImportError:
        pass
    last = said[-1]
    check(f"{kind}: the last", last["files_done"] == last["files"] > 0 and
          last["bytes_done"] == last["bytes"] > 0 and last["events"] > 0 and
          last["seconds_left"] == 0 and not last["growing"] and last["path"] == "", last)
    for name in ("files", "files_done", "bytes_done", "events", "findings", "seconds"):
        seen = [one[name] for one in said]
        check(f"{kind}: {name} grows", seen == sorted(seen), seen)
    check(f"{kind}: at most one a second", all(b["seconds"] - a["seconds"] > 0.9 for a, b in
                                               zip(said, said[1:-1])), said)
    check(f"{kind}: unknown while archives are open",
          all(one["seconds_left"] is None for one in said if one["growing"]), said)


def a_sweep_tells_too(evidence):
    status, out, err = run("search", evidence, "cs-uri-stem: /aspnet_client/x.aspx", "--count",
                           "--progress", "json")
    last = objects_of(err)[-1]
    check("search: the last", status == 0 and int(out) > 0 and last["events"] > 0 and
          last["bytes_done"] == last["bytes"] and last["files_done"] == last["files"], last)
    check("search: none", "{" not in run("search", evidence, "nothing-like-it", "--progress",
                                         "none")[2])


def on_a_terminal(evidence, columns, mode):
    """What was written to a terminal so wide, and the exit status."""
    above, below = pty.openpty()
    fcntl.ioctl(below, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    p = subprocess.Popen([ASSAY, "scan", evidence, "--progress", mode], stdout=subprocess.DEVNULL,
                         stderr=below)
    os.close(below)
    seen = b""
    while True:
        try:
            got = os.read(above, 65536)
        except OSError:
            break
        if not got:
            break
        seen += got
    os.close(above)
    return p.wait(), seen.decode(errors="replace")


def a_terminal_shows_one_line(evidence):
    for columns in (200, 80, 50, 21, 10):
        _, seen = on_a_terminal(evidence, columns, "auto")
        parts = seen.split("\r")
        check(f"{columns} columns: one line", "\n" not in seen, seen)
        check(f"{columns} columns: it fits", all(len(part) < columns for part in parts), parts)
        check(f"{columns} columns: no control characters", all(c >= " " or c == "\r" for c in seen))
        check(f"{columns} columns: taken away", columns < 20 or
              (len(parts) > 2 and parts[-1] == "" and not parts[-2].strip()), parts)
        check(f"{columns} columns: it is shown", columns < 50 or "files" in seen, seen)
    check("none", on_a_terminal(evidence, 80, "none")[1] == "")


def processes_of(pid):
    """A process and those below it, as /proc has them: {pid: fields of stat}."""
    found, parents = {}, {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                fields = Path(f"/proc/{entry}/stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            parents[int(entry)] = (int(fields[1]), fields)
    wanted = [pid]
    while wanted:
        one = wanted.pop()
        if one in parents:
            found[one] = parents[one][1]
        wanted += [p for p, (above, _) in parents.items() if above == one]
    return found


def nice_is_for_all(evidence):
    plain = run("scan", evidence)
    p = subprocess.Popen([ASSAY, "scan", evidence, "--nice"], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE)
    nice, most = set(), 0
    while p.poll() is None and most < 3:
        now = processes_of(p.pid)
        if len(now) > 1: # past reading its options: workers are there
            nice |= {int(fields[16]) for fields in now.values()}
            most = max(most, len(now))
        time.sleep(0.01)
    out, err = p.communicate()
    check("nice: lowest", nice == {19}, nice)
    check("nice: same verdict", (p.returncode, out) == plain[:2] and not err, err)


def mistakes():
    for words in (["--progress", "xml"], ["--max-memory", "0"], ["--max-memory", "much"],
                  ["--max-memory", "-5"]):
        status, out, err = run("scan", ".", *words)
        check(f"{words}", status == 2 and not out and words[0] in err, err)


def main():
    with tempfile.TemporaryDirectory(prefix="assay-long-") as name:
        folder = Path(name)
        web_logs(folder / "logs/inetpub/logs/LogFiles/W3SVC1", 10, 12000)
        hostile = folder / "logs/\x1b[2J\r\n漢字漢字漢字 very long name of a log that goes on.log"
        hostile.write_bytes((folder / "logs/inetpub/logs/LogFiles/W3SVC1/u_ex210101_0.log")
                            .read_bytes())
        with zipfile.ZipFile(folder / "logs.zip", "w", zipfile.ZIP_DEFLATED) as z:
            for path in sorted((folder / "logs/inetpub").rglob("*.log")):
                z.write(path, path.relative_to(folder / "logs"))
        progress_is_json(folder / "logs", "folder")
        progress_is_json(folder / "logs.zip", "archive")
        a_sweep_tells_too(folder / "logs")
        a_sweep_tells_too(folder / "logs.zip")
        a_terminal_shows_one_line(folder / "logs")
        nice_is_for_all(folder / "logs")
    mistakes()
    print(f"{failures} failures")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
