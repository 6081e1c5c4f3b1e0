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
    /// The parts of the document's total that it settles.
    pub(crate) covers: Parts,
    /// The parts of the credit's total that it uses. Empty for a payment.
    pub(crate) uses: Parts,
    /// Whether the payment still stands and the credit is still used.
    pub(crate) stands: bool,
}

impl Settlement {
    /// Whether it is a payment, and not credit.
    pub(crate) fn is_payment(&self) -> bool {
        self.by.0 == Entity::Payments
    }
}

/// Parts of a total, as pairs of sums: from, to. The values of parts are differences of rounded sums,
/// so the parts of a whole total add up to its value, whatever was paid back in between.
pub(crate) type Parts = Vec<(i64, i64)>;

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

    /// The parts of a total that nothing covers yet, of a document or of credit.
    pub(crate) fn open_parts(&self, document: DocumentKey, total: i64) -> Parts {
        let paid = self.of(document).flat_map(|it| &it.covers);
        let used = self.by(document).flat_map(|it| &it.uses);
        let mut taken: Parts = paid.chain(used).copied().collect();
        taken.sort_unstable();
        taken.push((total, total));
        let mut end = 0;
        let mut open = Parts::new();
        for (from, to) in taken {
            if from > end {
                open.push((end, from));
            }
            end = end.max(to);
        }
        open
    }

    /// Takes back all that a document settles and is settled by.
    pub(crate) fn take_back(&mut self, document: DocumentKey) {
        for place in self.places.get(&document).into_iter().flatten() {
            self.all[*place].stands = false;
        }
    }
}

/// The first parts of some that are open, for an amount.
pub(crate) fn first_of(open: &[(i64, i64)], amount: i64) -> Parts {
    let mut rest = amount;
    let parts = open.iter().map(|(from, to)| {
        let length = (to - from).min(rest);
        rest -= length;
        (*from, from + length)
    });
    parts.filter(|(from, to)| from < to).collect()
}

/// The sum of parts.
pub(crate) fn length(parts: &[(i64, i64)]) -> i64 {
    parts.iter().map(|(from, to)| to - from).sum()
}

/// The value of parts of a total. `value_until(sum)` is the value of the total's first part, up to `sum`.
pub(crate) fn value(parts: &[(i64, i64)], value_until: impl Fn(i64) -> i64) -> i64 {
    let values = parts.iter();
    values
        .map(|(from, to)| value_until(*to) - value_until(*from))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const INVOICE: DocumentKey = (Entity::Invoices, 1);

    fn paid(number: u64, covers: Parts) -> Settlement {
        Settlement {
            by: (Entity::Payments, number),
            of: INVOICE,
            id: number.into(),
            date: 0,
            amount: length(&covers),
            covers,
            uses: Parts::new(),
            stands: true,
        }
    }

    #[test]
    fn a_payment_covers_what_a_deleted_one_has_left_open() {
        let mut settlements = Settlements::default();
        for (number, amount) in [(1, 30), (2, 50)] {
            let open = settlements.open_parts(INVOICE, 100);
            settlements.add(paid(number, first_of(&open, amount)));
        }
        assert_eq!(settlements.open_parts(INVOICE, 100), [(80, 100)]);
        settlements.take_back((Entity::Payments, 1));
        let open = settlements.open_parts(INVOICE, 100);
        assert_eq!(open, [(0, 30), (80, 100)]);
        settlements.add(paid(3, first_of(&open, 40)));
        assert_eq!(settlements.open_parts(INVOICE, 100), [(90, 100)]);
        assert_eq!(settlements.of(INVOICE).count(), 2);
    }

    #[test]
    fn the_values_of_all_parts_are_the_value_of_the_whole() {
        let thirds = |sum: i64| sum / 3;
        let values = [vec![(0, 10), (40, 50)], vec![(10, 40)]];
        let all: i64 = values.iter().map(|parts| value(parts, thirds)).sum();
        assert_eq!(all, thirds(50));
    }
}
