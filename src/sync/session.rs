//! What check, discover and read have in common: a config, turned into a
//! client and the organisations that it opens.

use std::path::Path;

use crate::airbyte::emit::Emitter;
use crate::config::Config;
use crate::failure::Failure;
use crate::files;
use crate::sync::access;
use crate::sync::organisation_cache::OrganisationCache;
use crate::xero::auth::Auth;
use crate::xero::client::Client;
use crate::xero::retry::Patience;
use crate::xero::tenants::Tenant;
use crate::xero::transport::Http;

/// What access to Xero is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A check, perhaps of a config that the platform has not saved yet.
    Check,
    /// A discovery.
    Discover,
    /// A sync.
    Read,
}

impl Purpose {
    /// How long to go on trying.
    pub(crate) fn patience(self) -> Patience {
        match self {
            Purpose::Check | Purpose::Discover => Patience::Brief,
            Purpose::Read => Patience::Long,
        }
    }
}

/// Proven access to Xero.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) config: Config,
    pub(crate) client: Client,
    pub(crate) cache: OrganisationCache,
    /// At least one.
    pub(crate) tenants: Vec<Tenant>,
}

impl Session {
    /// Reads the config and proves that it works.
    pub(crate) async fn open(
        path: &Path,
        emitter: &Emitter,
        purpose: Purpose,
    ) -> Result<Session, Failure> {
        let now = chrono::Utc::now();
        let config = files::read(path, "config", |text| Config::parse(text, now)).await?;
        for secret in config.stored.secrets() {
            emitter.hide(&secret);
        }
        for warning in &config.warnings {
            tracing::warn!("{warning}");
        }
        if files::is_open_to_others(path).await {
            tracing::warn!(
                "other users of this machine can read the config file, which holds secrets: chmod 600 it"
            );
        }
        let patience = purpose.patience();
        let http = Http::new(patience, config.is_local())?;
        let auth = Auth::new(&config, http.clone(), emitter.clone(), purpose);
        let client = Client::new(&config, auth, http, emitter.clone(), patience);
        let cache = OrganisationCache::default();
        let tenants = access::open(&client, &cache, &config).await?;
        Ok(Session {
            config,
            client,
            cache,
            tenants,
        })
    }

    /// The scopes that the token names; none if it is opaque.
    pub(crate) async fn scopes(&self) -> Result<Option<Vec<String>>, Failure> {
        Ok(self.client.auth.token().await?.scopes)
    }
}
