//! The aged reports: the open documents of one contact.

use chrono::NaiveDate;

use super::Body;
use super::layout::{Report, ReportLine, Section};
use super::parameters::{Invalid, ReportCall, long};
use crate::books::{BROUGHT_OVER, Basis, Day, Item, Owes, day_of, month_end};
use crate::guid::Guid;
use crate::rows::{self, Row};

pub(super) fn receivables(call: &ReportCall<'_>) -> Result<Body, Invalid> {
    draw(call, Owes::Customer)
}

pub(super) fn payables(call: &ReportCall<'_>) -> Result<Body, Invalid> {
    draw(call, Owes::Organisation)
}

fn draw(call: &ReportCall<'_>, owes: Owes) -> Result<Body, Invalid> {
    let missing = || Invalid("The contactId is required".to_owned());
    let id = call.id("contactId").ok_or_else(missing)?;
    let unknown = || Invalid("The contactId is not known".to_owned());
    let (contact, _) = rows::contact(call.tenant, id).ok_or_else(unknown)?;
    let date = call.day("date")?.unwrap_or(month_end(call.today));
    let last = call.day("toDate")?.unwrap_or(date);
    let first = match call.day("fromDate")? {
        Some(first) => first,
        // Includes everything since the first posting.
        None => call
            .tenant
            .ledger(Basis::Accrual)
            .first_day()
            .unwrap_or(last),
    };
    let of_contact = rows::items(call.tenant).filter(|it| it.contact == id && it.owes == owes);
    let open = of_contact.filter(|item| item.date <= last && item.open_at(date) != 0);
    let (before, mut items): (Vec<Item>, Vec<Item>) = open.partition(|item| item.date < first);
    items.sort_by_key(|item| (item.date, item.id));
    let opening =
        before.iter().map(|item| item.open_at(date)).sum::<i64>() + brought_over(contact, date);

    let (kind, name, label) = match owes {
        Owes::Customer => (
            "AgedReceivablesByContact",
            "Aged Receivables By Contact",
            "Number",
        ),
        Owes::Organisation => (
            "AgedPayablesByContact",
            "Aged Payables By Contact",
            "Reference",
        ),
    };
    let header = [
        "Date", label, "Due Date", "", "Total", "Paid", "Credited", "Due",
    ];
    Ok(Body::Rows(Report {
        kind,
        name,
        titles: vec![
            "Invoices".to_owned(),
            call.organisation(),
            format!("From {} to {}", long(first), long(last)),
            format!("Showing payments to {}", long(date)),
        ],
        header: header.map(str::to_owned).to_vec(),
        sections: sections(call, first, opening, &items, date),
    }))
}

/// Returns the balance that the contact brought from an older system.
fn brought_over(contact: &Row, date: Day) -> i64 {
    match day_of(contact.created) <= date {
        true => BROUGHT_OVER * i64::from(contact.silent_edits),
        false => 0,
    }
}

fn sections(
    call: &ReportCall<'_>,
    first: Day,
    opening: i64,
    items: &[Item],
    date: Day,
) -> Vec<Section> {
    let empty = String::new;
    let row = [
        "Opening Balance".to_owned(),
        empty(),
        empty(),
        empty(),
        empty(),
        empty(),
    ];
    let row = row.into_iter().chain([call.amount(opening)]);
    let mut sections = vec![Section::of_one(ReportLine::row(&stamp(first), row))];

    let sum = |of: fn(&Item, Day) -> i64| items.iter().map(|item| of(item, date)).sum::<i64>();
    let mut sums = [
        sum(|item, _| item.total),
        sum(Item::paid_until),
        sum(Item::credited_until),
        sum(Item::open_at),
    ];
    if !items.is_empty() {
        let lines = items.iter().map(|item| line(call, item, date));
        let total = summary(call, "Total", sums);
        sections.push(Section::new("", lines.chain([total]).collect()));
    }
    sums[3] += opening;
    let closing = summary(call, "Closing Balance", sums);
    sections.push(Section::of_one(closing));
    sections
}

fn line(call: &ReportCall<'_>, item: &Item, date: Day) -> ReportLine {
    let late = (date - item.due).num_days();
    let overdue = match late {
        1 => "1 day overdue".to_owned(),
        2.. => format!("{late} days overdue"),
        _ => String::new(),
    };
    let amounts = [
        item.total,
        item.paid_until(date),
        item.credited_until(date),
        item.open_at(date),
    ];
    let amounts = amounts.map(|amount| call.amount(amount));
    let cells = [item.label.clone(), stamp(item.due), overdue];
    let line = ReportLine::row(&stamp(item.date), cells.into_iter().chain(amounts));
    // For Xero, credit notes are invoices of another type, so their attribute is an invoice ID too.
    line.tagged(&Guid(item.id).to_string(), "invoiceID")
}

fn summary(call: &ReportCall<'_>, title: &str, sums: [i64; 4]) -> ReportLine {
    let empty = [(); 3].map(|()| String::new());
    let sums = sums.map(|sum| call.amount(sum));
    ReportLine::summary(title, empty.into_iter().chain(sums))
}

/// A day as cells write it.
fn stamp(day: NaiveDate) -> String {
    day.format("%Y-%m-%dT00:00:00").to_string()
}
