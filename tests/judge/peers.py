#!/usr/bin/env python3
"""What people used in those years, over the same scenarios: what it misses, what it raises wrongly.

usage: peers.py ASSAY SIGMA [--only NAME]...

Test-ProxyLogon: its published conditions, restated here from their public description (Microsoft
CSS-Exchange, Security/Test-ProxyLogon, as described there and in Microsoft's guidance of March
2021). SigmaHQ: the rules of web servers and of MSExchange Management, evaluated by `assay scan
--rules`; SIGMA is the unpacked repository. Prints a table for bench/RESULTS.md.
"""
import argparse
import collections
import concurrent.futures
import csv
import fnmatch
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import judge  # noqa: E402  (the folder is put on the path first)
import stories  # noqa: E402
import truth  # noqa: E402
import world  # noqa: E402

LOGS = "C/" + world.EX + "Logging/"
CLASSES = ("nothing", "looked at", "attempted", "reached", "entered")
# ECP Server log: an address of a virtual directory with a tag in it.
SET_URL = re.compile(r"Set-.+VirtualDirectory.+?Url.+<\w+.*>.*?</\w+>.+?VirtualDirectory", re.I)
# Titles of rules that are about these attacks, and not about any stranger.
ABOUT = re.compile(r"exchange|proxy|owa|virtual ?director|sharepoint|toolshell|solarwinds|supernova|"
                   r"webshell|mailbox|certificate|cve-", re.I)
OAB = re.compile(r"Download failed and temporary file (.*?) needs to be removed")


def like(text, pattern):
    return fnmatch.fnmatchcase(text.lower(), pattern.lower().replace("[", "[[]"))


def front_end(host):
    """CVE-2021-26855, and CVE-2021-27065 by the reset that was answered 200."""
    for path in glob.glob(host + "/" + LOGS + "HttpProxy/*/*.LOG"):
        with open(path, encoding="utf-8-sig", newline="") as handle:
            text = handle.read()
        if "ServerInfo~" not in text:
            continue
        for row in csv.reader(text.splitlines()):
            if len(row) < 20 or row[0].startswith(("#", "DateTime")):
                continue
            anchor, status = row[world.COLUMN["AnchorMailbox"]], row[world.COLUMN["HttpStatus"]]
            if like(anchor, "ServerInfo~*/*") and not like(anchor, "ServerInfo~*/autodiscover*") \
                    and not like(anchor, "ServerInfo~localhost*/*"):
                return True
            if like(anchor, "ServerInfo~*/*Reset*VirtualDirectory#") and status == "200":
                return True
    return False


def panel(host):
    for path in glob.glob(host + "/" + LOGS + "ECP/Server/*.LOG"):
        with open(path, encoding="utf-8-sig") as handle:
            if any(SET_URL.search(line) for line in handle):
                return True
    return False


def address_book(host):
    for path in glob.glob(host + "/" + LOGS + "OABGeneratorLog/*.log"):
        with open(path, encoding="utf-8-sig") as handle:
            for name in OAB.findall(handle.read()):
                if not name.strip("'").lower().startswith(
                        (world.EX_WIN + "ClientAccess\\OAB").lower()):
                    return True
    return False


def messaging(assay, host):
    for path in glob.glob(host + "/C/Windows/System32/winevt/Logs/*Application*.evtx"):
        out = subprocess.run([assay, "dump", path], capture_output=True, text=True, check=False)
        for line in out.stdout.splitlines():
            if "MSExchange Unified Messaging" in line and "System.InvalidCastException" in line:
                return True
    return False


def test_proxylogon(assay, folder):
    return any(front_end(h) or panel(h) or address_book(h) or messaging(assay, h)
               for h in glob.glob(folder + "/*"))


def sigma_rules(sigma, out):
    """SigmaHQ's rules of web servers and MSExchange Management, linked into a folder."""
    number = 0
    for path in glob.glob(sigma + "/rules*/**/*.yml", recursive=True):
        with open(path, encoding="utf-8") as handle:
            text = handle.read()
        if re.search(r"^ +category: webserver|^ +service: msexchange-management", text, re.M):
            number += 1
            shutil.copy(path, os.path.join(out, "%04d_%s" % (number, os.path.basename(path))))
    return number


def class_of(told):
    """The worst that truly happened: 0 to 4. And whether it is ProxyLogon's."""
    worst, campaign = 0, None
    for h in told["hosts"].values():
        for c, axes in h["campaigns"].items():
            if not axes:
                continue
            level = {"probed": 1, "attempted": 2, "reached": 3, "exploited": 4}.get(
                axes["entry"]["state"], 0)
            if axes["entry"]["initiators"]:
                level = max(level, 1)
            if level > worst:
                worst, campaign = level, c
    return worst, campaign


def one(assay, rules, name):
    folder = tempfile.mkdtemp(prefix="peers-")
    try:
        scenario = judge.tell(name)
        judge.write(scenario, folder)
        level, campaign = class_of(truth.truth(scenario))
        run = subprocess.run([assay, "scan", folder, "--jobs", "1", "--format", "json", "--rules",
                              rules], capture_output=True, text=True, check=False)
        document = json.loads(run.stdout)
        ours = max([{"probed": 1, "attempted": 2, "reached": 3, "exploited": 4}.get(
            c["entry"]["state"], 0) for h in document["hosts"] for c in h["campaigns"]] + [
                4 * (c["backdoor"]["state"] in ("present", "written", "removed"))
                for h in document["hosts"] for c in h["campaigns"]], default=0)
        sigma = sorted({f["rule"]["title"] for f in document["findings"] if
                        f["rule"]["source"] == "sigma" and
                        f["rule"]["level"] in ("medium", "high", "critical")})
        return name, level, campaign, ours, test_proxylogon(assay, folder), sigma
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("assay")
    parser.add_argument("sigma")
    parser.add_argument("--only", action="append", default=[])
    args = parser.parse_args()
    names = list(stories.STORIES) + ["composed_%03d" % i for i in range(judge.COMPOSED)]
    if args.only:
        names = [n for n in names if any(o in n for o in args.only)]
    assay = os.path.abspath(args.assay)
    rows = []
    with tempfile.TemporaryDirectory() as rules:
        print("SigmaHQ rules: %d" % sigma_rules(args.sigma, rules))
        with concurrent.futures.ProcessPoolExecutor(2) as pool:
            for job in [pool.submit(one, assay, rules, n) for n in names]:
                rows.append(job.result())
    for family in ("ProxyLogon and nothing", "other campaigns"):
        mine = [r for r in rows if (r[2] in (None, "exchange-proxylogon")) ==
                (family == "ProxyLogon and nothing")]
        print("\n%s\n| what happened | scenarios | assay | Test-ProxyLogon | SigmaHQ, any rule | "
              "SigmaHQ, rules of these attacks |" % family)
        print("|---|---|---|---|---|---|")
        for level, label in enumerate(CLASSES):
            of = [r for r in mine if r[1] == level]
            if of:
                print("| %s | %d | %d | %d | %d | %d |" % (
                    label, len(of), sum(r[3] >= max(1, min(level, 2)) for r in of),
                    sum(r[4] for r in of), sum(bool(r[5]) for r in of),
                    sum(any(ABOUT.search(t) for t in r[5]) for r in of)))
    missed = collections.defaultdict(list)
    for name, level, _, ours, tpl, sigma in rows:
        for who, said in (("assay", ours >= 2), ("Test-ProxyLogon", tpl),
                          ("SigmaHQ", [t for t in sigma if ABOUT.search(t)])):
            if level == 4 and not said:
                missed[who + " misses"].append(name)
            if level == 0 and (said if who != "assay" else ours):
                missed[who + " raises wrongly"].append(name)
    for label, found in sorted(missed.items()):
        print("%s (%d): %s" % (label, len(found), " ".join(found)))
    titles = collections.Counter(t for r in rows for t in r[5])
    for title, n in titles.most_common(25):
        print("%4d %s" % (n, title))


if __name__ == "__main__":
    main()
