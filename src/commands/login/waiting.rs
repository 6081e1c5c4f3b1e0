//! Waits for the answer to a consent: from the browser, or as an address that the user pastes.

use std::ffi::c_int;
use std::pin::pin;
use std::time::Duration;

use tokio::time::sleep;

use super::callback::{Arrival, Arrivals};
use super::page::Page;
use crate::airbyte::emit::{Emitter, Update};
use crate::failure::Failure;
use crate::secret::Secret;
use crate::signals;
use crate::terminal::{Input, say};
use crate::xero::auth::{Consent, NoCode};

/// A code, and the browser that brought it.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) code: Secret,
    pub(super) browser: Option<Arrival>,
}

/// What ends a wait, or continues it.
enum Event {
    Browser(Arrival),
    Line(Option<String>),
    Timeout,
    Signal,
}

/// What a signal meets from before the address is shown until the wait ends.
pub(super) struct Interruption<S> {
    /// On a signal, the process waits for this permit, and so for the explanation.
    update: Update,
    signal: S,
}

/// Begins to listen for signals. A user may press Ctrl-C as soon as something is shown.
pub(super) async fn interruption(
    emitter: &Emitter,
) -> Result<Interruption<impl Future<Output = c_int>>, Failure> {
    let update = emitter.update().await;
    let signal = signals::listen()
        .map_err(|error| Failure::system("The connector could not start.").because(error))?;
    Ok(Interruption { update, signal })
}

/// Waits until there is a code. An answer to another consent does not end the wait. Explains what Xero
/// shows only in the browser if there is no answer in time, or if a signal ends the wait.
pub(super) async fn wait(
    consent: &Consent,
    mut arrivals: Option<&mut Arrivals>,
    mut input: Option<&mut Input>,
    limit: Duration,
    interruption: Interruption<impl Future<Output = c_int>>,
) -> Result<Answer, Failure> {
    let Interruption { update, signal } = interruption;
    let mut signal = pin!(signal);
    let mut end = pin!(sleep(limit));
    loop {
        let event = tokio::select! {
            Some(browser) = browser(&mut arrivals) => Event::Browser(browser),
            line = line(&mut input) => Event::Line(line),
            () = &mut end => Event::Timeout,
            _ = &mut signal => Event::Signal,
        };
        let (address, browser) = match event {
            Event::Browser(browser) => (browser.address.clone(), Some(browser)),
            Event::Line(Some(line)) if line.is_empty() => continue,
            Event::Line(Some(line)) => (line, None),
            Event::Line(None) => {
                input = None;
                if arrivals.is_none() {
                    return Err(Failure::config(
                        "No address was pasted before the input ended. Log in again.",
                    ));
                }
                continue;
            }
            Event::Timeout => {
                explain_silence(consent);
                return Err(Failure::config(format!(
                    "Xero sent no answer within {} seconds. Log in again, or give more time with --timeout.",
                    limit.as_secs()
                )));
            }
            Event::Signal => {
                explain_silence(consent);
                drop(update);
                // The process ends with the signal.
                return std::future::pending().await;
            }
        };
        let failure = match consent.code(&address) {
            Ok(code) => return Ok(Answer { code, browser }),
            Err(no_code @ (NoCode::NoAnswer | NoCode::CutShort | NoCode::OtherConsent)) => {
                let sentence = explain(no_code).to_string();
                match browser {
                    Some(browser) => browser.answer(Page::still_waiting(&sentence)),
                    None => say(sentence),
                }
                continue;
            }
            Err(no_code) => explain(no_code),
        };
        let page = Page::failed("Not connected", &failure.to_string());
        if let Some(browser) = browser {
            browser.show(page).await;
        }
        return Err(failure);
    }
}

/// Explains why an address has no code.
pub(super) fn explain(no_code: NoCode) -> Failure {
    Failure::config(match no_code {
        NoCode::NoAnswer => {
            "This address has no answer of Xero. The right address is the one at which the browser ends: it has a code and a state.".to_owned()
        }
        NoCode::CutShort => {
            "This address is cut short, because it has a code and no state. Paste the whole address in one line.".to_owned()
        }
        NoCode::OtherConsent => {
            "This address belongs to another login, because its state differs. Open the address that this login shows.".to_owned()
        }
        NoCode::Denied => {
            "The access was not allowed on Xero's page (access_denied). Log in again and allow it.".to_owned()
        }
        NoCode::Refused(error) => format!(
            "Xero ended the login with the error {error}. Log in again. If this repeats, compare the app's settings at developer.xero.com."
        ),
    })
}

async fn browser(arrivals: &mut Option<&mut Arrivals>) -> Option<Arrival> {
    match arrivals {
        Some(arrivals) => arrivals.next().await,
        None => std::future::pending().await,
    }
}

async fn line(input: &mut Option<&mut Input>) -> Option<String> {
    match input {
        Some(input) => input.line().await,
        None => std::future::pending().await,
    }
}

/// Lists what Xero shows in the browser without ever sending the browser back. Sources: Xero's error
/// pages, and its pages on OAuth 2.0 and on connection limits.
fn explain_silence(consent: &Consent) {
    say(format_args!(
        "
Xero shows some errors only in the browser and sends no answer. If its page says:

  invalid_scope, or \"Invalid scope for client\"
      The app may not have one of the requested scopes, and Xero does not say which.
      Request fewer with --streams. An app made before March 2026 may need --scopes broad.
  Invalid redirect_uri
      Add exactly {} to the app at developer.xero.com, under Configuration.
  Unknown client, or \"client not enabled\"
      Compare the client ID {} with the app's Configuration page.
  Invalid grant type for client
      The app is a Custom Connection: log in with --app custom.
  The app has reached its connection limit
      Disconnect an organisation of the app, or move it to another tier. Starter has 5 connections.
  Already connected to two uncertified apps
      In Xero, open Settings, Connected apps, and disconnect one of them.

If the browser could not reach localhost, it runs on another machine: log in with --no-browser and
paste the address at which it ended.",
        consent.redirect_uri, consent.client_id
    ));
}
