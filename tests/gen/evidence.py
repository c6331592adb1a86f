"""Rows, events and files of one server, gathered first and written as a folder at the end.

The knobs work here: a source can be dropped, can start late (its older part has rolled
over) or can have a hole. What is taken away is taken away before writing, so record ids of
event logs still count what is gone, as they do on a real server.

Every trace the story leaves is noted with trace(); what the knobs take away also takes its
traces, and the truth of the scenario is told from those that are left.
"""

import collections
import hashlib
import os
import shutil

from evtxgen import EvtxWriter
from evtxshape import add_event
from server import COMPUTER, PROTOCOLS, moment, parse_time
import textlogs

SOURCES = ("httpproxy", "httpproxy-autodiscover", "httpproxy-ecp", "httpproxy-ews",
           "httpproxy-mapi", "httpproxy-owa", "iis", "iis-frontend", "iis-backend", "ecp",
           "mgmt", "security", "sysmon", "application", "system", "files")

# Narrow source name -> the wider one that also takes it away.
WIDER = {"iis-frontend": "iis", "iis-backend": "iis"}
WIDER.update({"httpproxy-" + p.lower(): "httpproxy" for p in PROTOCOLS})

CHANNELS = {
    "mgmt": ("MSExchange Management", "MSExchange Management.evtx"),
    "security": ("Security", "Security.evtx"),
    "sysmon": ("Microsoft-Windows-Sysmon/Operational",
               "Microsoft-Windows-Sysmon%4Operational.evtx"),
    "application": ("Application", "Application.evtx"),
    "system": ("System", "System.evtx"),
}

# What states an axis can reach, weakest first.
LADDERS = {
    "entry": ("probed", "attempted", "reached", "exploited"),
    "backdoor": ("removed", "written", "present"),
    "action": ("seen",),
    "loss": ("bounds",),
}


class Knobs:
    """What to take away: names to drop, {name: first time kept}, {name: [(from, to)]}."""

    def __init__(self, drop=(), late=(), hole=()):
        self.drop = set(drop)
        self.late = dict(late)
        self.holes = collections.defaultdict(list)
        for name, span in hole:
            self.holes[name].append(span)
        for name in [*self.drop, *self.late, *self.holes]:
            if name not in SOURCES:
                raise ValueError("unknown source: " + name)
        if "files" in self.late or "files" in self.holes:
            raise ValueError("files can be dropped only")

    @classmethod
    def parse(cls, drop, late, hole):
        """From the command line: NAME, NAME:ISO, NAME:ISO/ISO."""
        spans = []
        for text in hole:
            name, span = text.split(":", 1)
            first, last = span.split("/")
            spans.append((name, (parse_time(first), parse_time(last))))
        starts = [text.split(":", 1) for text in late]
        return cls(drop, [(name, parse_time(time)) for name, time in starts], spans)

    def keeps(self, source, time):
        """Whether what `source` recorded at `time` is still there."""
        for name in (source, WIDER.get(source)):
            if name in self.drop:
                return False
            if name in self.late and time < self.late[name]:
                return False
            if any(first <= time < last for first, last in self.holes.get(name, ())):
                return False
        return True

    def touches(self, source):
        """Whether something may be taken from this source."""
        names = {source, WIDER.get(source)}
        return bool(names & {*self.drop, *self.late, *self.holes})

    def spans(self, source, start, end):
        """What a source still covers of a window, as a list of (from, to)."""
        names = [n for n in (source, WIDER.get(source)) if n]
        if self.drop.intersection(names):
            return []
        first = max([start] + [self.late[n] for n in names if n in self.late])
        holes = [span for n in names for span in self.holes.get(n, ())]
        return gaps_between(holes, first, end)


def gaps_between(spans, start, end):
    """The parts of start..end that lie in none of the spans, in order."""
    parts = []
    for first, last in sorted(spans):
        if first > start:
            parts.append((start, min(first, end)))
        start = max(start, last)
        if start >= end:
            break
    if start < end:
        parts.append((start, end))
    return parts


Trace = collections.namedtuple("Trace", "source time axis state basis detail")


class Evidence:
    """Everything one server recorded between two times."""

    def __init__(self, start, end):
        self.start = start
        self.end = end
        self.headerless = False
        self.builds = []  # (from, build), in order of time
        self.outages = []  # (from, to): the server was down
        self.rows = collections.defaultdict(list)  # source -> [(time, text)]
        self.events = collections.defaultdict(list)  # source -> [(time, event)]
        self.files = {}  # path below C: -> (bytes or None for a folder, time)
        self.traces = []

    def build_at(self, time):
        """The build that the server ran at a time."""
        current = self.builds[0][1]
        for first, build in self.builds:
            if time >= first:
                current = build
        return current

    def up(self, time):
        """Whether the server was up and inside the window at that time."""
        if not self.start <= time < self.end:
            return False
        return not any(first <= time < last for first, last in self.outages)

    def row(self, source, time, text):
        """Adds a row of a text log, unless it is outside the window."""
        if self.start <= time < self.end:
            self.rows[source].append((time, text))

    def event(self, source, time, provider, event_id, data, **more):
        """Adds a Windows event, unless it is outside the window.

        data is a list of (name or None, value).
        """
        if not self.start <= time < self.end:
            return
        self.events[source].append((time, dict(more, provider=provider, event_id=event_id,
                                               data=data)))

    def file(self, path, content, time):
        """Adds a file below C:, unless it is made after the window."""
        if time >= self.end:
            return
        data = content.encode("utf-8") if isinstance(content, str) else content
        self.files[path] = (data, time)

    def trace(self, source, time, axis, state, basis="observed", **detail):
        """Notes that a source shows, at a time, that an axis got as far as a state."""
        self.traces.append(Trace(source, time, axis, state, basis, detail))

    # -- writing -------------------------------------------------------------------------

    def write(self, folder, knobs):
        """Writes the folder: folder/C/... Returns {path: bytes written}."""
        root = os.path.join(folder, "C")
        sizes = {}
        for path, data, time in self._documents(knobs):
            name = os.path.join(root, *path.split("/"))
            if data is None:
                os.makedirs(name, exist_ok=True)
                continue
            self._write_file(name, data, time)
            sizes[path] = len(data)
        sizes.update(self._write_events(root, knobs))
        self._date_folders(root)
        return sizes

    def write_like(self, folder, base, knobs):
        """Writes what write() would, with hard links to all that is the same in `base`, which
        write() made of this evidence without knobs. Many small files are slow to make."""
        root = os.path.join(folder, "C")
        shutil.copytree(os.path.join(base, "C"), root, copy_function=os.link)
        for path in self._paths_touched(knobs):
            os.remove(os.path.join(root, *path.split("/")))
        for path, data, time in self._documents(knobs):
            name = os.path.join(root, *path.split("/"))
            if data is not None and not os.path.exists(name):
                self._write_file(name, data, time)
        self._write_events(root, knobs, again=False)
        kept = () if "files" in knobs.drop else [p for p, f in self.files.items() if not f[0]]
        self._remove_empty(root, {os.path.join(root, *path.split("/")) for path in kept})
        self._date_folders(root)

    def _paths_touched(self, knobs):
        """The files of which knobs may take something away."""
        whole = Knobs()
        for source in [s for s in self.rows if knobs.touches(s)]:
            for path, data, _ in textlogs.documents(source, sorted(self.rows[source]), self):
                if data is not None:
                    yield path
        for source in [s for s in self.events if knobs.touches(s)]:
            if self.records(source, whole):
                yield "Windows/System32/winevt/Logs/" + CHANNELS[source][1]
        if "files" in knobs.drop:
            yield from (path for path, (data, _) in self.files.items() if data is not None)

    @staticmethod
    def _remove_empty(root, kept):
        for path, _, _ in os.walk(root, topdown=False):
            if path not in kept and not os.listdir(path):
                os.rmdir(path)

    @staticmethod
    def _write_file(name, data, time):
        os.makedirs(os.path.dirname(name), exist_ok=True)
        with open(name, "wb") as out:
            out.write(data)
        os.utime(name, (time / 1000, time / 1000))

    def _documents(self, knobs):
        for source in sorted(self.rows):
            kept = sorted(r for r in self.rows[source] if knobs.keeps(source, r[0]))
            yield from textlogs.documents(source, kept, self)
        if "files" not in knobs.drop:
            for path in sorted(self.files):
                data, time = self.files[path]
                yield path, data, time

    def records(self, source, knobs):
        """(record id, time, event) of what is left of an event log, in order of time."""
        # A log that was there before the window starts with a record id above 1.
        base = int(hashlib.sha256(source.encode()).hexdigest()[:4], 16)
        ordered = sorted(self.events[source], key=lambda event: event[0])
        return [(base + i, time, event) for i, (time, event) in enumerate(ordered)
                if knobs.keeps(source, time)]

    def _write_events(self, root, knobs, again=True):
        sizes = {}
        for source in sorted(self.events):
            channel, name = CHANNELS[source]
            kept = self.records(source, knobs)
            if not kept:
                continue
            path = "Windows/System32/winevt/Logs/" + name
            full = os.path.join(root, *path.split("/"))
            if not again and os.path.exists(full):
                continue
            os.makedirs(os.path.dirname(full), exist_ok=True)
            self._write_channel(full, channel, kept)
            last = kept[-1][1] / 1000
            os.utime(full, (last, last))
            sizes[path] = os.path.getsize(full)
        return sizes

    @staticmethod
    def _write_channel(path, channel, kept):
        with EvtxWriter(path) as log:
            for record_id, time, event in kept:
                add_event(log, channel=channel, computer=COMPUTER, time=moment(time),
                          record_id=record_id, **event)

    def _date_folders(self, root):
        """Folders get the end of the window as their time, so that two runs agree."""
        for path, _, _ in os.walk(root, topdown=False):
            os.utime(path, (self.end / 1000, self.end / 1000))

