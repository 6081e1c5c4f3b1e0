"""airbyte-cdk's standard tests of images, run against an image that is already built.

Its own command refuses connectors in Rust and never reads records; the suite itself does both.
"""

import pytest
from airbyte_cdk.test.standard_tests import docker_base
from airbyte_cdk.utils import docker

from simulator import ROOT


class TestStandardImage(docker_base.DockerConnectorTestSuite):
    # It looks for an earlier version in Airbyte's catalogue, where this connector is not.
    test_docker_image_spec_backward_compatibility = None

    @classmethod
    def get_connector_root_dir(cls):
        return ROOT


@pytest.fixture(autouse=True)
def on_the_hosts_network(monkeypatch):
    """The simulator listens where only this machine can reach it."""
    run = docker.run_docker_command

    def on_host(command, **options):
        if command[:2] == ["docker", "run"]:
            command = [*command[:2], "--network", "host", *command[2:]]
        return run(command, **options)

    for module in (docker, docker_base):
        monkeypatch.setattr(module, "run_docker_command", on_host)
