//! Learns from a few small requests how many rows a list has and how many bytes they take.

use std::cell::Cell;

use chrono::{DateTime, Utc};

use super::count::{Certainty, Count};
use super::end_search::EndSearch;
use super::list_cost::{self, Bytes};
use crate::rows::contacts::Contact;
use crate::rows::page::{Page, PageFacts};
use crate::streams::{DocumentFilter, Family, Paging, Quirk};
use crate::sync::documents::meets;
use crate::sync::family::first_position;
use crate::sync::list_request::list_request;
use crate::sync::lists::ONE_AT_A_TIME;
use crate::sync::session::Session;
use crate::walk::{self, BrokenList, HUNDRED, PageRequest, WalkStart};
use crate::xero::fault::{Fault, ParseError, RequestError};
use crate::xero::tenants::Tenant;

/// Number of rows that a list with counts is asked for. The bytes of a row follow from them.
const SAMPLE: u64 = 100;

/// What is known of a list in one organisation.
#[derive(Clone, Debug)]
pub(crate) struct ListSample {
    /// The number of rows that the first sync reads.
    pub(crate) rows: Count,
    /// The calls of the first sync.
    pub(crate) calls: Count,
    /// The calls of each later sync, at least.
    pub(crate) later_calls: u64,
    /// The bytes of the first sync.
    pub(crate) bytes: Bytes,
    /// The number of rows that changed since a later date.
    pub(crate) since: Option<(DateTime<Utc>, u64)>,
    /// The rows of the sample.
    pub(crate) seen: Seen,
    /// The ids of some of the rows.
    pub(crate) ids: Vec<Box<str>>,
}

/// Counts the rows of the responses.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) rows: u64,
    with_attachments: u64,
    online: u64,
    pub(crate) receivable: u64,
    pub(crate) payable: u64,
    pages: u64,
    /// The journal numbers that the pages cover.
    numbers: u64,
    bytes: Bytes,
}

impl Seen {
    /// Returns how many of the rows need a call of a per-document stream.
    pub(crate) fn documents(&self, filter: DocumentFilter) -> u64 {
        match filter {
            DocumentFilter::All => self.rows,
            DocumentFilter::WithAttachments => self.with_attachments,
            DocumentFilter::Online => self.online,
        }
    }

    fn add(&mut self, page: &SampledPage) {
        self.pages += 1;
        self.bytes = self.bytes + page.bytes;
        for row in &page.facts.rows {
            self.rows += 1;
            let meets = |filter| u64::from(meets(row.flags, filter));
            self.with_attachments += meets(DocumentFilter::WithAttachments);
            self.online += meets(DocumentFilter::Online);
        }
        for contact in &page.contacts {
            self.receivable += u64::from(contact.receivable);
            self.payable += u64::from(contact.payable);
        }
        let numbers = || page.facts.rows.iter().filter_map(|row| row.cursor);
        if let (Some(first), Some(last)) = (numbers().min(), numbers().max()) {
            self.numbers += last.abs_diff(first) + 1;
        }
    }
}

/// A response.
struct SampledPage {
    facts: PageFacts,
    contacts: Vec<Contact>,
    bytes: Bytes,
}

impl SampledPage {
    fn rows(&self) -> u64 {
        self.facts.rows.len() as u64
    }

    /// The highest journal number.
    fn newest(&self) -> Option<u64> {
        let numbers = self.facts.rows.iter().filter_map(|row| row.cursor);
        numbers.max().and_then(|number| u64::try_from(number).ok())
    }
}

/// The number of rows in the list or the part of a page.
fn counted(page: &SampledPage) -> Count {
    let uncounted = match page.rows() < SAMPLE {
        true => Count::exactly(page.rows()),
        false => Count::at_least(page.rows()),
    };
    page.facts.counted().map_or(uncounted, Count::exactly)
}

/// The ids of the rows of a page.
fn ids(page: &SampledPage) -> Vec<Box<str>> {
    let keys = page.facts.rows.iter();
    keys.filter_map(|row| row.key.clone()).collect()
}

/// Asks about one list in one organisation.
pub(crate) struct Sampler<'a> {
    pub(crate) session: &'a Session,
    pub(crate) tenant: &'a Tenant,
    /// The list, and the streams for which it is read.
    pub(crate) family: &'a Family,
}

impl Sampler<'_> {
    /// Asks about the list as the first sync reads it. `later` is a later start date, about which a
    /// long list is asked as well.
    pub(crate) async fn first_sync(
        &self,
        later: Option<DateTime<Utc>>,
    ) -> Result<ListSample, RequestError> {
        let from = first_position(self.family.parent, &self.session.config);
        let mut sample = self.since(from).await?;
        let is_counted = self.family.parent.endpoint().paging == Paging::Pages;
        if is_counted
            && sample.calls.number > 1
            && let Some(later) = later
        {
            let request = self.first_request(later.timestamp_millis(), 1);
            let page = self.page(&request).await?;
            sample.since = page.facts.counted().map(|rows| (later, rows));
        }
        Ok(sample)
    }

    /// Asks about the rows from `from` on, in the unit of the list's cursor.
    pub(crate) async fn since(&self, from: i64) -> Result<ListSample, RequestError> {
        let mut seen = Seen::default();
        let request = self.first_request(from, SAMPLE);
        let first = self.page(&request).await?;
        seen.add(&first);
        let mut ids = ids(&first);
        let endpoint = self.family.parent.endpoint();
        let paging = endpoint.paging;
        let (rows, pages) = match paging {
            Paging::Whole => (Count::exactly(first.rows()), None),
            Paging::ListThenDetail => {
                self.detail(&first, &mut seen).await?;
                (Count::exactly(first.rows()), None)
            }
            _ if self.family.parent.is_counted() => {
                let mut rows = counted(&first);
                let parts = endpoint.required_filter.map_or(1, |it| it.values.len());
                for part in 1..parts {
                    let request = PageRequest {
                        part: Some(part),
                        ..request.clone()
                    };
                    let page = self.page(&request).await?;
                    seen.add(&page);
                    ids.extend(self::ids(&page));
                    rows = rows + counted(&page);
                }
                (rows, None)
            }
            // Xero counts lists with a page size.
            Paging::Pages | Paging::UnfilteredSizedPages => (counted(&first), None),
            Paging::FixedPages | Paging::UnfilteredPages => {
                (self.pages(&request, &first, &mut seen).await?, None)
            }
            Paging::Offset => {
                let (rows, pages) = self.numbers(&request, &first, &mut seen).await?;
                (rows, Some(pages))
            }
        };
        let calls = list_cost::calls(endpoint, rows, pages);
        let read = rows.number * calls.passes;
        let bytes = match paging {
            // The list and one detail were seen. Each row has a detail.
            Paging::ListThenDetail => {
                let detail = Bytes {
                    received: seen.bytes.received.saturating_sub(first.bytes.received),
                    unpacked: seen.bytes.unpacked.saturating_sub(first.bytes.unpacked),
                };
                first.bytes + detail.scaled(rows.number, 1)
            }
            _ => seen.bytes.scaled(read, seen.rows),
        };
        Ok(ListSample {
            rows,
            calls: calls.first,
            later_calls: calls.later,
            bytes,
            since: None,
            seen,
            ids,
        })
    }

    /// The first request of a walk from `from`, with at most `size` rows.
    fn first_request(&self, from: i64, size: u64) -> PageRequest {
        let start = WalkStart {
            from,
            lookback: self.session.config.lookback_seconds.num_milliseconds(),
            ..WalkStart::default()
        };
        let mut walk = walk::new(self.family.parent, start);
        let (_, request) = walk.next_request(ONE_AT_A_TIME).unwrap_or_default();
        PageRequest {
            page_size: request.page_size.map(|_| size),
            ..request
        }
    }

    /// Requests the first row of a list whose rows have details.
    async fn detail(&self, list: &SampledPage, seen: &mut Seen) -> Result<(), RequestError> {
        let id = list.facts.rows.first().and_then(|row| row.key.clone());
        if let Some(id) = id {
            let request = PageRequest {
                id: Some(id),
                ..PageRequest::default()
            };
            let page = self.page(&request).await?;
            seen.bytes = seen.bytes + page.bytes;
        }
        Ok(())
    }

    /// Finds the last one of numbered pages.
    async fn pages(
        &self,
        request: &PageRequest,
        first: &SampledPage,
        seen: &mut Seen,
    ) -> Result<Count, RequestError> {
        let mut search = EndSearch::new(first.rows(), HUNDRED, HUNDRED);
        if first.rows() < HUNDRED {
            search.end_here();
        }
        while let Some(position) = search.next() {
            let request = PageRequest {
                page: Some(position / HUNDRED + 1),
                ..request.clone()
            };
            let page = self.page(&request).await?;
            seen.add(&page);
            let last = (page.rows() > 0).then(|| position + page.rows());
            let is_short = page.rows() < HUNDRED;
            search.take(position, last, is_short);
            if last.is_some() && is_short {
                search.end_here();
            }
        }
        Ok(search.end())
    }

    /// Finds the last number of a ledger. Returns the number of rows, and of pages with rows.
    async fn numbers(
        &self,
        request: &PageRequest,
        first: &SampledPage,
        seen: &mut Seen,
    ) -> Result<(Count, Count), RequestError> {
        let numbers = first.facts.rows.iter().filter_map(|row| row.cursor);
        let oldest = numbers.min().and_then(|oldest| u64::try_from(oldest).ok());
        let newest = first.newest().unwrap_or(0);
        let mut search = EndSearch::new(newest, seen.numbers, 1);
        if first.rows() < HUNDRED {
            search = search.short();
        }
        while let Some(position) = search.next() {
            let request = PageRequest {
                offset: i64::try_from(position).ok(),
                ..request.clone()
            };
            let page = self.page(&request).await?;
            let is_repeated = page.newest().is_some_and(|newest| newest <= position);
            if is_repeated {
                let offset = i64::try_from(position).unwrap_or(i64::MAX);
                let why = BrokenList::Repeated { offset }.to_string();
                return Err(Fault::NoPage(why).into());
            }
            if page.rows() > 0 {
                seen.add(&page);
            }
            search.take(position, page.newest(), page.rows() < HUNDRED);
        }
        let end = search.end();
        // All rows were seen if the first page was the only one.
        if seen.pages == 1 && end.certainty == Certainty::Exact {
            return Ok((
                Count::exactly(seen.rows),
                Count::exactly(u64::from(seen.rows > 0)),
            ));
        }
        // Numbers may be missing, so the rows follow from the pages that were seen.
        let numbers = end.number.saturating_sub(oldest.unwrap_or(1)) + 1;
        let certainty = end.certainty.max(Certainty::About);
        let of_numbers = |per_numbers: u64| Count {
            number: (numbers as f64 * per_numbers as f64 / seen.numbers.max(1) as f64).round()
                as u64,
            certainty,
        };
        Ok((of_numbers(seen.rows), of_numbers(seen.pages)))
    }

    async fn page(&self, request: &PageRequest) -> Result<SampledPage, RequestError> {
        let Session { client, cache, .. } = self.session;
        let (list, tenant) = (self.family.parent, self.tenant);
        let unpacked = Cell::new(0);
        let parse = |body: &[u8]| {
            unpacked.set(body.len() as u64);
            let page = Page::parse(body, self.family, &tenant.id)?;
            request.accept(&page.facts)?;
            Ok::<_, ParseError>(page)
        };
        let names: Vec<_> = self.family.members.iter().map(|it| it.name).collect();
        let received = Cell::new(0);
        let page = match list.has(Quirk::Shared) {
            true => {
                let page = cache.get(client, list, tenant, &names, parse).await?;
                // The cache keeps no compressed size of these small lists.
                received.set(unpacked.get());
                page
            }
            false => {
                let mut call = list_request(list, request, &tenant.id, &names);
                call.received = Some(&received);
                let (page, _held) = client.get_list(&call, parse).await?;
                page
            }
        };
        let bytes = Bytes {
            received: received.get(),
            unpacked: unpacked.get(),
        };
        Ok(SampledPage {
            facts: page.facts,
            contacts: page.contacts,
            bytes,
        })
    }
}
