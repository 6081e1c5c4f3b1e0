{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["DeductionTypes", "deduction_types", "json"],
    ["EarningsRates", "earnings_rates", "json"],
    ["LeaveTypes", "leave_types", "json"],
    ["ReimbursementTypes", "reimbursement_types", "json"],
] %}
{{ xero_staging(
    stream="payroll_au_pay_items",
    key=["tenant_id"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
