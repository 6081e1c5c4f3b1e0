//! OAuth 2.0 scopes: which exist, and which of them open an endpoint.

/// Every scope that an app of this world can be assigned: the broad ones that retire
/// in September 2027 and the granular ones that replace them.
pub(crate) const ALL: &[&str] = &[
    "openid",
    "profile",
    "email",
    "offline_access",
    "accounting.transactions",
    "accounting.transactions.read",
    "accounting.reports.read",
    "accounting.settings",
    "accounting.settings.read",
    "accounting.contacts",
    "accounting.contacts.read",
    "accounting.attachments",
    "accounting.attachments.read",
    "accounting.budgets.read",
    "accounting.journals.read",
    "accounting.invoices",
    "accounting.invoices.read",
    "accounting.payments",
    "accounting.payments.read",
    "accounting.banktransactions",
    "accounting.banktransactions.read",
    "accounting.manualjournals",
    "accounting.manualjournals.read",
    "accounting.classicexpenses",
    "accounting.classicexpenses.read",
    "accounting.reports.aged.read",
    "accounting.reports.balancesheet.read",
    "accounting.reports.banksummary.read",
    "accounting.reports.budgetsummary.read",
    "accounting.reports.executivesummary.read",
    "accounting.reports.profitandloss.read",
    "accounting.reports.trialbalance.read",
    "accounting.reports.taxreports.read",
    "accounting.reports.tenninetynine.read",
    "paymentservices",
    "assets",
    "assets.read",
    "projects",
    "projects.read",
    "files",
    "files.read",
    "payroll.employees",
    "payroll.employees.read",
    "payroll.payruns",
    "payroll.payruns.read",
    "payroll.payslip",
    "payroll.payslip.read",
    "payroll.settings",
    "payroll.settings.read",
    "payroll.timesheets",
    "payroll.timesheets.read",
];

/// Scopes about the user who consents.
pub(crate) const OF_USERS: &[&str] = &["openid", "profile", "email", "offline_access"];

/// Splits the space-separated form of the wire.
pub(crate) fn split(text: &str) -> Vec<String> {
    text.split_ascii_whitespace().map(str::to_owned).collect()
}

/// Whether one of the scopes that an endpoint names is granted. A scope to write implies
/// the one to read.
pub(crate) fn opens(granted: &[String], needed: &[&str]) -> bool {
    granted.iter().any(|scope| {
        let scope = scope.strip_suffix(".read").unwrap_or(scope);
        needed.contains(&scope)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::ENDPOINTS;

    #[test]
    fn writing_implies_reading_and_nothing_else_does() {
        let needed = ["accounting.invoices", "accounting.transactions"];
        for (granted, open) in [
            ("accounting.invoices.read", true),
            ("accounting.transactions", true),
            ("accounting.invoicesx.read", false),
            ("accounting.settings.read offline_access", false),
            ("", false),
        ] {
            assert_eq!(opens(&split(granted), &needed), open, "{granted}");
        }
    }

    #[test]
    fn every_endpoint_can_be_opened() {
        let all: Vec<String> = ALL.iter().map(|scope| (*scope).to_owned()).collect();
        for endpoint in ENDPOINTS {
            assert!(opens(&all, endpoint.scopes), "{:?}", endpoint.entity);
        }
    }
}
