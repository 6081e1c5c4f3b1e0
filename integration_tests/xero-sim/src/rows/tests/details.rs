//! How much each kind of answer shows.

use super::*;

#[test]
fn short_forms_leave_out_what_xero_leaves_out() {
    let ledger = Ledger::new();
    let arrays = [
        "LineItems",
        "Payments",
        "CreditNotes",
        "Allocations",
        "JournalLines",
    ];
    for entity in [
        Entity::Invoices,
        Entity::CreditNotes,
        Entity::BankTransactions,
        Entity::ManualJournals,
        Entity::Overpayments,
        Entity::Prepayments,
    ] {
        for document in ledger.show_all(entity, Detail::Summary) {
            for array in arrays.iter().filter_map(|key| document.get(key)) {
                assert_eq!(*array, Value::Array(Vec::new()), "{entity:?}");
            }
        }
    }
    for (entity, dropped) in [
        (
            Entity::Invoices,
            &["Payments", "HasAttachments", "LineItems", "CISDeduction"][..],
        ),
        (
            Entity::Contacts,
            &[
                "Addresses",
                "Balances",
                "ContactGroups",
                "ContactPersons",
                "IsCustomer",
                "IsSupplier",
                "SalesDefaultAccountCode",
                "PurchasesDefaultAccountCode",
                "SalesTrackingCategories",
                "PurchasesTrackingCategories",
            ],
        ),
    ] {
        for document in ledger.show_all(entity, Detail::SummaryOnly) {
            for key in dropped {
                assert_eq!(document.get(key), None, "{entity:?} {key}");
            }
        }
    }
}

#[test]
fn what_only_the_document_itself_shows() {
    let ledger = Ledger::new();
    for (entity, key) in [
        (Entity::Budgets, "BudgetLines"),
        (Entity::ContactGroups, "Contacts"),
        (Entity::Receipts, "LineItems"),
        (Entity::ExpenseClaims, "Receipts"),
    ] {
        let filled = |detail| {
            let documents = ledger.show_all(entity, detail);
            let arrays = documents.iter().map(|document| &document[key]);
            arrays
                .filter(|array| **array != Value::Array(Vec::new()))
                .count()
        };
        assert_eq!(filled(Detail::Paged), 0, "{entity:?}");
        assert!(filled(Detail::Single) > 30, "{entity:?}");
    }
}

#[test]
fn some_fields_depend_on_the_country() {
    for (base, entity, key) in [
        ("USD", Entity::Invoices, "InvoiceAddresses/0"),
        ("USD", Entity::CreditNotes, "InvoiceAddresses"),
        ("USD", Entity::Quotes, "LineItems/0/TaxBreakdown"),
        ("GBP", Entity::Invoices, "CISDeduction"),
        ("GBP", Entity::CreditNotes, "CISRate"),
    ] {
        for currency in ["NZD", "USD", "GBP"] {
            let ledger = Ledger::with_base(currency);
            let documents = ledger.show_all(entity, Detail::Paged);
            let pointer = format!("/{key}");
            let shown = documents.iter().any(|it| it.pointer(&pointer).is_some());
            assert_eq!(shown, currency == base, "{entity:?} {key} of {currency}");
        }
    }
}

#[test]
fn one_budget_is_of_the_whole_organisation_and_of_this_year() {
    let ledger = Ledger::new();
    let budgets = ledger.show_all(Entity::Budgets, Detail::Single);
    let of = |budget: &Value| {
        let balances = budget["BudgetLines"][0]["BudgetBalances"].as_array();
        let periods = balances
            .into_iter()
            .flatten()
            .map(|it| it["Period"].clone());
        let periods: Vec<_> = periods.collect();
        (periods[0].clone(), periods.len())
    };
    // The ledger's rows end in September 2026.
    assert_eq!(budgets[0]["Type"], "OVERALL");
    assert_eq!(of(&budgets[0]), ("2026-01".into(), 24));
    for (at, first) in [
        (1, "2026-01"),
        (2, "2026-01"),
        (3, "2025-01"),
        (99, "2025-01"),
    ] {
        assert_eq!(budgets[at]["Type"], "TRACKING");
        assert_eq!(of(&budgets[at]), (first.into(), 12), "{at}");
    }
    for budget in budgets {
        let is_overall = budget["Type"] == "OVERALL";
        assert_eq!(budget["Tracking"] == Value::Array(Vec::new()), is_overall);
        let lines = budget["BudgetLines"].as_array().expect("lines");
        let codes: Vec<_> = lines
            .iter()
            .map(|line| line["AccountCode"].to_string())
            .collect();
        let income = codes.iter().filter(|code| code.starts_with("\"2")).count();
        assert_eq!((income, lines.len()), (3, 11), "{codes:?}");
    }
}
