//! Stores new tokens: in a CONTROL message, in the config file, or in both.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::airbyte::emit::Emitter;
use crate::airbyte::protocol::{Log, Message};
use crate::config::StoredConfig;
use crate::failure::Failure;
use crate::files;
use crate::sync::config_file;
use crate::xero::auth::{Exchange, TokenSet, TokenStore};

/// Where new tokens are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenStorage {
    /// A CONTROL message, for a platform.
    Message,
    /// The config file, for a verb that people run.
    File,
    /// Both.
    MessageAndFile,
}

impl TokenStorage {
    /// Returns where a verb of the protocol stores new tokens: in a message, and in the file too if
    /// `write_config`.
    pub(crate) fn of_protocol(write_config: bool) -> TokenStorage {
        match write_config {
            true => TokenStorage::MessageAndFile,
            false => TokenStorage::Message,
        }
    }
}

/// Stores new tokens.
#[derive(Debug)]
pub(crate) struct ConfigUpdates {
    emitter: Emitter,
    /// The config with the newest tokens, which CONTROL messages carry. `None` sends no messages.
    message: Option<Mutex<StoredConfig>>,
    /// The config file that gets the tokens.
    file: Option<PathBuf>,
    /// Whether the platform may drop the CONTROL message, because it has not saved the source.
    is_check: bool,
}

impl ConfigUpdates {
    /// Creates a store for the tokens of `stored`, the config of the file `path`.
    pub(crate) fn new(
        emitter: Emitter,
        stored: StoredConfig,
        path: &Path,
        storage: TokenStorage,
        is_check: bool,
    ) -> ConfigUpdates {
        let has_message = storage != TokenStorage::File;
        let has_file = storage != TokenStorage::Message;
        ConfigUpdates {
            emitter,
            message: has_message.then(|| Mutex::new(stored)),
            file: has_file.then(|| path.to_path_buf()),
            is_check,
        }
    }

    async fn begin_exchange(&self, spends: bool) -> Result<Exchange, Failure> {
        if spends && self.message.is_some() {
            self.write_line().await?;
        }
        let update = self.emitter.update().await;
        let Some(path) = &self.file else {
            return Ok(Exchange {
                stored: None,
                guard: Box::new(update),
            });
        };
        let lock = config_file::lock(path).await?;
        let config = config_file::read(path).await?;
        for secret in config.stored.secrets() {
            self.emitter.hide(&secret);
        }
        // Writing the same content proves that the new tokens can be written.
        config_file::write(path, config.stored.to_text()).await.map_err(|error| {
            Failure::config(format!(
                "The config file {} cannot be rewritten, so no new tokens were requested: they would be lost. The system says: {}. Give this user permission to write the file and its folder. In a container, mount the folder of the config file and not the file alone.",
                files::shown(path),
                files::cause(&error)
            ))
            .because(error)
        })?;
        Ok(Exchange {
            stored: Some(config.credentials),
            guard: Box::new((update, lock)),
        })
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

    /// Stores tokens in the file first, because they must survive a closed stdout.
    async fn write(&self, tokens: &TokenSet) -> Result<(), Failure> {
        for secret in tokens.secrets() {
            self.emitter.hide(secret);
        }
        let expires = tokens.expires();
        if let Some(path) = &self.file {
            store_in_file(path, tokens, expires).await?;
        }
        let Some(message) = &self.message else {
            return Ok(());
        };
        let config = {
            let mut stored = message.lock().unwrap_or_else(PoisonError::into_inner);
            tokens.put_into(&mut stored, expires)
        };
        let delivered = self.emitter.deliver(Message::config_update(config)).await;
        delivered.map_err(|closed| {
            Failure::system("The new tokens could not be written to stdout.").because(closed)
        })?;
        if self.is_check && self.file.is_none() && tokens.refresh_token.is_some() {
            tracing::warn!(
                "this check exchanged the refresh token, and a platform does not store the new one before the source is saved. If the config keeps the old one, add the access token to it, or run a sync within 30 minutes: Xero accepts the old refresh token once more during that time"
            );
        }
        Ok(())
    }
}

impl TokenStore for ConfigUpdates {
    fn begin(&self, spends: bool) -> BoxFuture<'_, Result<Exchange, Failure>> {
        self.begin_exchange(spends).boxed()
    }

    fn store<'a>(&'a self, tokens: &'a TokenSet) -> BoxFuture<'a, Result<(), Failure>> {
        self.write(tokens).boxed()
    }
}

async fn store_in_file(
    path: &Path,
    tokens: &TokenSet,
    expires: DateTime<Utc>,
) -> Result<(), Failure> {
    // The user may have changed other keys since the start.
    let mut stored = config_file::read(path).await?.stored;
    tokens.put_into(&mut stored, expires);
    config_file::write(path, stored.to_text()).await.map_err(|error| {
        Failure::system(format!(
            "The new tokens could not be written to the config file {}. Make room and run the verb again within 30 minutes: Xero accepts the old refresh token for that long.",
            files::shown(path)
        ))
        .because(error)
    })
}
