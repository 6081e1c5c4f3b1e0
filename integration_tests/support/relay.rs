//! A server between the connector and the simulator. It answers some requests with bytes that no
//! HTTP library sends, and passes all other requests on.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use xero_sim::Sim;

/// Answers the request for a path on its connection. Returns false for a request that the simulator
/// answers.
type Hostile = dyn Fn(&str, &mut TcpStream) -> io::Result<bool> + Send + Sync;

/// The base URL of a running relay. Its threads end with the test process.
#[derive(Debug)]
pub(crate) struct Relay(SocketAddr);

impl Relay {
    /// Serves on a free port of the loopback interface. A write to a client that has closed its
    /// connection fails, so an answer without end ends there.
    pub(crate) fn start(
        sim: &Sim,
        hostile: impl Fn(&str, &mut TcpStream) -> io::Result<bool> + Send + Sync + 'static,
    ) -> Relay {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
        let listener = listener.expect("the loopback interface has a free port");
        let address = listener.local_addr().expect("a listener has an address");
        let (sim, hostile) = (sim.address(), Arc::new(hostile));
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let hostile = Arc::clone(&hostile);
                // An error is a client that has gone.
                thread::spawn(move || drop(serve(client, sim, &*hostile)));
            }
        });
        Relay(address)
    }

    /// The URL for `api_url` and `identity_url`.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.0)
    }
}

/// Answers one request and closes the connection.
fn serve(mut client: TcpStream, sim: SocketAddr, hostile: &Hostile) -> io::Result<()> {
    client.set_nodelay(true)?;
    let (path, request) = receive(&client)?;
    if hostile(&path, &mut client)? {
        return Ok(());
    }
    let mut server = TcpStream::connect(sim)?;
    server.write_all(&request)?;
    io::copy(&mut server, &mut client)?;
    Ok(())
}

/// Reads a request. Returns its path, and its bytes with the demand to close the connection.
fn receive(client: &TcpStream) -> io::Result<(String, Vec<u8>)> {
    let mut reader = BufReader::new(client);
    let (mut request, mut length) = (Vec::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if line.trim().is_empty() {
            break;
        }
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or_default();
        }
        request.extend_from_slice(line.as_bytes());
    }
    let target = String::from_utf8_lossy(&request).into_owned();
    let target = target.split(' ').nth(1).unwrap_or_default();
    let path = target.split('?').next().unwrap_or_default().to_owned();
    request.extend_from_slice(b"Connection: close\r\n\r\n");
    let head = request.len();
    request.resize(head + length, 0);
    reader.read_exact(&mut request[head..])?;
    Ok((path, request))
}
