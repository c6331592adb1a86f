#!/usr/bin/env python3
"""Logs that are free text, through the whole program: what they prove of a server, and what
they do not.

usage: test_textlog.py ASSAY
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

assay = os.path.abspath(sys.argv[1])
problems = []
checks = 0

SETUP = """[03/13/2021 05:01:28.0382] [0] **********************************************
[03/13/2021 05:01:29.0411] [0] Starting Microsoft Exchange Server 2016 Setup
[03/13/2021 05:01:29.0427] [0] Setup version: 15.1.2242.4.
[03/13/2021 05:01:29.0567] [0] Command Line Parameter Name='mode', Value='Upgrade'.
[03/13/2021 05:01:29.0600] [0] Setup will search for an Exchange Server object for the local \
machine with name 'MX01'.
[03/13/2021 05:01:29.0700] [0] The locally installed version is 15.1.1261.35.
[03/20/2021 06:01:29.0900] [0] The Exchange Server setup operation %s.
[03/20/2021 06:01:29.0999] [0] End of Setup
"""
DONE = SETUP % "completed successfully"
MSERT = """-----------------------------------------------------------------------------
Microsoft Safety Scanner v1.333, (build 1.333.160.0)
Started On Sun Mar  7 18:02:03 2021

Threat Detected: Backdoor:JS/Webshell.A and Removed!
  Action: Remove, Result: 0x00000000
    file://C:\\inetpub\\wwwroot\\aspnet_client\\x.aspx
Return code: 6 (0x6)
"""
EOMT = """2021-03-11 10:11:12 Info: Starting EOMT.ps1 version 21.03.16.1300 on MX01
2021-03-11 10:11:20 Info: Mitigation complete on MX01 :: Default Web Site
"""
BACK = "2021-03-12 10:00:00 Info: Rollback of mitigation complete on MX01\n"
OAB = """#Software: Microsoft Exchange Server
#Log-type: OABGeneratorLog
#Fields: DateTime,Server,EventData
2021-03-03T06:41:00.000Z,MX01,"Download failed and temporary file '%s' needs to be removed"
"""
USED = """#Software: Microsoft Internet Information Services 10.0
#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip \
cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken
2021-03-07 23:06:27 10.0.0.5 POST /aspnet_client/x.aspx - 443 - 203.0.113.7 curl - 200 0 0 133
"""


def check(name, got, want):
    global checks
    checks += 1
    if got != want:
        problems.append(f"{name}: {got!r}, want {want!r}")


def crlf(text):
    return text.replace("\n", "\r\n")


def run(files, *options):
    """The program's answer over a collection of these files."""
    with tempfile.TemporaryDirectory() as folder:
        for path, content in files.items():
            place = pathlib.Path(folder) / "srv" / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content if isinstance(content, bytes) else crlf(content).encode())
        result = subprocess.run([assay, "scan", *options, folder], capture_output=True,
                                text=True, timeout=60)
    return result.stdout


def campaign(files):
    host = json.loads(run(files, "--format", "json"))["hosts"][0]
    return host, next(c for c in host["campaigns"] if c["id"] == "exchange-proxylogon")


LOG = "C/ExchangeSetupLogs/ExchangeSetup.log"
SCANNER = "C/Windows/debug/msert.log"
TOOL = "C/Temp/tool.log"
ADDRESS_BOOK = "C/Exchange/Logging/OABGeneratorLog/OABGeneratorLog2021030306-1.LOG"
WEB = "C/inetpub/logs/LogFiles/W3SVC1/u_ex210307.log"
utf16 = b"\xff\xfe" + crlf(MSERT).encode("utf-16-le")

# Builds.
host, c = campaign({LOG: DONE})
check("host", host["host"], "MX01")
check("upgraded", c["exposure"]["state"], "fixed")
check("history", [(i["state"], i["build"]) for i in c["exposure"]["intervals"]],
      [("vulnerable", "15.1.1261.35"), ("fixed", "15.1.2242.4")])
_, c = campaign({LOG: SETUP % "didn't complete"})
check("failed", c["exposure"]["state"], "exposed")
SAID = "[03/20/2021 07:00:00.0000] [0] %sThe Exchange Server setup operation completed \
successfully.\n"
for said in ("", "[ERROR] ", "the log says: "):
    for why in ("didn't complete", "is waiting"):
        if said or why[0] == "d":
            _, c = campaign({LOG: SETUP % why + SAID % said})
            check(f"{why}, and success is quoted by {said!r}", c["exposure"]["state"], "exposed")
_, c = campaign({LOG: DONE.replace("15.1.2242.4", "15.1.2176.2")})
check("which update is not told", [i["build"] for i in c["exposure"]["intervals"]],
      ["15.1.1261.35"])

# Mitigation.
old = SETUP % "didn't complete"
check("mitigated", campaign({LOG: old, TOOL: EOMT})[1]["exposure"]["state"], "mitigated")
check("taken back", campaign({LOG: old, TOOL: EOMT + BACK})[1]["exposure"]["state"], "exposed")
check("set again", campaign({LOG: old, TOOL: BACK.replace("12", "10") + EOMT})[1]["exposure"]
      ["state"], "mitigated")

# The address book's generator, and the removal of what it wrote.
shell = r"\\127.0.0.1\c$\inetpub\wwwroot\aspnet_client\x.aspx"
_, c = campaign({LOG: DONE, ADDRESS_BOOK: OAB % shell})
check("written", c["backdoor"]["state"], "written")
own = r"C:\Program Files\Microsoft\Exchange Server\V15\ClientAccess\OAB\Temp\1.lzx"
_, c = campaign({LOG: DONE, ADDRESS_BOOK: OAB % own})
check("its own place", c["backdoor"]["state"], "not_assessable")
_, c = campaign({LOG: DONE, ADDRESS_BOOK: OAB % shell, SCANNER: utf16})
check("removed", c["backdoor"]["state"], "removed")
_, c = campaign({LOG: DONE, ADDRESS_BOOK: OAB % shell,
                 SCANNER: MSERT.replace("and Removed!", ", not removed.")})
check("left", c["backdoor"]["state"], "written")
_, c = campaign({LOG: DONE, ADDRESS_BOOK: OAB % shell, SCANNER: utf16, WEB: USED})
check("used within hours of a local time", c["backdoor"]["state"], "written")
_, c = campaign({LOG: DONE, SCANNER: utf16, WEB: USED.replace("03-07", "03-06")})
check("used long before", c["backdoor"]["state"], "removed")

# A scanner's log does not say whose it is: where several servers' logs lie together, none of
# them is known to be clean.
ECP = """#Software: Microsoft Exchange Server
#Version: 15.01.2106.002
#Log-type: ECP Server Log
#Fields: TimeStamp,ServerName,EventId,EventData
2021-03-04T00:00:00.000Z,%s,ECP.Request,S:X=1
"""
one = {"ECPServer20210304-1.LOG": ECP % "MX01", "OABGeneratorLog2021030306-1.LOG": OAB % shell,
       "msert.log": MSERT}
check("of one server", campaign(one)[1]["backdoor"]["state"], "removed")
hosts = json.loads(run({**one, "ECPServer20210305-1.LOG": ECP % "MX02"}, "--format",
                       "json"))["hosts"]
check("of one of two", [h["campaigns"][0]["backdoor"]["state"] for h in hosts
                        if h["campaigns"][0]["backdoor"]["items"]], ["written"])

# Who reached another program did not reach Exchange.
FTP = """#Software: Microsoft Internet Information Services 10.0
#Fields: date time c-ip cs-username s-ip s-port cs-method cs-uri-stem sc-status
2021-03-04 23:06:27 203.0.113.7 - 10.0.0.5 21 PASS - 530
"""
_, c = campaign({LOG: DONE, "C/inetpub/logs/LogFiles/FTPSVC2/u_ex210304.log": FTP})
check("another program", c["exposure"]["reachable"], "unknown")
_, c = campaign({LOG: DONE, WEB: USED})
check("its web site", c["exposure"]["reachable"], "yes")

# What is local is said to be.
text = run({LOG: DONE, SCANNER: utf16})
check("local", "2021-03-07 18:02:03 local time" in text, True)

for problem in problems:
    print(problem)
print(f"{checks - len(problems)} passed, {len(problems)} failed")
sys.exit(1 if problems else 0)
