#!/usr/bin/env python3
"""Progress, low priority and a limit of memory for the whole run.

usage: test_long_work.py ASSAY GENERATORS SCHEMA
"""
import fcntl
import gzip
import json
import os
import pty
import re
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


def own_memory(pids):
    """Bytes that processes have of their own, what they share counted once."""
    total = 0
    for pid in pids:
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        for name in ("Pss_Anon", "Pss_Shmem"):
            total += int(re.search(name + r":\s+(\d+) kB", text).group(1)) << 10
    return total


def measured(*words):
    """Exit status, results, what was said, the most memory and the most processes."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        p = subprocess.Popen([ASSAY, *map(str, words)], stdout=out, stderr=err)
        peak = most = 0
        while p.poll() is None:
            now = processes_of(p.pid)
            peak = max(peak, own_memory(now))
            most = max(most, len(now))
            time.sleep(0.01)
        out.seek(0)
        err.seek(0)
        return p.returncode, out.read(), err.read().decode(), peak, most


def least_memory(*words):
    status, out, err = run(*words, "--max-memory", 1)
    told = re.search(r"--max-memory (\d+) is the least", err)
    check(f"{words[0]}: too little is refused", status == 2 and not out and told, (status, err))
    return int(told.group(1)) if told else 0


def memory_has_a_limit(evidence, kind):
    """With the least that is taken: the same verdict, within it. In a build with sanitizers
    nothing is measured: these take memory of their own."""
    sanitized = "sanitizers" in run("version")[1].decode()
    least = least_memory("scan", evidence)
    plain = measured("scan", evidence, "--jobs", 4)
    status, out, err, peak, most = measured("scan", evidence, "--jobs", 4, "--max-memory", least)
    check(f"{kind}: same verdict", (status, out) == plain[:2] and not err, err)
    check(f"{kind}: {least} MB hold", sanitized or 0 < peak <= least << 20, (peak >> 20, least))
    check(f"{kind}: fewer processes", most < plain[4], (most, plain[4]))
    below = run("scan", evidence, "--max-memory", least - 1)
    check(f"{kind}: a megabyte less", below[0] == 2 and not below[1], below[2])
    least = least_memory("search", evidence, "x")
    words = ["search", evidence, "cs-uri-stem: /aspnet_client/x.aspx"]
    plain = run(*words)
    status, out, err, peak, _ = measured(*words, "--max-memory", least)
    check(f"{kind}: same records", (status, out) == plain[:2] and out, err)
    check(f"{kind}: search: {least} MB hold", sanitized or 0 < peak <= least << 20, peak >> 20)


def what_does_not_fit_is_a_gap(folder):
    """A log that unpacks to more than a worker may take."""
    folder.mkdir()
    rows = "".join(f"2021-03-03 06:{k // 60 % 60:02}:{k % 60:02} 192.0.2.1 GET /images/{k % 400}.png - 443 - "
                   f"203.0.113.{k % 250} Mozilla 200 0 0 {k % 90}\r\n" for k in range(20000))
    head = ("#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip "
            "cs(User-Agent) sc-status sc-substatus sc-win32-status time-taken\r\n")
    with gzip.open(folder / "u_ex210303.log.gz", "wt", compresslevel=1) as z:
        z.write(head)
        for _ in range(80):
            z.write(rows)
    whole = json.loads(run("scan", folder, "--format", "json")[1])
    check("no gap without a limit", not whole["gaps"] and whole["evidence"][0]["events"] > 1000000,
          whole["gaps"])
    if "sanitizers" in run("version")[1].decode():
        return
    least = least_memory("scan", folder)
    status, out, _, peak, _ = measured("scan", folder, "--format", "json", "--max-memory", least)
    less = json.loads(out)
    check("it is a gap", less["gaps"] and less["evidence"][0]["events"] == 0, less["gaps"])
    check("and no comfort", status == 3, status)
    check("within the limit", peak <= least << 20, (peak >> 20, least))


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
        memory_has_a_limit(folder / "logs", "folder")
        memory_has_a_limit(folder / "logs.zip", "archive")
        what_does_not_fit_is_a_gap(folder / "packed")
    mistakes()
    print(f"{failures} failures")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
