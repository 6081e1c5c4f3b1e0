//! Checks the base URLs of Xero's API and of its token endpoint. Only tests and proxies change
//! them.
//!
//! The connector sends secrets to these addresses. They must therefore use https outside this
//! machine. The host must be Xero's or one that the operator allows. A person who may only edit a
//! source must not choose where secrets go.

use std::net::Ipv4Addr;

use reqwest::Url;

use super::errors::{ConfigErrors, quoted};
use super::settings::Settings;

/// The environment variable with other hosts that may receive tokens, separated by commas.
const ALLOWED_HOSTS: &str = "XERO_SOURCE_ALLOWED_HOSTS";

/// Reads the URL under a key. Returns it without a slash at the end.
pub(super) fn read(
    settings: &Settings,
    key: &str,
    default: &str,
    errors: &mut ConfigErrors,
) -> Option<String> {
    let text = settings.text(key).unwrap_or(default);
    let allowed = std::env::var(ALLOWED_HOSTS).unwrap_or_default();
    match address(text, &allowed) {
        Ok(address) => Some(address),
        Err(fault) => {
            let value = quoted(key, &text.into());
            errors.add(key, format!("{key}{value} {fault}"));
            None
        }
    }
}

fn address(text: &str, allowed: &str) -> Result<String, &'static str> {
    let url = Url::parse(text).map_err(|_| "is not a URL with a host.")?;
    let host = url.host_str().unwrap_or_default();
    match url.scheme() {
        "https" => {}
        "http" if is_this_machine(host) => {}
        "http" => {
            return Err(
                "must begin with https://: the connector sends no token unencrypted. Plain http works only for localhost, 127.0.0.0/8, [::1] and host.docker.internal.",
            );
        }
        _ => return Err("must begin with https://."),
    }
    if !is_this_machine(host) && !is_xeros(host) && !is_listed(host, allowed) {
        return Err(
            "is not an address of Xero. The connector sends secrets only to *.xero.com, localhost, 127.0.0.0/8, [::1] and host.docker.internal. To allow another host, name it in the environment variable XERO_SOURCE_ALLOWED_HOSTS of the connector.",
        );
    }
    // Paths are appended to the address, so a query or a fragment would come before them. A user
    // name would replace the bearer token.
    let bare = url.username().is_empty() && url.password().is_none();
    if !bare || url.query().is_some() || url.fragment().is_some() {
        return Err("must consist of a scheme, a host, and optionally a port and a path.");
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// Whether the host of a base URL is this machine.
pub(super) fn is_local(address: &str) -> bool {
    let url = Url::parse(address).ok();
    url.is_some_and(|url| is_this_machine(url.host_str().unwrap_or_default()))
}

fn is_xeros(host: &str) -> bool {
    host.ends_with(".xero.com")
}

/// Whether a comma-separated list holds a host, which the URL parser has put into lower case.
fn is_listed(host: &str, list: &str) -> bool {
    let mut hosts = list.split(',').map(str::trim).filter(|it| !it.is_empty());
    hosts.any(|it| it.eq_ignore_ascii_case(host))
}

/// Whether requests to the host stay on this machine. In a container, `host.docker.internal` is
/// the machine that runs it.
fn is_this_machine(host: &str) -> bool {
    let is_loopback = |host: &str| host.parse().is_ok_and(|ip: Ipv4Addr| ip.is_loopback());
    matches!(host, "localhost" | "[::1]" | "host.docker.internal") || is_loopback(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_this_machine_is_told_from_others() {
        for (address, expected) in [
            ("http://127.0.0.1:8080", true),
            ("https://localhost", true),
            ("http://host.docker.internal:1", true),
            ("https://api.xero.com", false),
            ("https://127.0.0.1.example.com", false),
        ] {
            assert_eq!(is_local(address), expected, "{address}");
        }
    }

    #[test]
    fn addresses_are_safe_and_end_without_a_slash() {
        let clear = "must begin with https://: the connector sends no token unencrypted. Plain http works only for localhost, 127.0.0.0/8, [::1] and host.docker.internal.";
        let others = "is not an address of Xero. The connector sends secrets only to *.xero.com, localhost, 127.0.0.0/8, [::1] and host.docker.internal. To allow another host, name it in the environment variable XERO_SOURCE_ALLOWED_HOSTS of the connector.";
        let parts = "must consist of a scheme, a host, and optionally a port and a path.";
        let cases = [
            ("https://api.xero.com", Ok("https://api.xero.com")),
            ("https://API.xero.com:443//", Ok("https://api.xero.com")),
            (
                "https://proxy.example/xero/",
                Ok("https://proxy.example/xero"),
            ),
            ("https://PROXY.example", Ok("https://proxy.example")),
            ("https://10.1.2.3:8443", Ok("https://10.1.2.3:8443")),
            ("https://identity.xero.com", Ok("https://identity.xero.com")),
            ("https://a.b.XERO.com/v", Ok("https://a.b.xero.com/v")),
            ("https://localhost:8443", Ok("https://localhost:8443")),
            ("https://xero.com", Err(others)),
            ("https://api.xero.com.", Err(others)),
            ("https://apixero.com", Err(others)),
            ("https://api.xero.com.example", Err(others)),
            ("https://api.xero.com.proxy.example", Err(others)),
            ("https://other.proxy.example", Err(others)),
            ("https://proxy.example.", Err(others)),
            ("https://api.xero.co", Err(others)),
            ("https://api.xero.com%2eexample", Err(others)),
            ("https://api.x\u{435}ro.com", Err(others)), // a Cyrillic letter
            ("https://api.xero\u{3002}com", Ok("https://api.xero.com")), // an ideographic full stop
            // A one dot leader.
            (
                "https://api\u{2024}xero.com",
                Err("is not a URL with a host."),
            ),
            ("https://\u{ff41}pi.xero.com", Ok("https://api.xero.com")), // a fullwidth letter
            // A backslash is a slash: what follows is a path at Xero.
            (
                "https://api.xero.com\\@example.com",
                Ok("https://api.xero.com/@example.com"),
            ),
            ("https://example.com\\.xero.com", Err(others)),
            ("https://10.1.2.4", Err(others)),
            ("https://[::2]", Err(others)),
            ("https://0x7f000001", Ok("https://127.0.0.1")),
            ("https://localhost.", Err(others)),
            ("http://localhost:8080", Ok("http://localhost:8080")),
            ("http://127.0.0.1:1/", Ok("http://127.0.0.1:1")),
            ("http://127.9.9.9", Ok("http://127.9.9.9")),
            ("http://[::1]:1", Ok("http://[::1]:1")),
            (
                "http://host.docker.internal:1",
                Ok("http://host.docker.internal:1"),
            ),
            ("http://api.xero.com", Err(clear)),
            ("http://localhost.example.com", Err(clear)),
            ("http://128.0.0.1", Err(clear)),
            ("http://[::2]", Err(clear)),
            ("ftp://api.xero.com", Err("must begin with https://.")),
            ("localhost:8080", Err("must begin with https://.")),
            ("api.xero.com", Err("is not a URL with a host.")),
            ("https://", Err("is not a URL with a host.")),
            ("https://me:pw@api.xero.com", Err(parts)),
            ("https://api.xero.com?a=b", Err(parts)),
            ("https://api.xero.com#a", Err(parts)),
        ];
        for (text, expected) in cases {
            let allowed = " proxy.example,10.1.2.3, ,";
            let found = address(text, allowed);
            assert_eq!(found, expected.map(str::to_owned), "{text}");
        }
        assert_eq!(address("https://proxy.example/xero/", ""), Err(others));
    }
}
