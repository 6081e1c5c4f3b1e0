"""Compares the tables with what one plain run of the connector reads from the simulator."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from services import Simulator

from xero_prefect import database

# When a report was read. Everything else of a row must be equal.
READ_AT = {"report_balance_sheet": {"UpdatedDateUTC"}}


def compare(
    program: str, simulator: Simulator, folder: Path, streams: str, url: str, without: set[str]
) -> int:
    """Returns the number of rows. Fails at the first stream that differs."""
    expected = plain_read(program, simulator, folder, streams)
    total = 0
    with database.connect(url) as connection:
        for stream, rows in sorted(expected.items()):
            query = f'SELECT row::text FROM xero."{stream}" WHERE NOT tenant_id = ANY (%s)'
            found = sorted(
                canonical(stream, json.loads(row[0])) for row in connection.execute(query, (sorted(without),))
            )
            wanted = sorted(canonical(stream, it) for it in rows if it["TenantID"] not in without)
            assert_equal(stream, found, wanted)
            total += len(found)
    return total


def plain_read(
    program: str, simulator: Simulator, folder: Path, streams: str
) -> dict[str, list[dict[str, Any]]]:
    catalog = folder / "plain-catalog.json"
    with catalog.open("wb") as output:
        command = [program, "catalog", "--streams", streams, "--full-refresh"]
        subprocess.run(command, check=True, stdout=output)
    files = ["--config", str(simulator.straight), "--catalog", str(catalog)]
    messages = folder / "plain.jsonl"
    with messages.open("wb") as output, (folder / "plain.log").open("wb") as log:
        # An organisation that fails is compared by nobody.
        subprocess.run([program, "read", *files], check=False, stdout=output, stderr=log)
    rows: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in streams.split(",")}
    keys = {it["stream"]["name"]: it["primary_key"] for it in read_json(catalog)["streams"]}
    for stream, row in records(messages):
        key = json.dumps([row["TenantID"], *(row.get(field[0]) for field in keys[stream])])
        rows[stream][key] = row
    return {stream: list(of_key.values()) for stream, of_key in rows.items()}


def records(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            message = json.loads(line)
            if message["type"] == "RECORD":
                yield message["record"]["stream"], message["record"]["data"]


def read_json(path: Path) -> Any:
    return json.loads(path.read_text())


def canonical(stream: str, row: dict[str, Any]) -> str:
    ignored = READ_AT.get(stream, set())
    return json.dumps({key: row[key] for key in row if key not in ignored}, sort_keys=True)


def assert_equal(stream: str, found: list[str], wanted: list[str]) -> None:
    if found != wanted:
        more, fewer = set(found) - set(wanted), set(wanted) - set(found)
        raise AssertionError(
            f"{stream}: {len(found)} rows instead of {len(wanted)}, {len(more)} wrong, {len(fewer)}"
            f" missing: {sorted(more)[:1]} instead of {sorted(fewer)[:1]}"
        )
