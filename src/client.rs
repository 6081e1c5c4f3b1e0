//! One call of Xero's API from leave to page: budget, token, request, verdict,
//! and again, until there is a page or a fault.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::auth::Auth;
use crate::call::Call;
use crate::emit::Emitter;
use crate::failure::Failure;
use crate::gate::{Gate, Pass};
use crate::http::{self, Broken, Http, Reply};
use crate::limits::Limit;
use crate::protocol::{Message, now_millis};
use crate::retry::{self, Fault, Outcome, Patience, Tries, Verdict};
use crate::tally::Tally;

/// Waits shorter than this are nobody's business.
const WORTH_TELLING: Duration = Duration::from_secs(1);

pub(crate) struct Room {
    pub(crate) calls_now: usize,
    pub(crate) latency: Duration,
}
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

/// Why there is no page.
#[derive(Clone, Debug)]
pub(crate) enum Trouble {
    /// No token could be had; said in full.
    Auth(Failure),
    /// Xero did not give the page; to be put into words by who knows the stream.
    Fault(Fault),
}

impl Trouble {
    /// The failure, its fault put into words by `explain`.
    pub(crate) fn told(self, explain: impl FnOnce(Fault) -> Failure) -> Failure {
        match self {
            Trouble::Auth(failure) => failure,
            Trouble::Fault(fault) => explain(fault),
        }
    }
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

    pub(crate) fn room(&self, _tenant: &str) -> Room {
        Room {
            calls_now: 0,
            latency: Duration::ZERO,
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
        let mut tries = Tries::default();
        let mut renewed = false;
        let mut told = false;
        loop {
            let pass = self.enter(call, gate.as_deref(), told).await?;
            // After the wait for leave, during which a token may have ended.
            let token = self.auth.token().await.map_err(Trouble::Auth)?;
            let request = call.request(&self.http.client, &self.api, &token.secret);
            let reply = http::send(request).await;
            self.tally.call(reply.as_ref().ok());
            if let (Some(pass), Ok(reply)) = (pass, &reply) {
                pass.answered(&reply.limits);
            }
            let unparsed;
            let outcome = match body(call, &reply).map(&parse) {
                Some(Ok(page)) => return Ok(page),
                Some(Err(why)) => {
                    unparsed = why;
                    Outcome::BadBody(&unparsed)
                }
                None => http::outcome(&reply),
            };
            tries.count(&outcome);
            match retry::judge(tries, self.patience, &outcome, fastrand::f64()) {
                Verdict::Retry { after, limit } => {
                    let why = describe(&outcome);
                    tracing::warn!(
                        stream = call.stream,
                        "{why}: trying again in {:.1} s",
                        after.as_secs_f64()
                    );
                    told = self.wait(call, gate.as_deref(), after, limit).await;
                    renewed = false;
                }
                // Another token is asked for once, and a fresh one that Xero does
                // not know is not exchanged for yet another: each costs a rotation.
                Verdict::RenewToken { expired } if !renewed && (expired || token.is_old()) => {
                    self.auth.renew(&token).await.map_err(Trouble::Auth)?;
                    renewed = true;
                }
                Verdict::RenewToken { .. } => return Err(Trouble::Fault(Fault::TokenRefused)),
                Verdict::Fail(fault) => {
                    note_correlation(call, &reply);
                    if let (Fault::DayLimit(pause), Some(gate)) = (&fault, &gate) {
                        gate.spend_day(*pause);
                    }
                    return Err(Trouble::Fault(fault));
                }
            }
        }
    }

    /// Waits for leave, announcing the wait unless it was `told` already.
    async fn enter<'g>(
        &self,
        call: &Call<'_>,
        gate: Option<&'g Gate>,
        told: bool,
    ) -> Result<Option<Pass<'g>>, Trouble> {
        let Some(gate) = gate else { return Ok(None) };
        let tell = |wait| {
            if !told {
                self.tell_wait(call, wait);
            }
        };
        let entered = gate.enter(tell).await;
        let spent = |until| Trouble::Fault(Fault::DayLimit(until));
        entered.map(Some).map_err(spent)
    }

    /// Waits before the next attempt, or lets the gate wait; whether the wait was announced.
    async fn wait(
        &self,
        call: &Call<'_>,
        gate: Option<&Gate>,
        after: Duration,
        limit: Option<Limit>,
    ) -> bool {
        match (limit, gate) {
            // The limit holds for the organisation's other calls as well; the gate makes all of them wait.
            (Some(Limit::Minute | Limit::AppMinute), Some(gate)) => {
                self.tell_wait(call, after);
                gate.close(self.http.capped(after));
                true
            }
            _ => {
                self.tally.wait(after);
                self.http.pause(after).await;
                false
            }
        }
    }

    fn tell_wait(&self, call: &Call<'_>, wait: Duration) {
        self.tally.wait(wait);
        if wait < WORTH_TELLING {
            return;
        }
        let seconds = wait.as_secs_f64();
        tracing::info!(
            stream = call.stream,
            "waiting {seconds:.0} s for Xero's limits"
        );
        if let Some(stream) = call.stream {
            let reset = now_millis() + wait.as_millis() as i64;
            self.emitter.send(Message::rate_limited(stream, reset));
        }
    }

    fn gate(&self, tenant: &str) -> Arc<Gate> {
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        gates.entry(tenant.to_owned()).or_default().clone()
    }
}

/// The body of an answer that should be a page.
fn body<'a>(call: &'a Call<'_>, reply: &'a Result<Reply, Broken>) -> Option<&'a [u8]> {
    match reply {
        Ok(reply) if reply.status == 200 => Some(&reply.body),
        Ok(reply) if reply.status == 304 => Some(call.unchanged.as_bytes()),
        _ => None,
    }
}

fn describe(outcome: &Outcome<'_>) -> String {
    match outcome {
        Outcome::Status {
            status, problem, ..
        } => format!("Xero answered {}", problem.with(*status)),
        Outcome::BadBody(why) | Outcome::Network(why) | Outcome::Tls(why) => (*why).to_owned(),
        Outcome::TooLarge => "the answer is too large".to_owned(),
    }
}

/// Xero's support finds a call by this id.
fn note_correlation(call: &Call<'_>, reply: &Result<Reply, Broken>) {
    if let Ok(Reply {
        correlation: Some(id),
        ..
    }) = reply
    {
        tracing::debug!(stream = call.stream, "failed with Xero-Correlation-Id {id}");
    }
}
