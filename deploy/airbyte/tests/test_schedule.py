"""When connections run."""

import re
from collections import Counter

import pytest

from airbyte_deployment.schedule import cron


@pytest.mark.parametrize("every_hours", [1, 2, 3, 4, 6, 8, 12, 24])
def test_runs_as_often_as_asked(every_hours: int) -> None:
    for number in range(200):
        match = re.fullmatch(r"0 (\d+) (\d+)(?:/(\d+))? \* \* \?", cron(f"shard {number}", every_hours))
        assert match
        minute, hour, step = match.groups()
        assert int(minute) < 60 and int(hour) < every_hours
        assert int(step or 24) == every_hours


def test_does_not_change_between_releases() -> None:
    """Another expression would move the runs of everybody who updates."""
    assert [cron(name, 6) for name in ("acme", "bird", "shard 1")] == ["0 37 4/6 * * ?", "0 22 2/6 * * ?", "0 14 0/6 * * ?"]
    assert cron("acme", 24) == "0 37 22 * * ?"


def test_spreads_over_the_hour() -> None:
    minutes = Counter(cron(f"shard {number}", 1).split()[1] for number in range(600))
    assert len(minutes) == 60
    assert max(minutes.values()) <= 30
