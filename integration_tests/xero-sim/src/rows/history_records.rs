//! The history of a document: who made it, approved it, sent it, paid it, edited it and noted
//! something on it. It follows from the document's versions, so that it only ever grows.

use fastrand::Rng;

use super::document_kind::Side;
use super::draw::{self, Aspect};
use super::{Books, Row, attachments, users};
use crate::clock::Millis;
use crate::entity::Entity;
use crate::json::Json;

/// Who Xero names where no user did it.
const SYSTEM: &str = "System Generated";

/// The change that makes an invoice count.
const APPROVED: &str = "Approved";

const SENT: &str = "Sent";
const EMAILED: &str = "This invoice has been sent by email";

const NOTES: &[&str] = &[
    "Called the customer \u{1f4de}",
    "Promised to pay on Friday\r\n(left a \"message\")",
    "Kua tukuna anō / sent again",
    "Checked against the contract",
];

/// What happened to a document at one moment.
struct Entry {
    changes: &'static str,
    at: Millis,
    user: String,
    details: Option<String>,
}

/// What the status of a document says about its past, after it was made.
fn steps(entity: Entity, status: &str) -> &'static [&'static str] {
    use Entity::*;
    match (entity, status) {
        // These count from the moment at which they are made.
        (BankTransactions | BankTransfers | BatchPayments | Payments, "VOIDED") => &["Voided"],
        (Overpayments | Prepayments, "VOIDED") => &["Voided"],
        (Overpayments | Prepayments, "PAID") => &["Credit Applied"],
        (CreditNotes, "PAID") => &[APPROVED, "Credit Applied"],
        (BankTransactions | BankTransfers | BatchPayments | Payments, "AUTHORISED") => &[],
        (Overpayments | Prepayments, "AUTHORISED") => &[],
        (Quotes, "DECLINED") => &[SENT, "Declined"],
        (Contacts, "ARCHIVED") => &["Archived"],
        (_, "SUBMITTED") => &["Submitted"],
        (_, "AUTHORISED" | "POSTED") => &[APPROVED],
        (_, "PAID") => &[APPROVED, "Paid"],
        (_, "VOIDED") => &[APPROVED, "Voided"],
        (_, "DELETED") => &["Deleted"],
        (_, "DECLINED") => &["Submitted", "Declined"],
        (_, "SENT") => &[SENT],
        (_, "ACCEPTED") => &[SENT, "Accepted"],
        (_, "INVOICED") => &[SENT, "Accepted", "Invoiced"],
        (_, "BILLED") => &[APPROVED, "Billed"],
        (_, "ARCHIVED") => &[APPROVED, "Archived"],
        _ => &[],
    }
}

/// Whether an invoice to a customer is sent when it is approved, apart from edits that no stamp
/// shows. `None` for bills, and as long as it is not approved.
pub(super) fn is_sent(invoice: &Row) -> Option<bool> {
    let is_approved = steps(Entity::Invoices, invoice.status).contains(&APPROVED);
    let can_be = is_approved && Side::of(invoice) == Side::Sales;
    can_be.then(|| sends(Entity::Invoices, invoice, APPROVED))
}

/// Whether a document is sent when a change happens to it.
fn sends(entity: Entity, row: &Row, change: &str) -> bool {
    let is_chosen = Side::of(row) == Side::Sales && row.seed >> 41 & 1 == 1;
    (entity, change) == (Entity::Invoices, APPROVED) && is_chosen
}

/// Writes `HistoryRecords`, newest first, and returns their number.
pub(crate) fn write(entity: Entity, row: &Row, books: &dyn Books, out: &mut Json) -> usize {
    let entries = entries(entity, row, books);
    out.key("HistoryRecords").open_array();
    for entry in entries.iter().rev() {
        out.open_object();
        out.key("Changes").string(entry.changes);
        out.key("DateUTCString").date_string(entry.at);
        out.key("DateUTC").date(entry.at);
        out.key("User").string(&entry.user);
        if let Some(details) = &entry.details {
            out.key("Details").string(details);
        }
        out.close_object();
    }
    out.close_array();
    entries.len()
}

/// The entries of a document, oldest first.
fn entries(entity: Entity, row: &Row, books: &dyn Books) -> Vec<Entry> {
    let mut writer = Writer {
        rng: draw::rng_of(row, Aspect::History),
        books,
        entries: Vec::new(),
    };
    let mut versions = row.past.iter().map(|past| (past.updated, past.status));
    let last = (row.updated, row.status);
    let (updated, mut before) = versions.next().unwrap_or(last);
    writer.first_version(entity, row, updated, before);
    let later = versions.chain(row.past.first().map(|_| last));
    for (updated, status) in later {
        writer.edit(entity, row, updated, (before, status));
        before = status;
    }
    // Tests may have set the stamp back.
    let mut entries = writer.entries;
    entries
        .iter_mut()
        .for_each(|entry| entry.at = entry.at.min(row.updated));
    entries
}

struct Writer<'a> {
    rng: Rng,
    books: &'a dyn Books,
    entries: Vec<Entry>,
}

impl Writer<'_> {
    /// Adds what happened until a document had its first status, the last of it at `updated`.
    fn first_version(&mut self, entity: Entity, row: &Row, updated: Millis, status: &str) {
        let user = self.user();
        self.add("Created", row.created, user, None);
        let files = attachments::from_the_start(row);
        let attached = |name: &str| {
            let details =
                format!("Attached the file {name} through the Xero API using Xero API Partner");
            ("Attached a file", details)
        };
        let mut changes: Vec<_> = files.iter().map(|file| attached(file.name())).collect();
        for &step in steps(entity, status) {
            changes.push((step, String::new()));
            if sends(entity, row, step) {
                changes.push((SENT, EMAILED.to_owned()));
            }
        }
        if draw::one_in(&mut self.rng, 3) {
            // Not behind what the stamp is of.
            let at = changes.len().saturating_sub(1);
            changes.insert(at, ("Note", draw::one_of(&mut self.rng, NOTES).to_owned()));
        }
        let stamps = self.between(row.created, updated, changes.len());
        for ((change, details), at) in changes.into_iter().zip(stamps) {
            let user = match change {
                "Attached a file" => SYSTEM.to_owned(),
                _ => self.user(),
            };
            self.add(change, at, user, Some(details));
        }
    }

    /// Adds an edit, to which the user may have left a note.
    fn edit(&mut self, entity: Entity, row: &Row, at: Millis, (before, status): (&str, &str)) {
        let step = steps(entity, status).last().filter(|_| before != status);
        let user = self.user();
        if draw::one_in(&mut self.rng, 3) {
            let note = draw::one_of(&mut self.rng, NOTES).to_owned();
            self.add("Note", at, user.clone(), Some(note));
        }
        let changes = step.copied().unwrap_or("Edited");
        self.add(changes, at, user.clone(), Some(String::new()));
        if sends(entity, row, changes) {
            self.add(SENT, at, user, Some(EMAILED.to_owned()));
        }
    }

    fn add(&mut self, changes: &'static str, at: Millis, user: String, details: Option<String>) {
        self.entries.push(Entry {
            changes,
            at,
            user,
            details,
        });
    }

    /// A user of the organisation, or Xero itself.
    fn user(&mut self) -> String {
        if draw::one_in(&mut self.rng, 4) {
            return SYSTEM.to_owned();
        }
        users::full_name(&draw::any(self.books, Entity::Users, &mut self.rng))
    }

    /// That many moments, ascending, the last of them `last`.
    fn between(&mut self, first: Millis, last: Millis, count: usize) -> Vec<Millis> {
        let last = last.max(first);
        let earlier = (1..count).map(|_| self.rng.i64(first..=last));
        let mut moments: Vec<_> = earlier.chain([last]).take(count).collect();
        moments.sort_unstable();
        moments
    }
}

#[cfg(test)]
mod tests;
