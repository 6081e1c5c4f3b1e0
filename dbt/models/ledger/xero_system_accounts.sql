{# The account that each organisation has for a purpose of Xero's own. #}
select
    tenant_id,
    system_account,
    min(account_id) as account_id
from {{ ref('stg_xero__accounts') }}
where system_account is not null
group by 1, 2
