//! The HTML pages of the login host: plain, without scripts.

use crate::reply::Reply;
use crate::token::EMAIL;

/// An organisation in the picker.
pub(super) struct Choice<'a> {
    pub(super) tenant: &'a str,
    pub(super) name: &'a str,
    /// The app is connected already.
    pub(super) connected: bool,
    /// The organisation takes no further uncertified app.
    pub(super) full: bool,
}

/// The login form. All forms post to the address of the authorize page with its parameters.
pub(super) fn login(address: &str, client_id: &str) -> Reply {
    let (address, client_id) = (escaped(address), escaped(client_id));
    page(
        200,
        "Log in to Xero",
        &format!(
            r#"<form id="login-form" method="post" action="{address}">
<p>The app <b id="app">{client_id}</b> sent you here.</p>
<p>User: <b id="user">{EMAIL}</b></p>
<button id="login" name="action" value="login">Log in</button>
</form>"#
        ),
    )
}

/// The organisation picker.
pub(super) fn picker(
    address: &str,
    client_id: &str,
    scopes: &[String],
    choices: &[Choice<'_>],
    several: bool,
) -> Reply {
    let (address, client_id) = (escaped(address), escaped(client_id));
    let scopes: String = scopes.iter().map(|scope| item(scope)).collect();
    let kind = if several { "checkbox" } else { "radio" };
    // The first organisation that the consent would add, or one to click through.
    let new = choices.iter().position(|it| !it.full && !it.connected);
    let first = new.or_else(|| choices.iter().position(|it| it.connected));
    let rows = choices.iter().enumerate().map(|(at, choice)| {
        let (number, tenant, name) = (at + 1, escaped(choice.tenant), escaped(choice.name));
        let checked = if first == Some(at) { " checked" } else { "" };
        let disabled = if choice.full { " disabled" } else { "" };
        let note = match (choice.connected, choice.full) {
            (true, _) => " (connected)",
            (false, true) => " (already has two uncertified apps)",
            (false, false) => "",
        };
        format!(
            r#"<p><input type="{kind}" name="tenant" id="organisation-{number}" value="{tenant}"{checked}{disabled}>
<label for="organisation-{number}">{name}{note}</label></p>
"#
        )
    });
    let rows: String = rows.collect();
    page(
        200,
        "Select an organisation to connect",
        &format!(
            r#"<form id="consent-form" method="post" action="{address}">
<p>The app <b id="app">{client_id}</b> wants access to:</p>
<ul id="scopes">{scopes}</ul>
{rows}<button id="allow" name="action" value="allow">Allow access</button>
<button id="cancel" name="action" value="cancel">Cancel</button>
</form>"#
        ),
    )
}

/// An error page. It has no way back to the app.
pub(super) fn error(status: u16, text: &str) -> Reply {
    let text = escaped(text);
    page(
        status,
        "Sorry, something went wrong",
        &format!(
            r#"<p id="error">Error: {text}</p>
<p id="error-code">Error code: {status}</p>"#
        ),
    )
}

/// Where the browser ends if the app has no connections left. It has no way back either.
pub(super) fn connection_limit() -> Reply {
    page(
        200,
        "Connection limit reached",
        r#"<p id="error">Sorry! This app has reached its Xero connection limit. Please let the developer
know, so that the app can connect to more Xero organisations.</p>"#,
    )
}

fn page(status: u16, title: &str, body: &str) -> Reply {
    let html = format!(
        r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title} | Simulated Xero</title>
<style>
:root {{ color-scheme: light dark; font-family: sans-serif }}
body {{ max-width: 30rem; margin: 3rem auto; padding: 0 1rem }}
</style>
</head>
<body>
<h1>{title}</h1>
{body}
</body>
</html>
"#
    );
    Reply::new(status, "text/html; charset=utf-8", html)
}

fn item(text: &str) -> String {
    format!("<li>{}</li>", escaped(text))
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_a_text_stays_text() {
        for (text, expected) in [
            ("Brown & Sons", "Brown &amp; Sons"),
            ("<script>\"'", "&lt;script&gt;&quot;&#39;"),
            ("Ngāti", "Ngāti"),
        ] {
            assert_eq!(escaped(text), expected);
        }
    }
}
