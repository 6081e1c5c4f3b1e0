//! Decides which rows an answer contains: filters, order and pages. Pure function of an
//! organisation.

use std::borrow::Cow;

use crate::books::Basis;
use crate::entity::{Endpoint, Entity, Paging};
use crate::query::{DEFAULT_PAGE_SIZE, Query};
use crate::rows::{Detail, Options, Row};
use crate::table::Table;
use crate::tenant::Tenant;
use row_values::Reader;

mod row_values;
mod single;
mod sort;

pub(crate) use single::{DocumentAddress, single};

/// Maximum number of rows that an unpaged or unoptimised query of a paged endpoint may match.
const HIGH_VOLUME: usize = 100_000;
/// The most journals in an answer.
const JOURNALS_PAGE: usize = 100;
/// Number of journals in a short answer in the middle of the list.
const SHORT_JOURNALS_PAGE: usize = 70;

/// The error for a query that matches too many rows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct HighVolume;

/// The envelope's `pagination` object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pagination {
    pub(crate) page: usize,
    pub(crate) page_size: usize,
    pub(crate) page_count: usize,
    pub(crate) item_count: usize,
}

/// The rows of one answer, in their order.
#[derive(Debug)]
pub(crate) struct Listing<'a> {
    pub(crate) rows: Vec<&'a Row>,
    pub(crate) options: Options,
    pub(crate) pagination: Option<Pagination>,
}

/// Answers a list request.
pub(crate) fn list<'a>(
    endpoint: &Endpoint,
    tenant: &'a Tenant,
    query: &Query,
) -> Result<Listing<'a>, HighVolume> {
    let table = tenant.table(endpoint.entity);
    let options = |detail| Options {
        detail,
        unitdp: query.unitdp,
    };
    if endpoint.paging == Paging::Offset {
        return Ok(Listing {
            rows: journals(tenant, query),
            options: options(Detail::Paged),
            pagination: None,
        });
    }

    let reader = Reader {
        entity: endpoint.entity,
        books: tenant,
        fields: query.fields.named(),
    };
    let mut matches = matches(endpoint, table, query, &reader);
    let count = matches.len();
    let portion = Portion::of(endpoint, query);
    let is_optimised = !query.filtered && sort::is_optimised(endpoint, query);
    if endpoint.paging != Paging::Whole
        && count > HIGH_VOLUME
        && (portion.page.is_none() || !is_optimised)
    {
        return Err(HighVolume);
    }
    sort::sort(&mut matches, table, &reader, &query.order);
    let (skip, take) = portion.page.map_or((0, count), |(page, size)| {
        (size.saturating_mul(page - 1), size)
    });
    let row = |at: &u32| &table.rows()[*at as usize];
    let rows = matches.iter().skip(skip).take(take).map(row).collect();
    Ok(Listing {
        rows,
        options: options(portion.detail),
        pagination: portion
            .page
            .filter(|_| portion.has_pagination)
            .map(|(page, size)| Pagination {
                page,
                page_size: size,
                page_count: count.div_ceil(size),
                item_count: count,
            }),
    })
}

/// How a list is divided.
struct Portion {
    /// Page number from 1, and page size. `None` returns the whole list.
    page: Option<(usize, usize)>,
    detail: Detail,
    /// Whether the envelope has a `pagination` object.
    has_pagination: bool,
}

impl Portion {
    fn of(endpoint: &Endpoint, query: &Query) -> Self {
        let summary_only = query.is_on("summaryOnly");
        let first = |enforced: bool| query.page.or(enforced.then_some(1));
        match endpoint.paging {
            // A known bug: `order` here puts every row on every page.
            Paging::Pages { .. }
                if endpoint.entity == Entity::ManualJournals
                    && !query.order.is_empty()
                    && query.page.is_some() =>
            {
                Self::everything(Detail::Paged)
            }
            Paging::Pages { enforced } => match first(enforced || summary_only) {
                None => Self::everything(Detail::Summary),
                Some(page) => Self {
                    page: Some((page, query.page_size)),
                    detail: if summary_only {
                        Detail::SummaryOnly
                    } else {
                        Detail::Paged
                    },
                    has_pagination: true,
                },
            },
            Paging::Fixed { enforced } => Self {
                page: first(enforced).map(|page| (page, DEFAULT_PAGE_SIZE)),
                ..Self::everything(Detail::Paged)
            },
            Paging::Whole | Paging::Offset => Self::everything(Detail::Paged),
        }
    }

    const fn everything(detail: Detail) -> Self {
        Self {
            page: None,
            detail,
            has_pagination: false,
        }
    }
}

/// The positions of the rows that pass the filters, in listed order.
fn matches<'a>(
    endpoint: &Endpoint,
    table: &'a Table,
    query: &Query,
    reader: &Reader<'_>,
) -> Cow<'a, [u32]> {
    let since = query.modified_since.filter(|_| endpoint.modified_since);
    // Bank transfers have no UpdatedDateUTC; all that Xero can compare is the creation.
    let by_creation = endpoint.entity == Entity::BankTransfers;
    let listed = match since {
        Some(since) if !by_creation => table.listed_since(since),
        _ => table.listed(),
    };
    let created_since = since.filter(|_| by_creation);
    let hidden = endpoint
        .hidden
        .filter(|(_, parameter)| !query.is_on(parameter))
        .map(|(status, _)| status);
    if hidden.is_none() && created_since.is_none() && query.conditions.is_empty() {
        return Cow::Borrowed(listed);
    }
    let passes = |row: &Row| {
        let values = reader.of(row);
        hidden != Some(row.status)
            && created_since.is_none_or(|since| row.created >= since)
            && query.conditions.iter().all(|it| it.holds(&values))
    };
    let kept = listed.iter().copied();
    Cow::Owned(
        kept.filter(|&at| passes(&table.rows()[at as usize]))
            .collect(),
    )
}

/// Journals are listed by number. Some answers are short without being the last. Only an empty
/// answer is the end.
fn journals<'a>(tenant: &'a Tenant, query: &Query) -> Vec<&'a Row> {
    let rows = tenant.table(Entity::Journals).rows();
    let first = rows.partition_point(|row| row.number <= query.offset);
    let size = match rows.get(first) {
        Some(row) if row.number / 100 % 3 == 1 => SHORT_JOURNALS_PAGE,
        _ => JOURNALS_PAGE,
    };
    let basis = match query.is_on("paymentsOnly") {
        true => Basis::Cash,
        false => Basis::Accrual,
    };
    rows[first..]
        .iter()
        .filter(|row| tenant.lists_journal(row, basis))
        // "On or after", compared with the creation time, because a journal never changes.
        .filter(|row| {
            query
                .modified_since
                .is_none_or(|since| row.created >= since)
        })
        .take(size)
        .collect()
}

#[cfg(test)]
mod tests;
