#!/usr/bin/env python3
"""Writes models/staging and models/completeness from what the connector says of its streams.

    dbt/generate.py target/release/xero-source          writes the files
    dbt/generate.py --check target/release/xero-source  fails if a file is stale

The schemas, keys and cursors come from `xero-source catalog`, the parents from `xero-source streams`, and the statuses
of deleted rows and the lists with a count from tables in docs/streams.md, which a test keeps up to date.
"""

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
STAGING = FOLDER / "models" / "staging"
COMPLETENESS = FOLDER / "models" / "completeness"
NOTE = "Written by generate.py. Do not edit."

# A column named `user` is the name of the session's user in PostgreSQL.
RENAMED = {"user": "user_name"}

FLAGS = {
    "DELETED": ("is_deleted", "deleted"),
    "REMOVED": ("is_deleted", "removed"),
    "VOIDED": ("is_voided", "voided"),
    "ARCHIVED": ("is_archived", "archived"),
}


def snake_case(name):
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    name = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()
    return RENAMED.get(name, name)


def kind_of(schema):
    """The kind of a column, one of those in macros/types.sql."""
    (kind,) = set(schema["type"]) - {"null"}
    if kind in ("array", "object"):
        return "json"
    if schema.get("format") == "date-time":
        return "local_timestamp" if schema["airbyte_type"] == "timestamp_without_timezone" else "timestamp"
    return schema.get("format", kind)


class Stream:
    def __init__(self, configured, kind, deletion):
        stream = configured["stream"]
        self.name = stream["name"]
        self.kind = kind
        self.deletion = deletion
        self.key = [snake_case(path[0]) for path in stream["source_defined_primary_key"]]
        self.cursor = snake_case((stream.get("default_cursor_field") or [""])[0])
        self.fields = {}  # column: (field, kind, description)
        properties = stream["json_schema"]["properties"]
        # The connector's TenantID comes first. `connections` also has Xero's own tenantId, the same GUID.
        for field in ["TenantID", *properties]:
            schema = properties[field]
            self.fields.setdefault(snake_case(field), (field, kind_of(schema), schema["description"]))

    @property
    def parent(self):
        return self.kind.removeprefix("rows in ") if self.kind.startswith("rows in ") else None

    @property
    def stamp(self):
        """The column that says which version of its parent or answer a row comes from."""
        if self.cursor.endswith("updated_date_utc"):
            return self.cursor
        # The form 1099 is a single call for a year, whose rows have no stamp.
        stamped_report = self.kind.startswith("report") and "updated_date_utc" in self.fields
        return "updated_date_utc" if self.cursor and stamped_report else None

    def current(self, streams):
        """Which rows are current, as the argument of the macro xero_staging."""
        if not self.stamp:
            return None
        if self.parent:
            key = streams[self.parent].key
            assert set(key) <= set(self.fields), self.name
            return {"parent": self.parent, "key": key}
        if self.kind.startswith("report"):
            return {"newest_of": ["period_start", "period_end", *self.separate_answers()]}
        if self.kind == "data of documents":
            # One call answers with all rows of a document; the document's id is the first part of the key.
            document = next(column for column in self.key if column != "tenant_id")
            return {"newest_of": [document]} if len(self.key) > 1 else None
        return None

    def separate_answers(self):
        """The columns that tell apart the answers in which rows of one period come."""
        if self.name == "report_executive_summary":
            # The summary of a month also shows the month before, in a column of its own.
            return ["column_position"]
        # Xero makes an aged report for one contact at a time.
        return ["contact_id"] if "contact_id" in self.fields else []

    def flags(self, streams):
        """(flag, status column, status) of each status that docs/streams.md gives to deleted rows."""
        if self.parent and "parent_status" in self.fields:
            deletion, column = streams[self.parent].deletion, "parent_status"
        else:
            deletion = self.deletion
            named = re.match(r"`(\w+)`", deletion)
            column = snake_case(named[1]) if named else None
        found = []
        for status in re.findall(r"\b[A-Z-]{5,}\b", deletion):
            flag = FLAGS.get(status, (None,))[0]
            if flag and column in self.fields and flag not in self.fields:
                found.append((flag, column, status))
        return found


def read_streams(program):
    def connector(*arguments):
        return json.loads(subprocess.run([program, *arguments], check=True, stdout=subprocess.PIPE).stdout)

    kinds = {stream["name"]: stream["kind"] for stream in connector("streams", "--json")}
    catalog = connector("catalog", "--all", "--payroll")["streams"]
    deletions = read_deletions()
    streams = [Stream(entry, kinds[entry["stream"]["name"]], deletions.get(entry["stream"]["name"], "")) for entry in catalog]
    assert {stream.name for stream in streams} == set(kinds), "the catalog lacks streams"
    return {stream.name: stream for stream in sorted(streams, key=lambda stream: stream.name)}


def table_of_streams_page(title):
    """The rows of a generated table in docs/streams.md."""
    text = (FOLDER.parent / "docs" / "streams.md").read_text()
    table = text.split(f"<!-- generated: {title} -->")[1].split(f"<!-- end of {title} -->")[0]
    lines = [line for line in table.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def read_deletions():
    """How a deletion shows, by stream."""
    return {name: shown for shown, names in table_of_streams_page("deletions") for name in re.findall(r"`(\w+)`", names)}


def read_counted():
    """The lists that the stream list_counts counts."""
    [(_, _, names)] = table_of_streams_page("counts")
    return re.findall(r"`(\w+)`", names)


def model(stream, streams):
    fields = "".join(f"    {json.dumps([field, column, kind])},\n" for column, (field, kind, _) in stream.fields.items())
    arguments = {
        "stream": stream.name,
        "key": stream.key,
        "current": stream.current(streams),
        "stamp": stream.stamp,
        "flags": stream.flags(streams),
    }
    lines = "".join(
        f"    {name}={json.dumps(value) if value is not None else 'none'},\n" for name, value in arguments.items()
    )
    return f"{{# {NOTE} #}}\n{{% set fields = [\n{fields}] %}}\n{{{{ xero_staging(\n{lines}    fields=fields,\n) }}}}\n"


def sources(streams):
    lines = [
        f"# {NOTE}",
        "version: 2",
        "sources:",
        "  - name: xero",
        "    description: The tables of the connector's streams.",
        "    database: \"{{ var('xero_database', target.database) }}\"",
        "    schema: \"{{ var('xero_schema', 'xero') }}\"",
        "    tables:",
    ]
    for name in streams:
        lines += [f"      - name: {name}", f"        identifier: \"{{{{ var('xero_table_prefix', '') }}}}{name}\""]
    return "\n".join(lines) + "\n"


def description(stream, streams):
    current = stream.current(streams) or {}
    if "parent" in current:
        return f"Current rows of the stream {stream.name}: those of the newest version of their row in {stream.parent}."
    if "newest_of" in current:
        return f"Current rows of the stream {stream.name}: the newest of the same {', '.join(current['newest_of'])}."
    return f"Rows of the stream {stream.name}."


def properties(streams):
    lines = [f"# {NOTE}", "version: 2", "models:"]
    for stream in streams.values():
        lines += [
            f"  - name: stg_xero__{stream.name}",
            f"    description: {json.dumps(description(stream, streams))}",
            f"    data_tests: [{{xero_unique: {{arguments: {{columns: {json.dumps(stream.key)}}}}}}}]",
            "    columns:",
        ]
        not_null = {"tenant_id", *stream.key}
        for column, (_, _, text) in stream.fields.items():
            lines += [f"      - name: {column}", f"        description: {json.dumps(text, ensure_ascii=False)}"]
            if column in not_null:
                lines += ["        data_tests: [not_null]"]
        owner = f"row of {stream.parent}" if stream.parent else "row"
        words = dict(FLAGS.values())
        for flag, column, status in stream.flags(streams):
            lines += [
                f"      - name: {flag}",
                f"        description: \"Whether the {owner} is {words[flag]}: {column} is {status}.\"",
                "        data_tests: [not_null]",
            ]
        lines += ["      - name: extracted_at", "        description: Time at which the connector read the row."]
    return "\n".join(lines) + "\n"


def completeness(streams):
    lists = "".join(f"    {json.dumps([name, streams[name].cursor or None])},\n" for name in read_counted())
    lists = lists.replace("null]", "none]")
    return f"{{# {NOTE} #}}\n{{{{ xero_completeness([\n{lists}]) }}}}\n"


def generate(streams):
    """The text of each file by its path."""
    files = {STAGING / f"stg_xero__{stream.name}.sql": model(stream, streams) for stream in streams.values()}
    files[COMPLETENESS / "xero_completeness.sql"] = completeness(streams)
    files[STAGING / "_sources.yml"] = sources(streams)
    files[STAGING / "_staging.yml"] = properties(streams)
    return files


def stale(files):
    changed = {path for path, text in files.items() if not path.exists() or path.read_text() != text}
    superfluous = set(STAGING.iterdir()) - set(files) if STAGING.exists() else set()
    return sorted(changed | superfluous)


def main():
    parser = argparse.ArgumentParser(description="Writes models/staging from the connector's streams.")
    parser.add_argument("program", help="path of xero-source")
    parser.add_argument("--check", action="store_true", help="write nothing, and fail if a file is stale")
    arguments = parser.parse_args()
    files = generate(read_streams(arguments.program))
    changed = stale(files)
    if arguments.check:
        for path in changed:
            print(f"{path.relative_to(FOLDER)} is stale. Run dbt/generate.py {arguments.program}.")
        sys.exit(bool(changed))
    for path in changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[path]) if path in files else path.unlink()
    print(f"{len(files)} files, {len(changed)} changed")


if __name__ == "__main__":
    main()
