//! Single documents.

use std::fmt::Write;

use serde_json::Value;
use xero_sim::Entity;
use xero_sim::entity::ENDPOINTS;

use super::{all, books, value};

/// Encodes every byte of a key that is no letter or digit.
fn encoded(key: &str) -> String {
    key.bytes().fold(String::new(), |mut encoded, byte| {
        match byte.is_ascii_alphanumeric() {
            true => encoded.push(char::from(byte)),
            false => write!(encoded, "%{byte:02X}").expect("writing to memory does not fail"),
        }
        encoded
    })
}

#[test]
fn documents_are_found_by_their_own_keys() {
    let books = books();
    for (entity, key, id) in [
        (Entity::Invoices, "InvoiceNumber", "InvoiceID"),
        (Entity::CreditNotes, "CreditNoteNumber", "CreditNoteID"),
        (Entity::Contacts, "ContactNumber", "ContactID"),
        (Entity::Items, "Code", "ItemID"),
        (
            Entity::PurchaseOrders,
            "PurchaseOrderNumber",
            "PurchaseOrderID",
        ),
        (Entity::TaxRates, "TaxType", "TaxType"),
        (Entity::Invoices, "InvoiceID", "InvoiceID"),
        (Entity::Accounts, "AccountID", "AccountID"),
        (Entity::Quotes, "QuoteID", "QuoteID"),
        (Entity::ManualJournals, "ManualJournalID", "ManualJournalID"),
        (Entity::Users, "UserID", "UserID"),
    ] {
        let endpoint = &ENDPOINTS[entity as usize];
        let every = all(&books, entity);
        let has_key = |row: &&Value| value(row, key).as_str().is_some_and(|key| !key.is_empty());
        let with_key = every.iter().filter(has_key);
        let rows: Vec<&Value> = with_key.take(12).collect();
        assert!(!rows.is_empty(), "{entity:?} {key}");
        for row in rows {
            let text = value(row, key).as_str().expect("a text");
            let answer = books.get(&format!("{}/{}", endpoint.path, encoded(text)));
            assert_eq!(answer.status, 200, "{entity:?} {text}");
            let found = answer.json()[endpoint.key].as_array().cloned();
            let found = found.expect("an array");
            assert!(!found.is_empty());
            for single in &found {
                assert_eq!(single[key], row[key], "{entity:?}");
            }
            assert!(
                found.iter().any(|single| single[id] == row[id]),
                "{entity:?} {text}"
            );
        }
    }
}

#[test]
fn a_journal_is_found_by_its_number_too() {
    let books = books();
    for row in all(&books, Entity::Journals).iter().take(5) {
        let id = row["JournalID"].as_str().expect("a GUID");
        let by_id = books.get(&format!("/Journals/{id}")).json();
        let by_number = books
            .get(&format!("/Journals/{}", row["JournalNumber"]))
            .json();
        assert_eq!(by_id["Journals"][0]["JournalID"], row["JournalID"]);
        assert_eq!(by_id["Journals"], by_number["Journals"]);
    }
}

#[test]
fn an_unknown_document_is_not_found() {
    let books = books();
    let account = all(&books, Entity::Accounts)[0]["Code"].clone();
    let account = format!("/Accounts/{}", account.as_str().expect("a code"));
    for path in [
        "/Invoices/INV-999999",
        "/Invoices/",
        "/CreditNotes/",
        "/CreditNotes/%FF",
        "/Contacts/nobody",
        "/Items/none",
        "/Items/00000000-0000-4000-8000-000000000000",
        "/PurchaseOrders/PO-999999",
        "/TaxRates/NOTHING",
        "/ManualJournals/1",
        "/Quotes/QU-0001",
        "/Journals/999999",
        "/Journals/-1",
        "/Journals/99999999999999999999",
        "/Currencies/NZD",
        account.as_str(),
    ] {
        let answer = books.get(path);
        assert_eq!(answer.status, 404, "{path}");
        let text = "The resource you're looking for cannot be found";
        assert_eq!(answer.text(), text, "{path}");
    }
}

#[test]
fn parameters_of_the_list_do_not_hide_a_document() {
    let books = books();
    let id = all(&books, Entity::Invoices)[0]["InvoiceID"].clone();
    let path = format!("/Invoices/{}", id.as_str().expect("a GUID"));
    let path = format!("{path}?where=Nonsense&order=Nonsense&Statuses=x&page=9&unitdp=4");
    let answer = books.get_with(&path, &["If-Modified-Since: 2999-01-01T00:00:00"]);
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["Invoices"][0]["InvoiceID"], id);
}

#[test]
fn a_budget_shows_the_months_between_two_days() {
    let books = books();
    let id = all(&books, Entity::Budgets)[0]["BudgetID"].clone();
    let path = format!("/Budgets/{}", id.as_str().expect("a GUID"));
    let lines = |query: &str| {
        let answer = books.get(&format!("{path}{query}"));
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["Budgets"]["BudgetLines"].clone()
    };
    let periods = |lines: &Value| -> Vec<String> {
        let balances = lines[0]["BudgetBalances"].as_array().expect("an array");
        let period = |balance: &Value| balance["Period"].as_str().map(str::to_owned);
        balances.iter().filter_map(period).collect()
    };
    let whole = periods(&lines(""));
    assert!(whole.len() > 4, "{whole:?}");
    let query = format!("?DateFrom={}-15&DateTo={}-01", whole[1], whole[3]);
    assert_eq!(periods(&lines(&query)), whole[1..=3]);
    assert_eq!(books.get(&format!("{path}?DateFrom=soon")).status, 400);
}
