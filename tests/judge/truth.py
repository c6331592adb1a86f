"""What a person who knows the story would conclude from the evidence that is left.

Campaign dates, builds and needed sources are restated here from public accounts, apart from the
program's packs: two tellings that must agree. Sources: Microsoft CSS-Exchange (builds), Volexity
and ESET (ProxyLogon), Microsoft (OWASSRF: use by DEV-0671 from 17 November 2022), CISA and
CrowdStrike for the others.
"""
import acts
import world
from acts import (C0688, C42321, GENERAL, NS, OW, PL, PS, PT, SB, SN, TS, WEB)
from server import DAY, HOUR, MINUTE, parse_time

AXES = ("exposure", "entry", "backdoor", "action", "loss")
NONE = ("none_seen", "none_seen_partial", "not_assessable")
LADDER = {"entry": ("none", "probed", "attempted", "reached", "exploited"),
          "backdoor": ("removed", "written", "present")}
WEAKER = {"exploited": ("reached",), "reached": ("attempted",), "attempted": ("probed",)}
PROCESSES = ("security", "sysmon")
EXCHANGE = ("exchange", "frontend", "backend")

# Campaign -> roles of servers, first known use, whether an entry may be inferred from what any
# intruder leaves, and for each axis the groups of sources of which one at least must be whole.
CAMPAIGNS = {
    PL: (EXCHANGE, "2021-01-03", True, {
        "entry": (("hp-ecp",), ("hp-owa",)),
        "backdoor": (("web",), ("ecp",), ("mgmt",), ("iis-fe",)), "action": (PROCESSES,),
        "loss": (("hp-ecp",), ("hp-owa",), ("iis-fe",))}),
    PS: (EXCHANGE, "2021-08-05", True, {
        "entry": (("hp-autodiscover", "iis-fe"),),
        "backdoor": (("web",), ("mgmt", "rps-cmdlet"), ("iis-fe",)), "action": (PROCESSES,),
        "loss": (("iis-fe",),)}),
    PT: (EXCHANGE, "2021-08-30", False, {
        "entry": (("hp-ecp", "iis-fe"),), "backdoor": (("ecp", "mgmt"),)}),
    NS: (EXCHANGE, "2022-08-01", True, {
        "entry": (("hp-autodiscover", "iis-fe"),), "backdoor": (("web",), ("iis-fe",)),
        "action": (PROCESSES,)}),
    OW: (EXCHANGE, "2022-11-17", True, {
        "entry": (("hp-owa", "iis-fe", "rps-http"),), "backdoor": (("web",), ("iis-fe",)),
        "action": (PROCESSES,)}),
    C0688: (EXCHANGE, "2020-02-25", False, {
        "entry": (("hp-ecp", "iis-fe", "application"),), "action": (PROCESSES,)}),
    C42321: (EXCHANGE, "2021-10-16", False, {"entry": (("mgmt",),), "action": (PROCESSES,)}),
    TS: (("sharepoint",), "2025-07-07", True, {
        "entry": (("iis",),), "backdoor": (("web",), ("iis",)), "action": (PROCESSES,)}),
    SB: (("orion",), "2020-03-26", False, {"entry": (("sysmon",),)}),
    SN: (("orion",), "2020-03-01", False, {
        "entry": (("iis",),), "backdoor": (("web",), ("iis",))}),
    WEB: (("apache", "nginx", "iis"), "2000-01-01", False, {
        "entry": (("iis", "access"),), "backdoor": (("web",),)}),
}

# The first build that has the fix, by cumulative update; any later cumulative update has it too.
FIXED = {
    PL: {(15, 0, 1395): 12, (15, 0, 1473): 6, (15, 0, 1497): 12, (15, 1, 1415): 8,
         (15, 1, 1466): 13, (15, 1, 1531): 12, (15, 1, 1591): 18, (15, 1, 1713): 10,
         (15, 1, 1779): 8, (15, 1, 1847): 12, (15, 1, 1913): 12, (15, 1, 1979): 8,
         (15, 1, 2044): 13, (15, 1, 2106): 13, (15, 1, 2176): 9, (15, 2, 330): 11,
         (15, 2, 397): 11, (15, 2, 464): 15, (15, 2, 529): 13, (15, 2, 595): 8,
         (15, 2, 659): 12, (15, 2, 721): 13, (15, 2, 792): 10},
    PS: {(15, 0, 1497): 18, (15, 1, 2176): 14, (15, 1, 2242): 10, (15, 2, 792): 15,
         (15, 2, 858): 12},
    PT: {(15, 0, 1497): 23, (15, 1, 2242): 12, (15, 1, 2308): 14, (15, 2, 858): 15,
         (15, 2, 922): 13},
    NS: {(15, 0, 1497): 44, (15, 1, 2375): 37, (15, 1, 2507): 16, (15, 2, 986): 36,
         (15, 2, 1118): 20},
    C0688: {(15, 0, 1497): 6, (15, 1, 1847): 7, (15, 1, 1913): 7, (15, 2, 464): 11,
            (15, 2, 529): 8},
    C42321: {(15, 1, 2308): 20, (15, 1, 2375): 17, (15, 2, 922): 19, (15, 2, 986): 14},
}
FIXED[OW] = FIXED[NS]
BUILD_SOURCES = ("hp-owa", "hp-ecp", "hp-autodiscover", "hp-ews", "hp-mapi", "hp-powershell",
                 "ecp", "ews", "rps-http", "rps-cmdlet", "audit", "ecp-activity")


def is_fixed(campaign, build):
    """Whether a build has the fix; None: not affected."""
    if campaign == C42321 and build[1] == 0:
        return None
    rows = FIXED[campaign]
    if build[:3] in rows:
        return build[3] >= rows[build[:3]]
    same = [k for k in rows if k[:2] == build[:2]]
    return bool(same) and build[:3] > max(same)


class Told:
    """The truth about one host of a scenario."""

    def __init__(self, scenario, host):
        self.s, self.host = scenario, host
        self.own = [t for h in scenario.hosts for t in h.traces
                    if t.detail.get("about", h) is host and h.recorded(t)]
        self.all = [t for h in scenario.hosts for t in h.traces
                    if t.detail.get("about", h) is host]

    # -- time and coverage ---------------------------------------------------------------

    def fix_time(self, campaign):
        """When the host was no longer open to a flaw; None: never."""
        if campaign not in FIXED:
            return self.host.notes.get("fixed " + campaign)
        for t, build in self.host.builds:
            if is_fixed(campaign, build) is not False:
                return t
        return None

    def window(self, campaign):
        first = parse_time(CAMPAIGNS[campaign][1])
        fix = self.fix_time(campaign)
        return first, min(self.host.end, fix if fix is not None else self.host.end)

    def missing(self, source, first, last):
        """Whether a source lacks a part of a time: True, False or None (a matter of tolerance)."""
        host = self.host
        if source not in host.sources or source in host.drop or (source == "sysmon" and
                                                                 not host.sysmon):
            return True
        if source.startswith("hp-") and "hp" in host.drop:
            return True
        if source in ("web", "temp", "config"):
            return False
        start = max(host.start, host.late.get(source, 0))
        if source.startswith("hp-"):
            start = max(start, host.late.get("hp", 0))
        gaps = [max(0, start - first)]
        gaps += [min(b, last) - max(a, first) for a, b in host.holes.get(source, ())
                 if min(b, last) > max(a, first)]
        slack = {"ecp": 26 * HOUR, "mgmt": 8 * DAY, "application": 8 * DAY, "security": 2 * HOUR,
                 "sysmon": 2 * HOUR, "rps-http": 2 * HOUR, "rps-cmdlet": 2 * HOUR}
        worst = max(gaps)
        if worst > slack.get(source, 59 * MINUTE) + MINUTE:
            return True if worst > DAY or source not in slack else None
        return None if source in ("ecp", "mgmt", "application") and worst > 20 * HOUR else False

    def nothing(self, campaign, axis):
        """State and accepted states of an axis on which nothing is seen."""
        first, last = self.window(campaign)
        needs = CAMPAIGNS[campaign][3].get(axis)
        if needs is None or last <= first:
            return "none_seen", list(NONE)
        state = [[self.missing(x, first, last) for x in group] for group in needs]
        if any(all(x is True for x in group) for group in state):
            return "none_seen_partial", ["none_seen_partial", "not_assessable"]
        if any(x is not False for group in state for x in group):
            return "none_seen", ["none_seen", "none_seen_partial", "not_assessable"]
        return "none_seen", ["none_seen"]

    def dated(self):
        """Whether any log is left that says of which time the evidence is."""
        host = self.host
        return any(host.keeps(s, host.end - 1) for s in host.sources
                   if s not in ("web", "temp", "config"))

    # -- who may claim what ----------------------------------------------------------------

    def open_campaigns(self, t):
        """Campaigns of which an entry could be inferred at a time."""
        return {c for c, (roles, first, infers, _) in CAMPAIGNS.items()
                if infers and self.host.role in roles and parse_time(first) - HOUR <= t and
                (self.fix_time(c) is None or t <= self.fix_time(c) + HOUR)}

    def heading(self, trace):
        """The campaign under which something that any intruder leaves is told, or the general."""
        c = trace.campaign
        if not trace.detail.get("general"):
            return c
        entered = [t for t in self.own if t.campaign == c and t.axis == "entry" and
                   t.state in ("reached", "exploited") and not t.detail.get("inferred") and
                   t.time <= trace.time + MINUTE]
        if entered or c == WEB:
            return c
        when = [t.time for t in self.own if t.campaign == c and t.intrusion == trace.intrusion]
        return c if self.open_campaigns(min(when)) == {c} else GENERAL

    # -- axes -------------------------------------------------------------------------------

    def campaign(self, campaign):
        mine = [t for t in self.own if self.heading(t) == campaign]
        lost = [t for t in self.all if t.campaign == campaign and t not in self.own]
        told = {"entry": self._entry(campaign, mine, lost),
                "backdoor": self._backdoor(campaign, mine, lost),
                "action": self._action(campaign, mine, lost)}
        told["loss"] = self._loss(campaign, mine, told)
        told["exposure"] = self._exposure(campaign)
        return {a: told[a] for a in AXES}

    def _quiet(self, campaign, axis, lost, mine=()):
        state, accept = self.nothing(campaign, axis) if campaign != GENERAL else (
            "none_seen", list(NONE))
        if lost or any(t.campaign == campaign and t.axis == axis and self.heading(t) == GENERAL
                       for t in self.own):
            accept = sorted({*accept, "not_assessable", "none_seen_partial"})
        return {"state": state, "accept": accept}

    def _entry(self, campaign, mine, lost):
        own = [t for t in mine if t.axis == "entry" and not t.detail.get("hint")]
        others = [t for t in mine if t.axis in ("backdoor", "action") and not t.detail.get("loose")]
        rank = LADDER["entry"].index
        states = [t.state for t in own] + ["exploited"] * bool(others)
        lost = [t for t in lost if t.axis == "entry"]
        if not states or max(map(rank, states)) == 0:
            told = self._quiet(campaign, "entry", lost)
            if states:
                told["accept"] = sorted({*told["accept"], "probed"})
        else:
            top = max(states, key=rank)
            accept = {top}
            at_top = [t for t in own if t.state == top]
            if at_top and not others and all(t.detail.get("accept") for t in at_top):
                for t in at_top:
                    for a in t.detail["accept"]:
                        accept.update(NONE if a == "none" else (a,))
            if lost and len({t.source for t in at_top}) < 2 and not others:
                accept.update(WEAKER.get(top, ()))
            told = {"state": top, "accept": sorted(accept)}
            observed = [t for t in own if t.state == top and not t.detail.get("inferred")]
            told["basis"] = "observed" if observed else "inferred"
        told["initiators"] = self._initiators(own)
        return told

    @staticmethod
    def _initiators(own):
        found = {}
        for t in own:
            who = t.detail.get("initiator")
            if who:
                found[who["address"] + who["process"]] = dict(who)
        return list(found.values())

    def _items(self, campaign, mine):
        items = {}
        for t in mine:
            if t.axis != "backdoor" or t.state == "none" or not t.detail.get("item"):
                continue
            item = items.setdefault(t.detail["item"], {
                "where": t.detail["item"], "presence": "unknown", "uses": [], "written": []})
            if t.state == "present":
                item["presence"] = "present"
            elif t.state == "removed":
                item["presence"] = "removed"
            if "used" in t.detail:
                item["uses"].append(t.detail["used"])
            elif t.source in ("ecp", "mgmt", "rps-cmdlet", "security", "sysmon"):
                item["written"].append(t.time)
        for web, item in items.items():
            gone = self.host.notes.get("gone " + web) and "web" not in self.host.drop
            if item["presence"] == "unknown" and gone:
                # Whether its folder was collected shows by the files that lie in it.
                folder = acts.shell_at(web).path.rsplit("/", 1)[0]
                item["presence"] = "removed" if any(
                    p.rsplit("/", 1)[0] == folder and f[0] is not None
                    for p, f in self.host.files.items()) else "gone"
            item["first_use"] = min(item.pop("uses"), default=None)
            item["written"] = min(item["written"], default=None)
        return list(items.values())

    def _backdoor(self, campaign, mine, lost):
        own = [t for t in mine if t.axis == "backdoor"]
        firm = [t for t in own if not t.detail.get("loose")]
        if not own:
            return dict(self._quiet(campaign, "backdoor", [t for t in lost if
                                                           t.axis == "backdoor"]), items=[])
        items = self._items(campaign, mine)
        states = {"present": "present", "removed": "removed", "unknown": "written",
                  "gone": "removed"}
        rank = LADDER["backdoor"].index
        firmly = {t.detail.get("item") for t in firm}
        told = [states[i["presence"]] for i in items if i["where"] in firmly]
        nameless = [t.state for t in firm if not t.detail.get("item")]
        if nameless and not items:
            told += nameless
        told += [t.state for t in own if t.detail.get("loose") and not told]
        top = max(told, key=rank)
        accept = {top}
        items = [dict(i, sure=i["where"] in firmly) for i in items]
        if nameless and not items:  # a page of unknown place: nobody can look whether it is there
            accept.add("written")
        for t in own:
            accept.update(t.detail.get("accept", ()) if t.state == top else ())
        if not firm:
            accept.update((*NONE, "present", "written"))
        if top == "removed" and any(i["presence"] == "gone" for i in items):
            accept.add("written")
        if any(t.detail.get("loose") for t in own):
            accept.update(("present", "written") if top != "present" else ())
        return {"state": top, "accept": sorted(accept), "items": items}

    def _action(self, campaign, mine, lost):
        own = [t for t in mine if t.axis == "action"]
        if not own:
            return self._quiet(campaign, "action", [t for t in lost if t.axis == "action"])
        firm = [t for t in own if not t.detail.get("loose")]
        return {"state": "seen", "accept": ["seen"] + ([] if firm else list(NONE)),
                "kinds": sorted({t.detail["kind"] for t in firm})}

    def _loss(self, campaign, mine, told):
        own = [t for t in mine if t.axis == "loss" and not t.detail.get("loose")]
        real = [t for t in self.all if t.campaign == campaign and t.axis == "loss"]
        if own:
            sizes = [t.detail.get("bytes") for t in real]
            return {"state": "bounds", "accept": ["bounds"],
                    "bytes": sum(sizes) if all(sizes) else None,
                    "mailboxes": len({t.detail["mailbox"] for t in real if
                                      t.detail.get("mailbox")}) or None,
                    "sized": all(sizes)}
        quiet = self._quiet(campaign, "loss", [t for t in real if t not in mine])
        if any(t.axis == "loss" for t in mine):  # something may have left, it is not known what
            quiet["accept"] = sorted({*quiet["accept"], "bounds"})
            real = real or mine
        used = any(t.axis == "backdoor" and "used" in t.detail for t in mine)
        if told["action"]["state"] == "seen" or used:
            return {"state": "not_assessable", "accept": sorted(
                {"not_assessable", "none_seen_partial", "bounds"} if
                "credentials" in told["action"].get("kinds", ()) or real else
                {"not_assessable", "none_seen_partial"})}
        if told["backdoor"]["state"] in LADDER["backdoor"] or real or told["entry"]["state"] in (
                "reached", "exploited"):
            quiet["accept"] = sorted({*quiet["accept"], "not_assessable", "none_seen_partial"})
        return quiet

    def _exposure(self, campaign):
        host = self.host
        if campaign not in FIXED:
            return {"state": "not_assessable", "accept": None}
        rows = [r[0] - host.skew for s in BUILD_SOURCES for r in host.all_rows(s)
                if host.keeps(s, r[0])]
        if not rows:
            return {"state": "not_assessable", "accept": ["not_assessable", "exposed", "fixed",
                                                          "mitigated"]}
        first, last = min(rows), max(rows)
        spans = []
        for i, (t, build) in enumerate(host.builds):
            end = host.builds[i + 1][0] if i + 1 < len(host.builds) else last
            state = {True: "fixed", False: "vulnerable", None: "not_affected"}[
                is_fixed(campaign, build)]
            begin, end = max(t, first), min(end, last)
            if begin < end and spans and spans[-1]["state"] == state:
                spans[-1]["to"] = end
            elif begin < end:
                spans.append({"state": state, "from": begin, "to": end})
        state = {"vulnerable": "exposed"}.get(spans[-1]["state"], spans[-1]["state"])
        accept = [state]
        if state == "exposed" and host.notes.get("mitigated " + campaign):
            state, accept = "mitigated", ["mitigated"]
            spans = []
        # A vulnerable interval may be told from the flaw's having answered.
        return {"state": state, "accept": accept,
                "intervals": [{"state": x["state"], "from": world.stamp(x["from"]),
                               "to": world.stamp(x["to"])} for x in spans]}


def truth(scenario):
    """The truth of a scenario as it stands, for JSON."""
    hosts = {}
    for host in scenario.hosts:
        told, campaigns = Told(scenario, host), {}
        for campaign, (roles, first, _, _) in CAMPAIGNS.items():
            if host.role in roles:
                if parse_time(first) > host.end - HOUR and not any(t.campaign == campaign
                                                                   for t in told.own):
                    # Files alone do not say when the evidence ends.
                    if told.dated():
                        campaigns[campaign] = None
                else:
                    campaigns[campaign] = told.campaign(campaign)
        if any(told.heading(t) == GENERAL for t in told.own):
            campaigns[GENERAL] = told.campaign(GENERAL)
        hosts[host.name] = {"role": host.role, "campaigns": campaigns, "skew": host.skew,
                            "dropped": sorted(host.drop), "needs": {
                                c: {a: [list(g) for g in groups] for a, groups in
                                    CAMPAIGNS[c][3].items()} for c in campaigns if
                                c in CAMPAIGNS}}
    marks = {(h.name, t.mark): t.intrusion for h in scenario.hosts for t in h.traces
             if t.mark and h.recorded(t)}
    links = [link for link in scenario.links
             if (link[0], link[1]) in marks and (link[2], link[3]) in marks]
    return {"schema": "assay.truth/2", "scenario": scenario.name, "seed": scenario.seed,
            "story": scenario.text, "hosts": hosts, "links": links,
            "marks": [[h, m, i] for (h, m), i in sorted(marks.items())]}
