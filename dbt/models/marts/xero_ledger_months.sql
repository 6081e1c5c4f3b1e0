{# The month ends from an organisation's first entry to its last one, or to the current month. The series has
   floating-point numbers in some warehouses. #}
{% set number = 'cast(generated_number as ' ~ dbt.type_int() ~ ') - 1' %}
with months as (
    -- From 1990 to 2089.
    select {{ xero_month_end(dbt.dateadd('month', number, "cast('1990-01-01' as date)")) }} as month_end
    from ({{ dbt.generate_series(1200) }}) as numbers
),
entries as (
    select tenant_id, basis, min(month_end) as first_month, max(month_end) as last_month
    from {{ ref('xero_general_ledger') }}
    group by 1, 2
)
select entries.tenant_id, entries.basis, months.month_end
from entries
inner join months
    on months.month_end >= entries.first_month
    and months.month_end <= greatest(entries.last_month, {{ xero_month_end('current_date') }})
