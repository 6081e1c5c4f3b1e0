//! All endpoints.

use super::endpoint::ApiEndpoint;
use super::{assets, files, payroll_2, payroll_au, projects};

/// The endpoints, API by API.
const ALL: &[&[ApiEndpoint]] = &[
    assets::ENDPOINTS,
    projects::ENDPOINTS,
    files::ENDPOINTS,
    payroll_au::ENDPOINTS,
    payroll_2::NZ,
    payroll_2::UK,
];

/// The bases of all APIs but the Accounting API.
const BASES: [&str; 5] = [
    "/assets.xro/1.0",
    "/projects.xro/2.0",
    "/files.xro/1.0",
    "/payroll.xro/1.0",
    "/payroll.xro/2.0",
];

/// Every endpoint.
pub(crate) fn endpoints() -> impl Iterator<Item = &'static ApiEndpoint> {
    ALL.iter().copied().flatten()
}

/// Every table, each by the endpoint that draws it.
pub(crate) fn tables() -> impl Iterator<Item = &'static ApiEndpoint> {
    endpoints().filter(|endpoint| endpoint.view_of.is_none())
}

/// The position among all of the table that an endpoint shows, and the endpoint that draws it.
pub(crate) fn table(name: &str) -> (usize, &'static ApiEndpoint) {
    let endpoint = endpoints().find(|endpoint| endpoint.name == name);
    let name = endpoint.map_or(name, |endpoint| endpoint.table());
    let found = tables().enumerate().find(|(_, it)| it.name == name);
    found.unwrap_or_else(|| panic!("no API has a table '{name}'"))
}

/// The base of the API that a path names, and the rest of the path.
pub(crate) fn api_of(path: &str) -> Option<(&'static str, &str)> {
    BASES.iter().find_map(|base| {
        let rest = path.strip_prefix(base)?;
        (rest.is_empty() || rest.starts_with('/')).then_some((*base, rest))
    })
}

/// Whether a path is of one of the APIs that need a token and an organisation, accounting included.
pub(crate) fn is_api(path: &str) -> bool {
    path.starts_with("/api.xro/") || api_of(path).is_some()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::scope;

    #[test]
    fn names_are_unique_and_parents_and_views_exist() {
        let names: BTreeSet<_> = endpoints().map(|endpoint| endpoint.name).collect();
        assert_eq!(names.len(), endpoints().count());
        for endpoint in endpoints() {
            let (_, drawn) = table(endpoint.table());
            assert_eq!(drawn.name, endpoint.table());
            if let Some(parent) = endpoint.parent {
                assert!(!table(parent.table).1.id.is_empty(), "{}", endpoint.name);
            }
            assert!(BASES.contains(&endpoint.api.base), "{}", endpoint.name);
            for scope in endpoint.scopes {
                assert!(scope::ALL.contains(scope), "{scope}");
                let read = format!("{scope}.read");
                assert!(scope::ALL.contains(&read.as_str()), "{read}");
            }
        }
    }

    #[test]
    fn a_path_names_its_api() {
        for (path, expected) in [
            (
                "/projects.xro/2.0/Projects",
                Some(("/projects.xro/2.0", "/Projects")),
            ),
            ("/payroll.xro/1.0", Some(("/payroll.xro/1.0", ""))),
            ("/projects.xro/2.00/Projects", None),
            ("/api.xro/2.0/Invoices", None),
        ] {
            assert_eq!(api_of(path), expected, "{path}");
        }
        assert!(is_api("/api.xro/2.0/Invoices"));
        assert!(!is_api("/connections"));
    }
}
