//! Estimates what a first sync costs: rows, calls, bytes, and the time under Xero's limits.
//!
//! - [`wanted`]: what the chosen streams make it necessary to ask.
//! - [`facts`]: asks one organisation; [`list_sample`] asks about one list, with [`end_search`] if
//!   Xero does not count it, and [`document_sample`] about a few rows of it.
//! - [`list_cost`]: the calls of a list; [`count`]: how well a number is known.
//! - [`costs`]: the cost of each stream from these facts, without requests.
//! - [`savings`]: what a later start date saves.
//! - [`limits`]: how long the calls take.

pub(crate) mod costs;
pub(crate) mod count;
pub(crate) mod document_sample;
pub(crate) mod end_search;
mod facts;
pub(crate) mod limits;
pub(crate) mod list_cost;
mod list_sample;
pub(crate) mod savings;
pub(crate) mod wanted;

use futures_util::StreamExt;

use crate::failure::Failure;
use crate::streams::Stream;
use crate::sync::concurrency::ORGANISATIONS_AT_ONCE;
use crate::sync::session::Session;
use crate::xero::tenants::{Tenant, TenantId};
use costs::OrganisationCosts;
use count::Count;
use facts::OrganisationFacts;
use limits::{Load, Schedule};
use list_cost::Bytes;
use savings::Saving;
use wanted::Wanted;

/// What a first sync costs.
#[derive(Debug)]
pub(crate) struct Estimate {
    /// The organisations, in the order of the session.
    pub(crate) organisations: Vec<OrganisationEstimate>,
    /// The calls of the first sync that belong to no organisation.
    pub(crate) token_calls: u64,
    /// The chosen streams that the token cannot read.
    pub(crate) unreadable: Vec<(&'static Stream, Failure)>,
    /// What later start dates save.
    pub(crate) savings: Vec<Saving>,
    /// How long the first sync takes.
    pub(crate) schedule: Schedule,
}

/// What one organisation costs.
#[derive(Debug)]
pub(crate) struct OrganisationEstimate {
    pub(crate) tenant_id: TenantId,
    pub(crate) name: String,
    /// The costs, or why the organisation cannot be read.
    pub(crate) costs: Result<OrganisationCosts, Failure>,
    /// What the first sync requests of it.
    pub(crate) load: Load,
}

impl Estimate {
    /// Asks every organisation, and computes the costs of the wanted streams.
    pub(crate) async fn of(session: &Session, wanted: Wanted) -> Estimate {
        let config = &session.config;
        let dates = savings::later_dates(config.start_date, chrono::Utc::now());
        let asked = savings::asked_date(&dates);
        let open = |tenant: &&Tenant| tenant.blocked.is_none();
        let first = session.tenants.iter().find(open);
        let facts: Vec<_> = futures_util::stream::iter(&session.tenants)
            .map(async |tenant| {
                if tenant.blocked.is_some() {
                    return OrganisationFacts::default();
                }
                // One request for a list of the token serves all organisations.
                let asks_token = first.is_some_and(|first| first.id == tenant.id);
                OrganisationFacts::ask(session, tenant, &wanted, asked, asks_token).await
            })
            .buffered(ORGANISATIONS_AT_ONCE)
            .collect()
            .await;
        let all = costs::of(&wanted, config, &facts);
        let savings = savings::of(&wanted, config, &facts, &dates);
        let organisations = session.tenants.iter().zip(all).map(|(tenant, costs)| {
            let capacity = session.client.capacity(&tenant.id);
            let costs = tenant.blocked.clone().map_or(Ok(costs), Err);
            OrganisationEstimate {
                tenant_id: tenant.id.clone(),
                name: tenant.label().to_owned(),
                load: Load {
                    calls: costs.as_ref().map_or(0, |costs| costs.calls().number),
                    latency: capacity.latency,
                    left_today: capacity.calls_today.map(|left| left as u64),
                    reserve: config.daily_call_reserve.into(),
                },
                costs,
            }
        });
        let organisations: Vec<_> = organisations.collect();
        let loads: Vec<_> = organisations.iter().map(|it| it.load).collect();
        let max_at_once = usize::try_from(config.max_concurrent_calls).unwrap_or(usize::MAX);
        Estimate {
            schedule: limits::schedule(&loads, max_at_once),
            organisations,
            // The list of connections names the organisations.
            token_calls: u64::from(config.tenant_ids.len() != 1),
            unreadable: wanted.unreadable,
            savings,
        }
    }

    /// The costs of the organisations that can be read.
    pub(crate) fn costs(&self) -> impl Iterator<Item = &OrganisationCosts> {
        let organisations = self.organisations.iter();
        organisations.filter_map(|it| it.costs.as_ref().ok())
    }

    /// The calls of the first sync.
    pub(crate) fn calls(&self) -> Count {
        let own: Count = self.costs().map(OrganisationCosts::calls).sum();
        own + Count::exactly(self.token_calls)
    }

    /// The calls of each later sync, at least.
    pub(crate) fn later_calls(&self) -> u64 {
        let own: u64 = self.costs().map(OrganisationCosts::later_calls).sum();
        own + self.token_calls
    }

    /// The known bytes of the first sync.
    pub(crate) fn bytes(&self) -> Bytes {
        self.costs().map(OrganisationCosts::bytes).sum()
    }

    /// Returns the failures, each with the organisation and the stream.
    pub(crate) fn failures(&self) -> impl Iterator<Item = (&str, &'static str, &Failure)> {
        self.organisations.iter().flat_map(|organisation| {
            let streams = organisation.costs.iter().flat_map(|costs| &costs.streams);
            streams.filter_map(|stream| {
                let failure = stream.cost.as_ref().err()?;
                Some((organisation.name.as_str(), stream.stream.name, failure))
            })
        })
    }
}
