#!/usr/bin/env python3
"""Scheduled tasks in the registry beside the files of tasks: what is missing on one side is told only
where that side was read whole.

usage: test_tasks.py ASSAY GENERATORS
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, sys.argv[2])
import configuration  # noqa: E402
import planted  # noqa: E402
from regfgen import Key, hive  # noqa: E402

ASSAY = os.path.abspath(sys.argv[1])
SOFTWARE = "C/Windows/System32/config/SOFTWARE"
TASKS = "C/Windows/System32/Tasks/"
OWN = ("C:\\Program Files\\V\\v.exe", "/ua")
ODD = ("C:\\Windows\\Temp\\a.exe", "")
NO_FILE = "Scheduled task of the registry without a file"
NO_ENTRY = "File of a scheduled task that the registry does not know"
DIFFERS = "Scheduled task that runs something else than its file says"
PLACE = "Scheduled task that runs a program from an odd place"
problems = []
checks = 0


def check(what, ok, why=""):
    global checks
    checks += 1
    if not ok:
        problems.append(f"{what}: {why}")


def registry(tasks):
    return hive(Key("ROOT", Key("Classes"), Key("Microsoft", Key("Windows NT", Key("CurrentVersion", Key(
        "Schedule", planted.task_cache(tasks, False)))))))


def titles(files, *options):
    with tempfile.TemporaryDirectory() as folder:
        for place, content in files.items():
            path = pathlib.Path(folder) / "SRV" / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        done = subprocess.run([ASSAY, "scan", folder, "--format", "json", *options], capture_output=True, check=False)
        return sorted(f["rule"]["title"] for f in json.loads(done.stdout)["findings"]), done.stdout


def main():
    both = {SOFTWARE: registry({"A": OWN, "B": OWN}), TASKS + "A": configuration.task(*OWN), TASKS + "B": configuration.task(*OWN)}

    def told(what, change, wanted):
        got, _ = titles({k: v for k, v in {**both, **change}.items() if v is not None})
        check(what, got == sorted(wanted), got)

    told("both alike", {}, [])
    told("file gone", {TASKS + "B": None}, [NO_FILE])
    told("key gone", {SOFTWARE: registry({"A": OWN})}, [NO_ENTRY])
    told("registry runs another program", {SOFTWARE: registry({"A": OWN, "B": ODD})}, [DIFFERS, PLACE])
    told("only in case and blanks", {SOFTWARE: registry({"A": OWN, "B": (OWN[0].upper() + " ", "/UA")})}, [])
    told("no files were taken", {TASKS + "A": None, TASKS + "B": None}, [])
    told("no files were taken, odd place", {SOFTWARE: registry({"A": ODD}), TASKS + "A": None, TASKS + "B": None}, [PLACE])
    told("no hive", {SOFTWARE: None}, [])
    told("that folder was not taken", {SOFTWARE: registry({"A": OWN, "B": OWN, "Own\\C": OWN})}, [])
    told("folders were taken", {SOFTWARE: registry({"A": OWN, "B": OWN, "Own\\C": OWN, "Other\\D": OWN}),
                                TASKS + "Other/D": configuration.task(*OWN)}, [NO_FILE])
    torn = configuration.task(*OWN)[:-30]
    told("another file of tasks is torn", {TASKS + "A": torn, TASKS + "B": None}, [])
    cut = registry({"A": OWN})
    told("the hive was not written whole", {SOFTWARE: cut[:4] + b"\9\0\0\0" + cut[8:]}, [])
    change = {SOFTWARE: registry({"A": OWN, "B": ODD, "C": OWN})}
    outputs = {jobs: titles({**both, **change}, "--jobs", str(jobs))[0] for jobs in (1, 2, 3)}
    check("jobs", len({str(o) for o in outputs.values()}) == 1, outputs)
    for p in problems:
        print("FAIL", p)
    print(f"{checks} checks, {len(problems)} failed")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
