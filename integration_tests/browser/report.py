"""Looks at the report of a sync in a headless Chromium, in light and dark and on a small screen.

    report.py FOLDER

FOLDER gets the screenshots. The programs are those of target/debug, or of the folder in PROGRAMS.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from chromium import CHROMIUM, PATIENCE, PROGRAMS, Browser, start_simulator


def sync(config, work):
    """Syncs with a report. Returns the table that the sync prints."""
    flags = ["--config", config, "--out", f"{work}/books", "--report", f"{work}/report.html"]
    environment = {"PATH": os.environ["PATH"], "XERO_SOURCE_PAUSE_CAP_MS": "20"}
    done = subprocess.run(
        [PROGRAMS / "xero-source", "sync", *flags],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=5 * PATIENCE,
        env=environment,
    )
    return done.stdout


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    flags = ["--rows", "300", "--tenants", "3", "--no-limits"]
    simulator, configs = start_simulator(*flags)
    with tempfile.TemporaryDirectory() as work:
        browser = Browser(f"{work}/profile")
        try:
            config = f"{work}/config.json"
            # Without an organisation of its own, it reads all of them.
            chosen = {**configs[0], "tenant_id": None}
            Path(config).write_text(json.dumps(chosen))
            Path(config).chmod(0o600)
            table = sync(config, work)

            browser.open(f"file://{work}/report.html")
            browser.screenshots(folder, "report")
            text = browser.evaluate("document.body.innerText")
            rows = table.split("Saved ")[1].split(" rows")[0]
            for words in [rows, "3 organisations", "Demo Company (NZ)", "What the next sync costs"]:
                assert words in text, f"{words} is not in the report: {text}"
            browser.assert_self_contained()
        finally:
            browser.close()
            simulator.terminate()
            simulator.wait(PATIENCE)
    print(f"looked at a report with {CHROMIUM}; the screenshots are in {folder}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
