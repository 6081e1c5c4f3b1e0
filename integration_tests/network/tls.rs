//! TLS: an unknown certificate is rejected with a message of its own, and one that the user trusts is
//! accepted.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;

use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::json;

use crate::support::connector::{self, Run};
use crate::support::scene::Scene;

/// Serves TLS before `behind`, one request for each connection, and returns its
/// URL and its certificate.
fn secure(behind: SocketAddr) -> (String, String) {
    let issued = rcgen::generate_simple_self_signed(["localhost".to_owned()])
        .expect("a certificate can be made");
    let key = PrivateKeyDer::Pkcs8(issued.signing_key.serialize_der().into());
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![issued.cert.der().clone()], key);
    let config = Arc::new(config.expect("the key fits the certificate"));
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let port = listener
        .local_addr()
        .expect("a bound socket has an address")
        .port();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let server = ServerConnection::new(config.clone()).expect("the config is valid");
            // A client that trusts nobody hangs up during the handshake: that is what is tested.
            let _ = pass_on(StreamOwned::new(server, client), behind);
        }
    });
    (format!("https://localhost:{port}"), issued.cert.pem())
}

fn pass_on(mut client: impl Read + Write, behind: SocketAddr) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") {
        client.read_exact(&mut byte)?;
        request.push(byte[0]);
    }
    let mut server = TcpStream::connect(behind)?;
    let head = request.len() - 2;
    server.write_all(&request[..head])?;
    server.write_all(b"connection: close\r\n\r\n")?;
    let mut reply = Vec::new();
    server.read_to_end(&mut reply)?;
    client.write_all(&reply)?;
    client.flush()
}

#[test]
fn an_unknown_certificate_is_rejected_and_a_trusted_one_is_accepted() {
    let scene = Scene::new();
    let (url, certificate) = secure(scene.sim.address());
    let mut config = scene.flat();
    config["api_url"] = json!(url);
    let config = scene.file("config.json", &config);
    let trusted = scene.file("roots.pem", &json!(null));
    std::fs::write(&trusted, certificate).expect("the temporary folder is writable");
    let check = |roots: Option<&str>| {
        let mut command = connector::command(&["check", "--config", &config]);
        command.envs(roots.map(|roots| ("SSL_CERT_FILE", roots)));
        Run::of(command.output().expect("the binary starts"))
    };
    let message = check(None).checked("FAILED").to_owned();
    assert!(
        message.contains("certificate is not trusted") && message.contains("SSL_CERT_FILE"),
        "{message}"
    );
    assert_eq!(check(Some(&trusted)).checked("SUCCEEDED"), "");
    let message = check(Some(&config)).checked("FAILED").to_owned();
    assert!(
        message.contains("contains no readable certificate"),
        "{message}"
    );
    // A bad one among good ones is named and not left out.
    let good = std::fs::read_to_string(&trusted).expect("it was written above");
    let whole = |content: &str| {
        format!("-----BEGIN CERTIFICATE-----\n{content}\n-----END CERTIFICATE-----\n")
    };
    for bad in [
        whole("AAAA"),
        whole("?"),
        "-----BEGIN CERTIFICATE-----\nAAAA".to_owned(),
    ] {
        std::fs::write(&trusted, format!("{good}{good}{bad}")).expect("it is writable");
        let message = check(Some(&trusted)).checked("FAILED").to_owned();
        let words =
            format!("SSL_CERT_FILE names {trusted}, whose certificate number 3 is not readable");
        assert!(message.contains(&words), "{message}");
    }
}

#[test]
fn no_variable_turns_the_verification_off_or_writes_keys() {
    let scene = Scene::new();
    let (url, certificate) = secure(scene.sim.address());
    let mut config = scene.flat();
    config["api_url"] = json!(url);
    let config = scene.file("config.json", &config);
    let keys = scene.file("keys.log", &json!(null));
    std::fs::remove_file(&keys).expect("it was written above");
    let folder = scene.file("roots.pem", &json!(null));
    std::fs::write(&folder, &certificate).expect("the temporary folder is writable");
    let variables = [
        ("SSL_CERT_DIR", "."),
        ("REQUESTS_CA_BUNDLE", folder.as_str()),
        ("CURL_CA_BUNDLE", &folder),
        ("NODE_TLS_REJECT_UNAUTHORIZED", "0"),
        ("NODE_EXTRA_CA_CERTS", &folder),
        ("PYTHONHTTPSVERIFY", "0"),
        ("GIT_SSL_NO_VERIFY", "1"),
        ("SSL_NO_VERIFY", "1"),
        ("SSLKEYLOGFILE", &keys),
    ];
    let check = |roots: Option<&str>| {
        let mut command = connector::command(&["check", "--config", &config]);
        command
            .envs(variables)
            .envs(roots.map(|roots| ("SSL_CERT_FILE", roots)));
        Run::of(command.output().expect("the binary starts"))
    };
    let message = check(None).checked("FAILED").to_owned();
    assert!(message.contains("certificate is not trusted"), "{message}");
    assert_eq!(check(Some(&folder)).checked("SUCCEEDED"), "");
    assert!(
        !std::path::Path::new(&keys).exists(),
        "the keys of a session were written"
    );
}
