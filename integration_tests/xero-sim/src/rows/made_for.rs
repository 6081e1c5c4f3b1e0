//! Rows that come with other rows: the bank's side of transfers, prepayments and overpayments, the
//! payments of a batch, and the receipts of an expense claim.

use fastrand::Rng;

use super::Row;
use super::document_kind::Side;
use super::draw::{self, Aspect};
use crate::entity::Entity;
use crate::guid::Guid;

/// The rows that come with a row, without numbers, and the table they belong to.
pub(crate) fn made_for(entity: Entity, row: &Row) -> Option<(Entity, Vec<Row>)> {
    let mut rng = draw::rng_of(row, Aspect::Origin);
    let any_side = [None; 3];
    let (table, sides) = match entity {
        Entity::BankTransfers => {
            let sides = [Some(Side::Purchases), Some(Side::Sales)];
            (Entity::BankTransactions, sides.to_vec())
        }
        Entity::Prepayments | Entity::Overpayments => {
            (Entity::BankTransactions, vec![Some(Side::of(row))])
        }
        Entity::BatchPayments => (Entity::Payments, any_side[..rng.usize(2..=3)].to_vec()),
        Entity::ExpenseClaims => (Entity::Receipts, any_side[..rng.usize(1..=3)].to_vec()),
        _ => return None,
    };
    let status = status(entity, row.status);
    let rows = sides.into_iter().map(|side| Row {
        id: Guid::random(&mut rng).0,
        number: 0,
        seed: seed(side, &mut rng),
        created: row.created,
        updated: row.updated,
        status,
        attached: None,
        version: 1,
        silent_edits: 0,
        lines_removed: 0,
        past: Vec::new(),
        of: Some((entity, row.number)),
    });
    Some((table, rows.collect()))
}

/// A seed of a row on a side.
fn seed(side: Option<Side>, rng: &mut Rng) -> u64 {
    loop {
        let seed = rng.u64(..);
        if side.is_none_or(|side| side == Side::of_seed(seed)) {
            return seed;
        }
    }
}

/// The status of a row that comes with one of a status.
pub(crate) fn status(entity: Entity, status: &str) -> &'static str {
    match (entity, status) {
        (Entity::ExpenseClaims, "AUTHORISED" | "PAID") => "AUTHORISED",
        (Entity::ExpenseClaims, "SUBMITTED") => "SUBMITTED",
        (Entity::ExpenseClaims, _) => "VOIDED",
        (_, "AUTHORISED" | "PAID") => "AUTHORISED",
        _ => "DELETED",
    }
}
