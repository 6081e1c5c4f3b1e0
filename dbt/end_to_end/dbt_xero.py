"""The schemas for the package dbt_xero against its columns and against a full read of the connector."""

from pathlib import Path

import yaml

COLUMNS = yaml.safe_load((Path(__file__).resolve().parent.parent / "dbt_xero" / "columns.yml").read_text())
# The stream of each table, and the fields of a row's key.
STREAMS = {
    "account": ("accounts", ["AccountID"]),
    "bank_transaction": ("bank_transactions", ["BankTransactionID"]),
    "contact": ("contacts", ["ContactID"]),
    "credit_note": ("credit_notes", ["CreditNoteID"]),
    "invoice": ("invoices", ["InvoiceID"]),
    "invoice_line_item": ("invoice_line_items", ["InvoiceID", "LineItemID"]),
    "invoice_line_item_has_tracking_category": (
        "invoice_line_item_tracking", ["InvoiceID", "LineItemID", "TrackingCategoryID", "Option"],
    ),
    "journal": ("journals", ["JournalID"]),
    "journal_cash": ("journals_cash", ["JournalID"]),
    "journal_line": ("journal_lines", ["JournalID", "JournalLineID", "AccountID"]),
    "journal_cash_line": ("journal_cash_lines", ["JournalID", "JournalLineID", "AccountID"]),
    "journal_line_has_tracking_category": (
        "journal_line_tracking", ["JournalID", "JournalLineID", "TrackingCategoryID", "TrackingOptionID"],
    ),
    "journal_cash_line_has_tracking_category": (
        "journal_cash_line_tracking", ["JournalID", "JournalLineID", "TrackingCategoryID", "TrackingOptionID"],
    ),
    "organization": ("organisations", ["OrganisationID"]),
    "tracking_category": ("tracking_categories", ["TrackingCategoryID"]),
    "tracking_category_has_option": ("tracking_options", ["TrackingCategoryID", "TrackingOptionID"]),
    "tracking_category_option": ("tracking_options", ["TrackingOptionID"]),
}


def check(query, rows, printed, snake_case):
    """Each organisation has a schema with all tables and columns, its own rows, and no others: the schemas by TenantID."""
    schemas = dict(query("SELECT tenant_id, schema_name FROM xero_models.dbt_xero_schemas"))
    assert set(schemas) == {row["TenantID"] for row in rows["organisations"]}
    assert len(set(schemas.values())) == len(schemas) == 2, schemas
    sources = yaml.safe_load(printed)["vars"]["xero"]["xero_sources"]
    assert {source["schema"] for source in sources} == set(schemas.values()), sources
    total = 0
    for tenant, schema in schemas.items():
        check_columns(query, schema)
        for table, (stream, key) in STREAMS.items():
            read = sorted(tuple(row[field] for field in key) for row in rows[stream] if row["TenantID"] == tenant)
            columns = ", ".join(column_of(field, table, snake_case) for field in key)
            shown = sorted(query(f"SELECT {columns} FROM {schema}.{table}"))
            assert read == shown, f"{schema}.{table}: {len(read)} rows read, {len(shown)} in the view"
            assert shown, f"{schema}.{table} is empty"
            total += len(shown)
        check_values(query, schema, rows)
    print(f"{len(COLUMNS)} tables of each organisation have the {total} rows of a full read", flush=True)
    return schemas


def column_of(field, table, snake_case):
    """dbt_xero names the id of an option differently beside the lines of journals."""
    if field == "TrackingOptionID" and table.startswith("journal"):
        return "tracking_category_option_id"
    return snake_case(field)


def check_columns(query, schema):
    found = {}
    listed = f"SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = '{schema}'"
    for table, column in query(listed):
        found.setdefault(table, set()).add(column)
    assert set(found) == set(COLUMNS), set(found) ^ set(COLUMNS)
    missing = {table: set(columns) - found[table] for table, columns in COLUMNS.items() if set(columns) - found[table]}
    assert not missing, missing


def check_values(query, schema, rows):
    """What dbt_xero computes with: contacts that are not deleted, balanced journals, contacts of documents."""
    assert query(f"SELECT DISTINCT _fivetran_deleted FROM {schema}.contact") == [(False,)]
    for lines in ("journal_line", "journal_cash_line"):
        unbalanced = f"SELECT journal_id FROM {schema}.{lines} GROUP BY journal_id HAVING sum(net_amount) <> 0"
        assert query(unbalanced) == [], (schema, lines)
        [(debits,)] = query(f"SELECT sum(net_amount) FROM {schema}.{lines} WHERE net_amount > 0")
        assert debits > 0, (schema, lines)
    for table in ("invoice", "credit_note", "bank_transaction"):
        stream, (key,) = STREAMS[table]
        contacts = {row[key]: (row.get("Contact") or {}).get("ContactID") for row in rows[stream]}
        for identifier, contact in query(f"SELECT {table}_id, contact_id FROM {schema}.{table}"):
            assert contacts[identifier] == contact, (table, identifier)
        assert any(contacts.values()), table
    [(voided,)] = query(f"SELECT count(*) FROM {schema}.invoice WHERE status IN ('VOIDED', 'DELETED')")
    assert voided > 0, schema
    [(unstamped,)] = query(f"SELECT count(*) FROM {schema}.invoice WHERE _fivetran_synced IS NULL")
    assert unstamped == 0, schema
