{# Income and expenses of each account and month. Income is positive where it grows, expenses are positive where they
   grow, as in Xero's report; profit is income less expenses. #}
select
    tenant_id,
    organisation_name,
    base_currency,
    basis,
    month_end,
    account_id,
    account_code,
    account_name,
    account_type,
    account_class,
    sum(case account_class when 'REVENUE' then -net_amount else net_amount end) as amount,
    sum(-net_amount) as profit
from {{ ref('xero_general_ledger') }}
where account_class in ('REVENUE', 'EXPENSE')
group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
having sum(net_amount) <> 0
