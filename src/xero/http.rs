//! Sets up the HTTP client that sends all requests: timeouts, proxy and certificates.

use std::time::Duration;

use reqwest::header::{ACCEPT_ENCODING, HeaderValue};
use reqwest::{Client, RequestBuilder, redirect, retry};

use crate::failure::Failure;
use crate::memory::Memory;
use crate::xero::body::BodyKind;
use crate::xero::response::{self, Response, TransportError};
use crate::xero::retry::{LONGEST_STANDSTILL, RetryPolicy};
use crate::xero::{certificates, proxy};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);

/// Timeouts of an unattended sync: the maximum silence within a response, and the maximum time for
/// the whole response. Xero needs minutes for the largest lists without pages.
const UNATTENDED_SILENCE: Duration = Duration::from_secs(90);
const UNATTENDED_TOTAL: Duration = Duration::from_secs(600);

/// Timeouts of a check, which must end within a minute.
const INTERACTIVE_SILENCE: Duration = Duration::from_secs(15);
const INTERACTIVE_TOTAL: Duration = Duration::from_secs(18);

/// For tests: caps every pause, in milliseconds. Works only with an API on this machine, so that
/// a `Retry-After` of Xero is never shortened.
const PAUSE_CAP: &str = "XERO_SOURCE_PAUSE_CAP_MS";

/// For tests: caps the silence within a response, in milliseconds. The whole response may take
/// [`TOTAL_IN_SILENCES`] times as long, and the process may be without a page for
/// [`STANDSTILL_IN_SILENCES`] times as long.
const TIMEOUT_CAP: &str = "XERO_SOURCE_TIMEOUT_CAP_MS";
const TOTAL_IN_SILENCES: u32 = 10;
const STANDSTILL_IN_SILENCES: u32 = 40;

/// The HTTP client. Clones share connections.
#[derive(Clone, Debug)]
pub(crate) struct HttpClient {
    pub(crate) client: Client,
    /// A request fails if the server is silent for this time.
    pub(crate) longest_silence: Duration,
    /// No request is sent if the process has not received a page for this time.
    pub(crate) longest_standstill: Duration,
    /// Maximum pause before another attempt.
    pub(crate) pause_cap: Duration,
    pub(crate) memory: Memory,
}

impl HttpClient {
    /// Builds a client. `is_local` is true if the API is on this machine and therefore not Xero's.
    pub(crate) fn new(policy: RetryPolicy, is_local: bool) -> Result<HttpClient, Failure> {
        let (silence, total) = match policy {
            RetryPolicy::Interactive => (INTERACTIVE_SILENCE, INTERACTIVE_TOTAL),
            RetryPolicy::Unattended => (UNATTENDED_SILENCE, UNATTENDED_TOTAL),
        };
        let timeout_cap = cap(std::env::var(TIMEOUT_CAP).ok());
        let longest_silence = silence.min(timeout_cap);
        let builder = Client::builder()
            .user_agent(concat!("xero-source/", env!("CARGO_PKG_VERSION")))
            .tls_certs_only(certificates::roots()?)
            .no_proxy() // `proxy` reads the variables, because reqwest ignores invalid ones
            .default_headers(
                [(ACCEPT_ENCODING, HeaderValue::from_static("gzip"))]
                    .into_iter()
                    .collect(),
            )
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(longest_silence)
            .timeout(total.min(timeout_cap.saturating_mul(TOTAL_IN_SILENCES)))
            // Only XeroClient repeats requests. Redirects could send the token to another host.
            .retry(retry::never())
            .redirect(redirect::Policy::none());
        let client = match proxy::from_environment()? {
            Some(proxy) => builder.proxy(proxy).build(),
            None => builder.build(),
        };
        let client = client.map_err(|error| {
            Failure::system("The HTTP client could not be set up.").because(error)
        })?;
        Ok(HttpClient {
            client,
            longest_silence,
            longest_standstill: LONGEST_STANDSTILL
                .min(timeout_cap.saturating_mul(STANDSTILL_IN_SILENCES)),
            pause_cap: pause_cap(std::env::var(PAUSE_CAP).ok(), is_local),
            memory: Memory::default(),
        })
    }

    /// Sends a request and reads the whole response. A success with a body above the maximum of its
    /// kind is an error, and so is a body that is cut short.
    pub(crate) async fn send(
        &self,
        request: RequestBuilder,
        kind: BodyKind,
    ) -> Result<Response, TransportError> {
        let mut response = self.receive(request, kind).await?;
        self.unpack(&mut response, kind).await?;
        Ok(response)
    }

    /// Does the first part of [`HttpClient::send`]: a success keeps its body as it was received.
    pub(crate) async fn receive(
        &self,
        request: RequestBuilder,
        kind: BodyKind,
    ) -> Result<Response, TransportError> {
        let head = response::open(request).await?;
        match head.status() {
            200..300 => head.read_success(kind, &self.memory).await,
            _ => head.read_error().await,
        }
    }

    /// Does the second part of [`HttpClient::send`]: waits for memory and decompresses the body.
    pub(crate) async fn unpack(
        &self,
        response: &mut Response,
        kind: BodyKind,
    ) -> Result<(), TransportError> {
        response.unpack(kind, &self.memory).await
    }

    /// Sleeps before the next attempt.
    pub(crate) async fn pause(&self, pause: Duration) {
        tokio::time::sleep(pause.min(self.pause_cap)).await;
    }
}

fn pause_cap(variable: Option<String>, is_local: bool) -> Duration {
    cap(variable.filter(|_| is_local))
}

/// Reads a cap from the value of a variable. Without a value nothing is capped.
fn cap(variable: Option<String>) -> Duration {
    let millis = variable.and_then(|cap| cap.parse().ok());
    millis.map_or(Duration::MAX, Duration::from_millis)
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
