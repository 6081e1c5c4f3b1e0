//! A condition on a row.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::fields::FieldId;
use super::value::Value;

/// The values of a row, by the fields that a query names.
pub(crate) trait RowValues {
    fn value(&self, field: FieldId) -> Value;
}

/// A condition. It is not deeper than the parentheses that the parser allows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expression {
    All(Vec<Expression>),
    Any(Vec<Expression>),
    Compare(Operand, Operator, Operand),
    /// A function of a text, such as `Name.Contains("x")`.
    Matches(Operand, TextFunction, Operand),
    /// Whether a field has one of these values.
    OneOf(FieldId, Vec<Value>),
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A function that says whether a text holds another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextFunction {
    Contains,
    StartsWith,
    EndsWith,
}

/// One side of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Operand {
    pub(crate) term: Term,
    pub(crate) letters: Letters,
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Term {
    Field(FieldId),
    Literal(Value),
}

/// What `ToLower()` and `ToUpper()` make of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Letters {
    AsTheyAre,
    Lower,
    Upper,
}

impl Expression {
    /// The comparison of a field with a value.
    pub(crate) fn compare(field: FieldId, operator: Operator, value: Value) -> Self {
        Self::Compare(
            Term::Field(field).into(),
            operator,
            Term::Literal(value).into(),
        )
    }

    /// Whether a row fulfils the condition.
    pub(crate) fn holds(&self, row: &dyn RowValues) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(row)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(row)),
            Self::Compare(one, operator, other) => operator.holds(&one.of(row), &other.of(row)),
            Self::Matches(subject, function, argument) => {
                match (&*subject.of(row), &*argument.of(row)) {
                    (Value::Text(text), Value::Text(part)) => function.holds(text, part),
                    _ => false,
                }
            }
            Self::OneOf(field, values) => values.contains(&row.value(*field)),
        }
    }
}

impl Operator {
    /// Null is equal to null only, and neither less nor greater than anything.
    fn holds(self, one: &Value, other: &Value) -> bool {
        let order = match (one, other) {
            (Value::Null, Value::Null) => Some(Ordering::Equal),
            _ => one.compare(other),
        };
        let has_null = [one, other].contains(&&Value::Null);
        match self {
            Self::Equal => order.is_some_and(Ordering::is_eq),
            Self::NotEqual => !order.is_some_and(Ordering::is_eq),
            _ if has_null => false,
            Self::Less => order.is_some_and(Ordering::is_lt),
            Self::LessOrEqual => order.is_some_and(Ordering::is_le),
            Self::Greater => order.is_some_and(Ordering::is_gt),
            Self::GreaterOrEqual => order.is_some_and(Ordering::is_ge),
        }
    }
}

impl TextFunction {
    fn holds(self, text: &str, part: &str) -> bool {
        match self {
            Self::Contains => text.contains(part),
            Self::StartsWith => text.starts_with(part),
            Self::EndsWith => text.ends_with(part),
        }
    }
}

impl Operand {
    fn of(&self, row: &dyn RowValues) -> Cow<'_, Value> {
        let value = match &self.term {
            Term::Field(field) => Cow::Owned(row.value(*field)),
            Term::Literal(value) => Cow::Borrowed(value),
        };
        match (self.letters, value.as_ref()) {
            (Letters::Lower, Value::Text(text)) => Cow::Owned(Value::text(text.to_lowercase())),
            (Letters::Upper, Value::Text(text)) => Cow::Owned(Value::text(text.to_uppercase())),
            _ => value,
        }
    }
}

impl From<Term> for Operand {
    fn from(term: Term) -> Self {
        Self {
            term,
            letters: Letters::AsTheyAre,
        }
    }
}
