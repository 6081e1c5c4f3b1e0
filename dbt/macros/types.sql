{# The types of columns and the casts to them, by warehouse.
   Kinds: string, number, integer, boolean, date, timestamp (an instant), local_timestamp (no zone), json. #}

{% macro xero_type(kind) %}
    {{ return(adapter.dispatch('xero_type', 'xero_warehouse')(kind)) }}
{% endmacro %}

{# Ten decimals: Xero's currency rates have up to ten, so dbt's own six would round them. #}
{% macro default__xero_type(kind) %}
    {{ return({
        'string': dbt.type_string(), 'number': 'decimal(38, 10)', 'integer': dbt.type_bigint(),
        'boolean': 'boolean', 'date': 'date', 'timestamp': 'timestamp with time zone',
        'local_timestamp': 'timestamp', 'json': 'json',
    }[kind]) }}
{% endmacro %}

{% macro postgres__xero_type(kind) %}
    {{ return({'number': 'numeric', 'json': 'jsonb'}.get(kind) or xero_warehouse.default__xero_type(kind)) }}
{% endmacro %}

{% macro snowflake__xero_type(kind) %}
    {{ return({'timestamp': 'timestamp_tz', 'local_timestamp': 'timestamp_ntz', 'json': 'variant'}.get(kind)
        or xero_warehouse.default__xero_type(kind)) }}
{% endmacro %}

{% macro bigquery__xero_type(kind) %}
    {{ return({'number': 'bignumeric', 'timestamp': 'timestamp', 'local_timestamp': 'datetime'}.get(kind)
        or xero_warehouse.default__xero_type(kind)) }}
{% endmacro %}

{# Redshift's text is varchar(256), which is too short for addresses and descriptions. #}
{% macro redshift__xero_type(kind) %}
    {{ return({'string': 'varchar(65535)', 'json': 'super'}.get(kind) or xero_warehouse.default__xero_type(kind)) }}
{% endmacro %}

{# `dtype` is the type of the column in lower case, or '' if it is not known. #}
{% macro xero_cast(column, kind, dtype) %}
    {% if kind == 'timestamp' and xero_without_zone(dtype) %}
        {{ return(adapter.dispatch('xero_utc', 'xero_warehouse')(column)) }}
    {% elif kind == 'json' %}
        {{ return(adapter.dispatch('xero_json', 'xero_warehouse')(column, dtype)) }}
    {% elif kind == 'number' %}
        {{ return(adapter.dispatch('xero_number', 'xero_warehouse')(column, dtype)) }}
    {% endif %}
    {{ return('cast(' ~ column ~ ' as ' ~ xero_type(kind) ~ ')') }}
{% endmacro %}

{% macro default__xero_number(column, dtype) %}
    {{ return('cast(' ~ column ~ ' as ' ~ xero_type('number') ~ ')') }}
{% endmacro %}

{# A direct cast of the double 379018.59 is 379018.5900000001. Its text is the number that was written. #}
{% macro duckdb__xero_number(column, dtype) %}
    {% set exact = 'cast(' ~ column ~ ' as varchar)' if dtype in ['double', ''] else column %}
    {{ return(xero_warehouse.default__xero_number(exact, dtype)) }}
{% endmacro %}

{% macro xero_without_zone(dtype) %}
    {{ return(dtype in ['timestamp without time zone', 'timestamp_ntz', 'datetime', 'timestamp_ns', 'timestamp_ms', 'timestamp_s']
        or (dtype == 'timestamp' and target.type != 'bigquery')) }}
{% endmacro %}

{# A time without a zone is in UTC. A plain cast would read it in the time zone of the session. #}
{% macro default__xero_utc(column) %}
    {{ return('(' ~ column ~ " at time zone 'UTC')") }}
{% endmacro %}

{% macro snowflake__xero_utc(column) %}
    {{ return("cast(to_char(" ~ column ~ ", 'YYYY-MM-DD HH24:MI:SS.FF9') || ' +0000' as timestamp_tz)") }}
{% endmacro %}

{% macro bigquery__xero_utc(column) %}
    {{ return('timestamp(' ~ column ~ ')') }}
{% endmacro %}

{% macro default__xero_json(column, dtype) %}
    {{ return('cast(' ~ column ~ ' as ' ~ xero_type('json') ~ ')') }}
{% endmacro %}

{% macro snowflake__xero_json(column, dtype) %}
    {{ return(('parse_json(' if xero_is_text(dtype) else 'to_variant(') ~ column ~ ')') }}
{% endmacro %}

{% macro bigquery__xero_json(column, dtype) %}
    {{ return('parse_json(' ~ column ~ ')' if xero_is_text(dtype) else column) }}
{% endmacro %}

{% macro redshift__xero_json(column, dtype) %}
    {{ return('json_parse(' ~ column ~ ')' if xero_is_text(dtype) else column) }}
{% endmacro %}

{% macro xero_is_text(dtype) %}
    {{ return(dtype.startswith('character varying') or dtype.startswith('varchar') or dtype in ['text', 'string']) }}
{% endmacro %}

{# A field of a JSON column as text. #}
{% macro xero_json_text(column, field) %}
    {{ return(adapter.dispatch('xero_json_text', 'xero_warehouse')(column, field)) }}
{% endmacro %}

{% macro default__xero_json_text(column, field) %}
    {{ return('(' ~ column ~ " ->> '" ~ field ~ "')") }}
{% endmacro %}

{% macro snowflake__xero_json_text(column, field) %}
    {{ return('cast(get(' ~ column ~ ", '" ~ field ~ "') as varchar)") }}
{% endmacro %}

{% macro bigquery__xero_json_text(column, field) %}
    {{ return('json_value(' ~ column ~ ", '$." ~ field ~ "')") }}
{% endmacro %}

{% macro redshift__xero_json_text(column, field) %}
    {{ return('json_extract_path_text(json_serialize(' ~ column ~ "), '" ~ field ~ "')") }}
{% endmacro %}

{# An element of a JSON array. #}
{% macro xero_json_element(column, position) %}
    {{ return(adapter.dispatch('xero_json_element', 'xero_warehouse')(column, position)) }}
{% endmacro %}

{% macro default__xero_json_element(column, position) %}
    {{ return('(' ~ column ~ ' -> ' ~ position ~ ')') }}
{% endmacro %}

{% macro snowflake__xero_json_element(column, position) %}
    {{ return('get(' ~ column ~ ', ' ~ position ~ ')') }}
{% endmacro %}

{% macro bigquery__xero_json_element(column, position) %}
    {{ return(column ~ '[' ~ position ~ ']') }}
{% endmacro %}

{% macro redshift__xero_json_element(column, position) %}
    {{ return(column ~ '[' ~ position ~ ']') }}
{% endmacro %}
