{# Written by generate.py. Do not edit. #}
{% set fields = [
    ["TenantID", "tenant_id", "string"],
    ["CountedDateUTC", "counted_date_utc", "timestamp"],
    ["ItemCount", "item_count", "integer"],
    ["ModifiedSinceUTC", "modified_since_utc", "timestamp"],
    ["QueryParameters", "query_parameters", "string"],
    ["StreamName", "stream_name", "string"],
] %}
{{ xero_staging(
    stream="list_counts",
    key=["tenant_id", "stream_name"],
    current=none,
    stamp=none,
    flags=[],
    fields=fields,
) }}
