{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["EmailAddress", "email_address", "string"],
    ["FirstName", "first_name", "string"],
    ["GlobalUserID", "global_user_id", "string"],
    ["IsSubscriber", "is_subscriber", "boolean"],
    ["LastName", "last_name", "string"],
    ["OrganisationRole", "organisation_role", "string"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
    ["UserID", "user_id", "string"],
] %}
{{ xero_staging(
    stream="users",
    key=["tenant_id", "user_id"],
    current=none,
    stamp="updated_date_utc",
    flags=[["is_deleted", "organisation_role", "REMOVED"]],
    fields=fields,
) }}
