{{ config(enabled=var('xero_dbt_xero', false)) }}
select
    tenant_id,
    organisation_id,
    financial_year_end_month,
    financial_year_end_day,
    extracted_at as _fivetran_synced
from {{ ref('stg_xero__organisations') }}
