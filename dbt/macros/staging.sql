{# The query of a staging view.

   stream   the stream, which is the name of its table
   key      the columns of the key
   fields   (field, column, kind) for each field of the schema
   current  which rows are current:
              none: all
              {'parent': stream, 'key': columns}: those with the stamp of their parent's row
              {'newest_of': columns}: those with the newest stamp among the rows with the same columns
   stamp    the column of that stamp, which also orders the versions of a row, or none
   flags    (column, status column, status) for each flag #}
{% macro xero_staging(stream, key, fields, current, stamp, flags) %}
{% set table = xero_table(stream) %}
{% set columns = xero_columns(table) %}
{% set parent = xero_parent(current) %}
with typed_rows as (
    select
    {%- for field, column, kind in fields %}
        {{ xero_field(table, columns, field, kind) }} as {{ column }},
    {%- endfor %}
    {%- for flag, column, status in flags %}
        {{ xero_flag(table, columns, fields, column, status) }} as {{ flag }},
    {%- endfor %}
        {{ xero_extracted_at(table, columns) }} as extracted_at
    {%- if table is not none %}
    from {{ source('xero', stream) }}
    {%- else %}
    from (select 1 as no_table) as absent
    where 1 = 0
    {%- endif %}
),
newest_versions as (
    {%- if var('xero_all_versions', false) %}
    select * from (
        select
            typed_rows.*,
            row_number() over (
                partition by {{ key | join(', ') }}
                order by {% if stamp %}{{ stamp }} desc, {% endif %}extracted_at desc
            ) as version_number
        from typed_rows
    ) as versions
    where version_number = 1
    {%- else %}
    select * from typed_rows
    {%- endif %}
){% if parent %},
current_rows as (
    -- A line that was removed in Xero is only absent from the next version of its parent.
    select child.*
    from newest_versions as child
    inner join {{ parent }} as parent
        on parent.tenant_id = child.tenant_id
        {%- for column in current.key %}
        and parent.{{ column }} = child.{{ column }}
        {%- endfor %}
    where parent.{{ stamp }} = child.{{ stamp }}
        or (parent.{{ stamp }} is null and child.{{ stamp }} is null)
){% elif current %},
stamped_rows as (
    select
        newest_versions.*,
        max({{ stamp }}) over (
            partition by {{ xero_same(current) }}
        ) as newest_stamp
    from newest_versions
),
current_rows as (
    -- A row that was removed in Xero is only absent from the next answer, whose rows are newer.
    select * from stamped_rows
    where {{ stamp }} = newest_stamp or newest_stamp is null
){% else %},
current_rows as (
    select * from newest_versions
){% endif %}
select
{%- for field, column, kind in fields %}
    {{ column }},
{%- endfor %}
{%- for flag, column, status in flags %}
    {{ flag }},
{%- endfor %}
    extracted_at
from current_rows
{% endmacro %}

{# The view of the parent, or none if the parent's stream was not read: then the newest stamp
   among the rows of a parent decides. ref comes first, so that dbt always sees the dependency. #}
{% macro xero_parent(current) %}
    {% if not current or not current.parent %}{{ return(none) }}{% endif %}
    {% set view = ref('stg_xero__' ~ current.parent) %}
    {% set table = xero_table(current.parent) %}
    {{ return(view if table is not none or not execute else none) }}
{% endmacro %}

{% macro xero_same(current) %}
    {{ return((['tenant_id'] + (current.newest_of or current.key)) | unique | join(', ')) }}
{% endmacro %}

{# Whether the status column has a status. A row without a status has none of the flags. #}
{% macro xero_flag(table, columns, fields, column, status) %}
    {% for field, name, kind in fields if name == column %}
        {{ return("coalesce(upper(" ~ xero_field(table, columns, field, kind) ~ ") = '" ~ status ~ "', false)") }}
    {% endfor %}
{% endmacro %}
