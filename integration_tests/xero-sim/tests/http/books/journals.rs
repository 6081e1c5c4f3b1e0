//! Journals: balanced, numbered, of a document, and never changed.

use std::collections::{HashMap, HashSet};

use super::fields::{day, has, list, stamp, text};
use super::findings::{prove, prove_change};
use super::ledger::{by_source, of_journal};
use super::reader::{ACCRUAL, CASH, id_of, name};
use super::sources::{POSTING, is_known, is_posted, was_posted, wrong_source};

const LISTS: [&str; 2] = [ACCRUAL, CASH];

#[test]
fn the_lines_of_a_journal_sum_to_zero() {
    prove(|books, findings| {
        for (stream, journal) in LISTS.iter().flat_map(|list| {
            let rows = books.rows(list).iter();
            rows.map(move |journal| (*list, journal))
        }) {
            let sums = of_journal(books, journal);
            let total: i128 = sums.iter().map(|(_, sum)| sum).sum();
            findings.equal(total, 0, || name(stream, journal));
            let lines = list(journal, "JournalLines").len();
            findings.check(lines > 1, || {
                format!("{} has {lines} lines", name(stream, journal))
            });
        }
    });
}

#[test]
fn journals_are_numbered_in_the_order_in_which_they_were_posted() {
    prove(|books, findings| {
        for stream in LISTS {
            let rows = books.rows(stream);
            let number = |at: usize| text(&rows[at], "JournalNumber").parse::<u64>().ok();
            let created = |at: usize| stamp(&rows[at], "CreatedDateUTC");
            for at in 1..rows.len() {
                let holds = number(at - 1) < number(at) && created(at - 1) <= created(at);
                findings.check(holds, || {
                    let (one, other) = (name(stream, &rows[at - 1]), name(stream, &rows[at]));
                    format!("{other} follows {one}")
                });
            }
        }
    });
}

#[test]
fn ids_of_journals_and_of_their_lines_are_distinct() {
    prove(|books, findings| {
        for stream in LISTS {
            let (mut ids, mut lines) = (HashSet::new(), HashSet::new());
            for journal in books.rows(stream) {
                let is_new = ids.insert(text(journal, "JournalID"));
                findings.check(is_new, || name(stream, journal));
                for line in list(journal, "JournalLines") {
                    let is_new = lines.insert(text(line, "JournalLineID"));
                    findings.check(is_new, || format!("{}: {line}", name(stream, journal)));
                }
            }
        }
    });
}

#[test]
fn a_line_of_a_journal_names_its_account_and_adds_its_tax() {
    prove(|books, findings| {
        for stream in LISTS {
            for journal in books.rows(stream) {
                for line in list(journal, "JournalLines") {
                    let account = books.find("accounts", text(line, "AccountID"));
                    let agrees = account.is_some_and(|account| {
                        let pairs = [
                            ("AccountCode", "Code"),
                            ("AccountName", "Name"),
                            ("AccountType", "Type"),
                        ];
                        let mut pairs = pairs.iter();
                        pairs.all(|(one, other)| text(line, one) == text(account, other))
                    });
                    findings.check(agrees, || {
                        format!("{}: no such account: {line}", name(stream, journal))
                    });
                    let [net, tax, gross] = ["NetAmount", "TaxAmount", "GrossAmount"]
                        .map(|field| books.amount(line, field));
                    findings.equal(gross, net + tax, || {
                        format!("{}: GrossAmount of {line}", name(stream, journal))
                    });
                }
            }
        }
    });
}

#[test]
fn a_journal_is_of_a_document_that_posts() {
    prove(|books, findings| {
        for stream in LISTS {
            for journal in books.rows(stream) {
                let kind = text(journal, "SourceType");
                findings.check(is_known(kind), || {
                    format!("{}: unknown SourceType {kind}", name(stream, journal))
                });
                let wrong = wrong_source(books, journal);
                findings.check(wrong.is_none(), || {
                    let why = wrong.unwrap_or_default();
                    format!("{}: {why}", name(stream, journal))
                });
            }
        }
    });
}

#[test]
fn a_document_that_stands_has_a_journal_and_a_draft_has_none() {
    prove(|books, findings| {
        let posted = by_source(books, ACCRUAL);
        let posted_cash = by_source(books, CASH);
        for stream in POSTING {
            for row in books.rows(stream) {
                let id = text(row, id_of(stream));
                let [accrual, cash] = [&posted, &posted_cash].map(|it| it.contains_key(id));
                if is_posted(stream, row) {
                    let is_nothing = has(row, "Total") && books.own_amount(row, "Total") == 0;
                    findings.check(accrual || is_nothing, || {
                        format!("{} has no journal", name(stream, row))
                    });
                } else if !was_posted(stream, row) {
                    findings.check(!accrual && !cash, || {
                        format!("{} has journals", name(stream, row))
                    });
                }
            }
        }
    });
}

#[test]
fn a_journal_of_an_unedited_document_has_its_date() {
    prove(|books, findings| {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for journal in books.rows(ACCRUAL) {
            *counts.entry(text(journal, "SourceID")).or_default() += 1;
        }
        for journal in books.rows(ACCRUAL) {
            let id = text(journal, "SourceID");
            let stream = match text(journal, "SourceType") {
                "ACCREC" | "ACCPAY" => "invoices",
                "ACCRECCREDIT" | "ACCPAYCREDIT" => "credit_notes",
                "ACCRECPAYMENT" | "ACCPAYPAYMENT" => "payments",
                "CASHREC" | "CASHPAID" => "bank_transactions",
                "TRANSFER" => "bank_transfers",
                "MANJOURNAL" => "manual_journals",
                _ => continue,
            };
            // An edit may move the date: it reverses the first journal and posts another.
            // Some voided invoices have lost their date.
            let is_dated = |row: &&serde_json::Value| text(row, "Status") != "VOIDED";
            let row = books.find(stream, id).filter(is_dated);
            let Some(row) = row.filter(|_| counts[id] == 1) else {
                continue;
            };
            findings.equal(day(journal, "JournalDate"), day(row, "Date"), || {
                format!("{} of {}", name(ACCRUAL, journal), name(stream, row))
            });
        }
    });
}

#[test]
fn a_journal_never_changes() {
    prove_change(|before, after, findings| {
        for stream in LISTS {
            for journal in before.rows(stream) {
                let now = after.find(stream, text(journal, "JournalID"));
                findings.check(now == Some(journal), || {
                    let now = now.map_or("gone".to_owned(), ToString::to_string);
                    format!("{}: {journal} is {now}", name(stream, journal))
                });
            }
        }
    });
}

#[test]
fn edits_post_new_journals() {
    prove_change(|before, after, findings| {
        let (old, new) = (before.rows(ACCRUAL).len(), after.rows(ACCRUAL).len());
        findings.check(new > old, || format!("{old} journals before, {new} after"));
    });
}
