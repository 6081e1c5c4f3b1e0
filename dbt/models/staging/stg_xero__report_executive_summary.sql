{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["AccountID", "account_id", "string"],
    ["AccountName", "account_name", "string"],
    ["Amount", "amount", "number"],
    ["AmountText", "amount_text", "string"],
    ["ColumnPosition", "column_position", "integer"],
    ["ColumnTitle", "column_title", "string"],
    ["Currency", "currency", "string"],
    ["IsPercent", "is_percent", "boolean"],
    ["LineID", "line_id", "string"],
    ["PeriodEnd", "period_end", "date"],
    ["PeriodStart", "period_start", "date"],
    ["Position", "position", "integer"],
    ["Report", "report", "string"],
    ["RowKind", "row_kind", "string"],
    ["RowTitle", "row_title", "string"],
    ["SectionPath", "section_path", "string"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
] %}
{{ xero_staging(
    stream="report_executive_summary",
    key=["tenant_id", "period_start", "period_end", "line_id"],
    current={"newest_of": ["period_start", "period_end", "column_position"]},
    stamp="updated_date_utc",
    flags=[],
    fields=fields,
) }}
