//! The report streams, one line each.

use super::{Balance, Endpoint, Paging, QuerySupport, Report, ReportKind, Source, Stream, TENANT};
use crate::xero::api::ACCOUNTING;

/// The broad scope that Xero's granular scopes of March 2026 replace.
const BROAD: &str = "accounting.reports.read";

/// Requests the standard layout. A custom layout may group accounts and omit their ids.
const STANDARD: (&str, &str) = ("standardLayout", "true");
/// Requests the cash basis instead of the accrual basis.
const CASH: (&str, &str) = ("paymentsOnly", "true");

const ACCRUAL_BASIS: Option<&str> = Some("accrual");
const CASH_BASIS: Option<&str> = Some("cash");

/// The connector requests these reports for contacts with a balance, so it must read the contacts.
const CONTACTS: Option<&str> =
    Some("the scope accounting.contacts.read for the contacts with a balance");
const ADVISER: Option<&str> =
    Some("a user with the adviser role in an organisation of the United States");

// The key names the value and its period. A published return has no period.
const KEY: &[&str] = &[TENANT, "PeriodStart", "PeriodEnd", "LineID"];
const RETURN_KEY: &[&str] = &[TENANT, "LineID"];

const PERIOD_END: Option<&str> = Some("PeriodEnd");

macro_rules! streams {
    ($($name:ident $path:literal $kind:expr, $basis:expr, $params:expr, $key:expr, $cursor:expr, $scopes:expr, $also_requires:expr;)*) => {
        /// The report streams, sorted by name.
        #[rustfmt::skip]
        pub(super) const STREAMS: &[Stream] = &[$(Stream {
            name: stringify!($name),
            key: $key,
            cursor: $cursor,
            source: Source::Report(Report {
                endpoint: Endpoint {
                    api: &ACCOUNTING,
                    path: $path,
                    envelope: Some("Reports"),
                    paging: Paging::Whole,
                    query_support: QuerySupport::NONE,
                    params: &$params,
                    required_filter: None,
                    scopes: &$scopes,
                    also_requires: $also_requires,
                    quirks: &[],
                },
                kind: $kind,
                basis: $basis,
            }),
            schema: include_str!(concat!("schemas/", stringify!($name), ".json")),
        }),*];
    };
}

#[rustfmt::skip]
streams! {
    report_aged_payables_by_contact    "/Reports/AgedPayablesByContact"    ReportKind::PerContact(Balance::Payable),    None,          [],               KEY,        PERIOD_END, ["accounting.reports.aged.read", BROAD],             CONTACTS;
    report_aged_receivables_by_contact "/Reports/AgedReceivablesByContact" ReportKind::PerContact(Balance::Receivable), None,          [],               KEY,        PERIOD_END, ["accounting.reports.aged.read", BROAD],             CONTACTS;
    report_balance_sheet               "/Reports/BalanceSheet"             ReportKind::ComparativeAtDate,                    ACCRUAL_BASIS, [STANDARD],       KEY,        PERIOD_END, ["accounting.reports.balancesheet.read", BROAD],     None;
    report_balance_sheet_cash          "/Reports/BalanceSheet"             ReportKind::ComparativeAtDate,                    CASH_BASIS,    [STANDARD, CASH], KEY,        PERIOD_END, ["accounting.reports.balancesheet.read", BROAD],     None;
    report_bank_summary                "/Reports/BankSummary"              ReportKind::Range,                         None,          [],               KEY,        PERIOD_END, ["accounting.reports.banksummary.read", BROAD],      None;
    report_budget_summary              "/Reports/BudgetSummary"            ReportKind::Budget,                       None,          [],               KEY,        PERIOD_END, ["accounting.reports.budgetsummary.read", BROAD],    None;
    report_executive_summary           "/Reports/ExecutiveSummary"         ReportKind::Month,                        None,          [],               KEY,        PERIOD_END, ["accounting.reports.executivesummary.read", BROAD], None;
    report_profit_and_loss             "/Reports/ProfitAndLoss"            ReportKind::Comparative,                        ACCRUAL_BASIS, [STANDARD],       KEY,        PERIOD_END, ["accounting.reports.profitandloss.read", BROAD],    None;
    report_profit_and_loss_cash        "/Reports/ProfitAndLoss"            ReportKind::Comparative,                        CASH_BASIS,    [STANDARD, CASH], KEY,        PERIOD_END, ["accounting.reports.profitandloss.read", BROAD],    None;
    report_tax                         "/Reports"                          ReportKind::Published,                    None,          [],               RETURN_KEY, None,       ["accounting.reports.taxreports.read", BROAD],       None;
    report_ten_ninety_nine             "/Reports/TenNinetyNine"            ReportKind::TaxYear,                      None,          [],               KEY,        PERIOD_END, ["accounting.reports.tenninetynine.read", BROAD],    ADVISER;
    report_trial_balance               "/Reports/TrialBalance"             ReportKind::AtDate,                        ACCRUAL_BASIS, [],               KEY,        PERIOD_END, ["accounting.reports.trialbalance.read", BROAD],     None;
    report_trial_balance_cash          "/Reports/TrialBalance"             ReportKind::AtDate,                        CASH_BASIS,    [CASH],           KEY,        PERIOD_END, ["accounting.reports.trialbalance.read", BROAD],     None;
}
