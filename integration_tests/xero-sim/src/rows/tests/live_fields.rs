//! The fields of rows, beside those that answers of real organisations have.

use super::*;

/// How many of a table's documents have a field, or a field of the first element of an array.
fn shares(entity: Entity, key: &str) -> (usize, usize) {
    let documents = Ledger::new().show_all(entity, Detail::Paged);
    let pointer = format!("/{key}");
    let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
    let parents = documents
        .iter()
        .filter_map(|document| document.pointer(parent));
    let shown = documents
        .iter()
        .filter(|document| document.pointer(&pointer).is_some());
    (shown.count(), parents.count())
}

#[test]
fn fields_that_every_row_has() {
    for (entity, key) in [
        (Entity::Accounts, "BankAccountType"),
        (Entity::BankTransactions, "BankAccount/Name"),
        (Entity::BankTransactions, "Contact/ContactID"),
        (Entity::BankTransactions, "LineItems/0/AccountID"),
        (Entity::BrandingThemes, "LogoUrl"),
        (Entity::Contacts, "Addresses/0/City"),
        (Entity::CreditNotes, "HasErrors"),
        (Entity::Invoices, "HasErrors"),
        (Entity::Invoices, "InvoiceAddresses"),
        (Entity::Invoices, "InvoicePaymentServices"),
        (Entity::Overpayments, "LineItems/0/DiscountEnteredAsPercent"),
        (Entity::Payments, "Invoice/InvoicePaymentServices"),
        (Entity::PurchaseOrders, "DeliveryAddress"),
        (Entity::PurchaseOrders, "DeliveryInstructions"),
        (
            Entity::RepeatingInvoices,
            "LineItems/0/DiscountEnteredAsPercent",
        ),
        (Entity::Users, "GlobalUserID"),
    ] {
        let (shown, all) = shares(entity, key);
        assert!(
            all > 0 && shown == all,
            "{entity:?} {key}: {shown} of {all}"
        );
    }
}

#[test]
fn fields_that_only_some_rows_have() {
    for (entity, key) in [
        (Entity::Accounts, "Code"),
        (Entity::Accounts, "Description"),
        (Entity::Accounts, "ReportingCodeName"),
        (Entity::BankTransactions, "BankAccount/Code"),
        (Entity::BankTransactions, "CurrencyRate"),
        (Entity::Contacts, "AccountNumber"),
        (Entity::Contacts, "Addresses/0/AddressLine2"),
        (Entity::Contacts, "PurchasesTrackingCategories"),
        (Entity::Contacts, "SalesDefaultLineAmountType"),
        (Entity::CreditNotes, "AppliedAmount"),
        (Entity::Invoices, "LineItems/0/Item"),
        (Entity::Invoices, "SentToContact"),
        (Entity::Payments, "Account/Code"),
        (Entity::PurchaseOrders, "ExpectedArrivalDate"),
        (Entity::PurchaseOrders, "SentToContact"),
    ] {
        let (shown, all) = shares(entity, key);
        assert!(
            (1..all).contains(&shown),
            "{entity:?} {key}: {shown} of {all}"
        );
    }
}

#[test]
fn fields_that_no_row_has() {
    for (entity, key) in [
        (Entity::BankTransactions, "LineItems/0/Item"),
        (
            Entity::BankTransactions,
            "LineItems/0/DiscountEnteredAsPercent",
        ),
        (Entity::CreditNotes, "InvoiceAddresses"),
        (Entity::Invoices, "LineItems/0/ValidationErrors"),
        (Entity::PurchaseOrders, "LineItems/0/AccountID"),
        (Entity::PurchaseOrders, "TotalDiscount"),
    ] {
        assert_eq!(shares(entity, key).0, 0, "{entity:?} {key}");
    }
}

#[test]
fn a_bank_transaction_in_the_base_currency_has_no_rate() {
    let documents = Ledger::new().show_all(Entity::BankTransactions, Detail::Paged);
    for document in documents {
        let foreign = document["CurrencyCode"] != "NZD";
        assert_eq!(document.get("CurrencyRate").is_some(), foreign);
    }
}

#[test]
fn some_item_codes_are_numeric_texts() {
    let ledger = Ledger::new();
    let items = ledger.show_all(Entity::Items, Detail::Paged);
    let mut codes: Vec<_> = items.iter().map(|item| item["Code"].as_str()).collect();
    let numeric = codes.iter().flatten();
    let numeric = numeric.filter(|code| code.parse::<u64>().is_ok()).count();
    assert!((5..50).contains(&numeric), "{numeric}");
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), items.len(), "codes are distinct");
}

#[test]
fn other_lines_of_an_address_are_mostly_empty_texts() {
    let contacts = Ledger::new().show_all(Entity::Contacts, Detail::Paged);
    let addresses = contacts
        .iter()
        .flat_map(|contact| contact["Addresses"].as_array());
    let third = addresses.flatten().filter_map(|it| it.get("AddressLine3"));
    let third: Vec<_> = third.collect();
    assert!(!third.is_empty() && third.iter().all(|line| **line == ""));
}

#[test]
fn the_length_of_a_file_is_a_number_and_a_text_in_turn() {
    let mut row = generate(Entity::Invoices, 4, 1, 7, NOW).remove(0);
    row.attached = Some(attachments::usual(3));
    let document = Ledger::new().show(Entity::Invoices, &row, Detail::Single);
    let files = document["Attachments"].as_array().expect("files").iter();
    let lengths: Vec<_> = files.map(|file| file["ContentLength"].clone()).collect();
    assert_eq!(lengths, [1_000.into(), Value::from("1001"), 1_002.into()]);
}

#[test]
fn some_calendar_dates_of_new_zealand_are_midnights_there() {
    let dates = |base| {
        let journals = Ledger::with_base(base).show_all(Entity::ManualJournals, Detail::Paged);
        let dates = journals.into_iter().map(|journal| journal["Date"].clone());
        dates.filter_map(|date| date.as_str().map(str::to_owned))
    };
    let is_local = |date: &String| {
        let millis = date.strip_prefix("/Date(")?.strip_suffix("+1300)/")?;
        let millis: Millis = millis.parse().ok()?;
        Some((millis + 13 * 3_600_000) % 86_400_000)
    };
    assert_eq!(
        dates("NZD")
            .filter_map(|it| is_local(&it))
            .collect::<Vec<_>>(),
        [0; 5]
    );
    assert!(dates("AUD").all(|date| date.ends_with("+0000)/")));
}

#[test]
fn linked_transactions_have_iso_dates_of_whole_seconds() {
    let rows = Ledger::new().show_all(Entity::LinkedTransactions, Detail::Paged);
    for row in rows {
        let stamp = row["UpdatedDateUTC"].as_str().unwrap_or_default();
        let parsed = chrono::NaiveDateTime::parse_from_str(stamp, "%Y-%m-%dT%H:%M:%S");
        assert!(parsed.is_ok(), "{stamp}");
    }
}

#[test]
fn some_lines_after_the_first_were_left_blank() {
    let invoices = Ledger::new().show_all(Entity::Invoices, Detail::Paged);
    let lines = invoices.iter().flat_map(|it| it["LineItems"].as_array());
    let is_blank = |line: &Value| line.get("Description").is_none();
    let mut blank = 0;
    for lines in lines {
        assert!(!is_blank(&lines[0]));
        for line in lines {
            assert_eq!(is_blank(line), line.get("Quantity").is_none());
            if is_blank(line) {
                assert_eq!(line["LineAmount"].as_f64(), Some(0.0));
                blank += 1;
            }
        }
    }
    assert!((1..20).contains(&blank), "{blank}");
}

#[test]
fn only_sales_name_the_jurisdictions_of_their_tax() {
    let ledger = Ledger::with_base("USD");
    let breakdowns = |entity| {
        let documents = ledger.show_all(entity, Detail::Paged);
        let shown = documents
            .iter()
            .filter(|it| it.pointer("/LineItems/0/TaxBreakdown").is_some());
        (shown.count(), documents.len())
    };
    let (shown, all) = breakdowns(Entity::Invoices);
    assert!((1..all / 2).contains(&shown), "{shown} of {all}");
    for entity in [Entity::BankTransactions, Entity::PurchaseOrders] {
        assert_eq!(breakdowns(entity).0, 0, "{entity:?}");
    }
}
