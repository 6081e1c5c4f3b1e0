//! What is open with one contact, document by document.

use chrono::NaiveDate;

use super::Body;
use super::asked::{Asked, Invalid, long};
use super::layout::{Line, Report, Section};
use crate::books::{BROUGHT_OVER, Basis, Day, Item, Owes, day_of, month_end};
use crate::guid::Guid;
use crate::rows::{self, Row};

pub(super) fn receivables(asked: &Asked<'_>) -> Result<Body, Invalid> {
    draw(asked, Owes::Customer)
}

pub(super) fn payables(asked: &Asked<'_>) -> Result<Body, Invalid> {
    draw(asked, Owes::Organisation)
}

fn draw(asked: &Asked<'_>, owes: Owes) -> Result<Body, Invalid> {
    let missing = || Invalid("The contactId is required".to_owned());
    let id = asked.id("contactId").ok_or_else(missing)?;
    let unknown = || Invalid("The contactId is not known".to_owned());
    let (contact, _) = rows::contact(asked.tenant, id).ok_or_else(unknown)?;
    let date = asked.day("date")?.unwrap_or(month_end(asked.today));
    let last = asked.day("toDate")?.unwrap_or(date);
    let first = match asked.day("fromDate")? {
        Some(first) => first,
        // Everything since the books were opened.
        None => asked
            .tenant
            .ledger(Basis::Accrual)
            .first_day()
            .unwrap_or(last),
    };
    let of_contact = rows::items(asked.tenant).filter(|it| it.contact == id && it.owes == owes);
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
            asked.organisation(),
            format!("From {} to {}", long(first), long(last)),
            format!("Showing payments to {}", long(date)),
        ],
        header: header.map(str::to_owned).to_vec(),
        sections: sections(asked, first, opening, &items, date),
    }))
}

/// What the contact brought over from an older system.
fn brought_over(contact: &Row, date: Day) -> i64 {
    match day_of(contact.created) <= date {
        true => BROUGHT_OVER * i64::from(contact.silent_edits),
        false => 0,
    }
}

fn sections(
    asked: &Asked<'_>,
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
    let row = row.into_iter().chain([asked.amount(opening)]);
    let mut sections = vec![Section::of_one(Line::row(&stamp(first), row))];

    let sum = |of: fn(&Item, Day) -> i64| items.iter().map(|item| of(item, date)).sum::<i64>();
    let mut sums = [
        sum(|item, _| item.total),
        sum(Item::paid_until),
        sum(Item::credited_until),
        sum(Item::open_at),
    ];
    if !items.is_empty() {
        let lines = items.iter().map(|item| line(asked, item, date));
        let total = summary(asked, "Total", sums);
        sections.push(Section::new("", lines.chain([total]).collect()));
    }
    sums[3] += opening;
    let closing = summary(asked, "Closing Balance", sums);
    sections.push(Section::of_one(closing));
    sections
}

fn line(asked: &Asked<'_>, item: &Item, date: Day) -> Line {
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
    let amounts = amounts.map(|amount| asked.amount(amount));
    let cells = [item.label.clone(), stamp(item.due), overdue];
    let line = Line::row(&stamp(item.date), cells.into_iter().chain(amounts));
    // Credit notes are invoices of another type to Xero, so theirs is an invoice's id, too.
    line.tagged(&Guid(item.id).to_string(), "invoiceID")
}

fn summary(asked: &Asked<'_>, title: &str, sums: [i64; 4]) -> Line {
    let empty = [(); 3].map(|()| String::new());
    let sums = sums.map(|sum| asked.amount(sum));
    Line::summary(title, empty.into_iter().chain(sums))
}

/// A day as cells write it.
fn stamp(day: NaiveDate) -> String {
    day.format("%Y-%m-%dT00:00:00").to_string()
}
