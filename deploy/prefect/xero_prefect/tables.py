"""The tables of the streams, and the SQL that writes them."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

from .streams import Stream

Cursor = psycopg.Cursor[Any]

# tenant_id    The organisation of the row.
# key          The values of the primary key, as a JSON array.
# group_key    The values of the leading fields of the key, as a JSON array; see Stream.group_size.
# changed_at   The cursor of the row, as Xero wrote it. The texts of one field sort by time.
CREATE = """
CREATE TABLE IF NOT EXISTS {table} (
    tenant_id text NOT NULL,
    key text NOT NULL,
    group_key text NOT NULL,
    changed_at text NOT NULL,
    row jsonb NOT NULL,
    loaded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, key)
)"""
CREATE_INDEX = "CREATE INDEX IF NOT EXISTS {index} ON {table} (tenant_id, group_key)"

# The messages of a batch, in the order of the connector's output.
INBOX = """
CREATE TEMP TABLE inbox (number bigint NOT NULL, message jsonb NOT NULL) ON COMMIT DELETE ROWS"""

# The rows that the transaction has written.
WRITTEN = """
CREATE TEMP TABLE written (
    stream text NOT NULL,
    tenant_id text NOT NULL,
    key text NOT NULL,
    group_key text NOT NULL,
    changed_at text NOT NULL
) ON COMMIT DELETE ROWS"""

# At-least-once: a row may come twice in a batch. The last one counts.
MERGE = """
WITH incoming AS (
    SELECT number, message #> '{{record,data}}' AS row FROM inbox
), keyed AS (
    SELECT number, row, coalesce(row ->> 'TenantID', '') AS tenant_id,
        jsonb_build_array({key})::text AS key,
        jsonb_build_array({group_key})::text AS group_key,
        coalesce(row ->> 'UpdatedDateUTC', '') AS changed_at
    FROM incoming
), merged AS (
    INSERT INTO {table} (tenant_id, key, group_key, changed_at, row)
    SELECT DISTINCT ON (tenant_id, key) tenant_id, key, group_key, changed_at, row
    FROM keyed ORDER BY tenant_id, key, number DESC
    ON CONFLICT (tenant_id, key) DO UPDATE SET group_key = excluded.group_key,
        changed_at = excluded.changed_at, row = excluded.row, loaded_at = excluded.loaded_at
    RETURNING tenant_id, key, group_key, changed_at
)
INSERT INTO written SELECT {stream}, tenant_id, key, group_key, changed_at FROM merged"""

# A line that was deleted in Xero is absent from the next version of its parent. There is no other signal.
DELETE_OLD_CHILDREN = """
DELETE FROM {child} AS child USING written AS parent
WHERE parent.stream = {parent} AND child.tenant_id = parent.tenant_id
    AND child.group_key = parent.key AND child.changed_at < parent.changed_at"""

# A report is read as a whole: lines of an older reading of the same period are no longer in it.
DELETE_OLD_LINES = """
DELETE FROM {table} AS line USING
    (SELECT tenant_id, group_key, max(changed_at) AS changed_at FROM written
     WHERE stream = {stream} GROUP BY tenant_id, group_key) AS newest
WHERE line.tenant_id = newest.tenant_id AND line.group_key = newest.group_key
    AND line.changed_at < newest.changed_at"""

MOVE = """
INSERT INTO {table} (tenant_id, key, group_key, changed_at, row)
SELECT tenant_id, key, group_key, changed_at, row FROM {staged} WHERE tenant_id = ANY (%(tenants)s)"""


def table(stream: Stream) -> sql.Identifier:
    return sql.Identifier("xero", stream.name)


def staged(stream: Stream) -> sql.Identifier:
    """The rows of a stream that is read in full, until an organisation is complete."""
    return sql.Identifier(f"staged_{stream.name}")


def create(cursor: Cursor, stream: Stream) -> None:
    names = {"table": table(stream), "index": sql.Identifier(f"{stream.name}_group_key")}
    cursor.execute(sql.SQL(CREATE).format(**names))
    if stream.group_size:
        cursor.execute(sql.SQL(CREATE_INDEX).format(**names))


def create_staged(cursor: Cursor, stream: Stream) -> None:
    like = "CREATE TEMP TABLE {staged} (LIKE {table} INCLUDING ALL)"
    cursor.execute(sql.SQL(like).format(staged=staged(stream), table=table(stream)))


def merge(cursor: Cursor, stream: Stream) -> None:
    """Writes the rows of the inbox. Rows of a stream that is read in full wait in its staged table."""
    fields = [sql.SQL("row -> {}").format(sql.Literal(field)) for field in stream.primary_key]
    query = sql.SQL(MERGE).format(
        table=staged(stream) if stream.overwrite else table(stream),
        key=sql.SQL(", ").join(fields),
        group_key=sql.SQL(", ").join(fields[: stream.group_size]),
        stream=sql.Literal(stream.name),
    )
    cursor.execute(query)


def delete_old_children(cursor: Cursor, child: Stream) -> None:
    names = {"child": table(child), "parent": sql.Literal(child.parent)}
    cursor.execute(sql.SQL(DELETE_OLD_CHILDREN).format(**names))


def delete_old_lines(cursor: Cursor, report: Stream) -> None:
    names = {"table": table(report), "stream": sql.Literal(report.name)}
    cursor.execute(sql.SQL(DELETE_OLD_LINES).format(**names))


def replace(cursor: Cursor, stream: Stream, tenants: list[str]) -> None:
    """Replaces the rows of organisations by their staged rows."""
    names = {"table": table(stream), "staged": staged(stream)}
    delete = "DELETE FROM {table} WHERE tenant_id = ANY (%s)"
    cursor.execute(sql.SQL(delete).format(**names), (tenants,))
    cursor.execute(sql.SQL(MOVE).format(**names), {"tenants": tenants})
    discard = "DELETE FROM {staged} WHERE tenant_id = ANY (%s)"
    cursor.execute(sql.SQL(discard).format(**names), (tenants,))
