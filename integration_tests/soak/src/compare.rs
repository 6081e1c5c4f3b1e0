//! Compares the tables of a destination with the truth. Each difference that the documentation announces
//! stands here with its sentence.

use std::collections::{BTreeMap, BTreeSet};

use xero_sim::{Millis, TenantId};

use crate::destination::{Mode, Table};
use crate::figures_of_reports;
use crate::json::Json;
use crate::organisations::Deeds;
use crate::other_apis;
use crate::streams::{CHILDREN, DOCUMENTS};
use crate::truth::{Auditor, Expected};

/// The result of a comparison.
#[derive(Debug, Default)]
pub(crate) struct Comparison {
    /// The moment from which rows with a stamp are read.
    start: String,
    /// The time in Xero.
    now: Millis,
    pub(crate) rows: usize,
    pub(crate) differences: Vec<String>,
}

/// The most differences to show of a stream.
const SHOWN: usize = 5;

/// docs/streams.md, "Changes without a stamp": "balances and customer or supplier flags of contacts; due dates
/// and sent flags of part-paid invoices and credit notes".
fn unstamped_fields(stream: &str) -> &'static [&'static str] {
    match stream {
        "contacts" => &["Balances", "IsCustomer", "IsSupplier"],
        "invoices" | "credit_notes" => &[
            "DueDate",
            "DueDateString",
            "SentToContact",
            "AmountCredited",
            "AmountDue",
            "AmountPaid",
            "FullyPaidOnDate",
        ],
        // The simulator divides the total of a document between its payments, so one payment changes the
        // sums of the others.
        "payments" => &["Amount", "BankAmount"],
        _ => &[],
    }
}

/// Parts of a row that show other documents. The simulator derives them from these documents and stamps only
/// the document that was edited, as Xero is documented to do. So an incremental read shows them as they
/// were when the row was stamped. A full refresh shows them as they are.
const OTHER_DOCUMENTS: &[&str] = &[
    "Allocations",
    "BatchPayment",
    "Contact",
    "ContactGroups",
    "CreditNote",
    "CreditNotes",
    "Invoice",
    "Item",
    "Overpayment",
    "Overpayments",
    "Payments",
    "Prepayment",
    "Prepayments",
    "Receipts",
    "RepeatingInvoiceID",
    "User",
];

/// A row without the other documents that it shows.
fn own(value: &Json) -> Json {
    match value {
        Json::List(elements) => Json::List(elements.iter().map(own).collect()),
        Json::Object(members) => {
            let members = members
                .iter()
                .filter(|(name, _)| !OTHER_DOCUMENTS.contains(&name.as_str()));
            Json::Object(members.map(|(name, it)| (name.clone(), own(it))).collect())
        }
        other => other.clone(),
    }
}

impl Comparison {
    pub(crate) fn new(start: String, now: Millis) -> Comparison {
        Comparison {
            start,
            now,
            ..Comparison::default()
        }
    }

    /// Compares one table.
    pub(crate) fn table(&mut self, table: &Table, auditor: &mut Auditor, deeds: &Deeds) {
        let name = &table.stream.name;
        if figures_of_reports::is_compared(name) {
            let (rows, found) = figures_of_reports::differences(table, auditor, self.now);
            self.rows += rows;
            self.differences.extend(found.into_iter().take(SHOWN));
            return;
        }
        if other_apis::has(name) {
            let countries = countries(auditor);
            let (rows, found) =
                other_apis::differences(table, auditor, &countries, deeds, &self.start);
            self.rows += rows;
            self.differences.extend(found.into_iter().take(SHOWN));
            return;
        }
        let Some(expected) = auditor.expected(&table.stream) else {
            return;
        };
        let parents = CHILDREN.get(name.as_str()).map(|child| child.parent);
        let stamps = parents.map(|parent| Stamps::of(auditor, parent));
        self.rows += expected.len();
        let mut found = Vec::new();
        for (key, row) in &expected {
            match table.rows.get(key) {
                // docs/configuration.md: "The first sync reads rows created or changed at or after this moment".
                None if is_before(table, row, &self.start) => {}
                None => found.push(format!("{name}: the row {key} is missing")),
                Some(version) => {
                    let difference = difference(table, row, &version.row);
                    found.extend(difference.map(|it| format!("{name} {key}: {it}")));
                }
            }
        }
        for (key, version) in &table.rows {
            if !expected.contains_key(key)
                && !may_be_there(table, &version.row, stamps.as_ref(), deeds, &expected)
            {
                found.push(format!("{name}: the row {key} is not in Xero"));
            }
        }
        let more = found.len().saturating_sub(SHOWN);
        found.truncate(SHOWN);
        if more > 0 {
            found.push(format!("{name}: {more} more differences"));
        }
        self.differences.extend(found);
    }
}

/// The country of each organisation.
fn countries(auditor: &mut Auditor) -> BTreeMap<TenantId, String> {
    let tenants = auditor.tenants.clone().into_iter();
    let country = |tenant: TenantId| {
        let organisations = auditor.list(&tenant, "organisations");
        let country = organisations[0].get("CountryCode").text().to_owned();
        (tenant, country)
    };
    tenants.map(country).collect()
}

/// Whether a row with a stamp is older than the start date.
fn is_before(table: &Table, row: &Json, start: &str) -> bool {
    let stamp = row.get("UpdatedDateUTC").text();
    table.stream.cursor == "UpdatedDateUTC" && !stamp.is_empty() && stamp < start
}

/// The stamps of the current parents.
struct Stamps(BTreeSet<(String, String)>, &'static str);

impl Stamps {
    fn of(auditor: &mut Auditor, parent: &'static str) -> Stamps {
        let id = crate::truth::endpoint(parent).map_or("", |endpoint| endpoint.id);
        let tenants = auditor.tenants.clone();
        let rows = tenants
            .iter()
            .flat_map(|tenant| auditor.list(tenant, parent));
        let stamps = rows.map(|row| {
            let text = |field: &str| row.get(field).text().to_owned();
            (text(id), text("UpdatedDateUTC"))
        });
        Stamps(stamps.collect(), id)
    }

    /// Whether a child row belongs to the current version of its parent.
    fn are_current(&self, row: &Json) -> bool {
        let text = |field: &str| row.get(field).text().to_owned();
        self.0.contains(&(text(self.1), text("UpdatedDateUTC")))
    }
}

fn difference(table: &Table, expected: &Json, found: &Json) -> Option<String> {
    let (mut expected, mut found) = (expected.clone(), found.clone());
    if table.mode == Mode::Deduplicated {
        (expected, found) = (own(&expected), own(&found));
    }
    let (Json::Object(expected), Json::Object(found)) = (&expected, &found) else {
        return Some("no object".to_owned());
    };
    let allowed = match table.mode {
        // "A full refresh reads these changes."
        Mode::Overwrite | Mode::Append => &[],
        Mode::Deduplicated => unstamped_fields(&table.stream.name),
    };
    let names: BTreeSet<_> = expected.keys().chain(found.keys()).collect();
    let differs = |name: &&String| {
        expected.get(*name) != found.get(*name) && !allowed.contains(&name.as_str())
    };
    let mut fields = names.into_iter().filter(differs);
    let field = fields.next()?;
    let more = fields.count();
    let show = |value: Option<&Json>| {
        let text = value.map_or("absent".to_owned(), Json::canonical);
        text.chars().take(200).collect::<String>()
    };
    let (expected, found) = (show(expected.get(field)), show(found.get(field)));
    Some(format!(
        "{field} is {found} instead of {expected}, and {more} more fields differ"
    ))
}

/// Whether a row may be in the destination although Xero does not list it.
fn may_be_there(
    table: &Table,
    row: &Json,
    parents: Option<&Stamps>,
    deeds: &Deeds,
    expected: &Expected,
) -> bool {
    if table.mode != Mode::Deduplicated {
        return false;
    }
    if let Some(parents) = parents {
        // docs/streams.md, "Removed lines": "A line deleted in Xero is absent from the next version of its
        // parent. There is no other signal."
        return !parents.are_current(row);
    }
    if DOCUMENTS.contains_key(table.stream.name.as_str()) {
        // docs/documents.md: "The `UpdatedDateUTC` of each row is the stamp of its document." The document has
        // changed since the row was read, or was removed.
        let of = |row: &Json| {
            (
                row.get("ParentID").clone(),
                row.get("UpdatedDateUTC").clone(),
            )
        };
        return !expected.values().any(|current| of(current) == of(row));
    }
    // docs/streams.md, "Deletions": "If Xero removes a row without a status, the row is absent from the next
    // full refresh."
    let id = crate::truth::endpoint(&table.stream.name).map_or("", |endpoint| endpoint.id);
    deeds.removed.contains(row.get(id).text())
}
