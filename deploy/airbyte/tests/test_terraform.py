"""The Terraform module: its resources by the provider's documentation, its values by Terraform itself.

The provider is on no package registry, so nothing here runs `terraform validate` or talks to Airbyte.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import hcl2
import jsonschema  # type: ignore[import-untyped]
import pytest

from airbyte_deployment.schedule import cron

from .airbyte import SPEC

HERE = Path(__file__).parent
MODULE = HERE.parent / "terraform"
SCHEMA = json.loads((HERE / "provider/schema.json").read_text())
OUTPUTS = """
output "custom_connections" {
  value     = local.custom_connections
  sensitive = true
}
output "web_apps" {
  value     = local.web_apps
  sensitive = true
}
output "streams" { value = local.streams }
output "resources" { value = local.resources }
output "crons" { value = { for name, schedule in module.schedule : name => schedule.cron } }
"""
SECRETS: dict[str, Any] = {
    "airbyte_client_id": "airbyte-client",
    "airbyte_client_secret": "airbyte-secret",
    "custom_connection_secrets": {"xero-acme": "acme-secret-1"},
    "web_app_secrets": {"xero-group": {"refresh_token": "web-refresh-token-3"}},
}


def parse(path: Path) -> dict[str, Any]:
    with path.open() as file:
        return unquoted(hcl2.load(file))  # type: ignore[no-any-return]


def unquoted(node: Any) -> Any:
    """The parser keeps the quotation marks of labels and strings."""
    if isinstance(node, dict):
        return {unquoted(key): unquoted(value) for key, value in node.items() if key != "__is_block__"}
    if isinstance(node, list):
        return [unquoted(item) for item in node]
    return node.strip('"') if isinstance(node, str) else node


def resources() -> list[tuple[str, str, dict[str, Any]]]:
    found = [
        (kind, name, body)
        for block in parse(MODULE / "main.tf")["resource"]
        for kind, named in block.items()
        for name, body in named.items()
    ]
    assert len(found) == 5
    return found


@pytest.mark.parametrize("kind, name, body", resources())
def test_resources_have_the_arguments_of_the_provider(kind: str, name: str, body: dict[str, Any]) -> None:
    schema = SCHEMA[kind]
    given = set(body) - {"for_each", "lifecycle"}
    settable = {argument for argument, group in schema.items() if group != "Read-Only" and "." not in argument}
    required = {argument for argument, group in schema.items() if group == "Required" and "." not in argument}
    assert given <= settable
    assert required <= given
    for argument in ("schedule", "configurations"):
        for inner in body.get(argument, {}):
            assert f"{argument}.{inner}" in schema


def test_the_provider_has_the_arguments_that_it_gets() -> None:
    (block,) = parse(MODULE / "versions.tf")["provider"]
    assert set(block["airbyte"]) <= {argument for argument in SCHEMA["provider"] if "." not in argument}
    (terraform,) = parse(MODULE / "versions.tf")["terraform"]
    (providers,) = terraform["required_providers"]
    assert SCHEMA["version"].startswith(providers["airbyte"]["version"].removeprefix("~> ") + ".")


def test_attributes_that_other_resources_use_exist() -> None:
    text = (MODULE / "main.tf").read_text()
    assert "airbyte_source_definition.xero.id" in text and "id" in SCHEMA["airbyte_source_definition"]
    assert "[each.key].source_id" in text and "source_id" in SCHEMA["airbyte_source"]


def test_an_update_never_sends_the_spent_refresh_token() -> None:
    (body,) = [body for kind, name, body in resources() if (kind, name) == ("airbyte_source", "web_app")]
    assert "configuration" in str(body["lifecycle"][0]["ignore_changes"])


class Terraform:
    """The module without its provider and resources, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("variables.tf", "sources.tf"):
            shutil.copy(MODULE / name, folder)
        shutil.copytree(MODULE / "schedule", folder / "schedule")
        shutil.copy(MODULE / "terraform.tfvars.example", folder / "terraform.tfvars")
        (folder / "outputs.tf").write_text(OUTPUTS)

    def run(self, *arguments: str, variables: dict[str, Any] = SECRETS) -> subprocess.CompletedProcess[str]:
        values = {
            f"TF_VAR_{name}": value if isinstance(value, str) else json.dumps(value)
            for name, value in variables.items()
        }
        # A configuration of the machine must not matter.
        environment = {**os.environ, **values, "TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"}
        command = ["terraform", *arguments]
        return subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True)

    def outputs(self, variables: dict[str, Any] = SECRETS) -> dict[str, Any]:
        applied = self.run("apply", "-auto-approve", "-input=false", "-no-color", variables=variables)
        assert applied.returncode == 0, applied.stderr
        for value in ("acme-secret-1", "web-refresh-token-3"):
            assert value not in applied.stdout
        shown = json.loads(self.run("output", "-json").stdout)
        return {name: output["value"] for name, output in shown.items()}


@pytest.fixture
def terraform(tmp_path: Path) -> Terraform:
    if not shutil.which("terraform"):
        pytest.skip("there is no terraform")
    terraform = Terraform(tmp_path)
    initialised = terraform.run("init", "-input=false", "-no-color")
    assert initialised.returncode == 0, initialised.stderr
    return terraform


def test_the_files_are_formatted(terraform: Terraform) -> None:
    assert terraform.run("fmt", "-check", "-recursive", str(MODULE)).stdout == ""


def test_the_example_makes_valid_sources(terraform: Terraform) -> None:
    outputs = terraform.outputs()
    custom = json.loads(outputs["custom_connections"]["xero-acme"])
    web = json.loads(outputs["web_apps"]["xero-group"])
    for configuration in (custom, web):
        jsonschema.validate(configuration, SPEC)
    assert custom["start_date"] == web["start_date"] == "2020-01-01"
    assert custom["credentials"]["client_secret"] == "acme-secret-1"
    assert web["daily_call_reserve"] == 500
    assert web["credentials"] == {
        "auth_type": "oauth2_authorization_code",
        "client_id": "FEDCBA9876543210FEDCBA9876543210",
        "refresh_token": "web-refresh-token-3",
    }
    assert {"name": "invoices", "sync_mode": "incremental_deduped_history"} in outputs["streams"]
    assert outputs["resources"]["default"]["memory_limit"] == "1Gi"


@pytest.mark.parametrize("every_hours", [1, 6, 24])
def test_the_schedule_is_that_of_the_script(terraform: Terraform, every_hours: int) -> None:
    # Variables of the environment come before those of terraform.tfvars only if the file lacks them.
    values = terraform.folder / "terraform.tfvars"
    lines = [line for line in values.read_text().splitlines() if not line.startswith("every_hours")]
    values.write_text("\n".join(lines))
    crons = terraform.outputs({**SECRETS, "every_hours": str(every_hours)})["crons"]
    assert crons == {name: cron(name, every_hours) for name in ("xero-acme", "xero-group")}


@pytest.mark.parametrize(
    "changes, message",
    [
        (
            {
                "web_apps": {"a": {"client_id": "x"}, "b": {"client_id": "y"}},
                "web_app_secrets": {"a": {"refresh_token": "same"}, "b": {"refresh_token": "same"}},
            },
            "Two sources have the same refresh token",
        ),
        ({"web_app_secrets": {}}, "web_app_secrets must have the names of web_apps"),
        ({"custom_connection_secrets": {"another": "x"}}, "custom_connection_secrets must have the names"),
        (
            {
                "custom_connections": {"a": {"client_id": "x"}, "b": {"client_id": "x"}},
                "custom_connection_secrets": {"a": "1", "b": "2"},
            },
            "A Custom Connection is one organisation",
        ),
        ({"every_hours": 5}, "every_hours must divide a day"),
        ({"streams": {}}, "Without streams"),
    ],
)
def test_refuses_what_cannot_work(terraform: Terraform, changes: dict[str, Any], message: str) -> None:
    (terraform.folder / "changes.auto.tfvars.json").write_text(json.dumps(changes))
    planned = terraform.run("plan", "-input=false", "-no-color")
    assert planned.returncode == 1
    assert message in " ".join(planned.stderr.replace("│", " ").split())
