//! Edits as users make them, drawn from a seed.

use fastrand::Rng;
use xero_sim::{Entity, TenantId, World};

/// Documents that can be edited and deleted.
const DOCUMENTS: &[Entity] = &[
    Entity::Invoices,
    Entity::CreditNotes,
    Entity::BankTransactions,
    Entity::BankTransfers,
    Entity::BatchPayments,
    Entity::ManualJournals,
    Entity::Prepayments,
    Entity::Overpayments,
    Entity::ExpenseClaims,
    Entity::LinkedTransactions,
    Entity::Items,
];
/// Documents that are voided while they stand.
const VOIDABLE: &[Entity] = &[
    Entity::Invoices,
    Entity::CreditNotes,
    Entity::ManualJournals,
    Entity::Prepayments,
    Entity::Overpayments,
    Entity::ExpenseClaims,
];
/// What users enter.
const CREATED: &[Entity] = &[
    Entity::Contacts,
    Entity::Invoices,
    Entity::CreditNotes,
    Entity::Payments,
    Entity::BankTransactions,
    Entity::BankTransfers,
    Entity::BatchPayments,
    Entity::ManualJournals,
    Entity::Prepayments,
    Entity::Overpayments,
    Entity::ExpenseClaims,
    Entity::Receipts,
    Entity::LinkedTransactions,
    Entity::RepeatingInvoices,
];

/// One edit.
pub fn step(world: &mut World, tenant: &TenantId, rng: &mut Rng) {
    let one_of = |entities: &[Entity], rng: &mut Rng| entities[rng.usize(..entities.len())];
    match rng.u8(..6) {
        0 => {
            let entity = one_of(DOCUMENTS, rng);
            let any = number(world, tenant, entity, &[], rng);
            any.inspect(|number| world.touch(tenant, entity, *number));
        }
        1 => {
            let entity = one_of(VOIDABLE, rng);
            let standing = ["AUTHORISED", "PAID", "POSTED"];
            let number = number(world, tenant, entity, &standing, rng);
            number.inspect(|number| world.set_status(tenant, entity, *number, "VOIDED"));
        }
        2 => {
            let entity = Entity::Payments;
            let number = number(world, tenant, entity, &["AUTHORISED"], rng);
            number.inspect(|number| world.delete(tenant, entity, *number));
        }
        3 => world.create(tenant, one_of(CREATED, rng), rng.usize(1..4)),
        4 => {
            let entity = Entity::Invoices;
            let number = number(world, tenant, entity, &["DRAFT"], rng);
            number.inspect(|number| world.remove_line(tenant, entity, *number));
        }
        _ => {
            let entity = one_of(DOCUMENTS, rng);
            let number = number(world, tenant, entity, &[], rng);
            number.inspect(|number| world.delete(tenant, entity, *number));
        }
    }
}

/// Any row with one of the statuses. No statuses mean any.
fn number(
    world: &World,
    tenant: &TenantId,
    entity: Entity,
    statuses: &[&str],
    rng: &mut Rng,
) -> Option<u64> {
    let rows = world.rows(tenant, entity).iter();
    let fit = rows.filter(|row| statuses.is_empty() || statuses.contains(&row.status));
    let numbers: Vec<u64> = fit.map(|row| row.number).collect();
    rng.choice(numbers)
}
