"""Compares a verdict with the truth of its scenario, and counts."""
import collections
import datetime
import os

from acts import GENERAL
from truth import AXES, CAMPAIGNS, NONE

PAGES = (".aspx", ".ashx", ".php", ".asmx", ".jsp")
HOUR = 3600


def seconds(text):
    """Seconds since 1970 of a time of the document; None stays None."""
    if text is None:
        return None
    if isinstance(text, (int, float)):
        return text / 1000
    when = datetime.datetime.fromisoformat(text[:19]).replace(tzinfo=datetime.timezone.utc)
    return when.timestamp()


def _none_of_none():
    return [0, 0]


class Counts:
    """What was counted over all scenarios. Pairs are (held, of)."""

    def __init__(self):
        self.cells = collections.Counter()  # (campaign, axis, state of truth, told, right)
        self.pairs = collections.defaultdict(_none_of_none)
        self.comfort = []
        self.errors = []
        self.skipped = collections.Counter()

    def add(self, other):
        self.cells.update(other.cells)
        for name, (held, of) in other.pairs.items():
            self.pairs[name][0] += held
            self.pairs[name][1] += of
        self.comfort += other.comfort
        self.errors += other.errors
        self.skipped.update(other.skipped)

    def pair(self, name, held):
        self.pairs[name][0] += bool(held)
        self.pairs[name][1] += 1
        return held


def merged(intervals):
    """Neighbours of one state as one: another build, the same exposure."""
    out = []
    for g in intervals:
        if out and out[-1]["state"] == g["state"] and out[-1]["to"] == g["from"]:
            out[-1] = dict(out[-1], to=g["to"])
        else:
            out.append(g)
    return out


def hosts_of(document, truth):
    """{name of truth: host of the document}."""
    found = {}
    for name in truth["hosts"]:
        for h in document["hosts"]:
            told = h["host"]
            if told.split(".")[0].lower() == name.lower() or "/%s" % name in told:
                found[name] = h
    nameless = [h for h in document["hosts"] if h["host"].startswith("unnamed")]
    for name in truth["hosts"]:  # a server whose logs name nobody
        if name not in found and len(nameless) == 1:
            found[name] = nameless[0]
    return found


class Comparison:
    """One document against one truth."""

    def __init__(self, counts, scenario, document, truth):
        self.counts, self.name, self.document, self.truth = counts, scenario, document, truth
        self.packs = {p["id"] for p in document["packs"]}
        self.hosts = hosts_of(document, truth)
        self.general = None

    def error(self, host, what, told, want):
        self.counts.errors.append([self.name, host, what, str(told)[:300], str(want)[:300]])

    def run(self, folder, marks):
        for name, want in self.truth["hosts"].items():
            got = self.hosts.get(name)
            told = {c["id"]: c for c in got["campaigns"]} if got else {}
            self._campaigns(name, want, told)
            self._quiet_host(name, want, told)
            self._items(name, want, told)
        self._links(folder, marks)

    # -- states -------------------------------------------------------------------------

    def _campaigns(self, host, want, told):
        general = GENERAL in want["campaigns"]
        self.general = want["campaigns"].get(GENERAL)
        for campaign, axes in want["campaigns"].items():
            if campaign not in self.packs:
                self.counts.skipped[campaign] += 1
                continue
            if axes is None:
                self._not_in_time(host, campaign, told.get(campaign))
                continue
            for axis in AXES:
                self._axis(host, campaign, axis, axes[axis], told, general)
            got = told.get(campaign)
            if got:
                self._details(host, campaign, axes, got)

    def _quiet_host(self, host, want, told):
        """Where nothing was left and nothing done, the general packs must not say so either."""
        if any(c[a]["state"] not in NONE for c in want["campaigns"].values() if c
               for a in AXES[2:]):
            return
        for general in ("back-doors", "web-server-intrusion"):
            got = told.get(general)
            for axis in AXES[2:]:
                state = got[axis]["state"] if got else "none_seen"
                right = state in NONE
                if not self.counts.pair("quiet hosts", right):
                    self.counts.cells[(general, axis, "none_seen", state, False)] += 1
                    self.error(host, "%s %s of a quiet host" % (general, axis), state, NONE)

    def _not_in_time(self, host, campaign, got):
        seen = got and any(got[a]["state"] not in NONE for a in AXES[1:])
        if seen or got:
            self.error(host, campaign + " applicable", "judged", "later than the evidence")
        self.counts.pair("applicable", not got)

    def _axis(self, host, campaign, axis, want, told, general):
        if want["accept"] is None:
            return
        got = told.get(campaign)
        state = got[axis]["state"] if got else "not_applicable"
        accept = set(want["accept"])
        if campaign == GENERAL:
            if axis == "exposure" or (want["state"] in NONE):
                return
            # Nobody can say which way it was: told under any heading, it is not lost.
            others = [c[axis]["state"] for c in told.values()]
            state = next((x for x in others if x in accept), state)
        elif general and want["state"] in NONE:
            accept.update((*NONE, *self.general[axis]["accept"]))
        if state == "not_applicable" and accept & set(NONE):
            accept.add(state)
        right = state in accept
        shown = want["state"] if right else state
        self.counts.cells[(campaign, axis, want["state"], shown, right)] += 1
        if not right:
            self.error(host, "%s %s" % (campaign, axis), state, sorted(accept))
        if state == "none_seen" and "none_seen" not in accept:
            self.counts.comfort.append([self.name, host, campaign, axis])

    # -- what else an axis says -----------------------------------------------------------

    def _details(self, host, campaign, axes, got):
        for span in axes["exposure"].get("intervals", ()):
            near = any(g["state"] == span["state"] and
                       abs(seconds(g["from"]) - seconds(span["from"])) <= HOUR and
                       abs(seconds(g["to"]) - seconds(span["to"])) <= HOUR
                       for g in merged(got["exposure"]["intervals"]))
            if not self.counts.pair("intervals", near):
                self.error(host, campaign + " interval", got["exposure"]["intervals"], span)
        self._initiators(host, campaign, axes["entry"], got["entry"])
        loss = axes["loss"]
        if loss["state"] == "bounds" and got["loss"]["state"] == "bounds":
            self._bounds(host, campaign, loss, got["loss"], axes)
        if axes["action"].get("kinds") and got["action"]["state"] == "seen":
            missing = set(axes["action"]["kinds"]) - set(got["action"]["kinds"])
            if not self.counts.pair("kinds", not missing):
                self.error(host, campaign + " kinds", got["action"]["kinds"],
                           axes["action"]["kinds"])

    def _initiators(self, host, campaign, want, got):
        told = {i["value"].lower(): i for i in got.get("initiators", ())}
        for who in want.get("initiators", ()):
            names = [n for n in (who["address"], who["process"]) if n]
            found = next((told[n.lower()] for n in names if n.lower() in told), None)
            if who["role"] == "guesser" and not found:
                continue
            if not self.counts.pair("initiators", found):
                self.error(host, campaign + " initiator", sorted(told), who)
            elif "role" in found and not self.counts.pair("roles", found["role"] == who["role"]):
                self.error(host, campaign + " role", found["role"], who)

    def _bounds(self, host, campaign, want, got, axes):
        for unit in ("bytes", "mailboxes"):
            real, bounds = want.get(unit), got.get(unit)
            if not real or not bounds:
                continue
            low, high = bounds.get("low") or 0, bounds.get("high")
            held = low <= real and (high is None or real <= high)
            if not self.counts.pair("bounds", held):
                self.error(host, "%s %s" % (campaign, unit), bounds, real)
            quiet = axes["action"]["state"] != "seen" or axes["action"].get("kinds") == ["collection"]
            if unit == "bytes" and want.get("sized") and quiet and high is not None:
                self.counts.pair("width", high <= 4 * max(low, 1))

    def _items(self, host, want, told):
        items = [i for c in told.values() for i in c["backdoor"].get("items", ())]
        known = set()
        for campaign, axes in want["campaigns"].items():
            if not axes or campaign not in self.packs:
                continue
            for real in axes["backdoor"].get("items", ()):
                base = real["where"].rsplit("/", 1)[1].lower()
                known.add(base)
                same = [i for i in items if (i["where"] or "").lower().replace("\\", "/").rsplit(
                    "/", 1)[-1] == base]
                if not same and not real["sure"]:
                    continue
                if not self.counts.pair("items", same):
                    self.error(host, "item", [i["where"] for i in items], real)
                    continue
                self.counts.pair("items once", len(same) == 1)
                if len(same) > 1:
                    self.error(host, "item told twice", [i["where"] for i in same], base)
                self._item(host, same[0], real)
        for i in items:
            base = (i["where"] or "").lower().replace("\\", "/").rsplit("/", 1)[-1]
            if base.endswith(PAGES) and base not in known:
                self.counts.pair("items real", False)
                self.error(host, "item that is none", i["where"], sorted(known))
            elif base in known:
                self.counts.pair("items real", True)

    def _item(self, host, got, real):
        allowed = {"unknown": ("unknown", "removed"), "gone": ("removed", "unknown")}.get(
            real["presence"], (real["presence"],))
        if not self.counts.pair("presence", got["presence"]["state"] in allowed):
            self.error(host, "presence of " + real["where"], got["presence"], real["presence"])
        first = seconds(real["first_use"])
        if first and got["use"]["state"] == "seen":
            near = abs(seconds(got["use"]["first"]) - first) <= 300
            if not self.counts.pair("first use", near):
                self.error(host, "first use", got["use"], real["first_use"])

    # -- links ---------------------------------------------------------------------------

    def _links(self, folder, marks):
        facts = {f["id"]: f for h in self.document["hosts"] for f in h["facts"]}
        by_mark, marks_of = self._marks(folder, facts, marks)
        parent = {f: f for f in facts}

        def root(x):
            while parent[x] != x:
                parent[x] = parent[parent[x]]
                x = parent[x]
            return x
        intrusion = {(h, m): i for h, m, i in self.truth["marks"]}
        edges = [e for h in self.document["hosts"] for c in h["campaigns"]
                 for e in c.get("chain", ())] + self.document.get("chain", [])
        for edge in edges:
            a, b = edge["from"], edge["to"]
            if a not in facts or b not in facts:
                continue
            parent[root(a)] = root(b)
            if edge.get("by") == "the same page":  # it is the same, whoever asked for it
                continue
            ia, ib = ({intrusion.get(m) for m in marks_of[x]} - {None} for x in (a, b))
            if ia and ib:
                if not self.counts.pair("joins right", bool(ia & ib)):
                    self.error("", "wrong join (%s)" % edge.get("by"), facts[a]["what"],
                               facts[b]["what"])
        for ha, ma, hb, mb in self.truth["links"]:
            a, b = by_mark.get((ha, ma), ()), by_mark.get((hb, mb), ())
            joined = {root(x) for x in a} & {root(x) for x in b}
            if not self.counts.pair("links", bool(joined)):
                self.error(ha, "link", "%s %s" % (
                    [facts[x]["what"] for x in a], [facts[x]["what"] for x in b]), [ma, mb])

    def _marks(self, folder, facts, marks):
        """{(host, mark): facts}, {fact: marks}, by reading the evidence each fact cites."""
        by_mark, marks_of = collections.defaultdict(set), collections.defaultdict(set)
        texts = collections.defaultdict(list)
        for host, mark, _ in self.truth["marks"]:
            texts[host].append(mark)
        places = {(os.path.join(folder, place[0]), place[1]): (host, mark)
                  for (host, mark), place in marks.items()}
        for f in facts.values():
            for w in f["where"]:
                if w["record"] is not None:
                    hit = places.get((w["path"], w["record"]))
                    if hit:
                        by_mark[hit].add(f["id"])
                        marks_of[f["id"]].add(hit)
                    continue
                line = read_line(w["path"], w["offset"])
                host = os.path.relpath(w["path"], folder).split(os.sep)[0]
                for mark in texts.get(host, ()):
                    if len(mark) > 20 and mark in line:
                        by_mark[(host, mark)].add(f["id"])
                        marks_of[f["id"]].add((host, mark))
        return by_mark, marks_of


_files = {}


def read_line(path, offset):
    """The line of a text log at an offset; "" for other files."""
    if not path.lower().endswith(".log") or not os.path.exists(path):
        return ""
    data = _files.get(path)
    if data is None:
        if len(_files) > 50:
            _files.clear()
        with open(path, "rb") as handle:
            data = _files[path] = handle.read()
    end = data.find(b"\n", offset)
    return data[offset:end if end >= 0 else len(data)].decode("utf-8", "replace")
