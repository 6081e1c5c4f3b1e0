//! Finds the endpoint that a path names.

use percent_encoding::percent_decode_str;

use super::endpoint::ApiEndpoint;
use super::registry::endpoints;
use crate::rows::Country;

/// An endpoint, and what the address says.
#[derive(Clone)]
pub(crate) struct Route {
    pub(crate) endpoint: &'static ApiEndpoint,
    /// The id of a single row.
    pub(crate) id: Option<String>,
    /// The id of the parent.
    pub(crate) parent: Option<String>,
    /// Fields of the rows, and the values that they have.
    pub(crate) fields: Vec<(&'static str, String)>,
    is_single: bool,
}

impl Route {
    /// Whether the address names one row instead of the list.
    pub(crate) fn is_single(&self) -> bool {
        self.is_single
    }
}

/// Finds the endpoint of a path below a base. `None` if organisations of the country have none.
pub(crate) fn route(base: &str, path: &str, country: Option<Country>) -> Option<Route> {
    let known = endpoints().filter(|it| it.api.base == base);
    let known = known.filter(|it| it.country.is_none_or(|its| Some(its) == country));
    let routes = known.flat_map(|endpoint| {
        let single = endpoint.single.map(|(template, _)| (template, true));
        let templates = [Some((endpoint.path, false)), single];
        let templates = templates.into_iter().flatten();
        templates
            .filter_map(move |(template, is_single)| matched(endpoint, template, is_single, path))
    });
    // `/Associations/Count` is no id.
    routes
        .min_by_key(|(placeholders, _)| *placeholders)
        .map(|(_, route)| route)
}

/// The route and the number of its placeholders, if a path has the form of a template.
fn matched(
    endpoint: &'static ApiEndpoint,
    template: &'static str,
    is_single: bool,
    path: &str,
) -> Option<(usize, Route)> {
    let (wanted, parts) = (template.split('/'), path.split('/'));
    if template.is_empty() || wanted.clone().count() != parts.clone().count() {
        return None;
    }
    let mut route = Route {
        endpoint,
        id: None,
        parent: None,
        fields: Vec::new(),
        is_single,
    };
    let mut placeholders = 0;
    for (wanted, part) in wanted.zip(parts) {
        let part = percent_decode_str(part).decode_utf8_lossy();
        let name = wanted.strip_prefix('{').and_then(|it| it.strip_suffix('}'));
        placeholders += usize::from(name.is_some());
        match name {
            None if wanted == part => {}
            None => return None,
            Some(_) if part.is_empty() => return None,
            Some("id") => route.id = Some(part.into_owned()),
            Some("parent") => route.parent = Some(part.into_owned()),
            Some(field) => route.fields.push((field, part.into_owned())),
        }
    }
    Some((placeholders, route))
}
