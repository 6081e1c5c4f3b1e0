//! Makes the rows of a table: ids, stamps, statuses.

use fastrand::Rng;

use super::{Millis, Row, chart, settings};
use crate::entity::Entity;
use crate::guid::Guid;

const DAY: Millis = 86_400_000;
/// How far back a table's stamps go.
const HISTORY: Millis = 730 * DAY;
/// The longest time between making a document and its last edit.
const LONGEST_LAG: Millis = 3 * DAY;

/// Makes `count` rows of a table, their stamps spread over the two years before `now`.
/// They ascend with the number on the whole; neighbours change places, because documents
/// are edited. Only journals skip numbers and are never edited.
pub fn generate(
    entity: Entity,
    first_number: u64,
    count: usize,
    seed: u64,
    now: Millis,
) -> Vec<Row> {
    let mut rng = Rng::with_seed(seed ^ entity as u64);
    let span = HISTORY - LONGEST_LAG;
    let posted = entity == Entity::Journals;
    let mut number = first_number;
    let rows = (0..count as Millis).map(|position| {
        let slot = |at: Millis| now - HISTORY + span * at / count as Millis;
        let created = rng.i64(slot(position)..=slot(position + 1));
        let lag = if posted { 0 } else { rng.i64(0..LONGEST_LAG) };
        let row = Row {
            id: Guid::random(&mut rng).0,
            number,
            seed: rng.u64(..),
            created,
            updated: created + lag,
            version: 1,
            silent_edits: 0,
            lines_removed: 0,
            attached: None,
            status: status(entity, number, &mut rng),
        };
        number += 1 + u64::from(posted && rng.u8(..) < 8);
        row
    });
    rows.collect()
}

/// How many rows a small table has in a normal organisation; `None` for the big tables,
/// which have as many as its business brings.
pub fn fixed_count(entity: Entity) -> Option<usize> {
    match entity {
        Entity::Accounts => Some(chart::CHART.len()),
        Entity::BrandingThemes => Some(3),
        Entity::Currencies => Some(6),
        Entity::InvoiceReminders | Entity::Organisations => Some(1),
        Entity::OrganisationActions => Some(settings::ACTIONS.len()),
        Entity::PaymentServices => Some(2),
        Entity::TaxRates => Some(super::tax_rates::TAX_RATES.len()),
        Entity::TrackingCategories => Some(3),
        Entity::Users => Some(5),
        _ => None,
    }
}

/// The status that most rows of a table have.
pub(super) fn usual_status(entity: Entity) -> &'static str {
    statuses(entity).first().map_or("", |(status, _)| status)
}

/// A row's status. The small tables have theirs by number, so that they always look right.
fn status(entity: Entity, number: u64, rng: &mut Rng) -> &'static str {
    match (entity, number) {
        (Entity::Accounts, 68..=70) | (Entity::TrackingCategories, 3..) => return "ARCHIVED",
        (Entity::TaxRates, 12) => return "DELETED",
        (Entity::OrganisationActions, 9..) => return "NOT-ALLOWED",
        _ => {}
    }
    let statuses = statuses(entity);
    let all: u32 = statuses.iter().map(|(_, weight)| weight).sum();
    let mut draw = rng.u32(..all.max(1));
    for &(status, weight) in statuses {
        if draw < weight {
            return status;
        }
        draw -= weight;
    }
    ""
}

/// The statuses of a table and how frequent each is, the most usual first. `ONHOLD` is in
/// no list of Xero's: new values come without notice, and readers have to live with them.
fn statuses(entity: Entity) -> &'static [(&'static str, u32)] {
    match entity {
        Entity::Accounts
        | Entity::ContactGroups
        | Entity::Organisations
        | Entity::TaxRates
        | Entity::TrackingCategories => &[("ACTIVE", 1)],
        Entity::BankTransactions => &[("AUTHORISED", 93), ("DELETED", 6), ("VOIDED", 1)],
        Entity::BankTransfers | Entity::BatchPayments | Entity::Payments => {
            &[("AUTHORISED", 95), ("DELETED", 5)]
        }
        Entity::Budgets => &[("APPROVED", 1)],
        Entity::Contacts => &[("ACTIVE", 920), ("ARCHIVED", 78), ("GDPRREQUEST", 2)],
        Entity::CreditNotes => &[
            ("PAID", 50),
            ("AUTHORISED", 30),
            ("DRAFT", 8),
            ("SUBMITTED", 2),
            ("VOIDED", 6),
            ("DELETED", 4),
        ],
        Entity::ExpenseClaims => &[
            ("PAID", 60),
            ("AUTHORISED", 20),
            ("SUBMITTED", 10),
            ("VOIDED", 5),
            ("DELETED", 5),
        ],
        Entity::Invoices => &[
            ("PAID", 600),
            ("AUTHORISED", 218),
            ("DRAFT", 70),
            ("SUBMITTED", 20),
            ("VOIDED", 50),
            ("DELETED", 40),
            ("ONHOLD", 2),
        ],
        Entity::LinkedTransactions => &[
            ("BILLED", 50),
            ("APPROVED", 25),
            ("ONDRAFT", 10),
            ("DRAFT", 10),
            ("VOIDED", 5),
        ],
        Entity::ManualJournals => &[
            ("POSTED", 80),
            ("DRAFT", 10),
            ("VOIDED", 5),
            ("DELETED", 3),
            ("ARCHIVED", 2),
        ],
        Entity::OrganisationActions => &[("ALLOWED", 1)],
        Entity::Overpayments | Entity::Prepayments => {
            &[("PAID", 45), ("AUTHORISED", 45), ("VOIDED", 10)]
        }
        Entity::PurchaseOrders => &[
            ("BILLED", 40),
            ("AUTHORISED", 30),
            ("SUBMITTED", 10),
            ("DRAFT", 10),
            ("DELETED", 10),
        ],
        Entity::Quotes => &[
            ("SENT", 30),
            ("ACCEPTED", 20),
            ("INVOICED", 20),
            ("DRAFT", 15),
            ("DECLINED", 10),
            ("DELETED", 5),
        ],
        Entity::Receipts => &[
            ("AUTHORISED", 70),
            ("SUBMITTED", 10),
            ("DRAFT", 10),
            ("DECLINED", 5),
            ("VOIDED", 5),
        ],
        Entity::RepeatingInvoices => &[("AUTHORISED", 80), ("DRAFT", 15), ("DELETED", 5)],
        Entity::BrandingThemes
        | Entity::Currencies
        | Entity::InvoiceReminders
        | Entity::Items
        | Entity::Journals
        | Entity::PaymentServices
        | Entity::Users => &[],
    }
}
