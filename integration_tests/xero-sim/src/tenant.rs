//! An organisation and its books.

mod api_rows;
mod changes;
mod history;
mod journals;
mod new_rows;

use std::borrow::Borrow;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::apis::ApiTables;
use crate::books::{Basis, Comparisons, DocumentKey, Ledger, Owed, Owing, YearEnd, day_of};
use crate::clock::Clock;
use crate::entity::Entity;
use crate::guid::Guid;
use crate::prepared::PreparedPages;
use crate::rows::{self, Books, PostedEntry, Row, Settlements};
use crate::table::Table;
use journals::Journals;

/// The type of tenant that the Accounting API opens.
pub(crate) const ORGANISATION: &str = "ORGANISATION";

/// The id that `xero-tenant-id` carries.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TenantId(String);

impl TenantId {
    pub(crate) fn new(guid: Guid) -> Self {
        Self(guid.to_string())
    }

    /// The id as the API writes it, a lower-case GUID.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for TenantId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An organisation. A clone is a snapshot: it shares the tables until one is written to,
/// so that answers are written from it without holding the world up.
#[derive(Clone, Debug)]
pub(crate) struct Tenant {
    pub(crate) id: TenantId,
    /// The source of its rows and of the phases of its rate limits.
    pub(crate) seed: u64,
    /// As `/connections` shows it.
    pub(crate) tenant_type: String,
    /// While true, every call about it answers "The Organisation is offline".
    pub(crate) offline: bool,
    /// While true, every call about it answers 403.
    pub(crate) forbidden: bool,
    /// While true, the user who gave consent is no payroll administrator: calls of payroll answer 403.
    pub(crate) payroll_forbidden: bool,
    /// How long its calls wait for their answers, if not as long as all others.
    pub(crate) latency: Option<Duration>,
    name: String,
    base_currency: String,
    /// When its fiscal years end.
    pub(crate) year_end: YearEnd,
    /// How a profit and loss between two dates is compared.
    pub(crate) comparisons: Comparisons,
    /// Whether the token's user may see reports.
    pub(crate) shows_reports: bool,
    clock: Clock,
    /// The tables of the other APIs.
    pub(crate) apis: ApiTables,
    tables: BTreeMap<Entity, Arc<Table>>,
    /// The rows that were made for other rows, see [`Row::of`].
    made_for: Arc<HashMap<DocumentKey, Vec<DocumentKey>>>,
    settlements: Arc<Settlements>,
    journals: Arc<Journals>,
    /// The last number of each table that the history covers.
    settled: BTreeMap<Entity, u64>,
    derived: Derived,
}

/// Values that follow from the tables, computed on first use.
#[derive(Clone, Debug, Default)]
struct Derived {
    owing: OnceLock<Arc<Owing>>,
    accrual: OnceLock<Arc<Ledger>>,
    cash: OnceLock<Arc<Ledger>>,
    prepared: Arc<PreparedPages>,
}

impl Tenant {
    pub(crate) fn new(
        id: TenantId,
        seed: u64,
        name: &str,
        base_currency: &str,
        clock: Clock,
    ) -> Self {
        Self {
            id,
            seed,
            tenant_type: ORGANISATION.to_owned(),
            offline: false,
            forbidden: false,
            payroll_forbidden: false,
            latency: None,
            name: name.to_owned(),
            base_currency: base_currency.to_owned(),
            year_end: YearEnd::default(),
            comparisons: Comparisons::default(),
            shows_reports: true,
            apis: ApiTables::new(clock.now()),
            clock,
            tables: BTreeMap::new(),
            made_for: Arc::default(),
            settlements: Arc::default(),
            journals: Arc::default(),
            settled: BTreeMap::new(),
            derived: Derived::default(),
        }
    }

    /// Whether the Accounting API opens it to connected apps.
    pub(crate) fn is_open(&self) -> bool {
        self.tenant_type == ORGANISATION && !self.forbidden
    }

    /// One table.
    pub(crate) fn table(&self, entity: Entity) -> &Table {
        static EMPTY: Table = Table::new();
        self.tables.get(&entity).map_or(&EMPTY, Arc::as_ref)
    }

    /// Its general ledger.
    pub(crate) fn ledger(&self, basis: Basis) -> &Ledger {
        let ledger = match basis {
            Basis::Accrual => &self.derived.accrual,
            Basis::Cash => &self.derived.cash,
        };
        ledger.get_or_init(|| {
            let posted = self.journals.posted();
            Arc::new(rows::ledger(self, posted, basis, self.year_end))
        })
    }

    /// Sets the end of its fiscal years.
    pub(crate) fn end_years_on(&mut self, year_end: YearEnd) {
        self.year_end = year_end;
        self.derived = Derived::default();
    }

    /// The pages that are written already.
    pub(crate) fn prepared(&self) -> &PreparedPages {
        &self.derived.prepared
    }

    /// Keeps pages until a table changes.
    pub(crate) fn prepare(&mut self, pages: PreparedPages) {
        self.derived.prepared = Arc::new(pages);
    }

    /// One table, to write to.
    pub(crate) fn table_mut(&mut self, entity: Entity) -> &mut Table {
        self.derived = Derived::default();
        Arc::make_mut(self.tables.entry(entity).or_default())
    }
}

impl Books for Tenant {
    fn rows(&self, entity: Entity) -> &[Row] {
        self.table(entity).rows()
    }

    fn named(&self, entity: Entity) -> u64 {
        self.table(entity).named()
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn base_currency(&self) -> &str {
        &self.base_currency
    }

    fn year_end(&self) -> (u32, u32) {
        (self.year_end.month, self.year_end.day)
    }

    fn row(&self, entity: Entity, number: u64) -> Option<&Row> {
        self.table(entity).row(number)
    }

    fn is_removed(&self, entity: Entity, number: u64) -> bool {
        self.table(entity).is_removed(number)
    }

    fn made_for(&self, document: DocumentKey) -> &[DocumentKey] {
        self.made_for.get(&document).map_or(&[], Vec::as_slice)
    }

    fn settlements(&self) -> &Settlements {
        &self.settlements
    }

    fn entry(&self, journal: &Row) -> Option<&PostedEntry> {
        self.journals.entry(journal.number)
    }

    fn owed(&self, contact: &Row) -> Owed {
        let owing = &self.derived.owing;
        let owing = owing.get_or_init(|| Arc::new(rows::owing(self)));
        owing.with(contact.id, day_of(self.clock.now()))
    }
}
