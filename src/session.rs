//! What check, discover and read have in common: a config, turned into a
//! client and the organisations that it opens.

use std::path::Path;

use crate::auth::Auth;
use crate::client::Client;
use crate::config::Config;
use crate::emit::Emitter;
use crate::failure::Failure;
use crate::files;
use crate::http::Http;
use crate::organisation_cache::OrganisationCache;
use crate::retry::Patience;
use crate::tenants::{self, Tenant};

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
        config: &Path,
        emitter: &Emitter,
        patience: Patience,
    ) -> Result<Session, Failure> {
        let text = files::read(config, "config").await?;
        let config = Config::parse(&text, chrono::Utc::now())?;
        for warning in &config.warnings {
            tracing::warn!("{warning}");
        }
        let http = Http::new(patience)?;
        let auth = Auth::new(&config, http.clone(), emitter.clone(), patience);
        let client = Client::new(&config, auth, http, emitter.clone(), patience);
        let cache = OrganisationCache::default();
        let tenants = tenants::open(&client, &cache, &config).await?;
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
