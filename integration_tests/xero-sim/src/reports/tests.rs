//! Reports drawn from worlds of several seeds and currencies, read back as JSON.

mod figures;
mod layouts;
mod refusals;

use chrono::Days;
use serde_json::Value;

use super::*;
use crate::books::day_of;
use crate::books::tests::{SEVERAL, filled};
use crate::tenant::TenantId;
use crate::world::World;

/// An organisation with two years of books.
struct Stage {
    world: World,
    tenant: TenantId,
}

impl Stage {
    fn new(seed: u64, currency: &str) -> Self {
        let (world, tenant) = filled(seed, currency);
        Self { world, tenant }
    }

    /// The books of several currencies, each of another seed.
    fn all() -> Vec<Self> {
        SEVERAL
            .map(|(seed, currency)| Self::new(seed, currency))
            .into()
    }

    /// The parameters for the year up to now.
    fn past_year(&self) -> String {
        let today = day_of(self.world.now());
        format!("fromDate={}&toDate={today}", today - Days::new(365))
    }

    fn tenant(&self) -> &Tenant {
        self.world.known(&self.tenant)
    }

    /// The answer to a path behind `/Reports` and a query.
    fn ask(&self, path: &str, query: &str) -> Result<Option<Value>, Invalid> {
        let params: Vec<_> = form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let target = ReportAddress::of(path).expect("a report's path");
        let mut out = Json::default();
        out.open_object();
        let written = target.write(self.tenant(), &params, self.world.now(), &mut out)?;
        if written.is_none() {
            return Ok(None);
        }
        out.close_object();
        Ok(Some(
            serde_json::from_slice(&out.into_bytes()).expect("JSON"),
        ))
    }

    /// The one report of an answer.
    fn report(&self, path: &str, query: &str) -> Value {
        let answer = self.ask(path, query).expect("a report").expect("a report");
        let reports = answer["Reports"].as_array().expect("an array");
        assert_eq!(reports.len(), 1);
        reports[0].clone()
    }
}

/// The cells' texts of all rows of a report, the sections' titles left out.
fn lines(report: &Value) -> Vec<Vec<String>> {
    let rows = report["Rows"].as_array().expect("rows");
    let of_section = |section: &Value| {
        let rows = section["Rows"].as_array().cloned().unwrap_or_default();
        rows.into_iter().map(|row| cells(&row)).collect::<Vec<_>>()
    };
    rows.iter().flat_map(of_section).collect()
}

fn cells(row: &Value) -> Vec<String> {
    let cells = row["Cells"].as_array().expect("cells").iter();
    let text = |cell: &Value| cell["Value"].as_str().expect("a string").to_owned();
    cells.map(text).collect()
}

/// The values of the line of a title.
fn line(report: &Value, title: &str) -> Vec<i64> {
    let lines = lines(report);
    let mut lines = lines.iter().filter(|cells| cells[0] == title);
    let line = lines
        .next()
        .unwrap_or_else(|| panic!("no {title} in {report:#}"));
    line[1..].iter().map(|text| places(text)).collect()
}

/// An amount in the last place of its currency; an empty cell is nothing.
fn places(text: &str) -> i64 {
    let digits = text.replace('.', "");
    match digits.as_str() {
        "" => 0,
        digits => digits
            .parse()
            .unwrap_or_else(|_| panic!("no amount: {text}")),
    }
}

/// The section titles of a report in their order.
fn titles(report: &Value) -> Vec<String> {
    let rows = report["Rows"].as_array().expect("rows").iter();
    let sections = rows.filter(|row| row["RowType"] == "Section");
    let title = |row: &Value| row["Title"].as_str().expect("a title").to_owned();
    sections.map(title).collect()
}
