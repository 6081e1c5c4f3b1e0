"""The processes of the test: the simulator, the Prefect server, the workers and the forwarders."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from machines import Machine
from postgres import free_port

FORWARDER = Path(__file__).with_name("forwarder.py")
BIN = Path(sys.executable).parent
# A server that is started again must know who holds the slots of a concurrency limit.
LEASES = "prefect.server.concurrency.lease_storage.filesystem"


def wait(what: str, seconds: float, is_done: Callable[[], Any]) -> Any:
    """Asks until the answer is true."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if answer := is_done():
            return answer
        time.sleep(0.5)
    raise TimeoutError(f"{what} did not happen in {seconds:.0f} s")


def get(url: str) -> bytes | None:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            body: bytes = answer.read()
            return body
    except (urllib.error.URLError, OSError):
        return None


def start(command: list[str], log: Path, **environment: str) -> subprocess.Popen[bytes]:
    """Starts a process that no signal of the terminal reaches."""
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, **environment},
        )


def descendants(pid: int) -> list[int]:
    """Returns a process and everything that it started, the children after their parents."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
                children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [pid]
    for parent in found:
        found += children.get(parent, [])
    return found


def kill(process: subprocess.Popen[bytes]) -> None:
    """Ends a process and everything that it started at once, as a power failure does."""
    for pid in descendants(process.pid):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()


@contextmanager
def running(command: list[str], log: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    process = start(command, log, **environment)
    try:
        yield process
    finally:
        kill(process)


@dataclass(frozen=True)
class Simulator:
    """A simulated Xero. The calls of every worker pass a forwarder that writes them down."""

    control_url: str
    config: Path
    # As `config`, straight to the simulator.
    straight: Path
    tenant_ids: list[str]
    calls: Path

    def command(self, name: str, **arguments: Any) -> None:
        body = json.dumps(arguments).encode()
        urllib.request.urlopen(f"{self.control_url}/{name}", body, timeout=30).read()


@contextmanager
def simulator(
    program: str, folder: Path, host: str, machines: list[Machine], *flags: str
) -> Iterator[Simulator]:
    with ExitStack() as stack:
        configs, log = folder / "configs", folder / "simulator.log"
        port, via = free_port(), free_port()
        command = [program, "--port", str(port), "--control-port", "0", *flags]
        stack.enter_context(running([*command, "--write-configs", str(configs)], log))
        wait("the simulator", 60, lambda: log.exists() and log.read_text().endswith("}\n"))
        about = json.loads(log.read_text().splitlines()[0])
        calls = folder / "calls.txt"
        for address in {"127.0.0.1", host}:
            forward = [sys.executable, str(FORWARDER), f"{address}:{via}", f"127.0.0.1:{port}"]
            stack.enter_context(running([*forward, str(calls)], folder / "forwarder.log"))
        for machine in machines:
            if machine.namespace:
                inside = [sys.executable, str(FORWARDER), f"127.0.0.1:{via}", f"{host}:{via}"]
                log = folder / f"forwarder-{machine.name}.log"
                stack.enter_context(running(machine.command(inside), log))
        straight = configs / "access_token.json"
        config = folder / "config.json"
        text = (configs / "web_app.json").read_text()
        config.write_text(text.replace(f"127.0.0.1:{port}", f"127.0.0.1:{via}"))
        config.chmod(0o600)
        yield Simulator(about["control_url"], config, straight, about["tenant_ids"], calls)


@dataclass
class Prefect:
    """A Prefect server that can be killed and started again."""

    api_url: str
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes]

    def restart(self) -> None:
        kill(self.process)
        self.process = start_server(self.api_url, self.log, self.environment)


def start_server(api_url: str, log: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    host, port = api_url.removeprefix("http://").removesuffix("/api").rsplit(":", 1)
    command = [str(BIN / "prefect"), "server", "start", "--host", host, "--port", port]
    process = start(command, log, **environment)
    wait("the Prefect server", 120, lambda: get(f"{api_url}/health"))
    return process


@contextmanager
def prefect(folder: Path, host: str, database: str) -> Iterator[Prefect]:
    api_url = f"http://{host}:{free_port(host)}/api"
    environment = {
        "PREFECT_HOME": str(folder / "server"),
        "PREFECT_API_DATABASE_CONNECTION_URL": database,
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": LEASES,
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }
    log = folder / "server.log"
    server = Prefect(api_url, environment, log, start_server(api_url, log, environment))
    try:
        yield server
    finally:
        kill(server.process)


def start_worker(
    machine: Machine, pool: str, limit: int, log: Path, environment: dict[str, str]
) -> subprocess.Popen[bytes]:
    command = [str(BIN / "prefect"), "worker", "start", "--type", "process", "--pool", pool]
    named = ["--name", f"{machine.name}-{pool}", "--limit", str(limit)]
    home = str(log.with_suffix(""))
    return start(machine.command([*command, *named]), log, **{**environment, "PREFECT_HOME": home})
