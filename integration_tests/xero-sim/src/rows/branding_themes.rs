//! Branding themes.

use super::draw::Versioned;
use super::{Row, View};
use crate::json::Json;

const THEMES: &[&str] = &["Standard", "Special Projects / Māori", "Très \"Orange\""];

/// Writes a theme as contacts name it.
pub(super) fn write_theme_name(row: &Row, out: &mut Json) {
    let name = THEMES[(row.number as usize).saturating_sub(1) % THEMES.len()];
    out.key("BrandingThemeID").guid(row.id);
    out.key("Name").display(Versioned(name, row.version));
}

pub(super) fn render(row: &Row, _: View<'_>, out: &mut Json) {
    write_theme_name(row, out);
    let logos = [
        "https://in.xero.com/logo?id=ZXlKdmFXUWlPaUl4WTJJMk5EVTNPUzA",
        "",
    ];
    out.key("LogoUrl")
        .string(logos[usize::from(row.number != 1)]);
    out.key("Type").string("INVOICE");
    out.key("SortOrder").integer(row.number.cast_signed() - 1);
    out.key("CreatedDateUTC").date(row.created);
}
