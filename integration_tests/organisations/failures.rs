//! Organisations that fail during a sync.

use std::time::Duration;

use xero_sim::{Entity, Failure};

use crate::support::organisations::{Organisations, records};

/// Twelve organisations with different numbers of rows. The first has more than one page.
fn twelve() -> Organisations {
    Organisations::new(12, |world, tenant, number| {
        let invoices = if number == 1 { 1_500 } else { 10 * number };
        world.fill(tenant, Entity::Invoices, invoices);
    })
}

#[test]
fn an_organisation_that_fails_in_the_middle_leaves_the_others_complete() {
    for (failure, kind) in [
        (Failure::Disconnected, "config_error"),
        (Failure::Forbidden, "config_error"),
        (Failure::Offline, "transient_error"),
        (Failure::DaySpent, "transient_error"),
    ] {
        let organisations = twelve();
        let failed = organisations.tenants[0].clone();
        organisations
            .scene
            .sim
            .world(|world| world.fail_after(&failed, 2, failure)); // the probe and one page
        let run = organisations.read(&[Entity::Invoices], None);
        assert_eq!(run.code, Some(1), "{failure:?}");
        assert_eq!(run.status("invoices"), "INCOMPLETE", "{failure:?}");
        let errors = run.errors();
        assert_eq!(errors.len(), 1, "{failure:?}: {errors:?}");
        assert_eq!((errors[0].0, errors[0].1), (kind, "invoices"), "{errors:?}");
        assert!(errors[0].2.contains("Demo Company (NZ)"), "{errors:?}");
        let said = run.logs("INFO");
        let says = |words| said.iter().any(|line| line.contains(words));
        assert!(says("Demo Company (NZ) failed in 1 of its streams"));
        assert!(says("Shop 002 is read") && !says("Demo Company (NZ) is read"));

        let (mut rows, mut read) = (
            organisations.rows(Entity::Invoices),
            records(&run, Entity::Invoices),
        );
        let all = rows.remove(failed.as_str()).unwrap_or_default();
        let part = read.remove(failed.as_str()).unwrap_or_default();
        assert!(read == rows, "{failure:?}");
        assert_eq!(part.len(), 1_000, "{failure:?}: {:?}", run.logs("WARN"));

        organisations.scene.sim.world(|world| {
            world.connect(&organisations.scene.app, &failed);
            world.forbid(&failed, false);
            world.take_offline(&failed, false);
            if failure == Failure::DaySpent {
                world.advance(Duration::from_secs(86_400));
            }
        });
        let next = organisations.read(&[Entity::Invoices], Some(&run.last_states()));
        assert_eq!(next.code, Some(0), "{failure:?}: {:?}", next.errors());
        let mut rest = records(&next, Entity::Invoices);
        let mut together = rest.remove(failed.as_str()).unwrap_or_default();
        assert!(rest.is_empty(), "{failure:?}: nothing has changed there");
        together.extend(part);
        together.sort_unstable();
        together.dedup();
        assert!(together == all, "{failure:?}");
    }
}

#[test]
fn an_organisation_that_is_offline_is_waited_for_once() {
    let tables = [
        Entity::Invoices,
        Entity::Contacts,
        Entity::Payments,
        Entity::Items,
        Entity::CreditNotes,
        Entity::Quotes,
        Entity::PurchaseOrders,
        Entity::Prepayments,
        Entity::Overpayments,
        Entity::BankTransactions,
        Entity::Accounts,
        Entity::BankTransfers,
    ];
    let organisations = Organisations::new(2, |world, tenant, _| {
        world.unlimited();
        world.fill(tenant, Entity::Invoices, 3);
    });
    let failed = organisations.tenants[1].clone();
    organisations
        .scene
        .sim
        .world(|world| world.fail_after(&failed, 1, Failure::Offline)); // the probe
    let run = organisations.read(&tables, None);
    for table in tables {
        assert_eq!(run.status(table.endpoint().name), "INCOMPLETE");
    }
    let requests = organisations.scene.sim.requests().into_iter();
    let calls = requests.filter(|it| it.tenant.as_deref() == Some(failed.as_str()));
    // Three attempts, five minutes apart, for each of the first five lists. One for each of the others.
    let calls = calls.count();
    assert!(calls <= 1 + 5 * 3 + 7, "{calls} calls");
}

#[test]
fn no_organisation_waits_for_another_one_that_is_offline_from_the_start() {
    let organisations = twelve();
    let failed = organisations.tenants[1].clone();
    let sim = &organisations.scene.sim;
    sim.world(|world| world.take_offline(&failed, true));
    let run = organisations.read(&[Entity::Invoices], None);
    let errors = run.errors();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].2.contains("offline"), "{errors:?}");
    let (mut rows, read) = (
        organisations.rows(Entity::Invoices),
        records(&run, Entity::Invoices),
    );
    rows.remove(failed.as_str());
    assert!(read == rows);
    // Each further attempt would come five minutes later.
    let requests = sim.requests().into_iter();
    let calls = requests.filter(|it| it.tenant.as_deref() == Some(failed.as_str()));
    assert_eq!(calls.count(), 1);
}
