{# What customers owe, at each month end and today: see xero_aged in macros/ledger.sql. #}
{{ xero_aged(is_sales=true) }}
