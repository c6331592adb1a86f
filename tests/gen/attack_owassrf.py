"""What OWASSRF (CVE-2022-41080, CVE-2022-41082) leaves on an Exchange server.

Nothing here attacks anything: these functions add rows to logs.

Source: CrowdStrike (2022-12-20), signature-base's and SigmaHQ's rules.
"""
from attack import Intruder
from attack_proxynotshell import VICTIM, child, powershell_rows
from server import CHROME, PYTHON, SECOND
from textlogs import Request, add_request

OUTSIDE = Intruder("203.0.113.104")
SCANNER = Intruder("198.51.100.63")
STEM = "/owa/mastermailbox@outlook.com/powershell"


def _ask(evidence, rng, time, intruder, **more):
    values = {"method": "POST", "agent": PYTHON, "backend_stem": "/powershell", "duration": 70}
    values.update(more)
    if values.get("backend_status", 200) is None:
        values["proxied"] = False
    add_request(evidence, rng, time, Request("Owa", STEM, intruder.address, **values))


def probe(evidence, rng, time, intruder=SCANNER):
    """A scanner asks without a logon, and is sent to the logon page.

    Truth: entry `probed`; nothing else.
    """
    _ask(evidence, rng, time, intruder, method="GET", agent=CHROME, status=302,
         backend_status=None)


def attempt(evidence, rng, time, intruder=OUTSIDE):
    """An account that is logged on asks a fixed server for PowerShell: 404.

    Truth: entry `attempted`; nothing else.
    """
    _ask(evidence, rng, time, intruder, user=VICTIM.account, auth="Basic", status=404,
         backend_status=404, response_bytes=1245)


def reach(evidence, rng, time, intruder=OUTSIDE):
    """PowerShell answers a GET of an account that is logged on; no message was sent.

    Truth: entry `reached`.
    """
    _ask(evidence, rng, time, intruder, method="GET", user=VICTIM.account, auth="Basic",
         backend_user=VICTIM.account)


def enter(evidence, rng, time, intruder=OUTSIDE, sysmon=True):
    """PowerShell reached as an ordinary account, and a command run as the system.

    Truth: entry `exploited` (observed), action `execution`, no back door, no page.
    """
    for i in range(4):
        _ask(evidence, rng, time + i * SECOND, intruder, user=VICTIM.account, auth="Basic",
             backend_user=VICTIM.account, response_bytes=2300 + i)
    powershell_rows(evidence, rng, time, 4)
    child(evidence, rng, time + 5 * SECOND, sysmon)
