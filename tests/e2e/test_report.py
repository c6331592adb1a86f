#!/usr/bin/env python3
"""The report of a case: strict HTML, everything of the document in it, no way out for hostile
text, languages as data.

usage: test_report.py ASSAY GENERATOR
"""
import base64
import hashlib
import html.parser
import json
import os
import pathlib
import re
import sqlite3
import subprocess
import sys
import tempfile

assay, generator = (os.path.abspath(a) for a in sys.argv[1:3])
source = pathlib.Path(__file__).resolve().parents[2]
problems = []

VOID = {"br", "meta"}
TAGS = {"html", "head", "meta", "title", "style", "body", "a", "header", "h1", "h2", "h3", "h4", "h5",
        "p", "strong", "nav", "ul", "ol", "li", "main", "section", "article", "span", "bdi", "i",
        "dl", "dt", "dd", "div", "code", "table", "caption", "thead", "tbody", "tr", "th", "td",
        "br", "time", "figure", "figcaption", "details", "summary", "svg", "g", "path", "rect",
        "line", "text", "footer"}


def check(name, ok, text=""):
    if not ok:
        problems.append("%s: %s" % (name, text))


def run(*args, want=0):
    done = subprocess.run([assay, *map(str, args)], capture_output=True, timeout=300, check=False)
    check(" ".join(map(str, args)), done.returncode == want,
          "exit %d: %s" % (done.returncode, done.stderr.decode()[:400]))
    return done.stdout


class Page(html.parser.HTMLParser):
    """Every element is closed in order, known, and without anything that acts or loads."""

    def __init__(self, name, text):
        super().__init__(convert_charrefs=True)
        self.name, self.open, self.ids, self.links = name, [], [], []
        self.style, self.csp, self.text, self.levels = "", "", [], []
        self.english, self.lang = [], None
        self.feed(text)
        self.close()
        check(name, not self.open, "left open: %s" % self.open)

    def handle_starttag(self, tag, attrs):
        if tag == "html":
            self.lang = dict(attrs).get("lang")
        check(self.name, tag in TAGS, "element <%s>" % tag)
        keys = [k for k, _ in attrs]
        check(self.name, len(keys) == len(set(keys)), "twice an attribute in <%s>" % tag)
        for key, value in attrs:
            check(self.name, not key.startswith("on") and key not in ("style", "src", "srcset", "action"),
                  "attribute %s" % key)
            if key == "id":
                self.ids.append(value)
            if key == "href":
                check(self.name, value.startswith("#"), "link to %s" % value)
                self.links.append(value[1:])
        attrs = dict(attrs)
        if tag == "meta" and attrs.get("http-equiv") == "Content-Security-Policy":
            self.csp = attrs["content"]
        if tag == "th" and "scope" not in attrs:
            check(self.name, False, "<th> without scope")
        if re.fullmatch("h[1-6]", tag):
            self.levels.append(int(tag[1]))
        if tag not in VOID:
            self.open.append((tag, attrs.get("lang")))

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        top = self.open.pop()[0] if self.open else None
        check(self.name, top == tag, "</%s> closes <%s>" % (tag, top))

    def handle_data(self, data):
        if self.open and self.open[-1][0] == "style":
            self.style += data
        else:
            self.text.append(data)
        if any(lang == "en" for tag, lang in self.open if tag != "html"):
            self.english.append(data)


def parse(name, raw):
    page = Page(name, raw.decode("utf-8"))
    check(name, len(page.ids) == len(set(page.ids)),
          "ids twice: %s" % [i for i in page.ids if page.ids.count(i) > 1][:5])
    missing = [a for a in page.links if a not in set(page.ids)]
    check(name, not missing, "links to nothing: %s" % missing[:5])
    digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
    check(name, "default-src 'none'" in page.csp and "'sha256-%s'" % digest in page.csp and
          "unsafe" not in page.csp, "CSP %s, style %s" % (page.csp, digest))
    check(name, not re.search(r"url\(|@import", page.style), "the style sheet loads something")
    check(name, page.levels[:1] == [1] and all(b <= a + 1 for a, b in
          zip(page.levels, page.levels[1:])), "headings %s" % page.levels)
    return page


def words_of(page):
    return re.sub(r"\s+", " ", "".join(page.text))


def shown(text):
    """As html_text writes it, with the marks of what is not seen."""
    return re.sub(r"[\x00-\x1f\x7f]", lambda m: "U+%04X" % ord(m.group()), text)


def everything_is_there(name, page, document, files):
    text = words_of(page)

    def want(what, value):
        if value is not None and str(value):
            said = re.sub(r"\s+", " ", shown(str(value)))[:1000]
            check(name, said in text, "%s is missing: %.120r" % (what, said))

    def times(what, *values):
        for value in values:
            if value:
                want(what, value[:19].replace("T", " "))

    for host in document["hosts"]:
        want("host", host["host"])
        want("clock", host["clock"])
        for other in host["clock_against"]:
            want("clock against", other["host"])
            want("clock against", other["ahead_seconds"])
        for pack, why in zip(host["not_applicable"], host["not_applicable_why"]):
            want("pack", "%s: %s" % (pack, why))
        for fact in host["facts"]:
            check(name, "f-" + fact["id"] in page.ids, "no entry of fact " + fact["id"])
            want("what", fact["what"])
            times("fact", fact["time"])
            for key in ("object", "request", "mailbox"):
                want(key, fact[key])
            for who in fact["initiators"]:
                want("initiator", who)
            for w in fact["where"][:64]:
                want("place", w["path"])
            for finding in fact["findings"][:64]:
                want("finding", finding)
        for c in host["campaigns"]:
            want("title", c["title"])
            want("headline", c["headline"])
            want("window", c["window"]["why"])
            times("window", c["window"]["from"], c["window"]["to"])
            for phase in c["window"]["phases"]:
                want("phase", phase["what"])
            for axis in ("exposure", "entry", "backdoor", "action", "loss"):
                want(axis, c[axis]["state"])
                want(axis, c[axis]["reason"])
                times(axis, c[axis]["first"], c[axis]["last"])
            for i in c["exposure"]["intervals"]:
                want("build", i["build"])
                want("build", i["name"])
                times("interval", i["from"], i["to"])
            for i in c["entry"]["initiators"]:
                want("initiator", i["value"])
            for i in c["entry"].get("candidates", []):
                want("candidate", i)
            for i in c["backdoor"]["items"]:
                want("item", i["what"])
                want("item", i["where"])
                want("presence", i["presence"]["why"])
                times("item", i["written"], i["use"]["first"], i["use"]["last"])
            for a in c["loss"]["archives"]:
                want("archive", a["where"])
            for s in c["loss"]["secrets"]:
                want("secret", s["words"])
            want("unbounded", c["loss"].get("unbounded_why"))
            for row in c["coverage"]:
                want("source", row["source"])
                want("part", row["part"])
                want("doubt", row["doubt"])
                for gap in row["gaps"][:8] + row["holes"][:8] + row["intervals"][:8]:
                    times("coverage", gap["from"], gap["to"])
            for link in c["chain"]:
                want("link", link["by"])
            for hint in c["hints"]:
                for key in ("actor", "value", "source"):
                    want("hint", hint[key])
            own = {a["id"]: a["text"] for a in document["advice"] if a["pack"] == c["id"]}
            for a in c["advice"]:
                earlier = any(a in e["advice"] for e in host["campaigns"][:host["campaigns"].index(c)])
                if a in own and not earlier:
                    want("advice", own[a].replace("`", ""))
    for gap in document["gaps"]:
        want("gap", gap["path"])
        want("gap", gap["why"])
    for s in document["suppressed"]:
        want("suppressed", s["reason"])
    for cluster in document["clusters"]:
        want("cluster", cluster["id"])
        for s in cluster["shared"]:
            want("shared", s["value"])
    for p in document["packs"]:
        want("pack", p["id"])
    for n in document["stats"].values():
        want("amount", n)
    for f in document["findings"]:
        want("rule", f["rule"]["title"])
        want("rule", f["rule"]["id"])
    for e in files:
        want("evidence", e["path"])
        want("evidence", e["sha256"])


def scan(work, name, *options):
    """The case, and its document with the rows of findings and evidence that belong to it."""
    case = work / (name + ".case")
    subprocess.run([assay, "scan", *map(str, options), "-o", str(case)], capture_output=True,
                   timeout=300, check=False)
    db = sqlite3.connect(case)
    document = json.loads(db.execute("SELECT json FROM verdict ORDER BY id DESC LIMIT 1").fetchone()[0])
    document["findings"] = [{"rule": {"id": rule, "title": title}} for rule, title in
                            db.execute("SELECT DISTINCT rule, title FROM finding")]
    document["evidence"] = [{"path": path, "sha256": digest} for path, digest in
                            db.execute("SELECT path, sha256 FROM evidence ORDER BY path, id")]
    db.close()
    return case, document


def looks_right(work, name, *options, tone):
    case, document = scan(work, name, *options)
    raw = run("report", case, "--html", "-")
    check(name, raw == run("report", case, "--html", "-"), "two reports of one case differ")
    page = parse(name, raw)
    check(name, 'class="card %s"' % tone in raw.decode(), "the first card is not %s" % tone)
    cited = {w["sha256"] for h in document["hosts"] for f in h["facts"] for w in f["where"]}
    files = [e for e in document["evidence"] if e["sha256"] in cited]
    seen = set()
    firsts = [e for e in files if not (e["sha256"] in seen or seen.add(e["sha256"]))]
    everything_is_there(name, page, document, firsts)
    run("report", case)
    return case, document, page


def japanese(name, case):
    """Every sentence of the judge is translated; titles of rules may stay English."""
    page = parse(name + " ja", run("report", case, "--html", "-", "--lang", "ja"))
    check(name, page.lang == "ja", "lang is %s" % page.lang)
    run("report", case, "--lang", "ja")
    return page


def judge_texts():
    """What the judge says in fixed sentences, from its source."""
    texts = set()
    for path in (source / "src/judge").glob("*.c"):
        code = re.sub(r'"\s*\n\s*"', "", path.read_text(encoding="utf-8"))
        for m in re.finditer(r'(?:STR\(\s*|doubt = STR\(|\[\] = )"((?:[^"\\]|\\.)*)"', code):
            if re.search(r"[a-z] [a-z]+ [a-z]", m.group(1)) and m.group(1)[:2] != ": ":
                texts.add(m.group(1))
    return texts


def plain(text):
    """A scalar of YAML on one line, as the packs write it."""
    text = text.strip()
    if text.startswith('"'):
        return json.loads(text)
    return text[1:-1].replace("''", "'") if text.startswith("'") else text


def pack_texts():
    """All that the shipped packs can make a report say: (pack, what it is, the English sentence)."""
    found = []
    for pack in sorted((source / "packs").iterdir()):
        text = (pack / "pack.yml").read_text(encoding="utf-8")
        found += [(pack.name, "title", plain(m)) for m in re.findall(r"^title: (.*)$", text, re.M)]
        found += [(pack.name, "phase", plain(m)) for m in
                  re.findall(r'^  - \{id: .*, from: .*what: ("(?:[^"\\]|\\.)*")\}$', text, re.M)]
        advice = text.split("\nadvice:\n", 1)[1] if "\nadvice:\n" in text else ""
        advice = re.split(r"\n(?=[a-z_]+:)", advice)[0]
        found += [(pack.name, "advice", plain(m)) for m in re.findall(r'text: ("(?:[^"\\]|\\.)*")', advice)]
        for rule in sorted((pack / "rules").glob("*.yml")):
            found += [(pack.name, rule.name, plain(m)) for m in
                      re.findall(r"^  what: (.*)$", rule.read_text(encoding="utf-8"), re.M)]
    return found


HOLE = r"\{[^}]+\}"


def words_of_ours(text):
    return re.search("[a-z]", re.sub(HOLE, "", text))


def translated():
    """The catalogue of Japanese has every text of the packs, in a template that is meant for it."""
    japan = (source / "data/lang/ja.txt").read_text(encoding="utf-8").split("\n[sentences]\n")[1]
    pairs = re.findall(r"^= (.*)\n> (.*)$", japan, re.M)
    check("pack texts", len(pairs) > 400 and len(set(e for e, _ in pairs)) == len(pairs), "%d, some twice" % len(pairs))
    for english, other in pairs:
        holes = sorted(re.findall(r"\{\*?([a-z0-9_]+)\}", english))
        check("pack texts", set(re.findall(r"\{\*?([a-z0-9_]+)\}", other)) <= set(holes), "holes of: " + english)
        check("pack texts", re.search("[\u3040-\u30ff\u4e00-\u9fff]", other), "not Japanese: " + other)
    templates = [(english, re.compile("".join(re.escape(x) if i % 2 == 0 else ".+?" for i, x in
                                              enumerate(re.split("(%s)" % HOLE, english))) + "$", re.S))
                 for english, _ in pairs]
    texts = pack_texts()
    kinds = {kind if kind in ("title", "phase", "advice") else "what" for _, kind, _ in texts}
    check("pack texts", len(texts) > 350 and kinds == {"title", "phase", "advice", "what"}, "%d, %s" % (len(texts), kinds))
    for pack, kind, text in texts:
        said = re.sub(HOLE, "Xx1", text)
        first = next((english for english, r in templates if r.match(said)), None)
        check("pack texts", first or not words_of_ours(text), "%s, %s: not in data/lang/ja.txt: %s" % (pack, kind, text))
        if first:  # a template of a few words could swallow a sentence that says something else
            ours = set(re.findall("[A-Za-z]{3,}", re.sub(HOLE + "|`[^`]*`|\\([^()]*\\)", "", text)))
            there = set(re.findall("[A-Za-z]{3,}", re.sub(HOLE, "", first)))
            check("pack texts", len(ours - there) <= 1, "%s, %s: %s\n    is taken for: %s" % (pack, kind, text, first))


def languages(work, case):
    english = (source / "data/lang/en.txt").read_text(encoding="utf-8")
    japan = (source / "data/lang/ja.txt").read_text(encoding="utf-8")

    def ids(text):
        part = text.split("[sentences]")[0]
        return re.findall(r"^([a-z0-9_.]+) = (.*)$", part, re.M)

    en, ja = dict(ids(english)), dict(ids(japan))
    check("languages", set(en) == set(ja), "ids differ: %s" % sorted(set(en) ^ set(ja)))
    for key in en:
        holes = re.findall(r"\{[a-z]+\}", en[key])
        check("languages", sorted(holes) == sorted(re.findall(r"\{[a-z]+\}", ja.get(key, ""))),
              "holes of %s" % key)
    check("languages", len(ids(english)) == len(en) and len(ids(japan)) == len(ja), "an id twice")

    code = "".join(p.read_text(encoding="utf-8") for p in (source / "src/report").glob("*.c"))
    used = set(re.findall(r'"([a-z_]+\.[a-z_0-9]+)"', code))
    heads = set(re.findall(r'"([a-z_]+\.(?:%s\.)?)"', code)) | {"five.", "ioc.", "stats."}
    check("languages", not [u for u in used if u not in en and not u.startswith("report.")],
          "ids without text: %s" % sorted(u for u in used if u not in en))
    used |= set(re.findall(r'"([a-z]+)"', code))
    idle = [k for k in en if k not in used and not any(k.startswith(h) for h in heads)]
    check("languages", not idle, "texts that nothing uses: %s" % idle)

    templates = re.findall(r"^= (.*)$", japan, re.M)
    patterns = [re.compile("^" + re.sub(r"\\\{\\?\*?[A-Za-z]+\\\}", ".+", re.escape(t)) + "$") for t in templates]
    for text in sorted(judge_texts()):
        if "%" in text:
            continue
        check("languages", any(p.match(text) for p in patterns), "no Japanese for: %s" % text)

    # A third language is a file and nothing else.
    made = re.sub(r"^language .*$", "language xx-made", english, count=1, flags=re.M)
    made = re.sub(r"^([a-z0-9_.]+) = (.*)$", r"\1 = ¡\2!", made, flags=re.M)
    made += "\n[sentences]\n= {who} looked for flaws ({agent})\n> ¡({agent}): {who}!\n"
    own = work / "made.txt"
    own.write_text(made, encoding="utf-8")
    page = parse("made language", run("report", case, "--html", "-", "--lang-file", own))
    check("made language", page.lang == "xx-made" and "¡In short!" in page.text, "not used")
    for bad, why in (("x = y\n", "line 1"), ("language e n\n", "code"),
                     ("language xx\n[texts]\nno text\n", "line 3"),
                     ("language xx\n[sentences]\n= a\n", "without its translation"),
                     ('language "><script>\n', "code"), ("", "empty")):
        own.write_text(bad, encoding="utf-8")
        done = subprocess.run([assay, "report", str(case), "--lang-file", str(own)],
                              capture_output=True, timeout=60, check=False)
        check("bad language", done.returncode == 2 and why in done.stderr.decode(),
              "%r: %s" % (bad, done.stderr.decode()))
    done = subprocess.run([assay, "report", str(case), "--lang", "tlh"], capture_output=True,
                          timeout=60, check=False)
    check("bad language", done.returncode == 2 and "en ja" in done.stderr.decode(), done.stderr)


EVIL = ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='x", "</style>",
        "</title><b>", "<!--", "]]>", "&lt;b&gt;", "javascript:alert(1)", "\u202egpj.exe", "\u2066x\u2069",
        "a\u200bb", "w\u0435b.aspx", "\x1b[2J", "a\x00b", "\ud7ff\ue000", "{n}", "`x`", "%n%s", "x" * 9000,
        "=cmd|' /C calc'!A0"]


def poison(value, n=0):
    """Every free text of a document replaced by an attacker's."""
    keep = {"state", "axis", "schema", "confidence", "basis", "role", "id", "facts", "findings", "from", "to",
            "first", "last", "time", "at", "written", "presence", "use", "logging", "unattributed", "level",
            "time_of", "advice", "encrypted", "needed_for", "version", "packs_as_of", "as_of", "sha256"}
    if isinstance(value, dict):
        return {k: (v if k in keep and not isinstance(v, (dict, list)) else
                    v if k in ("facts", "findings", "advice", "logging", "needed_for", "encrypted")
                    and all(isinstance(x, str) for x in v or []) else poison(v, n + i))
                for i, (k, v) in enumerate(value.items())}
    if isinstance(value, list):
        return [poison(v, n + i) for i, v in enumerate(value)]
    if isinstance(value, str):
        poison.n += 1
        return EVIL[poison.n % len(EVIL)]
    return value


poison.n = 0


def hostile(work, case, document):
    """A case made to attack its reader: the document and the rows."""
    evil = work / "evil.case"
    evil.write_bytes(case.read_bytes())
    db = sqlite3.connect(evil)
    stored = json.loads(db.execute("SELECT json FROM verdict ORDER BY id DESC LIMIT 1").fetchone()[0])
    bad = poison(stored)
    bad["schema"], bad["tool"] = stored["schema"], stored["tool"]
    text = json.dumps(bad)
    for trigger in [r[0] for r in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]:
        db.execute("DROP TRIGGER " + trigger)
    db.execute("UPDATE verdict SET json = ?, digest = ?",
               (text, hashlib.sha256(text.encode()).hexdigest()))
    for table, column in (("finding", "title"), ("finding", "how"), ("finding", "rule"),
                          ("evidence", "path"), ("host", "name")):
        rows = [r[0] for r in db.execute("SELECT rowid FROM %s LIMIT 60" % table)]
        for i, row in enumerate(rows):
            try:
                db.execute("UPDATE %s SET %s = ? WHERE rowid = ?" % (table, column),
                           (EVIL[i % len(EVIL)] + str(i), row))
            except sqlite3.Error:
                pass
    db.commit()
    db.close()
    for lang in ("en", "ja"):
        done = subprocess.run([assay, "report", str(evil), "--html", "-", "--lang", lang],
                              capture_output=True, timeout=120, check=False)
        check("hostile", done.returncode == 0, done.stderr)
        page = parse("hostile " + lang, done.stdout)
        text = words_of(page)
        check("hostile", "U+202E" in text and "\u202e" not in text, "an override is not marked")
        check("hostile", "U+0435" in text, "a look-alike is not marked")
        check("hostile", "<script>alert(1)</script>" in text, "the text itself is not shown")
    done = subprocess.run([assay, "report", str(evil)], capture_output=True, timeout=120, check=False)
    check("hostile", b"\x1b" not in done.stdout and b"\x00" not in done.stdout,
          "an escape reaches the terminal")


def edited(work, case, name, change):
    """A copy of a case with another document."""
    path = work / (name + ".case")
    path.write_bytes(case.read_bytes())
    db = sqlite3.connect(path)
    document = json.loads(db.execute("SELECT json FROM verdict ORDER BY id DESC LIMIT 1").fetchone()[0])
    change(document)
    text = json.dumps(document)
    db.execute("UPDATE verdict SET json = ?, digest = ?",
               (text, hashlib.sha256(text.encode()).hexdigest()))
    db.commit()
    db.close()
    return path


def several(work, case):
    """Two servers with one name in each other's facts, and many that no campaign judges."""
    def change(document):
        first = document["hosts"][0]
        twin = json.loads(json.dumps(first))
        twin["host"] = "MAIL02"
        document["hosts"] = [{**twin, "host": "QUIET%d" % i, "campaigns": [], "facts": [],
                              "unattributed": [], "logging": []} for i in range(40)] + [first, twin]
    page = parse("several", run("report", edited(work, case, "several", change), "--html", "-"))
    text = words_of(page)
    check("several", text.index("MAIL02") < text.index("QUIET0"), "the worst is not first")
    check("several", "QUIET39" in text and "Servers looked at: 42" in text, "a server is missing")


def many(work, case):
    """Two hundred servers: a table, advice once, the worst whole, of the others what matters."""
    def change(document):
        first = json.dumps(document["hosts"][0])
        document["hosts"] = [{**json.loads(first), "host": "SRV%03d.example.com" % i} for i in range(200)]
        quiet = document["hosts"][7]
        quiet.update(campaigns=[], facts=[], unattributed=[], logging=[])
    path = edited(work, case, "many", change)
    raw = run("report", path, "--html", "-")
    page = parse("many", raw)
    text = words_of(page)
    check("many", len(raw) < 5_000_000, "%d bytes" % len(raw))
    check("many", "An intruder, or signs of one, on: 199" in text and "199 servers" in text, "outcomes are not counted")
    for i in range(200):
        check("many", "SRV%03d.example.com" % i in text, "SRV%03d is missing" % i)
    check("many", raw.count(b"<tr><th scope=\"row\"><a href=\"#h") == 10 and
          raw.count(b"<tr><th scope=\"row\"><a href=\"#s") == 190, "rows that lead to sections, and to cards")
    advice = [a["text"] for a in json.loads(verdict_of(path))["advice"]]
    told = text.split("All servers", 2)[1]
    check("many", any(told.count(a[:60]) == 1 for a in advice) and "For 199 servers" in told, "advice is not told once")
    check("many", "facts 0." not in text and "--host NAME" in text, "what is left out is not told")
    one = words_of(parse("one of many", run("report", path, "--host", "srv150", "--html", "-")))
    check("one of many", "SRV150.example.com" in one and "SRV151" not in one and "What the evidence covers" in one, "not one, whole")
    one = run("report", path, "--host", "SRV150.example.com").decode()
    check("one of many, text", "SRV150" in one and "SRV151" not in one, one[:300])
    run("report", path, "--host", "SRV", want=2)


def verdict_of(path):
    with sqlite3.connect(path) as db:
        return db.execute("SELECT json FROM verdict ORDER BY id DESC").fetchone()[0]


def cannot_be_said(work, case):
    def change(document):
        for host in document["hosts"]:
            host["facts"], host["unattributed"], host["logging"] = [], [], []
            for c in host["campaigns"]:
                c["headline"] = "CANNOT BE EXCLUDED: evidence is missing"
                c["chain"] = []
                for axis in ("exposure", "entry", "backdoor", "action", "loss"):
                    c[axis].update(state="not_assessable", reason="iis.w3c: none in the evidence",
                                   confidence=None, first=None, last=None, facts=[])
                c["exposure"]["intervals"], c["entry"]["initiators"], c["backdoor"]["items"] = [], [], []
                c["loss"] = {k: v for k, v in c["loss"].items()
                             if k in ("state", "reason", "confidence", "first", "last", "facts")}
                c["loss"].update(archives=[], secrets=[], encrypted=[])
                c["window"].update({"from": None, "to": None})
                for row in c["coverage"]:
                    row.update(present=False, complete=False, intervals=[], gaps=[], holes=[])
    path = edited(work, case, "nothing-can-be-said", change)
    raw = run("report", path, "--html", "-")
    text = words_of(parse("cannot be said", raw))
    check("cannot be said", 'class="card unknown"' in raw.decode() and "not a clean result" in text and
          "not in the evidence at all" in text, "it is not said loudly")
    check("cannot be said", "not a clean result" in " ".join(run("report", path).decode().split()),
          "nor in the text")


def headlines():
    """Each headline of the judge has its place among the outcomes."""
    code = re.sub(r'"\s*\n\s*"', "", (source / "src/judge/headline.c").read_text(encoding="utf-8"))
    known = re.sub(r'"\s*\n\s*"', "", (source / "src/report/outcome.c").read_text(encoding="utf-8"))
    found = re.findall(r'STR\(\s*"([A-Z][A-Z][^"]*)"', code)
    check("headlines", len(found) > 15, "only %d" % len(found))
    for text in found:
        check("headlines", '"%s"' % text in known, "not known to the report: " + text)


def main():
    with tempfile.TemporaryDirectory(prefix="assay-report-") as folder:
        work = pathlib.Path(folder)
        made = {}
        for name, tone, options, only in STORIES:
            subprocess.run([sys.executable, generator, name, str(work / name), *options], check=True,
                           capture_output=True, timeout=300)
            made[name] = looks_right(work, name, work / name, *only, tone=tone)
        case = made["entered"][0]
        empty = work / "empty"
        empty.mkdir()
        (empty / "note.txt").write_text("nothing\n", encoding="utf-8")
        nothing = looks_right(work, "nothing", empty, tone="unknown")
        check("nothing", "not a clean result" in words_of(nothing[2]), "nothing reads as clean")
        stays = set()
        for name, (path, document, _) in made.items():
            titles = {f["rule"]["title"] for f in document["findings"]}
            page = japanese(name, path)
            ours = [t for t in set(page.english) if t not in titles]
            check("japanese " + name, not ours, "stays English: %s" % sorted(ours))
            stays |= set(page.english)
        japanese("nothing", nothing[0])
        print("in Japanese reports stay English: %d titles of rules" % len(stays))
        for text in sorted(stays):
            print("   ", text)
        headlines()
        translated()
        several(work, case)
        many(work, case)
        cannot_be_said(work, case)
        languages(work, case)
        hostile(work, case, made["entered"][1])
    for problem in problems[:40]:
        print("FAIL", problem[:600])
    print("report: %s" % ("%d problems" % len(problems) if problems else "fine"))
    return 1 if problems else 0


# What a server's evidence tells, the first card's tone; options of the generator and of the scan.
LATE = ("--start", "2021-02-20")
STORIES = (("entered", "bad", (), ()),
           ("clean", "good", (), ("--pack", "exchange-proxylogon")),
           ("mailtheft", "bad", (), ()),
           ("attempted", "unknown", (*LATE, "--drop", "iis"), ()))
sys.exit(main())
