//! Lists over small tables made by hand.

use super::*;
use crate::clock::Clock;
use crate::clock::Millis;
use crate::guid::Guid;
use crate::tenant::TenantId;

/// A whole second, so that a row's number can be its offset in milliseconds.
const EPOCH: Millis = 1_700_000_000_000;

/// No rows.
const NONE: [u64; 0] = [];

/// An organisation with `count` rows in one table, stamped a millisecond apart.
fn tenant(entity: Entity, count: u64) -> Tenant {
    let stamp = |number| EPOCH + Millis::try_from(number).expect("a small number");
    let rows = (1..=count).map(|number| Row {
        id: u128::from(number),
        number,
        seed: number,
        created: stamp(number),
        updated: stamp(number),
        version: 1,
        silent_edits: 0,
        lines_removed: 0,
        of: None,
        attached: None,
        status: "ACTIVE",
        past: Vec::new(),
    });
    let mut tenant = Tenant::new(TenantId::new(Guid(1)), 1, "Demo", "NZD", Clock::default());
    tenant.table_mut(entity).append(rows.collect());
    tenant.settle();
    tenant
}

/// The numbers of the rows that a query answers, with their detail and pagination.
fn ask(
    entity: Entity,
    tenant: &Tenant,
    query: &str,
    since: Option<&str>,
) -> (Vec<u64>, Detail, Option<Pagination>) {
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    let query = Query::read(entity.endpoint(), &pairs, since).expect("a readable query");
    let listing = list(entity.endpoint(), tenant, &query).expect("a small table");
    let numbers = listing.rows.iter().map(|row| row.number).collect();
    (numbers, listing.options.detail, listing.pagination)
}

fn numbers(entity: Entity, tenant: &Tenant, query: &str) -> Vec<u64> {
    ask(entity, tenant, query, None).0
}

#[test]
fn pages_are_cut_from_the_listed_order() {
    let tenant = tenant(Entity::Invoices, 250);
    let second = ask(Entity::Invoices, &tenant, "page=2", None);
    let pagination = Pagination {
        page: 2,
        page_size: 100,
        page_count: 3,
        item_count: 250,
    };
    let expected = ((101..=200).collect(), Detail::Paged, Some(pagination));
    assert_eq!(second, expected);
    for (query, expected) in [
        ("page=3", 201..=250),
        ("page=1&pageSize=1000", 1..=250),
        ("page=3&pageSize=7", 15..=21),
        ("page=250&pageSize=0", 250..=250),
    ] {
        let expected: Vec<u64> = expected.collect();
        assert_eq!(
            numbers(Entity::Invoices, &tenant, query),
            expected,
            "{query}"
        );
    }
    let (rows, _, pagination) = ask(Entity::Invoices, &tenant, "page=4", None);
    assert_eq!(rows, NONE);
    assert_eq!(pagination.map(|it| it.item_count), Some(250));
}

#[test]
fn without_page_a_list_is_whole_and_short() {
    for (entity, query, rows, detail, has_pagination) in [
        (Entity::Invoices, "", 150, Detail::Summary, false),
        (
            Entity::Invoices,
            "summaryOnly=true",
            100,
            Detail::SummaryOnly,
            true,
        ),
        (Entity::PurchaseOrders, "", 100, Detail::Paged, true),
        (Entity::LinkedTransactions, "", 100, Detail::Paged, false),
        (
            Entity::Quotes,
            "page=2&pageSize=1000",
            50,
            Detail::Paged,
            false,
        ),
        (Entity::Accounts, "page=2", 150, Detail::Paged, false),
        (
            Entity::ManualJournals,
            "page=9&order=Date",
            150,
            Detail::Paged,
            false,
        ),
        (Entity::ManualJournals, "", 150, Detail::Summary, false),
    ] {
        let (numbers, shown, pagination) = ask(entity, &tenant(entity, 150), query, None);
        let found = (numbers.len(), shown, pagination.is_some());
        assert_eq!(found, (rows, detail, has_pagination), "{entity:?} {query}");
    }
}

#[test]
fn modified_since_is_inclusive_and_ignores_fractions() {
    let mut changed = tenant(Entity::Invoices, 3);
    let invoices = changed.table_mut(Entity::Invoices);
    invoices.restamp(|number| EPOCH + [-1, 0, 999][usize::try_from(number - 1).expect("1 to 3")]);
    for header in ["2023-11-14T22:13:20", "2023-11-14T22:13:20.999Z"] {
        let (rows, ..) = ask(Entity::Invoices, &changed, "page=1", Some(header));
        assert_eq!(rows, [2, 3], "{header}");
    }
    let later = Some("2023-11-14T22:13:21");
    assert_eq!(ask(Entity::Invoices, &changed, "page=1", later).0, NONE);
    let unread = Some("14/11/2023");
    assert_eq!(
        ask(Entity::Invoices, &changed, "page=1", unread).0,
        [1, 2, 3]
    );

    let currencies = tenant(Entity::Currencies, 2);
    let ignored = ask(Entity::Currencies, &currencies, "", later).0;
    assert_eq!(ignored, [1, 2], "an endpoint that does not know the header");
}

#[test]
fn creation_is_all_that_transfers_and_journals_can_compare() {
    for entity in [Entity::BankTransfers, Entity::Journals] {
        let mut edited = tenant(entity, 3);
        let later = Some("2023-11-14T22:13:21");
        edited
            .table_mut(entity)
            .edit(1, |row| row.updated += 10_000);
        assert_eq!(ask(entity, &edited, "", later).0, NONE, "{entity:?}");
        edited
            .table_mut(entity)
            .edit(2, |row| row.created += 10_000);
        assert_eq!(ask(entity, &edited, "", later).0, [2], "{entity:?}");
    }
}

#[test]
fn archived_contacts_are_hidden_unless_asked_for() {
    let mut contacts = tenant(Entity::Contacts, 3);
    let table = contacts.table_mut(Entity::Contacts);
    table.edit(2, |row| row.status = "ARCHIVED");
    for (query, expected) in [
        ("page=1", vec![1, 3]),
        ("page=1&includeArchived=false", vec![1, 3]),
        ("page=1&includeArchived=true", vec![1, 2, 3]),
    ] {
        assert_eq!(numbers(Entity::Contacts, &contacts, query), expected);
    }
}

#[test]
fn ids_statuses_and_descending_order() {
    let mut invoices = tenant(Entity::Invoices, 4);
    let table = invoices.table_mut(Entity::Invoices);
    table.edit(3, |row| row.status = "VOIDED");
    let second = Guid(2);
    for (query, expected) in [
        (format!("IDs={second}"), vec![2]),
        ("Statuses=DELETED,VOIDED".to_owned(), vec![3]),
        (r#"where=Status=="VOIDED""#.to_owned(), vec![3]),
        ("order=UpdatedDateUTC ASC".to_owned(), vec![1, 2, 3, 4]),
        (
            "order=UpdatedDateUTC DESC&page=1&pageSize=3".to_owned(),
            vec![4, 3, 2],
        ),
    ] {
        assert_eq!(
            numbers(Entity::Invoices, &invoices, &query),
            expected,
            "{query}"
        );
    }
}

#[test]
fn an_order_by_the_id_is_that_of_the_database_whatever_the_stamps() {
    let mut invoices = tenant(Entity::Invoices, 4);
    let table = invoices.table_mut(Entity::Invoices);
    // The last group of an id, its 48 lowest bits, decides first.
    table.edit(1, |row| row.id = 9);
    table.edit(2, |row| row.id = 9 << 48 | 1);
    table.edit(4, |row| row.updated += 60_000);
    for (query, expected) in [
        ("order=InvoiceID ASC&page=1", vec![2, 3, 4, 1]),
        ("order=InvoiceID DESC&page=1", vec![1, 4, 3, 2]),
        ("order=InvoiceID&page=2&pageSize=3", vec![1]),
    ] {
        assert_eq!(numbers(Entity::Invoices, &invoices, query), expected);
    }
}

#[test]
fn shuffled_ties_are_listed_once_each_and_edited_as_before() {
    let mut invoices = tenant(Entity::Invoices, 50);
    let table = invoices.table_mut(Entity::Invoices);
    table.restamp(|_| EPOCH);
    let before = numbers(Entity::Invoices, &invoices, "");
    let table = invoices.table_mut(Entity::Invoices);
    table.shuffle_ties(&mut fastrand::Rng::with_seed(1));
    table.edit(7, |row| row.updated = EPOCH + 1);
    let mut after = numbers(Entity::Invoices, &invoices, "");
    assert_eq!(after.last(), Some(&7));
    assert_ne!(after, before);
    after.sort_unstable();
    assert_eq!(after, (1..=50).collect::<Vec<u64>>());
}

#[test]
fn journals_go_by_number_and_only_an_empty_answer_is_the_end() {
    let journals = tenant(Entity::Journals, 500);
    let (mut offset, mut sizes, mut seen) = (0, Vec::new(), Vec::new());
    loop {
        let page = numbers(Entity::Journals, &journals, &format!("offset={offset}"));
        sizes.push(page.len());
        let Some(last) = page.last() else { break };
        offset = *last;
        seen.extend(page);
    }
    assert_eq!(seen, (1..=500).collect::<Vec<u64>>());
    assert_eq!(sizes, [100, 70, 70, 100, 100, 60, 0]);

    let cash = numbers(Entity::Journals, &journals, "paymentsOnly=true");
    assert!(cash.iter().all(|number| number % 3 == 0), "{cash:?}");
}

#[test]
fn more_than_a_hundred_thousand_rows_need_pages() {
    let invoices = tenant(Entity::Invoices, 100_001);
    let refused = |query: &str| {
        let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let endpoint = Entity::Invoices.endpoint();
        let query = Query::read(endpoint, &pairs, None).expect("a readable query");
        list(Entity::Invoices.endpoint(), &invoices, &query).is_err()
    };
    assert!(refused(""));
    assert!(!refused("page=1"));
    assert!(refused(r#"page=1&where=Status=="ACTIVE""#));
    assert!(!refused(r#"page=1&where=Status=="VOIDED""#));
    assert!(!refused("page=1&order=UpdatedDateUTC DESC,InvoiceID"));
    assert!(refused("page=1&order=Total"));
}
