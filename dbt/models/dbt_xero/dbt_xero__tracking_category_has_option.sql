{{ config(enabled=var('xero_dbt_xero', false)) }}
select
    tenant_id,
    tracking_category_id,
    tracking_option_id,
    extracted_at as _fivetran_synced
from {{ ref('stg_xero__tracking_options') }}
