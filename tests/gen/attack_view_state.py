"""What CVE-2020-0688 leaves on an Exchange server.

Nothing here attacks anything: these functions add rows to logs; the state in the addresses is a
row of letters.

Source: Zero Day Initiative (2020-02-25), Volexity (2020-03-06), SigmaHQ's rules; the error of a
state that was read: CERT NZ.
"""
from attack import Intruder
from attack_proxynotshell import VICTIM, child
from server import CHROME, PUBLIC, SECOND
from textlogs import Request, add_request
import winlogs

OUTSIDE = Intruder("203.0.113.115")
SCANNER = Intruder("198.51.100.64")
QUERY = "?__VIEWSTATEGENERATOR=B97B4E27&__VIEWSTATE=%2FwEy" + "hAYAAQAA" * 60 + "%3D"
PANEL = "MSExchange Control Panel"


def _ask(evidence, rng, time, intruder, **more):
    values = {"agent": CHROME, "query": QUERY, "duration": 41, "status": 500,
              "backend_status": 500, "user": VICTIM.account, "auth": "FBA",
              "anchor": "Sid~" + VICTIM.sid, "hint": "WindowsIdentity", "response_bytes": 5102}
    values.update(more)
    if values["backend_status"] is None:
        values["proxied"] = False
    add_request(evidence, rng, time, Request("Ecp", "/ecp/default.aspx", intruder.address,
                                             **values))


def probe(evidence, rng, time, intruder=SCANNER):
    """A scanner sends a state without a logon, and is sent to the logon page.

    Truth: entry `probed`; nothing else.
    """
    _ask(evidence, rng, time, intruder, user="", auth="", anchor="", hint="", status=302,
         backend_status=None, response_bytes=0)


def _error(evidence, time, text):
    winlogs.application(evidence, time + 30, PANEL, 4, [
        VICTIM.account, "https://%s/ecp/default.aspx%s" % (PUBLIC, QUERY), text], level=2)


def attempt(evidence, rng, time, intruder=OUTSIDE):
    """An account that is logged on sends a state to a fixed server, whose keys are its own.

    Truth: entry `attempted`; nothing else.
    """
    _ask(evidence, rng, time, intruder)
    _error(evidence, time, "System.Web.HttpException (0x80004005): Validation of viewstate MAC "
           "failed. ---> System.Web.UI.ViewStateException: Invalid viewstate.")


def enter(evidence, rng, time, intruder=OUTSIDE, sysmon=True):
    """An account that is logged on sends a state; it is read, and a command runs as the system.

    Truth: entry `exploited` (inferred from the command), action `execution`, no back door.
    """
    _ask(evidence, rng, time, intruder)
    _error(evidence, time, "System.ArgumentException: The serialized data is invalid. ---> "
           "System.Windows.Markup.XamlParseException")
    child(evidence, rng, time + 2 * SECOND, sysmon, "MSExchangeECPAppPool")
