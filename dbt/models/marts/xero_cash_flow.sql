{# What each bank account received and spent in each month, and its balances, in the currency of the organisation. What
   was taken back counts in neither. #}
with accounts as (
    select tenant_id, account_id, code, name from {{ ref('stg_xero__accounts') }} where type = 'BANK'
),
by_source as (
    -- A document that was changed or voided has its old entries, their reversals and its new ones.
    select
        ledger.tenant_id,
        ledger.organisation_name,
        ledger.base_currency,
        ledger.account_id,
        ledger.month_end,
        ledger.source_type,
        ledger.source_id,
        case when ledger.reference = 'opening balance' and ledger.line_source = 'remainder' then 1 else 0 end as is_opening,
        sum(ledger.net_amount) as net_amount
    from {{ ref('xero_general_ledger') }} as ledger
    inner join accounts
        on accounts.tenant_id = ledger.tenant_id
        and accounts.account_id = ledger.account_id
    where ledger.basis = 'accrual'
    group by 1, 2, 3, 4, 5, 6, 7, 8
),
by_month as (
    select
        tenant_id, organisation_name, base_currency, account_id, month_end,
        sum(case when is_opening = 0 and net_amount > 0 then net_amount else 0 end) as received,
        sum(case when is_opening = 0 and net_amount < 0 then -net_amount else 0 end) as spent,
        sum(net_amount) as moved
    from by_source
    group by 1, 2, 3, 4, 5
),
grid as (
    select
        first_months.tenant_id,
        first_months.organisation_name,
        first_months.base_currency,
        first_months.account_id,
        months.month_end
    from (
        select tenant_id, organisation_name, base_currency, account_id, min(month_end) as first_month
        from by_month
        group by 1, 2, 3, 4
    ) as first_months
    inner join {{ ref('xero_ledger_months') }} as months
        on months.tenant_id = first_months.tenant_id
        and months.basis = 'accrual'
        and months.month_end >= first_months.first_month
),
running as (
    select
        grid.tenant_id,
        grid.organisation_name,
        grid.base_currency,
        grid.account_id,
        grid.month_end,
        coalesce(received, 0) as received,
        coalesce(spent, 0) as spent,
        coalesce(moved, 0) as moved,
        sum(coalesce(moved, 0)) over (
            partition by grid.tenant_id, grid.account_id
            order by grid.month_end
            rows between unbounded preceding and current row
        ) as closing_balance
    from grid
    left join by_month
        on by_month.tenant_id = grid.tenant_id
        and by_month.account_id = grid.account_id
        and by_month.month_end = grid.month_end
)
select
    running.tenant_id,
    organisation_name,
    base_currency,
    running.account_id,
    accounts.code as account_code,
    accounts.name as account_name,
    month_end,
    closing_balance - received + spent as opening_balance,
    received,
    spent,
    closing_balance
from running
inner join accounts
    on accounts.tenant_id = running.tenant_id
    and accounts.account_id = running.account_id
