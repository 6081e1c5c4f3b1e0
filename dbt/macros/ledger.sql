{# Amounts of the ledger. They are rounded to cents, as Xero rounds them. #}

{# An amount in cents, with two decimals in every warehouse. #}
{% macro xero_money(amount) %}
    {{ return('cast(' ~ amount ~ ' as decimal(28, 2))') }}
{% endmacro %}

{# An amount in the currency of the organisation. `rate` is what one unit of that currency buys; a document in the
   currency of the organisation may have none. The quotient is a floating-point number in some warehouses: eight
   decimals bring halves of a cent back to what they are before they are rounded. #}
{% macro xero_in_base(amount, rate) %}
    {% set quotient = adapter.dispatch('xero_by_rate', 'xero_warehouse')(amount, 'coalesce(nullif(' ~ rate ~ ', 0), 1)') %}
    {{ return('round(cast(' ~ quotient ~ ' as decimal(28, 8)), 2)') }}
{% endmacro %}

{% macro default__xero_by_rate(amount, rate) %}
    {{ return(amount ~ ' / ' ~ rate) }}
{% endmacro %}

{# Redshift keeps more than four decimals of a quotient only if its operands are short. #}
{% macro redshift__xero_by_rate(amount, rate) %}
    {{ return('cast(' ~ amount ~ ' as decimal(18, 4)) / cast(' ~ rate ~ ' as decimal(18, 10))') }}
{% endmacro %}

{# The amount of a line without its tax. `types` is the document's LineAmountTypes. #}
{% macro xero_net_amount(amount, tax, types) %}
    {{ return('(' ~ amount ~ ' - case ' ~ types ~ " when 'Inclusive' then coalesce(" ~ tax ~ ', 0) else 0 end)') }}
{% endmacro %}

{# What of an amount belongs to the first `part` of a `total`. #}
{% macro xero_share(amount, part, total) %}
    {% set product = 'cast(' ~ amount ~ ' as decimal(28, 4)) * cast(' ~ part ~ ' as decimal(18, 4))' %}
    {% set quotient = adapter.dispatch('xero_by_total', 'xero_warehouse')(product, 'nullif(' ~ total ~ ', 0)') %}
    {{ return('round(cast(' ~ quotient ~ ' as decimal(28, 8)), 2)') }}
{% endmacro %}

{% macro default__xero_by_total(product, total) %}
    {{ return(product ~ ' / ' ~ total) }}
{% endmacro %}

{% macro redshift__xero_by_total(product, total) %}
    {{ return('cast(' ~ product ~ ' as decimal(22, 4)) / cast(' ~ total ~ ' as decimal(14, 2))') }}
{% endmacro %}

{# The documents that are made of lines: what their streams, keys and columns are called, how their types begin on the
   side of sales, and which statuses say that a document is in the ledger and that it was taken back. A deleted draft was
   never in it. Xero has two names for the types of prepayments and overpayments: RECEIVE-PREPAYMENT or ARPREPAYMENT. #}
{% macro xero_line_documents() %}
    {{ return([
        {'type': 'invoice', 'documents': 'invoices', 'lines': 'invoice_line_items',
         'tracking': 'invoice_line_item_tracking', 'key': 'invoice_id', 'number': 'invoice_number',
         'sales': ['ACCREC'], 'posted': ['AUTHORISED', 'PAID'], 'reversed': ['VOIDED']},
        {'type': 'credit_note', 'documents': 'credit_notes', 'lines': 'credit_note_line_items',
         'tracking': 'credit_note_line_item_tracking', 'key': 'credit_note_id', 'number': 'credit_note_number',
         'sales': ['ACCREC'], 'posted': ['AUTHORISED', 'PAID'], 'reversed': ['VOIDED']},
        {'type': 'prepayment', 'documents': 'prepayments', 'lines': 'prepayment_line_items',
         'tracking': 'prepayment_line_item_tracking', 'key': 'prepayment_id', 'number': 'invoice_number',
         'sales': ['RECEIVE', 'AR'], 'posted': ['AUTHORISED', 'PAID'], 'reversed': ['VOIDED']},
        {'type': 'overpayment', 'documents': 'overpayments', 'lines': 'overpayment_line_items',
         'tracking': 'overpayment_line_item_tracking', 'key': 'overpayment_id', 'number': none,
         'sales': ['RECEIVE', 'AR'], 'posted': ['AUTHORISED', 'PAID'], 'reversed': ['VOIDED']},
        {'type': 'bank_transaction', 'documents': 'bank_transactions', 'lines': 'bank_transaction_line_items',
         'tracking': 'bank_transaction_line_item_tracking', 'key': 'bank_transaction_id', 'number': none,
         'sales': ['RECEIVE'], 'posted': ['AUTHORISED'], 'reversed': ['DELETED', 'VOIDED']},
    ]) }}
{% endmacro %}

{# The account of each code, for lines that have no id of their account. Of several accounts with a code, one that is
   not archived. #}
{% macro xero_coded_accounts() %}
(
    select
        tenant_id,
        code,
        coalesce(min(case when status = 'ACTIVE' then account_id end), min(account_id)) as account_id
    from {{ ref('stg_xero__accounts') }}
    where code is not null
    group by tenant_id, code
)
{% endmacro %}

{# The options of both tracking categories of each line, one row for each line. One join with it is fast: PostgreSQL
   expects few second options, so a join with the rows of the second ones alone is a loop over all lines.

   stream   the stream of the options, which has one row for each line and category
   key      the columns that name a line
   columns  (column, name of the results) for each column of the options #}
{% macro xero_line_tracking(stream, key, columns) %}
(
    select
        tenant_id,
        {{ key | join(', ') }}
        {%- for column, name in columns %}
        {%- for position in [0, 1] %},
        max(case when position = {{ position }} then {{ column }} end) as {{ name }}_{{ position + 1 }}
        {%- endfor %}
        {%- endfor %}
    from {{ ref('stg_xero__' ~ stream) }}
    group by tenant_id, {{ key | join(', ') }}
)
{% endmacro %}

{% macro xero_tracking_ids() %}
    {{ return([('tracking_category_id', 'tracking_category_id'), ('tracking_option_id', 'tracking_option_id')]) }}
{% endmacro %}

{# A list of texts for `in`. #}
{% macro xero_texts(texts) %}
    {{ return("('" ~ texts | join("', '") ~ "')") }}
{% endmacro %}

{# The last day of the month of a date. #}
{% macro xero_month_end(date) %}
    {{ return('cast(' ~ dbt.last_day(date, 'month') ~ ' as date)') }}
{% endmacro %}

{# The first day of the fiscal year that a date is in. `month` and `day` are the organisation's end of the year, which is
   31 December if it is not known. #}
{% macro xero_fiscal_year_start(date, month, day) %}
    {% set month = 'coalesce(' ~ month ~ ', 12)' %}
    {% set day = 'coalesce(' ~ day ~ ', 31)' %}
    {% set ends = [] %}
    {% for years in [0, 1] %}
        {% set first = dbt.dateadd('month', month ~ ' - 1 - 12 * ' ~ years, dbt.date_trunc('year', date)) %}
        {% set first = 'cast(' ~ first ~ ' as date)' %}
        {% set named = 'cast(' ~ dbt.dateadd('day', day ~ ' - 1', first) ~ ' as date)' %}
        {% do ends.append('least(' ~ named ~ ', ' ~ xero_month_end(first) ~ ')') %}
    {% endfor %}
    {% set end = 'case when ' ~ date ~ ' > ' ~ ends[0] ~ ' then ' ~ ends[0] ~ ' else ' ~ ends[1] ~ ' end' %}
    {{ return('cast(' ~ dbt.dateadd('day', 1, '(' ~ end ~ ')') ~ ' as date)') }}
{% endmacro %}

{# The documents that were open at each month end and that are open today, by how long they are overdue then. #}
{% macro xero_aged(is_sales) %}
with dates as (
    select tenant_id, month_end as as_at, false as is_latest
    from {{ ref('xero_ledger_months') }}
    where basis = 'accrual' and month_end <> current_date

    union all

    select distinct tenant_id, current_date as as_at, true as is_latest
    from {{ ref('xero_ledger_months') }}
),
open_documents as (
    select
        changes.tenant_id,
        organisation_name,
        base_currency,
        dates.as_at,
        dates.is_latest,
        contact_id,
        contact_name,
        document_type,
        document_id,
        document_number,
        reference,
        document_date,
        due_date,
        sum(amount) as open_amount,
        {{ dbt.datediff('due_date', 'dates.as_at', 'day') }} as days_overdue
    from {{ ref('xero_debt_changes') }} as changes
    inner join dates
        on dates.tenant_id = changes.tenant_id
        and changes.change_date <= dates.as_at
    where {{ '' if is_sales else 'not ' }}is_sales and document_date <= dates.as_at
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13
    having sum(amount) <> 0
)
select
    open_documents.*,
    case
        when days_overdue <= 0 then 'not due'
        when days_overdue <= 30 then '1 to 30 days'
        when days_overdue <= 60 then '31 to 60 days'
        when days_overdue <= 90 then '61 to 90 days'
        else 'more than 90 days'
    end as age
from open_documents
{% endmacro %}
