//! Stores new tokens: they become CONTROL messages.

use std::sync::{Mutex, PoisonError};

use chrono::{TimeDelta, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::airbyte::emit::Emitter;
use crate::airbyte::protocol::{Log, Message};
use crate::config::StoredConfig;
use crate::failure::Failure;
use crate::xero::auth::{ExitGuard, TokenSet, TokenStore};

/// Stores new tokens by sending a CONTROL message with the whole config.
#[derive(Debug)]
pub(crate) struct ConfigUpdates {
    emitter: Emitter,
    /// The config with the newest tokens.
    stored: Mutex<StoredConfig>,
    /// Whether the platform may drop the CONTROL message, because it has not saved the source.
    is_check: bool,
}

impl ConfigUpdates {
    /// Creates a store that puts new tokens into `stored`.
    pub(crate) fn new(emitter: Emitter, stored: StoredConfig, is_check: bool) -> ConfigUpdates {
        ConfigUpdates {
            emitter,
            stored: Mutex::new(stored),
            is_check,
        }
    }

    /// Writes a log line to stdout at every log level.
    async fn write_line(&self) -> Result<(), Failure> {
        let log = Log {
            level: "INFO",
            message: "Requesting new tokens from Xero. A CONTROL message follows with them, and the old refresh token is spent.".to_owned(),
        };
        let delivered = self.emitter.deliver(Message::Log { log }).await;
        delivered.map_err(|closed| {
            Failure::system(
                "No new tokens were requested, because they could not be written to stdout.",
            )
            .because(closed)
        })
    }

    async fn write(&self, tokens: &TokenSet) -> Result<(), Failure> {
        let TokenSet {
            access_token,
            refresh_token,
            id_token,
            life,
        } = tokens;
        let (refresh_token, id_token) = (refresh_token.as_ref(), id_token.as_ref());
        let secrets = [Some(access_token), refresh_token, id_token];
        for secret in secrets.into_iter().flatten() {
            self.emitter.hide(secret);
        }
        let expires = Utc::now() + TimeDelta::from_std(*life).unwrap_or_default();
        let config = {
            let mut stored = self.stored.lock().unwrap_or_else(PoisonError::into_inner);
            stored.with_tokens(access_token, refresh_token, id_token, expires)
        };
        let delivered = self.emitter.deliver(Message::config_update(config)).await;
        delivered.map_err(|closed| {
            Failure::system("The new tokens could not be written to stdout.").because(closed)
        })?;
        if self.is_check && refresh_token.is_some() {
            tracing::warn!(
                "this check exchanged the refresh token, and a platform does not store the new one before the source is saved. If the config keeps the old one, add the access token to it, or run a sync within 30 minutes: Xero accepts the old refresh token once more during that time"
            );
        }
        Ok(())
    }
}

impl TokenStore for ConfigUpdates {
    fn prove_writable(&self) -> BoxFuture<'_, Result<(), Failure>> {
        self.write_line().boxed()
    }

    fn delay_exit(&self) -> BoxFuture<'_, ExitGuard> {
        let guard = async { Box::new(self.emitter.update().await) as ExitGuard };
        guard.boxed()
    }

    fn store<'a>(&'a self, tokens: &'a TokenSet) -> BoxFuture<'a, Result<(), Failure>> {
        self.write(tokens).boxed()
    }
}
