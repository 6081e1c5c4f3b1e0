//! Finds the documents to be asked: walks their list from where the last sync
//! ended, and only as far as this sync can get.

use std::time::Duration;

use super::facts;
use super::kind::{Heard, Kind};
use crate::call::Call;
use crate::client::Trouble;
use crate::page::Page;
use crate::partition::Stop;
use crate::protocol::now_millis;
use crate::retry::Fault;
use crate::session::Session;
use crate::streams::{Family, Stream};
use crate::tenants::Tenant;
use crate::walk::{Broken, Kept, Pace, Start, Walk};

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
}

/// What a list is thought to hold behind the part that was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extent {
    /// Rows that were read.
    pub(crate) read: u64,
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

impl Listing<'_> {
    /// Fills the queue of a list.
    pub(crate) async fn walk(&self, kind: &mut Kind) -> Result<(), Stop> {
        let list = kind.list;
        let lookback = self.session.config.lookback.num_milliseconds();
        let start = Start {
            from: kind.queue.position().stamp,
            lookback,
            open: Vec::new(),
        };
        let family = Family {
            parent: list,
            members: Vec::new(),
        };
        let mut walk = Walk::new(list, start);
        let mut clock = None;
        while let Some((ticket, ask)) = walk.ask(PACE) {
            let call = Call::list(list, &ask, &self.tenant.id, Some(self.stream.name));
            let parse = |body: &[u8]| {
                let page = Page::parse(body, &family, &self.tenant.id)?;
                Ok((page, facts::read(body, list)?))
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
            kind.extent.told = kind.extent.told.or(told);
            if let Some(Kept { page, keep }) = walk.take(ticket, page).map_err(Stop::Broken)? {
                kind.hear(Heard {
                    rows: &page.rows,
                    keep: &keep,
                    facts: &facts,
                    clock,
                });
            }
            if let Some(checkpoint) = walk.checkpoint() {
                kind.queue.settle(checkpoint.from);
                if !walk.is_over() && kind.queue.is_full(checkpoint.from) {
                    kind.queue.cut();
                    return Ok(());
                }
            }
        }
        walk.proof().ok_or(Stop::Broken(Broken::Unproven))?;
        kind.end(&walk, clock, lookback);
        Ok(())
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
