//! Answers with which a test replaces those of the simulated Xero.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use crate::limits::Limit;
use crate::log::Request;
use crate::problem;
use crate::reply::Reply;

/// A change to the text of an honest body.
pub(crate) type Rewrite = Box<dyn FnOnce(String) -> String + Send>;

/// Where the answer comes from.
pub(crate) enum Source {
    /// The simulator's own answer, perhaps with a changed text.
    Honest(Option<Rewrite>),
    /// A given answer. A bare one has only its own headers.
    Given { reply: Reply, bare: bool },
}

/// How an answer is delivered to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    Whole,
    /// Content-Length states the whole body. The connection ends after this number of bytes of it.
    Truncated(usize),
    /// The connection is reset without a byte of answer.
    Reset,
    /// The connection stays open and receives nothing.
    Silent,
}

/// An answer, and how it is delivered. A fault is sent before the simulator counts the call, so it
/// costs no call of the rate limits; [`Answer::honest`] does. Faults of the Accounting API still
/// have the headers of all its answers: the remaining calls, if the caller is known, and the
/// correlation id.
pub struct Answer {
    pub(crate) source: Source,
    /// The request to answer, if it is not the one that was sent.
    pub(crate) altered: Option<Box<Request>>,
    pub(crate) delivery: Delivery,
    pub(crate) delay: Duration,
}

impl Answer {
    /// The simulator's own answer, to be delayed, truncated or rewritten.
    pub fn honest() -> Self {
        Self::from_source(Source::Honest(None))
    }

    /// The simulator's own answer to another request, as a server that ignores some parameters
    /// gives it.
    pub fn honest_to(request: Request) -> Self {
        Self {
            altered: Some(Box::new(request)),
            ..Self::honest()
        }
    }

    /// JSON with Xero's content type.
    pub fn json(status: u16, body: impl Into<Bytes>) -> Self {
        Self::given(Reply::json(status, body))
    }

    /// An HTML page, as a proxy sends it.
    pub fn html(status: u16, body: impl Into<Bytes>) -> Self {
        Self::given(Reply::new(status, "text/html; charset=utf-8", body))
    }

    /// Plain text.
    pub fn text(status: u16, body: impl Into<Bytes>) -> Self {
        Self::given(Reply::new(status, "text/plain; charset=utf-8", body))
    }

    /// 400: the query matches more than 100,000 rows.
    pub fn high_volume() -> Self {
        Self::given(problem::high_volume())
    }

    /// 401 with this `Detail`, such as `TokenExpired: token expired at ...`.
    pub fn unauthorized(detail: &str) -> Self {
        Self::given(problem::unauthorized(detail))
    }

    /// 401: the token is valid but lacks a scope, or the app has too low a tier.
    pub fn not_permitted() -> Self {
        Self::unauthorized(problem::UNAUTHORIZED)
    }

    /// 403: no connection to the organisation.
    pub fn forbidden() -> Self {
        Self::given(problem::forbidden())
    }

    /// 404 as plain text.
    pub fn not_found() -> Self {
        Self::given(problem::not_found())
    }

    /// 429 with `X-Rate-Limit-Problem` and, if given, `Retry-After` in seconds.
    pub fn too_many(limit: Limit, retry_after: Option<u32>) -> Self {
        Self::given(problem::too_many(limit, retry_after.map(i64::from)))
    }

    /// 500 in problem details.
    pub fn server_error() -> Self {
        Self::given(problem::server_error())
    }

    /// 503: planned maintenance of Xero.
    pub fn maintenance() -> Self {
        let text = "The Xero API is currently offline for maintenance";
        Self::given(problem::unavailable(text))
    }

    /// 503: an outage of Xero.
    pub fn unavailable() -> Self {
        Self::given(problem::unavailable(
            "The Xero API is temporarily unavailable",
        ))
    }

    /// 503: one organisation is offline.
    pub fn organisation_offline() -> Self {
        Self::given(problem::organisation_offline())
    }

    /// The connection is reset instead of answered.
    pub fn reset() -> Self {
        Self {
            delivery: Delivery::Reset,
            ..Self::text(500, "")
        }
    }

    /// The call is accepted and never answered.
    pub fn silent() -> Self {
        Self {
            delivery: Delivery::Silent,
            ..Self::text(500, "")
        }
    }

    /// Omits the headers of all answers, as a gateway in front of Xero does.
    #[must_use]
    pub fn bare(mut self) -> Self {
        match &mut self.source {
            Source::Given { bare, .. } => *bare = true,
            Source::Honest(_) => panic!("the honest server chooses its own headers"),
        }
        self
    }

    /// Adds a header to a given answer, even one that all answers have.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        match &mut self.source {
            Source::Given { reply, .. } => reply.headers.push((name, value.to_owned())),
            Source::Honest(_) => panic!("the honest server chooses its own headers"),
        }
        self
    }

    /// Delays the answer.
    #[must_use]
    pub fn delayed(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }

    /// Closes the connection after this number of bytes of the body, as sent over the wire.
    #[must_use]
    pub fn truncated(self, bytes: usize) -> Self {
        Self {
            delivery: Delivery::Truncated(bytes),
            ..self
        }
    }

    /// Changes the text of an honest body, for values that no honest row has.
    #[must_use]
    pub fn rewritten(self, rewrite: impl FnOnce(String) -> String + Send + 'static) -> Self {
        match self.source {
            Source::Honest(_) => Self {
                source: Source::Honest(Some(Box::new(rewrite))),
                ..self
            },
            Source::Given { .. } => panic!("a given body is what it is"),
        }
    }

    fn given(reply: Reply) -> Self {
        Self::from_source(Source::Given { reply, bare: false })
    }

    fn from_source(source: Source) -> Self {
        Self {
            source,
            altered: None,
            delivery: Delivery::Whole,
            delay: Duration::ZERO,
        }
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = match &self.source {
            Source::Honest(_) => None,
            Source::Given { reply, .. } => Some(reply.status),
        };
        f.debug_struct("Answer")
            .field("status", &status)
            .field("delivery", &self.delivery)
            .field("delay", &self.delay)
            .finish()
    }
}
