#!/usr/bin/env python3
"""Pictures of a page, to be looked at: screens.py PAGE FOLDER [--chromium PROGRAM] [--axe FILE]
                                                        [--at SELECTOR]

Writes FOLDER/WIDTH-SCHEME.png for 1280 and 400 pixels, light and dark, and FOLDER/page.pdf, made by
a Chromium without a network. Says where the page is wider than its window, what it asked to load and
what its console told. With --axe, axe.min.js of axe-core, runs its rules over the page with all
that is folded away opened; exit status 1 where one of them finds something, the page is too wide or
loads anything.
"""
import argparse
import base64
import json
import os
import pathlib
import subprocess
import sys
import tempfile


class Browser:
    """A Chromium that is spoken to through two pipes: JSON messages, each ended by a NUL byte."""

    def __init__(self, program, profile):
        to_read, self.write_end = os.pipe()
        self.read_end, to_write = os.pipe()

        def ends():
            os.dup2(os.dup(to_read), 3)
            os.dup2(os.dup(to_write), 4)

        # The pipes are the file numbers 3 and 4 in the browser.
        self.process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
             "--remote-debugging-pipe", "--user-data-dir=" + profile, "--host-resolver-rules=MAP * ~NOTFOUND"],
            preexec_fn=ends, close_fds=False, stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(to_write)
        self.number, self.buffer, self.events = 0, b"", []

    def message(self):
        while b"\0" not in self.buffer:
            piece = os.read(self.read_end, 1 << 20)
            if not piece:
                raise SystemExit("screens: the browser has ended")
            self.buffer += piece
        text, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, session=None, **params):
        self.number += 1
        what = {"id": self.number, "method": method, "params": params}
        if session:
            what["sessionId"] = session
        os.write(self.write_end, json.dumps(what).encode() + b"\0")
        while True:
            got = self.message()
            if got.get("id") == self.number:
                if "error" in got:
                    raise SystemExit("screens: %s: %s" % (method, got["error"]["message"]))
                return got["result"]
            self.events.append(got)

    def close(self):
        self.call("Browser.close")
        self.process.wait(20)


class Tab:
    def __init__(self, browser):
        self.browser = browser
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(domain + ".enable")

    def call(self, method, **params):
        return self.browser.call(method, self.session, **params)

    def value(self, expression):
        got = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in got:
            raise SystemExit("screens: %s" % got["exceptionDetails"])
        return got["result"].get("value")

    def open(self, url, width, height, scheme):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                  mobile=False)
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.call("Page.navigate", url=url)
        while self.value("document.readyState") != "complete" or self.value("location.href") == "about:blank":
            pass


TO = """(() => { const e = document.querySelector(%s); if (!e) return 0;
for (let d = e.closest('details'); d; d = d.parentElement.closest('details')) d.open = true;
return e.getBoundingClientRect().top + scrollY })()"""

AXE = """axe.run().then(r => r.violations.map(v => v.impact + ' ' + v.id + ' (' + v.nodes.length + '): ' +
v.nodes[0].html.slice(0, 160) + ' ' + v.nodes[0].failureSummary.slice(0, 160)))"""


def picture(tab, folder, name, width, at):
    top = tab.value(TO % json.dumps(at)) if at else 0
    height = tab.value("document.documentElement.scrollHeight")
    shot = tab.call("Page.captureScreenshot", captureBeyondViewport=True,
                    clip={"x": 0, "y": top, "width": width, "scale": 1,
                          "height": min(height - top, 1400 if width > 600 else 2000)})
    (folder / (name + ".png")).write_bytes(base64.b64decode(shot["data"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("page")
    parser.add_argument("folder")
    parser.add_argument("--chromium", default="chromium")
    parser.add_argument("--axe")
    parser.add_argument("--at", help="show the page from this element on (CSS selector)")
    args = parser.parse_args()
    folder = pathlib.Path(args.folder)
    folder.mkdir(parents=True, exist_ok=True)
    url = pathlib.Path(args.page).resolve().as_uri()
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="assay-screens-", ignore_cleanup_errors=True) as profile:
        browser = Browser(args.chromium, profile)
        for width, height in ((1280, 900), (400, 800)):
            for scheme in ("light", "dark"):
                tab = Tab(browser)
                name = "%d-%s" % (width, scheme)
                tab.open(url, width, height, scheme)
                wide = tab.value("document.documentElement.scrollWidth - innerWidth")
                picture(tab, folder, name, width, args.at)
                told = []
                if args.axe:
                    tab.value("document.querySelectorAll('details').forEach(d => d.open = true)")
                    tab.value(pathlib.Path(args.axe).read_text(encoding="utf-8") + "; 0")
                    told = tab.value(AXE)
                print("%s: too wide by %d pixels; axe: %s" %
                      (name, max(wide, 0), len(told) if args.axe else "not run"))
                for line in told:
                    print("   ", line)
                wrong += (wide > 0) + len(told)
        tab = Tab(browser)
        tab.open(url, 1280, 900, "light")
        pdf = tab.call("Page.printToPDF", printBackground=True, preferCSSPageSize=True)
        (folder / "page.pdf").write_bytes(base64.b64decode(pdf["data"]))
        for event in browser.events:
            asked = event.get("params", {}).get("request", {}).get("url", "")
            if event["method"] == "Network.requestWillBeSent" and asked != url:
                wrong += 1
                print("it asked for", asked)
            if event["method"] in ("Log.entryAdded", "Runtime.consoleAPICalled"):
                print("console:", json.dumps(event["params"])[:300])
        browser.close()
    return 1 if wrong else 0


sys.exit(main())
