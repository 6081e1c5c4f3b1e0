//! One call of Xero's API from leave to page: budget, token, request, verdict,
//! and again, until there is a page or a fault.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::DateTime;
use reqwest::Url;
use reqwest::header::{ACCEPT, IF_MODIFIED_SINCE};

use crate::auth::{Auth, Token};
use crate::emit::Emitter;
use crate::failure::Failure;
use crate::gate::Gate;
use crate::http::{self, Http, Reply};
use crate::limits::{Limit, Limits};
use crate::protocol::{Message, now_millis};
use crate::retry::{self, Fault, Outcome, Patience, Verdict};
use crate::tally::Tally;

/// Waits shorter than this are nobody's business.
const WORTH_TELLING: Duration = Duration::from_secs(1);

/// 1753-01-01: an earlier `If-Modified-Since` makes Xero's database fail with a 500.
const EARLIEST: i64 = -6_847_804_800;

/// Calls Xero.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) auth: Auth,
    http: Http,
    api: String,
    emitter: Emitter,
    patience: Patience,
    gates: Mutex<HashMap<String, Arc<Gate>>>,
    /// What the calls cost so far.
    pub(crate) tally: Tally,
}

/// One call.
#[derive(Debug, Default)]
pub(crate) struct Call<'a> {
    /// Below the API's base URL.
    pub(crate) path: String,
    /// Query parameters.
    pub(crate) query: Vec<(&'a str, String)>,
    /// `xero-tenant-id`; without one the call is about the token itself and no limit of an organisation holds.
    pub(crate) tenant: Option<&'a str>,
    /// `If-Modified-Since`, seconds since the epoch.
    pub(crate) modified_since: Option<i64>,
    /// Whose status tells of waits.
    pub(crate) stream: Option<&'static str>,
}

/// Why there is no page.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// No token could be had; said in full.
    Auth(Failure),
    /// Xero did not give the page; to be put into words by who knows the stream.
    Fault(Fault),
}

impl Client {
    /// A client for the API at `api`, without a slash at its end.
    pub(crate) fn new(
        api: &str,
        auth: Auth,
        http: Http,
        emitter: Emitter,
        patience: Patience,
    ) -> Client {
        Client {
            auth,
            http,
            api: api.to_owned(),
            emitter,
            patience,
            gates: Mutex::default(),
            tally: Tally::default(),
        }
    }

    /// Makes the call until `parse` accepts its body. What `parse` refuses is a
    /// failed attempt: half a body and a page for browsers also come with 200.
    pub(crate) async fn get<T>(
        &self,
        call: &Call<'_>,
        parse: impl Fn(&[u8]) -> Result<T, String>,
    ) -> Result<T, Trouble> {
        let gate = call.tenant.map(|tenant| self.gate(tenant));
        let mut token = self.auth.token().await.map_err(Trouble::Auth)?;
        let mut renewed = false;
        let mut attempt = 0;
        loop {
            attempt += 1;
            if let Some(gate) = &gate {
                let entered = gate
                    .enter(|wait| self.tell_wait(call, wait, Limit::Minute))
                    .await;
                entered.map_err(|until| Trouble::Fault(Fault::DayLimit(until)))?;
            }
            let reply = self.send(call, &token).await;
            if let Some(gate) = &gate {
                gate.leave(
                    reply
                        .as_ref()
                        .map_or(&Limits::default(), |reply| &reply.limits),
                );
            }
            let unparsed;
            let outcome = match &reply {
                Ok(reply) if reply.status == 200 => match parse(&reply.body) {
                    Ok(page) => return Ok(page),
                    Err(why) => {
                        unparsed = why;
                        Outcome::BadBody(&unparsed)
                    }
                },
                Ok(Reply {
                    status,
                    limits,
                    problem,
                    ..
                }) => Outcome::Status {
                    status: *status,
                    limits,
                    problem,
                },
                Err(broken) => broken.outcome(),
            };
            match retry::judge(attempt, self.patience, &outcome, fastrand::f64()) {
                Verdict::Retry { after, limit } => {
                    self.wait_to_retry(call, gate.as_deref(), after, limit, &outcome)
                        .await
                }
                Verdict::RenewToken if renewed => return Err(Trouble::Fault(Fault::TokenRefused)),
                Verdict::RenewToken => {
                    token = self.auth.renew(&token).await.map_err(Trouble::Auth)?;
                    renewed = true;
                }
                Verdict::Fail(fault) => {
                    if let Ok(Reply {
                        correlation: Some(id),
                        ..
                    }) = &reply
                    {
                        tracing::debug!(
                            stream = call.stream,
                            "call failed, Xero-Correlation-Id {id}"
                        );
                    }
                    if let (Fault::DayLimit(pause), Some(gate)) = (&fault, &gate) {
                        gate.spend_day(*pause);
                    }
                    return Err(Trouble::Fault(fault));
                }
            }
        }
    }

    async fn send(&self, call: &Call<'_>, token: &Token) -> Result<Reply, http::Broken> {
        let request = self
            .http
            .client
            .get(self.url(call))
            .bearer_auth(token.secret.expose());
        // Without it Xero answers in XML.
        let mut request = request.header(ACCEPT, "application/json");
        if let Some(tenant) = call.tenant {
            request = request.header("xero-tenant-id", tenant);
        }
        let since = call.modified_since.map(|since| since.max(EARLIEST));
        if let Some(since) = since.and_then(|since| DateTime::from_timestamp(since, 0)) {
            // The documented form has no zone, the published OpenAPI demands one; Xero's own SDKs send Z.
            let since = since.format("%Y-%m-%dT%H:%M:%SZ").to_string();
            request = request.header(IF_MODIFIED_SINCE, since);
        }
        let reply = http::send(request).await;
        self.tally.call(reply.as_ref().ok());
        reply
    }

    fn url(&self, call: &Call<'_>) -> String {
        let address = format!("{}{}", self.api, call.path);
        if call.query.is_empty() {
            return address;
        }
        match Url::parse_with_params(&address, &call.query) {
            // A space is written as + in forms; in Xero's examples it is %20.
            Ok(url) => url.as_str().replace('+', "%20"),
            Err(_) => address,
        }
    }

    fn gate(&self, tenant: &str) -> Arc<Gate> {
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        gates.entry(tenant.to_owned()).or_default().clone()
    }

    async fn wait_to_retry(
        &self,
        call: &Call<'_>,
        gate: Option<&Gate>,
        after: Duration,
        limit: Option<Limit>,
        outcome: &Outcome<'_>,
    ) {
        let why = match outcome {
            Outcome::Status {
                status, problem, ..
            } => format!("Xero answered {status} {}", problem.text),
            Outcome::BadBody(why) | Outcome::Network(why) | Outcome::Certificate(why) => {
                (*why).to_owned()
            }
        };
        tracing::warn!(
            stream = call.stream,
            "{}: trying again in {:.1} s",
            why.trim(),
            after.as_secs_f64()
        );
        match (limit, gate) {
            // The limit holds for the organisation's other calls as well; the gate makes all of them wait.
            (Some(Limit::Minute | Limit::AppMinute), Some(gate)) => {
                self.tell_wait(call, after, Limit::Minute);
                gate.close(self.http.capped(after));
            }
            _ => {
                self.tally.wait(after);
                self.http.pause(after).await;
            }
        }
    }

    fn tell_wait(&self, call: &Call<'_>, wait: Duration, limit: Limit) {
        self.tally.wait(wait);
        if wait < WORTH_TELLING {
            return;
        }
        tracing::info!(
            stream = call.stream,
            "waiting {:.0} s for Xero's limit ({limit:?})",
            wait.as_secs_f64()
        );
        if let Some(stream) = call.stream {
            let reset = now_millis() + wait.as_millis() as i64;
            self.emitter.send(Message::rate_limited(stream, reset));
        }
    }
}
