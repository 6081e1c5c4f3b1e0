//! The history of an organisation: who paid what, which credit was used for which invoice, and what
//! all that posted. It is made of the rows that were filled in since the last time.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::Tenant;
use crate::books::DocumentKey;
use crate::entity::{ENDPOINTS, Entity};
use crate::rows::{self, Books, Change, Event, Fresh, POSTING, Row};

impl Tenant {
    /// Whether the history covers all rows.
    pub(crate) fn is_settled(&self) -> bool {
        self.tables.iter().all(|(entity, table)| {
            let settled = self.settled.get(entity).copied().unwrap_or_default();
            table.rows().last().is_none_or(|row| row.number <= settled)
        })
    }

    /// Makes the history of rows that it does not cover yet.
    pub(crate) fn settle(&mut self) {
        self.keep_one_to_pay();
        self.find_origins();
        let settled = self.settled.clone();
        let history = rows::settle(&Fresh {
            books: self,
            settled: &settled,
        });
        let settlements = Arc::make_mut(&mut self.settlements);
        for settlement in history.settlements {
            settlements.add(settlement);
        }
        self.apply(&history.changes.into_iter().collect());
        let linked = rows::linked_statuses(self);
        if !linked.is_empty() {
            self.table_mut(Entity::LinkedTransactions)
                .rewrite(|row| row.status = linked[&row.number]);
        }
        self.post_history();
        self.mark_settled();
    }

    /// Declares the rows that are there covered by the history.
    pub(super) fn mark_settled(&mut self) {
        for endpoint in ENDPOINTS {
            let last = self.table(endpoint.entity).next_number() - 1;
            self.settled.insert(endpoint.entity, last);
        }
    }

    fn fresh_rows(&self, entity: Entity) -> &[Row] {
        let settled = self.settled.get(&entity).copied().unwrap_or_default();
        let rows = self.rows(entity);
        &rows[rows.partition_point(|row| row.number <= settled)..]
    }

    /// Payments need an invoice that can be paid.
    fn keep_one_to_pay(&mut self) {
        let invoices = self.fresh_rows(Entity::Invoices);
        let first = invoices.first().map(|row| row.number);
        if self.fresh_rows(Entity::Payments).is_empty() || invoices.iter().any(Row::stands) {
            return;
        }
        if let Some(number) = first {
            let table = self.table_mut(Entity::Invoices);
            table.edit(number, |row| row.status = "AUTHORISED");
        }
    }

    fn find_origins(&mut self) {
        let settled = self.settled.clone();
        let origins = rows::origins(&Fresh {
            books: self,
            settled: &settled,
        });
        let mut of_tables = BTreeMap::<Entity, HashMap<u64, DocumentKey>>::new();
        for ((entity, number), origin) in origins {
            of_tables.entry(entity).or_default().insert(number, origin);
        }
        for (entity, origins) in of_tables {
            self.table_mut(entity).rewrite(|row| {
                row.of = origins.get(&row.number).copied().or(row.of);
            });
        }
    }

    fn apply(&mut self, changes: &HashMap<DocumentKey, Change>) {
        let mut tables: Vec<Entity> = changes.keys().map(|(entity, _)| *entity).collect();
        tables.sort_unstable();
        tables.dedup();
        for entity in tables {
            self.table_mut(entity).rewrite(|row| {
                if let Some(change) = changes.get(&(entity, row.number)) {
                    row.status = change.status;
                    row.created = change.created;
                    row.updated = change.updated;
                }
            });
        }
    }

    /// Posts what the new documents have posted so far, between the journals of wages that are new.
    fn post_history(&mut self) {
        let mut events: Vec<Event> = Vec::new();
        for entity in POSTING {
            let rows = self.fresh_rows(entity).iter();
            events.extend(rows.flat_map(|row| rows::events(entity, row, self)));
        }
        let wages = self.fresh_rows(Entity::Journals).to_vec();
        if events.is_empty() {
            self.post_wages(&wages);
            return;
        }
        let known = self.rows(Entity::Journals).len() - wages.len();
        let known = self.rows(Entity::Journals)[..known].to_vec();
        self.table_mut(Entity::Journals).replace(known);
        events.extend(wages.iter().filter_map(|row| {
            let entry = rows::wages(row)?;
            Some(Event {
                at: row.created,
                entry,
                is_reversal: false,
            })
        }));
        // A stable order: a reversal stays behind what it takes back.
        events.sort_by_key(|event| event.at);
        self.post_events(events);
    }
}
