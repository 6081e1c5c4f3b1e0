//! One table of an organisation's books, kept in two orders: by number, as it was
//! written, and by (stamp, id), as Xero lists it. Ids compare as Xero's database compares
//! them, by the last group first, so rows of one stamp do not ascend by the ids' text.

use std::collections::BTreeMap;

use crate::clock::Millis;
use crate::rows::Row;

/// The rows of one table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    rows: Vec<Row>,
    /// Positions in `rows`, ascending by (updated, id). It makes page 300 of
    /// 300,000 rows as cheap as page 1.
    listed: Vec<u32>,
    /// Rows that were removed. Documents still name them.
    removed: BTreeMap<u64, Row>,
    /// The last number that documents name, see [`Books::named`](crate::rows::Books::named).
    named: u64,
}

impl Table {
    /// A table without rows.
    pub(crate) const fn new() -> Self {
        Self {
            rows: Vec::new(),
            listed: Vec::new(),
            removed: BTreeMap::new(),
            named: 0,
        }
    }

    /// The rows in the order of their numbers.
    pub(crate) fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The last number that documents name.
    pub(crate) fn named(&self) -> u64 {
        self.named
    }

    /// Lets documents name all rows that are there now.
    pub(crate) fn name_all(&mut self) {
        self.named = self.next_number() - 1;
    }

    /// The positions of the rows in the order in which Xero lists them.
    pub(crate) fn listed(&self) -> &[u32] {
        &self.listed
    }

    /// The positions, in listed order, of the rows stamped at or after `since`.
    pub(crate) fn listed_since(&self, since: Millis) -> &[u32] {
        let first = self
            .listed
            .partition_point(|&at| self.rows[at as usize].updated < since);
        &self.listed[first..]
    }

    /// The number for the next row.
    pub(crate) fn next_number(&self) -> u64 {
        self.rows.last().map_or(1, |row| row.number + 1)
    }

    /// Adds rows whose numbers follow those already there.
    pub(crate) fn append(&mut self, rows: Vec<Row>) {
        self.rows.extend(rows);
        assert!(
            self.rows.is_sorted_by(|a, b| a.number < b.number),
            "a table's numbers ascend"
        );
        self.sort();
    }

    /// Edits one row and puts it where its stamp now belongs.
    pub(crate) fn edit(&mut self, number: u64, edit: impl FnOnce(&mut Row)) {
        let at = self.position(number);
        let position = u32::try_from(at).expect("a table holds fewer than 2^32 rows");
        // Not by its key: rows of one stamp may have been shuffled.
        let before = self.listed.iter().position(|&other| other == position);
        self.listed.remove(before.expect("each row is listed"));
        self.rows[at].edit(edit);
        self.listed.insert(self.place(at), position);
    }

    /// Gives every row a new stamp.
    pub(crate) fn restamp(&mut self, mut stamp: impl FnMut(u64) -> Millis) {
        for row in &mut self.rows {
            row.updated = stamp(row.number);
        }
        self.sort();
    }

    /// Puts the rows of each stamp into another order.
    pub(crate) fn shuffle_ties(&mut self, rng: &mut fastrand::Rng) {
        let rows = &self.rows;
        let ties = self.listed.chunk_by_mut(|one, other| {
            rows[*one as usize].updated == rows[*other as usize].updated
        });
        ties.for_each(|tie| rng.shuffle(tie));
    }

    /// Removes a row.
    pub(crate) fn remove(&mut self, number: u64) -> Row {
        let row = self.rows.remove(self.position(number));
        self.removed.insert(number, row.clone());
        self.sort();
        row
    }

    /// A row by its number, also if it was removed.
    pub(crate) fn row(&self, number: u64) -> Option<&Row> {
        // Mostly it stands where it would if none were missing.
        let expected = self.rows.get((number as usize).saturating_sub(1));
        let expected = expected.filter(|row| row.number == number);
        let found = || {
            let place = self.rows.binary_search_by_key(&number, |row| row.number);
            place.ok().map(|place| &self.rows[place])
        };
        expected
            .or_else(found)
            .or_else(|| self.removed.get(&number))
    }

    /// Whether the row of a number was removed.
    pub(crate) fn is_removed(&self, number: u64) -> bool {
        self.removed.contains_key(&number)
    }

    /// Changes rows of a history that nobody has read yet.
    pub(crate) fn rewrite(&mut self, mut rewrite: impl FnMut(&mut Row)) {
        self.rows.iter_mut().for_each(&mut rewrite);
        self.sort();
    }

    /// Replaces all rows.
    pub(crate) fn replace(&mut self, rows: Vec<Row>) {
        self.rows = rows;
        self.sort();
    }

    fn position(&self, number: u64) -> usize {
        self.rows
            .binary_search_by_key(&number, |row| row.number)
            .unwrap_or_else(|_| panic!("the table has no row of number {number}"))
    }

    /// Where the row at a position would stand in the listed order.
    fn place(&self, at: usize) -> usize {
        let own = key(&self.rows[at]);
        self.listed
            .partition_point(|&other| key(&self.rows[other as usize]) < own)
    }

    fn sort(&mut self) {
        let count = u32::try_from(self.rows.len()).expect("a table holds fewer than 2^32 rows");
        self.listed = (0..count).collect();
        self.listed
            .sort_unstable_by_key(|&at| key(&self.rows[at as usize]));
    }
}

/// Where a row belongs in the listed order.
fn key(row: &Row) -> (Millis, u128) {
    (row.updated, place(row.id))
}

/// Where an id stands in the order of the ids.
pub(crate) fn place(id: u128) -> u128 {
    /// Bits in the last group of a GUID.
    const LAST_GROUP: u32 = 48;
    id.rotate_right(LAST_GROUP)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows: the second has the stamp of the first and the smaller id.
    fn table() -> Table {
        let row = |number, id, updated| Row {
            id,
            number,
            seed: number,
            created: 0,
            updated,
            version: 1,
            silent_edits: 0,
            lines_removed: 0,
            attached: None,
            status: "",
            of: None,
            past: Vec::new(),
        };
        let mut table = Table::default();
        table.append(vec![row(1, 9, 100), row(2, 3, 100), row(4, 5, 50)]);
        table
    }

    fn numbers(table: &Table) -> Vec<u64> {
        let number = |&at: &u32| table.rows()[at as usize].number;
        table.listed().iter().map(number).collect()
    }

    #[test]
    fn lists_by_stamp_then_id() {
        assert_eq!(numbers(&table()), [4, 2, 1]);
        assert_eq!(table().listed_since(100).len(), 2);
        assert_eq!(table().next_number(), 5);
    }

    #[test]
    fn ids_of_one_stamp_do_not_ascend_by_their_text() {
        let mut table = table();
        table.edit(1, |row| row.id = 9 << 48 | 1);
        assert_eq!(
            numbers(&table),
            [4, 1, 2],
            "the last group decides: 1 before 3"
        );
    }

    #[test]
    fn an_edit_moves_only_the_edited_row() {
        let mut table = table();
        table.edit(4, |row| row.updated = 200);
        assert_eq!(numbers(&table), [2, 1, 4]);
        table.edit(2, |row| row.version += 1);
        assert_eq!(numbers(&table), [2, 1, 4]);
        let stamps = |at: usize| -> Vec<Millis> {
            let past = table.rows()[at].past.iter();
            past.map(|past| past.updated).collect()
        };
        assert_eq!(stamps(1), [100], "before its new version");
        assert_eq!(stamps(2), [50], "before its new stamp");
        table.edit(1, |row| row.status = "VOIDED");
        assert_eq!(
            table.rows()[0].past,
            [],
            "a status alone is of the same moment"
        );
    }

    #[test]
    fn restamped_and_removed_rows_keep_the_order() {
        let mut table = table();
        table.restamp(|_| 7);
        assert_eq!(numbers(&table), [2, 4, 1]);
        assert_eq!(table.remove(2).id, 3);
        assert_eq!(numbers(&table), [4, 1]);
    }
}
