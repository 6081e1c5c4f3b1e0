{{ config(enabled=var('xero_dbt_xero', false)) }}
select
    tenant_id,
    journal_id,
    journal_line_id,
    tracking_category_id,
    option,
    tracking_option_id as tracking_category_option_id,
    extracted_at as _fivetran_synced
from {{ ref('stg_xero__journal_line_tracking') }}
