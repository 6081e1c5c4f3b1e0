"""The simulator, and what the connector reads from it: the rows that the views must show."""

import json
import subprocess
import urllib.request
from contextlib import contextmanager


@contextmanager
def simulator(program, *flags):
    """A running simulator: its first line, which names its addresses and configs."""
    with subprocess.Popen([program, "--control-port", "0", *flags], stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline()
            assert line, f"{program} did not start"
            yield json.loads(line)
        finally:
            process.terminate()


def command(world, verb, organisation, table, number):
    """Changes the simulated books: add, edit or delete."""
    counted = "rows" if verb == "add" else "row"
    body = json.dumps({"organisation": organisation, "table": table, counted: number}).encode()
    with urllib.request.urlopen(f"{world['control_url']}/{verb}", body) as answer:
        answer.read()


class Connector:
    def __init__(self, program, config, folder, names=None):
        """`names` are the streams to read, or none for all streams."""
        self.names = names
        self.program = program
        self.config = folder / "config.json"
        self.config.touch(mode=0o600)
        self.config.write_text(json.dumps(config))
        self.folder = folder

    def streams(self):
        """The configured streams, all read whole."""
        found = subprocess.run(
            [self.program, "discover", "--config", self.config], check=True, stdout=subprocess.PIPE, text=True
        )
        messages = [json.loads(line) for line in found.stdout.splitlines()]
        (catalog,) = [message["catalog"] for message in messages if message["type"] == "CATALOG"]
        return [
            {"stream": stream, "sync_mode": "full_refresh"}
            for stream in catalog["streams"] if not self.names or stream["name"] in self.names
        ]

    def read(self):
        """The rows of a full read by stream, one of each key: a read may send a row twice."""
        streams = self.streams()
        catalog = self.folder / "catalog.json"
        catalog.write_text(json.dumps({"streams": streams}))
        rows = {entry["stream"]["name"]: {} for entry in streams}
        keys = {entry["stream"]["name"]: keys_of(entry["stream"]) for entry in streams}
        arguments = [self.program, "read", "--config", self.config, "--catalog", catalog]
        with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
            for line in process.stdout:
                if line.startswith('{"type":"RECORD"'):
                    record = json.loads(line)["record"]
                    row = record["data"]
                    rows[record["stream"]][tuple(row.get(key) for key in keys[record["stream"]])] = row
        assert process.returncode == 0, "the connector did not read all streams"
        return {name: list(by_key.values()) for name, by_key in rows.items()}

    def sync(self, into):
        """Brings the files of `xero-source sync` up to date."""
        chosen = ["--streams", ",".join(self.names)] if self.names else ["--all"]
        subprocess.run(
            [self.program, "sync", "--config", self.config, "--out", into, *chosen],
            check=True, stdout=subprocess.DEVNULL,
        )
        return json.loads((into / "manifest.json").read_text())["streams"]


def keys_of(stream):
    return [path[0] for path in stream["source_defined_primary_key"]]
