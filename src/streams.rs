//! The catalogue: every stream is one row here and one schema file. What
//! `discover` offers, how `read` asks, and which scope an error names all come
//! from these rows. Source: Xero's OpenAPI 16.1.0 and its developer pages.

/// One stream, as Xero serves it.
#[derive(Debug)]
pub(crate) struct Stream {
    /// The stream's name in Airbyte.
    pub(crate) name: &'static str,
    /// Below `/api.xro/2.0`.
    pub(crate) path: &'static str,
    /// The key of the answer that holds the rows.
    pub(crate) envelope: &'static str,
    /// The field that tells one row from another.
    pub(crate) key: &'static str,
    /// The field by which a later sync goes on; none: read whole each time.
    pub(crate) cursor: Option<&'static str>,
    /// How the list is cut into answers.
    pub(crate) paging: Paging,
    /// Query parameters of every request.
    pub(crate) params: &'static [(&'static str, &'static str)],
    /// Scopes of which any one suffices; the one to recommend first.
    pub(crate) scopes: &'static [&'static str],
    /// What besides a scope Xero demands, for the error that its lack causes.
    pub(crate) tier: Option<&'static str>,
    /// JSON Schema of a row.
    pub(crate) schema: &'static str,
}

/// How an endpoint cuts its list into answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Paging {
    /// All rows in one answer. Such endpoints ignore `page`: asked for a second
    /// page they would send everything again, so they are asked once.
    Whole,
    /// `page` and `pageSize`, ordered by the cursor and then by the id.
    Pages,
    /// `offset`: rows whose number is greater. A short page does not mean the
    /// end, an empty one does.
    Offset,
}

/// The largest `pageSize` that Xero grants.
pub(crate) const PAGE_SIZE: u32 = 1000;

const MODIFIED: Option<&str> = Some("UpdatedDateUTC");

/// Without it Xero rounds unit amounts to two decimals in its answers.
const EXACT: (&str, &str) = ("unitdp", "4");
/// Xero's default order where it pages, said aloud because the walk relies on it
/// and because large organisations are refused lists without an efficient order.
const OLDEST_FIRST: (&str, &str) = ("order", "UpdatedDateUTC ASC");
const ARCHIVED: (&str, &str) = ("includeArchived", "true");

// The granular scopes of March 2026 first, the broad ones that they replace behind them.
const SETTINGS: &[&str] = &["accounting.settings.read"];
const CONTACTS: &[&str] = &["accounting.contacts.read"];
const INVOICES: &[&str] = &["accounting.invoices.read", "accounting.transactions.read"];
const PAYMENTS: &[&str] = &["accounting.payments.read", "accounting.transactions.read"];
const BANK: &[&str] = &[
    "accounting.banktransactions.read",
    "accounting.transactions.read",
];
const ITEMS: &[&str] = &[
    "accounting.settings.read",
    "accounting.invoices.read",
    "accounting.transactions.read",
];
const JOURNALS: &[&str] = &["accounting.journals.read"];

const ADVANCED_TIER: Option<&str> =
    Some("an app on Xero's Advanced tier with its security assessment passed");

macro_rules! streams {
    ($($name:ident $path:literal $envelope:literal $key:literal $cursor:expr, $paging:ident, $params:expr, $scopes:ident, $tier:expr;)*) => {
        &[$(Stream {
            name: stringify!($name),
            path: $path,
            envelope: $envelope,
            key: $key,
            cursor: $cursor,
            paging: Paging::$paging,
            params: &$params,
            scopes: $scopes,
            tier: $tier,
            schema: include_str!(concat!("schemas/", stringify!($name), ".json")),
        }),*]
    };
}

/// Every stream, by name.
#[rustfmt::skip]
pub(crate) const STREAMS: &[Stream] = streams! {
    accounts          "/Accounts"         "Accounts"         "AccountID"         MODIFIED, Whole, [],                       SETTINGS, None;
    bank_transactions "/BankTransactions" "BankTransactions" "BankTransactionID" MODIFIED, Pages, [OLDEST_FIRST, EXACT],    BANK,     None;
    contacts          "/Contacts"         "Contacts"         "ContactID"         MODIFIED, Pages, [OLDEST_FIRST, ARCHIVED], CONTACTS, None;
    currencies        "/Currencies"       "Currencies"       "Code"              None,     Whole, [],                       SETTINGS, None;
    invoices          "/Invoices"         "Invoices"         "InvoiceID"         MODIFIED, Pages, [OLDEST_FIRST, EXACT],    INVOICES, None;
    items             "/Items"            "Items"            "ItemID"            MODIFIED, Whole, [EXACT],                  ITEMS,    None;
    journals          "/Journals"         "Journals"         "JournalID"         Some("JournalNumber"), Offset, [],         JOURNALS, ADVANCED_TIER;
    organisations     "/Organisation"     "Organisations"    "OrganisationID"    None,     Whole, [],                       SETTINGS, None;
    payments          "/Payments"         "Payments"         "PaymentID"         MODIFIED, Pages, [OLDEST_FIRST],           PAYMENTS, None;
};

/// The stream of that name.
pub(crate) fn find(name: &str) -> Option<&'static Stream> {
    STREAMS.iter().find(|stream| stream.name == name)
}

impl Stream {
    /// Whether a token with `granted` scopes can read the stream. A scope
    /// without `.read` allows writing too and so implies it.
    pub(crate) fn readable_with(&self, granted: &[String]) -> bool {
        self.scopes.iter().any(|scope| {
            let writing = scope.strip_suffix(".read").unwrap_or(scope);
            granted.iter().any(|have| have == scope || have == writing)
        })
    }

    /// What to add to the app's scopes, and to the app, for this stream.
    pub(crate) fn remedy(&self) -> String {
        let (first, others) = self.scopes.split_first().unwrap_or((&"", &[]));
        let mut text = format!("the scope {first}");
        for other in others {
            text.push_str(&format!(" (or {other})"));
        }
        if let Some(tier) = self.tier {
            text.push_str(&format!(" and {tier}"));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn rows_are_sorted_and_unique() {
        for pair in STREAMS.windows(2) {
            assert!(
                pair[0].name < pair[1].name,
                "{} stands before {}",
                pair[0].name,
                pair[1].name
            );
        }
    }

    #[test]
    fn every_schema_declares_key_cursor_and_tenant() {
        for stream in STREAMS {
            let schema: Value = serde_json::from_str(stream.schema).expect(stream.name);
            let fields = &schema["properties"];
            for field in [Some(stream.key), stream.cursor, Some("TenantID")]
                .into_iter()
                .flatten()
            {
                assert!(
                    fields[field].is_object(),
                    "{} does not declare {field}",
                    stream.name
                );
            }
            match stream.cursor {
                Some("JournalNumber") => assert_eq!(fields["JournalNumber"]["type"][1], "integer"),
                Some(cursor) => {
                    assert_eq!(fields[cursor]["format"], "date-time", "{}", stream.name)
                }
                None => {}
            }
        }
    }

    #[test]
    fn every_scope_is_one_that_only_reads() {
        for stream in STREAMS {
            assert!(!stream.scopes.is_empty(), "{}", stream.name);
            for scope in stream.scopes {
                assert!(
                    scope.starts_with("accounting.") && scope.ends_with(".read"),
                    "{scope}"
                );
            }
        }
    }

    #[test]
    fn a_broad_a_granular_or_a_writing_scope_suffices() {
        let invoices = find("invoices").unwrap();
        for (granted, readable) in [
            ("accounting.transactions.read", true),
            ("accounting.transactions", true),
            ("accounting.invoices.read", true),
            ("accounting.invoices", true),
            ("accounting.payments.read", false),
            ("accounting.invoices.readonly", false),
        ] {
            assert_eq!(
                invoices.readable_with(&[granted.to_owned()]),
                readable,
                "{granted}"
            );
        }
    }

    #[test]
    fn the_readme_lists_every_stream_as_it_stands_here() {
        let readme = include_str!("../README.md");
        for stream in STREAMS {
            let Stream {
                name, path, key, ..
            } = stream;
            let (cursor, scopes) = (stream.cursor.unwrap_or_default(), stream.scopes.join(", "));
            let cells = [name, path, key, cursor, &scopes].map(|cell| cell.trim());
            let row = format!("| {} |", cells.join(" | ")).replace("|  |", "| |");
            assert!(readme.contains(&row), "the README lacks {row}");
        }
        let rows = readme.lines().filter(|line| line.contains(" | /")).count();
        assert_eq!(
            rows,
            STREAMS.len(),
            "the README lists streams that do not exist"
        );
    }

    #[test]
    fn the_remedy_names_scope_and_tier() {
        assert_eq!(
            find("invoices").unwrap().remedy(),
            "the scope accounting.invoices.read (or accounting.transactions.read)"
        );
        assert_eq!(
            find("journals").unwrap().remedy(),
            "the scope accounting.journals.read and an app on Xero's Advanced tier with its security assessment passed"
        );
    }
}
