//! `where`.

use serde_json::Value;
use xero_sim::Entity;

use super::{all, ask, books, listed, moment, rows, value};

/// 1 January 2026.
const NEW_YEAR: i64 = 1_767_225_600_000;

fn text<'v>(row: &'v Value, path: &str) -> &'v str {
    value(row, path).as_str().unwrap_or_default()
}

fn number(row: &Value, path: &str) -> f64 {
    value(row, path).as_f64().expect("a number")
}

fn is_new(row: &Value, path: &str) -> bool {
    moment(value(row, path)).expect("a date") >= NEW_YEAR
}

/// An expression, and whether a row fulfils it.
type Case = (Entity, &'static str, fn(&Value) -> bool);

const CASES: &[Case] = &[
    (Entity::Invoices, r#"Status=="PAID""#, |row| {
        row["Status"] == "PAID"
    }),
    (
        Entity::Invoices,
        r#"Type=="ACCREC" AND Status!="PAID""#,
        |row| row["Type"] == "ACCREC" && row["Status"] != "PAID",
    ),
    (
        Entity::Invoices,
        r#"(Status="PAID" || Status=="VOIDED") && Total<50000"#,
        |row| ["PAID", "VOIDED"].contains(&text(row, "Status")) && number(row, "Total") < 50_000.0,
    ),
    (Entity::Invoices, "Date>=DateTime(2026, 01, 01)", |row| {
        is_new(row, "Date")
    }),
    (
        Entity::Invoices,
        "Date<DateTime(2026,1,1,0,0,0) OR AmountDue>0",
        |row| !is_new(row, "Date") || number(row, "AmountDue") > 0.0,
    ),
    (
        Entity::Invoices,
        "UpdatedDateUTC<DateTime(2026,01,01)",
        |row| !is_new(row, "UpdatedDateUTC"),
    ),
    (Entity::Invoices, "FullyPaidOnDate==null", |row| {
        row["FullyPaidOnDate"].is_null()
    }),
    (Entity::Invoices, "AmountPaid>AmountDue", |row| {
        number(row, "AmountPaid") > number(row, "AmountDue")
    }),
    (Entity::Invoices, r#"InvoiceNumber.EndsWith("7")"#, |row| {
        text(row, "InvoiceNumber").ends_with('7')
    }),
    (Entity::Contacts, "IsSupplier==true", |row| {
        row["IsSupplier"] == true
    }),
    (
        Entity::Contacts,
        r#"EmailAddress!=null AND EmailAddress.Contains("7")"#,
        |row| text(row, "EmailAddress").contains('7'),
    ),
    (Entity::Contacts, r#"ContactStatus=="ARCHIVED""#, |row| {
        row["ContactStatus"] == "ARCHIVED"
    }),
    (
        Entity::BankTransactions,
        r#"Type=="SPEND" AND Total>=1000"#,
        |row| row["Type"] == "SPEND" && number(row, "Total") >= 1_000.0,
    ),
    (Entity::Payments, r#"PaymentType=="ACCRECPAYMENT""#, |row| {
        row["PaymentType"] == "ACCRECPAYMENT"
    }),
    (
        Entity::Accounts,
        r#"Class=="EXPENSE" AND Code.StartsWith("4")"#,
        |row| row["Class"] == "EXPENSE" && text(row, "Code").starts_with('4'),
    ),
    (Entity::Items, "IsSold==false", |row| row["IsSold"] == false),
    (Entity::ManualJournals, r#"Status=="POSTED""#, |row| {
        row["Status"] == "POSTED"
    }),
    (Entity::TaxRates, "EffectiveRate>10", |row| {
        number(row, "EffectiveRate") > 10.0
    }),
    (Entity::Users, "IsSubscriber", |row| {
        row["IsSubscriber"] == true
    }),
];

#[test]
fn a_where_selects_the_rows_that_fulfil_it() {
    let books = books();
    for (entity, expression, fulfils) in CASES {
        let expected = all(&books, *entity);
        let total = expected.len();
        let expected: Vec<_> = expected.into_iter().filter(fulfils).collect();
        let is_telling = (1..total).contains(&expected.len());
        assert!(
            is_telling,
            "{entity:?} {expression}: {} of {total}",
            expected.len()
        );
        let found = listed(&books, *entity, &[("where", expression)]);
        assert_eq!(found, expected, "{entity:?} {expression}");
    }
}

#[test]
fn a_where_about_the_contact_selects_its_documents() {
    let books = books();
    for entity in [
        Entity::Invoices,
        Entity::CreditNotes,
        Entity::BankTransactions,
    ] {
        let every = all(&books, entity);
        let contact = every[0]["Contact"]["ContactID"].clone();
        let id = contact.as_str().expect("a GUID");
        let expected: Vec<_> = every
            .iter()
            .filter(|row| row["Contact"]["ContactID"] == contact)
            .cloned()
            .collect();
        let expression = format!(r#"Contact.ContactID==guid("{}")"#, id.to_uppercase());
        assert_eq!(listed(&books, entity, &[("where", &expression)]), expected);
    }
}

#[test]
fn pages_and_counts_are_those_of_the_selected_rows() {
    let books = books();
    let paid = ("where", r#"Status=="PAID""#);
    let every = listed(&books, Entity::Invoices, &[paid]);
    let since = "If-Modified-Since: 2025-06-01T00:00:00";
    let path = "/Invoices?page=2&pageSize=5&order=Total%20DESC&where=Status%3D%3D%22PAID%22";
    let answer = books.get_with(path, &[since]);
    let mut recent: Vec<_> = every
        .into_iter()
        .filter(|row| moment(&row["UpdatedDateUTC"]) >= Some(1_748_736_000_000))
        .collect();
    recent.sort_by(|one, other| number(other, "Total").total_cmp(&number(one, "Total")));
    assert!(recent.len() > 10, "{}", recent.len());
    let pagination = &answer.json()["pagination"];
    assert_eq!(pagination["itemCount"], recent.len());
    assert_eq!(pagination["pageCount"], recent.len().div_ceil(5));
    assert_eq!(rows(Entity::Invoices, &answer), recent[5..10]);
}

#[test]
fn a_wrong_where_is_refused() {
    let books = books();
    let nested = format!("{}Total>1{}", "(".repeat(2_000), ")".repeat(2_000));
    for expression in [
        "Nonsense",
        "Nothing==1",
        "Status==PAID",
        "Total>",
        "Total>1 AND",
        "(Total>1",
        "Date>DateTime(2026,02,30)",
        "Date>DateTime(999999,1,1)",
        r#"Status=="PAID"#,
        &nested,
    ] {
        let answer = ask(&books, Entity::Invoices, &[("where", expression)]);
        assert_eq!(answer.status, 400, "{expression}");
        assert_eq!(answer.json()["ErrorNumber"], 16);
        assert_eq!(answer.json()["Type"], "QueryParseException");
    }
    for entity in [Entity::PurchaseOrders, Entity::Quotes, Entity::Budgets] {
        let answer = ask(&books, entity, &[("where", "Nonsense")]);
        assert_eq!(answer.status, 200, "{entity:?} has no where");
    }
}
