"""What CVE-2021-42321 leaves on an Exchange server.

Nothing here attacks anything: these functions add rows and records to logs.

Source: SigmaHQ's rule with Microsoft's own test (records of MSExchange Management), public
descriptions of the two calls of Exchange Web Services.
"""
from attack import Intruder
from attack_proxynotshell import VICTIM, child
from otherlogs import LOGS, Day
from server import ADMIN_SID, DAY, DOMAIN, FQDN, HOST, PYTHON, SECOND, guid
import winlogs

OUTSIDE = Intruder("203.0.113.126")
CAST = ("System.InvalidCastException: Unable to cast object of type "
        "'System.Security.Claims.ClaimsPrincipal' to type 'System.String'.")


def _calls(evidence, rng, time, intruder):
    day = Day(evidence, rng, time - time % DAY)
    rows = [(time + i * SECOND, dict(
        day.version(time), RequestId=guid(rng), AuthenticationType="NTLM", IsAuthenticated="true",
        AuthenticatedUser=VICTIM.smtp, UserAgent=PYTHON, ClientIpAddress=intruder.address,
        ServerHostName=HOST, FrontEndServer=FQDN, HttpStatus="200", SoapAction=action))
        for i, action in enumerate(("CreateUserConfiguration", "GetClientAccessToken"))]
    day.log("ews2016", LOGS + "Ews/Ews_%s02-1.LOG", rows)


def attempt(evidence, rng, time, intruder=OUTSIDE):
    """The settings are written by a script on a fixed server, which does not read the object.

    Truth: entry `attempted` (weak); nothing else.
    """
    _calls(evidence, rng, time, intruder)


def reach(evidence, rng, time, intruder=OUTSIDE):
    """The object was read, as the failed command shows; nothing tells what its code did.

    Truth: entry `reached`.
    """
    _calls(evidence, rng, time, intruder)
    winlogs.cmdlet(evidence, time + SECOND, rng, "Get-App", "-OrganizationApp \"False\"",
                   "%s/Staff/%s" % (DOMAIN, VICTIM.name), ADMIN_SID,
                   pool="w3wp#MSExchangeServicesAppPool", failure=CAST)


def enter(evidence, rng, time, intruder=OUTSIDE, sysmon=True):
    """The object was read, and a command ran as the system.

    Truth: entry `exploited` (inferred from the command), action `execution`, no back door.
    """
    reach(evidence, rng, time, intruder)
    child(evidence, rng, time + 2 * SECOND, sysmon, "MSExchangeServicesAppPool")
