"""What Airbyte's platform and its clients expect of a connector's output: each line by itself,
and the lines in their order. `problems` gives a sentence for each breach."""

import json
import time
from collections import defaultdict

import jsonschema
from airbyte_protocol.models import AirbyteMessage

PAYLOAD = {
    "RECORD": "record",
    "STATE": "state",
    "LOG": "log",
    "SPEC": "spec",
    "CONNECTION_STATUS": "connectionStatus",
    "CATALOG": "catalog",
    "TRACE": "trace",
    "CONTROL": "control",
}

ANSWER = {"spec": "SPEC", "check": "CONNECTION_STATUS", "discover": "CATALOG"}
"""What a verb that succeeds says exactly once."""

FINAL = ("COMPLETE", "INCOMPLETE")


def problems(run, catalog=None):
    """Every breach in a run; a read is held against its configured catalog."""
    found = []
    lines = run.stdout.split("\n")
    if lines.pop() != "":
        found.append("the output does not end with a newline")
    messages = []
    for number, line in enumerate(lines, 1):
        wrong = _of_line(line)
        found += [f"line {number}: {text}" for text in wrong]
        if not wrong:
            messages.append((number, json.loads(line)))
    kinds = [message["type"] for _, message in messages]
    if run.verb in ANSWER and run.code == 0 and kinds.count(ANSWER[run.verb]) != 1:
        found.append(f"{run.verb} must say {ANSWER[run.verb]} exactly once: {kinds}")
    errors = [body["error"] for _, body in _bodies(messages, "TRACE") if body["type"] == "ERROR"]
    if run.code != 0 and not errors:
        found.append(f"exit code {run.code} without an error trace")
    found += [f"no failure_type in {error}" for error in errors if "failure_type" not in error]
    if run.verb == "read" and catalog is not None:
        found += _Reading(catalog).problems(messages, run.code)
    return found


def _of_line(line):
    """What is wrong with one line, whatever stands around it."""
    try:
        message = json.loads(line)
        AirbyteMessage.model_validate_json(line, strict=True)
    except ValueError as error:
        return [f"no message of the protocol: {error}: {line[:80]}"]
    kind = message["type"]
    field = PAYLOAD.get(kind)
    if set(message) != {"type", field}:
        return [f"{kind} with the keys {sorted(message)}"]
    body = message[field]
    # Clients call methods on what they find, and a null has none.
    wrong = [f"{field}.{key} is null: leave it out" for key in body if body[key] is None]
    now = time.time() * 1000
    if not now - 3_600_000 < body.get("emitted_at", now) < now + 60_000:
        wrong.append(f"emitted_at {body['emitted_at']} is not now in milliseconds")
    return wrong


def _bodies(messages, kind):
    return [(number, message[PAYLOAD[kind]]) for number, message in messages if message["type"] == kind]


class _Reading:
    """A read, followed message by message."""

    def __init__(self, catalog):
        self.streams = {entry["stream"]["name"]: entry["stream"] for entry in catalog["streams"]}
        self.validators = {
            name: jsonschema.Draft7Validator(stream["json_schema"])
            for name, stream in self.streams.items()
        }
        self.statuses = defaultdict(list)
        self.uncounted = defaultdict(int)
        self.states = {}
        self.found = []

    def problems(self, messages, code):
        for number, message in messages:
            body = message[PAYLOAD[message["type"]]]
            wrong = {"RECORD": self._record, "STATE": self._state, "TRACE": self._trace}.get(
                message["type"], lambda body: []
            )(body)
            self.found += [f"line {number}: {text}" for text in wrong]
        for name in self.streams:
            self.found += [f"{name}: {text}" for text in self._end(name, code)]
        incomplete = [name for name in self.streams if self.statuses[name][-1:] != ["COMPLETE"]]
        if bool(incomplete) != bool(code):
            self.found.append(f"exit code {code} while {incomplete} did not complete")
        return self.found

    def _record(self, body):
        name, data = body["stream"], body["data"]
        if name not in self.streams:
            return [f"{name} is not configured: the platform fails the sync"]
        stream = self.streams[name]
        self.uncounted[name] += 1
        wrong = [
            f"{name}: {error.message} at {error.json_path}"
            for error in self.validators[name].iter_errors(data)
        ]
        extra = set(data) - set(stream["json_schema"]["properties"])
        if extra:
            wrong.append(f"{name}: undeclared {sorted(extra)}")
        for path in stream.get("source_defined_primary_key", []):
            value = data
            for part in path:
                value = value.get(part) if isinstance(value, dict) else None
            if value is None:
                wrong.append(f"{name}: no {'.'.join(path)}, which is its key")
        if self.statuses[name][-1:] != ["RUNNING"]:
            wrong.append(f"{name}: a record after the statuses {self.statuses[name]}")
        return wrong

    def _state(self, body):
        if body.get("type") != "STREAM":
            return [f"a state of type {body.get('type')}"]
        name = body["stream"]["stream_descriptor"]["name"]
        count, records = body.get("sourceStats", {}).get("recordCount"), self.uncounted[name]
        state = body["stream"].get("stream_state")
        wrong = []
        if not isinstance(count, float) or count != records:
            wrong.append(f"{name}: a count of {count!r} after {float(records)} records")
        if records and self.states.get(name) == state:
            wrong.append(f"{name}: {records} records, and the state is still {state}")
        if self.statuses[name][-1:] and self.statuses[name][-1] in FINAL:
            wrong.append(f"{name}: a state after {self.statuses[name][-1]}")
        self.uncounted[name], self.states[name] = 0, state
        return wrong

    def _trace(self, body):
        if body["type"] == "STREAM_STATUS":
            status = body["stream_status"]
            self.statuses[status["stream_descriptor"]["name"]].append(status["status"])
        return []

    def _end(self, name, code):
        statuses = self.statuses[name]
        # A config that does not work ends the read before any stream is begun.
        if not statuses and code:
            return
        between = set(statuses[1:-1]) - {"RUNNING"}
        if statuses[:1] != ["STARTED"] or statuses[-1] not in FINAL or between:
            yield f"the statuses {statuses}"
        if statuses[-1:] == ["COMPLETE"] and name not in self.states:
            yield "COMPLETE without a state"
        if self.uncounted[name]:
            yield f"{self.uncounted[name]} records after the last state"
