{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["ParentUpdatedDateUTC", "parent_updated_date_utc", "timestamp"],
    ["dateEnteredUtc", "date_entered_utc", "timestamp"],
    ["dateUtc", "date_utc", "timestamp"],
    ["description", "description", "string"],
    ["duration", "duration", "integer"],
    ["projectId", "project_id", "string"],
    ["status", "status", "string"],
    ["taskId", "task_id", "string"],
    ["timeEntryId", "time_entry_id", "string"],
    ["userId", "user_id", "string"],
] %}
{{ xero_staging(
    stream="project_time",
    key=["project_id", "time_entry_id"],
    current={"newest_of": ["project_id"]},
    stamp="parent_updated_date_utc",
    flags=[],
    fields=fields,
) }}
