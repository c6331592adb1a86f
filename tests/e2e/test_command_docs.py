#!/usr/bin/env python3
"""Help, manual pages and completions, all made from the table of commands.

usage: test_command_docs.py ASSAY COMMAND_DOCS
"""
import json
import os
import pty
import select
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ASSAY, DOCS = sys.argv[1], sys.argv[2]
FOLDER = Path(tempfile.mkdtemp(prefix="assay-docs-"))
failures = 0


def check(what, holds, seen=""):
    global failures
    if not holds:
        failures += 1
        print(f"{what}: {seen!r}")


def run(*words):
    done = subprocess.run([ASSAY, *words], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


def table():
    status, out, _ = run("help", "--dump")
    check("dump: status", status == 0, status)
    return json.loads(out)


def help_is_readable(commands):
    for command in commands["commands"]:
        words = command["name"].split()
        status, out, err = run(*words, "--help")
        check(f"{words} --help", status == 0 and out and not err, err)
        check(f"{words}: same", run("help", *words)[1] == out)
        wide = [line for line in out.splitlines() if len(line) > 80]
        check(f"{words}: wide", not wide, wide)
        named = [o["name"] for o in command["options"]]
        letters = [o["letter"] for o in command["options"] if o["letter"]]
        check(f"{words}: names", len(set(named)) == len(named) and "help" not in named, named)
        check(f"{words}: letters", len(set(letters)) == len(letters) and "h" not in letters, letters)
        for option in command["options"]:
            check(f"{words}: {option['name']}", f"--{option['name']}" in out)
            if option["name"] in ("format", "level", "min-level", "progress"):
                check(f"{words}: {option['name']}: values", "|" in option["value"], option["value"])


def examples_are_of_the_table(commands):
    by_name = {c["name"]: c for c in commands["commands"]}
    for command in commands["commands"]:
        for example in command["examples"]:
            words = shlex.split(example["line"])
            check("example: its command", words[0] == "assay" and
                  words[1:1 + len(command["name"].split())] == command["name"].split(), words)
            known = {"--" + o["name"] for o in by_name[command["name"]]["options"]}
            known |= {"-" + o["letter"] for o in by_name[command["name"]]["options"] if o["letter"]}
            for word in words[1:]:
                option = word.split("=")[0]
                plain = word == "-" or not word.startswith("-")
                check(f"example: {word}", plain or option in known, words)


def mistakes_meet_the_nearest():
    for words, near in ((["scna", "x"], 'did you mean "scan"?'), (["rules", "lsit"], '"list"?'),
                        (["scan", "--fromat", "json", "x"], "--format?"), (["hlep"], '"help"?'),
                        (["help", "serch"], '"search"?'), (["packs", "chekc"], '"check"?'),
                        (["scan", "--hlep"], "--help?")):
        status, out, err = run(*words)
        check(f"{words}", status == 2 and near in err and not out, (status, err))
    status, _, err = run("nothing-like-it")
    check("far away", status == 2 and "did you mean" not in err, err)
    status, out, _ = run()
    check("alone", status == 2 and "assay scan FOLDER" in out and len(out.splitlines()) < 15, out)
    status, _, err = run("x\x1b[31m")
    check("control characters", "\x1b" not in err, err)


def made(kind, name):
    out = FOLDER / name
    subprocess.run([sys.executable, DOCS, kind, str(FOLDER / "table.json"), str(out)], check=True)
    return out


def man_pages_are_well_formed(commands):
    pages = made("man", "man1")
    want = {"assay.1"} | {f"assay-{c['name'].replace(' ', '-')}.1" for c in commands["commands"]}
    check("pages", {p.name for p in pages.iterdir()} == want, sorted(pages.iterdir()))
    for page in sorted(pages.iterdir()):
        if shutil.which("mandoc"):
            said = subprocess.run(["mandoc", "-Tlint", "-Wwarning", str(page)], capture_output=True,
                                  text=True).stdout
            check(f"mandoc {page.name}", not said, said)
        if shutil.which("man") and shutil.which("groff"):
            said = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z",
                                   str(page)], capture_output=True, text=True,
                                  env={**os.environ, "LC_ALL": "C.UTF-8", "MANWIDTH": "80"}).stderr
            check(f"man {page.name}", not said, said)
    scan = (pages / "assay-scan.1").read_text()
    check("options are there", "\\-\\-format" in scan and "EXAMPLES" in scan)


def places():
    """A folder to complete names in."""
    place = FOLDER / "place"
    place.mkdir()
    (place / "a file.evtx").touch()
    (place / "afolder").mkdir()
    return place


# Words behind `assay`, the last one being completed, and what must be offered: all of it, or
# with "..." at least this.
CASES = (
    (["sc"], ["scan"]),
    ([""], ["scan", "rules", "packs", "help", "..."]),
    (["rules", ""], ["check", "coverage", "import", "list", "test"]),
    (["rules", "li"], ["list"]),
    (["scan", "--fo"], ["--format"]),
    (["scan", "--format", ""], ["text", "json", "csv", "jsonl"]),
    (["scan", "-l", "c"], ["critical"]),
    (["rules", "list", "--min-level", "m"], ["medium"]),
    (["scan", "--pack", "exchange-proxyl"], ["exchange-proxylogon"]),
    (["packs", "show", "solarwinds-su"], ["solarwinds-sunburst", "solarwinds-supernova"]),
    (["help", "sear"], ["search"]),
    (["scan", "af"], ["afolder"]),
    (["version", "a"], []),
)


def offered(what, got, want):
    got = [g.rstrip("/") for g in got]
    if want[-1:] == ["..."]:
        check(what, set(want[:-1]) <= set(got), got)
    else:
        check(what, sorted(got) == sorted(want), got)


def bash_completes(place):
    script = made("bash", "assay.bash")
    if not shutil.which("bash"):
        return
    said = subprocess.run(["bash", "-n", str(script)], capture_output=True, text=True)
    check("bash -n", said.returncode == 0, said.stderr)

    def ask(words):
        line = " ".join(shlex.quote(w) for w in ["assay", *words])
        code = (f"source {shlex.quote(str(script))}; COMP_WORDS=({line}); "
                f"COMP_CWORD={len(words)}; _assay; printf '%s\\n' \"${{COMPREPLY[@]}}\"")
        done = subprocess.run(["bash", "--norc", "-c", code], capture_output=True, text=True,
                              cwd=place)
        check(f"bash {words}: no complaint", not done.stderr, done.stderr)
        return [g for g in done.stdout.split("\n") if g]

    for words, want in CASES:
        offered(f"bash {words}", ask(words), want)
    offered("bash --format=", ask(["scan", "--format", "="]), ["text", "json", "csv", "jsonl"])
    offered("bash --format=c", ask(["scan", "--format", "=", "c"]), ["csv"])
    offered("bash: blanks in names", ask(["scan", "a f"]), ["a file.evtx"])
    offered("bash: a value that is a file", ask(["scan", "--tune", "a"]), ["a file.evtx", "afolder"])


def fish_completes(place):
    script = made("fish", "assay.fish")
    if not shutil.which("fish"):
        print("fish is not here")
        return
    for words, want in CASES:
        line = " ".join(["assay", *words])
        done = subprocess.run(["fish", "--no-config", "-c",
                               f"source {script}; complete -C {shlex.quote(line)}"],
                              capture_output=True, text=True, cwd=place)
        check(f"fish {words}: no complaint", not done.stderr, done.stderr)
        offered(f"fish {words}", [g.split("\t")[0] for g in done.stdout.splitlines()], want)


def zsh_completes(place):
    """One completion needs zsh's editor, which needs a terminal."""
    made("zsh", "_assay")
    if not shutil.which("zsh"):
        print("zsh is not here")
        return
    said = subprocess.run(["zsh", "-n", str(FOLDER / "_assay")], capture_output=True, text=True)
    check("zsh -n", said.returncode == 0, said.stderr)
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(place)
        os.environ.update(TERM="dumb", HOME=str(FOLDER), ZDOTDIR=str(FOLDER))
        os.execvp("zsh", ["zsh", "-f", "-i"])

    def say(text, until, wait=20):
        os.write(terminal, text.encode())
        seen, end = "", time.monotonic() + wait
        while until not in seen and time.monotonic() < end:
            if select.select([terminal], [], [], 0.2)[0]:
                try:
                    seen += os.read(terminal, 65536).decode(errors="replace")
                except OSError:
                    break
        return seen

    say(f"fpath=({FOLDER} $fpath); autoload -U compinit; compinit -u -D; PS1='$ '; "
        "unsetopt zle_bracketed_paste 2>/dev/null; echo re''ady\n", "ready\r\n")
    for words, want in ((["sc"], "assay scan "), (["rules", "li"], "assay rules list "),
                        (["scan", "--fo"], "--format="), (["scan", "-l", "c"], "critical "),
                        (["scan", "af"], "afolder/"), (["rules", "list", "--min-level", "m"], "medium "),
                        (["scan", "--pack", "exchange-proxyl"], "exchange-proxylogon ")):
        seen = say(" ".join(["assay", *words]) + "\t", want)
        check(f"zsh {words}", want in seen, seen)
        say("\x15echo ag''ain\n", "again\r\n")
    os.write(terminal, b"\x15exit\n")
    os.close(terminal)
    os.waitpid(pid, 0)


def main():
    commands = table()
    (FOLDER / "table.json").write_text(json.dumps(commands))
    place = places()
    help_is_readable(commands)
    examples_are_of_the_table(commands)
    mistakes_meet_the_nearest()
    man_pages_are_well_formed(commands)
    bash_completes(place)
    fish_completes(place)
    zsh_completes(place)
    shutil.rmtree(FOLDER)
    print(f"{failures} failures")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
