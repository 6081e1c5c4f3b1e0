//! The request log, on which tests assert which calls were made.

use crate::apis::is_api;
use crate::clock::Millis;
use crate::limits::Limit;
use crate::tenant::TenantId;

/// One request, and its answer once there is one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// When the request arrived, by the simulator's clock.
    pub received: Millis,
    /// When its answer was ready to be sent. `None` before that, and for a request without an
    /// answer.
    pub answered: Option<Millis>,
    /// `GET`, `POST` ...
    pub method: String,
    /// Such as `/api.xro/2.0/Invoices`.
    pub path: String,
    /// The query, decoded, in its order.
    pub query: Vec<(String, String)>,
    /// The form that a POST carries, decoded, in its order.
    pub form: Vec<(String, String)>,
    /// The header `Authorization`.
    pub authorization: Option<String>,
    /// The header `xero-tenant-id`.
    pub tenant: Option<String>,
    /// The header `If-Modified-Since`.
    pub if_modified_since: Option<String>,
    /// The header `Accept`.
    pub accept: Option<String>,
    /// The header `Range`.
    pub range: Option<String>,
    /// The header `Accept-Encoding`.
    pub accept_encoding: Option<String>,
    /// The organisation of the request: the one in the header, or the only one of a custom
    /// connection.
    pub tenant_id: Option<TenantId>,
    /// What Xero's descriptions of the other APIs do not have of the request, such as a parameter of
    /// another endpoint. The Accounting API ignores what it does not know.
    pub undocumented: Vec<String>,
    /// The answer's status; 0 without an answer.
    pub status: u16,
    /// Rows in the answer, if it is a list or a document.
    pub rows: Option<usize>,
    /// Bytes of the answer's body on the wire.
    pub sent_bytes: usize,
    /// Bytes of the answer's body before compression.
    pub body_bytes: usize,
    /// The answer's `X-Rate-Limit-Problem`.
    pub limit_problem: Option<String>,
}

impl Request {
    /// The value of a query parameter.
    pub fn param(&self, name: &str) -> Option<&str> {
        value(&self.query, name)
    }

    /// The value of a form field.
    pub fn field(&self, name: &str) -> Option<&str> {
        value(&self.form, name)
    }

    /// Whether the answer refused it for this limit.
    pub fn exceeded(&self, limit: Limit) -> bool {
        self.limit_problem.as_deref() == Some(limit.problem())
    }
}

/// What the server answered, as sums.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Served {
    /// Calls of the Accounting API and of the other APIs that arrived.
    pub calls: usize,
    /// Other calls that arrived, such as those for tokens.
    pub other_calls: usize,
    /// Calls that were refused for a limit.
    pub refused: usize,
    /// Bytes of all bodies on the wire.
    pub sent_bytes: usize,
    /// Bytes of all bodies before compression.
    pub body_bytes: usize,
}

/// The requests and their sums.
#[derive(Debug, Default)]
pub(crate) struct Log {
    requests: Vec<Request>,
    forgets: bool,
    served: Served,
}

impl Log {
    /// The requests so far, in the order of arrival.
    pub(crate) fn requests(&self) -> &[Request] {
        &self.requests
    }

    /// Stops keeping requests.
    pub(crate) fn forget(&mut self) {
        self.forgets = true;
    }

    /// Returns the sums since the last call.
    pub(crate) fn take_served(&mut self) -> Served {
        std::mem::take(&mut self.served)
    }

    /// Adds a request. Returns its place, unless requests are not kept.
    pub(crate) fn arrived(&mut self, request: &Request) -> Option<usize> {
        match is_api(&request.path) {
            true => self.served.calls += 1,
            false => self.served.other_calls += 1,
        }
        if self.forgets {
            return None;
        }
        self.requests.push(request.clone());
        Some(self.requests.len() - 1)
    }

    /// Completes a request that has its answer.
    pub(crate) fn answered(&mut self, place: Option<usize>, request: Request) {
        self.served.refused += usize::from(request.status == 429);
        self.served.sent_bytes += request.sent_bytes;
        self.served.body_bytes += request.body_bytes;
        if let Some(place) = place {
            self.requests[place] = request;
        }
    }
}

fn value<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let pair = pairs.iter().find(|(key, _)| key == name);
    pair.map(|(_, value)| value.as_str())
}
