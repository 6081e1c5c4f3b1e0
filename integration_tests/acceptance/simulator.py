"""Starts the simulated Xero, and stops it."""

import json
import os
import signal
import subprocess
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

SAMPLE_PORT = 8585
"""Where `valid_config.json` looks for Xero."""

SAMPLE_WORLD = ["--port", str(SAMPLE_PORT), "--rows", "40", "--no-limits", "--no-reports"]
"""The world that the sample files show. All of it follows from the flags. Reports are left out:
they cost a call for each month, and their keys hold the months, which move with the day."""


class Simulator(dict):
    """What the simulator says of itself: its URL, the organisations, a config for each way in."""

    def __init__(self, process):
        first_line = process.stdout.readline()
        assert first_line, f"{' '.join(map(str, process.args))} did not start"
        super().__init__(json.loads(first_line))
        self.process = process

    def served(self):
        """What it served since it was asked last: calls, refused calls, sent bytes."""
        self.process.send_signal(signal.SIGUSR1)
        return json.loads(self.process.stdout.readline())


@contextmanager
def simulator(*flags):
    """A running simulator."""
    program = os.environ.get("XERO_SIM", ROOT / "target/release/xero-sim")
    with subprocess.Popen([program, *flags], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Simulator(process)
        finally:
            process.terminate()
