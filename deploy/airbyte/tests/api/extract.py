"""Writes description.json: the operations that the tests need, from Airbyte's API description.

    python extract.py airbyte-platform/airbyte-api/server-api/src/main/openapi/api.yaml COMMIT
"""

import json
import sys
from pathlib import Path
from typing import Any

import yaml

OPERATIONS = {
    "/applications/token": ["post"],
    "/workspaces/{workspaceId}/definitions/sources": ["get", "post"],
    "/workspaces/{workspaceId}/definitions/sources/{definitionId}": ["get", "put"],
    "/sources": ["get", "post"],
    "/sources/{sourceId}": ["get", "put", "delete"],
    "/connections": ["get", "post"],
    "/connections/{connectionId}": ["get", "patch", "delete"],
    "/streams": ["get"],
}
PREFIX = "#/components/schemas/"


def without_extras(node: Any) -> Any:
    """Drops prose, examples, tags and the vendor's extensions, which validate nothing."""
    if isinstance(node, list):
        return [without_extras(item) for item in node]
    if not isinstance(node, dict):
        return node
    dropped = {"example", "examples", "tags", "summary", "security"}
    kept = {key: value for key, value in node.items() if key not in dropped and not key.startswith("x-")}
    if kept.get("default", "") is None:  # Airbyte writes it for strings, of which null is none.
        del kept["default"]
    if isinstance(kept.get("description"), str):  # A property may have this name.
        del kept["description"]
    # A property may have the name of a dropped keyword, such as `tags` of a connection.
    properties = node.get("properties")
    result = {key: without_extras(value) for key, value in kept.items()}
    if isinstance(properties, dict):
        result["properties"] = {name: without_extras(schema) for name, schema in properties.items()}
    if "responses" in result:  # OpenAPI requires a description of each.
        result["responses"] = {status: {"description": ""} | it for status, it in result["responses"].items()}
    return result


def references(node: Any) -> set[str]:
    if isinstance(node, list):
        return set().union(*map(references, node)) if node else set()
    if not isinstance(node, dict):
        return set()
    own = {node["$ref"].removeprefix(PREFIX)} if isinstance(node.get("$ref"), str) else set()
    return own.union(*map(references, node.values()))


def extract(description: dict[str, Any]) -> dict[str, Any]:
    paths = {}
    for path, methods in OPERATIONS.items():
        item = description["paths"][path]
        paths[path] = {key: without_extras(item[key]) for key in [*methods, "parameters"] if key in item}
    schemas: dict[str, Any] = {}
    wanted = references(paths)
    while wanted:
        name = wanted.pop()
        schemas[name] = without_extras(description["components"]["schemas"][name])
        wanted |= references(schemas[name]) - schemas.keys()
    # It requires grant_type, as OAuth calls it, and describes grant-type.
    token_request = schemas["ApplicationTokenRequestWithGrant"]["properties"]
    token_request["grant_type"] = token_request.pop("grant-type")
    return {
        "openapi": description["openapi"],
        "info": without_extras(description["info"]),
        "servers": without_extras(description["servers"]),
        "paths": paths,
        "components": {"schemas": dict(sorted(schemas.items()))},
    }


def main() -> None:
    source, commit = sys.argv[1:]
    result = extract(yaml.safe_load(Path(source).read_text()))
    result["info"]["x-commit"] = commit
    target = Path(__file__).with_name("description.json")
    target.write_text(json.dumps(result, indent=1) + "\n")


main()
