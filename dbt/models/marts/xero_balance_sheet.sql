{# The balance of each account at each month end, in the direction in which the account grows: assets as debits,
   liabilities and equity as credits. Income and expenses are in two rows of equity: those of earlier years in retained
   earnings, those of the fiscal year in the current year's earnings, which is no account. #}
with lines as (
    select
        ledger.tenant_id,
        ledger.organisation_name,
        ledger.base_currency,
        ledger.basis,
        ledger.month_end,
        ledger.account_id,
        coalesce(ledger.account_class in ('REVENUE', 'EXPENSE'), false) as is_of_profit,
        {{ xero_fiscal_year_start(
            'ledger.entry_date', 'organisations.financial_year_end_month', 'organisations.financial_year_end_day'
        ) }} as year_start,
        ledger.net_amount
    from {{ ref('xero_general_ledger') }} as ledger
    left join {{ ref('stg_xero__organisations') }} as organisations
        on organisations.tenant_id = ledger.tenant_id
),
months as (
    select
        months.tenant_id,
        months.basis,
        months.month_end,
        {{ xero_fiscal_year_start(
            'months.month_end', 'organisations.financial_year_end_month', 'organisations.financial_year_end_day'
        ) }} as year_start
    from {{ ref('xero_ledger_months') }} as months
    left join {{ ref('stg_xero__organisations') }} as organisations
        on organisations.tenant_id = months.tenant_id
),
moved as (
    select
        tenant_id, organisation_name, base_currency, basis, month_end, is_of_profit, year_start,
        case when is_of_profit then null else account_id end as account_id,
        sum(net_amount) as net_amount
    from lines
    group by 1, 2, 3, 4, 5, 6, 7, 8
),
balances as (
    select
        moved.tenant_id,
        moved.organisation_name,
        moved.base_currency,
        moved.basis,
        months.month_end,
        case
            when not moved.is_of_profit then moved.account_id
            when moved.year_start < months.year_start then retained.account_id
        end as account_id,
        moved.is_of_profit and moved.year_start = months.year_start as is_current_year,
        sum(moved.net_amount) as net_amount
    from moved
    inner join months
        on months.tenant_id = moved.tenant_id
        and months.basis = moved.basis
        and months.month_end >= moved.month_end
    left join {{ ref('xero_system_accounts') }} as retained
        on retained.tenant_id = moved.tenant_id
        and retained.system_account = 'RETAINEDEARNINGS'
    group by 1, 2, 3, 4, 5, 6, 7
)
select
    balances.tenant_id,
    organisation_name,
    base_currency,
    basis,
    month_end,
    balances.account_id,
    accounts.code as account_code,
    case when is_current_year then 'Current Year Earnings' else accounts.name end as account_name,
    accounts.type as account_type,
    case when is_current_year then 'EQUITY' else accounts.class end as account_class,
    case accounts.class when 'ASSET' then net_amount else -net_amount end as balance
from balances
left join {{ ref('stg_xero__accounts') }} as accounts
    on accounts.tenant_id = balances.tenant_id
    and accounts.account_id = balances.account_id
where net_amount <> 0
