"""More named scenarios: situations that the others do not have, told from the same accounts.

Imported by judge.py: each registers itself beside those of stories.py.
"""
import acts
import world
from acts import C0688, PL, PS, TS, Who, shell_at
from server import DAY, HOUR, MINUTE, SECOND, parse_time as at
from stories import (AUG, CHAIN, FULL, MARCH, NS_SPAN, PATCHED, SHELL_TIME, TS_TIME, UNFIXED,
                     EARLY, entered, one, scanner, sharepoint, story, two)
from world import SYSTEM32, W3WP


def command(s, host, t, who, shell, text, campaign=PL):
    """A command through a page, after it was first used."""
    return acts.run(s, host, t, who, shell, text, campaign)


@story
def more_hidden_page(s):
    """The page is hidden by attrib, and commands come as a well-known client sends them: with a
    change of folder before and marks around."""
    h = s.exchange(*MARCH, PATCHED)
    shell = entered(s, h)
    command(s, h, CHAIN + HOUR, one(), shell,
            "cmd /c attrib +h +s +r \"%s\"" % shell.windows)
    command(s, h, CHAIN + HOUR + MINUTE, one(), shell,
            "cmd /c cd /d \"C:\\inetpub\\wwwroot\\aspnet_client\"&netstat -an&echo [S]&cd&echo [E]")


@story
def more_looked_then_came(s):
    """An address outside was named first, to see the flaw; the same client came back two days later
    and ran the chain."""
    h = s.exchange("2021-02-20", "2021-03-12", PATCHED)
    who = one()
    acts.pl_probe(h, CHAIN - 2 * DAY, who, target="x7.oast.example")
    entered(s, h, who)


@story
def more_name_that_starts_with_localhost(s):
    """The cookie names a host that only starts as localhost does: a name outside, asked for by the
    server. The published test leaves such rows out."""
    h = s.exchange(*FULL, PATCHED)
    acts.pl_probe(h, at("2021-03-04T21:10:00"), scanner("198.51.100.77"),
                  target="localhost.oast.example")


@story
def more_mail_behind_autodiscover(s):
    """Mail is read through a path that has /autodiscover in its query, which the published test
    takes for a look-up."""
    h = s.exchange("2021-01-02", "2021-03-20", PATCHED)
    who = one()
    for i in range(12):
        t, size = at("2021-01-14T03:00:00") + i * 41 * SECOND, 1_200_000 + i * 1000
        rid, source = acts.ssrf(h, t, who, "/owa/auth/Current/themes/resources/logon.css",
                                "/EWS/Exchange.asmx?x=/autodiscover/a", size=size, sent=1400)
        acts._seen(h, t, PL, "entry", "exploited", (source,), rid, who)
        acts._seen(h, t, PL, "entry", "attempted", ("iis-fe",), rid, who)
        h.trace(source, t, PL, "action", "seen", rid, who.name, kind="collection")
        h.trace(source, t, PL, "loss", "bounds", rid, who.name, bytes=size, mailbox="m0")


@story
def more_sixth_version(s):
    """The intruder comes over IPv6."""
    entered(s, s.exchange(*MARCH, PATCHED), Who("2001:db8:77::1f", "six"))


@story
def more_behind_a_balancer(s):
    """A balancer stands before the server: every client is 10.20.0.5, the intruder too."""
    entered(s, s.exchange(*MARCH, PATCHED), Who("10.20.0.5", "one"))


@story
def more_front_and_back_removed(s):
    """Front end and back end apart; the intruder deletes the page on the front end through
    itself, a day later."""
    back = s.exchange(*MARCH, "2013CU23", "MBX01", "backend")
    front = s.exchange(*MARCH, "2013CU23", "CAS01", "frontend")
    front.notes["backend_host"] = back
    shell = entered(s, front)
    acts.remove_self(s, front, CHAIN + DAY, one(), shell, PL)


@story
def more_front_and_back_and_controller(s):
    """Front end and back end apart, and the domain controller's record of the changed object."""
    dc = s.windows(*MARCH, "DC01", "dc")
    back = s.exchange(*MARCH, "2013CU23", "MBX01", "backend")
    front = s.exchange(*MARCH, "2013CU23", "CAS01", "frontend")
    front.notes["backend_host"] = back
    acts.vanish(front, entered(s, front, dc=dc, use=False))


@story
def more_view_state_on_the_back_end(s):
    """CVE-2020-0688 with front end and back end apart: the request met the one, its state was read
    on the other, whose worker started a command."""
    span = ("2020-02-24", "2020-03-20")
    back = s.exchange(*span, "2013CU23", "MBX01", "backend")
    front = s.exchange(*span, "2013CU23", "CAS01", "frontend")
    front.notes["backend_host"] = back
    who, t = one(), at("2020-03-04T13:00:00")
    account = s.org.netbios + "\\d.falk"
    query = "?__VIEWSTATEGENERATOR=B97B4E27&__VIEWSTATE=%2fwEymAwAAQAAAP" + "A" * 400
    rid = acts.request(front, t, "Ecp", "/ecp/default.aspx", who.address, agent=who.agent,
                       user=account, auth="FBA", query=query, status=500, backend=500,
                       backend_host=back)
    acts._seen(front, t, C0688, "entry", "attempted", ("hp-ecp", "iis-fe"), rid, who,
               accept=("reached",))
    world.application(back, t + 100, "MSExchange Control Panel", 4, [
        account, "https://%s:444/ecp/default.aspx%s" % (back.fqdn, query.replace("?", "?x=1&")),
        "System.Web.HttpUnhandledException: Exception of type"], level=2, mark="A" + who.name)
    back.trace("application", t + 100, C0688, "entry", "attempted", "A" + who.name, who.name,
               accept=("reached",))
    s.link(front, rid, back, "A" + who.name)
    acts.powershell_child(back, t + 1500, who, C0688, "MSExchangeECPAppPool")


@story
def more_scanned_and_entered(s):
    """A scanner saw that ProxyShell's flaw answers; another address came the day after."""
    h = s.exchange(*AUG, UNFIXED)
    acts.ps_scan(h, SHELL_TIME - DAY, scanner("198.51.100.40"))
    shell = shell_at("/aspnet_client/qvwte.aspx")
    after = acts.ps_shell(s, h, SHELL_TIME, one(), shell)
    acts.first_use(s, h, after + 20 * SECOND, one(), shell, PS)


@story
def more_machine_keys_used_later(s):
    """ToolShell's page told the machine's keys and was taken away; five days later a forged state of a
    page ran a command, and no page was needed."""
    h = sharepoint(s)
    who = one()
    acts.vanish(h, acts.ts_shell(s, h, TS_TIME, who))
    later = TS_TIME + 5 * DAY
    acts.static(h, later, "/_layouts/15/start.aspx", who.address, method="POST", status=500,
                agent=acts.FIREFOX120, size=900)
    world.application(h, later + 50, "ASP.NET 4.0.30319.0", 1316, [
        "4009", "Viewstate verification failed. Reason: Viewstate was invalid.",
        "https://sp01.%s/_layouts/15/start.aspx" % s.org.domain], level=3)
    world.process(h, later + 400, SYSTEM32 + "cmd.exe", "cmd.exe /c whoami > C:\\t.txt", W3WP,
                  parent_command='c:\\windows\\system32\\inetsrv\\w3wp.exe -ap "SharePoint - 80"')
    for source in ("security", "sysmon"):
        h.trace(source, later + 400, TS, "action", "seen", "", who.name, kind="execution",
                general=True)


@story
def more_two_accounts(s):
    """Two stolen accounts from two addresses reach PowerShell by ProxyNotShell, a day apart."""
    h = s.exchange(*NS_SPAN, "2016CU23 Aug22")
    acts.ns_request(h, at("2022-10-03T04:00:00"), one(), user="b.dahl")
    acts.ns_request(h, at("2022-10-04T04:30:00"), two(), user="h.moe", child=True)


@story
def more_administrator_resets(s):
    """An administrator takes the address book's directory away and makes it anew, with its real
    address: the cmdlets that the attack uses, and nobody came."""
    h = s.exchange(*FULL, EARLY)
    t = at("2021-02-17T10:00:00")
    caller = "%s/Users/a.berg" % s.org.domain
    for i, (name, parameters) in enumerate((
            ("Remove-OabVirtualDirectory", "-Identity \"%s\\OAB (Default Web Site)\"" % h.name),
            ("New-OabVirtualDirectory", "-Server \"%s\" -WebSiteName \"Default Web Site\"" % h.name),
            ("Set-OabVirtualDirectory", "-Identity \"%s\\OAB (Default Web Site)\" -ExternalUrl "
             "\"https://%s/OAB\"" % (h.name, h.public)))):
        world.cmdlet(h, t + i * 40 * SECOND, name, parameters, caller)


@story
def more_backup_beside(s):
    """Nobody came; an administrator's archive lies in a web folder, and was fetched from inside."""
    h = s.exchange(*FULL, EARLY)
    h.file("inetpub/wwwroot/aspnet_client/docs.zip", b"PK\3\4\x14\0\0\0\x08\0" + bytes(900),
           at("2021-02-01"))
    acts.static(h, at("2021-02-02T08:00:00"), "/aspnet_client/docs.zip", "10.20.30.22",
                status=200, size=910)
