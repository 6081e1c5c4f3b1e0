//! Decides where a long walk is split into ranges that are read in parallel.
//!
//! A probe is a numbered request into the middle of a range. Its rows are used, so it costs no
//! extra call. The range is split at the first stamp on the page that is greater than the page's
//! first stamp. So no tie lies on both sides of a split.

use std::time::Duration;

use super::range::Range;
use super::{PageRequest, RequestId, SendCapacity};

/// Minimum number of pages of a range that is split.
const MIN_PAGES: u64 = 10;

/// Minimum number of pages per range after a split. Shorter ranges are not worth their first
/// request.
const MIN_PAGES_PER_RANGE: u64 = 5;

/// A walk that ends within this time is not split, if its calls fit into the current minute window.
const SHORT_WALK: Duration = Duration::from_millis(500);

/// After this many probes without a split point, no more probes are sent.
const MAX_FAILED_PROBES: u32 = 2;

/// Number of rows by which a probe's page is smaller than a full page. Rows come again at each
/// anchor; the difference lets the range before the split still consist of full pages.
const PROBE_SLACK: u64 = 3;

/// The probes of a walk.
#[derive(Debug, Default)]
pub(super) struct Split {
    probes: Vec<Probe>,
    /// Number of probes without a split point.
    pub(super) failed_probes: u32,
}

/// A request into the middle of a range.
#[derive(Debug)]
pub(super) struct Probe {
    request: PageRequest,
    request_id: Option<RequestId>,
    pub(super) anchor: i64,
    /// Number of rows of the list before the probe's page.
    pub(super) rows_before: u64,
}

impl Split {
    /// Returns whether probes are in flight or planned.
    pub(super) fn is_probing(&self) -> bool {
        !self.probes.is_empty()
    }

    /// Plans probes into the longest range, if the walk is long enough and the capacity allows more
    /// ranges than are open.
    pub(super) fn plan(&mut self, ranges: &[Range], capacity: SendCapacity) {
        if self.is_probing() || self.failed_probes >= MAX_FAILED_PROBES {
            return;
        }
        let remaining = |range: &Range| range.remaining().unwrap_or(0);
        let Some(longest) = ranges.iter().max_by_key(|range| remaining(range)) else {
            return;
        };
        let (window, rows) = (&longest.window, remaining(longest));
        let pages_of = |rows: u64| rows.div_ceil(window.full_size);
        if pages_of(rows) < MIN_PAGES || ranges.iter().any(|range| range.bounded) {
            return;
        }
        let all = pages_of(ranges.iter().map(remaining).sum());
        let is_short = capacity
            .latency
            .saturating_mul(all.try_into().unwrap_or(u32::MAX))
            < SHORT_WALK;
        if all <= capacity.calls_now && is_short {
            return;
        }
        let target = capacity.slots.min(all / MIN_PAGES_PER_RANGE);
        let more = target
            .saturating_sub(ranges.len() as u64)
            .min(pages_of(rows) / MIN_PAGES_PER_RANGE - 1);
        let size = match window.pages.is_fixed() {
            true => window.full_size,
            false => window.full_size - PROBE_SLACK.min(window.full_size / 4),
        };
        let probe = |part| {
            let pages_before = (window.rows_read + rows * part / (more + 1)) / size;
            Probe {
                request: window.pages.request(window.anchor, pages_before + 1, size),
                request_id: None,
                anchor: window.anchor,
                rows_before: pages_before * size,
            }
        };
        self.probes = (1..=more).map(probe).collect();
    }

    /// Returns the next probe to send and marks it as sent under this id.
    pub(super) fn next_request(&mut self, request_id: RequestId) -> Option<PageRequest> {
        let probe = self
            .probes
            .iter_mut()
            .find(|probe| probe.request_id.is_none())?;
        probe.request_id = Some(request_id);
        Some(probe.request.clone())
    }

    /// Removes and returns the probe that was sent under this id.
    pub(super) fn take_probe(&mut self, request_id: RequestId) -> Option<Probe> {
        let is_sent = |probe: &Probe| probe.request_id == Some(request_id);
        let at = self.probes.iter().position(is_sent)?;
        Some(self.probes.remove(at))
    }
}
