//! `order`.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde_json::Value;
use xero_sim::Entity;

use super::{all, ask, books, books_of, listed, moment, rows, value};

/// The lists that have `order` in Xero's OpenAPI.
const ORDERED: [Entity; 22] = [
    Entity::Accounts,
    Entity::BankTransactions,
    Entity::BankTransfers,
    Entity::BatchPayments,
    Entity::ContactGroups,
    Entity::Contacts,
    Entity::CreditNotes,
    Entity::Currencies,
    Entity::ExpenseClaims,
    Entity::Invoices,
    Entity::Items,
    Entity::ManualJournals,
    Entity::Overpayments,
    Entity::Payments,
    Entity::Prepayments,
    Entity::PurchaseOrders,
    Entity::Quotes,
    Entity::Receipts,
    Entity::RepeatingInvoices,
    Entity::TaxRates,
    Entity::TrackingCategories,
    Entity::Users,
];

/// The paths of a row's values, those of its objects too.
fn paths(row: &Value, around: &str, found: &mut BTreeSet<String>) {
    for (name, value) in row.as_object().expect("a row is an object") {
        let path = format!("{around}{name}");
        match value {
            Value::Array(_) | Value::Null => {}
            Value::Object(_) => paths(value, &format!("{path}."), found),
            _ => {
                found.insert(path);
            }
        }
    }
}

/// How two values stand to each other. Ids are in an order of the database's own.
fn compare(one: &Value, other: &Value) -> Ordering {
    let is_id = |value: &Value| value.as_str().is_some_and(|text| text.len() == 36);
    match (one, other) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Less,
        (_, Value::Null) => Ordering::Greater,
        (Value::Bool(one), Value::Bool(other)) => one.cmp(other),
        (Value::Number(one), Value::Number(other)) => {
            one.as_f64().partial_cmp(&other.as_f64()).expect("numbers")
        }
        _ if is_id(one) && is_id(other) => Ordering::Less,
        _ => match (moment(one), moment(other)) {
            (Some(one), Some(other)) => one.cmp(&other),
            _ => one.as_str().cmp(&other.as_str()),
        },
    }
}

#[test]
fn every_list_is_sorted_by_each_of_its_values() {
    let books = books_of(20);
    let mut checked = 0;
    for entity in ORDERED {
        let unsorted = all(&books, entity);
        let mut fields = BTreeSet::new();
        unsorted.iter().for_each(|row| paths(row, "", &mut fields));
        // Amounts are texts in the batch payments of other rows.
        fields.retain(|path| !path.contains("BatchPayment."));
        assert!(fields.len() > 1, "{entity:?}: {fields:?}");
        for path in &fields {
            for (direction, ascends) in [("ASC", true), ("desc", false)] {
                let order = format!("{path} {direction}");
                let sorted = listed(&books, entity, &[("order", &order)]);
                let values: Vec<_> = sorted.iter().map(|row| value(row, path)).collect();
                let is_sorted = values.is_sorted_by(|one, other| match ascends {
                    true => compare(one, other).is_le(),
                    false => compare(other, one).is_le(),
                });
                assert!(is_sorted, "{entity:?} by {order}: {values:?}");
                assert_eq!(sorted.len(), unsorted.len(), "{entity:?} by {order}");
                checked += 1;
            }
        }
    }
    assert!(checked > 500, "{checked}");
}

#[test]
fn several_fields_and_then_the_id_decide() {
    let books = books();
    let order = [("order", "Status DESC, contact.name, Total desc")];
    let sorted = listed(&books, Entity::Invoices, &order);
    let by = |path, one: &Value, other: &Value| compare(value(one, path), value(other, path));
    assert!(sorted.is_sorted_by(|one, other| {
        let order = by("Status", other, one).then(by("Contact.Name", one, other));
        order.then(by("Total", other, one)).is_le()
    }));

    // Many invoices share a status. Their ids are listed as with `order=InvoiceID`.
    let by_status = listed(&books, Entity::Invoices, &[("order", "Status ASC")]);
    let by_id = listed(&books, Entity::Invoices, &[("order", "InvoiceID ASC")]);
    let paid = |rows: Vec<Value>| {
        let paid = rows.into_iter().filter(|row| row["Status"] == "PAID");
        let ids: Vec<Value> = paid.map(|row| row["InvoiceID"].clone()).collect();
        ids
    };
    assert_eq!(paid(by_status), paid(by_id));
}

#[test]
fn pages_are_cut_from_the_order() {
    let books = books();
    for (entity, order) in [
        (Entity::Invoices, "Total DESC"),
        (Entity::Contacts, "Name"),
        (Entity::PurchaseOrders, "Contact.Name ASC, Date DESC"),
    ] {
        let whole = ask(
            &books,
            entity,
            &[("order", order), ("page", "1"), ("pageSize", "1000")],
        );
        let whole = rows(entity, &whole);
        let mut joined = Vec::new();
        for page in 1..=(whole.len().div_ceil(7)) {
            let page = page.to_string();
            let query = [("order", order), ("page", &page), ("pageSize", "7")];
            let answer = ask(&books, entity, &query);
            assert_eq!(answer.json()["pagination"]["itemCount"], whole.len());
            joined.extend(rows(entity, &answer));
        }
        assert_eq!(joined, whole, "{entity:?} by {order}");
    }
}

#[test]
fn a_wrong_order_is_refused() {
    let books = books();
    for entity in ORDERED {
        for order in [
            "Nonsense",
            "LineItems ASC",
            "Name UP",
            "UpdatedDateUTC ASC,",
        ] {
            let answer = ask(&books, entity, &[("order", order)]);
            assert_eq!(answer.status, 400, "{entity:?} by {order:?}");
            let body = answer.json();
            assert_eq!(body["ErrorNumber"], 16, "{body}");
            assert_eq!(body["Type"], "QueryParseException");
            assert!(
                body["Message"]
                    .as_str()
                    .is_some_and(|text| !text.is_empty())
            );
        }
    }
    let transfers = ask(
        &books,
        Entity::BankTransfers,
        &[("order", "UpdatedDateUTC ASC")],
    );
    assert_eq!(transfers.status, 400, "transfers have no UpdatedDateUTC");
}

#[test]
fn lists_without_an_order_ignore_it() {
    let books = books();
    for entity in [
        Entity::BrandingThemes,
        Entity::Budgets,
        Entity::Journals,
        Entity::LinkedTransactions,
        Entity::Organisations,
    ] {
        let plain = rows(entity, &ask(&books, entity, &[]));
        let ordered = rows(entity, &ask(&books, entity, &[("order", "Nonsense")]));
        assert_eq!(ordered, plain, "{entity:?}");
    }
}
