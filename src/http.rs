//! HTTP as this connector needs it: one client, whole answers, told apart faults.

use std::error::Error as _;
use std::ops::Deref;
use std::time::Duration;

use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING, HeaderValue};
use reqwest::{Certificate, Client, RequestBuilder, Response, redirect, retry};

use crate::body;
use crate::failure::Failure;
use crate::limits::Limits;
use crate::problem::Problem;
use crate::retry::{Outcome, Patience};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
/// The longest silence inside an answer, and the longest answer. The largest
/// unpaged lists take Xero minutes; a check must be over within one.
const LONG_SILENCE: Duration = Duration::from_secs(90);
const LONG_TOTAL: Duration = Duration::from_secs(600);
const BRIEF_SILENCE: Duration = Duration::from_secs(15);
const BRIEF_TOTAL: Duration = Duration::from_secs(18);

/// For tests: no pause is longer than so many milliseconds.
const PAUSE_CAP: &str = "XERO_SOURCE_PAUSE_CAP_MS";
/// For tests: no silence is borne for longer than so many milliseconds.
const TIMEOUT_CAP: &str = "XERO_SOURCE_TIMEOUT_CAP_MS";

/// A client with its patience.
#[derive(Clone, Debug)]
pub(crate) struct Http {
    pub(crate) client: Client,
    /// How long a server may be silent before its call is given up.
    pub(crate) longest_silence: Duration,
    pause_cap: Duration,
}

/// The head of an answer whose body has still to come.
#[derive(Debug)]
pub(crate) struct Head {
    /// The answer itself.
    pub(crate) response: Response,
    limits: Limits,
    correlation: Option<String>,
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) limits: Limits,
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
}

/// No whole answer came.
#[derive(Debug)]
pub(crate) enum Broken {
    /// Refused, reset, timed out.
    Network(String),
    /// No secure connection.
    Tls(String),
    /// A body beyond all bounds.
    TooLarge,
}

/// What an attempt came to that brought no success.
pub(crate) fn outcome(reply: &Result<Reply, Broken>) -> Outcome<'_> {
    match reply {
        Ok(reply) => Outcome::Status {
            status: reply.status,
            limits: &reply.limits,
            problem: &reply.problem,
        },
        Err(Broken::Network(why)) => Outcome::Network(why),
        Err(Broken::Tls(why)) => Outcome::Tls(why),
        Err(Broken::TooLarge) => Outcome::TooLarge,
    }
}

impl Http {
    /// A client that trusts Mozilla's roots and those in `SSL_CERT_FILE`.
    pub(crate) fn new(patience: Patience) -> Result<Http, Failure> {
        let (silence, total) = match patience {
            Patience::Brief => (BRIEF_SILENCE, BRIEF_TOTAL),
            Patience::Long => (LONG_SILENCE, LONG_TOTAL),
        };
        let longest_silence = silence.min(cap(TIMEOUT_CAP));
        let client = Client::builder()
            .user_agent(concat!("xero-source/", env!("CARGO_PKG_VERSION")))
            .tls_certs_only(roots()?)
            .default_headers(
                [(ACCEPT_ENCODING, HeaderValue::from_static("gzip"))]
                    .into_iter()
                    .collect(),
            )
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(longest_silence)
            .timeout(total)
            // One loop owns all attempts, and a token follows no redirect.
            .retry(retry::never())
            .redirect(redirect::Policy::none())
            .build()
            .map_err(|error| {
                Failure::system("The HTTP client could not be set up.").because(error)
            })?;
        Ok(Http {
            client,
            longest_silence,
            pause_cap: cap(PAUSE_CAP),
        })
    }

    /// Sleeps.
    pub(crate) async fn pause(&self, pause: Duration) {
        tokio::time::sleep(self.capped(pause)).await;
    }

    /// The pause as it is kept.
    pub(crate) fn capped(&self, pause: Duration) -> Duration {
        pause.min(self.pause_cap)
    }
}

/// What an environment variable caps; without it nothing is capped.
fn cap(variable: &str) -> Duration {
    let millis = std::env::var(variable)
        .ok()
        .and_then(|cap| cap.parse().ok());
    millis.map_or(Duration::MAX, Duration::from_millis)
}

/// Sends a request and reads the whole answer: a body that is cut short is a
/// failed attempt, not an answer.
pub(crate) async fn send(request: RequestBuilder) -> Result<Reply, Broken> {
    open(request).await?.whole().await
}

/// Sends a request and waits for the head of its answer.
pub(crate) async fn open(request: RequestBuilder) -> Result<Head, Broken> {
    let response = request.send().await.map_err(broken)?;
    let limits = Limits::read(response.status().as_u16(), response.headers());
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
        coding.is_some_and(|coding| coding == "gzip")
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
        }
    }

    /// Reads the body.
    pub(crate) async fn whole(mut self) -> Result<Reply, Broken> {
        let mut body = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            if body.len() + chunk.len() > body::LARGEST {
                return Err(Broken::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        let received = body.len() as u64;
        if self.is_packed() && !body.is_empty() {
            let why = |error| Broken::Network(format!("the body cannot be unpacked: {error}"));
            body = body::unpacked(&body).map_err(why)?;
        }
        if body.len() > body::LARGEST {
            return Err(Broken::TooLarge);
        }
        let problem = match self.status() {
            200 => Problem::default(),
            _ => Problem::parse(&body),
        };
        Ok(Reply {
            unpacked: body.len() as u64,
            body,
            problem,
            ..self.without_body(received)
        })
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
    if let Some(path) = std::env::var_os("SSL_CERT_FILE").filter(|path| !path.is_empty()) {
        let unreadable = || {
            Failure::config(format!(
                "SSL_CERT_FILE names {}, which holds no certificates that can be read.",
                path.display()
            ))
        };
        let pem = std::fs::read(&path).map_err(|error| unreadable().because(error))?;
        let added =
            Certificate::from_pem_bundle(&pem).map_err(|error| unreadable().because(error))?;
        if added.is_empty() {
            return Err(unreadable());
        }
        roots.extend(added);
    }
    Ok(roots)
}
