"""PyAirbyte reads the connector into DuckDB, twice, and SQL says what arrived."""

import os

# Before PyAirbyte is imported: no look into a registry, no telemetry.
os.environ["AIRBYTE_OFFLINE_MODE"] = "1"
os.environ["DO_NOT_TRACK"] = "1"

import airbyte
import pytest
from airbyte.caches import DuckDBCache

from connector import BINARY, configured
from simulator import simulator

ROWS = 250
"""More than two pages of the lists that Xero pages by a hundred. With the others at a thousand
a page, a read of everything stays below what the connector asks in a minute."""

TYPES = {
    ("invoices", "invoiceid"): "VARCHAR",
    ("invoices", "date"): "DATE",
    ("invoices", "updateddateutc"): "TIMESTAMP",
    ("invoices", "total"): "DECIMAL",
    ("invoices", "lineitems"): "JSON",
    ("journals", "journalnumber"): "BIGINT",
    ("accounts", "tenantid"): "VARCHAR",
}
"""How a column's type begins."""


@pytest.fixture(scope="module")
def world():
    with simulator("--rows", str(ROWS), "--no-limits", "--no-reports") as started:
        yield started["configs"][0]


def test_two_reads(connector, world, tmp_path, monkeypatch):
    # For an image PyAirbyte makes a folder where it runs.
    monkeypatch.chdir(tmp_path)
    # With fewer calls the second sync would go on with what hangs on documents.
    world = {**world, "max_calls_per_sync": 100_000}
    catalog = configured(connector.run("discover", config=world))
    counted = connector.run("read", config=world, catalog=catalog)
    expected = {}
    for record in counted.records():
        expected[record["stream"]] = expected.get(record["stream"], 0) + 1
    assert expected["invoices"] == ROWS
    assert expected["journals"] > ROWS  # of all documents that are posted

    how = {"local_executable": BINARY}
    if connector.image:
        how = {"docker_image": connector.image, "use_host_network": True}
    source = airbyte.get_source("source-xero", config=world, **how)
    source.check()
    assert set(expected) <= set(source.get_available_streams())
    source.select_all_streams()
    cache = DuckDBCache(db_path=tmp_path / "xero.duckdb")
    source.read(cache=cache)
    with cache.get_sql_engine().connect() as sql:
        for stream, count in expected.items():
            table = f'{cache.schema_name}."{stream}"'
            assert sql.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() == count, stream
        columns = sql.exec_driver_sql(
            "SELECT table_name, column_name, data_type FROM information_schema.columns"
        ).fetchall()
    types = {(table, column): kind for table, column, kind in columns}
    for column, kind in TYPES.items():
        assert types[column].startswith(kind), (column, types[column])

    # Nothing has changed: only streams without a cursor come again.
    whole = [s["stream"]["name"] for s in catalog["streams"] if s["sync_mode"] == "full_refresh"]
    second = source.read(cache=cache)
    assert second.processed_records == sum(expected.get(stream, 0) for stream in whole)
    with cache.get_sql_engine().connect() as sql:
        for stream, count in expected.items():
            table = f'{cache.schema_name}."{stream}"'
            assert sql.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() == count, stream
