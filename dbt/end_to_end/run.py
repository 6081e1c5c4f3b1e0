"""Simulator -> connector -> warehouse -> dbt build, and each view against a full read of the connector.

    run.py XERO_SOURCE XERO_SIM PYAIRBYTE_PYTHON FOLDER [pyairbyte] [files] [postgres] [dbt_xero]

Two organisations. With PyAirbyte and with files, the books change and a second sync follows. The ledger and the
reports are compared with Xero's.
The part dbt_xero builds the schemas for the package dbt_xero. The default is all parts.
"""

import json
import os
import re
import subprocess
import sys
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import books
import dbt_xero
import duckdb
import psycopg
from connector import Connector, command, keys_of, simulator
from tables import airbyte_tables, file_tables

PACKAGE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PACKAGE))
sys.path.insert(0, str(PACKAGE.parent / "deploy" / "prefect" / "tests"))

import postgres
from generate import kind_of, snake_case

EDITED = (
    "Invoices", "CreditNotes", "BankTransactions", "Contacts", "ManualJournals", "PurchaseOrders", "Quotes", "Payments",
)
JOURNALS = (
    "journals", "journal_lines", "journal_line_tracking",
    "journals_cash", "journal_cash_lines", "journal_cash_line_tracking",
)
# A zone that is not UTC shows times that are read in the zone of the session.
ZONE = {"TZ": "Pacific/Auckland", "PGTZ": "Pacific/Auckland"}


def dbt(folder, verb, target, arguments=(), **environment):
    print(f"dbt {verb} on {target}", flush=True)
    program = Path(sys.executable).parent / "dbt"
    common = ["--quiet", "--project-dir", PACKAGE, "--profiles-dir", PACKAGE, "--target", target]
    paths = ["--target-path", folder / "target", "--log-path", folder / "logs"]
    quiet = {"DO_NOT_TRACK": "1", "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    environment = {**os.environ, **ZONE, **quiet, **environment}
    stdout = subprocess.PIPE if verb == "run-operation" else None
    command_line = [program, verb, *common, *paths, *arguments]
    return subprocess.run(command_line, check=True, stdout=stdout, text=True, env=environment).stdout


def compared(stream):
    """The fields of a key whose text is the same in JSON and in SQL."""
    fields = stream["json_schema"]["properties"]
    return [field for field in keys_of(stream) if kind_of(fields[field]) in ("string", "integer")]


def compare(streams, rows, query):
    """Each view has the rows of the full read, no fewer and no more."""
    wrong = []
    total = 0
    for entry in streams:
        stream = entry["stream"]
        fields = compared(stream)
        columns = ", ".join(snake_case(field) for field in fields)
        seen = query(f"SELECT {columns} FROM xero_models.stg_xero__{stream['name']}")
        read = sorted(tuple(str(row.get(field)) for field in fields) for row in rows[stream["name"]])
        shown = sorted(tuple(map(str, row)) for row in seen)
        total += len(shown)
        if read != shown:
            wrong.append(f"{stream['name']}: {len(read)} rows read, {len(shown)} in the view; "
                         f"missing {sorted(set(read) - set(shown))[:2]}, too many {sorted(set(shown) - set(read))[:2]}")
    assert not wrong, "\n".join(wrong)
    assert total > 1000, f"only {total} rows"
    print(f"{len(streams)} views have the {total} rows of a full read", flush=True)


def in_duckdb(database):
    def query(text):
        with duckdb.connect(str(database), read_only=True) as connection:
            return connection.execute(text).fetchall()
    return query


def change(world):
    for organisation in (1, 2):
        for table in EDITED:
            command(world, "edit", organisation, table, 3)
            command(world, "delete", organisation, table, 5)
            command(world, "add", organisation, table, 2)


def check_values(query):
    """Flags and organisations after the change, which deletes an invoice of each organisation."""
    [(voided,)] = query("SELECT count(*) FROM xero_models.stg_xero__invoices WHERE is_voided OR is_deleted")
    [(stated,)] = query("SELECT count(*) FROM xero_models.stg_xero__invoices WHERE status IN ('VOIDED', 'DELETED')")
    assert voided == stated > 0, (voided, stated)
    [(organisations,)] = query("SELECT count(DISTINCT tenant_id) FROM xero_models.stg_xero__invoices")
    assert organisations == 2, organisations


def check_times(streams, rows, query):
    """The stamps of invoices are the instants that the connector read."""
    read = {row["InvoiceID"]: row["UpdatedDateUTC"] for row in rows["invoices"]}
    epoch = "SELECT invoice_id, round(extract(epoch FROM updated_date_utc) * 1000) FROM xero_models.stg_xero__invoices"
    for invoice, milliseconds in query(epoch):
        assert round(datetime.fromisoformat(read[invoice]).timestamp() * 1000) == int(milliseconds), invoice


def check_completeness(query):
    """Each table has the rows that Xero counted."""
    [(counted, wrong)] = query(
        "SELECT count(*), sum(CASE WHEN item_count = table_rows AND missing_rows + surplus_rows = 0 THEN 0 ELSE 1 END)"
        " FROM xero_models.xero_completeness"
    )
    assert counted > 20 and wrong == 0, (counted, wrong)
    print(f"{counted} lists have as many rows as Xero counts", flush=True)


def page_queries():
    page = (PACKAGE.parent / "docs" / "warehouse.md").read_text()
    *questions, unbalanced = re.findall(r"```sql\n(.*?)```", page, re.DOTALL)
    return questions, unbalanced


def check_page(query):
    """The questions of docs/warehouse.md have answers, and all documents balance."""
    questions, unbalanced = page_queries()
    assert len(questions) == 5
    for text in questions:
        assert query(text), f"docs/warehouse.md: no rows\n{text}"
    assert not query(unbalanced)
    print(f"{len(questions)} queries of docs/warehouse.md find rows", flush=True)


def check_unbalanced_document(database, build):
    """An invoice that misses its total by three cents fails a test, and a query of docs/warehouse.md names it."""
    with duckdb.connect(str(database)) as connection:
        [(invoice,)] = connection.execute("SELECT min(InvoiceID) FROM xero.invoices WHERE Status = 'PAID'").fetchall()
        connection.execute("UPDATE xero.invoices SET Total = Total + 0.03 WHERE InvoiceID = ?", [invoice])
    try:
        build()
    except subprocess.CalledProcessError:
        found = in_duckdb(database)(page_queries()[1])
        assert [row[3] for row in found if row[1] == "accrual"] == [str(invoice)], found
        print("an unbalanced document is named", flush=True)
    else:
        raise AssertionError("an unbalanced document passes")


def check_removed_line(database, build):
    """A line of an older version of its invoice is in the table, and not in the view."""
    lines, view = "xero.invoice_line_items", "xero_models.stg_xero__invoice_line_items"

    def query(text):
        with duckdb.connect(str(database)) as connection:
            return connection.execute(text).fetchall()

    [(line,)] = query(
        f"SELECT min(lineitemid) FROM {lines} WHERE invoiceid IN"
        f" (SELECT invoiceid FROM {lines} GROUP BY invoiceid HAVING count(*) > 1)"
    )
    shown = f"SELECT count(*) FROM {view} WHERE line_item_id = '{line}'"
    [(before,)] = query(f"SELECT count(*) FROM {view}")
    assert query(shown) == [(1,)]
    query(f"UPDATE {lines} SET updateddateutc = updateddateutc - INTERVAL 1 DAY WHERE lineitemid = '{line}'")
    assert query(shown) == [(0,)]
    # If the invoices are not read, the other lines of the invoice show its newest version.
    query("ALTER TABLE xero.invoices RENAME TO other_invoices")
    build()
    assert query(shown) == [(0,)]
    assert query(f"SELECT count(*) FROM {view}") == [(before - 1,)]
    print("a removed line is not in the view", flush=True)


@contextmanager
def scene(source, sim, folder, names=None):
    folder.mkdir(parents=True)
    with simulator(sim, "--rows", "40", "--tenants", "2", "--no-limits") as world:
        config = next(it for it in world["configs"] if it["credentials"]["auth_type"] == "oauth2_access_token")
        # The changes are in old months as well, so the reports of all months are read again.
        config = {**config, "max_calls_per_sync": 100_000, "report_lookback_periods": 60}
        # The start_date is before the first transaction: a ledger needs all documents and accounts.
        del config["tenant_id"]  # both organisations
        yield world, Connector(source, config, folder, names)


def with_pyairbyte(source, sim, python, folder):
    with scene(source, sim, folder) as (world, connector):
        database = folder / "books.duckdb"
        load = [python, Path(__file__).parent / "pyairbyte.py", source, connector.config, database]
        environment = {"XERO_DUCKDB": str(database)}
        query = in_duckdb(database)
        streams = connector.streams()

        def load_and_compare(verb):
            with (folder / "pyairbyte.log").open("a") as log:
                subprocess.run(load, check=True, cwd=folder, stdout=log, stderr=log)
            dbt(folder, verb, "duckdb", **environment)
            rows = connector.read()
            compare(streams, rows, query)
            check_times(streams, rows, query)
            books.check_books(query, rows)
            check_completeness(query)

        load_and_compare("run")
        change(world)
        load_and_compare("build")
        check_values(query)
        check_without_journals(folder, database, connector.read(), environment)
        ledger = ["--select", "xero_ledger_documents xero_ledger_parts xero_ledger_lines"]
        check_unbalanced_document(database, lambda: dbt(folder, "build", "duckdb", ledger, **environment))
        lines = ["--select", "stg_xero__invoice_line_items"]
        check_removed_line(database, lambda: dbt(folder, "build", "duckdb", lines, **environment))


def with_files(source, sim, folder):
    with scene(source, sim, folder) as (world, connector):
        connector.sync(folder / "xero")
        change(world)
        manifest = connector.sync(folder / "xero")
        database = folder / "books.duckdb"
        file_tables(database, folder / "xero", manifest)
        dbt(folder, "build", "duckdb", ["--vars", "xero_all_versions: true"], XERO_DUCKDB=str(database))
        # A stream without rows has no files; its view is empty.
        query, rows = in_duckdb(database), connector.read()
        compare(connector.streams(), rows, query)
        books.check_books(query, rows)
        check_completeness(query)


def check_without_journals(folder, database, rows, environment):
    """The books are the same in an organisation whose journals cannot be read."""
    with duckdb.connect(str(database)) as connection:
        for table in JOURNALS:
            connection.execute(f"DROP TABLE xero.{table}")
    models = " ".join([*(f"stg_xero__{table}" for table in JOURNALS), "path:models/ledger", "path:models/marts"])
    dbt(folder, "build", "duckdb", ["--select", models], **environment)
    query = in_duckdb(database)
    assert query("SELECT count(*) FROM xero_models.xero_general_ledger WHERE line_source = 'journal'") == [(0,)]
    books.check_books(query, rows)
    check_page(query)


def new_database(port):
    with psycopg.connect(f"postgresql://xero@127.0.0.1:{port}/postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE xero")
    return f"postgresql://xero@127.0.0.1:{port}/xero"


def server_variables(port):
    return {"PGHOST": "127.0.0.1", "PGPORT": str(port), "PGUSER": "xero", "PGDATABASE": "xero"}


def with_postgres(source, sim, folder):
    with scene(source, sim, folder) as (world, connector), postgres.server() as port:
        url = new_database(port)
        change(world)
        streams, rows = connector.streams(), connector.read()
        airbyte_tables(url, streams, rows)
        dbt(folder, "build", "postgres", **server_variables(port))
        with psycopg.connect(url) as connection:
            def query(text):
                return connection.execute(text).fetchall()
            compare(streams, rows, query)
            check_values(query)
            check_times(streams, rows, query)
            books.check_books(query, rows)
            check_page(query)


def with_dbt_xero(source, sim, folder):
    names = sorted({stream for stream, _ in dbt_xero.STREAMS.values()})
    with scene(source, sim, folder, names) as (world, connector), postgres.server() as port:
        connector.sync(folder / "xero")
        change(world)
        manifest = connector.sync(folder / "xero")
        rows = connector.read()
        database = folder / "books.duckdb"
        file_tables(database, folder / "xero", manifest)
        build_dbt_xero(folder, "duckdb", in_duckdb(database), rows, XERO_DUCKDB=str(database))
        url = new_database(port)
        airbyte_tables(url, connector.streams(), rows)
        with psycopg.connect(url, autocommit=True) as connection:
            def query(text):
                return connection.execute(text).fetchall()
            build_dbt_xero(folder, "postgres", query, rows, **server_variables(port))


def build_dbt_xero(folder, target, query, rows, **environment):
    tenants = [row["TenantID"] for row in rows["organisations"]]
    named = {tenants[0]: "one"} if target == "postgres" else {}

    def run(verb, arguments, names=named):
        values = {"xero_dbt_xero": True, "xero_all_versions": target == "duckdb", "xero_dbt_xero_schemas": names}
        return dbt(folder, verb, target, [*arguments, "--vars", json.dumps(values)], **environment)

    chosen = ["--select", "+dbt_xero_schemas", "--exclude", "path:models/staging,resource_type:test"]
    run("build", chosen)
    if target == "postgres":
        # A new view replaces the old one, and PostgreSQL drops the views on the old one.
        run("run", chosen)
    schemas = dbt_xero.check(query, rows, run("run-operation", ["xero_dbt_xero_sources"]), snake_case)
    assert not named or schemas[tenants[0]] == "xero_models_one", schemas
    if target == "duckdb":
        refuses_one_schema(lambda: run("run-operation", ["xero_dbt_xero_sources"], dict.fromkeys(tenants, "same")))


def refuses_one_schema(make):
    try:
        make()
    except subprocess.CalledProcessError as refused:
        assert "have the same schema" in refused.stdout, refused.stdout
    else:
        raise AssertionError("two organisations have one schema")


def main(source, sim, python, folder, *parts):
    folder = Path(folder).resolve()
    source, sim = str(Path(source).resolve()), str(Path(sim).resolve())
    for part in parts or ("pyairbyte", "files", "postgres", "dbt_xero"):
        print(f"\n{part}", flush=True)
        if part == "pyairbyte":
            with_pyairbyte(source, sim, python, folder / part)
        elif part == "files":
            with_files(source, sim, folder / part)
        elif part == "dbt_xero":
            with_dbt_xero(source, sim, folder / part)
        else:
            with_postgres(source, sim, folder / part)


if __name__ == "__main__":
    main(*sys.argv[1:])
