#!/usr/bin/env python3
"""Reading text logs beside other programs, in one run: textlogs.py BENCH_TEXTLOG ASSAY FOLDER

FOLDER holds what mktextlogs.py made. Figures are processor seconds (user and system) of whole
processes, the median over the rounds; the files are read once before, so that they are in
memory. grep and wc only look at bytes: they bound what is possible. goaccess and lnav (where
they are on PATH) parse rows, one round each, as does the whole scan. After that, BENCH_TEXTLOG shows our reader's
stages on the same files.
"""
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile

ROUNDS = 3
WORD = "/owa/auth/errorEE.aspx"
GOACCESS = {"iis.log": ["--log-format", "W3C", "--date-format", "%Y-%m-%d", "--time-format", "%H:%M:%S"],
            "combined.log": ["--log-format", "COMBINED"]}
LNAV = {"iis.log": "w3c_log", "combined.log": "access_log"}


def cpu(command):
    """Processor seconds of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)


def programs(assay, path, work):
    name = path.name
    yield "wc -l", ROUNDS, ["wc", "-l", path]
    yield "grep -c", ROUNDS, ["grep", "-c", WORD, path]
    yield "assay scan --jobs 1, shipped rules", 1, [assay, "scan", path, "--jobs", "1"]
    if shutil.which("goaccess") and name in GOACCESS:
        yield "goaccess", 1, ["goaccess", path, *GOACCESS[name], "--no-progress", "--no-global-config",
                              "-o", work / "out.json"]
    if shutil.which("lnav") and name in LNAV:
        yield "lnav, one SQL query", 1, ["lnav", "-n", "-N", "-c",
                                        f";SELECT count(*) FROM {LNAV[name]} WHERE sc_status = 599", path]


def main():
    bench, assay, folder = sys.argv[1:]
    for path in sorted(pathlib.Path(folder).glob("*.log")):
        size = os.path.getsize(path) / 1e6
        print(f"{path.name}, {size:.0f} MB")
        with open(path, "rb") as f:
            while f.read(1 << 24):
                pass
        base = None
        with tempfile.TemporaryDirectory() as work:
            for name, rounds, command in programs(assay, path, pathlib.Path(work)):
                took = statistics.median(cpu(command) for _ in range(rounds))
                base = took if name == "grep -c" else base
                ratio = f"{took / base:7.1f} x grep -c" if base else ""
                print(f"  {name:36} {took:8.3f} s {size / took:8.0f} MB/s {ratio}", flush=True)
        subprocess.run([bench, "-n", "3", path], check=True)


main()
