//! Lists of many organisations in one sync.

use xero_sim::{Entity, Failure};

use crate::support::organisations::{Organisations, records};

const TABLES: [Entity; 2] = [Entity::Invoices, Entity::Contacts];

/// Twelve organisations with different numbers of rows. The first has more than one page.
fn twelve() -> Organisations {
    Organisations::new(12, |world, tenant, number| {
        let invoices = if number == 1 { 1_500 } else { 10 * number };
        world.fill(tenant, Entity::Invoices, invoices);
        world.fill(tenant, Entity::Contacts, number);
    })
}

#[test]
fn every_row_of_twelve_organisations_is_read_once_under_its_own_id() {
    let organisations = twelve();
    let run = organisations.read(&TABLES, None);
    assert_eq!(run.code, Some(0), "{:?}", run.errors());
    for table in TABLES {
        let rows = organisations.rows(table);
        assert_eq!(rows.len(), 12);
        assert!(records(&run, table) == rows, "{table:?}");
        assert_eq!(run.status(table.endpoint().name), "COMPLETE");
    }
    let edited = [0, 7, 11].map(|at| &organisations.tenants[at]);
    organisations.scene.sim.world(|world| {
        for tenant in edited {
            world.touch(tenant, Entity::Invoices, 5);
        }
    });
    let next = organisations.read(&TABLES, Some(&run.last_states()));
    let changed = records(&next, Entity::Invoices);
    let counts = edited.map(|tenant| changed[tenant.as_str()].len());
    assert_eq!((changed.len(), counts), (3, [1, 1, 1]));
    assert!(records(&next, Entity::Contacts).is_empty());
}

#[test]
fn an_organisation_that_fails_in_the_middle_leaves_the_others_complete() {
    for (failure, kind) in [
        (Failure::Disconnected, "config_error"),
        (Failure::Forbidden, "config_error"),
        (Failure::Offline, "transient_error"),
    ] {
        let organisations = twelve();
        let failed = organisations.tenants[0].clone();
        organisations
            .scene
            .sim
            .world(|world| world.fail_after(&failed, 1, failure));
        let run = organisations.read(&TABLES[..1], None);
        assert_eq!(run.code, Some(1), "{failure:?}");
        assert_eq!(run.status("invoices"), "INCOMPLETE", "{failure:?}");
        let errors = run.errors();
        assert_eq!(errors.len(), 1, "{failure:?}: {errors:?}");
        assert_eq!((errors[0].0, errors[0].1), (kind, "invoices"), "{errors:?}");
        assert!(errors[0].2.contains("Demo Company (NZ)"), "{errors:?}");

        let (mut rows, mut read) = (
            organisations.rows(Entity::Invoices),
            records(&run, Entity::Invoices),
        );
        let all = rows.remove(failed.as_str()).unwrap_or_default();
        let part = read.remove(failed.as_str()).unwrap_or_default();
        assert!(read == rows, "{failure:?}");
        assert!(part.len() < all.len(), "{failure:?}");

        organisations.scene.sim.world(|world| {
            world.connect(&organisations.scene.app, &failed);
            world.forbid(&failed, false);
            world.take_offline(&failed, false);
        });
        let next = organisations.read(&TABLES[..1], Some(&run.last_states()));
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
