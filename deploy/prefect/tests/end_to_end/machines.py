"""The machines of the test: this one, and network namespaces with an address of their own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

BRIDGE = "xero-bridge"
HOST = "10.99.0.1"


@dataclass(frozen=True)
class Machine:
    """Where a worker runs. Without a namespace it is this machine."""

    name: str
    namespace: str | None = None

    def command(self, command: list[str]) -> list[str]:
        return ["ip", "netns", "exec", self.namespace, *command] if self.namespace else command


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)


@contextmanager
def namespaces(count: int) -> Iterator[list[Machine]]:
    """Yields machines with an address each, which reach this one at HOST and nothing else."""
    names = [f"xero-worker-{number}" for number in range(1, count + 1)]
    try:
        ip("link", "add", BRIDGE, "type", "bridge")
        ip("address", "add", f"{HOST}/24", "dev", BRIDGE)
        ip("link", "set", BRIDGE, "up")
        for number, name in enumerate(names, 1):
            ip("netns", "add", name)
            ip("link", "add", f"xero-{number}", "type", "veth", "peer", "name", "eth0", "netns", name)
            ip("link", "set", f"xero-{number}", "master", BRIDGE, "up")
            inside = ("-n", name)
            ip(*inside, "address", "add", f"10.99.0.{10 + number}/24", "dev", "eth0")
            ip(*inside, "link", "set", "eth0", "up")
            ip(*inside, "link", "set", "lo", "up")
        yield [Machine(name, name) for name in names]
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True)
        subprocess.run(["ip", "link", "delete", BRIDGE], check=False, capture_output=True)


def reason_against_namespaces() -> str | None:
    """Returns why this machine cannot have the namespaces, or `None`."""
    if os.getuid() != 0:
        return "network namespaces need root"
    try:
        with namespaces(1) as machines:
            ping = machines[0].command(["ip", "address"])
            subprocess.run(ping, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        detail = getattr(error, "stderr", None) or str(error)
        return f"network namespaces cannot be made: {str(detail).strip()}"
    return None
