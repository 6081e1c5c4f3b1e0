"""What every test of the acceptance run stands on.

`--connector-image IMAGE`, an option of airbyte-cdk's plugin, has the same tests run the image.
"""

import json

import pytest

from connector import Connector, configured
from simulator import ROOT, SAMPLE_WORLD, simulator

SAMPLES = ROOT / "integration_tests"


def pytest_ignore_collect(collection_path, config):
    """airbyte-cdk has one suite for programs and another for images."""
    other = "binary" if config.getoption("--connector-image") else "image"
    return True if collection_path.name == f"test_standard_{other}.py" else None


@pytest.fixture(scope="session")
def connector(pytestconfig):
    return Connector(pytestconfig.getoption("--connector-image"))


@pytest.fixture(scope="session", autouse=True)
def sample_world():
    """The Xero that the sample files are of, as long as the tests run."""
    with simulator(*SAMPLE_WORLD) as started:
        yield started


@pytest.fixture(scope="session")
def config():
    return json.loads((SAMPLES / "valid_config.json").read_text())


@pytest.fixture(scope="session")
def catalog(connector, config):
    return configured(connector.run("discover", config=config))
