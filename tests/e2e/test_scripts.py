#!/usr/bin/env python3
"""Scripts that were logged in parts, and commands that were encoded: what a rule looks for is
found in the whole and in what was hidden, the finding says how, and nothing is made up.

usage: test_scripts.py ASSAY
"""
import base64
import gzip
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "gen"))
import evtxgen  # noqa: E402

assay = os.path.abspath(sys.argv[1])
CHANNEL = "Microsoft-Windows-PowerShell/Operational"
BLOCK = "9c3d1b7e-0b53-4c1c-8d1f-0f1c2a3b4c5d"
problems = []
checks = 0

SPLIT_RULE = """title: Split text
id: 5b3e2f7a-6c1d-4e8f-9a0b-1c2d3e4f5a6b
level: high
logsource: {product: windows, category: ps_script}
detection:
    selection:
        ScriptBlockText|contains: 'Invoke-Planted -Server'
    condition: selection
"""
APART_RULE = """title: Two texts of one script
id: 5b3e2f7a-6c1d-4e8f-9a0b-1c2d3e4f5a6c
level: high
logsource: {product: windows, category: ps_script}
detection:
    selection:
        ScriptBlockText|contains|all: ['AlphaWord', 'OmegaWord']
    condition: selection
"""
PART_RULE = """title: In one part
id: 5b3e2f7a-6c1d-4e8f-9a0b-1c2d3e4f5a6d
level: high
logsource: {product: windows, category: ps_script}
detection:
    selection:
        ScriptBlockText|contains: 'AlphaWord'
    condition: selection
"""

COMMAND_RULE = """title: Hidden command
id: 5b3e2f7a-6c1d-4e8f-9a0b-1c2d3e4f5a6e
level: high
logsource: {product: windows, category: process_creation}
detection:
    selection:
        CommandLine|contains: 'Invoke-Planted -Server'
    filter:
        CommandLine|contains: 'KnownGoodTool'
    condition: selection and not filter
"""
OUTER_RULE = """title: Encoded command
id: 5b3e2f7a-6c1d-4e8f-9a0b-1c2d3e4f5a6f
level: low
logsource: {product: windows, category: process_creation}
detection:
    selection:
        CommandLine|contains: ' -enc '
    condition: selection
"""


def check(name, got, want):
    global checks
    checks += 1
    if got != want:
        problems.append(f"{name}: {got!r}, want {want!r}")


def part(number, total, text, minute=0, block=BLOCK, host="SRV", event_id=4104):
    return {"event_id": event_id, "minute": minute, "computer": host, "channel": CHANNEL,
            "provider": "Microsoft-Windows-PowerShell",
            "data": [("MessageNumber", number), ("MessageTotal", total),
                     ("ScriptBlockText", text), ("ScriptBlockId", evtxgen.guid("{%s}" % block)),
                     ("Path", "")]}


def process(command, parent="C:\\Windows\\explorer.exe"):
    return {"event_id": 1, "minute": 0, "computer": "SRV",
            "channel": "Microsoft-Windows-Sysmon/Operational",
            "provider": "Microsoft-Windows-Sysmon",
            "data": [("Image", "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe"),
                     ("CommandLine", command), ("ParentImage", parent)]}


def write(path, events):
    path.write_bytes(log_bytes(events))


def log_bytes(events):
    with evtxgen.EvtxWriter() as log:
        for i, e in enumerate(events):
            log.add(provider=e["provider"], event_id=e["event_id"], channel=e["channel"],
                    computer=e["computer"], time=f"2021-03-03T10:{e['minute']:02d}:{i:02d}Z",
                    record_id=i + 1, level=3, data=e["data"])
        return log.to_bytes()


def write_winlogbeat(path, events):
    with open(path, "w", encoding="utf-8") as out:
        for i, e in enumerate(events):
            data = {k: v if isinstance(v, str) else v.text if hasattr(v, "text") else str(v)
                    for k, v in e["data"]}
            out.write(json.dumps({
                "@timestamp": f"2021-03-03T10:{e['minute']:02d}:{i:02d}.000Z",
                "winlog": {"channel": e["channel"], "provider_name": e["provider"],
                           "event_id": e["event_id"], "record_id": i + 1,
                           "computer_name": e["computer"], "event_data": data}}) + "\n")


def scan(folder, rules, jobs="2"):
    run = subprocess.run([assay, "scan", str(folder), "--rules", str(rules), "--format", "json",
                          "--jobs", jobs], capture_output=True, text=True, check=False)
    return run.stdout


def told(text):
    """title: how, of all findings, in order."""
    return [(f["rule"]["title"], f["how"]) for f in json.loads(text)["findings"]
            if f["rule"]["source"] == "sigma"]


def make(root, name, files, writer=write, suffix=".evtx"):
    folder = root / name
    folder.mkdir()
    for i, events in enumerate(files):
        writer(folder / f"{'abc'[i]}{suffix}", events)
    return folder


def joins_parts(root, rules):
    first, second, third = ("AlphaWord; Invoke-Plan", "ted -Ser", "ver x; OmegaWord")
    how = "script block of 3 parts"
    want = [("In one part", None), ("Split text", how), ("Two texts of one script", how)]
    whole = [[part(3, 3, third)], [part(1, 3, first), part(2, 3, second)]]
    folder = make(root, "whole", whole)
    one = scan(folder, rules, "1")
    check("joined over two files", sorted(told(one)), want)
    check("any number of workers", scan(folder, rules, "4"), one)
    where = [f["where"] for f in json.loads(one)["findings"]
             if f["rule"]["title"] == "Split text"]
    check("it stands where the first part stands",
          [(w["record"], w["path"].endswith("b.evtx"), w["marks"]) for w in where],
          [(1, True, ["reassembled"])])
    check("nothing is missing from it", json.loads(one)["gaps"], [])
    check("made events are not counted", json.loads(one)["stats"]["events"], 3)

    twice = make(root, "twice", [whole[0] + whole[1], whole[1] + whole[0]])
    check("the same log twice", sorted(set(told(scan(twice, rules)))), want)
    check("told once", sum(h == how for _, h in told(scan(twice, rules))), 2)

    beat = make(root, "beat", whole, write_winlogbeat, ".json")
    check("from JSON", sorted(told(scan(beat, rules))), want)

    lost = make(root, "lost", [[part(1, 5, "AlphaWord;"), part(4, 5, "Invoke-Planted -Ser"),
                                part(5, 5, "ver OmegaWord")]])
    how = "script block of 5 parts; 2 missing"
    check("parts are missing", sorted(told(scan(lost, rules))),
          [("In one part", None), ("Split text", how), ("Two texts of one script", how)])

    torn = make(root, "torn", [[part(1, 3, "Invoke-Planted "), part(3, 3, "-Server")]])
    check("nothing matches across what is missing", told(scan(torn, rules)), [])
    other = make(root, "other", [[part(1, 2, "Invoke-Plan"),
                                  part(2, 2, "ted -Server", block=BLOCK[::-1].replace("-", "")
                                       [:8] + BLOCK[8:])],
                                 [part(2, 2, "ted -Server", host="ELSE")]])
    check("another script, another computer", told(scan(other, rules)), [])
    forged = make(root, "forged", [[part(1, 2, "Invoke-Plan"), part(2, 2, "harmless")],
                                   [part(2, 2, "ted -Server")]])
    check("a part in two wordings", told(scan(forged, rules)),
          [("Split text", "script block of 2 parts; other wording 2")])
    left = make(root, "left", [[part(1, 2, "Invoke-Plan")]])
    other = BLOCK[:-1] + "e"
    old = [part(1, 2, "nothing", block=other)] * 9 + [part(2, 2, "ted -Server")]
    (left / "a.evtx").write_bytes(evtxgen.leave_over(log_bytes([part(1, 2, "Invoke-Plan")]),
                                                     log_bytes(old)))
    found = json.loads(scan(left, rules))["findings"]
    check("a part that was recovered", [(f["how"], f["where"]["marks"]) for f in found
                                        if f["rule"]["title"] == "Split text"],
          [("script block of 2 parts", ["recovered", "reassembled"])])
    odd = make(root, "odd", [[part(0, 2, "Invoke-Plan"), part(2, 2, "ted -Server"),
                              part(3, 2, "Invoke-Plan"), part(2, 4294967295, "ted -Server")]])
    check("numbers that make no sense", told(scan(odd, rules)), [])


def base64_of(text, coding="ascii"):
    return base64.b64encode(text.encode(coding)).decode()


def hidden(text):
    """Three layers: joined strings in compressed text in UTF-16 in base64."""
    packed = base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()
    inner = f"IEX(GzipStream(FromBase64String('{packed[:30]}'+'{packed[30:]}')))"
    return "powershell -enc " + base64_of(inner, "utf-16-le")


def opens_layers(root, rules):
    planted = "Invoke-Planted -Server x"
    chain = "CommandLine: base64, utf-16, joined strings, base64, gzip"
    folder = make(root, "layers", [[process(hidden(planted))]])
    text = scan(folder, rules)
    want = [("Encoded command", None), ("Hidden command", chain)]
    check("three layers", sorted(told(text), key=str), want)
    check("any number of workers", scan(folder, rules, "4"), text)
    check("nothing is a gap", json.loads(text)["gaps"], [])
    beat = make(root, "layers-json", [[process(hidden(planted))]], write_winlogbeat, ".json")
    check("from JSON", sorted(told(scan(beat, rules)), key=str), want)
    marks = [f["where"]["marks"] for f in json.loads(text)["findings"] if f["how"]]
    check("it is marked", marks, [["decoded"]])

    plain = run(["scan", str(folder), "--rules", str(rules), "--format", "json", "--no-decode"])
    check("only when it is wanted", told(plain), [("Encoded command", None)])
    told_once = make(root, "plain", [[process("powershell Invoke-Planted -Server " +
                                              base64_of("Invoke-Planted -Server y"))]])
    check("as it stands goes first", told(scan(told_once, rules)), [("Hidden command", None)])
    filtered = make(root, "filtered", [[process("KnownGoodTool " + base64_of(planted))]])
    check("a filter sees the decoded text too", told(scan(filtered, rules)), [])
    near = make(root, "near", [[process("powershell -enc " + base64_of("Invoke-Planned -Server",
                                                                       "utf-16-le"))]])
    check("a near miss", told(scan(near, rules)), [("Encoded command", None)])

    deep = planted
    for _ in range(9):
        deep = base64_of(deep)
    lost = json.loads(scan(make(root, "deep", [[process("x " + deep)]]), rules))
    check("too deep is told", ["more is encoded than was decoded" in g["why"]
                               for g in lost["gaps"]], [True])

    parts = "$x='" + base64_of("AlphaWord; Invoke-Planted -Server; OmegaWord") + "'"
    split = make(root, "split", [[part(1, 2, parts[:40]), part(2, 2, parts[40:])]])
    how = "script block of 2 parts; ScriptBlockText: base64"
    check("split and encoded", [t for t in told(scan(split, rules)) if t[0] == "Split text"],
          [("Split text", how)])
    explains(root, folder, rules, text)


def explains(root, folder, rules, text):
    id_ = next(f["id"] for f in json.loads(text)["findings"] if f["how"])
    case = root / "x.case"
    run(["scan", str(folder), "--rules", str(rules), "-o", str(case)])
    for name, args in (("a case", [str(case), id_]),
                       ("evidence", [str(folder), id_, "--rules", str(rules)])):
        shown = run(["explain", *args])
        check(f"explain {name}", ("matched  CommandLine: base64, utf-16, joined" in shown,
                                  "Invoke-Planted -Server x" in shown), (True, True))
    dumped = [json.loads(line) for line in run(["dump", "--decode", str(folder / "a.evtx")])
              .splitlines()]
    check("dump", ["Invoke-Planted -Server x" in d["text"] for d in dumped[0]["decoded"]],
          [False, False, True])


def run(args):
    return subprocess.run([assay, *args], capture_output=True, text=True, check=False).stdout


def main():
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        rules = root / "rules"
        rules.mkdir()
        for i, text in enumerate([SPLIT_RULE, APART_RULE, PART_RULE, COMMAND_RULE,
                                  OUTER_RULE]):
            (rules / f"{i}.yml").write_text(text, encoding="utf-8")
        joins_parts(root, rules)
        opens_layers(root, rules)
    for problem in problems:
        print(problem)
    print(f"{checks} checks, {len(problems)} failed")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
