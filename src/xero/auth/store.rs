//! Defines the interface by which new tokens are stored. A higher layer implements it.

use std::fmt::Debug;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::BoxFuture;
use serde_json::Value;

use crate::config::{Credentials, StoredConfig};
use crate::failure::Failure;
use crate::secret::Secret;

/// A new set of tokens from the token endpoint.
#[derive(Debug)]
pub(crate) struct TokenSet {
    pub(crate) access_token: Secret,
    /// The refresh token of the next exchange. The one that was sent is spent.
    pub(crate) refresh_token: Option<Secret>,
    pub(crate) id_token: Option<Secret>,
    /// How long the access token lives.
    pub(crate) life: Duration,
}

impl TokenSet {
    /// Replaces the tokens of a config, and returns the whole config.
    pub(crate) fn put_into(&self, config: &mut StoredConfig, expires: DateTime<Utc>) -> Value {
        let (refresh_token, id_token) = (self.refresh_token.as_ref(), self.id_token.as_ref());
        config.with_tokens(&self.access_token, refresh_token, id_token, expires)
    }

    /// Returns when the access token expires if it was issued just now.
    pub(crate) fn expires(&self) -> DateTime<Utc> {
        Utc::now() + TimeDelta::from_std(self.life).unwrap_or_default()
    }

    /// Returns all tokens of the set.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &Secret> {
        let others = [&self.refresh_token, &self.id_token];
        [&self.access_token]
            .into_iter()
            .chain(others.into_iter().flatten())
    }
}

/// An exchange of credentials for tokens that is about to begin.
pub(crate) struct Exchange {
    /// The credentials as they are stored now. Another process may have exchanged them meanwhile.
    /// `None` if only this process can.
    pub(crate) stored: Option<Credentials>,
    /// Keeps the process alive and other processes from an exchange. Drop it once the new tokens are
    /// stored.
    pub(crate) guard: Box<dyn Send>,
}

/// Stores the tokens that replace spent ones.
///
/// Xero spends a refresh token when it exchanges it. A new set that is not stored is lost, and
/// the user has to authorise the app again.
pub(crate) trait TokenStore: Debug + Send + Sync {
    /// Begins an exchange. If it `spends` a refresh token, proves first that a new set can be stored.
    fn begin(&self, spends: bool) -> BoxFuture<'_, Result<Exchange, Failure>>;

    /// Stores a new set. Returns after the set has left the process.
    fn store<'a>(&'a self, tokens: &'a TokenSet) -> BoxFuture<'a, Result<(), Failure>>;
}
