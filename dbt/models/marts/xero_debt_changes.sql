{# What changed what is open on a document: the document itself, its payments, and credit that was used. In the currency
   of the organisation. The sum of a document's rows up to a date is what was open then. Credit is negative. #}
{% set columns %}
    documents.tenant_id, organisation_name, base_currency, documents.is_sales, documents.document_type,
    documents.document_id, document_number, documents.reference, contact_id, contact_name, document_date, due_date
{% endset %}
with documents as (
    select
        documents.tenant_id,
        organisations.name as organisation_name,
        organisations.base_currency,
        documents.is_sales,
        documents.document_type,
        documents.document_id,
        documents.document_number,
        documents.reference,
        documents.contact_id,
        contacts.name as contact_name,
        documents.document_date,
        coalesce(invoices.due_date, documents.document_date) as due_date,
        documents.total,
        documents.currency_rate,
        case when documents.document_type = 'invoice' then 1 else -1 end as sign
    from {{ ref('xero_ledger_documents') }} as documents
    left join {{ ref('stg_xero__invoices') }} as invoices
        on invoices.tenant_id = documents.tenant_id
        and invoices.invoice_id = documents.document_id
    left join {{ ref('stg_xero__contacts') }} as contacts
        on contacts.tenant_id = documents.tenant_id
        and contacts.contact_id = documents.contact_id
    left join {{ ref('stg_xero__organisations') }} as organisations
        on organisations.tenant_id = documents.tenant_id
    where documents.document_type in ('invoice', 'credit_note', 'prepayment', 'overpayment')
        and not documents.is_reversed
)
select
    {{ columns }},
    'document' as change_type,
    document_id as change_id,
    document_date as change_date,
    sign * {{ xero_in_base('total', 'currency_rate') }} as amount
from documents

union all

select
    {{ columns }},
    settlement_type as change_type,
    settlement_id as change_id,
    settlement_date as change_date,
    -sign * ({{ xero_in_base('to_amount', 'documents.currency_rate') }}
        - {{ xero_in_base('from_amount', 'documents.currency_rate') }}) as amount
from {{ ref('xero_ledger_settlements') }} as settlements
inner join documents
    on documents.tenant_id = settlements.tenant_id
    and documents.document_type = settlements.document_type
    and documents.document_id = settlements.document_id
where not settlements.is_reversed
