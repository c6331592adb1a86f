#!/usr/bin/env python3
"""Makes the evidence of a demonstration Exchange server: a folder shaped like a collection
of its drive C:, and beside it a file that tells what really happened.

    python3 tests/gen/scenario.py SCENARIO OUTDIR [--seed N] [--start DATE] [--end DATE]
        [--probe-every SECONDS] [--drop SOURCE]... [--late SOURCE:TIME]...
        [--hole SOURCE:TIME/TIME]...

writes OUTDIR/C/... and OUTDIR.truth.json. The same arguments give the same bytes and the
same file times. Sources for the three knobs are listed by --list, scenarios too.

The truth is told from the story and from what the knobs leave of it; no tool was asked. A
program's verdict may differ from `state` only where `accept` allows it.

Web roots hold no page of a script type but the intruder's own: pages that Exchange ships
are known by their hashes, and text made here could never have one of those.
"""

import argparse
import json
import os
import random
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import attack  # noqa: E402  (the folder is put on the path first)
import background  # noqa: E402
from evidence import LADDERS, SOURCES, Evidence, Knobs, gaps_between  # noqa: E402
from server import (BUILD_FIXED, BUILD_VULNERABLE, COMPUTER, DAY, HOUR, MINUTE,  # noqa: E402
                    PROTOCOLS, SECOND, dotted, iso, parse_time)

WINDOW_START = "2021-01-02"
WINDOW_END = "2021-03-20"
PROBE_EVERY = 1200

OUTSIDE = attack.Intruder("203.0.113.66")
SCANNER = attack.Intruder("198.51.100.23")
OTHER_SCANNER = attack.Intruder("198.51.100.91")
LOCAL = attack.Intruder("::1", attack.LOCAL_PYTHON, attack.LOCAL_USER)

SHELL_NAMES = ("OutlookNW.aspx", "iconUpdate.aspx", "errorFX.aspx", "themeBase.aspx")


class Story:
    """One scenario while it is being told."""

    def __init__(self, name, seed, start, end, probe_every):
        self.name = name
        self.seed = seed
        self.probe_every = probe_every
        self.evidence = Evidence(start, end)
        self.rng = random.Random("%s %s" % (seed, name))
        self.patched = None
        self.sysmon = False
        self.shell = None
        self.text = ""
        self.entry_accept = ()

    def server(self, patched, sysmon=False):
        """The server itself: its builds, its one restart, its ordinary days."""
        evidence = self.evidence
        evidence.builds = [(evidence.start, BUILD_VULNERABLE)]
        self.sysmon = sysmon
        if patched:
            self.patched = parse_time(patched)
            evidence.outages = [(self.patched - 35 * MINUTE, self.patched)]
            evidence.builds.append((self.patched, BUILD_FIXED))
        background.everything(evidence, self.seed, self.probe_every, sysmon)

    def fixed_at(self):
        """When the fix was in, None if it never was inside the window."""
        inside = self.patched and self.patched < self.evidence.end
        return self.patched if inside else None

    def recorded(self, trace):
        """Whether a trace is in the window asked for; a file stays, however old it is."""
        if trace.source == "files":
            return trace.time < self.evidence.end
        return self.evidence.start <= trace.time < self.evidence.end


# -- the stories -------------------------------------------------------------------------


def clean(story):
    story.text = "Patched on the day after the fix came out; nobody tried the flaw."
    story.server("2021-03-03T01:00:00")


def probed(story):
    story.text = "Two scanners tested for the flaw before the patch, and again after it."
    story.server("2021-03-08T20:00:00")
    for intruder, times in ((SCANNER, ("2021-03-05T03:06:27", "2021-03-06T17:27:45")),
                            (OTHER_SCANNER, ("2021-03-07T08:11:58",))):
        for time in map(parse_time, times):
            attack.probe(story.evidence, story.rng, time, intruder)
    for time in ("2021-03-09T02:55:13", "2021-03-11T11:01:02"):
        attack.probe(story.evidence, story.rng, parse_time(time), SCANNER, refused=True)


def attempted(story):
    story.text = ("Someone tried the flaw: wrong server names, refused; then Autodiscover, which "
                  "answered that it did not know the mailboxes asked for.")
    story.server("2021-03-08T20:00:00")
    time = parse_time("2021-03-04T22:41:07")
    attack.refused_attempts(story.evidence, story.rng, time, OUTSIDE)
    attack.mailbox_lookups(story.evidence, story.rng, time + MINUTE, OUTSIDE)


def reached(story):
    story.text = ("The flaw answered: a mailbox address was guessed right and its owner's SID "
                  "told; then the intruder went no further.")
    story.server("2021-03-08T20:00:00")
    attack.mailbox_lookups(story.evidence, story.rng, parse_time("2021-03-04T22:41:07"), OUTSIDE,
                           found=True)


def _enter(story, intruder, time):
    shell = attack.Shell(random.Random("%s shell" % story.seed).choice(SHELL_NAMES))
    evidence, rng, sysmon = story.evidence, story.rng, story.sysmon
    story.shell = shell
    after = attack.chain(evidence, rng, time, intruder, shell, sysmon)
    attack.first_visit(evidence, rng, after + 7 * SECOND, intruder, shell, sysmon)
    attack.look_around(evidence, rng, after + 40 * SECOND, intruder, shell, sysmon)


def _entered(story):
    story.server("2021-03-08T20:00:00", sysmon=True)
    _enter(story, OUTSIDE, parse_time("2021-03-03T06:59:10.817"))
    args = (story.evidence, story.rng)
    attack.dump_credentials(*args, parse_time("2021-03-05T02:18:40"), OUTSIDE, story.shell, True)
    for time in ("2021-03-09T04:30:12", "2021-03-14T23:02:51"):
        attack.run(*args, parse_time(time), OUTSIDE, story.shell, "cmd /c dir C:\\ProgramData",
                   True)


def entered(story):
    story.text = ("Entered through the flaw on 3 March, a shell written and used, LSASS memory "
                  "dumped; patched on 8 March, the shell still there and used after that.")
    _entered(story)


def headerless(story):
    story.text = "As entered, but the HttpProxy files have no header rows."
    story.evidence.headerless = True
    _entered(story)


def removed(story):
    story.text = ("Entered on 3 March; the intruder deleted the shell on 6 March. The compiled "
                  "residue stayed. Patched on 8 March.")
    story.server("2021-03-08T20:00:00", sysmon=True)
    _enter(story, OUTSIDE, parse_time("2021-03-03T06:59:10.817"))
    attack.remove_shell(story.evidence, story.rng, parse_time("2021-03-06T01:12:33"), OUTSIDE,
                        story.shell, True)


def local(story):
    story.text = ("The whole chain ran on the server itself, over loopback, from a program that "
                  "a logged-on user started. Never patched.")
    story.server(None, sysmon=True)
    time = parse_time("2021-03-14T06:40:10.775")
    attack.local_process(story.evidence, time, LOCAL, True)
    _enter(story, LOCAL, time + 1160)


def mailtheft(story):
    story.text = ("On 10 January, before anyone knew of the flaw, mail was read through it over "
                  "EWS. No shell was left. Patched on 3 March.")
    story.server("2021-03-03T01:00:00")
    attack.mail_theft(story.evidence, story.rng, parse_time("2021-01-10T02:14:09"), OUTSIDE)


def guesser(story):
    story.text = ("Patched on 3 March. On 12 March one address asked for forty names that web "
                  "shells had elsewhere; none existed here.")
    story.server("2021-03-03T01:00:00")
    story.entry_accept = ("none_seen", "probed")
    attack.guess_shells(story.evidence, story.rng, parse_time("2021-03-12T15:20:00"),
                        OTHER_SCANNER)


SCENARIOS = {f.__name__: f for f in (clean, probed, attempted, reached, entered, headerless,
                                     removed, local, mailtheft, guesser)}


# -- the truth ---------------------------------------------------------------------------

# What must be there, over the whole window, before anyone can say that nothing happened. A
# need is met by the union of its sources.
NEEDED = {
    "entry": (("httpproxy-ecp",), ("httpproxy-owa",)),
    "backdoor": (("files",), ("ecp", "mgmt"), ("iis-frontend",)),
    "action": (("security", "sysmon"),),
    "loss": (("httpproxy-ecp",), ("httpproxy-owa",), ("iis-frontend",)),
}

# Longer silence than this is a gap.
TOLERANCE = {"ecp": 26 * HOUR, "mgmt": 8 * DAY}
TOLERANCE_OTHERS = 2 * HOUR

# First known use of the flaw.  Source: Volexity.
CAMPAIGN_START = "2021-01-03"
BACKDOOR_RANK = {"written": 1, "removed": 2, "present": 3}
WEAKER = {"exploited": ["reached"], "reached": ["attempted"], "attempted": ["probed"],
          "removed": ["written"]}


def _uncovered(story, knobs, sources):
    """The parts of the campaign's window, up to the fix, that none of the sources covers."""
    first, last = parse_time(CAMPAIGN_START), story.fixed_at() or story.evidence.end
    if sources == ("files",):
        return [(first, last)] if "files" in knobs.drop else []
    spans = []
    for source in sources:
        if source == "sysmon" and not story.sysmon:
            continue
        tolerance = TOLERANCE.get(source, TOLERANCE_OTHERS)
        edge = first
        for start, end in knobs.spans(source, story.evidence.start, story.evidence.end):
            spans.append((edge if start - edge <= tolerance else start, end))
            edge = end
        if spans and 0 < last - edge <= tolerance:
            spans.append((edge, last))
    return gaps_between(spans, first, last)


def _nothing_seen(story, knobs, axis):
    """State and accepted states of an axis on which the evidence shows nothing."""
    needs = NEEDED[axis]
    whole = (parse_time(CAMPAIGN_START), story.fixed_at() or story.evidence.end)
    missing = [_uncovered(story, knobs, sources) for sources in needs]
    if not any(missing):
        return "none_seen", ["none_seen"]
    if all(gaps == [whole] for gaps in missing):
        return "not_assessable", ["not_assessable"]
    if [whole] in missing:
        return "not_assessable", ["not_assessable", "none_seen_partial"]
    return "none_seen_partial", ["none_seen_partial"]


def _rank(axis, state):
    if axis == "backdoor":
        return BACKDOOR_RANK[state]
    return LADDERS[axis].index(state)


def _axis(story, knobs, axis):
    every = [t for t in story.evidence.traces if t.axis == axis and story.recorded(t)]
    left = [t for t in every if knobs.keeps(t.source, t.time)]
    if not left:
        state, accept = _nothing_seen(story, knobs, axis)
        if every:  # it happened, but what showed it is gone
            accept = sorted({*accept, "not_assessable", "none_seen_partial"})
        return {"state": state, "accept": accept}, []
    state = max((t.state for t in left), key=lambda s: _rank(axis, s))
    accept = [state]
    # What only one source of many still shows may be judged one step more carefully.
    if len(left) < len(every) and len({t.source for t in left if t.state == state}) < 2:
        accept = WEAKER.get(state, []) + accept
    return {"state": state, "accept": accept}, left


def _entry(story, knobs):
    told, left = _axis(story, knobs, "entry")
    if story.entry_accept and not left:
        told["accept"] = sorted(set(told["accept"]) | set(story.entry_accept))
    if left:
        observed = [t for t in left if t.basis == "observed"]
        told["basis"] = "observed" if observed else "inferred"
        told["first"] = iso(min(t.time for t in observed or left))
        told["initiators"] = []
        for trace in left:
            who = trace.detail.get("initiator")
            if who and who not in told["initiators"]:
                told["initiators"].append(who)
    return told


def _backdoor(story, knobs):
    told, left = _axis(story, knobs, "backdoor")
    if left:
        uses = sorted(t.detail["used"] for t in left if "used" in t.detail)
        written = [t.time for t in left if "used" not in t.detail and t.state != "removed"]
        item = {"web_path": story.shell.web_path, "file": story.shell.windows_path,
                "presence": {"present": "present", "removed": "removed"}.get(told["state"],
                                                                             "unknown"),
                "written": iso(min(written)) if written else None,
                "use": {"state": "seen" if uses else "not_assessable"}}
        if uses:
            # HttpProxy and IIS record the same request.
            item["use"].update(first=iso(uses[0]), last=iso(uses[-1]), requests=len(set(uses)))
        told["items"] = [item]
    return told


def _action(story, knobs):
    told, left = _axis(story, knobs, "action")
    if left:
        told["kinds"] = sorted({t.detail["kind"] for t in left})
        runs = []  # each run once, though two sources tell of it
        for time, command in sorted((t.time, t.detail["command"]) for t in left
                                    if t.detail["command"]):
            if not any(c == command and abs(time - u) < 5 * SECOND for u, c in runs):
                runs.append((time, command))
        told["commands"] = [{"time": iso(time), "command": command} for time, command in runs]
    return told


def _loss(story, knobs, action):
    told, left = _axis(story, knobs, "loss")
    if left:
        told["bytes"] = sum(t.detail["bytes"] for t in left)
    elif "credentials" in action.get("kinds", ()):
        told["accept"] = sorted(set(told["accept"]) | {"bounds", "not_assessable"})
        told["secrets"] = "credentials in the server's memory"
    elif action.get("kinds"):
        told["accept"] = sorted(set(told["accept"]) | {"not_assessable"})
    return told


def _exposure(story, knobs):
    start, end = story.evidence.start, story.evidence.end
    patched = story.fixed_at()
    intervals = []
    if not patched or patched > start:
        intervals.append({"state": "vulnerable", "from": iso(start), "to": iso(patched or end),
                          "build": dotted(BUILD_VULNERABLE)})
    if patched:
        intervals.append({"state": "fixed", "from": iso(max(patched, start)), "to": iso(end),
                          "build": dotted(BUILD_FIXED)})
    state = "fixed" if patched else "exposed"
    told = {"state": state, "accept": [state], "intervals": intervals, "reachable": "yes"}
    builds = (*("httpproxy-" + p.lower() for p in PROTOCOLS), "ecp")
    if not any(knobs.spans(source, start, end) for source in builds):
        told.update(state="not_assessable", accept=["not_assessable"])
        del told["intervals"]
    return told


def truth(story, knobs):
    """What a person who knows the story would conclude from the evidence that is left."""
    action = _action(story, knobs)
    axes = {"exposure": _exposure(story, knobs), "entry": _entry(story, knobs),
            "backdoor": _backdoor(story, knobs), "action": action,
            "loss": _loss(story, knobs, action)}
    seen = (axes["entry"]["state"] in ("reached", "exploited") or "items" in axes["backdoor"]
            or "kinds" in action or "bytes" in axes["loss"])
    if seen:
        status = [1]
    elif any(axes[a]["state"] != "none_seen" for a in ("entry", "backdoor", "action", "loss")
             if axes[a]["state"] not in ("probed", "attempted")):
        status = [3]
    else:
        status = [0]
    if axes["entry"]["state"] in ("probed", "attempted"):
        status = sorted({*status, 1})  # a rule of level high may have fired
    fixed = axes["exposure"]["state"] == "fixed"
    present = axes["backdoor"]["state"] in ("present", "written")
    return {
        "schema": "assay.truth/1", "scenario": story.name, "seed": story.seed,
        "story": story.text, "host": COMPUTER, "campaign": "exchange-proxylogon",
        "window": {"from": iso(story.evidence.start), "to": iso(story.evidence.end)},
        "axes": axes, "exit_status": status,
        "fixed_but_backdoored": fixed and present,
        "sources": {name: [[iso(a), iso(b)] for a, b in knobs.spans(
            name, story.evidence.start, story.evidence.end)]
                    for name in SOURCES if name != "sysmon" or story.sysmon},
    }


# -- running -----------------------------------------------------------------------------


def tell(name, seed=1, start=WINDOW_START, end=WINDOW_END, probe_every=PROBE_EVERY):
    """A scenario told, not yet written. Raises ValueError for what cannot be asked."""
    if name not in SCENARIOS:
        raise ValueError("unknown scenario: " + name)
    story = Story(name, seed, parse_time(start), parse_time(end), probe_every)
    if story.evidence.start >= story.evidence.end or probe_every < 60:
        raise ValueError("the window must not be empty, nor probes closer than a minute")
    SCENARIOS[name](story)
    return story


def generate(name, outdir, knobs=None, **more):
    """Writes a scenario to `outdir` (which must be new or empty) and outdir + ".truth.json".

    more    as tell() takes it
    returns the truth as it is in that file
    """
    if os.path.isdir(outdir) and os.listdir(outdir):
        raise ValueError("not empty: " + outdir)
    knobs = knobs or Knobs()
    story = tell(name, **more)
    outdir = outdir.rstrip("/")
    story.evidence.write(outdir, knobs)
    told = truth(story, knobs)
    with open(outdir + ".truth.json", "w", encoding="utf-8") as out:
        json.dump(told, out, indent=1)
        out.write("\n")
    return told


def main(argv=None):
    """The command line. Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("scenario", nargs="?", choices=sorted(SCENARIOS))
    parser.add_argument("outdir", nargs="?")
    parser.add_argument("--list", action="store_true", help="print scenarios and sources")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", default=WINDOW_START)
    parser.add_argument("--end", default=WINDOW_END)
    parser.add_argument("--drop", action="append", default=[], metavar="SOURCE")
    parser.add_argument("--late", action="append", default=[], metavar="SOURCE:TIME")
    parser.add_argument("--hole", action="append", default=[], metavar="SOURCE:TIME/TIME")
    parser.add_argument("--probe-every", type=int, default=PROBE_EVERY, metavar="SECONDS")
    args = parser.parse_intermixed_args(argv)
    if args.list:
        print("scenarios:", *SCENARIOS)
        print("sources:", *SOURCES)
        return 0
    if not args.outdir:
        parser.error("SCENARIO and OUTDIR are needed")
    try:
        knobs = Knobs.parse(args.drop, args.late, args.hole)
        generate(args.scenario, args.outdir, knobs, seed=args.seed, start=args.start,
                 end=args.end, probe_every=args.probe_every)
    except ValueError as error:
        parser.error(str(error))
    return 0


if __name__ == "__main__":
    sys.exit(main())
