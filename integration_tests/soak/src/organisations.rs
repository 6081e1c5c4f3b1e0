//! The simulated organisations, the app that reads them, and the work that users do in them meanwhile.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use fastrand::Rng;
use xero_sim::entity::history;
use xero_sim::{
    App, AppId, ENDPOINTS, Entity, Failure, Millis, Row, Size, TenantId, TokenSet, World,
};

/// The scopes of all streams.
pub(crate) const SCOPES: &str = "openid offline_access accounting.settings.read accounting.transactions.read accounting.contacts.read accounting.reports.read accounting.journals.read accounting.attachments.read accounting.budgets.read paymentservices assets.read projects.read files.read payroll.employees.read payroll.payruns.read payroll.payslip.read payroll.settings.read payroll.timesheets.read";

/// A day in milliseconds.
pub(crate) const DAY: Millis = 86_400_000;

pub(crate) const CLIENT_ID: &str = "CLIENT0123456789ABCDEF0123456789";
pub(crate) const CLIENT_SECRET: &str = "s3cret/with+odd=chars-8c1b";

/// The ways in which a config gives access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    WebApp,
    PkceApp,
    CustomConnection,
    /// Only an access token, which the user replaces.
    Token,
}

/// Documents that never change, and settings that have no version.
const UNEDITED: [Entity; 4] = [
    Entity::Journals,
    Entity::Organisations,
    Entity::OrganisationActions,
    Entity::InvoiceReminders,
];

/// Lists with lines that a user can remove from a draft.
const WITH_LINES: [Entity; 5] = [
    Entity::CreditNotes,
    Entity::Invoices,
    Entity::ManualJournals,
    Entity::PurchaseOrders,
    Entity::Quotes,
];

/// Lists whose documents have files.
const WITH_FILES: [Entity; 6] = [
    Entity::BankTransactions,
    Entity::CreditNotes,
    Entity::Invoices,
    Entity::ManualJournals,
    Entity::PurchaseOrders,
    Entity::Quotes,
];

/// Tables of other APIs from which a user can remove rows.
const REMOVABLE: [&str; 9] = [
    "assets",
    "file_associations",
    "files",
    "payroll_au_timesheets",
    "payroll_au_timesheets_v2",
    "payroll_nz_timesheets",
    "payroll_uk_timesheets",
    "project_tasks",
    "project_time",
];

/// What the soak did to the organisations, as far as the comparison needs it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Deeds {
    /// The ids of rows that Xero removed without a trace.
    pub(crate) removed: BTreeSet<String>,
    /// The same for other APIs: all ids in the rows.
    pub(crate) removed_of_other_apis: BTreeSet<String>,
    /// The numbers of journals that Xero does not show yet, by organisation.
    pub(crate) hidden: BTreeMap<String, BTreeSet<u64>>,
    /// The numbers of all journals that were hidden at some time, by organisation.
    pub(crate) late: BTreeMap<String, BTreeSet<u64>>,
    /// The organisations that cannot be read at present.
    pub(crate) cut: BTreeSet<TenantId>,
    /// The organisations that were cut off since the start of the sync.
    pub(crate) cut_meanwhile: BTreeSet<TenantId>,
    /// The last number of each table before the first sync.
    pub(crate) named: BTreeMap<(TenantId, Entity), u64>,
    /// Whether documents are read by themselves. docs/documents.md: "bank transfers are read once, repeating
    /// invoices once a day", so they are not edited then.
    pub(crate) with_documents: bool,
    /// The number of each kind of edit.
    pub(crate) edits: BTreeMap<&'static str, usize>,
}

impl Deeds {
    /// Notes which rows the documents name.
    pub(crate) fn note_names(&mut self, world: &World, tenants: &[TenantId]) {
        for tenant in tenants {
            for endpoint in ENDPOINTS {
                let last = world.rows(tenant, endpoint.entity).last();
                let last = last.map_or(0, |row| row.number);
                self.named.insert((tenant.clone(), endpoint.entity), last);
            }
        }
    }

    fn count(&mut self, kind: &'static str) {
        *self.edits.entry(kind).or_default() += 1;
    }
}

/// The organisations and the app of a round.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) tenants: Vec<TenantId>,
    pub(crate) app: AppId,
    /// The app with which the soak itself reads the truth.
    pub(crate) auditor: AppId,
    pub(crate) access: Access,
    pub(crate) tokens: Option<TokenSet>,
}

impl Scene {
    /// Fills a world.
    pub(crate) fn new(world: &mut World, is_small: bool, rng: &mut Rng) -> Scene {
        let access = match rng.u8(..10) {
            0..5 => Access::WebApp,
            5..7 => Access::PkceApp,
            7..9 => Access::CustomConnection,
            _ => Access::Token,
        };
        let count = match access {
            Access::CustomConnection => 1,
            _ if is_small => rng.usize(1..3),
            _ => [1, 1, 2, 2, 3, 4][rng.usize(..6)],
        };
        let tenants: Vec<_> = (0..count)
            .map(|number| {
                let currency = ["NZD", "NZD", "GBP", "USD", "AUD"][rng.usize(..5)];
                let tenant = world.add_tenant(&format!("Shop {number}"), currency);
                fill(world, &tenant, count, is_small, rng);
                tenant
            })
            .collect();
        let app = match access {
            Access::WebApp | Access::Token => App::web(CLIENT_ID, CLIENT_SECRET),
            Access::PkceApp => App::pkce(CLIENT_ID),
            Access::CustomConnection => {
                App::custom_connection(CLIENT_ID, CLIENT_SECRET, &tenants[0])
            }
        };
        let app = world.add_app(app.opaque_tokens(rng.u8(..5) == 0));
        let auditor = world.add_app(App::web("AUDITOR", "secret of the auditor"));
        let mut scene = Scene {
            tenants,
            app,
            auditor,
            access,
            tokens: None,
        };
        scene.consent(world);
        scene
    }

    /// A user consents again. A custom connection needs no consent.
    pub(crate) fn consent(&mut self, world: &mut World) {
        self.tokens = match self.access {
            Access::CustomConnection => None,
            _ => Some(world.consent(&self.app, &self.tenants, SCOPES)),
        };
    }

    /// Makes all organisations readable again.
    pub(crate) fn reopen(&self, world: &mut World, deeds: &mut Deeds) {
        for tenant in &self.tenants {
            world.forbid(tenant, false);
            world.take_offline(tenant, false);
            if !world.is_connected(&self.app, tenant) {
                world.connect(&self.app, tenant);
            }
        }
        deeds.cut.clear();
    }
}

/// Gives an organisation its rows. One list may have several pages, many small ones have a handful.
fn fill(world: &mut World, tenant: &TenantId, organisations: usize, is_small: bool, rng: &mut Rng) {
    let long = [
        Entity::Invoices,
        Entity::Contacts,
        Entity::Payments,
        Entity::BankTransactions,
        Entity::CreditNotes,
        Entity::Quotes,
        Entity::LinkedTransactions,
        Entity::Journals,
        Entity::ManualJournals,
        Entity::PurchaseOrders,
    ];
    let long = long[rng.usize(..long.len())];
    for (entity, _) in history(&[], 0) {
        let few = matches!(entity.endpoint().size, Size::Few(_));
        let count = match entity {
            _ if few => rng.usize(0..6),
            _ if is_small => rng.usize(0..14),
            // Lists with pages of 100 rows. From ten pages on they are read in ranges side by side.
            Entity::Journals | Entity::Quotes if entity == long => {
                rng.usize(150..2_600) / organisations
            }
            Entity::LinkedTransactions if entity == long => rng.usize(150..1_200) / organisations,
            _ if entity == long => rng.usize(900..3_500) / organisations,
            Entity::Journals => rng.usize(0..250),
            _ if rng.u8(..6) == 0 => 0,
            _ => rng.usize(1..70),
        };
        // Payments of the simulator pay invoices that are there at the start. Without any they would pay those
        // that come later, and change. The same holds for other documents.
        let is_named = matches!(
            entity,
            Entity::Contacts
                | Entity::CreditNotes
                | Entity::Invoices
                | Entity::Items
                | Entity::Overpayments
                | Entity::Prepayments
                | Entity::RepeatingInvoices
        );
        let count = count.max(usize::from(is_named));
        world.fill(tenant, entity, count);
        let is_stamped = !matches!(entity, Entity::Journals | Entity::BankTransfers);
        if is_stamped && count > 0 && rng.u8(..4) == 0 {
            restamp(world, tenant, entity, rng);
        }
    }
}

/// Gives many rows the same stamps, in the past.
fn restamp(world: &mut World, tenant: &TenantId, entity: Entity, rng: &mut Rng) {
    let start = world.now() - 700 * DAY;
    let ties = [1, 7, 60, 1_100][rng.usize(..4)];
    let step = [1, 40, 1_000, DAY][rng.usize(..4)];
    let newest = world.now() - 1_000;
    world.restamp(tenant, entity, |number| {
        (start + (number / ties) as Millis * step).min(newest)
    });
}

fn draw<'a, T>(rng: &mut Rng, from: &'a [T]) -> Option<&'a T> {
    match from {
        [] => None,
        _ => Some(&from[rng.usize(..from.len())]),
    }
}

/// A row that fits, near a random place of the table.
fn some_row(rows: &[Row], rng: &mut Rng, fits: impl Fn(&Row) -> bool) -> Option<u64> {
    let from = rng.usize(..rows.len().max(1));
    let order = rows[from.min(rows.len())..]
        .iter()
        .chain(&rows[..from.min(rows.len())]);
    order.take(50).find(|row| fits(row)).map(|row| row.number)
}

/// The most journals to post in an organisation. Each can leave a gap in one of the two lists, and
/// docs/streams.md, "Late journals", says: "The state keeps at most 4,000 gaps". One piece of work posts some
/// hundred journals.
const MOST_POSTED: u64 = 3_000;

/// The number of journals posted since the first sync.
fn posted(world: &World, tenant: &TenantId, deeds: &Deeds) -> u64 {
    let last = world.rows(tenant, Entity::Journals).last();
    let before = deeds.named.get(&(tenant.clone(), Entity::Journals));
    let last = last.map_or(0, |row| row.number);
    last.saturating_sub(before.copied().unwrap_or_default())
}

/// One piece of work of a user. Returns what it was.
pub(crate) fn edit(
    world: &mut World,
    tenants: &[TenantId],
    deeds: &mut Deeds,
    rng: &mut Rng,
) -> Option<String> {
    let tenant = draw(rng, tenants)?;
    let tables: Vec<Entity> = history(&[], 0).map(|(entity, _)| entity).collect();
    // Work comes together: half of it is about the lists with the most documents.
    let entity = match rng.bool() {
        true => [
            Entity::Invoices,
            Entity::Contacts,
            Entity::Payments,
            Entity::LinkedTransactions,
        ][rng.usize(..4)],
        false => *draw(rng, &tables)?,
    };
    let is_unedited = UNEDITED.contains(&entity)
        || deeds.with_documents
            && matches!(entity, Entity::BankTransfers | Entity::RepeatingInvoices);
    let is_read_daily = deeds.with_documents && entity == Entity::RepeatingInvoices;
    if rng.u8(..6) == 0 {
        return edit_other_api(world, tenant, deeds, rng);
    }
    if posted(world, tenant, deeds) > MOST_POSTED {
        return None;
    }
    let kind = match rng.u8(..100) {
        0..35 | 55..70 if is_unedited => None,
        35..55 if is_read_daily => None,
        0..35 => touch(world, tenant, entity, rng),
        35..55 => create(world, tenant, entity, rng),
        55..70 => delete(world, tenant, entity, deeds, rng),
        70..78 => remove_line(world, tenant, rng),
        78..84 => attach(world, tenant, rng),
        84..88 => silently(world, tenant, rng),
        88..90 => {
            world.shuffle_ties(tenant, entity);
            Some("rows of one stamp in another order")
        }
        90..95 => post_late(world, tenant, deeds, rng),
        _ => {
            world.advance(Duration::from_millis(rng.u64(1..20_000)));
            Some("time passes")
        }
    }?;
    deeds.count(kind);
    Some(format!("{kind}: {entity:?} of {tenant}"))
}

/// One piece of work in Assets, Projects, Files or Payroll.
fn edit_other_api(
    world: &mut World,
    tenant: &TenantId,
    deeds: &mut Deeds,
    rng: &mut Rng,
) -> Option<String> {
    let tables = world.api_tables(tenant);
    let table = *draw(rng, &tables)?;
    let rows = world.api_rows(tenant, table);
    // Some tables have one row for good, such as settings.
    let is_single = rows.len() == 1;
    let number = draw(rng, rows)?.number;
    let kind = match rng.u8(..10) {
        _ if is_single => return None,
        0..4 => {
            world.touch_api_row(tenant, table, number);
            "a row of another API is edited"
        }
        4..7 => {
            world.add_api_rows(tenant, table, rng.usize(1..4));
            "rows are added to another API"
        }
        _ if !REMOVABLE.contains(&table) => return None,
        _ => {
            let row = world.remove_api_row(tenant, table, number);
            let ids = row.value.as_object().into_iter().flatten();
            let ids = ids.filter_map(|(_, value)| value.as_str());
            deeds.removed_of_other_apis.extend(ids.map(str::to_owned));
            "a row of another API vanishes"
        }
    };
    deeds.count(kind);
    Some(format!("{kind}: {table} of {tenant}"))
}

fn touch(
    world: &mut World,
    tenant: &TenantId,
    entity: Entity,
    rng: &mut Rng,
) -> Option<&'static str> {
    for _ in 0..[1, 1, 1, 5, 40][rng.usize(..5)] {
        let number = some_row(world.rows(tenant, entity), rng, |_| true)?;
        world.touch(tenant, entity, number);
    }
    Some("a row is edited")
}

fn create(
    world: &mut World,
    tenant: &TenantId,
    entity: Entity,
    rng: &mut Rng,
) -> Option<&'static str> {
    let few = matches!(entity.endpoint().size, Size::Few(_));
    let count = match (few, rng.u8(..20)) {
        (true, _) => 1,
        (false, 0) => rng.usize(101..260),
        _ => rng.usize(1..6),
    };
    world.create(tenant, entity, count);
    Some("rows are added")
}

fn delete(
    world: &mut World,
    tenant: &TenantId,
    entity: Entity,
    deeds: &mut Deeds,
    rng: &mut Rng,
) -> Option<&'static str> {
    let rows = world.rows(tenant, entity);
    // Documents of the simulator draw the items, groups ... that they name from those of the start. Without
    // one of these they would name others.
    let named = deeds
        .named
        .get(&(tenant.clone(), entity))
        .copied()
        .unwrap_or(0);
    let vanishes = |row: &Row| {
        matches!(row.status, "" | "ACTIVE" | "APPROVED") || entity == Entity::LinkedTransactions
    };
    // A bank transfer goes with each of its two bank transactions, and is not to be edited either.
    let is_of_transfer = |row: &Row| matches!(row.of, Some((Entity::BankTransfers, _)));
    let is_free = |row: &Row| {
        (row.number > named || entity == Entity::LinkedTransactions || !vanishes(row))
            && !(deeds.with_documents && is_of_transfer(row))
    };
    let number = some_row(rows, rng, is_free)?;
    let id = rows.iter().find(|row| row.number == number)?.guid();
    world.delete(tenant, entity, number);
    let is_there = world
        .rows(tenant, entity)
        .iter()
        .any(|row| row.number == number);
    if is_there {
        return Some("a row is deleted, voided or archived");
    }
    deeds.removed.insert(id);
    Some("a row vanishes")
}

fn remove_line(world: &mut World, tenant: &TenantId, rng: &mut Rng) -> Option<&'static str> {
    let entity = *draw(rng, &WITH_LINES)?;
    let number = some_row(world.rows(tenant, entity), rng, |row| row.status == "DRAFT")?;
    world.remove_line(tenant, entity, number);
    Some("a line is removed")
}

/// Xero is not known to add a file without a stamp, so the document is stamped too.
fn attach(world: &mut World, tenant: &TenantId, rng: &mut Rng) -> Option<&'static str> {
    let entity = *draw(rng, &WITH_FILES)?;
    let number = some_row(world.rows(tenant, entity), rng, |_| true)?;
    let files = world.files(tenant, entity, number).len();
    world.attach(tenant, entity, number, files + 1);
    world.touch(tenant, entity, number);
    Some("a file is added")
}

fn silently(world: &mut World, tenant: &TenantId, rng: &mut Rng) -> Option<&'static str> {
    let number = some_row(world.rows(tenant, Entity::Contacts), rng, |_| true)?;
    world.touch_silently(tenant, Entity::Contacts, number);
    Some("a contact changes without a stamp")
}

/// The most journals of an organisation that are hidden at a time.
const MOST_HIDDEN: usize = 16;

/// Posts journals. Some of them become visible after journals with greater numbers.
fn post_late(
    world: &mut World,
    tenant: &TenantId,
    deeds: &mut Deeds,
    rng: &mut Rng,
) -> Option<&'static str> {
    let hidden = deeds.hidden.entry(tenant.as_str().to_owned()).or_default();
    if !hidden.is_empty() && (hidden.len() == MOST_HIDDEN || rng.u8(..3) == 0) {
        let shows_all = rng.bool();
        hidden.retain(|_| !shows_all && rng.bool());
        return Some("late journals become visible");
    }
    let before = world
        .rows(tenant, Entity::Journals)
        .last()
        .map_or(0, |row| row.number);
    // Wages are on the accrual list or on both. A payment posts to both lists in turn.
    let entity = [Entity::Journals, Entity::Payments, Entity::BankTransactions][rng.usize(..3)];
    let most = [6, 6, 60, 300][rng.usize(..4)];
    world.create(tenant, entity, rng.usize(2..=most));
    let rows = world.rows(tenant, Entity::Journals).iter();
    let mut new: Vec<u64> = rows.map(|row| row.number).collect();
    new.retain(|number| *number > before);
    rng.shuffle(&mut new);
    new.truncate(rng.usize(1..=MOST_HIDDEN - hidden.len()));
    hidden.extend(&new);
    let late = deeds.late.entry(tenant.as_str().to_owned()).or_default();
    late.extend(new);
    Some("journals are late")
}

/// Cuts an organisation off, or lets it back in.
pub(crate) fn cut_off(
    world: &mut World,
    scene_app: &AppId,
    tenants: &[TenantId],
    deeds: &mut Deeds,
    rng: &mut Rng,
) -> Option<String> {
    let tenant = draw(rng, tenants)?.clone();
    if deeds.cut.remove(&tenant) {
        world.forbid(&tenant, false);
        world.take_offline(&tenant, false);
        if !world.is_connected(scene_app, &tenant) {
            world.connect(scene_app, &tenant);
        }
        deeds.count("an organisation is let in");
        return Some(format!("{tenant} is let in"));
    }
    let failure = [Failure::Disconnected, Failure::Forbidden, Failure::Offline][rng.usize(..3)];
    match rng.bool() {
        true => world.fail(&tenant, failure),
        false => world.fail_after(&tenant, rng.u32(1..12), failure),
    }
    deeds.count("an organisation is cut off");
    deeds.cut.insert(tenant.clone());
    deeds.cut_meanwhile.insert(tenant.clone());
    Some(format!("{tenant} is cut off: {failure:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_organisation_gets_more_journals_than_a_state_has_gaps() {
        let mut rng = Rng::with_seed(3);
        let mut world = World::new(3);
        let scene = Scene::new(&mut world, true, &mut rng);
        let mut deeds = Deeds::default();
        deeds.note_names(&world, &scene.tenants);
        let tenants = &scene.tenants[..1];
        for _ in 0..2_000 {
            edit(&mut world, tenants, &mut deeds, &mut rng);
        }
        let posted = posted(&world, &tenants[0], &deeds);
        assert!(posted > MOST_POSTED && posted < 4_000, "{posted}");
    }

    #[test]
    fn documents_without_a_stamp_are_not_edited_while_documents_are_read_by_themselves() {
        for seed in 0..8 {
            let mut rng = Rng::with_seed(seed);
            let mut world = World::new(seed);
            let scene = Scene::new(&mut world, true, &mut rng);
            let mut deeds = Deeds {
                with_documents: true,
                ..Deeds::default()
            };
            deeds.note_names(&world, &scene.tenants);
            let stamps = |world: &World| -> Vec<_> {
                let lists = [Entity::BankTransfers, Entity::RepeatingInvoices];
                let lists = lists.map(|entity| world.rows(&scene.tenants[0], entity));
                let stamps = lists.into_iter().flatten();
                stamps.map(|row| (row.guid(), row.updated)).collect()
            };
            let before = stamps(&world);
            for _ in 0..300 {
                world.advance(Duration::from_millis(50));
                edit(&mut world, &scene.tenants, &mut deeds, &mut rng);
            }
            let after = stamps(&world);
            assert!(before.iter().all(|it| after.contains(it)), "seed {seed}");
        }
    }
}
