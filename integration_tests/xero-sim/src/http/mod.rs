//! The HTTP server. It logs each request, lets a test replace the answer, otherwise answers as Xero
//! would, and sends the answer whole or in part.

mod admission;
mod api_call;
mod api_problem;
mod authorize;
mod budget_months;
mod call;
mod headers;
mod identity;
mod incoming;
mod pages;
mod range;
pub(crate) mod socket;
mod sub_resource;

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request as HttpRequest, State};
use axum::http::header::CONTENT_ENCODING;
use axum::response::Response;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::answer::{Answer, Delivery, Rewrite, Source};
use crate::apis::is_api;
use crate::log::Request;
use crate::problem;
use crate::reply::Reply;
use crate::server_state::{ServerState, Slot};
use headers::correlated;
use socket::Socket;

/// Routes the requests to all of Xero's hosts.
pub(crate) fn router(shared: Arc<ServerState>) -> Router {
    Router::new().fallback(handle).with_state(shared)
}

/// The decision about a call before any delay.
enum Opened {
    /// The answer.
    Done(Reply),
    /// An answer that is still to be written and holds one of the five concurrent slots.
    Admitted(Box<admission::AdmittedCall>, Slot),
}

async fn handle(
    State(shared): State<Arc<ServerState>>,
    ConnectInfo(socket): ConnectInfo<Socket>,
    request: HttpRequest,
) -> Response {
    let mut request = incoming::read(&shared, request).await;
    let place = shared.log().arrived(&request);
    let answer = shared.intercept(&request).unwrap_or_else(Answer::honest);
    let (source, delivery) = (answer.source, answer.delivery);
    if delivery == Delivery::Silent {
        std::future::pending::<()>().await;
    }

    // A call counts and takes its slot before its delay, and keeps the slot during the delay.
    let work = match source {
        Source::Given { reply, bare } if bare || !is_api(&request.path) => Work::Given(reply),
        Source::Given { reply, .. } => {
            let world = &mut shared.world();
            Work::Given(admission::complete(world, &request, reply))
        }
        Source::Honest(rewrite) => {
            let altered = answer.altered.as_deref().unwrap_or(&request);
            let opened = catch_unwind(AssertUnwindSafe(|| open(&shared, altered)));
            Work::Honest(opened.unwrap_or_else(|_| Opened::Done(failed())), rewrite)
        }
    };
    let wait = answer.delay + shared.world().latency_for(request.tenant_id.as_ref());
    if !wait.is_zero() {
        tokio::time::sleep(wait).await;
    }
    let packs = wants_gzip(&request);
    let worker = Arc::clone(&shared);
    let range = request.range.clone().filter(|_| shared.world().ranges);
    let write = move || work.write(&worker, packs, range.as_deref());
    let written = tokio::task::spawn_blocking(write).await;
    // A fault of the simulator is a 500 of Xero's, so that the client does not see a broken connection.
    let written = written.unwrap_or_else(|_| Written::plain(failed()));

    match delivery {
        // A body shorter than the truncation is sent whole, and so are later answers.
        Delivery::Truncated(bytes) if bytes < written.reply.body.len() => socket.truncate(bytes),
        Delivery::Reset => socket.reset(),
        Delivery::Whole | Delivery::Truncated(_) | Delivery::Silent => {}
    }
    complete(&mut request, &shared, &written, delivery);
    shared.log().answered(place, request);
    respond(written)
}

/// Completes an answer after its delay.
enum Work {
    Given(Reply),
    Honest(Opened, Option<Rewrite>),
}

/// An answer's bytes.
struct Written {
    reply: Reply,
    /// Length of the body before compression.
    plain: usize,
    packed: bool,
}

impl Written {
    /// An answer as it is.
    fn plain(reply: Reply) -> Self {
        let plain = reply.body.len();
        Self {
            reply,
            plain,
            packed: false,
        }
    }
}

/// The answer after a panic.
fn failed() -> Reply {
    correlated(problem::server_error())
}

impl Work {
    /// Writes and compresses the answer. Frees the call's slot before the answer is sent, because
    /// the client may send its next call immediately.
    fn write(self, shared: &ServerState, packs: bool, range: Option<&str>) -> Written {
        let (mut reply, rewrite) = match self {
            Self::Given(reply) => return Written::plain(reply),
            Self::Honest(Opened::Done(reply), rewrite) => (reply, rewrite),
            Self::Honest(Opened::Admitted(call, _slot), rewrite) => {
                let (tenant, now, gzip) = {
                    let world = shared.world();
                    (call.snapshot(&world), world.now(), world.gzip)
                };
                let packs = packs && gzip && rewrite.is_none() && range.is_none();
                (call.write(&tenant, now, packs), rewrite)
            }
        };
        if let Some(plain) = reply.unpacked {
            return Written {
                reply,
                plain,
                packed: true,
            };
        }
        if let Some(rewrite) = rewrite {
            let text = String::from_utf8(reply.body.to_vec()).expect("Xero speaks UTF-8");
            reply.body = rewrite(text).into();
        }
        if let Some(range) = range {
            reply = range::of(reply, range);
        }
        let plain = reply.body.len();
        let packed = packs && plain > 0 && shared.world().gzip;
        if packed {
            reply.body = gzip(&reply.body);
        }
        Written {
            reply,
            plain,
            packed,
        }
    }
}

/// Answers as Xero would.
fn open(shared: &Arc<ServerState>, request: &Request) -> Opened {
    match (request.method.as_str(), request.path.as_str()) {
        ("POST", "/connect/token") => Opened::Done(identity::token(&mut shared.world(), request)),
        ("POST", "/connect/revocation") => {
            Opened::Done(identity::revocation(&mut shared.world(), request))
        }
        ("GET" | "POST", authorize::PATH) => {
            Opened::Done(authorize::answer(&mut shared.world(), request))
        }
        ("GET", authorize::CONNECTION_LIMIT) => Opened::Done(pages::connection_limit()),
        ("GET", "/connections") => {
            Opened::Done(correlated(identity::connections(&shared.world(), request)))
        }
        ("DELETE", path) if path.starts_with(identity::CONNECTION) => Opened::Done(correlated(
            identity::delete_connection(&mut shared.world(), request),
        )),
        (_, path) if is_api(path) => match admission::open(shared, request) {
            Ok((call, slot)) => Opened::Admitted(Box::new(call), slot),
            Err(reply) => Opened::Done(correlated(reply)),
        },
        _ => Opened::Done(problem::not_found()),
    }
}

fn wants_gzip(request: &Request) -> bool {
    let accepted = request.accept_encoding.as_deref().unwrap_or_default();
    accepted
        .split(',')
        .any(|coding| coding.trim().split(';').next() == Some("gzip"))
}

fn gzip(body: &[u8]) -> Bytes {
    let buffer = Vec::with_capacity(body.len() / 4);
    let mut encoder = GzEncoder::new(buffer, Compression::fast());
    let packed = encoder.write_all(body).and_then(|()| encoder.finish());
    packed.expect("a vector takes every byte").into()
}

/// Adds the answer to the request, as the client gets it.
fn complete(request: &mut Request, shared: &ServerState, written: &Written, delivery: Delivery) {
    let reply = &written.reply;
    let sent = match delivery {
        Delivery::Whole => reply.body.len(),
        Delivery::Truncated(bytes) => reply.body.len().min(bytes),
        Delivery::Reset | Delivery::Silent => return,
    };
    let problem = reply.get("X-Rate-Limit-Problem");
    request.answered = Some(shared.world().now());
    request.status = reply.status;
    request.rows = reply.rows;
    request.sent_bytes = sent;
    request.body_bytes = written.plain;
    request.limit_problem = problem.map(str::to_owned);
}

fn respond(written: Written) -> Response {
    let reply = written.reply;
    let mut response = Response::builder().status(reply.status);
    for (name, value) in &reply.headers {
        response = response.header(*name, value);
    }
    if written.packed {
        response = response.header(CONTENT_ENCODING, "gzip");
    }
    response
        .body(Body::from(reply.body))
        .expect("statuses and headers are well-formed")
}
