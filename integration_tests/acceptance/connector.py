"""Runs the connector, as a program or as an image, and keeps what it printed."""

import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from simulator import ROOT

BINARY = Path(os.environ.get("XERO_SOURCE", ROOT / "target/release/xero-source")).resolve()

LONGEST_RUN = 300
"""Seconds. Most take less than one, but a read of more calls than Xero's minute allows waits."""


@dataclass
class Run:
    """One run: the verb, what it printed, how it ended."""

    verb: str
    stdout: str
    stderr: str
    code: int

    @property
    def messages(self):
        return [json.loads(line) for line in self.stdout.splitlines()]

    def of_type(self, kind):
        return [message for message in self.messages if message["type"] == kind]

    def records(self, stream=None):
        records = [message["record"] for message in self.of_type("RECORD")]
        return [record for record in records if stream in (None, record["stream"])]

    def errors(self):
        traces = [message["trace"] for message in self.of_type("TRACE")]
        return [trace["error"] for trace in traces if trace["type"] == "ERROR"]

    def last_states(self):
        """The last state of each stream, as platforms hand them in again."""
        last = {}
        for message in self.of_type("STATE"):
            last[message["state"]["stream"]["stream_descriptor"]["name"]] = message["state"]
        return list(last.values())


class Connector:
    """The binary, or the image if there is one."""

    def __init__(self, image=None):
        self.image = image

    def run(self, verb, **files):
        """Runs a verb; files are JSON values, or paths of files that stay where they are."""
        with tempfile.TemporaryDirectory() as folder:
            # The image's user is not the one who made the folder.
            os.chmod(folder, 0o755)
            arguments = [verb]
            for flag, content in files.items():
                file = Path(folder) / f"{flag}.json"
                if isinstance(content, Path):
                    shutil.copy(content, file)
                else:
                    file.write_text(json.dumps(content))
                file.chmod(0o644)
                arguments += [f"--{flag}", str(file)]
            command = [*self._program(folder), *arguments]
            done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_RUN)
        return Run(verb, done.stdout, done.stderr, done.returncode)

    def _program(self, folder):
        if self.image is None:
            return [str(BINARY)]
        mount = f"{folder}:{folder}:ro"
        return ["docker", "run", "--rm", "--network", "host", "-v", mount, self.image]


def configured(run, mode=None):
    """The catalog of a `discover`, all of its streams configured, incremental where they can."""
    streams = []
    for stream in run.of_type("CATALOG")[0]["catalog"]["streams"]:
        streams.append(
            {
                "stream": stream,
                "sync_mode": mode or stream["supported_sync_modes"][-1],
                "destination_sync_mode": "append",
            }
        )
    return {"streams": streams}
