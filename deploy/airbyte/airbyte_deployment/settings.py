"""The file that describes the deployment: reads it, and refuses what cannot work."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from .secret import FileError, Secret, read_secret

WEB_APP = "oauth2_authorization_code"
CUSTOM_CONNECTION = "oauth2_confidential_application"
CREDENTIALS = {
    WEB_APP: ({"client_id", "refresh_token"}, {"client_secret"}),
    CUSTOM_CONNECTION: ({"client_id", "client_secret"}, {"scopes"}),
}
SECRET_KEYS = {"client_secret", "refresh_token"}
ACCESS_KEYS = {"credentials", "auth_type", "client_id", "access_token", "id_token", *SECRET_KEYS}
RESOURCES = {f"{what}_{kind}" for what in ("cpu", "memory") for kind in ("request", "limit")}


class Loader(yaml.SafeLoader):
    """Reads 2020-01-01 as the string that the connector expects, not as a date."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in rules if tag != "tag:yaml.org,2002:timestamp"]
        for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


@dataclass(frozen=True)
class Source:
    """One source of Airbyte and its connection, which have the same name."""

    name: str
    auth_type: str
    credentials: dict[str, str | Secret]
    settings: dict[str, Any]
    shard: tuple[str, int] | None


@dataclass(frozen=True)
class Deployment:
    """The whole file."""

    url: str
    client_id: Secret
    client_secret: Secret
    workspace_id: str
    destination_id: str
    definition_name: str
    repository: str
    tag: str
    every_hours: int
    streams: list[str] | None
    resources: dict[str, str]
    sources: list[Source]
    warnings: list[str] = field(default_factory=list)

    def secrets(self) -> list[Secret]:
        of_sources = [value for source in self.sources for value in source.credentials.values()]
        return [self.client_id, self.client_secret, *(value for value in of_sources if isinstance(value, Secret))]


def read(path: Path) -> Deployment:
    """Reads a YAML file. JSON is YAML as well."""
    try:
        document = yaml.load(path.read_text(), Loader)
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise FileError(f"{path} is not YAML: {error}") from error
    top = keys(document, "the file", {"airbyte", "connector", "every_hours", "settings", "sources"}, {"streams", "resources"})
    airbyte = keys(top["airbyte"], "airbyte", {"url", "client_id", "client_secret", "workspace_id", "destination_id"})
    connector = keys(top["connector"], "connector", {"name", "repository", "tag"})
    every_hours = top["every_hours"]
    if every_hours not in (1, 2, 3, 4, 6, 8, 12, 24):
        raise FileError("every_hours must divide a day: 1, 2, 3, 4, 6, 8, 12 or 24")
    sources = [read_source(entry, top["settings"], path.parent) for entry in sequence(top["sources"], "sources")]
    deployment = Deployment(
        url=text(airbyte["url"], "airbyte.url").rstrip("/"),
        client_id=read_secret(airbyte["client_id"], "airbyte.client_id", path.parent),
        client_secret=read_secret(airbyte["client_secret"], "airbyte.client_secret", path.parent),
        workspace_id=text(airbyte["workspace_id"], "airbyte.workspace_id"),
        destination_id=text(airbyte["destination_id"], "airbyte.destination_id"),
        definition_name=text(connector["name"], "connector.name"),
        repository=text(connector["repository"], "connector.repository"),
        tag=text(connector["tag"], "connector.tag"),
        every_hours=every_hours,
        streams=[text(name, "streams") for name in sequence(top["streams"], "streams")] if "streams" in top else None,
        resources={
            key: text(value, f"resources.{key}")
            for key, value in keys(top.get("resources", {}), "resources", set(), RESOURCES).items()
        },
        sources=sources,
    )
    check_sources(deployment, path.parent)
    return deployment


def read_source(entry: Any, common: Any, folder: Path) -> Source:
    entry = keys(entry, "an entry of sources", {"name", "credentials"}, {"settings", "shard"})
    name = text(entry["name"], "the name of a source")
    auth_type, credentials = read_credentials(entry["credentials"], f"{name}.credentials", folder)
    settings = {**mapping(common, "settings"), **mapping(entry.get("settings", {}), f"{name}.settings")}
    shard = None
    if "shard" in entry:
        if auth_type == CUSTOM_CONNECTION:
            raise FileError(f"{name}: a Custom Connection covers one organisation, so it has no shards")
        place = keys(entry["shard"], f"{name}.shard", {"file", "number"})
        shard = (text(place["file"], f"{name}.shard.file"), place["number"])
        settings = {**settings, **shards(folder, shard[0], lambda found: found["shard"] == shard[1], name)[0]["config"]}
    inside = sorted(ACCESS_KEYS & settings.keys())
    if inside:
        raise FileError(f"{name}: {', '.join(inside)} belong below credentials, not into settings")
    if "tenant_id" in settings:
        raise FileError(f"{name}: write tenant_ids: Airbyte hides tenant_id, so nobody could see whether it is current")
    return Source(name, auth_type, credentials, settings, shard)


def read_credentials(value: Any, where: str, folder: Path) -> tuple[str, dict[str, str | Secret]]:
    auth_type = mapping(value, where).get("auth_type")
    if auth_type == "oauth2_access_token":
        raise FileError(f"{where}: an access token ends after 30 minutes, and Airbyte cannot renew it")
    if auth_type not in CREDENTIALS:
        raise FileError(f"{where}.auth_type must be {' or '.join(CREDENTIALS)}")
    required, optional = CREDENTIALS[auth_type]
    entry = keys(value, where, required | {"auth_type"}, optional)
    credentials: dict[str, str | Secret] = {}
    for key in sorted(entry.keys() - {"auth_type"}):
        plain = key not in SECRET_KEYS and isinstance(entry[key], str)
        credentials[key] = entry[key] if plain else read_secret(entry[key], f"{where}.{key}", folder)
    return auth_type, credentials


def shards(folder: Path, file: str, choice: Callable[[dict[str, Any]], bool], name: str) -> list[dict[str, Any]]:
    """The chosen shards of a file that `xero-source tenants --shards N --json` wrote."""
    try:
        found = [shard for shard in json.loads((folder / file).read_text())["shards"] if choice(shard)]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FileError(f"{name}: {file} is not the output of `xero-source tenants --shards N --json`") from error
    if not found:
        raise FileError(f"{name}: {file} has no such shard")
    return found


def check_sources(deployment: Deployment, folder: Path) -> None:
    sources = deployment.sources
    for name in repeated(source.name for source in sources):
        raise FileError(f"two sources have the name {name}")
    check_refresh_tokens(deployment)
    custom = [source for source in sources if source.auth_type == CUSTOM_CONNECTION]
    for client_id in repeated(plain(source.credentials["client_id"]) for source in custom):
        names = [source.name for source in custom if plain(source.credentials["client_id"]) == client_id]
        raise FileError(f"{' and '.join(names)} use one Custom Connection: give it one source")
    for file in {source.shard[0] for source in sources if source.shard}:
        taken = Counter(source.shard[1] for source in sources if source.shard and source.shard[0] == file)
        for number in [number for number, count in taken.items() if count > 1]:
            raise FileError(f"two sources read shard {number} of {file}")
        left = [str(shard["shard"]) for shard in shards(folder, file, lambda _: True, file) if shard["shard"] not in taken]
        if left:
            raise FileError(f"no source reads shard {', '.join(left)} of {file}, so its organisations would be left out")


def check_refresh_tokens(deployment: Deployment) -> None:
    """A refresh token works once: the first of two sources that renews it takes the access from the other."""
    apps = [source for source in deployment.sources if source.auth_type == WEB_APP]
    for token in repeated(plain(source.credentials["refresh_token"]) for source in apps):
        names = [source.name for source in apps if plain(source.credentials["refresh_token"]) == token]
        raise FileError(
            f"{' and '.join(names)} have the same refresh token. It works once, so the first source that renews it"
            " takes the access from the others. With one login of a web app, make one source for all its organisations"
        )
    for client_id in repeated(plain(source.credentials["client_id"]) for source in apps):
        names = [source.name for source in apps if plain(source.credentials["client_id"]) == client_id]
        deployment.warnings.append(
            f"{' and '.join(names)} use one web app: each refresh token must come from the login of another Xero user"
        )


def plain(value: str | Secret) -> str:
    return value.value if isinstance(value, Secret) else value


def repeated(values: Any) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]


def mapping(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise FileError(f"{where} must be a mapping")
    return dict(value)


def keys(value: Any, where: str, required: Set[str], optional: Set[str] = frozenset()) -> dict[str, Any]:
    """A mapping that has all required keys and no others than these and the optional ones."""
    entry = mapping(value, where)
    missing = sorted(required - entry.keys())
    unknown = sorted(str(key) for key in entry.keys() - required - optional)
    if missing:
        raise FileError(f"{where} lacks {', '.join(missing)}")
    if unknown:
        raise FileError(f"{where} has unknown keys: {', '.join(unknown)}")
    return entry


def sequence(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise FileError(f"{where} must be a list that is not empty")
    return value


def text(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value:
        raise FileError(f"{where} must be a string, in quotation marks if it looks like a number")
    return value
