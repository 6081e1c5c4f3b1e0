{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["Field", "field", "string"],
    ["ParentUpdatedDateUTC", "parent_updated_date_utc", "timestamp"],
    ["currency", "currency", "string"],
    ["projectId", "project_id", "string"],
    ["taskId", "task_id", "string"],
    ["value", "value", "number"],
] %}
{{ xero_staging(
    stream="project_task_amounts",
    key=["task_id", "field"],
    current={"parent": "project_tasks", "key": ["project_id", "task_id"]},
    stamp="parent_updated_date_utc",
    flags=[],
    fields=fields,
) }}
