{{ config(enabled=var('xero_dbt_xero', false)) }}
select
    tenant_id,
    account_id,
    name,
    code,
    type,
    class,
    extracted_at as _fivetran_synced
from {{ ref('stg_xero__accounts') }}
