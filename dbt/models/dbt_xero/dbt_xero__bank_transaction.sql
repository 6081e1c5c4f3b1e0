{{ config(enabled=var('xero_dbt_xero', false)) }}
select
    tenant_id,
    bank_transaction_id,
    {{ xero_json_text('contact', 'ContactID') }} as contact_id,
    extracted_at as _fivetran_synced
from {{ ref('stg_xero__bank_transactions') }}
