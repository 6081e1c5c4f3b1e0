//! The program `xero-sim`, with its flags and the lines on its stdin.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

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

#[test]
fn flags_and_lines_of_stdin_change_organisations() {
    let flags = "--rows 3 --only Invoices --tenants 4 --connected 3 --other PRACTICE \
                 --fail 2:offline:1 --app-minute 6 --prepared --commands";
    let mut program = Command::new(env!("CARGO_BIN_EXE_xero-sim"))
        .args(flags.split_ascii_whitespace())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = program.stdin.take().expect("stdin is a pipe");
    let mut lines = BufReader::new(program.stdout.take().expect("stdout is a pipe")).lines();
    let _program = Program(program);
    let mut next = || -> Value {
        let line = lines.next().expect("there is a line").expect("UTF-8");
        serde_json::from_str(&line).expect("JSON")
    };

    let ready = next();
    let token = ready["configs"][0]["credentials"]["access_token"].as_str();
    let token = format!("Authorization: Bearer {}", token.expect("a token"));
    let address = ready["url"].as_str().and_then(|url| url.split_once("//"));
    let (_, address) = address.expect("a URL");
    let get = |path: &str, headers: &[&str]| -> Answer {
        let mut stream = TcpStream::connect(address).expect("the program listens");
        let headers = [&[token.as_str()], headers].concat();
        send_on(&mut stream, "GET", path, &headers, "").expect("an answer")
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
        "touch 1 Invoices 2",
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
