//! The books of worlds of several seeds and currencies.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Months;
use serde_json::Value;

use super::*;
use crate::json::Json;
use crate::rows::{self, Books, Detail, Options};
use crate::tenant::{Tenant, TenantId};
use crate::world::World;

const BASES: [Basis; 2] = [Basis::Accrual, Basis::Cash];

/// A world with one organisation of twelve contacts and a hundred documents of each kind.
pub(crate) fn filled(seed: u64, currency: &str) -> (World, TenantId) {
    let mut world = World::new(seed);
    let tenant = world.add_tenant("Demo Company", currency);
    world.fill(&tenant, Entity::Contacts, 12);
    for entity in [
        Entity::Invoices,
        Entity::CreditNotes,
        Entity::Payments,
        Entity::Prepayments,
        Entity::Overpayments,
        Entity::BankTransactions,
        Entity::BankTransfers,
        Entity::BatchPayments,
        Entity::ManualJournals,
        Entity::Budgets,
    ] {
        world.fill(&tenant, entity, 100);
    }
    world.touch_silently(&tenant, Entity::Contacts, 7);
    (world, tenant)
}

/// Seeds and currencies that tests go through.
pub(crate) const SEVERAL: [(u64, &str); 5] =
    [(1, "NZD"), (2, "USD"), (3, "JPY"), (4, "BHD"), (5, "AUD")];

/// Runs a test on the books of each.
fn on_books(test: impl Fn(&Tenant)) {
    for (seed, currency) in SEVERAL {
        let (world, tenant) = filled(seed, currency);
        test(world.known(&tenant));
    }
}

/// The ends of all months that the books reach into, and of the one before.
fn month_ends(ledger: &Ledger) -> Vec<Day> {
    let first = ledger.first_day().expect("books with postings") - Months::new(1);
    let last = ledger.within(Span::until(Day::MAX)).last();
    let last = month_end(last.expect("books with postings").day);
    let ends = (0..).map(|months| month_end(first + Months::new(months)));
    ends.take_while(|day| *day <= last).collect()
}

#[test]
fn every_entry_balances() {
    on_books(|tenant| {
        for basis in BASES {
            let mut entries = BTreeMap::<_, (usize, i64)>::new();
            for posting in tenant.ledger(basis).within(Span::until(Day::MAX)) {
                let entry = entries.entry((posting.source, posting.day)).or_default();
                entry.0 += 1;
                entry.1 += posting.amount;
            }
            assert!(entries.len() > 200, "{} entries", entries.len());
            for (entry, (sides, sum)) in entries {
                assert!(sides > 1 && sum == 0, "{basis:?} {entry:?}: {sides} {sum}");
            }
        }
    });
}

#[test]
fn only_documents_that_stand_post() {
    on_books(|tenant| {
        let mut seen = BTreeSet::new();
        let ledger = tenant.ledger(Basis::Accrual);
        seen.extend(ledger.documents(Span::until(Day::MAX)));
        let standing = [
            (Entity::Invoices, &["AUTHORISED", "PAID"][..]),
            (Entity::CreditNotes, &["AUTHORISED", "PAID"]),
            (Entity::Prepayments, &["AUTHORISED", "PAID"]),
            (Entity::Overpayments, &["AUTHORISED", "PAID"]),
            (Entity::BankTransfers, &["AUTHORISED"]),
            (Entity::ManualJournals, &["POSTED"]),
        ];
        for (entity, statuses) in standing {
            for row in tenant.rows(entity) {
                let posts = seen.contains(&(entity, row.number));
                assert_eq!(posts, statuses.contains(&row.status), "{entity:?} {row:?}");
            }
        }
    });
}

#[test]
fn the_trial_balance_is_zero_and_assets_less_liabilities_are_equity() {
    on_books(|tenant| {
        for basis in BASES {
            let ledger = tenant.ledger(basis);
            let accounts = &ledger.accounts;
            assert_eq!(accounts.len(), tenant.rows(Entity::Accounts).len());
            for day in month_ends(ledger) {
                let sums = ledger.standing(day);
                let all: i64 = accounts.iter().map(|account| sums.of(account)).sum();
                assert_eq!(all, 0, "{basis:?} {day}");
                let of_sheet = accounts.iter().filter(|it| !it.group.is_of_profit());
                let (equity, others): (Vec<&Account>, Vec<_>) =
                    of_sheet.partition(|it| it.group == Group::Equity);
                let net: i64 = others.iter().map(|account| sums.of(account)).sum();
                let equity: i64 = equity.iter().map(|account| -sums.of(account)).sum();
                let year = Span {
                    first: ledger.fiscal_year(day),
                    last: day,
                };
                assert_eq!(net, equity + ledger.profit(year), "{basis:?} {day}");
            }
        }
    });
}

#[test]
fn a_year_earns_what_its_months_earn() {
    on_books(|tenant| {
        for basis in BASES {
            let ledger = tenant.ledger(basis);
            let ends = month_ends(ledger);
            assert!(ends.len() > 24, "{} months", ends.len());
            for year in ends.windows(12) {
                let months = year.iter().map(|day| ledger.profit(Span::month(*day)));
                let whole = Span {
                    first: Span::month(year[0]).first,
                    last: year[11],
                };
                assert_eq!(months.sum::<i64>(), ledger.profit(whole), "{whole:?}");
            }
        }
    });
}

#[test]
fn control_accounts_hold_what_is_open() {
    on_books(|tenant| {
        let ledger = tenant.ledger(Basis::Accrual);
        let items: Vec<Item> = rows::items(tenant).collect();
        let brought_over = |day: Day| {
            let contacts = tenant.rows(Entity::Contacts).iter();
            let known = contacts.filter(|row| day_of(row.created) <= day);
            BROUGHT_OVER * known.map(|row| i64::from(row.silent_edits)).sum::<i64>()
        };
        for (role, owes, sign) in [
            (Role::Receivable, Owes::Customer, 1),
            (Role::Payable, Owes::Organisation, -1),
        ] {
            for day in month_ends(ledger) {
                let own = items.iter().filter(|item| item.owes == owes);
                let open: i64 = own.map(|item| item.open_at(day)).sum();
                let expected = open + brought_over(day);
                let standing = ledger.sum_of(role, &ledger.standing(day));
                assert_eq!(sign * standing, expected, "{role:?} {day}");
            }
        }
    });
}

#[test]
fn what_is_open_is_what_documents_say() {
    on_books(|tenant| {
        let items: BTreeMap<u128, Item> = rows::items(tenant).map(|it| (it.id, it)).collect();
        let mut foreign = 0;
        for (entity, field, sign) in [
            (Entity::Invoices, "AmountDue", 1.0),
            (Entity::CreditNotes, "RemainingCredit", -1.0),
            (Entity::Prepayments, "RemainingCredit", -1.0),
            (Entity::Overpayments, "RemainingCredit", -1.0),
        ] {
            for row in tenant.rows(entity) {
                let Some(item) = items.get(&row.id) else {
                    continue;
                };
                let document = show(tenant, entity, row);
                let number = |key: &str| document[key].as_f64().expect("a number");
                let rate = number("CurrencyRate");
                foreign += usize::from(rate != 1.0);
                let said = sign * number(field) / rate * unit(tenant);
                // Both cut off what the last place cannot hold.
                let open = item.open_at(Day::MAX) as f64;
                assert!((said - open).abs() < 1.01, "{said} {open} {document}");
            }
        }
        assert!(foreign > 5, "{foreign} documents in other currencies");
    });
}

#[test]
fn contacts_owe_what_their_documents_say() {
    on_books(|tenant| {
        let items: Vec<Item> = rows::items(tenant).collect();
        let mut with_balance = 0;
        for contact in tenant.rows(Entity::Contacts) {
            let open = |owes| {
                let own = items
                    .iter()
                    .filter(|it| it.contact == contact.id && it.owes == owes);
                own.map(|item| item.open_at(Day::MAX)).sum::<i64>()
            };
            let expected = (open(Owes::Customer), open(Owes::Organisation));
            let owed = tenant.owed(contact);
            let found = (owed.receivable.outstanding, owed.payable.outstanding);
            assert_eq!(found, expected);
            with_balance += usize::from(expected != (0, 0));
            let shown = show(tenant, Entity::Contacts, contact);
            let shown = &shown["Balances"]["AccountsReceivable"]["Outstanding"];
            let shown = (shown.as_f64().expect("a number") * unit(tenant)).round() as i64;
            let brought_over = BROUGHT_OVER * i64::from(contact.silent_edits);
            assert_eq!(shown, expected.0 + brought_over);
        }
        assert!(with_balance > 8, "{with_balance} contacts with a balance");
    });
}

/// What the last place of the currency counts in.
fn unit(tenant: &Tenant) -> f64 {
    10_f64.powi(rows::decimals(tenant).into())
}

fn show(tenant: &Tenant, entity: Entity, row: &rows::Row) -> Value {
    let mut out = Json::default();
    let options = Options {
        detail: Detail::Paged,
        unitdp: 4,
    };
    rows::render(entity, row, tenant, options, &mut out);
    serde_json::from_slice(&out.into_bytes()).expect("JSON")
}
