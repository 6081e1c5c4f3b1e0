{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["LinePosition", "line_position", "integer"],
    ["ManualJournalID", "manual_journal_id", "string"],
    ["Name", "name", "string"],
    ["Option", "option", "string"],
    ["Options", "options", "json"],
    ["ParentDate", "parent_date", "date"],
    ["ParentStatus", "parent_status", "string"],
    ["Position", "position", "integer"],
    ["Status", "status", "string"],
    ["TrackingCategoryID", "tracking_category_id", "string"],
    ["TrackingOptionID", "tracking_option_id", "string"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
] %}
{{ xero_staging(
    stream="manual_journal_line_tracking",
    key=["manual_journal_id", "line_position", "tracking_category_id"],
    current={"parent": "manual_journals", "key": ["manual_journal_id"]},
    stamp="updated_date_utc",
    flags=[["is_deleted", "parent_status", "DELETED"], ["is_voided", "parent_status", "VOIDED"]],
    fields=fields,
) }}
