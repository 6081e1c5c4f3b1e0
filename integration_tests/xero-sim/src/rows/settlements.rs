//! What settles what: the payments of documents, and the credit that was used for invoices. Both
//! sides of each are written from this one list.

use std::collections::HashMap;

use super::DocumentKey;
use crate::clock::Millis;
use crate::entity::Entity;

/// An amount that was taken off a document: by a payment, or by credit of the same contact.
#[derive(Clone, Debug)]
pub(crate) struct Settlement {
    /// The payment, or the document of credit.
    pub(crate) by: DocumentKey,
    /// The document that is paid, or the invoice that took the credit.
    pub(crate) of: DocumentKey,
    /// The id of the payment, or of the allocation.
    pub(crate) id: u128,
    pub(crate) date: Millis,
    /// In the last place of the document's currency, which is also that of the credit.
    pub(crate) amount: i64,
    /// Whether the payment still stands and the credit is still used.
    pub(crate) stands: bool,
}

impl Settlement {
    /// Whether it is a payment, and not credit.
    pub(crate) fn is_payment(&self) -> bool {
        self.by.0 == Entity::Payments
    }
}

/// A part of a document's total: two sums, from and to. The value of a part is a difference of rounded
/// sums, so the parts of a whole total add up to its value.
pub(crate) type Part = (i64, i64);

/// All settlements of an organisation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settlements {
    all: Vec<Settlement>,
    /// The places in `all` of what a document settles and of what settles it.
    places: HashMap<DocumentKey, Vec<usize>>,
}

impl Settlements {
    /// Adds one.
    pub(crate) fn add(&mut self, settlement: Settlement) {
        let place = self.all.len();
        for key in [settlement.by, settlement.of] {
            self.places.entry(key).or_default().push(place);
        }
        self.all.push(settlement);
    }

    /// What a document is settled by and what it settles, also what does not stand any more.
    pub(crate) fn with(&self, document: DocumentKey) -> impl Iterator<Item = &Settlement> {
        let places = self.places.get(&document).into_iter().flatten();
        places.map(|place| &self.all[*place])
    }

    /// What settles a document, in the order in which it came.
    pub(crate) fn of(&self, document: DocumentKey) -> impl Iterator<Item = &Settlement> {
        let with = self.with(document);
        with.filter(move |it| it.of == document && it.stands)
    }

    /// The invoices that took credit of a document.
    pub(crate) fn by(&self, document: DocumentKey) -> impl Iterator<Item = &Settlement> {
        let with = self.with(document);
        with.filter(move |it| it.by == document && it.stands)
    }

    /// What was paid of a document.
    pub(crate) fn paid(&self, document: DocumentKey) -> i64 {
        let paid = self.of(document).filter(|it| it.is_payment());
        paid.map(|it| it.amount).sum()
    }

    /// The credit that was used for a document.
    pub(crate) fn credited(&self, document: DocumentKey) -> i64 {
        let credited = self.of(document).filter(|it| !it.is_payment());
        credited.map(|it| it.amount).sum()
    }

    /// What a payment pays, or paid before it was deleted.
    pub(crate) fn of_payment(&self, payment: DocumentKey) -> Option<&Settlement> {
        self.with(payment).find(|it| it.by == payment)
    }

    /// What of a document's total is settled: of an invoice what was paid and credited, of credit what
    /// was used and paid back.
    pub(crate) fn settled(&self, document: DocumentKey) -> i64 {
        let standing = self.with(document).filter(|it| it.stands);
        standing.map(|it| it.amount).sum()
    }

    /// The part of a document's total that a settlement settles. They settle it in the order of their
    /// dates, those of one day in the order of their ids.
    pub(crate) fn part(&self, settlement: &Settlement, document: DocumentKey) -> Part {
        let order = |it: &Settlement| (it.date, it.id);
        let earlier = self.with(document).filter(|it| it.stands);
        let earlier = earlier.filter(|it| order(it) < order(settlement));
        let from: i64 = earlier.map(|it| it.amount).sum();
        (from, from + settlement.amount)
    }

    /// The settlements that depend on those of a document: they settle the same documents.
    pub(crate) fn beside(&self, document: DocumentKey) -> Vec<DocumentKey> {
        let sides = |it: &Settlement| [it.by, it.of];
        let others = self.with(document).flat_map(sides);
        let beside = others.flat_map(|other| self.with(other).flat_map(sides));
        beside.collect()
    }

    /// Takes back all that a document settles and is settled by.
    pub(crate) fn take_back(&mut self, document: DocumentKey) {
        for place in self.places.get(&document).into_iter().flatten() {
            self.all[*place].stands = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INVOICE: DocumentKey = (Entity::Invoices, 1);

    fn paid(number: u64, date: Millis, amount: i64) -> Settlement {
        Settlement {
            by: (Entity::Payments, number),
            of: INVOICE,
            id: number.into(),
            date,
            amount,
            stands: true,
        }
    }

    fn parts(settlements: &Settlements) -> Vec<Part> {
        let of = settlements.of(INVOICE);
        of.map(|it| settlements.part(it, INVOICE)).collect()
    }

    #[test]
    fn settlements_follow_one_another_by_date_and_id() {
        let mut settlements = Settlements::default();
        for settlement in [paid(1, 5, 30), paid(3, 4, 20), paid(2, 4, 40)] {
            settlements.add(settlement);
        }
        assert_eq!(parts(&settlements), [(60, 90), (40, 60), (0, 40)]);
    }

    #[test]
    fn later_payments_move_up_when_an_earlier_one_is_deleted() {
        let mut settlements = Settlements::default();
        settlements.add(paid(1, 1, 30));
        settlements.add(paid(2, 2, 50));
        assert_eq!(settlements.settled(INVOICE), 80);
        settlements.take_back((Entity::Payments, 1));
        assert_eq!(parts(&settlements), [(0, 50)]);
        assert_eq!(settlements.settled(INVOICE), 50);
    }
}
