//! A login with one call, in which a person answers questions and allows the access in a browser.

use std::io::{Error, ErrorKind};
use std::time::Duration;

use super::callback::{self, Arrivals, Listener};
use super::waiting::{self, Answer};
use super::{Login, browser, choose};
use crate::airbyte::emit::Emitter;
use crate::cli::{AppType, LoginFlags};
use crate::failure::Failure;
use crate::terminal::{Input, say};
use crate::xero::auth::Consent;

/// Logs in and writes the config.
pub(super) async fn log_in(flags: &LoginFlags, emitter: &Emitter) -> Result<(), Failure> {
    let mut input = Input::new();
    let asks = input.is_terminal() && !flags.json;
    let person = asks.then_some(&mut input);
    let (app_type, mut login) = Login::prepare(flags, emitter, person).await?;
    if app_type == AppType::Custom {
        let organisations = login.connect_custom().await?;
        login.say(
            "Custom Connections made since 29 April 2026 cannot read journals and journals_cash.",
        );
        let choice = choose::by_flags(&organisations, &flags.tenants)?;
        return login.finish(organisations, choice).await;
    }
    let mut arrivals = match Listener::bind(flags.port).await {
        Ok(listener) => Some(listener.serve()),
        Err(error) if flags.no_browser => {
            tracing::warn!("the port cannot be used, so the address has to be pasted: {error}");
            None
        }
        Err(error) => return Err(cannot_listen(flags.port, error)),
    };
    let scopes = super::scopes(flags)?;
    say(format_args!(
        "Xero will ask you to allow these scopes:\n\n{}",
        scopes.table()
    ));
    if let Some(names) = scopes.left_out() {
        say(format_args!(
            "Not requested, because Xero does not give their scopes to every app: {names}.\nName a stream with --streams if your app may read it.\n"
        ));
    }
    let redirect_uri = super::redirect_uri(flags);
    loop {
        let consent = Consent::begin(&login.app.client_id, &redirect_uri, &scopes.to_text())?;
        let answer = login
            .ask_for_consent(&consent, &mut arrivals, &mut input)
            .await?;
        let organisations = login.connect(&consent, answer).await?;
        if asks {
            say(format_args!(
                "\nThe tokens are saved in {}. They open:\n\n{}",
                flags.config.display(),
                choose::table(&organisations)
            ));
            let another = input
                .ask("Connect another organisation? Most apps connect one at a time. [y/N]: ")
                .await;
            if another.unwrap_or_default().to_lowercase().starts_with('y') {
                continue;
            }
        }
        let choice = match flags.tenants.is_empty() && asks && organisations.len() > 1 {
            true => choose::ask(&organisations, &mut input).await,
            false => choose::by_flags(&organisations, &flags.tenants)?,
        };
        return login.finish(organisations, choice).await;
    }
}

impl Login<'_> {
    /// Shows the address, opens a browser, and waits for the answer.
    async fn ask_for_consent(
        &self,
        consent: &Consent,
        arrivals: &mut Option<Arrivals>,
        input: &mut Input,
    ) -> Result<Answer, Failure> {
        self.emitter.hide(&consent.verifier);
        let address = consent.address(self.draft.identity_url())?;
        let interruption = waiting::interruption(self.emitter).await?;
        say(format_args!(
            "Open this address and allow the access:\n\n{address}\n"
        ));
        let reads = self.flags.no_browser || input.is_terminal();
        if !self.flags.no_browser && browser::open(&address) {
            say("A browser opens. If none does, open the address yourself. Waiting ...");
        } else if reads {
            say(format_args!(
                "If the browser runs on another machine, it ends at a page that cannot be reached.\nThen paste the address of that page here. It begins with {}:",
                consent.redirect_uri
            ));
        } else {
            say(
                "Waiting for a browser on this machine. If it runs elsewhere, log in with --no-browser or --json.",
            );
        }
        let limit = Duration::from_secs(self.flags.timeout);
        let input = reads.then_some(input);
        waiting::wait(consent, arrivals.as_mut(), input, limit, interruption).await
    }
}

fn cannot_listen(port: u16, error: Error) -> Failure {
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
