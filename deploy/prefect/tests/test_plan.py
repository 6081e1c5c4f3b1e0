"""The catalog, the shards and the limits of a sync."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from messages import CATALOG, KINDS, configured

from xero_prefect import database, plan
from xero_prefect.deploy import organisations_at_once
from xero_prefect.streams import of_catalog


def answer(*sizes: int) -> dict[str, Any]:
    shards = [
        {
            "shard": number,
            "expected_calls": 10 * size,
            "tenants": [{"id": f"{number}-{it}", "name": "A"} for it in range(size)],
            "config": {"start_date": "2024-01-01"},
        }
        for number, size in enumerate(sizes, 1)
    ]
    return {"shard_count": len(sizes), "shards": shards}


def test_streams_know_what_is_sent_again_as_a_whole() -> None:
    streams = of_catalog(CATALOG, KINDS)
    lines, report = streams["invoice_line_items"], streams["report_profit_and_loss"]
    assert (lines.parent, lines.group_size, lines.is_report) == ("invoices", 1, False)
    assert (report.parent, report.group_size, report.is_report) == (None, 3, True)
    assert streams["report_executive_summary"].group_size == 0
    assert streams["currencies"].overwrite and not streams["invoices"].overwrite


def test_a_child_without_its_parent_is_refused() -> None:
    alone = {"streams": [configured("invoice_line_items", ["InvoiceID", "LineItemID"])]}
    with pytest.raises(ValueError, match="invoice_line_items needs the stream invoices"):
        of_catalog(alone, KINDS)


def test_the_shards_of_the_last_answer_are_saved(connection: psycopg.Connection[Any]) -> None:
    for printed in (answer(2, 1, 3), answer(4, 2)):
        database.save_shards(connection, printed)
        for shard in printed["shards"]:
            saved = {"tenants": shard["tenants"], "config": shard["config"]}
            assert database.shard(connection, shard["shard"]) == saved
    with pytest.raises(LookupError):
        database.shard(connection, 3)


def test_a_shard_that_could_never_start_is_refused() -> None:
    plan.check_fits(answer(2, 15), 15)
    with pytest.raises(ValueError, match="A shard has 16 organisations"):
        plan.check_fits(answer(2, 16), 15)


def test_the_organisations_at_once_cannot_exceed_the_minute_of_the_app() -> None:
    assert organisations_at_once(10_000) == 166
    assert organisations_at_once(900) == 15
