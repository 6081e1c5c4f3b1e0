//! Queries as clients send them.

use super::*;
use crate::entity::Entity;

fn read(entity: Entity, query: &[(&str, &str)]) -> Result<Query, BadParameter> {
    let pairs: Vec<_> = query
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect();
    Query::read(entity.endpoint(), &pairs, None)
}

fn invoices(query: &[(&str, &str)]) -> Query {
    read(Entity::Invoices, query).expect("a readable query")
}

#[test]
fn page_and_page_size_are_clamped() {
    for (page, size, expected) in [
        ("1", "1000", (Some(1), 1_000)),
        ("0", "0", (Some(1), 1)),
        ("-3", "-1", (Some(1), 1)),
        ("7", "5000", (Some(7), 1_000)),
        ("two", "many", (None, 100)),
    ] {
        let query = invoices(&[("page", page), ("pageSize", size)]);
        assert_eq!((query.page, query.page_size), expected, "{page} {size}");
    }
    let plain = invoices(&[("page_size", "1000")]);
    assert_eq!((plain.page, plain.page_size), (None, 100));
}

#[test]
fn a_query_has_conditions_switches_and_an_order() {
    let query = invoices(&[
        ("IDs", "00000000-0000-4000-8000-000000000001"),
        ("Statuses", "DELETED,VOIDED"),
        ("where", "Total>5"),
        ("includeArchived", "TRUE"),
        ("summaryOnly", "false"),
        ("order", "Date DESC"),
        ("unitdp", "4"),
        ("offset", "250"),
    ]);
    assert_eq!(query.conditions.len(), 3);
    assert!(query.filtered);
    assert!(query.is_on("includeArchived") && !query.is_on("summaryOnly"));
    assert_eq!(query.order.len(), 1);
    assert!(query.order[0].descending);
    assert_eq!((query.unitdp, query.offset), (4, 250));
    assert!(!invoices(&[("Statuses", "PAID")]).filtered);
}

#[test]
fn a_wrong_parameter_is_refused_where_the_list_has_it() {
    for (entity, name, value, expression) in [
        (Entity::Invoices, "order", "Sum", true),
        (Entity::PurchaseOrders, "order", "Sum", true),
        (Entity::Invoices, "where", "Sum>1", true),
        (Entity::Invoices, "Statuses", "Nothing", false),
        (Entity::Contacts, "includeArchived", "1", false),
    ] {
        let refused = read(entity, &[(name, value)]).expect_err("a refusal");
        let is_expression = matches!(refused, BadParameter::Expression(_));
        assert_eq!(is_expression, expression, "{entity:?} {name}: {refused:?}");
    }
    for (entity, name, value) in [
        (Entity::Budgets, "order", "Sum"),
        (Entity::Journals, "order", "Sum"),
        (Entity::LinkedTransactions, "order", "Sum"),
        (Entity::Quotes, "where", "Sum>1"),
        (Entity::Accounts, "includeArchived", "1"),
        (Entity::Payments, "Statuses", "Nothing"),
        // Xero's SDK for PHP sends blanks.
        (Entity::Contacts, "where", ""),
        (Entity::Contacts, "order", " "),
        (Entity::Contacts, "IDs", ""),
        (Entity::Contacts, "includeArchived", ""),
    ] {
        assert!(read(entity, &[(name, value)]).is_ok(), "{entity:?} {name}");
    }
}
