//! New rows: those of the history, and those that are made now.

use std::sync::Arc;

use super::Tenant;
use crate::books::DocumentKey;
use crate::clock::Millis;
use crate::entity::Entity;
use crate::rows::{self, Books, Row};

impl Tenant {
    /// Adds rows to a table, and those that come with them to theirs. Returns the keys of all.
    pub(crate) fn add(&mut self, entity: Entity, rows: Vec<Row>) -> Vec<DocumentKey> {
        let mut keys: Vec<DocumentKey> = rows.iter().map(|row| (entity, row.number)).collect();
        let mut companions: Option<(Entity, Vec<Row>)> = None;
        for row in &rows {
            if let Some((table, made)) = rows::made_for(entity, row) {
                let (_, all) = companions.get_or_insert_with(|| (table, Vec::new()));
                all.extend(made);
            }
        }
        self.table_mut(entity).append(rows);
        if let Some((table, mut made)) = companions {
            let first = self.table(table).next_number();
            let index = Arc::make_mut(&mut self.made_for);
            for (row, number) in made.iter_mut().zip(first..) {
                row.number = number;
                let owner = row.of.expect("a companion belongs to a row");
                index.entry(owner).or_default().push((table, number));
                keys.push((table, number));
            }
            self.table_mut(table).append(made);
        }
        keys
    }

    /// Adds rows that are made now.
    pub(crate) fn create(&mut self, entity: Entity, rows: Vec<Row>, now: Millis) {
        let mut rows = rows;
        // What is made now stands.
        if matches!(entity, Entity::Payments | Entity::BatchPayments) {
            rows.iter_mut().for_each(|row| row.status = "AUTHORISED");
        }
        let keys = self.add(entity, rows);
        self.mark_settled();
        if entity == Entity::Journals {
            let numbers: Vec<u64> = keys.iter().map(|(_, number)| *number).collect();
            let rows = self.rows(entity).iter();
            let new: Vec<Row> = rows
                .filter(|row| numbers.contains(&row.number))
                .cloned()
                .collect();
            self.post_wages(&new);
            return;
        }
        let mut changed = keys.clone();
        let mut last_of_batch = None;
        for (_, number) in keys.iter().filter(|(table, _)| *table == Entity::Payments) {
            last_of_batch = self.pay_with(*number, last_of_batch, now);
            changed.extend(last_of_batch);
        }
        self.follow(&changed, now);
    }
}
