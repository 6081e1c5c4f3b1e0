{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["address", "address", "json"],
    ["createdDateUTC", "created_date_utc", "timestamp"],
    ["dateOfBirth", "date_of_birth", "date"],
    ["email", "email", "string"],
    ["employeeID", "employee_id", "string"],
    ["endDate", "end_date", "date"],
    ["engagementType", "engagement_type", "string"],
    ["firstName", "first_name", "string"],
    ["fixedTermEndDate", "fixed_term_end_date", "date"],
    ["gender", "gender", "string"],
    ["jobTitle", "job_title", "string"],
    ["lastName", "last_name", "string"],
    ["payrollCalendarID", "payroll_calendar_id", "string"],
    ["phoneNumber", "phone_number", "string"],
    ["startDate", "start_date", "date"],
    ["title", "title", "string"],
    ["updatedDateUTC", "updated_date_utc", "timestamp"],
] %}
{{ xero_staging(
    stream="payroll_nz_employees",
    key=["employee_id"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
