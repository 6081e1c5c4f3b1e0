//! What follows from a change of a document: amounts, statuses and stamps of others, and journals.

use std::collections::BTreeSet;
use std::sync::Arc;

use fastrand::Rng;

use super::Tenant;
use crate::books::DocumentKey;
use crate::clock::{DAY, Millis};
use crate::entity::Entity;
use crate::rows::{self, Books, Row, SETTLED, Settlement};

impl Tenant {
    /// Carries out what follows from changes of these documents.
    pub(crate) fn follow(&mut self, changed: &[DocumentKey], now: Millis) {
        let mut open: Vec<DocumentKey> = changed.to_vec();
        let mut reached: BTreeSet<DocumentKey> = BTreeSet::new();
        while let Some(key) = open.pop() {
            if reached.insert(key) {
                open.extend(self.consequences(key, now));
            }
        }
        let reached: Vec<DocumentKey> = reached.into_iter().collect();
        for key in &reached {
            self.restate(*key);
        }
        self.restate_linked(&reached, now);
        // The parts of a total that payments and credit settle depend on one another.
        let beside = reached.iter().flat_map(|key| self.settlements.beside(*key));
        let posting: BTreeSet<DocumentKey> = reached.iter().copied().chain(beside).collect();
        self.post(posting, now);
    }

    /// Changes the documents that a document takes with it. Returns them.
    fn consequences(&mut self, key: DocumentKey, now: Millis) -> Vec<DocumentKey> {
        let Some(row) = self.row(key.0, key.1).cloned() else {
            return Vec::new();
        };
        let mut others = self.made_with(key, &row, now);
        let settled: Vec<DocumentKey> = {
            let with = self.settlements.with(key).filter(|it| it.stands);
            with.map(|it| if it.by == key { it.of } else { it.by })
                .collect()
        };
        match key.0 {
            Entity::Payments => {
                if row.status == "AUTHORISED" {
                    return others;
                }
                Arc::make_mut(&mut self.settlements).take_back(key);
                for paid in settled {
                    self.stamp(paid, now);
                    others.push(paid);
                }
            }
            entity if SETTLED.contains(&entity) => {
                if row.stands() {
                    return others;
                }
                Arc::make_mut(&mut self.settlements).take_back(key);
                for other in settled {
                    if other.0 == Entity::Payments {
                        self.set(other, "DELETED", now);
                    } else {
                        self.stamp(other, now);
                    }
                    others.push(other);
                }
            }
            _ => {}
        }
        others
    }

    /// Gives the rows that were made with a row the status that they have with it.
    fn made_with(&mut self, key: DocumentKey, row: &Row, now: Millis) -> Vec<DocumentKey> {
        let mut changed = Vec::new();
        let status = rows::status_made_for(key.0, row.status);
        for made in self.made_for(key).to_vec() {
            if self
                .row(made.0, made.1)
                .is_some_and(|it| it.status != status)
            {
                self.set(made, status, now);
                changed.push(made);
            }
        }
        // None of the rows that were made together can be deleted alone.
        let gone = matches!(row.status, "DELETED" | "VOIDED");
        let owner = row
            .of
            .filter(|owner| gone && self.made_for(*owner).contains(&key));
        if let Some(owner @ (entity, number)) = owner
            && let Some(row) = self.row(entity, number)
            && let Some(status) = rows::status_after_deletion(entity, row.status)
            && rows::status_made_for(entity, row.status) == "AUTHORISED"
        {
            self.set(owner, status, now);
            changed.push(owner);
        }
        changed
    }

    fn set(&mut self, (entity, number): DocumentKey, status: &'static str, now: Millis) {
        self.table_mut(entity).edit(number, |row| {
            row.status = status;
            row.updated = now;
        });
    }

    fn stamp(&mut self, (entity, number): DocumentKey, now: Millis) {
        self.table_mut(entity).edit(number, |row| row.updated = now);
    }

    /// Gives a document the status that its amounts make it.
    fn restate(&mut self, key @ (entity, number): DocumentKey) {
        let is_settled = SETTLED.contains(&entity);
        let Some(row) = self
            .row(entity, number)
            .filter(|row| is_settled && row.stands())
        else {
            return;
        };
        let status = match rows::remaining(key, self) == 0 {
            true => "PAID",
            false => "AUTHORISED",
        };
        if row.status != status {
            self.table_mut(entity)
                .edit(number, |row| row.status = status);
        }
    }

    /// Gives linked transactions the status that their documents make them.
    fn restate_linked(&mut self, changed: &[DocumentKey], now: Millis) {
        let links = |(entity, _): &DocumentKey| {
            matches!(
                entity,
                Entity::Invoices
                    | Entity::BankTransactions
                    | Entity::Receipts
                    | Entity::LinkedTransactions
            )
        };
        if !changed.iter().any(links) {
            return;
        }
        for (number, status) in rows::linked_statuses(self) {
            let table = self.table(Entity::LinkedTransactions);
            if table.row(number).is_some_and(|row| row.status != status) {
                self.set((Entity::LinkedTransactions, number), status, now);
            }
        }
    }

    /// Lets a new payment pay an open invoice: one of the side and the currency of `like`, if the
    /// payment is part of a batch. Returns the invoice for the next one of the batch.
    pub(super) fn pay_with(
        &mut self,
        number: u64,
        like: Option<DocumentKey>,
        now: Millis,
    ) -> Option<DocumentKey> {
        let key = (Entity::Payments, number);
        let payment = self.row(key.0, number)?.clone();
        if payment.status != "AUTHORISED" {
            return None;
        }
        let like = like.filter(|_| payment.of.is_some());
        let mut rng = Rng::with_seed(payment.seed);
        let (invoice, open) = match self.open_invoice(like, &mut rng) {
            Some(found) => found,
            // Nobody filled the table: the payment names an invoice that cannot be looked up.
            None if self.rows(Entity::Invoices).is_empty() => return None,
            None => self.invoice_to_pay(like, rng.u64(..), now),
        };
        let amount = if rng.bool() { open } else { (open / 2).max(1) };
        let day = now - now.rem_euclid(DAY);
        let date = rows::date_of(invoice, self).max(day);
        Arc::make_mut(&mut self.settlements).add(Settlement {
            by: key,
            of: invoice,
            id: payment.id,
            date,
            amount,
            stands: true,
        });
        self.stamp(invoice, now);
        Some(invoice)
    }

    /// Makes an invoice that can be paid, of the side and the currency of `like`.
    fn invoice_to_pay(
        &mut self,
        like: Option<DocumentKey>,
        seed: u64,
        now: Millis,
    ) -> (DocumentKey, i64) {
        let number = self.table(Entity::Invoices).next_number();
        let key = (Entity::Invoices, number);
        let like = like.and_then(|(entity, number)| self.row(entity, number));
        let mut rows = rows::generate(key.0, number, 1, seed, now);
        for row in &mut rows {
            (row.created, row.updated, row.status) = (now, now, "AUTHORISED");
            if let Some(like) = like {
                row.seed = rows::seed_beside(like, row.seed);
                row.of = Some((key.0, like.number));
            }
        }
        self.table_mut(key.0).append(rows);
        self.mark_settled();
        (key, rows::remaining(key, self))
    }

    /// An invoice that can be paid, and how much of it is open.
    fn open_invoice(&self, like: Option<DocumentKey>, rng: &mut Rng) -> Option<(DocumentKey, i64)> {
        let invoices = self.rows(Entity::Invoices);
        let start = rng.usize(..invoices.len().max(1));
        let (before, after) = invoices.split_at(start.min(invoices.len()));
        let open = |row: &Row| {
            let key = (Entity::Invoices, row.number);
            let open = rows::remaining(key, self);
            let fits = like.is_none_or(|like| rows::can_share_a_batch(like, key, self));
            (fits && open > 0).then_some((key, open))
        };
        let mut candidates = after.iter().chain(before).filter(|row| row.stands());
        candidates.find_map(open)
    }
}
