{# What Xero's trial balance says of each account and period, what the documents explain of it, and what remains. The
   first period of an organisation also has a row with its opening balance, dated the day before. Debits are positive. #}
with reported as (
{%- for basis, stream in [('accrual', 'report_trial_balance'), ('cash', 'report_trial_balance_cash')] %}
    {% if not loop.first %}union all{% endif %}
    select
        tenant_id,
        '{{ basis }}' as basis,
        period_start,
        period_end,
        account_id,
        round(sum(case column_title when 'Debit' then amount when 'Credit' then -amount else 0 end), 2) as moved,
        round(sum(case column_title when 'YTD Debit' then amount when 'YTD Credit' then -amount else 0 end), 2) as standing
    from {{ ref('stg_xero__' ~ stream) }}
    where account_id is not null
    group by tenant_id, period_start, period_end, account_id
{%- endfor %}
),
periods as (
    select distinct tenant_id, basis, period_start, period_end from reported
),
first_periods as (
    select
        periods.tenant_id,
        periods.basis,
        min(period_start) as first_day,
        {{ xero_fiscal_year_start(
            'min(period_start)', 'max(organisations.financial_year_end_month)', 'max(organisations.financial_year_end_day)'
        ) }} as year_start
    from periods
    left join {{ ref('stg_xero__organisations') }} as organisations
        on organisations.tenant_id = periods.tenant_id
    group by periods.tenant_id, periods.basis
),
lines as (
    select
        lines.tenant_id,
        lines.basis,
        lines.account_id,
        lines.entry_date,
        lines.net_amount,
        coalesce(accounts.class in ('REVENUE', 'EXPENSE'), false) as is_of_profit
    from {{ ref('xero_ledger_lines') }} as lines
    left join {{ ref('stg_xero__accounts') }} as accounts
        on accounts.tenant_id = lines.tenant_id
        and accounts.account_id = lines.account_id
),
explained as (
    select
        lines.tenant_id, lines.basis, periods.period_start, periods.period_end, lines.account_id, false as is_opening,
        sum(net_amount) as amount
    from lines
    inner join periods
        on periods.tenant_id = lines.tenant_id
        and periods.basis = lines.basis
        and lines.entry_date between periods.period_start and periods.period_end
    group by lines.tenant_id, lines.basis, periods.period_start, periods.period_end, lines.account_id

    union all

    -- Income and expenses of earlier years are in retained earnings.
    select
        lines.tenant_id,
        lines.basis,
        first_periods.first_day as period_start,
        first_periods.first_day as period_end,
        case
            when is_of_profit and entry_date < year_start then retained.account_id
            else lines.account_id
        end as account_id,
        true as is_opening,
        sum(net_amount) as amount
    from lines
    inner join first_periods
        on first_periods.tenant_id = lines.tenant_id
        and first_periods.basis = lines.basis
        and lines.entry_date < first_periods.first_day
    left join {{ ref('xero_system_accounts') }} as retained
        on retained.tenant_id = lines.tenant_id
        and retained.system_account = 'RETAINEDEARNINGS'
    group by 1, 2, 3, 4, 5
),
both_sides as (
    select
        tenant_id, basis, period_start, period_end, account_id, false as is_opening,
        moved as reported_amount, 0 as explained_amount
    from reported

    union all

    select
        reported.tenant_id, reported.basis, first_day, first_day, account_id, true as is_opening,
        standing - moved as reported_amount, 0 as explained_amount
    from reported
    inner join first_periods
        on first_periods.tenant_id = reported.tenant_id
        and first_periods.basis = reported.basis
        and first_periods.first_day = reported.period_start

    union all

    select
        tenant_id, basis, period_start, period_end, account_id, is_opening,
        0 as reported_amount, amount as explained_amount
    from explained
),
compared as (
    select
        tenant_id,
        basis,
        is_opening,
        case when is_opening then cast(null as date) else period_start end as period_start,
        case
            when is_opening then cast({{ dbt.dateadd('day', -1, 'period_start') }} as date)
            else period_end
        end as period_end,
        account_id,
        sum(reported_amount) as reported_amount,
        sum(explained_amount) as explained_amount,
        sum(reported_amount) - sum(explained_amount) as remainder
    from both_sides
    group by 1, 2, 3, 4, 5, 6
)
select
    compared.tenant_id,
    basis,
    is_opening,
    period_start,
    period_end,
    compared.account_id,
    accounts.code as account_code,
    accounts.name as account_name,
    accounts.type as account_type,
    accounts.class as account_class,
    reported_amount,
    explained_amount,
    remainder,
    case
        when remainder = 0 then null
        when is_opening then 'opening balance'
        when compared.account_id is null then 'the account is not known'
        when accounts.account_id is null then 'an account that is not in the list'
        when accounts.system_account in ('WAGEPAYABLES', 'WAGESPAYABLES')
            or accounts.type in ('WAGESEXPENSE', 'WAGESPAYABLELIABILITY', 'SUPERANNUATIONEXPENSE',
                                 'SUPERANNUATIONLIABILITY', 'PAYG', 'PAYGLIABILITY') then 'payroll'
        when accounts.system_account = 'UNPAIDEXPCLM' then 'expense claims'
        when accounts.system_account in ('UNREALISEDCURRENCYGAIN', 'BANKCURRENCYGAIN') then 'revaluation'
        when accounts.system_account in ('HISTORICAL', 'CONVERSION') then 'conversion balance'
        when accounts.system_account = 'ROUNDING' or abs(remainder) < 0.05 then 'rounding'
        when accounts.type in ('DEPRECIATN', 'FIXED') then 'depreciation'
        when accounts.type = 'INVENTORY' then 'tracked inventory'
        when accounts.type = 'BANK' then 'bank entries without a document'
        else 'entries without a document'
    end as remainder_name
from compared
left join {{ ref('stg_xero__accounts') }} as accounts
    on accounts.tenant_id = compared.tenant_id
    and accounts.account_id = compared.account_id
