"""metadata.yaml is valid for Airbyte's own schema, and names streams that there are."""

import importlib.resources
import json

import jsonschema
import yaml

from simulator import ROOT

METADATA = yaml.safe_load((ROOT / "metadata.yaml").read_text())


def without_ids(value):
    """The bundled schema keeps each part's `$id`, which misleads its own references."""
    if isinstance(value, dict):
        return {
            key: without_ids(inner)
            for key, inner in value.items()
            if not (key == "$id" and isinstance(inner, str))
        }
    return [without_ids(inner) for inner in value] if isinstance(value, list) else value


def test_airbytes_schema():
    folder = importlib.resources.files("airbyte_connector_models.metadata.v0")
    schema = json.loads((folder / "ConnectorMetadataDefinitionV0.json").read_text())
    validator = jsonschema.Draft7Validator(without_ids(schema), format_checker=jsonschema.FormatChecker())
    assert [f"{error.json_path}: {error.message}" for error in validator.iter_errors(METADATA)] == []


def test_tags():
    tags = METADATA["data"]["tags"]
    assert "language:rust" in tags and all(":" in tag for tag in tags)


def test_suggested_streams_are_streams(catalog):
    suggested = METADATA["data"]["suggestedStreams"]["streams"]
    assert set(suggested) <= {entry["stream"]["name"] for entry in catalog["streams"]}
