//! The tax rates that an organisation has, by its country. The first of each list bears no tax, the
//! second is the full rate on sales, the third that on purchases, the fourth is zero, and the last
//! was made by mistake.

use super::Books;
use super::country::Country;
use super::document_kind::AmountTypes;

/// Decimals of a percentage.
pub(super) const RATE_DECIMALS: u8 = 4;
/// A hundred percent.
const WHOLE: i64 = 100 * 10_i64.pow(RATE_DECIMALS as u32);

/// A tax rate.
#[derive(Debug, PartialEq)]
pub(crate) struct TaxRate {
    /// Xero's TaxType, the key.
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    pub(super) report: &'static str,
    /// Percent in four decimals, for each component.
    pub(super) components: &'static [(&'static str, i64)],
    pub(super) revenue: bool,
    pub(super) expenses: bool,
}

impl TaxRate {
    /// Percent in four decimals.
    pub(super) fn percent(&self) -> i64 {
        self.components.iter().map(|(_, percent)| percent).sum()
    }

    /// The tax on (or in) an amount, rounded half away from zero.
    pub(super) fn on(&self, amount: i64, types: AmountTypes) -> i64 {
        let divisor = match types {
            AmountTypes::NoTax => return 0,
            AmountTypes::Exclusive => WHOLE,
            AmountTypes::Inclusive => WHOLE + self.percent(),
        };
        let tax = amount.abs() * self.percent();
        (tax + divisor / 2) / divisor * amount.signum()
    }
}

const fn tax(
    code: &'static str,
    name: &'static str,
    report: &'static str,
    components: &'static [(&'static str, i64)],
    revenue: bool,
    expenses: bool,
) -> TaxRate {
    TaxRate {
        code,
        name,
        report,
        components,
        revenue,
        expenses,
    }
}

/// The tax rates of a country.
#[derive(Debug)]
pub(super) struct TaxTable {
    /// By their numbers from 1.
    pub(super) rates: &'static [TaxRate; COUNT],
    /// Numbers of the rates on sales. Most are taxed at the full rate.
    pub(super) on_sales: [u64; 10],
    /// The same for what is bought.
    pub(super) on_purchases: [u64; 10],
}

/// How many rates each list has.
pub(super) const COUNT: usize = 12;

impl TaxTable {
    /// The rates of an organisation. Those elsewhere have the ones of New Zealand.
    pub(super) fn of(books: &dyn Books) -> &'static Self {
        match Country::of(books) {
            Some(Country::Australia) => &AUSTRALIA,
            Some(Country::UnitedKingdom) => &UNITED_KINGDOM,
            Some(Country::UnitedStates) => &UNITED_STATES,
            Some(Country::NewZealand) | None => &NEW_ZEALAND,
        }
    }
}

const GST: &[(&str, i64)] = &[("GST", 150_000)];
const OLD_GST: &[(&str, i64)] = &[("GST", 125_000)];
const ZERO: &[(&str, i64)] = &[("GST", 0)];
const NONE: &[(&str, i64)] = &[("No GST", 0)];
const CITY: &[(&str, i64)] = &[
    ("State Tax", 40_000),
    ("City Tax", 45_000),
    ("Metro Surcharge", 3_750),
];
const BED: &[(&str, i64)] = &[("Bed tax, Tāhuna", 12_500)];

#[rustfmt::skip]
static NEW_ZEALAND: TaxTable = TaxTable {
    rates: &[
        tax("NONE", "No GST", "NONE", NONE, true, true),
        tax("OUTPUT2", "15% GST on Income", "OUTPUT", GST, true, false),
        tax("INPUT2", "15% GST on Expenses", "INPUT", GST, false, true),
        tax("ZERORATED", "Zero Rated", "NONEOUTPUT", ZERO, true, true),
        tax("TAX001", "City \"sales\" tax", "OUTPUT", CITY, true, false),
        tax("GSTONIMPORTS", "GST on Imports", "GSTONIMPORTS", ZERO, false, true),
        tax("EXEMPTOUTPUT", "Exempt Income", "EXEMPTOUTPUT", ZERO, true, false),
        tax("EXEMPTEXPENSES", "Exempt Expenses", "EXEMPTEXPENSES", ZERO, false, true),
        tax("OUTPUT", "12.5% GST on Income", "OUTPUT", OLD_GST, true, false),
        tax("INPUT", "12.5% GST on Expenses", "INPUT", OLD_GST, false, true),
        tax("TAX002", "Bed tax 1/8", "OUTPUT", BED, true, true),
        tax("TAX003", "Mistake", "OUTPUT", ZERO, true, true),
    ],
    on_sales: [2, 2, 2, 2, 2, 2, 4, 1, 5, 7],
    on_purchases: [3, 3, 3, 3, 3, 3, 4, 1, 8, 6],
};

const TENTH: &[(&str, i64)] = &[("GST", 100_000)];

#[rustfmt::skip]
static AUSTRALIA: TaxTable = TaxTable {
    rates: &[
        tax("BASEXCLUDED", "BAS Excluded", "BASEXCLUDED", ZERO, true, true),
        tax("OUTPUT", "GST on Income", "OUTPUT", TENTH, true, false),
        tax("INPUT", "GST on Expenses", "INPUT", TENTH, false, true),
        tax("EXEMPTEXPORT", "GST Free Exports", "EXEMPTEXPORT", ZERO, true, true),
        tax("TAX001", "Fuel \"levy\"", "OUTPUT", BED, true, false),
        tax("GSTONIMPORTS", "GST on Imports", "GSTONIMPORTS", ZERO, false, true),
        tax("EXEMPTOUTPUT", "GST Free Income", "EXEMPTOUTPUT", ZERO, true, false),
        tax("EXEMPTEXPENSES", "GST Free Expenses", "EXEMPTEXPENSES", ZERO, false, true),
        tax("INPUTTAXED", "Input Taxed", "INPUTTAXED", ZERO, true, true),
        tax("CAPEXINPUT", "GST on Capital", "CAPEXINPUT", TENTH, false, true),
        tax("GSTONCAPIMPORTS", "GST on Capital Imports", "GSTONCAPIMPORTS", ZERO, false, true),
        tax("TAX003", "Mistake", "OUTPUT", ZERO, true, true),
    ],
    on_sales: [2, 2, 2, 2, 2, 2, 4, 1, 5, 7],
    on_purchases: [3, 3, 3, 3, 3, 3, 10, 1, 8, 6],
};

const VAT: &[(&str, i64)] = &[("VAT", 200_000)];
const REDUCED_VAT: &[(&str, i64)] = &[("VAT", 50_000)];
const ZERO_VAT: &[(&str, i64)] = &[("VAT", 0)];
const NO_VAT: &[(&str, i64)] = &[("No VAT", 0)];

#[rustfmt::skip]
static UNITED_KINGDOM: TaxTable = TaxTable {
    rates: &[
        tax("NONE", "No VAT", "NONE", NO_VAT, true, true),
        tax("OUTPUT2", "20% (VAT on Income)", "OUTPUT", VAT, true, false),
        tax("INPUT2", "20% (VAT on Expenses)", "INPUT", VAT, false, true),
        tax("ZERORATEDOUTPUT", "Zero Rated Income", "NONEOUTPUT", ZERO_VAT, true, false),
        tax("RROUTPUT", "5% (VAT on Income)", "RROUTPUT", REDUCED_VAT, true, false),
        tax("RRINPUT", "5% (VAT on Expenses)", "RRINPUT", REDUCED_VAT, false, true),
        tax("EXEMPTOUTPUT", "Exempt Income", "EXEMPTOUTPUT", ZERO_VAT, true, false),
        tax("EXEMPTINPUT", "Exempt Expenses", "EXEMPTINPUT", ZERO_VAT, false, true),
        tax("ZERORATEDINPUT", "Zero Rated Expenses", "NONEINPUT", ZERO_VAT, false, true),
        tax("CAPEXINPUT2", "20% (VAT on Capital Purchases)", "CAPEXINPUT", VAT, false, true),
        tax("TAX002", "Tourist levy 1/8", "OUTPUT", BED, true, true),
        tax("TAX003", "Mistake", "OUTPUT", ZERO_VAT, true, true),
    ],
    on_sales: [2, 2, 2, 2, 2, 2, 4, 1, 5, 7],
    on_purchases: [3, 3, 3, 3, 3, 3, 9, 1, 8, 6],
};

const NO_TAX: &[(&str, i64)] = &[("No Tax", 0)];
const STATE: &[(&str, i64)] = &[("State Tax", 40_000), ("City Tax", 45_000)];
const TAX: &[(&str, i64)] = &[("TAX", 0)];
const USE_TAX: &[(&str, i64)] = &[("Use Tax", 40_000)];
const LOOKED_UP: &[(&str, i64)] = &[("Auto Look Up", 0)];

#[rustfmt::skip]
static UNITED_STATES: TaxTable = TaxTable {
    rates: &[
        tax("NONE", "Tax Exempt", "NONE", NO_TAX, true, true),
        tax("OUTPUT", "Tax on Sales", "OUTPUT", STATE, true, false),
        tax("INPUT", "Tax on Purchases", "INPUT", USE_TAX, false, true),
        tax("ZERORATED", "Zero Rated", "NONEOUTPUT", TAX, true, true),
        tax("TAX001", "City \"sales\" tax", "OUTPUT", CITY, true, false),
        tax("GSTONIMPORTS", "Sales Tax on Imports", "GSTONIMPORTS", TAX, false, true),
        tax("AVALARA", "Auto Look Up", "AVALARA", LOOKED_UP, true, true),
        tax("TAX004", "Exempt for resale", "INPUT", TAX, false, true),
        tax("TAX005", "Ohio 1/8", "OUTPUT", BED, true, false),
        tax("TAX006", "Freight", "INPUT", TAX, false, true),
        tax("TAX002", "Bed tax 1/8", "OUTPUT", BED, true, true),
        tax("TAX003", "Mistake", "OUTPUT", TAX, true, true),
    ],
    on_sales: [2, 2, 2, 2, 7, 7, 4, 1, 5, 7],
    on_purchases: [3, 3, 1, 1, 1, 1, 4, 1, 8, 6],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_country_has_the_rates_that_documents_and_accounts_name() {
        for table in [&NEW_ZEALAND, &AUSTRALIA, &UNITED_KINGDOM, &UNITED_STATES] {
            let rate = |number: u64| &table.rates[number as usize - 1];
            assert_eq!(rate(1).percent(), 0);
            assert!(rate(2).percent() > 0 && rate(2).revenue);
            assert!(rate(3).percent() > 0 && rate(3).expenses);
            assert_eq!(rate(4).percent(), 0);
            assert_eq!(rate(12).name, "Mistake");
            assert!(table.on_sales.iter().all(|number| rate(*number).revenue));
            assert!(
                table
                    .on_purchases
                    .iter()
                    .all(|number| rate(*number).expenses)
            );
            for (at, one) in table.rates.iter().enumerate() {
                let others = &table.rates[at + 1..];
                assert!(
                    others
                        .iter()
                        .all(|it| it.code != one.code && it.name != one.name)
                );
            }
        }
    }

    #[test]
    fn tax_on_and_in_an_amount() {
        let gst = tax("GST", "15% GST", "OUTPUT", &[("GST", 150_000)], true, false);
        for (amount, types, expected) in [
            (10_000, AmountTypes::Exclusive, 1_500),
            (11_500, AmountTypes::Inclusive, 1_500),
            (10_000, AmountTypes::NoTax, 0),
            (3, AmountTypes::Exclusive, 0),
            (-10_003, AmountTypes::Exclusive, -1_500),
        ] {
            assert_eq!(gst.on(amount, types), expected, "{amount} {types:?}");
        }
    }
}
