"""Hostile texts (tests/data/injections.json), planted wherever an intruder can write.

    corpus = injections.load(path)          # a list of Injection
    planted = injections.write(root, corpus)  # the evidence; a list of Planted
    injections.write_pack(folder, corpus)   # a pack that shows every one of them
    injections.write_rules(folder, corpus)  # Sigma rules whose own texts are hostile
    injections.harmless(corpus)             # the same, with a plain word in place of each text

Each text is followed by a mark, "zq017ag": number 17, place "ag". Where a mark is shown, the text
before it was shown too. A text that a place cannot hold is left out there: no log of lines holds a
newline, no name of a file a slash.
"""
import datetime
import json
import os
import pathlib
import typing

import carriers
import configuration
import planted as servers
from evtxgen import EvtxWriter
from regfgen import Key, Value, hive

START = datetime.datetime(2021, 3, 1, 0, 0, 0)
NAME_MAX = 255 - len("zq000xx.aspx")  # bytes of a file's name
GUID = "11111111-2222-4333-8444-555555555555"


class Injection(typing.NamedTuple):
    number: int
    name: str
    text: str    # invalid bytes are lone surrogates from U+DC80 (surrogateescape), if `raw`
    raw: bool    # given as bytes
    plain: bool = False  # a plain word is planted in its place

    @property
    def put(self):
        return "plain" if self.plain else self.text

    def mark(self, place):
        return f"zq{self.number:03d}{place}"

    def utf8(self):
        """As bytes; half a pair, which UTF-16 can hold, as the three bytes it would have."""
        return encode(self, self.put)


def encode(i, text):
    return text.encode("utf-8", "surrogateescape" if i.raw else "surrogatepass")


class Planted(typing.NamedTuple):
    injection: Injection
    place: str

    @property
    def mark(self):
        return self.injection.mark(self.place)


def load(path):
    corpus = []
    for entry in json.loads(pathlib.Path(path).read_text(encoding="ascii")):
        raw = "bytes" in entry
        text = bytes.fromhex(entry["bytes"]).decode("utf-8", "surrogateescape") if raw else entry["text"]
        head = text[:-entry["unit"]] if "unit" in entry else text
        text = head + text[len(head):] * entry.get("times", 1)
        corpus.append(Injection(len(corpus), entry["name"], text, raw))
    return corpus


def harmless(corpus):
    """The same without any harm, in the same places: what it makes is the measure of a structure."""
    return [i._replace(plain=True) for i in corpus]


# --- the places ---------------------------------------------------------------------------------

# place: (kind of log source, field, axis and state that its rule tells, what else it tells)
IIS = {"st": "cs-uri-stem", "qu": "cs-uri-query", "us": "cs-username", "ag": "cs(User-Agent)",
       "re": "cs(Referer)", "ho": "cs-host"}
PROXY = {"pu": "UrlStem", "pq": "UrlQuery", "pa": "AnchorMailbox", "pn": "AuthenticatedUser", "pg": "UserAgent",
         "ph": "UrlHost", "pe": "GenericErrors", "pi": "ClientIpAddress"}
MAIL = {"ms": "message-subject", "mf": "sender-address", "mr": "recipient-address"}
BACKDOOR = {"axis": "backdoor", "state": "present"}
WRITTEN = {"axis": "backdoor", "state": "written"}
REMOVED = {"axis": "backdoor", "state": "removed"}
ENTRY = {"axis": "entry", "state": "exploited"}
LOSS = {"axis": "loss", "state": "seen"}
RULES = {  # place: (log source, field, what its rule tells)
    "st": ("category: webserver", "cs-uri-stem", {**BACKDOOR, "object": "cs-uri-stem", "initiator": "cs-uri-stem"}),
    "qu": ("category: webserver", "cs-uri-query", {"axis": "action", "state": "seen", "kind": "execution"}),
    "us": ("category: webserver", "cs-username", {**ENTRY, "initiator": "cs-username", "shares": {"account": "cs-username"}}),
    "ag": ("category: webserver", "cs-user-agent", {**LOSS, "kind": "file", "object": "cs-user-agent",
                                                   "shares": {"agent": "cs-user-agent"}}),
    "re": ("category: webserver", "cs-referer", {**REMOVED, "object": "cs-referer"}),
    "ho": ("category: webserver", "cs-host", {**BACKDOOR, "state": "used", "object": "cs-host"}),
    "pu": ("{product: exchange, service: httpproxy}", "UrlStem", {**BACKDOOR, "object": "UrlStem"}),
    "pq": ("{product: exchange, service: httpproxy}", "UrlQuery", {"axis": "action", "state": "seen", "kind": "credentials"}),
    "pa": ("{product: exchange, service: httpproxy}", "AnchorMailbox", {**LOSS, "kind": "mail", "mailbox": "AnchorMailbox"}),
    "pn": ("{product: exchange, service: httpproxy}", "AuthenticatedUser", {**ENTRY, "initiator": "AuthenticatedUser"}),
    "pg": ("{product: exchange, service: httpproxy}", "UserAgent", {"axis": "action", "state": "seen", "kind": "lateral"}),
    "ph": ("{product: exchange, service: httpproxy}", "UrlHost", {**ENTRY, "state": "reached", "about": "UrlHost"}),
    "pe": ("{product: exchange, service: httpproxy}", "GenericErrors", {"axis": "context", "state": "noise"}),
    "pi": ("{product: exchange, service: httpproxy}", "ClientIpAddress", {**ENTRY, "state": "attempted", "initiator": "ClientIpAddress"}),
    "ms": ("{product: exchange, service: message-tracking}", "message-subject", {**LOSS, "kind": "mail", "mailbox": "message-subject"}),
    "mf": ("{product: exchange, service: message-tracking}", "sender-address", {**LOSS, "kind": "mail", "mailbox": "sender-address"}),
    "mr": ("{product: exchange, service: message-tracking}", "recipient-address", {**LOSS, "kind": "mail", "left": "maybe", "mailbox": "recipient-address"}),
    "ed": ("product: windows", "Payload", {"axis": "action", "state": "seen", "kind": "execution", "shares": {"tool": "Payload"}}),
    "ec": ("product: windows", "Certificate", {"axis": "action", "state": "seen", "kind": "persistence",
                                               "shares": {"domain": "Certificate"}}),
    "ej": ("product: windows", "Json", {"axis": "action", "state": "seen", "kind": "collection"}),
    "eb": ("product: windows", "Release", {"axis": "exposure", "state": "build", "build": "Release"}),
    "eh": ("product: windows", "HostMark", {**WRITTEN, "object": "HostMark"}),
    "el": ("product: windows", "LogMark", {"axis": "logging", "state": "cleared", "object": "LogMark"}),
    "fn": ("category: file_inventory", "Path", {**BACKDOOR, "object": "Path"}),
    "fd": ("category: file_inventory", "Path", {**WRITTEN, "object": "Path"}),
    "zn": ("category: file_inventory", "Path", {**BACKDOOR, "object": "Path"}),
    "rn": ("{product: windows, service: registry-hive}", "TargetObject", {**BACKDOOR, "object": "TargetObject"}),
    "rv": ("{product: windows, service: registry-hive}", "Details", {**BACKDOOR, "object": "Details"}),
    "tn": ("category: file_inventory", "Path", {**BACKDOOR, "object": "Path"}),
    "tc": ("{product: windows, service: task-file}", "Command", {**BACKDOOR, "object": "Command"}),
}
TITLES = {"html", "attribute", "terminal", "unicode", "csv", "json"}  # groups whose texts make a pack's title


def put(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def iis(root, corpus):
    """One row for each text, which stands in six columns."""
    columns = ["date", "time", "s-ip", "cs-method", *IIS.values(), "c-ip", "sc-status", "time-taken"]
    out = ["#Software: Microsoft Internet Information Services 10.0\r\n#Fields: " + " ".join(columns)]
    out = [out[0].encode()]
    done = []
    for i in corpus:
        if set(i.text) & set("\r\n"):
            continue
        text = i.put.replace(" ", "+")
        at = START + datetime.timedelta(minutes=i.number)
        cells = [encode(i, text + i.mark(place)) for place in IIS]
        out.append(b" ".join([f"{at:%Y-%m-%d %H:%M:%S} 10.0.0.5 GET".encode(), *cells, b"203.0.113.9 200 5"]))
        done += [Planted(i, place) for place in IIS]
    put(root / "C/inetpub/logs/LogFiles/W3SVC1/u_ex210301.log", b"\r\n".join(out) + b"\r\n")
    return done


def quoted(i, text):
    return b'"' + encode(i, text).replace(b'"', b'""') + b'"'


def exchange(root, corpus, name, kind, columns, places):
    """A log of Exchange: cells in quotes hold newlines too."""
    out = [b"#Software: Microsoft Exchange Server\r\n#Version: 15.01.2106.002\r\n#Log-type: " + kind.encode() +
           b"\r\n#Date: 2021-03-01T00:00:00.000Z\r\n#Fields: " + ",".join(columns).encode()]
    done = []
    for i in corpus:
        at = START + datetime.timedelta(minutes=i.number, seconds=20)
        cells = [f"{at:%Y-%m-%dT%H:%M:%S}.000Z".encode()]
        for column in columns[1:]:
            place = [p for p, c in places.items() if c == column]
            cells.append(quoted(i, i.put + i.mark(place[0])) if place else b"x")
        out.append(b",".join(cells))
        done += [Planted(i, place) for place in places]
    put(root / name, b"\r\n".join(out) + b"\r\n")
    return done


def proxy(root, corpus):
    columns = ["DateTime", "RequestId", "Protocol", "UrlHost", "UrlStem", "UrlQuery", "AuthenticatedUser", "AnchorMailbox",
               "UserAgent", "ClientIpAddress", "ServerHostName", "HttpStatus", "GenericErrors"]
    return exchange(root, corpus, servers.EX + "Logging/HttpProxy/Ecp/HttpProxy_2021030100-1.LOG", "HttpProxy Logs",
                    columns, PROXY)


def mail(root, corpus):
    columns = ["date-time", "client-ip", "source", "event-id", "message-id", "recipient-address", "total-bytes",
               "message-subject", "sender-address"]
    return exchange(root, corpus, servers.EX + "TransportRoles/Logs/MessageTracking/MSGTRK2021030100-1.LOG",
                    "Message Tracking Log", columns, MAIL)


def event_log(root, corpus):
    """Fields, Computer, channel and provider of events. Raw bytes are those of another code page."""
    done = []
    path = root / "C/Windows/System32/winevt/Logs/Made.evtx"
    path.parent.mkdir(parents=True, exist_ok=True)
    with EvtxWriter(str(path)) as log:
        for i in corpus:
            if i.raw or any("\ud800" <= c <= "\udfff" for c in i.text):
                continue
            at = START + datetime.timedelta(minutes=i.number, seconds=40)
            text = i.put.replace("\0", "")  # it would end the text there
            fields = [("Payload", text + i.mark("ed")), ("Certificate", "CN=" + text + i.mark("ec")),
                      ("Release", text + i.mark("eb"))]
            log.add(provider="Made", channel="Made", computer="MAIL01.example.com", event_id=1, time=at, guid=GUID, data=fields)
            done += [Planted(i, place) for place in ("ed", "ec", "eb")]
            short = text[:200]
            log.add(provider=short + i.mark("ep"), channel=short + i.mark("el"), computer=short + i.mark("eh"), event_id=2,
                    time=at, guid=GUID, data=[("HostMark", i.mark("eh")), ("LogMark", short + i.mark("el"))])
            done += [Planted(i, place) for place in ("eh", "el")]
    return done


def json_log(root, corpus):
    """Events of Windows as JSON lines: half pairs and NUL as escapes."""
    lines, done = [], []
    for i in corpus:
        if i.raw:
            continue
        at = START + datetime.timedelta(minutes=i.number, seconds=50)
        lines.append(json.dumps({"winlog": {
            "channel": "Made", "provider_name": "Made", "event_id": 3, "record_id": i.number + 1, "computer_name": "MAIL01.example.com",
            "event_data": {"Json": i.put + i.mark("ej"), i.put[:200] + "key": "x"}}, "@timestamp": f"{at:%Y-%m-%dT%H:%M:%S}.000Z"}))
        done.append(Planted(i, "ej"))
    put(root / "C/exported.jsonl", "\n".join(lines).encode() + b"\n")
    return done


def name_of(i, place, end=""):
    """The text as a file's name, in bytes; None where it cannot be one."""
    raw = i.utf8()
    if b"/" in raw or b"\0" in raw:
        raw = raw.replace(b"/", b"").replace(b"\0", b"")
    raw = raw[:NAME_MAX]
    return raw + i.mark(place).encode() + end.encode()


def files(root, corpus):
    """Names of files and of folders in a web folder, and of tasks."""
    done = []
    web = os.fsencode(root / "C/inetpub/wwwroot/app")
    tasks = os.fsencode(root / "C/Windows/System32/Tasks")
    os.makedirs(web)
    os.makedirs(tasks)
    for i in corpus:
        with open(web + b"/" + name_of(i, "fn", ".aspx"), "wb") as f:
            f.write(servers.PAGE)
        folder = web + b"/" + name_of(i, "fd")
        os.mkdir(folder)
        with open(folder + b"/page.aspx", "wb") as f:
            f.write(servers.PAGE)
        done += [Planted(i, "fn"), Planted(i, "fd"), Planted(i, "tn")]
        task = configuration.task("cmd.exe")
        if not i.raw and is_xml_text(i.text):
            task = configuration.task(xml(i.put) + i.mark("tc"))
            done.append(Planted(i, "tc"))
        with open(tasks + b"/" + name_of(i, "tn"), "wb") as f:
            f.write(task)
    return done


def is_xml_text(text):
    return all(c in "\t\n\r" or " " <= c < "\ud800" or "\ue000" <= c < "\ufffe" or c > "\uffff" for c in text)


def xml(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def archive(root, corpus):
    """Names of members."""
    members = {}
    for i in corpus:
        if i.raw or any("\ud800" <= c <= "\udfff" or c < " " for c in i.text):
            continue
        members["C/inetpub/wwwroot/zip/" + i.put.replace("/", "")[:60] + i.mark("zn") + ".aspx"] = servers.PAGE
    put(root / "collected.zip", carriers.zip_of(members))
    return [Planted(i, "zn") for i in corpus if any(i.mark("zn") in m for m in members)]


def registry(root, corpus):
    """Names and data of values that start programs."""
    names, data, done = [], [], []
    for i in corpus:
        if i.raw:
            continue
        text = i.put.replace("\0", "")
        wide = (text + i.mark("rv") + "\0").encode("utf-16-le", "surrogatepass")
        data.append(Value(f"v{i.number}", wide, 1))
        done.append(Planted(i, "rv"))
        if not any("\ud800" <= c <= "\udfff" for c in i.text):
            names.append(Value(text[:200] + i.mark("rn"), "C:\\Windows\\x.exe"))
            done.append(Planted(i, "rn"))
    run = Key("Run", *data)
    once = Key("RunOnce", *names)
    put(root / servers.HIVES / "SOFTWARE", hive(Key("ROOT", Key("Classes"), Key("Microsoft", Key(
        "Windows", Key("CurrentVersion", run, once)), Key("Windows NT", Key("CurrentVersion"))))))
    return done


def write(root, corpus):
    """Writes all evidence; gives what was planted where."""
    done = []
    for part in (iis, proxy, mail, event_log, json_log, files, archive, registry):
        done += part(root, corpus)
    return done


# --- the pack and the rules that show them -------------------------------------------------------

def scalar(text):
    """A text in double quotes, as YAML has it; half pairs, which it cannot hold, are left out."""
    out = ""
    for c in text:
        if c in '"\\':
            out += "\\" + c
        elif " " <= c <= "~":
            out += c
        elif not "\ud800" <= c <= "\udfff":
            out += "\\U%08x" % ord(c)
    return '"' + out + '"'


def yaml(i, more=""):
    return scalar(i.put[:4000] + more)


RULE = """title: {title}
id: 5a1d0000-0000-4000-8000-{number:012d}
status: test
date: 2021-03-01
description: {title}
references: ["made"]
tags: [attack.t1190]
logsource: {source}
detection:
  s:
    {field}|contains: '{mark}'
  condition: s
level: high
"""


def write_pack(folder, corpus):
    """A pack with a rule for each place, whose sentence is the planted text alone, and whose own texts are hostile."""
    (folder / "rules").mkdir(parents=True)
    for n, (place, (source, field, told)) in enumerate(sorted(RULES.items())):
        if not source.startswith("{"):
            source = "{" + source + "}"
        rule = RULE.format(title=f"place {place}", number=n, source=source, field=field, mark="").replace(
            "contains: ''", f"re: 'zq[0-9]{{3}}{place}'")
        what = "{%s}" % field
        lines = {**told, "confidence": "certain", "what": what, "act": "made-" + place, "key": [field], "within": "1s"}
        kind = {"webserver": "iis", "httpproxy": "httpproxy", "message-tracking": "message-tracking", "registry-hive": "registry",
                "task-file": "task"}
        head = next((k for word, k in kind.items() if word in source), "file" if "file_inv" in source else "windows")
        sample = {field: "zq000" + place}
        text = rule + "assay:\n" + "".join(f"  {k}: {json.dumps(v)}\n" for k, v in lines.items())
        text += f"  tests:\n    match:\n      head: {{kind: {head}}}\n      fields: {json.dumps(sample)}\n"
        text += f"    near_miss:\n      head: {{kind: {head}}}\n      fields: {json.dumps({field: 'x'})}\n"
        (folder / f"rules/{place}.yml").write_text(text)
    title = " ".join(i.put[:80] for i in corpus if i.name.split("/")[0] in TITLES and not i.raw
                     and not any("\ud800" <= c <= "\udfff" for c in i.text))
    advice = "".join(f"  - id: a{i.number}\n    when: {{}}\n    text: {yaml(i, i.mark('pk'))}\n    source: {yaml(i, i.mark('ps'))}\n"
                     for i in corpus)
    (folder / "pack.yml").write_text(f"""schema: 1
id: {folder.name}
claims: [back-doors, web-server-intrusion]
infers: false
title: {scalar(title)}
product: {scalar(title)}
as_of: 2021-03-01
about: {scalar(title)}
cves:
{"".join(f"  - {{id: {yaml(i, i.mark('cv'))}, what: {yaml(i, i.mark('cw'))}}}" + chr(10) for i in corpus)}
sources_read:
  - {{name: {scalar(title)}, as_of: 2021-03-01}}
traces:
  - {{kind: iis}}
  - {{kind: httpproxy}}
  - {{kind: windows, channel_prefix: ""}}
phases:
  - {{id: one, from: 2021-02-01, to: "", what: {scalar(title)}}}
builds:
  evidence:
    - {{source: "windows:Made/1", field: Release, precision: update}}
needs:
  entry:
    - {{source: iis.w3c, parts: [], tolerance: 26h, why: {scalar(title)}}}
collect:
  - what: {scalar(title)}
    commands: [{scalar(title)}]
advice:
{advice}""")


def write_rules(folder, corpus):
    """Sigma rules of a user whose title, author and other texts are hostile; each matches one event."""
    folder.mkdir(parents=True)
    for i in corpus:
        text = RULE.format(title=yaml(i, i.mark("ti")), number=900000 + i.number, source="{product: windows}",
                           field="Json", mark=i.mark("ej"))
        text += f"author: {yaml(i, i.mark('au'))}\nfalsepositives: [{yaml(i, i.mark('fp'))}]\n"
        (folder / f"r{i.number:03d}.yml").write_text(text)


def write_indicators(path, corpus):
    """A list of indicators whose descriptions are hostile; each value is met once."""
    path.write_text(json.dumps({"response": [{"Event": {"info": "made", "Attribute": [
        {"type": "text", "to_ids": True, "value": i.mark("ej"), "comment": i.put[:4000] + i.mark("in"),
         "uuid": f"5a1d0000-0000-4000-8000-{i.number:012d}"} for i in corpus if not i.raw]}}]}))
