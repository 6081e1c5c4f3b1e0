//! A browser without scripts: it opens pages, submits forms, and follows no redirect by itself.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use reqwest::Url;
use xero_sim::TenantId;

/// What a server answered.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: u16,
    head: String,
    pub(crate) html: String,
}

impl Page {
    /// A header of the answer.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let (_, value) = lines.find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        Some(value)
    }

    /// Where the server sends the browser.
    pub(crate) fn location(&self) -> &str {
        assert_eq!(self.status, 302, "{self:?}");
        self.header("Location").expect("an address")
    }
}

/// Opens an address.
pub(crate) fn open(address: &str) -> Page {
    request(address, "GET", "")
}

/// Logs in on the consent page and allows the access to an organisation. Returns the address to which
/// the page sends the browser.
pub(crate) fn allow(address: &str, tenant: &TenantId) -> String {
    let picker = log_in(address);
    assert_eq!(picker.status, 200, "{picker:?}");
    let form = format!("tenant={tenant}&action=allow");
    request(address, "POST", &form).location().to_owned()
}

/// Logs in on the consent page and chooses "Cancel".
pub(crate) fn cancel(address: &str) -> String {
    log_in(address);
    let cancelled = request(address, "POST", "action=cancel");
    cancelled.location().to_owned()
}

/// Opens the consent page and logs in.
pub(crate) fn log_in(address: &str) -> Page {
    assert_eq!(open(address).status, 200, "{address}");
    request(address, "POST", "action=login")
}

/// Sends any request. `localhost` is the address of IPv4.
pub(crate) fn request(address: &str, method: &str, form: &str) -> Page {
    let url = Url::parse(address).expect("an address");
    let host = url
        .host_str()
        .expect("a host")
        .replace("localhost", "127.0.0.1");
    let port = url.port().expect("a port");
    let mut stream = TcpStream::connect((host, port)).expect("the server listens");
    let patience = Some(Duration::from_secs(20));
    stream
        .set_read_timeout(patience)
        .expect("a timeout above zero");
    let query = url
        .query()
        .map_or(String::new(), |query| format!("?{query}"));
    let text = format!(
        "{method} {}{query} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        url.path(),
        form.len()
    );
    stream.write_all(text.as_bytes()).expect("the server reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("a page in UTF-8");
    let (head, html) = answer.split_once("\r\n\r\n").expect("a head");
    let status = head.split(' ').nth(1).and_then(|it| it.parse().ok());
    Page {
        status: status.expect("a status"),
        head: head.to_owned(),
        html: html.to_owned(),
    }
}
