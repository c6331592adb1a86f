"""What an Exchange server records on ordinary days, when nobody attacks it.

Health probes reach every protocol at a steady pace: they are the heartbeat by which gaps
in the logs are seen. Staff, administrators and passing scanners come on top.
"""

import random

from server import (ADMIN, ASPNET_TEMP, AUTODISCOVER, CHROME, DAY, DOMAIN, EX, EX_WIN, FIREFOX,
                    HEALTH_MAILBOX, HOST, HOUR, INSIDE, MINUTE, NETBIOS, OUTLOOK,
                    OWA_AUTH, PEOPLE, PROTOCOLS, PUBLIC, SECOND, guid, moment)
from textlogs import Request, add_ecp, add_iis_only, add_request
import otherlogs
import winlogs

MONITOR = "Mozilla/4.0 (compatible; MSIE 9.0; Windows NT 6.1; MSEXCHMON; ACTIVEMONITORING; %s)"

# Protocol -> (method, stem, agent) of its health probe.
PROBES = {
    "Autodiscover": ("POST", "/Autodiscover/Autodiscover.xml", "AMProbe/Local/ClientAccess"),
    "Ecp": ("GET", "/ecp/exhealth.check", MONITOR % "ECPCTP"),
    "Ews": ("POST", "/EWS/Exchange.asmx", "AMProbe/Local/ClientAccess"),
    "Mapi": ("POST", "/mapi/emsmdb/", "MapiHttpClient"),
    "Owa": ("GET", "/owa/", MONITOR % "OWACTP"),
}

HM_WORKER = EX_WIN + "Bin\\MSExchangeHMWorker.exe"

# (image, command line, parent) of processes that start on any server, day by day.
ORDINARY_PROCESSES = (
    (winlogs.SYSTEM32 + "netsh.exe", "\"netsh\" interface tcp show global", HM_WORKER),
    (winlogs.SYSTEM32 + "wbem\\WmiApSrv.exe", "C:\\Windows\\system32\\wbem\\WmiApSrv.exe",
     winlogs.SYSTEM32 + "services.exe"),
    (winlogs.SYSTEM32 + "taskhostw.exe", "taskhostw.exe", winlogs.SYSTEM32 + "svchost.exe"),
    (winlogs.SYSTEM32 + "conhost.exe",
     "\\??\\C:\\Windows\\system32\\conhost.exe 0xffffffff -ForceV1",
     winlogs.SYSTEM32 + "netsh.exe"),
    (EX_WIN + "Bin\\MSExchangeMailboxReplication.exe",
     "\"" + EX_WIN + "Bin\\MSExchangeMailboxReplication.exe\"", winlogs.SYSTEM32 + "services.exe"),
)


def everything(evidence, seed, probe_every, sysmon):
    """All background activity of the window."""
    heartbeat(evidence, random.Random("%s heartbeat" % seed), probe_every)
    staff(evidence, random.Random("%s staff" % seed))
    scanners(evidence, random.Random("%s scanners" % seed))
    administration(evidence, random.Random("%s administration" % seed))
    windows_noise(evidence, random.Random("%s windows" % seed), sysmon)
    files(evidence)
    otherlogs.add(evidence, random.Random("%s other logs" % seed))


def heartbeat(evidence, rng, probe_every):
    """Health probes in every HttpProxy folder, in both IIS logs and in the ECP log.

    Owa and Ecp are probed at every step; the other folders, of which less depends, at every
    third, so that the whole stays small.
    """
    step = probe_every * SECOND
    for i, tick in enumerate(range(evidence.start, evidence.end, step)):
        for protocol in PROTOCOLS if i % 3 == 0 else ("Ecp", "Owa"):
            time = tick + rng.randrange(30 * SECOND)
            if evidence.up(time):
                add_request(evidence, rng, time, _probe(protocol))
        time = tick + rng.randrange(30 * SECOND, 60 * SECOND)
        if i % 2 == 0 and evidence.up(time):
            add_ecp(evidence, rng, time, "Get-InboxRule",
                    "/ecp/RulesEditor/InboxRules.svc/GetList?msExchEcpCanary=%s." % guid(rng)[:22])


def _probe(protocol):
    method, stem, agent = PROBES[protocol]
    user = "%s@%s" % (HEALTH_MAILBOX, DOMAIN)
    return Request(protocol, stem, "127.0.0.1", method=method, host="localhost", agent=agent,
                   auth="Basic", user=user, anchor="Smtp~" + user, hint="WindowsIdentity",
                   response_bytes=1180, duration=9)


def staff(evidence, rng):
    """Outlook, OWA and mobile clients, mostly in working hours."""
    for day in range(evidence.start - evidence.start % DAY, evidence.end, DAY):
        count = 60 if moment(day).weekday() < 5 else 12
        for _ in range(count):
            hour = min(23, max(0, int(rng.gauss(11, 3))))
            time = day + hour * HOUR + rng.randrange(HOUR)
            if evidence.up(time):
                _visit(evidence, rng, time, rng.choice(PEOPLE))


def _visit(evidence, rng, time, person):
    kind = rng.randrange(8)
    address = person.outside if rng.random() < 0.25 else person.inside
    common = {"user": person.account, "duration": rng.randrange(8, 240),
              "response_bytes": rng.randrange(300, 60000)}
    if kind < 3:
        request = Request("Mapi", "/mapi/emsmdb/", address, method="POST", agent=OUTLOOK,
                          auth="Negotiate", anchor="MailboxGuid~" + person.mailbox,
                          query="?MailboxId=%s@%s" % (person.mailbox, DOMAIN),
                          hint="MailboxGuidWithDomain", request_bytes=70, **common)
    elif kind < 5:
        request = Request("Owa", rng.choice(("/owa/service.svc", "/owa/", "/owa/ev.owa2")),
                          person.outside, method="POST", agent=rng.choice((CHROME, FIREFOX)),
                          auth="FBA", anchor="Sid~" + person.sid, hint="WindowsIdentity",
                          referer="https://%s/owa/" % PUBLIC, **common)
    elif kind == 5:
        request = Request("Ews", "/EWS/Exchange.asmx", address, method="POST",
                          agent="MacOutlook/16.45.21011103 (Intelx64 Mac OS X 10.15.7)",
                          auth="NTLM", anchor="Smtp~" + person.smtp, hint="WindowsIdentity",
                          **common)
    elif kind == 6:
        _refused_first(evidence, rng, time, person, address)
        request = Request("Autodiscover", "/autodiscover/autodiscover.xml", address,
                          method="POST", host=AUTODISCOVER, agent=OUTLOOK, auth="NTLM",
                          anchor="Sid~" + person.sid, hint="WindowsIdentity", **common)
    else:
        _logon_page(evidence, rng, time, person)
        request = Request("Owa", "/owa/auth.owa", person.outside, method="POST", agent=CHROME,
                          referer="https://%s/owa/auth/logon.aspx" % PUBLIC, status=302,
                          backend_status=None, proxied=False, **common)
    add_request(evidence, rng, time, request)


def _refused_first(evidence, rng, time, person, address):
    """The anonymous first leg of an NTLM logon: 401, ordinary."""
    add_request(evidence, rng, time - 200, Request(
        "Autodiscover", "/autodiscover/autodiscover.xml", address, method="POST",
        host=AUTODISCOVER, agent=OUTLOOK, status=401, substatus=1, backend_status=None,
        proxied=False))


def _logon_page(evidence, rng, time, person):
    add_request(evidence, rng, time - 9 * SECOND, Request(
        "Owa", "/owa/auth/logon.aspx", person.outside, agent=CHROME, proxied=False,
        query="?replaceCurrent=1&url=https%3a%2f%2f" + PUBLIC + "%2fowa%2f",
        backend_status=None, response_bytes=28244))
    add_iis_only(evidence, time - 8 * SECOND, Request(
        "Owa", "/owa/auth/15.1.2106/themes/resources/logon.css", person.outside, agent=CHROME,
        referer="https://%s/owa/auth/logon.aspx" % PUBLIC, duration=3))


def scanners(evidence, rng):
    """Passing scanners that know nothing of Exchange: all refused."""
    paths = (("/.env", 404), ("/actuator/health", 404), ("/boaform/admin/formLogin", 404),
             ("/", 302), ("/owa/", 302), ("/autodiscover/autodiscover.xml", 401),
             ("/ecp/", 302), ("/wp-login.php", 404))
    for day in range(evidence.start, evidence.end, DAY):
        for _ in range(rng.randrange(2, 6)):
            time = day + rng.randrange(DAY)
            stem, status = rng.choice(paths)
            request = Request("Owa", stem, "198.51.100.%d" % rng.randrange(100, 200),
                              host=INSIDE, agent="Mozilla/5.0 zgrab/0.x", status=status,
                              backend_status=None, proxied=False, duration=2)
            if not evidence.up(time):
                continue
            if stem in ("/owa/", "/ecp/", "/autodiscover/autodiscover.xml"):
                request.protocol = stem.split("/")[1].capitalize()
                add_request(evidence, rng, time, request)
            else:
                add_iis_only(evidence, time, request)


# -- administration ----------------------------------------------------------------------


def administration(evidence, rng):
    """Cmdlets of administrators and of Exchange itself, several a day."""
    for day in range(evidence.start - evidence.start % DAY, evidence.end, DAY):
        for hour in (1, 6, 12, 18, 22):
            time = day + hour * HOUR + rng.randrange(HOUR)
            if evidence.up(time):
                winlogs.cmdlet(evidence, time, rng, "Set-Mailbox",
                               "-Identity \"%s/Microsoft Exchange System Objects/Monitoring "
                               "Mailboxes/%s\" -Password \"********\"" % (DOMAIN, HEALTH_MAILBOX),
                               "NT AUTHORITY\\SYSTEM (MSExchangeHMHost)", "S-1-5-18",
                               pool="MSExchangeHMHost", pid=9120)
        if moment(day).weekday() < 5:
            _admin_day(evidence, rng, day)
    _legitimate_url_change(evidence, rng)


def _admin_day(evidence, rng, day):
    person = rng.choice(PEOPLE)
    name = "%s/Staff/%s" % (DOMAIN, person.name)
    chores = (("Set-Mailbox", "-Identity \"%s\" -ProhibitSendQuota \"2 GB (2,147,483,648 bytes)\""),
              ("Set-CASMailbox", "-Identity \"%s\" -ActiveSyncEnabled \"True\""),
              ("Add-DistributionGroupMember", "-Identity \"All staff\" -Member \"%s\""),
              ("Set-User", "-Identity \"%s\" -Office \"Second floor\""))
    time = day + rng.randrange(8, 15) * HOUR + rng.randrange(HOUR)
    if not evidence.up(time):
        return
    command, parameters = rng.choice(chores)
    winlogs.cmdlet(evidence, time, rng, command, parameters % name, "%s/Users/a.berg" % DOMAIN,
                   ADMIN.sid, application="Remote-ManagementShell-Unknown")
    canary = guid(rng)[:22]
    for i, listing in enumerate(("Get-Mailbox.ResultSize='500'", "Get-DistributionGroup",
                                 "Get-ExchangeServer")):
        add_ecp(evidence, rng, time + i * 4 * SECOND, listing,
                "/ecp/DDI/DDIService.svc/GetList?msExchEcpCanary=%s.&schema=MailboxService"
                % canary, duration=180)
    add_request(evidence, rng, time, Request(
        "Ecp", "/ecp/DDI/DDIService.svc/GetList", ADMIN.inside, method="POST", agent=CHROME,
        host=PUBLIC, auth="FBA", user=ADMIN.account, anchor="Sid~" + ADMIN.sid,
        hint="WindowsIdentity", query="?msExchEcpCanary=%s.&schema=MailboxService" % canary,
        backend_query="msExchEcpCanary=%s.&schema=MailboxService" % canary,
        referer="https://%s/ecp/" % PUBLIC, response_bytes=20311, duration=410))


def _legitimate_url_change(evidence, rng):
    """An administrator sets the address book's real URL: the same cmdlet, no attack."""
    time = evidence.start + 10 * DAY + 9 * HOUR + 17 * MINUTE
    if not evidence.up(time):
        return
    url = "https://%s/OAB" % PUBLIC
    winlogs.cmdlet(evidence, time, rng, "Set-OabVirtualDirectory",
                   "-Identity \"%s\\OAB (Default Web Site)\" -ExternalUrl \"%s\"" % (HOST, url),
                   "%s/Users/a.berg" % DOMAIN, ADMIN.sid,
                   pool="w3wp#MSExchangeECPAppPool", pid=7112)
    add_ecp(evidence, rng, time, "Set-OabVirtualDirectory.ExternalUrl='%s'.Identity='%s'"
            % (url, OAB_GUID), "/ecp/DDI/DDIService.svc/SetObject?msExchEcpCanary=%s."
            "&schema=OABVirtualDirectory" % guid(rng)[:22], duration=220)


OAB_GUID = "982d48c8-8bfa-4b6b-b431-53fd7ea4e9b3"


# -- Windows -----------------------------------------------------------------------------


def windows_noise(evidence, rng, sysmon):
    """Security, System, Application and, where it is installed, Sysmon."""
    for i, tick in enumerate(range(evidence.start, evidence.end, 30 * MINUTE)):
        time = tick + rng.randrange(20 * MINUTE)
        if not evidence.up(time):
            continue
        image, command, parent = rng.choice(ORDINARY_PROCESSES)
        process = winlogs.Process(image, command, parent, 4 * rng.randrange(200, 3000),
                                  4 * rng.randrange(200, 6000))
        winlogs.process_created(evidence, time, process)
        if sysmon:
            winlogs.sysmon_process(evidence, time, process)
        if i % 2:
            _hourly(evidence, rng, time)
        if sysmon and i % 4 == 0:
            _sysmon_noise(evidence, time)
        if i % 8 == 0:
            _application_noise(evidence, rng, time)
    for first, last in evidence.outages:
        _restart(evidence, first, last)


def _hourly(evidence, rng, time):
    person = rng.choice(PEOPLE)
    winlogs.logon(evidence, time + 2 * SECOND, rng, person.sid, person.name, person.inside)
    winlogs.service_state(evidence, time + 3 * SECOND, "WMI Performance Adapter",
                          rng.choice(("running", "stopped")))


def _sysmon_noise(evidence, time):
    winlogs.sysmon_connection(evidence, time + 5 * SECOND, HM_WORKER, "NT AUTHORITY\\SYSTEM",
                              "127.0.0.1")
    winlogs.sysmon_file_created(
        evidence, time + 7 * SECOND, "c:\\windows\\system32\\inetsrv\\w3wp.exe", 8504,
        "C:\\" + ASPNET_TEMP.replace("/", "\\") + "ews\\9bf2358a\\e86a63da\\"
        "profileoptimization.prof")


def _application_noise(evidence, rng, time):
    winlogs.application(evidence, time, "MSComplianceAudit", 4007, [
        "0", EX_WIN + "Logging\\LocalQueue\\Exchange\\audit%s-%d.LOG"
        % (moment(time).strftime("%Y%m%d"), rng.randrange(1, 40))])
    winlogs.application(evidence, time + SECOND, "MSExchange Mid-Tier Storage", 9000,
                        ["w3wp", "10696", "69", "CacheNotPresent"])


def _restart(evidence, first, last):
    """A planned restart, as System records it. Only just inside the time the server was up."""
    winlogs.shutdown(evidence, first - 20 * SECOND,
                     "Operating System: Service pack (Planned)")
    winlogs.event_log_service(evidence, first - 2 * SECOND, 6006)
    winlogs.event_log_service(evidence, last, 6005)
    winlogs.event_log_service(evidence, last + SECOND, 6013,
                              ["", "", "", "", "62", "60", "0 UTC"])


# -- files -------------------------------------------------------------------------------


def files(evidence):
    """Web roots, configuration and setup log.

    A real server's pages (logon.aspx and so on) are known by their hashes, and no hash of
    ours could be among those: so no page of any script type is collected here, only the
    folders, web.config files, styles that are no code, and iisstart.htm.
    """
    installed = evidence.start - 90 * DAY
    add = evidence.file
    add("inetpub/wwwroot/iisstart.htm", IISSTART, installed)
    add("inetpub/wwwroot/web.config", WEB_CONFIG, installed)
    evidence.files["inetpub/wwwroot/aspnet_client/system_web/4_0_30319"] = (None, installed)
    # A security update writes these anew.
    updated = evidence.builds[-1][0] if len(evidence.builds) > 1 else installed
    for name in ("ecp", "ews", "oab", "owa", "owa/auth", "autodiscover", "mapi"):
        add("%sFrontEnd/HttpProxy/%s/web.config" % (EX, name), WEB_CONFIG, updated)
    for name in ("lgnbotl.gif", "lgntopl.gif"):
        add(OWA_AUTH + "15.1.2106/themes/resources/" + name, GIF, installed)
    for page in ("logon.aspx", "errorFE.aspx"):
        name = page.lower()
        add(compiled_path(name, 0x1F3A90C2), compiled(name, "App_Web_%s" % name[:5] + "fe1"),
            installed + DAY)
    add("ExchangeSetupLogs/ExchangeSetup.log", _setup_log(installed), installed)
    add("Windows/System32/inetsrv/config/applicationHost.config", APPLICATION_HOST, installed)
    add(EX + "TransportRoles/Shared/agents.config", AGENTS, installed)


def compiled_path(page, number):
    """Where ASP.NET leaves the description of a page of /owa/auth that it compiled."""
    return "%sowa/8e05b027/e164d61b/%s.%08x.compiled" % (ASPNET_TEMP, page, number)


def compiled(page, assembly):
    """The description itself: it names the page, and outlives it."""
    kind = "ASP.auth_" + page.replace(".", "_")
    return (
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n"
        "<preserve resultType=\"3\" virtualPath=\"/owa/auth/%s\" hash=\"fffffffff1b2d3a4\" "
        "filehash=\"ffff8d9c5e1a2b3c\" flags=\"110000\" assembly=\"%s\" type=\"%s\">\r\n"
        "    <filedeps>\r\n        <filedep name=\"/owa/auth/%s\" />\r\n    </filedeps>\r\n"
        "</preserve>\r\n" % (page, assembly, kind, page))


def _setup_log(time):
    lines = []
    for i, text in enumerate((
            "**********************************************", "Starting Microsoft Exchange Server "
            "2016 Setup", "**********************************************",
            "Local time zone: (UTC+00:00) Coordinated Universal Time.",
            "Operating system version: Microsoft Windows NT 10.0.14393.0.",
            "Setup version: 15.1.2106.2.", "Logged on user: %s\\a.berg." % NETBIOS,
            "Command Line Parameter Name='mode', Value='Upgrade'.",
            "The Exchange Server setup operation completed successfully.")):
        stamp = moment(time - 40 * MINUTE + i * 4 * MINUTE).strftime("%m.%d.%Y %H:%M:%S")
        lines.append("[%s.%04d] [0] %s" % (stamp, 7 * i, text))
    return "\r\n".join(lines) + "\r\n"


IISSTART = (
    "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN\" "
    "\"http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd\">\r\n"
    "<html xmlns=\"http://www.w3.org/1999/xhtml\">\r\n<head>\r\n"
    "<title>IIS Windows Server</title>\r\n</head>\r\n<body>\r\n"
    "<img src=\"iisstart.png\" alt=\"IIS\" width=\"960\" height=\"600\" />\r\n"
    "</body>\r\n</html>\r\n")

WEB_CONFIG = (
    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<configuration>\r\n  <system.web>\r\n"
    "    <customErrors mode=\"Off\" />\r\n  </system.web>\r\n  <system.webServer>\r\n"
    "    <directoryBrowse enabled=\"false\" />\r\n  </system.webServer>\r\n</configuration>\r\n")

GIF = bytes.fromhex("474946383961010001008000"
                    "00ffffff00000021f90401000000002c00000000010001000002024401003b")

_NATIVE_MODULES = (
    "HttpLoggingModule loghttp UriCacheModule cachuri FileCacheModule cachfile TokenCacheModule "
    "cachtokn HttpCacheModule cachhttp DynamicCompressionModule compdyn StaticCompressionModule "
    "compstat DefaultDocumentModule defdoc DirectoryListingModule dirlist ProtocolSupportModule "
    "protsup HttpRedirectionModule redirect StaticFileModule static AnonymousAuthenticationModule "
    "authanon CertificateMappingAuthenticationModule authcert BasicAuthenticationModule authbas "
    "WindowsAuthenticationModule authsspi DigestAuthenticationModule authmd5 "
    "RequestFilteringModule modrqflt CustomErrorModule custerr TracingModule iisetw "
    "FailedRequestsTracingModule iisfreb RequestMonitorModule iisreqs IsapiModule isapi "
    "IsapiFilterModule filter ConfigurationValidationModule validcfg").split()


def _application_host():
    modules = zip(_NATIVE_MODULES[::2], _NATIVE_MODULES[1::2])
    native = "".join("      <add name=\"%s\" image=\"%%windir%%\\System32\\inetsrv\\%s.dll\" />\r\n"
                     % pair for pair in modules)
    sites = "".join(
        "      <site name=\"%s\" id=\"%d\" serverAutoStart=\"true\">\r\n"
        "        <application path=\"/\" applicationPool=\"DefaultAppPool\">\r\n"
        "          <virtualDirectory path=\"/\" physicalPath=\"%s\" />\r\n"
        "        </application>\r\n%s"
        "        <bindings><binding protocol=\"https\" bindingInformation=\"*:%d:\" /></bindings>"
        "\r\n      </site>\r\n" % site for site in (
            ("Default Web Site", 1, "%SystemDrive%\\inetpub\\wwwroot",
             "".join(_web_application(name) for name in ("owa", "ecp", "EWS", "OAB",
                                                         "Autodiscover", "mapi")), 443),
            ("Exchange Back End", 2, "%SystemDrive%\\inetpub\\wwwroot", "", 444)))
    return (
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<configuration>\r\n"
        "  <system.applicationHost>\r\n    <sites>\r\n" + sites +
        "      <siteDefaults><logFile logFormat=\"W3C\" "
        "directory=\"%SystemDrive%\\inetpub\\logs\\LogFiles\" /></siteDefaults>\r\n"
        "    </sites>\r\n  </system.applicationHost>\r\n  <system.webServer>\r\n"
        "    <globalModules>\r\n" + native +
        "    </globalModules>\r\n    <httpLogging dontLog=\"false\" />\r\n"
        "  </system.webServer>\r\n</configuration>\r\n")


def _web_application(name):
    path = EX_WIN + "FrontEnd\\HttpProxy\\" + name.lower()
    return ("        <application path=\"/%s\" applicationPool=\"MSExchange%sAppPool\">\r\n"
            "          <virtualDirectory path=\"/\" physicalPath=\"%s\" />\r\n"
            "        </application>\r\n" % (name, name.upper(), path))


APPLICATION_HOST = _application_host()

AGENTS = (
    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<configuration>\r\n  <mexRuntime>\r\n"
    "    <agentList>\r\n" + "".join(
        "      <agent name=\"%s\" "
        "baseType=\"Microsoft.Exchange.Data.Transport.Routing.RoutingAgent\" "
        "classFactory=\"%s\" assemblyPath=\"%sTransportRoles\\agents\\%s\" enabled=\"true\" />\r\n"
        % (name, factory, EX_WIN, path) for name, factory, path in (
            ("Transport Rule Agent",
             "Microsoft.Exchange.MessagingPolicies.TransportRuleAgent.TransportRuleAgentFactory",
             "Rule\\Microsoft.Exchange.MessagingPolicies.TransportRuleAgent.dll"),
            ("Malware Agent", "Microsoft.Exchange.Transport.Agent.Malware.MalwareAgentFactory",
             "Antimalware\\Microsoft.Exchange.Transport.Agent.Malware.dll"))) +
    "    </agentList>\r\n  </mexRuntime>\r\n</configuration>\r\n")
