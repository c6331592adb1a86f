"""A server of another time and build than scenario.py's, for the stories of other campaigns.

    evidence = server("2021-08-04", "2021-08-20", [("2021-08-04", (15, 1, 2242, 4))])

What it records on ordinary days is background.py's. A story (attack_<campaign>.py) adds what an
intruder leaves; each of its functions says in its docstring what happened and what is true.
"""
import random

import background
from evidence import Evidence
from server import MINUTE, parse_time


def server(start, end, builds, seed=7, probe_every=1200, sysmon=True):
    """The evidence of a server on which nothing but ordinary work happened.

    builds  (from, (15, 1, 2242, 4)) in order of time; each but the first comes with a restart
    """
    evidence = Evidence(parse_time(start), parse_time(end))
    evidence.builds = [(parse_time(time), build) for time, build in builds]
    evidence.outages = [(time - 35 * MINUTE, time) for time, _ in evidence.builds[1:]]
    background.everything(evidence, seed, probe_every, sysmon)
    # It tells of the installation of scenario.py's build.
    evidence.files.pop("ExchangeSetupLogs/ExchangeSetup.log")
    return evidence


def copy_of(evidence):
    """The same evidence, to tell another story on."""
    other = Evidence(evidence.start, evidence.end)
    other.builds = list(evidence.builds)
    other.outages = list(evidence.outages)
    for source, rows in evidence.rows.items():
        other.rows[source] = list(rows)
    for source, events in evidence.events.items():
        other.events[source] = list(events)
    other.files = dict(evidence.files)
    return other


def rng_of(name):
    """The random numbers of a story: the same for the same name."""
    return random.Random("story " + name)
