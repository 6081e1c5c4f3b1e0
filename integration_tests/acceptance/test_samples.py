"""The sample files say what the connector does today."""

import json

import pytest
import yaml

from conftest import SAMPLES
from samples import samples
from simulator import ROOT


@pytest.fixture(scope="module")
def made(connector, config):
    return samples(connector, config)


@pytest.mark.parametrize(
    "name",
    ["configured_catalog.json", "abnormal_state.json", "sample_state.json", "expected_records.jsonl"],
)
def test_a_sample_is_what_would_be_written_now(made, name):
    remedy = "run: python integration_tests/acceptance/samples.py"
    assert (SAMPLES / name).read_text() == made[name], remedy


def test_from_the_sample_state_on_only_a_part_is_read(connector, config, catalog):
    state = json.loads((SAMPLES / "sample_state.json").read_text())
    names = {entry["stream"]["stream_descriptor"]["name"] for entry in state}
    catalog = {"streams": [s for s in catalog["streams"] if s["stream"]["name"] in names]}
    part = connector.run("read", config=config, catalog=catalog, state=state)
    whole = connector.run("read", config=config, catalog=catalog)
    assert 0 < len(part.records()) < len(whole.records())


@pytest.mark.parametrize("file", ["acceptance-test-config.yml", "acceptance-test-config-older.yml"])
def test_the_streams_called_empty_are_the_empty_ones(connector, config, catalog, file):
    sections = yaml.safe_load((ROOT / file).read_text())["acceptance_tests"]
    (basic_read,) = sections["basic_read"]["tests"]
    called = {stream["name"] for stream in basic_read.get("empty_streams", [])}
    read = connector.run("read", config=config, catalog=catalog)
    with_rows = {record["stream"] for record in read.records()}
    assert called == {entry["stream"]["name"] for entry in catalog["streams"]} - with_rows
