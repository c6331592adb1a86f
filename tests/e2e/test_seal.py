#!/usr/bin/env python3
"""assay seal and verify: what is changed is found and named; the same evidence and rules give the
same verdict again, wherever they lie; minisign, where it is there, agrees about signatures.

usage: test_seal.py ASSAY
"""
import base64
import fcntl
import hashlib
import json
import os
import pathlib
import pty
import random
import select
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
import termios
import zipfile

ASSAY = os.path.abspath(sys.argv[1])
MINISIGN = shutil.which("minisign")
RULE = """title: shell asked for
id: 0f8b1c1e-7a53-4b13-9f0e-2f5f1c1d7a01
level: high
logsource: {category: webserver}
detection:
  s: {cs-uri-stem|endswith: '/shell.aspx'}
  condition: s
"""
failed = 0


def same(what, got, want):
    global failed
    if got != want:
        failed += 1
        print(f"{what}: {got!r}, want {want!r}")


def holds(what, text, *parts):
    for part in parts:
        same(f"{what}: '{part}' in {text!r}", part in text, True)


def run(*args, cwd=None, env=None):
    done = subprocess.run([ASSAY, *map(str, args)], stdout=subprocess.PIPE, cwd=cwd, stdin=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, check=False, env={**os.environ, **(env or {})})
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def verify(*args, **more):
    status, out, err = run("verify", *args, "--format", "json", **more)
    same(f"verify {args}: status of {err}", status in (0, 1), True)
    document = json.loads(out)
    same("exit_status", document["exit_status"], status)
    same("holds", document["holds"], status == 0)
    return document


def differences(document, part="case"):
    return [(d["state"], d["kind"], d["about"]) for d in document[part]["differences"]]


def iis(rows):
    head = ("#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n"
            "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip "
            "cs(User-Agent) sc-status sc-substatus sc-win32-status time-taken\n")
    return head + "".join(
        f"2026-01-05 10:{i // 60:02}:{i % 60:02} 10.0.0.1 POST {stem} - 443 - 192.0.2.{i % 250} "
        "curl/8 200 0 0 5\n" for i, stem in enumerate(rows))


def make_evidence(folder):
    logs = folder / "inetpub" / "logs" / "LogFiles" / "W3SVC1"
    logs.mkdir(parents=True)
    (logs / "u_ex260105.log").write_text(iis(["/index.html", "/shell.aspx", "/a"] * 7))
    (logs / "odd\tname \u202e.log").write_text(iis(["/b"]))
    with zipfile.ZipFile(folder / "more.zip", "w") as z:
        z.writestr(zipfile.ZipInfo("logs/u_ex260106.log", (2026, 1, 6, 0, 0, 0)),
                   iis(["/shell.aspx"]))
    (folder / "empty").write_bytes(b"")
    for path in folder.rglob("*"):
        os.utime(path, (1767600000, 1767600000))


def make(work):
    (work / "rule.yml").write_text(RULE)
    make_evidence(work / "evidence")
    status, _, err = run("scan", "evidence", "-o", "a.case", "--rules", "rule.yml", cwd=work)
    same(f"scan: {err}", status, 1)
    same("new key", run("seal", "--new-key", work / "k")[0], 0)
    same("seal", run("seal", "a.case", "--key", "k", cwd=work)[0], 0)


# --- keys and signatures -------------------------------------------------------------------------

def keys(work):
    same("a secret is nobody else's", stat.S_IMODE((work / "k").stat().st_mode), 0o600)
    before = (work / "k").read_bytes()
    status, _, err = run("seal", "--new-key", work / "k")
    same("a key is never written over", (status, (work / "k").read_bytes()), (2, before))
    holds("and that is said", err, "File exists")
    status, _, err = run("seal", "a.case", "--key", "k", cwd=work)
    same("nor is a manifest", status, 2)
    holds("unless one says so", err, "--force")
    same("--force", run("seal", "a.case", "--key", "k", "--force", cwd=work)[0], 0)
    status, _, err = run("seal", "a.case", "--key", "k.pub", "--force", cwd=work)
    same("a public key signs nothing", status, 2)
    holds("and that is said", err, "k.pub: no secret key of minisign")


def signatures(work):
    case = work / "a.case"
    good = work / "a.case.manifest.minisig"
    text = good.read_bytes()
    same("the key holds", verify(case, "--key", work / "k.pub")["signature"]["state"], "holds")
    base64 = (work / "k.pub").read_text().splitlines()[1]
    same("the key as text", verify(case, "--pubkey", base64)["signature"]["state"], "holds")
    document = verify(case)
    same("without a key", (document["signature"]["state"], document["holds"]),
         ("not_checked", True))
    run("seal", "--new-key", work / "other")
    document = verify(case, "--key", work / "other.pub")
    same("another key", document["signature"]["state"], "fails")
    holds("it is named", document["signature"]["why"], "made with the key")
    for n in range(0, len(text) - 1, 7):
        good.write_bytes(text[:n])
        status, out, err = run("verify", case, "--key", work / "k.pub")
        same(f"{n} bytes of a signature", status, 1)
        holds("is told", out, "DOES NOT HOLD")
    good.unlink()
    status, _, err = run("verify", case, "--key", work / "k.pub")
    same("no signature, but a key", status, 2)
    holds("is told", err, "there is no signature to check")
    same("no signature", verify(case)["signature"]["state"], "absent")
    good.write_bytes(text)


def minisign(*args, text=b""):
    return subprocess.run([MINISIGN, *map(str, args)], input=text, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)


def with_minisign(work):
    if not MINISIGN:
        print("minisign is not there: what it says of our signatures was not asked")
        return
    case = work / "a.case"
    manifest = work / "a.case.manifest"
    same("minisign agrees", minisign("-Vm", manifest, "-p", work / "k.pub").returncode, 0)
    same("minisign signs with our key",
         minisign("-S", "-s", work / "k", "-m", manifest, "-t", "by minisign").returncode, 0)
    same("and it holds", verify(case, "--key", work / "k.pub")["signature"]["comment"],
         "by minisign")
    minisign("-G", "-W", "-p", work / "m.pub", "-s", work / "m")
    for form in [["-l"], []]:
        minisign("-S", *form, "-s", work / "m", "-m", manifest)
        same("signed by minisign", verify(case, "--key", work / "m.pub")["signature"]["state"],
             "holds")
    # with a password: both ways
    (work / "password").write_text("correct horse\n")
    same("key with a password", run("seal", "--new-key", work / "p", "--password-file",
                                    work / "password")[0], 0)
    same("minisign opens it", minisign("-S", "-s", work / "p", "-m", manifest,
                                       text=b"correct horse\n").returncode, 0)
    same("and it holds", verify(case, "--key", work / "p.pub")["signature"]["state"], "holds")
    minisign("-G", "-p", work / "q.pub", "-s", work / "q", text=b"correct horse\n" * 2)
    sealed = ("seal", case, "--force", "--key", work / "q")
    status, _, err = run(*sealed)
    same("no password", status, 2)
    holds("is told", err, "it needs a password", "--password-file")
    same("minisign's key with a password",
         run(*sealed, "--password-file", work / "password")[0], 0)
    same("minisign agrees", minisign("-Vm", manifest, "-p", work / "q.pub").returncode, 0)
    (work / "password").write_text("wrong\n")
    status, _, err = run(*sealed, "--password-file", work / "password")
    same("another password", status, 2)
    holds("is told", err, "another password")
    same("sealed again", run("seal", case, "--force", "--key", work / "k")[0], 0)


# --- changes -------------------------------------------------------------------------------------

def locked(plain, password):
    """A secret key without a password, with one: of little cost, as minisign's own form allows."""
    head, body = plain.splitlines()[:2]
    raw = base64.b64decode(body)
    secret = raw[54:126]  # the key's id and the key
    salt = bytes(range(32))
    check = hashlib.blake2b(raw[:2] + secret, digest_size=32).digest()
    stream = hashlib.scrypt(password, salt=salt, n=1024, r=8, p=1, dklen=104)
    hidden = bytes(a ^ b for a, b in zip(secret + check, stream))
    made = raw[:2] + b"ScB2" + salt + (32768).to_bytes(8, "little") + (16 << 20).to_bytes(8, "little") + hidden
    return head + "\n" + base64.b64encode(made).decode() + "\n"


class Asked:
    """assay seal with a terminal of its own, which outlives it."""

    def __init__(self, work):
        self.terminal, self.slave = pty.openpty()

        def own():
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGTSTP):
                signal.signal(number, signal.SIG_DFL)
        self.process = subprocess.Popen([ASSAY, "seal", work / "a.case", "--force", "--key", work / "locked"],
                                        stdin=self.slave, stdout=self.slave, stderr=self.slave, start_new_session=True,
                                        preexec_fn=own)
        self.shown = b""

    def until(self, text, times=1):
        while self.shown.count(text) < times and select.select([self.terminal], [], [], 60)[0]:
            try:
                self.shown += os.read(self.terminal, 4096)
            except OSError:
                return
        same(f"{text!r} in {self.shown!r}", self.shown.count(text), times)

    def type(self, text):
        os.write(self.terminal, text)

    def echoes(self):
        return bool(termios.tcgetattr(self.slave)[3] & termios.ECHO)

    def end(self):
        """How it ended; all that was shown."""
        status = self.process.wait(60)
        same("the terminal shows again what is typed", self.echoes(), True)
        while select.select([self.terminal], [], [], 0)[0]:
            self.shown += os.read(self.terminal, 4096)
        os.close(self.slave)
        os.close(self.terminal)
        return status


def asked(work):
    """The password of a key, on a terminal: not shown, and the terminal is left as it was."""
    prompt = b"Password of the key: "
    (work / "locked").write_text(locked((work / "k").read_text(), b"correct horse"))
    status, _, err = run("seal", work / "a.case", "--force", "--key", work / "locked")
    same("without a terminal", status, 2)
    holds("is told", err, "needs a password", "--password-file")
    for typed, want, told in ((b"correct horse\n", 0, b"signed with the key"), (b"wrong\n", 2, b"another password"),
                              (b"\n", 2, b"no password was given"), (b"\x04", 2, b"no password was given")):
        a = Asked(work)
        a.until(prompt)
        same("no echo", a.echoes(), False)
        a.type(typed)
        same(f"{typed}: status", a.end(), want)
        same(f"{typed}: {told} in {a.shown}", (told in a.shown, typed.strip() in a.shown.replace(prompt, b"")
                                               if len(typed) > 2 else False), (True, False))
    for number, send in ((signal.SIGINT, lambda a: a.type(b"\x03")),
                         (signal.SIGTERM, lambda a: a.process.send_signal(signal.SIGTERM))):
        a = Asked(work)
        a.until(prompt)
        a.type(b"half a pass")
        send(a)
        same(f"ended by {number}", a.end(), -number)
    a = Asked(work)
    a.until(prompt)
    a.process.send_signal(signal.SIGTSTP)
    a.until(b"\n")
    a.process.send_signal(signal.SIGCONT)  # a group without a parent in its session is not stopped: asked again all the same
    a.until(prompt, 2)
    a.type(b"correct horse\n")
    same("stopped meanwhile", a.end(), 0)
    same("sealed again", run("seal", work / "a.case", "--force", "--key", work / "k")[0], 0)


def changed_manifest(work):
    """Any bit, with a key: some of the many here; all of a small one in test_manifest.c."""
    manifest = work / "a.case.manifest"
    text = bytearray(manifest.read_bytes())
    chance = random.Random(7)
    for bit in chance.sample(range(len(text) * 8), 60):
        text[bit // 8] ^= 1 << bit % 8
        manifest.write_bytes(text)
        same(f"bit {bit} of the manifest, with a key",
             run("verify", work / "a.case", "--key", work / "k.pub")[0], 1)
        same(f"bit {bit} of the manifest, without one",
             run("verify", work / "a.case")[0] in (1, 2), True)
        text[bit // 8] ^= 1 << bit % 8
    manifest.write_bytes(text)
    same("and back", run("verify", work / "a.case", "--key", work / "k.pub")[0], 0)


def changed_case(work):
    case = work / "a.case"
    data = case.read_bytes()
    chance = random.Random(11)
    named = 0
    for bit in chance.sample(range(len(data) * 8), 80):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        case.write_bytes(flipped)
        document = verify(case)
        same(f"bit {bit} of the case", document["holds"], False)
        same("the file is another", ("changed", "case", "file") in differences(document), True)
        named += len(document["case"]["differences"]) > 1
    case.write_bytes(data)
    same("rows are named too, where a row was met", named > 5, True)
    same("and back", verify(case)["holds"], True)


def changed_rows(work):
    """What somebody would change by hand is named."""
    case = work / "a.case"
    data = case.read_bytes()
    finding = sqlite3.connect(case).execute("SELECT id FROM finding ORDER BY id").fetchone()[0]
    for sql, want in [
        ("UPDATE finding SET excerpt = 'nothing' WHERE id = ?", ("changed", "row",
                                                                 f"finding/{finding}")),
        ("DELETE FROM finding WHERE id = ?", ("missing", "row", f"finding/{finding}")),
        ("UPDATE evidence SET sha256 = replace(sha256, 'a', 'b') WHERE path LIKE '%zip' AND ?",
         ("changed", "file", "evidence/more.zip")),
        ("UPDATE verdict SET json = replace(json, '\"exit_status\":1', '\"exit_status\":0')"
         " WHERE ?", ("changed", "part", "exit_status")),
        ("UPDATE setup SET value = 'x' WHERE kind = 'option' AND ?", None),
        ("CREATE TABLE more AS SELECT ?", ("added", "row", f"more/{finding}")),
    ]:
        db = sqlite3.connect(case)
        db.execute("PRAGMA foreign_keys = OFF")
        db.execute(sql, (finding if "id = ?" in sql or "more" in sql else 1,))
        db.commit()
        db.close()
        found = differences(verify(case))
        if want:
            same(f"{sql}: {want} in {found}", want in found, True)
        else:
            same(f"{sql}: setup in {found}", any(d[1] == "setup" for d in found), True)
        case.write_bytes(data)


def rewritten_case(work):
    """The same rows in other bytes: said, and that it is no more than that."""
    case = work / "a.case"
    data = case.read_bytes()
    db = sqlite3.connect(case)
    db.execute("PRAGMA page_size = 8192")
    db.execute("VACUUM")
    db.close()
    status, out, _ = run("verify", case)
    same("other bytes", status, 1)
    holds("only the file differs", out, "DIFFERS in 1 of", "All rows are as sealed")
    case.write_bytes(data)


def later_scan(work):
    """What was added behind a seal is named as that."""
    case = work / "later.case"
    shutil.copy(work / "a.case", case)
    run("seal", case)
    (work / "new").mkdir()
    (work / "new" / "u_ex260107.log").write_text(iis(["/shell.aspx"]))
    run("scan", work / "new", "-o", case, "--rules", work / "rule.yml")
    found = differences(verify(case))
    same("new evidence", ("added", "file", str(work / "new" / "u_ex260107.log")) in found, True)
    same("a second verdict", ("changed", "case", "verdicts") in found, True)


def evidence(work):
    case = work / "a.case"
    copy = work / "elsewhere" / "deep"
    shutil.copytree(work / "evidence", copy)
    document = verify(case, "--evidence", copy, "--jobs", 3)
    same("a copy holds", (document["holds"], document["evidence"]["same"],
                          document["evidence"]["members"]), (True, 4, 1))
    same("where it lay", verify("a.case", "--evidence", cwd=work)["evidence"]["same"], 4)
    status, out, err = run("verify", case, "--evidence", copy, "--progress", "json")
    told = [json.loads(line) for line in err.splitlines()]
    size = sum(p.stat().st_size for p in copy.rglob("*") if p.is_file())
    same("progress", (status, told[-1]["files"], told[-1]["files_done"], told[-1]["bytes"], told[-1]["bytes_done"],
                      told[-1]["seconds_left"]), (0, 4, 4, size, size, 0))
    same("no progress", run("verify", case, "--evidence", copy, "--progress", "none")[::2], (0, ""))
    same("no such progress", run("verify", case, "--evidence", copy, "--progress", "loud")[0], 2)
    status, _, err = run("verify", case, "--evidence", copy, copy)
    same("too many paths", status, 2)
    holds("is told", err, "1 paths were scanned")
    chance = random.Random(13)
    logs = "inetpub/logs/LogFiles/W3SVC1/"
    for name in [logs + "u_ex260105.log", logs + "odd\tname \u202e.log", "more.zip"]:
        path = copy / name
        data = path.read_bytes()
        for bit in chance.sample(range(len(data) * 8), 5):
            flipped = bytearray(data)
            flipped[bit // 8] ^= 1 << bit % 8
            path.write_bytes(flipped)
            document = verify(case, "--evidence", copy)
            same(f"{name}, bit {bit}", [(d["state"], d["path"]) for d in
                                        document["evidence"]["differences"]],
                 [("changed", "evidence/" + name)])
        path.write_bytes(data)
    (copy / "empty").unlink()
    (copy / "planted.log").write_text("x")
    document = verify(case, "--evidence", copy)
    same("gone and come", sorted((d["state"], d["path"]) for d in
                                 document["evidence"]["differences"]),
         [("added", str(copy / "planted.log")), ("missing", "evidence/empty")])
    status, out, _ = run("verify", case, "--evidence", copy)
    same("status", status, 1)
    holds("in words", out, "2 differ", "hold as their carriers do")
    status, out, _ = run("verify", case, "--evidence", work / "nowhere")
    same("nothing there", status, 1)
    holds("in words", out, "4 differ")


# --- replay --------------------------------------------------------------------------------------

def replay(work):
    case = work / "a.case"
    copy = work / "replayed" / "under another name"
    shutil.copytree(work / "evidence", copy)
    digests = set()
    for jobs, env, cwd in [(1, {"TZ": "Asia/Tokyo"}, work), (4, {"LC_ALL": "C"}, work),
                           (2, {"TZ": "America/St_Johns", "LANG": "de_DE.UTF-8"}, work)]:
        document = verify(case, "--replay", copy, "--jobs", jobs, env=env, cwd=cwd)
        same("the same verdict", (document["replay"]["same"], document["replay"]["same_program"]),
             (True, True))
        digests.add(document["replay"]["found"])
    same("one digest", len(digests), 1)
    rules = work / "rule.yml"
    rules.write_text(RULE.replace("high", "critical"))
    document = verify("a.case", "--replay", copy, cwd=work)
    same("another rule", document["replay"]["same"], False)
    same("is named", [d["name"] for d in document["replay"]["differences"]
                      if d["what"] == "setup"], ["option rules rule.yml"])
    rules.write_text(RULE)
    log = copy / "inetpub/logs/LogFiles/W3SVC1/u_ex260105.log"
    text = log.read_text()
    log.write_text(text.replace("/shell.aspx", "/shelf.aspx", 1))
    os.utime(log, (1767600000, 1767600000))
    document = verify("a.case", "--replay", copy, cwd=work)
    found = {(d["what"], d["name"]) for d in document["replay"]["differences"]}
    same("other evidence", document["replay"]["same"], False)
    same("is named", ("evidence", "evidence/inetpub/logs/LogFiles/W3SVC1/u_ex260105.log")
         in found, True)
    same("findings too", any(what == "finding" for what, _ in found), True)
    same("members of the verdict too", ("verdict", "findings_sha256") in found, True)
    status, out, _ = run("verify", "a.case", "--replay", copy, cwd=work)
    same("status", status, 1)
    holds("in words", out, "ANOTHER VERDICT")
    log.write_text(text)
    os.utime(log, (1767600000, 1767600000))
    same("and back", verify("a.case", "--replay", copy, cwd=work)["replay"]["same"], True)


def uses(work):
    for args, want in [
        (["seal"], "want a CASE"), (["seal", "none.case"], "none.case"),
        (["seal", work / "rule.yml"], "not a case"), (["verify", "none.case"], "none.case"),
        (["verify", work / "a.case", "x"], "--evidence and --replay"),
        (["verify", work / "a.case", "--pubkey", "abc"], "--pubkey: no public key"),
        (["verify", work / "a.case", "--manifest", work / "rule.yml"], "no manifest of a case"),
    ]:
        status, _, err = run(*args)
        same(f"{args}", status, 2)
        holds(f"{args}", err, want)
    status, out, err = run("seal", work / "a.case", "-o", work / "unsigned")
    same("without a key", status, 0)
    holds("it is told", err, "nobody signed it")
    same("the same bytes", (work / "unsigned").read_bytes(),
         (work / "a.case.manifest").read_bytes())


def main():
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder).resolve()
        make(work)
        for test in [keys, signatures, asked, with_minisign, uses, changed_manifest, changed_case,
                     changed_rows, rewritten_case, evidence, replay, later_scan]:
            print(f"  {test.__name__}", flush=True)
            test(work)
    sys.exit(failed > 0)


main()
