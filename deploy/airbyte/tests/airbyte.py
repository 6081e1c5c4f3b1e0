"""A small Airbyte for tests: keeps definitions, sources and connections, and validates every request and every answer
against Airbyte's API description."""

import copy
import json
import threading
import uuid
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jsonschema  # type: ignore[import-untyped]
from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from werkzeug.datastructures import ImmutableMultiDict

HERE = Path(__file__).parent
# The description is read once, before the ports of the servers are known.
HOST = "http://airbyte.example.com"
BASE = "/api/public/v1"
WORKSPACE = "11111111-1111-4111-8111-111111111111"
DESTINATION = "22222222-2222-4222-8222-222222222222"
CLIENT = {"client_id": "airbyte-client", "client_secret": "airbyte-client-secret-5"}
TOKEN = "airbyte-token-9"
MASK = "**********"
SPEC = json.loads((HERE / "../../../spec.json").read_text())["connectionSpecification"]
INCREMENTAL = ["full_refresh_overwrite", "full_refresh_append", "incremental_append", "incremental_deduped_history"]
STREAMS = {"invoices": INCREMENTAL, "contacts": INCREMENTAL, "currencies": ["full_refresh_overwrite"]}


@dataclass
class Request:
    """A request as openapi-core reads it."""

    host_url: str
    path: str
    method: str
    parameters: RequestParameters
    content_type: str
    body: bytes | None


@dataclass(frozen=True)
class Answer:
    """An answer as openapi-core reads it."""

    status_code: int
    data: bytes
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """An answer with an error."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def read_description() -> OpenAPI:
    """Airbyte's description. A key that it does not name is an error in a request, where Airbyte would ignore it."""
    document = json.loads((HERE / "api/description.json").read_text())
    document["servers"] = [{"url": HOST + BASE}]
    for schema in document["components"]["schemas"].values():
        if "properties" in schema and "oneOf" not in schema:
            schema.setdefault("additionalProperties", False)
    return OpenAPI.from_dict(document)


DESCRIPTION = read_description()


def secret_paths(schema: dict[str, Any], prefix: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    """The places of secrets in a configuration, by the connector's specification."""
    found = {prefix} if schema.get("airbyte_secret") else set()
    for option in schema.get("oneOf", []):
        found |= secret_paths(option, prefix)
    for name, property in schema.get("properties", {}).items():
        found |= secret_paths(property, (*prefix, name))
    return found


SECRETS = secret_paths(SPEC)


def masked(configuration: dict[str, Any], prefix: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        key: masked(value, (*prefix, key))
        if isinstance(value, dict)
        else MASK
        if (*prefix, key) in SECRETS
        else value
        for key, value in configuration.items()
    }


def unmasked(new: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
    """What Airbyte stores of a PUT: asterisks keep the secret that it has."""
    return {
        key: unmasked(value, old.get(key, {}))
        if isinstance(value, dict)
        else old[key]
        if value == MASK
        else value
        for key, value in new.items()
    }


class Airbyte:
    """The state, and what each operation does with it."""

    def __init__(self) -> None:
        self.definitions: dict[str, dict[str, Any]] = {}
        self.sources: dict[str, dict[str, Any]] = {}
        self.connections: dict[str, dict[str, Any]] = {}
        self.streams = copy.deepcopy(STREAMS)
        self.requests: list[str] = []
        self.refuse_next: str | None = None

    def changes(self) -> list[str]:
        """The requests that changed something."""
        return [line for line in self.requests if not line.startswith("GET ") and "/token" not in line]

    def answer(self, method: str, parts: list[str], query: dict[str, str], body: Any) -> Any:
        match method, parts:
            case "POST", ["applications", "token"]:
                return self.token(body)
            case "GET", ["workspaces", _, "definitions", "sources"]:
                return {"data": list(self.definitions.values())}
            case "POST", ["workspaces", _, "definitions", "sources"]:
                return self.keep(self.definitions, "id", body)
            case "PUT", ["workspaces", _, "definitions", "sources", key]:
                self.definitions[key].update(body)
                return self.definitions[key]
            case "GET", ["sources"]:
                return self.page([self.shown_source(source) for source in self.sources.values()], query)
            case "POST", ["sources"]:
                self.check_configuration(body["configuration"])
                return self.shown_source(self.keep(self.sources, "sourceId", {"sourceType": "", "createdAt": 1, **body}))
            case "PUT", ["sources", key]:
                return self.put_source(self.sources[key], body)
            case "DELETE", ["sources", key]:
                del self.sources[key]
                return None
            case "GET", ["streams"]:
                return [{"streamName": name, "syncModes": modes} for name, modes in self.streams.items()]
            case "GET", ["connections"]:
                return self.page([self.shown_connection(entry) for entry in self.connections.values()], query)
            case "POST", ["connections"]:
                return self.create_connection(body)
            case "PATCH", ["connections", key]:
                self.connections[key].update(body)
                return self.shown_connection(self.connections[key])
            case "DELETE", ["connections", key]:
                del self.connections[key]
                return None
        raise Refusal(404, f"{method} {'/'.join(parts)}")

    def token(self, body: dict[str, str]) -> dict[str, Any]:
        if {key: body.get(key) for key in CLIENT} != CLIENT:
            raise Refusal(403, "unknown application")
        return {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 900}

    def keep(self, entries: dict[str, dict[str, Any]], key: str, body: dict[str, Any]) -> dict[str, Any]:
        entry = {key: str(uuid.uuid4()), **body}
        entries[entry[key]] = entry
        return entry

    def page(self, entries: list[dict[str, Any]], query: dict[str, str]) -> dict[str, Any]:
        assert query["workspaceIds"] == WORKSPACE
        start = int(query.get("offset", 0))
        return {"data": entries[start : start + int(query.get("limit", 20))]}

    def check_configuration(self, configuration: dict[str, Any]) -> None:
        try:
            jsonschema.validate(configuration, SPEC)
        except jsonschema.ValidationError as error:
            raise Refusal(400, f"the configuration is invalid: {error}") from error

    def shown_source(self, source: dict[str, Any]) -> dict[str, Any]:
        return {**source, "configuration": masked(source["configuration"])}

    def put_source(self, source: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
        configuration = unmasked(body["configuration"], source["configuration"])
        self.check_configuration(configuration)
        source.update({**body, "configuration": configuration})
        return self.shown_source(source)

    def create_connection(self, body: dict[str, Any]) -> dict[str, Any]:
        if body["sourceId"] not in self.sources:
            raise Refusal(404, "no such source")
        for stream in body["configurations"]["streams"]:
            if stream["syncMode"] not in self.streams[stream["name"]]:
                raise Refusal(400, f"{stream['name']} has no mode {stream['syncMode']}")
        defaults = {"workspaceId": WORKSPACE, "createdAt": 1, "tags": []}
        return self.shown_connection(self.keep(self.connections, "connectionId", {**defaults, **body}))

    def shown_connection(self, connection: dict[str, Any]) -> dict[str, Any]:
        """Airbyte answers the expression with its time zone."""
        schedule = connection["schedule"]
        return {**connection, "schedule": {**schedule, "cronExpression": f"{schedule['cronExpression']} UTC"}}


class Server:
    """Serves an Airbyte on the loopback interface, as a context."""

    def __init__(self) -> None:
        self.airbyte = Airbyte()
        self.problems: list[str] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))) or None
                answer = server.handle(self.command, self.path, dict(self.headers), body)
                self.send_response(answer.status_code)
                self.send_header("Content-Type", answer.content_type)
                self.send_header("Content-Length", str(len(answer.data)))
                self.end_headers()
                self.wfile.write(answer.data)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}{BASE}"

    def __enter__(self) -> "Server":
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.http.shutdown()
        self.http.server_close()

    def handle(self, method: str, target: str, headers: dict[str, str], body: bytes | None) -> Answer:
        parts = urlsplit(target)
        query = parse_qsl(parts.query)
        parameters = RequestParameters(query=ImmutableMultiDict(query))
        content_type = headers.get("Content-Type", "application/json").partition(";")[0]
        request = Request(HOST, parts.path, method.lower(), parameters, content_type, body)
        self.airbyte.requests.append(f"{method} {parts.path.removeprefix(BASE)}")
        try:
            DESCRIPTION.validate_request(request)
        except Exception as error:
            self.problems.append(f"{method} {target}: {error!r} {error.__cause__!r}")
            return Answer(400, b'{"title": "not as described"}')
        try:
            answer = self.result(request, headers, dict(query))
        except Refusal as refusal:
            return Answer(refusal.status, json.dumps({"title": str(refusal)}).encode())
        try:
            DESCRIPTION.validate_response(request, answer)
        except Exception as error:
            self.problems.append(f"answer to {method} {target}: {error!r} {error.__cause__!r}")
        return answer

    def result(self, request: Request, headers: dict[str, str], query: dict[str, str]) -> Answer:
        form = request.content_type == "application/x-www-form-urlencoded"
        text = (request.body or b"").decode()
        body = dict(parse_qsl(text)) if form else json.loads(text or "null")
        if not form and headers.get("Authorization") != f"Bearer {TOKEN}":
            raise Refusal(401, "no token")
        if self.airbyte.refuse_next == request.method:
            self.airbyte.refuse_next = None
            raise Refusal(422, f"refused: {text}")
        parts = request.path.removeprefix(BASE + "/").split("/")
        result = self.airbyte.answer(request.method.upper(), parts, query, body)
        return Answer(200, json.dumps(result).encode()) if result is not None else Answer(204, b"")
