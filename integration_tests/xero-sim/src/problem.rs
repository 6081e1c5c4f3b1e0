//! Xero's refusals. Their bodies have no common shape: problem details in two casings,
//! Xero's own exceptions, plain text, and nothing at all.

use chrono::DateTime;
use serde_json::{Value, json};

use crate::clock::Millis;
use crate::guid::Guid;
use crate::identity::{BadBearer, Refusal};
use crate::limits::{Exceeded, Limit};
use crate::query::BadParameter;
use crate::reply::Reply;

/// `Detail` of a 401 without a usable token.
const UNAUTHENTICATED: &str = "AuthenticationUnsuccessful";
/// `Detail` of a 401 for a good token that lacks the scope or the tier.
pub(crate) const UNAUTHORIZED: &str = "AuthorizationUnsuccessful";

/// 401 in problem details with capital keys.
pub(crate) fn unauthorized(detail: &str) -> Reply {
    problem_details(401, "Unauthorized", detail)
}

/// 401 for a bearer token that is expired or unknown.
pub(crate) fn bad_bearer(bad: BadBearer) -> Reply {
    match bad {
        BadBearer::Expired(at) => {
            unauthorized(&format!("TokenExpired: token expired at {}", american(at)))
        }
        BadBearer::Unknown => unauthorized(UNAUTHENTICATED),
    }
}

/// 403 in problem details with small keys: no connection to the organisation.
pub(crate) fn forbidden() -> Reply {
    let body = json!({
        "title": "Forbidden",
        "status": 403,
        "detail": UNAUTHENTICATED,
        "instance": instance(),
    });
    Reply::json(403, body.to_string())
}

/// 403 for a user whose role in the organisation has no reports.
pub(crate) fn no_reports() -> Reply {
    let body = json!({
        "title": "Forbidden",
        "status": 403,
        "detail": "The user's role has no permission to view reports",
        "instance": instance(),
    });
    Reply::json(403, body.to_string())
}

/// 400 for a parameter that is missing or means nothing.
pub(crate) fn invalid(message: &str) -> Reply {
    let body = json!({
        "ErrorNumber": 10,
        "Type": "ValidationException",
        "Message": "A validation exception occurred",
        "Elements": [{ "ValidationErrors": [{ "Message": message }] }],
    });
    Reply::json(400, body.to_string())
}

/// 404. It is never JSON.
pub(crate) fn not_found() -> Reply {
    let text = "The resource you're looking for cannot be found";
    Reply::new(404, "text/html; charset=utf-8", text)
}

/// 429. Only the headers name the limit. The body is empty.
pub(crate) fn too_many(limit: Limit, retry_after: Option<i64>) -> Reply {
    let reply = Reply {
        status: 429,
        ..Reply::default()
    };
    let reply = reply.header("X-Rate-Limit-Problem", limit.problem());
    match retry_after {
        Some(seconds) => reply.header("Retry-After", seconds),
        None => reply,
    }
}

/// 429 for a call over one of the world's own limits.
pub(crate) fn exceeded(exceeded: Exceeded) -> Reply {
    too_many(exceeded.limit, exceeded.retry_after)
}

/// 500 in problem details.
pub(crate) fn server_error() -> Reply {
    let detail = "An error occurred in Xero. Check the API Status page \
                  http://status.developer.xero.com for current service status.";
    problem_details(500, "An error occurred", detail)
}

/// 503 as plain text.
pub(crate) fn unavailable(text: &'static str) -> Reply {
    Reply::new(503, "text/plain; charset=utf-8", text)
}

/// 503 for one organisation, while it is moved or restored.
pub(crate) fn organisation_offline() -> Reply {
    unavailable("The Organisation is offline")
}

/// 400 for a list of more than 100,000 rows.
pub(crate) fn high_volume() -> Reply {
    let message = "The number of records exceeds the high volume threshold; \
                   use paging and an optimised filter";
    exception(400, 51, "HighVolumeException", message)
}

/// 400 for a parameter of a list that means nothing.
pub(crate) fn bad_parameter(bad: &BadParameter) -> Reply {
    match bad {
        BadParameter::Expression(message) => exception(400, 16, "QueryParseException", message),
        BadParameter::Value(message) => invalid(message),
    }
}

/// 501 for a method that the endpoint does not have.
pub(crate) fn not_implemented() -> Reply {
    let message = "The method is not implemented for this endpoint";
    exception(501, 20, "ApiMethodNotImplementedException", message)
}

/// 400 of the token endpoint.
pub(crate) fn token_refused(refusal: Refusal) -> Reply {
    let error = match refusal {
        Refusal::InvalidClient => "invalid_client",
        Refusal::InvalidGrant => "invalid_grant",
        Refusal::InvalidRequest => "invalid_request",
        Refusal::InvalidScope => "invalid_scope",
        Refusal::UnauthorizedClient => "unauthorized_client",
        Refusal::UnsupportedGrantType => "unsupported_grant_type",
    };
    let mut body = json!({ "error": error });
    if refusal == Refusal::InvalidScope {
        body["error_description"] = "Client credentials scope validation failed".into();
    }
    Reply::json(400, body.to_string())
}

fn problem_details(status: u16, title: &str, detail: &str) -> Reply {
    let body = json!({
        "Type": Value::Null,
        "Title": title,
        "Status": status,
        "Detail": detail,
        "Instance": instance(),
        "Extensions": {},
    });
    Reply::json(status, body.to_string())
}

fn exception(status: u16, number: u32, name: &str, message: &str) -> Reply {
    let body = json!({ "ErrorNumber": number, "Type": name, "Message": message });
    Reply::json(status, body.to_string())
}

/// Names one failure, so it need not follow from the world's seed.
fn instance() -> String {
    Guid::random(&mut fastrand::Rng::new()).to_string()
}

/// The date format of Xero's TokenExpired, month first.
fn american(at: Millis) -> String {
    let time = DateTime::from_timestamp_millis(at).expect("a year that chrono knows");
    time.format("%m/%d/%Y %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(reply: &Reply) -> Value {
        serde_json::from_slice(&reply.body).expect("JSON")
    }

    #[test]
    fn an_expired_token_is_reported_with_the_month_first() {
        let reply = bad_bearer(BadBearer::Expired(1_693_804_619_000));
        let detail = "TokenExpired: token expired at 09/04/2023 05:16:59";
        assert_eq!(body(&reply)["Detail"], detail);
        assert_eq!(body(&reply)["Status"], 401);
    }

    #[test]
    fn the_keys_of_401_and_403_differ_in_case() {
        let unauthorized = body(&unauthorized(UNAUTHORIZED));
        assert_eq!(unauthorized["Title"], "Unauthorized");
        let forbidden = body(&forbidden());
        assert_eq!(forbidden["title"], "Forbidden");
        assert_eq!(forbidden["Title"], Value::Null);
    }

    #[test]
    fn only_the_invalid_scope_has_a_description() {
        let refused = |refusal| body(&token_refused(refusal));
        let grant = json!({ "error": "invalid_grant" });
        assert_eq!(refused(Refusal::InvalidGrant), grant);
        let scope = json!({
            "error": "invalid_scope",
            "error_description": "Client credentials scope validation failed",
        });
        assert_eq!(refused(Refusal::InvalidScope), scope);
    }
}
