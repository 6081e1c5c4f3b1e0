//! Computes the cost of each stream from what Xero answered. Sends no request.

use super::count::{Certainty, Count};
use super::facts::OrganisationFacts;
use super::list_cost::Bytes;
use super::list_sample::ListSample;
use super::wanted::Wanted;
use crate::config::Config;
use crate::failure::Failure;
use crate::streams::{
    Balance, DocumentChild, ExistsIn, Family, PAGE_SIZE, Paging, Report, ReportKind, Stream,
};
use crate::sync::call_quota::CallQuota;
use crate::sync::documents::{self, UNITED_KINGDOM};
use crate::sync::reports::{self, PeriodSettings};
use crate::walk::HUNDRED;

/// The costs of one organisation.
#[derive(Debug, Default)]
pub(crate) struct OrganisationCosts {
    /// The chosen streams that are read in the organisation, with lists first.
    pub(crate) streams: Vec<StreamCost>,
    /// Calls that several streams share: the proof of access, the organisation, its tracking
    /// categories.
    pub(crate) shared_calls: u64,
}

/// The cost of one stream in one organisation.
#[derive(Debug)]
pub(crate) struct StreamCost {
    pub(crate) stream: &'static Stream,
    pub(crate) rows: Rows,
    /// The cost, or why it is unknown.
    pub(crate) cost: Result<Cost, Failure>,
}

/// The rows of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rows {
    /// This number.
    Counted(Count),
    /// They are nested in the rows of this stream, and cost no calls.
    In(&'static str),
    /// Nobody knows before they are read.
    Unknown,
}

/// The calls and bytes of a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cost {
    /// The calls of the first sync.
    pub(crate) calls: Count,
    /// The calls of each later sync, at least.
    pub(crate) later_calls: u64,
    /// The bytes of the first sync, as far as they are known.
    pub(crate) bytes: Bytes,
    /// Whether calls have bytes that nobody knows before they are made.
    pub(crate) has_unknown_bytes: bool,
    /// The calls that all documents or contacts need, over several syncs if `max_calls_per_sync` is
    /// lower. `None` for other streams.
    pub(crate) all_items: Option<Count>,
}

impl OrganisationCosts {
    fn known(&self) -> impl Iterator<Item = &Cost> {
        self.streams.iter().filter_map(|it| it.cost.as_ref().ok())
    }

    /// The calls of the first sync.
    pub(crate) fn calls(&self) -> Count {
        let streams: Count = self.known().map(|cost| cost.calls).sum();
        streams + Count::exactly(self.shared_calls)
    }

    /// The calls of each later sync, at least.
    pub(crate) fn later_calls(&self) -> u64 {
        let streams: u64 = self.known().map(|cost| cost.later_calls).sum();
        streams + self.shared_calls
    }

    /// The known bytes of the first sync.
    pub(crate) fn bytes(&self) -> Bytes {
        self.known().map(|cost| cost.bytes).sum()
    }
}

/// Computes the costs of all organisations, which share `max_calls_per_sync`.
pub(crate) fn of(
    wanted: &Wanted,
    config: &Config,
    facts: &[OrganisationFacts],
) -> Vec<OrganisationCosts> {
    let mut all: Vec<_> = facts
        .iter()
        .map(|facts| before_items(wanted, config, facts))
        .collect();
    let streams = wanted.by_item.len() + wanted.documents.len();
    let room = documents::room(config.max_calls_per_sync, facts.len());
    let quota = CallQuota::new(config.max_calls_per_sync, streams);
    for (stream, report) in &wanted.by_item {
        let needs = facts.iter().map(|facts| items(report, facts));
        let needs: Vec<_> = needs.collect();
        let shares = within_quota(&quota, &needs);
        let is_first_aged = wanted
            .aged()
            .first()
            .is_some_and(|it| it.name == stream.name);
        for (((costs, facts), need), calls) in all.iter_mut().zip(facts).zip(needs).zip(shares) {
            let listing = listing(report, facts, is_first_aged);
            add_items(costs, stream, need, calls, listing);
        }
    }
    for (family, document, lists) in &wanted.documents {
        let stream = family.carrier();
        let needs = facts
            .iter()
            .map(|facts| calls_of_documents(family.parent, document, lists, config, facts));
        let needs: Vec<_> = needs.collect();
        let shares = within_quota(&quota, &needs);
        let walked = |walked: &&Family| walked.members[0].name == family.members[0].name;
        let walked: Vec<_> = wanted.observed.iter().filter(walked).collect();
        for (((costs, facts), need), calls) in all.iter_mut().zip(facts).zip(needs).zip(shares) {
            let walks = walked
                .iter()
                .filter_map(|family| walk(family.parent, document, room, facts));
            let listing = walks.fold(Listing::default(), |one, other| Listing {
                calls: one.calls + other.calls,
                later_calls: one.later_calls + other.later_calls,
                bytes: one.bytes + other.bytes,
            });
            let others = family.members.iter();
            let others = others.filter(|member| member.name != stream.name);
            let others = others.map(|member| StreamCost {
                stream: member,
                rows: Rows::In(family.parent.name),
                cost: need.clone().map(|_| Cost::default()),
            });
            let others: Vec<_> = others.collect();
            add_items(costs, stream, need, calls, listing);
            costs.streams.extend(others);
        }
    }
    all
}

/// The costs of the lists and of the reports by period.
fn before_items(wanted: &Wanted, config: &Config, facts: &OrganisationFacts) -> OrganisationCosts {
    let mut costs = OrganisationCosts {
        shared_calls: shared_calls(wanted, config),
        ..OrganisationCosts::default()
    };
    for family in &wanted.families {
        if let Some(sample) = facts.lists.get(family.parent.name) {
            costs.streams.extend(family_costs(family, sample));
        }
    }
    for (stream, report) in &wanted.periodic {
        let organisation = match &facts.organisation {
            Some(Ok(organisation)) => Ok(organisation),
            Some(Err(failure)) => Err(failure.clone()),
            None => continue,
        };
        let is_split = config.report_tracking_category.is_some();
        let settings = PeriodSettings::of(report.kind, config, is_split);
        costs.streams.push(StreamCost {
            stream,
            rows: Rows::Unknown,
            cost: organisation.map(|organisation| {
                let [first, later] = reports::calls(settings, organisation);
                Cost {
                    calls: Count::exactly(first),
                    later_calls: later,
                    has_unknown_bytes: first > 0,
                    ..Cost::default()
                }
            }),
        });
    }
    costs.streams.extend(counts(wanted, facts));
    costs
}

/// The cost of counting lists: a call for each value of a list's required filter.
fn counts(wanted: &Wanted, facts: &OrganisationFacts) -> Option<StreamCost> {
    let (stream, lists) = wanted.counts.as_ref()?;
    let is_open = |list: &&&Stream| !matches!(facts.lists.get(list.name), Some(Err(_)));
    let open: Vec<_> = lists.iter().filter(is_open).collect();
    let filters = open.iter().map(|list| list.endpoint().required_filter);
    let calls = filters.map(|filter| filter.map_or(1, |it| it.values.len() as u64));
    let calls: u64 = calls.sum();
    Some(StreamCost {
        stream,
        rows: Rows::Counted(Count::exactly(open.len() as u64)),
        cost: Ok(Cost {
            calls: Count::exactly(calls),
            later_calls: calls,
            has_unknown_bytes: calls > 0,
            ..Cost::default()
        }),
    })
}

/// The costs of a list and its children. The list carries them, or the first chosen child.
fn family_costs<'a>(
    family: &'a Family,
    sample: &'a Result<ListSample, Failure>,
) -> impl Iterator<Item = StreamCost> + 'a {
    let (list, carrier) = (family.parent, family.carrier());
    family.members.iter().map(move |member| StreamCost {
        stream: member,
        rows: match sample {
            Ok(sample) if member.name == list.name => Rows::Counted(sample.rows),
            _ if member.name == list.name => Rows::Unknown,
            _ => Rows::In(list.name),
        },
        cost: sample.as_ref().map_err(Failure::clone).map(|sample| {
            if member.name != carrier.name {
                return Cost::default();
            }
            Cost {
                calls: sample.calls,
                later_calls: sample.later_calls,
                bytes: sample.bytes,
                ..Cost::default()
            }
        }),
    })
}

/// Returns the number of calls that streams share. A chosen list carries its own call.
fn shared_calls(wanted: &Wanted, config: &Config) -> u64 {
    let is_chosen = |name: &str| wanted.lists().any(|family| family.parent.name == name);
    let is_split = |report: &Report| report.kind == ReportKind::Comparative;
    let needs_tracking = config.report_tracking_category.is_some()
        && wanted.periodic.iter().any(|(_, report)| is_split(report));
    let calls = [
        ("currencies", true),
        ("organisations", wanted.needs_organisation()),
        ("tracking_categories", needs_tracking),
    ];
    let calls = calls.into_iter();
    calls
        .filter(|(name, is_needed)| *is_needed && !is_chosen(name))
        .count() as u64
}

/// Divides the next part of the quota between the organisations by their needs.
fn within_quota(quota: &CallQuota, needs: &[Result<Count, Failure>]) -> Vec<u64> {
    let part = quota.part();
    let numbers = needs
        .iter()
        .map(|need| need.as_ref().map_or(0, |need| need.number));
    let numbers: Vec<_> = numbers
        .map(|need| usize::try_from(need).unwrap_or(usize::MAX))
        .collect();
    let shares = CallQuota::split(part, &numbers);
    let calls = shares
        .iter()
        .zip(&numbers)
        .map(|(share, need)| share.min(need));
    let calls: Vec<_> = calls.copied().collect();
    quota.spend(calls.iter().sum());
    calls.into_iter().map(|calls| calls as u64).collect()
}

/// The cost of finding the items of a stream that costs a call per item.
#[derive(Clone, Copy, Debug, Default)]
struct Listing {
    calls: Count,
    later_calls: u64,
    bytes: Bytes,
}

/// Adds a stream that costs a call per item. `calls` is its share of `max_calls_per_sync`.
fn add_items(
    costs: &mut OrganisationCosts,
    stream: &'static Stream,
    need: Result<Count, Failure>,
    calls: u64,
    listing: Listing,
) {
    let cost = need.map(|need| Cost {
        calls: listing.calls
            + match calls == need.number {
                true => need,
                // The list has more items than the share.
                false => Count::exactly(calls),
            },
        later_calls: listing.later_calls,
        bytes: listing.bytes,
        has_unknown_bytes: calls > 0,
        all_items: Some(need),
    });
    costs.streams.push(StreamCost {
        stream,
        rows: Rows::Unknown,
        cost,
    });
}

/// The contacts with a balance, or the published returns.
fn items(report: &Report, facts: &OrganisationFacts) -> Result<Count, Failure> {
    match report.kind {
        ReportKind::PerContact(balance) => match &facts.contacts {
            Some(Ok(sample)) => {
                let part = match balance {
                    Balance::Receivable => sample.seen.receivable,
                    Balance::Payable => sample.seen.payable,
                };
                Ok(sample.rows.share(part, sample.seen.rows))
            }
            Some(Err(failure)) => Err(failure.clone()),
            None => Ok(Count::default()),
        },
        _ => facts.returns.clone().unwrap_or(Ok(0)).map(Count::exactly),
    }
}

/// The calls that find the items of a report. The aged reports share the list of contacts, which
/// each sync reads in full.
fn listing(report: &Report, facts: &OrganisationFacts, is_first_aged: bool) -> Listing {
    match (report.kind, &facts.contacts) {
        (ReportKind::PerContact(_), Some(Ok(contacts))) if is_first_aged => Listing {
            calls: contacts.calls,
            later_calls: contacts.calls.number,
            bytes: contacts.bytes,
        },
        (ReportKind::Published, _) => Listing {
            calls: Count::exactly(1),
            later_calls: 1,
            bytes: Bytes::default(),
        },
        _ => Listing::default(),
    }
}

/// The calls that the documents of the lists need.
fn calls_of_documents(
    stream: &Stream,
    document: &DocumentChild,
    lists: &[&'static Stream],
    config: &Config,
    facts: &OrganisationFacts,
) -> Result<Count, Failure> {
    let documents = documents_of(document, lists, config, facts)?;
    match facts.documents.get(stream.name) {
        Some(Ok(sample)) => Ok(sample.calls(documents)),
        Some(Err(failure)) => Err(failure.clone()),
        None => Ok(documents),
    }
}

/// The documents of the lists that need a call.
fn documents_of(
    document: &DocumentChild,
    lists: &[&'static Stream],
    config: &Config,
    facts: &OrganisationFacts,
) -> Result<Count, Failure> {
    if document.exists_in == ExistsIn::CisContractor {
        return match &facts.organisation {
            Some(Ok(it)) if it.country.as_deref() == Some(UNITED_KINGDOM) => {
                // One call says whether its contacts need calls too.
                Ok(Count::at_least(1))
            }
            Some(Err(failure)) => Err(failure.clone()),
            _ => Ok(Count::default()),
        };
    }
    let samples = lists.iter().filter_map(|list| facts.lists.get(list.name));
    let (mut need, mut failures, mut seen) = (Count::default(), Vec::new(), 0);
    for sample in samples {
        match sample {
            Ok(sample) => {
                let part = sample.seen.documents(document.filter);
                need = need + sample.rows.share(part, sample.seen.rows);
                seen += 1;
            }
            Err(failure) => failures.push(failure),
        }
    }
    match failures.first() {
        Some(failure) if seen == 0 => return Err((*failure).clone()),
        Some(_) => need.certainty = Certainty::AtLeast,
        None => {}
    }
    if document.files.is_some() && config.download_attachments.is_some() {
        // A document with attachments has one file at least, and each file costs a call.
        need = Count::at_least(need.number * 2);
    }
    Ok(need)
}

/// The cost of a walk that only finds documents. It stops once it has found `room` of them.
fn walk(
    list: &Stream,
    document: &DocumentChild,
    room: usize,
    facts: &OrganisationFacts,
) -> Option<Listing> {
    let sample = facts.lists.get(list.name)?.as_ref().ok()?;
    let is_contractor = document.exists_in == ExistsIn::CisContractor;
    if room == 0 || is_contractor {
        return None;
    }
    let all = Listing {
        calls: sample.calls,
        later_calls: sample.later_calls,
        bytes: sample.bytes,
    };
    let page = match list.endpoint().paging {
        Paging::Pages => PAGE_SIZE.into(),
        Paging::FixedPages => HUNDRED,
        _ => return Some(all),
    };
    let found = sample.seen.documents(document.filter);
    let needed = match found {
        0 => u64::MAX,
        found => (room as u64 * sample.seen.rows).div_ceil(found),
    };
    if needed >= sample.rows.number {
        return Some(all);
    }
    let calls = needed.div_ceil(page).max(1);
    let rows = sample.rows.number.min(calls * page);
    Some(Listing {
        calls: Count::about(calls),
        bytes: sample.bytes.scaled(rows, sample.rows.number),
        ..all
    })
}
