//! Opens a session: reads the config, and proves access to the organisations. Check, discover and
//! read begin with it.

use std::path::Path;
use std::sync::Arc;

use crate::airbyte::emit::Emitter;
use crate::config::Config;
use crate::failure::Failure;
use crate::files;
use crate::progress::model::SyncProgress;
use crate::streams::{self, Stream};
use crate::sync::access;
use crate::sync::callbacks::{ConfigUpdates, TokenStorage};
use crate::sync::config_file;
use crate::sync::explain;
use crate::sync::organisation_cache::OrganisationCache;
use crate::sync::statuses::Statuses;
use crate::xero::auth::Auth;
use crate::xero::client::XeroClient;
use crate::xero::connections;
use crate::xero::fault::ParseError;
use crate::xero::http::HttpClient;
use crate::xero::retry::RetryPolicy;
use crate::xero::tenants::Tenant;

/// The number of streams in one log line, which holds 2 KiB.
const STREAMS_PER_LINE: usize = 8;

/// What access to Xero is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A check, perhaps of a config that the platform has not saved yet.
    Check,
    /// A discovery.
    Discover,
    /// An estimate of what a sync costs.
    Estimate,
    /// A sync.
    Read,
}

impl Purpose {
    /// How often and how long a failed request is repeated.
    pub(crate) fn retry_policy(self) -> RetryPolicy {
        match self {
            Purpose::Check | Purpose::Discover | Purpose::Estimate => RetryPolicy::Interactive,
            Purpose::Read => RetryPolicy::Unattended,
        }
    }
}

/// Access to Xero that is not proven yet.
#[derive(Debug)]
pub(crate) struct Access {
    pub(crate) config: Config,
    pub(crate) client: XeroClient,
}

/// Proven access to Xero.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) config: Config,
    pub(crate) client: XeroClient,
    pub(crate) cache: OrganisationCache,
    /// The figures of what the session does.
    pub(crate) progress: Arc<SyncProgress>,
    /// At least one.
    pub(crate) tenants: Vec<Tenant>,
}

impl Access {
    /// Reads the config. `statuses` show the waits for rate limits.
    pub(crate) async fn open(
        path: &Path,
        emitter: &Emitter,
        statuses: &Arc<Statuses>,
        purpose: Purpose,
        storage: TokenStorage,
    ) -> Result<Access, Failure> {
        let config = config_file::read(path).await?;
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
        let policy = purpose.retry_policy();
        let http = HttpClient::new(policy, config.is_local())?;
        let is_check = purpose == Purpose::Check;
        let store = ConfigUpdates::new(
            emitter.clone(),
            config.stored.clone(),
            path,
            storage,
            is_check,
        );
        let auth = Auth::new(&config, http.clone(), Box::new(store), policy);
        let client = XeroClient::new(&config, auth, http, Box::new(statuses.clone()), policy);
        Ok(Access { config, client })
    }
}

impl Session {
    /// Reads the config and proves that it works. `statuses` show the waits for rate limits.
    pub(crate) async fn open(
        path: &Path,
        emitter: &Emitter,
        statuses: &Arc<Statuses>,
        purpose: Purpose,
        storage: TokenStorage,
    ) -> Result<Session, Failure> {
        let Access { config, client } =
            Access::open(path, emitter, statuses, purpose, storage).await?;
        let cache = OrganisationCache::default();
        let tenants = access::open(&client, &cache, &config).await?;
        Ok(Session {
            config,
            client,
            cache,
            progress: statuses.progress.clone(),
            tenants,
        })
    }

    /// Returns what `parse` reads in a small list that several streams share. `stream` is the stream
    /// that needs it, whose status shows waits for rate limits.
    pub(crate) async fn shared_list<T, E: Into<ParseError>>(
        &self,
        list: &'static Stream,
        tenant: &Tenant,
        stream: &'static Stream,
        parse: impl Fn(&[u8]) -> Result<T, E>,
    ) -> Result<T, Failure> {
        let Session { client, cache, .. } = self;
        let streams = [stream.name];
        let read = cache.get(client, list, tenant, &streams, parse);
        // The list may need another scope than the stream.
        read.await
            .map_err(|error| explain::request(error, list, tenant.label()))
    }

    /// Returns the failure of the organisations that cannot be read, if there are any.
    pub(crate) fn blocked(&self) -> Option<Failure> {
        access::blocked(&self.tenants)
    }

    /// Requests the names of the organisations, if the config names one by its id. A sync does without
    /// them, and so does a session whose request fails.
    pub(crate) async fn name_organisations(&mut self) {
        if self.tenants.iter().all(|tenant| tenant.name.is_some()) {
            return;
        }
        let connected = connections::list(&self.client).await.unwrap_or_default();
        for tenant in &mut self.tenants {
            let known = connected.iter().find(|other| other.id == tenant.id);
            tenant.name = tenant
                .name
                .take()
                .or_else(|| known.and_then(|known| known.name.clone()));
        }
    }

    /// Returns the streams that the token can read, and logs which scopes the others need.
    pub(crate) async fn readable_streams(&self) -> Result<Vec<&'static Stream>, Failure> {
        let Some(granted) = self.scopes().await? else {
            return Ok(streams::all().collect());
        };
        let (readable, missing): (Vec<_>, Vec<_>) =
            streams::all().partition(|stream| stream.readable_with(&granted));
        // Most tokens are for one API. Their users do not miss the streams of the others.
        let open = streams::apis_open_to(&granted);
        let (missing, closed): (Vec<_>, Vec<_>) = missing
            .into_iter()
            .partition(|stream| open.contains(&stream.endpoint().api));
        let mut apis: Vec<_> = closed.iter().map(|it| it.endpoint().api.name).collect();
        apis.sort_unstable();
        apis.dedup();
        if !apis.is_empty() {
            tracing::info!("the token has no scope of these APIs: {}", apis.join(", "));
        }
        let needs =
            |stream: &&Stream| format!("{} needs {}", stream.name, stream.missing_scope_hint());
        let needs: Vec<_> = missing.iter().map(needs).collect();
        for needs in needs.chunks(STREAMS_PER_LINE) {
            tracing::warn!("the token cannot read every stream: {}", needs.join("; "));
        }
        Ok(readable)
    }

    /// The scopes that the token names. `None` if the token is opaque.
    pub(crate) async fn scopes(&self) -> Result<Option<Vec<String>>, Failure> {
        Ok(self.client.auth.token().await?.scopes)
    }
}
