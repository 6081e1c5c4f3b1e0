//! Where Xero answers. The defaults are right for everyone but tests: what is
//! checked here is that no token travels in the clear.

use std::net::Ipv4Addr;

use reqwest::Url;

use super::faults::{Faults, shown};
use super::settings::Settings;

/// The address under a key, without a slash at the end.
pub(super) fn read(
    settings: &Settings,
    key: &str,
    default: &str,
    faults: &mut Faults,
) -> Option<String> {
    let text = settings.text(key).unwrap_or(default);
    match address(text) {
        Ok(address) => Some(address),
        Err(fault) => {
            let value = shown(key, &text.into());
            faults.add(key, format!("{key}{value} {fault}"));
            None
        }
    }
}

fn address(text: &str) -> Result<String, &'static str> {
    let url = Url::parse(text).map_err(|_| "is not a URL with a host.")?;
    let host = url.host_str().unwrap_or_default();
    match url.scheme() {
        "https" => {}
        "http" if is_this_machine(host) => {}
        "http" => {
            return Err(
                "must begin with https://: tokens never travel in the clear. Plain http is taken for localhost, 127.0.0.0/8, [::1] and host.docker.internal only.",
            );
        }
        _ => return Err("must begin with https://."),
    }
    // Paths are put behind the address, so nothing may stand there already; and
    // a user name would displace the bearer token.
    let bare = url.username().is_empty() && url.password().is_none();
    if !bare || url.query().is_some() || url.fragment().is_some() {
        return Err("must be a scheme, a host and perhaps a port and a path, nothing else.");
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// Whether an address that was read is one of this machine.
pub(super) fn is_local(address: &str) -> bool {
    let url = Url::parse(address).ok();
    url.is_some_and(|url| is_this_machine(url.host_str().unwrap_or_default()))
}

/// Whether what is sent to the host stays on this machine. To a container the
/// machine that it runs on is `host.docker.internal`.
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
        let clear = "must begin with https://: tokens never travel in the clear. Plain http is taken for localhost, 127.0.0.0/8, [::1] and host.docker.internal only.";
        let parts = "must be a scheme, a host and perhaps a port and a path, nothing else.";
        let cases = [
            ("https://api.xero.com", Ok("https://api.xero.com")),
            ("https://API.xero.com:443//", Ok("https://api.xero.com")),
            (
                "https://proxy.example/xero/",
                Ok("https://proxy.example/xero"),
            ),
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
            assert_eq!(address(text), expected.map(str::to_owned), "{text}");
        }
    }
}
