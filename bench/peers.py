#!/usr/bin/env python3
"""Reading event logs beside other programs, in one run: peers.py BENCH_EVTX ASSAY FILE...

Peers are used where they are found on PATH: evtx_dump (of the evtx crate, from crates.io)
and evtxexport (libevtx-utils). All write to a pipe that is read and thrown away, one process
on one processor where the program has such a switch. Each round runs every program once over
every file; figures are processor seconds (user and system) of whole processes, the median
over the rounds; ratios are to `assay dump`, the like-for-like: all fields as text.
After that, BENCH_EVTX shows our reader's stages on the same files: locating every field
renders nothing, so it is no like-for-like with the peers.
"""
import os
import resource
import shutil
import statistics
import subprocess
import sys

ROUNDS = 5


def cpu(command):
    """Processor seconds of a command; its output goes nowhere but is written all the same."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as p:
        while p.stdout.read(1 << 20):
            pass
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)


def main():
    bench, assay, *files = sys.argv[1:]
    programs = {
        "assay dump": lambda f: [assay, "dump", f],
        "evtx_dump": lambda f: ["evtx_dump", "-t", "1", "-o", "jsonl", f],
        "evtxexport": lambda f: ["evtxexport", f],
    }
    for name in ("evtx_dump", "evtxexport"):
        if not shutil.which(name):
            print(f"{name}: not on PATH, left out")
            del programs[name]
    size = sum(os.path.getsize(f) for f in files)
    times = {name: [] for name in programs}
    for _ in range(ROUNDS):
        for name, command in programs.items():
            times[name].append(sum(cpu(command(f)) for f in files))
    base = statistics.median(times["assay dump"])
    print(f"{len(files)} files, {size / 1e6:.1f} MB, {ROUNDS} rounds")
    for name, t in times.items():
        m = statistics.median(t)
        print(f"{name:22} {m:8.3f} s  ({min(t):.3f} to {max(t):.3f})  {size / 1e6 / m:8.1f} MB/s"
              f"  {m / base:7.2f} x assay dump", flush=True)
    subprocess.run([bench, "-n", "3", *files], check=True)


main()
