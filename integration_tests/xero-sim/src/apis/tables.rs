//! The tables of an organisation. A table is drawn when somebody first looks at it.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use fastrand::Rng;
use serde_json::Value;

use super::draw::{ApiRow, Draw, Tables};
use super::endpoint::{ApiEndpoint, Size};
use super::registry;
use crate::clock::{DAY, Millis};
use crate::guid::Guid;
use crate::rows::Country;

/// Rows of a table that grows with the age of the organisation, unless a test says otherwise.
const USUAL: usize = 24;
/// How far back the rows go.
const HISTORY: Millis = 730 * DAY;
/// The longest time between making a row and its last edit.
const LONGEST_LAG: Millis = 3 * DAY;

/// The tables. A clone shares them until one is written to.
#[derive(Clone, Debug)]
pub(crate) struct ApiTables {
    /// In the order of the registry.
    tables: Arc<Vec<OnceLock<Arc<Table>>>>,
    /// Numbers of rows that a test has set.
    sizes: BTreeMap<&'static str, usize>,
    /// Rows of a table that grows.
    usual: usize,
    /// The end of the history.
    end: Millis,
}

#[derive(Clone, Debug, Default)]
struct Table {
    rows: Vec<ApiRow>,
    /// The number for the next row.
    next: u64,
}

/// The row that is to be drawn.
struct Place {
    number: u64,
    /// The position of the parent in its table.
    parent: Option<usize>,
    /// The place among the rows of the parent.
    place: usize,
    created: Millis,
    updated: Millis,
    version: u32,
}

impl ApiTables {
    /// Tables whose history ends at a moment.
    pub(crate) fn new(end: Millis) -> Self {
        Self {
            tables: Arc::new(registry::tables().map(|_| OnceLock::new()).collect()),
            sizes: BTreeMap::new(),
            usual: USUAL,
            end,
        }
    }

    /// Sets the number of rows of a table, or of all tables that grow. All tables are drawn anew.
    pub(crate) fn resize(&mut self, table: Option<&str>, count: usize) {
        match table {
            Some(table) => drop(self.sizes.insert(registry::table(table).1.name, count)),
            None => self.usual = count,
        }
        self.tables = Arc::new(registry::tables().map(|_| OnceLock::new()).collect());
    }

    /// The rows of a table in the order of their numbers.
    pub(crate) fn rows(&self, table: &str, all: &dyn Tables) -> &[ApiRow] {
        let (at, endpoint) = registry::table(table);
        &self.table(at, endpoint, all).rows
    }

    fn table(&self, at: usize, endpoint: &'static ApiEndpoint, all: &dyn Tables) -> &Table {
        self.tables[at].get_or_init(|| {
            let rows = self.draw_all(endpoint, all);
            let next = rows.last().map_or(1, |row| row.number + 1);
            Arc::new(Table { rows, next })
        })
    }

    fn draw_all(&self, endpoint: &'static ApiEndpoint, all: &dyn Tables) -> Vec<ApiRow> {
        let is_elsewhere = |country| Country::of(all.books()) != Some(country);
        if endpoint.country.is_some_and(is_elsewhere) {
            return Vec::new();
        }
        let parents = endpoint
            .parent
            .map(|parent| all.api_rows(parent.table).len());
        let per_parent = |count: usize| count * parents.unwrap_or_default();
        let count = match (endpoint.size, self.sizes.get(endpoint.name)) {
            (Size::PerParent(_), Some(count)) => per_parent(*count),
            (Size::PerParent(count), None) => per_parent(count),
            (_, Some(count)) => *count,
            (Size::Rows(count), None) => count,
            (Size::Grows, None) => self.usual,
        };
        let mut rows = Vec::with_capacity(count);
        let mut places = vec![0; parents.unwrap_or_default()];
        for at in 0..count {
            let parent = match parents {
                None => None,
                Some(0) => break,
                Some(parents) => Some(parent_of(endpoint, at, count, parents)),
            };
            let place = parent.map_or(at, |parent| {
                places[parent] += 1;
                places[parent] - 1
            });
            let number = at as u64 + 1;
            let (created, updated) = self.stamps(row_seed(endpoint, number, all), at, count, all);
            rows.push(make(
                endpoint,
                all,
                &Place {
                    number,
                    parent,
                    place,
                    created,
                    updated,
                    version: 1,
                },
            ));
        }
        rows
    }

    /// When a row of the history was made and last edited.
    fn stamps(&self, seed: u64, at: usize, count: usize, all: &dyn Tables) -> (Millis, Millis) {
        let mut rng = Rng::with_seed(!seed);
        let end = self.end.min(all.now());
        let slot =
            |at: usize| end - HISTORY + (HISTORY - LONGEST_LAG) * at as Millis / count as Millis;
        let created = rng.i64(slot(at)..=slot(at + 1));
        (created, created + rng.i64(0..LONGEST_LAG))
    }

    /// Draws new rows, which are made at `now`. Without a parent of a number they are spread over
    /// all parents. If the table has no parents left, there are none.
    pub(crate) fn new_rows(
        &self,
        table: &str,
        parent: Option<u64>,
        count: usize,
        now: Millis,
        all: &dyn Tables,
    ) -> Vec<ApiRow> {
        let (at, endpoint) = registry::table(table);
        let known = self.table(at, endpoint, all);
        let parents = endpoint.parent.map(|parent| all.api_rows(parent.table));
        let count = if parents.is_some_and(<[_]>::is_empty) {
            0
        } else {
            count
        };
        let mut rows: Vec<ApiRow> = Vec::with_capacity(count);
        for at in 0..count {
            let parent = parents.map(|parents| match parent {
                Some(number) => position(parents, number),
                None => at % parents.len(),
            });
            let number = parent.and_then(|at| Some(parents?[at].number));
            let siblings = known
                .rows
                .iter()
                .chain(&rows)
                .filter(|row| row.parent == number);
            let place = Place {
                number: known.next + at as u64,
                parent,
                place: siblings.count(),
                created: now,
                updated: now,
                version: 1,
            };
            rows.push(make(endpoint, all, &place));
        }
        rows
    }

    /// Draws a row anew, as edited at `now`.
    pub(crate) fn edited(&self, table: &str, number: u64, now: Millis, all: &dyn Tables) -> ApiRow {
        let (at, endpoint) = registry::table(table);
        let rows = &self.table(at, endpoint, all).rows;
        let row = &rows[position(rows, number)];
        let siblings = rows.iter().filter(|other| other.parent == row.parent);
        let parents = endpoint.parent.map(|parent| all.api_rows(parent.table));
        let place = Place {
            number,
            parent: parents.and_then(|rows| found(rows, row.parent?)),
            place: siblings.take_while(|other| other.number < number).count(),
            created: row.created,
            updated: now,
            version: row.version + 1,
        };
        ApiRow {
            parent: row.parent,
            ..make(endpoint, all, &place)
        }
    }

    /// Adds rows.
    pub(crate) fn append(&mut self, table: &str, rows: Vec<ApiRow>) {
        let table = self.table_mut(table);
        table.next += rows.len() as u64;
        table.rows.extend(rows);
    }

    /// One row, to change. The table is drawn already.
    pub(crate) fn row_mut(&mut self, table: &str, number: u64) -> &mut ApiRow {
        let rows = &mut self.table_mut(table).rows;
        let at = position(rows, number);
        &mut rows[at]
    }

    /// Changes the fields of a row, and its stamp. The table is drawn already.
    pub(crate) fn edit(
        &mut self,
        table: &str,
        number: u64,
        now: Millis,
        edit: impl FnOnce(&mut Value),
    ) {
        let row = self.row_mut(table, number);
        row.version += 1;
        row.updated = now;
        if let Some((field, form)) = registry::table(table).1.stamp {
            row.value[field] = form.of(now).into();
        }
        edit(&mut row.value);
    }

    /// Removes a row. The table is drawn already.
    pub(crate) fn remove(&mut self, table: &str, number: u64) -> ApiRow {
        let rows = &mut self.table_mut(table).rows;
        rows.remove(position(rows, number))
    }

    fn table_mut(&mut self, table: &str) -> &mut Table {
        let table = &mut Arc::make_mut(&mut self.tables)[registry::table(table).0];
        Arc::make_mut(table.get_mut().expect("the table is drawn"))
    }

    /// The tables that have a number of rows for each row of this one, if they are drawn.
    pub(crate) fn drawn_children(&self, parent: &str) -> Vec<(&'static str, usize)> {
        let tables = registry::tables().zip(self.tables.iter());
        let drawn = tables.filter(|(_, table)| table.get().is_some());
        let child = |(endpoint, _): (&'static ApiEndpoint, _)| match endpoint.size {
            Size::PerParent(count) if endpoint.parent?.table == parent => {
                let count = self.sizes.get(endpoint.name).copied().unwrap_or(count);
                Some((endpoint.name, count))
            }
            _ => None,
        };
        drawn.filter_map(child).collect()
    }
}

/// The position of the parent of a row of the history.
fn parent_of(endpoint: &ApiEndpoint, at: usize, count: usize, parents: usize) -> usize {
    match endpoint.size {
        Size::PerParent(_) => at * parents / count,
        _ if at.is_multiple_of(2) || parents == 1 => 0,
        _ => 1 + at / 2 % (parents - 1),
    }
}

fn position(rows: &[ApiRow], number: u64) -> usize {
    let found = found(rows, number);
    found.unwrap_or_else(|| panic!("the table has no row of number {number}"))
}

/// The position of a row that may have been removed.
fn found(rows: &[ApiRow], number: u64) -> Option<usize> {
    rows.binary_search_by_key(&number, |row| row.number).ok()
}

/// The seed of a row: of the organisation, the table and the number.
fn row_seed(endpoint: &ApiEndpoint, number: u64, all: &dyn Tables) -> u64 {
    let name = endpoint
        .name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    all.seed() ^ name ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn make(endpoint: &'static ApiEndpoint, all: &dyn Tables, place: &Place) -> ApiRow {
    let mut rng = Rng::with_seed(row_seed(endpoint, place.number, all));
    let parents = endpoint.parent.map(|parent| all.api_rows(parent.table));
    let parent = place.parent.and_then(|at| parents?.get(at));
    let mut draw = Draw {
        id: Guid::random(&mut rng).to_string(),
        rng,
        number: place.number,
        parent,
        place: place.place,
        created: place.created,
        updated: place.updated,
        version: place.version,
        tables: all,
    };
    let mut value = (endpoint.draw)(&mut draw);
    if let Some((field, form)) = endpoint.stamp {
        value[field] = form.of(place.updated).into();
    }
    ApiRow {
        number: place.number,
        parent: parent.map(|parent| parent.number),
        created: place.created,
        updated: place.updated,
        version: place.version,
        value,
    }
}
