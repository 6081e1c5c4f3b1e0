"""Runs of a shard with a program in the place of the connector, and a real PostgreSQL."""

from __future__ import annotations

import json
import os
import stat
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest
from messages import CATALOG, KINDS, record, state

from xero_prefect import connector, database
from xero_prefect.loader import Progress

Connection = psycopg.Connection[Any]
ROW = record("invoices", '{"TenantID":"a","InvoiceID":"1","UpdatedDateUTC":"t1"}')
STATE = state("invoices", {"a": {"UpdatedDateUTC": "t1"}})
PROGRAM = """#!/usr/bin/env python3
import json, os, sys, time
given = dict(zip(sys.argv[2::2], sys.argv[3::2]))
seen = {flag: json.load(open(path)) for flag, path in given.items()}
seen["mode"] = os.stat(given["--config"]).st_mode
json.dump(seen, open({seen!r}, "w"))
sys.stdout.write({output!r})
sys.stdout.flush()
time.sleep({seconds})
sys.exit({exit_code})
"""


@pytest.fixture
def shard(connection: Connection) -> None:
    database.save_catalog(connection, CATALOG, KINDS)
    settings = {"start_date": "2024-01-01", "tenant_ids": ["a"]}
    each = {"shard": 1, "expected_calls": None, "tenants": [{"id": "a", "name": "A"}]}
    database.save_shards(connection, {"shard_count": 1, "shards": [{**each, "config": settings}]})
    database.save_access(connection, {"credentials": {"access_token": "secret"}})


class Program:
    """Writes a program that prints `output`, and tells what it was given."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder = folder
        monkeypatch.setenv("XERO_SOURCE", str(folder / "program"))

    def write(self, output: str, exit_code: int = 0, seconds: float = 0) -> None:
        seen = str(self._folder / "seen")
        values = {"seen": seen, "output": output, "exit_code": exit_code, "seconds": seconds}
        path = self._folder / "program"
        text = PROGRAM
        for name, value in values.items():
            text = text.replace(f"{{{name}!r}}", repr(value)).replace(f"{{{name}}}", repr(value))
        path.write_text(text)
        path.chmod(0o700)

    @property
    def seen(self) -> Any:
        return json.loads((self._folder / "seen").read_text())


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    return Program(tmp_path, monkeypatch)


def load(url: str) -> tuple[str, Progress]:
    return connector.load_shard(url, 1, "run", lambda progress: None)


def error(failure_type: str, message: str = "It ended.") -> str:
    trace = {"type": "ERROR", "error": {"message": message, "failure_type": failure_type}}
    return json.dumps({"type": "TRACE", "trace": trace}) + "\n"


@pytest.mark.usefixtures("shard")
def test_a_run_gives_the_token_and_the_states_to_the_connector(
    url: str, program: Program, connection: Connection
) -> None:
    program.write(ROW + STATE)
    assert load(url)[0] == "complete"
    assert "--state" not in program.seen
    assert program.seen["--config"] == {
        "start_date": "2024-01-01",
        "tenant_ids": ["a"],
        "credentials": {"access_token": "secret"},
    }
    assert stat.S_IMODE(program.seen["mode"]) == 0o600
    load(url)
    assert json.dumps(program.seen["--state"]).count('"t1"') == 1
    run = database.run(connection, "run")
    assert run is not None and (run.outcome, run.row_count) == ("complete", 1)


@pytest.mark.usefixtures("shard")
@pytest.mark.parametrize(
    ("failure", "outcome"), [("transient_error", "again"), ("config_error", "incomplete")]
)
def test_only_a_transient_error_asks_for_a_new_start(
    url: str, program: Program, failure: str, outcome: str
) -> None:
    program.write(ROW + error(failure), exit_code=1)
    assert load(url)[0] == outcome


@pytest.mark.usefixtures("shard")
def test_an_ended_token_asks_for_a_new_one(url: str, program: Program) -> None:
    ended = "2 of 3 organisations cannot be read. The access token has ended: Xero accepted it before"
    program.write(ROW + error("config_error") + error("transient_error", ended), exit_code=1)
    assert load(url)[0] == "renew"


@pytest.mark.usefixtures("shard")
def test_a_connector_that_was_killed_asks_for_a_new_start_and_keeps_its_rows(
    url: str, program: Program, connection: Connection
) -> None:
    program.write(ROW + STATE, exit_code=137)
    assert load(url)[0] == "renew"
    assert connection.execute("SELECT count(*) FROM xero.invoices").fetchone() == (1,)
    assert database.positions(connection, ["a"]) != database.positions(connection, ["b"])


@pytest.mark.usefixtures("shard")
def test_a_lost_connection_ends_the_connector(
    url: str, program: Program, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xero_prefect.loader.MAX_SECONDS", 0.0)
    program.write(ROW, seconds=600)

    def cut(progress: Progress) -> None:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks"
            " WHERE locktype = 'advisory' AND granted AND pid <> pg_backend_pid()"
        )

    began = time.monotonic()
    with pytest.raises(psycopg.OperationalError):
        connector.load_shard(url, 1, "run", cut)
    assert time.monotonic() - began < connector.END_SECONDS
    run = database.run(connection, "run")
    assert run is not None and run.outcome is None


@pytest.mark.usefixtures("shard")
def test_the_files_of_a_run_are_deleted(
    url: str, program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    program.write(ROW)
    load(url)
    assert sorted(os.listdir(tmp_path)) == ["program", "seen"]
