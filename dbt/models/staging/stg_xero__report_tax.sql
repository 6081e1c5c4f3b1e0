{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["Amount", "amount", "number"],
    ["AmountText", "amount_text", "string"],
    ["ColumnPosition", "column_position", "integer"],
    ["ColumnTitle", "column_title", "string"],
    ["Currency", "currency", "string"],
    ["IsPercent", "is_percent", "boolean"],
    ["LineID", "line_id", "string"],
    ["Position", "position", "integer"],
    ["Report", "report", "string"],
    ["ReportID", "report_id", "string"],
    ["RowKind", "row_kind", "string"],
    ["RowTitle", "row_title", "string"],
    ["SectionPath", "section_path", "string"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
] %}
{{ xero_staging(
    stream="report_tax",
    key=["tenant_id", "line_id"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
