{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["CreatedDateUTC", "created_date_utc", "timestamp"],
    ["JournalID", "journal_id", "string"],
    ["JournalLineID", "journal_line_id", "string"],
    ["JournalNumber", "journal_number", "integer"],
    ["LinePosition", "line_position", "integer"],
    ["Name", "name", "string"],
    ["Option", "option", "string"],
    ["Options", "options", "json"],
    ["ParentDate", "parent_date", "date"],
    ["Position", "position", "integer"],
    ["Status", "status", "string"],
    ["TrackingCategoryID", "tracking_category_id", "string"],
    ["TrackingOptionID", "tracking_option_id", "string"],
] %}
{{ xero_staging(
    stream="journal_cash_line_tracking",
    key=["journal_id", "journal_line_id", "tracking_category_id"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
