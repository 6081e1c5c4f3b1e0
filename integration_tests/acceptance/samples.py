"""The sample files in `integration_tests/`, made from the simulator.

`python samples.py` updates them after a change of the streams. The acceptance run and a Rust test
compare them with the connector.
"""

import json

from connector import Connector, configured
from simulator import ROOT, SAMPLE_WORLD, simulator

FAR = {"integer": 999_999_999, "string": "2099-12-31T23:59:59.999Z"}
"""Cursors that no row reaches, by the cursor's type."""

MIDDLE = {"integer": 20, "string": "2025-07-01T00:00:00.000Z"}
"""Cursors with rows before and after them."""


def state(name, cursor, value):
    return {
        "type": "STREAM",
        "stream": {"stream_descriptor": {"name": name}, "stream_state": {cursor: value}},
    }


def catalog_of(discovered):
    """Every stream, named and not described: the connector knows its schemas itself."""
    streams = []
    for entry in configured(discovered)["streams"]:
        stream = entry["stream"]
        short = {
            "name": stream["name"],
            "json_schema": {},
            "supported_sync_modes": stream["supported_sync_modes"],
        }
        streams.append({**entry, "stream": short})
    return {"streams": streams}


def states_of(discovered, cursors):
    """A state for each stream that has a cursor."""
    states = []
    for entry in configured(discovered)["streams"]:
        stream = entry["stream"]
        for cursor in stream.get("default_cursor_field", []):
            kinds = stream["json_schema"]["properties"][cursor]["type"]
            (kind,) = [kind for kind in cursors if kind in kinds]
            states.append(state(stream["name"], cursor, cursors[kind]))
    return states


def some_rows_of(discovered, read):
    """Three rows of each stream: the organisation and the whole primary key, by which
    connector-acceptance-test finds them. Rows come in the order in which answers do, so the
    keys are sorted."""
    rows = []
    for entry in configured(discovered)["streams"]:
        stream = entry["stream"]
        key = {path[0] for path in stream.get("source_defined_primary_key", [])}
        fields = {"TenantID"} | key
        keys = [
            {field: record["data"][field] for field in sorted(fields)}
            for record in read.records(stream["name"])
        ]
        for data in sorted(keys, key=json.dumps)[:3]:
            rows.append({"stream": stream["name"], "emitted_at": 0, "data": data})
    return rows


def lines(values):
    return "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values)


def listing(values):
    """A JSON list, one value a line."""
    body = ",\n".join("  " + json.dumps(value) for value in values)
    return f"[\n{body}\n]\n"


def samples(connector, config):
    """The text of each file that follows from what the connector says."""
    discovered = connector.run("discover", config=config)
    read = connector.run("read", config=config, catalog=configured(discovered))
    return {
        "configured_catalog.json": '{"streams": ' + listing(catalog_of(discovered)["streams"])[:-1] + "}\n",
        "abnormal_state.json": listing(states_of(discovered, FAR)),
        "sample_state.json": listing(states_of(discovered, MIDDLE)),
        "expected_records.jsonl": lines(some_rows_of(discovered, read)),
    }


def main():
    folder = ROOT / "integration_tests"
    config = json.loads((folder / "valid_config.json").read_text())
    with simulator(*SAMPLE_WORLD):
        for name, text in samples(Connector(), config).items():
            (folder / name).write_text(text)


if __name__ == "__main__":
    main()
