#!/usr/bin/env python3
"""Runs the commands of docs/guide and compares what they print with what the pages show.

usage: guide.py ASSAY [--write] [PAGE...]

The pages are read in the order of their names below, in one temporary folder. There are:

    ```console            commands after "$ ", each followed by what it prints, standard error too
    <!-- run: ... -->     before such a block: status=N (of the last command; default 0); from=, to= (regular
                          expressions) show only the lines between, the first and last included; lines=N
    <!-- do: ... -->      a command that is run and not shown
    <!-- file: NAME -->   before a block: it is written to this file
    <!-- part of: FILE --> before a block: it stands in this file of the repository, word for word

--write puts what is printed now into the pages. What is left out of an output is a line "[...]".

Not compared: how long something took, keys and times of signatures, and what the system lacks to confine
readers (DIFFERS).
"""
import difflib
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs/guide"
PAGES = ("first-hour.md", "reading.md", "collecting.md", "rules.md", "packs.md", "responders.md")
DIRECTIVE = re.compile(r"<!-- (run|do|file|part of): ?(.*?) -->$")
DIFFERS = [  # what depends on the machine, and what stands for it
    (re.compile(r"^assay: the readers of evidence were not confined fully: .*\n", re.M), ""),
    (re.compile(r"\b[0-9A-F]{16}\b"), "KEY"),
    (re.compile(r"\btimestamp:\d+"), "timestamp:N"),
    (re.compile(r"\b\d+(\.\d+)? (ms|s|seconds)\b(?= of|\)|$)", re.M), "N s"),
]
SECONDS = 120


class Slip(Exception):
    """A page that says something else than the program, or cannot be read."""


def evidence(work, assay):
    """The servers of the guide: entered; clean, with logs of four weeks; one of a product that does not exist."""
    sys.path.insert(0, str(ROOT / "tests/gen"))
    import attack_web  # the folder is put on the path first
    import carriers
    import scenario
    scenario.generate("entered", str(work / "mail01"))
    scenario.generate("clean", str(work / "mail02"), start="2021-02-20")
    attack_web.frob(work / "frob01", "entered")
    attack_web.frob(work / "frob02", "clean", without=("iis",))
    frob = {str(p.relative_to(work / "frob01")): p.read_bytes() for p in sorted((work / "frob01").rglob("*")) if p.is_file()}
    (work / "frob01.zip").write_bytes(carriers.zip_of(frob, carriers.zipfile.ZIP_STORED))
    for truth in work.glob("*.truth.json"):
        truth.unlink()
    (work / "bin").mkdir()
    (work / "bin/assay").symlink_to(assay)


KNOWN = {}  # what scans printed that write nothing: the pages show several parts of one


def run(command, work):
    """Status and all that a command prints; what goes to standard error stands last."""
    if command in KNOWN:
        return KNOWN[command]
    env = {k: v for k, v in os.environ.items() if not k.startswith("ASSAY")}
    env.update(GUIDE_ROOT=str(ROOT), PATH=f"{work / 'bin'}:{env['PATH']}", NO_COLOR="1", LC_ALL="C.UTF-8", TZ="UTC")
    done = subprocess.run(["sh", "-c", command], cwd=work, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          stdin=subprocess.DEVNULL, timeout=SECONDS, check=False, env=env)
    text = (done.stdout + done.stderr).decode("utf-8").replace("\r\n", "\n")
    answer = done.returncode, DIFFERS[0][0].sub("", text)
    if re.fullmatch(r"assay scan [^>|]*", command) and " -o " not in command:
        KNOWN[command] = answer
    return answer


def excerpt(text, options):
    """The lines that are wanted, "[...]" for those left out before and behind them."""
    lines = text.rstrip("\n").split("\n") if text.strip() else []
    first, last = 0, len(lines)
    if "from" in options:
        first = next((n for n, line in enumerate(lines) if re.search(options["from"], line)), None)
        if first is None:
            raise Slip(f"no line holds {options['from']!r}:\n{text}")
    if "to" in options:
        last = next((n + 1 for n in range(first, len(lines)) if re.search(options["to"], lines[n])), None)
        if last is None:
            raise Slip(f"no line holds {options['to']!r}:\n{text}")
    if "lines" in options:
        last = min(last, first + int(options["lines"]))
    return ["[...]"] * (first > 0) + lines[first:last] + ["[...]"] * (last < len(lines))


def commands_of(block):
    """The commands of a block, one text of one or more lines each."""
    commands = []
    going_on = False
    for line in block:
        if line.startswith("$ "):
            commands.append(line[2:])
        elif going_on:
            commands[-1] += "\n" + line
        going_on = bool(commands) and (line.startswith("$ ") or going_on) and line.endswith("\\")
    return commands


def console(block, options, work):
    """The block as it should be."""
    out = []
    commands = commands_of(block)
    if not commands:
        raise Slip("a block of commands without one")
    for n, command in enumerate(commands):
        status, text = run(command, work)
        last = n == len(commands) - 1
        want = int(options.get("status", 0)) if last else 0
        if status != want:
            raise Slip(f"{command}: status {status}, not {want}:\n{text}")
        out += ["$ " + command.split("\n")[0], *command.split("\n")[1:]]
        out += excerpt(text, options) if last else excerpt(text, {})
    return out


def same(text):
    for pattern, word in DIFFERS:
        text = pattern.sub(word, text)
    return text


def page(path, work):
    """The page as it should be, and its slips."""
    lines = path.read_text(encoding="utf-8").split("\n")
    out, slips = [], []
    kind, words = None, ""
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        out.append(line)
        told = DIRECTIVE.match(line)
        if told:
            kind, words = told.groups()
            if kind == "do":
                status, text = run(words, work)
                if status:
                    slips.append(f"{path.name}:{at}: {words}: status {status}: {text}")
                kind = None
            continue
        if not line.startswith("```"):
            kind = None if line.strip() else kind
            continue
        end = lines.index("```", at)
        block = lines[at:end]
        try:
            if line == "```console":
                options = dict(word.split("=", 1) for word in shlex.split(words)) if kind == "run" else {}
                right = console(block, options, work)
                if same("\n".join(right)) != same("\n".join(block)):
                    differ = difflib.unified_diff(block, right, "the page", "the program", lineterm="", n=1)
                    slips.append(f"{path.name}:{at}: " + "\n".join(list(differ)[:60]))
                    block = right
            elif kind == "file":
                target = work / words
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text("\n".join(block) + "\n", encoding="utf-8")
            elif kind == "part of" and "\n".join(block) not in (ROOT / words).read_text(encoding="utf-8"):
                slips.append(f"{path.name}:{at}: this does not stand in {words}")
        except Slip as slip:
            slips.append(f"{path.name}:{at}: {slip}")
        out += block + ["```"]
        at = end + 1
        kind = None
    return "\n".join(out), slips


def main():
    assay = pathlib.Path(sys.argv[1]).resolve()
    write = "--write" in sys.argv
    names = [a for a in sys.argv[2:] if not a.startswith("--")] or PAGES
    bad = 0
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        evidence(work, assay)
        for number, page_name in enumerate(names):
            right, slips = page(FOLDER / page_name, work)
            bad += len(slips)
            for slip in slips:
                print(slip)
            if write:
                (FOLDER / page_name).write_text(right, encoding="utf-8")
    print(f"{len(names)} pages, {bad} blocks differ" + (", written" if write else ""))
    return 1 if bad and not write else 0


if __name__ == "__main__":
    sys.exit(main())
