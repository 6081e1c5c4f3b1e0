{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["Position", "position", "integer"],
    ["dateFirstEmployedAsCivilian", "date_first_employed_as_civilian", "date"],
    ["employeeID", "employee_id", "string"],
    ["niCategory", "ni_category", "string"],
    ["niCategoryID", "ni_category_id", "number"],
    ["startDate", "start_date", "date"],
    ["updatedDateUTC", "updated_date_utc", "timestamp"],
    ["workplacePostcode", "workplace_postcode", "string"],
] %}
{{ xero_staging(
    stream="payroll_uk_employee_ni_categories",
    key=["employee_id", "position"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
