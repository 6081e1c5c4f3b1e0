//! The values that queries compare.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::clock::Millis;
use crate::table::place;

/// A value of a row, or of a query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Flag(bool),
    Number(f64),
    Date(Millis),
    Guid(u128),
    Text(Cow<'static, str>),
}

impl Value {
    /// A text of its own.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(Cow::Owned(text.into()))
    }

    /// The order in which lists are sorted: null first, numbers as numbers, ids as the database
    /// compares them, texts by their characters. Values of different kinds do not occur.
    pub(crate) fn place(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Null, Self::Null) => Ordering::Equal,
            (Self::Null, _) => Ordering::Less,
            (_, Self::Null) => Ordering::Greater,
            _ => self.compare(other).unwrap_or(Ordering::Equal),
        }
    }

    /// The order of two values of a kind. `None` if one is null, or if the kinds differ.
    pub(crate) fn compare(&self, other: &Self) -> Option<Ordering> {
        Some(match (self, other) {
            (Self::Flag(one), Self::Flag(other)) => one.cmp(other),
            (Self::Number(one), Self::Number(other)) => one.total_cmp(other),
            (Self::Date(one), Self::Date(other)) => one.cmp(other),
            (Self::Guid(one), Self::Guid(other)) => place(*one).cmp(&place(*other)),
            (Self::Text(one), Self::Text(other)) => one.cmp(other),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_in_the_order_of_their_kind() {
        for sorted in [
            [Value::Null, Value::Number(-2.5), Value::Number(10.0)],
            [Value::Null, Value::text("A10"), Value::text("A9")],
            [Value::Null, Value::Flag(false), Value::Flag(true)],
            [Value::Null, Value::Date(-1), Value::Date(0)],
            // The last group of an id decides first.
            [Value::Null, Value::Guid(9 << 48 | 1), Value::Guid(2)],
        ] {
            assert!(
                sorted.is_sorted_by(|one, other| one.place(other).is_lt()),
                "{sorted:?}"
            );
        }
        assert_eq!(Value::Null.compare(&Value::Number(1.0)), None);
    }
}
