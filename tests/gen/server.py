"""The demonstration server: its names, builds, people, and small helpers for time and ids.

Nothing here is real. Addresses come from the ranges reserved for documentation (RFC 5737):
192.0.2.0/24 holds travelling staff, 198.51.100.0/24 scanners, 203.0.113.0/24 intruders. A
program that reads this evidence must count all three as outside addresses.

Times are whole milliseconds since 1970 UTC, as plain integers.
"""

import datetime
import random

HOST = "MAIL01"
DOMAIN = "nordhaven.example"
FQDN = "mail01.nordhaven.example"
COMPUTER = "MAIL01.nordhaven.example"
NETBIOS = "NORDHAVEN"
ORGANISATION = "Nordhaven"
SID_PREFIX = "S-1-5-21-2718281828-3141592653-1618033988"
INSIDE = "10.20.0.11"
PUBLIC = "mail.nordhaven.example"
AUTODISCOVER = "autodiscover.nordhaven.example"
EX = "Program Files/Microsoft/Exchange Server/V15/"
EX_WIN = "C:\\Program Files\\Microsoft\\Exchange Server\\V15\\"
OWA_AUTH = EX + "FrontEnd/HttpProxy/owa/auth/"
OWA_AUTH_WIN = EX_WIN + "FrontEnd\\HttpProxy\\owa\\auth\\"
ASPNET_TEMP = "Windows/Microsoft.NET/Framework64/v4.0.30319/Temporary ASP.NET Files/"
DATABASE = "5f0c7a14-6e1b-4f0e-9a77-20e5c1b6d3f2"
ADMIN_SID = SID_PREFIX + "-500"

# Exchange 2016 CU18 and its March 2021 security update.  Source: Microsoft CSS-Exchange.
BUILD_VULNERABLE = (15, 1, 2106, 2)
BUILD_FIXED = (15, 1, 2106, 13)

PROTOCOLS = ("Autodiscover", "Ecp", "Ews", "Mapi", "Owa")

HEALTH_MAILBOX = "HealthMailbox4d1e9a3c7b2f4e0f8a6d5c4b3a291807"

OUTLOOK = "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.13426; Pro)"
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 "
    "(KHTML, like Gecko) Chrome/88.0.4324.150 Safari/537.36"
)
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:85.0) Gecko/20100101 Firefox/85.0"
PYTHON = "python-requests/2.25.1"
EWS_CLIENT = "ExchangeServicesClient/0.0.0.0"

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Person:
    """A member of staff with a mailbox."""

    def __init__(self, name, rid, inside, outside, mailbox):
        self.name = name
        self.account = NETBIOS + "\\" + name
        self.smtp = name + "@" + DOMAIN
        self.sid = "%s-%d" % (SID_PREFIX, rid)
        self.inside = inside
        self.outside = outside
        self.mailbox = mailbox


def _people():
    rng = random.Random("people of " + DOMAIN)
    names = ("a.berg", "b.dahl", "c.ek", "d.falk", "e.grahn", "f.holm", "g.lind", "h.moe",
             "i.nyman", "j.olsen", "k.roos", "l.strand")
    return [Person(name, 1104 + i, "10.20.30.%d" % (21 + i), "192.0.2.%d" % (40 + i), guid(rng))
            for i, name in enumerate(names)]


def guid(rng):
    """A random GUID in the usual lower-case text form, from the given generator."""
    text = "%032x" % rng.getrandbits(128)
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def parse_time(text):
    """Milliseconds since 1970 of an ISO 8601 UTC time; the clock time may be missing."""
    text = text.rstrip("Z")
    form = "%Y-%m-%dT%H:%M:%S" if "T" in text else "%Y-%m-%d"
    if "." in text:
        form += ".%f"
    moment = datetime.datetime.strptime(text, form).replace(tzinfo=datetime.timezone.utc)
    return int(round(moment.timestamp() * 1000))


def moment(time):
    """The time as an aware datetime object."""
    return datetime.datetime.fromtimestamp(time // 1000, datetime.timezone.utc).replace(
        microsecond=time % 1000 * 1000)


def iso(time):
    """2021-03-03T06:59:10.817Z"""
    return moment(time).strftime("%Y-%m-%dT%H:%M:%S.") + "%03dZ" % (time % 1000)


def packed_version(build):
    """The number Exchange writes as BEVersion: flag 7, major, minor, bit 15, build."""
    return 7 << 28 | build[0] << 22 | build[1] << 16 | 1 << 15 | build[2]


def padded(build, revision=True):
    """15.01.2106.002, or with revision False 15.01.2106.000 (as TargetServerVersion is)."""
    return "%02d.%02d.%04d.%03d" % (build[0], build[1], build[2], build[3] if revision else 0)


def dotted(build):
    """15.1.2106.2"""
    return "%d.%d.%d.%d" % build


PEOPLE = _people()
ADMIN = PEOPLE[0]
