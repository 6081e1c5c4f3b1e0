{# Xero's own count of each list and organisation beside the rows of its table. Xero counts directly before the list is
   read, see docs/reliability.md.

   lists  (stream, column of the time of a row's last change, or none) for each list that Xero counts #}
{% macro xero_completeness(lists) %}
with list_rows as (
{%- for stream, stamp in lists %}
    {% if not loop.first %}union all{% endif %}
    select
        counts.tenant_id,
        counts.stream_name,
        {{ 'true' if stamp else 'false' }} as has_stamps,
        count(list_rows.tenant_id) as table_rows,
        {% if stamp -%}
        -- An edit hides when a row was added.
        sum(case
            when list_rows.{{ stamp }} <= counts.counted_date_utc
                and list_rows.{{ stamp }} >= coalesce(counts.modified_since_utc, list_rows.{{ stamp }})
                then 1 else 0
        end)
        {%- else -%}
        cast(null as {{ dbt.type_bigint() }})
        {%- endif %} as unchanged_rows
    from {{ ref('stg_xero__list_counts') }} as counts
    left join {{ ref('stg_xero__' ~ stream) }} as list_rows
        on list_rows.tenant_id = counts.tenant_id
    where counts.stream_name = '{{ stream }}'
    group by counts.tenant_id, counts.stream_name
{%- endfor %}
)
select
    counts.tenant_id,
    counts.stream_name,
    counts.counted_date_utc,
    counts.item_count,
    list_rows.table_rows,
    list_rows.unchanged_rows,
    list_rows.has_stamps,
    greatest(counts.item_count - list_rows.table_rows, 0) as missing_rows,
    greatest(coalesce(list_rows.unchanged_rows, 0) - counts.item_count, 0) as surplus_rows
from {{ ref('stg_xero__list_counts') }} as counts
inner join list_rows
    on list_rows.tenant_id = counts.tenant_id
    and list_rows.stream_name = counts.stream_name
{% endmacro %}
