"""A headless Chromium, driven by its DevTools protocol."""

import base64
import json
import os
import subprocess
from pathlib import Path

PROGRAMS = Path(os.environ.get("PROGRAMS", "target/debug"))
CHROMIUM = os.environ.get("CHROMIUM", "chromium")
PATIENCE = 60
# The screens of the screenshots: a name, a colour scheme, a width and a height.
SCREENS = [
    ("light", "light", 1100, 700),
    ("dark", "dark", 1100, 700),
    ("small", "light", 360, 640),
]


class Browser:
    """A Chromium that is told what to do over two pipes, by its DevTools protocol."""

    def __init__(self, profile):
        self.to_browser = os.pipe()
        self.from_browser = os.pipe()

        def connect():
            os.dup2(self.to_browser[0], 3)
            os.dup2(self.from_browser[1], 4)

        flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        quiet = ["--no-first-run", "--disable-background-networking", "--disable-component-update"]
        place = ["--remote-debugging-pipe", f"--user-data-dir={profile}", "about:blank"]
        self.process = subprocess.Popen(
            [CHROMIUM, *flags, *quiet, *place],
            preexec_fn=connect,
            pass_fds=(3, 4),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(self.to_browser[0])
        os.close(self.from_browser[1])
        self.answers = os.fdopen(self.from_browser[0], "rb", buffering=0)
        self.buffer = b""
        self.events = []
        self.number = 0
        self.session = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self.session = attached["sessionId"]
        for domain in ["Page", "Network", "Log", "Runtime"]:
            self.call(f"{domain}.enable")

    def message(self):
        while b"\0" not in self.buffer:
            received = self.answers.read(1 << 16)
            assert received, "the browser ended"
            self.buffer += received
        text, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, **params):
        self.number += 1
        request = {"id": self.number, "method": method, "params": params}
        if self.session:
            request["sessionId"] = self.session
        os.write(self.to_browser[1], json.dumps(request).encode() + b"\0")
        while True:
            message = self.message()
            if message.get("id") == self.number:
                assert "error" not in message, message
                return message["result"]
            self.events.append(message)

    def wait(self, method):
        while True:
            for at, event in enumerate(self.events):
                if event.get("method") == method:
                    return self.events.pop(at)
            self.events.append(self.message())

    def forget_loads(self):
        loads = "Page.loadEventFired"
        self.events = [event for event in self.events if event.get("method") != loads]

    def open(self, address):
        self.forget_loads()
        self.call("Page.navigate", url=address)
        self.wait("Page.loadEventFired")

    def click(self, element):
        self.forget_loads()
        self.evaluate(f"document.getElementById('{element}').click()")
        self.wait("Page.loadEventFired")

    def evaluate(self, expression):
        result = self.call("Runtime.evaluate", expression=expression)["result"]
        return result.get("value")

    def screenshot(self, path, scheme, width, height):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", features=features)
        size = {"width": width, "height": height, "deviceScaleFactor": 2, "mobile": width < 600}
        self.call("Emulation.setDeviceMetricsOverride", **size)
        image = self.call("Page.captureScreenshot", format="png")["data"]
        path.write_bytes(base64.b64decode(image))

    def all_of(self, method, *keys):
        found = []
        for event in self.events:
            if event.get("method") == method:
                value = event["params"]
                for key in keys:
                    value = value[key]
                found.append(value)
        return found

    def close(self):
        self.process.terminate()
        self.process.wait(PATIENCE)

    def screenshots(self, folder, name):
        """Takes a picture of the page on each screen. No page may be wider than its screen."""
        for shot, scheme, width, height in SCREENS:
            self.screenshot(folder / f"{name}-{shot}.png", scheme, width, height)
            width_of_page = self.evaluate("document.documentElement.scrollWidth")
            assert width_of_page <= width, f"{name} is wider than a screen of {width}"

    def assert_self_contained(self, expected=()):
        """The pages have no script, and asked for nothing from elsewhere."""
        local = ("http://127.0.0.1:", "http://localhost:", "about:", "data:", "file:")
        asked = self.all_of("Network.requestWillBeSent", "request", "url")
        assert asked and all(it.startswith(local) for it in asked), asked
        errors = self.all_of("Log.entryAdded", "entry")
        errors = [it for it in errors if it["level"] == "error"]
        errors = [it for it in errors if not any(part in it["url"] for part in expected)]
        assert not errors, errors
        scripts = self.evaluate("document.scripts.length")
        assert scripts == 0, "the page has a script"


def start_simulator(*flags):
    """Starts the simulator. Returns its process and the configs that it prints."""
    simulator = subprocess.Popen(
        [PROGRAMS / "xero-sim", *flags], stdout=subprocess.PIPE, text=True
    )
    return simulator, json.loads(simulator.stdout.readline())["configs"]
