"""The named scenarios: each a story written out, before anyone asked a program about it.

Every function's docstring is the story. Times are UTC. Dates and builds are those of public
accounts (truth.py names them). `quick` stories are those of the ordinary test run.
"""
import random

import acts
import world
from acts import (C0688, C42321, NS, OW, PL, PS, PT, SB, SN, TS, WEB, Shell, Who, shell_at)
from server import DAY, HOUR, MINUTE, SECOND, parse_time as at

BASE = {"2016CU7": (15, 1, 1261, 35), "2016CU8": (15, 1, 1415, 2), "2016CU14": (15, 1, 1847, 3),
        "2016CU15": (15, 1, 1913, 5), "2016CU16": (15, 1, 1979, 3), "2016CU18": (15, 1, 2106, 2),
        "2016CU19": (15, 1, 2176, 2), "2016CU20": (15, 1, 2242, 4), "2016CU21": (15, 1, 2308, 8),
        "2016CU22": (15, 1, 2375, 7), "2016CU23": (15, 1, 2507, 6), "2019CU3": (15, 2, 464, 5),
        "2019CU4": (15, 2, 529, 5), "2019CU7": (15, 2, 721, 2), "2019CU8": (15, 2, 792, 3),
        "2019CU9": (15, 2, 858, 5), "2019CU10": (15, 2, 922, 7), "2019CU11": (15, 2, 986, 5),
        "2019CU12": (15, 2, 1118, 7), "2013CU23": (15, 0, 1497, 2)}
UPDATES = {"2016CU18 Mar21": 13, "2016CU19 Mar21": 9, "2016CU19 May21": 14, "2016CU20 May21": 10,
           "2016CU20 Jul21": 12, "2016CU21 Jul21": 14, "2016CU21 Nov21": 20, "2016CU22 Nov21": 17,
           "2016CU22 Aug22": 31, "2016CU22 Nov22": 37, "2016CU23 Aug22": 12, "2016CU23 Nov22": 16,
           "2019CU7 Mar21": 13, "2019CU8 Mar21": 10, "2019CU8 May21": 15, "2019CU9 May21": 12,
           "2019CU9 Jul21": 15, "2019CU10 Jul21": 13, "2019CU10 Nov21": 19, "2019CU11 Nov21": 14,
           "2019CU11 Aug22": 29, "2019CU11 Nov22": 36, "2019CU12 Nov22": 20, "2013CU23 Feb20": 6,
           "2013CU23 Mar21": 12, "2013CU23 May21": 18, "2013CU23 Nov22": 44, "2016CU8 Mar21": 9,
           "2016CU14 Feb20": 7, "2016CU14 Mar21": 12, "2016CU15 Feb20": 7, "2019CU4 Feb20": 8,
           "2016CU16 Mar21": 8, "2019CU3 Feb20": 11}


def build_of(name):
    """The build of '2016CU18' or '2016CU18 Mar21'."""
    base = BASE[name.split(" ")[0]]
    return base[:3] + (UPDATES[name],) if " " in name else base


class Scenario:
    """A story being told: its organisation, its servers, the links between rows."""

    def __init__(self, name, seed=1, text="", domain="nordhaven.example"):
        self.name, self.seed, self.text = name, seed, text
        self.org = world.Org(domain, 1)
        self.rng = random.Random("%s %s" % (seed, name))
        self.hosts, self.links = [], []

    def link(self, a, mark_a, b, mark_b):
        self.links.append((a.name, mark_a, b.name, mark_b))

    def add(self, host):
        self.hosts.append(host)
        return host

    def exchange(self, start, end, builds, name="MAIL01", role="exchange", **more):
        """An Exchange server with its ordinary days. builds: 'X' or [(time, 'X'), ...]."""
        if isinstance(builds, str):
            builds = [(start, builds)]
        host = world.Host(self.org, name, role, start, end,
                          [(t, build_of(b)) for t, b in builds], **more)
        host.notes["fresh"] = True
        return self.add(host)

    def windows(self, start, end, name, role, **more):
        host = self.add(world.Host(self.org, name, role, start, end, **more))
        if role in world.UNIX:
            world.web_days(host, ["/", "/index.php", "/contact.html", "/style.css"])
            host.file("var/www/html/index.php", "<?php echo date('c'); ?>\n", host.start - DAY)
            return host
        world.windows_days(host)
        if role != "dc":
            page = {"sharepoint": ["/", "/SitePages/Home.aspx", "/_layouts/15/start.aspx"],
                    "orion": ["/Orion/Login.aspx", "/Orion/SummaryView.aspx"]}.get(
                        role, ["/", "/default.htm", "/news.htm"])
            world.web_days(host, page)
            host.file("inetpub/wwwroot/iisstart.htm", world.background.IISSTART, host.start - DAY)
        if role == "sharepoint":
            layouts = ("Program Files/Common Files/microsoft shared/Web Server Extensions/16/"
                       "TEMPLATE/LAYOUTS/")
            host.file(layouts + "web.config", world.background.WEB_CONFIG, host.start - DAY)
            host.file("Program Files/Common Files/microsoft shared/Web Server Extensions/16/ISAPI/"
                      "Microsoft.SharePoint.dll", world.program_file(
                          host.notes.get("version", (16, 0, 10417, 20010)),
                          "Microsoft.SharePoint.dll"), host.start - DAY)
        if role == "orion":
            host.file("Program Files (x86)/SolarWinds/Orion/SolarWinds.BusinessLayerHost.exe.config",
                      "<configuration></configuration>", host.start - DAY)
            host.file("inetpub/SolarWinds/web.config", world.background.WEB_CONFIG,
                      host.start - DAY)
            host.file("inetpub/SolarWinds/bin/SolarWinds.Orion.Web.dll", world.program_file(
                (2019, 4, 5200, 8890), "SolarWinds.Orion.Web.dll"), host.start - DAY)
            acts.names_asked(host)
        return host

    def days(self):
        """The ordinary days of every Exchange server, told once its story is known."""
        for host in self.hosts:
            if host.notes.pop("fresh", False):
                world.exchange_days(host)


STORIES = {}
QUICK = []


def story(function):
    STORIES[function.__name__] = function
    return function


def quick(function):
    QUICK.append(function.__name__)
    return story(function)


def tell(name, seed=1):
    """A scenario told, with its ordinary days; not yet written."""
    s = Scenario(name, seed, STORIES[name].__doc__.strip())
    STORIES[name](s)
    s.days()
    for host in s.hosts:
        for a, b in host.notes.get("links", ()):
            s.link(host, a, host, b)
    return s


FULL = ("2021-01-02", "2021-03-14")
MONTH = ("2021-02-10", "2021-03-12")
MARCH = ("2021-02-26", "2021-03-12")
PATCHED = [("2021-01-01", "2016CU18"), ("2021-03-08T20:00:00", "2016CU18 Mar21")]
EARLY = [("2021-01-01", "2016CU18"), ("2021-03-03T01:00:00", "2016CU18 Mar21")]
INTRUDER = ("203.0.113.66", "one")
CHAIN = at("2021-03-03T06:59:10.817")


def one():
    return Who(*INTRUDER)


def two():
    return Who("203.0.113.140", "two")


def scanner(address="198.51.100.23"):
    return Who(address, "scanner", "scanner",
               "Mozilla/5.0 (compatible; Nmap Scripting Engine; https://nmap.org/book/nse.html)")


def entered(s, host, who=None, time=CHAIN, web="/owa/auth/OutlookNW.aspx", use=True, **more):
    """The chain, and a first look around. Returns the shell."""
    who, shell = who or one(), shell_at(web)
    after = acts.pl_chain(s, host, time, who, shell, **more)
    if use:
        acts.first_use(s, host, after + 7 * SECOND, who, shell, PL)
    return shell


# == ProxyLogon ====================================================================================


@quick
def pl_clean_2016(s):
    """Exchange 2016 CU18, patched on 3 March; nobody tried; all logs since 2 January."""
    s.exchange(*FULL, EARLY)


@story
def pl_clean_2019(s):
    """Exchange 2019 CU8, patched in the first night."""
    s.exchange(*FULL, [("2021-01-01", "2019CU8"), ("2021-03-02T23:30:00", "2019CU8 Mar21")])


@story
def pl_clean_2013(s):
    """Exchange 2013 CU23, patched on 5 March."""
    s.exchange(*FULL, [("2021-01-01", "2013CU23"), ("2021-03-05T04:00:00", "2013CU23 Mar21")])


@quick
def pl_clean_thirty_days(s):
    """As most servers are: nothing happened, but the logs reach back for thirty days only."""
    s.exchange(*MONTH, EARLY)


@quick
def pl_clean_never_patched(s):
    """Nobody tried; the server was never patched, and all logs are there."""
    s.exchange("2021-01-02", "2021-03-06", "2016CU19")


@story
def pl_clean_by_next_cu(s):
    """No update in March; the next cumulative update brought the fix on 17 March."""
    s.exchange("2021-01-02", "2021-03-20", [("2021-01-01", "2016CU19"),
                                            ("2021-03-17T21:00:00", "2016CU20")])


@story
def pl_old_cu7(s):
    """A cumulative update so old that no fix was ever made for it."""
    s.exchange("2021-02-20", "2021-03-10", "2016CU7")


@story
def pl_disputed_build(s):
    """CU8 with build 15.1.1415.9, of which two sources say different things: fixed, weakly."""
    s.exchange("2021-01-02", "2021-03-20", [("2021-01-01", "2016CU8"),
                                            ("2021-03-11T22:00:00", "2016CU8 Mar21")])


@quick
def pl_probed(s):
    """Two scanners tested for the flaw before the patch, and one again after it."""
    h = s.exchange(*MONTH, PATCHED)
    acts.pl_probe(h, at("2021-03-05T03:06:27"), scanner())
    acts.pl_probe(h, at("2021-03-07T08:11:58"), scanner("198.51.100.91"))
    acts.pl_probe(h, at("2021-03-09T02:55:13"), scanner(), refused=True)


@story
def pl_probed_full_logs(s):
    """One scanner's test, in evidence that is whole."""
    h = s.exchange(*FULL, PATCHED)
    acts.pl_probe(h, at("2021-03-05T03:06:27"), scanner())


@story
def pl_probed_after_patch_only(s):
    """The scanner came when the fix was in: refused, and nothing of the flaw is seen."""
    h = s.exchange(*FULL, EARLY)
    acts.pl_probe(h, at("2021-03-09T02:55:13"), scanner(), refused=True)


@story
def pl_probed_outside_name(s):
    """A tester's cookie named a host outside: the server was made to ask for it."""
    h = s.exchange(*MONTH, PATCHED)
    acts.pl_probe(h, at("2021-03-06T17:27:45"), scanner("198.51.100.77"),
                  target="a1b2.oast.example")


@quick
def pl_attempted(s):
    """Wrong server names, refused; then Autodiscover, which knew none of the mailboxes."""
    h = s.exchange(*MONTH, PATCHED)
    acts.pl_refused(h, at("2021-03-04T22:41:07"), one())
    acts.pl_lookups(h, at("2021-03-04T22:42:07"), one())


@story
def pl_refused(s):
    """Forged cookies, all answered with an error."""
    h = s.exchange(*MONTH, PATCHED)
    acts.pl_refused(h, at("2021-03-04T22:41:07"), one())


@quick
def pl_reached(s):
    """A mailbox was guessed right and its owner's SID told; the intruder went no further."""
    h = s.exchange(*MONTH, PATCHED)
    acts.pl_lookups(h, at("2021-03-04T22:41:07"), one(), found=True)


@quick
def pl_entered(s):
    """The whole chain, the shell used, LSASS dumped; patched on 8 March, the shell still there."""
    h = s.exchange(*MONTH, PATCHED)
    shell = entered(s, h)
    acts.credentials(s, h, at("2021-03-05T02:18:40"), one(), shell, PL)
    acts.run(s, h, at("2021-03-09T04:30:12"), one(), shell, "cmd /c dir C:\\ProgramData", PL)


@story
def pl_entered_full_logs(s):
    """The chain in evidence that is whole, on Exchange 2019 CU8."""
    h = s.exchange(*FULL, [("2021-01-01", "2019CU8"), ("2021-03-09T20:00:00", "2019CU8 Mar21")])
    entered(s, h)


@story
def pl_entered_2013(s):
    """The chain on Exchange 2013 CU23, on the last day of February."""
    h = s.exchange("2021-02-12", "2021-03-14", [("2021-01-01", "2013CU23"),
                                               ("2021-03-06T20:00:00", "2013CU23 Mar21")])
    entered(s, h, time=at("2021-02-28T11:02:09.120"), web="/aspnet_client/supp0rt.aspx")


@quick
def pl_entered_not_used(s):
    """The chain ran and wrote its page; nobody ever asked for it."""
    entered(s, s.exchange(*MONTH, PATCHED), use=False)


@story
def pl_entered_unpatched(s):
    """Entered and never patched."""
    entered(s, s.exchange(*MARCH, "2016CU18"))


@quick
def pl_entered_no_sysmon(s):
    """Entered, on a server without Sysmon."""
    entered(s, s.exchange(*MARCH, PATCHED, sysmon=False))


@quick
def pl_removed_by_intruder(s):
    """The intruder deleted the shell through itself three days later; what was compiled stayed."""
    h = s.exchange(*MARCH, PATCHED)
    shell = entered(s, h)
    acts.remove_self(s, h, at("2021-03-06T01:12:33"), one(), shell, PL)


@quick
def pl_removed_by_defender(s):
    """Defender took the shell away on 9 March."""
    h = s.exchange(*MARCH, PATCHED)
    shell = entered(s, h)
    acts.remove_defender(h, at("2021-03-09T10:11:12"), shell, PL, one())


@quick
def pl_shell_gone_unrecorded(s):
    """Somebody took the shell away and nothing recorded it: only residue and logs are left."""
    h = s.exchange(*MARCH, PATCHED, sysmon=False)
    acts.vanish(h, entered(s, h))


@story
def pl_final_post_then_gone(s):
    """As in the removals of April 2021: one last request to the shell, then it is gone."""
    h = s.exchange("2021-03-01", "2021-04-20", PATCHED)
    shell = entered(s, h, web="/owa/auth/errorFF.aspx")
    acts.visit(h, at("2021-04-11T15:00:00"), Who("192.0.2.250", "other", agent="x"), shell, PL)
    acts.vanish(h, shell)


@quick
def pl_httpproxy_rolled_over(s):
    """Entered on 27 February; HttpProxy and IIS begin on 5 March, ECP and events are older."""
    h = s.exchange("2021-02-20", "2021-03-14", PATCHED)
    entered(s, h, time=at("2021-02-27T16:20:31"))
    for source in ("hp", "iis-fe", "iis-be"):
        h.late[source] = at("2021-03-05")


@quick
def pl_only_residue_and_page(s):
    """The logs begin after the entry; the page lies there, and was compiled."""
    h = s.exchange("2021-03-08", "2021-03-16", [("2021-03-01", "2016CU18")])
    shell = shell_at("/owa/auth/iconUpdate.aspx")
    acts.plant(h, at("2021-03-03T05:00:00"), shell, PL, one())
    acts.compile_page(h, at("2021-03-03T05:00:09"), shell, PL, one())


@story
def pl_only_residue(s):
    """The page is gone, the logs begin later: only what ASP.NET compiled names it."""
    h = s.exchange("2021-03-08", "2021-03-16", [("2021-03-01", "2016CU18")])
    shell = shell_at("/owa/auth/iconUpdate.aspx")
    acts.plant(h, at("2021-03-03T05:00:00"), shell, PL, one())
    acts.compile_page(h, at("2021-03-03T05:00:09"), shell, PL, one())
    acts.vanish(h, shell)


@quick
def pl_used_page_unknown_origin(s):
    """A page below aspnet_client is used; how it came there no log tells any more."""
    h = s.exchange("2021-03-06", "2021-03-16", [("2021-03-01", "2016CU18")])
    shell = shell_at("/aspnet_client/discover.aspx")
    acts.plant(h, at("2021-03-03T05:00:00"), shell, PL, one())
    acts.first_use(s, h, at("2021-03-07T22:14:00"), one(), shell, PL)


@story
def pl_events_cleared(s):
    """Entered; then the Security log was cleared, which itself is recorded."""
    h = s.exchange(*MARCH, PATCHED, sysmon=False)
    entered(s, h)
    h.late["security"] = at("2021-03-06T03:00:00")
    h.event("security", at("2021-03-06T03:00:00"), "Microsoft-Windows-Eventlog", 1102,
            [("SubjectUserSid", "S-1-5-18"), ("SubjectUserName", "MAIL01$")],
            guid="FC65DDD8-D6EF-4962-83D5-6E5CFE9CE148")


@quick
def pl_two_intruders(s):
    """One intruder only looked mailboxes up; another, a day later, ran the chain."""
    h = s.exchange(*MARCH, PATCHED)
    acts.pl_lookups(h, at("2021-03-02T21:00:00"), two(), found=True)
    entered(s, h)


@quick
def pl_two_shells(s):
    """Two intruders entered on two days and left a shell each, one of them removed."""
    h = s.exchange(*MARCH, PATCHED)
    first = entered(s, h, time=at("2021-02-28T03:10:00"), web="/aspnet_client/shell.aspx")
    entered(s, h, two(), at("2021-03-04T18:44:20"), "/owa/auth/errorEW.aspx", key="klk123456")
    acts.remove_self(s, h, at("2021-03-05T01:12:33"), one(), first, PL)


@story
def pl_three_intruders(s):
    """Three intruders within a week, scanners between them."""
    h = s.exchange(*MARCH, PATCHED)
    entered(s, h, time=at("2021-02-28T03:10:00"), web="/aspnet_client/shell.aspx")
    acts.pl_probe(h, at("2021-03-02T12:00:00"), scanner())
    entered(s, h, two(), at("2021-03-03T18:44:20"), "/owa/auth/errorEW.aspx", key="klk123456")
    entered(s, h, Who("203.0.113.200", "three"), at("2021-03-06T09:00:00"),
            "/owa/auth/8Lw7tAhF.aspx", use=False, key="o")


@quick
def pl_all_kinds_of_callers(s):
    """An intruder, a scanner and a guesser of names on one server: three roles."""
    h = s.exchange(*MARCH, PATCHED)
    acts.pl_probe(h, at("2021-03-02T12:00:00"), scanner())
    entered(s, h)
    acts.guess(h, at("2021-03-07T12:00:00"), Who("198.51.100.91", "guesser", "guesser", "curl/7"))


@quick
def pl_guesser(s):
    """Patched early; an address asks for many names that shells had elsewhere: none is here."""
    h = s.exchange(*FULL, EARLY)
    acts.guess(h, at("2021-03-12T15:20:00"), Who("198.51.100.91", "guesser", "guesser", "curl/7"))


@story
def pl_guesser_finds_one(s):
    """A guesser asks for many names; one of them is an intruder's page and answers."""
    h = s.exchange(*MARCH, PATCHED)
    shell = entered(s, h, web="/owa/auth/web.aspx")
    guesser = Who("198.51.100.91", "guesser", "guesser", "curl/7")
    acts.guess(h, at("2021-03-10T12:00:00"), guesser, ["help", "document", "errorEE", "xx"] * 6)
    acts.visit(h, at("2021-03-10T12:01:00"), guesser, shell, PL, "GET")


@quick
def pl_local(s):
    """The whole chain on the server itself, over loopback, from a logged-on user's program."""
    h = s.exchange(*MARCH, "2016CU18")
    who = Who("::1", "local", process="C:\\Users\\h.moe\\AppData\\Local\\Programs\\Python\\"
              "Python39\\python.exe", user="h.moe")
    acts.local_tool(h, CHAIN - 1200, who)
    entered(s, h, who)


@quick
def pl_mail_theft(s):
    """In January, before anyone knew, mail was read through the flaw; no shell."""
    h = s.exchange("2021-01-02", "2021-03-06", EARLY)
    acts.pl_mail(h, at("2021-01-10T02:14:09"), one(), 24)


@story
def pl_mail_theft_small(s):
    """A few small answers of EWS: mail was listed, hardly more."""
    h = s.exchange("2021-01-02", "2021-03-06", EARLY)
    acts.pl_mail(h, at("2021-01-19T23:14:09"), one(), 6, big=False)


@story
def pl_mail_theft_and_shell(s):
    """Mail read in January by one, a shell in March by another."""
    h = s.exchange("2021-01-02", "2021-03-12", PATCHED)
    acts.pl_mail(h, at("2021-01-10T02:14:09"), one(), 24)
    entered(s, h, two())


@story
def pl_mail_theft_hole(s):
    """Mail was read; ten days of the logs are lost, and nobody knows what else was."""
    h = s.exchange("2021-01-02", "2021-03-06", EARLY)
    acts.pl_mail(h, at("2021-01-10T02:14:09"), one(), 24)
    h.holes["hp-owa"].append((at("2021-01-20"), at("2021-01-30")))


@story
def pl_oab_tried(s):
    """CVE-2021-26858: the address book's generator names a page it could not remove."""
    h = s.exchange(*MARCH, PATCHED)
    acts.pl_oab(h, at("2021-03-04T02:00:00"), one())


@story
def pl_oab_written(s):
    """CVE-2021-26858, and the page that was named lies there."""
    h = s.exchange(*MARCH, PATCHED)
    acts.pl_oab(h, at("2021-03-04T02:00:00"), one(), shell_at("/aspnet_client/t1.aspx"))


@story
def pl_messaging(s):
    """CVE-2021-26857: the error that a forged voice message leaves."""
    h = s.exchange(*MARCH, PATCHED)
    acts.pl_messaging(h, at("2021-03-04T02:00:00"), one())


@story
def pl_messaging_child(s):
    """CVE-2021-26857, and a command below the messaging worker."""
    h = s.exchange(*MARCH, PATCHED)
    acts.pl_messaging(h, at("2021-03-04T02:00:00"), one(), child=True)


@quick
def pl_archive_fetched(s):
    """An archive was put below aspnet_client and fetched; IIS logged the size."""
    h = s.exchange(*MARCH, PATCHED, sizes=True)
    entered(s, h)
    acts.steal_archive(s, h, at("2021-03-05T23:00:00"), one(), PL)


@story
def pl_archive_fetched_no_sizes(s):
    """An archive was fetched and removed; IIS did not log sizes."""
    h = s.exchange(*MARCH, PATCHED)
    entered(s, h)
    acts.steal_archive(s, h, at("2021-03-05T23:00:00"), one(), PL, keep=False)


@story
def pl_persistence(s):
    """Beside the shell a scheduled task was made."""
    h = s.exchange(*MARCH, PATCHED)
    entered(s, h)
    acts.persist_task(h, at("2021-03-05T23:00:00"), one(), PL)


@quick
def pl_files_only(s):
    """Only the web folders were collected, clean: nothing can be said of who came."""
    h = s.exchange(*MARCH, PATCHED)
    h.drop.update(("hp", "iis-fe", "iis-be", "ecp", "mgmt", "security", "sysmon", "application",
                   "system", "rps-http", "rps-cmdlet", "ews", "audit", "ecp-activity"))


@story
def pl_iis_only(s):
    """Only IIS's logs were collected of a server that was entered."""
    h = s.exchange(*MARCH, PATCHED)
    entered(s, h)
    h.drop.update(("hp", "ecp", "mgmt", "security", "sysmon", "application", "system", "web",
                   "temp", "config", "rps-http", "rps-cmdlet", "ews", "audit", "ecp-activity"))


@story
def pl_events_only(s):
    """Only event logs were collected of a server that was entered."""
    h = s.exchange(*MARCH, PATCHED)
    entered(s, h)
    h.drop.update(("hp", "ecp", "iis-fe", "iis-be", "web", "temp", "config", "rps-http",
                   "rps-cmdlet", "ews", "audit", "ecp-activity"))


@story
def pl_no_ecp_log(s):
    """Entered; the control panel's log was not collected."""
    h = s.exchange(*MARCH, PATCHED)
    entered(s, h)
    h.drop.add("ecp")


@story
def pl_no_web_folders(s):
    """Entered; nobody collected the web folders: whether the shell is there is unknown."""
    h = s.exchange(*MARCH, PATCHED)
    entered(s, h)
    h.drop.update(("web", "temp"))


@quick
def pl_clean_hole(s):
    """Nobody tried, but ten days of the front end's logs are missing."""
    h = s.exchange(*FULL, EARLY)
    h.holes["hp-ecp"].append((at("2021-02-01"), at("2021-02-11")))


@story
def pl_clean_no_audit(s):
    """Nobody tried; no log says which processes started."""
    h = s.exchange(*FULL, EARLY, sysmon=False)
    h.drop.add("security")


@story
def pl_clean_no_web_folders(s):
    """Nobody tried; the web folders were not collected."""
    s.exchange(*FULL, EARLY).drop.update(("web", "temp"))


@story
def pl_clean_no_management(s):
    """Nobody tried; MSExchange Management was not collected."""
    s.exchange(*FULL, EARLY).drop.add("mgmt")


@story
def pl_ends_before(s):
    """Imaged in December 2020, before the campaign: it cannot have met it."""
    s.exchange("2020-12-01", "2020-12-20", "2016CU18")


@quick
def org_one_of_three(s):
    """Three Exchange servers: one entered, one probed, one clean; the domain controller recorded
    the change."""
    a = s.exchange(*MARCH, PATCHED, "EX01")
    b = s.exchange(*MARCH, PATCHED, "EX02")
    s.exchange(*MARCH, EARLY, "EX03")
    dc = s.windows(*MARCH, "DC01", "dc")
    entered(s, a, dc=dc)
    acts.pl_probe(b, at("2021-03-03T06:50:00"), scanner())


@story
def org_two_entered(s):
    """Two servers of one organisation, entered by the same intruder within the hour."""
    a = s.exchange(*MARCH, PATCHED, "EX01")
    b = s.exchange(*MARCH, PATCHED, "EX02")
    dc = s.windows(*MARCH, "DC01", "dc")
    entered(s, a, dc=dc)
    entered(s, b, time=CHAIN + 31 * MINUTE, web="/owa/auth/OutlookNZ.aspx", dc=dc)


@quick
def org_only_the_controller_saw(s):
    """The server's own logs rolled over; the domain controller still has the planted script."""
    a = s.exchange("2021-02-26", "2021-03-30", PATCHED, "EX01")
    dc = s.windows("2021-02-26", "2021-03-30", "DC01", "dc")
    acts.vanish(a, entered(s, a, dc=dc, use=False))
    for source in ("hp", "iis-fe", "iis-be", "ecp", "mgmt", "security", "sysmon"):
        a.late[source] = at("2021-03-15")


@story
def org_skewed_controller(s):
    """The domain controller's clock is four minutes ahead."""
    a = s.exchange(*MARCH, PATCHED, "EX01")
    dc = s.windows(*MARCH, "DC01", "dc", skew=4 * MINUTE)
    entered(s, a, dc=dc)


@story
def org_front_and_back(s):
    """Exchange 2013 with front end and back end apart: the request met the one, the command ran
    on the other."""
    back = s.exchange(*MARCH, "2013CU23", "MBX01", "backend")
    front = s.exchange(*MARCH, "2013CU23", "CAS01", "frontend")
    front.notes["backend_host"] = back
    entered(s, front)


@story
def org_exchange_and_web(s):
    """An Exchange server that was entered beside a web server that was not."""
    entered(s, s.exchange(*MARCH, PATCHED))
    s.windows(*MARCH, "WEB01", "apache")


# == ProxyShell =====================================================================================

AUG = ("2021-08-01", "2021-08-28")
UNFIXED = "2016CU19 Mar21"
SHELL_TIME = at("2021-08-18T11:20:33.400")


@quick
def ps_clean_fixed(s):
    """Exchange 2016 CU20 with May's update: the flaw was never open in its time."""
    s.exchange(*AUG, "2016CU20 May21")


@quick
def ps_clean_open(s):
    """March's update only: ProxyLogon closed, ProxyShell open; nobody came."""
    s.exchange(*AUG, UNFIXED)


@story
def ps_clean_patched_late(s):
    """Nobody came until the update of 20 August."""
    s.exchange(*AUG, [("2021-08-01", "2019CU8 Mar21"), ("2021-08-20T21:00:00", "2019CU8 May21")])


@quick
def ps_scanned_refused(s):
    """A scanner asked a fixed server: 400."""
    h = s.exchange(*AUG, "2016CU20 May21")
    acts.ps_scan(h, at("2021-08-14T03:00:00"), scanner("198.51.100.40"), answered=False)


@quick
def ps_scanned_answered(s):
    """A scanner's one request was answered: the flaw is there, nothing more was done."""
    h = s.exchange(*AUG, UNFIXED)
    acts.ps_scan(h, at("2021-08-14T03:00:00"), scanner("198.51.100.40"))


@story
def ps_looked_up(s):
    """Autodiscover and MAPI told a SID; then nothing."""
    h = s.exchange(*AUG, UNFIXED)
    acts.ps_lookup(h, at("2021-08-15T08:00:00"), one())


@quick
def ps_exported_page(s):
    """The whole chain: a mailbox exported into a web folder as a page, used, the request removed."""
    h = s.exchange(*AUG, UNFIXED)
    shell = shell_at("/aspnet_client/hgqpl.aspx")
    after = acts.ps_shell(s, h, SHELL_TIME, one(), shell)
    acts.first_use(s, h, after + 20 * SECOND, one(), shell, PS)


@story
def ps_certificate_page(s):
    """The page came as a certificate request."""
    h = s.exchange(*AUG, UNFIXED)
    shell = shell_at("/owa/auth/kvbsd.aspx")
    after = acts.ps_shell(s, h, SHELL_TIME, one(), shell, certificate=True)
    acts.first_use(s, h, after + 20 * SECOND, one(), shell, PS)


@story
def ps_page_not_used(s):
    """The page was exported and never asked for."""
    h = s.exchange(*AUG, UNFIXED)
    acts.ps_shell(s, h, SHELL_TIME, one(), shell_at("/aspnet_client/hgqpl.aspx"))


@story
def ps_page_gone(s):
    """Used, then somebody took the page away without a record."""
    h = s.exchange(*AUG, UNFIXED, sysmon=False)
    shell = shell_at("/aspnet_client/hgqpl.aspx")
    after = acts.ps_shell(s, h, SHELL_TIME, one(), shell)
    acts.first_use(s, h, after + 20 * SECOND, one(), shell, PS)
    acts.vanish(h, shell)


@quick
def ps_fixed_but_backdoored(s):
    """Entered on 18 August, patched on the 21st; the page is still there."""
    h = s.exchange(*AUG, [("2021-08-01", "2016CU20"), ("2021-08-21T20:00:00", "2016CU20 May21")])
    shell = shell_at("/aspnet_client/hgqpl.aspx")
    after = acts.ps_shell(s, h, SHELL_TIME, one(), shell)
    acts.first_use(s, h, after + 20 * SECOND, one(), shell, PS)


@story
def ps_page_without_logs(s):
    """A page lies there; the logs begin a week later, with March's update in: since when, nothing
    says."""
    h = s.exchange("2021-08-25", "2021-09-02", UNFIXED)
    acts.plant(h, SHELL_TIME, shell_at("/aspnet_client/hgqpl.aspx"), PS, one())


@quick
def ps_page_of_two_possible(s):
    """A page lies there; the server had neither March's nor May's update: nobody can say which
    flaw let the intruder in."""
    h = s.exchange("2021-08-25", "2021-09-02", "2016CU19")
    acts.plant(h, SHELL_TIME, shell_at("/aspnet_client/hgqpl.aspx"), PS, one())


@story
def ps_no_powershell_logs(s):
    """Entered; neither remote PowerShell's logs nor MSExchange Management are there."""
    h = s.exchange(*AUG, UNFIXED)
    shell = shell_at("/aspnet_client/hgqpl.aspx")
    after = acts.ps_shell(s, h, SHELL_TIME, one(), shell)
    acts.first_use(s, h, after + 20 * SECOND, one(), shell, PS)
    h.drop.update(("rps-http", "rps-cmdlet", "mgmt"))


@story
def ps_two_intruders(s):
    """Two intruders by the same flaw, five days apart."""
    h = s.exchange(*AUG, UNFIXED)
    for who, time, web in ((one(), SHELL_TIME, "/aspnet_client/hgqpl.aspx"),
                           (two(), SHELL_TIME + 5 * DAY, "/owa/auth/zzq81.aspx")):
        shell = shell_at(web)
        after = acts.ps_shell(s, h, time, who, shell)
        acts.first_use(s, h, after + 20 * SECOND, who, shell, PS)


@quick
def ps_and_old_proxylogon_page(s):
    """Entered in March through ProxyLogon, patched; entered again in August through ProxyShell:
    each page belongs to its own way in."""
    h = s.exchange("2021-02-26", "2021-08-24", [("2021-02-01", "2016CU18"),
                                               ("2021-03-08T20:00:00", "2016CU18 Mar21")])
    entered(s, h)
    shell = shell_at("/aspnet_client/hgqpl.aspx")
    after = acts.ps_shell(s, h, SHELL_TIME, two(), shell)
    acts.first_use(s, h, after + 20 * SECOND, two(), shell, PS)


@story
def ps_clean_hole(s):
    """Nobody came, but a week of Autodiscover's and IIS's logs is missing."""
    h = s.exchange(*AUG, UNFIXED)
    for source in ("hp-autodiscover", "iis-fe"):
        h.holes[source].append((at("2021-08-12"), at("2021-08-19")))


@story
def ps_admin_exports(s):
    """An administrator exports a leaver's mailbox to a share: everyday work."""
    h = s.exchange(*AUG, "2016CU20 May21")
    world.cmdlet(h, at("2021-08-17T09:12:00"), "New-MailboxExportRequest",
                 "-Mailbox \"h.moe\" -FilePath \"\\\\nas01\\leavers\\h.moe.pst\"",
                 "%s/Users/a.berg" % s.org.domain)


# == ProxyToken, ProxyNotShell, OWASSRF, 2020-0688, 2021-42321 ========================================

@story
def pt_clean(s):
    """July's update is in: nobody can use it."""
    s.exchange("2021-08-25", "2021-09-14", "2016CU21 Jul21")


@quick
def pt_rule_made(s):
    """A forwarding rule was made without a logon."""
    h = s.exchange("2021-08-25", "2021-09-14", "2016CU19 Mar21")
    acts.pt_token(h, at("2021-09-06T05:00:00"), one())


@story
def pt_tried(s):
    """Only the canary's 500, twice: tried, no rule was made."""
    h = s.exchange("2021-08-25", "2021-09-14", "2016CU19 Mar21")
    acts.pt_token(h, at("2021-09-06T05:00:00"), one(), success=False)


@story
def pt_open_nobody(s):
    """Open, and nobody came."""
    s.exchange("2021-08-25", "2021-09-10", "2016CU20")


NS_SPAN = ("2022-09-20", "2022-10-16")


@quick
def ns_clean_open(s):
    """No update yet existed; nobody came."""
    s.exchange("2022-07-28", "2022-08-25", "2016CU23 Aug22")


@quick
def ns_reached(s):
    """A stolen account reached PowerShell; what was run is not recorded."""
    h = s.exchange(*NS_SPAN, "2016CU23 Aug22")
    acts.ns_request(h, at("2022-10-02T03:30:00"), one())


@story
def ns_refused(s):
    """The account's password was wrong: 401."""
    h = s.exchange(*NS_SPAN, "2016CU23 Aug22")
    acts.ns_request(h, at("2022-10-02T03:30:00"), one(), status=401)


@quick
def ns_executed(s):
    """PowerShell's worker started a command."""
    h = s.exchange(*NS_SPAN, "2019CU11 Aug22")
    acts.ns_request(h, at("2022-10-02T03:30:00"), one(), child=True)


@story
def ns_page(s):
    """Reached, executed, and a page left and used."""
    h = s.exchange(*NS_SPAN, "2016CU23 Aug22")
    acts.ns_request(h, at("2022-10-02T03:30:00"), one(), child=True)
    shell = shell_at("/owa/auth/RedirSuiteServerProxy.aspx")
    acts.plant(h, at("2022-10-02T03:35:00"), shell, NS, one(), seen=True)
    acts.first_use(s, h, at("2022-10-02T03:36:00"), one(), shell, NS)


@story
def ns_fixed(s):
    """November's update is in; a request is refused."""
    h = s.exchange("2022-11-05", "2022-11-30", [("2022-11-01", "2016CU23 Aug22"),
                                               ("2022-11-10T02:00:00", "2016CU23 Nov22")])
    acts.ns_request(h, at("2022-11-20T03:30:00"), one(), status=403)


@story
def ns_scanner(s):
    """A scanner without an account asked for the address: 401."""
    h = s.exchange(*NS_SPAN, "2016CU23 Aug22")
    who = scanner("198.51.100.60")
    for i in range(3):
        acts.request(h, at("2022-10-05T01:00:00") + i * 900, "Autodiscover",
                     "/autodiscover/autodiscover.json", who.address, agent=who.agent, status=401,
                     query="?a@foo.example/powershell")
    h.trace("iis-fe", at("2022-10-05T01:00:00"), NS, "entry", "probed", "", "scanner",
            initiator=who.told(), accept=("attempted",))
    # The same address is asked for where ProxyShell is looked for.
    h.trace("iis-fe", at("2022-10-05T01:00:00"), PS, "entry", "probed", "", "scanner",
            accept=("none",))


@quick
def ow_executed(s):
    """PowerShell reached through OWA, past the address rules; a command was started."""
    h = s.exchange("2022-11-14", "2022-12-18", "2016CU23 Aug22")
    acts.ow_request(h, at("2022-12-05T22:01:10"), one(), child=True)


@story
def ow_reached(s):
    """PowerShell reached through OWA; no effect is recorded."""
    h = s.exchange("2022-11-14", "2022-12-18", "2019CU11 Aug22")
    acts.ow_request(h, at("2022-12-05T22:01:10"), one())


@story
def ow_refused(s):
    """November's update is in: refused."""
    h = s.exchange("2022-11-14", "2022-12-18", "2016CU23 Nov22")
    acts.ow_request(h, at("2022-12-05T22:01:10"), one(), status=403)


@story
def ow_clean(s):
    """November's update went in on the second day; nobody came."""
    s.exchange("2022-10-28", "2022-12-10", [("2022-10-01", "2016CU22 Aug22"),
                                           ("2022-11-09T20:00:00", "2016CU22 Nov22")])


@quick
def vs_tried(s):
    """The state of a page with the shared key's mark, answered 500: that says nothing."""
    h = s.exchange("2020-02-24", "2020-03-20", "2016CU14")
    acts.vs_request(h, at("2020-03-04T13:00:00"), one())


@quick
def vs_executed(s):
    """The same, and the panel's worker started a command."""
    h = s.exchange("2020-02-24", "2020-03-20", "2016CU14")
    acts.vs_request(h, at("2020-03-04T13:00:00"), one(), child=True)


@story
def vs_fixed(s):
    """February's update is in; the request is still answered 500."""
    h = s.exchange("2020-02-24", "2020-03-20", "2016CU15 Feb20")
    acts.vs_request(h, at("2020-03-04T13:00:00"), one())


@story
def vs_clean(s):
    """Open, and nobody came."""
    s.exchange("2020-02-24", "2020-03-14", "2019CU4")


@story
def vs_clean_2013(s):
    """Exchange 2013 with February's update."""
    s.exchange("2020-02-24", "2020-03-14", "2013CU23 Feb20")


@quick
def ga_tried(s):
    """Get-App threw at a forged configuration."""
    h = s.exchange("2021-10-14", "2021-11-20", "2016CU22")
    acts.ga_exception(h, at("2021-11-12T04:00:00"), one())


@story
def ga_executed(s):
    """The same, and the services' worker started a command."""
    h = s.exchange("2021-10-14", "2021-11-20", "2019CU11")
    acts.ga_exception(h, at("2021-11-12T04:00:00"), one(), child=True)


@story
def ga_clean(s):
    """November's update on the tenth; nobody came."""
    s.exchange("2021-10-10", "2021-11-20", [("2021-10-01", "2016CU22"),
                                            ("2021-11-10T19:00:00", "2016CU22 Nov21")])


# == SharePoint ======================================================================================

JULY = ("2025-07-04", "2025-07-26")
TS_TIME = at("2025-07-18T18:06:00")


def sharepoint(s, span=JULY, **more):
    return s.windows(*span, "SP01", "sharepoint", **more)


@quick
def ts_clean(s):
    """Nobody came."""
    sharepoint(s)


@quick
def ts_keys_taken(s):
    """The page was written and asked for: the machine's keys are known."""
    acts.ts_shell(s, sharepoint(s), TS_TIME, one())


@story
def ts_page_not_fetched(s):
    """The page was written and never asked for."""
    acts.ts_shell(s, sharepoint(s), TS_TIME, one(), fetched=False)


@story
def ts_refused(s):
    """Refused: 403."""
    acts.ts_post(sharepoint(s), TS_TIME, one(), status=403)


@quick
def ts_reached(s):
    """Answered 200; no page was left."""
    acts.ts_post(sharepoint(s), TS_TIME, one())


@story
def ts_no_referer(s):
    """The request without its referer."""
    acts.ts_post(sharepoint(s), TS_TIME, one(), referer="-")


@story
def ts_page_removed(s):
    """The page was asked for, then taken away."""
    h = sharepoint(s)
    acts.vanish(h, acts.ts_shell(s, h, TS_TIME, one()))


@story
def ts_guessed_pages(s):
    """A scanner asks for the page that others left elsewhere: 404."""
    h = sharepoint(s)
    who = scanner("198.51.100.61")
    for i, name in enumerate(("spinstall0.aspx", "spinstall.aspx", "spinstall1.aspx",
                              "ghostfile1.aspx")):
        acts.static(h, at("2025-07-22T02:00:00") + i * 900, "/_layouts/15/" + name, who.address,
                    agent=who.agent, status=404)
    h.trace("iis", at("2025-07-22T02:00:00"), TS, "entry", "probed", "", "scanner",
            accept=("none",), initiator=who.told())


@story
def ts_two_intruders(s):
    """Two addresses on two days, a page each."""
    h = sharepoint(s)
    acts.ts_shell(s, h, TS_TIME, one())
    acts.ts_shell(s, h, TS_TIME + DAY, two(), "spinstall1.aspx")


@story
def ts_logs_late(s):
    """The web server's logs begin after the entry; the page lies there."""
    h = sharepoint(s)
    acts.ts_shell(s, h, TS_TIME, one())
    h.late["iis"] = at("2025-07-20")


@story
def ts_clean_hole(s):
    """Nobody came, but five days of IIS are missing."""
    sharepoint(s).holes["iis"].append((at("2025-07-16"), at("2025-07-21")))


# == Orion =============================================================================================

ORION = ("2020-05-01", "2020-06-20")


@quick
def sb_loaded(s):
    """The library with the back door was loaded and called home."""
    h = s.windows(*ORION, "ORION01", "orion")
    acts.sb_library(h, at("2020-05-10T04:00:00"))
    acts.sb_names(h, at("2020-05-22T04:00:00"))


@story
def sb_names_only(s):
    """Only the names that Orion's service asked for are left."""
    h = s.windows(*ORION, "ORION01", "orion")
    acts.sb_names(h, at("2020-05-22T04:00:00"))


@story
def sb_clean(s):
    """A version that never had it."""
    s.windows("2020-03-20", "2020-04-20", "ORION01", "orion")


@quick
def sn_used(s):
    """SUPERNOVA's page answers to four parameters."""
    h = s.windows(*ORION, "ORION01", "orion")
    acts.sn_bypass(h, at("2020-05-10T04:00:00"), one())
    acts.sn_use(h, at("2020-05-10T04:05:00"), one())


@story
def sn_asked_refused(s):
    """Somebody asked for it: 404."""
    h = s.windows(*ORION, "ORION01", "orion")
    acts.sn_use(h, at("2020-05-10T04:05:00"), one(), status=404)


# == any web server ====================================================================================

WEEKS = ("2022-05-01", "2022-05-21")


@story
def web_clean_apache(s):
    """An ordinary site, and the usual strangers."""
    s.windows(*WEEKS, "WEB01", "apache")


@quick
def web_scanned_apache(s):
    """A scanner asked for everything it knew, and found nothing."""
    acts.web_scan(s.windows(*WEEKS, "WEB01", "apache"), at("2022-05-09T01:00:00"),
                  Who("198.51.100.50", "scanner", "scanner", "Nikto"))


@quick
def web_shell_apache(s):
    """A page in the folder for uploads, used by POST; the log is in local time."""
    acts.php_shell(s.windows(*WEEKS, "WEB01", "apache", offset=120), at("2022-05-09T01:00:00"),
                   one())


@story
def web_shell_nginx(s):
    """The same behind nginx."""
    acts.php_shell(s.windows(*WEEKS, "WEB01", "nginx"), at("2022-05-09T01:00:00"), one())


@story
def web_shell_never_used(s):
    """A page lies there; nobody asked for it within the log."""
    acts.php_shell(s.windows(*WEEKS, "WEB01", "apache"), at("2022-05-09T01:00:00"), one(), uses=0)


@quick
def web_shell_iis(s):
    """A page on an ordinary IIS site, used; processes below the worker."""
    h = s.windows(*WEEKS, "WEB02", "iis")
    shell = Shell("/uploads/t.aspx", "inetpub/wwwroot/uploads/t.aspx")
    acts.plant(h, at("2022-05-09T01:00:00"), shell, WEB, one(), seen=True)
    acts.first_use(s, h, at("2022-05-09T01:01:00"), one(), shell, WEB, pool="DefaultAppPool")


@story
def web_clean_iis(s):
    """An ordinary IIS site, and the usual strangers."""
    s.windows(*WEEKS, "WEB02", "iis")


@story
def web_scanned_iis(s):
    """A scanner on an ordinary IIS site."""
    acts.web_scan(s.windows(*WEEKS, "WEB02", "iis"), at("2022-05-09T01:00:00"),
                  Who("198.51.100.50", "scanner", "scanner", "Nikto"))
