//! Makes the rows of a table: ids, stamps, statuses.

use fastrand::Rng;

use super::{Row, statuses};
use crate::clock::Millis;
use crate::entity::Entity;
use crate::guid::Guid;

const DAY: Millis = 86_400_000;
/// How far back a table's stamps go.
const HISTORY: Millis = 730 * DAY;
/// The longest time between making a document and its last edit.
const LONGEST_LAG: Millis = 3 * DAY;

/// Makes `count` rows of a table, their stamps spread over the two years before `now`.
/// They ascend with the number on the whole; neighbours change places, because documents
/// are edited. Only journals skip numbers and are never edited.
pub fn generate(
    entity: Entity,
    first_number: u64,
    count: usize,
    seed: u64,
    now: Millis,
) -> Vec<Row> {
    let mut rng = Rng::with_seed(seed ^ entity as u64);
    let span = HISTORY - LONGEST_LAG;
    let posted = entity == Entity::Journals;
    let mut number = first_number;
    let rows = (0..count as Millis).map(|position| {
        let slot = |at: Millis| now - HISTORY + span * at / count as Millis;
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
        };
        number += 1 + u64::from(posted && rng.u8(..) < 8);
        row
    });
    rows.collect()
}
