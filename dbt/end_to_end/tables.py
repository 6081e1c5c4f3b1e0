"""Tables as other writers make them: Airbyte's typed tables in PostgreSQL, and files in DuckDB."""

import json

import duckdb
import psycopg
from psycopg import sql

META = {
    "_airbyte_raw_id": "varchar",
    "_airbyte_extracted_at": "timestamp with time zone",
    "_airbyte_meta": "jsonb",
    "_airbyte_generation_id": "bigint",
}
TYPES = {"string": "varchar", "number": "numeric", "integer": "bigint", "boolean": "boolean"}


def airbyte_type(schema):
    (kind,) = set(schema["type"]) - {"null"}
    if schema.get("format") == "date-time":
        return schema["airbyte_type"].replace("_with_timezone", " with time zone").replace("_without_timezone", " without time zone")
    return "date" if schema.get("format") == "date" else TYPES.get(kind, "jsonb")


def airbyte_tables(url, streams, rows):
    """Airbyte's typed tables: the fields' own names, quoted, and Airbyte's columns, in the schema xero."""
    with psycopg.connect(url) as connection:
        connection.execute("CREATE SCHEMA xero")
        for stream in streams:
            name = stream["stream"]["name"]
            columns = {**META}
            for field, schema in stream["stream"]["json_schema"]["properties"].items():
                columns[field] = airbyte_type(schema)
            table = sql.Identifier("xero", name)
            typed = [sql.Identifier(column) + sql.SQL(" " + kind) for column, kind in columns.items()]
            connection.execute(sql.SQL("CREATE TABLE {} ({})").format(table, sql.SQL(", ").join(typed)))
            text = json.dumps([{**row, "_airbyte_extracted_at": "2026-01-01T00:00:00Z"} for row in rows[name]])
            statement = sql.SQL("INSERT INTO {} SELECT * FROM jsonb_populate_recordset(NULL::{}, %s::jsonb)")
            connection.execute(statement.format(table, table), [text])


def file_tables(database, folder, manifest):
    """The files of `xero-source sync`, with every version of a row, in the schema xero."""
    with duckdb.connect(str(database)) as connection:
        connection.execute("CREATE SCHEMA xero")
        for name, stream in manifest.items():
            files = [str(folder / file["path"]) for file in stream["files"]]
            if files:
                connection.execute(
                    f'CREATE TABLE xero."{name}" AS SELECT * FROM read_json({files!r}, union_by_name = true)'
                )
