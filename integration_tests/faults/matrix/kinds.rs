//! The kinds of streams: how the connector reads each, and a small organisation for it.

use xero_sim::{Entity, Request, TenantId, World};

use crate::support::file_scene::pdf;

/// How a stream is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// A list, in one call or page by page.
    List,
    /// A list, and a call for each of its rows. All of them are needed.
    Details,
    /// A call for each document or contact. More than ten of them are there.
    Items,
    /// A file for each of a few documents.
    Files,
    /// A call for each period.
    Periods,
}

/// A kind of stream, by one of its streams.
#[derive(Debug)]
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) stream: &'static str,
    pub(super) family: Family,
    /// How the page describes its calls.
    pub(super) calls: &'static str,
    /// Whether a request belongs to the stream.
    pub(super) is_call: fn(&Request) -> bool,
    /// The first call that a fault of the stream answers. The calls before it succeed.
    pub(super) first_hit: usize,
    /// The rows of the calls before it.
    pub(super) before: usize,
    /// Whether a sync continues where an earlier one failed. The other kinds are read whole.
    pub(super) continues: bool,
    pub(super) fill: fn(&mut World, &TenantId),
    /// What a user changes between two syncs.
    pub(super) edit: fn(&mut World, &TenantId),
}

fn ends(request: &Request, path: &str) -> bool {
    request.path.ends_with(path)
}

/// Adds this number of invoices, each with a file.
fn with_files(world: &mut World, tenant: &TenantId, invoices: usize) {
    world.fill(tenant, Entity::Invoices, invoices);
    for (number, _) in (1..).zip(0..invoices) {
        world.attach_files(tenant, Entity::Invoices, number, vec![pdf(4_000)]);
    }
}

pub(super) const PAGES: Kind = Kind {
    name: "pages",
    stream: "payments",
    family: Family::List,
    calls: "pages of 1,000 rows, by the last change",
    is_call: |request| ends(request, "/Payments"),
    first_hit: 2,
    before: 1_000,
    continues: true,
    fill: |world, tenant| world.fill(tenant, Entity::Payments, 1_010),
    edit: |world, tenant| world.touch(tenant, Entity::Payments, 3),
};

pub(super) const WHOLE: Kind = Kind {
    name: "whole list",
    stream: "items",
    family: Family::List,
    calls: "one call",
    is_call: |request| ends(request, "/Items"),
    first_hit: 1,
    before: 0,
    continues: false,
    fill: |world, tenant| world.fill(tenant, Entity::Items, 5),
    edit: |world, tenant| world.touch(tenant, Entity::Items, 3),
};

pub(super) const JOURNALS: Kind = Kind {
    name: "journals",
    stream: "journals",
    family: Family::List,
    calls: "pages of 100 rows, by number, until an empty page",
    is_call: |request| ends(request, "/Journals"),
    first_hit: 2,
    before: 100,
    continues: true,
    fill: |world, tenant| world.fill(tenant, Entity::Journals, 130),
    // A new journal would depend on the random numbers that the tokens took.
    edit: |_, _| (),
};

pub(super) const CHILDREN: Kind = Kind {
    name: "child rows",
    stream: "quote_line_items",
    family: Family::List,
    calls: "pages of 100 rows of their list, whose own stream is not selected",
    is_call: |request| ends(request, "/Quotes"),
    first_hit: 2,
    before: 224,
    continues: true,
    fill: |world, tenant| world.fill(tenant, Entity::Quotes, 130),
    edit: |world, tenant| world.touch(tenant, Entity::Quotes, 3),
};

pub(super) const LINKED: Kind = Kind {
    name: "linked transactions",
    stream: "linked_transactions",
    family: Family::List,
    calls: "pages of 100 rows without a filter, twice in the first sync",
    is_call: |request| ends(request, "/LinkedTransactions"),
    first_hit: 2,
    before: 100,
    continues: false,
    fill: |world, tenant| world.fill(tenant, Entity::LinkedTransactions, 130),
    edit: |world, tenant| world.touch(tenant, Entity::LinkedTransactions, 3),
};

pub(super) const BUDGETS: Kind = Kind {
    name: "list, then details",
    stream: "budget_lines",
    family: Family::Details,
    calls: "one call for the list, one for each row",
    is_call: |request| request.path.contains("/Budgets/"),
    first_hit: 2,
    before: 264,
    continues: false,
    fill: |world, tenant| world.fill(tenant, Entity::Budgets, 3),
    edit: |world, tenant| world.touch(tenant, Entity::Budgets, 2),
};

pub(super) const DOCUMENTS: Kind = Kind {
    name: "per document",
    stream: "attachments",
    family: Family::Items,
    calls: "one call for each of 14 documents, beside their lists",
    is_call: |request| ends(request, "/Attachments"),
    first_hit: 2,
    before: 1,
    continues: true,
    fill: |world, tenant| with_files(world, tenant, 14),
    edit: |world, tenant| world.touch(tenant, Entity::Invoices, 3),
};

pub(super) const CONTACT_REPORT: Kind = Kind {
    name: "report per contact",
    stream: "report_aged_receivables_by_contact",
    family: Family::Items,
    calls: "one call for each contact that owes money",
    is_call: |request| ends(request, "/AgedReceivablesByContact"),
    first_hit: 2,
    before: 70,
    continues: true,
    fill: |world, tenant| {
        world.fill(tenant, Entity::Contacts, 20);
        world.fill(tenant, Entity::Invoices, 120);
    },
    edit: |_, _| (),
};

pub(super) const FILES: Kind = Kind {
    name: "files",
    stream: "attachments",
    family: Family::Files,
    calls: "one call for each of four files",
    is_call: |request| request.path.contains("/Attachments/"),
    first_hit: 2,
    before: 1,
    continues: true,
    fill: |world, tenant| with_files(world, tenant, 4),
    edit: |world, tenant| world.touch(tenant, Entity::Invoices, 3),
};

pub(super) const PERIODS: Kind = Kind {
    name: "report by period",
    stream: "report_trial_balance",
    family: Family::Periods,
    calls: "one call for each of three months",
    is_call: |request| ends(request, "/TrialBalance"),
    first_hit: 2,
    before: 48,
    continues: false,
    fill: |world, tenant| world.fill(tenant, Entity::Invoices, 20),
    edit: |_, _| (),
};

/// All kinds.
pub(super) const ALL: [&Kind; 10] = [
    &PAGES,
    &WHOLE,
    &JOURNALS,
    &CHILDREN,
    &LINKED,
    &BUDGETS,
    &DOCUMENTS,
    &CONTACT_REPORT,
    &FILES,
    &PERIODS,
];
