{# Finds the columns of a stream's table, whatever spelling the writer of the table chose. #}

{# The table of a stream, or none if it does not exist. A user selects some of the streams only. #}
{% macro xero_table(stream) %}
    {% set table = source('xero', stream) %}
    {% if not execute %}{{ return(none) }}{% endif %}
    {% if xero_naming() != 'detect' %}{{ return(table) }}{% endif %}
    {{ return(load_relation(table)) }}
{% endmacro %}

{% macro xero_naming() %}
    {% set naming = var('xero_column_naming', 'detect') %}
    {% if naming not in ['detect', 'original', 'lower', 'upper'] %}
        {{ exceptions.raise_compiler_error("xero_column_naming is '" ~ naming ~ "'. Set it to detect, original, lower or upper.") }}
    {% endif %}
    {{ return(naming) }}
{% endmacro %}

{# The columns of a table by their exact name and by their letters and digits alone. An exact name
   is found first, because `connections` has both TenantID and tenantId. #}
{% macro xero_columns(table) %}
    {% set found = {} %}
    {% if table is not none and xero_naming() == 'detect' %}
        {% for column in adapter.get_columns_in_relation(table) %}
            {% do found.update({column.name: column}) %}
            {% do found.setdefault('~' ~ xero_letters(column.name), column) %}
        {% endfor %}
    {% endif %}
    {{ return(found) }}
{% endmacro %}

{% macro xero_letters(name) %}
    {{ return(name | lower | replace('_', '')) }}
{% endmacro %}

{# A field as a typed expression. A field without a column is null: Airbyte makes no column for a
   field that the catalog of the connection does not have yet. #}
{% macro xero_field(table, columns, field, kind) %}
    {% set naming = xero_naming() %}
    {% if table is none %}
        {{ return('cast(null as ' ~ xero_type(kind) ~ ')') }}
    {% elif naming == 'detect' %}
        {% set column = columns.get(field) or columns.get('~' ~ xero_letters(field)) %}
        {% if not column %}{{ return('cast(null as ' ~ xero_type(kind) ~ ')') }}{% endif %}
        {{ return(xero_cast(adapter.quote(column.name), kind, column.dtype | lower)) }}
    {% endif %}
    {% set name = field if naming == 'original' else field | lower if naming == 'lower' else field | upper %}
    {{ return(xero_cast(adapter.quote(name), kind, '')) }}
{% endmacro %}

{# When a row was read: Airbyte and PyAirbyte write the first name, `xero-source sync` the second. #}
{% macro xero_extracted_at(table, columns) %}
    {% if xero_naming() == 'detect' and columns.get('_extracted_at') %}
        {{ return(xero_field(table, columns, '_extracted_at', 'timestamp')) }}
    {% endif %}
    {{ return(xero_field(table, columns, '_airbyte_extracted_at', 'timestamp')) }}
{% endmacro %}
