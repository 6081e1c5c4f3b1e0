//! Amounts add up.

use std::collections::BTreeSet;

use super::*;

/// A number in thousandths, exact for amounts of up to three decimals.
fn thousandths(value: &Value) -> i64 {
    let number = value
        .as_f64()
        .unwrap_or_else(|| panic!("no number: {value}"));
    (number * 1000.0).round() as i64
}

fn sum(elements: &Value, key: &str) -> i64 {
    let elements = elements.as_array().into_iter().flatten();
    elements.map(|element| thousandths(&element[key])).sum()
}

#[test]
fn journals_balance() {
    let ledger = Ledger::new();
    for (entity, key) in [
        (Entity::Journals, "NetAmount"),
        (Entity::ManualJournals, "LineAmount"),
    ] {
        for journal in ledger.show_all(entity, Detail::Paged) {
            assert_eq!(sum(&journal["JournalLines"], key), 0, "{journal}");
            assert!(
                journal["JournalLines"]
                    .as_array()
                    .is_some_and(|lines| lines.len() > 1)
            );
        }
    }
}

#[test]
fn journals_carry_their_number_and_creation() {
    let ledger = Ledger::new();
    for row in ledger.rows(Entity::Journals) {
        let journal = ledger.show(Entity::Journals, row, Detail::Paged);
        let created = format!("/Date({}+0000)/", row.created);
        assert_eq!(journal["JournalNumber"], row.number);
        assert_eq!(journal["CreatedDateUTC"], created);
        let single = ledger.show(Entity::Journals, row, Detail::Single);
        assert_eq!(single.get("SourceID"), None);
    }
}

#[test]
fn lines_add_up_to_the_totals() {
    let ledger = Ledger::new();
    for entity in [
        Entity::Invoices,
        Entity::CreditNotes,
        Entity::BankTransactions,
        Entity::Overpayments,
        Entity::Prepayments,
        Entity::PurchaseOrders,
        Entity::Quotes,
        Entity::RepeatingInvoices,
    ] {
        for document in ledger.show_all(entity, Detail::Paged) {
            let kind = document["Type"].as_str().unwrap_or_default();
            if kind.ends_with("-TRANSFER") {
                assert_eq!(document["LineItems"], Value::Array(Vec::new()));
                continue;
            }
            let lines = &document["LineItems"];
            let count = lines.as_array().map_or(0, Vec::len);
            assert!((1..=8).contains(&count), "{entity:?}: {count} lines");
            let [net, tax, total] =
                ["SubTotal", "TotalTax", "Total"].map(|key| thousandths(&document[key]));
            let inclusive = document["LineAmountTypes"].as_str() == Some("Inclusive")
                || document["LineAmountTypes"].as_str() == Some("INCLUSIVE");
            let expected = if inclusive { total } else { net };
            assert_eq!(sum(lines, "LineAmount"), expected, "{document}");
            assert_eq!(sum(lines, "TaxAmount"), tax, "{document}");
            assert_eq!(net + tax, total);
        }
    }
}

#[test]
fn invoices_are_settled() {
    let ledger = Ledger::new();
    for document in ledger.show_all(Entity::Invoices, Detail::Paged) {
        let [total, due, paid, credited] = ["Total", "AmountDue", "AmountPaid", "AmountCredited"]
            .map(|key| thousandths(&document[key]));
        assert_eq!(sum(&document["Payments"], "Amount"), paid, "{document}");
        match document["Status"].as_str() {
            Some("VOIDED" | "DELETED") => assert_eq!(due, 0),
            Some("PAID") => assert_eq!((due, paid + credited), (0, total)),
            _ => assert_eq!(due, total - paid - credited),
        }
    }
}

#[test]
fn amounts_have_the_decimals_of_their_currency() {
    let ledger = Ledger::new();
    let mut seen = BTreeSet::new();
    for row in ledger.rows(Entity::Invoices) {
        let text = ledger.text(Entity::Invoices, row, Detail::Summary);
        let text = String::from_utf8(text).expect("UTF-8");
        let document = ledger.show(Entity::Invoices, row, Detail::Summary);
        let total = text.split("\"Total\": ").nth(1).expect("a total");
        let total = total.split(',').next().unwrap_or_default();
        let decimals = total.split('.').nth(1).map_or(0, str::len);
        let currency = document["CurrencyCode"].as_str().expect("a currency");
        let expected = match currency {
            "JPY" => 0,
            "BHD" => 3,
            _ => 2,
        };
        assert_eq!(decimals, expected, "{currency} {total}");
        seen.insert(currency.to_owned());
    }
    assert!(seen.contains("JPY") && seen.contains("BHD"), "{seen:?}");
}

#[test]
fn unit_amounts_are_rounded_unless_asked() {
    let ledger = Ledger::new();
    let mut finer = 0;
    for row in ledger.rows(Entity::Invoices) {
        let lines = |unitdp| {
            let mut out = Json::default();
            let detail = Detail::Paged;
            let books = ledger.world.known(&ledger.tenant).as_ref();
            let options = Options { detail, unitdp };
            render(Entity::Invoices, row, books, options, &mut out);
            let document: Value = serde_json::from_slice(&out.into_bytes()).expect("valid JSON");
            document["LineItems"]
                .as_array()
                .cloned()
                .unwrap_or_default()
        };
        for (rounded, exact) in lines(2).iter().zip(lines(4)) {
            let [rounded, exact] =
                [rounded, &exact].map(|line| line["UnitAmount"].as_f64().expect("a number"));
            assert!((rounded - exact).abs() < 0.005_01, "{rounded} {exact}");
            finer += usize::from(rounded != exact);
        }
    }
    assert!(finer > 10, "{finer} unit amounts of more than two decimals");
}
