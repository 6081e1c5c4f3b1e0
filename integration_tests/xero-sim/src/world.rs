//! The world: organisations, apps, tokens, limits and the time, without HTTP. Tests build
//! one, start a [`Sim`](crate::Sim) on it, and change it while a sync runs.

mod api_rows;
mod books;
mod consents;
mod failures;
mod prepared_pages;
mod slot;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crate::apis::ApiTables;
use crate::app::AppId;
use crate::books::Basis;
use crate::clock::Clock;
use crate::clock::Millis;
use crate::entity::{ENDPOINTS, Entity, Size};
use crate::guid::Guid;
use crate::identity::Identity;
use crate::limits::{Caller, Limits};
use crate::rows::{self, Attachment, Books, Country, File, Row, attachments};
use crate::tenant::{Tenant, TenantId};
use slot::Slot;

pub use failures::Failure;

/// The data and the state of the simulated Xero.
#[derive(Debug)]
pub struct World {
    pub(crate) rng: fastrand::Rng,
    pub(crate) identity: Identity,
    pub(crate) limits: Limits,
    /// How long every call waits for its answer, unless its organisation has a latency of its own.
    latency: Duration,
    /// Whether a body is compressed for a client that asks for it.
    pub(crate) gzip: bool,
    /// Whether clients can request a part of a file.
    pub(crate) ranges: bool,
    clock: Clock,
    /// The end of the two years of history that [`World::fill`] makes; the present if unset.
    history_end: Option<Millis>,
    tenants: HashMap<TenantId, Slot>,
    /// The ids of `tenants` in the order in which they were added.
    order: Vec<TenantId>,
    planned: HashMap<TenantId, failures::Planned>,
}

impl World {
    /// An empty world. Everything generated in it follows from the seed, except that
    /// stamps lie before the present.
    pub fn new(seed: u64) -> Self {
        Self {
            rng: fastrand::Rng::with_seed(seed),
            identity: Identity::default(),
            limits: Limits::default(),
            latency: Duration::ZERO,
            gzip: true,
            ranges: false,
            clock: Clock::default(),
            history_end: None,
            tenants: HashMap::new(),
            order: Vec::new(),
            planned: HashMap::new(),
        }
    }

    /// Adds an organisation. Its small tables (accounts, currencies, tax rates ...) have their
    /// rows, the big ones are empty.
    pub fn add_tenant(&mut self, name: &str, base_currency: &str) -> TenantId {
        let id = self.add_empty(name, base_currency);
        for endpoint in ENDPOINTS {
            if let Size::Fixed(count) = endpoint.size {
                self.fill(&id, endpoint.entity, count);
            }
        }
        id
    }

    /// Adds an organisation of a country, which decides its currency, its tax rates and when its
    /// fiscal years end.
    pub fn add_tenant_in(&mut self, name: &str, country: Country) -> TenantId {
        let id = self.add_tenant(name, country.currency());
        let (month, day) = country.year_end();
        self.end_years_on(&id, month, day);
        id
    }

    /// The country of an organisation, if it is one for which Xero has an edition.
    pub fn country(&self, tenant: &TenantId) -> Option<Country> {
        Country::of(self.known(tenant).as_ref())
    }

    /// Adds a tenant that is no organisation, such as a `PRACTICE`. `/connections` lists it, and the
    /// Accounting API answers 403 to its calls.
    pub fn add_other_tenant(&mut self, tenant_type: &str, name: &str) -> TenantId {
        let id = self.add_empty(name, "");
        self.tenant_mut(&id).tenant_type = tenant_type.to_owned();
        id
    }

    fn add_empty(&mut self, name: &str, base_currency: &str) -> TenantId {
        let id = TenantId::new(Guid::random(&mut self.rng));
        let (seed, clock) = (self.rng.u64(..), self.clock.clone());
        let mut tenant = Tenant::new(id.clone(), seed, name, base_currency, clock);
        tenant.apis = ApiTables::new(self.history_end.unwrap_or_else(|| self.now()));
        self.tenants.insert(id.clone(), Slot::new(tenant));
        self.order.push(id.clone());
        id
    }

    /// Adds that many generated rows to a table, stamped over the past two years: the
    /// history of an organisation before anybody reads it. A part of a big table shares single
    /// seconds, as imports leave it; budgets are of the past month. Documents name each other's rows,
    /// so more history changes what is there; [`World::create`] does not.
    ///
    /// Transfers, prepayments and overpayments come with their bank transactions, batches with
    /// their payments and expense claims with their receipts. Documents post journals; rows of
    /// [`Entity::Journals`] are wages, which no other list shows.
    pub fn fill(&mut self, tenant: &TenantId, entity: Entity, count: usize) {
        let end = self.history_end.unwrap_or_else(|| self.now());
        let seed = self.rng.u64(..);
        let slot = self.tenants.get_mut(tenant);
        let tenant = slot.expect("the tenant is of this world").fill_mut();
        let first = tenant.table(entity).next_number();
        let rows = rows::generate(entity, first, count, seed, end);
        for (table, _) in tenant.add(entity, rows) {
            tenant.table_mut(table).name_all();
        }
    }

    /// Makes that many new documents now, and those that come with them, see [`World::fill`].
    /// Payments pay open invoices, whose stamps move.
    pub fn create(&mut self, tenant: &TenantId, entity: Entity, count: usize) {
        let (now, seed) = (self.now(), self.rng.u64(..));
        let tenant = self.tenant_mut(tenant);
        let first = tenant.table(entity).next_number();
        let mut rows = rows::generate(entity, first, count, seed, now);
        for row in &mut rows {
            (row.created, row.updated) = (now, now);
        }
        tenant.create(entity, rows, now);
    }

    /// The name of an organisation.
    pub fn tenant_name(&self, tenant: &TenantId) -> &str {
        self.known(tenant).name()
    }

    /// The rows of a table in the order of their numbers: the truth, for assertions.
    pub fn rows(&self, tenant: &TenantId, entity: Entity) -> &[Row] {
        self.known(tenant).rows(entity)
    }

    /// The journals that a list of an organisation shows: those on the accrual basis, or on the
    /// cash basis.
    pub fn journals(&self, tenant: &TenantId, cash: bool) -> Vec<&Row> {
        let basis = if cash { Basis::Cash } else { Basis::Accrual };
        let books = self.known(tenant);
        let rows = books.rows(Entity::Journals).iter();
        rows.filter(|row| books.lists_journal(row, basis)).collect()
    }

    /// Edits a row: its version and its UpdatedDateUTC move. The number is [`Row::number`].
    pub fn touch(&mut self, tenant: &TenantId, entity: Entity, number: u64) {
        self.edit(tenant, entity, number, |row, now| {
            row.version += 1;
            row.updated = now;
        });
    }

    /// Edits a row in a way that does not move its UpdatedDateUTC. Of a part-paid invoice,
    /// DueDate and SentToContact change; of a contact, the balances, and it is a customer
    /// and a supplier from then on.
    ///
    /// # Panics
    ///
    /// For any other row: Xero is not known to leave an edit of it unstamped.
    pub fn touch_silently(&mut self, tenant: &TenantId, entity: Entity, number: u64) {
        let books = self.known(tenant).as_ref();
        assert!(
            entity == Entity::Contacts || entity == Entity::Invoices && is_part_paid(number, books),
            "Xero stamps every edit of number {number} of {entity:?}"
        );
        self.edit(tenant, entity, number, |row, _| row.silent_edits += 1);
    }

    /// Changes a row's status, such as to `VOIDED`; an edit like [`World::touch`]. What settled a
    /// document that is voided is taken back, and the stamps move of all documents that change.
    pub fn set_status(
        &mut self,
        tenant: &TenantId,
        entity: Entity,
        number: u64,
        status: &'static str,
    ) {
        self.edit(tenant, entity, number, |row, now| {
            row.status = status;
            row.version += 1;
            row.updated = now;
        });
    }

    /// Deletes a row as a user does. Xero keeps most rows and shows it by their status; the others
    /// vanish as with [`World::remove`].
    pub fn delete(&mut self, tenant: &TenantId, entity: Entity, number: u64) {
        let row = self.known(tenant).row(entity, number);
        let status = row.map_or("", |row| row.status);
        match rows::status_after_deletion(entity, status) {
            Some(status) => self.set_status(tenant, entity, number, status),
            None => drop(self.remove(tenant, entity, number)),
        }
    }

    /// Removes the last line item of a draft; an edit like [`World::touch`]. A draft without lines
    /// changes only its stamp.
    ///
    /// # Panics
    ///
    /// For a document that is no draft: others show what was paid of its lines.
    pub fn remove_line(&mut self, tenant: &TenantId, entity: Entity, number: u64) {
        self.edit(tenant, entity, number, |row, now| {
            assert_eq!(row.status, "DRAFT", "number {number} of {entity:?}");
            row.lines_removed += 1;
            row.version += 1;
            row.updated = now;
        });
    }

    /// Gives a document this number of files. Its stamp stays.
    pub fn attach(&mut self, tenant: &TenantId, entity: Entity, number: u64, files: usize) {
        let files = attachments::usual(files);
        self.attach_files(tenant, entity, number, files);
    }

    /// Gives a document these files. Its stamp stays.
    pub fn attach_files(
        &mut self,
        tenant: &TenantId,
        entity: Entity,
        number: u64,
        files: Vec<Attachment>,
    ) {
        self.edit(tenant, entity, number, |row, _| row.attached = Some(files));
    }

    /// The files of a document.
    pub fn files(&self, tenant: &TenantId, entity: Entity, number: u64) -> Vec<File> {
        let row = self.known(tenant).row(entity, number);
        attachments::files(row.expect("the document is there"))
    }

    /// Serves parts of files to clients that request them. Xero does not document whether it does,
    /// so the default is the whole file.
    pub fn serve_ranges(&mut self) {
        self.ranges = true;
    }

    /// Sets every row's UpdatedDateUTC from its number, for tables dense in ties.
    pub fn restamp(&mut self, tenant: &TenantId, entity: Entity, stamp: impl FnMut(u64) -> Millis) {
        self.tenant_mut(tenant).table_mut(entity).restamp(stamp);
    }

    /// Reorders the rows of a table that share a stamp, as Xero may if a list is sorted by the stamp
    /// alone.
    pub fn shuffle_ties(&mut self, tenant: &TenantId, entity: Entity) {
        let mut rng = self.rng.fork();
        self.tenant_mut(tenant)
            .table_mut(entity)
            .shuffle_ties(&mut rng);
    }

    /// Deletes a row so that no list shows it, as Xero does with items.
    pub fn remove(&mut self, tenant: &TenantId, entity: Entity, number: u64) -> Row {
        self.tenant_mut(tenant).table_mut(entity).remove(number)
    }

    /// Counts calls against the day as if another process had made them with the same app.
    pub fn spend_day(&mut self, app: &AppId, tenant: &TenantId, calls: u32) {
        let seed = self.known(tenant).seed;
        let caller = Caller {
            app: app.clone(),
            tenant: tenant.clone(),
        };
        self.limits
            .spend_day(&caller, seed, calls, self.clock.now());
    }

    /// Milliseconds since the Unix epoch, in the world.
    pub fn now(&self) -> Millis {
        self.clock.now()
    }

    /// Makes [`World::fill`] stamp rows before this moment instead of before the present, so
    /// that the same seed gives the same stamps on every day.
    pub fn history_ends(&mut self, at: Millis) {
        self.history_end = Some(at);
    }

    /// Stops the clock at this moment, so that answers do not depend on the day of the run;
    /// only [`World::advance`] moves it from then on. Limits do not refill meanwhile.
    pub fn fix_clock(&mut self, at: Millis) {
        self.clock.fix(at);
    }

    /// Skips time: tokens expire, windows of the limits end.
    pub fn advance(&mut self, by: Duration) {
        self.clock.advance(by);
    }

    /// Makes every call take at least this long.
    pub fn latency(&mut self, latency: Duration) {
        self.latency = latency;
    }

    /// Turns the rate limits off, for throughput runs.
    pub fn unlimited(&mut self) {
        self.limits.disable();
    }

    /// Sets the calls a minute of an app over all organisations, which are 10,000 in Xero, so that
    /// a test can exceed them with few calls.
    pub fn app_minute(&mut self, calls: u32) {
        self.limits.app_minute(calls);
    }

    /// Stops compressing bodies, whatever a client accepts.
    pub fn uncompressed(&mut self) {
        self.gzip = false;
    }

    /// An organisation, if there is one of this id.
    pub(crate) fn tenant(&self, id: &str) -> Option<&Arc<Tenant>> {
        self.tenants.get(id).map(Slot::get)
    }

    /// The organisations that the user can open, in the order in which they were added.
    pub(crate) fn open_tenants(&self) -> impl Iterator<Item = &Arc<Tenant>> {
        let tenants = self.order.iter().map(|id| self.known(id));
        tenants.filter(|tenant| tenant.is_open())
    }

    /// An organisation whose id was given out by this world.
    pub(crate) fn known(&self, id: &TenantId) -> &Arc<Tenant> {
        self.tenant(id.as_str())
            .expect("the tenant is of this world")
    }

    fn tenant_mut(&mut self, id: &TenantId) -> &mut Tenant {
        let tenant = self.tenants.get_mut(id);
        tenant.expect("the tenant is of this world").get_mut()
    }

    fn edit(
        &mut self,
        tenant: &TenantId,
        entity: Entity,
        number: u64,
        edit: impl FnOnce(&mut Row, Millis),
    ) {
        let now = self.now();
        let tenant = self.tenant_mut(tenant);
        tenant.table_mut(entity).edit(number, |row| edit(row, now));
        tenant.follow(&[(entity, number)], now);
    }
}

/// Whether the invoice of a number is paid in part.
fn is_part_paid(number: u64, books: &Tenant) -> bool {
    let key = (Entity::Invoices, number);
    let row = books.row(key.0, key.1);
    row.is_some_and(|row| row.status == "AUTHORISED") && books.settlements().paid(key) > 0
}
