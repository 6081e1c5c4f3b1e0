{{ config(enabled=var('xero_dbt_xero', false)) }}
select
    tenant_id,
    invoice_id,
    line_item_id,
    tracking_category_id,
    option,
    extracted_at as _fivetran_synced
from {{ ref('stg_xero__invoice_line_item_tracking') }}
