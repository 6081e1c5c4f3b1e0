"""DuckDB reads the files of `sync` with the queries of docs/sync.md."""

import json
import re
import subprocess
import urllib.request
from pathlib import Path

import duckdb
import pytest

from connector import BINARY, LONGEST_RUN
from simulator import ROOT, simulator

ROWS = 250
STREAMS = [
    "invoices",
    "invoice_line_items",
    "journals",
    "report_profit_and_loss",
    "tracking_categories",
]


@pytest.fixture(scope="module")
def world():
    with simulator("--rows", str(ROWS), "--no-limits", "--control-port", "0") as started:
        yield started


def change(world, command, **fields):
    """Somebody changes invoices of the only organisation."""
    body = json.dumps({"organisation": 1, "table": "Invoices", **fields}).encode()
    request = urllib.request.Request(f"{world['control_url']}/{command}", data=body)
    with urllib.request.urlopen(request) as answer:
        assert "done" in json.load(answer)


def sync(out, *flags):
    arguments = ["sync", "--config", "config.json", "--out", out, "--streams", ",".join(STREAMS)]
    command = [BINARY, *arguments, *flags]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_RUN)
    assert done.returncode == 0, done.stderr


def queries():
    page = (ROOT / "docs/sync.md").read_text()
    return re.findall(r"```sql\n(.*?)```", page, re.DOTALL)


def test_the_documented_queries_return_the_newest_rows(world, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = Path("config.json")
    config.touch(mode=0o600)
    # An hour and all periods that are read again bring rows twice.
    again = {"lookback_seconds": 3600, "report_lookback_periods": 60, "start_date": "2024-01-01"}
    config.write_text(json.dumps({**world["configs"][0], **again}))
    sync("xero")
    for row in (3, 4, 5):
        change(world, "edit", row=row)
    change(world, "delete", row=6)
    change(world, "add", rows=7)
    sync("xero")
    sync("xero")
    sync("now", "--full-refresh")  # the rows of this moment, without earlier versions

    database = duckdb.connect()
    for query in queries():
        database.execute(query)
    for stream in ["invoices", "invoice_line_items", "journals", "report_profit_and_loss"]:
        left_out = {"_extracted_at"}
        if stream.startswith("report_"):
            left_out.add("UpdatedDateUTC")  # when the report was read
        # The order of the columns is that in which the rows bring them.
        files = f"'now/{stream}/*.jsonl'"
        named, older = (
            {name for name, *_ in database.execute(f"DESCRIBE FROM {source}").fetchall()}
            for source in [files, stream]
        )
        for column in older - named:
            count = f'SELECT count("{column}") FROM {stream}'
            assert database.execute(count).fetchone() == (0,), (stream, column)
        columns = ", ".join(f'"{name}"' for name in sorted(named - left_out))
        now = f"SELECT {columns} FROM {files}"
        view = f"SELECT {columns} FROM {stream}"
        assert database.execute(now).fetchone(), stream
        for more, fewer in [(now, view), (view, now)]:
            assert database.execute(f"{more} EXCEPT ALL {fewer}").fetchall() == [], stream
    files = "SELECT count(*) FROM 'xero/invoices/*.jsonl'"
    (versions,) = database.execute(files).fetchone()
    (invoices,) = database.execute("SELECT count(*) FROM invoices").fetchone()
    assert versions > invoices == ROWS + 7
