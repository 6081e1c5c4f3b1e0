"""What a sync decides before its shards run: the token, the catalog and the shards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import database
from .connector import ask

# A run that starts with a new token has at least this time.
MIN_LIFE = "20m"


def access(config: str) -> dict[str, Any]:
    answer: dict[str, Any] = ask("token", "--config", config, "--min-life", MIN_LIFE)
    return answer


def save_catalog(connection: database.Connection, streams: str | None) -> None:
    chosen = ["--streams", streams] if streams else []
    catalog = ask("catalog", *chosen)
    kinds = {it["name"]: it["kind"] for it in ask("streams", "--json")}
    database.save_catalog(connection, catalog, kinds)


def save_shards(
    connection: database.Connection, config: str, count: int, calls: str | None
) -> dict[str, Any]:
    """Splits the organisations into shards. Positions are kept by organisation, so none need stay in its shard."""
    expected = ["--calls", calls] if calls else []
    answer: dict[str, Any] = ask("tenants", "--config", config, "--shards", str(count), "--json", *expected)
    database.save_shards(connection, answer)
    return answer


def check_fits(answer: dict[str, Any], organisations_at_once: int) -> None:
    """Fails if a shard could never start."""
    largest = max((len(it["tenants"]) for it in answer["shards"]), default=0)
    if largest > organisations_at_once:
        raise ValueError(
            f"A shard has {largest} organisations, and the app's minute allows"
            f" {organisations_at_once} at once. Choose more shards."
        )


def overview(answer: dict[str, Any], results: Sequence[object]) -> str:
    lines = ["| Shard | Organisations | Runs | Error |", "|---|---|---|---|"]
    for shard, result in zip(answer["shards"], results, strict=True):
        failed = isinstance(result, BaseException)
        runs, error = ("", str(result)) if failed else (str(result), "")
        lines.append(f"| {shard['shard']} | {len(shard['tenants'])} | {runs} | {error} |")
    return "\n".join(lines)
