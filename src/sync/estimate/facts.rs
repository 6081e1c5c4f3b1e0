//! Asks one organisation about everything that the cost of its sync depends on.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use futures_util::StreamExt;

use super::document_sample::DocumentSample;
use super::list_sample::{ListSample, Sampler};
use super::wanted::Wanted;
use crate::failure::Failure;
use crate::rows::reports::answer;
use crate::streams::{self, Family, ReportKind, Stream};
use crate::sync::explain;
use crate::sync::organisation::Organisation;
use crate::sync::session::Session;
use crate::xero::rate_limit::budget::CALLS_AT_ONCE;
use crate::xero::request::{ApiRequest, EARLIEST};
use crate::xero::tenants::Tenant;

/// What Xero answered about one organisation.
#[derive(Debug, Default)]
pub(crate) struct OrganisationFacts {
    /// The lists, by the name of their stream.
    pub(crate) lists: BTreeMap<&'static str, Result<ListSample, Failure>>,
    /// The organisation itself, if it was asked about.
    pub(crate) organisation: Option<Result<Organisation, Failure>>,
    /// All contacts, with those that have a balance, if an aged report is chosen.
    pub(crate) contacts: Option<Result<ListSample, Failure>>,
    /// The number of published returns, if their stream is chosen.
    pub(crate) returns: Option<Result<u64, Failure>>,
    /// The calls of some documents, by the name of the stream whose documents may take several.
    pub(crate) documents: BTreeMap<&'static str, Result<DocumentSample, Failure>>,
}

impl OrganisationFacts {
    /// Asks about the organisation. `later` is a later start date, about which long lists are asked.
    pub(crate) async fn ask(
        session: &Session,
        tenant: &Tenant,
        wanted: &Wanted,
        later: Option<DateTime<Utc>>,
        asks_token: bool,
    ) -> OrganisationFacts {
        let lists = wanted.lists();
        let lists = lists.filter(|family| asks_token || !family.parent.belongs_to_token());
        let lists = futures_util::stream::iter(lists)
            .map(async |family| {
                let sampler = Sampler {
                    session,
                    tenant,
                    family,
                };
                let list = family.parent;
                let sample = sampler.first_sync(later).await;
                let failure = |error| explain::request(error, list, tenant.label());
                (list.name, sample.map_err(failure))
            })
            .buffer_unordered(CALLS_AT_ONCE)
            .collect();
        let lists: BTreeMap<_, _> = lists.await;
        let documents = documents(session, tenant, wanted, &lists).await;
        let organisation = match wanted.needs_organisation() {
            true => {
                let list = &streams::organisations;
                Some(
                    session
                        .shared_list(list, tenant, list, Organisation::parse)
                        .await,
                )
            }
            false => None,
        };
        let aged = wanted.aged();
        let contacts = match aged.is_empty() {
            true => None,
            false => Some(contacts(session, tenant, aged).await),
        };
        let published = wanted
            .by_item
            .iter()
            .find(|(_, report)| report.kind == ReportKind::Published);
        let returns = match published {
            None => None,
            Some((stream, _)) => Some(returns(session, tenant, stream).await),
        };
        OrganisationFacts {
            lists,
            organisation,
            contacts,
            returns,
            documents,
        }
    }
}

/// Asks about some documents of the streams whose documents may take several calls.
async fn documents(
    session: &Session,
    tenant: &Tenant,
    wanted: &Wanted,
    lists: &BTreeMap<&'static str, Result<ListSample, Failure>>,
) -> BTreeMap<&'static str, Result<DocumentSample, Failure>> {
    let mut asked = BTreeMap::new();
    for (family, document, parents) in wanted.sampled_documents() {
        let Some((list, Ok(sample))) = parents
            .first()
            .and_then(|list| Some((*list, lists.get(list.name)?)))
        else {
            continue; // the list has a failure of its own
        };
        let sample = DocumentSample::of(session, tenant, family, document, list, sample).await;
        let failure = |error| explain::request(error, family.parent, tenant.label());
        asked.insert(family.parent.name, sample.map_err(failure));
    }
    asked
}

/// Asks about all contacts, which the aged reports read whatever the start date.
async fn contacts(
    session: &Session,
    tenant: &Tenant,
    aged: Vec<&'static Stream>,
) -> Result<ListSample, Failure> {
    let family = Family {
        parent: &streams::contacts,
        members: aged,
    };
    let sampler = Sampler {
        session,
        tenant,
        family: &family,
    };
    let sample = sampler.since(EARLIEST * 1000).await;
    sample.map_err(|error| explain::request(error, family.parent, tenant.label()))
}

/// Counts the published returns.
async fn returns(
    session: &Session,
    tenant: &Tenant,
    stream: &'static Stream,
) -> Result<u64, Failure> {
    let endpoint = stream.endpoint();
    let call = ApiRequest {
        path: format!("{}{}", endpoint.api.base_path, endpoint.path),
        tenant: Some(&tenant.id),
        streams: &[stream.name],
        ..ApiRequest::default()
    };
    let parse = |body: &[u8]| answer::parse(body).map(|reports| reports.len() as u64);
    let counted = session.client.get(&call, parse).await;
    counted.map_err(|error| explain::request(error, stream, tenant.label()))
}
