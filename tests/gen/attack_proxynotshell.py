"""What ProxyNotShell (CVE-2022-41040, CVE-2022-41082) leaves on an Exchange server.

Nothing here attacks anything: these functions add rows to logs.

Source of the requests' form: signature-base's rules, EOMTv2 (what the mitigation stops), public
scanners. Of the rows of remote PowerShell: CrowdStrike's Rps_Http-IOC.ps1. A story may be told of
any time: it is the build that makes a server vulnerable.
"""
from attack import Intruder
from attack_proxyshell import passed
from otherlogs import LOGS, Day
from server import CHROME, DAY, FQDN, HOST, INSIDE, PEOPLE, PYTHON, SECOND, guid
from textlogs import Request, add_request
import winlogs
from winlogs import SYSTEM32, W3WP, Process

OUTSIDE = Intruder("203.0.113.92")
SCANNER = Intruder("198.51.100.62")
VICTIM = PEOPLE[4]
ADMIN_FORM = "/autodiscover/admin@localhost/powershell/autodiscover.json"
COMMAND = "cmd /c whoami"


def probe(evidence, rng, time, intruder=SCANNER):
    """A scanner names PowerShell without a logon, and is refused (401, 404).

    Truth: entry `probed`, here and for ProxyShell, whose first step looks the same.
    """
    for i, (path, status) in enumerate((("/powershell/", 401),
                                        ("/owa/?&Protocol=XYZ&FooProtocol=Powershell", 404))):
        passed(evidence, rng, time + i * SECOND, intruder, path, method="GET", agent=CHROME,
               status=status, backend_status=None, response_bytes=0)


def _logon(evidence, rng, time, intruder):
    """The anonymous first step of a logon: 401."""
    passed(evidence, rng, time, intruder, "/powershell/", status=401, backend_status=None,
           response_bytes=0)


def attempt(evidence, rng, time, intruder=OUTSIDE):
    """An account that is logged on asks a fixed server for PowerShell, in two forms: refused.

    Truth: entry `attempted`; nothing else.
    """
    _logon(evidence, rng, time, intruder)
    passed(evidence, rng, time + 300, intruder, "/powershell/", user=VICTIM.account, auth="NTLM",
           status=403, backend_status=None, response_bytes=0)
    add_request(evidence, rng, time + 900, Request(
        "Autodiscover", ADMIN_FORM, intruder.address, method="POST", query="?x=a", agent=PYTHON,
        user=VICTIM.account, auth="NTLM", status=404, backend_status=None, proxied=False))


def reach(evidence, rng, time, intruder=OUTSIDE):
    """The address book's page answers an account that is logged on; no more happens.

    Truth: entry `reached`.
    """
    passed(evidence, rng, time, intruder, "/mapi/nspi/", method="GET", user=VICTIM.account,
           auth="NTLM")


def enter(evidence, rng, time, intruder=OUTSIDE, sysmon=True):
    """PowerShell reached as an ordinary account, a few messages, and a command run as the system.

    Truth: entry `exploited` (observed), action `execution` (COMMAND), no back door, no page.
    """
    _logon(evidence, rng, time, intruder)
    for i in range(4):
        passed(evidence, rng, time + (1 + i) * SECOND, intruder, "/powershell/", auth="NTLM",
               user=VICTIM.account, backend_user=VICTIM.account, response_bytes=2200 + i)
    powershell_rows(evidence, rng, time + SECOND, 4)
    child(evidence, rng, time + 6 * SECOND, sysmon)


def powershell_rows(evidence, rng, time, count, client=PYTHON):
    """What the back end's log of remote PowerShell holds of it."""
    day = Day(evidence, rng, time - time % DAY)
    rows = [(time + i * SECOND, dict(
        day.version(time), RequestId=guid(rng), UrlHost=FQDN, UrlStem="/powershell",
        AuthenticationType="Kerberos", IsAuthenticated="true", AuthenticatedUser=VICTIM.account,
        ClientIpAddress=INSIDE, ServerHostName=HOST, HttpStatus="200", SubStatus="0",
        Action="Command", ClientInfo=client)) for i in range(count)]
    day.log("rps-http", LOGS + "CmdletInfra/Powershell-Proxy/Http/Rps_Http_%s02-1.LOG", rows)


def child(evidence, rng, time, sysmon, pool="MSExchangePowerShellAppPool"):
    """The worker of an application pool starts a command."""
    line = "c:\\windows\\system32\\inetsrv\\w3wp.exe -ap \"%s\" -v \"v4.0\"" % pool
    pid = 4 * rng.randrange(500, 6000)
    process = Process(SYSTEM32 + "cmd.exe", COMMAND, W3WP, 9116, pid, parent_command=line)
    winlogs.process_created(evidence, time, process)
    if sysmon:
        winlogs.sysmon_process(evidence, time, process)
