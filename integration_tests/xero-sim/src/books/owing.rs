//! The open amounts of contacts, document by document.

use std::collections::BTreeMap;

use super::{Day, Owes};

/// A document to be paid, or credit to be used, with its payments. Amounts are in the smallest unit
/// of the base currency. Credit is negative.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) owes: Owes,
    pub(crate) contact: u128,
    pub(crate) id: u128,
    /// The number of an invoice or credit note, the reference of a bill.
    pub(crate) label: String,
    pub(crate) date: Day,
    pub(crate) due: Day,
    pub(crate) total: i64,
    /// The payments: day and amount.
    pub(crate) paid: Vec<(Day, i64)>,
    /// The credit applied: day and amount.
    pub(crate) credited: Vec<(Day, i64)>,
}

impl Item {
    /// What was paid up to a day.
    pub(crate) fn paid_until(&self, day: Day) -> i64 {
        sum_until(&self.paid, day)
    }

    /// What was credited up to a day.
    pub(crate) fn credited_until(&self, day: Day) -> i64 {
        sum_until(&self.credited, day)
    }

    /// Returns the open amount at the end of a day. 0 before the day of the document.
    pub(crate) fn open_at(&self, day: Day) -> i64 {
        if day < self.date {
            return 0;
        }
        self.total - self.paid_until(day) - self.credited_until(day)
    }
}

fn sum_until(parts: &[(Day, i64)], day: Day) -> i64 {
    let until = parts.iter().filter(|(at, _)| *at <= day);
    until.map(|(_, amount)| amount).sum()
}

/// The open amounts between a contact and the organisation, over all documents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Owed {
    pub(crate) receivable: Open,
    pub(crate) payable: Open,
    /// Whether invoices were sent to it.
    pub(crate) is_customer: bool,
    /// Whether bills came from it.
    pub(crate) is_supplier: bool,
}

/// What is open on one side, less the credit there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Open {
    pub(crate) outstanding: i64,
    /// The part of invoices that were due before today.
    pub(crate) overdue: i64,
}

/// What is open with each contact.
#[derive(Debug, Default)]
pub(crate) struct Owing {
    /// Its documents: on which side, the day on which they are due, and the open amount.
    contacts: BTreeMap<u128, Vec<(Owes, Day, i64)>>,
}

impl Owing {
    /// Adds up the items.
    pub(crate) fn of(items: impl Iterator<Item = Item>) -> Self {
        let mut contacts = BTreeMap::<u128, Vec<_>>::new();
        for item in items {
            let open = item.open_at(Day::MAX);
            let with = contacts.entry(item.contact).or_default();
            with.push((item.owes, item.due, open));
        }
        Self { contacts }
    }

    /// What is open with one contact on a day.
    pub(crate) fn with(&self, contact: u128, today: Day) -> Owed {
        let mut owed = Owed::default();
        for (owes, due, amount) in self.contacts.get(&contact).into_iter().flatten() {
            let (open, is_of_kind) = match owes {
                Owes::Customer => (&mut owed.receivable, &mut owed.is_customer),
                Owes::Organisation => (&mut owed.payable, &mut owed.is_supplier),
            };
            *is_of_kind = true;
            open.outstanding += amount;
            // Credit is never overdue.
            if *amount > 0 && *due < today {
                open.overdue += amount;
            }
        }
        owed
    }
}

/// Amount by which each unstamped edit of a contact raises both balances, as a balance imported
/// from an older system would.
pub(crate) const BROUGHT_OVER: i64 = 11_500;
