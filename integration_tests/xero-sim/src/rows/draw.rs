//! Repeatable random values, and the rows that other rows name.

use std::fmt;

use fastrand::Rng;

use super::statuses::usual_status;
use super::{Books, DocumentKey, Row};
use crate::entity::Entity;
use crate::guid::Guid;

/// Spreads small numbers over all bits (2^64 divided by the golden ratio).
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// An aspect of a row that draws on its own, so that what one shows never depends on
/// how much another had to draw.
#[derive(Clone, Copy)]
pub(super) enum Aspect {
    Head,
    Lines,
    Links,
    Extras,
    Attachments,
    Terms,
    Rate,
    Types,
    Date,
    Origin,
    Settlement,
    History,
}

/// The dice of one aspect of a row.
pub(super) fn rng_of(row: &Row, aspect: Aspect) -> Rng {
    Rng::with_seed(row.seed ^ (aspect as u64 + 1).wrapping_mul(SPREAD))
}

/// The id of a part, such as a line item, of the document with the given id.
pub(super) fn child_id(parent: u128, index: u64) -> u128 {
    let [low, high] = [parent as u64, (parent >> 64) as u64];
    let seed = low ^ high.rotate_left(32) ^ (index + 1).wrapping_mul(SPREAD);
    Guid::random(&mut Rng::with_seed(seed)).0
}

/// One of several.
pub(super) fn one_of<'a, T: ?Sized>(rng: &mut Rng, of: &[&'a T]) -> &'a T {
    of[rng.usize(..of.len())]
}

/// True with the probability 1 / `times`.
pub(super) fn one_in(rng: &mut Rng, once_in: u32) -> bool {
    rng.u32(..once_in) == 0
}

/// Any row of a table.
pub(super) fn any(books: &dyn Books, entity: Entity, rng: &mut Rng) -> Row {
    let draw = rng.u64(..);
    match books.named(entity) {
        0 => made_up(entity, draw % 20 + 1),
        last => numbered(books, entity, draw % last + 1),
    }
}

/// A row of a table that satisfies a condition, if there is one among those that documents name;
/// else any.
pub(super) fn any_that(
    books: &dyn Books,
    entity: Entity,
    rng: &mut Rng,
    condition: impl Fn(&Row) -> bool,
) -> Row {
    let draws = (0..32).map(|_| any(books, entity, rng));
    let named = books.named(entity);
    let mut rows = books.rows(entity).iter().filter(|row| row.number <= named);
    let found = draws.into_iter().find(&condition);
    let found = found.or_else(|| rows.find(|row| condition(row)).cloned());
    found.unwrap_or_else(|| any(books, entity, rng))
}

/// The row that a settlement or another row names for certain.
pub(super) fn row(books: &dyn Books, (entity, number): DocumentKey) -> Row {
    let found = books.row(entity, number);
    found.map_or_else(|| made_up(entity, number), Row::clone)
}

/// The row with this number, counted round the rows that documents name. One that was
/// removed is still named.
pub(super) fn numbered(books: &dyn Books, entity: Entity, number: u64) -> Row {
    let number = match books.named(entity) {
        last if last == 0 || number <= last => number,
        last => number % last + 1,
    };
    let found = books.row(entity, number);
    found.map_or_else(|| made_up(entity, number), Row::clone)
}

/// Where a row stood in its table, from 0, when none was removed yet.
pub(super) fn position(row: &Row) -> usize {
    (row.number as usize).saturating_sub(1)
}

/// What a row was made from or for, see [`Row::of`], if documents can name it.
pub(super) fn origin(row: &Row, books: &dyn Books) -> Option<(Entity, Row)> {
    let (entity, number) = row.of?;
    let origin = books.row(entity, number)?;
    Some((entity, origin.clone()))
}

/// The row at this position, if it is there; any is where documents name made-up rows.
pub(super) fn at(books: &dyn Books, entity: Entity, position: usize) -> Option<Row> {
    let number = position as u64 + 1;
    match books.named(entity) {
        0 => Some(made_up(entity, number)),
        _ => books.row(entity, number).cloned(),
    }
}

/// A row of a table that is empty: nobody can look it up, yet it is always the same.
fn made_up(entity: Entity, number: u64) -> Row {
    let mut rng = Rng::with_seed((entity as u64 + 1) << 48 ^ number.wrapping_mul(SPREAD));
    let stamp = 1_700_000_000_000 + rng.i64(0..86_400_000);
    Row {
        id: Guid::random(&mut rng).0,
        number,
        seed: rng.u64(..),
        created: stamp,
        updated: stamp,
        version: 1,
        silent_edits: 0,
        lines_removed: 0,
        attached: None,
        status: usual_status(entity),
        of: None,
        past: Vec::new(),
    }
}

/// A text that shows how often its row was edited: unchanged at first, then `... v2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Versioned<T>(pub(super) T, pub(super) u32);

impl<T: fmt::Display> fmt::Display for Versioned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)?;
        match self.1 {
            0 | 1 => Ok(()),
            version => write!(f, " v{version}"),
        }
    }
}

/// The id of any row of a table, as text.
pub(crate) fn named_id(books: &dyn Books, entity: Entity, rng: &mut Rng) -> String {
    Guid(any(books, entity, rng).id).to_string()
}
