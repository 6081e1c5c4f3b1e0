//! `DateFrom` and `DateTo` of a single budget: the months of its lines that an answer shows.

use serde_json::Value;

use crate::json::Json;
use crate::log::Request;
use crate::problem;
use crate::query;
use crate::reply::Reply;

/// The first and the last month, such as `2026-01`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct BudgetMonths {
    from: Option<String>,
    to: Option<String>,
}

impl BudgetMonths {
    /// Reads the parameters of a request.
    pub(super) fn read(request: &Request) -> Result<Self, Reply> {
        let month = |name| {
            let text = request.param(name).filter(|text| !text.trim().is_empty());
            let month = text.map(|text| query::month(name, text)).transpose();
            month.map_err(|bad| problem::bad_parameter(&bad))
        };
        Ok(Self {
            from: month("DateFrom")?,
            to: month("DateTo")?,
        })
    }

    /// Removes all other months from an answer.
    pub(super) fn limit(&self, body: Vec<u8>) -> Vec<u8> {
        if *self == Self::default() {
            return body;
        }
        let mut answer: Value = serde_json::from_slice(&body).expect("an answer is JSON");
        let lines = answer.pointer_mut("/Budgets/BudgetLines");
        for line in lines.and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(balances) = line["BudgetBalances"].as_array_mut() {
                balances.retain(|balance| self.holds(balance["Period"].as_str()));
            }
        }
        let mut out = Json::with_capacity(body.len());
        write(&answer, &mut out);
        out.into_bytes()
    }

    fn holds(&self, month: Option<&str>) -> bool {
        let month = month.unwrap_or_default();
        self.from.as_deref().is_none_or(|from| from <= month)
            && self.to.as_deref().is_none_or(|to| month <= to)
    }
}

/// Writes a value as Xero does.
fn write(value: &Value, out: &mut Json) {
    match value {
        Value::Null => out.null(),
        Value::Bool(flag) => out.bool(*flag),
        Value::Number(number) => out.number(&number.to_string()),
        Value::String(text) => out.string(text),
        Value::Array(values) => {
            out.open_array();
            values.iter().for_each(|value| write(value, out));
            out.close_array();
        }
        Value::Object(members) => {
            out.open_object();
            for (name, value) in members {
                out.key(name);
                write(value, out);
            }
            out.close_object();
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn months(query: &[(&str, &str)]) -> Option<BudgetMonths> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let request = Request {
            query: query.iter().map(owned).collect(),
            ..Request::default()
        };
        BudgetMonths::read(&request).ok()
    }

    #[test]
    fn the_months_of_the_days_are_shown() {
        let body = json!({"Status": "OK", "Budgets": {"BudgetLines": [{"BudgetBalances": [
            {"Period": "2025-12"}, {"Period": "2026-01"}, {"Period": "2026-02"},
        ]}]}});
        for (query, expected) in [
            (&[][..], vec!["2025-12", "2026-01", "2026-02"]),
            (&[("DateFrom", "2026-01-31")], vec!["2026-01", "2026-02"]),
            (&[("DateTo", "2026-01-01")], vec!["2025-12", "2026-01"]),
            (
                &[("DateFrom", "2026-01-01"), ("DateTo", "2026-01-31")],
                vec!["2026-01"],
            ),
            (&[("DateFrom", "2027-01-01")], vec![]),
        ] {
            let months = months(query).expect("readable days");
            let limited = months.limit(body.to_string().into_bytes());
            let limited: Value = serde_json::from_slice(&limited).expect("JSON");
            assert_eq!(limited["Status"], "OK");
            let balances = limited["Budgets"]["BudgetLines"][0]["BudgetBalances"].as_array();
            let balances = balances.expect("an array").iter();
            let found: Vec<_> = balances.map(|balance| balance["Period"].clone()).collect();
            assert_eq!(found, expected, "{query:?}");
        }
        assert_eq!(months(&[("DateTo", "soon")]), None);
    }
}
