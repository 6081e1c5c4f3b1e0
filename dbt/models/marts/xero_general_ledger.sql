{# The general ledger on both bases. Debits are positive. An organisation whose journals are read has them; any other
   has what its documents make, and what Xero's trial balance has besides. #}
{% set tracking = 'tracking_category_id_1, tracking_option_id_1, tracking_category_id_2, tracking_option_id_2' %}
with journal_lines as (
{%- for it in [
    {'basis': 'accrual', 'journals': 'journals', 'lines': 'journal_lines', 'tracking': 'journal_line_tracking'},
    {'basis': 'cash', 'journals': 'journals_cash', 'lines': 'journal_cash_lines', 'tracking': 'journal_cash_line_tracking'},
] %}
    {% if not loop.first %}union all{% endif %}
    select
        lines.tenant_id,
        '{{ it.basis }}' as basis,
        'journal' as line_source,
        journals.source_type,
        journals.source_id,
        journals.journal_id as part_id,
        journals.journal_date as entry_date,
        journals.reference,
        false as is_reversal,
        lines.account_id,
        lines.net_amount,
        lines.tax_amount,
        lines.tax_type,
        lines.description,
        lines.journal_line_id as line_id,
        {{ tracking }}
    from {{ ref('stg_xero__' ~ it.lines) }} as lines
    inner join {{ ref('stg_xero__' ~ it.journals) }} as journals
        on journals.tenant_id = lines.tenant_id
        and journals.journal_id = lines.journal_id
    left join {{ xero_line_tracking(it.tracking, ['journal_id', 'journal_line_id'], xero_tracking_ids()) | trim }} as tracking
        on tracking.tenant_id = lines.tenant_id
        and tracking.journal_id = lines.journal_id
        and tracking.journal_line_id = lines.journal_line_id
{%- endfor %}
),
with_journals as (
    select distinct tenant_id, basis from journal_lines
),
document_lines as (
    select
        tenant_id, basis, 'document' as line_source, source_type, source_id, part_id, entry_date, reference, is_reversal,
        account_id, net_amount, tax_amount, tax_type, description, line_id,
        {{ tracking }}
    from {{ ref('xero_ledger_lines') }}

    union all

    select
        tenant_id, basis, 'remainder' as line_source, null as source_type, null as source_id, null as part_id,
        period_end as entry_date, remainder_name as reference, false as is_reversal,
        account_id, remainder as net_amount, 0 as tax_amount, null as tax_type, null as description, null as line_id,
        null as tracking_category_id_1, null as tracking_option_id_1,
        null as tracking_category_id_2, null as tracking_option_id_2
    from {{ ref('xero_reconciliation') }}
    where remainder <> 0
),
lines as (
    select * from journal_lines

    union all

    select document_lines.*
    from document_lines
    left join with_journals
        on with_journals.tenant_id = document_lines.tenant_id
        and with_journals.basis = document_lines.basis
    where with_journals.tenant_id is null
)
select
    lines.tenant_id,
    organisations.name as organisation_name,
    organisations.base_currency,
    basis,
    line_source,
    source_type,
    source_id,
    part_id,
    entry_date,
    {{ xero_month_end('entry_date') }} as month_end,
    reference,
    is_reversal,
    lines.account_id,
    accounts.code as account_code,
    accounts.name as account_name,
    accounts.type as account_type,
    accounts.class as account_class,
    net_amount,
    tax_amount,
    lines.tax_type,
    lines.description,
    line_id,
    {{ tracking }}
from lines
left join {{ ref('stg_xero__accounts') }} as accounts
    on accounts.tenant_id = lines.tenant_id
    and accounts.account_id = lines.account_id
left join {{ ref('stg_xero__organisations') }} as organisations
    on organisations.tenant_id = lines.tenant_id
