use super::*;
use crate::rows::{Past, generate};
use crate::tenant::TenantId;
use crate::world::World;

const NOW: Millis = 1_790_000_000_000;

/// An organisation with users only.
struct Office(World, TenantId);

impl Office {
    fn new() -> Self {
        let mut world = World::new(7);
        let tenant = world.add_tenant("Office", "NZD");
        Self(world, tenant)
    }

    fn books(&self) -> &dyn Books {
        self.0.known(&self.1).as_ref()
    }
}

/// Changes, moment, user and details of each entry, oldest first.
fn shown(entity: Entity, row: &Row) -> Vec<(&'static str, Millis, String, Option<String>)> {
    let entries = entries(entity, row, Office::new().books()).into_iter();
    let parts = |it: Entry| (it.changes, it.at, it.user, it.details);
    entries.map(parts).collect()
}

/// The changes that follow from statuses and edits.
fn changes(entity: Entity, row: &Row) -> Vec<&'static str> {
    let entries = shown(entity, row).into_iter().map(|(changes, ..)| changes);
    let by_chance = |it: &str| match it {
        "Note" | "Attached a file" => true,
        "Sent" => entity == Entity::Invoices,
        _ => false,
    };
    entries.filter(|it| !by_chance(it)).collect()
}

#[test]
fn the_status_says_what_happened() {
    for (entity, status, expected) in [
        (Entity::Invoices, "DRAFT", &["Created"][..]),
        (Entity::Invoices, "SUBMITTED", &["Created", "Submitted"]),
        (Entity::Invoices, "AUTHORISED", &["Created", "Approved"]),
        (Entity::Invoices, "PAID", &["Created", "Approved", "Paid"]),
        (
            Entity::Invoices,
            "VOIDED",
            &["Created", "Approved", "Voided"],
        ),
        (Entity::Invoices, "DELETED", &["Created", "Deleted"]),
        (Entity::Invoices, "ONHOLD", &["Created"]),
        (
            Entity::CreditNotes,
            "PAID",
            &["Created", "Approved", "Credit Applied"],
        ),
        (Entity::Prepayments, "PAID", &["Created", "Credit Applied"]),
        (Entity::Payments, "AUTHORISED", &["Created"]),
        (Entity::Payments, "DELETED", &["Created", "Deleted"]),
        (Entity::Quotes, "DECLINED", &["Created", "Sent", "Declined"]),
        (
            Entity::Receipts,
            "DECLINED",
            &["Created", "Submitted", "Declined"],
        ),
        (
            Entity::PurchaseOrders,
            "BILLED",
            &["Created", "Approved", "Billed"],
        ),
        (Entity::ManualJournals, "POSTED", &["Created", "Approved"]),
        (Entity::Contacts, "ARCHIVED", &["Created", "Archived"]),
        (Entity::Items, "", &["Created"]),
    ] {
        for mut row in generate(entity, 1, 20, 7, NOW) {
            row.status = status;
            assert_eq!(changes(entity, &row), expected, "{entity:?} {status}");
        }
    }
}

#[test]
fn entries_ascend_from_the_creation_to_the_last_stamp() {
    for entity in [
        Entity::Invoices,
        Entity::Contacts,
        Entity::Items,
        Entity::Payments,
    ] {
        for row in generate(entity, 1, 500, 7, NOW) {
            let entries = shown(entity, &row);
            assert_eq!(entries[0].0, "Created");
            assert_eq!(entries[0].1, row.created);
            assert!(entries.is_sorted_by_key(|(_, at, ..)| *at));
            let last = entries.last().map(|(_, at, ..)| *at);
            let moved = !steps(entity, row.status).is_empty();
            assert!(last <= Some(row.updated));
            assert!(!moved || last == Some(row.updated), "{entity:?} {row:?}");
        }
    }
}

#[test]
fn an_edit_adds_to_the_history_and_changes_nothing_in_it() {
    for mut row in generate(Entity::Invoices, 1, 300, 7, NOW) {
        row.status = "AUTHORISED";
        let before = shown(Entity::Invoices, &row);
        row.edit(|row| {
            row.version += 1;
            row.updated = NOW;
        });
        let edited = shown(Entity::Invoices, &row);
        assert_eq!(edited[..before.len()], before);
        let added: Vec<_> = edited[before.len()..].iter().map(|it| it.0).collect();
        assert!(
            [&["Edited"][..], &["Note", "Edited"]].contains(&&added[..]),
            "{added:?}"
        );
        row.edit(|row| {
            row.version += 1;
            (row.updated, row.status) = (NOW + 1_000, "DELETED");
        });
        let deleted = shown(Entity::Invoices, &row);
        assert_eq!(deleted[..edited.len()], edited);
        let last = deleted.last().map(|(changes, at, ..)| (*changes, *at));
        assert_eq!(last, Some(("Deleted", NOW + 1_000)));
        let past = [(before.len(), "AUTHORISED"), (edited.len(), "AUTHORISED")];
        let stamps = [row.past[0].updated, NOW];
        for ((_, status), (at, updated)) in past.into_iter().zip(stamps.into_iter().enumerate()) {
            assert_eq!(row.past[at], Past { updated, status });
        }
    }
}

#[test]
fn an_edit_without_a_stamp_leaves_the_history_alone() {
    let mut row = generate(Entity::Contacts, 1, 1, 7, NOW).remove(0);
    let before = shown(Entity::Contacts, &row);
    row.edit(|row| row.silent_edits += 1);
    row.edit(|row| row.attached = Some(attachments::usual(2)));
    assert_eq!(shown(Entity::Contacts, &row), before);
}

#[test]
fn a_history_has_notes_files_and_people() {
    let rows = generate(Entity::Invoices, 1, 300, 7, NOW);
    let entries: Vec<_> = rows
        .iter()
        .flat_map(|row| shown(Entity::Invoices, row))
        .collect();
    let count = |name| entries.iter().filter(|it| it.0 == name).count();
    for (name, least, most) in [
        ("Note", 60, 140),
        ("Attached a file", 30, 90),
        ("Sent", 50, 120),
    ] {
        assert!(
            (least..most).contains(&count(name)),
            "{} of {name}",
            count(name)
        );
    }
    let office = Office::new();
    let users: Vec<_> = office
        .books()
        .rows(Entity::Users)
        .iter()
        .map(users::full_name)
        .collect();
    assert!(
        entries
            .iter()
            .all(|it| it.2 == SYSTEM || users.contains(&it.2))
    );
    let noted = entries.iter().filter(|it| it.0 == "Note");
    assert!(
        noted
            .into_iter()
            .all(|it| it.3.as_ref().is_some_and(|text| !text.is_empty()))
    );
    let made = entries.iter().filter(|it| it.0 == "Created");
    assert!(made.into_iter().all(|it| it.3.is_none()));
}
