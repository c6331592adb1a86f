#!/usr/bin/env python3
"""What a case is handed on as: a time line, tables, STIX, MISP, notices; redacted too.

usage: test_exports.py ASSAY ROOT [STORY...]

Made servers are scanned into cases; every form is read back, held to the rules of who receives
it, and searched for what it must not tell. The receivers' own checks are run where they are
installed (stix2-validator, pymisp); what does not need them is checked here.
"""
import csv
import datetime
import io
import ipaddress
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.parse
import uuid

assay = os.path.abspath(sys.argv[1])
root = pathlib.Path(sys.argv[2]).resolve()
sys.path[:0] = [str(root / "tests/judge"), str(root / "tests/gen")]
import stories  # noqa: E402

STORIES = sys.argv[3:] or ["pl_two_intruders", "pl_local", "pl_mail_theft", "org_two_entered",
                           "sb_loaded", "pl_clean_2016"]
problems = []
checks = 0


def check(name, ok, told=""):
    global checks
    checks += 1
    if not ok:
        problems.append(f"{name}: {str(told)[:300]}")


def run(*args, status=0):
    done = subprocess.run([assay, *map(str, args)], capture_output=True, timeout=120)
    text = done.stdout.decode("utf-8")
    if status is not None:
        check(f"status of {args}", done.returncode == status, done.stderr[:300])
    return text, done.stderr.decode("utf-8")


def rows(text):
    return [json.loads(line) for line in text.splitlines()]


# --- time line ----------------------------------------------------------------------------------

SKETCH_MANDATORY = ["message", "datetime", "timestamp_desc"]
SKETCH_REMOVED = ["_id", "_type", "_index", "_source", "__ts_timeline_id"]


def check_sketch_line(name, row):
    """What Timesketch's importer asks of a line (timesketch/lib/utils.py, read_and_validate_jsonl)."""
    check(f"{name}: mandatory fields", all(isinstance(row.get(f), str) and row[f]
                                           for f in SKETCH_MANDATORY), row)
    check(f"{name}: no field of the store's own", not set(row) & set(SKETCH_REMOVED), row)
    check(f"{name}: tag is a list of texts",
          isinstance(row["tag"], list) and all(isinstance(t, str) and t for t in row["tag"]), row)
    at = datetime.datetime.fromisoformat(row["datetime"])
    check(f"{name}: offset", at.utcoffset() == datetime.timedelta(0), row)
    epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    check(f"{name}: microseconds", row["timestamp"] == (at - epoch) // datetime.timedelta(
        microseconds=1), row)
    check(f"{name}: flat", all(not isinstance(v, dict) for v in row.values()), row)


def check_timeline(name, case, document):
    facts = sum(len(h["facts"]) for h in document["hosts"])
    undated = sum(f["time"] is None for h in document["hosts"] for f in h["facts"])
    undated += sum(f["time"] is None for f in document["findings"])
    lines = rows(run("timeline", case, "-f", "jsonl")[0])
    check(f"{name}: all is there", len(lines) == facts + len(document["findings"]), len(lines))
    ids = {i["id"] for i in lines}
    check(f"{name}: every finding", {f["id"] for f in document["findings"]} <= ids)
    times = [datetime.datetime.fromisoformat((i["time"] or "0001-01-01T00:00:00Z")[:19])
             for i in lines]
    check(f"{name}: one order of time", times == sorted(times))
    sketch, told = run("timeline", case, "-f", "timesketch")
    sketch = rows(sketch)
    check(f"{name}: Timesketch has all that has a time", len(sketch) == len(lines) - undated)
    check(f"{name}: what has none is told", ("were left out" in told) == (undated > 0), told)
    for row in sketch:
        check_sketch_line(name, row)
    check_table(f"{name}: timeline", run("timeline", case)[0], len(lines))
    head = next(csv.reader(io.StringIO(run("timeline", case)[0])))
    check(f"{name}: Timesketch's columns", set(SKETCH_MANDATORY) <= set(head), head)
    high = rows(run("timeline", case, "-f", "jsonl", "-l", "high", "-k", "finding")[0])
    wanted = [f for f in document["findings"] if f["rule"]["level"] in ("high", "critical")]
    check(f"{name}: level", {h["id"] for h in high} == {f["id"] for f in wanted})
    bound = "2021-03-03T07:00:00Z"
    early = rows(run("timeline", case, "-f", "jsonl", "--to", bound)[0])
    check(f"{name}: to", all(e["time"] and e["time"][:19] <= bound[:19] for e in early))
    files = rows(run("timeline", case, "-f", "jsonl", "-k", "evidence")[0])
    check(f"{name}: files", files and all(f["kind"] == "evidence" for f in files))


def check_table(name, text, n):
    table = list(csv.reader(io.StringIO(text, newline="")))
    check(f"{name}: rows", len(table) == n + 1, len(table))
    check(f"{name}: columns", all(len(r) == len(table[0]) for r in table))
    check(f"{name}: lines end as RFC 4180 says", text.count("\r\n") == n + 1 and
          text.count("\n") == n + 1)
    for row in table:
        for cell in row:
            check(f"{name}: a formula", not re.match(r"[=+\-@\t\r\n＝＋－＠]", cell), cell)
            check(f"{name}: a control character", not re.search(r"[\x00-\x1f\x7f-\x9f]", cell), cell)


def check_tables(name, case, document):
    findings = rows(run("export", case, "-f", "jsonl", "--tlp", "red")[0])
    check(f"{name}: findings", sorted(f["id"] for f in findings) ==
          sorted(f["id"] for f in document["findings"]))
    check_table(f"{name}: findings", run("export", case, "-f", "csv", "--tlp", "red")[0],
                len(findings))
    facts = rows(run("export", case, "-f", "jsonl", "-t", "facts", "--tlp", "red")[0])
    check(f"{name}: facts", sorted(f["id"] for f in facts) ==
          sorted(f["id"] for h in document["hosts"] for f in h["facts"]))
    check_table(f"{name}: facts", run("export", case, "-f", "csv", "-t", "facts", "--tlp",
                                      "red")[0], len(facts))
    files = rows(run("export", case, "-f", "jsonl", "-t", "evidence")[0])
    check(f"{name}: evidence", {f["path"] for f in files} ==
          {e["path"] for e in document["evidence"]})


# --- STIX ---------------------------------------------------------------------------------------

OASIS = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
CONTRIBUTE = {"ipv4-addr": ["value"], "ipv6-addr": ["value"], "url": ["value"],
              "email-addr": ["value"], "file": ["hashes", "name"],
              "user-account": ["account_login"]}
REQUIRED = {"indicator": ["pattern", "pattern_type", "valid_from", "indicator_types", "name"],
            "observed-data": ["first_observed", "last_observed", "number_observed",
                              "object_refs"],
            "sighting": ["sighting_of_ref", "count"], "incident": ["name"],
            "identity": ["name"], "vulnerability": ["name"],
            "note": ["content", "object_refs"],
            "relationship": ["relationship_type", "source_ref", "target_ref"],
            "report": ["name", "published", "object_refs"], "process": ["command_line"],
            "marking-definition": ["name", "extensions"], **CONTRIBUTE}
REQUIRED["file"] = ["name"]
TLP = {"clear": "94868c89-83c2-464b-929b-a1a8aa3c8487",
       "green": "bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
       "amber": "55d920b0-5e8b-4f79-9ee9-91f868d9b421",
       "amber+strict": "939a9414-2ddd-4d32-a0cd-375ea402b003",
       "red": "e828b379-4e03-4974-9ac4-e53a884c97c1"}
STAMP = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")


def refs_of(thing):
    for key, value in thing.items():
        if key.endswith("_ref"):
            yield value
        elif key.endswith("_refs"):
            yield from value


def check_stix_object(name, o):
    check(f"{name}: required properties of {o['type']}",
          all(o.get(k) not in (None, "", []) for k in REQUIRED[o["type"]]), o)
    check(f"{name}: id", o["id"].startswith(o["type"] + "--") and
          (o["type"] == "marking-definition" or uuid.UUID(o["id"].split("--")[1]).version == 5))
    check(f"{name}: version", o["spec_version"] == "2.1")
    if o["type"] in CONTRIBUTE:
        part = {k: o[k] for k in CONTRIBUTE[o["type"]] if k in o}
        wanted = uuid.uuid5(OASIS, json.dumps(part, sort_keys=True, separators=(",", ":"),
                                              ensure_ascii=False))
        check(f"{name}: id of an observable", o["id"].endswith(str(wanted)), o)
    check(f"{name}: CVE", o["type"] != "vulnerability" or
          re.match(r"^CVE-\d{4}-\d{4,}$", o["name"]), o)
    for key in ("created", "modified", "valid_from", "valid_until", "first_observed",
                "last_observed", "first_seen", "last_seen", "published"):
        check(f"{name}: {key}", key not in o or STAMP.match(o[key]), o)
    for first, last in (("created", "modified"), ("first_observed", "last_observed"),
                        ("first_seen", "last_seen"), ("valid_from", "valid_until")):
        if first in o and last in o:
            check(f"{name}: {first} before {last}", o[first] <= o[last], o)


def check_stix(name, text, document, tlp="amber", redacted=False):
    bundle = json.loads(text)
    objects = bundle["objects"]
    ids = [o["id"] for o in objects]
    check(f"{name}: every id once", len(ids) == len(set(ids)))
    uuids = [i.split("--")[1] for i in ids]
    check(f"{name}: no UUID of two types", len(uuids) == len(set(uuids)))
    for o in objects:
        check_stix_object(name, o)
        for ref in refs_of(o):
            check(f"{name}: {ref} is there", ref in ids, o)
        if o["type"] != "marking-definition":
            check(f"{name}: marked", o.get("object_marking_refs") ==
                  ["marking-definition--" + TLP[tlp]], o)
    mark = [o for o in objects if o["type"] == "marking-definition"]
    check(f"{name}: TLP 2.0 as OASIS has it", mark == [{
        "type": "marking-definition", "spec_version": "2.1",
        "id": "marking-definition--" + TLP[tlp], "created": "2022-10-01T00:00:00.000Z",
        "name": "TLP:" + tlp.upper(), "extensions": {
            "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d": {
                "extension_type": "property-extension", "tlp_2_0": tlp}}}], mark)
    intruders = {i["value"] for h in document["hosts"] for c in h["campaigns"]
                 for i in c["entry"]["initiators"] if i["role"] == "intruder"}
    told = set()
    for o in objects:
        if o["type"] != "indicator":
            continue
        for value in re.findall(r"^\[ipv[46]-addr:value = '([^']*)'\]$", o["pattern"]):
            told.add(value)
            check(f"{name}: only intruders", value in intruders, value)
            check(f"{name}: no private address", not in_private(value), value)
            check(f"{name}: an address for a time", "valid_until" in o, o)
    public = {i for i in intruders if is_address(i) and not in_private(i)}
    check(f"{name}: intruders' addresses", told == (set() if redacted else public), told)
    return objects


def is_address(text):
    try:
        ipaddress.ip_address(text)
        return True
    except ValueError:
        return False


def in_private(text):
    nets = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fc00::/7",
            "::1/128", "fe80::/10"]
    at = ipaddress.ip_address(text)
    return any(at in ipaddress.ip_network(n) for n in nets if at.version ==
               ipaddress.ip_network(n).version)


def validate_stix(paths):
    tool = os.environ.get("STIX2_VALIDATOR") or shutil.which("stix2_validator")
    if not tool:
        print("stix2_validator is not installed: OASIS's schemas were not asked")
        return
    # 103: identifiers are UUIDv5 on purpose
    done = subprocess.run([tool, "--enforce-refs", "-d", "103", *map(str, paths)],
                          capture_output=True, text=True, timeout=300)
    check("OASIS's validator", done.returncode == 0 and "Error" not in done.stdout and
          "Warning" not in done.stdout and done.stdout.count("STIX JSON: Valid") == len(paths),
          re.findall(r".*(?:Error|Warning|Invalid|\[X\]).*", done.stdout)[:5])


# --- MISP ---------------------------------------------------------------------------------------

MISP_TYPES = {"ip-src": "Network activity", "vulnerability": "External analysis",
              "target-machine": "Targeting data", "text": "Other", "uri": "Network activity",
              "hostname": "Network activity", "filename": "Payload delivery",
              "sha256": "Payload delivery"}
MISP_OBJECTS = {"file": ("688c46fb-5edb-40a3-8273-1af7923e2215", {"filename", "sha256", "fullpath"}),
                "http-request": ("b4a8d163-8110-4239-bfcf-e08f3a9fdf7b", {"uri", "host"})}


def check_misp(name, text, document, tlp="amber", redacted=False):
    event = json.loads(text)["Event"]
    check(f"{name}: tag", event["Tag"] == [{"name": "tlp:" + tlp}])
    check(f"{name}: head", event["info"] and re.match(r"^\d{4}-\d\d-\d\d$", event["date"]) and
          event["threat_level_id"] in "1234" and event["analysis"] == "2" and
          event["distribution"] == "0" and event["published"] is False, event["info"])
    seen = [event["uuid"]]
    intruders = {i["value"] for h in document["hosts"] for c in h["campaigns"]
                 for i in c["entry"]["initiators"] if i["role"] == "intruder"}
    for o in event["Object"]:
        seen.append(o["uuid"])
        template, relations = MISP_OBJECTS[o["name"]]
        check(f"{name}: template", o["template_uuid"] == template and o["Attribute"], o)
        check(f"{name}: relations", {a["object_relation"] for a in o["Attribute"]} <= relations)
    for a in event["Attribute"] + [a for o in event["Object"] for a in o["Attribute"]]:
        seen.append(a["uuid"])
        check(f"{name}: CVE", a["type"] != "vulnerability" or
              re.match(r"^CVE-\d{4}-\d{4,}$", a["value"]), a)
        check(f"{name}: attribute", MISP_TYPES[a["type"]] == a["category"] and a["value"] and
              isinstance(a["to_ids"], bool) and a["timestamp"].isdigit(), a)
        if a["type"] == "ip-src" and a["to_ids"]:
            check(f"{name}: to_ids", not redacted and a["value"] in intruders and
                  not in_private(a["value"]), a)
    check(f"{name}: every uuid once", len(seen) == len(set(seen)))


def validate_misp(paths):
    program = os.environ.get("PYMISP_PYTHON") or sys.executable
    script = r"""
import json, pathlib, sys
try:
    import jsonschema, pymisp
except ImportError:
    sys.exit(77)
data = pathlib.Path(pymisp.__file__).parent / "data"
schema = json.loads((data / "schema-lax.json").read_text())
types = json.loads((data / "describeTypes.json").read_text())["result"]
for path in sys.argv[1:]:
    event = pymisp.MISPEvent(strict_validation=False)
    event.load_file(path)
    jsonschema.validate(json.load(open(path)), schema)
    for a in event.attributes:
        assert a.type in types["category_type_mappings"][a.category], a.to_json()
    for o in event.objects:
        t = json.loads((data / "misp-objects/objects" / o.name / "definition.json").read_text())
        assert t["uuid"] == o.template_uuid, o.name
        assert any(a.object_relation in t["requiredOneOf"] for a in o.attributes), o.name
        for a in o.attributes:
            assert t["attributes"][a.object_relation]["misp-attribute"] == a.type, a.to_json()
"""
    done = subprocess.run([program, "-c", script, *map(str, paths)], capture_output=True,
                          text=True, timeout=300)
    if done.returncode == 77:
        print("pymisp is not installed: MISP's schema and templates were not asked")
    else:
        check("MISP's schema and templates", done.returncode == 0, done.stderr[-300:])


# --- redaction ----------------------------------------------------------------------------------

HARMLESS = {"127.0.0.1", "0.0.0.0", "::1", "::", "255.255.255.255"}


def secrets_of(document, extra=()):
    """What must not be found: told by the verdict in any of its texts, or known beforehand."""
    text = json.dumps(document, ensure_ascii=False)
    text += "\n" + urllib.parse.unquote(text)
    found = set(extra)
    for a in re.findall(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])", text):
        if is_address(a) and a not in HARMLESS:
            found.add(a)
    for h in document["hosts"]:
        found.add(h["host"])
        found.add(h["host"].split(".")[0])
    found |= set(re.findall(r"[\w.+-]+@[\w.-]+\w", text))
    for f in [f for h in document["hosts"] for f in h["facts"]]:
        found |= {f["mailbox"]} if f["mailbox"] else set()
    return {s.lower() for s in found if len(s) > 3}


DIGITS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{12,}")


def place_of(secret, text):
    """Where a text tells it. In an id or a hash, digits that spell a name tell nothing."""
    if re.fullmatch(r"[0-9a-f]+", secret):
        text = DIGITS.sub("", text)
    return text.find(secret)


def check_redacted(name, case, secrets, key):
    forms = [("export", case, "-f", f) for f in ("stix", "misp", "notice", "csv", "jsonl")]
    forms += [("export", case, "-f", "jsonl", "-t", t) for t in ("facts", "evidence")]
    forms += [("timeline", case, "-f", f) for f in ("csv", "jsonl", "timesketch")]
    for form in forms:
        if form == ("timeline", case, "-f", "jsonl"):
            plain = run(*form)[0].lower()
            check(f"{name}: the search finds what is told", any(s in plain for s in secrets))
        text = run(*form, "--redact", "--redact-key", key)[0].lower()
        places = [text, text.replace("\\\\", "\\")]
        places += [urllib.parse.unquote(p) for p in places]
        for secret in secrets:
            for p in places:
                at = place_of(secret, p)
                check(f"{name}: {form[1:]} tells {secret}", at < 0, p[max(0, at - 80):at + 80])


def check_keys(name, case, folder, key):
    other = folder / "other.key"
    other.write_bytes(b"another key that nobody guesses")
    first = run("export", case, "-f", "jsonl", "--redact", "--redact-key", key)[0]
    check(f"{name}: the same key, the same tokens",
          first == run("export", case, "-f", "jsonl", "--redact", "--redact-key", key)[0])
    check(f"{name}: another key, others",
          first != run("export", case, "-f", "jsonl", "--redact", "--redact-key", other)[0])
    check(f"{name}: without a key never the same", run("export", case, "-f", "jsonl", "--redact")[0]
          != run("export", case, "-f", "jsonl", "--redact")[0])
    other.write_bytes(b"short")
    run("export", case, "-f", "jsonl", "--redact", "--redact-key", other, status=2)
    run("export", case, "-f", "jsonl", "--redact-key", key, status=2)


# --- notices ------------------------------------------------------------------------------------

def check_notices(name, case, document):
    text = run("export", case, "-f", "notice")[0]
    notices = [n for n in text.split("\n-----\n\n") if n]
    victims = [h["host"] for h in document["hosts"] if any(
        c["entry"]["state"] in ("attempted", "reached", "exploited") or c["backdoor"]["items"] or
        c["action"]["state"] == "seen" or c["loss"]["state"] == "bounds"
        for c in h["campaigns"])]
    check(f"{name}: one for each victim", len(notices) == len(victims), (victims, text[:200]))
    for notice, victim in zip(notices, victims):
        check(f"{name}: who", notice.startswith(f"TLP:AMBER\nAbout {victim}\n"), notice[:100])
        check(f"{name}: one paragraph", notice.strip().count("\n\n") == 1, notice)
        for other in victims:
            check(f"{name}: nothing about others", other == victim or other not in notice, notice)


# --- all of it ----------------------------------------------------------------------------------

def scan(folder, case, *options):
    text, _ = run("scan", folder, "-o", case, "--format", "json", *options, status=None)
    return json.loads(text)


def every_form(name, folder, work, kept, extra=()):
    case = work / f"{name}.db"
    key = work / "redact.key"
    key.write_bytes(bytes(range(32)))
    document = scan(folder, case)
    check_timeline(name, case, document)
    check_tables(name, case, document)
    for redacted in (False, True):
        more = ["--redact", "--redact-key", key] if redacted else []
        stix = run("export", case, "-f", "stix", *more)[0]
        misp = run("export", case, "-f", "misp", *more)[0]
        check(f"{name}: the same each time", stix == run("export", case, "-f", "stix", *more)[0])
        check_stix(f"{name}: STIX", stix, document, redacted=redacted)
        check_misp(f"{name}: MISP", misp, document, redacted=redacted)
        for form, text in (("stix", stix), ("misp", misp)):
            path = work / f"{name}.{redacted}.{form}.json"
            path.write_text(text, encoding="utf-8")
            kept[form].append(path)
    check_notices(name, case, document)
    check_redacted(name, case, secrets_of(document, extra), key)
    return case, key, document


def check_stories(work, kept):
    for name in STORIES:
        folder = work / name
        secrets = set()
        for host in stories.tell(name).hosts:
            host.write(str(folder / host.name))
            secrets |= {host.org.domain, host.org.netbios, host.ip, host.org.sid}
            secrets |= {person[0] for person in host.org.people}
        case, key, _ = every_form(name, folder, work, kept, secrets)
        if name == STORIES[0]:
            check_keys(name, case, work, key)
        shutil.rmtree(folder)


HEADER = ("#Software: Microsoft Internet Information Services 10.0\r\n"
          "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip "
          "cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken\r\n")
ROW = "2021-03-05 03:06:%02d 10.0.0.5 POST %s %s 443 %s %s %s - 200 0 0 133\r\n"
HOSTILE = ["=cmd|'/C+calc'!A0", "@SUM(1)", "<script>alert(1)</script>", '"><img+src=x>',
           "\x1b[2J\x1b]0;x\x07", "\u202egnp.exe", "';DROP--", "a\\u0022,\\x1b", "{{7*7}}",
           "'] OR [ipv4-addr:value = '1.2.3.4"]
LIST = """type,value,comment,tlp
address,203.0.113.77,secret listener,TLP:RED
address,203.0.113.78,told friends,TLP:GREEN
address,203.0.113.79,as usual,TLP:AMBER
"""


def check_hostile(work, kept):
    logs = work / "hostile" / "inetpub/logs/LogFiles/W3SVC1"
    logs.mkdir(parents=True)
    page = logs.parents[2] / "wwwroot/aspnet_client"
    page.mkdir(parents=True)
    (page / "'=@x[.aspx").write_text('<%@ Page Language="JScript"%><%eval(Request["a"],"unsafe");%>')
    text = HEADER
    for i, h in enumerate(HOSTILE):
        text += ROW % (i, "/aspnet_client/" + h.replace(" ", "+") + ".aspx",
                       "u=jane.doe%40corp.test", "CORP\\jdoe", "198.51.100.9", h.replace(" ", "+"))
        text += ROW % (i, "/aspnet_client/system_web/x.aspx", "-", "-", "203.0.113.66",
                       h.replace(" ", "+"))
    for i, name in enumerate(["jdoe-copy", "exported.jane.doe"]): # in no form that tells it for a name
        text += ROW % (30 + i, f"/aspnet_client/{name}.aspx", "-", "-", "203.0.113.66", "curl")
    (logs / "u_ex210305.log").write_text(text, encoding="utf-8", newline="")
    every_form("hostile", work / "hostile", work, kept,
               {"jane.doe", "corp.test", "jdoe", "198.51.100.9", "203.0.113.66"})


def check_tlp(work):
    folder = work / "lists"
    folder.mkdir()
    (work / "list.csv").write_text(LIST)
    text = HEADER
    for i in range(3):
        text += ROW % (i, "/owa/x.js", "-", "-", f"203.0.113.{77 + i}", "curl")
    (folder / "u_ex210305.log").write_text(text, newline="")
    case = work / "tlp.db"
    scan(folder, case, "-i", work / "list.csv")
    for tlp, ends in (("green", {"78"}), ("amber", {"78", "79"}), ("red", {"77", "78", "79"})):
        for form in ("jsonl", "csv", "stix", "misp", "notice"):
            text, told = run("export", case, "-f", form, "--tlp", tlp)
            gone = {"77", "78", "79"} - ends
            check(f"TLP {tlp}, {form}: kept back", all(f"203.0.113.{e}" not in text for e in gone),
                  text[:300])
        text, told = run("export", case, "-f", "jsonl", "--tlp", tlp)
        check(f"TLP {tlp}: the others", all(f"203.0.113.{e}" in text for e in ends), text[:300])
        check(f"TLP {tlp}: told", ("left out: marked stricter" in told) == (len(ends) < 3), told)


def check_mistakes(work):
    case = work / f"{STORIES[0]}.db"
    for args in (["export", case], ["export", case, "-f", "xml"], ["timeline", case, "-f", "x"],
                 ["export", case, "-f", "csv", "--tlp", "pink"], ["timeline", case, "-k", "x"],
                 ["export", case, "-f", "csv", "-t", "x"], ["timeline", work / "none.db"],
                 ["timeline", case, "--host", "nobody"], ["timeline", case, "--from", "x"],
                 ["export", case, "-f", "csv", "-o", work / "none/x.csv"]):
        text, told = run(*args, status=2)
        check(f"mistake {args[2:]}: told", told.startswith("assay: ") and not text, told)
    out = work / "out.csv"
    text = run("export", case, "-f", "csv")[0]
    run("export", case, "-f", "csv", "-o", out)
    check("a file holds what standard output gets", out.read_bytes().decode() == text)
    check("nothing else is left", not list(work.glob("out.csv.*")))
    later = json.loads(run("export", case, "-f", "stix", "--modified", "2026-05-04")[0])
    check("modified", any(o.get("modified") == "2026-05-04T00:00:00.000Z"
                          for o in later["objects"]))


def main():
    kept = {"stix": [], "misp": []}
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        check_stories(work, kept)
        check_hostile(work, kept)
        check_tlp(work)
        check_mistakes(work)
        validate_stix(kept["stix"])
        validate_misp(kept["misp"])
    for p in problems[:40]:
        print(p)
    print(f"{checks} checks, {len(problems)} problems")
    sys.exit(1 if problems else 0)


main()
