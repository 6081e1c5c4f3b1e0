//! The rows of Xero's other APIs, for tests to look at and to change. Tables have the names of the
//! connector's streams, such as `projects`.

use serde_json::Value;

use super::World;
use crate::apis::{ApiRow, Tables, tables};
use crate::tenant::TenantId;

impl World {
    /// The names of the tables that an organisation has.
    pub fn api_tables(&self, tenant: &TenantId) -> Vec<&'static str> {
        let country = self.country(tenant);
        let tables = tables().filter(|it| it.country.is_none_or(|its| Some(its) == country));
        tables.map(|table| table.name).collect()
    }

    /// The rows of a table in the order of their numbers: the truth, for assertions.
    pub fn api_rows(&self, tenant: &TenantId, table: &str) -> &[ApiRow] {
        self.known(tenant).api_rows(table)
    }

    /// Sets the number of rows that a table has in the history; of some tables, for each row of their
    /// parent table. All tables of these APIs are drawn anew.
    pub fn fill_api(&mut self, tenant: &TenantId, table: &str, count: usize) {
        self.resize_api(tenant, Some(table), count);
    }

    /// Sets the number of rows of every table that grows with the age of the organisation.
    pub fn fill_apis(&mut self, tenant: &TenantId, count: usize) {
        self.resize_api(tenant, None, count);
    }

    fn resize_api(&mut self, tenant: &TenantId, table: Option<&str>, count: usize) {
        let slot = self.tenants.get_mut(tenant);
        let tenant = slot.expect("the tenant is of this world").fill_mut();
        tenant.apis.resize(table, count);
    }

    /// Makes new rows now. Those of a child table are spread over the rows of its parent table.
    pub fn add_api_rows(&mut self, tenant: &TenantId, table: &str, count: usize) {
        let now = self.now();
        self.tenant_mut(tenant)
            .add_api_rows(table, None, count, now);
    }

    /// Makes new rows now that belong to the row of this number.
    pub fn add_api_rows_below(
        &mut self,
        tenant: &TenantId,
        table: &str,
        parent: u64,
        count: usize,
    ) {
        let now = self.now();
        self.tenant_mut(tenant)
            .add_api_rows(table, Some(parent), count, now);
    }

    /// Edits a row: its texts and its stamp change.
    pub fn touch_api_row(&mut self, tenant: &TenantId, table: &str, number: u64) {
        let now = self.now();
        let tenant = self.tenant_mut(tenant);
        let row = tenant.apis.edited(table, number, now, tenant);
        *tenant.apis.row_mut(table, number) = row;
    }

    /// Changes the fields of a row. Its stamp changes as well, if it has one.
    pub fn edit_api_row(
        &mut self,
        tenant: &TenantId,
        table: &str,
        number: u64,
        edit: impl FnOnce(&mut Value),
    ) {
        let now = self.now();
        let tenant = self.tenant_mut(tenant);
        tenant.api_rows(table);
        tenant.apis.edit(table, number, now, edit);
    }

    /// Deletes a row, so that no list shows it. Its children are out of reach.
    pub fn remove_api_row(&mut self, tenant: &TenantId, table: &str, number: u64) -> ApiRow {
        let tenant = self.tenant_mut(tenant);
        tenant.api_rows(table);
        tenant.apis.remove(table, number)
    }
}
