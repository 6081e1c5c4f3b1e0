//! Where a long walk is cut into ranges that are walked side by side.
//!
//! A probe is a numbered request into the middle of a range. Its rows are used,
//! so it costs no call; the first stamp on it that is greater than its first
//! one is where the range is cut, so that no tie straddles the cut.

use std::time::Duration;

use super::range::Range;
use super::window::Pages;
use super::{PageRequest, RequestId, SendCapacity};

/// A range of fewer pages is never cut.
const LEAST_PAGES: u64 = 10;

/// Pages that a range should have at least, to be worth its start.
const PAGES_A_RANGE: u64 = 5;

/// A walk that will be over so soon is not cut.
const SOON: Duration = Duration::from_secs(2);

/// After so many probes that found no place to cut, no more are sent.
const MISSES: u32 = 2;

/// By how much a probe's pages are smaller than full ones, so that the range
/// before the cut keeps whole pages although rows come again at each anchor.
const SLACK: u64 = 3;

/// The probes of a walk.
#[derive(Debug, Default)]
pub(super) struct Split {
    probes: Vec<Probe>,
    misses: u32,
}

/// A request into the middle of a range.
#[derive(Debug)]
pub(super) struct Probe {
    ticket: Option<RequestId>,
    pub(super) anchor: i64,
    page: u64,
    pages: Pages,
    size: u64,
}

impl Probe {
    /// Rows of the list in front of the probe's page.
    pub(super) fn before(&self) -> u64 {
        (self.page - 1) * self.size
    }

    fn ask(&self) -> PageRequest {
        PageRequest {
            modified_since: Some(self.anchor),
            page: Some(self.page),
            page_size: match self.pages {
                Pages::Sized(_) => Some(self.size),
                Pages::Fixed(_) => None,
            },
            ..PageRequest::default()
        }
    }
}

impl Split {
    /// Whether probes are on their way or about to be sent.
    pub(super) fn is_probing(&self) -> bool {
        !self.probes.is_empty()
    }

    /// Sends probes into the longest range if there are calls for more ranges
    /// than are open, and the walk is long enough.
    pub(super) fn plan(&mut self, ranges: &[Range], pace: SendCapacity) {
        if self.is_probing() || self.misses >= MISSES {
            return;
        }
        let remaining = |range: &Range| range.remaining().unwrap_or(0);
        let Some(longest) = ranges.iter().max_by_key(|range| remaining(range)) else {
            return;
        };
        let (window, rows) = (longest.window(), remaining(longest));
        let pages_of = |rows: u64| rows.div_ceil(window.full());
        if pages_of(rows) < LEAST_PAGES || ranges.iter().any(|range| range.bounded) {
            return;
        }
        let all = pages_of(ranges.iter().map(remaining).sum());
        let soon = pace
            .latency
            .saturating_mul(all.try_into().unwrap_or(u32::MAX))
            < SOON;
        if all <= pace.calls_now && soon {
            return;
        }
        let wanted = pace.slots.min(all / PAGES_A_RANGE);
        let more = wanted
            .saturating_sub(ranges.len() as u64)
            .min(pages_of(rows) / PAGES_A_RANGE - 1);
        let size = match window.pages() {
            Pages::Sized(_) => window.full() - SLACK.min(window.full() / 4),
            Pages::Fixed(size) => size,
        };
        self.probes = (1..=more)
            .map(|part| Probe {
                ticket: None,
                anchor: window.anchor,
                page: (window.ahead + rows * part / (more + 1)) / size + 1,
                pages: window.pages(),
                size,
            })
            .collect();
    }

    /// The next probe to send, under this ticket.
    pub(super) fn ask(&mut self, ticket: RequestId) -> Option<PageRequest> {
        let probe = self
            .probes
            .iter_mut()
            .find(|probe| probe.ticket.is_none())?;
        probe.ticket = Some(ticket);
        Some(probe.ask())
    }

    /// The probe that was sent under the ticket, which is over now.
    pub(super) fn answered(&mut self, ticket: RequestId) -> Option<Probe> {
        let is_it = |probe: &Probe| probe.ticket == Some(ticket);
        let at = self.probes.iter().position(is_it)?;
        Some(self.probes.remove(at))
    }

    /// Notes that a probe found no place to cut.
    pub(super) fn miss(&mut self) {
        self.misses += 1;
    }
}
