//! The order that a request asks for.

use std::cmp::Ordering;

use serde_json::Value;

use super::endpoint::{ApiEndpoint, Sort};

/// A field, and whether its values descend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    field: String,
    descends: bool,
}

/// The keys of a request.
pub(crate) fn keys<'a>(endpoint: &ApiEndpoint, get: impl Fn(&str) -> Option<&'a str>) -> Vec<Key> {
    let descends = |word: Option<&str>| word.is_some_and(|it| it.eq_ignore_ascii_case("desc"));
    match endpoint.sort {
        Sort::Never => Vec::new(),
        Sort::By {
            field,
            direction,
            fields,
        } => {
            let asked = get(field).unwrap_or_default();
            let known = fields
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(asked));
            let key = known.map(|(_, field)| Key {
                field: (*field).to_owned(),
                descends: descends(get(direction)),
            });
            key.into_iter().collect()
        }
        Sort::Expression(parameter) => {
            let parts = get(parameter).unwrap_or_default().split(',');
            let key = |part: &str| {
                let mut words = part.split_ascii_whitespace();
                Some(Key {
                    field: words.next()?.to_owned(),
                    descends: descends(words.next()),
                })
            };
            parts.filter_map(key).collect()
        }
    }
}

/// Compares two rows by the keys.
pub(crate) fn compare(keys: &[Key], one: &Value, other: &Value) -> Ordering {
    let of = |key: &Key| {
        let ordering = by_value(&one[&key.field], &other[&key.field]);
        if key.descends {
            ordering.reverse()
        } else {
            ordering
        }
    };
    let orderings = keys.iter().map(of);
    orderings.fold(Ordering::Equal, Ordering::then)
}

/// Missing values come first. Text compares without regard to case.
fn by_value(one: &Value, other: &Value) -> Ordering {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            let (one, other) = (one.as_f64(), other.as_f64());
            one.partial_cmp(&other).unwrap_or(Ordering::Equal)
        }
        (Value::String(one), Value::String(other)) => match (epoch(one), epoch(other)) {
            (Some(one), Some(other)) => one.cmp(&other),
            _ => one.to_lowercase().cmp(&other.to_lowercase()),
        },
        _ => one.is_null().cmp(&other.is_null()).reverse(),
    }
}

/// The number in `/Date(1580774400000+0000)/`.
pub(super) fn epoch(text: &str) -> Option<i64> {
    let number = text.strip_prefix("/Date(")?.split(['+', ')']).next()?;
    number.parse().ok()
}
