//! Reads responses of Xero, from the head to the decompressed body.

use std::error::Error as _;
use std::ops::Deref;

use reqwest::RequestBuilder;
use reqwest::header::{CONTENT_ENCODING, HeaderMap};

use crate::excerpt::excerpt;
use crate::memory::{MAX_SMALL, Memory, MemoryPermit};
use crate::xero::body::{self, BodyKind};
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
    /// The body. Empty if the body went into a file.
    pub(crate) body: Vec<u8>,
    /// Whether the body is still compressed.
    is_packed: bool,
    /// Number of received bytes of the body, before decompression.
    pub(crate) received: u64,
    /// Number of bytes of the body, after decompression if it was decompressed.
    pub(crate) decompressed: u64,
    /// The message of an error body. Empty for a success.
    pub(crate) problem: Problem,
    /// The header `Xero-Correlation-Id`, by which Xero's support finds the call.
    pub(crate) correlation_id: Option<String>,
    /// The memory permit of a list or of a large body.
    memory: Option<MemoryPermit>,
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
    /// Decompresses the body of a success. Waits for memory if the body is a list or large.
    pub(crate) async fn unpack(
        &mut self,
        kind: BodyKind,
        memory: &Memory,
    ) -> Result<(), TransportError> {
        if self.is_packed {
            let (packed, held) = (std::mem::take(&mut self.body), self.memory.take());
            (self.body, self.memory) = decompress(packed, held, kind, memory).await?;
            self.is_packed = false;
        } else if kind == BodyKind::List && self.status == 200 && self.memory.is_none() {
            let length = self.body.len();
            self.memory = memory.acquire(length, length).await;
        }
        self.decompressed = self.body.len() as u64;
        match self.body.len() > kind.max() {
            true => Err(too_large(kind)),
            false => Ok(()),
        }
    }

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
            is_packed: false,
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

    /// Reads the body of a success as it comes. A body above the maximum of its kind is an error.
    pub(crate) async fn read_success(
        mut self,
        kind: BodyKind,
        memory: &Memory,
    ) -> Result<Response, TransportError> {
        let whole = self.response.content_length();
        let whole: usize = whole.and_then(|it| it.try_into().ok()).unwrap_or_default();
        let mut held = None;
        // A body that waits for memory takes no more than its length.
        let mut body = Vec::with_capacity(whole.min(kind.max()).min(MAX_SMALL));
        while let Some(chunk) = self.chunk().await? {
            let length = body.len() + chunk.len();
            if length > kind.max() {
                return Err(too_large(kind));
            }
            if length > MAX_SMALL && held.is_none() {
                held = memory.acquire(length, body.len()).await;
                body.reserve_exact(whole.clamp(length, kind.max()) - body.len());
            }
            body.extend_from_slice(&chunk);
        }
        let received = body.len() as u64;
        Ok(Response {
            is_packed: self.is_compressed() && !body.is_empty(),
            body,
            memory: held,
            ..self.without_body(received)
        })
    }
}

/// Decompresses a body. `held` is the memory permit of a body that is large before decompression.
/// A large body is decompressed on its own thread, so that signals and other responses are not
/// blocked.
async fn decompress(
    compressed: Vec<u8>,
    mut held: Option<MemoryPermit>,
    kind: BodyKind,
    memory: &Memory,
) -> Result<(Vec<u8>, Option<MemoryPermit>), TransportError> {
    let error =
        |error| TransportError::Network(format!("the body cannot be decompressed: {error}"));
    let length = body::declared_length(&compressed);
    let small = kind.max().min(MAX_SMALL);
    if held.is_none() && length <= small {
        let (permit, most) = match kind {
            BodyKind::List => (memory.acquire(length, compressed.len()).await, length),
            BodyKind::Other | BodyKind::Token => (None, small),
        };
        let body = body::decompress(&compressed, most).map_err(error)?;
        if body.len() <= most {
            return Ok((body, permit));
        }
        // The declared length is wrong, so the body counts as large.
    }
    if held.is_none() {
        held = memory.acquire(usize::MAX, compressed.len()).await;
    }
    let max = kind.max();
    let thread = tokio::task::spawn_blocking(move || body::decompress(&compressed, max));
    let body = thread.await.unwrap_or_else(|error| Err(error.into()));
    Ok((body.map_err(error)?, held))
}

fn too_large(kind: BodyKind) -> TransportError {
    match kind {
        BodyKind::List => TransportError::TooLarge,
        BodyKind::Other | BodyKind::Token => {
            let mebibytes = kind.max() >> 20;
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
