//! The figures of the rounds.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// What happened in a round.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    pub(crate) number: u64,
    pub(crate) about: String,
    pub(crate) syncs: usize,
    pub(crate) kills: usize,
    pub(crate) calls: usize,
    pub(crate) records: usize,
    pub(crate) controls: usize,
    pub(crate) rows_compared: usize,
    pub(crate) edits: BTreeMap<&'static str, usize>,
    pub(crate) faults: BTreeMap<&'static str, usize>,
    pub(crate) violations: Vec<String>,
    pub(crate) took: Duration,
}

impl Figures {
    /// The round in one line, with its violations below.
    pub(crate) fn line(&self) -> String {
        let sum = |counts: &BTreeMap<&str, usize>| counts.values().sum::<usize>();
        let mut line = format!(
            "round {}: {}, {} syncs, {} kills, {} faults, {} edits, {} calls, {} records, {} rows compared, {:.1} s",
            self.number,
            self.about,
            self.syncs,
            self.kills,
            sum(&self.faults),
            sum(&self.edits),
            self.calls,
            self.records,
            self.rows_compared,
            self.took.as_secs_f64(),
        );
        for violation in &self.violations {
            line.push_str("\n  VIOLATION: ");
            line.extend(violation.chars().take(400));
        }
        line
    }
}

/// The figures of all rounds.
#[derive(Debug, Default)]
pub(crate) struct Report {
    rounds: Vec<Figures>,
}

impl Report {
    pub(crate) fn add(&mut self, round: Figures) {
        self.rounds.push(round);
    }

    /// The number of rounds with violations.
    pub(crate) fn violations(&self) -> usize {
        self.rounds
            .iter()
            .filter(|round| !round.violations.is_empty())
            .count()
    }

    fn sum(&self, figure: impl Fn(&Figures) -> usize) -> usize {
        self.rounds.iter().map(figure).sum()
    }

    fn sums(&self, counts: impl Fn(&Figures) -> &BTreeMap<&'static str, usize>) -> String {
        let mut sums: BTreeMap<&str, usize> = BTreeMap::new();
        for (name, count) in self.rounds.iter().flat_map(counts) {
            *sums.entry(name).or_default() += count;
        }
        let sums = sums.iter().map(|(name, count)| format!("{name} {count}"));
        sums.collect::<Vec<_>>().join(", ")
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "rounds: {}", self.rounds.len())?;
        writeln!(f, "syncs: {}", self.sum(|round| round.syncs))?;
        writeln!(f, "kills: {}", self.sum(|round| round.kills))?;
        writeln!(f, "calls: {}", self.sum(|round| round.calls))?;
        writeln!(f, "records: {}", self.sum(|round| round.records))?;
        writeln!(f, "new tokens: {}", self.sum(|round| round.controls))?;
        writeln!(f, "faults: {}", self.sums(|round| &round.faults))?;
        writeln!(f, "edits: {}", self.sums(|round| &round.edits))?;
        writeln!(
            f,
            "rows compared: {}",
            self.sum(|round| round.rows_compared)
        )?;
        write!(f, "rounds with violations: {}", self.violations())?;
        let failed = self
            .rounds
            .iter()
            .filter(|round| !round.violations.is_empty());
        let failed: Vec<_> = failed.map(|round| round.number.to_string()).collect();
        match failed.is_empty() {
            true => Ok(()),
            false => write!(f, " ({})", failed.join(", ")),
        }
    }
}
