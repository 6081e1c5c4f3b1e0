//! A call of one of Xero's other APIs: its endpoint, its parameters and its answer.

use std::io::{self, Write};

use chrono::DateTime;
use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};
use serde_json::{Map, Value, json};

use super::api_problem::{self, call_id, invalid};
use crate::apis::{
    Api, ApiEndpoint, Counts, Envelope, Frame, Query, Route, Selection, api_of, route, single,
    undocumented,
};
use crate::clock::Millis;
use crate::log::Request;
use crate::problem;
use crate::reply::Reply;
use crate::rows::Country;
use crate::scope;
use crate::tenant::{Tenant, TenantId};
use crate::token::Grant;

/// A call with its parameters read.
pub(super) struct ApiCall {
    route: Route,
    /// `None` for a single row.
    query: Option<Query>,
    /// The decoded pairs of the request.
    pairs: Vec<(String, String)>,
}

impl ApiCall {
    /// Reads a call, or refuses it.
    pub(super) fn read(
        request: &Request,
        grant: &Grant,
        country: Option<Country>,
    ) -> Result<Self, Reply> {
        let named = route_of(request, country);
        let (route, _) = named.ok_or_else(problem::not_found)?;
        if request.method != "GET" {
            return Err(problem::not_implemented());
        }
        let ApiEndpoint { api, scopes, .. } = route.endpoint;
        if !scopes.iter().all(|it| scope::opens(&grant.scopes, &[*it])) {
            return Err(problem::unauthorized(problem::UNAUTHORIZED));
        }
        let query = match route.is_single() {
            true => None,
            false => {
                let since = request.if_modified_since.as_deref();
                let query = Query::read(route.endpoint, &request.query, since);
                Some(query.map_err(|refused| invalid(api.problems, &refused))?)
            }
        };
        Ok(Self {
            route,
            query,
            pairs: request.query.clone(),
        })
    }

    /// The answer, from a snapshot taken at `now`.
    pub(super) fn body(
        &self,
        provider: &str,
        tenant: &Tenant,
        now: Millis,
    ) -> Result<Reply, Reply> {
        let api = self.route.endpoint.api;
        let missing = || api_problem::not_found(api.problems);
        let (envelope, selection) = match (&self.query, self.route.endpoint.single) {
            (Some(query), _) => {
                let selection = query.list(&self.route, tenant).ok_or_else(missing)?;
                (self.route.endpoint.envelope, selection)
            }
            (None, Some((_, envelope))) => {
                let row = single(&self.route, tenant).ok_or_else(missing)?;
                let rows = vec![row];
                (
                    envelope,
                    Selection {
                        rows,
                        ..Selection::default()
                    },
                )
            }
            (None, None) => return Err(missing()),
        };
        let rows = Some(selection.rows.len());
        if envelope == Envelope::Bytes {
            return Ok(content(&selection.rows[0]));
        }
        let body = self.enveloped(envelope, selection);
        let body = framed(api, body, provider, now);
        Ok(Reply {
            rows,
            ..Reply::json(200, written(api, &body))
        })
    }

    fn enveloped(&self, envelope: Envelope, selection: Selection) -> Value {
        let mut fields = Map::new();
        match (envelope, &self.query) {
            (Envelope::BareList, _) => return selection.rows.into(),
            (Envelope::BareObject, _) => {
                return selection.rows.into_iter().next().unwrap_or(Value::Null);
            }
            (Envelope::List(_), Some(_)) => count(self.route.endpoint, &selection, &mut fields),
            _ => {}
        }
        match envelope {
            Envelope::Object(key) => {
                let row = selection.rows.into_iter().next();
                fields.insert(key.to_owned(), row.unwrap_or(Value::Null));
            }
            Envelope::List(key) => {
                fields.insert(key.to_owned(), selection.rows.into());
            }
            Envelope::CountOf(parameter) => {
                let asked = self.pairs.iter().find(|(name, _)| name == parameter);
                let ids = asked.map_or("", |(_, ids)| ids).split(',').map(str::trim);
                let field = self.route.endpoint.id;
                let count = |id: &str| {
                    let own = selection.rows.iter().filter_map(|row| row[field].as_str());
                    own.filter(|own| own.eq_ignore_ascii_case(id)).count()
                };
                fields.extend(ids.map(|id| (id.to_owned(), count(id).into())));
            }
            Envelope::BareList | Envelope::BareObject | Envelope::Bytes => {}
        }
        fields.into()
    }
}

/// Writes JSON, with the decimals of the API's amounts.
fn written(api: &Api, body: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    let amounts = Amounts {
        decimals: api.decimals(),
    };
    let mut serializer = Serializer::with_formatter(&mut out, amounts);
    let written = body.serialize(&mut serializer);
    written.expect("a vector takes every byte");
    out
}

/// Writes numbers that are no whole ones with a least number of decimals, such as `100.0000`.
struct Amounts {
    decimals: usize,
}

impl Formatter for Amounts {
    fn write_f64<W: Write + ?Sized>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        let shortest = value.to_string();
        let decimals = shortest.split_once('.').map_or(0, |(_, it)| it.len());
        match decimals < self.decimals {
            true => write!(writer, "{value:.*}", self.decimals),
            false => write!(writer, "{shortest}"),
        }
    }
}

/// The endpoint that a request names, and what the description does not have of its parameters.
fn route_of(request: &Request, country: Option<Country>) -> Option<(Route, Vec<String>)> {
    let (base, path) = api_of(&request.path)?;
    let route = route(base, path, country)?;
    let since = request.if_modified_since.as_deref();
    let found = undocumented(&route, &request.query, since);
    Some((route, found))
}

/// What the descriptions do not have of a request. Nothing if it is not for these APIs.
pub(super) fn not_described(
    request: &Request,
    country: impl FnOnce(&TenantId) -> Option<Country>,
) -> Vec<String> {
    if api_of(&request.path).is_none() {
        return Vec::new();
    }
    match route_of(request, request.tenant_id.as_ref().and_then(country)) {
        None => vec![format!("{} is no endpoint", request.path)],
        Some((_, found)) => found,
    }
}

/// Adds the counts of a list.
fn count(endpoint: &ApiEndpoint, selection: &Selection, fields: &mut Map<String, Value>) {
    let Selection {
        count, page, size, ..
    } = *selection;
    match endpoint.paging.counts() {
        Counts::Nothing => {}
        Counts::Total => {
            let numbers = [("TotalCount", count), ("Page", page), ("PerPage", size)];
            fields.extend(numbers.map(|(name, number)| (name.to_owned(), number.into())));
        }
        Counts::Pagination => {
            let pagination = json!({
                "page": page,
                "pageSize": size,
                "pageCount": count.div_ceil(size),
                "itemCount": count,
            });
            fields.insert("pagination".to_owned(), pagination);
        }
    }
}

/// Puts the frame of its API around a body.
fn framed(api: &Api, body: Value, provider: &str, now: Millis) -> Value {
    let (mut frame, body) = match (api.frame, body) {
        (Frame::Accounting, Value::Object(body)) => {
            let frame = json!({
                "Id": call_id(),
                "Status": "OK",
                "ProviderName": provider,
                "DateTimeUTC": format!("/Date({now})/"),
            });
            (frame, body)
        }
        (Frame::Payroll, Value::Object(body)) => {
            let time = DateTime::from_timestamp_millis(now).expect("a year that chrono knows");
            let frame = json!({
                "id": call_id(),
                "providerName": provider,
                "dateTimeUTC": time.format("%Y-%m-%dT%H:%M:%S%.6f0").to_string(),
                "httpStatusCode": "OK",
                "pagination": null,
                "problem": null,
            });
            (frame, body)
        }
        (_, body) => return body,
    };
    frame.as_object_mut().expect("an object").extend(body);
    frame
}

/// The bytes of a file, which follow from its id.
fn content(file: &Value) -> Reply {
    let text = |field: &str| file[field].as_str().unwrap_or_default();
    let size = file["Size"].as_u64().unwrap_or_default() as usize;
    let bytes: Vec<u8> = text("Id").bytes().cycle().take(size).collect();
    Reply::new(200, text("MimeType"), bytes).header("Content-Disposition", "attachment")
}
