{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["CreatedDateUTC", "created_date_utc", "timestamp"],
    ["JournalDate", "journal_date", "date"],
    ["JournalID", "journal_id", "string"],
    ["JournalLines", "journal_lines", "json"],
    ["JournalNumber", "journal_number", "integer"],
    ["Reference", "reference", "string"],
    ["SourceID", "source_id", "string"],
    ["SourceType", "source_type", "string"],
] %}
{{ xero_staging(
    stream="journals",
    key=["journal_id"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
