//! Users.

use super::draw::{self, Aspect, Versioned};
use super::sample_texts::{FIRST_NAMES, LAST_NAMES};
use super::{Row, View, common_fields};
use crate::json::Json;

const ROLES: &[&str] = &[
    "FINANCIALADVISER",
    "STANDARD",
    "READONLY",
    "INVOICEONLY",
    "MANAGEDCLIENT",
    "ADMIN",
    "REMOVED",
];

/// Writes the user of a receipt or an expense claim.
pub(super) fn write_nested(user: &Row, out: &mut Json) {
    out.key("User").open_object();
    person(user, out);
    out.close_object();
}

/// The name by which histories show a user. It stays when the user takes another.
pub(super) fn full_name(row: &Row) -> String {
    let [first, last] = names(row);
    format!("{first} {last}")
}

fn names(row: &Row) -> [&'static str; 2] {
    let mut rng = draw::rng_of(row, Aspect::Head);
    [FIRST_NAMES, LAST_NAMES].map(|names| draw::one_of(&mut rng, names))
}

pub(super) fn render(row: &Row, _: View<'_>, out: &mut Json) {
    person(row, out);
    // Seen in answers of real organisations; Xero's documents do not name it.
    out.key("GlobalUserID").guid(draw::child_id(row.id, 0));
}

fn person(row: &Row, out: &mut Json) {
    let [first_name, last_name] = names(row);
    out.key("UserID").guid(row.id);
    out.key("EmailAddress")
        .display(format_args!("user{}@xero-sim.example", row.number));
    out.key("FirstName").string(first_name);
    out.key("LastName")
        .display(Versioned(last_name, row.version));
    common_fields::updated(row, out);
    out.key("IsSubscriber").bool(row.number == 1);
    let role = ROLES[(row.number as usize).saturating_sub(1) % ROLES.len()];
    out.key("OrganisationRole").string(role);
}
