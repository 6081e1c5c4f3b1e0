//! The documents that are to be settled, and how much of each is open.

use std::collections::HashMap;

use super::{Change, Fresh, SETTLED};
use crate::clock::Millis;
use crate::entity::Entity;
use crate::rows::document_kind::Side;
use crate::rows::payment_amounts::document_of;
use crate::rows::{Books, Detail, DocumentKey, Row, View, currencies, document, draw};

/// A document that is to be settled.
pub(super) struct OpenDocument {
    pub(super) key: DocumentKey,
    pub(super) side: Side,
    pub(super) is_in_base_currency: bool,
    pub(super) date: Millis,
    pub(super) created: Millis,
    /// Whether it was made to be settled as a whole.
    pub(super) becomes_paid: bool,
    total: i64,
    settled: i64,
    updated: Millis,
    seed: u64,
}

impl OpenDocument {
    fn of(key: DocumentKey, row: &Row, view: View<'_>) -> Self {
        let document = document_of(key.0, row, view);
        Self {
            key,
            side: Side::of(row),
            is_in_base_currency: document.currency == currencies::base(view.books),
            date: document.date,
            created: row.created,
            becomes_paid: row.status == "PAID",
            total: document.total,
            settled: 0,
            updated: row.updated,
            seed: row.seed,
        }
    }

    /// What is open of it.
    pub(super) fn rest(&self) -> i64 {
        self.total - self.settled
    }

    /// A number that is the same for the same document.
    pub(super) fn draw(&self) -> u64 {
        self.seed >> 40
    }

    /// Takes an amount off, at a moment.
    pub(super) fn take(&mut self, amount: i64, at: Millis) {
        self.settled += amount;
        self.touch(at);
    }

    /// Something happened to it at a moment.
    pub(super) fn touch(&mut self, at: Millis) {
        self.updated = self.updated.max(at);
    }
}

/// All of them, by their keys.
pub(super) struct OpenDocuments {
    documents: Vec<OpenDocument>,
    places: HashMap<DocumentKey, usize>,
}

impl OpenDocuments {
    pub(super) fn of(fresh: &Fresh<'_>) -> Self {
        let view = view(fresh.books);
        let documents: Vec<_> = SETTLED
            .into_iter()
            .flat_map(|entity| {
                let rows = fresh.rows(entity).iter().filter(|row| row.stands());
                rows.map(move |row| OpenDocument::of((entity, row.number), row, view))
            })
            .collect();
        let keys = documents.iter().map(|document| document.key);
        Self {
            places: keys.enumerate().map(|(at, key)| (key, at)).collect(),
            documents,
        }
    }

    pub(super) fn get(&mut self, key: DocumentKey) -> Option<&mut OpenDocument> {
        let place = self.places.get(&key)?;
        self.documents.get_mut(*place)
    }

    /// The documents of some tables, in the order of their numbers.
    pub(super) fn tables<'a>(
        &'a self,
        tables: &'a [Entity],
    ) -> impl Iterator<Item = &'a OpenDocument> {
        let documents = self.documents.iter();
        documents.filter(|document| tables.contains(&document.key.0))
    }

    pub(super) fn into_changes(self) -> impl Iterator<Item = (DocumentKey, Change)> {
        self.documents.into_iter().map(|document| {
            let change = Change {
                status: if document.rest() == 0 {
                    "PAID"
                } else {
                    "AUTHORISED"
                },
                created: document.created,
                updated: document.updated,
            };
            (document.key, change)
        })
    }
}

/// What is open of a document or left of credit.
pub(crate) fn remaining(key: DocumentKey, books: &dyn Books) -> i64 {
    let row = books.row(key.0, key.1).filter(|row| row.stands());
    let total = row.map_or(0, |row| document_of(key.0, row, view(books)).total);
    (total - books.settlements().settled(key)).max(0)
}

/// The date of an invoice or of a document of credit.
pub(crate) fn date_of(key: DocumentKey, books: &dyn Books) -> Millis {
    document_of(key.0, &draw::row(books, key), view(books)).date
}

/// Whether payments of two invoices can be in one batch: they go one way, in one currency.
pub(crate) fn can_share_a_batch(one: DocumentKey, other: DocumentKey, books: &dyn Books) -> bool {
    let [one, other] = [one, other].map(|key| draw::row(books, key));
    let currency = |row| document::currency(row, books);
    Side::of(&one) == Side::of(&other) && currency(&one) == currency(&other)
}

/// A seed of a document on the side of another one.
pub(crate) fn seed_beside(other: &Row, seed: u64) -> u64 {
    /// The bits that decide the side, see [`Side::of_seed`].
    const SIDE: u64 = u64::MAX << 32;
    other.seed & SIDE | seed & !SIDE
}

/// Documents with all that their lists show.
pub(crate) fn view(books: &dyn Books) -> View<'_> {
    View {
        books,
        detail: Detail::Paged,
        unitdp: 4,
    }
}
