//! Contact groups: a third of the contacts is in one.

use super::draw::{self, Versioned};
use super::{Books, Row, View, contact_stub};
use crate::entity::Entity;
use crate::json::Json;

const NAMES: &[&str] = &[
    "Suppliers",
    "Oasis",
    "Support Clients (monthly)",
    "Kaitautoko",
    "7/24",
];
/// The most contacts that a group shows.
const MOST_CONTACTS: usize = 50;

/// The group that a contact is in, if any. The contacts of group g are those at g, g + 3n,
/// g + 6n ... where n is the number of groups.
pub(super) fn of(contact: &Row, books: &dyn Books) -> Option<Row> {
    let groups = books.named(Entity::ContactGroups) as usize;
    let position = draw::position(contact);
    let turn = 3 * groups.max(1);
    if position / turn >= MOST_CONTACTS || position % turn >= groups {
        return None;
    }
    draw::at(books, Entity::ContactGroups, position % turn)
}

/// Writes a group without its contacts, as lists and contacts show it.
pub(super) fn write_head(group: &Row, out: &mut Json) {
    write_name(group, out);
    out.key("Contacts").empty_array();
    out.key("HasValidationErrors").bool(false);
}

fn write_name(group: &Row, out: &mut Json) {
    let name = NAMES[group.number as usize % NAMES.len()];
    let name = format_args!("{name} {}", group.number);
    out.key("ContactGroupID").guid(group.id);
    out.key("Name").display(Versioned(name, group.version));
    out.key("Status").string(group.status);
}

pub(super) fn render(row: &Row, view: View<'_>, out: &mut Json) {
    if !view.is_single() {
        write_head(row, out);
        return;
    }
    let contacts = view.books.rows(Entity::Contacts);
    let members = contacts
        .iter()
        .filter(|contact| of(contact, view.books).is_some_and(|group| group.id == row.id));
    write_name(row, out);
    out.key("Contacts").open_array();
    for contact in members {
        contact_stub::write_value(contact, out);
    }
    out.close_array();
    out.key("HasValidationErrors").bool(false);
}
