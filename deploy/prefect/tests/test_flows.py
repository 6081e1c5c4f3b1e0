"""When a shard is started again, and when its worker counts as dead."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from xero_prefect import flows, watch
from xero_prefect.database import Run
from xero_prefect.loader import Progress
from xero_prefect.watch import Ended, Watch


class Runs:
    """The ends of the runs of a shard, and its positions before and after each."""

    def __init__(self, ends: list[Ended], positions: list[str]) -> None:
        self._ends: Iterator[Ended] = iter(ends)
        self._positions = iter(positions)

    async def run_deployment(self, *_: Any) -> Ended:
        return next(self._ends)

    async def positions(self, *_: Any) -> str:
        return next(self._positions)


def run(monkeypatch: pytest.MonkeyPatch, ends: list[Ended], positions: list[str]) -> int:
    runs = Runs(ends, positions)
    monkeypatch.setattr(watch, "run_deployment", runs.run_deployment)
    monkeypatch.setattr(watch, "positions", runs.positions)
    monkeypatch.setattr(flows, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(flows, "get_run_logger", logging.getLogger)
    monkeypatch.setenv("XERO_DATABASE_URL", "postgresql://")
    monkeypatch.setenv("XERO_OUTAGE_SECONDS", "0")
    return asyncio.run(flows.run_until_complete(1, ["a"]))


def test_a_shard_goes_on_while_its_positions_move(monkeypatch: pytest.MonkeyPatch) -> None:
    ends = [Ended("Failed", "renew"), Ended("Crashed"), Ended("Completed", "complete")]
    assert run(monkeypatch, ends, ["0", "1", "1", "2", "2"]) == 3


def test_an_outage_that_stays_ends_a_shard_although_positions_move(monkeypatch: pytest.MonkeyPatch) -> None:
    offline = Ended("Failed", "again", ["Shop 1 is offline."])
    positions = [str(number) for number in range(10)]
    with pytest.raises(flows.Incomplete, match="Shop 1 is offline"):
        run(monkeypatch, [offline] * 4, positions)
    ends = [offline, offline, Ended("Completed", "complete")]
    assert run(monkeypatch, ends, positions) == 3


def test_a_shard_that_does_not_move_is_left_to_the_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(flows.Stuck, match="shard 1: Crashed: its worker is dead"):
        run(monkeypatch, [Ended("Crashed", None, ["its worker is dead"])], ["0", "0"])


def test_a_shard_that_a_new_start_does_not_help_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    ends = [Ended("Failed", "incomplete", ["The role is removed."])]
    with pytest.raises(flows.Incomplete, match="The role is removed"):
        run(monkeypatch, ends, ["0"])


def test_only_what_a_new_start_can_mend_is_retried() -> None:
    state = SimpleNamespace(data=flows.Incomplete())
    assert not flows.retries_stuck(None, None, state)
    state.data = flows.Stuck()
    assert flows.retries_stuck(None, None, state)


def test_a_run_that_is_not_seen_for_a_minute_is_dead() -> None:
    async def is_dead(seconds: float) -> bool:
        return Watch("", SimpleNamespace())._is_dead(Run(seconds, 1, [], None))  # type: ignore[arg-type]

    assert not asyncio.run(is_dead(59))
    assert asyncio.run(is_dead(61))


def test_a_run_that_does_not_begin_is_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    async def answers() -> list[bool]:
        taken = Watch("", SimpleNamespace())  # type: ignore[arg-type]
        first = taken._is_dead(None)
        monkeypatch.setattr(watch, "START_SECONDS", 0.0)
        await asyncio.sleep(0.01)
        return [first, taken._is_dead(None)]

    assert asyncio.run(answers()) == [False, True]


def test_the_table_of_a_run_has_its_errors_and_streams() -> None:
    progress = Progress(3, {"b": "COMPLETE", "a": "INCOMPLETE"}, ["It ended."])
    assert flows.table_of(progress, "incomplete").splitlines() == [
        "incomplete, 3 rows",
        "",
        "- It ended.",
        "",
        "| Stream | Status |",
        "|---|---|",
        "| a | INCOMPLETE |",
        "| b | COMPLETE |",
    ]
