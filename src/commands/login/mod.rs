//! `login`: asks a user for consent in a browser, and writes a config that works.
//!
//! The tokens are written as soon as Xero sends them. Everything that may fail later can then be
//! repeated without another consent.

mod app;
mod browser;
mod callback;
mod choose;
mod draft;
mod page;
mod pending;
mod scopes;
mod waiting;

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::stream_choice::chosen;
use crate::airbyte::emit::Emitter;
use crate::cli::{AppType, LoginFlags};
use crate::config::{App, Credentials};
use crate::failure::Failure;
use crate::secret::Secret;
use crate::sync::access;
use crate::sync::callbacks::TokenStorage;
use crate::sync::organisation_cache::OrganisationCache;
use crate::sync::session::{Access, Purpose};
use crate::sync::statuses::Statuses;
use crate::terminal::{Input, say};
use crate::xero::auth::{self, Claims, Consent, TokenEndpoint, TokenSet};
use crate::xero::connections::Connection;
use crate::xero::http::HttpClient;
use crate::xero::retry::RetryPolicy;
use crate::xero::tenants::Tenant;
use callback::{Arrival, Arrivals, Listener};
use choose::Choice;
use draft::Draft;
use page::Page;
use pending::Pending;
use scopes::Scopes;
use waiting::Answer;

/// An organisation that the login opens.
#[derive(Debug)]
struct Organisation {
    tenant: Tenant,
    /// Whether a consent of this login connected it.
    is_new: bool,
}

/// One login.
struct Login<'a> {
    flags: &'a LoginFlags,
    emitter: &'a Emitter,
    app: App,
    draft: Draft,
    endpoint: TokenEndpoint,
    statuses: Arc<Statuses>,
}

/// Logs in and writes the config.
pub(crate) async fn login(flags: &LoginFlags, emitter: &Emitter) -> Result<(), Failure> {
    match (&flags.complete, flags.json) {
        (Some(address), _) => complete(flags, address, emitter).await,
        (None, true) if flags.app != Some(AppType::Custom) => begin(flags, emitter).await,
        (None, is_json) => {
            let mut input = Input::new();
            let asks = input.is_terminal() && !is_json;
            at_once(flags, emitter, asks, &mut input).await
        }
    }
}

/// Logs in with one call.
async fn at_once(
    flags: &LoginFlags,
    emitter: &Emitter,
    asks: bool,
    input: &mut Input,
) -> Result<(), Failure> {
    let redirect_uri = redirect_uri(flags);
    let person = asks.then_some(&mut *input);
    let (app_type, login) = Login::prepare(flags, emitter, person).await?;
    if app_type == AppType::Custom {
        return login.custom_connection().await;
    }
    let mut arrivals = match Listener::bind(flags.port).await {
        Ok(listener) => Some(listener.serve()),
        Err(error) if flags.no_browser => {
            tracing::warn!("the port cannot be used, so the address has to be pasted: {error}");
            None
        }
        Err(error) => return Err(cannot_listen(flags.port, error)),
    };
    let scopes = scopes(flags)?;
    say(format_args!(
        "Xero will ask you to allow these scopes:\n\n{}",
        scopes.table()
    ));
    if let Some(names) = scopes.left_out() {
        say(format_args!(
            "Not requested, because Xero does not give their scopes to every app: {names}.\nName a stream with --streams if your app may read it.\n"
        ));
    }
    let mut new = Vec::new();
    let mut is_first = true;
    loop {
        let consent = Consent::begin(&login.app.client_id, &redirect_uri, &scopes.to_text())?;
        let answer = login
            .ask_for_consent(&consent, &mut arrivals, input)
            .await?;
        let (tokens, browser) = login.exchange(&consent, answer).await?;
        login.draft.store(&tokens, is_first).await?;
        is_first = false;
        new.extend(Claims::read(tokens.access_token.expose()).auth_event);
        let organisations = login.organisations(&new, browser).await?;
        if asks {
            say(format_args!(
                "\nThe login opens:\n\n{}",
                choose::table(&organisations)
            ));
            let another = input
                .ask("Connect another organisation? Most apps connect one at a time. [y/N]: ")
                .await;
            if another.unwrap_or_default().to_lowercase().starts_with('y') {
                continue;
            }
        }
        let choice = match &flags.tenants[..] {
            [] if asks && organisations.len() > 1 => choose::ask(&organisations, input).await,
            [] => choose::usual(&organisations),
            names => choose::named(&organisations, names)?,
        };
        return login.finish(organisations, choice, Some(&scopes)).await;
    }
}

/// Does the first half of a login for scripts: prints the address to open.
async fn begin(flags: &LoginFlags, emitter: &Emitter) -> Result<(), Failure> {
    let (_, login) = Login::prepare(flags, emitter, None).await?;
    let scopes = scopes(flags)?;
    let consent = Consent::begin(
        &login.app.client_id,
        &redirect_uri(flags),
        &scopes.to_text(),
    )?;
    Pending::write(&consent, flags)?;
    let config = flags.config.to_string_lossy();
    super::print_json(&json!({
        "authorize_url": consent.address(login.draft.identity_url())?,
        "redirect_uri": consent.redirect_uri,
        "scopes": scopes.requested,
        "pending_file": pending::path(&flags.config),
        "next_step": format!(
            "xero-source login --json --config {config} --complete ADDRESS"
        ),
    }))
}

/// Does the second half: exchanges the code in the address.
async fn complete(flags: &LoginFlags, address: &str, emitter: &Emitter) -> Result<(), Failure> {
    let (consent, flags) = Pending::read(flags)?;
    emitter.hide(&consent.verifier);
    let (_, login) = Login::prepare(&flags, emitter, None).await?;
    let code = consent.code(address).map_err(waiting::explain)?;
    let answer = Answer {
        code,
        browser: None,
    };
    let (tokens, browser) = login.exchange(&consent, answer).await?;
    login.draft.store(&tokens, true).await?;
    Pending::remove(&flags.config);
    let new: Vec<_> = Claims::read(tokens.access_token.expose())
        .auth_event
        .into_iter()
        .collect();
    let organisations = login.organisations(&new, browser).await?;
    let choice = match &flags.tenants[..] {
        [] => choose::usual(&organisations),
        names => choose::named(&organisations, names)?,
    };
    login.finish(organisations, choice, None).await
}

impl<'a> Login<'a> {
    /// Finds the app, and proves that the config can be written and will be valid.
    async fn prepare(
        flags: &'a LoginFlags,
        emitter: &'a Emitter,
        input: Option<&mut Input>,
    ) -> Result<(AppType, Login<'a>), Failure> {
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
        };
        Ok((app_type, login))
    }

    /// Logs in with a Custom Connection, which needs no browser.
    async fn custom_connection(self) -> Result<(), Failure> {
        let tokens = auth::fetch(&self.endpoint, self.draft.credentials()).await?;
        self.hide(&tokens);
        self.draft.store(&tokens, true).await?;
        self.say(
            "Custom Connections made since 29 April 2026 cannot read journals and journals_cash.",
        );
        let organisations = self.organisations(&[], None).await?;
        let choice = match &self.flags.tenants[..] {
            [] => choose::usual(&organisations),
            names => choose::named(&organisations, names)?,
        };
        self.finish(organisations, choice, None).await
    }

    /// Shows the address, opens a browser, and waits for the answer.
    async fn ask_for_consent(
        &self,
        consent: &Consent,
        arrivals: &mut Option<Arrivals>,
        input: &mut Input,
    ) -> Result<Answer, Failure> {
        self.emitter.hide(&consent.verifier);
        let address = consent.address(self.draft.identity_url())?;
        say(format_args!(
            "Open this address and allow the access:\n\n{address}\n"
        ));
        let is_open = !self.flags.no_browser && browser::open(&address);
        if is_open {
            say("A browser opens. Waiting for it to come back ...");
        } else {
            say(format_args!(
                "If the browser runs on another machine, it ends at a page that cannot be reached.\nThen paste the address of that page here. It begins with {}:",
                consent.redirect_uri
            ));
        }
        let limit = Duration::from_secs(self.flags.timeout);
        let reads = self.flags.no_browser || input.is_terminal();
        let input = reads.then_some(input);
        waiting::wait(consent, arrivals.as_mut(), input, limit, self.emitter).await
    }

    /// Exchanges the code of an answer.
    async fn exchange(
        &self,
        consent: &Consent,
        answer: Answer,
    ) -> Result<(TokenSet, Option<Arrival>), Failure> {
        let Answer { code, browser } = answer;
        self.emitter.hide(&code);
        match consent.exchange(&self.endpoint, &self.app, &code).await {
            Ok(tokens) => {
                self.hide(&tokens);
                Ok((tokens, browser))
            }
            Err(failure) => {
                let page = Page::failed("Not connected", &failure.to_string());
                Answer::show(browser, page).await;
                Err(failure)
            }
        }
    }

    fn hide(&self, tokens: &TokenSet) {
        for secret in tokens.secrets() {
            self.emitter.hide(secret);
        }
    }

    /// Lists the organisations of the new tokens, and shows those of this consent in the browser.
    /// `events` are the consents of this login.
    async fn organisations(
        &self,
        events: &[String],
        browser: Option<Arrival>,
    ) -> Result<Vec<Organisation>, Failure> {
        let connections = match self.access().await {
            Ok(access) => access::all_connections(&access.client).await,
            Err(failure) => Err(failure),
        };
        let connections = match connections {
            Ok(connections) => connections,
            Err(failure) => {
                let page = Page::failed("Connected, but", &failure.to_string());
                Answer::show(browser, page).await;
                return Err(failure);
            }
        };
        let is_new = |connection: &Connection| {
            let event = connection.auth_event.as_ref();
            event.is_some_and(|event| events.contains(event))
        };
        let organisations: Vec<_> = connections
            .into_iter()
            .filter(Connection::is_organisation)
            .map(|connection| Organisation {
                is_new: is_new(&connection),
                tenant: connection.tenant,
            })
            .collect();
        let has_new = organisations.iter().any(|it| it.is_new);
        let shown = organisations.iter().filter(|it| it.is_new || !has_new);
        let names = shown.map(|it| it.tenant.label().to_owned()).collect();
        Answer::show(browser, Page::connected(names)).await;
        if organisations.is_empty() {
            return Err(Failure::config(
                "The login opens no organisation, so the config has nothing to read. Log in again with --force and choose an organisation on Xero's page.",
            ));
        }
        Ok(organisations)
    }

    async fn access(&self) -> Result<Access, Failure> {
        let (path, storage) = (&self.flags.config, TokenStorage::File);
        Access::open(path, self.emitter, &self.statuses, Purpose::Check, storage).await
    }

    /// Writes the choice into the config, proves the access, and says what comes next.
    async fn finish(
        &self,
        organisations: Vec<Organisation>,
        choice: Choice,
        scopes: Option<&Scopes>,
    ) -> Result<(), Failure> {
        let (mut tenants, is_all): (Vec<Tenant>, bool) = match choice {
            Choice::All => (
                organisations.into_iter().map(|it| it.tenant).collect(),
                true,
            ),
            Choice::Some(chosen) => {
                let chosen = chosen.into_iter().filter_map(|at| organisations.get(at));
                (chosen.map(|it| it.tenant.clone()).collect(), false)
            }
        };
        let ids = tenants
            .iter()
            .filter(|_| !is_all)
            .map(|it| it.id.to_string());
        self.draft.store_tenants(&ids.collect::<Vec<_>>()).await?;
        let access = self.access().await?;
        let cache = OrganisationCache::default();
        access::prove(&access.client, &cache, &mut tenants, true).await?;
        let config = self.flags.config.to_string_lossy();
        for tenant in &tenants {
            match &tenant.blocked {
                None => self.say(format_args!("{} can be read.", tenant.label())),
                Some(failure) => tracing::warn!("{failure}"),
            }
        }
        if self.flags.json {
            let tenants: Vec<_> = tenants
                .iter()
                .map(|tenant| {
                    json!({
                        "tenant_id": &*tenant.id,
                        "name": tenant.name,
                        "readable": tenant.blocked.is_none(),
                    })
                })
                .collect();
            super::print_json(&json!({
                "config": config,
                "organisations": tenants,
                "start_date": self.draft.start_date(),
                "next_step": format!("xero-source check --config {config}"),
            }))?;
        } else {
            let _ = scopes;
            let what = match is_all {
                true => "all organisations".to_owned(),
                false if tenants.len() == 1 => "1 organisation".to_owned(),
                false => format!("{} organisations", tenants.len()),
            };
            say(format_args!(
                "\nWrote {config}: it reads {what} from {}. Other users of this machine cannot read it.\nNext:\n\n  xero-source check --config {config}\n  xero-source catalog --all > catalog.json\n  xero-source read --config {config} --catalog catalog.json > messages.jsonl\n",
                self.draft.start_date()
            ));
        }
        match tenants.iter().all(|it| it.blocked.is_some()) {
            true => access::blocked(&tenants).map_or(Ok(()), Err),
            false => Ok(()),
        }
    }

    /// Tells a person what happens. Scripts want JSON only.
    fn say(&self, text: impl std::fmt::Display) {
        if !self.flags.json {
            say(text);
        }
    }
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

fn cannot_listen(port: u16, error: std::io::Error) -> Failure {
    let other = if port == u16::MAX { port - 1 } else { port + 1 };
    Failure::config(match error.kind() {
        ErrorKind::AddrInUse => format!(
            "Another program uses port {port} of this machine, where the browser has to come back. End that program, or add the redirect URI http://localhost:{other}{} to the app at developer.xero.com and log in with --port {other}.",
            callback::PATH
        ),
        _ => format!(
            "Port {port} of this machine cannot be used, where the browser has to come back. Choose another one with --port, or log in with --no-browser."
        ),
    })
    .because(error)
}
