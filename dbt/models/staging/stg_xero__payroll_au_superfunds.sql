{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["ABN", "abn", "string"],
    ["AccountName", "account_name", "string"],
    ["AccountNumber", "account_number", "string"],
    ["BSB", "bsb", "string"],
    ["ElectronicServiceAddress", "electronic_service_address", "string"],
    ["EmployerNumber", "employer_number", "string"],
    ["Name", "name", "string"],
    ["SPIN", "spin", "string"],
    ["SuperFundID", "super_fund_id", "string"],
    ["Type", "type", "string"],
    ["USI", "usi", "string"],
    ["UpdatedDateUTC", "updated_date_utc", "timestamp"],
    ["ValidationErrors", "validation_errors", "json"],
] %}
{{ xero_staging(
    stream="payroll_au_superfunds",
    key=["super_fund_id"],
    current=none,
    stamp="updated_date_utc",
    flags=[],
    fields=fields,
) }}
