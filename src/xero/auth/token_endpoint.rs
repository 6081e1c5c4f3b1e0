//! Sends requests of an app to Xero's token endpoint and its neighbours, and repeats each one until
//! there is a final answer.

use std::time::Duration;

use form_urlencoded::Serializer;
use reqwest::header::CONTENT_TYPE;
use tokio::time::Instant;

use crate::config::App;
use crate::failure::Failure;
use crate::secret::Secret;
use crate::xero::auth::store::TokenSet;
use crate::xero::auth::token_response::{self, TokenResponse};
use crate::xero::body::BodyKind;
use crate::xero::fault::Fault;
use crate::xero::http::HttpClient;
use crate::xero::rate_limit::retry_after;
use crate::xero::response;
use crate::xero::retry::{self, Attempts, Outcome, RetryPolicy, Verdict};

/// The path that issues tokens.
const TOKEN: &str = "/connect/token";
/// The path that revokes tokens.
const REVOCATION: &str = "/connect/revocation";

/// The form fields of a request.
type Form<'a> = [(&'static str, &'a str)];

/// Xero's token endpoint.
#[derive(Debug)]
pub(crate) struct TokenEndpoint {
    http: HttpClient,
    identity_url: String,
    policy: RetryPolicy,
}

/// What the body of a success means.
enum Body<T> {
    Complete(T),
    Failed(Failure),
    /// Another attempt may bring a complete body.
    Unreadable,
}

impl TokenEndpoint {
    /// Prepares requests. `identity_url` is the base URL of the endpoint.
    pub(crate) fn new(identity_url: &str, http: HttpClient, policy: RetryPolicy) -> TokenEndpoint {
        TokenEndpoint {
            http,
            identity_url: identity_url.to_owned(),
            policy,
        }
    }

    /// Requests tokens. `doing` names the activity in failures, and `refusal` explains a status and a
    /// body that another attempt would not change.
    pub(super) async fn request(
        &self,
        app: &App,
        form: &Form<'_>,
        doing: &str,
        refusal: impl Fn(u16, &[u8]) -> Failure,
    ) -> Result<TokenSet, Failure> {
        let read = |body: &[u8]| match TokenResponse::read(body) {
            TokenResponse::Tokens(tokens) => Body::Complete(tokens),
            TokenResponse::NoToken => Body::Failed(token_response::without_token()),
            TokenResponse::Unreadable => Body::Unreadable,
        };
        self.post(TOKEN, app, form, doing, read, refusal).await
    }

    /// Revokes a refresh token. Xero then removes the app's connections to the organisations of the
    /// user who consented. Source: developer.xero.com, "Token types", revoking tokens.
    pub(crate) async fn revoke(&self, app: &App, refresh_token: &Secret) -> Result<(), Failure> {
        let mut form = vec![("token", refresh_token.expose())];
        if app.client_secret.is_none() {
            form.push(("client_id", &app.client_id));
        }
        let refusal = |status, body: &[u8]| token_response::client_refusal(status, body, app);
        let read = |_: &[u8]| Body::Complete(());
        let doing = "revoking the refresh token";
        self.post(REVOCATION, app, &form, doing, read, refusal)
            .await
    }

    async fn post<T>(
        &self,
        path: &str,
        app: &App,
        form: &Form<'_>,
        doing: &str,
        read: impl Fn(&[u8]) -> Body<T>,
        refusal: impl Fn(u16, &[u8]) -> Failure,
    ) -> Result<T, Failure> {
        let url = format!("{}{path}", self.identity_url);
        let form = Serializer::new(String::new()).extend_pairs(form).finish();
        let mut attempts = Attempts::default();
        let mut refusals = 0;
        let began = Instant::now();
        loop {
            let request = self.http.client.post(&url);
            let request = request
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(form.clone());
            let request = match &app.client_secret {
                Some(secret) => request.basic_auth(&app.client_id, Some(secret.expose())),
                None => request,
            };
            let response = self.http.send(request, BodyKind::Token).await;
            attempts.elapsed = began.elapsed();
            if let Ok(response) = &response
                && let Some(limit) = response.limits.refused_by
            {
                refusals += 1;
                let bounds = self.policy.wait_bounds(attempts.elapsed, attempts.idle);
                let wait =
                    retry_after::wait(refusals, limit, &response.limits, bounds, fastrand::f64());
                let wait = wait.map_err(|error| Fault::from(error).into_failure(doing))?;
                self.pause(wait).await;
                continue;
            }
            let body = match &response {
                Ok(response) if (200..300).contains(&response.status) => Some(read(&response.body)),
                _ => None,
            };
            if let Ok(response) = &response
                && !matches!(body, Some(Body::Complete(_)))
                && token_response::is_refusal(response.status, &response.body)
            {
                return Err(refusal(response.status, &response.body));
            }
            let outcome = match body {
                Some(Body::Complete(answer)) => return Ok(answer),
                Some(Body::Failed(failure)) => return Err(failure),
                Some(Body::Unreadable) => Outcome::BadBody("the response is not JSON"),
                None => response::outcome(&response),
            };
            attempts.failed += 1;
            let policy = match &outcome {
                // The token may be spent already, so the connector sends it only a few more times.
                Outcome::BadBody(_) => RetryPolicy::Interactive,
                _ => self.policy,
            };
            match retry::judge(attempts, policy, &outcome, fastrand::f64()) {
                Verdict::Retry { after } => self.pause(after).await,
                Verdict::Fail(fault) => return Err(fault.into_failure(doing)),
                Verdict::RenewToken { .. } => return Err(Fault::TokenRefused.into_failure(doing)),
            }
        }
    }

    async fn pause(&self, pause: Duration) {
        let seconds = pause.as_secs_f64();
        tracing::warn!("Xero sent no token: trying again in {seconds:.1} s");
        self.http.pause(pause).await;
    }
}
