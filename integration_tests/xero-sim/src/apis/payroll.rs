//! What the payroll APIs of all countries share.

use fastrand::Rng;

use super::draw::Draw;
use super::endpoint::Parameter;
use super::forms::{Form, Stamp};
use crate::clock::Millis;
use crate::rows::sample_texts::{FIRST_NAMES, LAST_NAMES};

/// Milliseconds of a day.
pub(super) const DAY: Millis = 24 * 60 * 60 * 1000;

/// The parameters of the timesheets of version 2.0.
pub(super) const TIMESHEET_PARAMETERS: &[Parameter] = &[
    Parameter::plain("page", Form::Number),
    Parameter::plain("filter", Form::Text),
    Parameter::plain("status", Form::Text),
    Parameter::plain("startDate", Form::Day),
    Parameter::plain("endDate", Form::Day),
    Parameter::plain("sort", Form::Text),
];

/// Midnight of the day of a moment.
pub(super) fn first_day(at: Millis) -> Millis {
    at.div_euclid(DAY) * DAY
}

/// Midnight of a day, as version 2.0 writes it.
pub(super) fn day(at: Millis) -> String {
    Stamp::Midnight.of(at)
}

/// Units at a rate, in hundredths.
pub(super) fn gross(units: f64, rate: f64) -> f64 {
    (units * rate * 100.0).round() / 100.0
}

/// An employee.
pub(super) struct Staff {
    pub(super) number: u64,
    pub(super) first_name: &'static str,
    pub(super) last_name: &'static str,
    pub(super) birth: Millis,
    pub(super) has_left: bool,
}

impl Staff {
    /// The employee of a number. Every seventh has left.
    pub(super) fn numbered(draw: &Draw<'_>, number: u64) -> Self {
        let seed = draw.tables.seed() ^ (number + 77).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut rng = Rng::with_seed(seed);
        Self {
            number,
            first_name: FIRST_NAMES[rng.usize(..FIRST_NAMES.len())],
            last_name: LAST_NAMES[rng.usize(..LAST_NAMES.len())],
            birth: rng.i64(0..11_000) * DAY,
            has_left: number.is_multiple_of(7),
        }
    }

    pub(super) fn email(&self) -> Option<String> {
        // Not every employee has an address.
        (!self.number.is_multiple_of(5)).then(|| format!("staff{}@example.com", self.number))
    }
}
