//! What reports and tax settings need to know about an organisation.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;

use crate::json;
use crate::rows::envelope;

/// A financial year that ends before this day of the month counts as ending with the previous
/// month: 5 April counts as 31 March.
const EARLY_DAY: u32 = 15;

/// The facts of an organisation that reports depend on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Organisation {
    /// Its id in the Accounting API.
    pub(crate) id: Option<String>,
    /// The current day by Xero's clock, in UTC.
    pub(crate) today: NaiveDate,
    /// The currency of all amounts in reports.
    pub(crate) currency: Option<String>,
    /// The last month of the financial year, from 1.
    pub(crate) year_end: u32,
    /// Its country, two letters.
    pub(crate) country: Option<String>,
}

/// A tracking category.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tracking {
    #[serde(rename = "TrackingCategoryID")]
    pub(crate) id: String,
    pub(crate) name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Organisations {
    #[serde(rename = "DateTimeUTC")]
    clock: Option<String>,
    organisations: Vec<RawOrganisation>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawOrganisation {
    #[serde(rename = "OrganisationID")]
    id: Option<String>,
    base_currency: Option<String>,
    country_code: Option<String>,
    financial_year_end_day: Option<u32>,
    financial_year_end_month: Option<u32>,
}

impl Organisation {
    /// Parses the response of `/Organisation`.
    pub(crate) fn parse(body: &[u8]) -> Result<Organisation, String> {
        let answer: Organisations = parsed(body)?;
        let own = answer.organisations.into_iter().next();
        let own = own.ok_or_else(|| "the body names no organisation".to_owned())?;
        let clock = answer.clock.as_deref().and_then(envelope::clock);
        let clock = clock.and_then(DateTime::from_timestamp_millis);
        let month = own
            .financial_year_end_month
            .filter(|it| (1..=12).contains(it));
        let month = month.unwrap_or(12);
        let is_early = own
            .financial_year_end_day
            .is_some_and(|day| day < EARLY_DAY);
        Ok(Organisation {
            id: own.id,
            today: clock.unwrap_or_else(Utc::now).date_naive(),
            currency: own.base_currency,
            year_end: match (is_early, month) {
                (true, 1) => 12,
                (true, month) => month - 1,
                (false, month) => month,
            },
            country: own.country_code,
        })
    }

    /// Whether the organisation may be in the United States. True if its country is unknown.
    pub(crate) fn may_be_american(&self) -> bool {
        self.country
            .as_deref()
            .is_none_or(|country| country == "US")
    }
}

/// Returns the active tracking categories of a response, which also holds archived ones.
pub(crate) fn tracking_categories(body: &[u8]) -> Result<Vec<Tracking>, String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Answer {
        tracking_categories: Vec<Listed>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Listed {
        status: Option<String>,
        #[serde(flatten)]
        category: Tracking,
    }
    let answer: Answer = parsed(body)?;
    let is_active = |listed: &Listed| listed.status.as_deref() != Some("ARCHIVED");
    let listed = answer.tracking_categories.into_iter().filter(is_active);
    Ok(listed.map(|listed| listed.category).collect())
}

fn parsed<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, String> {
    json::read(body).map_err(|misread| format!("the body is not the expected JSON ({misread})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_financial_year_ends_with_a_month() {
        for (day, month, year_end) in [
            ("31", "3", 3),
            ("30", "6", 6),
            ("28", "2", 2),
            ("5", "4", 3),
            ("0", "12", 11),
            ("1", "1", 12),
            ("null", "null", 12),
            ("31", "13", 12),
        ] {
            let body = format!(
                r#"{{"DateTimeUTC":"\/Date(1700000000000)\/","Organisations":[{{"BaseCurrency":"NZD","CountryCode":"NZ","FinancialYearEndDay":{day},"FinancialYearEndMonth":{month}}}]}}"#
            );
            let organisation = Organisation::parse(body.as_bytes()).unwrap();
            assert_eq!(organisation.year_end, year_end, "{day}.{month}.");
            assert_eq!(organisation.today.to_string(), "2023-11-14");
            assert_eq!(organisation.currency.as_deref(), Some("NZD"));
            assert!(!organisation.may_be_american());
        }
        assert!(Organisation::parse(br#"{"Organisations":[]}"#).is_err());
        let bare = Organisation::parse(br#"{"Organisations":[{}]}"#).unwrap();
        assert!(bare.may_be_american());
    }

    #[test]
    fn archived_tracking_categories_are_left_out() {
        let body = br#"{"TrackingCategories":[
            {"TrackingCategoryID":"a","Name":"Region","Status":"ARCHIVED","Options":[]},
            {"TrackingCategoryID":"b","Name":"Region","Status":"ACTIVE","Options":[{"Name":"North"}]},
            {"TrackingCategoryID":"c","Name":"Planet"}]}"#;
        let read = tracking_categories(body).unwrap();
        let ids: Vec<_> = read.iter().map(|it| it.id.as_str()).collect();
        assert_eq!(ids, ["b", "c"]);
    }
}
