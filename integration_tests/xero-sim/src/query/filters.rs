//! The filters that Xero documents as parameters of their own. Source: the parameters in Xero's
//! OpenAPI.

use super::expression::{Expression, Letters, Operand, Operator, Term, TextFunction};
use super::fields::{FieldId, Fields};
use super::literals;
use super::value::Value;
use crate::entity::Entity;
use crate::guid::Guid;

/// What a parameter selects.
enum Filter {
    /// Rows that have one of these ids.
    Ids,
    /// Rows whose field is one of a list of ids.
    Guids(&'static str),
    /// Rows whose field is one of a list of texts.
    Texts(&'static str),
    /// Rows that have one of a list of statuses, out of those that there are.
    Statuses(&'static [&'static str]),
    /// The same, only together with another parameter.
    StatusesWith(&'static str, &'static [&'static str]),
    /// Rows whose date is this day or later.
    From(&'static str),
    /// Rows whose date is this day or earlier.
    To(&'static str),
    /// Rows that hold the text in one of the fields, in any case.
    Search(&'static [&'static str]),
    /// If `true`, only rows that the app created. No app has created a row here.
    Created,
    /// A date that selects parts of a row and no rows.
    Day,
}

/// `ONHOLD` is in no list of Xero's, but invoices here have it.
const INVOICE: &[&str] = &[
    "DRAFT",
    "SUBMITTED",
    "DELETED",
    "AUTHORISED",
    "PAID",
    "VOIDED",
    "ONHOLD",
];
const PURCHASE_ORDER: &[&str] = &["DRAFT", "SUBMITTED", "AUTHORISED", "BILLED", "DELETED"];
const QUOTE: &[&str] = &[
    "DRAFT", "SENT", "DECLINED", "ACCEPTED", "INVOICED", "DELETED",
];
const LINKED: &[&str] = &["APPROVED", "DRAFT", "ONDRAFT", "BILLED", "VOIDED"];

/// The filters of each list. A list ignores those of others.
#[rustfmt::skip]
const FILTERS: &[(Entity, &str, Filter)] = &[
    (Entity::Budgets,            "IDs",                 Filter::Ids),
    (Entity::Budgets,            "DateFrom",            Filter::Day),
    (Entity::Budgets,            "DateTo",              Filter::Day),
    (Entity::Contacts,           "IDs",                 Filter::Ids),
    (Entity::Contacts,           "searchTerm",          Filter::Search(&["Name", "FirstName", "LastName", "ContactNumber", "EmailAddress"])),
    (Entity::Invoices,           "IDs",                 Filter::Ids),
    (Entity::Invoices,           "InvoiceNumbers",      Filter::Texts("InvoiceNumber")),
    (Entity::Invoices,           "ContactIDs",          Filter::Guids("Contact.ContactID")),
    (Entity::Invoices,           "Statuses",            Filter::Statuses(INVOICE)),
    (Entity::Invoices,           "createdByMyApp",      Filter::Created),
    (Entity::Invoices,           "searchTerm",          Filter::Search(&["InvoiceNumber", "Reference"])),
    (Entity::LinkedTransactions, "LinkedTransactionID", Filter::Ids),
    (Entity::LinkedTransactions, "SourceTransactionID", Filter::Guids("SourceTransactionID")),
    (Entity::LinkedTransactions, "ContactID",           Filter::Guids("ContactID")),
    (Entity::LinkedTransactions, "Status",              Filter::StatusesWith("ContactID", LINKED)),
    (Entity::LinkedTransactions, "TargetTransactionID", Filter::Guids("TargetTransactionID")),
    (Entity::Overpayments,       "References",          Filter::Texts("Reference")),
    (Entity::Prepayments,        "InvoiceNumbers",      Filter::Texts("InvoiceNumber")),
    (Entity::PurchaseOrders,     "Status",              Filter::Statuses(PURCHASE_ORDER)),
    (Entity::PurchaseOrders,     "DateFrom",            Filter::From("Date")),
    (Entity::PurchaseOrders,     "DateTo",              Filter::To("Date")),
    (Entity::Quotes,             "DateFrom",            Filter::From("Date")),
    (Entity::Quotes,             "DateTo",              Filter::To("Date")),
    (Entity::Quotes,             "ExpiryDateFrom",      Filter::From("ExpiryDate")),
    (Entity::Quotes,             "ExpiryDateTo",        Filter::To("ExpiryDate")),
    (Entity::Quotes,             "ContactID",           Filter::Guids("Contact.ContactID")),
    (Entity::Quotes,             "Status",              Filter::Statuses(QUOTE)),
    (Entity::Quotes,             "QuoteNumber",         Filter::Texts("QuoteNumber")),
];

/// Reads the filters of a list. `Err` says which value means nothing.
pub(super) fn read<'a>(
    entity: Entity,
    get: impl Fn(&str) -> Option<&'a str>,
    fields: &mut Fields,
) -> Result<Vec<Expression>, String> {
    let mut conditions = Vec::new();
    for (_, parameter, filter) in FILTERS.iter().filter(|(of, ..)| *of == entity) {
        let Some(text) = get(parameter) else { continue };
        if let Filter::StatusesWith(other, _) = filter
            && get(other).is_none()
        {
            continue;
        }
        let condition = condition(filter, text, fields);
        let condition = condition.ok_or_else(|| invalid(parameter, text))?;
        conditions.extend(condition);
    }
    Ok(conditions)
}

/// The message about a value that means nothing.
pub(super) fn invalid(parameter: &str, text: &str) -> String {
    format!("The value '{text}' is not valid for {parameter}.")
}

/// The condition of a filter, if it has one. `None` if the value means nothing.
fn condition(filter: &Filter, text: &str, fields: &mut Fields) -> Option<Option<Expression>> {
    let named = |path, fields: &mut Fields| -> FieldId {
        fields
            .name(path)
            .expect("a filter is of a field that rows have")
    };
    Some(Some(match filter {
        Filter::Ids => Expression::OneOf(fields.id(), guids(text)?),
        Filter::Guids(path) => Expression::OneOf(named(path, fields), guids(text)?),
        Filter::Texts(path) => {
            let texts = text.split(',').map(|text| Value::text(text.trim()));
            Expression::OneOf(named(path, fields), texts.collect())
        }
        Filter::Statuses(known) | Filter::StatusesWith(_, known) => {
            Expression::OneOf(named("Status", fields), statuses(text, known)?)
        }
        Filter::From(path) => {
            let day = Value::Date(literals::moment(text)?);
            Expression::compare(named(path, fields), Operator::GreaterOrEqual, day)
        }
        Filter::To(path) => {
            let day = Value::Date(literals::moment(text)?);
            Expression::compare(named(path, fields), Operator::LessOrEqual, day)
        }
        Filter::Search(paths) => {
            let holds = |path: &&'static str| holds(named(path, fields), text);
            Expression::Any(paths.iter().map(holds).collect())
        }
        Filter::Created => match flag(text)? {
            true => Expression::Any(Vec::new()),
            false => return Some(None),
        },
        Filter::Day => {
            literals::moment(text)?;
            return Some(None);
        }
    }))
}

/// Reads `true` or `false`.
pub(super) fn flag(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

fn guids(list: &str) -> Option<Vec<Value>> {
    let guid = |text: &str| Guid::parse(text.trim()).map(|guid| Value::Guid(guid.0));
    list.split(',').map(guid).collect()
}

fn statuses(list: &str, known: &[&'static str]) -> Option<Vec<Value>> {
    let status = |text: &str| {
        let mut known = known.iter();
        let found = known.find(|known| **known == text.trim());
        found.map(|status| Value::Text((*status).into()))
    };
    list.split(',').map(status).collect()
}

/// Whether a field holds a text, in any case.
fn holds(field: FieldId, text: &str) -> Expression {
    let field = Operand {
        term: Term::Field(field),
        letters: Letters::Lower,
    };
    let text = Term::Literal(Value::text(text.trim().to_lowercase()));
    Expression::Matches(field, TextFunction::Contains, text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conditions(entity: Entity, query: &[(&str, &str)]) -> Option<usize> {
        let get = |name: &str| {
            let mut pairs = query.iter();
            let pair = pairs.find(|(key, _)| *key == name);
            pair.map(|(_, value)| *value)
        };
        let mut fields = Fields::of(entity.endpoint());
        let read = read(entity, get, &mut fields);
        read.ok().map(|conditions| conditions.len())
    }

    #[test]
    fn every_filter_is_of_a_field_that_rows_have() {
        let guid = "00000000-0000-4000-8000-000000000001";
        for (entity, parameter, filter) in FILTERS {
            let (value, expected) = match filter {
                Filter::Ids | Filter::Guids(_) => (guid, 1),
                Filter::Statuses(known) | Filter::StatusesWith(_, known) => (known[0], 1),
                Filter::From(_) | Filter::To(_) => ("2026-01-31", 1),
                Filter::Texts(_) | Filter::Search(_) => ("x", 1),
                Filter::Created => ("True", 1),
                Filter::Day => ("2026-01-31", 0),
            };
            let mut query = vec![(*parameter, value)];
            let mut expected = expected;
            if let Filter::StatusesWith(other, _) = filter {
                assert_eq!(
                    conditions(*entity, &query),
                    Some(0),
                    "{entity:?} {parameter}"
                );
                query.push((other, guid));
                expected += 1;
            }
            let found = conditions(*entity, &query);
            assert_eq!(found, Some(expected), "{entity:?} {parameter}");
        }
    }

    #[test]
    fn a_value_that_means_nothing_is_refused() {
        for (entity, parameter, value) in [
            (Entity::Invoices, "IDs", "nonsense"),
            (Entity::Invoices, "IDs", ""),
            (
                Entity::Contacts,
                "IDs",
                "00000000-0000-4000-8000-000000000001,7",
            ),
            (Entity::Invoices, "ContactIDs", "Ridgeway"),
            (Entity::Invoices, "Statuses", "PAID,UNKNOWN"),
            (Entity::Invoices, "createdByMyApp", "maybe"),
            (Entity::PurchaseOrders, "Status", "PAID"),
            (Entity::PurchaseOrders, "DateFrom", "31/01/2026"),
            (Entity::PurchaseOrders, "DateTo", "2026-02-30"),
            (Entity::Quotes, "ExpiryDateTo", "2026"),
            (Entity::Quotes, "ContactID", "x"),
            (Entity::Budgets, "DateFrom", "soon"),
            (Entity::LinkedTransactions, "SourceTransactionID", "x"),
        ] {
            let found = conditions(entity, &[(parameter, value)]);
            assert_eq!(found, None, "{entity:?} {parameter}={value}");
        }
        let foreign = [("Statuses", "nonsense"), ("DateFrom", "soon")];
        assert_eq!(conditions(Entity::Payments, &foreign), Some(0));
    }
}
