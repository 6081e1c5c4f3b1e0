"""A PostgreSQL server of the tests' own, on a free port of 127.0.0.1."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from xero_prefect import database


def programs() -> Path | None:
    """Returns the folder of `initdb`, which Debian does not put on the PATH."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).parent
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    folder = programs()
    if folder is None:
        pytest.fail("there is no PostgreSQL: install the package postgresql")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # PostgreSQL does not run as root.
    user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    data = Path(tempfile.mkdtemp(prefix="xero-postgres-"))
    try:
        if user:
            shutil.chown(data, "postgres")
        initdb = [*user, str(folder / "initdb"), "-D", str(data / "data"), "-U", "xero"]
        subprocess.run(
            [*initdb, "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"],
            check=True,
            capture_output=True,
            cwd="/",
        )
        options = f"-p {port} -h 127.0.0.1 -k '' -c fsync=off"
        control = [*user, str(folder / "pg_ctl"), "-D", str(data / "data"), "-w"]
        start = [*control, "-o", options, "-l", str(data / "data" / "log"), "start"]
        subprocess.run(start, check=True, stdout=subprocess.DEVNULL, cwd="/")
        yield f"postgresql://xero@127.0.0.1:{port}"
        subprocess.run([*control, "-m", "immediate", "stop"], check=True, cwd="/",
                       stdout=subprocess.DEVNULL)
    finally:
        shutil.rmtree(data, ignore_errors=True)


@pytest.fixture
def url(server: str) -> Iterator[str]:
    """An empty database with the schema."""
    name = f"test_{os.urandom(4).hex()}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    with database.connect(f"{server}/{name}") as connection:
        database.create(connection)
    yield f"{server}/{name}"


@pytest.fixture
def connection(url: str) -> Iterator[psycopg.Connection[Any]]:
    with database.connect(url) as connection:
        yield connection
