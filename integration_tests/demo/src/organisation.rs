//! The simulated organisation: its books, its app at Xero, and a day of work in it.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use chrono::{Datelike, Months, NaiveDate, Utc};
use serde_json::{Value, json};
use xero_sim::entity::history;
use xero_sim::{App, ENDPOINTS, Entity, File, Millis, Request, Row, Sim, TenantId, World};

use crate::Result;

pub(crate) const NAME: &str = "Demo Company (NZ)";

const CLIENT_SECRET: &str = "demo-secret";
const SCOPES: &str = "openid offline_access accounting.settings.read \
    accounting.transactions.read accounting.contacts.read accounting.journals.read \
    accounting.budgets.read accounting.attachments.read accounting.reports.read paymentservices";

/// What happens between the two syncs.
pub(crate) const WORK: &str = "12 invoices, 5 payments and 2 contacts are added,
\
    3 invoices are edited, 1 invoice is voided and 1 payment is deleted";

/// Rows before the first sync. They are few enough for the calls of a sync to fit into one
/// minute of Xero's limits, so that nothing waits.
const SIZES: [(Entity, usize); 19] = [
    (Entity::Contacts, 950),
    (Entity::Items, 350),
    (Entity::Invoices, 7_900),
    (Entity::Payments, 3_900),
    (Entity::BankTransactions, 1_900),
    (Entity::CreditNotes, 300),
    (Entity::Overpayments, 40),
    (Entity::Prepayments, 60),
    (Entity::BatchPayments, 90),
    (Entity::BankTransfers, 120),
    (Entity::ManualJournals, 150),
    (Entity::PurchaseOrders, 400),
    (Entity::Quotes, 90),
    (Entity::LinkedTransactions, 90),
    (Entity::RepeatingInvoices, 25),
    (Entity::ExpenseClaims, 30),
    (Entity::Receipts, 80),
    (Entity::ContactGroups, 8),
    (Entity::Budgets, 1),
];
/// Number of rows of a table that has no number in [`SIZES`].
const USUAL_SIZE: usize = 20;

pub(crate) struct Organisation {
    sim: Sim,
    tenant: TenantId,
    refresh_token: Option<String>,
}

/// One run of the connector: how long it took and what it asked Xero.
pub(crate) struct Watched {
    pub(crate) messages: String,
    pub(crate) seconds: f64,
    pub(crate) requests: Vec<Request>,
}

impl Organisation {
    pub(crate) fn new() -> Organisation {
        let mut world = World::new(2026);
        let tenant = world.add_tenant(NAME, "NZD");
        for (entity, rows) in history(&SIZES, USUAL_SIZE) {
            world.fill(&tenant, entity, rows);
        }
        let app = world.add_app(App::web("demo-client", CLIENT_SECRET));
        let tokens = world.consent(&app, std::slice::from_ref(&tenant), SCOPES);
        Organisation {
            sim: Sim::start(world),
            tenant,
            refresh_token: tokens.refresh_token,
        }
    }

    /// The connector's config. It reads the two years of the books and downloads a few files.
    pub(crate) fn config(&self, files: &Path) -> Value {
        json!({
            "start_date": first_month().to_string(),
            "credentials": {
                "auth_type": "oauth2_authorization_code",
                "client_id": "demo-client",
                "client_secret": CLIENT_SECRET,
                "refresh_token": self.refresh_token,
            },
            "download_attachments": true,
            "attachments_directory": files,
            // Each document and each file costs one call.
            "max_calls_per_sync": 2,
            "api_url": self.sim.url(),
            "identity_url": self.sim.url(),
        })
    }

    /// Runs the connector and notes its requests.
    pub(crate) fn watch(&self, run: impl FnOnce() -> Result<String>) -> Result<Watched> {
        let seen = self.sim.requests().len();
        let start = Instant::now();
        let messages = run()?;
        Ok(Watched {
            messages,
            seconds: start.elapsed().as_secs_f64(),
            requests: self.sim.requests().split_off(seen),
        })
    }

    /// Moves the simulator's clock to the next minute of Xero's limits.
    pub(crate) fn skip_minute(&self) {
        self.sim
            .world(|world| world.advance(Duration::from_secs(60)));
    }

    /// A day of work in Xero, as [`WORK`] describes it. Returns when it began, on the
    /// simulator's clock.
    pub(crate) fn work(&self) -> Millis {
        self.sim.world(|world| {
            for invoice in [3, 500, 7_777] {
                world.touch(&self.tenant, Entity::Invoices, invoice);
            }
            world.set_status(&self.tenant, Entity::Invoices, 42, "VOIDED");
            world.set_status(&self.tenant, Entity::Payments, 9, "DELETED");
            for (entity, rows) in [
                (Entity::Invoices, 12),
                (Entity::Contacts, 2),
                (Entity::Payments, 5),
            ] {
                world.create(&self.tenant, entity, rows);
            }
            world.now()
        })
    }

    /// The ids of the rows of a table that pass a filter.
    pub(crate) fn ids(&self, entity: Entity, filter: impl Fn(&Row) -> bool) -> BTreeSet<String> {
        self.sim.world(|world| {
            let rows = world.rows(&self.tenant, entity).iter();
            rows.filter(|row| filter(row)).map(Row::guid).collect()
        })
    }

    /// What the organisation earned between two days, in cents.
    pub(crate) fn profit(&self, first: &str, last: &str) -> i64 {
        self.sim
            .world(|world| world.profit(&self.tenant, first, last, false))
    }

    /// The content of a file.
    pub(crate) fn file(&self, document: &str, file: &str) -> Option<Vec<u8>> {
        self.sim.world(|world| {
            ENDPOINTS.iter().find_map(|endpoint| {
                let mut rows = world.rows(&self.tenant, endpoint.entity).iter();
                let row = rows.find(|row| row.guid() == document)?;
                let files = world.files(&self.tenant, endpoint.entity, row.number);
                files.iter().find(|it| it.id() == file).map(File::bytes)
            })
        })
    }
}

/// The month before the two years of history that the simulator makes.
fn first_month() -> NaiveDate {
    let today = Utc::now().date_naive();
    let month = today.with_day(1).unwrap_or(today);
    month.checked_sub_months(Months::new(25)).unwrap_or(month)
}
