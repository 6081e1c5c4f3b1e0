//! Reads a list for its rows and not for its stream: one call after the other, with the
//! proofs of a walk.

use std::time::Duration;

use crate::airbyte::protocol::now_millis;
use crate::rows::page::Page;
use crate::streams::{Family, Stream};
use crate::sync::lists::Stop;
use crate::sync::session::Session;
use crate::walk::{Broken, Kept, Pace, Start, Walk};
use crate::xero::client::Trouble;
use crate::xero::request::Call;
use crate::xero::retry::{Fault, Unread};
use crate::xero::tenants::Tenant;

/// One call after the other: whoever needs these lists has time.
const PACE: Pace = Pace {
    slots: 1,
    calls_now: 0,
    latency: Duration::ZERO,
};

/// A list on its way to its end.
#[derive(Debug)]
pub(crate) struct ListReader<'a> {
    session: &'a Session,
    tenant: &'a Tenant,
    /// For which stream the list is read.
    stream: &'static Stream,
    /// The list, of which no member is rendered.
    family: Family,
    pub(crate) walk: Walk,
    /// Xero's clock at the first answer, milliseconds since the epoch.
    pub(crate) clock: Option<i64>,
}

/// One answer of the list.
#[derive(Debug)]
pub(crate) struct Answer<T> {
    /// The page and which of its rows count; none where it only told how to go on.
    pub(crate) kept: Option<Kept>,
    /// What the caller read in the body.
    pub(crate) found: T,
    /// Xero's `itemCount`.
    pub(crate) told: Option<u64>,
}

impl<'a> ListReader<'a> {
    /// Reads `list` from `start` on, on behalf of `stream`.
    pub(crate) fn new(
        session: &'a Session,
        tenant: &'a Tenant,
        list: &'static Stream,
        stream: &'static Stream,
        start: Start,
    ) -> ListReader<'a> {
        ListReader {
            session,
            tenant,
            stream,
            family: Family {
                parent: list,
                members: Vec::new(),
            },
            walk: Walk::new(list, start),
            clock: None,
        }
    }

    /// The next answer, read by `parse` as well; none once the end of the list is proven.
    pub(crate) async fn next<T>(
        &mut self,
        parse: impl Fn(&[u8]) -> Result<T, String>,
    ) -> Result<Option<Answer<T>>, Stop> {
        while let Some((ticket, ask)) = self.walk.ask(PACE) {
            let (list, tenant) = (self.family.parent, &self.tenant.id);
            let call = Call::list(list, &ask, tenant, Some(self.stream.name));
            let parse = |body: &[u8]| {
                let page = Page::parse(body, &self.family, tenant)?;
                Ok::<_, Unread>((page, parse(body)?))
            };
            let (page, found) = match self.session.client.list(&call, parse).await {
                Ok((read, _)) => read,
                Err(Trouble::Fault(Fault::HighVolume))
                    if self.walk.narrow(ticket, now_millis()) =>
                {
                    continue;
                }
                Err(trouble) => return Err(Stop::Trouble(trouble)),
            };
            self.clock = self.clock.or(page.clock);
            let told = page.pagination.and_then(|counts| counts.item_count);
            let kept = self.walk.take(ticket, page).map_err(Stop::Broken)?;
            if let Some(reason) = self.walk.warning() {
                tracing::warn!(
                    stream = self.stream.name,
                    "reading {} by plain page numbers, because {reason}",
                    list.name
                );
            }
            return Ok(Some(Answer { kept, found, told }));
        }
        let proof = self.walk.proof();
        proof.map(|_| None).ok_or(Stop::Broken(Broken::Unproven))
    }
}
