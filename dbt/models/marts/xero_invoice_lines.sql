{# The lines of invoices and bills with their invoice, contact, account and tracking. Drafts are there too: filter by
   the status or the flags. #}
{% set net_amount = xero_net_amount('lines.line_amount', 'lines.tax_amount', 'invoices.line_amount_types') %}
select
    lines.tenant_id,
    organisations.name as organisation_name,
    organisations.base_currency,
    invoices.invoice_id,
    invoices.invoice_number,
    invoices.reference,
    invoices.type = 'ACCREC' as is_sales,
    invoices.status,
    lines.is_deleted,
    lines.is_voided,
    invoices.date as invoice_date,
    invoices.due_date,
    invoices.fully_paid_on_date,
    {{ xero_json_text('invoices.contact', 'ContactID') }} as contact_id,
    {{ xero_json_text('invoices.contact', 'Name') }} as contact_name,
    lines.line_item_id,
    lines.position,
    lines.item_code,
    lines.description,
    lines.quantity,
    lines.unit_amount,
    lines.discount_rate,
    lines.discount_amount,
    coalesce(lines.account_id, coded.account_id) as account_id,
    lines.account_code,
    accounts.name as account_name,
    lines.tax_type,
    invoices.currency_code,
    invoices.currency_rate,
    {{ net_amount }} as net_amount,
    lines.tax_amount,
    {{ xero_in_base(net_amount, 'invoices.currency_rate') }} as net_amount_in_base,
    {{ xero_in_base('lines.tax_amount', 'invoices.currency_rate') }} as tax_amount_in_base,
    tracking_category_id_1,
    tracking_category_1,
    tracking_option_id_1,
    tracking_option_1,
    tracking_category_id_2,
    tracking_category_2,
    tracking_option_id_2,
    tracking_option_2
from {{ ref('stg_xero__invoice_line_items') }} as lines
inner join {{ ref('stg_xero__invoices') }} as invoices
    on invoices.tenant_id = lines.tenant_id
    and invoices.invoice_id = lines.invoice_id
left join {{ xero_coded_accounts() | trim }} as coded
    on coded.tenant_id = lines.tenant_id
    and coded.code = lines.account_code
    and lines.account_id is null
left join {{ ref('stg_xero__accounts') }} as accounts
    on accounts.tenant_id = lines.tenant_id
    and accounts.account_id = coalesce(lines.account_id, coded.account_id)
left join {{ ref('stg_xero__organisations') }} as organisations
    on organisations.tenant_id = lines.tenant_id
left join {{ xero_line_tracking(
    'invoice_line_item_tracking', ['invoice_id', 'line_item_id'],
    xero_tracking_ids() + [('name', 'tracking_category'), ('option', 'tracking_option')]
) | trim }} as tracking
    on tracking.tenant_id = lines.tenant_id
    and tracking.invoice_id = lines.invoice_id
    and tracking.line_item_id = lines.line_item_id
