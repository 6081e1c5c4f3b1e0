"""The streams of a configured catalog, as the loader needs them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# `xero-source streams --json` describes a child stream as "rows in <parent>".
CHILD_OF = "rows in "
REPORT = "report"
# Each answer also has the month before, so two answers have rows of one period. None replaces the other's.
TWO_MONTHS = "report_executive_summary"


@dataclass(frozen=True)
class Stream:
    """One selected stream."""

    name: str
    primary_key: tuple[str, ...]
    # Whether each sync reads the stream in full. Such a sync replaces the rows of its organisations.
    overwrite: bool
    # The stream whose rows contain the rows of this one.
    parent: str | None = None
    # The leading fields of the key that name what is sent again as a whole: the parent row or the
    # period of a report. 0: every row is sent on its own.
    group_size: int = 0

    @property
    def is_report(self) -> bool:
        return self.parent is None and self.group_size > 0


def of_catalog(catalog: Mapping[str, Any], kinds: Mapping[str, str]) -> dict[str, Stream]:
    """Returns the streams of a configured catalog by name. `kinds` has the kind of each stream."""
    keys = {name_of(it): primary_key(it) for it in catalog["streams"]}
    streams = {}
    for configured in catalog["streams"]:
        name = name_of(configured)
        overwrite = configured.get("destination_sync_mode", "overwrite") == "overwrite"
        parent, group_size = None, 0
        kind = kinds.get(name, "")
        if not overwrite and kind.startswith(CHILD_OF):
            parent = kind.removeprefix(CHILD_OF)
            if parent not in keys:  # Only its rows tell which lines were deleted.
                raise ValueError(f"the stream {name} needs the stream {parent} beside it")
            group_size = len(keys[parent])
            if keys[name][:group_size] != keys[parent]:
                raise ValueError(f"the key of {name} does not begin with the key of {parent}")
        elif not overwrite and kind.startswith(REPORT) and name != TWO_MONTHS:
            group_size = len(keys[name]) - 1
        streams[name] = Stream(name, keys[name], overwrite, parent, group_size)
    return streams


def name_of(configured: Mapping[str, Any]) -> str:
    return str(configured["stream"]["name"])


def primary_key(configured: Mapping[str, Any]) -> tuple[str, ...]:
    path = configured.get("primary_key") or configured["stream"].get("source_defined_primary_key")
    if not path:
        raise ValueError(f"{name_of(configured)} has no primary key in the catalog")
    return tuple(str(field[0]) for field in path)
