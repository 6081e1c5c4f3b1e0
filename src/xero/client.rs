//! Sends requests to Xero and repeats each one until it succeeds or no further attempt is allowed.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use reqwest::RequestBuilder;

use crate::config::Config;
use crate::excerpt::excerpt;
use crate::memory::MemoryPermit;
use crate::xero::auth::Auth;
use crate::xero::body::BodyKind;
use crate::xero::fault::{Fault, ParseError, RequestError};
use crate::xero::http::HttpClient;
use crate::xero::limit_status::{RateLimitStatus, WaitLog};
use crate::xero::listener::{Call, RequestListener, Subject, WaitReason};
use crate::xero::rate_limit::budget::Capacity;
use crate::xero::rate_limit::limiters::RateLimiters;
use crate::xero::request::ApiRequest;
use crate::xero::response::{self, Response, TransportError};
use crate::xero::retry::{self, Attempts, Outcome, RetryPolicy, Verdict};
use crate::xero::standstill::Standstill;
use crate::xero::tenants::TenantId;

/// Why a request is not sent any more.
const STANDSTILL: &str = "no page for an hour";

/// Sends requests to Xero.
#[derive(Debug)]
pub(crate) struct XeroClient {
    pub(crate) auth: Auth,
    http: HttpClient,
    /// The base URL of the API.
    base_url: String,
    listener: Box<dyn RequestListener>,
    policy: RetryPolicy,
    limiters: RateLimiters,
    standstill: Mutex<Standstill>,
    /// The organisations for which no request waits while they are offline: those that were still
    /// offline after all attempts of a request, because each has dozens of lists, which would all wait
    /// one after the other. See also [`XeroClient::do_not_wait_for`].
    offline: Mutex<HashSet<TenantId>>,
    /// The waits that were logged.
    wait_log: WaitLog,
}

impl XeroClient {
    /// Creates a client for the API that the config names.
    pub(crate) fn new(
        config: &Config,
        auth: Auth,
        http: HttpClient,
        listener: Box<dyn RequestListener>,
        policy: RetryPolicy,
    ) -> XeroClient {
        XeroClient {
            limiters: RateLimiters::new(
                config.daily_call_reserve,
                config.max_concurrent_calls,
                http.pause_cap,
                http.memory.clone(),
            ),
            auth,
            http,
            base_url: config.api_url.clone(),
            listener,
            policy,
            standstill: Mutex::default(),
            offline: Mutex::default(),
            wait_log: WaitLog::default(),
        }
    }

    /// Sends the request until `parse` accepts its body. A body that `parse` rejects is a failed
    /// attempt, because half a body and HTML pages of proxies come with status 200 too.
    pub(crate) async fn get<T, E: Into<ParseError>>(
        &self,
        request: &ApiRequest<'_>,
        parse: impl Fn(&[u8]) -> Result<T, E>,
    ) -> Result<T, RequestError> {
        let parsed = self.get_body(BodyKind::Other, request, parse).await;
        parsed.map(|(parsed, _)| parsed)
    }

    /// Does the same for a list, and also returns the memory permit of its body. The caller keeps
    /// the permit until the rows are written, and must not wait for another response meanwhile.
    /// There is no permit without a body, after a 304.
    pub(crate) async fn get_list<T, E: Into<ParseError>>(
        &self,
        request: &ApiRequest<'_>,
        parse: impl Fn(&[u8]) -> Result<T, E>,
    ) -> Result<(T, Option<MemoryPermit>), RequestError> {
        self.get_body(BodyKind::List, request, parse).await
    }

    async fn get_body<T, E: Into<ParseError>>(
        &self,
        kind: BodyKind,
        request: &ApiRequest<'_>,
        parse: impl Fn(&[u8]) -> Result<T, E>,
    ) -> Result<(T, Option<MemoryPermit>), RequestError> {
        let kind = match request.tenant {
            Some(_) => kind,
            None => BodyKind::Token,
        };
        let receive = async |http_request| (self.http.receive(http_request, kind).await, ());
        let read = async |response: &mut Result<Response, TransportError>, ()| {
            if let Ok(received) = response
                && let Err(error) = self.http.unpack(received, kind).await
            {
                *response = Err(error);
            }
            let parsed = body(request, response).map(&parse);
            let memory = response.as_mut().ok().and_then(Response::take_memory);
            parsed.map(|it| it.map(|parsed| (parsed, memory)))
        };
        self.send(request, receive, read).await
    }

    /// Sends one API request: waits for a permit of the rate limiters and attaches the access token.
    /// Repeats this until `receive` succeeds or no further attempt is allowed.
    ///
    /// Each attempt has a slot until its response is parsed. A renewal of the token needs no slot, so
    /// it may be awaited with one.
    ///
    /// `receive` sends the request, and the call ends with it. `read` may wait for memory, and reads
    /// the response and what `receive` left for it. `Some(Err)` counts as a failed attempt; `None`
    /// leaves the decision to the rate limiter and the retry policy.
    pub(crate) async fn send<L, T, E: Into<ParseError>>(
        &self,
        request: &ApiRequest<'_>,
        receive: impl AsyncFn(RequestBuilder) -> (Result<Response, TransportError>, L),
        read: impl AsyncFn(&mut Result<Response, TransportError>, L) -> Option<Result<T, E>>,
    ) -> Result<T, RequestError> {
        let subject = Subject {
            streams: request.streams,
            tenant: request.tenant,
        };
        let status = RateLimitStatus::new(&*self.listener, &self.wait_log, subject);
        let mut attempts = Attempts {
            is_one_of_many: request.is_one_of_many,
            ..Attempts::default()
        };
        let (mut is_renewed, mut is_reported) = (false, false);
        let began = Instant::now();
        let _in_progress = InProgress::new(&self.standstill, began);
        loop {
            let report = |limit, wait| {
                if !is_reported {
                    status.wait_started(limit, wait);
                }
            };
            let standstill = self.standstill().length(Instant::now());
            let longest = self.http.longest_standstill.saturating_sub(standstill);
            if longest.is_zero() {
                return Err(Fault::Unreachable(STANDSTILL.to_owned()).into());
            }
            let permit = (self.limiters).acquire(request.tenant, request.stream(), longest, report);
            let mut permit = permit.await?;
            // Takes the token after the wait for the permit, because a token may expire meanwhile.
            let token = self.auth.token().await.map_err(RequestError::Auth)?;
            let http_request = request.build(&self.http.client, &self.base_url, &token.secret);
            permit.sent(self.http.longest_silence);
            let sent = Instant::now();
            let (mut response, left) = receive(http_request).await;
            let took = sent.elapsed();
            if let Ok(response) = &response {
                // The bytes of a file are on the disk already.
                let memory = &self.http.memory;
                memory.count_received(request.stream(), response.body.len());
            }
            let slot = permit.ended(response.as_ref().ok().map(|response| &response.limits));
            let received = read(&mut response, left).await;
            drop(slot);
            self.report_call(subject, sent, took, &response);
            if let (Some(received), Ok(response)) = (request.received, &response) {
                received.set(response.received);
            }
            let unparsed;
            let outcome = match received {
                Some(Ok(received)) => {
                    status.page_received();
                    self.auth.accepted();
                    self.standstill().answered();
                    if let Some(tenant) = request.tenant {
                        self.offline().remove(tenant);
                    }
                    return Ok(received);
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
                None => response::outcome(&response),
            };
            let log_retry = |after: Duration| {
                let (why, seconds) = (describe(&outcome), after.as_secs_f64());
                tracing::warn!(
                    stream = request.stream(),
                    "{why}: trying again in {seconds:.1} s"
                );
            };
            let now = Instant::now();
            self.standstill().failed(sent);
            attempts.elapsed = now.saturating_duration_since(began);
            attempts.idle = self.standstill().length(now);
            if let Ok(response) = &response
                && let Some(limit) = response.limits.refused_by
            {
                let bounds = self.policy.wait_bounds(attempts.elapsed, attempts.idle);
                let report = |wait| status.refused(limit, wait, log_retry);
                let (limiters, headers) = (&self.limiters, &response.limits);
                is_reported = limiters
                    .wait_after_refusal(request.tenant, limit, headers, bounds, report)
                    .await
                    .inspect_err(|_| log_correlation(request, response))?;
                is_renewed = false;
                request.count_retry();
                continue;
            }
            attempts.failed += 1;
            let is_offline = |tenant: &TenantId| self.offline().contains(tenant);
            attempts.is_known_offline = request.tenant.is_some_and(is_offline);
            match retry::judge(attempts, self.policy, &outcome, fastrand::f64()) {
                Verdict::Retry { after } => {
                    log_retry(after);
                    let reason = describe(&outcome);
                    self.listener
                        .wait_started(subject, after, WaitReason::Fault(&reason));
                    self.http.pause(after).await;
                    (is_renewed, is_reported) = (false, false);
                }
                // The token is renewed once. A token that is new and still unknown to Xero is not
                // renewed again, because each renewal spends a refresh token.
                Verdict::RenewToken { expired }
                    if !is_renewed && (expired || token.is_from_config) =>
                {
                    self.auth.renew(&token).await.map_err(RequestError::Auth)?;
                    is_renewed = true;
                }
                Verdict::RenewToken { .. } => return Err(Fault::TokenRefused.into()),
                Verdict::Fail(fault) => {
                    if matches!(fault, Fault::OrganisationOffline) {
                        self.offline().extend(request.tenant.cloned());
                    }
                    if let Ok(response) = &response {
                        log_correlation(request, response);
                        // Xero answers. It only refuses this request.
                        if is_refusal(response.status) {
                            self.standstill().answered();
                        }
                    }
                    return Err(fault.into());
                }
            }
            request.count_retry();
        }
    }

    fn report_call(
        &self,
        subject: Subject<'_>,
        sent: Instant,
        took: Duration,
        response: &Result<Response, TransportError>,
    ) {
        let response = response.as_ref().ok();
        let call = Call {
            sent,
            took,
            status: response.map(|it| it.status),
            received: response.map_or(0, |it| it.received),
            decompressed: response.map_or(0, |it| it.decompressed),
            minute_remaining: response.and_then(|it| it.limits.minute_remaining),
            day_remaining: response.and_then(|it| it.limits.day_remaining),
            capacity: subject.tenant.map(|tenant| self.capacity(tenant)),
        };
        self.listener.call_ended(subject, &call);
    }

    fn standstill(&self) -> MutexGuard<'_, Standstill> {
        locked(&self.standstill)
    }

    /// Lets requests fail at once while one of these organisations is offline, until it has answered a
    /// request.
    pub(crate) fn do_not_wait_for<'t>(&self, tenants: impl Iterator<Item = &'t TenantId>) {
        self.offline().extend(tenants.cloned());
    }

    fn offline(&self) -> MutexGuard<'_, HashSet<TenantId>> {
        self.offline.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the number of calls that the limits of an organisation allow now.
    pub(crate) fn capacity(&self, tenant: &TenantId) -> Capacity {
        self.limiters.capacity(tenant)
    }
}

/// A request with all its attempts. Dropping it ends the request.
struct InProgress<'a>(&'a Mutex<Standstill>);

impl InProgress<'_> {
    fn new(standstill: &Mutex<Standstill>, now: Instant) -> InProgress<'_> {
        locked(standstill).began(now);
        InProgress(standstill)
    }
}

impl Drop for InProgress<'_> {
    fn drop(&mut self) {
        locked(self.0).ended(Instant::now());
    }
}

fn locked(standstill: &Mutex<Standstill>) -> MutexGuard<'_, Standstill> {
    standstill.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether the status tells that Xero refuses a request. 408 tells that a server on the way has waited
/// too long.
fn is_refusal(status: u16) -> bool {
    (400..500).contains(&status) && status != 408
}

/// Returns the body if the response should contain a page.
fn body<'a>(
    request: &'a ApiRequest<'_>,
    response: &'a Result<Response, TransportError>,
) -> Option<&'a [u8]> {
    match response {
        Ok(response) if response.status == 200 => Some(&response.body),
        Ok(response) if response.status == 304 => Some(request.unchanged_body.as_bytes()),
        _ => None,
    }
}

fn describe(outcome: &Outcome<'_>) -> String {
    match outcome {
        Outcome::Status {
            status, problem, ..
        } => format!("Xero answered {}", problem.with_status(*status)),
        Outcome::BadBody(why)
        | Outcome::Oversized(why)
        | Outcome::Network(why)
        | Outcome::Tls(why) => (*why).to_owned(),
        Outcome::TooLarge => "the response is too large".to_owned(),
    }
}

/// Logs the id by which Xero's support finds a call.
fn log_correlation(request: &ApiRequest<'_>, response: &Response) {
    if let Some(id) = &response.correlation_id {
        let id = excerpt(id);
        tracing::debug!(
            stream = request.stream(),
            "failed with Xero-Correlation-Id {id}"
        );
    }
}

#[cfg(test)]
mod tests;
