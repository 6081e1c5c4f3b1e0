{# Income and expenses of each account and month by the options of each tracking category. Amounts without an option of
   the category have no option, so the rows of each category add up to xero_profit_and_loss. #}
with categories as (
    select distinct tenant_id, tracking_category_id, name as category_name
    from {{ ref('stg_xero__tracking_categories') }}
),
options as (
    select tenant_id, tracking_category_id, tracking_option_id, name as option_name
    from {{ ref('stg_xero__tracking_options') }}
),
lines as (
    select
        ledger.*,
        categories.tracking_category_id,
        categories.category_name,
        case categories.tracking_category_id
            when tracking_category_id_1 then tracking_option_id_1
            when tracking_category_id_2 then tracking_option_id_2
        end as tracking_option_id
    from {{ ref('xero_general_ledger') }} as ledger
    inner join categories
        on categories.tenant_id = ledger.tenant_id
    where account_class in ('REVENUE', 'EXPENSE')
)
select
    lines.tenant_id,
    organisation_name,
    base_currency,
    basis,
    month_end,
    lines.tracking_category_id,
    category_name,
    lines.tracking_option_id,
    option_name,
    account_id,
    account_code,
    account_name,
    account_type,
    account_class,
    sum(case account_class when 'REVENUE' then -net_amount else net_amount end) as amount,
    sum(-net_amount) as profit
from lines
left join options
    on options.tenant_id = lines.tenant_id
    and options.tracking_category_id = lines.tracking_category_id
    and options.tracking_option_id = lines.tracking_option_id
group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14
having sum(net_amount) <> 0
