//! The statuses of rows and how frequent each is.

use fastrand::Rng;

use crate::entity::Entity;

/// The status that most rows of a table have.
pub(super) fn usual_status(entity: Entity) -> &'static str {
    statuses(entity).first().map_or("", |(status, _)| status)
}

/// A row's status. The small tables have theirs by number, so that they always look right.
pub(super) fn status(entity: Entity, number: u64, rng: &mut Rng) -> &'static str {
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

/// The status of a row after a user deletes it: drafts are deleted, approved documents are voided,
/// contacts are archived. `None` if the row vanishes from its list, such as an item.
pub(crate) fn status_after_deletion(entity: Entity, status: &str) -> Option<&'static str> {
    let is_draft = matches!(status, "DRAFT" | "SUBMITTED");
    let order = match is_draft {
        true => ["DELETED", "VOIDED", "ARCHIVED"],
        false => ["VOIDED", "DELETED", "ARCHIVED"],
    };
    // A linked transaction that is deleted vanishes, whatever its status.
    let statuses = match entity {
        Entity::LinkedTransactions => &[],
        _ => statuses(entity),
    };
    let has = |wanted: &&str| statuses.iter().any(|(status, _)| status == wanted);
    order.into_iter().find(has)
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
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deletion_is_a_status_where_xero_keeps_the_row() {
        for (entity, status, expected) in [
            (Entity::Invoices, "DRAFT", Some("DELETED")),
            (Entity::Invoices, "AUTHORISED", Some("VOIDED")),
            (Entity::Overpayments, "AUTHORISED", Some("VOIDED")),
            (Entity::Payments, "AUTHORISED", Some("DELETED")),
            (Entity::Contacts, "ACTIVE", Some("ARCHIVED")),
            (Entity::Items, "", None),
            (Entity::LinkedTransactions, "APPROVED", None),
        ] {
            let found = status_after_deletion(entity, status);
            assert_eq!(found, expected, "{entity:?} {status}");
        }
    }
}
