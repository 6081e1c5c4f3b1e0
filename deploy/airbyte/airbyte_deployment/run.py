"""Compares the file with the workspace, and changes what differs.

Nothing is remembered between runs: a source belongs to an entry of the file if it is of our connector and has the
entry's name. A connection belongs to it if it leads from that source to the destination of the file.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from airbyte_api import models

from .platform import Platform
from .schedule import cron
from .secret import FileError
from .settings import WEB_APP, Deployment, Source, plain

Result = TypeVar("Result")
Streams = list[models.StreamConfiguration]
# What each stream gets if source and destination both know it, the best first.
MODES = (models.ConnectionSyncModeEnum.INCREMENTAL_DEDUPED_HISTORY, models.ConnectionSyncModeEnum.FULL_REFRESH_OVERWRITE)


@dataclass
class Run:
    """One run over the file. Without `apply` it only says what it would do."""

    deployment: Deployment
    platform: Platform
    say: Callable[[str], None]
    apply: bool
    new_logins: set[str] = field(default_factory=set)
    deletions: set[str] = field(default_factory=set)
    differences: int = 0

    def change(self, what: str, make: Callable[[], Result]) -> Result | None:
        self.differences += 1
        self.say(what)
        return make() if self.apply else None

    def run(self) -> None:
        definition_id = self.definition()
        of_connector = [source for source in self.platform.sources() if source["definitionId"] == definition_id]
        self.check_names({source["name"] for source in of_connector})
        connections = self.platform.connections()
        for source in self.deployment.sources:
            found = only([found for found in of_connector if found["name"] == source.name], source.name)
            source_id = self.update_source(source, found) if found else self.create_source(source, definition_id)
            self.connection(source, source_id, connections)
        self.others(of_connector, connections)

    def check_names(self, existing: set[str]) -> None:
        wanted = {source.name for source in self.deployment.sources}
        for name in sorted((self.new_logins - wanted) | (self.deletions - existing - wanted)):
            raise FileError(f"there is no source {name}")
        for name in sorted(self.deletions & wanted):
            raise FileError(f"{name} is in the file: take it out before you delete the source")

    def definition(self) -> str | None:
        wanted = self.deployment
        same_image = [entry for entry in self.platform.definitions() if entry.docker_repository == wanted.repository]
        same_name = [entry for entry in same_image if entry.name == wanted.definition_name]
        found = only(same_name or same_image, wanted.repository)
        if found is None:
            return self.change(
                f"create connector {wanted.definition_name}: {wanted.repository}:{wanted.tag}",
                lambda: self.platform.create_definition(wanted.definition_name, wanted.repository, wanted.tag),
            )
        if (found.name, found.docker_image_tag) != (wanted.definition_name, wanted.tag):
            self.change(
                f"update connector {wanted.definition_name}: tag {found.docker_image_tag} to {wanted.tag}",
                lambda: self.platform.update_definition(found.id, wanted.definition_name, wanted.tag),
            )
        return found.id

    def allocation(self) -> dict[str, Any]:
        resources = self.deployment.resources
        return {"resourceAllocation": {"default": resources}} if resources else {}

    def create_source(self, source: Source, definition_id: str | None) -> str | None:
        configuration = {**source.settings, "credentials": credentials(source)}
        body = {"name": source.name, "definitionId": definition_id, "configuration": configuration, **self.allocation()}
        return self.change(f"create source {source.name}", lambda: self.platform.create_source(body))

    def update_source(self, source: Source, found: dict[str, Any]) -> str:
        settings = dict(found["configuration"])
        # Airbyte answers secrets as asterisks and keeps what it has where asterisks come back. It has a newer
        # refresh token than the file by now, so the credentials go back as they came.
        kept = settings.pop("credentials", {})
        what = []
        if source.name in self.new_logins:
            what.append("credentials")
            kept = credentials(source)
        elif (kept.get("auth_type"), kept.get("client_id")) != (source.auth_type, plain(source.credentials["client_id"])):
            raise FileError(f"{source.name} has another app in Airbyte; --new-login {source.name} replaces it")
        if settings != source.settings:
            what.append("settings")
        if self.allocation() and found.get("resourceAllocation") != self.allocation()["resourceAllocation"]:
            what.append("resources")
        body = {"name": source.name, "configuration": {**source.settings, "credentials": kept}, **self.allocation()}
        source_id = str(found["sourceId"])
        if what:
            self.change(
                f"update source {source.name}: {', '.join(what)}", lambda: self.platform.put_source(source_id, body)
            )
        return source_id

    def connection(
        self, source: Source, source_id: str | None, connections: list[models.ConnectionResponse]
    ) -> None:
        expression = cron(source.name, self.deployment.every_hours)
        route = (source_id, self.deployment.destination_id)
        found = only([entry for entry in connections if (entry.source_id, entry.destination_id) == route], source.name)
        if found is None:
            self.change(
                f"create connection {source.name}: {expression}",
                lambda: self.create_connection(source, str(source_id), schedule(expression)),
            )
            return
        what, patch = [], models.ConnectionPatchRequest()
        # Airbyte answers the expression with its time zone.
        if (found.schedule.cron_expression or "").removesuffix(" UTC") != expression:
            what.append(f"schedule {expression}")
            patch.schedule = schedule(expression)
        existing = {stream.name: stream for stream in found.configurations.streams or []}
        streams = self.streams(source, found.source_id)
        if {stream.name for stream in streams} != existing.keys():
            what.append(f"{len(streams)} streams instead of {len(existing)}")
            # What somebody chose in Airbyte for a stream, such as its columns, stays as it is.
            kept = [existing.get(stream.name, stream) for stream in streams]
            patch.configurations = models.StreamConfigurations(streams=kept)
        if what:
            self.change(
                f"update connection {source.name}: {', '.join(what)}",
                lambda: self.platform.patch_connection(found.connection_id, patch),
            )

    def create_connection(self, source: Source, source_id: str, times: models.AirbyteAPIConnectionSchedule) -> None:
        request = models.ConnectionCreateRequest(
            name=source.name,
            source_id=source_id,
            destination_id=self.deployment.destination_id,
            schedule=times,
            configurations=models.StreamConfigurations(streams=self.streams(source, source_id)),
            status=models.ConnectionStatusEnum.ACTIVE,
        )
        self.platform.create_connection(request)

    def streams(self, source: Source, source_id: str) -> Streams:
        offered = {
            stream.stream_name: stream.sync_modes or []
            for stream in self.platform.streams(source_id, self.deployment.destination_id)
            if stream.stream_name
        }
        wanted = set(self.deployment.streams or offered)
        for name in sorted(wanted - offered.keys()):
            raise FileError(f"{source.name} does not offer the stream {name}: its app may lack the scope")
        return [models.StreamConfiguration(name=name, sync_mode=best(name, offered[name])) for name in sorted(wanted)]

    def others(self, sources: list[dict[str, Any]], connections: list[models.ConnectionResponse]) -> None:
        """Sources of this connector that are not in the file."""
        wanted = {source.name for source in self.deployment.sources}
        for found in sources:
            name, source_id = found["name"], str(found["sourceId"])
            if name in self.deletions:
                for connection in [entry for entry in connections if entry.source_id == source_id]:
                    self.delete_connection(connection)
                self.delete_source(name, source_id)
            elif name not in wanted:
                self.say(f"not in the file: source {name}; --delete {name} deletes it and its connections")
                self.warn_of_web_app(found)

    def delete_connection(self, connection: models.ConnectionResponse) -> None:
        delete = self.platform.delete_connection
        self.change(f"delete connection {connection.name}", lambda: delete(connection.connection_id))

    def delete_source(self, name: str, source_id: str) -> None:
        self.change(f"delete source {name}", lambda: self.platform.delete_source(source_id))

    def warn_of_web_app(self, found: dict[str, Any]) -> None:
        kept = found["configuration"].get("credentials", {})
        of_file = [source for source in self.deployment.sources if source.auth_type == WEB_APP]
        apps = {plain(source.credentials["client_id"]) for source in of_file}
        if kept.get("auth_type") == WEB_APP and kept.get("client_id") in apps:
            self.say(
                f"warning: source {found['name']} uses a web app of the file. If both have the refresh token of one"
                " login, the first that renews it takes the access from the other"
            )


def credentials(source: Source) -> dict[str, str]:
    return {"auth_type": source.auth_type, **{key: plain(value) for key, value in source.credentials.items()}}


def schedule(expression: str) -> models.AirbyteAPIConnectionSchedule:
    return models.AirbyteAPIConnectionSchedule(schedule_type=models.ScheduleTypeEnum.CRON, cron_expression=expression)


def best(stream: str, modes: list[models.ConnectionSyncModeEnum]) -> models.ConnectionSyncModeEnum:
    known = [mode for mode in MODES if mode in modes] or modes
    if not known:
        raise FileError(f"the destination knows no mode for the stream {stream}")
    return known[0]


def only(found: list[Result], name: str) -> Result | None:
    if len(found) > 1:
        raise FileError(f"Airbyte has {len(found)} entries for {name}: remove all but one there")
    return found[0] if found else None
