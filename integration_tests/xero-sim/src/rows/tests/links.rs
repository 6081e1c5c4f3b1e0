//! References between documents are consistent.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

/// Keys that name a row of a table, wherever they stand.
const LINKS: &[(&str, &[Entity])] = &[
    ("AccountID", &[Entity::Accounts]),
    ("BatchPaymentID", &[Entity::BatchPayments]),
    ("BrandingThemeID", &[Entity::BrandingThemes]),
    ("ContactGroupID", &[Entity::ContactGroups]),
    ("ContactID", &[Entity::Contacts]),
    ("CreditNoteID", &[Entity::CreditNotes]),
    // A payment of a credit note has it under `Invoice`.
    ("InvoiceID", &[Entity::Invoices, Entity::CreditNotes]),
    ("ItemID", &[Entity::Items]),
    ("MergedToContactID", &[Entity::Contacts]),
    ("OverpaymentID", &[Entity::Overpayments]),
    ("PaymentID", &[Entity::Payments]),
    ("PrepaymentID", &[Entity::Prepayments]),
    ("ReceiptID", &[Entity::Receipts]),
    ("RepeatingInvoiceID", &[Entity::RepeatingInvoices]),
    (
        "SourceID",
        &[
            Entity::BankTransactions,
            Entity::BankTransfers,
            Entity::CreditNotes,
            Entity::ExpenseClaims,
            Entity::Invoices,
            Entity::ManualJournals,
            Entity::Overpayments,
            Entity::Payments,
            Entity::Prepayments,
        ],
    ),
    (
        "SourceTransactionID",
        &[Entity::Invoices, Entity::BankTransactions],
    ),
    ("TargetTransactionID", &[Entity::Invoices]),
    ("TrackingCategoryID", &[Entity::TrackingCategories]),
    ("UserID", &[Entity::Users]),
];

/// Calls back for each object inside a value.
fn visit(value: &Value, see: &mut impl FnMut(&serde_json::Map<String, Value>)) {
    match value {
        Value::Object(members) => {
            see(members);
            members.values().for_each(|member| visit(member, see));
        }
        Value::Array(elements) => elements.iter().for_each(|element| visit(element, see)),
        _ => {}
    }
}

fn visit_all(ledger: &Ledger, see: &mut impl FnMut(&serde_json::Map<String, Value>)) {
    for endpoint in ENDPOINTS {
        for detail in [Detail::Paged, Detail::Single] {
            for document in ledger.show_all(endpoint.entity, detail) {
                visit(&document, see);
            }
        }
    }
}

#[test]
fn every_id_can_be_looked_up() {
    let ledger = Ledger::new();
    let ids = |entities: &[Entity]| -> BTreeSet<String> {
        let rows = entities.iter().flat_map(|entity| ledger.rows(*entity));
        rows.map(|row| Guid(row.id).to_string()).collect()
    };
    let tables: BTreeMap<_, _> = LINKS.iter().map(|(key, of)| (*key, ids(of))).collect();
    let mut seen = BTreeSet::new();
    visit_all(&ledger, &mut |object| {
        // Wages and the payments of expense claims are in no list.
        let kind = object.get("SourceType").and_then(Value::as_str);
        let is_wages = matches!(kind, Some("PAYSLIP" | "WAGEPAYABLE" | "EXPPAYMENT"));
        let is_of_claim = object.contains_key("PaymentID") && object.len() == 3;
        let is_unlisted = is_wages || is_of_claim;
        for (key, value) in object.iter().filter(|_| !is_unlisted) {
            if let Some((key, ids)) = tables.get_key_value(key.as_str()) {
                let id = value.as_str().expect("ids are strings");
                assert!(ids.contains(id), "{key} {id}: {object:?}");
                seen.insert(*key);
            }
        }
    });
    assert_eq!(seen.len(), LINKS.len(), "not seen: only {seen:?}");
}

#[test]
fn names_and_codes_are_those_of_the_rows() {
    let ledger = Ledger::new();
    // Of each id the one code, name or number that goes with it.
    let pairs = [
        ("ContactID", "Name"),
        ("AccountID", "AccountCode"),
        ("ItemID", "Name"),
        ("CreditNoteID", "CreditNoteNumber"),
        ("InvoiceID", "InvoiceNumber"),
        ("TrackingOptionID", "Option"),
        ("ContactGroupID", "Name"),
    ];
    let mut known = BTreeMap::new();
    visit_all(&ledger, &mut |object| {
        for (id, name) in pairs {
            if let (Some(id), Some(name)) = (object.get(id), object.get(name)) {
                let expected = known.entry(id.to_string()).or_insert_with(|| name.clone());
                assert_eq!(expected, name, "{object:?}");
            }
        }
    });
    for account in ledger.show_all(Entity::Accounts, Detail::Paged) {
        if let Some(code) = known.get(&account["AccountID"].to_string()) {
            assert_eq!(*code, account["Code"]);
        }
    }
}

#[test]
fn line_items_that_are_named_exist() {
    let ledger = Ledger::new();
    let mut lines = BTreeSet::new();
    visit_all(&ledger, &mut |object| {
        lines.extend(object.get("LineItemID").map(Value::to_string));
    });
    for link in ledger.show_all(Entity::LinkedTransactions, Detail::Paged) {
        for key in ["SourceLineItemID", "TargetLineItemID"] {
            if let Some(id) = link.get(key) {
                assert!(lines.contains(&id.to_string()), "{link:?}");
            }
        }
    }
}

#[test]
fn sources_and_targets_are_on_the_right_side() {
    let ledger = Ledger::new();
    let types: BTreeMap<_, _> = ledger
        .show_all(Entity::Invoices, Detail::Paged)
        .into_iter()
        .map(|invoice| (invoice["InvoiceID"].to_string(), invoice["Type"].clone()))
        .collect();
    for journal in ledger.show_all(Entity::Journals, Detail::Paged) {
        let source = journal.get("SourceID").map(Value::to_string);
        if let Some(kind) = source.and_then(|source| types.get(&source)) {
            assert_eq!(journal["SourceType"], *kind);
        }
    }
    for link in ledger.show_all(Entity::LinkedTransactions, Detail::Paged) {
        if let Some(kind) = types.get(&link["SourceTransactionID"].to_string()) {
            assert_eq!(kind, "ACCPAY");
        }
    }
    for credit_note in ledger.show_all(Entity::CreditNotes, Detail::Paged) {
        for allocation in credit_note["Allocations"].as_array().into_iter().flatten() {
            let kind = &types[&allocation["Invoice"]["InvoiceID"].to_string()];
            assert_eq!(
                credit_note["Type"],
                format!("{}CREDIT", kind.as_str().unwrap_or(""))
            );
        }
    }
}

#[test]
fn invoices_and_payments_agree() {
    let ledger = Ledger::new();
    let payments: BTreeMap<_, _> = ledger
        .show_all(Entity::Payments, Detail::Paged)
        .into_iter()
        .map(|payment| (payment["PaymentID"].to_string(), payment))
        .collect();
    let mut agreed = 0;
    for entity in [Entity::Invoices, Entity::CreditNotes, Entity::Prepayments] {
        for document in ledger.show_all(entity, Detail::Paged) {
            for part in document["Payments"].as_array().into_iter().flatten() {
                let payment = &payments[&part["PaymentID"].to_string()];
                assert_eq!(part["Amount"], payment["Amount"]);
                assert_eq!(part["CurrencyRate"], payment["CurrencyRate"]);
                if entity == Entity::Invoices {
                    assert_eq!(payment["Invoice"]["InvoiceID"], document["InvoiceID"]);
                }
                agreed += 1;
            }
        }
    }
    assert!(agreed > 50, "only {agreed} payments");
}

#[test]
fn batches_and_payments_agree() {
    let ledger = Ledger::new();
    let batches = ledger.show_all(Entity::BatchPayments, Detail::Paged);
    let members = |batch: &Value| -> BTreeSet<String> {
        let payments = batch["Payments"].as_array().into_iter().flatten();
        payments
            .map(|payment| payment["PaymentID"].to_string())
            .collect()
    };
    let mut in_batches = 0;
    for payment in ledger.show_all(Entity::Payments, Detail::Paged) {
        let id = payment["PaymentID"].to_string();
        for batch in &batches {
            let named = payment.get("BatchPaymentID") == Some(&batch["BatchPaymentID"]);
            assert_eq!(members(batch).contains(&id), named, "{payment:?}");
            if named {
                let nested = &payment["BatchPayment"];
                let total = nested["TotalAmount"].as_str().expect("a string here");
                let total: f64 = total.parse().expect("a number in it");
                assert_eq!(Some(total), batch["TotalAmount"].as_f64());
                assert_eq!(
                    nested["Account"]["AccountID"],
                    payment["Account"]["AccountID"]
                );
                in_batches += 1;
            }
        }
    }
    assert!(in_batches > 5, "only {in_batches} payments");
}
