"""The command against a small Airbyte that validates each request."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from airbyte_deployment.__main__ import main
from airbyte_deployment.schedule import cron

from .airbyte import CLIENT, DESTINATION, WORKSPACE, Airbyte, Server

SECRETS = {"ACME_SECRET": "acme-secret-1", "BIRD_SECRET": "bird-secret-2", "WEB_TOKEN": "web-refresh-token-3"}


class Scene:
    """A file, the command, and what it printed."""

    def __init__(self, folder: Path, server: Server, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.server, self.capsys = folder, server, capsys
        self.airbyte: Airbyte = server.airbyte
        self.file: dict[str, Any] = {
            "airbyte": {
                "url": server.url,
                "client_id": {"env": "AIRBYTE_CLIENT_ID"},
                "client_secret": {"env": "AIRBYTE_CLIENT_SECRET"},
                "workspace_id": WORKSPACE,
                "destination_id": DESTINATION,
            },
            "connector": {"name": "Xero (xero-source)", "repository": "registry.example.com/xero-source", "tag": "0.7.0"},
            "every_hours": 6,
            "settings": {"start_date": "2020-01-01"},
            "sources": [custom("acme"), custom("bird"), web("all", "WEB_TOKEN")],
        }

    def __call__(self, *arguments: str) -> list[str]:
        """Runs the command and returns what it printed; fails if a secret is among it."""
        path = self.folder / "deployment.yaml"
        path.write_text(yaml.safe_dump(self.file))
        status = main([*arguments[:1], str(path), *arguments[1:]])
        output = self.capsys.readouterr()
        for value in [*SECRETS.values(), CLIENT["client_secret"]]:
            assert value not in output.out + output.err
        assert self.server.problems == []
        assert (status == 0) == (not any(line.startswith("error") for line in output.err.splitlines()))
        return output.err.splitlines() + output.out.splitlines()

    def source(self, name: str) -> dict[str, Any]:
        (found,) = [source for source in self.airbyte.sources.values() if source["name"] == name]
        return found

    def connection(self, name: str) -> dict[str, Any]:
        (found,) = [entry for entry in self.airbyte.connections.values() if entry["name"] == name]
        return found


def custom(name: str) -> dict[str, Any]:
    secret = {"env": f"{name.upper()}_SECRET"}
    return {
        "name": name,
        "credentials": {
            "auth_type": "oauth2_confidential_application",
            "client_id": f"{name}-client",
            "client_secret": secret,
        },
    }


def web(name: str, token: str, client: str = "web-client") -> dict[str, Any]:
    return {
        "name": name,
        "credentials": {
            "auth_type": "oauth2_authorization_code",
            "client_id": client,
            "refresh_token": {"env": token},
        },
    }


@pytest.fixture
def scene(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AIRBYTE_CLIENT_ID", CLIENT["client_id"])
    monkeypatch.setenv("AIRBYTE_CLIENT_SECRET", CLIENT["client_secret"])
    with Server() as server:
        yield Scene(tmp_path, server, capsys)


def test_makes_what_the_file_says(scene: Scene) -> None:
    lines = scene("apply")
    assert lines == [
        "create connector Xero (xero-source): registry.example.com/xero-source:0.7.0",
        "create source acme",
        f"create connection acme: {cron('acme', 6)}",
        "create source bird",
        f"create connection bird: {cron('bird', 6)}",
        "create source all",
        f"create connection all: {cron('all', 6)}",
        "7 changes",
    ]
    assert scene.source("acme")["configuration"] == {
        "start_date": "2020-01-01",
        "credentials": {
            "auth_type": "oauth2_confidential_application",
            "client_id": "acme-client",
            "client_secret": SECRETS["ACME_SECRET"],
        },
    }
    connection = scene.connection("acme")
    assert connection["sourceId"] == scene.source("acme")["sourceId"]
    assert connection["destinationId"] == DESTINATION
    assert connection["schedule"] == {"scheduleType": "cron", "cronExpression": cron("acme", 6)}
    modes = {stream["name"]: stream["syncMode"] for stream in connection["configurations"]["streams"]}
    incremental, full = "incremental_deduped_history", "full_refresh_overwrite"
    assert modes == {"contacts": incremental, "currencies": full, "invoices": incremental}


def test_a_second_run_changes_nothing(scene: Scene) -> None:
    scene.file["settings"]["tenant_ids"] = ["70784a63-d24b-46a9-a4db-0e70a274b056"]
    scene.file["resources"] = {"memory_limit": "1Gi"}
    scene("apply")
    made = len(scene.airbyte.changes())
    assert made == 7
    assert scene("apply") == ["nothing to change"]
    assert len(scene.airbyte.changes()) == made


def test_a_plan_sends_no_change(scene: Scene) -> None:
    lines = scene("plan")
    assert len(lines) == 8 and lines[-1] == "7 changes to make"
    assert scene.airbyte.changes() == []


def test_a_run_that_stopped_goes_on(scene: Scene) -> None:
    scene("apply")
    made = dict(scene.airbyte.connections)
    del scene.airbyte.connections[scene.connection("bird")["connectionId"]]
    scene("apply")
    assert len(scene.airbyte.sources) == 3 and len(scene.airbyte.connections) == 3
    assert len(made.keys() & scene.airbyte.connections.keys()) == 2


def test_finds_its_sources_behind_the_first_page(scene: Scene) -> None:
    scene("apply")
    other = {**scene.source("acme"), "definitionId": "33333333-3333-4333-8333-333333333333"}
    mine = dict(scene.airbyte.sources)
    scene.airbyte.sources.clear()
    for number in range(250):
        key = f"44444444-4444-4444-8444-{number:012}"
        scene.airbyte.sources[key] = {**other, "sourceId": key}
    scene.airbyte.sources.update(mine)
    assert scene("apply") == ["nothing to change"]


def test_keeps_a_refresh_token_that_a_sync_renewed(scene: Scene) -> None:
    scene("apply")
    scene.source("all")["configuration"]["credentials"]["refresh_token"] = "renewed"
    scene.source("all")["configuration"]["credentials"]["access_token"] = "renewed too"
    scene.file["settings"]["start_date"] = "2021-01-01"
    del scene.file["sources"][:2]
    lines = scene("apply")
    assert "update source all: settings" in lines
    configuration = scene.source("all")["configuration"]
    assert configuration["start_date"] == "2021-01-01"
    assert configuration["credentials"]["refresh_token"] == "renewed"
    assert configuration["credentials"]["access_token"] == "renewed too"


def test_sends_the_credentials_of_a_new_login_on_demand(scene: Scene) -> None:
    scene("apply")
    scene.source("all")["configuration"]["credentials"]["refresh_token"] = "ended"
    assert "update source all: credentials" in scene("apply", "--new-login", "all")
    assert scene.source("all")["configuration"]["credentials"]["refresh_token"] == SECRETS["WEB_TOKEN"]


def test_another_app_needs_a_new_login(scene: Scene) -> None:
    scene("apply")
    scene.file["sources"][2]["credentials"]["client_id"] = "another"
    assert scene("apply") == ["error: all has another app in Airbyte; --new-login all replaces it"]
    assert "update source all: credentials" in scene("apply", "--new-login", "all")


def test_removes_a_setting_that_the_file_lost(scene: Scene) -> None:
    scene.file["settings"]["daily_call_reserve"] = 100
    scene("apply")
    del scene.file["settings"]["daily_call_reserve"]
    scene("apply")
    assert "daily_call_reserve" not in scene.source("acme")["configuration"]


def test_updates_the_tag_schedule_streams_and_resources(scene: Scene) -> None:
    scene("apply")
    scene.connection("acme")["configurations"]["streams"][2]["selectedFields"] = [{"fieldPath": ["InvoiceID"]}]
    scene.file["connector"]["tag"] = "0.8.0"
    scene.file["every_hours"] = 24
    scene.file["streams"] = ["currencies", "invoices"]
    scene.file["resources"] = {"memory_request": "64Mi", "memory_limit": "1Gi", "cpu_request": "250m"}
    lines = scene("apply")
    assert "update connector Xero (xero-source): tag 0.7.0 to 0.8.0" in lines
    assert "update source acme: resources" in lines
    assert f"update connection acme: schedule {cron('acme', 24)}, 2 streams instead of 3" in lines
    currencies, invoices = scene.connection("acme")["configurations"]["streams"]
    assert currencies["name"] == "currencies"
    assert invoices["selectedFields"] == [{"fieldPath": ["InvoiceID"]}]
    assert scene.source("acme")["resourceAllocation"]["default"]["memory_request"] == "64Mi"
    assert scene("apply") == ["nothing to change"]


def test_reports_a_source_that_left_the_file_and_deletes_it_on_demand(scene: Scene) -> None:
    scene("apply")
    scene.file["sources"].pop(0)
    lines = scene("apply")
    assert lines == ["not in the file: source acme; --delete acme deletes it and its connections", "nothing to change"]
    assert len(scene.airbyte.sources) == 3
    assert scene("plan", "--delete", "acme")[-1] == "2 changes to make"
    assert len(scene.airbyte.sources) == 3
    assert scene("apply", "--delete", "acme") == ["delete connection acme", "delete source acme", "2 changes"]
    assert {source["name"] for source in scene.airbyte.sources.values()} == {"bird", "all"}
    assert len(scene.airbyte.connections) == 2


def test_deletes_nothing_that_is_in_the_file_or_unknown(scene: Scene) -> None:
    scene("apply")
    assert scene("apply", "--delete", "acme")[0].startswith("error: acme is in the file")
    assert scene("apply", "--delete", "nobody") == ["error: there is no source nobody"]
    assert len(scene.airbyte.sources) == 3


def test_warns_of_a_source_by_hand_with_the_same_web_app(scene: Scene) -> None:
    scene("apply")
    copy = {**scene.source("all"), "name": "by hand", "sourceId": "55555555-5555-4555-8555-555555555555"}
    scene.airbyte.sources[copy["sourceId"]] = copy
    lines = scene("apply")
    assert any(line.startswith("warning: source by hand uses a web app of the file") for line in lines)


def test_an_answer_that_repeats_secrets_is_printed_without_them(scene: Scene) -> None:
    scene.file["sources"] = [custom("acme")]
    scene.airbyte.definitions["66666666-6666-4666-8666-666666666666"] = {
        "id": "66666666-6666-4666-8666-666666666666",
        "name": "Xero (xero-source)",
        "dockerRepository": "registry.example.com/xero-source",
        "dockerImageTag": "0.7.0",
    }
    scene.airbyte.refuse_next = "post"
    lines = scene("apply")
    assert lines[0].startswith("error: POST /sources: 422") and "[secret]" in lines[0]


def test_a_wrong_secret_of_airbyte_is_said(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRBYTE_CLIENT_SECRET", "wrong")
    assert scene("plan") == ["error: Airbyte gives no access token: Unexpected status code 403 from token endpoint"]


def test_a_stream_that_the_source_does_not_offer_is_an_error(scene: Scene) -> None:
    scene.file["streams"] = ["invoices", "journals"]
    assert scene("apply")[0] == "error: acme does not offer the stream journals: its app may lack the scope"


def test_the_sdk_itself_refuses_the_configuration_of_this_connector() -> None:
    """If this fails, the SDK can create sources of custom connectors, and platform.py needs no requests of its own."""
    from airbyte_api import models

    credentials = {"auth_type": "oauth2_confidential_application", "client_id": "a", "client_secret": "b"}
    configuration = {"start_date": "2020-01-01", "credentials": credentials}
    body = json.dumps({"name": "a", "workspaceId": WORKSPACE, "configuration": configuration})
    with pytest.raises(ValueError, match="discriminator"):
        models.SourceCreateRequest.model_validate_json(body)


@pytest.mark.parametrize(
    "target, body",
    [
        ("/sources", {"name": "a", "workspaceId": WORKSPACE, "configuration": {}, "definition_id": WORKSPACE}),
        ("/sources", {"name": "a", "workspaceId": "not a UUID", "configuration": {}}),
        ("/connections", {"sourceId": WORKSPACE, "destinationId": DESTINATION, "status": "running"}),
        ("/connections", {"sourceId": WORKSPACE}),
        ("/syncs", {}),
    ],
)
def test_the_server_of_these_tests_rejects_what_airbyte_does_not_describe(target: str, body: dict[str, Any]) -> None:
    server = Server()
    answer = server.handle("POST", f"/api/public/v1{target}", {}, json.dumps(body).encode())
    server.http.server_close()
    assert answer.status_code == 400 and len(server.problems) == 1


def test_the_example_can_be_deployed(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    example = yaml.load((Path(__file__).parents[1] / "deployment.example.yaml").read_text(), yaml.BaseLoader)
    monkeypatch.setenv("ACME_CLIENT_SECRET", SECRETS["ACME_SECRET"])
    (scene.folder / "secrets").mkdir()
    (scene.folder / "secrets/group-client-secret").write_text("group-secret")
    (scene.folder / "secrets/group-refresh-token").write_text(SECRETS["WEB_TOKEN"])
    example["airbyte"]["url"] = scene.server.url
    example["every_hours"] = int(example["every_hours"])
    example["sources"][1]["settings"]["daily_call_reserve"] = 500
    scene.file = example
    assert scene("apply")[-1] == "5 changes"
    assert scene("apply") == ["nothing to change"]
