//! The countries that Xero has an edition for, and what an organisation's country decides: its
//! currency, its time zone, the end of its years, the names of its registrations.

use std::fmt;
use std::str::FromStr;

use super::Books;

/// A country with an edition of Xero of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Country {
    /// New Zealand.
    NewZealand,
    /// Australia.
    Australia,
    /// The United Kingdom.
    UnitedKingdom,
    /// The United States.
    UnitedStates,
}

/// What the country decides.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
    country: Option<Country>,
    currency: &'static str,
    name: &'static str,
    /// ISO 3166.
    pub(super) code: &'static str,
    /// Xero's Version.
    pub(super) edition: &'static str,
    pub(super) time_zone: &'static str,
    /// The month and the day on which most fiscal years end.
    year_end: (u32, u32),
    /// SalesTaxBasis and SalesTaxPeriod, where tax is returned to one authority.
    pub(super) sales_tax: Option<[&'static str; 2]>,
    /// Digits of the number under which companies are registered.
    pub(super) registration_digits: usize,
    /// TaxNumber, where most organisations have one.
    pub(super) tax_number: Option<&'static str>,
    /// City, region, postal code and the country as addresses have it.
    pub(super) place: Option<[&'static str; 4]>,
    /// PhoneAreaCode and PhoneCountryCode.
    pub(super) phone: [&'static str; 2],
}

const NEW_ZEALAND: Facts = Facts {
    country: Some(Country::NewZealand),
    currency: "NZD",
    name: "New Zealand",
    code: "NZ",
    edition: "NZ",
    time_zone: "NEWZEALANDSTANDARDTIME",
    year_end: (3, 31),
    sales_tax: Some(["PAYMENTS", "TWOMONTHS"]),
    registration_digits: 7,
    tax_number: Some("071-138-054"),
    place: Some(["Wellington", "", "6011", "New Zealand"]),
    phone: ["04", "64"],
};

const AUSTRALIA: Facts = Facts {
    country: Some(Country::Australia),
    currency: "AUD",
    name: "Australia",
    code: "AU",
    edition: "AU",
    time_zone: "AUSEASTERNSTANDARDTIME",
    year_end: (6, 30),
    sales_tax: Some(["CASH", "QUARTERLY1"]),
    registration_digits: 11,
    tax_number: Some("123 456 782"),
    place: Some(["Melbourne", "VIC", "3000", "Australia"]),
    phone: ["03", "61"],
};

const UNITED_KINGDOM: Facts = Facts {
    country: Some(Country::UnitedKingdom),
    currency: "GBP",
    name: "United Kingdom",
    code: "GB",
    edition: "UK",
    time_zone: "GMTSTANDARDTIME",
    year_end: (3, 31),
    sales_tax: Some(["ACCRUAL", "QUARTERLY"]),
    registration_digits: 8,
    tax_number: Some("GB 123 4567 82"),
    place: Some(["London", "Greater London", "EC1A 1BB", "United Kingdom"]),
    phone: ["020", "44"],
};

const UNITED_STATES: Facts = Facts {
    country: Some(Country::UnitedStates),
    currency: "USD",
    name: "United States",
    code: "US",
    edition: "US",
    time_zone: "PACIFICSTANDARDTIME",
    year_end: (12, 31),
    sales_tax: None,
    registration_digits: 11,
    tax_number: None,
    place: Some(["Oaktown", "NY", "45123", "United States"]),
    phone: ["212", "1"],
};

/// Any other country, which uses Xero's global edition.
const ELSEWHERE: Facts = Facts {
    country: None,
    currency: "",
    name: "",
    code: "SG",
    edition: "GLOBAL",
    time_zone: "SINGAPORESTANDARDTIME",
    place: None,
    ..NEW_ZEALAND
};

impl Country {
    /// All countries. The first one is the default.
    pub const ALL: [Self; 4] = [
        Self::NewZealand,
        Self::Australia,
        Self::UnitedKingdom,
        Self::UnitedStates,
    ];

    /// The country whose currency an organisation's books are in, unless it uses the global edition.
    pub(crate) fn of(books: &dyn Books) -> Option<Self> {
        Facts::of(books).country
    }

    /// ISO 3166, such as `NZ`.
    pub fn code(self) -> &'static str {
        self.facts().code
    }

    /// As demo companies are named: `NZ`, `AU`, `UK` or `US`.
    pub fn edition(self) -> &'static str {
        self.facts().edition
    }

    /// ISO 4217, such as `NZD`.
    pub fn currency(self) -> &'static str {
        self.facts().currency
    }

    /// The month and the day on which fiscal years end.
    pub(crate) fn year_end(self) -> (u32, u32) {
        self.facts().year_end
    }

    const fn facts(self) -> &'static Facts {
        match self {
            Self::NewZealand => &NEW_ZEALAND,
            Self::Australia => &AUSTRALIA,
            Self::UnitedKingdom => &UNITED_KINGDOM,
            Self::UnitedStates => &UNITED_STATES,
        }
    }
}

impl Facts {
    /// What the country of an organisation decides: its currency says which one it is.
    pub(super) fn of(books: &dyn Books) -> Self {
        let currency = books.base_currency();
        let facts = Country::ALL.map(Country::facts);
        let known = facts.into_iter().find(|facts| facts.currency == currency);
        match (known, currency) {
            (Some(known), _) => *known,
            (None, "JPY") => ELSEWHERE.at("JP", "TOKYOSTANDARDTIME"),
            (None, "BHD") => ELSEWHERE.at("BH", "ARABSTANDARDTIME"),
            _ => ELSEWHERE,
        }
    }

    fn at(self, code: &'static str, time_zone: &'static str) -> Self {
        Self {
            code,
            time_zone,
            ..self
        }
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.facts().name)
    }
}

impl FromStr for Country {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut all = Self::ALL.into_iter();
        let found = all.find(|country| country.code() == text);
        found.ok_or_else(|| format!("'{text}' is none of NZ, AU, GB, US"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_known_by_its_code_only() {
        for country in Country::ALL {
            assert_eq!(country.code().parse(), Ok(country));
        }
        for text in ["", "nz", "UK", "NZD"] {
            assert!(text.parse::<Country>().is_err(), "{text}");
        }
    }

    #[test]
    fn codes_and_currencies_are_distinct() {
        for (at, country) in Country::ALL.iter().enumerate() {
            for other in &Country::ALL[at + 1..] {
                assert_ne!(country.code(), other.code());
                assert_ne!(country.currency(), other.currency());
            }
        }
    }
}
