//! Raw requests on a fresh connection each, and the answers as they came.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;
use xero_sim::{App, AppId, Sim, TenantId, TokenSet, World};

/// What came back, as far as it came.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("UTF-8")
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }
}

/// A world with one organisation, a web app and a consent to every scope that the tests
/// use, being served.
pub struct Fixture {
    pub sim: Sim,
    pub demo: TenantId,
    pub app: AppId,
    pub tokens: TokenSet,
}

pub const SCOPES: &str = "openid offline_access accounting.settings.read \
    accounting.invoices.read accounting.contacts.read accounting.journals.read \
    accounting.budgets.read";

pub fn fixture(build: impl FnOnce(&mut World, &TenantId)) -> Fixture {
    let mut world = World::new(7);
    let demo = world.add_tenant("Demo Company (NZ)", "NZD");
    build(&mut world, &demo);
    started(world, demo, SCOPES)
}

/// Starts the simulator with a consent to the organisation and these scopes.
pub fn started(mut world: World, demo: TenantId, scopes: &str) -> Fixture {
    let app = world.add_app(App::web("web", "secret"));
    let tokens = world.consent(&app, std::slice::from_ref(&demo), scopes);
    Fixture {
        sim: Sim::start(world),
        demo,
        app,
        tokens,
    }
}

impl Fixture {
    /// A well-formed call of the Accounting API.
    pub fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[])
    }

    /// The same with more headers.
    pub fn get_with(&self, path: &str, more: &[&str]) -> Answer {
        let token = format!("Authorization: Bearer {}", self.tokens.access_token);
        let tenant = format!("xero-tenant-id: {}", self.demo);
        let mut headers = vec![token.as_str(), tenant.as_str(), "Accept: application/json"];
        headers.extend(more);
        get(&self.sim, &format!("/api.xro/2.0{path}"), &headers)
    }
}

/// A GET with exactly these headers.
pub fn get(sim: &Sim, path: &str, headers: &[&str]) -> Answer {
    send(sim, "GET", path, headers, "").expect("an answer")
}

/// A form for the token endpoint; `basic` is the encoded client id and secret.
pub fn token(sim: &Sim, basic: &str, form: &str) -> Answer {
    let authorization = format!("Authorization: Basic {basic}");
    let form_type = "Content-Type: application/x-www-form-urlencoded";
    let headers = [authorization.as_str(), form_type];
    send(sim, "POST", "/connect/token", &headers, form).expect("an answer")
}

/// A form without credentials.
pub fn post(sim: &Sim, path: &str, form: &str) -> Answer {
    let form_type = "Content-Type: application/x-www-form-urlencoded";
    send(sim, "POST", path, &[form_type], form).expect("an answer")
}

/// Any request; `None` if the connection ends, or nothing comes, before a whole head.
pub fn send(sim: &Sim, method: &str, path: &str, headers: &[&str], body: &str) -> Option<Answer> {
    let mut stream = TcpStream::connect(sim.address()).expect("the simulator listens");
    let patience = Some(Duration::from_secs(5));
    stream
        .set_read_timeout(patience)
        .expect("a timeout above zero");
    send_on(&mut stream, method, path, headers, body)
}

/// Any request on a connection that the caller made.
pub fn send_on(
    stream: &mut TcpStream,
    method: &str,
    path: &str,
    headers: &[&str],
    body: &str,
) -> Option<Answer> {
    let lines: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: sim\r\nConnection: close\r\n\
         Content-Length: {length}\r\n{lines}\r\n{body}"
    );
    stream
        .write_all(request.as_bytes())
        .expect("it reads requests");
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Ok(_) => {}
        Err(error) => assert!(
            matches!(
                error.kind(),
                ErrorKind::ConnectionReset | ErrorKind::WouldBlock
            ),
            "{error}"
        ),
    }
    let blank = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let body = bytes.split_off(blank + 4);
    let head = String::from_utf8(bytes).expect("a head in ASCII");
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Answer { status, head, body })
}
