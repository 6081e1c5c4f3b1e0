//! The stream of Xero's own counts of the lists.

use super::{Endpoint, Paging, QuerySupport, Source, Stream, TENANT, all};
use crate::xero::api::ACCOUNTING;

/// The scopes of the lists that Xero counts. One of them opens a list, and with it the stream.
const SCOPES: &[&str] = &[
    "accounting.invoices.read",
    "accounting.transactions.read",
    "accounting.banktransactions.read",
    "accounting.contacts.read",
    "accounting.manualjournals.read",
    "accounting.payments.read",
    "assets.read",
    "files.read",
    "payroll.employees.read",
    "payroll.payruns.read",
    "payroll.settings.read",
    "payroll.timesheets.read",
    "projects.read",
];

/// The streams of counts. A request for a count is a request for a page of the list.
pub(super) const STREAMS: &[Stream] = &[Stream {
    name: "list_counts",
    key: &[TENANT, "StreamName"],
    cursor: None,
    source: Source::Counts(Endpoint {
        api: &ACCOUNTING,
        path: "",
        envelope: None,
        paging: Paging::Whole,
        query_support: QuerySupport::NONE,
        params: &[],
        required_filter: None,
        scopes: SCOPES,
        also_requires: None,
        quirks: &[],
    }),
    schema: include_str!("schemas/list_counts.json"),
}];

/// Returns the lists to count: the selected ones that Xero counts, as far as `may_read` allows. If none is
/// selected, all of them except those with personal data.
pub(crate) fn lists_to_count(
    selected: &[&'static Stream],
    may_read: impl Fn(&Stream) -> bool,
) -> Vec<&'static Stream> {
    let counted = |stream: &&'static Stream| stream.is_counted();
    let mut lists: Vec<_> = selected.iter().copied().filter(counted).collect();
    if lists.is_empty() {
        lists = all()
            .filter(|it| it.is_counted() && !it.is_personal())
            .collect();
    }
    lists.retain(|list| may_read(list));
    lists
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::streams::find;

    #[test]
    fn any_scope_of_a_counted_list_opens_the_stream() {
        let counted = all().filter(|stream| stream.is_counted());
        let scopes: BTreeSet<_> = counted.flat_map(|it| it.endpoint().scopes).collect();
        assert_eq!(scopes, SCOPES.iter().collect());
    }

    #[test]
    fn selected_lists_are_counted_and_otherwise_all() {
        let named = |names: &[&str]| -> Vec<_> {
            let streams = names.iter().map(|name| find(name));
            streams.map(|it| it.expect("the stream exists")).collect()
        };
        let counted = |names: &[&str], closed: &str| -> Vec<_> {
            let lists = lists_to_count(&named(names), |list| list.name != closed);
            lists.into_iter().map(|list| list.name).collect()
        };
        let streams = ["accounts", "invoices", "quotes", "payroll_uk_employees"];
        assert_eq!(counted(&streams, ""), ["invoices", "payroll_uk_employees"]);
        assert_eq!(counted(&streams, "invoices"), ["payroll_uk_employees"]);
        // A child stream has no list of its own.
        let all = counted(&["invoice_line_items"], "");
        assert!(
            all.contains(&"invoices") && all.contains(&"assets"),
            "{all:?}"
        );
        assert!(
            all.iter().all(|name| !name.starts_with("payroll_")),
            "{all:?}"
        );
    }
}
