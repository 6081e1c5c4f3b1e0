//! A contact as other documents show it: its name and the person to talk to.

use std::fmt;

use fastrand::Rng;

use super::sample_texts::{FIRST_NAMES, LAST_NAMES, STEMS, SUFFIXES};
use super::{Row, common_fields};
use crate::json::Json;

/// A contact's name, distinct for each number, as Xero demands.
pub(super) struct ContactName<'a>(pub(super) &'a Row);

impl fmt::Display for ContactName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.0.number as usize;
        let (stem, rest) = (number % STEMS.len(), number / STEMS.len());
        let (suffix, round) = (rest % SUFFIXES.len(), rest / SUFFIXES.len());
        write!(f, "{} {}", STEMS[stem], SUFFIXES[suffix])?;
        match round {
            0 => Ok(()),
            round => write!(f, " {round}"),
        }
    }
}

/// The person to talk to, and how.
pub(super) struct Person {
    pub(super) first: &'static str,
    pub(super) last: &'static str,
}

impl Person {
    pub(super) fn any(rng: &mut Rng) -> Self {
        Self {
            first: FIRST_NAMES[rng.usize(..FIRST_NAMES.len())],
            last: LAST_NAMES[rng.usize(..LAST_NAMES.len())],
        }
    }

    /// Writes the name and an address under a domain of the contact's own.
    pub(super) fn write(&self, mailbox: &str, contact: &Row, out: &mut Json) {
        out.key("FirstName").string(self.first);
        out.key("LastName").string(self.last);
        out.key("EmailAddress")
            .display(format_args!("{mailbox}@contact{}.example", contact.number));
    }
}

/// Writes a contact trimmed to its name: the empty arrays are not filled here, not empty.
pub(super) fn write(contact: &Row, out: &mut Json) {
    out.key("Contact");
    write_value(contact, out);
}

/// Writes a trimmed contact as an element of an array.
pub(super) fn write_value(contact: &Row, out: &mut Json) {
    out.open_object();
    out.key("ContactID").guid(contact.id);
    out.key("Name").display(ContactName(contact));
    common_fields::empty(
        &["Addresses", "Phones", "ContactGroups", "ContactPersons"],
        out,
    );
    out.key("HasValidationErrors").bool(false);
    out.close_object();
}
