//! The program `xero-sim`, with its flags and the lines on its stdin.

use std::fs;
use std::io::{BufRead, BufReader, Lines, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::client::{Answer, send_on};

/// A running program. It is killed when dropped.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        // Both fail only if it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Program {
    /// Starts the program with these flags. Returns it and the lines of its stdout.
    fn start(flags: &str) -> (Self, Lines<BufReader<ChildStdout>>) {
        let mut program = Command::new(env!("CARGO_BIN_EXE_xero-sim"))
            .args(flags.split_ascii_whitespace())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let stdout = program.stdout.take().expect("stdout is a pipe");
        (Self(program), BufReader::new(stdout).lines())
    }
}

/// The next line, which is JSON.
fn next(lines: &mut Lines<BufReader<ChildStdout>>) -> Value {
    let line = lines.next().expect("there is a line").expect("UTF-8");
    serde_json::from_str(&line).expect("JSON")
}

/// A request to one of the addresses in the first line.
fn request(url: &Value, method: &str, path: &str, headers: &[&str], body: &str) -> Answer {
    let address = url.as_str().and_then(|url| url.split_once("//"));
    let (_, address) = address.expect("a URL");
    let mut stream = TcpStream::connect(address).expect("the program listens");
    send_on(&mut stream, method, path, headers, body).expect("an answer")
}

#[test]
fn flags_and_lines_of_stdin_change_organisations() {
    let flags = "--rows 3 --only Invoices --tenants 4 --connected 3 --other PRACTICE \
                 --fail 2:offline:1 --app-minute 6 --prepared --commands";
    let (mut program, mut lines) = Program::start(flags);
    let mut stdin = program.0.stdin.take().expect("stdin is a pipe");
    let mut next = || next(&mut lines);

    let ready = next();
    let token = ready["configs"][0]["credentials"]["access_token"].as_str();
    let token = format!("Authorization: Bearer {}", token.expect("a token"));
    let get = |path: &str, headers: &[&str]| -> Answer {
        let headers = [&[token.as_str()], headers].concat();
        request(&ready["url"], "GET", path, &headers, "")
    };
    let connections = || -> Vec<Value> {
        let listed = get("/connections", &[]).json();
        let tenants = listed.as_array().expect("an array").iter();
        let field = |name: &'static str| tenants.clone().map(move |it| it[name].clone());
        assert!(field("tenantType").any(|tenant_type| tenant_type == "PRACTICE"));
        field("tenantId").collect()
    };
    let status = |number: usize| {
        let tenant = ready["tenant_ids"][number - 1].as_str().expect("an id");
        let tenant = format!("xero-tenant-id: {tenant}");
        let answer = get("/api.xro/2.0/Invoices?page=1", &[&tenant]);
        let problem = answer.header("X-Rate-Limit-Problem").unwrap_or_default();
        (answer.status, problem.to_owned())
    };
    let usual = |status: u16| (status, String::new());
    assert_eq!(connections().len(), 4);
    assert_eq!([2, 2, 4].map(status), [200, 503, 403].map(usual));

    let mut command = |line: &str| {
        writeln!(stdin, "{line}").expect("the program reads");
        next()
    };
    for line in [
        "connect 4",
        "disconnect 3",
        "edit 1 Invoices 2",
        "fail 1 day",
    ] {
        assert_eq!(command(line), json!({ "done": line }));
    }
    let error = json!({ "error": "there is no organisation 5" });
    assert_eq!(command("connect 5"), error);
    let listed = connections();
    assert!(listed.contains(&ready["tenant_ids"][3]), "{listed:?}");
    assert!(!listed.contains(&ready["tenant_ids"][2]), "{listed:?}");
    let spent = (429, "day".to_owned());
    assert_eq!([3, 4, 1].map(status), [usual(403), usual(200), spent]);
    // Three calls of the minute are spent so far, unless it has ended since.
    let refused = (0..13)
        .map(|_| status(4))
        .find(|(status, _)| *status == 429);
    assert_eq!(refused, Some((429, "appminute".to_owned())));
}

#[test]
fn configs_are_written_for_their_owner_only() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("written-configs");
    // The folder of an earlier run, with a file that anybody may read.
    fs::create_dir_all(&folder).expect("a folder can be made");
    let old = folder.join("web_app.json");
    fs::write(&old, "old").expect("a file can be written");
    fs::set_permissions(&old, fs::Permissions::from_mode(0o644)).expect("the file is there");

    let flags = format!("--rows 0 --tenants 2 --write-configs {}", folder.display());
    let (_program, mut lines) = Program::start(&flags);
    let ready = next(&mut lines);
    let readme = fs::read_to_string(folder.join("README.txt")).expect("a list of the files");
    assert_eq!(readme.lines().count(), 4);
    let configs = ready["configs"].as_array().expect("an array");
    let pkce = &configs[3]["credentials"];
    assert_eq!(pkce["client_id"], "pkce-client-id");
    assert_eq!(pkce.get("client_secret"), None);
    for (line, config) in readme.lines().zip(configs) {
        let (file, about) = line.split_once(' ').expect("a name and a description");
        assert!(!about.trim().is_empty());
        let path = folder.join(file);
        let metadata = fs::metadata(&path).expect("the file is there");
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{file}");
        let text = fs::read_to_string(&path).expect("the file is text");
        let written: Value = serde_json::from_str(&text).expect("the file is JSON");
        for key in ["credentials", "api_url", "identity_url", "start_date"] {
            assert!(
                config[key] == written[key] && !written[key].is_null(),
                "{file}: {key}"
            );
        }
        assert_eq!(
            written["tenant_id"],
            Value::Null,
            "{file} covers all organisations"
        );
    }

    // The PKCE app refreshes without a secret, and its consent covers both organisations.
    let token = pkce["refresh_token"].as_str().expect("a token");
    let form = format!("grant_type=refresh_token&client_id=pkce-client-id&refresh_token={token}");
    let tokens = request(&ready["url"], "POST", "/connect/token", &[], &form).json();
    let bearer = tokens["access_token"].as_str().expect("a token");
    let bearer = format!("Authorization: Bearer {bearer}");
    let listed = request(&ready["url"], "GET", "/connections", &[&bearer], "").json();
    assert_eq!(listed.as_array().map(Vec::len), Some(2));
}

#[test]
fn flags_shape_the_apps_of_a_login() {
    let flags = "--rows 0 --tenants 3 --connected 1 --redirect-uri http://localhost:9000/cb \
                 --connection-limit 2 --granular --two-apps 2 --bulk-connections";
    let (_program, mut lines) = Program::start(flags);
    let ready = next(&mut lines);
    let page = |redirect: &str, scope: &str, action: &str| {
        let path = format!(
            "/identity/connect/authorize?response_type=code&client_id=web-client-id\
             &redirect_uri={redirect}&scope={scope}"
        );
        let answer = request(&ready["url"], "POST", &path, &[], action);
        (answer.status, answer.text().to_owned())
    };
    let login = "action=login";
    for redirect in ["http://localhost:8742/callback", "http://localhost:9000/cb"] {
        let (status, html) = page(redirect, "accounting.invoices.read", login);
        assert_eq!(status, 200, "{html}");
        assert_eq!(html.matches(r#"type="checkbox""#).count(), 3, "{html}");
        assert_eq!(html.matches("(connected)").count(), 1, "{html}");
        assert_eq!(html.matches("two uncertified apps").count(), 1, "{html}");
    }
    let registered = "http://localhost:9000/cb";
    let (status, html) = page(registered, "accounting.transactions.read", login);
    assert!(status == 500 && html.contains("invalid_scope"), "{html}");
    let allow = |number: usize| {
        let tenant = ready["tenant_ids"][number - 1].as_str().expect("an id");
        let action = format!("action=allow&tenant={tenant}");
        page(registered, "accounting.invoices.read", &action).0
    };
    assert_eq!([2, 3].map(allow), [403, 302]);
    let (status, _) = page(registered, "accounting.invoices.read", login);
    assert_eq!(status, 302, "the limit of two connections is reached");
}

#[test]
fn the_control_port_takes_the_commands_and_shows_the_world() {
    let (_program, mut lines) = Program::start("--rows 3 --only Invoices --control-port 0");
    let ready = next(&mut lines);
    let control = &ready["control_url"];
    assert_ne!(control, &ready["url"]);
    let post = |path: &str, body: &Value| {
        let answer = request(control, "POST", path, &[], &body.to_string());
        (answer.status, answer.json())
    };
    let done = |line: &str| (200, json!({ "done": line }));
    let first = |more: Value| {
        let mut body = json!({ "organisation": 1 });
        let fields = more.as_object().expect("an object").clone();
        body.as_object_mut().expect("an object").extend(fields);
        body
    };
    let invoices = |name: &str, value: u64| first(json!({ "table": "Invoices", name: value }));
    assert_eq!(post("/add", &invoices("rows", 2)), done("add 1 Invoices 2"));
    assert_eq!(
        post("/edit", &invoices("row", 5)),
        done("edit 1 Invoices 5")
    );
    assert_eq!(
        post("/delete", &invoices("row", 1)),
        done("delete 1 Invoices 1")
    );
    let offline = first(json!({ "kind": "offline" }));
    assert_eq!(post("/fail", &offline), done("fail 1 offline"));
    for verb in ["recover", "disconnect"] {
        let line = format!("{verb} 1");
        assert_eq!(post(&format!("/{verb}"), &first(json!({}))), done(&line));
    }

    let world = || request(control, "GET", "/world", &[], "").json();
    let organisation = |world: &Value| world["organisations"][0].clone();
    let shown = organisation(&world());
    assert_eq!(shown["rows"]["Invoices"], 5);
    let others = &shown["rows_of_other_apis"];
    assert_eq!(
        (&others["projects"], &others["files"]),
        (&5.into(), &others["assets"])
    );
    assert_eq!(shown["name"], "Demo Company (NZ)");
    assert_eq!(shown["tenant_id"], ready["tenant_ids"][0]);
    assert_eq!(shown["connected"], false);
    assert_eq!(post("/connect", &first(json!({}))), done("connect 1"));
    assert_eq!(organisation(&world())["connected"], true);

    let error = |text: &str| (400, json!({ "error": text }));
    assert_eq!(
        post("/edit", &invoices("row", 9)),
        error("Invoices has no row 9")
    );
    assert_eq!(
        post("/explode", &json!({})),
        error("'explode' is no command")
    );
    assert_eq!(
        request(control, "GET", "/api.xro/2.0/Invoices", &[], "").status,
        404
    );
    // The simulated Xero has none of this.
    let xero = request(&ready["url"], "GET", "/world", &[], "");
    assert_eq!(xero.status, 404);
}
