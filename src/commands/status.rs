//! `status`: shows the login of a config.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::organisations::{self, Listed};
use crate::airbyte::emit::Emitter;
use crate::cli::LoggedIn;
use crate::config::{App, Credentials};
use crate::excerpt::{excerpt, listed};
use crate::failure::Failure;
use crate::streams::{self, Stream};
use crate::sync::access;
use crate::sync::callbacks::TokenStorage;
use crate::sync::config_file;
use crate::sync::session::{Access, Purpose};
use crate::sync::statuses::Statuses;
use crate::terminal::{self, Align, Table, grouped};
use crate::xero::auth::Claims;

/// Maximum number of streams that a line of the table names.
const MAX_NAMED: usize = 4;

/// What is known about a login.
struct Status {
    user: Option<String>,
    email: Option<String>,
    app: Option<App>,
    /// The type of the credentials, in words.
    kind: &'static str,
    /// When the access token expires.
    expires: Option<DateTime<Utc>>,
    /// Whether the connector renews the access token.
    renews: bool,
    /// `None` if the token does not name its scopes.
    scopes: Option<Vec<String>>,
    readable: Vec<&'static Stream>,
    /// The closed streams, by what they need.
    closed: BTreeMap<String, Vec<&'static Stream>>,
    organisations: Vec<Listed>,
}

/// Prints the login: the user, the token, scopes, streams and organisations. Fails if no organisation
/// can be read.
pub(crate) async fn status(flags: &LoggedIn, emitter: &Emitter) -> Result<(), Failure> {
    let status = Status::read(flags, emitter).await?;
    match flags.format.json {
        true => super::print_json(&status.as_json())?,
        false => terminal::print(&status).map_err(super::cannot_print)?,
    }
    let tenants: Vec<_> = status
        .organisations
        .iter()
        .map(|it| it.tenant.clone())
        .collect();
    match tenants.iter().all(|tenant| tenant.blocked.is_some()) {
        true => Err(access::blocked(&tenants)
            .unwrap_or_else(|| Failure::config("The login opens no organisation of the config."))),
        false => Ok(()),
    }
}

impl Status {
    async fn read(flags: &LoggedIn, emitter: &Emitter) -> Result<Status, Failure> {
        let statuses = Statuses::new(emitter);
        let (path, storage) = (&flags.config, TokenStorage::File);
        let access = Access::open(path, emitter, &statuses, Purpose::Check, storage).await?;
        let token = access.client.auth.token().await?;
        let claims = Claims::read(token.secret.expose());
        // The token may have been renewed just now.
        let config = config_file::read(path).await?;
        let (app, kind, saved_token, renews) = match config.credentials {
            Credentials::RefreshToken {
                app, saved_token, ..
            } => {
                let kind = match app.client_secret {
                    Some(_) => "web app",
                    None => "PKCE app",
                };
                (Some(app), kind, saved_token, true)
            }
            Credentials::CustomConnection {
                app, saved_token, ..
            } => (Some(app), "Custom Connection", saved_token, true),
            Credentials::AccessToken(_) => (None, "access token", None, false),
        };
        let id = config
            .stored
            .id_token()
            .map(|token| Claims::read(token.expose()));
        let id = id.unwrap_or_default();
        let (mut readable, mut closed) = (Vec::new(), BTreeMap::<_, Vec<_>>::new());
        let open = token.scopes.as_deref().map(streams::apis_open_to);
        let open = open.unwrap_or_default();
        for stream in streams::all() {
            match &token.scopes {
                Some(granted) if !stream.readable_with(granted) => {
                    let api = stream.endpoint().api;
                    let needed = match open.contains(&api) {
                        true => stream.missing_scope_hint(),
                        false => format!("scopes of the API {}", api.name),
                    };
                    closed.entry(needed).or_default().push(stream);
                }
                _ => readable.push(stream),
            }
        }
        let mut organisations = organisations::list(&access).await?;
        organisations.retain(|it| it.is_chosen);
        Ok(Status {
            user: id.name.as_deref().map(excerpt),
            email: id.email.as_deref().map(excerpt),
            app,
            kind,
            expires: claims.expires.or(saved_token.and_then(|it| it.expires)),
            renews,
            scopes: token.scopes,
            readable,
            closed,
            organisations,
        })
    }

    fn as_json(&self) -> Value {
        let names = |streams: &[&Stream]| streams.iter().map(|it| it.name).collect::<Vec<_>>();
        let closed = self.closed.iter().map(|(need, streams)| {
            let scope = streams.first().and_then(|it| it.endpoint().scopes.first());
            json!({"scope": scope, "needs": need, "streams": names(streams)})
        });
        let organisations = self.organisations.iter().map(|organisation| {
            json!({
                "tenant_id": &*organisation.tenant.id,
                "name": organisation.tenant.name,
                "calls_left_today": organisation.calls_left_today,
                "readable": organisation.tenant.blocked.is_none(),
                "reason": organisation.tenant.blocked.as_ref().map(Failure::to_string),
            })
        });
        let expires = self.expires;
        json!({
            "user": self.user,
            "email": self.email,
            "client_id": self.app.as_ref().map(|app| &app.client_id),
            "app": self.kind,
            "access_token_expires": expires.map(|it| it.to_rfc3339_opts(SecondsFormat::Secs, true)),
            "is_renewed": self.renews,
            "scopes": self.scopes,
            "readable_streams": names(&self.readable),
            "closed_streams": closed.collect::<Vec<_>>(),
            "organisations": organisations.collect::<Vec<_>>(),
        })
    }
}

/// Writes the status for people.
impl fmt::Display for Status {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unknown = || "unknown".to_owned();
        let user = match (&self.user, &self.email) {
            (Some(name), Some(email)) => format!("{name} <{email}>"),
            (Some(one), None) | (None, Some(one)) => one.clone(),
            (None, None) => unknown(),
        };
        writeln!(out, "User:     {user}")?;
        match &self.app {
            Some(app) => writeln!(out, "App:      {} ({})", excerpt(&app.client_id), self.kind)?,
            None => writeln!(out, "App:      unknown ({})", self.kind)?,
        }
        let expires = self.expires.map(|it| it.format("%Y-%m-%d %H:%M UTC"));
        let expires = expires.map_or_else(unknown, |it| it.to_string());
        let renewal = if self.renews {
            "renewed"
        } else {
            "not renewed"
        };
        writeln!(out, "Token:    until {expires}, then {renewal}")?;
        let scopes = self.scopes.iter().flatten().map(|scope| excerpt(scope));
        let scopes = scopes.collect::<Vec<_>>().join(" ");
        let scopes = if scopes.is_empty() { unknown() } else { scopes };
        writeln!(out, "Scopes:   {scopes}")?;
        let (readable, all) = (self.readable.len(), streams::all().count());
        writeln!(out, "Streams:  {readable} of {all}\n")?;
        if !self.closed.is_empty() {
            let mut table = Table::new(&[("closed streams", Align::Left), ("need", Align::Left)]);
            for (need, streams) in &self.closed {
                let names = streams.iter().map(|stream| stream.name.to_owned());
                table.add([listed(names, MAX_NAMED, streams.len()), need.clone()]);
            }
            writeln!(out, "{table}")?;
        }
        let mut table = Table::new(&[
            ("organisation", Align::Left),
            ("calls left today", Align::Right),
            ("readable", Align::Left),
        ]);
        for organisation in &self.organisations {
            let calls = organisation
                .calls_left_today
                .map(|calls| grouped(calls as u64));
            table.add([
                // An organisation that the token does not open has no name.
                organisation
                    .tenant
                    .name
                    .clone()
                    .unwrap_or_else(|| organisation.tenant.id.to_string()),
                calls.unwrap_or_default(),
                organisation.readable(),
            ]);
        }
        write!(out, "{table}")
    }
}
