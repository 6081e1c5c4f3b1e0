"""A PostgreSQL server of the tests' own, on a free port."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg


def programs() -> Path:
    """Returns the folder of `initdb`, which Debian does not put on the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb") or (str(found[-1]) if found else None)
    if on_path is None:
        raise FileNotFoundError("there is no PostgreSQL: install the package postgresql")
    return Path(on_path).parent


def free_port(address: str = "127.0.0.1") -> int:
    with socket.socket() as probe:
        probe.bind((address, 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def server(addresses: Sequence[str] = ("127.0.0.1",)) -> Iterator[int]:
    """Yields the port. Everybody who can reach one of the addresses is let in as the user xero."""
    port = free_port()
    # PostgreSQL does not run as root.
    user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    folder = Path(tempfile.mkdtemp(prefix="xero-postgres-"))
    data = folder / "data"
    control = [*user, str(programs() / "pg_ctl"), "-D", str(data), "-w"]
    try:
        if user:
            shutil.chown(folder, "postgres")
        initdb = [*user, str(programs() / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust"]
        quietly([*initdb, "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"])
        with (data / "pg_hba.conf").open("a") as allowed:
            allowed.writelines(f"host all all {it}/24 trust\n" for it in addresses)
        options = f"-p {port} -h {','.join(addresses)} -k '' -c fsync=off -c max_connections=200"
        quietly([*control, "-o", options, "-l", str(folder / "log"), "start"])
        try:
            # As in the README: an owner of databases, not a superuser.
            with psycopg.connect(f"postgresql://postgres@127.0.0.1:{port}/postgres") as connection:
                connection.execute("CREATE ROLE xero LOGIN CREATEDB")
            yield port
        finally:
            quietly([*control, "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def quietly(command: list[str]) -> None:
    # The server keeps stdout open, so it must not be a pipe that somebody reads to its end.
    subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL)
