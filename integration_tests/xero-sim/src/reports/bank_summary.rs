//! The bank summary: money received and spent on each bank account.

use super::Body;
use super::layout::{Report, ReportLine, Section};
use super::parameters::{Invalid, ReportCall, eve, long};
use crate::books::{Basis, Group};
use crate::guid::Guid;

pub(super) fn draw(call: &ReportCall<'_>) -> Result<Body, Invalid> {
    let (span, _) = call.span()?;
    let ledger = call.tenant.ledger(Basis::Accrual);
    let before = ledger.standing(eve(span.first));
    let mut totals = [0; 4];
    let mut lines = Vec::new();
    for account in ledger.accounts_of(&[Group::Bank]) {
        let [received, spent] = ledger.received_and_spent(span, account);
        let opening = before.of(account);
        let values = [opening, received, spent, opening + received - spent];
        for (total, value) in totals.iter_mut().zip(values) {
            *total += value;
        }
        let id = Guid(account.id).to_string();
        let line = ReportLine::row(&account.name, values.map(|value| call.amount(value)));
        // The first cell spells the attribute as no other does.
        let line = line.with(0, id.clone(), "accountID");
        let line = line.with(2, id.clone(), "account");
        lines.push(line.with(3, id, "account"));
    }
    lines.push(ReportLine::summary(
        "Total",
        totals.map(|it| call.amount(it)),
    ));
    let header = [
        "Bank Accounts",
        "Opening Balance",
        "Cash Received",
        "Cash Spent",
        "Closing Balance",
    ];
    Ok(Body::Rows(Report {
        kind: "BankSummary",
        name: "Bank Summary",
        titles: vec![
            "Bank Summary".to_owned(),
            call.organisation(),
            format!("From {} to {}", long(span.first), long(span.last)),
        ],
        header: header.map(str::to_owned).to_vec(),
        sections: vec![Section::new("", lines)],
    }))
}
