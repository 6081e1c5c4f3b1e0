//! Provides access tokens: uses a token while it is valid, renews it before it expires, and stores
//! a new one before its first use.
//!
//! A refresh token works once, and its exchange returns the next one. These rules keep a working
//! token set in the stored config:
//! - One task at a time renews, under a lock.
//! - A valid token is not renewed.
//! - A new token set is stored before the first request that uses it.

mod claims;
mod consent;
mod store;
mod token_endpoint;
pub(crate) mod token_response;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::config::{App, Config, Credentials, SavedToken};
use crate::failure::{Failure, Kind};
use crate::secret::Secret;
use crate::xero::http::HttpClient;
use crate::xero::retry::RetryPolicy;
pub(crate) use claims::Claims;
pub(crate) use consent::{Consent, NoCode};
pub(crate) use store::{Exchange, TokenSet, TokenStore};
pub(crate) use token_endpoint::TokenEndpoint;

/// Time before its expiry at which a token is renewed.
const MARGIN: Duration = Duration::from_secs(60);

/// The activity, as failures name it.
const RENEWING: &str = "renewing the access token";

/// Provides access tokens.
#[derive(Debug)]
pub(crate) struct Auth {
    endpoint: TokenEndpoint,
    store: Box<dyn TokenStore>,
    state: Mutex<State>,
    /// Whether Xero has accepted a token of this process.
    is_accepted: AtomicBool,
}

#[derive(Debug)]
struct State {
    credentials: Credentials,
    token: Option<AccessToken>,
    generation: u64,
    /// Why the token cannot be renewed. A further exchange would fail too.
    refused: Option<Failure>,
}

impl State {
    /// Takes over credentials that another process may have renewed. Returns their access token if it
    /// lives long enough and is not the one that is to be replaced.
    fn adopt(&mut self, stored: Credentials, life: Duration) -> Option<AccessToken> {
        let saved_token = match &stored {
            Credentials::RefreshToken { saved_token, .. }
            | Credentials::CustomConnection { saved_token, .. } => saved_token.as_ref(),
            Credentials::AccessToken(_) => None,
        };
        let token = saved_token.map(from_config);
        self.credentials = stored;
        let known = self.token.as_ref().map(|token| &token.secret);
        let mut token =
            token.filter(|token| token.lives_for(life) && known != Some(&token.secret))?;
        self.generation += 1;
        token.generation = self.generation;
        self.token = Some(token.clone());
        Some(token)
    }
}

/// An access token.
#[derive(Clone, Debug)]
pub(crate) struct AccessToken {
    pub(crate) secret: Secret,
    /// The scopes, if the token names them.
    pub(crate) scopes: Option<Vec<String>>,
    /// When to renew the token, if known.
    until: Option<Instant>,
    generation: u64,
    /// Whether the token was read from the config. It may be expired or revoked.
    pub(crate) is_from_config: bool,
}

impl AccessToken {
    fn new(secret: &Secret, until: Option<Instant>, generation: u64) -> AccessToken {
        let scopes = Claims::read(secret.expose()).scopes;
        AccessToken {
            secret: secret.clone(),
            scopes,
            until,
            generation,
            is_from_config: false,
        }
    }

    /// Marks the token as read from the config.
    fn marked_from_config(self) -> AccessToken {
        AccessToken {
            is_from_config: true,
            ..self
        }
    }

    fn is_valid(&self) -> bool {
        self.until.is_none_or(|until| until > Instant::now())
    }

    /// Whether the token is valid and lives for at least this time. If that is unknown, it counts as valid
    /// for no more than the next call.
    fn lives_for(&self, life: Duration) -> bool {
        let long_enough = |until: Instant| until + MARGIN >= Instant::now() + life;
        self.is_valid() && self.until.map_or(life.is_zero(), long_enough)
    }
}

impl Auth {
    /// Prepares access with the credentials of the config. Sends no request yet.
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
            // Nothing can renew it, so it counts as valid until Xero rejects it.
            Credentials::AccessToken(secret) => {
                Some(AccessToken::new(secret, None, 0).marked_from_config())
            }
        };
        let state = State {
            credentials,
            token,
            generation: 0,
            refused: None,
        };
        Auth {
            endpoint: TokenEndpoint::new(&config.identity_url, http, policy),
            store,
            state: Mutex::new(state),
            is_accepted: AtomicBool::new(false),
        }
    }

    /// Returns a valid token, and renews it if necessary.
    pub(crate) async fn token(&self) -> Result<AccessToken, Failure> {
        self.token_for(Duration::ZERO).await
    }

    /// Returns a token that lives for at least this time, and renews it if necessary. A new token is
    /// returned however long it lives.
    pub(crate) async fn token_for(&self, life: Duration) -> Result<AccessToken, Failure> {
        let mut state = self.state.lock().await;
        match &state.token {
            Some(token) if token.lives_for(life) => Ok(token.clone()),
            _ => self.renew_locked(&mut state, life).await,
        }
    }

    /// Records that Xero has accepted the token.
    pub(crate) fn accepted(&self) {
        self.is_accepted.store(true, Ordering::Relaxed);
    }

    /// Returns another token than `refused`, which Xero rejected. Concurrent callers share one
    /// renewal.
    pub(crate) async fn renew(&self, refused: &AccessToken) -> Result<AccessToken, Failure> {
        let mut state = self.state.lock().await;
        match &state.token {
            Some(token) if token.generation != refused.generation => Ok(token.clone()),
            _ => self.renew_locked(&mut state, Duration::ZERO).await,
        }
    }

    /// Renews the token, unless another process has stored one that lives for at least `life`.
    async fn renew_locked(
        &self,
        state: &mut State,
        life: Duration,
    ) -> Result<AccessToken, Failure> {
        if let Some(failure) = &state.refused {
            return Err(failure.clone());
        }
        let spends = matches!(state.credentials, Credentials::RefreshToken { .. });
        // From the exchange until the new tokens are stored, the config contains a spent token.
        let Exchange { stored, guard } = self.store.begin(spends).await?;
        if let Some(token) = stored.and_then(|stored| state.adopt(stored, life)) {
            return Ok(token);
        }
        let tokens = match fetch(&self.endpoint, &state.credentials).await {
            Ok(tokens) => tokens,
            Err(failure) => {
                let cannot_renew = matches!(state.credentials, Credentials::AccessToken(_));
                let failure = match cannot_renew && self.is_accepted.load(Ordering::Relaxed) {
                    true => ended(),
                    false => failure,
                };
                if cannot_renew || failure.kind != Kind::Transient {
                    state.refused = Some(failure.clone());
                    // The other streams do not send it again.
                    state.token = None;
                }
                return Err(failure);
            }
        };
        if let Credentials::RefreshToken { refresh_token, .. } = &mut state.credentials
            && let Some(next) = &tokens.refresh_token
        {
            *refresh_token = next.clone();
        }
        self.store.store(&tokens).await?;
        drop(guard);
        state.generation += 1;
        // A token with a short life is renewed after half of it. With the whole margin, each
        // request would renew it.
        let life = tokens.life;
        let until = Instant::now() + life - MARGIN.min(life / 2);
        let token = AccessToken::new(&tokens.access_token, Some(until), state.generation);
        state.token = Some(token.clone());
        Ok(token)
    }
}

/// Exchanges the credentials for tokens. A lost or truncated response is retried with the same
/// refresh token: Xero accepts it for 30 minutes. A complete response is final.
pub(crate) async fn fetch(
    endpoint: &TokenEndpoint,
    credentials: &Credentials,
) -> Result<TokenSet, Failure> {
    let (app, form) = form(credentials)?;
    let refusal = |status, body: &[u8]| token_response::refusal(status, body, credentials);
    endpoint.request(app, &form, RENEWING, refusal).await
}

/// The failure of an access token that nothing can renew and that Xero accepted before. A job with a new
/// token continues, so a platform or an engine must try again.
fn ended() -> Failure {
    Failure::transient(
        "The access token has ended: Xero accepted it before and does so no longer. Access tokens are valid for 30 minutes. Start the job again with a new access_token, and it continues from the saved position.",
    )
}

fn from_config(saved_token: &SavedToken) -> AccessToken {
    // The expiry in the token outranks the expiry in the config.
    let expires = Claims::read(saved_token.access_token.expose())
        .expires
        .or(saved_token.expires);
    // Measured by this machine's clock. A time in the past counts as zero.
    let left = |expires: DateTime<Utc>| (expires - Utc::now()).to_std().unwrap_or_default();
    let until = expires.map(|expires| Instant::now() + left(expires).saturating_sub(MARGIN));
    AccessToken::new(&saved_token.access_token, until, 0).marked_from_config()
}

/// The form fields of a token request.
type Form<'a> = Vec<(&'static str, &'a str)>;

fn form(credentials: &Credentials) -> Result<(&App, Form<'_>), Failure> {
    match credentials {
        Credentials::RefreshToken {
            app, refresh_token, ..
        } => {
            let mut form = vec![
                ("grant_type", "refresh_token"),
                ("refresh_token", refresh_token.expose()),
            ];
            if app.client_secret.is_none() {
                form.push(("client_id", &app.client_id));
            }
            Ok((app, form))
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
            "Xero does not accept the access token. It has expired, because access tokens are valid for 30 minutes, or it was revoked. Put a new access_token into the config, or use credentials that renew themselves: a refresh_token with the client_id and, for a web app, the client_secret of its app, or a Custom Connection.",
        )),
    }
}

#[cfg(test)]
mod tests;
