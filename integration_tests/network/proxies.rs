//! Proxy variables apply to https and never to plain http. An invalid variable is an error that names it.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::mpsc::{self, Receiver};

use serde_json::json;

use crate::support::connector::{Run, command};
use crate::support::scene::Scene;

/// A proxy that lets nobody through, and the first line of each request to it.
fn proxy() -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = listener
        .local_addr()
        .expect("a bound socket has an address");
    let (first_lines, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            let mut line = String::new();
            let read = BufReader::new(&client).read_line(&mut line);
            read.expect("a client says what it wants");
            let _ = first_lines.send(line.trim().to_owned());
            // The client may be gone already.
            let _ = client.write_all(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n");
        }
    });
    (address.to_string(), lines)
}

fn check(scene: &Scene, api: &str, variables: &[(&str, &str)]) -> Run {
    let mut config = scene.flat();
    config["api_url"] = json!(api);
    let config = scene.file("config.json", &config);
    let mut command = command(&["check", "--config", &config]);
    command.envs(variables.iter().copied());
    Run::of(command.output().expect("the binary starts"))
}

#[test]
fn https_goes_through_the_proxy_unless_it_is_excepted() {
    let scene = Scene::new();
    for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        for scheme in ["http://me:s3cret@", ""] {
            let (address, lines) = proxy();
            let value = format!("{scheme}{address}");
            let run = check(&scene, "https://api.xero.com", &[(variable, &value)]);
            assert_eq!(run.errors().len(), 1, "{variable}: {}", run.stdout);
            let first = lines.try_recv().expect("the proxy was asked");
            assert_eq!(first, "CONNECT api.xero.com:443 HTTP/1.1", "{variable}");
            assert!(!run.stdout.contains("s3cret"), "{}", run.stdout);
        }
    }
    let (address, lines) = proxy();
    let variables = [
        ("HTTPS_PROXY", address.as_str()),
        ("NO_PROXY", ".invalid, localhost"),
    ];
    // Nobody listens on this port.
    let run = check(&scene, "https://localhost:1", &variables);
    assert!(
        run.errors()[0].2.contains("Connection refused"),
        "{}",
        run.stdout
    );
    assert_eq!(lines.try_iter().count(), 0);
}

#[test]
fn plain_http_goes_through_no_proxy() {
    let scene = Scene::new();
    for variable in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"] {
        let (address, lines) = proxy();
        let value = format!("http://{address}");
        let run = check(&scene, &scene.sim.url(), &[(variable, &value)]);
        assert_eq!(run.checked("SUCCEEDED"), "", "{variable}");
        assert_eq!(lines.try_iter().count(), 0, "{variable}");
    }
}

#[test]
fn an_invalid_proxy_variable_is_a_config_error_that_names_it() {
    let scene = Scene::new();
    let names = [
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
        "HTTP_PROXY",
    ];
    let values = [
        "http://me:s3cret@[proxy",
        "http://s3cret:port",
        "socks5://me:s3cret@127.0.0.1:1",
    ];
    let proxies = names
        .iter()
        .flat_map(|name| values.map(|value| (*name, value)));
    let lists = [
        ("NO_PROXY", "http://s3cret.example"),
        ("no_proxy", "s3cret/8"),
    ];
    for (name, value) in proxies.chain(lists) {
        let run = check(&scene, &scene.sim.url(), &[(name, value)]);
        let message = run.checked("FAILED");
        assert!(message.contains(name), "{name}={value}: {message}");
        assert!(!run.stdout.contains("s3cret"), "{}", run.stdout);
        let run = check(&scene, &scene.sim.url(), &[(name, " ")]);
        assert_eq!(run.checked("SUCCEEDED"), "", "{name}");
    }
    assert!(scene.sim.requests().iter().all(|it| it.status == 200));
}
