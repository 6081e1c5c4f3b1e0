//! Listens on this machine for the browser that comes back from Xero's consent page.

use std::convert::Infallible;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::select_all;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::page::{POLICY, Page};
use crate::files;

/// The path of the redirect URI.
pub(super) const PATH: &str = "/callback";

/// Time for the headers of a request.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// Time for a whole connection. The page waits for the exchange of the code.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(120);
/// Time to send a page before the process ends.
const SEND_TIMEOUT: Duration = Duration::from_secs(2);
/// Maximum size of the headers of a request, in bytes.
const MAX_HEADERS: usize = 16 * 1024;
/// Maximum number of connections at once. Browsers open some in advance.
const MAX_CONNECTIONS: usize = 32;
/// Pause after an error of the socket.
const PAUSE: Duration = Duration::from_millis(100);

/// The sockets of a port.
#[derive(Debug)]
pub(super) struct Listener(Vec<TcpListener>);

/// A browser at the path of the redirect URI. It waits for a page.
#[derive(Debug)]
pub(super) struct Arrival {
    /// The path and the query.
    pub(super) address: String,
    page: oneshot::Sender<Page>,
    /// Ends with the connection.
    sent: oneshot::Receiver<Infallible>,
}

/// The browsers that arrive. Nothing listens any more once this is dropped.
#[derive(Debug)]
pub(super) struct Arrivals {
    queue: mpsc::Receiver<Arrival>,
    _server: JoinSet<()>,
}

impl Listener {
    /// Listens on the loopback addresses of both families. In the image it listens on all addresses,
    /// because a published port of a container arrives at the container's own address.
    pub(super) async fn bind(port: u16) -> io::Result<Listener> {
        let addresses: [IpAddr; 2] = match files::in_image() {
            false => [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
            true => [Ipv4Addr::UNSPECIFIED.into(), Ipv6Addr::UNSPECIFIED.into()],
        };
        let [v4, v6] = addresses.map(|address| SocketAddr::new(address, port));
        let mut sockets = vec![TcpListener::bind(v4).await?];
        match TcpListener::bind(v6).await {
            Ok(socket) => sockets.push(socket),
            // An IPv6 socket for all addresses may serve IPv4 too, and then collides with the first.
            Err(error) if error.kind() == ErrorKind::AddrInUse && !files::in_image() => {
                return Err(error);
            }
            // Not every machine has IPv6.
            Err(_) => {}
        }
        Ok(Listener(sockets))
    }

    /// Starts to answer browsers.
    pub(super) fn serve(self) -> Arrivals {
        let (sender, queue) = mpsc::channel(1);
        let mut server = JoinSet::new();
        server.spawn(serve(self.0, sender));
        Arrivals {
            queue,
            _server: server,
        }
    }
}

impl Arrivals {
    /// Waits for the next browser.
    pub(super) async fn next(&mut self) -> Option<Arrival> {
        self.queue.recv().await
    }
}

impl Arrival {
    /// Sends a page, and does not wait for its end.
    pub(super) fn answer(self, page: Page) {
        let _ = self.page.send(page); // the browser may be gone
    }

    /// Shows a page, and waits until it is sent.
    pub(super) async fn show(self, page: Page) {
        if self.page.send(page).is_ok() {
            let _ = timeout(SEND_TIMEOUT, self.sent).await;
        }
    }
}

async fn serve(sockets: Vec<TcpListener>, arrivals: mpsc::Sender<Arrival>) {
    let mut connections = JoinSet::new();
    loop {
        let accepts = sockets.iter().map(|socket| Box::pin(socket.accept()));
        let (accepted, ..) = select_all(accepts).await;
        while connections.try_join_next().is_some() {}
        match accepted {
            Ok((stream, _)) if connections.len() < MAX_CONNECTIONS => {
                connections.spawn(answer_one(stream, arrivals.clone()));
            }
            Ok(_) => {}
            Err(_) => sleep(PAUSE).await,
        }
    }
}

/// Answers one request of a browser.
async fn answer_one(stream: TcpStream, arrivals: mpsc::Sender<Arrival>) {
    let (ended, sent) = oneshot::channel();
    let sent = Arc::new(Mutex::new(Some(sent)));
    let service = service_fn(move |request| {
        let sent = sent.lock().unwrap_or_else(PoisonError::into_inner).take();
        let arrivals = arrivals.clone();
        async move { Ok::<_, Infallible>(response(request, sent, &arrivals).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(MAX_HEADERS)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service);
    let _ = timeout(CONNECTION_TIMEOUT, connection).await;
    drop(ended);
}

async fn response(
    request: Request<Incoming>,
    sent: Option<oneshot::Receiver<Infallible>>,
    arrivals: &mpsc::Sender<Arrival>,
) -> Response<Full<Bytes>> {
    let Some(sent) = sent.filter(|_| request.uri().path() == PATH) else {
        // A browser also asks for an icon.
        return html(StatusCode::NOT_FOUND, &Page::not_found());
    };
    if request.method() != Method::GET {
        let mut response = html(StatusCode::METHOD_NOT_ALLOWED, &Page::not_found());
        let headers = response.headers_mut();
        headers.insert(ALLOW, HeaderValue::from_static("GET"));
        return response;
    }
    let (page, shown) = oneshot::channel();
    let arrival = Arrival {
        address: request.uri().to_string(),
        page,
        sent,
    };
    let page = match arrivals.send(arrival).await {
        Ok(()) => shown.await.unwrap_or_else(|_| Page::ended()),
        Err(_) => Page::ended(),
    };
    let status = match page.is_success() {
        true => StatusCode::OK,
        false => StatusCode::BAD_REQUEST,
    };
    html(status, &page)
}

fn html(status: StatusCode, page: &Page) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(page.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in [
        (
            CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        ),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        // The address of the page has the code.
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ] {
        headers.insert(name, value);
    }
    response
}
