//! `login`: asks a user for consent in a browser, and writes a config that works.
//!
//! The tokens are written as soon as Xero sends them. Everything that may fail later can then be
//! repeated without another consent. [`one_call`] talks to a person, [`two_calls`] to a script.

mod app;
mod browser;
mod callback;
mod choose;
mod draft;
mod ending;
mod one_call;
mod page;
mod scopes;
mod two_calls;
mod waiting;

use std::fmt::Display;
use std::sync::Arc;

use super::stream_choice::chosen;
use crate::airbyte::emit::Emitter;
use crate::cli::{AppType, LoginFlags};
use crate::config::{App, Credentials};
use crate::failure::Failure;
use crate::files;
use crate::secret::Secret;
use crate::sync::access;
use crate::sync::callbacks::TokenStorage;
use crate::sync::session::{Access, Purpose};
use crate::sync::statuses::Statuses;
use crate::terminal::{Input, say};
use crate::xero::auth::{self, Claims, Consent, TokenEndpoint, TokenSet};
use crate::xero::connections::Connection;
use crate::xero::http::HttpClient;
use crate::xero::retry::RetryPolicy;
use crate::xero::tenants::Tenant;
use draft::Draft;
use page::Page;
use scopes::Scopes;
use waiting::Answer;

/// An organisation that the login opens.
#[derive(Debug)]
struct Organisation {
    tenant: Tenant,
    /// Whether a consent of this login connected it.
    is_new: bool,
    /// Whether the replaced config read it.
    was_chosen: bool,
}

/// One login.
struct Login<'a> {
    flags: &'a LoginFlags,
    emitter: &'a Emitter,
    app: App,
    draft: Draft,
    endpoint: TokenEndpoint,
    statuses: Arc<Statuses>,
    /// The consents of this login that led to tokens. The connections that they made name them.
    events: Vec<String>,
}

/// Logs in and writes the config.
pub(crate) async fn login(flags: &LoginFlags, emitter: &Emitter) -> Result<(), Failure> {
    match &flags.complete {
        Some(address) => two_calls::complete(flags, address, emitter).await,
        None if flags.json && flags.app != Some(AppType::Custom) => {
            two_calls::begin(flags, emitter).await
        }
        None => one_call::log_in(flags, emitter).await,
    }
}

impl<'a> Login<'a> {
    /// Finds the app, and proves that the config can be written and will be valid.
    async fn prepare(
        flags: &'a LoginFlags,
        emitter: &'a Emitter,
        input: Option<&mut Input>,
    ) -> Result<(AppType, Login<'a>), Failure> {
        if files::in_image() && flags.config.is_relative() {
            tracing::warn!(
                "the config is lost with the container unless its folder is mounted: give --config with a path in a mounted folder"
            );
        }
        let existing = draft::existing(flags).await?;
        let (app_type, app) =
            app::find(flags, existing.as_ref(), &redirect_uri(flags), input).await?;
        let credentials = match app_type {
            AppType::Custom => Credentials::CustomConnection {
                app: app.clone(),
                scopes: custom_scopes(flags)?,
                saved_token: None,
            },
            AppType::Web | AppType::Pkce => Credentials::RefreshToken {
                app: app.clone(),
                // Replaced before the config is written.
                refresh_token: Secret::new("pending".to_owned()),
                saved_token: None,
            },
        };
        let draft = Draft::new(flags, existing, credentials)?;
        for secret in draft.secrets() {
            emitter.hide(&secret);
        }
        let policy = RetryPolicy::Interactive;
        let http = HttpClient::new(policy, draft.is_local())?;
        let login = Login {
            flags,
            emitter,
            endpoint: TokenEndpoint::new(draft.identity_url(), http, policy),
            app,
            draft,
            statuses: Statuses::new(emitter),
            events: Vec::new(),
        };
        Ok((app_type, login))
    }

    /// Exchanges the code of an answer, stores the tokens, and lists the organisations that they open.
    /// The browser shows how that ended.
    async fn connect(
        &mut self,
        consent: &Consent,
        answer: Answer,
    ) -> Result<Vec<Organisation>, Failure> {
        let Answer { code, browser } = answer;
        self.emitter.hide(&code);
        let (connected, page) = match self.exchange(consent, &code).await {
            Ok(()) => {
                let listed = self.organisations().await;
                let page = match &listed {
                    Ok(organisations) => connected_page(organisations),
                    Err(failure) => Page::failed("Connected, not ready", &failure.to_string()),
                };
                (listed, page)
            }
            Err(failure) => {
                let page = Page::failed("Not connected", &failure.to_string());
                (Err(failure), page)
            }
        };
        if let Some(browser) = browser {
            browser.show(page).await;
        }
        connected
    }

    /// Exchanges a code, and stores the tokens.
    async fn exchange(&mut self, consent: &Consent, code: &Secret) -> Result<(), Failure> {
        // A signal must not come between the exchange and the file.
        let _update = self.emitter.update().await;
        let tokens = consent.exchange(&self.endpoint, &self.app, code).await?;
        self.store(&tokens).await
    }

    /// Gets the tokens of a Custom Connection, stores them, and lists its organisation.
    async fn connect_custom(&mut self) -> Result<Vec<Organisation>, Failure> {
        let tokens = auth::fetch(&self.endpoint, self.draft.credentials()).await?;
        self.store(&tokens).await?;
        self.organisations().await
    }

    async fn store(&mut self, tokens: &TokenSet) -> Result<(), Failure> {
        for secret in tokens.secrets() {
            self.emitter.hide(secret);
        }
        self.draft.store(tokens).await?;
        let event = Claims::read(tokens.access_token.expose()).auth_event;
        self.events.extend(event);
        Ok(())
    }

    /// Lists the organisations of the stored tokens. The config reads the usual ones until others are
    /// chosen.
    async fn organisations(&self) -> Result<Vec<Organisation>, Failure> {
        let listed = self.list().await;
        if listed.is_err() {
            let config = files::shown(&self.flags.config);
            tracing::warn!(
                "the login itself worked, and its tokens are saved in {config}: once the error below is solved, run xero-source check"
            );
        }
        listed
    }

    async fn list(&self) -> Result<Vec<Organisation>, Failure> {
        let access = self.access().await?;
        let connections = access::all_connections(&access.client).await?;
        let is_new = |connection: &Connection| {
            let event = connection.auth_event.as_ref();
            event.is_some_and(|event| self.events.contains(event))
        };
        let organisations: Vec<_> = connections
            .into_iter()
            .filter(Connection::is_organisation)
            .map(|connection| Organisation {
                is_new: is_new(&connection),
                was_chosen: self.draft.had_chosen(&connection.tenant.id),
                tenant: connection.tenant,
            })
            .collect();
        if organisations.is_empty() {
            return Err(Failure::config(
                "The login opens no organisation, so the config has nothing to read. Log in again with --force and choose an organisation on Xero's page.",
            ));
        }
        let usual = choose::usual(&organisations);
        self.draft.store_tenants(&usual.ids(&organisations)).await?;
        Ok(organisations)
    }

    /// Returns access with the stored tokens.
    async fn access(&self) -> Result<Access, Failure> {
        let (path, storage) = (&self.flags.config, TokenStorage::File);
        Access::open(path, self.emitter, &self.statuses, Purpose::Check, storage).await
    }

    /// Tells a person what happens. Scripts want JSON only.
    fn say(&self, text: impl Display) {
        if !self.flags.json {
            say(text);
        }
    }
}

/// Returns the page that names the new organisations. If none is new, they were connected before.
fn connected_page(organisations: &[Organisation]) -> Page {
    let has_new = organisations.iter().any(|it| it.is_new);
    let shown = organisations.iter().filter(|it| it.is_new || !has_new);
    Page::connected(shown.map(|it| it.tenant.label().to_owned()).collect())
}

/// Returns the redirect URI. Xero allows http for the name localhost only.
fn redirect_uri(flags: &LoginFlags) -> String {
    format!("http://localhost:{}{}", flags.port, callback::PATH)
}

/// Returns the scopes of the consent.
fn scopes(flags: &LoginFlags) -> Result<Scopes, Failure> {
    let streams = chosen(&flags.choice)?;
    Ok(Scopes::of(streams.as_deref(), flags.scopes.as_deref()))
}

/// Returns the scopes to request of a Custom Connection. `None` requests all that it has.
fn custom_scopes(flags: &LoginFlags) -> Result<Option<String>, Failure> {
    let is_chosen = flags.scopes.is_some() || chosen(&flags.choice)?.is_some();
    if !is_chosen {
        return Ok(None);
    }
    let mut scopes = scopes(flags)?.requested;
    // These belong to users, and a Custom Connection acts for none.
    scopes.retain(|scope| scope.contains('.') || scope == "paymentservices");
    Ok(Some(scopes.join(" ")))
}
