//! HTTP as this connector needs it: one client, whole answers, told apart faults.

use std::error::Error as _;
use std::ops::Deref;
use std::path::Path;
use std::time::Duration;

use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING, HeaderValue};
use reqwest::{Certificate, Client, RequestBuilder, Response, redirect, retry};

use crate::excerpt::excerpt;
use crate::failure::Failure;
use crate::memory::{LargeBodies, MemoryPermit};
use crate::xero::body;
use crate::xero::problem::Problem;
use crate::xero::proxy;
use crate::xero::rate_limit::headers::LimitHeaders;
use crate::xero::retry::{Outcome, RetryPolicy};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
/// The longest silence inside an answer, and the longest answer. The largest
/// unpaged lists take Xero minutes; a check must be over within one.
const LONG_SILENCE: Duration = Duration::from_secs(90);
const LONG_TOTAL: Duration = Duration::from_secs(600);
const BRIEF_SILENCE: Duration = Duration::from_secs(15);
const BRIEF_TOTAL: Duration = Duration::from_secs(18);

/// The file that companies use to add roots of their own.
const CERTIFICATES: &str = "SSL_CERT_FILE";
/// For tests: no pause is longer than so many milliseconds. It holds only where the API is on
/// this machine: what Xero's Retry-After says is never shortened.
const PAUSE_CAP: &str = "XERO_SOURCE_PAUSE_CAP_MS";
/// For tests: no silence is borne for longer than so many milliseconds, and no answer for
/// longer than [`TOTAL_IN_SILENCES`] times as many.
const TIMEOUT_CAP: &str = "XERO_SOURCE_TIMEOUT_CAP_MS";
const TOTAL_IN_SILENCES: u32 = 10;

/// A client with its patience.
#[derive(Clone, Debug)]
pub(crate) struct Http {
    pub(crate) client: Client,
    /// How long a server may be silent before its call is given up.
    pub(crate) longest_silence: Duration,
    pub(crate) pause_cap: Duration,
    large_bodies: LargeBodies,
}

/// The head of an answer whose body has still to come.
#[derive(Debug)]
pub(crate) struct Head {
    /// The answer itself.
    pub(crate) response: Response,
    limits: LimitHeaders,
    correlation: Option<String>,
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) limits: LimitHeaders,
    /// Empty where the body went elsewhere.
    pub(crate) body: Vec<u8>,
    /// Bytes of the body as they came, packed or not.
    pub(crate) received: u64,
    /// Bytes of the body unpacked.
    pub(crate) unpacked: u64,
    /// What the body says if the status is no success.
    pub(crate) problem: Problem,
    /// `Xero-Correlation-Id`, by which Xero's support finds the call.
    pub(crate) correlation: Option<String>,
    /// The room that a large body takes.
    pub(crate) held: Option<MemoryPermit>,
}

/// No whole answer came.
#[derive(Debug)]
pub(crate) enum Broken {
    /// Refused, reset, timed out.
    Network(String),
    /// No secure connection.
    Tls(String),
    /// A list beyond all bounds: less of it may be asked for.
    TooLarge,
    /// Another body beyond its bounds, and which they are.
    Oversized(String),
}

impl Reply {
    /// Lets the body go, and returns the room that it took.
    pub(crate) fn take_room(&mut self) -> Option<MemoryPermit> {
        self.body = Vec::new();
        self.held.take()
    }
}

/// What an attempt came to that brought no success.
pub(crate) fn outcome(reply: &Result<Reply, Broken>) -> Outcome<'_> {
    match reply {
        Ok(reply) => Outcome::Status {
            status: reply.status,
            retry_after: reply.limits.retry_after,
            problem: &reply.problem,
        },
        Err(Broken::Network(why)) => Outcome::Network(why),
        Err(Broken::Tls(why)) => Outcome::Tls(why),
        Err(Broken::TooLarge) => Outcome::TooLarge,
        Err(Broken::Oversized(why)) => Outcome::Oversized(why),
    }
}

impl Http {
    /// A client that trusts Mozilla's roots and those in `SSL_CERT_FILE`. `is_local` says
    /// that the API is on this machine, so that it is not Xero's.
    pub(crate) fn new(patience: RetryPolicy, is_local: bool) -> Result<Http, Failure> {
        let (silence, total) = match patience {
            RetryPolicy::Interactive => (BRIEF_SILENCE, BRIEF_TOTAL),
            RetryPolicy::Unattended => (LONG_SILENCE, LONG_TOTAL),
        };
        let timeout_cap = cap(std::env::var(TIMEOUT_CAP).ok());
        let longest_silence = silence.min(timeout_cap);
        let builder = Client::builder()
            .user_agent(concat!("xero-source/", env!("CARGO_PKG_VERSION")))
            .tls_certs_only(roots()?)
            .no_proxy() // what reqwest does not understand of the variables it leaves out
            .default_headers(
                [(ACCEPT_ENCODING, HeaderValue::from_static("gzip"))]
                    .into_iter()
                    .collect(),
            )
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(longest_silence)
            .timeout(total.min(timeout_cap.saturating_mul(TOTAL_IN_SILENCES)))
            // One loop owns all attempts, and a token follows no redirect.
            .retry(retry::never())
            .redirect(redirect::Policy::none());
        let client = match proxy::from_environment()? {
            Some(proxy) => builder.proxy(proxy).build(),
            None => builder.build(),
        };
        let client = client.map_err(|error| {
            Failure::system("The HTTP client could not be set up.").because(error)
        })?;
        Ok(Http {
            client,
            longest_silence,
            pause_cap: pause_cap(std::env::var(PAUSE_CAP).ok(), is_local),
            large_bodies: LargeBodies::default(),
        })
    }

    /// Sends a request and reads the whole answer, of a success no more than `most` bytes: a
    /// body that is cut short is a failed attempt, not an answer.
    pub(crate) async fn send(&self, request: RequestBuilder, most: usize) -> Result<Reply, Broken> {
        let head = open(request).await?;
        match head.status() {
            200..300 => head.success(most, &self.large_bodies).await,
            _ => head.whole().await,
        }
    }

    /// Sleeps before the next attempt.
    pub(crate) async fn pause(&self, pause: Duration) {
        tokio::time::sleep(pause.min(self.pause_cap)).await;
    }
}

fn pause_cap(variable: Option<String>, is_local: bool) -> Duration {
    cap(variable.filter(|_| is_local))
}

/// The cap in an environment variable; without one nothing is capped.
fn cap(variable: Option<String>) -> Duration {
    let millis = variable.and_then(|cap| cap.parse().ok());
    millis.map_or(Duration::MAX, Duration::from_millis)
}

/// Sends a request and waits for the head of its answer.
pub(crate) async fn open(request: RequestBuilder) -> Result<Head, Broken> {
    let response = request.send().await.map_err(broken)?;
    let limits = LimitHeaders::read(response.status().as_u16(), response.headers());
    let correlation = response.headers().get("xero-correlation-id");
    let correlation = correlation.and_then(|id| id.to_str().ok());
    Ok(Head {
        correlation: correlation.map(str::to_owned),
        limits,
        response,
    })
}

impl Head {
    /// The HTTP status.
    pub(crate) fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    /// Whether the body is packed by gzip.
    pub(crate) fn is_packed(&self) -> bool {
        let coding = self.response.headers().get(CONTENT_ENCODING);
        let coding = coding.and_then(|coding| coding.to_str().ok());
        // Case does not count, and x-gzip is another name of gzip. Source: RFC 9110, 8.4.1.
        coding.is_some_and(|coding| {
            ["gzip", "x-gzip"]
                .iter()
                .any(|name| coding.eq_ignore_ascii_case(name))
        })
    }

    /// The next part of the body.
    pub(crate) async fn chunk(
        &mut self,
    ) -> Result<Option<impl Deref<Target = [u8]> + use<>>, Broken> {
        self.response.chunk().await.map_err(broken)
    }

    /// The answer without its body, of which so many bytes were `received`.
    pub(crate) fn without_body(self, received: u64) -> Reply {
        Reply {
            status: self.status(),
            limits: self.limits,
            body: Vec::new(),
            received,
            unpacked: received,
            problem: Problem::default(),
            correlation: self.correlation,
            held: None,
        }
    }

    /// Reads what the body of an answer says that is no success. It is as long as who sent it
    /// likes, and only its beginning is read.
    pub(crate) async fn whole(mut self) -> Result<Reply, Broken> {
        let mut body = Vec::new();
        while !body::is_enough(&body)
            && let Some(chunk) = self.chunk().await?
        {
            body.extend_from_slice(&chunk);
        }
        let received = body.len() as u64;
        let body = body::beginning(body, self.is_packed());
        let problem = Problem::parse(&body);
        Ok(Reply {
            unpacked: body.len() as u64,
            body,
            problem,
            ..self.without_body(received)
        })
    }

    /// Reads the body of a success.
    async fn success(mut self, most: usize, large: &LargeBodies) -> Result<Reply, Broken> {
        let mut held = None;
        let mut body = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            let length = body.len() + chunk.len();
            if length > most {
                return Err(too_large(most));
            }
            if length > body::SMALL && held.is_none() {
                held = large.acquire().await;
                let whole = self
                    .response
                    .content_length()
                    .and_then(|it| it.try_into().ok());
                let whole: usize = whole.unwrap_or_default();
                body.reserve_exact(whole.clamp(length, most) - body.len());
            }
            body.extend_from_slice(&chunk);
        }
        let received = body.len() as u64;
        if self.is_packed() && !body.is_empty() {
            (body, held) = unpack(body, held, most, large).await?;
        }
        if body.len() > most {
            return Err(too_large(most));
        }
        Ok(Reply {
            unpacked: body.len() as u64,
            body,
            held,
            ..self.without_body(received)
        })
    }
}

/// Unpacks a body; a large one once there is room, and on a thread of its own: who waits for
/// the end of the process should not wait for that.
async fn unpack(
    packed: Vec<u8>,
    mut held: Option<MemoryPermit>,
    most: usize,
    large: &LargeBodies,
) -> Result<(Vec<u8>, Option<MemoryPermit>), Broken> {
    let why = |error| Broken::Network(format!("the body cannot be unpacked: {error}"));
    let small = most.min(body::SMALL);
    if held.is_none() && body::told(&packed) <= small {
        let body = body::unpacked(&packed, small).map_err(why)?;
        if body.len() <= small {
            return Ok((body, held));
        }
    }
    if held.is_none() {
        held = large.acquire().await;
    }
    let unpacking = tokio::task::spawn_blocking(move || body::unpacked(&packed, most));
    let body = unpacking.await.unwrap_or_else(|error| Err(error.into()));
    Ok((body.map_err(why)?, held))
}

fn too_large(most: usize) -> Broken {
    match most {
        body::LARGEST => Broken::TooLarge,
        _ => Broken::Oversized(format!("the answer is larger than {} MiB", most >> 20)),
    }
}

fn broken(error: reqwest::Error) -> Broken {
    let mut why = match (error.is_timeout(), error.is_connect()) {
        (true, _) => "no answer in time".to_owned(),
        (_, true) => "no connection".to_owned(),
        _ => "the connection broke".to_owned(),
    };
    // The innermost cause is the one that tells: "Connection refused", "invalid peer certificate".
    let mut cause = error.source();
    while let Some(inner) = cause.and_then(|cause| cause.source()) {
        cause = Some(inner);
    }
    if let Some(cause) = cause {
        why = format!("{why}: {cause}");
    }
    let why = excerpt(&why);
    // rustls words its faults so: a certificate that is not trusted, a server that speaks no TLS.
    if why.contains("certificate") || why.contains("received corrupt message") {
        return Broken::Tls(why);
    }
    Broken::Network(why)
}

/// Bundled roots, because the image has no store of its own, and the file that
/// companies use to add theirs.
fn roots() -> Result<Vec<Certificate>, Failure> {
    let bundled = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter();
    let mut roots: Vec<_> = bundled
        .filter_map(|root| Certificate::from_der(root).ok())
        .collect();
    if let Some(path) = std::env::var_os(CERTIFICATES).filter(|path| !path.is_empty()) {
        roots.extend(added_roots(Path::new(&path))?);
    }
    Ok(roots)
}

/// The certificates of a PEM file. A bad one is an error, not left out: the server that it
/// stands for would be refused, and nobody would know why.
fn added_roots(path: &Path) -> Result<Vec<Certificate>, Failure> {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    let path_shown = path.display();
    let unreadable = || {
        Failure::config(format!(
            "{CERTIFICATES} names {path_shown}, which holds no certificates that can be read."
        ))
    };
    let bad = |number: usize| {
        Failure::config(format!(
            "{CERTIFICATES} names {path_shown}, whose certificate number {number} cannot be read. Replace it or take it out."
        ))
    };
    let pem = std::fs::read(path).map_err(|error| unreadable().because(error))?;
    let pem = String::from_utf8_lossy(&pem);
    let mut certificates = Vec::new();
    for (number, block) in (1..).zip(pem.split(BEGIN).skip(1)) {
        let block = Certificate::from_pem_bundle(format!("{BEGIN}{block}").as_bytes());
        let block = block.map_err(|error| bad(number).because(error))?;
        certificates.push(block.into_iter().next().ok_or_else(|| bad(number))?);
    }
    if certificates.is_empty() {
        return Err(unreadable());
    }
    // What is in them is looked at only where a client is made of them.
    let are_good = |roots: &[Certificate]| {
        let client = Client::builder().tls_certs_only(roots.to_vec());
        client.build().is_ok()
    };
    let mut each = certificates.chunks(1);
    match are_good(&certificates) {
        true => Ok(certificates),
        false => Err(bad(each
            .position(|root| !are_good(root))
            .unwrap_or_default()
            + 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_capped_only_where_the_api_is_on_this_machine() {
        let cap = |is_local| pause_cap(Some("20".to_owned()), is_local);
        assert_eq!(
            [true, false].map(cap),
            [Duration::from_millis(20), Duration::MAX]
        );
    }
}
