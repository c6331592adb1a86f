#!/usr/bin/env python3
"""Turns a recording of Windows events as JSON lines into EVTX files, one per channel.

    python3 tests/gen/recording_to_evtx.py RECORDING.jsonl OUTDIR [--hours 5]

Made for the public recording of the ProxyLogon chain (OTRF Security-Datasets, 14 March
2021), so that a test can ask whether a verdict is the same from JSON and from EVTX. The
files are written to OUTDIR/C/Windows/System32/winevt/Logs, as a collection would hold them.

- The recording's TimeCreated is local time (UTC-5) labelled Z; an EVTX file cannot lie
  about its zone, so --hours is added. Sysmon's own UtcTime is right and stays.
- Events with data fields keep their names and order. Events of Exchange's own providers
  have no fields in the recording, only a message; on a real server they have unnamed
  values, from which the message is made. The values are taken back out of the message
  where its form is known (cmdlets, control panel); else the message is the one value.
- MSExchange Management gets the 27 values by position of a real log file.
- Record ids count from 1 in each channel, in the order of the recording.
"""

import argparse
import collections
import datetime
import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from evtxgen import EvtxWriter  # noqa: E402  (the folder is put on the path first)
from evtxshape import add_event  # noqa: E402

HEAD = {"SourceName", "ProviderGuid", "Level", "Keywords", "Channel", "Hostname", "TimeCreated",
        "@timestamp", "EventID", "Message", "Task"}

CMDLET = re.compile(r"Cmdlet (?:suceeded|failed)\. Cmdlet (\S+), parameters (.*?)\.?$", re.DOTALL)

# Channel, event id -> what its message is made of; each group is one value.
MESSAGES = {
    ("MSExchange Control Panel", 4): re.compile(
        r"Current user: '(.*?)'\s*Request for URL '(.*?)' failed with the following error:\s*(.*)",
        re.DOTALL),
    ("MSExchange Control Panel", 47): re.compile(
        r"Current User: '(.*?)'.*?in the thread (\d+)\.\s*Command: '(.*?)'", re.DOTALL),
    ("MSExchange Control Panel", 48): re.compile(
        r"Current User: '(.*?)'.*?in the thread (\d+)\.\s*Command: '(.*?)'", re.DOTALL),
    ("MSExchange Front End HTTP Proxy", 1001): re.compile(r"\[(.*?)\]"),
    ("MSExchange Front End HTTP Proxy", 1002): re.compile(r"\[(.*?)\]"),
    ("Microsoft-Windows-IIS-W3SVC-WP", 2303): re.compile(r"application pool: '(.*?)'"),
}


def cmdlet_values(message):
    """The 27 values of an MSExchange Management event, of which the message tells two."""
    found = CMDLET.search(message)
    if not found:
        return None
    values = [""] * 27
    values[0], values[1] = found.groups()
    values[5] = "Unknown"
    values[6] = "0 w3wp#MSExchangeECPAppPool"
    values[8], values[17], values[22] = "5", "False", "0"
    values[26] = "en-US"
    return values


def data_of(record):
    """The event's data as (name or None, value), in order."""
    fields = [(name, "" if value is None else str(value))
              for name, value in record.items() if name not in HEAD]
    if fields:
        return fields
    message = record.get("Message", "")
    if record["Channel"] == "MSExchange Management":
        values = cmdlet_values(message)
    else:
        form = MESSAGES.get((record["SourceName"], record["EventID"]))
        found = form.search(message) if form else None
        values = list(found.groups()) if found else None
    return [(None, value) for value in (values if values is not None else [message])]


def time_of(record, hours):
    """When it happened, in UTC."""
    text = record["TimeCreated"].rstrip("Z")
    form = "%Y-%m-%dT%H:%M:%S.%f" if "." in text else "%Y-%m-%dT%H:%M:%S"
    moment = datetime.datetime.strptime(text, form).replace(tzinfo=datetime.timezone.utc)
    return moment + datetime.timedelta(hours=hours)


def convert(path, outdir, hours=5):
    """Writes the EVTX files. Returns {channel: number of events}."""
    channels = collections.defaultdict(list)
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                record = json.loads(line)
                channels[record["Channel"]].append(record)
    folder = os.path.join(outdir, "C", "Windows", "System32", "winevt", "Logs")
    os.makedirs(folder, exist_ok=True)
    for channel, records in channels.items():
        name = os.path.join(folder, channel.replace("/", "%4") + ".evtx")
        with EvtxWriter(name) as log:
            for i, record in enumerate(records):
                add_event(log, provider=record["SourceName"],
                          guid=record.get("ProviderGuid") or None,
                          event_id=int(record["EventID"]), channel=channel,
                          computer=record["Hostname"], time=time_of(record, hours),
                          record_id=i + 1, level=int(record["Level"]),
                          task=int(record["Task"]), keywords=int(record["Keywords"], 16),
                          data=data_of(record))
    return {channel: len(records) for channel, records in channels.items()}


def main(argv=None):
    """The command line. Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("recording")
    parser.add_argument("outdir")
    parser.add_argument("--hours", type=float, default=5, help="added to every TimeCreated")
    args = parser.parse_args(argv)
    counts = convert(args.recording, args.outdir, args.hours)
    for channel in sorted(counts):
        print("%7d %s" % (counts[channel], channel))
    return 0


if __name__ == "__main__":
    sys.exit(main())
