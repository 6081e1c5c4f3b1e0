"""Airbyte's public API, through its SDK."""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import httpx
from airbyte_api import AirbyteAPI, api, models
from airbyte_api._hooks import HookContext
from airbyte_api.errors import AirbyteAPIError

from .secret import Secret

# The most that the API answers at once. Without a limit it answers 20.
PAGE = 100
# Milliseconds. Airbyte reads the streams of a source in a pod of its own before it answers.
TIMEOUT = 300_000
Entry = TypeVar("Entry")


class PlatformError(Exception):
    """Airbyte refused a request. The message holds its answer, which may repeat secrets."""


class Platform:
    """One workspace."""

    def __init__(self, url: str, client_id: Secret, client_secret: Secret, workspace_id: str) -> None:
        self.url = url
        self.workspace_id = workspace_id
        # The SDK joins a relative address to the host alone and would leave out /api/public/v1.
        token_url = f"{url}/applications/token"
        login = models.SchemeClientCredentials(
            client_id=client_id.value, client_secret=client_secret.value, token_url=token_url
        )
        # No retries: a repeated POST could make a second source. The next run sees what was made and goes on.
        security = models.Security(client_credentials=login)
        self.sdk = AirbyteAPI(server_url=url, security=security, timeout_ms=TIMEOUT)

    def definitions(self) -> list[models.DefinitionResponse]:
        request = api.ListSourceDefinitionsRequest(workspace_id=self.workspace_id)
        answer = call(lambda: self.sdk.source_definitions.list_source_definitions(request=request))
        return answer.definitions_response.data if answer.definitions_response else []

    def create_definition(self, name: str, repository: str, tag: str) -> str:
        body = models.CreateDefinitionRequest(name=name, docker_repository=repository, docker_image_tag=tag)
        request = api.CreateSourceDefinitionRequest(workspace_id=self.workspace_id, create_definition_request=body)
        answer = call(lambda: self.sdk.source_definitions.create_source_definition(request=request))
        return needed(answer.definition_response).id

    def update_definition(self, definition_id: str, name: str, tag: str) -> None:
        request = api.UpdateSourceDefinitionRequest(
            workspace_id=self.workspace_id,
            definition_id=definition_id,
            update_definition_request=models.UpdateDefinitionRequest(name=name, docker_image_tag=tag),
        )
        call(lambda: self.sdk.source_definitions.update_source_definition(request=request))

    def sources(self) -> list[dict[str, Any]]:
        def page(offset: int) -> list[dict[str, Any]]:
            query = {"workspaceIds": self.workspace_id, "limit": PAGE, "offset": offset}
            answer: list[dict[str, Any]] = self.request("GET", "/sources", query=query)["data"]
            return answer

        return list(pages(page))

    def create_source(self, body: dict[str, Any]) -> str:
        return str(self.request("POST", "/sources", {"workspaceId": self.workspace_id, **body})["sourceId"])

    def put_source(self, source_id: str, body: dict[str, Any]) -> None:
        self.request("PUT", f"/sources/{source_id}", body)

    def delete_source(self, source_id: str) -> None:
        self.request("DELETE", f"/sources/{source_id}")

    def connections(self) -> list[models.ConnectionResponse]:
        def page(offset: int) -> list[models.ConnectionResponse]:
            request = api.ListConnectionsRequest(workspace_ids=[self.workspace_id], limit=PAGE, offset=offset)
            answer = call(lambda: self.sdk.connections.list_connections(request=request))
            return needed(answer.connections_response).data

        return list(pages(page))

    def create_connection(self, request: models.ConnectionCreateRequest) -> None:
        call(lambda: self.sdk.connections.create_connection(request=request))

    def patch_connection(self, connection_id: str, changes: models.ConnectionPatchRequest) -> None:
        request = api.PatchConnectionRequest(connection_id=connection_id, connection_patch_request=changes)
        call(lambda: self.sdk.connections.patch_connection(request=request))

    def delete_connection(self, connection_id: str) -> None:
        request = api.DeleteConnectionRequest(connection_id=connection_id)
        call(lambda: self.sdk.connections.delete_connection(request=request))

    def streams(self, source_id: str, destination_id: str) -> list[models.StreamProperties]:
        """The streams that the source can read, with the modes that the destination can write."""
        request = api.GetStreamPropertiesRequest(source_id=source_id, destination_id=destination_id)
        answer = call(lambda: self.sdk.streams.get_stream_properties(request=request))
        return answer.stream_properties_response or []

    def request(
        self, method: str, path: str, body: dict[str, Any] | None = None, query: dict[str, Any] | None = None
    ) -> Any:
        """Sends a request about sources through the SDK's client, with its token.

        The SDK's own classes have a fixed list of connectors and refuse the configuration of any other.
        """
        config = self.sdk.sdk_configuration
        headers = {"Accept": "application/json", "User-Agent": config.user_agent}
        extensions = {"timeout": httpx.Timeout(TIMEOUT / 1000).as_dict()}
        request = httpx.Request(
            method, f"{self.url}{path}", json=body, params=query, headers=headers, extensions=extensions
        )
        context = HookContext(config, self.url, f"{method} {path}", [], config.security)
        answer = call(
            lambda: self.sdk.sources.do_request(
                hook_ctx=context,
                request=request,
                is_error_status_code=lambda status: status >= 400,
            )
        )
        if answer.status_code >= 400:
            raise PlatformError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json() if answer.content else None


def call(function: Callable[[], Entry]) -> Entry:
    try:
        return function()
    except AirbyteAPIError as error:
        raise PlatformError(str(error)) from error
    except httpx.HTTPError as error:
        raise PlatformError(f"Airbyte cannot be reached: {error}") from error
    except Exception as error:
        # The SDK raises a bare Exception if Airbyte refuses the client ID or the secret.
        if type(error) is Exception:
            raise PlatformError(f"Airbyte gives no access token: {error}") from error
        raise


def needed(value: Entry | None) -> Entry:
    if value is None:
        raise PlatformError("Airbyte's answer is empty")
    return value


def pages(page: Callable[[int], list[Entry]]) -> Iterator[Entry]:
    """All entries, page after page."""
    offset = 0
    while entries := page(offset):
        yield from entries
        if len(entries) < PAGE:
            return
        offset += len(entries)
