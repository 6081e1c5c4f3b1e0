//! Reads the stream `list_counts`: how many rows Xero counts in each list.
//!
//! The count of a list is requested directly before the list is read, with the filters of the list's
//! own requests. Every row that was counted is then in the table once the list is read: rows that are
//! added meanwhile can only make the table larger than the count.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use chrono::DateTime;
use futures_util::StreamExt;
use serde_json::{Map, Value, json};

use crate::airbyte::protocol::now_millis;
use crate::failure::Failure;
use crate::rows::page::{Page, PageFacts};
use crate::rows::record_lines::RecordLines;
use crate::rows::rewrite::instant;
use crate::state::ListProgress;
use crate::streams::{self, Family, Stream};
use crate::sync::family::first_position;
use crate::sync::item_errors::{Disposition, Rights, disposition};
use crate::sync::list_request::list_request;
use crate::sync::lists::ONE_AT_A_TIME;
use crate::sync::run::SyncRun;
use crate::sync::session::Session;
use crate::sync::statuses::End;
use crate::sync::stream_output::{self, Destination, StreamOutput};
use crate::sync::{country, explain};
use crate::walk::proof::Proof;
use crate::walk::{self, PageRequest, WalkStart};
use crate::xero::fault::{Fault, RequestError};
use crate::xero::rate_limit::budget::CALLS_AT_ONCE;
use crate::xero::tenants::{Tenant, TenantId};

/// The stream, in every organisation.
#[derive(Debug)]
pub(crate) struct ListCounts<'a> {
    session: &'a Session,
    pub(crate) output: Rc<StreamOutput<'a, ListProgress>>,
    lists: Vec<&'static Stream>,
    organisations: HashMap<TenantId, RefCell<Counted>>,
}

/// What was counted in one organisation.
#[derive(Debug, Default)]
struct Counted {
    /// The lists whose count was requested.
    asked: Vec<&'static str>,
    rows: u64,
    calls: u64,
    failures: Vec<Failure>,
    /// Why the token does not open a list. It need not open all of them.
    closed: Option<Failure>,
    /// Whether no further request can succeed at present.
    is_stopped: bool,
}

/// A count, and when Xero answered with it, in milliseconds since the epoch.
#[derive(Clone, Copy, Debug)]
struct ListCount {
    items: u64,
    at: i64,
}

impl SyncRun<'_> {
    /// Prepares the stream, if it is selected. `selected` are the other streams. A stream that cannot be
    /// read ends here.
    pub(crate) fn list_counts<'a>(
        &'a self,
        stream: Option<&'static Stream>,
        selected: &[&'static Stream],
        destination: Destination<'a>,
    ) -> Option<ListCounts<'a>> {
        let stream = stream?;
        let states = self.may_read(stream).and_then(|()| self.states.of(stream));
        let states = states.inspect_err(|failure| self.statuses.fail(stream.name, failure));
        let tenants: Vec<_> = self.session.tenants.iter().collect();
        let organisations = tenants.iter().map(|it| (it.id.clone(), RefCell::default()));
        Some(ListCounts {
            session: &self.session,
            organisations: organisations.collect(),
            output: StreamOutput::new(destination, stream, &tenants, states.ok()?),
            lists: streams::lists_to_count(selected, |list| self.may_read(list).is_ok()),
        })
    }
}

impl ListCounts<'_> {
    /// Counts a list, if it is one of those to count and was not counted yet.
    pub(crate) async fn count(&self, list: &'static Stream, tenant: &Tenant) {
        let Some(counted) = self.organisations.get(&tenant.id) else {
            return;
        };
        let is_new = |it: &Counted| !it.is_stopped && !it.asked.contains(&list.name);
        let is_wanted = self.lists.iter().any(|it| it.name == list.name);
        if !is_wanted || !is_new(&counted.borrow()) {
            return;
        }
        counted.borrow_mut().asked.push(list.name);
        self.output.begin(tenant);
        if let Err(failure) = country::check(self.session, list, tenant).await {
            // An organisation of another country has no such list.
            let failure = Some(failure).filter(|failure| !failure.is_absence);
            counted.borrow_mut().failures.extend(failure);
            return;
        }
        match self.request(list, tenant, counted).await {
            Ok(Some(count)) => {
                counted.borrow_mut().rows += 1;
                if let Err(failure) = self.emit(list, tenant, count).await {
                    counted.borrow_mut().failures.push(failure);
                }
            }
            Ok(None) => tracing::warn!(
                stream = self.output.stream.name,
                "Xero's answer has no count of {} of {}: the sync writes none",
                list.name,
                tenant.label()
            ),
            Err(error) => counted.borrow_mut().fail(error, list, tenant),
        }
    }

    /// Counts the lists of an organisation that the sync does not read, and ends the organisation.
    pub(crate) async fn end(&self, tenant: &Tenant) {
        if let Some(failure) = &tenant.blocked {
            return self.output.fail(tenant, failure);
        }
        self.output.begin(tenant);
        futures_util::stream::iter(&self.lists)
            .for_each_concurrent(CALLS_AT_ONCE, async |list| self.count(list, tenant).await)
            .await;
        let known = self.organisations.get(&tenant.id);
        let counted = known.map(RefCell::take).unwrap_or_default();
        let calls = counted.calls;
        let end = match counted.end() {
            Ok(proof) => self.finish(tenant).await.map(|()| proof),
            Err(failures) => Err(failures),
        };
        self.output.end(tenant, end, calls);
    }

    /// Requests the count of a list: the sum over the values of its required filter. `None` if Xero's
    /// answer has no count.
    async fn request(
        &self,
        list: &'static Stream,
        tenant: &Tenant,
        counted: &RefCell<Counted>,
    ) -> Result<Option<ListCount>, RequestError> {
        let filter = list.endpoint().required_filter;
        let parts = filter.map_or(vec![None], |it| (0..it.values.len()).map(Some).collect());
        let mut sum = None;
        for part in parts {
            let Some(count) = self.request_part(list, tenant, part, counted).await? else {
                return Ok(None);
            };
            let known = sum.get_or_insert(ListCount { items: 0, ..count });
            known.items += count.items;
        }
        Ok(sum)
    }

    /// Requests the count of a part of a list with a page of one row. If this row is older than the first
    /// row that the stream reads, larger pages show how many rows to subtract: `If-Modified-Since` has
    /// whole seconds, and the list's own requests send one second less than the start date.
    async fn request_part(
        &self,
        list: &'static Stream,
        tenant: &Tenant,
        part: Option<usize>,
        counted: &RefCell<Counted>,
    ) -> Result<Option<ListCount>, RequestError> {
        let from = first_position(list, &self.session.config);
        let is_early = |cursor: Option<i64>| cursor.is_some_and(|cursor| cursor < from);
        let mut request = self.first_request(list, part);
        let is_sized = request.page_size.is_some();
        request.page_size = request.page_size.map(|_| 1);
        let mut early = 0;
        loop {
            counted.borrow_mut().calls += 1;
            let page = self.page(list, tenant, &request).await?;
            let rows = page.rows.len() as u64;
            let on_page = page.rows.iter().filter(|row| is_early(row.cursor)).count() as u64;
            if on_page > 0 && is_sized && request.page_size == Some(1) {
                request.page_size = Some(list.endpoint().api.largest_page.into());
                continue;
            }
            early += on_page;
            if on_page == 0 || on_page < rows {
                let at = page.clock.unwrap_or_else(now_millis);
                let items = page.counted().map(|items| items.saturating_sub(early));
                return Ok(items.map(|items| ListCount { items, at }));
            }
            request.page = request.page.map(|page| page + 1);
        }
    }

    /// The first request of a first sync.
    fn first_request(&self, list: &'static Stream, part: Option<usize>) -> PageRequest {
        let config = &self.session.config;
        let start = WalkStart {
            from: first_position(list, config),
            lookback: config.lookback_seconds.num_milliseconds(),
            ..WalkStart::default()
        };
        let mut walk = walk::new(list, start);
        let (_, request) = walk.next_request(ONE_AT_A_TIME).unwrap_or_default();
        PageRequest { part, ..request }
    }

    async fn page(
        &self,
        list: &'static Stream,
        tenant: &Tenant,
        request: &PageRequest,
    ) -> Result<PageFacts, RequestError> {
        let family = Family {
            parent: list,
            members: Vec::new(),
        };
        let streams = [self.output.stream.name];
        let call = list_request(list, request, &tenant.id, &streams);
        let parse = |body: &[u8]| Page::parse(body, &family, &tenant.id).map(|page| page.facts);
        self.session.client.get(&call, parse).await
    }

    /// Writes the row of a list.
    async fn emit(
        &self,
        list: &'static Stream,
        tenant: &Tenant,
        count: ListCount,
    ) -> Result<(), Failure> {
        let mut lines = RecordLines::new(self.output.stream.name, &tenant.id, 0);
        lines.line(|out| {
            for (name, value) in self.row(list, count) {
                out.extend_from_slice(format!(",{}:{value}", json!(name)).as_bytes());
            }
        });
        lines.end_row();
        let written = self
            .output
            .write(tenant, lines.all(), None, |_| false)
            .await;
        written.map_err(stream_output::closed)
    }

    fn row(&self, list: &'static Stream, count: ListCount) -> Map<String, Value> {
        let moment = |at: i64| DateTime::from_timestamp_millis(at).map(instant);
        let from = first_position(list, &self.session.config);
        let since = list.cursor.and_then(|_| moment(from));
        let params = list.endpoint().params.iter();
        let params: Vec<_> = params
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let fields = [
            ("StreamName", Some(json!(list.name))),
            ("ItemCount", Some(json!(count.items))),
            ("CountedDateUTC", moment(count.at).map(Value::from)),
            ("ModifiedSinceUTC", since.map(Value::from)),
            (
                "QueryParameters",
                (!params.is_empty()).then(|| params.join("&").into()),
            ),
        ];
        let fields = fields.into_iter();
        let present = fields.filter_map(|(name, value)| Some((name.to_owned(), value?)));
        present.collect()
    }

    /// Writes the state that covers the rows of an organisation.
    async fn finish(&self, tenant: &Tenant) -> Result<(), Vec<Failure>> {
        let written = self
            .output
            .write(tenant, Default::default(), None, |states| {
                let progress = ListProgress::moved(self.output.stream, None, None);
                states.set(&tenant.id, progress);
                true
            });
        let written = written.await;
        written.map_err(|error| vec![stream_output::closed(error)])
    }
}

impl Counted {
    /// Records that the count of a list failed.
    fn fail(&mut self, error: RequestError, list: &'static Stream, tenant: &Tenant) {
        let is_closed = matches!(error, RequestError::Fault(Fault::NotPermitted));
        self.is_stopped |= !is_closed && disposition(&error, Rights::PerItem) == Disposition::Abort;
        let failure = explain::request(error, list, tenant.label());
        match is_closed {
            true => self.closed = self.closed.take().or(Some(failure)),
            false => self.failures.push(failure),
        }
    }

    /// How the organisation ends. A list that the token does not open is a failure only if it opens none.
    fn end(self) -> End {
        let closed = self.closed.filter(|_| self.rows == 0);
        let failures: Vec<_> = self.failures.into_iter().chain(closed).collect();
        match failures.is_empty() {
            true => Ok(Proof::EveryItem),
            false => Err(failures),
        }
    }
}
