//! Defines the interface by which new tokens are stored. A higher layer implements it.

use std::fmt::Debug;
use std::time::Duration;

use futures_util::future::BoxFuture;

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

/// Keeps the process alive until it is dropped.
pub(crate) type ExitGuard = Box<dyn Send>;

/// Stores the tokens that replace spent ones.
///
/// Xero spends a refresh token when it exchanges it. A new set that is not stored is lost, and
/// the user has to authorise the app again.
pub(crate) trait TokenStore: Debug + Send + Sync {
    /// Proves that a new set can be stored. An exchange begins only after this.
    fn prove_writable(&self) -> BoxFuture<'_, Result<(), Failure>>;

    /// Delays the end of the process while an exchange is in progress.
    fn delay_exit(&self) -> BoxFuture<'_, ExitGuard>;

    /// Stores a new set. Returns after the set has left the process.
    fn store<'a>(&'a self, tokens: &'a TokenSet) -> BoxFuture<'a, Result<(), Failure>>;
}
