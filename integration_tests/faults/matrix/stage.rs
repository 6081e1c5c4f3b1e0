//! An organisation in a simulator whose clock stands still, ways of access to it, and syncs of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use xero_sim::{App, Request, Sim, TenantId, World};

use super::kinds::{Family, Kind};
use crate::support::connector::{self, Run, command};
use crate::support::invariants;
use crate::support::scene::{CLIENT_ID, CLIENT_SECRET, SCOPES, catalog};
use crate::support::streams::key_of;

/// 2025-08-14T09:30:00Z in milliseconds since the Unix epoch. The tokens are opaque, so the
/// connector does not compare them with its own clock.
const NOW: i64 = 1_755_163_800_000;

/// Streams beside the one that fails.
pub(super) const OTHERS: [&str; 2] = ["accounts", "tax_rates"];

/// How the connector gets its access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// A pasted access token, which nothing renews.
    Token,
    /// A web app with a secret, a refresh token and an access token that is still valid.
    WebWithToken,
    /// A web app with a secret and a refresh token.
    Web,
    /// A mobile or desktop app with a refresh token and without a secret.
    Pkce,
    /// A Custom Connection.
    Custom,
}

impl Access {
    /// How the page names it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Access::Token => "access token only",
            Access::WebWithToken => "web app, valid access token",
            Access::Web => "web app",
            Access::Pkce => "app without a secret (PKCE)",
            Access::Custom => "Custom Connection",
        }
    }
}

/// The rows of streams by stream and key.
pub(super) type Rows = BTreeMap<(String, String), Value>;

/// A simulator with the organisation of a kind, and a config for it.
pub(super) struct Stage {
    pub(super) sim: Sim,
    pub(super) tenants: Vec<TenantId>,
    pub(super) config: Value,
    kind: &'static Kind,
    folder: TempDir,
    /// The largest silence within a response, in milliseconds.
    pub(super) silence: u32,
}

impl Stage {
    /// `organisations` of the kind, all in one consent.
    pub(super) fn new(kind: &'static Kind, access: Access, organisations: usize) -> Stage {
        let mut world = World::new(7);
        world.fix_clock(NOW);
        world.unlimited();
        let tenant = |number| {
            let tenant = world.add_tenant(&format!("Organisation {number}"), "NZD");
            (kind.fill)(&mut world, &tenant);
            tenant
        };
        let tenants: Vec<_> = (1..=organisations).map(tenant).collect();
        let app = match access {
            Access::Pkce => App::pkce(CLIENT_ID),
            Access::Custom => App::custom_connection(CLIENT_ID, CLIENT_SECRET, &tenants[0]),
            Access::Token | Access::WebWithToken | Access::Web => {
                App::web(CLIENT_ID, CLIENT_SECRET)
            }
        };
        let app = world.add_app(app.opaque_tokens(true));
        let mut credentials = json!({
            "auth_type": "oauth2_authorization_code",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
        });
        if access == Access::Custom {
            credentials["auth_type"] = "oauth2_confidential_application".into();
        } else {
            let tokens = world.consent(&app, &tenants, SCOPES);
            credentials["refresh_token"] = json!(tokens.refresh_token);
            if matches!(access, Access::Token | Access::WebWithToken) {
                credentials["access_token"] = tokens.access_token.into();
            }
        }
        if access == Access::Pkce {
            credentials["client_secret"] = Value::Null;
        }
        if access == Access::Token {
            credentials = json!({
                "auth_type": "oauth2_access_token",
                "access_token": credentials["access_token"],
            });
        }
        let sim = Sim::start(world);
        let folder = tempfile::tempdir().expect("there is room for temporary files");
        let mut config = json!({
            "start_date": "2020-01-01",
            "credentials": credentials,
            "api_url": sim.url(),
            "identity_url": sim.url(),
        });
        if organisations == 1 {
            config["tenant_id"] = tenants[0].as_str().into();
        }
        if kind.family == Family::Files {
            let files = folder.path().join("files");
            config["download_attachments"] = true.into();
            config["attachments_directory"] = files.display().to_string().into();
        }
        if matches!(kind.family, Family::Details | Family::Items) {
            // The items are requested in their order, so that the figures are the same each time.
            config["max_concurrent_calls"] = 1.into();
        }
        if kind.stream.starts_with("report_") {
            // Three months.
            config["start_date"] = "2025-06-01".into();
        }
        Stage {
            sim,
            tenants,
            config,
            kind,
            folder,
            silence: 20_000,
        }
    }

    /// The streams of a sync: that of the kind, and the others.
    pub(super) fn streams(&self) -> [&'static str; 3] {
        [self.kind.stream, OTHERS[0], OTHERS[1]]
    }

    /// Runs a sync.
    pub(super) fn sync(&self, config: &Value, states: Option<&Value>) -> Run {
        let folder = self.folder.path();
        let config = connector::file(folder, "config.json", config);
        let catalog = connector::file(folder, "catalog.json", &catalog(&self.streams()));
        let states = states.map(|states| connector::file(folder, "state.json", states));
        let mut arguments = vec!["read", "--config", &config, "--catalog", &catalog];
        arguments.extend(states.iter().flat_map(|path| ["--state", path.as_str()]));
        let mut command = command(&arguments);
        let silence = self.silence.to_string();
        let output = command.env("XERO_SOURCE_TIMEOUT_CAP_MS", silence).output();
        let run = Run::of(output.expect("the binary starts"));
        invariants::a_read_is_well_formed(&run, &self.streams());
        invariants::updates_fit_the_spec(&run);
        run
    }

    /// Ten minutes pass, and users work meanwhile.
    pub(super) fn time_passes(&self) {
        self.sim.world(|world| {
            world.advance(Duration::from_secs(600));
            for tenant in &self.tenants {
                (self.kind.edit)(world, tenant);
            }
        });
    }

    /// The number of calls of the stream.
    pub(super) fn calls(&self) -> usize {
        let requests = self.sim.requests();
        requests.iter().filter(|it| (self.kind.is_call)(it)).count()
    }

    /// The number of requests for tokens.
    pub(super) fn token_calls(&self) -> usize {
        let requests = self.sim.requests();
        requests.iter().filter(|it| is_token_call(it)).count()
    }

    /// The rows of a sync. The last version of a row wins, as in a destination that merges by the key.
    pub(super) fn rows(&self, run: &Run) -> Rows {
        let keys = self.streams().map(|stream| (stream, key_of(stream)));
        let keys = BTreeMap::from(keys);
        let row = |record: &Value| {
            let stream = record["stream"].as_str().expect("a record has a stream");
            let mut data = record["data"].clone();
            if stream.starts_with("report_") {
                // It says when the report was read.
                data["UpdatedDateUTC"] = Value::Null;
            }
            let key = keys[stream].iter().map(|field| data[*field].to_string());
            let key = format!("{} {}", data["TenantID"], key.collect::<Vec<_>>().join(" "));
            ((stream.to_owned(), key), data)
        };
        run.payloads("RECORD", "record").map(row).collect()
    }
}

/// Whether the file of a row was not downloaded.
pub(super) fn lacks_its_file(row: &Value) -> bool {
    row["FileStatus"]
        .as_str()
        .is_some_and(|status| status != "downloaded")
}

/// Whether a request is one for tokens.
pub(super) fn is_token_call(request: &Request) -> bool {
    request.path == "/connect/token"
}

/// A number that a closure of the simulator counts up.
#[derive(Clone, Debug, Default)]
pub(super) struct Counter(Arc<AtomicUsize>);

impl Counter {
    pub(super) fn add(&self) -> usize {
        self.0.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(super) fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}
