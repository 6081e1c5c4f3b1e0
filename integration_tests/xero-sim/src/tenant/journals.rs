//! The journals of an organisation: what was posted, and what each document has posted now.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::Tenant;
use crate::books::{Basis, DocumentKey};
use crate::clock::Millis;
use crate::entity::Entity;
use crate::guid::Guid;
use crate::rows::{self, Entry, Event, PostedEntry, Row};

/// All that was posted.
#[derive(Clone, Debug, Default)]
pub(super) struct Journals {
    /// By the numbers of the journals.
    posted: Vec<PostedEntry>,
    /// The entries of each document that were not taken back.
    standing: HashMap<DocumentKey, Vec<Arc<Entry>>>,
}

impl Journals {
    pub(super) fn posted(&self) -> &[PostedEntry] {
        &self.posted
    }

    /// What the journal of a number posts.
    pub(super) fn entry(&self, number: u64) -> Option<&PostedEntry> {
        let place = self.posted.binary_search_by_key(&number, |it| it.number);
        place.ok().map(|place| &self.posted[place])
    }

    fn post(&mut self, posted: PostedEntry) {
        let standing = self.standing.entry(posted.entry.document).or_default();
        match posted.is_reversal {
            false => standing.push(Arc::clone(&posted.entry)),
            true => standing.retain(|entry| !Arc::ptr_eq(entry, &posted.entry)),
        }
        self.posted.push(posted);
    }
}

impl Tenant {
    /// Whether a journal is on the list of a basis.
    pub(crate) fn lists_journal(&self, journal: &Row, basis: Basis) -> bool {
        let entry = self.journals.entry(journal.number);
        entry.is_some_and(|posted| posted.entry.bases.include(basis))
    }

    /// Posts what documents post now and takes back what they do not post any more.
    pub(super) fn post(&mut self, documents: BTreeSet<DocumentKey>, now: Millis) {
        let mut events = Vec::new();
        for document in documents {
            let standing = self.journals.standing.get(&document);
            let standing = standing.map_or(&[][..], Vec::as_slice);
            let entries = rows::entries(document, self);
            let is_in = |entry: &Arc<Entry>, others: &[Arc<Entry>]| {
                others.iter().any(|other| **other == **entry)
            };
            let event = |entry: &Arc<Entry>, is_reversal| Event {
                at: now,
                entry: Arc::clone(entry),
                is_reversal,
            };
            let over = standing.iter().filter(|it| !is_in(it, &entries));
            events.extend(over.map(|entry| event(entry, true)));
            let new = entries.iter().filter(|it| !is_in(it, standing));
            events.extend(new.map(|entry| event(entry, false)));
        }
        self.post_events(events);
    }

    /// Posts events in their order.
    pub(super) fn post_events(&mut self, events: Vec<Event>) {
        if events.is_empty() {
            return;
        }
        let mut number = self.table(Entity::Journals).next_number();
        let mut made = Vec::with_capacity(events.len());
        let journals = Arc::make_mut(&mut self.journals);
        for event in events {
            let row = journal(self.seed, number, event.at);
            // Xero leaves numbers out.
            number += 1 + u64::from(row.seed.is_multiple_of(32));
            journals.post(PostedEntry {
                number: row.number,
                entry: event.entry,
                is_reversal: event.is_reversal,
            });
            made.push(row);
        }
        self.table_mut(Entity::Journals).append(made);
        self.settled.insert(Entity::Journals, number - 1);
    }

    /// Posts the wages of journals that are there already.
    pub(super) fn post_wages(&mut self, journals: &[Row]) {
        let posted = Arc::make_mut(&mut self.journals);
        for row in journals {
            if let Some(entry) = rows::wages(row) {
                posted.post(PostedEntry {
                    number: row.number,
                    entry,
                    is_reversal: false,
                });
            }
        }
    }
}

/// The journal of a number.
fn journal(seed: u64, number: u64, created: Millis) -> Row {
    let mut rng = fastrand::Rng::with_seed(seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    Row {
        id: Guid::random(&mut rng).0,
        number,
        seed: rng.u64(..),
        created,
        updated: created,
        version: 1,
        silent_edits: 0,
        lines_removed: 0,
        past: Vec::new(),
        attached: None,
        status: "",
        of: None,
    }
}
