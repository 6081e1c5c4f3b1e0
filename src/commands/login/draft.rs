//! The config that a login writes, before and after it has tokens.

use std::io::ErrorKind;
use std::path::PathBuf;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde_json::Value;

use crate::cli::LoginFlags;
use crate::config::{Config, Credentials, StoredConfig};
use crate::failure::Failure;
use crate::files;
use crate::secret::Secret;
use crate::sync::config_file;
use crate::xero::auth::TokenSet;
use crate::xero::tenants::TenantId;

/// A config that is valid except for its tokens.
pub(super) struct Draft {
    path: PathBuf,
    config: Config,
    /// Whether the file is new, so that no other file is overwritten.
    is_new: bool,
    /// Whether the file has the tokens of this login.
    is_stored: bool,
}

/// Returns the config to keep the other keys of. Fails if there is a file and no `--force`.
pub(super) async fn existing(flags: &LoginFlags) -> Result<Option<StoredConfig>, Failure> {
    let path = &flags.config;
    if std::fs::symlink_metadata(path).is_err() {
        return Ok(None);
    }
    if !flags.force {
        return Err(exists(flags));
    }
    files::read(path, "existing config", StoredConfig::read)
        .await
        .map(Some)
}

fn exists(flags: &LoginFlags) -> Failure {
    Failure::config(format!(
        "The config file {} exists. Log in with --force to replace its login and keep its other keys, or name another file with --config.",
        files::shown(&flags.config)
    ))
}

/// Returns 1 January two years ago.
fn usual_start(now: DateTime<Utc>) -> String {
    let day = NaiveDate::from_ymd_opt(now.year() - 2, 1, 1).unwrap_or_default();
    day.to_string()
}

impl Draft {
    /// Puts the login into a config, checks it, and proves that its file can be written.
    pub(super) fn new(
        flags: &LoginFlags,
        existing: Option<StoredConfig>,
        credentials: Credentials,
    ) -> Result<Draft, Failure> {
        let (path, now) = (flags.config.clone(), Utc::now());
        let is_new = existing.is_none();
        let mut stored = existing.unwrap_or_else(StoredConfig::empty);
        stored.set_credentials(&credentials);
        let text = |value: &Option<String>| value.clone().map(Value::from);
        for (key, value) in [
            ("api_url", text(&flags.api_url)),
            ("identity_url", text(&flags.identity_url)),
            ("start_date", text(&flags.start_date)),
        ] {
            if value.is_some() {
                stored.set(key, value);
            }
        }
        if stored.setting("start_date").is_none() {
            stored.set("start_date", Some(usual_start(now).into()));
        }
        let config = Config::parse(stored.to_text().as_bytes(), now)?;
        files::prove_writable(&path).map_err(|error| {
            let help = match error.kind() {
                ErrorKind::NotFound => "Create its folder first.",
                _ => "Give this user permission to write the folder. In a container, mount a folder that user 1000 can write.",
            };
            Failure::config(format!(
                "The config file {} cannot be written: {}. {help}",
                files::shown(&path),
                files::cause(&error)
            ))
            .because(error)
        })?;
        Ok(Draft {
            path,
            config,
            is_new,
            is_stored: false,
        })
    }

    pub(super) fn identity_url(&self) -> &str {
        &self.config.identity_url
    }

    pub(super) fn is_local(&self) -> bool {
        self.config.is_local()
    }

    pub(super) fn credentials(&self) -> &Credentials {
        &self.config.credentials
    }

    pub(super) fn secrets(&self) -> Vec<Secret> {
        self.config.stored.secrets()
    }

    /// Returns whether the replaced config read an organisation because it named its id.
    pub(super) fn had_chosen(&self, id: &TenantId) -> bool {
        self.config.tenant_ids.iter().any(|it| **it == **id)
    }

    /// Returns the start date as the config has it.
    pub(super) fn start_date(&self) -> &str {
        let date = self.config.stored.setting("start_date");
        date.and_then(Value::as_str).unwrap_or_default()
    }

    /// Writes the config with its first tokens, or replaces the tokens of the written config.
    pub(super) async fn store(&mut self, tokens: &TokenSet) -> Result<(), Failure> {
        let creates = self.is_new && !self.is_stored;
        let lock = match creates {
            true => None,
            false => Some(config_file::lock(&self.path).await?),
        };
        let mut stored = match self.is_stored {
            false => self.config.stored.clone(),
            true => config_file::read(&self.path).await?.stored,
        };
        tokens.put_into(&mut stored, tokens.expires());
        let text = stored.to_text();
        let written = match creates {
            true => files::create(&self.path, text.as_bytes()),
            false => config_file::write(&self.path, text).await,
        };
        drop(lock);
        self.is_stored = written.is_ok();
        written.map_err(|error| {
            Failure::system(format!(
                "The tokens could not be written to the config file {}, and they are lost. Log in again.",
                files::shown(&self.path)
            ))
            .because(error)
        })
    }

    /// Writes the chosen organisations into the config. Empty `ids` read all of them.
    pub(super) async fn store_tenants(&self, ids: &[String]) -> Result<(), Failure> {
        let _lock = config_file::lock(&self.path).await?;
        let mut stored = config_file::read(&self.path).await?.stored;
        stored.set_tenants(ids);
        config_file::write(&self.path, stored.to_text()).await.map_err(|error| {
            Failure::system(format!(
                "The chosen organisations could not be written to the config file {}. It has the tokens already: add tenant_ids by hand.",
                files::shown(&self.path)
            ))
            .because(error)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_start_is_the_first_day_of_a_year() {
        for (now, expected) in [
            ("2026-11-28T14:00:00Z", "2024-01-01"),
            ("2027-01-01T00:00:00Z", "2025-01-01"),
        ] {
            let now = crate::dates::parse(now).expect("a valid moment");
            assert_eq!(usual_start(now), expected);
        }
    }
}
