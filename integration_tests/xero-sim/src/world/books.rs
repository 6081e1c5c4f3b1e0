//! The books of an organisation, for tests: the truth that reports show, the days on which
//! its years end, and who may see reports at all.

use crate::books::{Basis, Comparisons, Day, Span, YearEnd};
use crate::entity::Entity;
use crate::tenant::TenantId;
use crate::world::World;

impl World {
    /// What an organisation earned from one day up to another, both as `YYYY-MM-DD`, in the
    /// last place of its currency; on a cash basis as `paymentsOnly=true` asks for it.
    ///
    /// # Panics
    ///
    /// If one of them is no date.
    pub fn profit(&self, tenant: &TenantId, first: &str, last: &str, cash: bool) -> i64 {
        let basis = if cash { Basis::Cash } else { Basis::Accrual };
        self.known(tenant).ledger(basis).profit(span(first, last))
    }

    /// The documents that post on days from one up to another: a table and a number each,
    /// as [`World::set_status`] takes them. Voiding one of them changes what was earned in
    /// days that may have long been closed.
    ///
    /// # Panics
    ///
    /// If one of them is no date.
    pub fn posted(&self, tenant: &TenantId, first: &str, last: &str) -> Vec<(Entity, u64)> {
        let books = self.known(tenant);
        books.ledger(Basis::Accrual).documents(span(first, last))
    }

    /// Sets the month and the day, from 1, on which an organisation's fiscal years end.
    pub fn end_years_on(&mut self, tenant: &TenantId, month: u32, day: u32) {
        let year_end = YearEnd { month, day };
        self.tenant_mut(tenant).end_years_on(year_end);
    }

    /// Chooses which days comparisons of a profit and loss between two dates have: a client
    /// has to be right whichever Xero takes.
    pub fn compare_by(&mut self, tenant: &TenantId, comparisons: Comparisons) {
        self.tenant_mut(tenant).comparisons = comparisons;
    }

    /// Gives the token's user a role with reports in an organisation, or one without: then
    /// reports and journals answer 403.
    pub fn show_reports(&mut self, tenant: &TenantId, shown: bool) {
        self.tenant_mut(tenant).shows_reports = shown;
    }
}

fn span(first: &str, last: &str) -> Span {
    let day = |text: &str| text.parse::<Day>().expect("a date as YYYY-MM-DD");
    Span {
        first: day(first),
        last: day(last),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn voiding_a_document_changes_its_month() {
        let mut world = World::new(3);
        let tenant = world.add_tenant("Demo Company", "NZD");
        world.fill(&tenant, Entity::Invoices, 200);
        let (first, last) = ("1900-01-01", "2999-12-31");
        let before = world.profit(&tenant, first, last, false);
        let posted = world.posted(&tenant, first, last);
        let (entity, number) = posted[0];
        assert_eq!(entity, Entity::Invoices);
        world.set_status(&tenant, entity, number, "VOIDED");
        assert_ne!(world.profit(&tenant, first, last, false), before);
        assert!(!world.posted(&tenant, first, last).contains(&posted[0]));
    }
}
