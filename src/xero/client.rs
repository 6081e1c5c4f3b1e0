//! Sends requests to Xero until each has its page or fails for good.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use reqwest::RequestBuilder;

use crate::config::Config;
use crate::excerpt::excerpt;
use crate::memory::MemoryPermit;
use crate::xero::auth::Auth;
use crate::xero::body::{LARGEST, LARGEST_ABOUT_TOKEN, LARGEST_DOCUMENT};
use crate::xero::fault::{Fault, ParseError, RequestError};
use crate::xero::rate_limit::budget::Capacity;
use crate::xero::rate_limit::limiter::RateLimiter;
use crate::xero::rate_limit::status::{RateLimitListener, RateLimitStatus};
use crate::xero::rate_limit::usage::Usage;
use crate::xero::request::Call;
use crate::xero::retry::{self, Attempts, LONGEST_STANDSTILL, Outcome, RetryPolicy, Verdict};
use crate::xero::tenants::TenantId;
use crate::xero::transport::{self, Broken, Http, Reply};

/// Sends requests to Xero.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) auth: Auth,
    http: Http,
    /// The base URL of the API.
    api: String,
    listener: Box<dyn RateLimitListener>,
    policy: RetryPolicy,
    /// Calls of the day that are left to other programs.
    reserve: u32,
    /// The rate limiters, by organisation. Requests about the token itself share one.
    limiters: Mutex<HashMap<Option<TenantId>, Arc<RateLimiter>>>,
    /// When the last page was received.
    last_page: Mutex<Instant>,
    /// What the requests cost so far.
    pub(crate) usage: Usage,
}

impl Client {
    /// A client for the API that the config names.
    pub(crate) fn new(
        config: &Config,
        auth: Auth,
        http: Http,
        listener: Box<dyn RateLimitListener>,
        policy: RetryPolicy,
    ) -> Client {
        Client {
            auth,
            http,
            api: config.api_url.clone(),
            listener,
            policy,
            reserve: config.daily_call_reserve,
            limiters: Mutex::default(),
            last_page: Mutex::new(Instant::now()),
            usage: Usage::default(),
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

    /// Sends one API request: waits for a permit of the rate limiter, attaches the access token,
    /// and repeats until `receive` has what it wants or no further attempt is allowed.
    ///
    /// `receive` sends the request. `Some(Err)` counts as a failed attempt; `None` leaves the
    /// decision to the rate limiter and the retry policy.
    pub(crate) async fn exchange<T, E: Into<ParseError>>(
        &self,
        call: &Call<'_>,
        receive: impl AsyncFn(RequestBuilder) -> (Result<Reply, Broken>, Option<Result<T, E>>),
    ) -> Result<T, RequestError> {
        let limiter = self.limiter(call.tenant);
        let status = RateLimitStatus::new(&*self.listener, &self.usage, call.stream);
        let mut attempts = Attempts {
            is_one_of_many: call.is_one_of_many,
            ..Attempts::default()
        };
        let (mut is_renewed, mut is_reported) = (false, false);
        let began = Instant::now();
        loop {
            let report = |wait| {
                if !is_reported {
                    status.wait_started(wait);
                }
            };
            let longest = LONGEST_STANDSTILL.saturating_sub(self.idle());
            let mut permit = limiter.acquire(longest, report).await?;
            // Only now: a token may have ended while the request waited for the permit.
            let token = self.auth.token().await.map_err(RequestError::Auth)?;
            let request = call.request(&self.http.client, &self.api, &token.secret);
            permit.sent(self.http.longest_silence);
            let (reply, wanted) = receive(request).await;
            self.count(&reply);
            permit.ended(reply.as_ref().ok().map(|reply| &reply.limits));
            let unparsed;
            let outcome = match wanted {
                Some(Ok(wanted)) => {
                    status.page_received();
                    *self.last_page() = Instant::now();
                    return Ok(wanted);
                }
                Some(Err(error)) => match error.into() {
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
            let log_retry = |after: Duration| {
                let (why, seconds) = (describe(&outcome), after.as_secs_f64());
                tracing::warn!(
                    stream = call.stream,
                    "{why}: trying again in {seconds:.1} s"
                );
            };
            (attempts.elapsed, attempts.idle) = (began.elapsed(), self.idle());
            if let Ok(reply) = &reply
                && let Some(limit) = reply.limits.refused
            {
                let bounds = self.policy.wait_bounds(attempts.elapsed, attempts.idle);
                let report = |wait| {
                    log_retry(wait);
                    status.wait_started(wait);
                };
                let waited = limiter.wait_after_refusal(limit, &reply.limits, bounds, report);
                is_reported = waited.await.inspect_err(|_| log_correlation(call, reply))?;
                is_renewed = false;
                call.again();
                continue;
            }
            attempts.failed += 1;
            match retry::judge(attempts, self.policy, &outcome, fastrand::f64()) {
                Verdict::Retry { after } => {
                    log_retry(after);
                    self.usage.count_wait(Instant::now(), after);
                    self.http.pause(after).await;
                    (is_renewed, is_reported) = (false, false);
                }
                // The token is renewed once. A token that is new and still unknown to Xero is not
                // renewed again, because each renewal spends a refresh token.
                Verdict::RenewToken { expired } if !is_renewed && (expired || token.is_old()) => {
                    self.auth.renew(&token).await.map_err(RequestError::Auth)?;
                    is_renewed = true;
                }
                Verdict::RenewToken { .. } => return Err(Fault::TokenRefused.into()),
                Verdict::Fail(fault) => {
                    if let Ok(reply) = &reply {
                        log_correlation(call, reply);
                    }
                    return Err(fault.into());
                }
            }
            call.again();
        }
    }

    fn count(&self, reply: &Result<Reply, Broken>) {
        self.usage.count_call();
        if let Ok(reply) = reply {
            let (received, day_left) = (reply.received, reply.limits.day_left);
            self.usage
                .count_response(received, reply.unpacked, day_left);
        }
    }

    /// The time since the process last received a page.
    fn idle(&self) -> Duration {
        self.last_page().elapsed()
    }

    fn last_page(&self) -> MutexGuard<'_, Instant> {
        self.last_page
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// What the limits of an organisation allow now.
    pub(crate) fn capacity(&self, tenant: &TenantId) -> Capacity {
        self.limiter(Some(tenant)).capacity()
    }

    /// The rate limiter of an organisation, or of requests about the token itself.
    fn limiter(&self, tenant: Option<&TenantId>) -> Arc<RateLimiter> {
        let mut limiters = self.limiters.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(RateLimiter::new(self.reserve, self.http.pause_cap));
        limiters.entry(tenant.cloned()).or_insert_with(new).clone()
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

/// Logs the id by which Xero's support finds a call.
fn log_correlation(call: &Call<'_>, reply: &Reply) {
    if let Some(id) = &reply.correlation {
        let id = excerpt(id);
        tracing::debug!(stream = call.stream, "failed with Xero-Correlation-Id {id}");
    }
}
