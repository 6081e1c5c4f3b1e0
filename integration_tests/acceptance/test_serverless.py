"""airbyte-serverless runs the connector by a command line of the user's."""

import pytest
from airbyte_serverless.destinations import BaseDestination
from airbyte_serverless.sources import Source

from connector import BINARY


class Kept(BaseDestination):
    """Keeps what airbyte-serverless would write."""

    def __init__(self):
        super().__init__()
        self.tables = {}

    def _write(self, record_type, records):
        self.tables.setdefault(record_type, []).extend(records)


@pytest.fixture
def source(connector, config, monkeypatch):
    command = str(BINARY)
    if connector.image:
        # Its folder of files is closed to all but the user who runs it.
        command = f"docker run --rm --network host --user 0 -v /tmp:/tmp {connector.image}"
    return Source(executable=command, config=config)


def test_check_and_catalog(source, catalog):
    assert source.connection_status["status"] == "SUCCEEDED"
    assert source.available_streams == [entry["stream"]["name"] for entry in catalog["streams"]]


def test_extract(source, connector, config, catalog):
    kept = Kept()
    kept.load(source.extract())
    read = connector.run("read", config=config, catalog=catalog)
    assert read.records()
    for stream in {record["stream"] for record in read.records()}:
        assert len(kept.tables[f"_airbyte_raw_{stream}"]) == len(read.records(stream))
    assert len(kept.tables["_airbyte_states"]) == len(read.of_type("STATE"))
