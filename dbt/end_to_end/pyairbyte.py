"""Reads the connector into a DuckDB file with PyAirbyte: pyairbyte.py XERO_SOURCE CONFIG DATABASE."""

import json
import os
import sys
from pathlib import Path

# Before PyAirbyte is imported: no look into a registry, no telemetry.
os.environ["AIRBYTE_OFFLINE_MODE"] = "1"
os.environ["DO_NOT_TRACK"] = "1"

import airbyte
from airbyte.caches import DuckDBCache


def keep(path, config):
    beside = path.with_suffix(".next")
    beside.write_text(json.dumps(config))
    beside.replace(path)


def main(program, config, database):
    config = Path(config)
    source = airbyte.get_source(
        "source-xero",
        config=json.loads(config.read_text()),
        local_executable=program,
        config_change_callback=lambda new: keep(config, new),
    )
    cache = DuckDBCache(db_path=database, schema_name="xero")
    catalog = source.discovered_catalog.streams
    whole = [stream.name for stream in catalog if not stream.default_cursor_field]
    changed = [stream.name for stream in catalog if stream.default_cursor_field]
    # PyAirbyte merges by key. In a stream that is read whole each time, merged tables keep removed rows.
    source.select_streams(whole)
    source.read(cache=cache, write_strategy="replace")
    # Each run counts the lists that it reads.
    source.select_streams([*changed, "list_counts"])
    source.read(cache=cache)


main(*sys.argv[1:])
