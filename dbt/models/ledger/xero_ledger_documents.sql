{# Documents that are made of lines, and that are or were in the ledger. Payments settle them. #}
with bank_sides as (
    -- Money that was received or spent for a prepayment or an overpayment is also a bank transaction.
    select
        tenant_id,
        coalesce(prepayment_id, overpayment_id) as document_id,
        min({{ xero_json_text('bank_account', 'AccountID') }}) as bank_account_id
    from {{ ref('stg_xero__bank_transactions') }}
    where coalesce(prepayment_id, overpayment_id) is not null
    group by 1, 2
),
documents as (
{%- for it in xero_line_documents() %}
    {% if not loop.first %}union all{% endif %}
    select
        tenant_id,
        '{{ it.type }}' as document_type,
        {{ it.key }} as document_id,
        {{ it.number or 'cast(null as ' ~ dbt.type_string() ~ ')' }} as document_number,
        reference,
        date as document_date,
        {{ xero_json_text('contact', 'ContactID') }} as contact_id,
        type like '{{ it.sales | join("%' or type like '") }}%' as is_sales,
        status in {{ xero_texts(it.reversed) }} as is_reversed,
        line_amount_types,
        currency_code,
        currency_rate,
        total,
        total_tax,
        {% if it.type == 'bank_transaction' %}{{ xero_json_text('bank_account', 'AccountID') }}
        {%- else %}cast(null as {{ dbt.type_string() }}){% endif %} as bank_account_id
    from {{ ref('stg_xero__' ~ it.documents) }}
    where status in {{ xero_texts(it.posted + it.reversed) }}
        {%- if it.type == 'bank_transaction' %}
        -- These types are the bank's side of other documents.
        and type not like '%-TRANSFER' and type not like '%-PREPAYMENT' and type not like '%-OVERPAYMENT'
        {%- endif %}
{%- endfor %}

    union all

    -- The list of expense claims has no receipts. Where the details were not read, no claim is in the ledger.
    select
        details.tenant_id,
        'expense_claim' as document_type,
        details.expense_claim_id as document_id,
        cast(null as {{ dbt.type_string() }}) as document_number,
        cast(null as {{ dbt.type_string() }}) as reference,
        details.reporting_date as document_date,
        cast(null as {{ dbt.type_string() }}) as contact_id,
        false as is_sales,
        claims.status = 'VOIDED' as is_reversed,
        cast(null as {{ dbt.type_string() }}) as line_amount_types,
        cast(null as {{ dbt.type_string() }}) as currency_code,
        cast(null as {{ xero_type('number') }}) as currency_rate,
        details.total,
        receipts.total_tax,
        cast(null as {{ dbt.type_string() }}) as bank_account_id
    from {{ ref('stg_xero__expense_claim_details') }} as details
    inner join {{ ref('stg_xero__expense_claims') }} as claims
        on claims.tenant_id = details.tenant_id
        and claims.expense_claim_id = details.expense_claim_id
    inner join (
        select tenant_id, expense_claim_id, sum(total_tax) as total_tax
        from {{ ref('stg_xero__expense_claim_receipts') }}
        group by tenant_id, expense_claim_id
    ) as receipts
        on receipts.tenant_id = details.tenant_id
        and receipts.expense_claim_id = details.expense_claim_id
    where claims.status in ('AUTHORISED', 'PAID', 'VOIDED')
)
select
    documents.tenant_id,
    document_type,
    documents.document_id,
    document_number,
    reference,
    document_date,
    contact_id,
    is_sales,
    is_reversed,
    line_amount_types,
    currency_code,
    currency_rate,
    coalesce(total, 0) as total,
    coalesce(total_tax, 0) as total_tax,
    coalesce(documents.bank_account_id, bank_sides.bank_account_id) as bank_account_id
from documents
left join bank_sides
    on bank_sides.tenant_id = documents.tenant_id
    and bank_sides.document_id = documents.document_id
