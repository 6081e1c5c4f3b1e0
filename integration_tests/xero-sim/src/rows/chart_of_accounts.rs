//! A chart of accounts as a small company has it, grouped so that documents find the
//! kind of account they need.

use std::ops::RangeInclusive;

use super::document_kind::Side;

/// An account of the chart.
#[derive(Debug)]
pub(super) struct ChartAccount {
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    /// Xero's AccountType.
    pub(super) kind: &'static str,
    /// TaxType that lines on this account start with in New Zealand.
    pub(super) tax: &'static str,
    /// Xero's SystemAccount, or empty.
    pub(super) system: &'static str,
}

impl ChartAccount {
    /// Xero's Class of the account's type.
    pub(super) fn class(&self) -> &'static str {
        match self.kind {
            "BANK" | "CURRENT" | "FIXED" | "INVENTORY" | "NONCURRENT" | "PREPAYMENT" => "ASSET",
            "EQUITY" => "EQUITY",
            "CURRLIAB" | "LIABILITY" | "TERMLIAB" | "PAYG" => "LIABILITY",
            "OTHERINCOME" | "REVENUE" | "SALES" => "REVENUE",
            _ => "EXPENSE",
        }
    }
}

/// Numbers, from 1, of the accounts that money goes through.
pub(super) const BANK: RangeInclusive<u64> = 1..=4;
/// Numbers of the accounts that sales go to.
pub(super) const SALES: RangeInclusive<u64> = 5..=10;
/// Numbers of the accounts that purchases go to.
pub(super) const EXPENSES: RangeInclusive<u64> = 11..=43;
/// Accounts receivable.
pub(super) const RECEIVABLE: u64 = 44;
/// Accounts payable.
pub(super) const PAYABLE: u64 = 45;
/// What customers owe, or what suppliers are owed.
pub(super) fn control(side: Side) -> u64 {
    side.choose(RECEIVABLE, PAYABLE)
}

/// The tax collected and paid.
pub(super) const TAX: u64 = 46;
/// Gains from rates that moved between a document and its payment.
pub(super) const REALISED_GAINS: u64 = 50;
/// What employees are owed for their claims.
pub(super) const UNPAID_CLAIMS: u64 = 58;
/// What employees are owed for their work.
pub(super) const WAGES_PAYABLE: u64 = 59;
/// The tax on wages.
pub(super) const PAYE: u64 = 60;
/// What employees of the office earn.
pub(super) const SALARIES: u64 = 35;
/// What employees earn whose work is sold.
pub(super) const DIRECT_WAGES: u64 = 13;
/// Balances from the system before this one.
pub(super) const HISTORICAL: u64 = 62;
/// Differences from rounding.
pub(super) const ROUNDING: u64 = 64;
/// The stock.
pub(super) const INVENTORY: u64 = 47;

const fn account(
    code: &'static str,
    name: &'static str,
    kind: &'static str,
    tax: &'static str,
    system: &'static str,
) -> ChartAccount {
    ChartAccount {
        code,
        name,
        kind,
        tax,
        system,
    }
}

#[rustfmt::skip]
pub(super) const CHART: &[ChartAccount] = &[
    account("090", "Business Bank Account", "BANK", "NONE", ""),
    account("091", "Business Savings Account", "BANK", "NONE", ""),
    account("", "Payments Clearing", "BANK", "NONE", ""),
    account("093", "Company Credit Card", "BANK", "NONE", ""),
    account("200", "Sales", "REVENUE", "OUTPUT2", ""),
    account("205", "Sales: online & Māori art", "REVENUE", "OUTPUT2", ""),
    account("210", "Consulting", "REVENUE", "OUTPUT2", ""),
    account("215", "Export sales", "REVENUE", "ZERORATED", ""),
    account("260", "Other Revenue", "REVENUE", "OUTPUT2", ""),
    account("270", "Interest Income", "REVENUE", "NONE", ""),
    account("300", "Purchases", "DIRECTCOSTS", "INPUT2", ""),
    account("310", "Cost of Goods Sold", "DIRECTCOSTS", "INPUT2", ""),
    account("320", "Direct Wages", "DIRECTCOSTS", "NONE", ""),
    account("325", "Direct Expenses", "DIRECTCOSTS", "INPUT2", ""),
    account("400", "Advertising", "EXPENSE", "INPUT2", ""),
    account("404", "Bank Fees", "EXPENSE", "NONE", ""),
    account("408", "Cleaning", "EXPENSE", "INPUT2", ""),
    account("412", "Consulting & Accounting", "EXPENSE", "INPUT2", ""),
    account("416", "Depreciation", "DEPRECIATN", "NONE", ""),
    account("420", "Entertainment", "EXPENSE", "INPUT2", ""),
    account("424", "Entertainment - Non deductible", "EXPENSE", "INPUT2", ""),
    account("425", "Freight & Courier", "EXPENSE", "INPUT2", ""),
    account("429", "General Expenses", "EXPENSE", "INPUT2", ""),
    account("433", "Insurance", "EXPENSE", "INPUT2", ""),
    account("437", "Interest Expense", "EXPENSE", "NONE", ""),
    account("441", "Legal expenses", "EXPENSE", "INPUT2", ""),
    account("445", "Light, Power, Heating", "EXPENSE", "INPUT2", ""),
    account("449", "Motor Vehicle Expenses", "EXPENSE", "INPUT2", ""),
    account("453", "Office Expenses", "EXPENSE", "INPUT2", ""),
    account("457", "Operating Lease Payments", "EXPENSE", "INPUT2", ""),
    account("461", "Printing & Stationery", "EXPENSE", "INPUT2", ""),
    account("465", "Rates", "EXPENSE", "INPUT2", ""),
    account("469", "Rent", "OVERHEADS", "INPUT2", ""),
    account("473", "Repairs and Maintenance", "OVERHEADS", "INPUT2", ""),
    account("477", "Salaries", "EXPENSE", "NONE", ""),
    account("478", "KiwiSaver Employer Contributions", "EXPENSE", "NONE", ""),
    account("481", "Subcontractors \"on call\"", "EXPENSE", "INPUT2", ""),
    account("485", "Subscriptions", "EXPENSE", "INPUT2", ""),
    account("489", "Telephone & Internet", "EXPENSE", "INPUT2", ""),
    account("493", "Travel - National", "EXPENSE", "INPUT2", ""),
    account("494", "Travel - International", "EXPENSE", "ZERORATED", ""),
    account("495", "Software/Hosting", "EXPENSE", "INPUT2", ""),
    account("496", "Training", "EXPENSE", "INPUT2", ""),
    account("610", "Accounts Receivable", "CURRENT", "NONE", "DEBTORS"),
    account("800", "Accounts Payable", "CURRLIAB", "NONE", "CREDITORS"),
    account("820", "GST", "CURRLIAB", "NONE", "GST"),
    account("630", "Inventory", "INVENTORY", "NONE", ""),
    account("497", "Bank Revaluations", "EXPENSE", "NONE", "BANKCURRENCYGAIN"),
    account("498", "Unrealised Currency Gains", "EXPENSE", "NONE", "UNREALISEDCURRENCYGAIN"),
    account("499", "Realised Currency Gains", "EXPENSE", "NONE", "REALISEDCURRENCYGAIN"),
    account("505", "Income Tax Expense", "EXPENSE", "NONE", ""),
    account("620", "Prepayments", "PREPAYMENT", "NONE", ""),
    account("625", "Withholding tax paid", "CURRENT", "NONE", ""),
    account("710", "Office Equipment", "FIXED", "INPUT2", ""),
    account("711", "Less Accumulated Depreciation on Office Equipment", "FIXED", "NONE", ""),
    account("720", "Computer Equipment", "FIXED", "INPUT2", ""),
    account("721", "Less Accumulated Depreciation on Computer Equipment", "FIXED", "NONE", ""),
    account("801", "Unpaid Expense Claims", "CURRLIAB", "NONE", "UNPAIDEXPCLM"),
    account("803", "Wages Payable", "CURRLIAB", "NONE", "WAGEPAYABLES"),
    account("825", "PAYE Payable", "CURRLIAB", "NONE", ""),
    account("830", "Income Tax", "CURRLIAB", "NONE", ""),
    account("840", "Historical Adjustment", "CURRLIAB", "NONE", "HISTORICAL"),
    account("850", "Suspense", "CURRLIAB", "NONE", ""),
    account("860", "Rounding", "CURRLIAB", "NONE", "ROUNDING"),
    account("877", "Tracking Transfers", "CURRLIAB", "NONE", "TRACKINGTRANSFERS"),
    account("900", "Loan", "TERMLIAB", "NONE", ""),
    account("960", "Retained Earnings", "EQUITY", "NONE", "RETAINEDEARNINGS"),
    account("970", "Owner A Funds Introduced", "EQUITY", "NONE", ""),
    account("980", "Owner A Drawings", "EQUITY", "NONE", ""),
    account("982", "Old plant\\tools", "FIXED", "INPUT2", ""),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn of(number: u64) -> &'static ChartAccount {
        &CHART[number as usize - 1]
    }

    #[test]
    fn groups_hold_what_they_say() {
        for (group, class) in [(BANK, "ASSET"), (SALES, "REVENUE"), (EXPENSES, "EXPENSE")] {
            for number in group {
                assert_eq!(of(number).class(), class, "{}", of(number).name);
            }
        }
        assert!(BANK.into_iter().all(|number| of(number).kind == "BANK"));
        assert_eq!(of(RECEIVABLE).system, "DEBTORS");
        assert_eq!(of(PAYABLE).system, "CREDITORS");
        assert_eq!(of(TAX).system, "GST");
        assert_eq!(of(INVENTORY).kind, "INVENTORY");
        assert_eq!(of(REALISED_GAINS).system, "REALISEDCURRENCYGAIN");
        assert_eq!(of(UNPAID_CLAIMS).system, "UNPAIDEXPCLM");
        assert_eq!(of(WAGES_PAYABLE).system, "WAGEPAYABLES");
        assert_eq!(of(PAYE).name, "PAYE Payable");
        assert_eq!(of(SALARIES).name, "Salaries");
        assert_eq!(of(DIRECT_WAGES).name, "Direct Wages");
        assert_eq!(of(HISTORICAL).system, "HISTORICAL");
        assert_eq!(of(ROUNDING).system, "ROUNDING");
    }

    #[test]
    fn codes_are_distinct() {
        for (at, one) in CHART.iter().enumerate() {
            assert!(
                CHART[at + 1..].iter().all(|it| it.code != one.code),
                "{}",
                one.code
            );
        }
    }
}
