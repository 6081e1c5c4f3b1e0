//! The tables of the other APIs.

use super::Tenant;
use crate::apis::{ApiRow, Tables};
use crate::clock::Millis;
use crate::rows::Books;

impl Tables for Tenant {
    fn api_rows(&self, table: &str) -> &[ApiRow] {
        self.apis.rows(table, self)
    }

    fn now(&self) -> Millis {
        self.clock.now()
    }

    fn seed(&self) -> u64 {
        self.seed
    }

    fn books(&self) -> &dyn Books {
        self
    }
}

impl Tenant {
    /// Makes new rows, and those that each of them has in other tables.
    pub(crate) fn add_api_rows(
        &mut self,
        table: &str,
        parent: Option<u64>,
        count: usize,
        now: Millis,
    ) {
        let rows = self.apis.new_rows(table, parent, count, now, self);
        let numbers: Vec<u64> = rows.iter().map(|row| row.number).collect();
        self.apis.append(table, rows);
        for (child, count) in self.apis.drawn_children(table) {
            for number in &numbers {
                self.add_api_rows(child, Some(*number), count, now);
            }
        }
    }
}
