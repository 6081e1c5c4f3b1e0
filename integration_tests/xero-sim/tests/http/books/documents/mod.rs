//! What the accrual journals of a document post is what the document says.

mod money;
mod owed;

use serde_json::Value;

use super::exact::Foreign;
use super::fields::{list, text};
use super::findings::{Findings, prove};
use super::ledger::{Sums, by_source};
use super::reader::{ACCRUAL, Books, CASH, id_of, name};
use super::sources::{POSTING, is_posted, was_posted};

/// What a document should post to an account.
pub struct Expected<'a> {
    pub account: &'a str,
    pub amount: Foreign,
    /// Units by which it may differ.
    pub slack: i128,
}

/// Compares the journals of a document with what it should post. Whatever its lines lose to
/// rounding, a unit each at most, stands on the rounding account.
pub fn compare(
    books: &Books,
    case: &str,
    posted: &Sums,
    expected: &[Expected<'_>],
    others: &[&str],
    findings: &mut Findings,
) {
    let mut slack = 0;
    for one in expected {
        let found = posted.of(one.account);
        findings.check(one.amount.is(found, one.slack), || {
            let code = books.find("accounts", one.account);
            let code = code.map_or("?", |account| text(account, "Code"));
            let posted = posted.shown(books);
            format!(
                "{case}: {found} on {code}, expected {:?} of {posted}",
                one.amount
            )
        });
        slack += one.slack;
    }
    let rounding = books.system_account("ROUNDING");
    let rest = posted.only(|account| {
        let is_expected = expected.iter().any(|one| one.account == account);
        !is_expected && account != rounding && !others.contains(&account)
    });
    findings.check(rest.is_empty(), || {
        format!("{case}: also posts {}", rest.shown(books))
    });
    let lost = posted.of(rounding).abs();
    findings.check(lost <= slack, || {
        format!("{case}: {lost} on the rounding account, at most {slack}")
    });
}

/// The net amounts of lines by account, and the tax, in the document's currency.
fn lines_of<'a>(
    books: &'a Books,
    document: &Value,
    lines: &[Value],
) -> (Vec<(&'a str, i128, i128)>, i128) {
    let currency = books.currency(document);
    let is_inclusive = text(document, "LineAmountTypes").eq_ignore_ascii_case("Inclusive");
    let mut accounts: Vec<(&str, i128, i128)> = Vec::new();
    let mut taxes = 0;
    for line in lines {
        let amount = books.amount_in(currency, line, "LineAmount");
        let tax = books.amount_in(currency, line, "TaxAmount");
        let net = if is_inclusive { amount - tax } else { amount };
        taxes += tax;
        let account = books.account_of_code(text(line, "AccountCode"));
        match accounts.iter_mut().find(|(own, ..)| *own == account) {
            Some((_, sum, count)) => (*sum, *count) = (*sum + net, *count + 1),
            None => accounts.push((account, net, 1)),
        }
    }
    (accounts, taxes)
}

/// What the lines of a document post: net amounts and tax, each with a sign.
pub fn expected_lines<'a>(
    books: &'a Books,
    document: &Value,
    lines: &[Value],
    sign: i128,
) -> Vec<Expected<'a>> {
    let (accounts, tax) = lines_of(books, document, lines);
    let count = i128::try_from(lines.len()).expect("few lines");
    let tax = (books.system_account("GST"), tax, count);
    let mut all: Vec<Expected<'_>> = Vec::new();
    for (account, amount, lines) in accounts.into_iter().chain([tax]) {
        let amount = books.at_rate(document, sign * amount);
        let slack = amount.slack() * lines;
        // A line may name the tax account itself.
        match all.iter_mut().find(|one| one.account == account) {
            Some(one) => {
                one.amount.amount += amount.amount;
                one.slack += slack;
            }
            None => all.push(Expected {
                account,
                amount,
                slack,
            }),
        }
    }
    all
}

/// Accounts on which a document may post besides: gains when credit of another rate settles it,
/// and the cost of tracked items that it sells.
pub fn others<'a>(books: &'a Books, document: &Value) -> Vec<&'a str> {
    let mut others = vec![];
    if books.currency(document) != books.base {
        others.push(books.system_account("REALISEDCURRENCYGAIN"));
    }
    let sells = |line: &Value| {
        let item = books.find("items", text(line, "Item.ItemID"));
        item.is_some_and(|item| item["IsTrackedAsInventory"] == true)
    };
    if list(document, "LineItems").iter().any(sells) {
        let stock = |account: &&Value| matches!(text(account, "Type"), "INVENTORY" | "DIRECTCOSTS");
        let accounts = books.rows("accounts").iter().filter(stock);
        others.extend(accounts.map(|account| text(account, "AccountID")));
    }
    others
}

/// The documents of a stream that stand, each with what its journals post.
pub fn standing<'a>(books: &'a Books, stream: &'a str) -> impl Iterator<Item = (&'a Value, Sums)> {
    let posted = by_source(books, ACCRUAL);
    let rows = books.rows(stream).iter();
    let rows = rows.filter(move |row| is_posted(stream, row));
    rows.map(move |row| {
        let sums = posted.get(text(row, id_of(stream)));
        (row, sums.cloned().unwrap_or_default())
    })
}

#[test]
fn what_was_voided_or_deleted_posts_nothing_in_sum() {
    prove(|books, findings| {
        for list in [ACCRUAL, CASH] {
            let posted = by_source(books, list);
            for stream in POSTING {
                for row in books
                    .rows(stream)
                    .iter()
                    .filter(|row| was_posted(stream, row))
                {
                    let sums = posted
                        .get(text(row, id_of(stream)))
                        .cloned()
                        .unwrap_or_default();
                    findings.check(sums.is_empty(), || {
                        format!("{} in {list}: {}", name(stream, row), sums.shown(books))
                    });
                }
            }
        }
    });
}
