"""Servers that never existed: what each records, day by day, and the folder it leaves.

A Host gathers rows of text logs, Windows events and files. What its retention, or a scenario,
takes away is taken away before writing. Every trace that an act leaves is noted with the source
that holds it; the truth of a scenario is told from the traces that are left (truth.py).

Simplified: HttpProxy has a file a day, not an hour. Addresses are those for documentation.
"""
import atexit
import collections
import hashlib
import os
import random
import shutil
import sys
import tempfile

GEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "gen")
sys.path.insert(0, GEN)

import background  # noqa: E402  (the folder is put on the path first)
import configuration  # noqa: E402
import exchlog  # noqa: E402
from evtxgen import EvtxWriter  # noqa: E402
from evtxshape import add_event  # noqa: E402
from server import (DAY, HOUR, MINUTE, SECOND, dotted, guid, moment, packed_version,  # noqa: E402
                    padded, parse_time)
from textlogs import BOM, COLUMN, HTTPPROXY_COLUMNS, ZERO_COLUMNS, cell, keyed  # noqa: E402

EX = "Program Files/Microsoft/Exchange Server/V15/"
EX_WIN = "C:\\Program Files\\Microsoft\\Exchange Server\\V15\\"
TEMP_ASP = "Windows/Microsoft.NET/Framework64/v4.0.30319/Temporary ASP.NET Files/"
PROTOCOLS = ("Autodiscover", "Ecp", "Ews", "Mapi", "Owa", "PowerShell")
STEP = 52 * MINUTE
WEEK = 7 * DAY
UNIX = ("apache", "nginx")
PROBE_AGENT = "Mozilla/4.0 (compatible; MSIE 9.0; Windows NT 6.1; MSEXCHMON; ACTIVEMONITORING; %s)"
CHROME = ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
          "Chrome/88.0.4324.150 Safari/537.36")
OUTLOOK = "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.13426; Pro)"
W3WP = "C:\\Windows\\System32\\inetsrv\\w3wp.exe"
SYSTEM32 = "C:\\Windows\\System32\\"
CHANNELS = {
    "mgmt": "MSExchange Management", "security": "Security", "application": "Application",
    "sysmon": "Microsoft-Windows-Sysmon/Operational", "system": "System",
    "defender": "Microsoft-Windows-Windows Defender/Operational",
    "powershell": "Microsoft-Windows-PowerShell/Operational",
}
CSV = {  # source: (type of exchlog, folder and name, minutes between two rows of an ordinary day)
    "rps-http": ("rps-http", "CmdletInfra/Powershell-Proxy/Http/Rps_Http_%s00-1.LOG", 45),
    "rps-cmdlet": ("rps-cmdlet", "CmdletInfra/Powershell-Proxy/Cmdlet/Rps_Cmdlet_%s00-1.LOG", 45),
    "ews": ("ews2016", "Ews/Ews_%s00-1.LOG", 50),
    "audit": ("audit", "LocalQueue/Exchange/audit%s-1.LOG", 420),
    "ecp-activity": ("ecp-activity", "ECP/Activity/ECPActivity_11500_%s-1.LOG", 700),
}
Trace = collections.namedtuple("Trace", "source time campaign axis state mark intrusion detail")
_days = {}
DISGUISE = {}  # shift: milliseconds of another clock; prefix: of other host names (changes.py)


def stamp(t, blank="T", tail=True):
    """2021-03-03T06:59:10.817Z, faster than by datetime."""
    number, rest = divmod(t, DAY)
    day = _days.get(number)
    if day is None:
        day = _days[number] = moment(number * DAY).strftime("%Y-%m-%d")
    s, ms = divmod(rest, 1000)
    clock = "%s%s%02d:%02d:%02d" % (day, blank, s // 3600, s // 60 % 60, s % 60)
    return clock + ".%03dZ" % ms if tail else clock


class Shared:
    """The ordinary days of one kind of server, made once in a process: rows and events by day and
    week, and the files that they make, which hosts link to where nothing was added."""

    made = {}
    folder = None

    def __init__(self, host):
        self.rows = {s: _group(rows, DAY) for s, rows in host.rows.items()}
        self.events = {s: _group(rows, WEEK) for s, rows in host.events.items()}
        self.sources = set(host.sources)
        self.files = {}

    def path(self, key, make):
        """A file of the cache, made when it is first asked for."""
        if key not in self.files:
            if Shared.folder is None:
                Shared.folder = tempfile.mkdtemp(prefix="judge-shared-")
                atexit.register(shutil.rmtree, Shared.folder, ignore_errors=True)
            path = os.path.join(Shared.folder, "%d" % sum(len(x.files) for x in
                                                          Shared.made.values()))
            make(path)
            self.files[key] = path
        return self.files[key]


def _group(rows, unit):
    groups = collections.defaultdict(list)
    for row in rows:
        groups[row[0] // unit].append(row)
    return dict(groups)


class Org:
    """Names that several servers share."""

    def __init__(self, domain="nordhaven.example", seed=1):
        self.domain = domain
        self.netbios = domain.split(".")[0].upper()[:15]
        self.rng = random.Random("%s %s" % (domain, seed))
        self.sid = "S-1-5-21-2718281828-3141592653-%d" % (1000000 + self.rng.randrange(10 ** 6))
        names = "a.berg b.dahl c.ek d.falk e.grahn f.holm g.lind h.moe".split()
        self.people = [(n, "%s-%d" % (self.sid, 1104 + i), guid(self.rng), "10.20.30.%d" % (21 + i),
                        "192.0.2.%d" % (40 + i)) for i, n in enumerate(names)]
        self.hosts = []


class Host:
    """One server between two times. `builds` is [(from, (15, 1, 2106, 2)), ...]."""

    def __init__(self, org, name, role, start, end, builds=(), *, seed=1, sysmon=True, skew=0,
                 sizes=False, ip=None, quiet=False, offset=0):
        name = DISGUISE.get("prefix", "") + name
        skew += DISGUISE.get("shift", 0)
        self.org, self.name, self.role = org, name, role
        self.start, self.end = (t if isinstance(t, int) else parse_time(t) for t in (start, end))
        self.builds = [(parse_time(t) if isinstance(t, str) else t, b) for t, b in builds]
        self.sysmon, self.skew, self.sizes, self.quiet = sysmon, skew, sizes, quiet
        self.offset = offset
        self.fqdn = "%s.%s" % (name.lower(), org.domain)
        self.computer = "%s.%s" % (name, org.domain)
        self.ip = ip or "10.20.0.%d" % (11 + len(org.hosts))
        self.public = "mail.%s" % org.domain
        self.rng = random.Random("%s %s %s" % (org.domain, name, seed))
        self.rows = collections.defaultdict(list)
        self.events = collections.defaultdict(list)
        self.files = {}
        self.traces = []
        self.outages = []
        self.shared = None
        self.drop, self.late, self.holes = set(), {}, collections.defaultdict(list)
        self.sources = set()
        self.mitigations = []  # (campaign, from, to or None)
        self.notes = {}
        org.hosts.append(self)
        for i, (t, _) in enumerate(self.builds):
            if i and self.start < t < self.end:
                self.outages.append((t - 25 * MINUTE, t))

    # -- what is there ------------------------------------------------------------------

    def build_at(self, t):
        current = self.builds[0][1]
        for first, build in self.builds:
            if t >= first:
                current = build
        return current

    def up(self, t):
        return self.start <= t < self.end and not any(a <= t < b for a, b in self.outages)

    def keeps(self, source, t):
        """Whether what `source` recorded at t is still there."""
        wide = source.split("-")[0] if source.startswith("hp-") else source
        t -= DISGUISE.get("shift", 0)
        for name in (source, wide):
            if name in self.drop or t < self.late.get(name, 0):
                return False
            if any(a <= t < b for a, b in self.holes.get(name, ())):
                return False
        return True

    def row(self, source, t, text):
        self.sources.add(source)
        if self.start <= t < self.end:
            self.rows[source].append((t + self.skew, text))

    def event(self, source, t, provider, event_id, data, mark=None, **more):
        self.sources.add(source)
        if source == "sysmon" and not self.sysmon:
            return
        if self.start <= t < self.end:
            self.events[source].append((t + self.skew, dict(more, provider=provider,
                                                            event_id=event_id, data=data), mark))

    def file(self, path, content, t, source="web"):
        self.sources.add(source)
        if t < self.end:
            data = content.encode("utf-8") if isinstance(content, str) else content
            self.files[path] = (data, t + self.skew, source)

    def trace(self, source, t, campaign, axis, state, mark="", intrusion="", **detail):
        if source == "sysmon" and not self.sysmon:
            return
        self.traces.append(Trace(source, t, campaign, axis, state, mark, intrusion, detail))

    def recorded(self, trace):
        """Whether a trace is still in the evidence."""
        if trace.source in ("web", "temp", "config", "mft", "registry"):
            return trace.time < self.end and trace.source not in self.drop
        return (self.start <= trace.time < self.end and
                self.keeps(trace.source, trace.time + self.skew))

    # -- writing ------------------------------------------------------------------------

    def all_rows(self, source):
        """The rows of a text log, those of ordinary days too, in no order."""
        days = self.shared.rows.get(source, {}) if self.shared else {}
        return [r for rows in days.values() for r in rows] + self.rows.get(source, [])

    def _touched(self, source):
        wide = source.split("-")[0] if source.startswith("hp-") else source
        return any(n in self.drop or n in self.late or n in self.holes for n in (source, wide))

    def write(self, root):
        """The folder of the host below `root`. Returns {mark: place} of marked events."""
        marks = {}
        for source in sorted({*self.rows, *(self.shared.rows if self.shared else ())}):
            self._write_rows(root, source)
        for path, (data, t, source) in sorted(self.files.items()):
            if source in self.drop:
                continue
            if data is None:
                os.makedirs(os.path.join(root, "C", path), exist_ok=True)
            else:
                _write(root, path if self.role in UNIX else "C/" + path, data, t)
        for source in sorted({*self.events, *(self.shared.events if self.shared else ())}):
            self._write_channel(root, source, marks)
        return marks

    def _write_rows(self, root, source):
        own, touched = _group(self.rows.get(source, ()), DAY), self._touched(source)
        days = self.shared.rows.get(source, {}) if self.shared else {}
        if source == "access":
            rows = sorted(r for r in self.all_rows(source) if self.keeps(source, r[0]))
            for path, data, t in documents(self, source, rows):
                _write(root, path, data, t)
            return
        for day in sorted({*own, *days}):
            if day not in own and not touched:
                self._link_rows(root, source, day, days[day])
                continue
            rows = [r for r in days.get(day, []) + own.get(day, []) if self.keeps(source, r[0])]
            for path, data, t in documents(self, source, sorted(rows)):
                _write(root, path, data, t)

    def _link_rows(self, root, source, day, rows):
        path, data, t = next(documents(self, source, sorted(rows))) if (
            ("name", source, day) not in self.shared.files) else (None, None, None)
        if path:
            self.shared.files[("name", source, day)] = path

            def make(target):
                with open(target, "wb") as out:
                    out.write(data)
                os.utime(target, (t / 1000, t / 1000))
            self.shared.path((source, day), make)
        full = os.path.join(root, self.shared.files[("name", source, day)])
        os.makedirs(os.path.dirname(full), exist_ok=True)
        os.link(self.shared.files[(source, day)], full)

    def _write_channel(self, root, source, marks):
        """An event log, full weeks as archived files: those without an act are shared."""
        if source not in CHANNELS:
            return
        number = 1 + int(hashlib.sha256((self.name + source).encode()).hexdigest()[:4], 16)
        own = _group(self.events.get(source, ()), WEEK)
        weeks = self.shared.events.get(source, {}) if self.shared else {}
        every, touched = sorted({*own, *weeks}), self._touched(source)
        for week in every:
            events = sorted(weeks.get(week, []) + own.get(week, []), key=lambda e: e[0])
            kept = [(number + i, e) for i, e in enumerate(events) if self.keeps(source, e[0])]
            number += len(events)
            if not kept:
                continue
            name = CHANNELS[source].replace("/", "%4")
            if week != every[-1]:
                name = "Archive-%s-%s" % (name, moment(kept[-1][1][0]).strftime("%Y-%m-%d-%H-%M"))
            path = "C/Windows/System32/winevt/Logs/%s.evtx" % name
            full = os.path.join(root, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            if week in own or touched or not self.shared:
                self._write_events(full, source, kept)
            else:
                os.link(self.shared.path((source, week, kept[0][0], week == every[-1]),
                                         lambda p, s=source, k=kept: self._write_events(p, s, k)),
                        full)
            for record, (_, _, mark) in kept:
                if mark:
                    marks[mark] = (path, record)

    def _write_events(self, full, source, kept):
        with EvtxWriter(full) as log:
            for number, (t, event, _) in kept:
                add_event(log, channel=CHANNELS[source], computer=self.computer, time=moment(t),
                          record_id=number, **event)
        os.utime(full, (kept[-1][1][0] / 1000,) * 2)


def _write(root, path, data, t):
    full = os.path.join(root, path)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with open(full, "wb") as out:
        out.write(data)
    os.utime(full, (t / 1000, t / 1000))


# -- rows of text logs ---------------------------------------------------------------------


def documents(host, source, rows):
    if source.startswith("hp-"):
        return _proxy_files(host, source, rows)
    if source.startswith("iis"):
        return _iis_files(host, source, rows)
    if source == "ecp":
        return _csv_files(host, rows, "Logging/ECP/Server/ECPServer%s-1.LOG", "ECP Server Log",
                          "TimeStamp,ServerName,EventId,EventData")
    if source in CSV:
        kind, name, _ = CSV[source]
        return _csv_files(host, rows, "Logging/" + name, exchlog.TYPES[kind][1],
                          exchlog.TYPES[kind][4])
    if source == "access":
        return _access_files(host, rows)
    if source == "oab":
        return _plain_files(rows, "C/" + EX + "Logging/OABGeneratorLog/OABGenerator_%s-1.log")
    raise ValueError(source)


def _by_day(rows):
    group = []
    for t, text in rows:
        if group and t // DAY != group[0][0] // DAY:
            yield group
            group = []
        group.append((t, text))
    if group:
        yield group


def _proxy_files(host, source, rows):
    proto = next(p for p in PROTOCOLS if p.lower() == source[3:])
    for group in _by_day(rows):
        first = group[0][0]
        head = ["#Software: Microsoft Exchange Server",
                "#Version: " + padded(host.build_at(first)), "#Log-type: HttpProxy Logs",
                "#Date: " + stamp(first), "#Fields: " + HTTPPROXY_COLUMNS]
        name = moment(first).strftime("%Y%m%d%H")
        text = BOM + "\r\n".join(head + [x for _, x in group]) + "\r\n"
        yield ("C/%sLogging/HttpProxy/%s/HttpProxy_%s-1.LOG" % (EX, proto, name), text.encode(),
               group[-1][0])


def iis_fields(host):
    return ("date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip "
            "cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status " +
            ("sc-bytes cs-bytes " if host.sizes else "") + "time-taken")


def _iis_files(host, source, rows):
    site = {"iis-fe": "W3SVC1", "iis-be": "W3SVC2", "iis": "W3SVC1"}[source]
    for group in _by_day(rows):
        head = ["#Software: Microsoft Internet Information Services 10.0", "#Version: 1.0",
                "#Date: " + stamp(group[0][0], " ", False), "#Fields: " + iis_fields(host)]
        name = "C/inetpub/logs/LogFiles/%s/u_ex%s.log" % (
            site, moment(group[0][0]).strftime("%y%m%d"))
        yield name, ("\r\n".join(head + [x for _, x in group]) + "\r\n").encode(), group[-1][0]


def _csv_files(host, rows, path, kind, columns):
    for group in _by_day(rows):
        first = group[0][0]
        head = ["#Software: Microsoft Exchange Server",
                "#Version: " + padded(host.build_at(first)), "#Log-type: " + kind,
                "#Date: " + stamp(first), "#Fields: " + columns]
        yield ("C/" + EX + path % moment(first).strftime("%Y%m%d"),
               (BOM + "\r\n".join(head + [x for _, x in group]) + "\r\n").encode(), group[-1][0])


def _plain_files(rows, path):
    for group in _by_day(rows):
        yield (path % moment(group[0][0]).strftime("%Y%m%d"),
               ("\r\n".join(x for _, x in group) + "\r\n").encode(), group[-1][0])


def _access_files(host, rows):
    if rows:
        where = "nginx" if host.role == "nginx" else "apache2"
        yield ("var/log/%s/access.log" % where,
               ("\n".join(x for _, x in rows) + "\n").encode(), rows[-1][0])


def proxy_row(host, t, proto, rid, v):
    """A row of HttpProxy. `v` as request() has it."""
    t += host.skew
    build = host.build_at(t - host.skew)
    version = v.get("version")
    row = [""] * len(COLUMN)
    for i in ZERO_COLUMNS:
        row[i] = "0"
    begin = stamp(t - 20)
    info = "BeginRequest=%s;CorrelationID=<empty>;" % begin
    values = {
        "DateTime": stamp(t), "RequestId": rid, "MajorVersion": build[0],
        "MinorVersion": build[1], "BuildVersion": build[2], "RevisionVersion": build[3],
        "Protocol": proto, "UrlHost": v.get("url_host", host.public), "UrlStem": v["stem"],
        "AuthenticationType": v.get("auth", ""), "AuthenticatedUser": v.get("user", ""),
        "IsAuthenticated": "true" if v.get("user") else "false",
        "AnchorMailbox": v.get("anchor", ""), "UserAgent": v.get("agent", "").replace(",", " "),
        "ClientIpAddress": v["client"], "ServerHostName": host.name,
        "HttpStatus": v.get("status", 200), "ErrorCode": v.get("error", ""),
        "Method": v.get("method", "GET"), "RequestBytes": v.get("sent", 0),
        "ResponseBytes": v.get("size", "") or "", "UrlQuery": v.get("query", ""),
        "GenericErrors": v.get("errors", ""), "RoutingStatus": "CafeV1",
        "TotalRequestTime": v.get("took", 20)}
    if v.get("backend") is not None:
        number = version if version is not None else packed_version(build)
        info += "ProxyState-Run=None;FEAuth=BEVersion-%d;" % number
        if v.get("down_level"):
            info += "ProxyToDownLevel=True;"
        values.update(BackEndStatus=v["backend"] or "", ProxyAction="Proxy",
                      TargetServer=v.get("target", host.notes.get("backend", host.fqdn)),
                      RoutingType="IntraForest", RoutingHint=v.get("hint", "WindowsIdentity"),
                      TargetServerVersion="0.00.%04d.000" % number if number < 65536 else
                      "%02d.%02d.%04d.000" % (number >> 22 & 63, number >> 16 & 63,
                                              number & 0x7FFF))
    values["GenericInfo"] = info + "EndRequest=%s;" % stamp(t)
    for name, value in values.items():
        row[COLUMN[name]] = cell(str(value))
    return ",".join(row)


def iis_row(host, t, v, stem, query, port, user, client, status):
    sizes = " %d %d" % (v.get("size", 0) or 0, v.get("sent", 0)) if host.sizes else ""
    server = client if client in ("127.0.0.1", "::1") else host.ip
    return "%s %s %s %s %s %d %s %s %s %s %d %d 0%s %d" % (
        stamp(t + host.skew, " ", False), server, v.get("method", "GET"), stem.replace(" ", "+"),
        query or "-", port, user or "-", client, v.get("agent", "").replace(" ", "+") or "-",
        v.get("referer", "-"), status, v.get("substatus", 0), sizes, v.get("took", 20))


def request(host, t, proto, stem, client, backend_host=None, **v):
    """A request to the front end: HttpProxy, IIS front end and, where it got there, back end.

    backend    status of the back end; None: it never left the front end; 0: it did not answer
    be_stem    what the back end saw, where that differs; be_query, be_user likewise
    returns    the id that HttpProxy and the front end's IIS share
    """
    v.update(stem=stem, client=client)
    rid = guid(host.rng)
    status = v.get("status", 200)
    back = backend_host or host
    v.setdefault("target", back.fqdn)
    if v.get("backend"):
        user = v.get("be_user") or v.get("user") or "%s\\%s$" % (host.org.netbios, host.name)
        back.row("iis-be", t, iis_row(back, t, v, v.get("be_stem", stem),
                                      v.get("be_query") or v.get("query", "").lstrip("?"), 444,
                                      user, host.ip, v["backend"]))
    query = "%s&CorrelationID=<empty>;&cafeReqId=%s;" % (v.get("query", "").lstrip("?"), rid)
    host.row("iis-fe", t, iis_row(host, t, v, stem, query, 443, v.get("user"), client, status))
    if proto:
        host.row("hp-" + proto.lower(), t, proxy_row(host, t, proto, rid, v))
    return rid


def static(host, t, stem, client, **v):
    """A request that only IIS saw."""
    v.update(stem=stem, client=client)
    source = "iis-fe" if host.role in ("exchange", "frontend") else "iis"
    host.row(source, t, iis_row(host, t, v, stem, v.get("query", "").lstrip("?"), 443,
                                v.get("user"), client, v.get("status", 200)))


def access(host, t, stem, client, method="GET", status=200, size=512, agent=CHROME, referer="-"):
    """A line of Apache's or nginx's combined log; `offset` minutes from UTC."""
    when = moment(t + host.skew + host.offset * MINUTE).strftime("%d/%b/%Y:%H:%M:%S")
    zone = "%+03d%02d" % (host.offset // 60, host.offset % 60)
    host.row("access", t, '%s - - [%s %s] "%s %s HTTP/1.1" %d %d "%s" "%s"' % (
        client, when, zone, method, stem, status, size, referer, agent))


def ecp(host, t, command, url, failure=""):
    """A row of the ECP Server log. Returns its ACTID, which no other row has."""
    act = guid(host.rng)
    data = ";".join((
        "S:TIME=12", "S:SID=" + guid(host.rng), keyed("CMD", command), "S:REQID=",
        keyed("URL", url), "S:REFERRER=", keyed("EX", failure), "S:ACTID=" + act,
        "S:RS=0", "S:BLD=" + dotted(host.build_at(t)), "S:TNAME=<null>", "S:TID=",
        "S:USID=" + guid(host.rng), "S:EDOID=", "S:ACID="))
    host.row("ecp", t, ",".join((stamp(t + host.skew), host.name, "ECP.Request", cell(data))))
    return act


def table(host, source, t, **values):
    """A row of one of the logs of CSV."""
    columns = exchlog.TYPES[CSV[source][0]][4].split(",")
    build = host.build_at(t)
    named = dict(zip(exchlog.VERSION.split(","), map(str, build)), RequestId=guid(host.rng),
                 ServerHostName=host.name, ServerName=host.name, Server=host.name)
    named.update({k.replace("_", "-"): str(x) for k, x in values.items()})
    named[columns[0]] = stamp(t + host.skew)
    host.row(source, t, ",".join(cell(named.get(c, "")) for c in columns))
    return named["RequestId"]


# -- Windows events ------------------------------------------------------------------------

SECURITY = {"provider": "Microsoft-Windows-Security-Auditing",
            "guid": "54849625-5478-4994-A5BA-3E3B0328C30D", "level": 0}
SYSMON = {"provider": "Microsoft-Windows-Sysmon", "guid": "5770385F-C22A-43E0-BF4C-06F5698FFBD9"}


def security(host, t, event_id, data, mark=None):
    host.event("security", t, event_id=event_id, data=data, mark=mark, **SECURITY)


def sysmon(host, t, event_id, data, mark=None):
    if host.sysmon:
        head = [("RuleName", "-"), ("UtcTime", stamp(t + host.skew, " ")[:-1])]
        host.event("sysmon", t, event_id=event_id, data=head + data, mark=mark, **SYSMON)


def subject(host, user=""):
    if user:
        sid = next((p[1] for p in host.org.people if p[0] == user), host.org.sid + "-1199")
        return [("SubjectUserSid", sid), ("SubjectUserName", user),
                ("SubjectDomainName", host.org.netbios), ("SubjectLogonId", "0x26558d3")]
    return [("SubjectUserSid", "S-1-5-18"), ("SubjectUserName", host.name + "$"),
            ("SubjectDomainName", host.org.netbios), ("SubjectLogonId", "0x3e7")]


def process(host, t, image, command, parent, user="", pid=None, ppid=None, parent_command="",
            mark=None):
    """Security 4688 and Sysmon 1."""
    pid = pid or 4 * host.rng.randrange(500, 6000)
    ppid = ppid or 4 * host.rng.randrange(500, 6000)
    security(host, t, 4688, subject(host, user) + [
        ("NewProcessId", hex(pid)), ("NewProcessName", image), ("TokenElevationType", "%%1936"),
        ("ProcessId", hex(ppid)), ("CommandLine", command), ("TargetUserSid", "S-1-0-0"),
        ("TargetUserName", "-"), ("TargetDomainName", "-"), ("TargetLogonId", "0x0"),
        ("ParentProcessName", parent), ("MandatoryLabel", "S-1-16-16384")],
        mark=mark and "S" + mark)
    sysmon(host, t, 1, [
        ("ProcessGuid", "{6004D249-%04X-604D-%04X-000000000900}" % (t // 1000 % 65536,
                                                                  pid % 65536)),
        ("ProcessId", str(pid)), ("Image", image), ("OriginalFileName", image.rsplit("\\", 1)[1]),
        ("CommandLine", command), ("CurrentDirectory", "c:\\windows\\system32\\inetsrv\\"),
        ("User", host.org.netbios + "\\" + user if user else "NT AUTHORITY\\SYSTEM"),
        ("LogonId", "0x3e7"), ("TerminalSessionId", "0"), ("IntegrityLevel", "System"),
        ("Hashes", "SHA256=" + hashlib.sha256(image.encode()).hexdigest().upper()),
        ("ParentProcessGuid", "{6004D249-0000-604D-%04X-000000000900}" % (ppid % 65536)),
        ("ParentProcessId", str(ppid)), ("ParentImage", parent),
        ("ParentCommandLine", parent_command or parent)], mark=mark and "Y" + mark)
    return pid


def cmdlet(host, t, name, parameters, caller=None, pool="w3wp#MSExchangePowerShellAppPool",
           failure="", event_id=None, mark=None):
    """MSExchange Management 1, or 6 where it failed: 27 values by position."""
    caller = caller or "%s/Users/Administrator" % host.org.domain
    values = [name, parameters, caller, host.org.sid + "-500", host.org.sid + "-500",
              "Remote-ManagementShell-Unknown", "7112 " + pool, "", "5", "00:00:00.0781250",
              "View Entire Forest: 'False', Default Scope: '%s'" % host.org.domain, failure]
    values += [""] * 5 + ["False", "", "0 objects execution has been proxied to remote server.",
                          "", "", "0", "ActivityId: " + guid(host.rng),
                          "ServicePlan:;IsAdmin:True;", "", "en-US"]
    host.event("mgmt", t, "MSExchange CmdletLogs", event_id or (6 if failure else 1),
               [(None, x) for x in values], level=2 if failure else 4, mark=mark)


def application(host, t, provider, event_id, values, level=4, mark=None):
    host.event("application", t, provider, event_id, [(None, x) for x in values], level=level,
               mark=mark)


# -- ordinary days -------------------------------------------------------------------------


def exchange_days(host):
    """Probes, staff, administrators and strangers of an Exchange server, and its files. They are
    made once for all servers alike, and shared."""
    key = (host.org.domain, host.name, host.role, host.start, host.end, tuple(host.builds),
           host.sizes, host.sysmon, host.skew, host.ip)
    exchange_files(host)
    if host.notes.get("backend_host") or host.role == "backend":
        _exchange_days(host)
        return
    if key not in Shared.made:
        other = Host(host.org, host.name[len(DISGUISE.get("prefix", "")):], host.role, host.start,
                     host.end, host.builds, sysmon=host.sysmon, sizes=host.sizes, ip=host.ip,
                     skew=host.skew - DISGUISE.get("shift", 0))
        host.org.hosts.pop()
        _exchange_days(other)
        Shared.made[key] = Shared(other)
    host.shared = Shared.made[key]
    host.sources |= host.shared.sources


def _exchange_days(host):
    rng = random.Random("%s days" % host.name)
    modern = host.end > parse_time("2021-06-01") or host.end < parse_time("2020-06-01")
    for i, tick in enumerate(range(host.start, host.end, STEP)):
        t = tick + rng.randrange(4 * MINUTE)
        if not host.up(t):
            continue
        if host.role != "backend":
            _front_end(host, rng, t, i, modern)
        if i % 2 == 0:
            process(host, t + SECOND, SYSTEM32 + "netsh.exe",
                    "\"netsh\" interface tcp show global", EX_WIN + "Bin\\MSExchangeHMWorker.exe")
        if i % 8 == 3 and host.role != "frontend":
            ecp(host, t, "Get-InboxRule", "/ecp/RulesEditor/InboxRules.svc/GetList?"
                "msExchEcpCanary=%s." % guid(rng)[:22])
            application(host, t, "MSExchange Mid-Tier Storage", 9000, ["w3wp", "10696", "69", "x"])
        if i % 16 == 5:
            cmdlet(host, t, "Set-Mailbox", "-Identity \"%s/Monitoring Mailboxes/HealthMailbox4d1e\""
                   " -Password \"********\"" % host.org.domain,
                   "NT AUTHORITY\\SYSTEM (MSExchangeHMHost)", pool="MSExchangeHMHost")
            host.event("system", t, "Service Control Manager", 7036,
                       [("param1", "WMI Performance Adapter"), ("param2", "running")],
                       guid="555908D1-A6D7-4695-8E1E-26931D2012F4")
        if i % 100 == 50 and host.role == "exchange":
            _url_change(host, t)
    for source in CSV:
        if source in ("rps-http", "rps-cmdlet") and not modern:
            continue
        _table_days(host, rng, source)
    for a, b in host.outages:
        if host.role != "backend":
            for t in (a - 2 * MINUTE, b + MINUTE):
                _probes(host, rng, t, 0, True)
                process(host, t, SYSTEM32 + "netsh.exe", "\"netsh\" interface tcp show global",
                        EX_WIN + "Bin\\MSExchangeHMWorker.exe")
        for t, event_id in ((a - 2 * SECOND, 6006), (b, 6005)):
            host.event("system", t, "EventLog", event_id, [(None, "")])


def _front_end(host, rng, t, i, modern):
    _probes(host, rng, t, i, modern)
    if i % 4 == 1:
        _visit(host, rng, t + 90 * SECOND)
    if i % 11 == 7:
        static(host, t + 40 * SECOND, rng.choice(("/.env", "/wp-login.php", "/robots.txt")),
               "198.51.100.%d" % rng.randrange(100, 200), agent="Mozilla/5.0 zgrab/0.x",
               status=404)


def _probes(host, rng, t, i, modern):
    user = "HealthMailbox4d1e9a3c7b2f4e0f8a6d5c4b3a291807@" + host.org.domain
    which = [("Owa", "GET", "/owa/", "OWACTP"), ("Ecp", "GET", "/ecp/exhealth.check", "ECPCTP")]
    if modern or i % 4 == 0:
        which.append(("Autodiscover", "POST", "/Autodiscover/Autodiscover.xml", "Local"))
        which.append(("PowerShell", "POST", "/powershell", "PSCTP"))
    if modern and i % 2 == 0 or i % 8 == 0:
        which.append(("Ews", "POST", "/EWS/Exchange.asmx", "EWSCTP"))
        which.append(("Mapi", "POST", "/mapi/emsmdb/", "MAPI"))
    back = host.notes.get("backend_host")
    for k, (proto, method, stem, agent) in enumerate(which):
        request(host, t + 400 * k, proto, stem, "127.0.0.1", method=method, url_host="localhost",
                agent=PROBE_AGENT % agent, auth="Basic", user=user, anchor="Smtp~" + user,
                backend=200, size=1180, took=9, backend_host=back)


def _visit(host, rng, t):
    name, sid, mailbox, inside, outside = rng.choice(host.org.people)
    user = host.org.netbios + "\\" + name
    kind = rng.randrange(5)
    back = host.notes.get("backend_host")
    if kind == 0:
        request(host, t, "Mapi", "/mapi/emsmdb/", inside, method="POST", agent=OUTLOOK,
                auth="Negotiate", user=user, anchor="MailboxGuid~" + mailbox, backend=200,
                size=2100, query="?MailboxId=%s@%s" % (mailbox, host.org.domain),
                hint="MailboxGuidWithDomain", backend_host=back)
    elif kind == 1:
        request(host, t, "Owa", "/owa/service.svc", outside, method="POST", agent=CHROME,
                auth="FBA", user=user, anchor="Sid~" + sid, backend=200, size=15000,
                backend_host=back)
    elif kind == 2:
        request(host, t, "Owa", "/owa/auth/logon.aspx", outside, agent=CHROME, size=28244,
                query="?replaceCurrent=1&url=https%3a%2f%2f" + host.public + "%2fowa%2f")
        request(host, t + 9 * SECOND, "Owa", "/owa/auth.owa", outside, method="POST", agent=CHROME,
                status=302, user=user)
    elif kind == 3:
        request(host, t, "Autodiscover", "/autodiscover/autodiscover.json", outside, agent=OUTLOOK,
                query="?Email=%s%%40%s&Protocol=Autodiscoverv1&RedirectCount=1"
                % (name, host.org.domain), status=200)
    else:
        request(host, t, "Ews", "/EWS/Exchange.asmx", inside, method="POST", user=user,
                agent="MacOutlook/16.45.21011103 (Intelx64 Mac OS X 10.15.7)", auth="NTLM",
                anchor="Smtp~%s@%s" % (name, host.org.domain), backend=200, size=4200,
                backend_host=back)
    security(host, t, 4624, [
        ("SubjectUserSid", "S-1-0-0"), ("SubjectUserName", "-"), ("SubjectDomainName", "-"),
        ("SubjectLogonId", "0x0"), ("TargetUserSid", sid), ("TargetUserName", name),
        ("TargetDomainName", host.org.netbios), ("TargetLogonId", "0x1f0a33b"),
        ("LogonType", "3"), ("LogonProcessName", "Kerberos"),
        ("AuthenticationPackageName", "Kerberos"), ("WorkstationName", "-"),
        ("ProcessName", "-"), ("IpAddress", inside), ("IpPort", "51022")])


def _url_change(host, t):
    """An administrator sets the address book's real URL: the cmdlet the attack uses too."""
    url = "https://%s/OAB" % host.public
    cmdlet(host, t, "Set-OabVirtualDirectory", "-Identity \"%s\\OAB (Default Web Site)\" "
           "-ExternalUrl \"%s\"" % (host.name, url), "%s/Users/a.berg" % host.org.domain,
           pool="w3wp#MSExchangeECPAppPool")
    ecp(host, t, "Set-OabVirtualDirectory.ExternalUrl='%s'.Identity='982d48c8'" % url,
        "/ecp/DDI/DDIService.svc/SetObject?msExchEcpCanary=x.&schema=OABVirtualDirectory")


def _table_days(host, rng, source):
    step = CSV[source][2] * MINUTE
    user = "HealthMailbox4d1e9a3c7b2f4e0f8a6d5c4b3a291807@" + host.org.domain
    for tick in range(host.start, host.end, step):
        t = tick + rng.randrange(5 * MINUTE)
        if not host.up(t):
            continue
        if source == "rps-http":
            table(host, source, t, AuthenticationType="Kerberos", IsAuthenticated="true",
                  AuthenticatedUser=user, ClientIpAddress="::1", HttpStatus="200", UrlHost=host.fqdn,
                  UrlStem="/powershell", SubStatus="0", Action="Command",
                  CommandName="Get-Mailbox", ClientInfo="Microsoft WinRM Client")
        elif source == "rps-cmdlet":
            table(host, source, t, ProcessName="w3wp#MSExchangePowerShellAppPool",
                  AuthenticatedUser=user, ClientApplication="ActiveMonitor", Cmdlet="Get-Mailbox",
                  Parameters='-ResultSize "1"', ExecutionResult="Success")
        elif source == "ews":
            table(host, source, t, AuthenticationType="Negotiate", IsAuthenticated="true",
                  AuthenticatedUser=user, UserAgent="AMProbe/Local/ClientAccess",
                  ClientIpAddress="127.0.0.1", FrontEndServer=host.fqdn, SoapAction="GetFolder",
                  HttpStatus="200", RequestSize="2210", ResponseSize="1480", ActAsUser=user)
        elif source == "audit":
            table(host, source, t, RecordType="ExchangeAdmin", Operation="Set-Mailbox",
                  UserKey="NT AUTHORITY\\SYSTEM (MSExchangeHMHost)", Workload="Exchange",
                  ResultStatus="True", Version="1", Scope="Online",
                  Data='{"Operation":"Set-Mailbox","UserId":"NT AUTHORITY\\\\SYSTEM '
                       '(MSExchangeHMHost)","ExternalAccess":false,"OriginatingServer":"%s (%s)",'
                       '"Parameters":[{"Name":"Identity","Value":"x"}]}'
                       % (host.name, padded(host.build_at(t))))
        else:
            table(host, source, t, EventId="Request", EventData="S:PSA=<PII>%s</PII>;S:URL=https://"
                  "localhost:444/ecp/RulesEditor/InboxRules.svc/GetList;S:Bld=%s;S:ActID=%s"
                  % (user, dotted(host.build_at(t)), guid(rng)))


def exchange_files(host):
    old = host.start - 90 * DAY
    updated = host.builds[-1][0] if len(host.builds) > 1 else old
    host.file("inetpub/wwwroot/iisstart.htm", background.IISSTART, old)
    host.file("inetpub/wwwroot/web.config", background.WEB_CONFIG, old)
    host.file("inetpub/wwwroot/aspnet_client/system_web/4_0_30319", b"", old)
    host.files["inetpub/wwwroot/aspnet_client/system_web/4_0_30319"] = (None, old, "web")
    if host.role != "backend":
        for name in ("ecp", "ecp/auth", "ews", "oab", "owa", "owa/auth", "autodiscover", "mapi",
                     "powershell"):
            host.file(EX + "FrontEnd/HttpProxy/%s/web.config" % name, background.WEB_CONFIG,
                      max(old, min(updated, host.end - HOUR)))
        host.file(EX + "FrontEnd/HttpProxy/owa/auth/15.1.2106/themes/resources/lgnbotl.gif",
                  background.GIF, old)
    for name in ("owa", "ecp", "owa/auth"):
        host.file(EX + "ClientAccess/%s/web.config" % name, background.WEB_CONFIG, old)
    for page in ("logon.aspx", "errorfe.aspx"):
        host.file(compiled_path("/owa/auth/" + page, 0x1F3A90C2),
                  compiled("/owa/auth/" + page, "App_Web_%sfe1" % page[:5]), old + DAY, "temp")
    host.file("Windows/System32/inetsrv/config/applicationHost.config",
              background.APPLICATION_HOST, old, "config")
    host.file(EX + "TransportRoles/Shared/agents.config", background.AGENTS, old, "config")


def compiled_path(page, number):
    """Where ASP.NET keeps what it made of a page: below the application's name."""
    app = page.split("/")[1] if page.split("/")[1] in ("owa", "ecp", "_layouts") else "root"
    return "%s%s/8e05b027/e164d61b/%s.%08x.compiled" % (TEMP_ASP, app, page.rsplit("/", 1)[1],
                                                       number)


def compiled(page, assembly):
    kind = "ASP." + page.strip("/").replace("/", "_").replace(".", "_")
    return (
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<preserve resultType=\"3\" virtualPath=\"%s\""
        " hash=\"fffffffff1b2d3a4\" filehash=\"ffff8d9c5e1a2b3c\" flags=\"110000\" assembly=\"%s\" "
        "type=\"%s\">\r\n    <filedeps>\r\n        <filedep name=\"%s\" />\r\n    </filedeps>\r\n"
        "</preserve>\r\n" % (page, assembly, kind, page))


def windows_days(host):
    """What any Windows server records: processes, logons, services."""
    rng = random.Random("%s windows" % host.name)
    for i, tick in enumerate(range(host.start, host.end, 75 * MINUTE)):
        t = tick + rng.randrange(5 * MINUTE)
        if not host.up(t):
            continue
        process(host, t, SYSTEM32 + "taskhostw.exe", "taskhostw.exe", SYSTEM32 + "svchost.exe")
        if i % 5 == 2:
            application(host, t, "MSSQLSERVER", 17137, ["Starting up database 'WSS_Logging'."])
            host.event("system", t, "Service Control Manager", 7036,
                       [("param1", "WMI Performance Adapter"), ("param2", "running")],
                       guid="555908D1-A6D7-4695-8E1E-26931D2012F4")


def web_days(host, pages, step=40 * MINUTE):
    """Visitors of an ordinary site over IIS, Apache or nginx, and strangers who look for flaws."""
    rng = random.Random("%s web" % host.name)
    host.trace("access" if host.role in UNIX else "iis", host.start + HOUR, "web-server-intrusion",
               "entry", "probed", accept=("none",))
    for i, tick in enumerate(range(host.start, host.end, step)):
        t = tick + rng.randrange(5 * MINUTE)
        if not host.up(t):
            continue
        page, client = rng.choice(pages), "192.0.2.%d" % rng.randrange(40, 90)
        stranger = "198.51.100.%d" % rng.randrange(100, 200)
        if host.role in ("apache", "nginx"):
            access(host, t, page, client, size=rng.randrange(900, 30000))
            if i % 6 == 2:
                access(host, t + 50 * SECOND, "/.env", stranger, status=404, agent="zgrab/0.x")
        else:
            static(host, t, page, client, agent=CHROME, size=rng.randrange(900, 30000))
            if i % 6 == 2:
                static(host, t + 50 * SECOND, "/.env", stranger, status=404, agent="zgrab/0.x")


def program_file(version, name):
    """The bytes of a library that names a version."""
    return configuration.program(version=version, name=name)
