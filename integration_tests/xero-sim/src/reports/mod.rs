//! Reports in the layout of Xero, computed from the books. One file holds one report.

mod aged;
mod balance_sheet;
mod bank_summary;
mod budget_summary;
mod columns;
mod executive_summary;
mod layout;
mod parameters;
mod profit_and_loss;
mod published;
mod ratio;
mod ten_ninety_nine;
mod trial_balance;

use crate::clock::Millis;
use crate::json::Json;
use crate::tenant::Tenant;
use layout::Report;
pub(crate) use parameters::{Invalid, ReportCall};

/// Computes a report.
type Draw = fn(&ReportCall<'_>) -> Result<Body, Invalid>;

/// What an answer holds under `Reports`.
enum Body {
    Rows(Report),
    /// Reports without rows, which write their own JSON.
    Other(fn(&ReportCall<'_>, &mut Json)),
}

/// A report with its own path.
pub(crate) struct Named {
    /// The path after `/Reports/`.
    name: &'static str,
    /// The granular scope, without `.read`.
    scope: &'static str,
    draw: Draw,
}

const fn named(name: &'static str, scope: &'static str, draw: Draw) -> Named {
    Named { name, scope, draw }
}

#[rustfmt::skip]
const REPORTS: &[Named] = &[
    named("AgedPayablesByContact",    "accounting.reports.aged",             aged::payables),
    named("AgedReceivablesByContact", "accounting.reports.aged",             aged::receivables),
    named("BalanceSheet",             "accounting.reports.balancesheet",     balance_sheet::draw),
    named("BankSummary",              "accounting.reports.banksummary",      bank_summary::draw),
    named("BudgetSummary",            "accounting.reports.budgetsummary",    budget_summary::draw),
    named("ExecutiveSummary",         "accounting.reports.executivesummary", executive_summary::draw),
    named("ProfitAndLoss",            "accounting.reports.profitandloss",    profit_and_loss::draw),
    named("TenNinetyNine",            "accounting.reports.tenninetynine",    ten_ninety_nine::draw),
    named("TrialBalance",             "accounting.reports.trialbalance",     trial_balance::draw),
];

/// The scope of the published tax reports and of their list, without `.read`.
const TAX_REPORTS: &str = "accounting.reports.taxreports";
/// The broad scope that the granular ones replace, without `.read`.
const BROAD: &str = "accounting.reports";

/// The resource that a path below `/api.xro/2.0` names.
#[derive(Clone, Copy)]
pub(crate) enum ReportAddress {
    Named(&'static Named),
    /// The list of published tax reports.
    Published,
    /// One published tax report.
    PublishedOne(u128),
}

impl ReportAddress {
    /// Parses the part of the path after `/Reports`, if it can name a report.
    pub(crate) fn of(path: &str) -> Option<Self> {
        if path.is_empty() {
            return Some(Self::Published);
        }
        let name = path.strip_prefix('/')?;
        let named = REPORTS.iter().find(|report| report.name == name);
        named.map(Self::Named).or_else(|| {
            let id = crate::guid::Guid::parse(name)?;
            Some(Self::PublishedOne(id.0))
        })
    }

    /// The scopes, without `.read`. Any one of them grants access.
    pub(crate) fn scopes(self) -> [&'static str; 2] {
        match self {
            Self::Named(named) => [named.scope, BROAD],
            Self::Published | Self::PublishedOne(_) => [TAX_REPORTS, BROAD],
        }
    }

    /// Writes the value of `Reports`. `None`: there is no such report.
    pub(crate) fn write(
        self,
        tenant: &Tenant,
        params: &[(String, String)],
        now: Millis,
        out: &mut Json,
    ) -> Result<Option<()>, Invalid> {
        let call = ReportCall::new(tenant, params, now);
        match self {
            Self::Named(named) => {
                let body = (named.draw)(&call)?;
                out.key("Reports").open_array();
                match body {
                    Body::Rows(report) => report.write(&call, out),
                    Body::Other(write) => write(&call, out),
                }
                out.close_array();
            }
            Self::Published => published::list(&call, out),
            Self::PublishedOne(id) => return Ok(published::one(id, &call, out)),
        }
        Ok(Some(()))
    }
}

#[cfg(test)]
mod tests;
