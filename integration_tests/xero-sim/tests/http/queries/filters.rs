//! The filters that Xero documents as parameters of their own.

use serde_json::Value;
use xero_sim::Entity;

use super::{all, ask, books, listed, moment, value};

fn text<'v>(row: &'v Value, path: &str) -> &'v str {
    value(row, path).as_str().unwrap_or_default()
}

#[test]
fn a_list_of_values_selects_the_rows_that_have_one() {
    let books = books();
    for (entity, parameter, path) in [
        (Entity::Invoices, "IDs", "InvoiceID"),
        (Entity::Invoices, "InvoiceNumbers", "InvoiceNumber"),
        (Entity::Invoices, "ContactIDs", "Contact.ContactID"),
        (Entity::Invoices, "Statuses", "Status"),
        (Entity::Contacts, "IDs", "ContactID"),
        (Entity::Budgets, "IDs", "BudgetID"),
        (Entity::Overpayments, "References", "Reference"),
        (Entity::Prepayments, "InvoiceNumbers", "InvoiceNumber"),
        (Entity::PurchaseOrders, "Status", "Status"),
        (Entity::Quotes, "Status", "Status"),
        (Entity::Quotes, "ContactID", "Contact.ContactID"),
        (Entity::Quotes, "QuoteNumber", "QuoteNumber"),
        (
            Entity::LinkedTransactions,
            "LinkedTransactionID",
            "LinkedTransactionID",
        ),
        (
            Entity::LinkedTransactions,
            "SourceTransactionID",
            "SourceTransactionID",
        ),
        (
            Entity::LinkedTransactions,
            "TargetTransactionID",
            "TargetTransactionID",
        ),
        (Entity::LinkedTransactions, "ContactID", "ContactID"),
    ] {
        let every = all(&books, entity);
        let wanted: Vec<_> = every
            .iter()
            .map(|row| text(row, path))
            .filter(|text| !text.is_empty() && !text.contains(','))
            .take(2)
            .collect();
        let has_one = |row: &&Value| wanted.contains(&text(row, path));
        let expected: Vec<_> = every.iter().filter(has_one).cloned().collect();
        assert!(
            (1..every.len()).contains(&expected.len()),
            "{entity:?} {parameter}"
        );
        let list = wanted.join(",");
        let found = listed(&books, entity, &[(parameter, &list)]);
        assert_eq!(found, expected, "{entity:?} {parameter}={list}");
    }
}

#[test]
fn days_are_inclusive() {
    let books = books();
    for (entity, from, to, path) in [
        (Entity::PurchaseOrders, "DateFrom", "DateTo", "Date"),
        (Entity::Quotes, "DateFrom", "DateTo", "Date"),
        (
            Entity::Quotes,
            "ExpiryDateFrom",
            "ExpiryDateTo",
            "ExpiryDate",
        ),
    ] {
        let every = all(&books, entity);
        let day = |row: &Value| moment(value(row, path));
        let mut dated: Vec<_> = every.iter().filter(|row| day(row).is_some()).collect();
        dated.sort_by_key(|row| day(row));
        let middle = dated[dated.len() / 2];
        let text = text(middle, &format!("{path}String"));
        let (bound, date) = (day(middle).expect("a date"), &text[..10]);
        for (parameter, passes) in [
            (from, (|day, bound| day >= bound) as fn(i64, i64) -> bool),
            (to, |day, bound| day <= bound),
        ] {
            let expected: Vec<_> = every
                .iter()
                .filter(|row| day(row).is_some_and(|day| passes(day, bound)))
                .cloned()
                .collect();
            assert!(expected.contains(middle) && expected.len() < every.len());
            let found = listed(&books, entity, &[(parameter, date)]);
            assert_eq!(found, expected, "{entity:?} {parameter}={date}");
        }
        let found = listed(&books, entity, &[(from, date), (to, date)]);
        assert!(found.iter().all(|row| day(row) == Some(bound)) && !found.is_empty());
    }
}

#[test]
fn a_search_looks_into_several_fields_in_any_case() {
    let books = books();
    for (entity, paths) in [
        (
            Entity::Contacts,
            &[
                "Name",
                "FirstName",
                "LastName",
                "ContactNumber",
                "EmailAddress",
            ][..],
        ),
        (Entity::Invoices, &["InvoiceNumber", "Reference"]),
    ] {
        let every = all(&books, entity);
        for path in paths {
            let row = every.iter().find(|row| !text(row, path).is_empty());
            let row = row.unwrap_or_else(|| panic!("{entity:?} has a {path}"));
            let term: String = text(row, path).chars().skip(1).take(6).collect();
            let term = term.trim().to_uppercase();
            let holds = |row: &&Value| {
                let mut texts = paths.iter().map(|path| text(row, path).to_lowercase());
                texts.any(|text| text.contains(&term.to_lowercase()))
            };
            let expected: Vec<_> = every.iter().filter(holds).cloned().collect();
            let found = listed(&books, entity, &[("searchTerm", &term)]);
            assert!(!expected.is_empty());
            assert_eq!(found, expected, "{entity:?} {path} {term}");
        }
        assert!(listed(&books, entity, &[("searchTerm", "no such text")]).is_empty());
    }
}

#[test]
fn filters_are_combined_and_counted() {
    let books = books();
    let query = [
        ("page", "1"),
        ("pageSize", "2"),
        ("Statuses", "PAID,VOIDED"),
        ("where", r#"Type=="ACCREC""#),
    ];
    let answer = ask(&books, Entity::Invoices, &query).json();
    let expected = all(&books, Entity::Invoices);
    let expected = expected
        .iter()
        .filter(|row| row["Type"] == "ACCREC" && ["PAID", "VOIDED"].contains(&text(row, "Status")));
    let count = expected.count();
    assert!(count > 2, "{count}");
    assert_eq!(answer["pagination"]["itemCount"], count);
    assert_eq!(answer["Invoices"].as_array().map(Vec::len), Some(2));
}

#[test]
fn an_app_that_only_reads_has_created_nothing() {
    let books = books();
    assert!(listed(&books, Entity::Invoices, &[("createdByMyApp", "true")]).is_empty());
    let every = listed(&books, Entity::Invoices, &[("createdByMyApp", "false")]);
    assert_eq!(every, all(&books, Entity::Invoices));
}

#[test]
fn a_status_of_linked_transactions_needs_a_contact() {
    let books = books();
    let every = all(&books, Entity::LinkedTransactions);
    let alone = listed(&books, Entity::LinkedTransactions, &[("Status", "BILLED")]);
    assert_eq!(alone, every);
    let billed = every.iter().find(|row| row["Status"] == "BILLED");
    let contact = text(billed.expect("a billed one"), "ContactID");
    let query = [("Status", "BILLED"), ("ContactID", contact)];
    let found = listed(&books, Entity::LinkedTransactions, &query);
    assert!(!found.is_empty());
    let fits = |row: &Value| row["Status"] == "BILLED" && text(row, "ContactID") == contact;
    assert!(found.iter().all(fits));
}

#[test]
fn values_that_mean_nothing_are_refused() {
    let books = books();
    for (entity, parameter, value) in [
        (Entity::Invoices, "IDs", "1"),
        (Entity::Invoices, "ContactIDs", "x,y"),
        (Entity::Invoices, "Statuses", "paid-ish"),
        (Entity::Invoices, "createdByMyApp", "perhaps"),
        (Entity::Invoices, "summaryOnly", "yes"),
        (Entity::Contacts, "includeArchived", "2"),
        (Entity::BankTransfers, "includeDeleted", "1"),
        (Entity::PurchaseOrders, "DateFrom", "01/02/2026"),
        (Entity::Quotes, "ExpiryDateTo", "2026-13-01"),
        (Entity::Budgets, "DateTo", "x"),
    ] {
        let answer = ask(&books, entity, &[(parameter, value)]);
        assert_eq!(answer.status, 400, "{entity:?} {parameter}={value}");
        let body = answer.json();
        assert_eq!(body["ErrorNumber"], 10);
        assert_eq!(body["Type"], "ValidationException");
        let message = body["Elements"][0]["ValidationErrors"][0]["Message"].as_str();
        assert!(
            message.is_some_and(|text| text.contains(parameter)),
            "{body}"
        );
    }
}
