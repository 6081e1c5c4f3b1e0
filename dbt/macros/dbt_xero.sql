{# The schemas for the dbt package dbt_xero: one for each organisation, because its reports join tables of one schema
   by account codes and cross join the organisations. #}

{% macro xero_dbt_xero_tables() %}
    {{ return([
        'account', 'bank_transaction', 'contact', 'credit_note', 'invoice', 'invoice_line_item',
        'invoice_line_item_has_tracking_category', 'journal', 'journal_cash', 'journal_cash_line',
        'journal_cash_line_has_tracking_category', 'journal_line', 'journal_line_has_tracking_category',
        'organization', 'tracking_category', 'tracking_category_has_option', 'tracking_category_option',
    ]) }}
{% endmacro %}

{# Makes the views of each organisation, after the views of all organisations. #}
{% macro xero_dbt_xero_views() %}
    {% if not execute %}{{ return('') }}{% endif %}
    {% for organisation in xero_dbt_xero_checked() %}
        {% do adapter.create_schema(api.Relation.create(database=this.database, schema=organisation.schema)) %}
        {% for table in xero_dbt_xero_tables() %}
            {% do xero_dbt_xero_view(ref('dbt_xero__' ~ table), organisation, table) %}
        {% endfor %}
    {% endfor %}
{% endmacro %}

{% macro xero_dbt_xero_view(all_organisations, organisation, table) %}
    {% set columns = [] %}
    {% for column in adapter.get_columns_in_relation(all_organisations) if column.name | lower != 'tenant_id' %}
        {% do columns.append(adapter.quote(column.name)) %}
    {% endfor %}
    {% set query %}
        select {{ columns | join(', ') }}
        from {{ all_organisations }}
        where tenant_id = '{{ organisation.tenant }}'
    {% endset %}
    {% set view = api.Relation.create(
        database=this.database, schema=organisation.schema, identifier=table, type='view'
    ) %}
    {% do adapter.drop_relation(view) %}
    {% do run_query(get_create_view_as_sql(view, query)) %}
    {# dbt_xero asks dbt whether the table exists, and dbt asks the warehouse once only. #}
    {% do adapter.cache_added(view) %}
{% endmacro %}

{# The organisations that were read, and the schema of each. None before the first build. #}
{% macro xero_dbt_xero_organisations() %}
    {% if not execute or load_relation(ref('stg_xero__organisations')) is none %}{{ return([]) }}{% endif %}
    {% set names = var('xero_dbt_xero_schemas', {}) %}
    {% set node = graph.nodes['model.xero_warehouse.dbt_xero_schemas'] %}
    {% set organisations = [] %}
    {% set query %}
        select tenant_id, min(name) as name from {{ ref('stg_xero__organisations') }} group by tenant_id order by tenant_id
    {% endset %}
    {% for tenant, name in run_query(query).rows %}
        {% set custom = names.get(tenant) or 'xero_' ~ tenant.split('-')[0] %}
        {% do organisations.append({'tenant': tenant, 'name': name, 'schema': generate_schema_name(custom, node) | trim}) %}
    {% endfor %}
    {{ return(organisations) }}
{% endmacro %}

{# The same, where none may be missing and no two may have the same schema. #}
{% macro xero_dbt_xero_checked() %}
    {% set organisations = xero_dbt_xero_organisations() %}
    {% set tenants = organisations | map(attribute='tenant') | list %}
    {% if not tenants %}
        {{ exceptions.raise_compiler_error('stg_xero__organisations has no rows. dbt_xero needs the stream organisations.') }}
    {% endif %}
    {% set schemas = organisations | map(attribute='schema') | map('lower') | list %}
    {% if schemas | unique | list | length < schemas | length %}
        {{ exceptions.raise_compiler_error('Two organisations have the same schema. Change xero_dbt_xero_schemas: ' ~ schemas | join(', ')) }}
    {% endif %}
    {% for tenant in var('xero_dbt_xero_schemas', {}) if tenant not in tenants %}
        {{ exceptions.raise_compiler_error('xero_dbt_xero_schemas has ' ~ tenant ~ ', which is not in stg_xero__organisations.') }}
    {% endfor %}
    {{ return(organisations) }}
{% endmacro %}

{# Prints the variable for dbt_xero: dbt run-operation xero_dbt_xero_sources #}
{% macro xero_dbt_xero_sources() %}
    {% set node = graph.nodes.get('model.xero_warehouse.dbt_xero_schemas') %}
    {% if not node %}
        {{ exceptions.raise_compiler_error('Set the variable xero_dbt_xero to true.') }}
    {% endif %}
    {% set lines = ['vars:', '  xero:', '    xero_sources:'] %}
    {% for organisation in xero_dbt_xero_checked() %}
        {% do lines.append('      # ' ~ (organisation.name or organisation.tenant) | replace('\n', ' ')) %}
        {% do lines.append('      - database: ' ~ node.database) %}
        {% do lines.append('        schema: ' ~ organisation.schema) %}
        {% do lines.append('        name: ' ~ organisation.schema) %}
    {% endfor %}
    {% do print(lines | join('\n')) %}
{% endmacro %}
