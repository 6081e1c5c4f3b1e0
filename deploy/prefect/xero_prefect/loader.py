"""Writes the output of `xero-source read` into PostgreSQL.

Rows and states wait in memory and are committed together: each transaction contains everything that the
connector wrote up to one line. A state is therefore never ahead of its rows.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

import psycopg
from psycopg.types.json import Jsonb

from . import tables
from .streams import Stream

# A commit takes at most this number of bytes of messages, and waits for at most this number of seconds.
MAX_BYTES = 8 * 1024 * 1024
MAX_SECONDS = 5.0
# PostgreSQL stores no NUL character in jsonb. An escaped backslash before `u0000` is no NUL.
NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")
MAX_ERRORS = 20


class Unloadable(Exception):
    """PostgreSQL refuses a row."""


class Clock(Protocol):
    def __call__(self) -> float: ...


@dataclass
class Progress:
    """What a run has done so far."""

    row_count: int = 0
    # The last status of each stream.
    streams: dict[str, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    # Whether the connector asks to be started again, for example because its token ended.
    is_transient: bool = False
    # The number of selected streams.
    stream_count: int = 0


class Loader:
    """Loads the output of one run of the connector, which reads the organisations `tenants`."""

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        shard: int,
        flow_run: str,
        streams: dict[str, Stream],
        tenants: Iterable[str],
        clock: Clock = time.monotonic,
    ) -> None:
        self.progress = Progress(stream_count=len(streams))
        self._connection = connection
        self._shard = shard
        self._flow_run = flow_run
        self._streams = streams
        self._tenants = list(tenants)
        self._clock = clock
        self._rows: dict[str, list[str]] = {}
        self._states: dict[str, dict[str, Any]] = {}
        # The organisations of each stream whose staged rows are all there.
        self._complete: dict[str, set[str]] = {}
        self._replaced: dict[str, set[str]] = {}
        self._control: dict[str, Any] | None = None
        self._bytes = 0
        self._committed_at = clock()
        with connection.transaction(), connection.cursor() as cursor:
            cursor.execute(tables.INBOX)
            cursor.execute(tables.WRITTEN)
            for stream in streams.values():
                if stream.overwrite:
                    tables.create_staged(cursor, stream)

    def feed(self, line: str) -> None:
        """Takes one line of the connector's output."""
        if not line.startswith("{"):
            return
        message = json.loads(line)
        match message.get("type"):
            case "RECORD":
                self._record(message["record"]["stream"], line)
            case "STATE":
                self._state(message["state"])
            case "TRACE":
                self._trace(message["trace"])
            case "CONTROL":
                self._control = message["control"]["connectorConfig"]["config"]
                self.commit()  # a refresh token works once, so the next one must not be lost
        self.tick()

    def tick(self) -> None:
        """Commits if it is time to. Call it every few seconds: a commit also shows that the run is alive."""
        if self._bytes >= MAX_BYTES or self._clock() - self._committed_at >= MAX_SECONDS:
            self.commit()

    def commit(self) -> None:
        """Writes everything that the connector has sent so far in one transaction."""
        with self._connection.transaction(), self._connection.cursor() as cursor:
            for name, lines in self._rows.items():
                self._write(cursor, self._streams[name], lines)
            for child in self._streams.values():
                if child.parent in self._rows:
                    tables.delete_old_children(cursor, child)
            for name, tenants in self._complete.items():
                tables.replace(cursor, self._streams[name], sorted(tenants))
            for name, state in self._states.items():
                self._save(cursor, name, state)
            if self._control is not None:
                self._save_control(cursor, self._control)
            self._save_progress(cursor)
        for name, tenants in self._complete.items():
            self._replaced.setdefault(name, set()).update(tenants)
        self._rows, self._states, self._complete, self._control = {}, {}, {}, None
        self._bytes = 0
        self._committed_at = self._clock()

    def _record(self, name: str, line: str) -> None:
        if "\\u0000" in line:
            line = NUL.sub(r"\1\\ufffd", line)
        self._rows.setdefault(name, []).append(line)
        self._bytes += len(line)
        self.progress.row_count += 1

    def _state(self, state: dict[str, Any]) -> None:
        name = state["stream"]["stream_descriptor"]["name"]
        entries = state["stream"]["stream_state"].get("tenants", {})
        if self._streams[name].overwrite:
            done = [tenant for tenant, entry in entries.items() if entry.get("complete") is True]
            self._mark_complete(name, done)
        else:
            self._states[name] = entries

    def _trace(self, trace: dict[str, Any]) -> None:
        if trace["type"] == "STREAM_STATUS":
            name = trace["stream_status"]["stream_descriptor"]["name"]
            status = trace["stream_status"]["status"]
            self.progress.streams[name] = status
            if status == "COMPLETE" and self._streams[name].overwrite:
                self._mark_complete(name, self._tenants)
        elif trace["type"] == "ERROR":
            error = trace["error"]
            if len(self.progress.errors) < MAX_ERRORS:
                self.progress.errors.append(error["message"])
            if error.get("failure_type") == "transient_error":
                self.progress.is_transient = True

    def _mark_complete(self, name: str, tenants: Iterable[str]) -> None:
        """Once: a later state repeats the organisations that are complete already."""
        new = set(tenants) - self._replaced.get(name, set())
        if new:
            self._complete.setdefault(name, set()).update(new)

    def _write(self, cursor: tables.Cursor, stream: Stream, lines: list[str]) -> None:
        cursor.execute("TRUNCATE inbox")
        try:
            with cursor.copy("COPY inbox (number, message) FROM STDIN") as copy:
                for number, line in enumerate(lines):
                    copy.write_row((number, line))
            tables.merge(cursor, stream)
        except (psycopg.DataError, psycopg.errors.ProgramLimitExceeded) as error:
            # Its own text may quote the row.
            raise Unloadable(f"rows of {stream.name} cannot be stored: {error.diag.message_primary}") from None
        if stream.is_report:
            tables.delete_old_lines(cursor, stream)

    def _save(self, cursor: tables.Cursor, stream: str, entries: dict[str, Any]) -> None:
        cursor.executemany(
            "INSERT INTO xero_sync.state (tenant_id, stream, entry) VALUES (%s, %s, %s)"
            " ON CONFLICT (tenant_id, stream)"
            " DO UPDATE SET entry = excluded.entry, saved_at = excluded.saved_at",
            [(tenant, stream, Jsonb(entry)) for tenant, entry in entries.items()],
        )

    def _save_control(self, cursor: tables.Cursor, config: dict[str, Any]) -> None:
        cursor.execute(
            "INSERT INTO xero_sync.control (shard, config) VALUES (%s, %s) ON CONFLICT (shard)"
            " DO UPDATE SET config = excluded.config, received_at = excluded.received_at",
            (self._shard, Jsonb(config)),
        )

    def _save_progress(self, cursor: tables.Cursor) -> None:
        progress = self.progress
        cursor.execute(
            "UPDATE xero_sync.progress SET seen_at = now(), row_count = %s, streams = %s, errors = %s"
            " WHERE shard = %s AND flow_run = %s",
            (progress.row_count, Jsonb(progress.streams), Jsonb(progress.errors), self._shard, self._flow_run),
        )
