//! Reads and writes how far a report stream is read, by organisation.
//!
//! `PeriodEnd` is the end of the last finished period, which no later sync reads again. Later
//! periods may still change. The other keys record how the periods were read. If a setting of them
//! changes, the next sync starts from the beginning.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::by_organisation::{Progress, not_understood};
use crate::failure::Failure;
use crate::streams::Stream;

/// Maximum number of failed contacts or returns that the state of an organisation records. One
/// more stops the stream.
const MAX_MISSED: usize = 100;

/// How far a report is read in one organisation.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
pub(crate) struct ReportCursor {
    /// The end of the last finished period, as the state writes it.
    #[serde(rename = "PeriodEnd", skip_serializing_if = "Option::is_none")]
    pub(crate) period_end: Option<String>,
    /// The end of the last period that was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) through: Option<String>,
    /// The interval, and the tracking category if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) read_as: Option<String>,
    /// Whether one call may return several periods. `None` until the connector has verified it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) comparisons: Option<bool>,
    /// The last contact or return that the round in progress has requested. `None` between rounds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) after: Option<String>,
    /// The end of the period that the round reads. States of older versions lack it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) round_end: Option<String>,
    /// Contacts and returns whose call failed and is repeated by the next sync.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) missed: Vec<Missed>,
    /// Whether everything was read, for reports without periods.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) complete: Option<bool>,
}

/// A contact or return whose call failed.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(crate) struct Missed {
    pub(crate) id: String,
    /// The end of the requested period. Returns have none.
    #[serde(rename = "PeriodEnd", skip_serializing_if = "Option::is_none")]
    pub(crate) period_end: Option<String>,
}

impl Missed {
    /// Returns the end of the requested period.
    pub(crate) fn end(&self) -> Option<NaiveDate> {
        date(self.period_end.as_deref()?)
    }
}

impl ReportCursor {
    /// Clears the cursor if the periods were read with another setting, and returns the old cursor.
    pub(crate) fn read_as(&mut self, read_as: &str) -> Option<ReportCursor> {
        let is_other = self.read_as.as_deref().is_some_and(|old| old != read_as);
        let dropped = is_other.then(|| std::mem::take(self));
        self.read_as = Some(read_as.to_owned());
        dropped
    }

    /// Records that the call about a contact or return failed. Returns false if the state is full.
    pub(crate) fn remember(&mut self, missed: Missed) -> bool {
        let is_known = self.missed.contains(&missed);
        let has_space = is_known || self.missed.len() < MAX_MISSED;
        if has_space && !is_known {
            self.missed.push(missed);
        }
        has_space
    }

    /// Returns the end of the period that the round in progress reads.
    pub(crate) fn round_end(&self) -> Option<NaiveDate> {
        date(self.round_end.as_deref()?)
    }

    /// Returns the end of the last finished period.
    pub(crate) fn end(&self) -> Option<NaiveDate> {
        date(self.period_end.as_deref()?)
    }

    /// Returns the ends of the periods that are incomplete.
    pub(crate) fn ends(&self) -> BTreeSet<NaiveDate> {
        let missed = self.missed.iter().filter_map(Missed::end);
        missed.chain(self.round_end()).collect()
    }

    /// Moves to the end of a period. An unchanged date keeps its written form.
    pub(crate) fn move_to(&mut self, end: NaiveDate) {
        if self.end() != Some(end) {
            self.period_end = Some(end.to_string());
        }
    }
}

/// Parses a date and ignores a time after it.
fn date(text: &str) -> Option<NaiveDate> {
    text.get(..10)?.parse().ok()
}

impl Progress for ReportCursor {
    fn read(stream: &'static Stream, state: &Value) -> Result<Option<ReportCursor>, Failure> {
        let cursor = ReportCursor::deserialize(state).ok();
        let is_dated = |cursor: &ReportCursor| {
            let missed = cursor.missed.iter().map(|missed| &missed.period_end);
            let mut ends = missed
                .chain([&cursor.period_end, &cursor.round_end])
                .flatten();
            ends.all(|end| date(end).is_some())
        };
        let cursor = cursor.filter(is_dated);
        cursor.map(Some).ok_or_else(|| not_understood(stream))
    }

    fn read_for_all(
        stream: &'static Stream,
        state: &Value,
    ) -> Result<Option<ReportCursor>, Failure> {
        match state.is_null() {
            true => Ok(None),
            false => ReportCursor::read(stream, state),
        }
    }

    fn write(&self, _: &Stream) -> Value {
        serde_json::json!(self)
    }

    fn cursor(&self) -> Option<(i64, Value)> {
        let order = self.end()?.num_days_from_ce();
        let written = self.period_end.as_deref()?;
        Some((order.into(), written.into()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::state::StreamState;
    use crate::streams::find;

    fn progress(state: Value) -> Result<StreamState<ReportCursor>, Failure> {
        StreamState::read(find("report_profit_and_loss").unwrap(), &state)
    }

    #[test]
    fn cursors_are_written_by_organisation_and_read_back() {
        let mut found = progress(Value::Null).unwrap();
        for (tenant, end) in [("b", "2026-08-31"), ("a", "2026-07-31")] {
            let mut cursor = ReportCursor {
                comparisons: Some(true),
                ..found.of(tenant).cloned().unwrap_or_default()
            };
            cursor.move_to(end.parse().unwrap());
            found.set(tenant, cursor);
        }
        let cursor = found.of("b").cloned();
        let state = found.state();
        assert_eq!(
            state,
            json!({"PeriodEnd": "2026-07-31", "tenants": {
                "a": {"PeriodEnd": "2026-07-31", "comparisons": true},
                "b": {"PeriodEnd": "2026-08-31", "comparisons": true}}})
        );
        assert_eq!(progress(state).unwrap().of("b"), cursor.as_ref());
    }

    #[test]
    fn a_state_without_organisations_applies_to_all_and_keeps_its_form() {
        let found = progress(json!({"PeriodEnd": "2099-01-01T00:00:00Z"})).unwrap();
        let mut cursor = found.of("any").cloned().unwrap();
        cursor.move_to("2099-01-01".parse().unwrap());
        assert_eq!(cursor.period_end.as_deref(), Some("2099-01-01T00:00:00Z"));
        assert_eq!(
            progress(json!({})).unwrap().of("any"),
            Some(&ReportCursor::default())
        );
    }

    #[test]
    fn an_invalid_state_is_an_error() {
        for state in [
            json!({"PeriodEnd": "soon"}),
            json!({"PeriodEnd": 7}),
            json!({"tenants": {"a": {"PeriodEnd": []}}}),
            json!({"tenants": {"a": 1}}),
            json!({"round_end": "soon"}),
            json!({"missed": [{"id": "a", "PeriodEnd": "soon"}]}),
            json!({"missed": [{"PeriodEnd": "2026-07-31"}]}),
        ] {
            let failure = progress(state.clone()).unwrap_err().to_string();
            let words = "state of report_profit_and_loss is invalid";
            assert!(failure.contains(words), "{state}: {failure}");
        }
    }
}
