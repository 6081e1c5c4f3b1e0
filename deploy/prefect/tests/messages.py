"""Messages and a catalog as the connector prints them."""

from __future__ import annotations

import json
from typing import Any


def record(stream: str, row: str) -> str:
    return '{"type":"RECORD","record":{"stream":"%s","emitted_at":1,"data":%s}}\n' % (stream, row)


def state(stream: str, tenants: dict[str, Any]) -> str:
    descriptor = {"stream_descriptor": {"name": stream}, "stream_state": {"tenants": tenants}}
    return json.dumps({"type": "STATE", "state": {"type": "STREAM", "stream": descriptor}})


def status(stream: str, status: str) -> str:
    of_stream = {"stream_descriptor": {"name": stream}, "status": status}
    trace = {"type": "STREAM_STATUS", "emitted_at": 1, "stream_status": of_stream}
    return json.dumps({"type": "TRACE", "trace": trace})


def configured(name: str, key: list[str], mode: str = "append_dedup") -> dict[str, Any]:
    return {
        "stream": {"name": name},
        "sync_mode": "incremental" if mode == "append_dedup" else "full_refresh",
        "destination_sync_mode": mode,
        "primary_key": [[field] for field in key],
    }


CATALOG = {
    "streams": [
        configured("invoices", ["InvoiceID"]),
        configured("invoice_line_items", ["InvoiceID", "LineItemID"]),
        configured("currencies", ["TenantID", "Code"], "overwrite"),
        configured("report_profit_and_loss", ["TenantID", "PeriodStart", "PeriodEnd", "LineID"]),
        configured("report_executive_summary", ["TenantID", "PeriodStart", "PeriodEnd", "LineID"]),
    ]
}
KINDS = {
    "invoices": "list",
    "invoice_line_items": "rows in invoices",
    "currencies": "list",
    "report_profit_and_loss": "report",
    "report_executive_summary": "report",
}
