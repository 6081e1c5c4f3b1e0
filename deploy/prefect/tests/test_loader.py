"""The loader, with messages as the connector prints them and a real PostgreSQL."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest
from messages import CATALOG, KINDS, record, state, status

from xero_prefect import database
from xero_prefect.loader import Loader, Unloadable

Connection = psycopg.Connection[Any]


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def loader(url: str, clock: Clock) -> Loader:
    """A loader with a connection of its own, which only sees what is committed from outside."""
    own = database.connect(url)
    database.save_catalog(own, CATALOG, KINDS)
    database.start_progress(own, 1, "run")
    _, streams = database.catalog(own)
    return Loader(own, 1, "run", streams, ["a", "b"], clock)


def rows(connection: Connection, stream: str) -> list[str]:
    query = f'SELECT row::text FROM xero."{stream}" ORDER BY tenant_id, key'  # noqa: S608
    return [row[0] for row in connection.execute(query).fetchall()]


def saved(connection: Connection, stream: str, tenant: str) -> Any:
    row = connection.execute(
        "SELECT entry FROM xero_sync.state WHERE stream = %s AND tenant_id = %s", (stream, tenant)
    ).fetchone()
    return row and row[0]


def invoice(number: str, at: str, **fields: Any) -> str:
    row = {"TenantID": "a", "InvoiceID": number, "UpdatedDateUTC": at, **fields}
    return record("invoices", json.dumps(row))


def line(number: str, item: str, at: str) -> str:
    row = {"TenantID": "a", "InvoiceID": number, "LineItemID": item, "UpdatedDateUTC": at}
    return record("invoice_line_items", json.dumps(row))


def test_rows_and_the_state_behind_them_are_committed_together(
    loader: Loader, clock: Clock, connection: Connection
) -> None:
    loader.feed(invoice("1", "t1"))
    loader.feed(state("invoices", {"a": {"UpdatedDateUTC": "t1"}}))
    assert rows(connection, "invoices") == []
    assert saved(connection, "invoices", "a") is None
    clock.now = 6.0
    loader.feed(invoice("2", "t2"))
    assert len(rows(connection, "invoices")) == 2
    assert saved(connection, "invoices", "a") == {"UpdatedDateUTC": "t1"}


def test_a_failed_commit_leaves_neither_rows_nor_states(loader: Loader, connection: Connection) -> None:
    loader.feed(invoice("1", "t1"))
    loader.feed(state("invoices", {"a": {"UpdatedDateUTC": "t1"}}))
    connection.execute(
        "ALTER TABLE xero_sync.state ADD CHECK (stream <> 'invoices')"  # fails after the rows
    )
    with pytest.raises(psycopg.errors.CheckViolation):
        loader.commit()
    assert rows(connection, "invoices") == []
    assert saved(connection, "invoices", "a") is None


def test_many_bytes_are_committed_before_the_time(
    loader: Loader, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xero_prefect.loader.MAX_BYTES", 200)
    loader.feed(invoice("1", "t1"))
    assert rows(connection, "invoices") == []
    loader.feed(invoice("2", "t2"))
    assert len(rows(connection, "invoices")) == 2


def test_a_row_that_comes_again_replaces_the_row_of_its_key(loader: Loader, connection: Connection) -> None:
    loader.feed(invoice("1", "t1", Total=1))
    loader.commit()
    loader.feed(invoice("1", "t2", Total=2))
    loader.feed(invoice("1", "t3", Total=3))
    loader.commit()
    assert [json.loads(row)["Total"] for row in rows(connection, "invoices")] == [3]


def test_numbers_keep_their_digits_and_texts_their_characters(loader: Loader, connection: Connection) -> None:
    loader.feed(
        record(
            "invoices",
            r'{"TenantID":"a","InvoiceID":"1","Total":1234567890123456789.1200,'
            r'"Tab":"a\tb","Slash":"\\u0000","Nul":"x\u0000y","Māori":"ā"}',
        )
    )
    loader.commit()
    text = rows(connection, "invoices")[0]
    assert '"Total": 1234567890123456789.1200' in text
    row = json.loads(text)
    assert (row["Tab"], row["Slash"], row["Nul"]) == ("a\tb", "\\u0000", "x\ufffdy")
    assert row["Māori"] == "ā"


def test_lines_that_the_newest_version_of_a_document_lacks_are_deleted(
    loader: Loader, connection: Connection
) -> None:
    for message in (invoice("1", "t1"), line("1", "x", "t1"), line("1", "y", "t1")):
        loader.feed(message)
    loader.feed(invoice("2", "t1"))
    loader.feed(line("2", "z", "t1"))
    loader.commit()
    loader.feed(line("1", "x", "t2"))
    loader.feed(invoice("1", "t2"))
    loader.commit()
    left = [json.loads(row)["LineItemID"] for row in rows(connection, "invoice_line_items")]
    assert left == ["x", "z"]


def test_all_lines_of_a_document_without_lines_are_deleted(loader: Loader, connection: Connection) -> None:
    loader.feed(invoice("1", "t1"))
    loader.feed(line("1", "x", "t1"))
    loader.commit()
    loader.feed(invoice("1", "t2"))
    loader.commit()
    assert rows(connection, "invoice_line_items") == []


def report_line(period: str, number: str, at: str) -> str:
    row = {"TenantID": "a", "PeriodStart": None, "PeriodEnd": period, "LineID": number}
    return record("report_profit_and_loss", json.dumps({**row, "UpdatedDateUTC": at}))


def test_lines_that_the_newest_reading_of_a_period_lacks_are_deleted(
    loader: Loader, connection: Connection
) -> None:
    for message in (report_line("1", "x", "t1"), report_line("1", "y", "t1")):
        loader.feed(message)
    loader.feed(report_line("2", "x", "t1"))
    loader.commit()
    loader.feed(report_line("1", "y", "t2"))
    loader.commit()
    left = [json.loads(row) for row in rows(connection, "report_profit_and_loss")]
    assert [(row["PeriodEnd"], row["LineID"]) for row in left] == [("1", "y"), ("2", "x")]


def currency(tenant: str, code: str) -> str:
    return record("currencies", json.dumps({"TenantID": tenant, "Code": code}))


def codes(connection: Connection) -> list[tuple[str, str]]:
    found = [json.loads(row) for row in rows(connection, "currencies")]
    return [(row["TenantID"], row["Code"]) for row in found]


def test_a_complete_organisation_replaces_its_rows_and_no_others(
    loader: Loader, connection: Connection
) -> None:
    for tenant in ("a", "b", "of another shard"):
        connection.execute(
            "INSERT INTO xero.currencies VALUES (%s, 'old', '[]', '', %s)",
            (tenant, json.dumps({"TenantID": tenant, "Code": "old"})),
        )
    loader.feed(currency("a", "NZD"))
    loader.feed(currency("b", "AUD"))
    loader.commit()
    old = [(tenant, "old") for tenant in ("a", "b", "of another shard")]
    assert codes(connection) == old
    loader.feed(state("currencies", {"a": {"complete": True}}))
    loader.commit()
    assert codes(connection) == [("a", "NZD"), *old[1:]]
    # `b` failed, so it keeps its rows.
    loader.feed(status("currencies", "INCOMPLETE"))
    loader.commit()
    assert codes(connection) == [("a", "NZD"), *old[1:]]


def test_a_complete_stream_without_rows_deletes_the_rows(loader: Loader, connection: Connection) -> None:
    connection.execute("INSERT INTO xero.currencies VALUES ('b', 'old', '[]', '', '{}')")
    loader.feed(currency("a", "NZD"))
    loader.feed(state("currencies", {"a": {"complete": True}}))
    loader.commit()
    loader.feed(status("currencies", "COMPLETE"))
    loader.commit()
    assert codes(connection) == [("a", "NZD")]


def test_states_are_kept_by_organisation_and_given_to_the_shard_that_has_it(
    loader: Loader, connection: Connection
) -> None:
    _, streams = database.catalog(connection)
    assert database.states(connection, streams.values(), ["a"]) == []
    loader.feed(state("invoices", {"a": {"UpdatedDateUTC": "t1"}, "b": {"UpdatedDateUTC": "t2"}}))
    loader.feed(state("currencies", {"a": {"complete": True}}))
    loader.commit()
    states = {
        it["stream"]["stream_descriptor"]["name"]: it["stream"]["stream_state"]
        for it in database.states(connection, streams.values(), ["b", "new"])
    }
    assert states["invoices"] == {"tenants": {"b": {"UpdatedDateUTC": "t2"}}}
    assert states["currencies"] == {"tenants": {}}


def test_a_rotated_config_is_committed_at_once(loader: Loader, connection: Connection) -> None:
    config = {"credentials": {"refresh_token": "next"}}
    control = {"type": "CONNECTOR_CONFIG", "connectorConfig": {"config": config}}
    loader.feed(json.dumps({"type": "CONTROL", "control": control}))
    row = connection.execute("SELECT config FROM xero_sync.control WHERE shard = 1").fetchone()
    assert row == (config,)


def test_a_transient_error_is_kept_with_its_message(loader: Loader) -> None:
    error = {"message": "The access token ended.", "failure_type": "transient_error"}
    loader.feed(json.dumps({"type": "TRACE", "trace": {"type": "ERROR", "error": error}}))
    assert loader.progress.is_transient
    assert loader.progress.errors == ["The access token ended."]


def test_two_runs_do_not_load_one_organisation(
    url: str, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "LOCK_SECONDS", 0.1)
    other = database.connect(url)
    database.lock(other, ["a", "b"])
    with pytest.raises(database.Busy, match="organisation b"):
        database.lock(connection, ["b", "c"])
    other.close()
    monkeypatch.undo()
    database.lock(database.connect(url), ["a"])


def test_a_row_that_cannot_be_stored_names_its_stream_and_not_its_content(loader: Loader) -> None:
    loader.feed(record("invoices", '{"InvoiceID":"1","Total":1e999999,"Reference":"s3cret"}'))
    with pytest.raises(Unloadable, match="rows of invoices cannot be stored") as raised:
        loader.commit()
    assert "s3cret" not in str(raised.value)
