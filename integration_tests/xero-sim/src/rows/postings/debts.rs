//! Documents that are to be paid, and credit that is to be used: invoices and bills,
//! credit notes, prepayments and overpayments.

use super::entry::{Entry, Journal};
use super::parts::parts;
use super::settled::{By, Settled};
use super::{Books, Row, View, chart_of_accounts};
use crate::books::{Day, Item, Owes, day_of};
use crate::entity::Entity;
use crate::rows::credit_documents::{self, CreditNoteNumber};
use crate::rows::credits::Credit;
use crate::rows::document::Document;
use crate::rows::document_kind::Side;
use crate::rows::invoice_settlement::Settlement;
use crate::rows::invoice_stub::{self, InvoiceNumber};
use crate::rows::{currencies, payment_amounts};

/// One document.
pub(super) struct Debt<'a> {
    entity: Entity,
    id: u128,
    label: String,
    due: Day,
    document: Document<'a>,
    books: &'a dyn Books,
    side: Side,
    /// 1 where the other side owes as the document's side says, -1 for credit.
    sign: i64,
    /// The bank account of a prepayment or an overpayment.
    bank: Option<u64>,
    settled: Vec<Settled>,
}

/// All debts that post.
pub(super) fn all(view: View<'_>) -> impl Iterator<Item = Debt<'_>> {
    let standing = |row: &&Row| matches!(row.status, "AUTHORISED" | "PAID");
    let tables = [
        Entity::Invoices,
        Entity::CreditNotes,
        Entity::Prepayments,
        Entity::Overpayments,
    ];
    tables.into_iter().flat_map(move |entity| {
        let rows = view.books.rows(entity).iter().filter(standing);
        rows.map(move |row| match entity {
            Entity::Invoices => Debt::invoice(row, view),
            _ => Debt::credit(entity, row, view),
        })
    })
}

impl<'a> Debt<'a> {
    fn invoice(row: &Row, view: View<'a>) -> Self {
        let document = invoice_stub::document(row, view);
        let settlement = Settlement::of(row, document.total, view.books);
        let paid = settlement.payments.iter();
        let mut settled: Vec<_> = paid
            .map(|(payment, amount)| Settled::paid(payment, *amount, &document, view.books))
            .collect();
        if settlement.credited != 0 {
            settled.push(Settled::credited(row, settlement.credited, &document));
        }
        Self {
            entity: Entity::Invoices,
            id: row.id,
            label: InvoiceNumber(row).to_string(),
            due: day_of(invoice_stub::due(row, document.date)),
            books: view.books,
            side: Side::of(row),
            sign: 1,
            bank: None,
            settled,
            document,
        }
    }

    fn credit(entity: Entity, row: &Row, view: View<'a>) -> Self {
        let document = credit_documents::document(entity, row, view);
        let credit = Credit::of(entity, row, document.total, view);
        let allocated = credit.allocations.iter();
        let allocated = allocated.map(|(_, amount)| Settled::credited(row, *amount, &document));
        let part = payment_amounts::part_of_credit(&document);
        let paid = credit.payments.iter();
        let paid = paid.map(|payment| Settled::paid(payment, part, &document, view.books));
        Self {
            entity,
            id: row.id,
            label: match entity {
                Entity::CreditNotes => CreditNoteNumber(row).to_string(),
                _ => String::new(),
            },
            due: day_of(document.date),
            books: view.books,
            side: Side::of(row),
            sign: -1,
            bank: (entity != Entity::CreditNotes).then_some(*chart_of_accounts::BANK.start()),
            settled: allocated.chain(paid).collect(),
            document,
        }
    }

    /// Posts on the day of the document, and what it is settled with.
    pub(super) fn accrue(&self, journal: &mut Journal<'_>) {
        let sign = self.debit();
        let control = self
            .side
            .choose(chart_of_accounts::RECEIVABLE, chart_of_accounts::PAYABLE);
        let total = self.in_base(self.document.total);
        let mut entry = self.entry(journal, self.date());
        entry.post(control, sign * total);
        match self.bank {
            Some(bank) => entry.close(bank),
            None => self.close_with_parts(entry, 0, self.document.total),
        }
        for (settled, value, _) in self.settlement() {
            let mut entry = self.settled_entry(settled, journal);
            entry.post(control, -sign * value);
            match settled.by {
                By::Payment { bank, money, .. } => {
                    entry.post(bank, sign * money);
                    entry.close(chart_of_accounts::REALISED_GAINS);
                }
                By::Credit => entry.close(chart_of_accounts::SUSPENSE),
            }
        }
    }

    /// Posts each part of the lines on the day on which it is settled.
    pub(super) fn settle(&self, journal: &mut Journal<'_>) {
        let sign = self.debit();
        if let Some(bank) = self.bank {
            let total = self.in_base(self.document.total);
            let mut entry = self.entry(journal, self.date());
            entry.post(bank, -sign * total);
            // The money that came with it counts at once, so using it takes it back.
            self.post_parts(&mut entry, 0, self.document.total, 1);
            entry.close(chart_of_accounts::ROUNDING);
        }
        for (settled, value, before) in self.settlement() {
            let mut entry = self.settled_entry(settled, journal);
            match settled.by {
                By::Payment { bank, money, .. } => {
                    entry.post(bank, sign * money);
                    entry.post(chart_of_accounts::REALISED_GAINS, -sign * (money - value));
                }
                By::Credit => entry.post(chart_of_accounts::SUSPENSE, sign * value),
            }
            self.close_with_parts(entry, before, before + settled.amount);
        }
    }

    /// The document as whoever asks who owes what sees it.
    pub(super) fn item(&self) -> Item {
        let (mut paid, mut credited) = (Vec::new(), Vec::new());
        for (settled, value, _) in self.settlement() {
            let taken = match settled.by {
                By::Payment { .. } => &mut paid,
                By::Credit => &mut credited,
            };
            taken.push((settled.day, self.sign * value));
        }
        Item {
            owes: self.side.choose(Owes::Customer, Owes::Organisation),
            contact: self.document.contact.id,
            id: self.id,
            label: self.label.clone(),
            date: self.date(),
            due: self.due,
            total: self.sign * self.in_base(self.document.total),
            paid,
            credited,
        }
    }

    /// What settled it, what that is in the books' currency, and what of the document's had
    /// been settled before. Values are differences of sums, so that no cent gets lost.
    fn settlement(&self) -> impl Iterator<Item = (&Settled, i64, i64)> {
        self.settled.iter().scan(0, |sum, settled| {
            let before = *sum;
            *sum += settled.amount;
            let value = self.in_base(*sum) - self.in_base(before);
            Some((settled, value, before))
        })
    }

    /// Posts the share of the lines between two sums of the document, and closes the entry.
    fn close_with_parts(&self, mut entry: Entry<'_, '_>, from: i64, to: i64) {
        self.post_parts(&mut entry, from, to, -1);
        entry.close(chart_of_accounts::ROUNDING);
    }

    fn post_parts(&self, entry: &mut Entry<'_, '_>, from: i64, to: i64, direction: i64) {
        let sign = direction * self.debit();
        for part in parts(&self.document, self.books) {
            let amount = self.share(part.amount, to) - self.share(part.amount, from);
            entry.post_tracked(part.account, sign * amount, part.options);
        }
    }

    /// Of an amount what belongs to a sum of the document.
    fn share(&self, amount: i64, sum: i64) -> i64 {
        let total = i128::from(self.document.total.max(1));
        let share = i128::from(amount) * i128::from(sum) / total;
        i64::try_from(share).expect("no more than the amount")
    }

    /// Whether the control account is debited (1) or credited (-1).
    fn debit(&self) -> i64 {
        self.sign * self.side.choose(1, -1)
    }

    fn date(&self) -> Day {
        day_of(self.document.date)
    }

    fn in_base(&self, amount: i64) -> i64 {
        let document = &self.document;
        currencies::in_base(amount, document.currency, document.rate, self.books)
    }

    fn entry<'j, 'b>(&self, journal: &'j mut Journal<'b>, day: Day) -> Entry<'j, 'b> {
        let contact = Some(self.document.contact.id);
        journal.entry(day, (self.entity, self.id), contact)
    }

    /// Begins the entry of what settled it: a payment's own, or another of the document.
    fn settled_entry<'j, 'b>(
        &self,
        settled: &Settled,
        journal: &'j mut Journal<'b>,
    ) -> Entry<'j, 'b> {
        match settled.by {
            By::Payment { id, .. } => {
                let contact = Some(self.document.contact.id);
                journal.entry(settled.day, (Entity::Payments, id), contact)
            }
            By::Credit => self.entry(journal, settled.day),
        }
    }
}
