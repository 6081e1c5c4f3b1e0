{{ config(enabled=var('xero_dbt_xero', false)) }}
-- dbt_xero drops every contact whose _fivetran_deleted is not false. Xero deletes no contacts, it archives them.
select
    tenant_id,
    contact_id,
    name,
    false as _fivetran_deleted,
    extracted_at as _fivetran_synced
from {{ ref('stg_xero__contacts') }}
