#!/usr/bin/env python3
"""The recorded ProxyLogon run (public test data): every statement of the verdict was checked
against the recording by hand once; and the same facts as EVTX give the same verdict.

usage: test_recording.py ASSAY CONVERTER BUILD
Skips (77) where the corpora are not there.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import corpora  # noqa: E402

assay, converter, build = (os.path.abspath(a) for a in sys.argv[1:4])


def scan(path):
    run = subprocess.run([assay, "scan", str(path), "--format", "json"], capture_output=True,
                         text=True)
    return run.returncode, json.loads(run.stdout)


def expect(what, got, want):
    assert got == want, f"{what}: {got!r}, want {want!r}"


def check(status, document, source):
    expect(source + " exit status", status, 1)
    expect(source + " hosts", [h["host"] for h in document["hosts"]], ["MXS01.azsentinel.local"])
    host = document["hosts"][0]
    c = next(c for c in host["campaigns"] if c["id"] == "exchange-proxylogon")
    facts = {f["id"]: f for f in host["facts"]}

    expect("entry", (c["entry"]["state"], c["entry"]["basis"], c["entry"]["confidence"]),
           ("exploited", "observed", "certain"))
    expect("entry first", c["entry"]["first"][:19], "2021-03-14T06:40:11")
    expect("initiators", [(i["kind"], i["value"].rsplit("\\", 1)[-1])
                          for i in c["entry"]["initiators"]], [("process", "python.exe")])

    expect("back door", c["backdoor"]["state"], "written")
    expect("items", [i["where"] for i in c["backdoor"]["items"]], ["/owa/auth/ohyeah.aspx"])
    item = c["backdoor"]["items"][0]
    expect("written", item["written"][:19], "2021-03-14T06:40:13")
    expect("presence", item["presence"]["state"], "unknown")
    expect("use", (item["use"]["state"], item["use"]["first"][:19]), ("seen", "2021-03-14T06:40:15"))

    expect("action", (c["action"]["state"], c["action"]["kinds"]), ("seen", ["execution"]))
    acts = [facts[i] for i in c["action"]["facts"]]
    expect("commands", [a["what"] for a in acts], ["w3wp ran cmd /c whoami"] * 2)
    expect("findings of a command", [len(a["findings"]) for a in acts], [2, 2])

    expect("exposure", (c["exposure"]["state"], c["exposure"]["basis"]), ("exposed", "inferred"))
    expect("loss", c["loss"]["state"], "not_assessable")
    absent = {v["source"] for v in c["coverage"] if not v["present"]}
    assert {"exchange.httpproxy", "iis.w3c", "files.webroot"} <= absent, absent
    return c


def main():
    recording = corpora.folder(build) / "proxylogon-recording.jsonl"
    status, document = scan(recording)
    from_json = check(status, document, "JSON")
    expect("clock", "+05:00" in document["hosts"][0]["clock"], True)

    with tempfile.TemporaryDirectory() as work:
        subprocess.run([sys.executable, converter, str(recording), work], check=True,
                       stdout=subprocess.DEVNULL)
        status, document = scan(work)
    from_evtx = check(status, document, "EVTX")
    expect("clock of EVTX", document["hosts"][0]["clock"], None)
    for axis in ("exposure", "entry", "backdoor", "action", "loss"):
        for key in ("state", "basis", "confidence", "first", "last"):
            expect(f"{axis}.{key}", from_evtx[axis].get(key), from_json[axis].get(key))
    print("the recorded run is judged right, from JSON and from EVTX")


main()
