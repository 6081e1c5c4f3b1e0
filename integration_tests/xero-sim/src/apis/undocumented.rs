//! What a request has that the description does not. Xero answers many such requests as if nothing
//! were wrong, so a test that wants none counts them.

use super::endpoint::{ApiEndpoint, Paging};
use super::route::Route;

/// Describes each part of a request that the description does not have: a parameter that is unknown,
/// missing or malformed, too large a page, an `If-Modified-Since`.
pub(crate) fn undocumented(
    route: &Route,
    pairs: &[(String, String)],
    modified_since: Option<&str>,
) -> Vec<String> {
    let endpoint = route.endpoint;
    let mut found = Vec::new();
    if modified_since.is_some() && (!endpoint.modified_since || route.is_single()) {
        found.push("If-Modified-Since is not honoured".to_owned());
    }
    let known = match route.is_single() {
        true => &[],
        false => endpoint.parameters,
    };
    for (at, (name, value)) in pairs.iter().enumerate() {
        match known.iter().find(|parameter| parameter.name == name) {
            None => found.push(format!("{name} is no parameter")),
            Some(parameter) if !parameter.form.fits(value) => {
                found.push(format!("{name}={value} is malformed"));
            }
            Some(_) if is_too_large(endpoint, name, value) => {
                found.push(format!("{name}={value} is too large"));
            }
            Some(_) => {}
        }
        if pairs[..at].iter().any(|(other, _)| other == name) {
            found.push(format!("{name} comes twice"));
        }
    }
    let missing = known.iter().filter(|parameter| {
        parameter.required && pairs.iter().all(|(name, _)| name != parameter.name)
    });
    found.extend(missing.map(|parameter| format!("{} is missing", parameter.name)));
    found
}

fn is_too_large(endpoint: &ApiEndpoint, name: &str, value: &str) -> bool {
    match endpoint.paging {
        Paging::Pages { size, most, .. } if size == Some(name) => {
            value.parse().is_ok_and(|size: usize| size > most)
        }
        _ => false,
    }
}
