//! The setting that turns invoice reminders on or off.

use super::{Row, View};
use crate::json::Json;

/// Writes the setting. Each edit reverses it.
pub(super) fn render(row: &Row, _: View<'_>, out: &mut Json) {
    out.key("Enabled").bool(row.version % 2 == 1);
}
