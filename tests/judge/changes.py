"""Changed forms of a scenario, and what must hold of their verdicts.

drop      a needed source is taken away: the axis is not none_seen
refuse    every answer is a refusal and no effect is recorded: no entry above attempted
disguise  other clock, other host names, other file names, more noise: the same verdict
delete    the page is taken from the evidence: removed or written, never gone
"""
import glob
import os
import random
import shutil

import world
from compare import hosts_of
from server import MINUTE
from truth import CAMPAIGNS, NONE

V15 = "C/" + world.EX
PLACES = {  # source: what to take away, below a host's folder
    "ecp": [V15 + "Logging/ECP"], "iis-fe": ["C/inetpub/logs/LogFiles/W3SVC1"],
    "iis": ["C/inetpub/logs/LogFiles/W3SVC1"], "access": ["var/log"],
    "web": ["C/inetpub/wwwroot", V15 + "FrontEnd", V15 + "ClientAccess", "var/www",
            "C/Program Files/Common Files", "C/inetpub/SolarWinds",
            "C/Program Files (x86)/SolarWinds"],
    "rps-http": [V15 + "Logging/CmdletInfra"], "rps-cmdlet": [V15 + "Logging/CmdletInfra"],
}
PLACES.update({"hp-" + p.lower(): [V15 + "Logging/HttpProxy/" + p] for p in world.PROTOCOLS})
PLACES.update({s: ["C/Windows/System32/winevt/Logs/%s.evtx" % c.replace("/", "%4")]
               for s, c in world.CHANNELS.items()})
EFFECTS = ("ecp", "mgmt", "security", "sysmon", "application", "defender", "rps-http", "web")
SHIFT = 17 * MINUTE


def link_tree(base, folder):
    shutil.copytree(base, folder, copy_function=os.link)


def take(folder, host, source):
    for place in PLACES.get(source, ()):
        full = os.path.join(folder, host, place)
        if full.endswith(".evtx"):  # its archived weeks too
            for path in glob.glob(os.path.join(glob.escape(os.path.dirname(full)), "*")):
                if os.path.basename(full)[:-5] in os.path.basename(path):
                    os.remove(path)
        elif os.path.isdir(full):
            shutil.rmtree(full)


def states(document, only=None):
    """{(host, campaign, axis): state}; hosts by their number, so that names do not matter."""
    found = {}
    for i, h in enumerate(sorted(document["hosts"], key=lambda h: h["host"])):
        for c in h["campaigns"]:
            for axis in ("exposure", "entry", "backdoor", "action", "loss"):
                if only is None or axis in only:
                    found[(i, c["id"], axis)] = c[axis]["state"]
    return found


def check(counts, name, assay, scan, tell, write, folder, base, document, told):
    """All changes of one scenario."""
    _drop(counts, name, assay, scan, folder, base, document, told)
    _refuse(counts, name, assay, scan, folder, base)
    _disguise(counts, name, assay, scan, tell, write, folder, document)
    _delete(counts, name, assay, scan, folder, base, document, told)


def _drop(counts, name, assay, scan, folder, base, document, told):
    """Takes away one group of needed sources of each host, another for each scenario."""
    rng = random.Random("drop " + name)
    packs = {p["id"] for p in document["packs"]}
    out = os.path.join(folder, "drop")
    link_tree(base, out)
    gone = {}
    for host, h in told["hosts"].items():
        groups = [(c, a, g) for c, axes in h["needs"].items() for a, gs in axes.items()
                  for g in gs if c in packs and h["campaigns"].get(c) and
                  h["campaigns"][c][a]["accept"] != list(NONE)]
        if groups:
            gone[host] = rng.choice(groups)
            for source in gone[host][2]:
                take(out, host, source)
    if not gone:
        return
    changed = scan(assay, out)
    for host, (_, _, group) in gone.items():
        for h in changed["hosts"]:
            if h["host"].split(".")[0] != host:
                continue
            for c in h["campaigns"]:
                for axis, groups in CAMPAIGNS.get(c["id"], (0, 0, 0, {}))[3].items():
                    want = told["hosts"][host]["campaigns"].get(c["id"])
                    if not want or set(want[axis]["accept"]) == set(NONE):
                        continue
                    if any(set(g) <= set(group) for g in groups):
                        held = c[axis]["state"] != "none_seen"
                        if not counts.pair("change drop", held):
                            counts.comfort.append([name + " without " + "+".join(group), host,
                                                   c["id"], axis])
    shutil.rmtree(out)


def _refuse(counts, name, assay, scan, folder, base):
    out = os.path.join(folder, "refuse")
    shutil.copytree(base, out)
    for host in os.listdir(out):
        for source in EFFECTS:
            take(out, host, source)
        take(out, host, "temp")
        shutil.rmtree(os.path.join(out, host, "C/Windows"), ignore_errors=True)
        shutil.rmtree(os.path.join(out, host, V15 + "Logging/OABGeneratorLog"), ignore_errors=True)
        shutil.rmtree(os.path.join(out, host, V15 + "Logging/Ews"), ignore_errors=True)
    for path, _, names in os.walk(out):
        for n in names:
            if n.lower().endswith(".log"):
                _refuse_file(os.path.join(path, n))
    changed = scan(assay, out)
    for h in changed["hosts"]:
        for c in h["campaigns"]:
            low = c["entry"]["state"] not in ("reached", "exploited")
            if not counts.pair("change refuse", low):
                counts.errors.append([name, h["host"], "refused, " + c["id"] + " entry",
                                      c["entry"]["state"], "at most attempted"])
    shutil.rmtree(out)


def _refuse_file(path):
    """Rewrites the statuses of one log."""
    with open(path, encoding="utf-8", newline="") as handle:
        lines = handle.read().split("\n")
    if "HttpProxy" in path:
        lines = [_refuse_proxy(x) for x in lines]
    elif "W3SVC" in path:
        lines = [_refuse_iis(x) for x in lines]
    elif "access" in path:
        lines = [x.replace('" 200 ', '" 404 ') for x in lines]
    else:
        return
    with open(path, "w", encoding="utf-8", newline="") as out:
        out.write("\n".join(lines))


def _refuse_iis(line):
    cells = line.split(" ")
    if line.startswith("#") or len(cells) < 15:
        return line
    cells[11] = "404"
    return " ".join(cells)


STATUS, BACKEND, SIZE = (world.COLUMN[n] for n in ("HttpStatus", "BackEndStatus",
                                                  "ResponseBytes"))


def _refuse_proxy(line):
    if line.startswith(("#", "\ufeff")) or '"' in line:
        return line
    cells = line.split(",")
    if len(cells) > SIZE:
        cells[STATUS], cells[BACKEND], cells[SIZE] = "404", "", ""
    return ",".join(cells)


def _disguise(counts, name, assay, scan, tell, write, folder, document):
    """Told anew with another clock and other names; files renamed, noise added."""
    out = os.path.join(folder, "disguise")
    world.DISGUISE.update(shift=SHIFT, prefix="Z")
    try:
        write(tell(name), out)
    finally:
        world.DISGUISE.clear()
    for path, _, names in os.walk(out):
        for i, n in enumerate(sorted(names, reverse=True)):
            if n.lower().endswith(".log") and ("HttpProxy" in path or "W3SVC" in path):
                os.rename(os.path.join(path, n), os.path.join(path, "%04d_%s" % (i, n)))
    for host in os.listdir(out):
        drive = os.path.join(out, host, "C")
        place = drive if os.path.isdir(drive) else os.path.join(out, host, "var")
        with open(os.path.join(place, "notes.txt"), "w", encoding="utf-8") as note:
            note.write("Collected by hand. cmd.exe /c whoami was not run.\n")
    changed = scan(assay, out)
    was, now = states(document), states(changed)
    differ = {k: (was.get(k), now.get(k)) for k in {*was, *now} if was.get(k) != now.get(k)}
    if not counts.pair("change disguise", not differ):
        counts.errors.append([name, "", "disguised", str(differ), "the same verdict"])
    shutil.rmtree(out)


def _delete(counts, name, assay, scan, folder, base, document, told):
    """Takes away the pages of which there are other records too."""
    gone = []
    for host, h in told["hosts"].items():
        for c, axes in h["campaigns"].items():
            for item in (axes or {}).get("backdoor", {}).get("items", ()) if axes else ():
                if item["presence"] == "present" and (item["first_use"] or item["written"]):
                    gone.append((host, c, item))
    if not gone:
        return
    out = os.path.join(folder, "delete")
    link_tree(base, out)
    for host, _, item in gone:
        base_name = item["where"].rsplit("/", 1)[1].lower()
        for path, _, names in os.walk(os.path.join(out, host)):
            for n in names:
                if n.lower() == base_name:
                    os.remove(os.path.join(path, n))
    changed = scan(assay, out)
    packs = {p["id"] for p in document["packs"]}
    for host, campaign, item in gone:
        if campaign not in packs:
            continue
        base_name = item["where"].rsplit("/", 1)[1].lower()
        items = [i for h in [hosts_of(changed, told).get(host)] if h
                 for c in h["campaigns"] for i in c["backdoor"].get("items", ())
                 if (i["where"] or "").lower().replace("\\", "/").endswith(base_name)]
        held = items and items[0]["presence"]["state"] in ("removed", "unknown")
        if not counts.pair("change delete", held):
            counts.errors.append([name, host, "page deleted: " + item["where"],
                                  [i["presence"] for i in items], "removed or unknown"])
    shutil.rmtree(out)
