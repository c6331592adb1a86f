#!/usr/bin/env python3
"""Hostile texts (tests/data/injections.json) in every place that an intruder can write, through every
way in which the program shows something. Each text must be shown; nothing of it may act.

usage: test_injections.py ASSAY SOURCE_FOLDER [--keep FOLDER]
"""
import contextlib
import csv
import hashlib
import html.parser
import io
import json
import os
import pathlib
import pty
import re
import select
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import unicodedata

assay, source = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
sys.path.insert(0, str(source / "tests/gen"))
import injections  # noqa: E402

problems = []
checks = 0
timing = {}
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
MARK = re.compile(r"zq(\d{3})([a-z]{2})")
COMMANDS = ()  # those of the program that are there


def check(name, ok, text=""):
    global checks
    checks += 1
    if not ok and sum(p.startswith(name + ":") for p in problems) < 6:
        problems.append(f"{name}: {str(text)[:700]}")


def run(*args, cwd=None):
    """Status, standard output, standard error, as bytes."""
    done = subprocess.run([os.fsencode(assay), *map(os.fsencode, args)], capture_output=True, check=False, timeout=120, cwd=cwd,
                          stdin=subprocess.DEVNULL, env={**os.environ, "NO_COLOR": "1"})
    check(str(args[0]), done.returncode in (0, 1, 2, 3), f"{args}: status {done.returncode} {done.stderr[-300:]}")
    return done.returncode, done.stdout, done.stderr


# --- what a sink may hold ---------------------------------------------------------------------------

def is_hidden(c):
    """Whether a character reorders, hides or commands. The Unicode data of Python is the measure, not the
    program's own list."""
    cp = ord(c)
    return (unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")
            or unicodedata.category(c) == "Cf" and not unicodedata.bidirectional(c) == "AN"
            or unicodedata.bidirectional(c) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
            or cp in (0x34f, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x3164, 0xffa0, 0x2800) or 0xfe00 <= cp <= 0xfe0f
            or 0x180b <= cp <= 0x180f or 0xe0000 <= cp <= 0xe0fff)


def quiet(name, raw, but="\n"):
    """Bytes that may go to a terminal; gives them as text."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as e:
        check(name, False, f"not UTF-8: {raw[max(0, e.start - 40):e.start + 10]!r}")
        text = raw.decode("utf-8", "replace")
    for m in re.finditer(r"[^ -~\n]", text):
        if m.group() not in but and is_hidden(m.group()):
            check(name, False, f"sends {text[max(0, m.start() - 30):m.end() + 5]!a}")
            break
    for m in re.finditer(r"[^\x00-\u02ff]{4,}", text):
        kinds = "".join("m" if unicodedata.category(c) in ("Mn", "Me") else "-" for c in m.group())
        if "mmmm" in kinds:
            check(name, False, f"a flood of accents: {text[max(0, m.start() - 30):m.start() + 9]!a}")
            break
    return text


def terminal(name, raw):
    """What people see; tables in a pipe have tabs of ours between their columns."""
    return quiet(name, raw, "\n\t")


def unique(pairs):
    keys = [k for k, _ in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError(f"a member twice: {[k for k in keys if keys.count(k) > 1][:2]}")
    return dict(pairs)


def never(word):
    raise ValueError(f"{word} is no number of JSON")


def document(name, text):
    try:
        return json.loads(text, object_pairs_hook=unique, parse_constant=never)
    except ValueError as e:
        check(name, False, f"no JSON: {e}: {text[:200]!r}")
        return None


def texts(value):
    """Every text in a document, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for k, v in value.items():
            yield k
            yield from texts(v)
    elif isinstance(value, list):
        for v in value:
            yield from texts(v)


def as_json(name, raw):
    """One document; gives all of its texts."""
    text = quiet(name, raw)
    return "\n".join(texts(document(name, text)))


def as_lines(name, raw):
    text = quiet(name, raw)
    check(name, not text or text.endswith("\n"), "the last line has no end")
    return "\n".join("\n".join(texts(document(name, line))) for line in text.split("\n")[:-1])


FORMULA = re.compile(r"[\s\u00a0]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r]")
NUMBER = re.compile(r"-?\d+(\.\d+)?")


def as_csv(name, raw, between=","):
    text = quiet(name, raw, "\r\n")
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=between))
    check(name, rows, "no rows")
    check(name, len({len(r) for r in rows}) == 1, f"rows of {sorted({len(r) for r in rows})} cells")
    bad = [c for r in rows for c in r if FORMULA.match(c) and not NUMBER.fullmatch(c)]
    check(name, not bad, f"formulas: {bad[:3]!r}")
    check(name, text.count("\n") == len(rows), f"{text.count(chr(10))} line ends of {len(rows)} rows")
    return "\n".join(c for r in rows for c in r)


STIX_TEXT = re.compile(r"'(?:[^'\\]|\\['\\])*'")


def as_stix(name, raw):
    """A bundle whose patterns are one comparison, or several, of a literal."""
    text = as_json(name, raw)
    for thing in json.loads(raw)["objects"]:
        if "pattern" in thing:
            rest = STIX_TEXT.sub("", thing["pattern"])
            check(name, re.fullmatch(r"\[[a-z0-9_:. =()-]*(?:LIKE|OR|AND|[a-z0-9_:. =()-])*\]", rest), thing["pattern"])
    return text


# --- pages ------------------------------------------------------------------------------------------

VOID = set("area base br col embed hr img input link meta param source track wbr".split())
SAFE_LINK = re.compile(r"#[A-Za-z0-9._-]*|data:image/svg\+xml[;,].*", re.S)
OUR_WORD = re.compile(r"[ A-Za-z0-9._:;,#%()/+-]*")
NEVER = set("script iframe object embed base form link frame frameset applet foreignobject animate set use".split())


class Page(html.parser.HTMLParser):
    """The elements of a page, each with the names of its attributes, and its text."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.path, self.shapes, self.text, self.values, self.odd = [], set(), [], set(), []

    def handle_starttag(self, tag, attrs):
        names = tuple(sorted(k for k, _ in attrs))
        if len(set(names)) != len(names):
            self.odd.append(f"an attribute twice: {tag} {names}")
        self.shapes.add((tag, names))
        for k, v in attrs:
            self.values.add((tag, k, v))
        if tag not in VOID:
            self.path.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.path.pop()

    def handle_endtag(self, tag):
        if not self.path or self.path[-1] != tag:
            self.odd.append(f"</{tag}> in {'/'.join(self.path[-4:])}")
        while tag in self.path and self.path.pop() != tag:
            pass

    def handle_comment(self, data):
        self.odd.append(f"a comment: {data[:60]}")

    def handle_pi(self, data):
        self.odd.append(f"an instruction: {data[:60]}")

    def unknown_decl(self, data):
        self.odd.append(f"a declaration: {data[:60]}")

    def handle_data(self, data):
        self.text.append(data)


def page_of(raw):
    page = Page()
    page.feed(raw.decode("utf-8", "replace"))
    page.close()
    return page


def as_page(name, raw, plain_raw):
    """A page has the elements that it has for harmless texts, and no others."""
    text = quiet(name, raw)
    page, plain = page_of(raw), page_of(plain_raw)
    check(name, not page.odd, page.odd[:3])
    check(name, not page.path, f"not ended: {page.path}")
    new = page.shapes - plain.shapes
    check(name, not new, f"elements that are not ours: {sorted(new)[:4]}")
    for tag, key, value in page.values:
        value = value or ""
        check(name, not key.startswith("on") and key != "srcdoc", f"{tag} {key}={value}")
        if key in ("href", "src", "action", "xlink:href", "formaction", "data", "poster", "background"):
            check(name, SAFE_LINK.fullmatch(value), f"{tag} {key}={value[:200]}")
        if key in ("style", "class", "id", "for", "aria-labelledby"):
            check(name, OUR_WORD.fullmatch(value) and "url(" not in value, f"{tag} {key}={value[:200]}")
    tags = {t for t, _ in page.shapes}
    check(name, not tags & NEVER, tags & NEVER)
    check(name, re.search(r'http-equiv="?Content-Security-Policy"?', text) and "default-src 'none'" in text,
          "no policy that forbids what is not ours")
    return "".join(page.text)


def in_browser(name, path, work):
    """Opens a page: it asks for nothing, and its policy has nothing to refuse."""
    if not CHROMIUM:
        return
    log = work / "net.json"
    try:
        done = subprocess.run([CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                               "--disable-background-networking", "--disable-component-update", "--no-first-run",
                               "--disable-sync", "--disable-default-apps", "--disable-extensions",
                               f"--user-data-dir={work / 'profile'}", "--enable-logging=stderr", f"--log-net-log={log}",
                               "--dump-dom", path.as_uri()],
                              capture_output=True, check=False, timeout=60)
    except subprocess.TimeoutExpired:
        print("the browser did not come to its end: not looked at")
        return
    said = done.stderr.decode("utf-8", "replace")
    told = [line for line in said.split("\n") if "CONSOLE" in line or "Refused to" in line]
    check(name, not told, told[:3])
    asked = set(re.findall(r'"url":"([^"]+)"', log.read_text(errors="replace") if log.exists() else ""))
    asked = {u for u in asked if "192.0.2.66" in u}
    check(name, not asked, f"asked for {sorted(asked)[:3]}")
    check(name, b"</html>" in done.stdout, f"the browser did not read it: {said[-300:]}")
    after = page_of(done.stdout)
    check(name, not {t for t, _ in after.shapes} & NEVER, "elements that act")


# --- what was shown ---------------------------------------------------------------------------------

def shown(name, text, places, planted, share=1.0, missing=()):
    """Whether the marks of these places are shown: what was planted reached this sink."""
    seen = set(m.group(0) for m in MARK.finditer(text))
    want = {p.mark for p in planted if p.place in places and p.injection.name not in missing}
    check(name, want, f"nothing was planted in {places}")
    lost = sorted(want - seen)
    check(name, len(lost) <= (1 - share) * len(want), f"{len(lost)} of {len(want)} were not shown: {lost[:8]}")


def expected(i, place):
    """What JSON may say of a text: the text; or, of bytes that are no UTF-8, one U+FFFD for each or their
    letters in the code page windows-1252; half a pair is U+FFFD."""
    text = i.text.replace(" ", "+") if place == "st" else i.text
    if place in ("ed", "rv"):
        text = text.replace("\0", "")  # it was not planted
    if not i.raw and place != "st":
        return {re.sub("[\ud800-\udfff]", "\ufffd", text), re.sub("[\ud800-\udfff]", "\ufffd\ufffd\ufffd", text)}
    raw = injections.encode(i, text)
    ansi = "".join(bytes([b]).decode("cp1252", "replace") if b not in (0x81, 0x8d, 0x8f, 0x90, 0x9d) else chr(b) for b in raw)
    return {re.sub("[\udc80-\udcff]", "\ufffd", text), ansi}


def round_trip(name, raw, corpus, place):
    """The text before each mark of a place is what was planted."""
    values = {}
    for text in texts(json.loads(raw)) if raw[:1] != b"\n" else ():
        for m in MARK.finditer(text):
            if m.group(2) == place:
                values.setdefault(int(m.group(1)), set()).add(text[:m.start()])
    for i in corpus:
        if i.number in values and len(i.text) < 100:
            check(name, values[i.number] & expected(i, place), f"{i.name}: {sorted(values[i.number])[:2]!a}")
    return len(values)


# --- the sinks --------------------------------------------------------------------------------------

ALL = tuple(injections.RULES)
LONG = ("size/long-word", "size/long-wide", "size/many-lines", "unicode/combining", "unicode/thai", "html/pre-end",
        "html/foreign-object")  # sentences are cut behind 200 characters or so
NAMES = ("terminal/delete", "path/up-windows")  # a member of an archive with such a name is a gap
ROWS = ("size/many-lines", "reader/markdown-table")  # no reader of CSV could tell where such a row ends: a gap
SCAN = ("--pack", "hostile-text", "--rules", "rules", "--indicators", "list.json")


SMALL = ("ev/C/inetpub/logs", "ev/C/exported.jsonl")


class Set:
    """Evidence, rules, lists and a case, of hostile texts or of plain ones."""

    def __init__(self, work, corpus):
        self.work, self.corpus = work, corpus
        work.mkdir()
        self.planted = injections.write(work / "ev", corpus)
        injections.write_pack(work / "hostile-text", corpus)
        injections.write_rules(work / "rules", corpus)
        injections.write_indicators(work / "list.json", corpus)
        self.plain = {}  # pages of harmless texts
        status, _, err = run("scan", *SMALL, *SCAN, "-o", "small.db", cwd=work)
        check("scan of a part", status == 1, f"status {status} {err[:400]}")

    def scan(self):
        """All of it; a page of two hundred hosts is more than a browser reads in a test."""
        status, self.json, err = self.run("scan", "ev", *SCAN, "-o", "case.db", "--format", "json")
        check("scan", status == 1, f"status {status} {err[:400]}")

    def run(self, *args):
        return run(*args, cwd=self.work)


def scans(bad):
    text = as_json("scan json", bad.json)
    shown("scan json", text, ALL, bad.planted, missing=LONG + ROWS + NAMES)
    for place, least in (("st", 150), ("ej", 150), ("pa", 150), ("ed", 150), ("rv", 100)):
        n = round_trip("scan json " + place, bad.json, bad.corpus, place)
        check("scan json", n > least, f"{n} values of {place}")
    _, out, err = bad.run("scan", "ev", *SCAN)
    text = terminal("scan text", out) + terminal("scan text, errors", err)
    shown("scan text", text, ("st", "us", "eh"), bad.planted, share=0.3)
    _, out, err = bad.run("scan", "ev", *SCAN, "--format", "csv")
    shown("scan csv", as_csv("scan csv", out), ALL, bad.planted, missing=LONG + ROWS + NAMES)
    terminal("scan csv, errors", err)
    _, out, err = bad.run("scan", "ev", *SCAN, "--format", "jsonl")
    shown("scan jsonl", as_lines("scan jsonl", out), ALL, bad.planted, missing=LONG + ROWS + NAMES)


OWN_COLOURS = re.compile(r"\x1b\[(0|1|2|1;31|1;32|1;33|31|32|33|36)?m|\x1b\[K|\r")


def colours(bad):
    """On a terminal there are colours and progress of ours, and nothing else."""
    for name, args in (("scan", ("scan", "ev", *SCAN)), ("explain", ("explain", "case.db", first(bad, "ej"))),
                       ("search", ("search", "ev", "zq")), ("search of a case", ("search", "case.db", "zq"))):
        pid, fd = pty.fork()
        if pid == 0:
            os.chdir(bad.work)
            os.environ.pop("NO_COLOR", None)
            os.environ["TERM"] = "xterm"
            os.execv(assay, [assay, *args])
        raw = b""
        while select.select([fd], [], [], 60)[0]:
            try:
                part = os.read(fd, 65536)
            except OSError:
                break
            if not part:
                break
            raw += part
        os.close(fd)
        os.waitpid(pid, 0)
        text = raw.decode("utf-8", "replace")
        check(name + " on a terminal", "\x1b[" in text, "no colours: is it taken for a terminal?")
        quiet(name + " on a terminal", OWN_COLOURS.sub("", text).encode())


def first(bad, place):
    """The id of the first finding of a place."""
    return [f["id"] for f in json.loads(bad.json)["findings"] if f["rule"]["title"] == "place " + place][0]


def explains(bad):
    """Each text once, in each form; half of them by the fact, half by the finding."""
    ids = {}
    found = json.loads(bad.json)
    for host in found["hosts"]:
        for fact in host["facts"]:
            m = MARK.search(fact["what"])
            if m:
                ids.setdefault((int(m.group(1)), m.group(2)), fact["id"])
    places = ("ej", "st", "pa", "fn", "rv", "ed", "eh", "tc", "ms", "rn")
    marks = set()
    for i in bad.corpus:
        for n in range(len(places)):
            place = places[(i.number + n) % len(places)]
            if (i.number, place) in ids:
                break
        else:
            continue
        for form in ("text", "json") if i.number % 4 == 0 else ("text",):
            status, out, err = bad.run("explain", "case.db", ids[i.number, place], "--format", form)
            name = f"explain {form} {i.name}"
            check(name, status == 0, f"status {status} {err[:200]}")
            text = as_json(name, out) if form == "json" else terminal(name, out)
            check(name, i.mark(place) in re.sub(r"\n\s*", "", text) or i.name in LONG, "not shown")
            marks.add(i.number)
    check("explain", len(marks) > 190, f"only {len(marks)} explained")


def searches(bad):
    for form, reader in (("text", terminal), ("json", as_json), ("jsonl", as_lines), ("csv", as_csv)):
        args = ("--format", form, "--fields", "Payload,Certificate,cs-uri-stem,UrlStem,message-subject,Value,Path,Json")
        status, out, err = bad.run("search", "ev", "zq", *args)
        check("search", status == 0, f"status {status} {err[:200]}")
        terminal("search, errors", err)
        text = reader("search " + form, out)
        shown("search " + form, text.replace("\n", ""), ("st", "ed", "ej", "pu"), bad.planted, share=0.9, missing=ROWS)


def dumps(bad):
    for top in (bad.work / "ev").iterdir():
        for path in [top] if top.is_file() else [p for p in top.rglob("*") if p.is_file() and (
                "Logs" in str(p) or "Logging" in str(p) or "LogFiles" in str(p) or p.name == "SOFTWARE")]:
            _, out, err = bad.run("dump", str(path), "--decode")
            terminal("dump, errors", err)
            text = as_lines("dump", out)
            check("dump", MARK.search(text), path)
    for path in [p for p in (bad.work / "ev/C/inetpub/wwwroot/app").iterdir() if p.is_file()][::5]:
        _, out, err = bad.run("dump", str(path))
        as_lines("dump of a page", out)
        terminal("dump of a page, errors", err)


def errors(bad):
    """What was typed wrong is repeated."""
    calls = [("scan", "{}"), ("dump", "{}"), ("explain", "case.db", "{}"), ("explain", "{}", "abc"), ("scan", "ev", "--rules", "{}"),
             ("scan", "ev", "--level", "{}"), ("scan", "ev", "--from", "{}"), ("scan", "ev", "--pack", "{}"),
             ("scan", "ev", "--format", "{}"), ("search", "ev", "{}: ("), ("search", "ev", "a|{}: b"), ("packs", "show", "{}"),
             ("rules", "check", "{}"), ("rules", "list", "--rules", "{}"), ("indicators", "check", "{}"), ("{}",),
             ("scan", "--{}"), ("timeline", "{}"), ("timeline", "case.db", "--host", "{}"), ("export", "case.db", "--format", "{}"),
             ("export", "{}", "--format", "csv"), ("export", "case.db", "-o", "{}/x"), ("timeline", "case.db", "--redact-key", "{}"),
             ("scan", "ev", "--tune", "{}"), ("scan", "ev", "--geoip", "{}"), ("scan", "ev", "--profile", "{}"),
             ("scan", "ev", "--jobs", "{}"), ("scan", "ev", "--pipeline", "{}"), ("scan", "ev", "--placeholder", "{}=x"),
             ("explain", "ev", "--rule", "{}", "--record", "1"), ("rules", "{}"), ("scan", "ev", "--yara-logs={}")]
    for i in bad.corpus:
        word = i.utf8().replace(b"\0", b"")[:2000] or b"x"
        call = [part.encode().replace(b"{}", word) for part in calls[i.number % len(calls)]]
        name = f"error of {call[0][:20].decode('utf-8', 'replace')!a} {i.name}"
        _, out, err = bad.run(*call)
        terminal(name, err)
        if len(out) < 1 << 20:
            terminal(name, out)


def lists(bad):
    """Commands that show packs, rules and lists of indicators."""
    broken = bad.work / "broken"
    broken.mkdir()
    for i in bad.corpus:
        body = i.utf8()
        (broken / f"b{i.number}.yml").write_bytes(b"title: " + body + b"\nid: x\nlogsource: {product: " + body +
                                                  b"}\ndetection:\n  s:\n    a|" + body + b": 1\n  condition: s and " + body + b"\n")
        (broken / f"c{i.number}.yml").write_text(
            f"title: x\nid: {injections.yaml(i)}\nstatus: {injections.yaml(i)}\nlevel: {injections.yaml(i)}\nlogsource: "
            f"{{product: {injections.yaml(i)}}}\ndetection:\n  s:\n    {injections.yaml(i, '|zz')}: {injections.yaml(i)}\n"
            f"  condition: {injections.yaml(i)}\ntags: [{injections.yaml(i)}]\n")
    (bad.work / "broken.txt").write_bytes(b"\n".join(i.utf8().replace(b"\n", b" ") + b"\tzq" for i in bad.corpus))
    (bad.work / "broken.csv").write_bytes(b"type,value,description\n" + b"\n".join(
        injections.quoted(i, i.text) + b"," + injections.quoted(i, i.text) + b"," + injections.quoted(i, i.text) for i in bad.corpus))
    shutil.copytree(bad.work / "hostile-text", bad.work / "bad-pack/broken-pack")
    slips = (bad.work / "hostile-text/pack.yml").read_text() + "".join(
        f"{injections.scalar(i.put[:80] + i.mark('ke'))}: 1\n" for i in bad.corpus)
    (bad.work / "bad-pack/broken-pack/pack.yml").write_text(slips)
    for args, reader, marks in (
            (("rules", "list", "--rules", "rules"), terminal, ("ti",)),
            (("rules", "list", "--rules", "rules", "--format", "csv"), as_csv, ("ti",)),
            (("rules", "list", "--rules", "rules", "--format", "json"), as_json, ("ti",)),
            (("rules", "list", "--rules", "broken"), terminal, ()),
            (("rules", "list", "--rules", "broken", "--format", "csv"), as_csv, ()),
            (("rules", "list", "--rules", "broken", "--format", "json"), as_json, ()),
            (("rules", "check", "rules"), terminal, ()), (("rules", "check", "broken"), terminal, ()),
            (("rules", "check", "broken", "--format", "json"), as_json, ()),
            (("rules", "test", "rules"), terminal, ()),
            (("rules", "coverage", "ev", "--rules", "rules"), terminal, ()),
            (("rules", "coverage", "ev", "--rules", "rules", "--format", "json"), as_json, ()),
            (("rules", "coverage", "ev", "--rules", "rules", "--format", "csv"), as_csv, ()),
            (("scan", "ev/C/exported.jsonl", "--rules", "broken"), terminal, ()),
            (("packs", "show", "hostile-text"), terminal, ()), (("packs", "show", "hostile-text", "--collect"), terminal, ()),
            (("packs", "check", "hostile-text"), terminal, ()), (("packs", "check", "bad-pack/broken-pack"), terminal, ("ke",)),
            (("packs", "list"), terminal, ()),
            (("indicators", "check", "list.json"), terminal, ()), (("indicators", "check", "broken.txt"), terminal, ()),
            (("indicators", "check", "broken.csv"), terminal, ())):
        _, out, err = bad.run(*args)
        name = " ".join(args[:2] + args[-1:])
        text = reader(name, out) + terminal(name + ", errors", err)
        check(name, out or err, "nothing was said")
        for place in marks:
            n = len(set(m.group(1) for m in MARK.finditer(text) if m.group(2) == place))
            check(name, n > 150, f"{n} marks of {place}")


# --- a case that is hostile itself ---------------------------------------------------------------------

def texts_replaced(value, corpus, count, keep):
    """A document whose texts are hostile. keep: those that say what a thing is; others would refuse them."""
    if isinstance(value, dict):
        return {k: texts_replaced(v, corpus, count, keep or k in ("schema", "state", "id", "time")) for k, v in value.items()}
    if isinstance(value, list):
        return [texts_replaced(v, corpus, count, keep) for v in value]
    if not isinstance(value, str) or keep or re.fullmatch(r"[a-z_]{2,24}|[0-9a-f]{12}|\d{4}-\d\d-\d\dT.*", value):
        return value
    count[0] += 1
    i = corpus[count[0] % len(corpus)]
    return value if i.raw else i.put[:300] + i.mark("dc")


def change_document(db, corpus):
    for number, text in db.execute("SELECT id, json FROM verdict").fetchall():
        changed = json.dumps(texts_replaced(json.loads(text), corpus, [0], False))
        changed = re.sub(r"\\ud[89a-f][0-9a-f]{2}", lambda m: m.group(), changed)
        db.execute("UPDATE verdict SET json = ?, digest = ? WHERE id = ?",
                   (changed, hashlib.sha256(changed.encode()).hexdigest(), number))


REFERS = {"id", "host", "evidence", "finding", "fact", "verdict", "pack", "place", "part", "source", "digest", "json", "sha256", "key"}
KINDS = {"rule_source", "level", "axis", "state", "confidence", "exposure", "entry", "backdoor", "action", "loss", "headline"}


def columns(db):
    for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'").fetchall():
        for row in db.execute(f"PRAGMA table_info({table})").fetchall():
            yield table, row[1], row[2], bool(row[5])


def change_cells(db, corpus, wanted, value):
    """Other values for cells of all rows, in turn."""
    for table, column, kind, key in columns(db):
        if not wanted(table, column, kind) or key:
            continue
        rows = db.execute(f"SELECT {'rowid' if table in ('host', 'evidence', 'finding', 'fact', 'verdict') else '*'} "
                          f"FROM {table}").fetchall()
        if table in ("host", "evidence", "finding", "fact", "verdict"):
            db.executemany(f"UPDATE OR IGNORE {table} SET {column} = CAST(? AS {value[0]}) WHERE rowid = ?",
                           [(value[1](corpus[n % len(corpus)]), row[0]) for n, row in enumerate(rows)])
        else:
            db.execute(f"UPDATE OR IGNORE {table} SET {column} = CAST(? AS {value[0]})", (value[1](corpus[len(rows) % len(corpus)]),))


CHANGES = {
    "its document": change_document,
    "its texts": lambda db, corpus: change_cells(
        db, corpus, lambda t, c, k: k in ("TEXT", "BLOB") and c not in REFERS and c not in KINDS,
        ("TEXT", lambda i: i.utf8()[:4000] + i.mark("cs").encode())),
    "its words": lambda db, corpus: change_cells(
        db, corpus, lambda t, c, k: c in KINDS, ("TEXT", lambda i: i.utf8()[:4000])),
    "its references": lambda db, corpus: change_cells(
        db, corpus, lambda t, c, k: c in REFERS and c not in ("json", "digest"), ("TEXT", lambda i: i.utf8()[:4000])),
    "its numbers": lambda db, corpus: change_cells(
        db, corpus, lambda t, c, k: k == "INTEGER" and c not in REFERS,
        ("INTEGER", lambda i: (-1, 0, 2 ** 63 - 1, -2 ** 63, 2 ** 32)[i.number % 5])),
    "texts for its numbers": lambda db, corpus: change_cells(
        db, corpus, lambda t, c, k: k == "INTEGER" and c not in REFERS, ("BLOB", lambda i: i.utf8()[:4000])),
}


def as_any(name, raw):
    """One document of JSON, or lines of it, or a table, whatever the output is."""
    return terminal(name, raw.replace(b"\r\n", b"\n"))


def of_case(bad, path, name, whole, pages=False):
    """Every command that shows a case. whole: it must be shown; else it may be refused."""
    out = {}
    for sink, (args, reader, _) in CASE_SINKS.items():
        if not has(args[0]) or pages != ("page.html" in args):
            continue
        page = bad.work / "page.html"
        page.unlink(missing_ok=True)
        status, raw, err = bad.run(*[a.replace("CASE", path) for a in args])
        told = f"{sink} of {name}"
        terminal(told + ", errors", err)
        check(told, status in (0, 1, 3) if whole else status in (0, 1, 2, 3), f"status {status} {err[:300]}")
        if status == 2:
            continue
        if "page.html" in args:
            raw = page.read_bytes()
        out[sink] = (raw, reader(told, raw) if reader else raw.decode("utf-8", "replace"))
    return out


CASE_SINKS = {  # name: (arguments, reader, places that must be shown)
    "timeline csv": (("timeline", "CASE"), as_csv, ALL),
    "timeline evidence": (("timeline", "CASE", "--kind", "evidence"), as_csv, ()),
    "timeline jsonl": (("timeline", "CASE", "--format", "jsonl"), as_lines, ALL),
    "timeline timesketch": (("timeline", "CASE", "--format", "timesketch"), as_lines, ("st", "ed", "pa")),
    "timeline redacted": (("timeline", "CASE", "--redact"), as_csv, ()),
    "export csv": (("export", "CASE", "--format", "csv"), as_csv, ("eh",)),
    "export csv, facts": (("export", "CASE", "--format", "csv", "--table", "facts"), as_csv, ALL),
    "export csv, evidence": (("export", "CASE", "--format", "csv", "--table", "evidence"), as_csv, ()),
    "export jsonl": (("export", "CASE", "--format", "jsonl"), as_lines, ("eh",)),
    "export jsonl, facts": (("export", "CASE", "--format", "jsonl", "--table", "facts"), as_lines, ALL),
    "export stix": (("export", "CASE", "--format", "stix"), as_stix, ()),
    "export misp": (("export", "CASE", "--format", "misp"), as_json, ()),
    "search of a case": (("search", "CASE", "zq"), terminal, ALL),
    "search of a case, csv": (("search", "CASE", "zq", "--format", "csv", "--fields", "title,what,excerpt"), as_csv, ALL),
    "search of a case, json": (("search", "CASE", "zq", "--format", "json"), as_json, ALL),
    "search of a case, jsonl": (("search", "CASE", "zq or sha256: '*' or id: '*'", "--format", "jsonl"), as_lines, ALL),
    "export notice": (("export", "CASE", "--format", "notice"), terminal, ()),
    "report": (("report", "CASE"), terminal, ("st",)),
    "report, Japanese": (("report", "CASE", "--lang", "ja"), terminal, ()),
    "report page": (("report", "CASE", "--html", "page.html"), None, ()),
    "report page, Japanese": (("report", "CASE", "--lang", "ja", "--html", "page.html"), None, ()),
    "export jsonl, redacted": (("export", "CASE", "--format", "jsonl", "--redact"), as_lines, ()),
}


def cases(bad):
    """The case of the hostile evidence, as every command shows it."""
    for sink, (_, text) in of_case(bad, "case.db", "the case", True).items():
        if CASE_SINKS[sink][2]:
            share = 0.05 if sink == "report" else 1.0
            shown(sink, text.replace("\n", ""), CASE_SINKS[sink][2], bad.planted, share=share, missing=LONG + ROWS + NAMES)


def pages(bad):
    """The page, beside that of harmless texts in the same places."""
    if not has("report"):
        return
    plain = Set(bad.work.parent / "plain", injections.harmless(bad.corpus))
    bad.plain = {sink: raw for sink, (raw, _) in of_case(plain, "small.db", "the plain case", True, True).items()}
    for sink, (raw, _) in of_case(bad, "small.db", "the small case", True, True).items():
        text = as_page(sink, raw, bad.plain[sink])
        shown(sink, text, ("st", "us", "ej"), bad.planted, share=0.3)
        n = 0
        for i in bad.corpus:  # markup is text: nothing of it was taken for an element
            if i.name.split("/")[0] in ("html", "attribute", "template") and all(" " <= c <= "~" for c in i.text):
                whole = i.text.replace(" ", "+") + i.mark("st")
                n += whole in text
                check(sink, whole in text or i.mark("st") not in text or i.name in LONG, f"{i.name} is not shown as it is")
        check(sink, n > 20, f"{n} texts of markup are shown")
        path = bad.work / "shown.html"
        path.write_bytes(raw)
        if "Japanese" not in sink:
            in_browser(sink, path, bad.work)


def sealed(bad):
    """The manifest of a case with hostile paths, and what is said of a changed one."""
    status, out, err = bad.run("seal", "--new-key", "made.key")
    check("seal", status == 0, err)
    status, out, err = bad.run("seal", "case.db", "--key", "made.key", "--force")
    check("seal", status == 0, err)
    terminal("seal", out + err)
    manifest = (bad.work / "case.db.manifest").read_bytes()
    terminal("manifest", manifest)
    columns = {line.split(b"\t")[0]: line.count(b"\t") for line in manifest.split(b"\n")}
    check("manifest", all(line.count(b"\t") == columns[line.split(b"\t")[0]] for line in manifest.split(b"\n")
                          if line.split(b"\t")[0] in (b"part", b"file", b"member", b"row", b"setup")),
          "a line has other columns than those of its kind")
    for form, reader in (("text", terminal), ("json", as_json)):
        status, out, err = bad.run("verify", "case.db", "--key", "made.key.pub", "--evidence", "--format", form)
        check("verify " + form, status == 0, f"status {status} {out[-600:]} {err}")
        reader("verify " + form, out)
    bad.run("seal", "small.db")
    manifest = (bad.work / "small.db.manifest").read_bytes()
    shutil.copy(bad.work / "small.db.manifest", bad.work / "changed.db.manifest")
    for name, change in CHANGES.items():
        change_case(bad, change)
        for form, reader in (("text", terminal), ("json", as_json)):
            status, out, err = bad.run("verify", "changed.db", "--evidence", "--format", form)
            told = f"verify {form} of {name} changed"
            check(told, status in (1, 2), f"status {status}")
            terminal(told, err)
            if out:
                reader(told, out)
    lines = manifest.split(b"\n")
    for i in bad.corpus[::8]:
        line = lines[i.number % len(lines)].split(b"\t")
        line[i.number % len(line)] = i.utf8().replace(b"\n", b"")
        changed = lines[:]
        changed[i.number % len(lines)] = b"\t".join(line)
        (bad.work / "changed.db.manifest").write_bytes(b"\n".join(changed))
        shutil.copy(bad.work / "small.db", bad.work / "changed.db")
        status, out, err = bad.run("verify", "changed.db")
        terminal("verify of a changed manifest", out + err)


def progress(bad):
    """How far it is, for programs."""
    _, _, err = bad.run("scan", "ev", "--progress", "json", "--format", "jsonl")
    as_lines("progress", b"".join(line + b"\n" for line in err.split(b"\n") if line.startswith(b"{")))
    check("progress", b"{" in err, "nothing was told")
    terminal("progress", err)


def change_case(bad, change):
    """Makes changed.db; gives the ids of some of its findings and facts."""
    path = bad.work / "changed.db"
    shutil.copy(bad.work / "small.db", path)
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA foreign_keys = OFF")
        db.execute("DELETE FROM finding WHERE rowid % 8")  # fewer rows tell as much
        db.execute("DELETE FROM fact WHERE rowid % 8")
        change(db, bad.corpus)
        db.commit()
        return [r[0] for r in db.execute("SELECT id FROM finding UNION ALL SELECT id FROM fact")][::50]


def hostile_cases(bad):
    for name, change in CHANGES.items():
        ids = change_case(bad, change)
        out = of_case(bad, "changed.db", "a case with other values for " + name, False)
        if name == "its references" and "export jsonl" in out:
            n = out["export jsonl"][0].count(b"\n")
            check("export of a case whose rows refer to nothing", n > 50, f"{n} findings")
        told = "a case with other values for " + name
        for sink, (raw, _) in of_case(bad, "changed.db", told, False, True).items():
            if "Japanese" not in sink and name in ("its document", "its texts", "its words"):
                as_page(f"{sink} of {told}", raw, bad.plain[sink])
        for i in ids:
            if isinstance(i, str) and re.fullmatch("[0-9a-f]{12}", i):
                for form, reader in (("text", terminal), ("json", as_json)):
                    told = f"explain {form} of {name} changed"
                    status, out, err = bad.run("explain", "changed.db", i, "--format", form)
                    terminal(told, err)
                    if status == 0:
                        reader(told, out)


def has(command):
    return command in COMMANDS


def main():
    global COMMANDS
    keep = pathlib.Path(sys.argv[4]) if len(sys.argv) > 4 else None
    COMMANDS = re.findall(r"^\s+(\w+)", run("--help")[1].decode(), re.M)
    corpus = injections.load(source / "tests/data/injections.json")
    with tempfile.TemporaryDirectory() as name:
        work = keep or pathlib.Path(name)
        bad = Set(work / "bad", corpus)
        bad.scan()
        for part in (scans, colours, explains, searches, dumps, errors, lists, progress, cases, pages, hostile_cases, sealed):
            start = time.monotonic()
            part(bad)
            timing[part.__name__] = f"{time.monotonic() - start:.1f} s"
            if keep:
                print(part.__name__, timing[part.__name__], problems, flush=True)
    for p in problems:
        print("FAIL", p)
    print(timing)
    print(f"{len(corpus)} texts, {len({p.place for p in bad.planted})} places, {len(bad.planted)} planted: "
          f"{checks} checks, {len(problems)} failed")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
