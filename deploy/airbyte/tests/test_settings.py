"""What the file may say, and what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from airbyte_deployment.secret import FileError, Secret, redact
from airbyte_deployment.settings import Deployment, read

SHARDS = {
    "shards": [
        {
            "shard": number,
            "expected_calls": 100,
            "tenants": [{"id": f"id-{number}", "name": f"Organisation {number}"}],
            "config": {"start_date": "2022-01-01", "tenant_ids": [f"id-{number}"]},
        }
        for number in (1, 2)
    ]
}


@pytest.fixture
def file(tmp_path: Path) -> "File":
    return File(tmp_path)


class File:
    """A valid file with one Custom Connection, to be changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "secret").write_text("a secret\n")
        (folder / "token-1").write_text("token 1")
        (folder / "token-2").write_text("token 2")
        (folder / "shards.json").write_text(json.dumps(SHARDS))
        secret = {"file": "secret"}
        login = {"client_id": secret, "client_secret": secret, "workspace_id": "w", "destination_id": "d"}
        self.document: dict[str, Any] = {
            "airbyte": {"url": "http://localhost:8000/api/public/v1/", **login},
            "connector": {"name": "Xero", "repository": "xero-source", "tag": "dev"},
            "every_hours": 6,
            "settings": {"start_date": "2020-01-01"},
            "sources": [custom("acme")],
        }

    def read(self) -> Deployment:
        path = self.folder / "deployment.yaml"
        path.write_text(yaml.safe_dump(self.document))
        return read(path)

    def error(self) -> str:
        with pytest.raises(FileError) as error:
            self.read()
        return str(error.value)


def custom(name: str, client: str = "client") -> dict[str, Any]:
    secret = {"file": "secret"}
    credentials = {"auth_type": "oauth2_confidential_application", "client_id": client, "client_secret": secret}
    return {"name": name, "credentials": credentials}


def web(name: str, token: str, **further: Any) -> dict[str, Any]:
    credentials = {"auth_type": "oauth2_authorization_code", "client_id": "web", "refresh_token": {"file": token}}
    return {"name": name, "credentials": credentials, **further}


def test_reads_secrets_from_files_and_variables(file: File, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME", "another secret")
    file.document["sources"][0]["credentials"]["client_secret"] = {"env": "ACME"}
    deployment = file.read()
    assert deployment.client_secret == Secret("a secret", "file secret")
    assert deployment.sources[0].credentials["client_secret"] == Secret("another secret", "env ACME")
    assert "another secret" not in repr(deployment)
    assert deployment.url == "http://localhost:8000/api/public/v1"


def test_dates_stay_strings(file: File) -> None:
    path = file.folder / "dates.yaml"
    text = yaml.safe_dump(file.document).replace("'2020-01-01'", "2020-01-01")
    assert "start_date: 2020-01-01" in text
    path.write_text(text)
    assert read(path).sources[0].settings["start_date"] == "2020-01-01"


def test_json_is_read_as_well(file: File) -> None:
    path = file.folder / "deployment.json"
    path.write_text(json.dumps(file.document))
    assert read(path).repository == "xero-source"


def test_refuses_two_sources_with_one_refresh_token(file: File) -> None:
    (file.folder / "copy").write_text("token 1")
    file.document["sources"] = [web("one", "token-1"), web("two", "copy")]
    message = file.error()
    assert message.startswith("one and two have the same refresh token. It works once")
    assert "token 1" not in message


def test_warns_of_two_logins_of_one_web_app(file: File) -> None:
    file.document["sources"] = [web("one", "token-1"), web("two", "token-2")]
    (warning,) = file.read().warnings
    assert warning == "one and two use one web app: each refresh token must come from the login of another Xero user"


def test_refuses_two_sources_with_one_custom_connection(file: File) -> None:
    file.document["sources"] = [custom("one"), custom("two")]
    assert file.error() == "one and two use one Custom Connection: give it one source"
    file.document["sources"] = [custom("one"), custom("two", "another")]
    assert len(file.read().sources) == 2


def test_a_shard_brings_its_settings(file: File) -> None:
    file.document["sources"] = [
        web(f"shard {number}", f"token-{number}", shard={"file": "shards.json", "number": number}) for number in (1, 2)
    ]
    first, second = file.read().sources
    assert first.settings == {"start_date": "2022-01-01", "tenant_ids": ["id-1"]}
    assert second.settings["tenant_ids"] == ["id-2"]


def test_refuses_to_leave_a_shard_out(file: File) -> None:
    file.document["sources"] = [web("shard 2", "token-2", shard={"file": "shards.json", "number": 2})]
    assert file.error() == "no source reads shard 1 of shards.json, so its organisations would be left out"


def test_refuses_a_shard_twice_and_one_that_is_not_there(file: File) -> None:
    file.document["sources"] = [
        web(f"from {token}", token, shard={"file": "shards.json", "number": 1}) for token in ("token-1", "token-2")
    ]
    assert file.error() == "two sources read shard 1 of shards.json"
    file.document["sources"][1]["shard"]["number"] = 3
    assert file.error() == "from token-2: shards.json has no such shard"


def test_a_custom_connection_has_no_shards(file: File) -> None:
    file.document["sources"][0]["shard"] = {"file": "shards.json", "number": 1}
    assert file.error() == "acme: a Custom Connection covers one organisation, so it has no shards"


def change(*path: Any, value: Any) -> Any:
    def apply(document: Any) -> None:
        for key in path[:-1]:
            document = document[key]
        if value is None:
            del document[path[-1]]
        else:
            document[path[-1]] = value

    return apply


@pytest.mark.parametrize(
    "changed, message",
    [
        (change("sources", value=[]), "sources must be a list that is not empty"),
        (change("sources", 0, "name", value=""), "the name of a source must be a string"),
        (change("sources", 0, "credentials", "client_secret", value="plain"), "acme.credentials.client_secret is a secret"),
        (change("sources", 0, "credentials", "client_secret", value={"env": "NOT_SET"}), "env NOT_SET is not set or empty"),
        (change("sources", 0, "credentials", "client_secret", value={"file": "no"}), "no cannot be read"),
        (change("sources", 0, "credentials", "auth_type", value="oauth2_access_token"), "ends after 30 minutes"),
        (change("sources", 0, "credentials", "auth_type", value="basic"), "acme.credentials.auth_type must be"),
        (change("sources", 0, "credentials", "client_id", value=None), "acme.credentials lacks client_id"),
        (change("sources", 0, "settings", value={"refresh_token": "x"}), "refresh_token belong below credentials"),
        (change("settings", "tenant_id", value="x"), "write tenant_ids"),
        (change("every_hours", value=5), "every_hours must divide a day"),
        (change("connector", "tag", value=0.7), "connector.tag must be a string, in quotation marks"),
        (change("every_hour", value=1), "the file has unknown keys: every_hour"),
        (change("resources", value={"memory": "1Gi"}), "resources has unknown keys: memory"),
        (change("airbyte", value=None), "the file lacks airbyte"),
    ],
)
def test_says_what_is_wrong(file: File, changed: Any, message: str) -> None:
    file.read()
    changed(file.document)
    assert message in file.error()


def test_the_same_name_twice(file: File) -> None:
    file.document["sources"] = [custom("acme"), custom("acme", "another")]
    assert file.error() == "two sources have the name acme"


def test_redacts_the_longest_secret_first_and_escaped_forms() -> None:
    secrets = [Secret("abc", ""), Secret('abc"def', "")]
    assert redact('abc"def abc\\"def abc', secrets) == "[secret] [secret] [secret]"
