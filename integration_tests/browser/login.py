"""Logs in with a headless Chromium against the simulator: the consent page, and the page on which the
browser ends, in light and dark and on a small screen.

    login.py FOLDER

FOLDER gets the screenshots. The programs are those of target/debug, or of the folder in PROGRAMS.
"""

import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from chromium import CHROMIUM, PATIENCE, PROGRAMS, Browser, start_simulator


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def login(config, url, client_id, port):
    """Starts `login`, and returns the process and the address that it prints."""
    flags = ["--config", config, "--client-id", client_id, "--port", str(port)]
    urls = ["--api-url", url, "--identity-url", url, "--timeout", str(PATIENCE)]
    process = subprocess.Popen(
        [PROGRAMS / "xero-source", "login", *flags, *urls],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={"PATH": os.environ["PATH"]},
    )
    for line in process.stderr:
        if "/identity/connect/authorize?" in line:
            return process, line.strip()
    raise AssertionError("login printed no address")


def end(browser, process, button, folder, name):
    """Clicks through the consent page, and looks at the page on which the browser ends."""
    browser.click("login")
    assert browser.evaluate("document.getElementById('allow') !== null")
    browser.click(button)
    address = browser.evaluate("location.href")
    assert address.startswith("http://localhost:"), address
    browser.screenshots(folder, f"login-{name}")
    text = browser.evaluate("document.body.innerText")
    rest = process.stderr.read()
    return text, process.wait(PATIENCE), rest


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    redirect = f"http://localhost:{port}/callback"
    flags = ["--rows", "10", "--tenants", "3", "--connected", "1", "--redirect-uri", redirect]
    simulator, configs = start_simulator(*flags)
    with tempfile.TemporaryDirectory() as work:
        browser = Browser(f"{work}/profile")
        try:
            pkce = [
                config
                for config in configs
                if "refresh_token" in config.get("credentials", {})
                and not config["credentials"].get("client_secret")
            ]
            url, client_id = pkce[0]["api_url"], pkce[0]["credentials"]["client_id"]
            config = f"{work}/config.json"

            process, address = login(config, url, client_id, port)
            browser.open(address)
            text, code, rest = end(browser, process, "cancel", folder, "denied")
            assert "Not connected" in text and "was not allowed" in text, text
            assert code == 1 and not Path(config).exists(), rest

            process, address = login(config, url, client_id, port)
            browser.open(address)
            text, code, rest = end(browser, process, "allow", folder, "connected")
            assert "Connected to Xero" in text and "terminal" in text, text
            assert code == 0 and Path(config).exists(), rest

            browser.assert_self_contained(["/favicon.ico", "error=access_denied"])
        finally:
            browser.close()
            simulator.terminate()
            simulator.wait(PATIENCE)
    print(f"logged in with {CHROMIUM}; the screenshots are in {folder}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
