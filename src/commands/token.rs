//! `token`: hands an access token to workers, which have no refresh token.

use std::time::Duration;

use chrono::Utc;

use crate::airbyte::emit::Emitter;
use crate::cli::TokenFlags;
use crate::config::Credentials;
use crate::failure::Failure;
use crate::secret::Secret;
use crate::sync::callbacks::TokenStorage;
use crate::sync::session::{Access, Purpose};
use crate::sync::statuses::Statuses;
use crate::terminal::counted;
use crate::xero::auth::Claims;

/// Prints the settings of the config with an access token that lives for at least `min_life`. Renews the
/// token first if necessary, under the lock of the config.
pub(crate) async fn token(flags: &TokenFlags, emitter: &Emitter) -> Result<(), Failure> {
    let statuses = Statuses::new(emitter);
    let (path, storage) = (&flags.config, TokenStorage::File);
    let access = Access::open(path, emitter, &statuses, Purpose::Check, storage).await?;
    let token = match &access.config.credentials {
        Credentials::AccessToken(token) => {
            prove_life(token, flags.min_life)?;
            token.clone()
        }
        Credentials::RefreshToken { .. } | Credentials::CustomConnection { .. } => {
            access.client.auth.token_for(flags.min_life).await?.secret
        }
    };
    let mut config = access.config.stored.without_credentials();
    config.set_credentials(&Credentials::AccessToken(token));
    super::print_json(&config.as_json())
}

/// Fails if a token that cannot be renewed has too little time left.
fn prove_life(token: &Secret, min_life: Duration) -> Result<(), Failure> {
    let Some(expires) = Claims::read(token.expose()).expires else {
        tracing::warn!(
            "the access token does not say when it expires, so it may expire at any time"
        );
        return Ok(());
    };
    let left = (expires - Utc::now()).to_std().unwrap_or_default();
    match left >= min_life {
        true => Ok(()),
        false => Err(Failure::config(format!(
            "The access token of the config has {} left, less than --min-life, and nothing can renew it. Put a new access_token into the config, or give the config that holds the refresh token or the Custom Connection.",
            counted(left.as_secs(), "second")
        ))),
    }
}
