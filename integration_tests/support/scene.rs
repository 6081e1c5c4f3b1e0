//! A simulator with an organisation, an app and a consent, and runs of the connector against it.

use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use xero_sim::{Answer, App, AppId, Entity, Sim, TenantId, TokenSet, World};

use crate::support::connector::{self, Run};
use crate::support::invariants;
use crate::support::tables::books;

/// The scopes of all streams.
pub(crate) const SCOPES: &str = "openid offline_access accounting.settings.read accounting.transactions.read accounting.contacts.read accounting.reports.read accounting.journals.read accounting.attachments.read accounting.budgets.read paymentservices";

pub(crate) const CLIENT_ID: &str = "CLIENT0123456789ABCDEF0123456789";
pub(crate) const CLIENT_SECRET: &str = "s3cret/with+odd=chars-8c1b";

/// A simulator and everything that a config for it needs.
pub(crate) struct Scene {
    pub(crate) sim: Sim,
    pub(crate) tenant: TenantId,
    pub(crate) app: AppId,
    pub(crate) tokens: TokenSet,
    folder: TempDir,
}

impl Scene {
    /// An organisation with rows in every table, and a consent to all scopes.
    pub(crate) fn new() -> Scene {
        Scene::with(SCOPES, fill)
    }

    /// The same with another base currency, which determines the tax rules.
    pub(crate) fn abroad(currency: &str) -> Scene {
        Scene::of(Scene::web_app(), SCOPES, currency, fill)
    }

    /// An organisation as `fill` makes it, and a consent to `scopes`.
    pub(crate) fn with(scopes: &str, fill: impl FnOnce(&mut World, &TenantId)) -> Scene {
        Scene::of_app(App::web(CLIENT_ID, CLIENT_SECRET), scopes, fill)
    }

    /// The same in the country of a currency, with the rows that every organisation has.
    pub(crate) fn of_country(scopes: &str, currency: &str) -> Scene {
        Scene::of(
            App::web(CLIENT_ID, CLIENT_SECRET),
            scopes,
            currency,
            |_, _| {},
        )
    }

    /// The same for another app.
    pub(crate) fn of_app(
        app: App,
        scopes: &str,
        fill: impl FnOnce(&mut World, &TenantId),
    ) -> Scene {
        Scene::of(app, scopes, "NZD", fill)
    }

    fn of(
        app: App,
        scopes: &str,
        currency: &str,
        fill: impl FnOnce(&mut World, &TenantId),
    ) -> Scene {
        let mut world = World::new(7);
        let tenant = world.add_tenant("Demo Company (NZ)", currency);
        fill(&mut world, &tenant);
        let app = world.add_app(app);
        let tokens = world.consent(&app, std::slice::from_ref(&tenant), scopes);
        let folder = tempfile::tempdir().expect("there is room for temporary files");
        Scene {
            sim: Sim::start(world),
            tenant,
            app,
            tokens,
            folder,
        }
    }

    /// A web app with the scene's usual credentials.
    pub(crate) fn web_app() -> App {
        App::web(CLIENT_ID, CLIENT_SECRET)
    }

    /// A config with flat keys.
    pub(crate) fn flat(&self) -> Value {
        flat_config(&self.tokens, &self.tenant, &self.sim.url())
    }

    /// The same without an access token, so that the connector exchanges the refresh token.
    pub(crate) fn flat_without_access_token(&self) -> Value {
        let mut config = self.flat();
        config["access_token"] = Value::Null;
        config
    }

    /// Delays the answers of the token endpoint by 400 ms. The receiver gets a message for each
    /// request.
    pub(crate) fn delay_token_answers(&self) -> Receiver<()> {
        let (requested, requests) = mpsc::channel();
        self.sim.intercept(move |request, _| {
            let hit = request.path == "/connect/token";
            hit.then(|| {
                let _ = requested.send(());
                Answer::honest().delayed(Duration::from_millis(400))
            })
        });
        requests
    }

    /// The config with `credentials`.
    pub(crate) fn nested(&self, credentials: Value) -> Value {
        json!({
            "start_date": "2020-01-01T00:00:00Z",
            "tenant_id": self.tenant.as_str(),
            "credentials": credentials,
            "api_url": self.sim.url(),
            "identity_url": self.sim.url(),
        })
    }

    /// The credentials of a web app, with the access token that is still good.
    pub(crate) fn web_credentials(&self) -> Value {
        json!({
            "auth_type": "oauth2_authorization_code",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "refresh_token": self.tokens.refresh_token,
            "access_token": self.tokens.access_token,
        })
    }

    /// Runs `check`.
    pub(crate) fn check(&self, config: &Value) -> Run {
        self.run(config, &["check"])
    }

    /// Runs `discover`.
    pub(crate) fn discover(&self, config: &Value) -> Run {
        self.run(config, &["discover"])
    }

    /// Runs `read` over `streams`, from `state` if there is one.
    pub(crate) fn read(&self, config: &Value, streams: &[&str], state: Option<&Value>) -> Run {
        let catalog = self.file("catalog.json", &catalog(streams));
        let state = state.map(|state| self.file("state.json", state));
        let mut arguments = vec!["read", "--catalog", &catalog];
        arguments.extend(state.iter().flat_map(|state| ["--state", state.as_str()]));
        let run = self.run(config, &arguments);
        invariants::a_read_is_well_formed(&run, streams);
        run
    }

    /// Runs a verb with the config and asserts that the output holds no secret.
    fn run(&self, config: &Value, arguments: &[&str]) -> Run {
        let path = self.file("config.json", config);
        let run = connector::run(&[arguments, &["--config", &path]].concat());
        invariants::updates_fit_the_spec(&run);
        let written = run
            .configs()
            .into_iter()
            .chain([config])
            .flat_map(secrets_of)
            .collect::<Vec<_>>();
        invariants::no_secret_shows(&run, &written);
        run
    }

    /// The ids of the rows that the organisation has.
    pub(crate) fn ids(&self, entity: Entity) -> Vec<String> {
        self.sim.world(|world| {
            let rows = world.rows(&self.tenant, entity).iter();
            rows.map(xero_sim::Row::guid).collect()
        })
    }

    /// Writes a JSON file for the connector.
    pub(crate) fn file(&self, name: &str, content: &Value) -> String {
        connector::file(self.folder.path(), name, content)
    }

    /// The calls to the API that the simulator answered, as `path` with `page`.
    pub(crate) fn calls(&self) -> Vec<String> {
        let requests = self.sim.requests();
        let api = requests.iter().filter_map(|request| {
            let path = request.path.strip_prefix("/api.xro/2.0")?;
            Some(
                request
                    .param("page")
                    .map_or(path.to_owned(), |page| format!("{path} {page}")),
            )
        });
        api.collect()
    }

    /// The number of calls to the token endpoint.
    pub(crate) fn token_calls(&self) -> usize {
        self.sim
            .requests()
            .iter()
            .filter(|request| request.path == "/connect/token")
            .count()
    }
}

fn fill(world: &mut World, tenant: &TenantId) {
    for (entity, rows) in books() {
        world.fill(tenant, entity, rows);
    }
}

/// A configured catalog over `streams`, as platforms write it: nulls and all.
pub(crate) fn catalog(streams: &[&str]) -> Value {
    let stream = |name: &&str| {
        json!({
            "stream": {"name": name, "json_schema": {}, "supported_sync_modes": ["full_refresh"], "namespace": null},
            "sync_mode": "incremental",
            "destination_sync_mode": "append_dedup",
            "cursor_field": null,
            "primary_key": null,
            "generation_id": 3,
        })
    };
    json!({"streams": streams.iter().map(stream).collect::<Vec<_>>()})
}

fn secrets_of(config: &Value) -> Vec<String> {
    let names = ["access_token", "refresh_token", "id_token", "client_secret"];
    let objects = [config, &config["credentials"]];
    let text = |object: &Value, name: &str| object[name].as_str().map(str::to_owned);
    let values = objects
        .iter()
        .flat_map(|object| names.map(|name| text(object, name)));
    let basic = objects.iter().map(|object| {
        Some(format!(
            "{}:{}",
            text(object, "client_id")?,
            text(object, "client_secret")?
        ))
    });
    values
        .chain(basic)
        .flatten()
        .filter(|value| value.len() >= 8)
        .collect()
}

/// The config in the form of the seven keys, for a simulator at `url`.
pub(crate) fn flat_config(tokens: &TokenSet, tenant: &TenantId, url: &str) -> Value {
    json!({
        "access_token": tokens.access_token,
        "id_token": tokens.id_token,
        "start_date": "2020-01-01",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "tenant_id": tenant.as_str(),
        "refresh_token": tokens.refresh_token,
        "api_url": url,
        "identity_url": url,
    })
}
