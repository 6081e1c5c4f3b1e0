{{ config(enabled=var('xero_dbt_xero', false)) }}
select
    tenant_id,
    invoice_id,
    line_item_id,
    account_code,
    description,
    item_code,
    quantity,
    unit_amount,
    discount_entered_as_percent,
    discount_rate,
    line_amount,
    tax_amount,
    tax_type,
    validation_errors,
    extracted_at as _fivetran_synced
from {{ ref('stg_xero__invoice_line_items') }}
