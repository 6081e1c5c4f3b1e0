//! How far a report stream was read, by organisation.
//!
//! `PeriodEnd` is the end of the last period that no later sync reads again;
//! what lies behind it is still within reach of changes. The other members tell
//! how the periods were read, so that another setting begins anew.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::failure::Failure;
use crate::streams::Stream;

const TENANTS: &str = "tenants";

/// How far one stream was read in each organisation.
#[derive(Debug)]
pub(crate) struct ReportStates {
    stream: &'static Stream,
    tenants: BTreeMap<String, ReportCursor>,
    /// For organisations that are not named.
    others: ReportCursor,
}

/// How far one organisation was read.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
pub(crate) struct ReportCursor {
    /// The end of the last period that is done with, as it came or will go.
    #[serde(rename = "PeriodEnd", skip_serializing_if = "Option::is_none")]
    pub(crate) period_end: Option<String>,
    /// The end of the last period that was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) through: Option<String>,
    /// The interval, and the tracking category if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) read_as: Option<String>,
    /// Whether several periods may be asked for at once; unknown until it was checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) comparisons: Option<bool>,
    /// The contact or return up to which a round of calls has come; none between rounds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) after: Option<String>,
    /// The end of the period that this round is about. A state of an older version lacks it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) round_end: Option<String>,
    /// Contacts and returns whose call failed, to be asked again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) missed: Vec<Missed>,
    /// Everything was read, where there is no period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) complete: Option<bool>,
}

/// A contact or return whose call failed.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(crate) struct Missed {
    pub(crate) id: String,
    /// The end of the period that it was asked for; returns belong to none.
    #[serde(rename = "PeriodEnd", skip_serializing_if = "Option::is_none")]
    pub(crate) period_end: Option<String>,
}

impl Missed {
    /// The end of the period that it was asked for.
    pub(crate) fn end(&self) -> Option<NaiveDate> {
        date(self.period_end.as_deref()?)
    }
}

impl ReportCursor {
    /// Begins anew if the periods were read in another way, and then returns what is dropped.
    pub(crate) fn read_as(&mut self, read_as: &str) -> Option<ReportCursor> {
        let is_other = self.read_as.as_deref().is_some_and(|old| old != read_as);
        let dropped = is_other.then(|| std::mem::take(self));
        self.read_as = Some(read_as.to_owned());
        dropped
    }

    /// The end of the period that the round under way is about.
    pub(crate) fn round_end(&self) -> Option<NaiveDate> {
        date(self.round_end.as_deref()?)
    }

    /// The end of the last period that is done with.
    pub(crate) fn end(&self) -> Option<NaiveDate> {
        date(self.period_end.as_deref()?)
    }

    /// The ends of the periods that were not read whole.
    pub(crate) fn ends(&self) -> BTreeSet<NaiveDate> {
        let missed = self.missed.iter().filter_map(Missed::end);
        missed.chain(self.round_end()).collect()
    }

    /// Moves on to the end of a period. One that is there already stays as it is written.
    pub(crate) fn move_to(&mut self, end: NaiveDate) {
        if self.end() != Some(end) {
            self.period_end = Some(end.to_string());
        }
    }
}

/// A date, whatever time of day follows it.
fn date(text: &str) -> Option<NaiveDate> {
    text.get(..10)?.parse().ok()
}

impl ReportStates {
    /// Reads the state that came in.
    pub(crate) fn read(stream: &'static Stream, state: &Value) -> Result<ReportStates, Failure> {
        let (mut tenants, mut others) = (BTreeMap::new(), ReportCursor::default());
        match state.get(TENANTS) {
            Some(Value::Object(states)) => {
                for (tenant, state) in states {
                    tenants.insert(tenant.to_lowercase(), place(stream, state)?);
                }
            }
            _ if state.is_null() => {}
            _ => others = place(stream, state)?,
        }
        Ok(ReportStates {
            stream,
            tenants,
            others,
        })
    }

    /// How far the organisation was read.
    pub(crate) fn of(&self, tenant: &str) -> ReportCursor {
        self.tenants.get(tenant).unwrap_or(&self.others).clone()
    }

    /// Notes how far an organisation was read, and returns the `stream_state` to send.
    pub(crate) fn note(&mut self, tenant: &str, place: ReportCursor) -> Value {
        self.tenants.insert(tenant.to_owned(), place);
        let mut state = Map::new();
        match self.stream.cursor {
            // Suites look for the cursor under its own name at the top.
            Some(cursor) => {
                let ends = self.tenants.values();
                let oldest = ends.filter_map(|place| Some((place.end()?, &place.period_end)));
                if let Some((_, Some(oldest))) = oldest.min_by_key(|(end, _)| *end) {
                    state.insert(cursor.to_owned(), oldest.as_str().into());
                }
            }
            None => drop(state.insert("complete".to_owned(), true.into())),
        }
        let places = self.tenants.iter();
        let places: Map<_, _> = places
            .map(|(tenant, place)| (tenant.clone(), serde_json::json!(place)))
            .collect();
        state.insert(TENANTS.to_owned(), places.into());
        state.into()
    }
}

fn place(stream: &Stream, state: &Value) -> Result<ReportCursor, Failure> {
    let place = ReportCursor::deserialize(state).ok();
    let is_dated = |place: &ReportCursor| {
        let missed = place.missed.iter().map(|missed| &missed.period_end);
        let mut ends = missed
            .chain([&place.period_end, &place.round_end])
            .flatten();
        ends.all(|end| date(end).is_some())
    };
    place.filter(is_dated).ok_or_else(|| {
        Failure::config(format!(
            "The state of {} cannot be understood: it is none of this connector's. Reset the stream to read it again from the start date.",
            stream.name
        ))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::streams::find;

    fn progress(state: Value) -> Result<ReportStates, Failure> {
        ReportStates::read(find("report_profit_and_loss").unwrap(), &state)
    }

    #[test]
    fn places_are_written_by_organisation_and_come_back() {
        let mut found = progress(Value::Null).unwrap();
        for (tenant, end) in [("b", "2026-08-31"), ("a", "2026-07-31")] {
            let mut place = ReportCursor {
                comparisons: Some(true),
                ..found.of(tenant)
            };
            place.move_to(end.parse().unwrap());
            found.note(tenant, place);
        }
        let place = found.of("b");
        let state = found.note("b", place.clone());
        assert_eq!(
            state,
            json!({"PeriodEnd": "2026-07-31", "tenants": {
                "a": {"PeriodEnd": "2026-07-31", "comparisons": true},
                "b": {"PeriodEnd": "2026-08-31", "comparisons": true}}})
        );
        assert_eq!(progress(state).unwrap().of("b"), place);
    }

    #[test]
    fn a_state_without_organisations_holds_for_all_and_stays_as_written() {
        let found = progress(json!({"PeriodEnd": "2099-01-01T00:00:00Z"})).unwrap();
        let mut place = found.of("any");
        place.move_to("2099-01-01".parse().unwrap());
        assert_eq!(place.period_end.as_deref(), Some("2099-01-01T00:00:00Z"));
        assert_eq!(
            progress(json!({})).unwrap().of("any"),
            ReportCursor::default()
        );
    }

    #[test]
    fn what_makes_no_sense_is_said() {
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
            let words = "state of report_profit_and_loss cannot be understood";
            assert!(failure.contains(words), "{state}: {failure}");
        }
    }
}
