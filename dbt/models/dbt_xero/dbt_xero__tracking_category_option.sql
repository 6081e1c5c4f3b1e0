{{ config(enabled=var('xero_dbt_xero', false)) }}
select
    tenant_id,
    tracking_option_id,
    name,
    status,
    is_active,
    is_archived,
    is_deleted,
    has_validation_errors,
    extracted_at as _fivetran_synced
from {{ ref('stg_xero__tracking_options') }}
