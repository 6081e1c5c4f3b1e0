//! A call of the Accounting API: its target, its parameters and its answer.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::budget_months::BudgetMonths;
use super::sub_resource::SubResource;
use crate::app::{App, Tier};
use crate::clock::Millis;
use crate::entity::{ENDPOINTS, Endpoint, Entity};
use crate::envelope;
use crate::json::Json;
use crate::listing::{self, DocumentAddress, Listing};
use crate::log::Request;
use crate::prepared::PageKey;
use crate::problem;
use crate::query::Query;
use crate::reply::Reply;
use crate::reports::{Invalid, ReportAddress};
use crate::scope;
use crate::tenant::Tenant;
use crate::token::Grant;

/// A call of the Accounting API, with its parameters read.
pub(super) struct Call {
    target: Target,
    as_json: bool,
}

/// The rows, the report or the data of a document that a call returns.
enum Target {
    Rows {
        endpoint: &'static Endpoint,
        /// One document instead of the list.
        single: Option<DocumentAddress>,
        query: Box<Query>,
        /// The months that a single budget shows.
        months: BudgetMonths,
    },
    Report {
        address: ReportAddress,
        params: Vec<(String, String)>,
    },
    SubResource(SubResource),
}

/// The resource that a path below `/api.xro/2.0` names.
enum Route {
    /// An endpoint's list, or a document of it.
    Table(&'static Endpoint, Option<DocumentAddress>),
    Report(ReportAddress),
    SubResource(SubResource),
}

impl Route {
    /// Whether only users who may see reports get it.
    fn needs_reports(&self) -> bool {
        match self {
            Self::Table(endpoint, _) => endpoint.entity == Entity::Journals,
            Self::Report(_) => true,
            Self::SubResource(_) => false,
        }
    }
}

/// Finds the resource of a path, which is percent-encoded.
fn route(path: &str) -> Option<Route> {
    if let Some(report) = path.strip_prefix("/Reports") {
        return ReportAddress::of(report).map(Route::Report);
    }
    if let Some(sub_resource) = SubResource::of(&decoded(path)) {
        return Some(Route::SubResource(sub_resource));
    }
    let list = |path: &str| ENDPOINTS.iter().find(|endpoint| endpoint.path == path);
    if let Some(endpoint) = list(path) {
        return Some(Route::Table(endpoint, None));
    }
    // A key can hold a slash, so it is decoded on its own.
    let (parent, key) = path.rsplit_once('/')?;
    let endpoint = list(parent)?;
    let key = DocumentAddress::read(endpoint, &decoded(key))?;
    Some(Route::Table(endpoint, Some(key)))
}

fn decoded(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8_lossy()
}

/// Reads the parameters of a list or a document; reports read their own.
fn target(named: Route, request: &Request) -> Result<Target, Reply> {
    let (endpoint, single) = match named {
        Route::Table(endpoint, single) => (endpoint, single),
        Route::Report(address) => {
            let params = request.query.clone();
            return Ok(Target::Report { address, params });
        }
        Route::SubResource(sub_resource) => return Ok(Target::SubResource(sub_resource)),
    };
    let mut pairs = request.query.clone();
    if single.is_some() {
        // The parameters of the list are none of the document's.
        pairs.retain(|(name, _)| name == "unitdp");
    }
    let months = match (endpoint.entity, &single) {
        (Entity::Budgets, Some(_)) => BudgetMonths::read(request)?,
        _ => BudgetMonths::default(),
    };
    let query = Query::read(endpoint, &pairs, request.if_modified_since.as_deref());
    Ok(Target::Rows {
        endpoint,
        single,
        query: Box::new(query.map_err(|bad| problem::bad_parameter(&bad))?),
        months,
    })
}

/// A scope that the token lacks and an endpoint that the app may not use get the same 401.
fn permitted(grant: &Grant, app: &App, named: &Route) -> Result<(), Reply> {
    let (in_tier, opened) = match named {
        Route::Table(endpoint, _) => (
            app.tier == Tier::Advanced || endpoint.entity != Entity::Journals,
            scope::opens(&grant.scopes, endpoint.scopes),
        ),
        Route::Report(address) => (true, scope::opens(&grant.scopes, &address.scopes())),
        Route::SubResource(sub_resource) => {
            (true, scope::opens(&grant.scopes, sub_resource.scopes()))
        }
    };
    if in_tier && opened {
        Ok(())
    } else {
        Err(problem::unauthorized(problem::UNAUTHORIZED))
    }
}

/// Xero answers in XML unless `Accept` names JSON. `*/*` is not enough.
fn accepts_json(request: &Request) -> bool {
    let accept = request.accept.as_deref().unwrap_or_default();
    accept.to_ascii_lowercase().contains("json")
}

impl Call {
    /// Reads a call for a path below `/api.xro/2.0`, or refuses it.
    pub(super) fn read(
        request: &Request,
        path: &str,
        grant: &Grant,
        app: &App,
        shows_reports: bool,
    ) -> Result<Self, Reply> {
        let named = route(path).ok_or_else(problem::not_found)?;
        if request.method != "GET" {
            return Err(problem::not_implemented());
        }
        permitted(grant, app, &named)?;
        if !shows_reports && named.needs_reports() {
            return Err(problem::no_reports());
        }
        Ok(Self {
            target: target(named, request)?,
            as_json: accepts_json(request),
        })
    }

    /// The answer, from a snapshot taken at `now`. It can be compressed already if the client
    /// accepts that.
    pub(super) fn body(
        &self,
        provider: &str,
        tenant: &Tenant,
        now: Millis,
        accepts_gzip: bool,
    ) -> Result<Reply, Reply> {
        let head = envelope::Head { provider, now };
        let (body, rows) = match &self.target {
            Target::Rows {
                endpoint,
                single,
                query,
                months,
            } => {
                let listing = listing(endpoint, single.as_ref(), query, tenant)?;
                if self.as_json
                    && accepts_gzip
                    && let Some(reply) = prepared(&head, endpoint, &listing, tenant)
                {
                    return Ok(reply);
                }
                let body = || months.limit(envelope::json(&head, endpoint, &listing, tenant));
                (self.as_json.then(body), Some(listing.rows.len()))
            }
            Target::SubResource(sub_resource) => {
                let reply = sub_resource.reply(&head, tenant)?;
                let is_json = reply
                    .get("Content-Type")
                    .is_some_and(|it| it.contains("json"));
                return Ok(match is_json && !self.as_json {
                    true => Reply::new(200, "text/xml; charset=utf-8", envelope::xml(&head)),
                    false => reply,
                });
            }
            Target::Report { address, params } => {
                (Some(report(*address, params, &head, tenant)?), None)
            }
        };
        let reply = match body.filter(|_| self.as_json) {
            Some(body) => Reply::json(200, body),
            None => Reply::new(200, "text/xml; charset=utf-8", envelope::xml(&head)),
        };
        Ok(Reply { rows, ..reply })
    }
}

fn listing<'a>(
    endpoint: &'static Endpoint,
    single: Option<&DocumentAddress>,
    query: &Query,
    tenant: &'a Tenant,
) -> Result<Listing<'a>, Reply> {
    match single {
        None => listing::list(endpoint, tenant, query).map_err(|_| problem::high_volume()),
        Some(key) => {
            let found = listing::single(endpoint, key, query.unitdp, tenant);
            found.ok_or_else(problem::not_found)
        }
    }
}

/// The answer with rows that are compressed already.
fn prepared(
    head: &envelope::Head<'_>,
    endpoint: &Endpoint,
    listing: &Listing<'_>,
    tenant: &Tenant,
) -> Option<Reply> {
    if tenant.prepared().is_empty() {
        return None;
    }
    let key = PageKey::new(endpoint.entity, listing.options, &listing.rows);
    let rows = tenant.prepared().get(&key)?;
    let mut out = Json::default();
    envelope::open_list(head, endpoint, listing, &mut out);
    let (body, unpacked) = rows.gzip_after(out.bytes());
    Some(Reply {
        rows: Some(listing.rows.len()),
        unpacked: Some(unpacked),
        ..Reply::json(200, body)
    })
}

fn report(
    address: ReportAddress,
    params: &[(String, String)],
    head: &envelope::Head<'_>,
    tenant: &Tenant,
) -> Result<Vec<u8>, Reply> {
    let mut out = Json::default();
    envelope::open(head, &mut out);
    let written = address.write(tenant, params, head.now, &mut out);
    let written = written.map_err(|Invalid(message)| problem::invalid(&message))?;
    written.ok_or_else(problem::not_found)?;
    out.close_object();
    Ok(out.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_a_list_or_a_document() {
        let id = "/00000000-0000-4000-8000-000000000001";
        for (path, expected) in [
            ("/Invoices", Some((Entity::Invoices, false))),
            ("/Organisation", Some((Entity::Organisations, false))),
            (
                "/Organisation/Actions",
                Some((Entity::OrganisationActions, false)),
            ),
            ("/Employees", None),
            ("/Quotes/History", None),
            ("", None),
        ] {
            let found = route(path).map(|named| match named {
                Route::Table(endpoint, id) => (endpoint.entity, id.is_some()),
                _ => panic!("{path} is a table"),
            });
            assert_eq!(found, expected, "{path}");
        }
        for (list, has_documents) in [("/Invoices", true), ("/Currencies", false)] {
            let found = route(&format!("{list}{id}"));
            assert_eq!(found.is_some(), has_documents, "{list}");
        }
    }
    #[test]
    fn a_document_is_named_by_its_id_or_by_its_own_key() {
        let text = |field, text: &str| Some(DocumentAddress::Text(field, text.to_owned()));
        for (path, expected) in [
            ("/Invoices/INV-0001", text("InvoiceNumber", "INV-0001")),
            ("/CreditNotes/CN-0001", text("CreditNoteNumber", "CN-0001")),
            ("/Contacts/A%201", text("ContactNumber", "A 1")),
            ("/Items/GB1%2FW-003", text("Code", "GB1/W-003")),
            (
                "/PurchaseOrders/PO%2b1",
                text("PurchaseOrderNumber", "PO+1"),
            ),
            ("/TaxRates/OUTPUT2", text("TaxType", "OUTPUT2")),
            ("/Journals/1000", Some(DocumentAddress::Number(1_000))),
            ("/Journals/first", None),
            ("/ManualJournals/1", None),
            ("/Quotes/QU-0001", None),
            ("/Accounts/200", None),
            ("/Currencies/NZD", None),
            ("/Items/GB1/W-003", None),
        ] {
            let found = route(path).and_then(|named| match named {
                Route::Table(_, key) => key,
                _ => panic!("{path} is a table"),
            });
            assert_eq!(found, expected, "{path}");
        }
    }
}
