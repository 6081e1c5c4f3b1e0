//! The parameters of a list request, from its query and its `If-Modified-Since`. Parameters that the list
//! does not have are ignored.

use chrono::DateTime;

use crate::clock::Millis;
use crate::entity::Endpoint;

mod expression;
mod fields;
mod filters;
mod literals;
mod modified_since;
mod order;
mod parser;
mod tokens;
mod types;
mod value;

pub(crate) use expression::{Expression, RowValues};
pub(crate) use fields::{Field, FieldId, Fields, Source};
pub(crate) use modified_since::read as read_modified_since;
pub(crate) use order::SortKey;
pub(crate) use parser::parse as read_condition;
pub(crate) use types::{Kind, Type, payroll};
pub(crate) use value::Value;

/// Rows on a page unless `pageSize` says otherwise.
pub(crate) const DEFAULT_PAGE_SIZE: usize = 100;
/// Maximum page size. A larger `pageSize` is reduced, not refused.
const MAX_PAGE_SIZE: i64 = 1_000;

/// The parameters that are `true` or `false`.
const SWITCHES: [&str; 4] = [
    "includeArchived",
    "includeDeleted",
    "paymentsOnly",
    "summaryOnly",
];

/// A parameter that Xero refuses.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum BadParameter {
    /// A `where` or an `order` that cannot be parsed or names no field. Says what is wrong.
    Expression(String),
    /// A value of another parameter. Says which.
    Value(String),
}

/// The parameters of a list, as Xero reads them.
#[derive(Debug)]
pub(crate) struct Query {
    /// Counts from 1.
    pub(crate) page: Option<usize>,
    pub(crate) page_size: usize,
    /// The fields that the order and the conditions name.
    pub(crate) fields: Fields,
    /// Empty without `order`.
    pub(crate) order: Vec<SortKey>,
    /// Each holds for all rows of the answer.
    pub(crate) conditions: Vec<Expression>,
    /// Whether there is a `where`: it takes a query off the indexes.
    pub(crate) filtered: bool,
    /// The switches that are on, such as `includeArchived`.
    switches: Vec<&'static str>,
    pub(crate) unitdp: u8,
    /// The JournalNumber to continue after.
    pub(crate) offset: u64,
    /// `If-Modified-Since`, truncated to whole seconds.
    pub(crate) modified_since: Option<Millis>,
}

impl Query {
    /// Reads the decoded pairs of a list's query and the header.
    pub(crate) fn read(
        endpoint: &'static Endpoint,
        pairs: &[(String, String)],
        modified_since: Option<&str>,
    ) -> Result<Self, BadParameter> {
        let get = |name: &str| {
            let mut known = pairs.iter().filter(|(key, _)| endpoint.knows(key));
            let pair = known.find(|(key, _)| key == name);
            // Xero's SDK for PHP sends the parameters that are not set as blanks.
            let value = pair.map(|(_, value)| value.as_str());
            value.filter(|value| !value.trim().is_empty())
        };
        let number = |name| get(name).and_then(|text| text.trim().parse::<i64>().ok());

        let mut fields = Fields::of(endpoint);
        let filters = filters::read(endpoint.entity, get, &mut fields);
        let mut conditions = filters.map_err(BadParameter::Value)?;
        if let Some(expression) = get("where") {
            let parsed = parser::parse(expression, &mut fields);
            conditions.push(parsed.map_err(BadParameter::Expression)?);
        }
        let order = get("order").map(|order| order::read(order, &mut fields));
        let order = order.transpose().map_err(BadParameter::Expression)?;
        Ok(Self {
            page: number("page").map(|page| at_least(page, 1)),
            page_size: number("pageSize").map_or(DEFAULT_PAGE_SIZE, |size| {
                at_least(size.min(MAX_PAGE_SIZE), 1)
            }),
            fields,
            order: order.unwrap_or_default(),
            conditions,
            filtered: get("where").is_some(),
            switches: switches(get).map_err(BadParameter::Value)?,
            unitdp: if get("unitdp") == Some("4") { 4 } else { 2 },
            offset: number("offset").map_or(0, |offset| offset.max(0).unsigned_abs()),
            modified_since: modified_since.and_then(modified_since::read),
        })
    }

    /// Whether a switch is on.
    pub(crate) fn is_on(&self, switch: &str) -> bool {
        self.switches.contains(&switch)
    }
}

/// Reads the month of a day that a parameter names, such as `2026-01`.
pub(crate) fn month(parameter: &str, text: &str) -> Result<String, BadParameter> {
    let day = literals::moment(text).and_then(DateTime::from_timestamp_millis);
    let day = day.ok_or_else(|| BadParameter::Value(filters::invalid(parameter, text)))?;
    Ok(day.format("%Y-%m").to_string())
}

fn at_least(number: i64, least: i64) -> usize {
    usize::try_from(number.max(least)).expect("a positive number")
}

/// The switches that are on.
fn switches<'a>(get: impl Fn(&str) -> Option<&'a str>) -> Result<Vec<&'static str>, String> {
    let mut on = Vec::new();
    for switch in SWITCHES {
        let Some(text) = get(switch) else { continue };
        match filters::flag(text) {
            Some(true) => on.push(switch),
            Some(false) => {}
            None => return Err(filters::invalid(switch, text)),
        }
    }
    Ok(on)
}

#[cfg(test)]
mod tests;
