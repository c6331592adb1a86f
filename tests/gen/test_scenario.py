#!/usr/bin/env python3
"""Tests of the demonstration evidence itself: its shape, its repeatability, its truth."""

import csv
import hashlib
import os
import re
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import recording_to_evtx  # noqa: E402  (the folder is put on the path first)
import scenario  # noqa: E402
from evidence import Knobs, gaps_between  # noqa: E402
from server import EX, OWA_AUTH, packed_version, parse_time  # noqa: E402

SHORT = {"start": "2021-03-02", "end": "2021-03-09", "probe_every": 7200}


def tree(folder):
    """{path: (hash, time)} of everything below a folder."""
    found = {}
    for path, folders, files in os.walk(folder):
        for name in files + folders:
            full = os.path.join(path, name)
            data = b""
            if name in files:
                with open(full, "rb") as handle:
                    data = handle.read()
            found[os.path.relpath(full, folder)] = (hashlib.sha256(data).hexdigest(),
                                                    os.stat(full).st_mtime_ns)
    return found


def lines(folder, below):
    """(path, line) of every text line below a folder of drive C:."""
    for path, _, files in os.walk(os.path.join(folder, "C", *below.split("/"))):
        for name in sorted(files):
            with open(os.path.join(path, name), encoding="utf-8-sig", newline="") as handle:
                for line in handle.read().split("\r\n"):
                    if line:
                        yield os.path.join(path, name), line


class Made(unittest.TestCase):
    """One short `entered`, looked at from several sides."""

    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = os.path.join(cls.temporary.name, "entered")
        cls.truth = scenario.generate("entered", cls.folder, **SHORT)

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def test_same_arguments_same_bytes(self):
        again = os.path.join(self.temporary.name, "again")
        scenario.generate("entered", again, **SHORT)
        self.assertEqual(tree(self.folder), tree(again))

    def test_other_seed_other_bytes(self):
        other = os.path.join(self.temporary.name, "other")
        scenario.generate("entered", other, seed=2, **SHORT)
        self.assertNotEqual(tree(self.folder), tree(other))

    def test_httpproxy_rows_have_74_columns(self):
        count = 0
        for path, line in lines(self.folder, EX + "Logging/HttpProxy"):
            if not line.startswith("#"):
                row = next(csv.reader([line]))
                self.assertEqual(len(row), 74, path)
                self.assertIn(row[73], ("CafeV1", "RoutingStatus"))
                count += 1
        self.assertGreater(count, 200)

    def test_build_columns_follow_the_patch(self):
        builds = {}
        for _, line in lines(self.folder, EX + "Logging/HttpProxy/Owa"):
            if line[0] == "2":
                row = line.split(",")
                builds.setdefault(row[5], []).append(row[0])
        self.assertLess(max(builds["2"]), "2021-03-08T20:00")
        self.assertGreaterEqual(min(builds["13"]), "2021-03-08T20:00")

    def test_iis_and_httpproxy_share_request_ids(self):
        ids = {line.split(",")[1] for _, line in lines(self.folder, EX + "Logging/HttpProxy")
               if line[0] == "2"}
        shell = self.truth["axes"]["backdoor"]["items"][0]["web_path"]
        uses = 0
        for _, line in lines(self.folder, "inetpub/logs/LogFiles/W3SVC1"):
            if line[0] == "#":
                continue
            self.assertEqual(len(line.split(" ")), 15)
            found = re.search(r"cafeReqId=([0-9a-f-]{36});", line)
            if found:
                self.assertIn(found[1], ids)
            uses += shell in line
        self.assertEqual(uses, self.truth["axes"]["backdoor"]["items"][0]["use"]["requests"])

    def test_shell_looks_like_a_real_dump(self):
        item = self.truth["axes"]["backdoor"]["items"][0]
        name = os.path.join(self.folder, "C", OWA_AUTH, item["web_path"].split("/")[-1])
        with open(name, "rb") as handle:
            text = handle.read().decode("ascii")
        self.assertIn("\r\nExternalUrl                     : http://f/<script ", text)
        self.assertIn("\r\nWhenChangedUTC                  : 3/3/2021 6:59:17 AM\r\n", text)
        self.assertTrue(1900 < len(text) < 2700, len(text))

    def test_truth(self):
        axes = self.truth["axes"]
        self.assertEqual([axes[a]["state"] for a in ("exposure", "entry", "backdoor", "action")],
                         ["fixed", "exploited", "present", "seen"])
        self.assertEqual(axes["entry"]["initiators"], [{"address": "203.0.113.66"}])
        self.assertEqual(axes["action"]["kinds"], ["credentials", "execution"])
        self.assertTrue(self.truth["fixed_but_backdoored"])
        self.assertEqual(self.truth["exit_status"], [1])

    def test_a_full_folder_is_refused(self):
        with self.assertRaises(ValueError):
            scenario.generate("clean", self.folder, **SHORT)


class Taken(unittest.TestCase):
    """Knobs on what is written."""

    def test_knobs(self):
        with tempfile.TemporaryDirectory() as folder:
            out = os.path.join(folder, "x")
            knobs = Knobs.parse(["sysmon", "iis-backend"], ["ecp:2021-03-03T12:00:00"],
                                ["httpproxy-owa:2021-03-03T06:00:00/2021-03-03T09:00:00"])
            scenario.generate("entered", out, knobs, start="2021-03-03", end="2021-03-05",
                              probe_every=1200)
            times = sorted(line[:19] for _, line in lines(out, EX + "Logging/HttpProxy/Owa")
                           if line[0] == "2")
            panel = [line[:19] for _, line in lines(out, EX + "Logging/ECP/Server")
                     if line[0] == "2"]
            names = {name.rsplit("/", 1)[-1] for name in tree(out)}
        self.assertFalse([t for t in times if "2021-03-03T06" <= t < "2021-03-03T09"])
        self.assertLess(times[0], "2021-03-03T06")
        self.assertGreaterEqual(min(panel), "2021-03-03T12")
        self.assertIn("Security.evtx", names)
        self.assertIn("W3SVC1", names)
        self.assertNotIn("Microsoft-Windows-Sysmon%4Operational.evtx", names)
        self.assertNotIn("W3SVC2", names)

    def test_record_ids_count_what_is_gone(self):
        whole, cut = ([(record, time) for record, time, _ in
                       scenario.tell("clean", start="2021-03-03", end="2021-03-04")
                       .evidence.records("security", knobs)]
                      for knobs in (Knobs(), Knobs.parse([], [], [
                          "security:2021-03-03T10:00:00/2021-03-03T14:00:00"])))
        self.assertEqual([r for r, _ in whole],
                         list(range(whole[0][0], whole[0][0] + len(whole))))
        self.assertLess(len(cut), len(whole))
        self.assertLessEqual(set(cut), set(whole))


class Recording(unittest.TestCase):
    """Events of a recording as EVTX data."""

    def test_cmdlet(self):
        data = recording_to_evtx.data_of({
            "Channel": "MSExchange Management", "SourceName": "MSExchange CmdletLogs",
            "EventID": 1,
            "Message": "Cmdlet suceeded. Cmdlet Set-User, parameters -Identity \"a\"."})
        self.assertEqual(len(data), 27)
        self.assertEqual(data[:2], [(None, "Set-User"), (None, "-Identity \"a\"")])

    def test_named_fields_keep_their_order(self):
        data = recording_to_evtx.data_of({"Channel": "Security", "EventID": 1, "Message": "m",
                                          "Z": "1", "A": None})
        self.assertEqual(data, [("Z", "1"), ("A", "")])

    def test_time(self):
        time = recording_to_evtx.time_of({"TimeCreated": "2021-03-14T01:40:13.660Z"}, 5)
        self.assertEqual(time.isoformat(), "2021-03-14T06:40:13.660000+00:00")


class Told(unittest.TestCase):
    """Truths of the other scenarios, and of evidence that is partly gone."""

    def states(self, name, drop=(), late=(), hole=(), **more):
        story = scenario.tell(name, probe_every=24 * 3600, **more)
        told = scenario.truth(story, Knobs.parse(drop, late, hole))
        self.assertTrue(told["exit_status"])
        return {axis: told["axes"][axis]["state"] for axis in told["axes"]}

    def test_every_scenario_can_be_told(self):
        for name in scenario.SCENARIOS:
            with self.subTest(name):
                self.states(name, start="2021-03-01", end="2021-03-16")

    def test_clean(self):
        told = self.states("clean")
        self.assertEqual(set(told.values()), {"fixed", "none_seen"})

    def test_what_is_gone_cannot_be_ruled_out(self):
        self.assertEqual(self.states("clean", drop=["httpproxy"])["entry"], "not_assessable")
        told = self.states("clean", late=["httpproxy-ecp:2021-02-10"])
        self.assertEqual((told["entry"], told["backdoor"]), ("none_seen_partial", "none_seen"))
        told = self.states("clean", hole=["iis:2021-02-01/2021-02-02"])
        self.assertEqual((told["entry"], told["backdoor"]), ("none_seen", "none_seen_partial"))
        told = self.states("clean", hole=["iis:2021-03-11/2021-03-12"])  # after the fix
        self.assertEqual(told["backdoor"], "none_seen")

    def test_effects_are_seen_in_what_is_left(self):
        told = self.states("entered", drop=["httpproxy", "iis", "files"], start="2021-03-01")
        self.assertEqual((told["entry"], told["backdoor"]), ("exploited", "written"))
        told = self.states("entered", end="2021-03-02")
        self.assertEqual((told["exposure"], told["entry"]), ("exposed", "none_seen"))
        # The logs begin after the entry, but the shell lies there.
        told = self.states("entered", start="2021-03-10")
        self.assertEqual((told["entry"], told["backdoor"]), ("exploited", "present"))
        self.assertEqual(self.states("removed", start="2021-03-01")["backdoor"], "removed")

    def test_unknown_source(self):
        with self.assertRaises(ValueError):
            Knobs.parse(["nothing"], [], [])


class Small(unittest.TestCase):
    """Helpers."""

    def test_packed_version(self):
        # Source: real HttpProxy rows.
        self.assertEqual(packed_version((15, 1, 2507, 0)), 1942063563)
        self.assertEqual(packed_version((15, 1, 1466, 0)), 1942062522)

    def test_gaps_between(self):
        self.assertEqual(gaps_between([(2, 3), (5, 9)], 0, 7), [(0, 2), (3, 5)])
        self.assertEqual(gaps_between([], 0, 7), [(0, 7)])
        self.assertEqual(gaps_between([(0, 7)], 0, 7), [])

    def test_parse_time(self):
        self.assertEqual(parse_time("1970-01-02"), 86400000)
        self.assertEqual(parse_time("1970-01-01T00:00:01.5Z"), 1500)


if __name__ == "__main__":
    unittest.main()
