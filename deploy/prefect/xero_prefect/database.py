"""Everything in PostgreSQL besides the rows: positions, shards, the catalog, access and progress."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from . import tables
from .streams import Stream, of_catalog

Connection = psycopg.Connection[Any]
# The first of the two numbers of every advisory lock here.
ORGANISATION_LOCK = 0x7865726F
# How long a run waits for the one before it.
LOCK_SECONDS = 30


class WrongEncoding(Exception):
    """The database cannot store what Xero sends."""


class Busy(Exception):
    """Another run loads an organisation of this one."""


def connect(url: str, name: str = "xero") -> Connection:
    """Connects so that a dead machine or network is noticed within about a minute, on both sides."""
    connection = psycopg.connect(
        url,
        autocommit=True,
        application_name=name,
        connect_timeout=10,
        keepalives_idle=15,
        keepalives_interval=10,
        keepalives_count=3,
        options="-c tcp_keepalives_idle=15 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3",
    )
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        connection.close()
        raise WrongEncoding(f"the database has the encoding {encoding}: create it with ENCODING 'UTF8'")
    return connection


def create(connection: Connection) -> None:
    """Creates what is missing of the schema."""
    schema = files(__package__).joinpath("schema.sql").read_text()
    with connection.transaction():
        # Of two that create at the same time, one waits.
        connection.execute("SELECT pg_advisory_xact_lock(%s, -1)", (ORGANISATION_LOCK,))
        connection.execute(schema)


def save_catalog(connection: Connection, catalog: dict[str, Any], kinds: dict[str, str]) -> None:
    """Saves the configured catalog and creates the tables of its streams."""
    streams = of_catalog(catalog, kinds)
    with connection.transaction(), connection.cursor() as cursor:
        for stream in streams.values():
            tables.create(cursor, stream)
        cursor.execute(
            "INSERT INTO xero_sync.catalog (catalog, kinds) VALUES (%s, %s) ON CONFLICT (only_row)"
            " DO UPDATE SET catalog = excluded.catalog, kinds = excluded.kinds",
            (Jsonb(catalog), Jsonb(kinds)),
        )


def catalog(connection: Connection) -> tuple[dict[str, Any], dict[str, Stream]]:
    row = connection.execute("SELECT catalog, kinds FROM xero_sync.catalog").fetchone()
    if row is None:
        raise LookupError("no catalog is saved yet")
    return row[0], of_catalog(row[0], row[1])


def save_shards(connection: Connection, answer: dict[str, Any]) -> None:
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM xero_sync.shard")
        cursor.executemany(
            "INSERT INTO xero_sync.shard (shard, expected_calls, tenants, config) VALUES (%s, %s, %s, %s)",
            [
                (it["shard"], it["expected_calls"], Jsonb(it["tenants"]), Jsonb(it["config"]))
                for it in answer["shards"]
            ],
        )


def shard(connection: Connection, number: int) -> dict[str, Any]:
    row = connection.execute(
        "SELECT tenants, config FROM xero_sync.shard WHERE shard = %s", (number,)
    ).fetchone()
    if row is None:
        raise LookupError(f"there is no shard {number}")
    return {"tenants": row[0], "config": row[1]}


def save_access(connection: Connection, config: dict[str, Any]) -> None:
    connection.execute(
        "INSERT INTO xero_sync.access (config) VALUES (%s) ON CONFLICT (only_row)"
        " DO UPDATE SET config = excluded.config, stored_at = excluded.stored_at",
        (Jsonb(config),),
    )


def access(connection: Connection) -> dict[str, Any]:
    row = connection.execute("SELECT config FROM xero_sync.access").fetchone()
    if row is None:
        raise LookupError("the token keeper has saved no access token yet")
    config: dict[str, Any] = row[0]
    return config


def states(connection: Connection, streams: Iterable[Stream], tenants: list[str]) -> list[dict[str, Any]]:
    """Returns the state file of a run. A stream that is read in full starts anew in each run."""
    streams = list(streams)
    entries: dict[str, dict[str, Any]] = {it.name: {} for it in streams}
    overwritten = [it.name for it in streams if it.overwrite]
    rows = connection.execute(
        "SELECT stream, tenant_id, entry FROM xero_sync.state"
        " WHERE tenant_id = ANY (%s) AND NOT stream = ANY (%s)",
        (tenants, overwritten),
    )
    is_first = True
    for stream, tenant, entry in rows:
        is_first = False
        if stream in entries:
            entries[stream][tenant] = entry
    if is_first:
        return []
    return [
        {
            "type": "STREAM",
            "stream": {"stream_descriptor": {"name": name}, "stream_state": {"tenants": of_tenants}},
        }
        for name, of_tenants in entries.items()
    ]


def lock(connection: Connection, tenants: Iterable[str]) -> None:
    """Locks organisations until the connection ends, so that no two runs load the same one.

    PostgreSQL unlocks them a moment after the process ends. A run that a dead machine left behind keeps them
    until the keepalives of its connection have failed.
    """
    connection.execute("SELECT set_config('lock_timeout', %s, false)", (f"{round(LOCK_SECONDS * 1000)}ms",))
    try:
        for tenant in sorted(tenants):
            connection.execute("SELECT pg_advisory_lock(%s, hashtext(%s))", (ORGANISATION_LOCK, tenant))
    except psycopg.errors.LockNotAvailable as error:
        raise Busy(f"another run loads the organisation {tenant}") from error
    connection.execute("SET lock_timeout = 0")


def start_progress(connection: Connection, shard: int, flow_run: str) -> None:
    connection.execute("DELETE FROM xero_sync.progress WHERE shard = %s", (shard,))
    connection.execute("INSERT INTO xero_sync.progress (shard, flow_run) VALUES (%s, %s)", (shard, flow_run))


def save_outcome(connection: Connection, shard: int, flow_run: str, outcome: str) -> None:
    connection.execute(
        "UPDATE xero_sync.progress SET outcome = %s, seen_at = now() WHERE shard = %s AND flow_run = %s",
        (outcome, shard, flow_run),
    )


@dataclass(frozen=True)
class Run:
    """What is known of one run of a shard."""

    seconds_since_seen: float
    row_count: int
    errors: list[str]
    outcome: str | None


def run(connection: Connection, flow_run: str) -> Run | None:
    """Returns `None` if the run has not begun to load, or another one has begun since."""
    row = connection.execute(
        "SELECT extract(epoch FROM now() - seen_at)::float, row_count, errors, outcome"
        " FROM xero_sync.progress WHERE flow_run = %s",
        (flow_run,),
    ).fetchone()
    return None if row is None else Run(*row)


def positions(connection: Connection, tenants: list[str]) -> str:
    """Returns a digest of how far organisations are read. It changes when they are read further."""
    row = connection.execute(
        "SELECT md5(coalesce(string_agg(entry::text, ',' ORDER BY tenant_id, stream), ''))"
        " FROM xero_sync.state WHERE tenant_id = ANY (%s)",
        (tenants,),
    ).fetchone()
    return str(row[0]) if row else ""
