{# What settles what: payments, and credit that was allocated to invoices. `from_amount` and `to_amount` say which part
   of the document's total it settles; settlements follow one another by date and id. An allocation has two rows: one for
   the invoice, and one for the credit that it uses. #}
with payments as (
    select
        payments.tenant_id,
        payments.payment_id as settlement_id,
        'payment' as settlement_type,
        payments.date as settlement_date,
        case
            when payment_type in ('ACCRECPAYMENT', 'ACCPAYPAYMENT') then 'invoice'
            when payment_type in ('ARCREDITPAYMENT', 'APCREDITPAYMENT') then 'credit_note'
            when payment_type in ('ARPREPAYMENTPAYMENT', 'APPREPAYMENTPAYMENT') then 'prepayment'
            else 'overpayment'
        end as document_type,
        -- Xero also shows a credit note, and at times other credit, as the invoice of its refund.
        coalesce(
            {{ xero_json_text('credit_note', 'CreditNoteID') }},
            {{ xero_json_text('prepayment', 'PrepaymentID') }},
            {{ xero_json_text('overpayment', 'OverpaymentID') }},
            {{ xero_json_text('invoice', 'InvoiceID') }}
        ) as document_id,
        payment_type in ('ACCRECPAYMENT', 'ARCREDITPAYMENT', 'ARPREPAYMENTPAYMENT', 'AROVERPAYMENTPAYMENT') as is_sales,
        status = 'DELETED' as is_reversed,
        amount,
        bank_amount,
        currency_rate,
        {{ xero_json_text('account', 'AccountID') }} as bank_account_id,
        reference,
        cast(null as {{ dbt.type_string() }}) as credit_type,
        cast(null as {{ dbt.type_string() }}) as credit_id
    from {{ ref('stg_xero__payments') }} as payments
    where status in ('AUTHORISED', 'DELETED')
),
claim_payments as (
    -- The list of claims does not say which account they are paid from. Xero may list the payment as well.
    select
        claims.tenant_id,
        claims.payment_id as settlement_id,
        'payment' as settlement_type,
        claims.date as settlement_date,
        'expense_claim' as document_type,
        claims.expense_claim_id as document_id,
        false as is_sales,
        claims.parent_status = 'VOIDED' or coalesce(claims.status = 'DELETED', false) as is_reversed,
        claims.amount,
        claims.bank_amount,
        claims.currency_rate,
        {{ xero_json_text('payments.account', 'AccountID') }} as bank_account_id,
        claims.reference,
        cast(null as {{ dbt.type_string() }}) as credit_type,
        cast(null as {{ dbt.type_string() }}) as credit_id
    from {{ ref('stg_xero__expense_claim_payments') }} as claims
    left join {{ ref('stg_xero__payments') }} as payments
        on payments.tenant_id = claims.tenant_id
        and payments.payment_id = claims.payment_id
),
allocations as (
{%- for it in xero_line_documents() if it.type in ['credit_note', 'prepayment', 'overpayment'] %}
    {% if not loop.first %}union all{% endif %}
    select
        allocations.tenant_id,
        allocation_id as settlement_id,
        'allocation' as settlement_type,
        allocations.date as settlement_date,
        {{ xero_json_text('allocations.invoice', 'InvoiceID') }} as invoice_id,
        documents.is_sales,
        coalesce(allocations.is_deleted, false) or documents.is_reversed as is_reversed,
        allocations.amount,
        documents.currency_rate,
        '{{ it.type }}' as credit_type,
        allocations.{{ it.key }} as credit_id
    from {{ ref('stg_xero__' ~ it.type ~ '_allocations') }} as allocations
    inner join {{ ref('xero_ledger_documents') }} as documents
        on documents.tenant_id = allocations.tenant_id
        and documents.document_type = '{{ it.type }}'
        and documents.document_id = allocations.{{ it.key }}
{%- endfor %}
),
settlements as (
    select payments.*
    from payments
    left join claim_payments
        on claim_payments.tenant_id = payments.tenant_id
        and claim_payments.settlement_id = payments.settlement_id
    where claim_payments.settlement_id is null

    union all

    select * from claim_payments

    union all

    select
        tenant_id, settlement_id, settlement_type, settlement_date,
        'invoice' as document_type, invoice_id as document_id, is_sales, is_reversed, amount,
        null as bank_amount, currency_rate, null as bank_account_id, null as reference, credit_type, credit_id
    from allocations

    union all

    select
        tenant_id, settlement_id, settlement_type, settlement_date,
        credit_type as document_type, credit_id as document_id, is_sales, is_reversed, amount,
        null as bank_amount, currency_rate, null as bank_account_id, null as reference, credit_type, credit_id
    from allocations
),
ordered as (
    select
        settlements.*,
        -- What was taken back settles nothing.
        coalesce(sum(case when is_reversed then 0 else amount end) over (
            partition by tenant_id, document_type, document_id
            order by settlement_date, settlement_id
            rows between unbounded preceding and 1 preceding
        ), 0) as earlier_amount
    from settlements
)
select
    tenant_id,
    settlement_id,
    settlement_type,
    settlement_date,
    document_type,
    document_id,
    is_sales,
    is_reversed,
    amount,
    case when is_reversed then 0 else earlier_amount end as from_amount,
    case when is_reversed then 0 else earlier_amount end + amount as to_amount,
    bank_amount,
    currency_rate,
    bank_account_id,
    reference,
    credit_type,
    credit_id
from ordered
