//! The parameters of a list request, from its query and its `If-Modified-Since`. Parameters that Xero does
//! not know or cannot read are ignored.

use chrono::{DateTime, NaiveDate, NaiveDateTime};

use crate::clock::Millis;
use crate::clock::SECOND;
use crate::guid::Guid;

/// Rows on a page unless `pageSize` says otherwise.
pub(crate) const DEFAULT_PAGE_SIZE: usize = 100;
/// Maximum page size. A larger `pageSize` is reduced, not refused.
const MAX_PAGE_SIZE: i64 = 1_000;

/// A `where` that Xero cannot parse.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UnreadableWhere(pub(crate) String);

/// The parameters of a list, as Xero reads them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Query {
    /// Counts from 1.
    pub(crate) page: Option<usize>,
    pub(crate) page_size: usize,
    /// The field that `order` names, if it was given at all.
    pub(crate) order: Option<String>,
    pub(crate) descending: bool,
    pub(crate) ids: Option<Vec<u128>>,
    /// From `Statuses`, `Status` or `where`.
    pub(crate) statuses: Option<Vec<String>>,
    /// Only rows that were updated before; from `where`.
    pub(crate) updated_before: Option<Millis>,
    /// Whether there is a `where`: it takes a query off the indexes.
    pub(crate) filtered: bool,
    /// The parameters that are `true`, such as `includeArchived`.
    switches: Vec<String>,
    pub(crate) unitdp: u8,
    /// The JournalNumber to continue after.
    pub(crate) offset: u64,
    /// `If-Modified-Since`, truncated to whole seconds.
    pub(crate) modified_since: Option<Millis>,
}

impl Query {
    /// Reads the decoded pairs of a query and the header.
    pub(crate) fn read(
        pairs: &[(String, String)],
        modified_since: Option<&str>,
    ) -> Result<Self, UnreadableWhere> {
        let get = |name: &str| {
            let pair = pairs.iter().find(|(key, _)| key == name);
            pair.map(|(_, value)| value.as_str())
        };
        let number = |name| get(name).and_then(|text| text.trim().parse::<i64>().ok());
        let comparison = get("where").map(Comparison::read).transpose()?;
        let listed = get("Statuses").or(get("Status"));
        let listed = listed.map(|list| list.split(',').map(str::to_owned).collect());
        Ok(Self {
            page: number("page").map(|page| at_least(page, 1)),
            page_size: number("pageSize").map_or(DEFAULT_PAGE_SIZE, |size| {
                at_least(size.min(MAX_PAGE_SIZE), 1)
            }),
            order: get("order").map(|order| {
                let field = order.split_ascii_whitespace().next();
                field.unwrap_or_default().to_owned()
            }),
            descending: get("order").is_some_and(|order| {
                let direction = order.split_ascii_whitespace().nth(1);
                direction.is_some_and(|word| word.eq_ignore_ascii_case("DESC"))
            }),
            ids: get("IDs").map(|list| {
                let guids = list.split(',').filter_map(Guid::parse);
                guids.map(|guid| guid.0).collect()
            }),
            filtered: comparison.is_some(),
            updated_before: match &comparison {
                Some(Comparison::UpdatedBefore(at)) => Some(*at),
                _ => None,
            },
            statuses: match comparison {
                Some(Comparison::Status(status)) => Some(vec![status]),
                _ => listed,
            },
            switches: pairs
                .iter()
                .filter(|(_, value)| value.eq_ignore_ascii_case("true"))
                .map(|(key, _)| key.clone())
                .collect(),
            unitdp: if get("unitdp") == Some("4") { 4 } else { 2 },
            offset: number("offset").map_or(0, |offset| offset.max(0).unsigned_abs()),
            modified_since: modified_since.and_then(read_modified_since),
        })
    }

    /// Whether a parameter is `true`.
    pub(crate) fn is_on(&self, parameter: &str) -> bool {
        self.switches.iter().any(|on| on == parameter)
    }
}

fn at_least(number: i64, least: i64) -> usize {
    usize::try_from(number.max(least)).expect("a positive number")
}

/// The supported part of Xero's expression language.
enum Comparison {
    /// `Status=="X"`, which the single `=` may also spell.
    Status(String),
    /// `UpdatedDateUTC<DateTime(2026,01,31)`, a midnight.
    UpdatedBefore(Millis),
}

impl Comparison {
    fn read(expression: &str) -> Result<Comparison, UnreadableWhere> {
        let known = Self::status(expression).or_else(|| Self::updated_before(expression));
        known.ok_or_else(|| UnreadableWhere(expression.to_owned()))
    }

    fn status(expression: &str) -> Option<Comparison> {
        let (field, value) = expression.split_once('=')?;
        let value = value.strip_prefix('=').unwrap_or(value).trim();
        let value = value.strip_prefix('"').and_then(|v| v.strip_suffix('"'))?;
        let is_status = field.trim() == "Status" && !value.contains('"');
        is_status.then(|| Comparison::Status(value.to_owned()))
    }

    fn updated_before(expression: &str) -> Option<Comparison> {
        let (field, value) = expression.split_once('<')?;
        let date = value.trim().strip_prefix("DateTime(")?.strip_suffix(')')?;
        let date = NaiveDate::parse_from_str(date, "%Y,%m,%d").ok()?;
        let midnight = date.and_time(Default::default()).and_utc();
        let is_update = field.trim() == "UpdatedDateUTC";
        is_update.then(|| Comparison::UpdatedBefore(midnight.timestamp_millis()))
    }
}

/// Reads the header in the forms that clients send, to the second. `None` means that Xero
/// answers as if there were no header.
fn read_modified_since(text: &str) -> Option<Millis> {
    let text = text.trim();
    let instant = DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_rfc2822(text))
        .map(|time| time.timestamp());
    // Without a zone it is UTC.
    let plain = || NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f");
    let day =
        || NaiveDate::parse_from_str(text, "%Y-%m-%d").map(|day| day.and_time(Default::default()));
    let seconds = instant
        .or_else(|_| {
            plain()
                .or_else(|_| day())
                .map(|time| time.and_utc().timestamp())
        })
        .ok()?;
    Some(seconds * SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &[(&str, &str)]) -> Query {
        let pairs: Vec<_> = query
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        Query::read(&pairs, None).expect("a readable query")
    }

    #[test]
    fn page_and_page_size_are_clamped() {
        for (page, size, expected) in [
            ("1", "1000", (Some(1), 1_000)),
            ("0", "0", (Some(1), 1)),
            ("-3", "-1", (Some(1), 1)),
            ("7", "5000", (Some(7), 1_000)),
            ("two", "many", (None, 100)),
        ] {
            let query = read(&[("page", page), ("pageSize", size)]);
            assert_eq!((query.page, query.page_size), expected, "{page} {size}");
        }
        let plain = read(&[("page_size", "1000")]);
        assert_eq!((plain.page, plain.page_size), (None, 100));
    }

    #[test]
    fn modified_since_is_read_to_the_second() {
        let second = 1_580_994_000_000;
        for (text, expected) in [
            ("2020-02-06T13:00:00", Some(second)),
            ("2020-02-06T13:00:00.999", Some(second)),
            ("2020-02-06T13:00:00Z", Some(second)),
            ("2020-02-06T05:00:00.500-08:00", Some(second)),
            ("Thu, 06 Feb 2020 13:00:00 GMT", Some(second)),
            ("2020-02-06", Some(second - 13 * 3_600_000)),
            ("06/02/2020 13:00:00", None),
            ("", None),
        ] {
            let query = Query::read(&[], Some(text)).expect("no where");
            assert_eq!(query.modified_since, expected, "{text:?}");
        }
    }

    #[test]
    fn a_where_is_a_status_or_a_date_or_unreadable() {
        let statuses = |text| {
            let pairs = [("where".to_owned(), String::from(text))];
            Query::read(&pairs, None).map(|query| query.statuses)
        };
        let paid = Ok(Some(vec!["PAID".to_owned()]));
        assert_eq!(statuses(r#"Status=="PAID""#), paid);
        assert_eq!(statuses(r#"Status = "PAID""#), paid);
        let dated = read(&[("where", "UpdatedDateUTC<DateTime(2020,02,06)")]);
        assert_eq!(dated.updated_before, Some(1_580_947_200_000));
        assert!(dated.filtered && dated.statuses.is_none());
        for text in [
            "Total>5",
            "Status==PAID",
            r#"Status=="A" OR Status=="B""#,
            "UpdatedDateUTC<DateTime(2020,02,31)",
            "Date<DateTime(2020,02,06)",
        ] {
            let refused = Err(UnreadableWhere(text.to_owned()));
            assert_eq!(statuses(text), refused);
        }
    }

    #[test]
    fn lists_switches_and_order() {
        let query = read(&[
            ("IDs", "00000000-0000-4000-8000-000000000001,nonsense"),
            ("Statuses", "DELETED,VOIDED"),
            ("includeArchived", "true"),
            ("order", "UpdatedDateUTC DESC"),
            ("unitdp", "4"),
            ("offset", "250"),
        ]);
        assert_eq!(query.ids, Some(vec![(0x4000 << 64) | (0x8000 << 48) | 1]));
        let statuses = Some(vec!["DELETED".to_owned(), "VOIDED".to_owned()]);
        assert_eq!(query.statuses, statuses);
        assert!(query.is_on("includeArchived") && !query.is_on("summaryOnly"));
        assert_eq!(query.order.as_deref(), Some("UpdatedDateUTC"));
        assert!(query.descending);
        assert_eq!((query.unitdp, query.offset), (4, 250));
        assert!(!read(&[("order", "UpdatedDateUTC ASC")]).descending);
    }
}
