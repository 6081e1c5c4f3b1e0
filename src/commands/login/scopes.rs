//! Computes the scopes of a consent from the streams to read.

use crate::excerpt::listed;
use crate::streams::{self, Balance, ReportKind, Source, Stream};
use crate::terminal::{Align, Table};
use crate::xero::api::ACCOUNTING;

/// The scopes that let `status` say who logged in. Every app has them.
const OF_USER: [&str; 3] = ["openid", "profile", "email"];

/// Without this scope Xero sends no refresh token.
const OFFLINE: &str = "offline_access";

/// Scopes without which no config works.
const NEEDED: [&str; 2] = [OFFLINE, SETTINGS];

/// The scope of `/Currencies`, which proves the access to an organisation.
const SETTINGS: &str = "accounting.settings.read";

/// Scopes that Xero does not give to every new app. A consent that requests one of them fails as a
/// whole, so only the flags `--streams`, `--all` and `--scopes` request them.
/// Source: developer.xero.com, scopes.
const SPECIAL: [&str; 3] = [
    "accounting.journals.read",
    "accounting.classicexpenses.read",
    "paymentservices",
];

/// The value of `--scopes` for the older family of scopes.
const BROAD: &str = "broad";

/// Maximum number of streams that a line names.
const MAX_NAMED: usize = 2;

/// The scopes of a consent.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Scopes {
    pub(super) requested: Vec<String>,
    /// The streams that stay closed by default, because new apps cannot have their scope.
    left_out: Vec<&'static str>,
}

impl Scopes {
    /// Returns the scopes that open the chosen streams. Without a choice these are all streams of
    /// Accounting that new apps can read. `flag` is the value of `--scopes`.
    pub(super) fn of(choice: Option<&[&'static Stream]>, flag: Option<&str>) -> Scopes {
        if let Some(custom) = flag.filter(|flag| *flag != BROAD) {
            let mut requested: Vec<String> = custom.split_whitespace().map(str::to_owned).collect();
            for scope in NEEDED {
                let writing = scope.strip_suffix(".read").unwrap_or(scope);
                if !requested.iter().any(|it| it == scope || it == writing) {
                    requested.push(scope.to_owned());
                }
            }
            return Scopes {
                requested,
                left_out: Vec::new(),
            };
        }
        let is_broad = flag.is_some();
        let is_accounting = |stream: &&'static Stream| stream.endpoint().api == &ACCOUNTING;
        let needs_settings = choice.is_none_or(|streams| streams.iter().any(is_accounting));
        let needed = NEEDED
            .iter()
            .filter(|it| needs_settings || **it != SETTINGS);
        let mut scopes = Scopes {
            requested: OF_USER
                .iter()
                .chain(needed)
                .map(|it| (*it).to_owned())
                .collect(),
            left_out: Vec::new(),
        };
        match choice {
            Some(streams) => {
                for stream in streams {
                    scopes.add(stream, is_broad, true);
                    for list in lists_of(stream) {
                        scopes.add(list, is_broad, false);
                    }
                }
            }
            None => {
                // The other APIs are asked for by name: each scope makes the consent longer.
                for stream in streams::all().filter(is_accounting) {
                    if !scopes.add(stream, is_broad, false) {
                        scopes.left_out.push(stream.name);
                    }
                }
            }
        }
        scopes
    }

    /// Adds the scope of a stream unless the stream is open already. Returns whether the stream is
    /// open.
    fn add(&mut self, stream: &Stream, is_broad: bool, with_special: bool) -> bool {
        if stream.readable_with(&self.requested) {
            return true;
        }
        let scopes = stream.endpoint().scopes;
        let scope = if is_broad {
            scopes.last()
        } else {
            scopes.first()
        };
        match scope {
            Some(scope) if with_special || !SPECIAL.contains(scope) => {
                self.requested.push((*scope).to_owned());
                true
            }
            _ => false,
        }
    }

    /// Returns the scopes in the form of a request.
    pub(super) fn to_text(&self) -> String {
        self.requested.join(" ")
    }

    /// Lists each scope with the streams that it opens.
    pub(super) fn table(&self) -> Table {
        let mut table = Table::new(&[("scope", Align::Left), ("opens", Align::Left)]);
        let (of_user, others): (Vec<_>, Vec<_>) =
            (self.requested.iter()).partition(|scope| OF_USER.contains(&scope.as_str()));
        if !of_user.is_empty() {
            let names: Vec<_> = of_user.into_iter().map(String::as_str).collect();
            table.add([names.join(" "), "who logs in".to_owned()]);
        }
        for scope in others {
            let opens = match scope.as_str() {
                OFFLINE => "renews the access".to_owned(),
                scope => opened_by(scope),
            };
            table.add([scope.clone(), opens]);
        }
        table
    }

    /// Names the streams that stay closed by default. `None` if all are open.
    pub(super) fn left_out(&self) -> Option<String> {
        let names = self.left_out.iter().map(|name| (*name).to_owned());
        let count = self.left_out.len();
        (count > 0).then(|| listed(names, 3 * MAX_NAMED, count))
    }
}

/// Names the streams that a scope opens.
fn opened_by(scope: &str) -> String {
    let scope = [scope.to_owned()];
    let opened: Vec<_> = streams::all()
        .filter(|stream| !stream.endpoint().scopes.is_empty() && stream.readable_with(&scope))
        .map(|stream| stream.name.to_owned())
        .collect();
    let count = opened.len();
    match count {
        0 => "no stream".to_owned(),
        _ => listed(opened.into_iter(), MAX_NAMED, count),
    }
}

/// Returns the lists that a stream also reads.
fn lists_of(stream: &'static Stream) -> Vec<&'static Stream> {
    match &stream.parent().source {
        Source::Document(document) => document.parents.to_vec(),
        Source::Report(report) => match report.kind {
            ReportKind::PerContact(Balance::Receivable | Balance::Payable) => {
                vec![&streams::contacts]
            }
            _ => Vec::new(),
        },
        Source::Endpoint(_) | Source::Child(_) | Source::Counts(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(names: &[&str], flag: Option<&str>) -> String {
        let find = |name: &&str| streams::find(name).expect("the stream exists");
        let streams: Vec<_> = names.iter().map(find).collect();
        let scopes = Scopes::of(Some(&streams), flag).to_text();
        let base = "openid profile email offline_access accounting.settings.read";
        scopes
            .strip_prefix(base)
            .unwrap_or(&scopes)
            .trim()
            .to_owned()
    }

    #[test]
    fn scopes_follow_from_the_streams_in_both_families() {
        for (streams, flag, expected) in [
            (&["accounts", "items", "connections"][..], None, ""),
            (
                &["invoices", "invoice_line_items"],
                None,
                "accounting.invoices.read",
            ),
            (
                &["invoices", "payments"],
                Some("broad"),
                "accounting.transactions.read",
            ),
            (&["journals"], None, "accounting.journals.read"),
            (
                &["expense_claims"],
                Some("broad"),
                "accounting.transactions.read",
            ),
            (
                &["report_aged_receivables_by_contact"],
                None,
                "accounting.reports.aged.read accounting.contacts.read",
            ),
            (
                &["invoices"],
                Some("accounting.settings a.b"),
                "accounting.settings a.b offline_access",
            ),
        ] {
            assert_eq!(of(streams, flag), expected, "{streams:?} {flag:?}");
        }
        // The documents with attachments are those of several lists.
        let attachments = of(&["attachments"], None);
        assert!(attachments.contains("accounting.attachments.read"));
        assert!(attachments.contains("accounting.banktransactions.read"));
        assert!(!attachments.contains("classicexpenses"));
    }

    #[test]
    fn the_default_opens_all_streams_that_new_apps_can_read_and_names_the_others() {
        let scopes = Scopes::of(None, None);
        let mut requested = scopes.requested.clone();
        requested.sort_unstable();
        // The list of the page, with the scopes that tell who logged in.
        let page = include_str!("../../../docs/credentials.md");
        let list = page
            .split("```text\n")
            .nth(1)
            .and_then(|it| it.split("```").next());
        let mut expected: Vec<_> = list
            .expect("the page has a list")
            .split_whitespace()
            .collect();
        expected.extend(["openid", "profile", "email"]);
        expected.sort_unstable();
        expected.dedup();
        assert_eq!(requested, expected);
        let accounting = streams::all().filter(|it| it.endpoint().api == &ACCOUNTING);
        let closed = accounting.filter(|it| !it.readable_with(&scopes.requested));
        assert_eq!(
            closed.map(|it| it.name).collect::<Vec<_>>(),
            scopes.left_out
        );
        for name in ["journals", "payment_services", "receipts"] {
            assert!(scopes.left_out.contains(&name), "{:?}", scopes.left_out);
        }
    }
}
