//! Finds what each payment pays.

use std::collections::{HashMap, VecDeque};

use super::open::{OpenDocument, OpenDocuments};
use super::{CREDIT, Change, Fresh, History};
use crate::clock::Millis;
use crate::entity::Entity;
use crate::rows::common_fields::midnight;
use crate::rows::settlements::Settlement;
use crate::rows::{DocumentKey, Row};

/// Payments of one document.
#[derive(Default)]
struct Assigned<'a> {
    standing: Vec<&'a Row>,
    deleted: Vec<&'a Row>,
}

/// Pays documents with all payments that are new.
pub(super) fn pay(fresh: &Fresh<'_>, open: &mut OpenDocuments, history: &mut History) {
    let mut queue = Queue::of(open);
    let mut assigned: Vec<(DocumentKey, Assigned<'_>)> = Vec::new();
    let mut places = HashMap::new();
    let mut batch = None;
    for payment in fresh.rows(Entity::Payments) {
        let target = match payment.of {
            // The payments of a batch stand one after the other. They go one way, in one currency.
            Some(key) => {
                let first = batch.take_if(|(known, _)| *known == key);
                let like = first.map(|(_, like)| like);
                let target = queue.next_of_batch(payment, like, open);
                batch = like.or(target).map(|like| (key, like));
                target
            }
            None => queue.next(payment, open),
        };
        let Some(target) = target else {
            continue;
        };
        let place = *places.entry(target).or_insert_with(|| {
            assigned.push((target, Assigned::default()));
            assigned.len() - 1
        });
        match payment.status {
            "AUTHORISED" => assigned[place].1.standing.push(payment),
            _ => assigned[place].1.deleted.push(payment),
        }
    }
    let days = days_of_batches(&assigned, open);
    for (key, payments) in &assigned {
        let document = open.get(*key).expect("what is paid is open");
        pay_one(document, payments, &days, history);
    }
}

/// The day of the payments of each batch: not before any of the documents that it pays.
fn days_of_batches(
    assigned: &[(DocumentKey, Assigned<'_>)],
    open: &mut OpenDocuments,
) -> HashMap<DocumentKey, Millis> {
    let mut days = HashMap::new();
    for (key, payments) in assigned {
        let Some(document) = open.get(*key) else {
            continue;
        };
        for payment in payments.standing.iter().chain(&payments.deleted) {
            if let Some(batch) = payment.of {
                let day = midnight(payment.created).max(document.date);
                let known = days.entry(batch).or_insert(day);
                *known = day.max(*known);
            }
        }
    }
    days
}

/// Divides what is open of a document between its payments.
fn pay_one(
    document: &mut OpenDocument,
    payments: &Assigned<'_>,
    days: &HashMap<DocumentKey, Millis>,
    history: &mut History,
) {
    let rest = document.rest();
    let to_pay = match document.becomes_paid {
        true => rest,
        // At least one unit for each payment, and one that stays open.
        false => (rest / 4).max(payments.standing.len() as i64),
    };
    let mut left = to_pay;
    let deleted = payments.deleted.iter().map(|it| (it, false));
    let standing = payments.standing.iter().map(|it| (it, true));
    let mut parts_left = payments.standing.len() as i64;
    for (payment, stands) in deleted.chain(standing) {
        let created = payment.created.max(document.created);
        let updated = payment.updated.max(created);
        let amount = if stands {
            let amount = left / parts_left;
            parts_left -= 1;
            left -= amount;
            document.take(amount, updated);
            amount
        } else {
            document.touch(updated);
            (rest / 2).max(1)
        };
        let change = Change {
            status: payment.status,
            created,
            updated,
        };
        history
            .changes
            .push(((Entity::Payments, payment.number), change));
        let of_batch = payment.of.and_then(|batch| days.get(&batch)).copied();
        history.settlements.push(Settlement {
            by: (Entity::Payments, payment.number),
            of: document.key,
            id: payment.id,
            date: of_batch.unwrap_or(midnight(created).max(document.date)),
            amount,
            stands,
        });
    }
}

/// The documents in the order in which payments find them.
struct Queue {
    /// Invoices that were not made yet when the last payment came, the earliest first.
    later: VecDeque<DocumentKey>,
    /// Invoices that wait for payments, and how many each waits for.
    waiting: VecDeque<(DocumentKey, u64)>,
    /// Invoices that have all their payments. They take more if no other is left.
    served: VecDeque<DocumentKey>,
    /// How many payments each document has.
    counts: HashMap<DocumentKey, i64>,
    credit: HashMap<Entity, VecDeque<DocumentKey>>,
}

/// What the payments of a batch have in common with the first one.
type Like = DocumentKey;

impl Queue {
    fn of(open: &OpenDocuments) -> Self {
        let invoices = open.tables(&[Entity::Invoices]);
        let mut invoices: Vec<_> = invoices.filter(|it| it.rest() > 0).collect();
        invoices.sort_by_key(|it| (it.created, it.key));
        let credit = CREDIT.map(|entity| {
            let tables = [entity];
            let open = open.tables(&tables);
            let refunded = open.filter(|it| it.rest() > 1 && it.draw() % 3 > 0);
            (entity, refunded.map(|it| it.key).collect())
        });
        Self {
            later: invoices.iter().map(|it| it.key).collect(),
            waiting: VecDeque::new(),
            served: VecDeque::new(),
            counts: HashMap::new(),
            credit: credit.into_iter().collect(),
        }
    }

    /// What a payment pays.
    fn next(&mut self, payment: &Row, open: &mut OpenDocuments) -> Option<DocumentKey> {
        if let Some(credit) = self.credit_for(payment, open) {
            return Some(credit);
        }
        self.let_in(payment.created, open);
        if let Some((key, wanted)) = self.waiting.pop_front() {
            match wanted {
                0 | 1 => self.served.push_back(key),
                _ => self.waiting.push_front((key, wanted - 1)),
            }
            return Some(self.count(key));
        }
        self.more(open, |_| true)
    }

    /// What a payment of a batch pays: an invoice of the side and the currency of `like`, of the
    /// first if there is none yet.
    fn next_of_batch(
        &mut self,
        payment: &Row,
        like: Option<Like>,
        open: &mut OpenDocuments,
    ) -> Option<DocumentKey> {
        self.let_in(payment.created, open);
        let side = like.and_then(|like| open.get(like).map(|like| like.side));
        let fits = |key: DocumentKey, open: &mut OpenDocuments| {
            let document = open.get(key).expect("what waits is open");
            document.is_in_base_currency && side.is_none_or(|side| side == document.side)
        };
        let place = (0..self.waiting.len().min(64)).find(|at| fits(self.waiting[*at].0, open));
        if let Some((key, _)) = place.and_then(|place| self.waiting.remove(place)) {
            self.served.push_back(key);
            return Some(self.count(key));
        }
        let in_base = self.more(open, |document| {
            document.is_in_base_currency && side.is_none_or(|side| side == document.side)
        });
        // Two parts of one invoice are always of one side and currency.
        in_base
            .or_else(|| like.map(|key| self.count(key)))
            .or_else(|| self.next(payment, open))
    }

    /// Credit that a payment pays back, of one payment in ten.
    fn credit_for(&mut self, payment: &Row, open: &mut OpenDocuments) -> Option<DocumentKey> {
        let entity = match (payment.seed >> 16) % 50 {
            0..=2 => Entity::CreditNotes,
            3 => Entity::Prepayments,
            4 => Entity::Overpayments,
            _ => return None,
        };
        let credit = self.credit.get_mut(&entity)?;
        let key = credit.front().copied()?;
        let is_there = open.get(key)?.created <= payment.created;
        is_there.then(|| credit.pop_front())?;
        Some(self.count(key))
    }

    /// Lets the invoices in that were made up to a moment.
    fn let_in(&mut self, until: Millis, open: &mut OpenDocuments) {
        while let Some(key) = self.later.front().copied() {
            let document = open.get(key).expect("what is to be paid is open");
            if document.created > until {
                return;
            }
            self.later.pop_front();
            match wanted(document) {
                0 => self.served.push_back(key),
                wanted => self.waiting.push_back((key, wanted)),
            }
        }
    }

    /// An invoice that takes one more payment: one that was there, else the next one.
    fn more(
        &mut self,
        open: &mut OpenDocuments,
        fits: impl Fn(&OpenDocument) -> bool,
    ) -> Option<DocumentKey> {
        for _ in 0..self.served.len() {
            let key = self.served.pop_front()?;
            self.served.push_back(key);
            let document = open.get(key)?;
            // What stays open needs a unit of its own.
            let has_room = document.rest() > self.counts.get(&key).copied().unwrap_or_default() + 1;
            if has_room && fits(document) {
                return Some(self.count(key));
            }
        }
        for place in 0..self.later.len() {
            let key = self.later[place];
            if fits(open.get(key)?) {
                self.later.remove(place);
                self.served.push_back(key);
                return Some(self.count(key));
            }
        }
        None
    }

    fn count(&mut self, key: DocumentKey) -> DocumentKey {
        *self.counts.entry(key).or_default() += 1;
        key
    }
}

/// How many payments an invoice gets: mostly one if it is paid, mostly none if not.
fn wanted(document: &OpenDocument) -> u64 {
    let most = document.rest().cast_unsigned().saturating_sub(1);
    let wanted = match (document.becomes_paid, document.draw() % 10) {
        (true, 0) => 3,
        (true, 1 | 2) => 2,
        (true, _) => 1,
        (false, 0..=2) => 1,
        (false, _) => 0,
    };
    wanted.min(most)
}
