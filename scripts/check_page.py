"""Opens HTML pages in headless Chromium, with the network off, and holds them to what they promise.

At 1280 and 400 CSS pixels in light and in dark, at both ends of what is supported (360, 1600), where the
layout changes (720), and on paper: every figure is there and visible, has a name, a description, a table and JSON; nothing is
wider than the window; no text of a drawing is cut, too small, or covers another; every text has enough
contrast (WCAG 2.2 AA); and the page asks for nothing and logs nothing.

Chromium is driven over a pipe (--remote-debugging-pipe), so nothing but Python is needed; as root on
Debian or Ubuntu, a missing Chromium is installed.

Usage: check_page.py [--screenshots FOLDER] [PAGE.html...]    (without pages: the examples of crates/page, and
those that the program makes of specs that ship, of a stream, of files, and of its demonstration)
"""

import argparse
import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-extensions", "--disable-dev-shm-usage", "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND", "--remote-debugging-pipe",
)
# Width, height, colour schemes: colours do not depend on the width.
WINDOWS = (
    (1600, 900, ("light",)),
    (1280, 900, ("light", "dark")),
    (720, 900, ("light",)),
    (400, 800, ("light", "dark")),
    (360, 700, ("dark",)),
)
EXAMPLES = ("gallery", "edge_cases")
# What the program makes pages of, by the name of the page.
SAMPLE = "data/nycflights13_sample.jsonl.gz"
COMMANDS = {
    "published": ["experiment", "data/experiments/published.toml", "--seeds", "2"],
    "latency": ["experiment", "data/experiments/latency.toml", "--seeds", "2"],
    "simulate": ["simulate", "--events", "1e12", "--users", "1e9", "--shards", "3200", "--service", "50000:2"],
    "measured": ["experiment", "--input", SAMPLE, "--shards", "8,16", "--threshold", "50,100", "--repeats", "1"],
    "demo": ["demo", "--events", "50000", "--threshold", "2000"],
}
TIMEOUT_S = 60
CHECKS = Path(__file__).with_name("check_page.js")


def browser():
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    if not (shutil.which("apt-get") and os.geteuid() == 0):
        sys.exit("check_page.py needs Chromium: install it (on Debian: apt-get install chromium), or run as root there")
    print("installing chromium with apt-get", flush=True)
    quiet = {"stdout": subprocess.DEVNULL, "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}}
    subprocess.run(["apt-get", "update", "-q"], check=False, **quiet)
    done = subprocess.run(["apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium"], check=False, **quiet)
    if found := shutil.which("chromium"):
        return found
    sys.exit(f"apt-get install chromium ended with {done.returncode}: install Chromium by hand and try again")


class Chromium:
    """A browser of its own, spoken to over a pipe in the DevTools protocol: JSON, each ended by a NUL."""

    def __init__(self, binary, profile):
        commands, self.to = os.pipe()
        self.answers, answers = os.pipe()

        def pipes():
            # Chromium reads commands from descriptor 3 and writes to 4.
            spare = [os.dup2(end, at, inheritable=False) for end, at in ((commands, 60), (answers, 61))]
            for end, at in zip(spare, (3, 4)):
                os.dup2(end, at)

        self.process = subprocess.Popen(
            [binary, *FLAGS, f"--user-data-dir={profile}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, pass_fds=(3, 4, commands, answers), preexec_fn=pipes,
        )
        os.close(commands)
        os.close(answers)
        self.buffer, self.number, self.session, self.events = b"", 0, None, []

    def read(self):
        while b"\0" not in self.buffer:
            got = os.read(self.answers, 1 << 20)
            if not got:
                sys.exit("Chromium ended early: run it by hand with --headless to see why")
            self.buffer += got
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.to, data):]
        while True:
            answer = self.read()
            if answer.get("id") == self.number:
                if "error" in answer:
                    sys.exit(f"Chromium refused {method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def open(self, address):
        self.call("Page.navigate", url=address)
        deadline = time.monotonic() + TIMEOUT_S
        while time.monotonic() < deadline:
            if self.evaluate("document.readyState + location.href") == "complete" + address:
                return
            time.sleep(0.02)
        sys.exit(f"{address} was not there after {TIMEOUT_S} s")

    def evaluate(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in answer:
            sys.exit(f"check_page.js failed: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def attach(self):
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "Accessibility"):
            self.call(f"{domain}.enable")

    def close(self):
        self.process.terminate()
        self.process.wait(TIMEOUT_S)


def requests_and_messages(events, address):
    """What a page asked for beside itself, and what it logged."""
    for event in events:
        method, parameters = event.get("method"), event.get("params", {})
        if method == "Network.requestWillBeSent" and parameters["request"]["url"] != address:
            yield f"asks for {parameters['request']['url']}"
        elif method == "Log.entryAdded":
            yield f"logs: {parameters['entry']['text']}"
        elif method == "Runtime.consoleAPICalled":
            yield f"logs: {parameters['args']}"
        elif method == "Runtime.exceptionThrown":
            yield f"throws: {parameters['exceptionDetails']['text']}"


def names_heard(chromium):
    """Every group and picture of the accessibility tree, by name."""
    heard = {"group": [], "image": []}
    for node in chromium.call("Accessibility.getFullAXTree")["nodes"]:
        role = node.get("role", {}).get("value", "")
        name = node.get("name", {}).get("value", "")
        if role in ("group", "figure"):
            heard["group"].append(name)
        elif role in ("image", "img"):
            heard["image"].append(name)
    return heard


def screenshot(chromium, folder, page, label):
    folder.mkdir(parents=True, exist_ok=True)
    boxes = chromium.evaluate("checks.boxes()")
    for name, box in boxes.items():
        clip = {**box, "scale": 1}
        shot = chromium.call("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)
        (folder / f"{page.stem}-{label}-{name}.png").write_bytes(base64.b64decode(shot["data"]))


def check_once(chromium, page, width, height, media, scheme):
    address = page.resolve().as_uri()
    chromium.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
    chromium.call("Emulation.setEmulatedMedia", media=media,
                  features=[{"name": "prefers-color-scheme", "value": scheme}])
    chromium.open("about:blank")
    chromium.events.clear()
    chromium.call("Network.emulateNetworkConditions", offline=True, latency=0, downloadThroughput=0, uploadThroughput=0)
    chromium.open(address)
    chromium.evaluate(CHECKS.read_text(encoding="utf-8"))
    yield from chromium.evaluate(f"checks.problems({json.dumps(media)})")
    heard = names_heard(chromium)
    for title in chromium.evaluate("checks.titles()"):
        if title not in heard["group"]:
            yield f"a screen reader hears no group named {title!r}"
    for title in chromium.evaluate("checks.drawn()"):
        if title not in heard["image"]:
            yield f"a screen reader hears no picture named {title!r}"
    yield from requests_and_messages(chromium.events, address)


def check(chromium, page, screenshots):
    found = 0
    for width, height, schemes in WINDOWS:
        for scheme in schemes:
            label = f"{width}-{scheme}"
            for problem in check_once(chromium, page, width, height, "screen", scheme):
                found += 1
                print(f"{page} at {width} pixels, {scheme}: {problem}")
            if screenshots and width in (1280, 400):
                screenshot(chromium, screenshots, page, label)
            # Unfolded data must not widen the page either.
            chromium.evaluate("checks.unfold()")
            for problem in chromium.evaluate("checks.width()"):
                found += 1
                print(f"{page} at {width} pixels, {scheme}, unfolded: {problem}")
    # A4 with margins of 15 mm.
    for problem in check_once(chromium, page, 680, 1000, "print", "dark"):
        found += 1
        print(f"{page} on paper: {problem}")
    if screenshots:
        screenshot(chromium, screenshots, page, "paper")
    return found


def examples(folder):
    for name in EXAMPLES:
        page = Path(folder) / f"{name}.html"
        with page.open("wb") as out:
            subprocess.run(["cargo", "run", "--quiet", "-p", "hotshard-page", "--example", name], stdout=out, check=True)
        yield page
    for name, command in COMMANDS.items():
        page = Path(folder) / f"{name}.html"
        program = ["cargo", "run", "--release", "--quiet", "-p", "hotshard-report", "--"]
        said = subprocess.run([*program, *command, "--html", page], capture_output=True, text=True)
        if said.returncode:
            sys.exit(f"hotshard {' '.join(command)} ended with {said.returncode}: {said.stderr}")
        yield page


def main():
    parser = argparse.ArgumentParser(description="Holds HTML pages to what they promise.")
    parser.add_argument("--screenshots", type=Path, help="save pictures of every figure to this folder")
    parser.add_argument("pages", nargs="*", type=Path)
    arguments = parser.parse_args()
    binary = browser()
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        pages = arguments.pages or list(examples(folder))
        chromium = Chromium(binary, profile)
        try:
            chromium.attach()
            failed = sum(check(chromium, page, arguments.screenshots) for page in pages)
        finally:
            chromium.close()
    if failed:
        sys.exit(f"{failed} problems")
    print(f"{len(pages)} pages passed, each in windows of {', '.join(str(width) for width, *_ in WINDOWS)} pixels and on paper")


if __name__ == "__main__":
    main()
