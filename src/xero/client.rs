//! One call of Xero's API from leave to page: budget, token, request, verdict,
//! and again, until there is a page or a fault.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use reqwest::RequestBuilder;

use crate::airbyte::emit::Emitter;
use crate::config::Config;
use crate::excerpt::excerpt;
use crate::memory::MemoryPermit;
use crate::xero::auth::Auth;
use crate::xero::body::{LARGEST, LARGEST_ABOUT_TOKEN, LARGEST_DOCUMENT};
use crate::xero::fault::{Fault, ParseError, RequestError};
use crate::xero::patience::LONGEST_STANDSTILL;
use crate::xero::rate_limit::budget::Room;
use crate::xero::rate_limit::headers::Limit;
use crate::xero::rate_limit::limiter::{Gate, Pass};
use crate::xero::rate_limit::usage::Tally;
use crate::xero::rate_limit::waiting::Waiting;
use crate::xero::request::Call;
use crate::xero::retry::{self, Outcome, Patience, Tries, Verdict};
use crate::xero::transport::{self, Broken, Http, Reply};

/// Calls Xero.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) auth: Auth,
    http: Http,
    api: String,
    emitter: Emitter,
    patience: Patience,
    /// Calls of the day that are left to others.
    reserve: u32,
    gates: Mutex<HashMap<String, Arc<Gate>>>,
    /// When the last page came.
    page: Mutex<Instant>,
    /// What the calls cost so far.
    pub(crate) tally: Tally,
}

impl Client {
    /// A client for the API that the config names.
    pub(crate) fn new(
        config: &Config,
        auth: Auth,
        http: Http,
        emitter: Emitter,
        patience: Patience,
    ) -> Client {
        Client {
            auth,
            http,
            api: config.api_url.clone(),
            emitter,
            patience,
            reserve: config.daily_call_reserve,
            gates: Mutex::default(),
            page: Mutex::new(Instant::now()),
            tally: Tally::default(),
        }
    }

    /// Makes the call until `parse` accepts its body. What `parse` refuses is a
    /// failed attempt: half a body and a page for browsers also come with 200.
    pub(crate) async fn get<T, E: Into<ParseError>>(
        &self,
        call: &Call<'_>,
        parse: impl Fn(&[u8]) -> Result<T, E>,
    ) -> Result<T, RequestError> {
        let got = self.get_at_most(LARGEST_DOCUMENT, call, parse).await;
        got.map(|(parsed, _)| parsed)
    }

    /// The same for an answer with a list, and the room that a large one takes: it is to be
    /// held until the rows are written, and let go before anything else is waited for.
    pub(crate) async fn list<T, E: Into<ParseError>>(
        &self,
        call: &Call<'_>,
        parse: impl Fn(&[u8]) -> Result<T, E>,
    ) -> Result<(T, Option<MemoryPermit>), RequestError> {
        self.get_at_most(LARGEST, call, parse).await
    }

    async fn get_at_most<T, E: Into<ParseError>>(
        &self,
        most: usize,
        call: &Call<'_>,
        parse: impl Fn(&[u8]) -> Result<T, E>,
    ) -> Result<(T, Option<MemoryPermit>), RequestError> {
        let most = match call.tenant {
            Some(_) => most,
            None => LARGEST_ABOUT_TOKEN,
        };
        let receive = async |request| {
            let mut reply = self.http.send(request, most).await;
            let parsed = body(call, &reply).map(&parse);
            let held = reply.as_mut().ok().and_then(Reply::take_room);
            (reply, parsed.map(|it| it.map(|parsed| (parsed, held))))
        };
        self.exchange(call, receive).await
    }

    /// Makes the call until `receive` has what it wants of an answer. What it refuses
    /// is a failed attempt, and an answer that it has nothing to say of is judged.
    pub(crate) async fn exchange<T, E: Into<ParseError>>(
        &self,
        call: &Call<'_>,
        receive: impl AsyncFn(RequestBuilder) -> (Result<Reply, Broken>, Option<Result<T, E>>),
    ) -> Result<T, RequestError> {
        let gate = self.gate(call.tenant.unwrap_or_default());
        let mut tries = Tries::default();
        let (mut renewed, mut told) = (false, false);
        let began = Instant::now();
        let waiting = Waiting::new(&self.emitter, &self.tally, call.stream);
        loop {
            let mut pass = self.enter(&gate, told, &waiting).await?;
            // After the wait for leave, during which a token may have ended.
            let token = self.auth.token().await.map_err(RequestError::Auth)?;
            let request = call.request(&self.http.client, &self.api, &token.secret);
            pass.sent(self.http.longest_silence);
            let (reply, wanted) = receive(request).await;
            self.tally.call(reply.as_ref().ok());
            pass.ended(reply.as_ref().ok().map(|reply| &reply.limits));
            let unparsed;
            let outcome = match wanted {
                Some(Ok(wanted)) => {
                    waiting.over();
                    *self.last_page() = Instant::now();
                    return Ok(wanted);
                }
                Some(Err(unread)) => match unread.into() {
                    ParseError::TooLarge => Outcome::TooLarge,
                    ParseError::Invalid(why) => {
                        unparsed = why;
                        Outcome::BadBody(&unparsed)
                    }
                    ParseError::Oversized(why) => {
                        unparsed = why;
                        Outcome::Oversized(&unparsed)
                    }
                },
                None => transport::outcome(&reply),
            };
            tries.count(&outcome);
            tries.limits = gate.refusals();
            tries.is_one_of_many = call.is_one_of_many;
            (tries.spent, tries.idle) = (began.elapsed(), self.idle());
            match retry::judge(tries, self.patience, &outcome, fastrand::f64()) {
                Verdict::Retry { after, limit } => {
                    let why = describe(&outcome);
                    tracing::warn!(
                        stream = call.stream,
                        "{why}: trying again in {:.1} s",
                        after.as_secs_f64()
                    );
                    told = self.wait(&gate, after, limit, &waiting).await;
                    renewed = false;
                    call.again();
                }
                // Another token is asked for once, and a fresh one that Xero does
                // not know is not exchanged for yet another: each costs a rotation.
                Verdict::RenewToken { expired } if !renewed && (expired || token.is_old()) => {
                    self.auth.renew(&token).await.map_err(RequestError::Auth)?;
                    renewed = true;
                    call.again();
                }
                Verdict::RenewToken { .. } => return Err(RequestError::Fault(Fault::TokenRefused)),
                Verdict::Fail(fault) => {
                    note_correlation(call, &reply);
                    return Err(RequestError::Fault(fault));
                }
            }
        }
    }

    /// Waits for leave, announcing the wait unless it was `told` already.
    async fn enter(
        &self,
        gate: &Arc<Gate>,
        told: bool,
        waiting: &Waiting<'_>,
    ) -> Result<Pass, RequestError> {
        let tell = |wait| {
            if !told {
                waiting.tell(wait);
            }
        };
        let longest = LONGEST_STANDSTILL.saturating_sub(self.idle());
        let entered = gate.enter(longest, tell).await;
        entered.map_err(RequestError::Fault)
    }

    /// Waits before the next attempt, or lets the gate wait; whether the wait was announced.
    async fn wait(
        &self,
        gate: &Gate,
        after: Duration,
        limit: Option<Limit>,
        waiting: &Waiting<'_>,
    ) -> bool {
        match limit {
            Some(_) => waiting.tell(after),
            None => self.tally.wait(Instant::now(), after),
        }
        // The limit holds for the organisation's other calls as well; the gate makes all of them wait.
        let of_all = matches!(limit, Some(Limit::Minute | Limit::AppMinute));
        match of_all {
            true => gate.close(self.http.capped(after)),
            false => self.http.pause(after).await,
        }
        of_all
    }

    /// How long the process has brought nothing.
    fn idle(&self) -> Duration {
        self.last_page().elapsed()
    }

    fn last_page(&self) -> MutexGuard<'_, Instant> {
        self.page.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What an organisation's limits have room for now: whoever plans calls asks it first.
    pub(crate) fn room(&self, tenant: &str) -> Room {
        self.gate(tenant).room()
    }

    /// The gate of an organisation; calls about the token itself share one of their own.
    fn gate(&self, tenant: &str) -> Arc<Gate> {
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        let gate = || Arc::new(Gate::new(self.reserve));
        gates.entry(tenant.to_owned()).or_insert_with(gate).clone()
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
        Outcome::BadBody(why)
        | Outcome::Oversized(why)
        | Outcome::Network(why)
        | Outcome::Tls(why) => (*why).to_owned(),
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
        let id = excerpt(id);
        tracing::debug!(stream = call.stream, "failed with Xero-Correlation-Id {id}");
    }
}
