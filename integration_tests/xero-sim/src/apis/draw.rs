//! A row, and what it is drawn from.

use fastrand::Rng;
use serde_json::Value;

use crate::clock::Millis;
use crate::entity::Entity;
use crate::guid::Guid;
use crate::rows::sample_texts as texts;
use crate::rows::{Books, Country, named_id};

/// A row of a table of one of Xero's other APIs.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiRow {
    /// The place in its table, from 1. Removed rows leave a gap.
    pub number: u64,
    /// The number of the row that it belongs to.
    pub parent: Option<u64>,
    /// When it was made.
    pub created: Millis,
    /// When it was last edited.
    pub updated: Millis,
    /// Counts from 1 and grows with each edit.
    pub version: u32,
    /// The whole row, with the fields that lists leave out.
    pub value: Value,
}

/// The tables of an organisation, as draws see them.
pub(crate) trait Tables {
    /// The rows of a table, drawn if they are not yet.
    fn api_rows(&self, table: &str) -> &[ApiRow];
    /// The present, in the world.
    fn now(&self) -> crate::clock::Millis;
    /// The seed of the organisation.
    fn seed(&self) -> u64;
    /// The organisation's accounting.
    fn books(&self) -> &dyn Books;
}

/// What a row is drawn from. The same row draws the same values, whatever its version.
pub(crate) struct Draw<'a> {
    pub(crate) rng: Rng,
    /// Counts from 1.
    pub(crate) number: u64,
    /// The row's own id.
    pub(crate) id: String,
    /// The row that it belongs to, if its table has a parent.
    pub(crate) parent: Option<&'a ApiRow>,
    /// Its place among the rows of its parent, from 0.
    pub(crate) place: usize,
    pub(crate) created: Millis,
    pub(crate) updated: Millis,
    pub(crate) version: u32,
    pub(crate) tables: &'a dyn Tables,
}

impl<'a> Draw<'a> {
    /// The country, if it is one that Xero has an edition for.
    pub(crate) fn country(&self) -> Option<Country> {
        Country::of(self.tables.books())
    }

    /// The base currency.
    pub(crate) fn currency(&self) -> &'a str {
        self.tables.books().base_currency()
    }

    /// A new id.
    pub(crate) fn guid(&mut self) -> String {
        Guid::random(&mut self.rng).to_string()
    }

    /// The id of a row of the Accounting API, such as a contact.
    pub(crate) fn accounting_id(&mut self, entity: Entity) -> String {
        named_id(self.tables.books(), entity, &mut self.rng)
    }

    /// One of several.
    pub(crate) fn one_of<'b, T: ?Sized>(&mut self, of: &[&'b T]) -> &'b T {
        of[self.rng.usize(..of.len())]
    }

    /// True with the probability 1 / `times`.
    pub(crate) fn one_in(&mut self, times: u32) -> bool {
        self.rng.u32(..times) == 0
    }

    /// Any row of another table.
    pub(crate) fn any(&mut self, table: &str) -> Option<&'a ApiRow> {
        let rows = self.tables.api_rows(table);
        let at = self.rng.usize(..rows.len().max(1));
        rows.get(at)
    }

    /// The id of the parent. Null if the parent was removed.
    pub(crate) fn parent_id(&self, field: &str) -> Value {
        let parent = self.parent.map(|parent| parent.value[field].clone());
        parent.unwrap_or_default()
    }

    /// A text that shows how often the row was edited: unchanged at first, then `... v2`.
    pub(crate) fn versioned(&self, text: &str) -> String {
        match self.version {
            0 | 1 => text.to_owned(),
            version => format!("{text} v{version}"),
        }
    }

    /// A name of a company or a project.
    pub(crate) fn company(&mut self) -> String {
        let (stem, suffix) = (self.one_of(texts::STEMS), self.one_of(texts::SUFFIXES));
        format!("{stem} {suffix}")
    }

    /// A description, with line breaks and quotes.
    pub(crate) fn description(&mut self) -> &'static str {
        self.one_of(texts::DESCRIPTIONS)
    }

    /// The name of a thing.
    pub(crate) fn thing(&mut self) -> &'static str {
        self.one_of(texts::THINGS)
    }

    /// An amount in hundredths of a currency.
    pub(crate) fn amount(&mut self, most: u32) -> f64 {
        f64::from(self.rng.u32(1..=most * 100)) / 100.0
    }

    /// An amount with six decimals.
    pub(crate) fn fine_amount(&mut self, most: u32) -> f64 {
        let micros = self.rng.u64(1..=u64::from(most) * 1_000_000);
        micros as f64 / 1_000_000.0
    }

    /// A moment in the `days` before the row was made.
    pub(crate) fn before(&mut self, days: i64) -> Millis {
        self.created - self.rng.i64(0..days * 86_400_000)
    }

    /// A moment in the `days` after the row was made.
    pub(crate) fn after(&mut self, days: i64) -> Millis {
        self.created + self.rng.i64(0..days * 86_400_000)
    }
}
