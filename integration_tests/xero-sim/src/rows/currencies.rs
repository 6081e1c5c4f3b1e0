//! Currencies: their names, their decimals, what they are worth.

use fastrand::Rng;

use super::draw::{self, Versioned};
use super::{Books, Row, View};
use crate::entity::Entity;
use crate::json::Json;

/// Decimals of a rate between two currencies.
pub(super) const RATE_DECIMALS: u8 = 10;
/// The rate of a currency to itself.
const ONE: i64 = 10_i64.pow(RATE_DECIMALS as u32);

/// A currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Currency<'a> {
    /// ISO 4217.
    pub(super) code: &'a str,
    name: &'a str,
    /// Decimals of its amounts.
    pub(super) decimals: u8,
    /// What a US dollar buys, in millionths.
    per_usd: i64,
}

const fn currency<'a>(code: &'a str, name: &'a str, decimals: u8, per_usd: i64) -> Currency<'a> {
    Currency {
        code,
        name,
        decimals,
        per_usd,
    }
}

/// In the order in which organisations take them up.
const CURRENCIES: &[Currency<'static>] = &[
    currency("USD", "United States Dollar", 2, 1_000_000),
    currency("EUR", "Euro", 2, 921_450),
    currency("GBP", "British Pound", 2, 787_320),
    currency("JPY", "Japanese Yen", 0, 151_370_000),
    currency("BHD", "Bahraini Dinar", 3, 376_980),
    currency("AUD", "Australian Dollar", 2, 1_523_110),
    currency("NZD", "New Zealand Dollar", 2, 1_668_240),
    currency("SGD", "Singapore Dollar", 2, 1_349_900),
    currency("CAD", "Canadian Dollar", 2, 1_357_270),
    currency("CHF", "Swiss Franc", 2, 905_180),
    currency("KWD", "Kuwaiti Dinar", 3, 307_660),
    currency("KRW", "South Korean Won", 0, 1_345_600_000),
];

/// The currency of the books.
pub(super) fn base(books: &dyn Books) -> Currency<'_> {
    let code = books.base_currency();
    let known = CURRENCIES.iter().find(|known| known.code == code).copied();
    known.unwrap_or(currency(code, code, 2, 1_000_000))
}

/// The currency of a row of the table. The first is that of the books.
fn of<'a>(row: &Row, books: &'a dyn Books) -> Currency<'a> {
    let base = base(books);
    let mut others = CURRENCIES.iter().filter(|other| other.code != base.code);
    // A table longer than the list begins it again.
    let Some(at) = row.number.checked_sub(2) else {
        return base;
    };
    let at = at % (CURRENCIES.len() as u64 - 1);
    *others.nth(at as usize).expect("at most one is left out")
}

/// The currency of a document: mostly that of the books, else one of the table.
pub(super) fn any<'a>(books: &'a dyn Books, rng: &mut Rng) -> Currency<'a> {
    let foreign = draw::one_in(rng, 5);
    let row = draw::any(books, Entity::Currencies, rng);
    if foreign && !books.rows(Entity::Currencies).is_empty() {
        of(&row, books)
    } else {
        base(books)
    }
}

/// What one unit of the books' currency buys, in ten decimals, on some day.
pub(super) fn rate(currency: Currency<'_>, books: &dyn Books, rng: &mut Rng) -> i64 {
    let wobble = rng.i64(970_000..1_030_000);
    let base = base(books);
    if currency.code == base.code {
        return ONE;
    }
    let rate = i128::from(ONE) * i128::from(currency.per_usd) * i128::from(wobble)
        / i128::from(base.per_usd)
        / 1_000_000;
    i64::try_from(rate).expect("no currency is worth a billionth of another")
}

/// An amount at a rate, in the books' currency.
pub(super) fn in_base(amount: i64, from: Currency<'_>, rate: i64, books: &dyn Books) -> i64 {
    let to = base(books);
    let scaled = i128::from(amount) * i128::from(ONE) * 10_i128.pow(to.decimals.into());
    rounded_ratio(scaled, i128::from(rate) * 10_i128.pow(from.decimals.into()))
}

/// A ratio rounded to an integer, halves away from zero. The divisor is positive.
pub(super) fn rounded_ratio(dividend: i128, divisor: i128) -> i64 {
    let half = divisor / 2 * dividend.signum();
    i64::try_from((dividend + half) / divisor).expect("amounts are small")
}

/// Writes a rate: six decimals are enough for 1.
pub(super) fn write_rate(rate: i64, out: &mut Json) {
    out.key("CurrencyRate");
    if rate == ONE {
        out.number("1.000000");
    } else {
        out.decimal(rate, RATE_DECIMALS);
    }
}

/// Writes a rate unless the document is in the books' currency: bank transactions have none then.
pub(super) fn write_foreign_rate(rate: i64, out: &mut Json) {
    if rate != ONE {
        write_rate(rate, out);
    }
}

pub(super) fn render(row: &Row, view: View<'_>, out: &mut Json) {
    let currency = of(row, view.books);
    out.key("Code").string(currency.code);
    out.key("Description")
        .display(Versioned(currency.name, row.version));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct() {
        for (at, one) in CURRENCIES.iter().enumerate() {
            let again = CURRENCIES[at + 1..].iter().find(|it| it.code == one.code);
            assert_eq!(again, None);
        }
    }
}
