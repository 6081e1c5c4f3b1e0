//! Reads responses of Xero, from the head to the decompressed body.

use std::error::Error as _;
use std::ops::Deref;

use reqwest::RequestBuilder;
use reqwest::header::{CONTENT_ENCODING, HeaderMap};

use crate::excerpt::excerpt;
use crate::memory::{LargeBodies, MemoryPermit};
use crate::xero::body;
use crate::xero::problem::Problem;
use crate::xero::rate_limit::headers::LimitHeaders;
use crate::xero::retry::Outcome;

/// The head of a response. Its body is not read yet.
#[derive(Debug)]
pub(crate) struct ResponseHead {
    response: reqwest::Response,
    limits: LimitHeaders,
    correlation_id: Option<String>,
}

/// A complete response.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) limits: LimitHeaders,
    /// The decompressed body. Empty if the body went into a file.
    pub(crate) body: Vec<u8>,
    /// Number of received bytes of the body, before decompression.
    pub(crate) received: u64,
    /// Number of bytes of the decompressed body.
    pub(crate) decompressed: u64,
    /// The message of an error body. Empty for a success.
    pub(crate) problem: Problem,
    /// The header `Xero-Correlation-Id`, by which Xero's support finds the call.
    pub(crate) correlation_id: Option<String>,
    /// The memory permit of a large body.
    pub(crate) memory: Option<MemoryPermit>,
}

/// Why no complete response arrived.
#[derive(Debug)]
pub(crate) enum TransportError {
    /// The connection was refused, was reset or timed out.
    Network(String),
    /// No secure connection was possible.
    Tls(String),
    /// The list exceeds the size limit. A request for fewer rows may work.
    TooLarge,
    /// Another body exceeds its size limit. The text names the limit.
    Oversized(String),
}

impl Response {
    /// Drops the body and returns its memory permit.
    pub(crate) fn take_memory(&mut self) -> Option<MemoryPermit> {
        self.body = Vec::new();
        self.memory.take()
    }
}

/// Describes a failed attempt for the retry policy.
pub(crate) fn outcome(response: &Result<Response, TransportError>) -> Outcome<'_> {
    match response {
        Ok(response) => Outcome::Status {
            status: response.status,
            retry_after: response.limits.retry_after,
            problem: &response.problem,
        },
        Err(TransportError::Network(why)) => Outcome::Network(why),
        Err(TransportError::Tls(why)) => Outcome::Tls(why),
        Err(TransportError::TooLarge) => Outcome::TooLarge,
        Err(TransportError::Oversized(why)) => Outcome::Oversized(why),
    }
}

/// Sends a request and waits for the head of the response.
pub(crate) async fn open(request: RequestBuilder) -> Result<ResponseHead, TransportError> {
    let response = request.send().await.map_err(transport_error)?;
    let limits = LimitHeaders::read(response.status().as_u16(), response.headers());
    let correlation_id = response.headers().get("xero-correlation-id");
    let correlation_id = correlation_id.and_then(|id| id.to_str().ok());
    Ok(ResponseHead {
        correlation_id: correlation_id.map(str::to_owned),
        limits,
        response,
    })
}

impl ResponseHead {
    /// Returns the HTTP status.
    pub(crate) fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    /// Returns the headers.
    pub(crate) fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// Whether the body is compressed by gzip.
    pub(crate) fn is_compressed(&self) -> bool {
        let coding = self.response.headers().get(CONTENT_ENCODING);
        let coding = coding.and_then(|coding| coding.to_str().ok());
        // Names of codings ignore case, and x-gzip is an alias. Source: RFC 9110, 8.4.1.
        coding.is_some_and(|coding| {
            ["gzip", "x-gzip"]
                .iter()
                .any(|name| coding.eq_ignore_ascii_case(name))
        })
    }

    /// Reads the next part of the body.
    pub(crate) async fn chunk(
        &mut self,
    ) -> Result<Option<impl Deref<Target = [u8]> + use<>>, TransportError> {
        self.response.chunk().await.map_err(transport_error)
    }

    /// Returns the response without its body. `received` is the number of bytes of the body.
    pub(crate) fn without_body(self, received: u64) -> Response {
        Response {
            status: self.status(),
            limits: self.limits,
            body: Vec::new(),
            received,
            decompressed: received,
            problem: Problem::default(),
            correlation_id: self.correlation_id,
            memory: None,
        }
    }

    /// Reads the beginning of an error body. Proxies send error bodies of any length.
    pub(crate) async fn read_error(mut self) -> Result<Response, TransportError> {
        let mut body = Vec::new();
        while body.len() < body::MAX_ERROR
            && let Some(chunk) = self.chunk().await?
        {
            body.extend_from_slice(&chunk);
        }
        let received = body.len() as u64;
        let body = body::error_text(body, self.is_compressed());
        let problem = Problem::parse(&body);
        Ok(Response {
            decompressed: body.len() as u64,
            body,
            problem,
            ..self.without_body(received)
        })
    }

    /// Reads the body of a success. A body above `max_body` bytes is an error.
    pub(crate) async fn read_success(
        mut self,
        max_body: usize,
        large_bodies: &LargeBodies,
    ) -> Result<Response, TransportError> {
        let mut memory = None;
        let mut body = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            let length = body.len() + chunk.len();
            if length > max_body {
                return Err(too_large(max_body));
            }
            if length > body::MAX_SMALL && memory.is_none() {
                memory = large_bodies.acquire().await;
                let whole = self.response.content_length();
                let whole: usize = whole.and_then(|it| it.try_into().ok()).unwrap_or_default();
                body.reserve_exact(whole.clamp(length, max_body) - body.len());
            }
            body.extend_from_slice(&chunk);
        }
        let received = body.len() as u64;
        if self.is_compressed() && !body.is_empty() {
            (body, memory) = decompress(body, memory, max_body, large_bodies).await?;
        }
        if body.len() > max_body {
            return Err(too_large(max_body));
        }
        Ok(Response {
            decompressed: body.len() as u64,
            body,
            memory,
            ..self.without_body(received)
        })
    }
}

/// Decompresses a body. A large body waits for its memory permit. It is decompressed on its own
/// thread, so that signals and other responses are not blocked.
async fn decompress(
    compressed: Vec<u8>,
    mut memory: Option<MemoryPermit>,
    max_body: usize,
    large_bodies: &LargeBodies,
) -> Result<(Vec<u8>, Option<MemoryPermit>), TransportError> {
    let error =
        |error| TransportError::Network(format!("the body cannot be decompressed: {error}"));
    let small = max_body.min(body::MAX_SMALL);
    if memory.is_none() && body::declared_length(&compressed) <= small {
        let body = body::decompress(&compressed, small).map_err(error)?;
        if body.len() <= small {
            return Ok((body, memory));
        }
    }
    if memory.is_none() {
        memory = large_bodies.acquire().await;
    }
    let thread = tokio::task::spawn_blocking(move || body::decompress(&compressed, max_body));
    let body = thread.await.unwrap_or_else(|error| Err(error.into()));
    Ok((body.map_err(error)?, memory))
}

fn too_large(max_body: usize) -> TransportError {
    match max_body {
        body::MAX_LIST => TransportError::TooLarge,
        _ => {
            let mebibytes = max_body >> 20;
            TransportError::Oversized(format!("the response is larger than {mebibytes} MiB"))
        }
    }
}

fn transport_error(error: reqwest::Error) -> TransportError {
    let mut why = match (error.is_timeout(), error.is_connect()) {
        (true, _) => "no response in time".to_owned(),
        (_, true) => "no connection".to_owned(),
        _ => "the connection broke".to_owned(),
    };
    // The innermost cause is the most specific: "Connection refused", "invalid peer certificate".
    let mut cause = error.source();
    while let Some(inner) = cause.and_then(|cause| cause.source()) {
        cause = Some(inner);
    }
    if let Some(cause) = cause {
        why = format!("{why}: {cause}");
    }
    let why = excerpt(&why);
    // The errors of rustls for an untrusted certificate, and for a server that does not support
    // TLS.
    if why.contains("certificate") || why.contains("received corrupt message") {
        return TransportError::Tls(why);
    }
    TransportError::Network(why)
}
