//! Finds the documents to be asked: walks their list from where the last sync
//! ended, and only as far as this sync can get.

use crate::rows::flags;
use crate::streams::Stream;
use crate::sync::documents::document_list::{Heard, Kind};
use crate::sync::list_reader::ListReader;
use crate::sync::lists::Stop;
use crate::sync::session::Session;
use crate::walk::{Kept, Start};
use crate::xero::tenants::Tenant;

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
            ..Start::default()
        };
        let mut reader = ListReader::new(self.session, self.tenant, list, self.stream, start);
        while let Some(answer) = reader.next(|body| flags::read(body, list)).await? {
            kind.extent.told = kind.extent.told.or(answer.told);
            if let Some(Kept { page, keep }) = answer.kept {
                kind.hear(Heard {
                    rows: &page.rows,
                    keep: &keep,
                    facts: &answer.found,
                    clock: reader.clock,
                });
            }
            if let Some(checkpoint) = reader.walk.checkpoint() {
                kind.queue.settle(checkpoint.from);
                if !reader.walk.is_over() && kind.queue.is_full(checkpoint.from) {
                    kind.queue.cut();
                    return Ok(());
                }
            }
        }
        kind.end(&reader.walk, reader.clock, lookback);
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
