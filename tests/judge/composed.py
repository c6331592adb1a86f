"""Scenarios put together at random from a seed: the same seed, the same scenario."""
import random

import acts
import world
from acts import C0688, C42321, NS, OW, PL, PS, PT, TS, WEB, Shell, Who, shell_at
from server import DAY, HOUR, MINUTE, SECOND, parse_time as at
from stories import Scenario, scanner

ERAS = ("proxylogon",) * 9 + ("proxyshell",) * 4 + ("2022",) * 3 + ("small",) * 3 + (
    "sharepoint",) * 3 + ("web",) * 2
PL_BUILDS = (("2016CU18", "2016CU18 Mar21"), ("2016CU19", "2016CU19 Mar21"),
             ("2019CU7", "2019CU7 Mar21"), ("2019CU8", "2019CU8 Mar21"),
             ("2013CU23", "2013CU23 Mar21"), ("2016CU14", "2016CU14 Mar21"),
             ("2016CU16", "2016CU16 Mar21"))
PS_BUILDS = (("2016CU19 Mar21", "2016CU19 May21"), ("2016CU20", "2016CU20 May21"),
             ("2019CU8 Mar21", "2019CU8 May21"), ("2019CU9", "2019CU9 May21"),
             ("2013CU23 Mar21", "2013CU23 May21"))
PAGES = ("/owa/auth/%s.aspx", "/aspnet_client/%s.aspx", "/ecp/auth/%s.aspx",
         "/aspnet_client/system_web/%s.aspx")
TAKEN = ("hp", "hp-ecp", "hp-owa", "iis-fe", "ecp", "mgmt", "security", "web", "temp")


class Composer:
    """One scenario in the making."""

    def __init__(self, seed):
        self.rng = random.Random("composed %d" % seed)
        self.s = Scenario("composed_%03d" % seed, seed, domain=self.rng.choice((
            "nordhaven.example", "contoso.example", "brightwater.example", "adria.example")))
        self.told = []
        self.count = 0

    def pick(self, *choices):
        return self.rng.choice(choices)

    def chance(self, share):
        return self.rng.random() < share

    def between(self, first, last):
        return self.rng.randrange(first, last)

    def name(self, length=6):
        return "".join(self.rng.choice("abcdefghkmnpqrstuvwxyz0123456789") for _ in range(length))

    def who(self):
        self.count += 1
        return Who("203.0.113.%d" % self.rng.randrange(1, 250), "w%d" % self.count,
                   agent=self.pick("python-requests/2.25.1", "Mozilla/5.0 (Windows NT 10.0)",
                                   "curl/7.68.0"))

    def page(self):
        return shell_at(self.rng.choice(PAGES) % self.name(self.pick(4, 8, 12)))

    def say(self, text, *values):
        self.told.append(text % values)

    # -- what becomes of a page, and of the evidence ---------------------------------------

    def life(self, host, t, who, shell, campaign, end):
        """Whether the page is used, more is done through it, and it goes."""
        s = self.s
        if not self.chance(0.8):
            return self.say("its page is not used")
        acts.first_use(s, host, t + self.between(5, 400) * SECOND, who, shell, campaign)
        room = end - t - HOUR
        if room > 2 * HOUR and self.chance(0.4):
            acts.credentials(s, host, t + HOUR + self.between(0, room // 2), who, shell, campaign)
            self.say("credentials taken")
        if host.role == "exchange" and room > 6 * HOUR and self.chance(0.25):
            acts.steal_archive(s, host, t + room // 2 + HOUR, who, campaign,
                               self.between(2_000_000, 90_000_000),
                               "/aspnet_client/%s.zip" % self.name(2), self.chance(0.5))
            self.say("an archive fetched")
        if room > 2 * HOUR and self.chance(0.4):
            way = self.pick("itself", "defender", "unrecorded")
            self.say("the page removed (%s)", way)
            when = t + HOUR + room // 2 + self.between(0, room // 3)
            if way == "itself":
                acts.remove_self(s, host, when, who, shell, campaign)
            elif way == "defender":
                acts.remove_defender(host, when, shell, campaign, who)
            else:
                acts.vanish(host, shell)
        return None

    def wear(self, host):
        """What of the evidence is gone."""
        span = host.end - host.start
        if self.chance(0.35):
            for source in self.rng.sample(TAKEN, self.pick(1, 1, 2)):
                host.drop.add(source)
                self.say("%s dropped on %s", source, host.name)
                if source == "web":
                    host.drop.add("temp")
        if self.chance(0.25):
            source = self.pick("hp", "iis-fe", "ecp", "mgmt", "security")
            host.late[source] = host.start + int(span * self.rng.uniform(0.2, 0.8))
            self.say("%s of %s begins late", source, host.name)
        if self.chance(0.12):
            source = self.pick("hp-ecp", "hp-owa", "iis-fe")
            a = host.start + int(span * self.rng.uniform(0.1, 0.5))
            host.holes[source].append((a, a + int(span * 0.3)))
            self.say("%s of %s has a hole", source, host.name)

    # -- eras ------------------------------------------------------------------------------

    def exchange(self, start, end, vulnerable, fixed, patched, name="MAIL01", **more):
        builds = [(start, vulnerable)]
        if patched and patched < at(end):
            builds.append((patched, fixed))
        return self.s.exchange(start, end, builds, name, sysmon=self.chance(0.5),
                               sizes=self.chance(0.4), **more)

    def proxylogon(self):
        start = self.pick("2021-01-02", "2021-02-01", "2021-02-10", "2021-02-20", "2021-02-25")
        end = self.pick("2021-03-08", "2021-03-12", "2021-03-18")
        names = self.pick(["MAIL01"], ["MAIL01"], ["MAIL01"], ["EX01", "EX02"])
        hosts = []
        for name in names:
            vulnerable, fixed = self.rng.choice(PL_BUILDS)
            patched = self.rng.choice((None, at("2021-03-03T02:00:00"), at("2021-03-05T21:00:00"),
                                       at("2021-03-09T19:30:00")))
            hosts.append(self.exchange(start, end, vulnerable, fixed, patched, name,
                                       skew=self.pick(0, 0, 0, 20 * SECOND)))
        dc = self.s.windows(start, end, "DC01", "dc") if self.chance(0.25) else None
        for host in hosts:
            self.proxylogon_host(host, dc)

    def proxylogon_host(self, host, dc):
        first = max(host.start, at("2021-02-26")) + HOUR
        last = (host.builds[1][0] if len(host.builds) > 1 else host.end) - 8 * HOUR
        for _ in range(self.pick(0, 0, 1, 2)):
            acts.pl_probe(host, self.between(first, host.end - HOUR),
                          scanner("198.51.100.%d" % self.rng.randrange(20, 90)),
                          target=self.pick("localhost", "localhost", "x9.oast.example")
                          ) if self.vulnerable_throughout(host) else acts.pl_probe(
                              host, self.between(first, last), scanner())
            self.say("%s probed", host.name)
        if self.chance(0.15):
            acts.guess(host, self.between(first, host.end - HOUR),
                       Who("198.51.100.91", "guesser", "guesser", "curl/7"))
            self.say("names guessed on %s", host.name)
        for _ in range(self.pick(0, 1, 1, 2)):
            self.proxylogon_intruder(host, dc, self.between(first, last))
        self.wear(host)

    @staticmethod
    def vulnerable_throughout(host):
        return len(host.builds) == 1

    def proxylogon_intruder(self, host, dc, t):
        what = self.pick("refused", "lookups", "reached", "chain", "chain", "chain", "mail")
        who = self.who()
        self.say("%s: %s at %s", host.name, what, world.stamp(t))
        if what == "refused":
            acts.pl_refused(host, t, who)
        elif what in ("lookups", "reached"):
            acts.pl_lookups(host, t, who, found=what == "reached")
        elif what == "mail":
            acts.pl_mail(host, t, who, self.between(5, 30))
        else:
            if self.chance(0.12):
                who = Who("::1", who.name, process="C:\\Users\\h.moe\\poc\\python.exe",
                          user="h.moe")
                acts.local_tool(host, t - 1200, who)
            shell = self.page()
            after = acts.pl_chain(self.s, host, t, who, shell, dc, key=self.name(5))
            self.life(host, after, who, shell, PL, host.end)

    def proxyshell(self):
        start = self.pick("2021-07-28", "2021-08-01", "2021-08-10")
        end = self.pick("2021-08-24", "2021-08-29")
        vulnerable, fixed = self.rng.choice(PS_BUILDS)
        if vulnerable in ("2016CU20", "2019CU9") or "Mar21" in vulnerable:
            patched = self.rng.choice((None, None, at("2021-08-20T20:00:00")))
        host = self.exchange(start, end, vulnerable, fixed, patched)
        last = (host.builds[1][0] if len(host.builds) > 1 else host.end) - 8 * HOUR
        first = at("2021-08-12")
        for _ in range(self.pick(0, 1, 2)):
            acts.ps_scan(host, self.between(first, last), scanner("198.51.100.40"))
        for _ in range(self.pick(0, 1, 1)):
            t, who, shell = self.between(first, last), self.who(), self.page()
            if self.chance(0.25):
                acts.ps_lookup(host, t, who)
                self.say("looked up at %s", world.stamp(t))
            else:
                self.say("ProxyShell at %s", world.stamp(t))
                after = acts.ps_shell(self.s, host, t, who, shell, self.chance(0.3))
                self.life(host, after, who, shell, PS, host.end)
        self.wear(host)

    def year2022(self):
        flaw = self.pick(NS, OW)
        span = {NS: ("2022-09-20", "2022-10-12"), OW: ("2022-11-14", "2022-12-14")}[flaw]
        host = self.exchange(*span, self.pick("2016CU23 Aug22", "2019CU11 Aug22"), "", None)
        make = acts.ns_request if flaw == NS else acts.ow_request
        for _ in range(self.pick(0, 1, 1)):
            t, who = self.between(host.start + DAY, host.end - DAY), self.who()
            status = self.pick(200, 200, 401)
            make(host, t, who, status=status, child=status == 200 and self.chance(0.6))
            self.say("%s: %d at %s", flaw, status, world.stamp(t))
            if status == 200 and self.chance(0.4):
                shell = self.page()
                acts.plant(host, t + 5 * MINUTE, shell, flaw, who, seen=True)
                self.life(host, t + 6 * MINUTE, who, shell, flaw, host.end)
        self.wear(host)

    def small(self):
        flaw = self.pick(C0688, C42321, PT)
        if flaw == C0688:
            host = self.exchange("2020-02-24", "2020-03-16", "2016CU14", "2016CU14 Feb20", None)
            for _ in range(self.pick(0, 1, 2)):
                acts.vs_request(host, self.between(host.start + 2 * DAY, host.end - HOUR),
                                self.who(), status=self.pick(500, 500, 200))
        elif flaw == C42321:
            host = self.exchange("2021-10-14", "2021-11-16", "2016CU22", "2016CU22 Nov21",
                                 self.pick(None, at("2021-11-10T20:00:00")))
            for _ in range(self.pick(0, 1)):
                acts.ga_exception(host, self.between(at("2021-10-20"), at("2021-11-09")),
                                  self.who())
        else:
            host = self.exchange("2021-08-25", "2021-09-12", "2016CU19 Mar21", "2016CU19 May21",
                                 None)
            for _ in range(self.pick(0, 1)):
                acts.pt_token(host, self.between(at("2021-09-01"), at("2021-09-10")), self.who(),
                              self.chance(0.6))
        self.say(flaw)
        self.wear(host)

    def sharepoint(self):
        host = self.s.windows("2025-07-04", "2025-07-26", "SP01", "sharepoint",
                              sysmon=self.chance(0.5))
        for i in range(self.pick(0, 1, 1, 2)):
            t, who = self.between(at("2025-07-17"), at("2025-07-24")), self.who()
            if self.chance(0.35):
                acts.ts_post(host, t, who, self.pick(200, 403))
                self.say("ToolPane asked")
            else:
                shell = acts.ts_shell(self.s, host, t, who, "spinstall%d.aspx" % i,
                                      self.chance(0.7))
                self.say("keys taken")
                if self.chance(0.3):
                    acts.vanish(host, shell)
        if self.chance(0.25):
            host.late["iis"] = at("2025-07-%d" % self.between(15, 23))
        if self.chance(0.15):
            host.drop.add(self.pick("web", "security"))

    def web(self):
        role = self.pick("apache", "nginx", "iis")
        host = self.s.windows("2022-05-01", "2022-05-21", "WEB01", role,
                              offset=self.pick(0, 60, -300))
        if self.chance(0.6):
            acts.web_scan(host, self.between(host.start + DAY, host.end - DAY),
                          Who("198.51.100.50", "scanner", "scanner", "Nikto"))
        if self.chance(0.6):
            t, who = self.between(host.start + DAY, host.end - DAY), self.who()
            if role == "iis":
                name = self.name()
                shell = Shell("/uploads/%s.aspx" % name, "inetpub/wwwroot/uploads/%s.aspx" % name)
                acts.plant(host, t, shell, WEB, who, seen=True)
                acts.first_use(self.s, host, t + MINUTE, who, shell, WEB, pool="DefaultAppPool")
            else:
                acts.php_shell(host, t, who, "/uploads/%s.php" % self.name(), self.pick(1, 4))


def compose(seed):
    """The scenario of a seed, with its ordinary days; not yet written."""
    c = Composer(seed)
    era = c.rng.choice(ERAS)
    getattr(c, {"2022": "year2022"}.get(era, era))()
    c.s.text = "; ".join(c.told) or "nothing happened"
    c.s.days()
    for host in c.s.hosts:
        for a, b in host.notes.get("links", ()):
            c.s.link(host, a, host, b)
    return c.s
