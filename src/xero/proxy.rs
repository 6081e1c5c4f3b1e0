//! Reads the proxy for https from the usual environment variables.
//!
//! The variables are checked here, because reqwest ignores a value that it does not understand and
//! connects directly. Plain http is used only for this machine and therefore without a proxy.

use std::env::VarError;
use std::net::IpAddr;

use reqwest::{NoProxy, Proxy, Url};

use crate::failure::Failure;

/// The variables that name a proxy for https. The first one that is set counts.
const FOR_HTTPS: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// The variables for plain http. They are checked, but not used.
const FOR_HTTP: [&str; 2] = ["HTTP_PROXY", "http_proxy"];

/// The variables that name hosts without a proxy. The first one that is set counts.
const EXCEPTIONS: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// Returns the proxy that the environment names, if any.
pub(crate) fn from_environment() -> Result<Option<Proxy>, Failure> {
    let variable = |name| match std::env::var(name) {
        Ok(value) => Ok(Some(value.trim().to_owned()).filter(|value| !value.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(refused(name, "it is not UTF-8")),
    };
    let read = |names: &[&'static str], read: fn(&str) -> Result<String, &'static str>| {
        let mut found = None;
        for name in names {
            if let Some(value) = variable(*name)? {
                let value = read(&value).map_err(|why| refused(name, why))?;
                found.get_or_insert(value);
            }
        }
        Ok(found)
    };
    read(&FOR_HTTP, address)?;
    let exceptions = read(&EXCEPTIONS, hosts)?.unwrap_or_default();
    let Some(address) = read(&FOR_HTTPS, address)? else {
        return Ok(None);
    };
    let proxy = Proxy::https(address)
        .map_err(|error| Failure::system("The proxy could not be set up.").because(error))?;
    Ok(Some(proxy.no_proxy(NoProxy::from_string(&exceptions))))
}

/// Words the failure without the value, which may hold a password.
fn refused(name: &str, why: &str) -> Failure {
    Failure::config(format!(
        "The environment variable {name} is invalid: {why}. Correct it, or unset it if the connector needs no proxy."
    ))
}

/// Reads the address of a proxy. The default scheme is http, as in curl.
fn address(value: &str) -> Result<String, &'static str> {
    let has_scheme = value.contains("://");
    let with_scheme = match has_scheme {
        true => value.to_owned(),
        false => format!("http://{value}"),
    };
    let malformed = "it is not the address of a proxy, such as http://proxy.example.com:3128";
    let url = Url::parse(&with_scheme).map_err(|_| malformed)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("the connector supports http:// and https:// proxies, not SOCKS");
    }
    let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    match url.has_host() && is_bare && !value.contains(char::is_whitespace) {
        true => Ok(url.into()),
        false => Err(malformed),
    }
}

/// Reads a list of hosts. Returns it with commas as separators.
fn hosts(value: &str) -> Result<String, &'static str> {
    let hosts = value.split([',', ' ']).filter(|host| !host.is_empty());
    // A name includes its subdomains, with or without a wildcard. A final dot has no meaning.
    let hosts = hosts.map(|host| {
        let host = host.strip_prefix("*.").unwrap_or(host);
        host.strip_suffix('.').unwrap_or(host)
    });
    let hosts: Vec<_> = hosts.collect();
    match hosts.iter().all(|host| is_host(host)) {
        true => Ok(hosts.join(",")),
        false => Err(
            "it is not a list of host names, IP addresses and networks such as 10.0.0.0/8, separated by commas",
        ),
    }
}

fn is_host(text: &str) -> bool {
    match text.split_once('/') {
        None => text == "*" || text.parse::<IpAddr>().is_ok() || is_name(text),
        Some((address, bits)) => {
            let address: Result<IpAddr, _> = address.parse();
            let most = address.map(|address| if address.is_ipv4() { 32 } else { 128 });
            most.is_ok_and(|most| bits.parse().is_ok_and(|bits: u8| bits <= most))
        }
    }
}

fn is_name(text: &str) -> bool {
    let is_in_name = |c: char| c.is_alphanumeric() || "-._".contains(c);
    !text.is_empty() && text.chars().all(is_in_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_complete_addresses_of_proxies_are_accepted() {
        for (value, is_good) in [
            ("http://proxy.example:3128", true),
            ("http://proxy.example:3128/", true),
            ("https://me:p%40ss@proxy.example", true),
            ("proxy.example:3128", true),
            ("10.0.0.1", true),
            ("[::1]:3128", true),
            ("http://", false),
            ("http:/proxy.example:3128", false),
            ("http:proxy.example", false),
            ("http://proxy.example:port", false),
            ("http://proxy.example:99999", false),
            ("http://[::1", false),
            ("http://proxy.example/path", false),
            ("http://proxy.example?a", false),
            ("http://proxy example", false),
            ("socks5://proxy.example:1080", false),
            ("socks5h://proxy.example", false),
            ("ftp://proxy.example", false),
            ("file:///etc/passwd", false),
            ("://", false),
        ] {
            assert_eq!(address(value).is_ok(), is_good, "{value}");
        }
    }

    #[test]
    fn only_valid_lists_of_hosts_are_accepted() {
        for (value, expected) in [
            (
                "localhost, .example.com,,10.0.0.0/8",
                Some("localhost,.example.com,10.0.0.0/8"),
            ),
            ("::1,fd00::/8 127.0.0.1", Some("::1,fd00::/8,127.0.0.1")),
            ("*", Some("*")),
            (
                "*.example.com,api.example.com.",
                Some("example.com,api.example.com"),
            ),
            ("api.*", None),
            ("127.*", None),
            ("example.com:443", None),
            ("127.0.0.1:9", None),
            ("[::1]", None),
            ("a.example;b.example", None),
            ("\"a.example\"", None),
            ("<local>", None),
            ("http://example.com", None),
            ("10.0.0.0/33", None),
            ("example.com/8", None),
            ("me@example.com", None),
        ] {
            assert_eq!(hosts(value).ok().as_deref(), expected, "{value}");
        }
    }
}
