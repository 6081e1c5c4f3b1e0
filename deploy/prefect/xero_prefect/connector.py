"""Runs the connector."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import IO, Any

from . import database
from .loader import Loader, Progress

# Lines that wait for the loader. The connector waits while there are more.
MAX_LINES = 100
TICK_SECONDS = 1.0
# The connector saves its position after SIGTERM, for which it needs seconds.
END_SECONDS = 15.0
# The message about an ended token has these words, see docs/troubleshooting.md.
TOKEN_ENDED = "The access token has ended"


class ConnectorError(Exception):
    """A verb failed."""


def program() -> str:
    return os.environ.get("XERO_SOURCE", "xero-source")


def ask(*arguments: str) -> Any:
    """Runs a verb that prints one JSON document."""
    done = subprocess.run([program(), *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ConnectorError(f"xero-source {arguments[0]}: {error_of(done)}")
    return json.loads(done.stdout)


def error_of(done: subprocess.CompletedProcess[str]) -> str:
    """Returns the error that a verb printed. The connector prints no secret in an error."""
    lines = (done.stderr or done.stdout).strip().splitlines()
    return lines[-1] if lines else f"exit code {done.returncode}"


def shard_config(settings: dict[str, Any], access: dict[str, Any]) -> dict[str, Any]:
    """Returns the config of a worker: the settings of the shard with the access token."""
    return {**settings, "credentials": access["credentials"]}


def load_shard(url: str, shard: int, flow_run: str, show: Callable[[Progress], None]) -> tuple[str, Progress]:
    """Reads the organisations of a shard from their last positions on. Returns the outcome.

    `complete`: every stream is complete. `incomplete`: some are not, and a new start would not help.
    `again`: the connector asks for a new start, for example after an outage. `renew`: its token ended, or a signal
    ended it.
    """
    with database.connect(url, f"xero-shard-{shard}") as connection:
        plan = database.shard(connection, shard)
        catalog, streams = database.catalog(connection)
        tenants = [it["id"] for it in plan["tenants"]]
        database.lock(connection, tenants)
        database.start_progress(connection, shard, flow_run)
        loader = Loader(connection, shard, flow_run, streams, tenants)
        states = database.states(connection, streams.values(), tenants)
        config = shard_config(plan["config"], database.access(connection))
        with inputs(config=config, catalog=catalog, state=states or None) as flags:
            exit_code = read([program(), "read", *flags], loader, show)
        loader.commit()
        outcome = outcome_of(exit_code, loader.progress)
        database.save_outcome(connection, shard, flow_run, outcome)
        return outcome, loader.progress


def outcome_of(exit_code: int, progress: Progress) -> str:
    if exit_code == 0:
        return "complete"
    if not progress.errors or any(TOKEN_ENDED in error for error in progress.errors):
        return "renew"  # Without an error the connector was ended by a signal.
    return "again" if progress.is_transient else "incomplete"


@contextmanager
def inputs(**documents: Any) -> Iterator[list[str]]:
    """Writes JSON files that only this user can read, and yields the flags that name them."""
    with tempfile.TemporaryDirectory(prefix="xero-shard-") as folder:  # has the mode 0700
        flags = []
        for name, document in documents.items():
            if document is not None:
                path = Path(folder) / f"{name}.json"
                path.touch(mode=0o600)
                path.write_text(json.dumps(document))
                flags += [f"--{name}", str(path)]
        yield flags


def read(command: list[str], loader: Loader, show: Callable[[Progress], None]) -> int:
    """Feeds the output of a command to the loader. Returns its exit code."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        assert process.stdout is not None
        lines: queue.Queue[str | None] = queue.Queue(MAX_LINES)
        stopped = threading.Event()
        reader = threading.Thread(target=pump, args=(process.stdout, lines, stopped), daemon=True)
        reader.start()
        try:
            while True:
                try:
                    line = lines.get(timeout=TICK_SECONDS)
                except queue.Empty:
                    loader.tick()
                else:
                    if line is None:
                        break
                    loader.feed(line)
                show(loader.progress)
        except BaseException:
            stopped.set()
            end(process)
            raise
        return process.wait()


def pump(source: IO[str], lines: queue.Queue[str | None], stopped: threading.Event) -> None:
    """Hands lines to the loader until their end, or until the loader has failed."""
    for line in chain(source, [None]):
        while not stopped.is_set():
            with suppress(queue.Full):
                lines.put(line, timeout=TICK_SECONDS)
                break


def end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
