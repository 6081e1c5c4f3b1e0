{# The parts that the total of a document is made of: the net amounts of its lines, and its tax. In the currency of the
   organisation, before debit and credit are decided. Each part is rounded for itself. #}
with lines as (
{%- for it in xero_line_documents() %}
    {% if not loop.first %}union all{% endif %}
    select
        lines.tenant_id,
        '{{ it.type }}' as document_type,
        lines.{{ it.key }} as document_id,
        lines.line_item_id as line_id,
        lines.position,
        lines.account_id,
        lines.account_code,
        lines.description,
        lines.line_amount,
        coalesce(lines.tax_amount, 0) as tax_amount,
        lines.tax_type,
        cast(null as {{ dbt.type_string() }}) as line_amount_types,
        tracking_category_id_1,
        tracking_option_id_1,
        tracking_category_id_2,
        tracking_option_id_2
    from {{ ref('stg_xero__' ~ it.lines) }} as lines
    left join {{ xero_line_tracking(it.tracking, [it.key, 'line_item_id'], xero_tracking_ids()) | trim }} as tracking
        on tracking.tenant_id = lines.tenant_id
        and tracking.{{ it.key }} = lines.{{ it.key }}
        and tracking.line_item_id = lines.line_item_id
{%- endfor %}

    union all

    select
        tenant_id,
        'expense_claim' as document_type,
        expense_claim_id as document_id,
        {{ dbt.concat(['receipt_id', "'/'", 'cast(position as ' ~ dbt.type_string() ~ ')']) }} as line_id,
        position,
        account_id,
        account_code,
        description,
        line_amount,
        coalesce(tax_amount, 0) as tax_amount,
        tax_type,
        line_amount_types,
        {%- for position in [0, 1] %}
        {%- for field, column in [('TrackingCategoryID', 'tracking_category_id'), ('TrackingOptionID', 'tracking_option_id')] %}
        {{ xero_json_text(xero_json_element('tracking', position), field) }} as {{ column }}_{{ position + 1 }}
        {{- '' if loop.last and position == 1 else ',' }}
        {%- endfor %}
        {%- endfor %}
    from {{ ref('stg_xero__expense_claim_line_items') }}
),
parts as (
    select
        documents.tenant_id,
        documents.document_type,
        documents.document_id,
        lines.line_id,
        lines.position,
        coalesce(lines.account_id, coded.account_id) as account_id,
        lines.description,
        {{ xero_net_amount(
            'lines.line_amount', 'lines.tax_amount', 'coalesce(lines.line_amount_types, documents.line_amount_types)'
        ) }} as net_amount,
        lines.tax_amount,
        lines.tax_type,
        tracking_category_id_1,
        tracking_option_id_1,
        tracking_category_id_2,
        tracking_option_id_2,
        documents.currency_rate
    from {{ ref('xero_ledger_documents') }} as documents
    inner join lines
        on lines.tenant_id = documents.tenant_id
        and lines.document_type = documents.document_type
        and lines.document_id = documents.document_id
    left join {{ xero_coded_accounts() | trim }} as coded
        on coded.tenant_id = lines.tenant_id
        and coded.code = lines.account_code
        and lines.account_id is null
    where lines.line_amount is not null

    union all

    select
        documents.tenant_id,
        documents.document_type,
        documents.document_id,
        'tax' as line_id,
        null as position,
        tax.account_id,
        null as description,
        documents.total_tax as net_amount,
        0 as tax_amount,
        null as tax_type,
        null as tracking_category_id_1,
        null as tracking_option_id_1,
        null as tracking_category_id_2,
        null as tracking_option_id_2,
        documents.currency_rate
    from {{ ref('xero_ledger_documents') }} as documents
    left join {{ ref('xero_system_accounts') }} as tax
        on tax.tenant_id = documents.tenant_id
        and tax.system_account = 'GST'
    where documents.total_tax <> 0
)
select
    tenant_id,
    document_type,
    document_id,
    line_id,
    position,
    account_id,
    description,
    {{ xero_in_base('net_amount', 'currency_rate') }} as net_amount,
    {{ xero_in_base('tax_amount', 'currency_rate') }} as tax_amount,
    tax_type,
    tracking_category_id_1,
    tracking_option_id_1,
    tracking_category_id_2,
    tracking_option_id_2
from parts
