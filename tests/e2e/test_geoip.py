#!/usr/bin/env python3
"""Where addresses are, by databases that the user brings: in the verdict, in events, for
rules. Nothing without a database; a damaged one is told, or knows nothing, and never more.

usage: test_geoip.py ASSAY
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "gen"))
import mmdbgen  # noqa: E402

assay = os.path.abspath(sys.argv[1])
problems = []
checks = 0

CITY = mmdbgen.build({
    "203.0.113.0/24": {"country": {"iso_code": "NL"}, "city": {"names": {"en": "Utrecht"}}},
    "2001:db8::/32": {"country": {"iso_code": "DE"}},
    "198.51.100.0/24": {"country": "not a map", "city": {"names": {"en": 5}}},
}, kind="Test-City")
ASN = mmdbgen.build({
    "203.0.113.0/25": {"autonomous_system_number": 64500,
                       "autonomous_system_organization": "Example \x1b[31mNet"},
}, kind="Test-ASN")
ONLY4 = mmdbgen.build({"203.0.113.0/24": {"country": {"iso_code": "FR"}}}, version=4)

HEADER = ("#Software: Microsoft Internet Information Services 10.0\r\n"
          "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip "
          "cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken\r\n")
ROW = "2021-03-05 03:06:27 10.0.0.5 POST /owa/auth/x.aspx - 443 - %s curl - 200 0 0 133\r\n"
STATIC = "2021-03-05 03:06:2%d 10.0.0.5 POST /ecp/x.js - 443 - %s curl - 241 0 0 133\r\n"
RULE = """title: From a country
id: 5b3e2f7a-6c1d-4e8f-9a0b-1c2d3e4f5aaa
level: high
logsource: {category: webserver}
detection:
    selection: {GeoCountry: NL, GeoAsn: '64500'}
    condition: selection
"""


def check(name, got, want):
    global checks
    checks += 1
    if got != want:
        problems.append(f"{name}: {got!r}, want {want!r}")


def run(*args):
    return subprocess.run([assay, *map(str, args)], capture_output=True, text=True, timeout=60)


def derived(path, *options):
    lines = run("dump", *options, path).stdout.splitlines()
    return [{k: v for k, v in json.loads(line).get("derived", {}).items()
             if k.startswith("Geo")} for line in lines]


def initiators(document):
    return [i for h in document["hosts"] for c in h["campaigns"]
            for i in c["entry"]["initiators"]]


with tempfile.TemporaryDirectory() as folder:
    here = pathlib.Path(folder)
    (here / "city.mmdb").write_bytes(CITY)
    (here / "asn.mmdb").write_bytes(ASN)
    (here / "v4.mmdb").write_bytes(ONLY4)
    both = ("--geoip", here / "city.mmdb", "--geoip", here / "asn.mmdb")
    rows = here / "u_ex210305.log"
    rows.write_text(HEADER + "".join(ROW % a for a in (
        "203.0.113.7", "203.0.113.200", "2001:db8::9", "198.51.100.1", "10.0.0.1",
        "nonsense")), newline="")

    # Events.
    got = derived(rows, *both)
    check("all", got[0], {"GeoCountry": "NL", "GeoCity": "Utrecht", "GeoAsn": "64500",
                          "GeoOrg": "Example \x1b[31mNet"})
    check("beyond the ASN", got[1], {"GeoCountry": "NL", "GeoCity": "Utrecht"})
    check("IPv6", got[2], {"GeoCountry": "DE"})
    check("values of another type", got[3], {})
    check("not in it", got[4], {})
    check("no address", got[5], {})
    check("without a database", derived(rows), [{}] * 6)
    check("the first one counts", derived(rows, "--geoip", here / "v4.mmdb", *both)[0]
          ["GeoCountry"], "FR")
    check("IPv6 in one for IPv4", derived(rows, "--geoip", here / "v4.mmdb")[2], {})

    # Rules.
    rule = here / "rule.yml"
    rule.write_text(RULE)
    evidence = here / "ev" / "srv" / "C" / "inetpub" / "logs" / "LogFiles" / "W3SVC1"
    evidence.mkdir(parents=True)
    (evidence / "u_ex210305.log").write_text(
        HEADER + ROW % "203.0.113.7" + "".join(STATIC % (i, "203.0.113.7") for i in range(3)),
        newline="")
    scan = ("scan", "--rules", rule, "--format", "jsonl", here / "ev")
    titles = [json.loads(line).get("title") or json.loads(line).get("rule_title")
              for line in run(*scan, *both).stdout.splitlines()]
    check("a rule on the country", sum("From a country" in str(t) for t in titles) > 0, True)
    check("no database, no match", "From a country" in run(*scan).stdout, False)

    # Verdict: JSON, text, explain.
    with_it = json.loads(run("scan", "--format", "json", here / "ev", *both).stdout)
    without = json.loads(run("scan", "--format", "json", here / "ev").stdout)
    check("some initiator", len(initiators(with_it)) > 0, True)
    check("the initiator's place", initiators(with_it)[0].get("geo"), {
        "country": "NL", "city": "Utrecht", "asn": 64500,
        "organisation": "Example \x1b[31mNet"})
    check("nothing without", any("geo" in i for i in initiators(without)), False)
    text = run("scan", here / "ev", *both).stdout
    check("text", "203.0.113.7 (Utrecht, NL, AS64500 Example" in " ".join(text.split()), True)
    check("no escape sequence", "\x1b" in text, False)
    fact = next(f["id"] for h in with_it["hosts"] for f in h["facts"]
                if f["initiators"])
    told = run("explain", *both, here / "ev", fact).stdout
    check("explain", "203.0.113.7 (Utrecht, NL" in " ".join(told.split()), True)

    # Files that are none, or damaged.
    (here / "text.mmdb").write_text("no database")
    (here / "empty.mmdb").write_bytes(b"")
    for name in ("text.mmdb", "empty.mmdb", "missing.mmdb", "."):
        result = run("scan", here / "ev", "--geoip", here / name)
        check(f"{name}: exit", result.returncode, 2)
        check(f"{name}: told", str(here / name) in result.stderr, True)
    for cut in range(0, len(CITY), 7):
        (here / "cut.mmdb").write_bytes(CITY[:cut])
        result = run("dump", "--geoip", here / "cut.mmdb", rows)
        check(f"cut at {cut}", result.returncode in (0, 2), True)
    for at in range(0, len(CITY), 3):
        bad = bytearray(CITY)
        bad[at] ^= 1 << at % 8
        (here / "bad.mmdb").write_bytes(bytes(bad))
        result = run("dump", "--geoip", here / "bad.mmdb", rows)
        check(f"flipped at {at}", result.returncode in (0, 2), True)

for problem in problems:
    print(problem)
print(f"{checks - len(problems)} passed, {len(problems)} failed")
sys.exit(1 if problems else 0)
