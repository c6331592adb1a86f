#!/usr/bin/env python3
"""What is installed, and where; that the Debian package asks for what the build needs.

usage: test_install.py ASSAY SOURCE BUILD
"""
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ASSAY, SOURCE, BUILD = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
failures = 0


def check(what, holds, seen=""):
    global failures
    if not holds:
        failures += 1
        print(f"{what}: {seen!r}")


def the_usual_places(folder):
    done = subprocess.run(["meson", "install", "-C", str(BUILD), "--no-rebuild", "--destdir",
                           str(folder)], capture_output=True, text=True, timeout=120)
    check("meson install", done.returncode == 0, done.stdout[-500:] + done.stderr[-500:])
    found = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
    programs = [p for p in found if p.endswith("bin/assay")]
    check("one program", len(programs) == 1, programs)
    prefix = programs[0][:-len("bin/assay")]
    table = json.loads(subprocess.run([ASSAY, "help", "--dump"], capture_output=True).stdout)
    pages = {f"{prefix}share/man/man1/assay-{c['name'].replace(' ', '-')}.1"
             for c in table["commands"]} | {f"{prefix}share/man/man1/assay.1"}
    check("a page for each command", pages == {p for p in found if "/man/" in p},
          pages ^ {p for p in found if "/man/" in p})
    for place in ("share/bash-completion/completions/assay", "share/zsh/site-functions/_assay",
                  "share/fish/vendor_completions.d/assay.fish", "share/doc/assay/README.md",
                  "share/doc/assay/CHANGELOG.md", "share/doc/assay/docs/verdict.md",
                  "share/doc/assay/docs/schema/verdict-1.json"):
        check(place, prefix + place in found, sorted(found)[:5])
    known = ("bin/assay", "share/man/", "share/doc/assay/", "share/bash-completion/", "share/zsh/",
             "share/fish/")
    odd = [p for p in found if not p[len(prefix):].startswith(known)]
    check("nothing else", not odd, odd)
    said = subprocess.run([str(folder / programs[0]), "version"], capture_output=True, text=True)
    check("it runs from there", said.returncode == 0 and said.stdout.startswith("assay "), said)
    check("its packs are with it", "pack exchange-proxylogon" in said.stdout, said.stdout)


def the_package_asks_for_what_the_build_needs():
    version = re.search(r"version: '([^']+)'", (SOURCE / "meson.build").read_text()).group(1)
    packaged = (SOURCE / "packaging/debian/changelog").read_text().split("(")[1].split(")")[0]
    check("one version", version == packaged, (version, packaged))
    needed = {line.split()[1] for line in (SOURCE / "tools/debian-packages.txt").read_text()
              .splitlines() if line.startswith("build ")}
    control = (SOURCE / "packaging/debian/control").read_text()
    depends = control.split("Build-Depends:")[1].split("Standards-Version")[0]
    asked = {re.split(r"[ (:]", d.strip())[0] for d in depends.split(",")}
    usual = {"gcc", "libc6-dev", "ninja-build"} # build-essential, and what meson brings
    check("build needs", needed - usual == asked - {"debhelper-compat"},
          (needed - usual) ^ (asked - {"debhelper-compat"}))


def main():
    the_package_asks_for_what_the_build_needs()
    if shutil.which("meson"):
        with tempfile.TemporaryDirectory(prefix="assay-install-") as folder:
            the_usual_places(Path(folder))
    print(f"{failures} failures")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
