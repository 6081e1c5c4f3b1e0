"""Starts the simulated Xero, and stops it."""

import json
import os
import subprocess
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

SAMPLE_PORT = 8585
"""Where `valid_config.json` looks for Xero."""

SAMPLE_WORLD = ["--port", str(SAMPLE_PORT), "--rows", "40", "--no-limits", "--no-reports"]
"""The world that the sample files show. All of it follows from the flags. Reports are left out:
they cost a call for each month, and their keys hold the months, which move with the day."""


@contextmanager
def simulator(*flags):
    """What the simulator says of itself: its URL, the organisations, a config for each way in."""
    program = os.environ.get("XERO_SIM", ROOT / "target/release/xero-sim")
    with subprocess.Popen([program, *flags], stdout=subprocess.PIPE, text=True) as process:
        try:
            first_line = process.stdout.readline()
            assert first_line, f"{program} {' '.join(flags)} did not start"
            yield json.loads(first_line)
        finally:
            process.terminate()
