{# Holds if the amounts of each group of rows add up to zero. #}
{% test xero_balanced(model, group_by, amount) %}
select {{ group_by | join(', ') }}, sum({{ amount }}) as difference
from {{ model }}
group by {{ group_by | join(', ') }}
having sum({{ amount }}) <> 0
{% endtest %}
