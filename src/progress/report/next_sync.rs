//! Estimates what the next sync costs, by the calls of this one.

use crate::progress::model::{Cell, Figures, State, StreamFigures};
use crate::streams::Stream;

/// Why a stream needs calls in the next sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Basis {
    /// Calls that belong to no stream, such as the proof of access.
    Access,
    /// It was read from the beginning, and the next sync reads changes only.
    Changes,
    /// This sync read changes only, and so does the next one.
    SameChanges,
    /// Every sync reads it in full.
    Full,
    /// Each document or contact costs one call.
    EachItem,
    /// It did not end complete, so the next sync continues.
    Unfinished,
}

/// The cost of the streams with one basis.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Cost {
    pub(crate) streams: u64,
    /// The calls of this sync.
    pub(crate) calls: u64,
    /// The estimated calls of the next sync.
    pub(crate) next: u64,
    /// The received bytes of this sync that the next one receives again.
    pub(crate) received: u64,
}

/// The estimate of the next sync.
#[derive(Debug, Default)]
pub(crate) struct NextSync {
    pub(crate) costs: Vec<(Basis, Cost)>,
    pub(crate) calls: u64,
    pub(crate) received: u64,
    /// The calls to the organisation with the most calls.
    pub(crate) most_calls: u64,
}

impl NextSync {
    /// Estimates the next sync.
    pub(crate) fn of(figures: &Figures) -> NextSync {
        let mut costs: std::collections::BTreeMap<Basis, Cost> = Default::default();
        let mut by_organisation = vec![0; figures.organisations.len()];
        let mut attributed = 0;
        for stream in figures.streams.iter().filter(|it| !it.is_child()) {
            let mut bases = std::collections::BTreeSet::new();
            for (index, cell) in &stream.cells {
                let basis = basis(stream, cell);
                let next = match basis {
                    Basis::Changes => 1,
                    Basis::Unfinished => cell.calls.max(1),
                    _ => cell.calls,
                };
                let cost = costs.entry(basis).or_default();
                cost.streams += u64::from(bases.insert(basis));
                cost.calls += cell.calls;
                cost.next += next;
                cost.received += match basis {
                    Basis::Changes => 0,
                    _ => cell.received,
                };
                by_organisation[*index] += next;
                attributed += cell.calls;
            }
        }
        let access = figures.usage.calls.saturating_sub(attributed);
        let cost = costs.entry(Basis::Access).or_default();
        (cost.calls, cost.next) = (access, access);
        let costs: Vec<_> = costs.into_iter().filter(|(_, it)| it.next > 0).collect();
        NextSync {
            calls: costs.iter().map(|(_, it)| it.next).sum(),
            received: costs.iter().map(|(_, it)| it.received).sum(),
            most_calls: by_organisation.into_iter().max().unwrap_or_default(),
            costs,
        }
    }
}

fn basis(stream: &StreamFigures, cell: &Cell) -> Basis {
    let has_cursor = stream.stream.is_some_and(|it| it.cursor.is_some());
    match cell.state {
        State::Planned | State::Reading | State::Failed => Basis::Unfinished,
        State::Complete if stream.stream.is_some_and(Stream::is_costly) => Basis::EachItem,
        State::Complete if !has_cursor => Basis::Full,
        State::Complete if cell.continues => Basis::SameChanges,
        State::Complete => Basis::Changes,
    }
}
