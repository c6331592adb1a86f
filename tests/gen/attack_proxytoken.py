"""What ProxyToken (CVE-2021-33766) leaves on an Exchange server.

Nothing here attacks anything: these functions add rows to logs.

Source: Zero Day Initiative (2021-08-30), SigmaHQ's and signature-base's rules.
"""
from attack import Intruder
from server import CHROME, DOMAIN, PEOPLE, SECOND
from textlogs import Request, add_ecp, add_request

OUTSIDE = Intruder("203.0.113.137")
SCANNER = Intruder("198.51.100.65")
VICTIM = PEOPLE[6]
STEM = "/ecp/%s/RulesEditor/InboxRules.svc/NewObject" % VICTIM.smtp


def _ask(evidence, rng, time, intruder, status, backend_status):
    add_request(evidence, rng, time, Request(
        "Ecp", STEM, intruder.address, method="POST", agent=CHROME, status=status,
        query="?msExchEcpCanary=x.", backend_status=backend_status,
        proxied=backend_status is not None, response_bytes=812))


def probe(evidence, rng, time, intruder=SCANNER):
    """A rule asked for without a logon on a fixed server: sent to the logon page.

    Truth: entry `probed`; nothing else.
    """
    _ask(evidence, rng, time, intruder, 302, None)


def attempt(evidence, rng, time, intruder=OUTSIDE):
    """A rule asked for without a logon ends in an error; no rule was made.

    Truth: entry `attempted`; nothing else.
    """
    _ask(evidence, rng, time, intruder, 500, 500)


def enter(evidence, rng, time, intruder=OUTSIDE):
    """A rule that passes all mail on was made in a mailbox without a logon.

    Truth: entry `exploited` (observed), back door `written` (the rule), loss `bounds` from 0 up: what
    the rule passed on is not counted.
    """
    _ask(evidence, rng, time, intruder, 500, 500)
    _ask(evidence, rng, time + 2 * SECOND, intruder, 200, 200)
    add_ecp(evidence, rng, time + 2100, "New-InboxRule.Name='x'.RedirectTo='box@mail.example'."
            "Mailbox='%s/Staff/%s'" % (DOMAIN, VICTIM.name), STEM + "?msExchEcpCanary=x.")
