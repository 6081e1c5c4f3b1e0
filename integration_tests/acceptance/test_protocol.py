"""Every verb in good and bad cases, each line and the order of lines checked."""

import json

import pytest

from conftest import SAMPLES
from connector import configured
from protocol import problems

INVALID_CATALOG = {
    "streams": [
        {
            "stream": {
                "name": "__AIRBYTE__stream_that_does_not_exist",
                "json_schema": {"type": "object", "properties": {"f1": {"type": "string"}}},
                "supported_sync_modes": ["full_refresh"],
            },
            "sync_mode": "INVALID",
            "destination_sync_mode": "INVALID",
        }
    ]
}


def clean(run, catalog=None):
    """The run itself, once nothing is wrong with it and it has not failed."""
    assert problems(run, catalog) == []
    assert run.code == 0, run.errors()
    return run


def secrets(config):
    return [config["credentials"]["client_secret"]]


def test_spec(connector):
    spec = clean(connector.run("spec")).of_type("SPEC")[0]["spec"]
    assert spec["connectionSpecification"]["properties"]


def test_check_succeeds(connector, config):
    status = clean(connector.run("check", config=config)).of_type("CONNECTION_STATUS")
    assert status[0]["connectionStatus"] == {"status": "SUCCEEDED"}


def test_check_fails_with_a_reason_and_without_the_secret(connector):
    config = json.loads((SAMPLES / "invalid_config.json").read_text())
    run = clean(connector.run("check", config=config))
    status = run.of_type("CONNECTION_STATUS")[0]["connectionStatus"]
    assert status["status"] == "FAILED" and len(status["message"]) > 20
    for secret in secrets(config):
        assert secret not in run.stdout + run.stderr


def test_discover_is_the_same_each_time(connector, config):
    first, second = (clean(connector.run("discover", config=config)) for _ in range(2))
    assert first.of_type("CATALOG") == second.of_type("CATALOG")


@pytest.mark.parametrize("mode", ["full_refresh", None])
def test_read(connector, config, mode):
    catalog = configured(connector.run("discover", config=config), mode)
    run = clean(connector.run("read", config=config, catalog=catalog), catalog)
    assert len({record["stream"] for record in run.records()}) > 5
    for secret in secrets(config):
        assert secret not in run.stderr
        for message in run.messages:
            assert message["type"] == "CONTROL" or secret not in json.dumps(message)


def test_a_second_read_brings_less(connector, config, catalog):
    # With fewer calls the second sync would go on with what hangs on documents.
    config = {**config, "max_calls_per_sync": 100_000}
    first = clean(connector.run("read", config=config, catalog=catalog), catalog)
    state = first.last_states()
    second = clean(connector.run("read", config=config, catalog=catalog, state=state), catalog)
    incremental = {
        entry["stream"]["name"] for entry in catalog["streams"] if entry["sync_mode"] == "incremental"
    }
    again = {record["stream"] for record in second.records()}
    assert first.records() and incremental and not again & incremental


@pytest.mark.parametrize(
    "state",
    [[], {}, [{"type": "STREAM", "stream": None, "global_": None}]],
    ids=["empty", "legacy", "nulls"],
)
def test_states_that_say_nothing(connector, config, catalog, state):
    run = clean(connector.run("read", config=config, catalog=catalog, state=state), catalog)
    assert run.records()


def test_a_state_from_the_future_is_kept_and_reads_nothing(connector, config, catalog):
    states = json.loads((SAMPLES / "abnormal_state.json").read_text())
    of_states = {state["stream"]["stream_descriptor"]["name"] for state in states}
    streams = [entry for entry in catalog["streams"] if entry["stream"]["name"] in of_states]
    catalog = {"streams": streams}
    run = clean(connector.run("read", config=config, catalog=catalog, state=states), catalog)
    assert not run.records()
    for before in states:
        name = before["stream"]["stream_descriptor"]["name"]
        after = [
            state
            for state in run.last_states()
            if state["stream"]["stream_descriptor"]["name"] == name
        ]
        assert before["stream"]["stream_state"].items() <= after[0]["stream"]["stream_state"].items()


@pytest.mark.parametrize(
    ("verb", "files"),
    [
        ("check", {"config": SAMPLES / "main.rs"}),
        ("discover", {"config": {}}),
        ("discover", {"config": SAMPLES / "invalid_config.json"}),
        ("read", {"config": SAMPLES / "valid_config.json"}),
        ("read", {"config": SAMPLES / "valid_config.json", "catalog": INVALID_CATALOG}),
        ("read", {"config": SAMPLES / "valid_config.json", "catalog": []}),
        ("read", {"config": SAMPLES / "invalid_config.json", "catalog": SAMPLES / "configured_catalog.json"}),
        ("write", {"config": SAMPLES / "valid_config.json"}),
    ],
)
def test_what_cannot_work_is_said_in_an_error_trace(connector, verb, files):
    run = connector.run(verb, **files)
    assert problems(run) == []
    # A config that does not work is what `check` is there to say.
    if verb == "check" and run.of_type("CONNECTION_STATUS"):
        assert run.code == 0
        return
    # A wrong command line has a code of its own.
    assert run.code in (1, 2)
    assert run.errors() and all(error["message"] for error in run.errors())
