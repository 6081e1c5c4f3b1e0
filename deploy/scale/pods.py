#!/usr/bin/env python3
"""Measures what one process of xero-source needs: memory and processor time, for organisations of two sizes.

    cargo build --release
    deploy/scale/pods.py [--programs target/release] [--organisations 1,10,50] [--rows 200,10000]

Each case reads every stream but those that need a call for each document or report, first from the beginning, and then
again when nothing has changed. The simulator serves it without rate limits, so the seconds are those of the processor and
not of Xero's limits.
"""

import argparse
import json
import os
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
# Milliseconds of a call, as short as Xero answers at best. Shorter answers would arrive faster than ever in reality.
LATENCY = 50


@dataclass
class Cost:
    """What one process used, and how many records it printed."""

    seconds: float
    processor: float
    peak_mb: float
    rows: int


class Case:
    """A simulator with a config and a catalog for all its organisations."""

    def __init__(self, programs: Path, folder: Path, organisations: int, rows: int) -> None:
        self.connector, self.folder = str(programs / "xero-source"), folder
        flags = ["--tenants", organisations, "--rows", rows, "--latency", LATENCY, "--no-limits", "--no-reports"]
        command = [str(programs / "xero-sim"), *map(str, flags)]
        self.simulator = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.simulator.stdout
        config: dict[str, Any] = json.loads(self.simulator.stdout.readline())["configs"][0]
        config.pop("tenant_id")
        # Streams with a call for each document would cost as many calls as it allows, and not more with more rows.
        config["max_calls_per_sync"] = 0
        (folder / "config.json").write_text(json.dumps(config))
        os.chmod(folder / "config.json", 0o600)
        self.write_catalog()

    def write_catalog(self) -> None:
        command = [self.connector, "discover", "--config", str(self.folder / "config.json")]
        lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
        (catalog,) = [message["catalog"] for message in map(json.loads, lines) if message["type"] == "CATALOG"]
        streams = [
            {"stream": stream, "sync_mode": stream["supported_sync_modes"][-1], "destination_sync_mode": "append"}
            for stream in catalog["streams"]
        ]
        (self.folder / "catalog.json").write_text(json.dumps({"streams": streams}))

    def read(self, state: Path | None = None) -> Cost:
        command = [self.connector, "read", "--config", "config.json", "--catalog", "catalog.json"]
        command += ["--state", str(state)] if state else []
        began = time.monotonic()
        process = subprocess.Popen(command, cwd=self.folder, stdout=subprocess.PIPE)
        assert process.stdout
        rows, states = 0, []
        for line in process.stdout:
            if line.startswith(b'{"type":"RECORD"'):
                rows += 1
            elif line.startswith(b'{"type":"STATE"'):
                states.append(line)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0, f"read ended with {process.returncode}"
        (self.folder / "state.json").write_bytes(b"".join(states))
        processor = usage.ru_utime + usage.ru_stime
        return Cost(time.monotonic() - began, processor, usage.ru_maxrss / 1024, rows)

    def stop(self) -> None:
        self.simulator.terminate()
        self.simulator.wait()


def line(organisations: int, rows: int, sync: str, cost: Cost) -> str:
    numbers = f"{cost.rows:,} | {cost.peak_mb:.0f} | {cost.processor:.2f} | {cost.seconds:.1f}"
    return f"| {organisations} | {rows:,} | {sync} | {numbers} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", type=Path, default=ROOT / "target/release")
    parser.add_argument("--organisations", default="1,10,50")
    parser.add_argument("--rows", default="200,10000")
    options = parser.parse_args()
    print("| organisations | rows of each large list | sync | rows | peak MB | CPU s | wall s |")
    print("|---:|---:|---|---:|---:|---:|---:|")
    for rows in map(int, options.rows.split(",")):
        for organisations in map(int, options.organisations.split(",")):
            with tempfile.TemporaryDirectory() as folder:
                case = Case(options.programs.resolve(), Path(folder), organisations, rows)
                try:
                    print(line(organisations, rows, "first", case.read()), flush=True)
                    print(line(organisations, rows, "nothing changed", case.read(Path(folder) / "state.json")), flush=True)
                finally:
                    case.stop()


main()
