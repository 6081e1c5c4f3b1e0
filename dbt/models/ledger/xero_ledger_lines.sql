{# The general ledger that the documents make: double entry on both bases. Debits are positive. docs/ledger.md has the
   rules. What a document posted before it was voided is there with its reversal, both on the date of the document. #}
{% set no_text = 'cast(null as ' ~ dbt.type_string() ~ ')' %}
{% set no_tracking %}
    {{ no_text }} as tracking_category_id_1, {{ no_text }} as tracking_option_id_1,
    {{ no_text }} as tracking_category_id_2, {{ no_text }} as tracking_option_id_2
{% endset %}
{% set no_line %}
    0 as tax_amount, {{ no_text }} as tax_type, {{ no_text }} as description, {{ no_text }} as line_id,
    {{ no_tracking }}
{% endset %}
{% set tracking = 'tracking_category_id_1, tracking_option_id_1, tracking_category_id_2, tracking_option_id_2' %}
{% set is_owed = "documents.document_type in ('invoice', 'credit_note', 'expense_claim')" %}
{% set entry = 'tenant_id, source_type, source_id, part_id, entry_date, reference, contact_id, is_reversed' %}
with bases as (
    select 'accrual' as basis
    union all
    select 'cash' as basis
),
controls as (
    -- The account of what is owed.
    select
        tenant_id,
        account_id,
        system_account = 'DEBTORS' as is_sales,
        system_account = 'UNPAIDEXPCLM' as is_claim
    from {{ ref('xero_system_accounts') }}
    where system_account in ('DEBTORS', 'CREDITORS', 'UNPAIDEXPCLM')
),
documents as (
    select
        documents.tenant_id,
        case document_type
            when 'invoice' then case when documents.is_sales then 'ACCREC' else 'ACCPAY' end
            when 'credit_note' then case when documents.is_sales then 'ACCRECCREDIT' else 'ACCPAYCREDIT' end
            when 'prepayment' then case when documents.is_sales then 'ARPREPAYMENT' else 'APPREPAYMENT' end
            when 'overpayment' then case when documents.is_sales then 'AROVERPAYMENT' else 'APOVERPAYMENT' end
            when 'expense_claim' then 'EXPCLAIM'
            else case when documents.is_sales then 'CASHREC' else 'CASHPAID' end
        end as source_type,
        document_id as source_id,
        '' as part_id,
        document_date as entry_date,
        reference,
        contact_id,
        is_reversed,
        document_type,
        document_id,
        documents.is_sales,
        total,
        currency_rate,
        bank_account_id,
        controls.account_id as control_account_id,
        -- 1 if the document's total is a debit: what customers owe, and money received.
        case when document_type = 'credit_note' then -1 else 1 end
            * case when documents.is_sales then 1 else -1 end as direction
    from {{ ref('xero_ledger_documents') }} as documents
    left join controls
        on controls.tenant_id = documents.tenant_id
        and controls.is_sales = documents.is_sales
        and controls.is_claim = (documents.document_type = 'expense_claim')
),
document_totals as (
    -- An invoice, a credit note or a claim: what is owed. The others: money.
    select
        bases.basis,
        {{ entry }},
        case when {{ is_owed }} then control_account_id else bank_account_id end as account_id,
        direction * {{ xero_in_base('total', 'currency_rate') }} as net_amount,
        {{ no_line }}
    from documents
    cross join bases
    where bases.basis = 'accrual' or not {{ is_owed }}

    union all

    -- On the accrual basis a prepayment is owed to the contact until it is used.
    select
        'accrual' as basis,
        {{ entry }},
        control_account_id as account_id,
        -direction * {{ xero_in_base('total', 'currency_rate') }} as net_amount,
        {{ no_line }}
    from documents
    where document_type = 'prepayment'
),
document_parts as (
    select
        bases.basis,
        documents.tenant_id, source_type, source_id, part_id, entry_date, reference, contact_id, is_reversed,
        -- The line of an overpayment is on the account of what is owed, also if it does not say so.
        coalesce(parts.account_id, case when documents.document_type = 'overpayment' then control_account_id end)
            as account_id,
        -direction * parts.net_amount as net_amount,
        -direction * parts.tax_amount as tax_amount,
        parts.tax_type,
        parts.description,
        parts.line_id,
        {{ tracking }}
    from documents
    inner join {{ ref('xero_ledger_parts') }} as parts
        on parts.tenant_id = documents.tenant_id
        and parts.document_type = documents.document_type
        and parts.document_id = documents.document_id
    cross join bases
    where case
        when {{ is_owed }} then bases.basis = 'accrual'
        when documents.document_type = 'prepayment' then bases.basis = 'cash'
        else true
    end
),
settlements as (
    select
        settlements.tenant_id,
        settlement_type,
        case
            when settlement_type = 'payment' and settlements.document_type = 'invoice'
                then case when settlements.is_sales then 'ACCRECPAYMENT' else 'ACCPAYPAYMENT' end
            when settlements.document_type = 'expense_claim' then 'EXPPAYMENT'
            when settlement_type = 'payment' and settlements.document_type = 'credit_note'
                then case when settlements.is_sales then 'ARCREDITPAYMENT' else 'APCREDITPAYMENT' end
            when coalesce(credit_type, settlements.document_type) = 'credit_note'
                then case when settlements.is_sales then 'ACCRECCREDIT' else 'ACCPAYCREDIT' end
            when coalesce(credit_type, settlements.document_type) = 'prepayment'
                then case when settlements.is_sales then 'ARPREPAYMENT' else 'APPREPAYMENT' end
            else case when settlements.is_sales then 'AROVERPAYMENT' else 'APOVERPAYMENT' end
        end as source_type,
        coalesce(credit_id, settlement_id) as source_id,
        case when settlement_type = 'allocation' then settlement_id else '' end as part_id,
        settlement_date as entry_date,
        settlements.reference,
        documents.contact_id,
        settlements.is_reversed,
        settlements.document_type,
        settlements.document_id,
        settlements.from_amount,
        settlements.to_amount,
        documents.document_id is not null as is_document_known,
        documents.total,
        settlements.bank_account_id,
        controls.account_id as control_account_id,
        -- Of a payment, the amount in the organisation's currency at the rate of its day.
        case
            when coalesce(banks.currency_code, organisations.base_currency) = organisations.base_currency
                then coalesce(settlements.bank_amount, {{ xero_in_base('settlements.amount', 'settlements.currency_rate') }})
            else {{ xero_in_base('settlements.amount', 'settlements.currency_rate') }}
        end as money,
        -- What of the document's value it settles, at the rate of the document. If the document is not in the tables,
        -- at that of the payment or of the credit.
        {{ xero_in_base('settlements.to_amount', 'coalesce(documents.currency_rate, settlements.currency_rate)') }}
            - {{ xero_in_base('settlements.from_amount', 'coalesce(documents.currency_rate, settlements.currency_rate)') }}
            as document_value,
        -- 1 if it takes off what is a debit.
        case when settlements.document_type in ('invoice', 'expense_claim') then 1 else -1 end
            * case when settlements.is_sales then 1 else -1 end as direction
    from {{ ref('xero_ledger_settlements') }} as settlements
    left join {{ ref('xero_ledger_documents') }} as documents
        on documents.tenant_id = settlements.tenant_id
        and documents.document_type = settlements.document_type
        and documents.document_id = settlements.document_id
    left join controls
        on controls.tenant_id = settlements.tenant_id
        and controls.is_sales = settlements.is_sales
        and controls.is_claim = (settlements.document_type = 'expense_claim')
    left join {{ ref('stg_xero__accounts') }} as banks
        on banks.tenant_id = settlements.tenant_id
        and banks.account_id = settlements.bank_account_id
    left join {{ ref('stg_xero__organisations') }} as organisations
        on organisations.tenant_id = settlements.tenant_id
),
payments as (
    select
        bases.basis,
        {{ entry }},
        bank_account_id as account_id,
        direction * money as net_amount,
        {{ no_line }}
    from settlements
    cross join bases
    where settlement_type = 'payment'

    union all

    -- An overpayment has its line on the account of what is owed, so there the lines below are enough.
    select
        'accrual' as basis,
        {{ entry }},
        control_account_id as account_id,
        -direction * document_value as net_amount,
        {{ no_line }}
    from settlements
    where settlement_type = 'payment' and document_type <> 'overpayment'
),
settled_parts as (
    select
        bases.basis,
        settlements.tenant_id, source_type, source_id, part_id, entry_date, reference, contact_id, is_reversed,
        coalesce(parts.account_id, case when settlements.document_type = 'overpayment' then control_account_id end)
            as account_id,
        -direction * ({{ xero_share('parts.net_amount', 'to_amount', 'total') }}
            - {{ xero_share('parts.net_amount', 'from_amount', 'total') }}) as net_amount,
        -direction * ({{ xero_share('parts.tax_amount', 'to_amount', 'total') }}
            - {{ xero_share('parts.tax_amount', 'from_amount', 'total') }}) as tax_amount,
        parts.tax_type,
        parts.description,
        parts.line_id,
        {{ tracking }}
    from settlements
    inner join {{ ref('xero_ledger_parts') }} as parts
        on parts.tenant_id = settlements.tenant_id
        and parts.document_type = settlements.document_type
        and parts.document_id = settlements.document_id
    cross join bases
    where bases.basis = 'cash' or (settlement_type = 'payment' and settlements.document_type = 'overpayment')

    union all

    -- A document that is not in the tables has no lines: its part is on no account.
    select
        bases.basis,
        {{ entry }},
        {{ no_text }} as account_id,
        -direction * document_value as net_amount,
        {{ no_line }}
    from settlements
    cross join bases
    where not is_document_known
        and (bases.basis = 'cash' or (settlement_type = 'payment' and settlements.document_type = 'overpayment'))
),
allocated_debts as (
    -- Of the same amount, the invoice and the credit can have different values: their rates differ.
    select
        'accrual' as basis,
        {{ entry }},
        control_account_id as account_id,
        sum(-direction * document_value) as net_amount,
        {{ no_line }}
    from settlements
    where settlement_type = 'allocation'
    group by {{ entry }}, control_account_id
),
currency_gains as (
    select
        bases.basis,
        settlements.tenant_id, source_type, source_id, part_id, entry_date, reference, contact_id, is_reversed,
        gains.account_id,
        sum(direction * (document_value - case when settlement_type = 'payment' then money else 0 end)) as net_amount,
        {{ no_line }}
    from settlements
    left join {{ ref('xero_system_accounts') }} as gains
        on gains.tenant_id = settlements.tenant_id
        and gains.system_account = 'REALISEDCURRENCYGAIN'
    cross join bases
    group by
        bases.basis, settlements.tenant_id, source_type, source_id, part_id, entry_date, reference, contact_id,
        is_reversed, gains.account_id
),
transfers as (
    select
        bases.basis,
        tenant_id,
        'TRANSFER' as source_type,
        bank_transfer_id as source_id,
        '' as part_id,
        date as entry_date,
        reference,
        {{ no_text }} as contact_id,
        coalesce(is_deleted, false) as is_reversed,
        case
            when sides.is_receiving then {{ xero_json_text('to_bank_account', 'AccountID') }}
            else {{ xero_json_text('from_bank_account', 'AccountID') }}
        end as account_id,
        case when sides.is_receiving then 1 else -1 end * {{ xero_in_base('amount', 'currency_rate') }} as net_amount,
        {{ no_line }}
    from {{ ref('stg_xero__bank_transfers') }} as transfers
    cross join (select true as is_receiving union all select false as is_receiving) as sides
    cross join bases
),
manual_journals as (
    select
        bases.basis,
        journals.tenant_id,
        'MANJOURNAL' as source_type,
        journals.manual_journal_id as source_id,
        '' as part_id,
        journals.date as entry_date,
        journals.narration as reference,
        {{ no_text }} as contact_id,
        journals.status = 'VOIDED' as is_reversed,
        case when sides.is_tax then tax.account_id else coalesce(lines.account_id, coded.account_id) end as account_id,
        case
            when sides.is_tax then coalesce(lines.tax_amount, 0)
            else {{ xero_net_amount('lines.line_amount', 'lines.tax_amount', 'journals.line_amount_types') }}
        end as net_amount,
        case when sides.is_tax then 0 else coalesce(lines.tax_amount, 0) end as tax_amount,
        case when sides.is_tax then null else lines.tax_type end as tax_type,
        lines.description,
        case
            when sides.is_tax then 'tax'
            else cast(lines.position as {{ dbt.type_string() }})
        end as line_id,
        case when sides.is_tax then null else tracking_category_id_1 end as tracking_category_id_1,
        case when sides.is_tax then null else tracking_option_id_1 end as tracking_option_id_1,
        case when sides.is_tax then null else tracking_category_id_2 end as tracking_category_id_2,
        case when sides.is_tax then null else tracking_option_id_2 end as tracking_option_id_2
    from {{ ref('stg_xero__manual_journals') }} as journals
    inner join {{ ref('stg_xero__manual_journal_lines') }} as lines
        on lines.tenant_id = journals.tenant_id
        and lines.manual_journal_id = journals.manual_journal_id
    left join {{ xero_line_tracking(
        'manual_journal_line_tracking', ['manual_journal_id', 'line_position'], xero_tracking_ids()
    ) | trim }} as tracking
        on tracking.tenant_id = lines.tenant_id
        and tracking.manual_journal_id = lines.manual_journal_id
        and tracking.line_position = lines.position
    left join {{ xero_coded_accounts() | trim }} as coded
        on coded.tenant_id = lines.tenant_id
        and coded.code = lines.account_code
        and lines.account_id is null
    left join {{ ref('xero_system_accounts') }} as tax
        on tax.tenant_id = journals.tenant_id
        and tax.system_account = 'GST'
    cross join (select true as is_tax union all select false as is_tax) as sides
    cross join bases
    where journals.status in ('POSTED', 'VOIDED')
        and (bases.basis = 'accrual' or journals.show_on_cash_basis_reports)
),
lines as (
    {%- for part in [
        'document_totals', 'document_parts', 'payments', 'settled_parts', 'allocated_debts', 'currency_gains',
        'transfers', 'manual_journals',
    ] %}
    {% if not loop.first %}union all{% endif %}
    select
        basis, {{ entry }}, account_id, net_amount, tax_amount, tax_type, description, line_id,
        {{ tracking }},
        {{ 3 if part == 'settled_parts' else 1 }} as half_cents
    from {{ part }}
    where net_amount <> 0
    {%- endfor %}
),
rounding as (
    -- Each part is rounded for itself, so an entry can miss its total by half a cent for each. A share is the difference
    -- of two rounded amounts, of a part that was rounded. An entry that misses its total by more stays as it is, and a
    -- test fails.
    select
        lines.basis,
        lines.tenant_id, source_type, source_id, part_id, entry_date, reference, contact_id, is_reversed,
        rounding.account_id,
        -sum(lines.net_amount) as net_amount,
        {{ no_line }},
        0 as half_cents
    from lines
    left join {{ ref('xero_system_accounts') }} as rounding
        on rounding.tenant_id = lines.tenant_id
        and rounding.system_account = 'ROUNDING'
    group by
        lines.basis, lines.tenant_id, source_type, source_id, part_id, entry_date, reference, contact_id, is_reversed,
        rounding.account_id
    having sum(lines.net_amount) <> 0 and 200 * abs(sum(lines.net_amount)) <= sum(lines.half_cents)
),
posted as (
    select * from lines
    union all
    select * from rounding
)
select
    basis, {{ entry }}, false as is_reversal, account_id,
    {{ xero_money('net_amount') }} as net_amount, {{ xero_money('tax_amount') }} as tax_amount, tax_type, description, line_id,
    {{ tracking }}
from posted

union all

select
    basis, {{ entry }}, true as is_reversal, account_id,
    {{ xero_money('-net_amount') }} as net_amount, {{ xero_money('-tax_amount') }} as tax_amount, tax_type, description, line_id,
    {{ tracking }}
from posted
where is_reversed
