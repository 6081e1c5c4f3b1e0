{{ config(enabled=var('xero_dbt_xero', false)) }}
select
    tenant_id,
    journal_id,
    created_date_utc,
    journal_date,
    journal_number,
    reference,
    source_id,
    source_type,
    extracted_at as _fivetran_synced
from {{ ref('stg_xero__journals') }}
