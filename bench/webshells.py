#!/usr/bin/env python3
"""How many web shells are found, and how many harmless pages are called one.

    bench/webshells.py CORPUS --assay BUILD/src/cli/assay
        [--signature-base FOLDER] [--nsa FILE.yara ...] [--variants 600] [--seed 1]

CORPUS is a folder with labels.csv: path,label,kind,group,half. A path is relative to CORPUS;
label is shell, not or benign; kind is aspnet, asp, jsp or php; files of one group are near
copies of each other; half is tune (rules were written with these at hand) or test. The
project has no samples: whoever measures brings some, and labels them by reading.

All tools are asked about the same files in one run: this program (findings from level high
up), and by the program yara other sets of rules (every match). Then variants of the shells are made in a temporary
folder and asked about too. Nothing of a sample is ever run, and none is printed."""
import argparse
import collections
import csv
import json
import os
import pathlib
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile

EXTENSION = {"aspnet": ".aspx", "asp": ".asp", "jsp": ".jsp", "php": ".php"}
KNOWN = {"aspnet": {".aspx", ".ashx", ".asmx", ".ascx", ".asax", ".master", ".svc", ".soap"},
         "asp": {".asp", ".asa", ".cer", ".cdx"}, "jsp": {".jsp", ".jspx", ".jspf"},
         "php": {".php", ".phtml", ".php3", ".php4", ".php5"}}
GRAVE = {"high", "critical"}
EXTERNALS = ["filename", "filepath", "extension", "filetype", "owner"]


def suffix(path, kind):
    """The extension under which a sample is laid out: its own if the server runs it."""
    own = os.path.splitext(path)[1].lower()
    return own if own in KNOWN[kind] else EXTENSION[kind]


# --- the tools ------------------------------------------------------------------------------


def cpu(command, **more):
    """Output, and seconds of processor time that the command took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False,
                          **more)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done.stdout, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def ask_assay(program, folder, levels=GRAVE):
    out, seconds = cpu([program, "scan", "-f", "jsonl", "-j", "1", str(folder)])
    hits = set()
    for line in out.splitlines():
        finding = json.loads(line)
        if finding["level"] in levels:
            hits.add(os.path.basename(finding["path"]))
    return hits, seconds


def ask_yara(compiled, folder):
    out, seconds = cpu(["yara", "-w", "-r", "-C", str(compiled), str(folder)])
    return {line.rsplit("/", 1)[1] for line in out.decode("utf-8", "replace").splitlines()
            if str(folder) in line}, seconds


def compile_rules(files, into):
    """The rules of several files, those that do not compile left out."""
    good = []
    define = [x for name in EXTERNALS for x in ("-d", name + "=")]
    for n, path in enumerate(files):
        probe = subprocess.run(["yarac", "-w", *define, str(path), os.devnull], check=False,
                               capture_output=True)
        if probe.returncode == 0:
            good.append(f"n{n}:{path}")
    subprocess.run(["yarac", "-w", *define, *good, str(into)], check=True, capture_output=True)
    return len(good)


# --- variants -------------------------------------------------------------------------------

WORDS = ("account archive basket calendar contact customer delivery detail document feature gallery help history invoice "
         "item language layout library member message notice office order page payment picture price product profile query "
         "region report review service session shipping status summary support survey topic update user version vote").split()
TOKEN = {
    "c": re.compile(r'@"(?:[^"]|"")*"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|//[^\n]*|/\*.*?\*/', re.S),
    "vb": re.compile(r'"(?:[^"\n]|"")*"|\'[^\n]*'),
    "php": re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|//[^\n]*|#[^\n]*|/\*.*?\*/', re.S),
}
CODE = re.compile(r"(<%(?!@)[=#:!]?)(.*?)(%>)|(<script\b[^>]*\brunat\b[^>]*>)(.*?)(</script>)|"
                  r"(<\?(?:php|=)?)(.*?)(\?>|\Z)", re.S | re.I)
DECLARED = {
    "c": re.compile(r"\b(?:string|String|var|int|byte\[\]|Process|StreamReader|StreamWriter|bool|void|char|File|InputStream|"
                    r"HttpContext|BufferedReader|OutputStream|function)\s+([A-Za-z_]\w{0,30})\b(?!\s*\.)"),
    "vb": re.compile(r"(?<!end )(?<!exit )\b(?:dim|sub|function)[ \t]+([A-Za-z_]\w{2,30})\b", re.I),
    "php": re.compile(r"\$([A-Za-z]\w{0,30})\b(?=\s*=[^=>])"),
}
RESERVED = set("page_load main this get_url processrequest isreusable __construct doget dopost equals findclass tostring "
               "run page_init application_start session_start onload render args".split())


def language(text, kind):
    if kind in ("jsp",):
        return "c"
    if kind == "php":
        return "php"
    tags = re.findall(r"<%@[^%]*%>|<script\b[^>]*\brunat\b[^>]*>", text, re.I)
    heads = [re.search(r'language\s*=\s*["\']?\s*([\w#.]+)', tag, re.I) for tag in tags]  # of script that the server runs
    basic = kind == "asp" or re.search(r"(?i)\bend (if|sub|function)\b|\bthen\b(?!\s*\()", text)
    name = next((head[1].lower() for head in heads if head), "vb" if basic else "c#")
    return "vb" if name.startswith(("vb", "visualbasic")) else "c"


def pieces(code, lang):
    """Code cut into (text, is it plain code) - the rest are strings and comments."""
    at = 0
    for m in TOKEN[lang].finditer(code):
        yield code[at:m.start()], True
        yield m[0], False
        at = m.end()
    yield code[at:], True


def in_code(text, change):
    """Changes what is code, and leaves mark-up alone."""
    def one(m):
        g = m.groups()
        k = 0 if g[0] is not None else 3 if g[3] is not None else 6
        return g[k] + change(g[k + 1]) + g[k + 2]
    return CODE.sub(one, text)


def rename(text, lang, rnd):
    names = sorted({n for n in DECLARED[lang].findall(text) if n.lower() not in RESERVED and len(n) > 0})
    names = [n for n in names if not re.search(r'["\']' + re.escape(n) + r'["\']', text)][:60]
    if not names:
        return None
    new = {n: rnd.choice(WORDS) + rnd.choice(WORDS).title() + str(rnd.randrange(1000)) for n in names}
    mark = r"\$" if lang == "php" else r"(?<![.\w\"'$])"
    flags = re.I if lang == "vb" else 0
    folded = {n.lower(): v for n, v in new.items()}
    pattern = re.compile(mark + r"(" + "|".join(map(re.escape, names)) + r")\b", flags)

    def to(m):
        got = new.get(m[1]) or folded.get(m[1].lower(), m[1])
        return ("$" if lang == "php" else "") + got
    return pattern.sub(to, text) if lang == "php" else in_code(
        text, lambda c: "".join(pattern.sub(to, p) if plain else p for p, plain in pieces(c, lang)))


def split_strings(text, lang, rnd):
    join = {"c": '"+"', "vb": '"&"', "php": None}[lang]

    def cut(s):
        if len(s) < 6 or "\\" in s or s[0] == "@" or s[0] not in "\"'" or "\n" in s:
            return s
        if lang == "c" and s[0] == "'":
            return s
        if lang == "php" and s[0] == '"' and ("$" in s or "{" in s):
            return s
        if lang == "vb" and (s[0] != '"' or '""' in s):
            return s
        at = rnd.randrange(2, len(s) - 2)
        with_ = join or s[0] + "." + s[0]
        return s[:at] + with_ + s[at:]
    return in_code(text, lambda c: "".join(p if plain else cut(p) for p, plain in pieces(c, lang)))


def add_comments(text, lang, rnd):
    if lang == "vb":
        return in_code(text, lambda c: "".join(
            re.sub(r"(?<!_)(?<!_ )(?<!\r)\r?\n", lambda m: " ' " + rnd.choice(WORDS) + m[0], p) if plain and rnd.random() < 0.5 else p
            for p, plain in pieces(c, lang)))
    return in_code(text, lambda c: "".join(
        re.sub(r"([(;,=])(?![=>])", lambda m: m[1] + "/*" + rnd.choice(WORDS) + "*/", p) if plain else p
        for p, plain in pieces(c, lang)))


def add_space(text, lang, rnd):
    blank = [" ", "  ", "\t", " \t "] + (["\n"] if lang != "vb" else [])
    return in_code(text, lambda c: "".join(
        re.sub(r"([(),])", lambda m: rnd.choice(blank[:4]) + m[1] + rnd.choice(blank), p) if plain else p
        for p, plain in pieces(c, lang)))


def change_case(text, lang, rnd):
    """Of tags, and of all code in languages to which case means nothing; encoded script stays as it is."""
    def mix(s):
        return "".join(x.upper() if rnd.random() < 0.5 else x.lower() for x in s)
    text = re.sub(r"<%@\s*page\s+language|<script\s+runat|<script\s+language|runat\s*=", lambda m: mix(m[0]), text, flags=re.I)
    if lang == "vb" and "#@~^" not in text:
        return in_code(text, lambda c: "".join(mix(p) if plain else p for p, plain in pieces(c, lang)))
    if lang == "php":
        return in_code(text, lambda c: "".join(
            re.sub(r"(?<![$>\w])[a-z_]{3,}(?=\s*\()", lambda m: mix(m[0]), p) if plain else p for p, plain in pieces(c, lang)))
    return text


def unicode_escapes(text, lang, rnd):
    if lang != "c":
        return None

    def hide(m):
        at = rnd.randrange(len(m[0]))
        return m[0][:at] + "\\u%04x" % ord(m[0][at]) + m[0][at + 1:]
    return in_code(text, lambda c: "".join(
        re.sub(r"(?<![\w\\@])[A-Za-z]{4,}\b(?!\\)", hide, p) if plain else p for p, plain in pieces(c, lang)))


def padding(rnd, size):
    lines = []
    n = 0
    while n < size:
        line = " ".join(rnd.choice(WORDS) for _ in range(12))
        lines.append(f"<p>{line}</p>")
        n += len(line) + 8
    return "\n".join(lines)


def decoded(data):
    """The text, in the encoding that it is most likely in."""
    for name in ("utf-8-sig", "gb18030", "latin-1"):
        try:
            return data.decode(name)
        except UnicodeDecodeError:
            continue
    return ""


def variants(data, kind, rnd):
    """(what was done, bytes) of one shell, as many as make sense of it."""
    bom = next((b for b in (b"\xff\xfe", b"\xfe\xff") if data.startswith(b)), None)
    text = data.decode("utf-16", "replace") if bom else data.decode("latin-1")
    lang = language(text, kind)
    encoded = "#@~^" in text
    to = (lambda t: t.encode("utf-8")) if bom else (lambda t: t.encode("latin-1", "replace"))
    steps = {"case": change_case}
    if not encoded:
        steps.update(renamed=rename, split=split_strings, comments=add_comments, space=add_space, escapes=unicode_escapes)
    for name, step in steps.items():
        try:
            got = step(text, lang, rnd)
        except (re.error, IndexError):
            continue
        if got and got != text:
            yield name, to(got)
    if not encoded:
        got = text
        for step in (rename, split_strings, add_comments, change_case):
            got = step(got, lang, rnd) or got
        yield "together", to(got)
    big = padding(rnd, rnd.choice((20_000, 200_000, 1_500_000))).encode()
    front = data.startswith((b"<%@", b"\xff", b"\xfe", b"\xef", b"<?xml"))
    yield "padded behind", data + b"\n" + (big if not bom else big.decode().encode("utf-16")[2:])
    if not front and not bom:
        yield "padded before", big + b"\n" + data
    if not bom:
        text = decoded(data)
    if kind != "php":
        yield "UTF-8 with a mark", b"\xef\xbb\xbf" + text.encode("utf-8")
    if kind == "aspnet":
        yield "UTF-16", b"\xff\xfe" + text.encode("utf-16-le")
        yield "UTF-16, big end first", b"\xfe\xff" + text.encode("utf-16-be")


# --- telling ---------------------------------------------------------------------------------


def percent(n, of):
    return f"{n}/{of} {100 * n / of:.2f} %" if of else "-"


def tell(title, rows, results, key):
    print(f"\n{title}")
    groups = collections.defaultdict(list)
    for name, row in rows.items():
        groups[key(row)].append(name)
    for group, names in sorted(groups.items()):
        line = "  ".join(f"{tool} {percent(sum(n in hits for n in names), len(names))}"
                         for tool, (hits, _) in results.items())
        print("  " + " ".join(group).ljust(26) + line)


def main():
    parse = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parse.add_argument("corpus", type=pathlib.Path)
    parse.add_argument("--assay", required=True)
    parse.add_argument("--signature-base", type=pathlib.Path)
    parse.add_argument("--nsa", type=pathlib.Path, action="append", default=[])
    parse.add_argument("--variants", type=int, default=600, help="of shells of the half 'test', at least")
    parse.add_argument("--kinds", default="aspnet,asp,jsp,php")
    parse.add_argument("--benign", type=int, help="so many harmless pages of each kind and half, chosen by chance; else all")
    parse.add_argument("--misses", action="store_true", help="print the paths that assay got wrong (half 'tune' only)")
    parse.add_argument("--seed", type=int, default=1)
    args = parse.parse_args()
    kinds = args.kinds.split(",")
    temp = pathlib.Path(tempfile.mkdtemp(prefix="webshells-", dir=args.corpus))
    try:
        run(args, kinds, temp)
    finally:
        shutil.rmtree(temp)


def tools_of(args, temp):
    tools = {"assay": lambda folder: ask_assay(args.assay, folder)}
    for name, files in (("signature-base", sorted(args.signature_base.glob("*.yar")) if args.signature_base else []),
                        ("NSA", args.nsa)):
        if files:
            n = compile_rules(files, temp / (name + ".yarc"))
            print(f"{name}: {n} of {len(files)} files of rules")
            tools[name] = lambda folder, c=temp / (name + ".yarc"): ask_yara(c, folder)
    return tools


def chosen(rows, args):
    """The rows, of the harmless ones so many as are wanted."""
    if args.benign is None:
        return rows
    rnd = random.Random(args.seed)
    taken = collections.Counter()
    order = list(range(len(rows)))
    rnd.shuffle(order)
    keep = set()
    for i in order:
        key = (rows[i]["kind"], rows[i]["half"])
        taken[key] += rows[i]["label"] == "benign"
        if rows[i]["label"] != "benign" or taken[key] <= args.benign:
            keep.add(i)
    return [row for i, row in enumerate(rows) if i in keep]


def run(args, kinds, temp):
    rows, size = {}, 0
    pages = temp / "pages"
    pages.mkdir()
    with open(args.corpus / "labels.csv", newline="", encoding="utf-8") as f:
        for n, row in enumerate(chosen(list(csv.DictReader(f)), args)):
            if row["kind"] not in kinds:
                continue
            name = f"p{n}{suffix(row['path'], row['kind'])}"
            os.link(args.corpus / row["path"], pages / name)
            size += (pages / name).stat().st_size
            rows[name] = row
    tools = tools_of(args, temp)
    results = {}
    (temp / "none").mkdir()
    for tool, ask in tools.items():
        start = ask(temp / "none")[1]
        results[tool] = ask(pages)
        seconds = results[tool][1] - start
        print(f"{tool}: {len(rows)} files, {size / 1e6:.0f} MB, {seconds:.1f} s of processor time "
              f"({size / 1e6 / max(seconds, 0.01):.0f} MB/s) beside {start:.1f} s for the start")
    tell("files called bad", rows, results, lambda r: (r["label"], r["kind"], r["half"]))
    if args.misses:
        hits = results["assay"][0]
        for name, row in rows.items():
            if row["half"] == "tune" and row["label"] != "not" and (name in hits) != (row["label"] == "shell"):
                print("missed" if row["label"] == "shell" else "false", row["kind"], row["path"])
    if args.variants:
        vary(args, temp, rows, tools)


def vary(args, temp, rows, tools):
    rnd = random.Random(args.seed)
    shells = [(n, r) for n, r in sorted(rows.items()) if r["label"] == "shell" and r["half"] == "test"]
    one = {}  # one of each group: near copies make the same variants
    for n, r in shells:
        one.setdefault((r["kind"], r["group"]), (n, r))
    by_kind = collections.defaultdict(list)
    for (kind, _), pair in sorted(one.items()):
        by_kind[kind].append(pair)
    made = {}
    for kind, pairs in sorted(by_kind.items()):
        rnd.shuffle(pairs)
        folder = temp / "variants"
        folder.mkdir(exist_ok=True)
        count = 0
        for name, row in pairs:
            data = (temp / "pages" / name).read_bytes()
            for what, changed in variants(data, kind, rnd):
                of = f"v{len(made)}{suffix(row['path'], kind)}"
                (folder / of).write_bytes(changed)
                made[of] = {"kind": kind, "what": what}
                count += 1
            if count >= args.variants:
                break
    results = {tool: ask(temp / "variants") for tool, ask in tools.items()}
    tell("variants of shells of the half 'test' called bad", made, results, lambda r: (r["kind"],))
    tell("the same by what was done", made, results, lambda r: (r["kind"], r["what"]))


if __name__ == "__main__":
    sys.exit(main())
