"""The list of the image's parts, against the schema of CycloneDX."""

import subprocess

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

LIST = "/usr/share/doc/xero-source/sbom.cdx.json"


@pytest.mark.image_tests
def test_the_list_of_parts_is_valid(connector):
    if connector.image is None:
        pytest.skip("the program has no list of parts, only the image")
    command = ["docker", "run", "--rm", "--entrypoint", "cat", connector.image, LIST]
    content = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert JsonStrictValidator(SchemaVersion.V1_5).validate_str(content) is None
