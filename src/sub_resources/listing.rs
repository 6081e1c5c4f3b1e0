//! Finds the documents to be asked: walks their list from where the last sync
//! ended, and only as far as this sync can get.

use std::time::Duration;

use super::facts;
use super::queue::{Document, Queue};
use crate::call::Call;
use crate::client::Trouble;
use crate::page::Page;
use crate::partition::Stop;
use crate::protocol::now_millis;
use crate::retry::Fault;
use crate::session::Session;
use crate::streams::{Family, Stream, Wanted};
use crate::tenants::Tenant;
use crate::walk::{Kept, Pace, Start, Walk};

/// One call after the other: whoever walks these lists has time.
const PACE: Pace = Pace {
    slots: 1,
    calls_now: 0,
    latency: Duration::ZERO,
};

/// The list of one kind of document.
#[derive(Debug)]
pub(crate) struct Listing<'a> {
    pub(crate) session: &'a Session,
    pub(crate) tenant: &'a Tenant,
    /// For which stream the documents are looked for.
    pub(crate) stream: &'static Stream,
    /// Where they are listed.
    pub(crate) list: &'static Stream,
    /// Which of them count.
    pub(crate) wanted: Wanted,
}

/// What a list is thought to hold behind the part that was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extent {
    /// Rows that were read.
    read: u64,
    /// Rows that there are, where Xero tells it.
    told: Option<u64>,
}

impl Extent {
    /// How many documents the whole list has, if `found` are in what was read.
    pub(crate) fn estimate(self, found: u64) -> u64 {
        let told = self.told.unwrap_or(self.read).max(self.read);
        match self.read {
            0 => found,
            read => (found as f64 * told as f64 / read as f64).round() as u64,
        }
    }
}

/// A page, and of each of its rows whether it is wanted and when it was created.
type Found = (Page, Vec<(bool, Option<i64>)>);

impl Listing<'_> {
    /// Fills the queue.
    pub(crate) async fn walk(&self, queue: &mut Queue) -> Result<Extent, Stop> {
        let mut extent = Extent::default();
        let start = Start {
            from: queue.position().stamp,
            lookback: self.session.config.lookback.num_milliseconds(),
            open: Vec::new(),
        };
        let lookback = start.lookback;
        let family = Family {
            parent: self.list,
            members: Vec::new(),
        };
        let mut walk = Walk::new(self.list, start);
        let mut clock = None;
        while let Some((ticket, ask)) = walk.ask(PACE) {
            let call = Call::list(self.list, &ask, &self.tenant.id, Some(self.stream.name));
            let parse = |body: &[u8]| -> Result<Found, String> {
                let page = Page::parse(body, &family, &self.tenant.id)?;
                Ok((page, facts::read(body, self.list, self.wanted)?))
            };
            let (page, facts) = match self.session.client.get(&call, parse).await {
                Ok(found) => found,
                Err(Trouble::Fault(Fault::HighVolume)) if walk.narrow(ticket, now_millis()) => {
                    continue;
                }
                Err(trouble) => return Err(Stop::Trouble(trouble)),
            };
            clock = clock.or(page.clock);
            let told = page.pagination.and_then(|counts| counts.item_count);
            extent.told = extent.told.or(told);
            if let Some(Kept { page, keep }) = walk.take(ticket, page).map_err(Stop::Broken)? {
                let daily = queue.daily(clock.unwrap_or_else(now_millis));
                let rows = page.into_parts().1;
                for ((row, keep), (wanted, created)) in rows.into_iter().zip(keep).zip(facts) {
                    extent.read += u64::from(keep);
                    if let Some(id) = row.key.filter(|_| keep && wanted) {
                        let created = created.filter(|_| self.list.is_stamped());
                        let stamp = row.cursor.or(created).unwrap_or(daily);
                        queue.hear(Document { stamp, id });
                    }
                }
            }
            if let Some(checkpoint) = walk.checkpoint() {
                queue.settle(checkpoint.from);
                if !walk.is_over() && queue.is_full(checkpoint.from) {
                    queue.cut();
                    return Ok(extent);
                }
            }
        }
        // Lists without a stamp tell no position of their own.
        let end = walk.checkpoint().map(|checkpoint| checkpoint.from);
        let end = end.unwrap_or_else(|| clock.unwrap_or_else(now_millis) - lookback);
        queue.settle(end);
        Ok(extent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_of_a_list_is_taken_to_be_like_its_beginning() {
        for (read, told, found, estimate) in [
            (1000, Some(10_000), 30, 300),
            (1000, Some(10_000), 1000, 10_000),
            (10, None, 3, 3),
            (10, Some(4), 3, 3),
            (0, Some(9), 0, 0),
        ] {
            assert_eq!(Extent { read, told }.estimate(found), estimate);
        }
    }
}
