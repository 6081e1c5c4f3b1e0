//! Makes the rows of a table: ids, stamps, statuses.

use std::ops::Range;

use fastrand::Rng;

use super::{Row, statuses};
use crate::clock::{Millis, SECOND};
use crate::entity::{Entity, Size};
use crate::guid::Guid;

const DAY: Millis = 86_400_000;
/// How far back a table's stamps go.
const HISTORY: Millis = 730 * DAY;
/// How far back the stamps of budgets go, which are made for the year that runs.
const PLANNING: Millis = 30 * DAY;
/// The longest time between making a document and its last edit.
const LONGEST_LAG: Millis = 3 * DAY;
/// A table of at least [`LEAST_ROWS`] rows has one import, and one more for each further so many rows.
const ROWS_PER_IMPORT: usize = 1_000;
/// Fewer rows have no import.
const LEAST_ROWS: usize = 50;
/// The most rows of an import.
const MOST_IMPORTED: usize = 300;

/// Makes `count` rows of a table, their stamps spread over the two years before `now`.
/// They ascend with the number on the whole; neighbours change places, because documents
/// are edited, and those of an import share one second. Only journals skip numbers, and they are
/// neither edited nor imported.
pub fn generate(
    entity: Entity,
    first_number: u64,
    count: usize,
    seed: u64,
    now: Millis,
) -> Vec<Row> {
    let mut rng = Rng::with_seed(seed ^ entity as u64);
    let history = if entity == Entity::Budgets {
        PLANNING
    } else {
        HISTORY
    };
    let span = history - LONGEST_LAG;
    let posted = entity == Entity::Journals;
    let slot = |at: usize| now - history + span * at as Millis / count as Millis;
    let mut number = first_number;
    let rows = (0..count).map(|position| {
        let created = rng.i64(slot(position)..=slot(position + 1));
        let lag = if posted { 0 } else { rng.i64(0..LONGEST_LAG) };
        let row = Row {
            id: Guid::random(&mut rng).0,
            number,
            seed: rng.u64(..),
            created,
            updated: created + lag,
            version: 1,
            silent_edits: 0,
            lines_removed: 0,
            attached: None,
            status: statuses::status(entity, number, &mut rng),
            of: None,
            past: Vec::new(),
        };
        number += 1 + u64::from(posted && rng.u8(..) < 8);
        row
    });
    let mut rows: Vec<Row> = rows.collect();
    for import in imports(entity, count, seed) {
        let (first, after) = (slot(import.start), slot(import.end));
        // The next whole second, unless the table is so dense that the rows behind came earlier.
        let second = (first + SECOND - 1) / SECOND * SECOND;
        for row in rows[import].iter_mut().filter(|_| second <= after) {
            (row.created, row.updated) = (second, second);
        }
    }
    rows
}

/// The positions of rows that users imported from a file: Xero stamps them in one go.
fn imports(entity: Entity, count: usize, seed: u64) -> Vec<Range<usize>> {
    if entity.endpoint().size != Size::Grows || entity == Entity::Journals || count < LEAST_ROWS {
        return Vec::new();
    }
    // Dice of its own, so that all other values of the rows stay as they are.
    let mut rng = Rng::with_seed(!seed ^ entity as u64);
    let blocks = count.div_ceil(ROWS_PER_IMPORT);
    let block = count / blocks;
    let import = |at: usize| {
        let length = rng.usize(block / 10..=(block / 3).min(MOST_IMPORTED));
        let first = at * block + rng.usize(..=block - length);
        first..first + length
    };
    (0..blocks).map(import).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = 1_790_000_000_123;

    /// The lengths of the runs of rows that share both stamps.
    fn runs(rows: &[Row]) -> Vec<usize> {
        let stamps = |row: &Row| (row.created, row.updated);
        let runs = rows.chunk_by(|one, other| stamps(one) == stamps(other));
        runs.map(<[Row]>::len).filter(|rows| *rows > 1).collect()
    }

    #[test]
    fn a_part_of_a_history_was_imported_in_single_seconds() {
        for (entity, count, imports) in [
            (Entity::Invoices, 49, 0),
            (Entity::Invoices, 50, 1),
            (Entity::Contacts, 260, 1),
            (Entity::BankTransactions, 1_000, 1),
            (Entity::Payments, 10_000, 10),
            (Entity::Journals, 10_000, 0),
            (Entity::ContactGroups, 100, 0),
            (Entity::Accounts, 70, 0),
        ] {
            for seed in 0..20 {
                let rows = generate(entity, 1, count, seed, NOW);
                let runs = runs(&rows);
                assert_eq!(runs.len(), imports, "{entity:?} {count}: {runs:?}");
                let least = if count < 1_000 { count / 10 } else { 100 };
                assert!(
                    runs.iter().all(|rows| (least..=300).contains(rows)),
                    "{runs:?}"
                );
                let imported = rows.iter().filter(|row| row.created == row.updated);
                let whole = imported.filter(|row| row.created % SECOND == 0).count();
                assert!(whole >= runs.iter().sum(), "{entity:?} {count}");
                assert!(
                    rows.is_sorted_by_key(|row| row.created),
                    "{entity:?} {count}"
                );
            }
        }
    }

    #[test]
    fn an_import_changes_no_other_value() {
        let rows = generate(Entity::Invoices, 1, 1_000, 7, NOW);
        let again = generate(Entity::Invoices, 1, 1_000, 7, NOW + DAY);
        let seeds = |rows: &[Row]| {
            rows.iter()
                .map(|row| (row.id, row.seed))
                .collect::<Vec<_>>()
        };
        assert_eq!(seeds(&rows), seeds(&again));
        assert_eq!(runs(&rows), runs(&again));
    }

    #[test]
    fn a_dense_table_stays_in_order() {
        let rows = generate(Entity::Invoices, 1, 300_000, 7, NOW);
        assert!(rows.is_sorted_by_key(|row| row.created));
        assert_eq!(runs(&rows).iter().filter(|rows| **rows >= 100).count(), 300);
    }
}
