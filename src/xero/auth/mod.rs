//! The access token: kept while it is good, renewed before it ends, written
//! back before it is used.
//!
//! A refresh token of Xero works once and its answer brings the next one. So
//! there is one refresher under a lock, a token that is still good is used and
//! not refreshed, and every new set leaves the process as CONTROL before the
//! first call with it: whatever happens then, the config holds the living set.

mod answer;
mod claims;
mod store;

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::config::{App, Config, Credentials, SavedToken};
use crate::failure::{Failure, Kind};
use crate::secret::Secret;
use crate::xero::body::MAX_ABOUT_TOKEN;
use crate::xero::fault::Fault;
use crate::xero::http::HttpClient;
use crate::xero::rate_limit::refusal;
use crate::xero::response;
use crate::xero::retry::{self, Attempts, Outcome, RetryPolicy, Verdict};
use answer::Success;
use claims::Claims;
pub(crate) use store::{ExitGuard, TokenSet, TokenStore};

/// A token is renewed when it has less than this left.
const MARGIN: Duration = Duration::from_secs(60);

/// What the connector does here, for the sentence about a failure.
const RENEWING: &str = "renewing the access token";

/// Gives out access tokens.
#[derive(Debug)]
pub(crate) struct Auth {
    http: HttpClient,
    endpoint: String,
    store: Box<dyn TokenStore>,
    policy: RetryPolicy,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    credentials: Credentials,
    token: Option<Token>,
    serial: u64,
    /// Why the token cannot be renewed any more; asking again would not help.
    refused: Option<Failure>,
}

/// An access token.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) secret: Secret,
    /// What it allows, if it says so.
    pub(crate) scopes: Option<Vec<String>>,
    /// When to renew it, if that is known.
    until: Option<Instant>,
    serial: u64,
}

impl Token {
    fn new(secret: &Secret, until: Option<Instant>, serial: u64) -> Token {
        let scopes = Claims::read(secret.expose()).scopes;
        Token {
            secret: secret.clone(),
            scopes,
            until,
            serial,
        }
    }

    /// Whether it came with the config, whose tokens may be spent or revoked.
    pub(crate) fn is_old(&self) -> bool {
        self.serial == 0
    }

    fn is_good(&self) -> bool {
        self.until.is_none_or(|until| until > Instant::now())
    }
}

impl Auth {
    /// Prepares access with the config's credentials; no call is made yet.
    pub(crate) fn new(
        config: &Config,
        http: HttpClient,
        store: Box<dyn TokenStore>,
        policy: RetryPolicy,
    ) -> Auth {
        let credentials = config.credentials.clone();
        let token = match &credentials {
            Credentials::RefreshToken { saved_token, .. }
            | Credentials::CustomConnection { saved_token, .. } => {
                saved_token.as_ref().map(from_config)
            }
            // Nothing can renew it, so it is good until Xero says otherwise.
            Credentials::AccessToken(secret) => Some(Token::new(secret, None, 0)),
        };
        let state = State {
            credentials,
            token,
            serial: 0,
            refused: None,
        };
        Auth {
            http,
            endpoint: format!("{}/connect/token", config.identity_url),
            store,
            policy,
            state: Mutex::new(state),
        }
    }

    /// A token to call with.
    pub(crate) async fn token(&self) -> Result<Token, Failure> {
        let mut state = self.state.lock().await;
        match &state.token {
            Some(token) if token.is_good() => Ok(token.clone()),
            _ => self.renew_locked(&mut state).await,
        }
    }

    /// Another token than the one that Xero refused. Whoever comes second gets
    /// the token that the first one fetched.
    pub(crate) async fn renew(&self, refused: &Token) -> Result<Token, Failure> {
        let mut state = self.state.lock().await;
        match &state.token {
            Some(token) if token.serial != refused.serial => Ok(token.clone()),
            _ => self.renew_locked(&mut state).await,
        }
    }

    async fn renew_locked(&self, state: &mut State) -> Result<Token, Failure> {
        if let Some(failure) = &state.refused {
            return Err(failure.clone());
        }
        if let Credentials::RefreshToken { .. } = &state.credentials {
            self.store.prove_writable().await?;
        }
        // Until the new tokens are stored, the config holds spent ones.
        let _guard = self.store.delay_exit().await;
        let tokens = match self.fetch(&state.credentials).await {
            Ok(tokens) => tokens,
            Err(failure) => {
                let is_final = failure.kind != Kind::Transient;
                state.refused = is_final.then(|| failure.clone());
                return Err(failure);
            }
        };
        if let Credentials::RefreshToken { refresh_token, .. } = &mut state.credentials
            && let Some(next) = &tokens.refresh_token
        {
            *refresh_token = next.clone();
        }
        self.store.store(&tokens).await?;
        state.serial += 1;
        // A short life is used for half of it, or it would be renewed for every call.
        let life = tokens.life;
        let until = Instant::now() + life - MARGIN.min(life / 2);
        let token = Token::new(&tokens.access_token, Some(until), state.serial);
        state.token = Some(token.clone());
        Ok(token)
    }

    /// Exchanges the credentials for tokens. A lost or truncated response is retried with the same
    /// refresh token: Xero accepts it for 30 minutes. A complete response is final.
    async fn fetch(&self, credentials: &Credentials) -> Result<TokenSet, Failure> {
        let (app, form) = form(credentials)?;
        let mut attempts = Attempts::default();
        let mut refusals = 0;
        let began = Instant::now();
        loop {
            let request = self.http.client.post(&self.endpoint).form(&form);
            let request = request.basic_auth(&app.client_id, Some(app.client_secret.expose()));
            let response = self.http.send(request, MAX_ABOUT_TOKEN).await;
            attempts.elapsed = began.elapsed();
            if let Ok(response) = &response
                && let Some(limit) = response.limits.refused_by
            {
                refusals += 1;
                let bounds = self.policy.wait_bounds(attempts.elapsed, attempts.idle);
                let wait =
                    refusal::wait(refusals, limit, &response.limits, bounds, fastrand::f64());
                let wait = wait.map_err(|error| Fault::from(error).into_failure(RENEWING))?;
                self.pause(wait).await;
                continue;
            }
            let outcome = match &response {
                Ok(response) if (200..300).contains(&response.status) => {
                    match Success::read(&response.body) {
                        Success::Tokens(tokens) => return Ok(tokens),
                        Success::NoToken if answer::is_refusal(response.status, &response.body) => {
                            return Err(answer::refusal(
                                response.status,
                                &response.body,
                                credentials,
                            ));
                        }
                        Success::NoToken => return Err(answer::without_token()),
                        Success::Unreadable => Outcome::BadBody("the answer is not JSON"),
                    }
                }
                Ok(response) if answer::is_refusal(response.status, &response.body) => {
                    return Err(answer::refusal(
                        response.status,
                        &response.body,
                        credentials,
                    ));
                }
                _ => response::outcome(&response),
            };
            attempts.failed += 1;
            let policy = match &outcome {
                // The refresh token may be spent already, so it is sent only a few times more.
                Outcome::BadBody(_) => RetryPolicy::Interactive,
                _ => self.policy,
            };
            match retry::judge(attempts, policy, &outcome, fastrand::f64()) {
                Verdict::Retry { after } => self.pause(after).await,
                Verdict::Fail(fault) => return Err(fault.into_failure(RENEWING)),
                Verdict::RenewToken { .. } => {
                    return Err(Fault::TokenRefused.into_failure(RENEWING));
                }
            }
        }
    }

    async fn pause(&self, pause: Duration) {
        let seconds = pause.as_secs_f64();
        tracing::warn!("Xero gave no token, trying again in {seconds:.1} s");
        self.http.pause(pause).await;
    }
}

fn from_config(saved_token: &SavedToken) -> Token {
    // What the token says of itself is worth more than what was written beside it.
    let expires = Claims::read(saved_token.access_token.expose())
        .expires
        .or(saved_token.expires);
    // What is left by this machine's clock; the past and the next minute are nothing.
    let left = |expires: DateTime<Utc>| (expires - Utc::now()).to_std().unwrap_or_default();
    let until = expires.map(|expires| Instant::now() + left(expires).saturating_sub(MARGIN));
    Token::new(&saved_token.access_token, until, 0)
}

/// The fields of a token request.
type Form<'a> = Vec<(&'static str, &'a str)>;

fn form(credentials: &Credentials) -> Result<(&App, Form<'_>), Failure> {
    match credentials {
        Credentials::RefreshToken {
            app, refresh_token, ..
        } => {
            let token = ("refresh_token", refresh_token.expose());
            Ok((app, vec![("grant_type", "refresh_token"), token]))
        }
        Credentials::CustomConnection { app, scopes, .. } => {
            let scope = scopes.as_deref().map(|scopes| ("scope", scopes));
            Ok((
                app,
                [("grant_type", "client_credentials")]
                    .into_iter()
                    .chain(scope)
                    .collect(),
            ))
        }
        Credentials::AccessToken(_) => Err(Failure::config(
            "Xero does not accept the access token: it is expired, for such tokens live 30 minutes, or was revoked. Put a fresh access_token into the config, or use credentials that renew themselves: a refresh_token with client_id and client_secret, or a Custom Connection.",
        )),
    }
}

#[cfg(test)]
mod tests;
