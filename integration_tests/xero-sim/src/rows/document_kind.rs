//! Properties in which kinds of documents differ: the side, the tax treatment, the number of lines.

use super::Row;

/// Who pays: the customer or the organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Sales,
    Purchases,
}

impl Side {
    /// The side of a document that can be on either, mostly that of sales.
    pub(super) fn of(row: &Row) -> Self {
        Self::of_seed(row.seed)
    }

    /// The side of a document of this seed.
    pub(super) fn of_seed(seed: u64) -> Self {
        // Two thirds by the high bits, which nothing else reads directly.
        if (seed >> 32).is_multiple_of(3) {
            Self::Purchases
        } else {
            Self::Sales
        }
    }

    /// One of two words.
    pub(super) fn choose<T>(self, sales: T, purchases: T) -> T {
        match self {
            Self::Sales => sales,
            Self::Purchases => purchases,
        }
    }
}

/// How line amounts relate to tax.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AmountTypes {
    Exclusive,
    Inclusive,
    NoTax,
}

impl AmountTypes {
    /// As all documents but quotes write it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Exclusive => "Exclusive",
            Self::Inclusive => "Inclusive",
            Self::NoTax => "NoTax",
        }
    }
}

/// What a kind of document may hold.
#[derive(Clone, Copy)]
pub(super) struct DocumentKind {
    pub(super) side: Side,
    pub(super) most_lines: usize,
    pub(super) taxed: bool,
    /// Whether it is always in the currency of the books.
    pub(super) in_base_currency: bool,
    /// The number of the account of every line, if it is not any of the side.
    pub(super) account: Option<u64>,
}

impl DocumentKind {
    /// Up to eight lines with tax, as invoices have them.
    pub(super) fn of(side: Side) -> Self {
        Self {
            side,
            most_lines: 8,
            taxed: true,
            in_base_currency: false,
            account: None,
        }
    }
}
