//! Decides which rows an answer contains: filters, order and pages. Pure function of an
//! organisation.

use std::borrow::Cow;

use crate::entity::{Endpoint, Entity, Paging};
use crate::query::{DEFAULT_PAGE_SIZE, Query};
use crate::rows::{Detail, Options, Row, is_cash_basis};
use crate::table::{Table, place};
use crate::tenant::Tenant;

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
            rows: journals(table.rows(), query),
            options: options(Detail::Paged),
            pagination: None,
        });
    }

    let mut matches = matches(endpoint, table, query);
    let by_id = |field: &String| field.eq_ignore_ascii_case(endpoint.id);
    if query.order.as_ref().is_some_and(by_id) {
        let place = |at: &u32| place(table.rows()[*at as usize].id);
        matches.to_mut().sort_unstable_by_key(place);
    }
    let count = matches.len();
    let portion = Portion::of(endpoint, query);
    if endpoint.paging != Paging::Whole
        && count > HIGH_VOLUME
        && (portion.page.is_none() || query.filtered)
    {
        return Err(HighVolume);
    }
    let (skip, take) = portion.page.map_or((0, count), |(page, size)| {
        (size.saturating_mul(page - 1), size)
    });
    let row = |at: &u32| &table.rows()[*at as usize];
    let rows = if query.descending {
        matches
            .iter()
            .rev()
            .skip(skip)
            .take(take)
            .map(row)
            .collect()
    } else {
        matches.iter().skip(skip).take(take).map(row).collect()
    };
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
        let summary_only = endpoint.knows("summaryOnly") && query.is_on("summaryOnly");
        let first = |enforced: bool| query.page.or(enforced.then_some(1));
        match endpoint.paging {
            // A known bug: `order` here puts every row on every page.
            Paging::Pages { .. }
                if endpoint.entity == Entity::ManualJournals
                    && query.order.is_some()
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
fn matches<'a>(endpoint: &Endpoint, table: &'a Table, query: &Query) -> Cow<'a, [u32]> {
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
    if hidden.is_none()
        && created_since.is_none()
        && query.ids.is_none()
        && query.statuses.is_none()
        && query.updated_before.is_none()
    {
        return Cow::Borrowed(listed);
    }
    let passes = |row: &Row| {
        hidden != Some(row.status)
            && created_since.is_none_or(|since| row.created >= since)
            && query.updated_before.is_none_or(|end| row.updated < end)
            && query.ids.as_ref().is_none_or(|ids| ids.contains(&row.id))
            && query
                .statuses
                .as_ref()
                .is_none_or(|statuses| statuses.iter().any(|status| status == row.status))
    };
    let kept = listed.iter().copied();
    Cow::Owned(
        kept.filter(|&at| passes(&table.rows()[at as usize]))
            .collect(),
    )
}

/// Journals are listed by number. Some answers are short without being the last. Only an empty
/// answer is the end.
fn journals<'a>(rows: &'a [Row], query: &Query) -> Vec<&'a Row> {
    let first = rows.partition_point(|row| row.number <= query.offset);
    let size = match rows.get(first) {
        Some(row) if row.number / 100 % 3 == 1 => SHORT_JOURNALS_PAGE,
        _ => JOURNALS_PAGE,
    };
    let payments_only = query.is_on("paymentsOnly");
    rows[first..]
        .iter()
        .filter(|row| !payments_only || is_cash_basis(row))
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
