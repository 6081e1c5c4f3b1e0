//! What the documents of an organisation look like.

use crate::entity::Entity;
use crate::json::Json;

/// Milliseconds since the Unix epoch, UTC.
pub type Millis = i64;

/// One document of one organisation. Only what can change is stored; all that a
/// row shows follows from `seed`, so that a world of 300,000 invoices stays small.
#[derive(Clone, Debug)]
pub struct Row {
    /// The document's id, shown as a lower-case hyphenated GUID.
    pub id: u128,
    /// 1-based position in its table: document numbers and journal numbers come from it.
    pub number: u64,
    /// The source of every generated value.
    pub seed: u64,
    /// When the document was made.
    pub created: Millis,
    /// Xero's UpdatedDateUTC. Not every edit moves it, see [`Row::version`].
    pub updated: Millis,
    /// Counts the edits; a field of the document shows it, so that a reader sees which version it got.
    pub version: u32,
    /// The status as Xero writes it, such as `AUTHORISED` or `VOIDED`; empty where the entity has none.
    pub status: &'static str,
}

/// How much of a document an answer shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// In a paged list: line items, payments, allocations included.
    Paged,
    /// In a list without `page`: the short form, `LineItems` and the like are `[]`.
    Summary,
    /// `summaryOnly=true`: the short form without the fields that Xero's docs name.
    SummaryOnly,
    /// Fetched by its id.
    Single,
}

/// What rendering may depend on besides the row.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How much to show.
    pub detail: Detail,
    /// Decimals of unit amounts: 2, or 4 with `unitdp=4`.
    pub unitdp: u8,
}

/// An organisation's books: its tables, for rows that name other rows.
pub trait Books {
    /// The rows of one table in the order of their numbers.
    fn rows(&self, entity: Entity) -> &[Row];
    /// The organisation's name.
    fn name(&self) -> &str;
    /// Base currency, such as `NZD`.
    fn base_currency(&self) -> &str;
}

/// Makes `count` rows of a table, their stamps spread over the time before `now`.
pub fn generate(entity: Entity, first_number: u64, count: usize, seed: u64, now: Millis) -> Vec<Row> {
    let _ = (entity, first_number, count, seed, now);
    todo!()
}

/// Writes one row as Xero shows it, a JSON object.
pub fn render(entity: Entity, row: &Row, books: &dyn Books, options: Options, out: &mut Json) {
    let _ = (entity, row, books, options, out);
    todo!()
}
