{{ config(enabled=var('xero_dbt_xero', false)) }}
select
    tenant_id,
    journal_line_id,
    journal_id,
    account_id,
    account_code,
    account_name,
    account_type,
    description,
    gross_amount,
    net_amount,
    tax_amount,
    tax_name,
    tax_type,
    extracted_at as _fivetran_synced
from {{ ref('stg_xero__journal_lines') }}
