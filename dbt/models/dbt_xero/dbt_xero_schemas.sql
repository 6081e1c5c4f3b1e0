{{ config(enabled=var('xero_dbt_xero', false), post_hook='{{ xero_dbt_xero_views() }}') }}
{% for table in xero_dbt_xero_tables() %}
-- depends_on: {{ ref('dbt_xero__' ~ table) }}
{% endfor %}
{% set organisations = xero_dbt_xero_organisations() %}
select
    tenant_id,
    name,
    {% if organisations %}case tenant_id
    {%- for organisation in organisations %}
        when '{{ organisation.tenant }}' then '{{ organisation.schema }}'
    {%- endfor %}
    end{% else %}cast(null as {{ dbt.type_string() }}){% endif %} as schema_name
from {{ ref('stg_xero__organisations') }}
