//! Groups of fields that many documents have in common.

use super::{Row, View};
use crate::clock::Millis;
use crate::json::Json;

/// The length of a day.
pub(super) const DAY: Millis = 86_400_000;

/// The midnight that begins an instant's day: calendar dates are midnights of UTC.
pub(super) fn midnight(at: Millis) -> Millis {
    at - at.rem_euclid(DAY)
}

/// Writes a calendar date and its companion, `DateString` before `Date`.
pub(super) fn day(text_key: &str, key: &str, at: Millis, out: &mut Json) {
    out.key(text_key).date_string(at);
    out.key(key).date(at);
}

/// Writes the cursor.
pub(super) fn updated(row: &Row, out: &mut Json) {
    out.key("UpdatedDateUTC").date(row.updated);
}

/// Writes the cursor and the string that five entities have beside it since July 2026.
pub(super) fn updated_twice(row: &Row, out: &mut Json) {
    updated(row, out);
    out.key("UpdatedDateUTCString").utc_string(row.updated);
}

/// Writes empty arrays.
pub(super) fn empty(keys: &[&str], out: &mut Json) {
    for key in keys {
        out.key(key).empty_array();
    }
}

/// Decimals of unit amounts as they are generated.
const UNIT_DECIMALS: u8 = 4;

/// Writes a price as the value of its key, with as many decimals as `unitdp` asks for:
/// without it Xero rounds to two, in the answer only.
pub(super) fn write_unit_amount(ten_thousandths: i64, view: View<'_>, out: &mut Json) {
    match view.unitdp {
        4 => out.decimal(ten_thousandths, UNIT_DECIMALS),
        _ => out.decimal((ten_thousandths + 50) / 100, 2),
    }
}
