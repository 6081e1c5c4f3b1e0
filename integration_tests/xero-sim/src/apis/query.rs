//! The parameters of a request, and the rows that they select.

use serde_json::Value;

use super::draw::{ApiRow, Tables};
use super::endpoint::{ApiEndpoint, Paging, Parameter, Passes};
use super::filter::Filter;
use super::registry;
use super::route::Route;
use super::sort;
use crate::clock::Millis;
use crate::query::read_modified_since;

/// A parameter that is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) parameter: &'static str,
    pub(crate) value: String,
    pub(crate) message: String,
}

/// The parameters of a list, read.
pub(crate) struct Query {
    page: usize,
    size: usize,
    filters: Vec<(Passes, String)>,
    /// The filter `where`.
    condition: Option<Filter>,
    order: Vec<sort::Key>,
    since: Option<Millis>,
    /// The parent that a parameter names.
    parent: Option<String>,
}

/// The rows of an answer.
#[derive(Debug, Default)]
pub(crate) struct Selection {
    pub(crate) rows: Vec<Value>,
    /// Rows of all pages.
    pub(crate) count: usize,
    /// Counts from 1.
    pub(crate) page: usize,
    /// Rows of a page.
    pub(crate) size: usize,
}

impl Query {
    /// Reads the decoded pairs of a request and its `If-Modified-Since`.
    pub(crate) fn read(
        endpoint: &'static ApiEndpoint,
        pairs: &[(String, String)],
        modified_since: Option<&str>,
    ) -> Result<Self, Refused> {
        let get = |name: &str| {
            let pair = pairs.iter().find(|(key, _)| key == name);
            pair.map(|(_, value)| value.as_str())
        };
        let mut filters = Vec::new();
        for parameter in endpoint.parameters {
            let value = get(parameter.name);
            check(parameter, value)?;
            if let (Some(passes), Some(value)) = (parameter.passes, value) {
                filters.push((passes, value.to_owned()));
            }
        }
        let by_parameter = endpoint.parent.and_then(|parent| parent.parameter);
        let since = modified_since.filter(|_| endpoint.modified_since);
        Ok(Self {
            page: get("page").and_then(|page| page.parse().ok()).unwrap_or(1),
            size: size(endpoint.paging, get)?,
            filters,
            condition: condition(endpoint, get("where"))?,
            order: sort::keys(endpoint, get),
            since: since.and_then(read_modified_since),
            parent: by_parameter.and_then(get).map(str::to_owned),
        })
    }

    /// The rows of the list. `None` if the parent is not there.
    pub(crate) fn list(&self, route: &Route, tables: &dyn Tables) -> Option<Selection> {
        let endpoint = route.endpoint;
        let mut rows = below(route, self.parent.as_deref(), tables)?;
        rows.retain(|row| {
            self.since.is_none_or(|since| row.updated >= since)
                && self
                    .filters
                    .iter()
                    .all(|(passes, value)| passes(row, value, tables))
        });
        let completed = |row: &ApiRow| {
            let mut value = row.value.clone();
            (endpoint.complete)(&mut value, tables);
            value
        };
        if let Some(condition) = &self.condition {
            rows.retain(|row| condition.holds(&completed(row)));
        }
        let count = rows.len();
        let skipped = self.size.saturating_mul(self.page - 1);
        let mut shown: Vec<Value> = match self.order.is_empty() {
            true => {
                let rows = rows.into_iter().skip(skipped).take(self.size);
                rows.map(completed).collect()
            }
            // The order can be by a value from another table.
            false => {
                let mut all: Vec<Value> = rows.into_iter().map(completed).collect();
                all.sort_by(|one, other| sort::compare(&self.order, one, other));
                all.into_iter().skip(skipped).take(self.size).collect()
            }
        };
        for fields in shown.iter_mut().filter_map(Value::as_object_mut) {
            fields.retain(|name, _| !endpoint.detail_only.contains(&name.as_str()));
        }
        Some(Selection {
            rows: shown,
            count,
            page: self.page,
            size: self.size,
        })
    }
}

/// The single row that an address names. `None` if it is not there.
pub(crate) fn single(route: &Route, tables: &dyn Tables) -> Option<Value> {
    let id = route.id.as_deref()?;
    let rows = below(route, None, tables)?;
    let row = rows
        .into_iter()
        .find(|row| is(&row.value[route.endpoint.id], id))?;
    let mut value = row.value.clone();
    (route.endpoint.complete)(&mut value, tables);
    Some(value)
}

/// The rows that belong to the parent and have the fields that the address names.
fn below<'a>(
    route: &Route,
    by_parameter: Option<&str>,
    tables: &'a dyn Tables,
) -> Option<Vec<&'a ApiRow>> {
    let endpoint = route.endpoint;
    let id = route.parent.as_deref().or(by_parameter);
    let parent = match (endpoint.parent, id) {
        (Some(parent), Some(id)) => {
            let field = registry::table(parent.table).1.id;
            let mut parents = tables.api_rows(parent.table).iter();
            Some(parents.find(|row| is(&row.value[field], id))?.number)
        }
        _ => None,
    };
    let rows = tables.api_rows(endpoint.table()).iter();
    let rows = rows.filter(|row| parent.is_none() || row.parent == parent);
    let fields = &route.fields;
    let rows = rows.filter(|row| fields.iter().all(|(field, id)| is(&row.value[*field], id)));
    Some(rows.collect())
}

/// Whether a value is this id.
fn is(value: &Value, id: &str) -> bool {
    value
        .as_str()
        .is_some_and(|value| value.eq_ignore_ascii_case(id))
}

/// Reads the filter `where`, if the list has it.
fn condition(endpoint: &ApiEndpoint, text: Option<&str>) -> Result<Option<Filter>, Refused> {
    let text = text.filter(|text| !text.trim().is_empty());
    let (Some(of), Some(text)) = (endpoint.elements, text) else {
        return Ok(None);
    };
    let filter = Filter::read(text, of).map_err(|message| Refused {
        parameter: "where",
        value: text.to_owned(),
        message,
    });
    filter.map(Some)
}

fn check(parameter: &Parameter, value: Option<&str>) -> Result<(), Refused> {
    let message = match value {
        None if parameter.required => format!("The {} parameter is required", parameter.name),
        Some(value) if !parameter.form.fits(value) => {
            format!("The value '{value}' is not valid for {}", parameter.name)
        }
        _ => return Ok(()),
    };
    Err(Refused {
        parameter: parameter.name,
        value: value.unwrap_or_default().to_owned(),
        message,
    })
}

/// Rows of a page.
fn size<'a>(paging: Paging, get: impl Fn(&str) -> Option<&'a str>) -> Result<usize, Refused> {
    let Paging::Pages {
        size: parameter,
        usual,
        most,
        refuses,
        ..
    } = paging
    else {
        return Ok(usize::MAX);
    };
    let asked = parameter.and_then(|parameter| Some((parameter, get(parameter)?)));
    let Some((parameter, text)) = asked else {
        return Ok(usual);
    };
    match text.parse() {
        Ok(size) if size > most && refuses => Err(Refused {
            parameter,
            value: text.to_owned(),
            message: format!("{parameter} must be a number between 1 and {most}"),
        }),
        size => Ok(size.unwrap_or(usual).min(most)),
    }
}
