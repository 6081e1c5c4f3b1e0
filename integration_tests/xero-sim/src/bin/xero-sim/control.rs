//! The HTTP door for changes from outside. It has a port of its own, so that the simulated Xero
//! answers nothing that Xero would not.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use xero_sim::ENDPOINTS;

use crate::{Playground, answer, commands};

/// Listens on a port of 127.0.0.1, and serves until the program ends.
pub(crate) async fn serve(port: u16, playground: Arc<Playground>) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let address = listener.local_addr()?;
    let router = Router::new().fallback(handle).with_state(playground);
    tokio::spawn(async { axum::serve(listener, router).await });
    Ok(address)
}

async fn handle(
    State(playground): State<Arc<Playground>>,
    method: Method,
    uri: Uri,
    body: Bytes,
) -> Response {
    let (status, body) = match (method, uri.path()) {
        (Method::GET, "/world") => (StatusCode::OK, world(&playground)),
        (Method::POST, path) => change(&playground, path.trim_start_matches('/'), &body),
        _ => {
            let error = "there are GET /world and POST /COMMAND, such as POST /edit";
            (StatusCode::NOT_FOUND, json!({ "error": error }))
        }
    };
    let json = [(header::CONTENT_TYPE, "application/json")];
    (status, json, format!("{body}\n")).into_response()
}

/// Runs a command whose words are the fields of a JSON object.
fn change(playground: &Playground, verb: &str, body: &[u8]) -> (StatusCode, Value) {
    let line = match commands::line(verb, body) {
        Ok(line) => line,
        Err(error) => return (StatusCode::BAD_REQUEST, json!({ "error": error })),
    };
    let done = playground.run(&line);
    let status = match done {
        Ok(()) => StatusCode::OK,
        Err(_) => StatusCode::BAD_REQUEST,
    };
    (status, answer(&line, &done))
}

/// The organisations and how many rows their tables have.
fn world(playground: &Playground) -> Value {
    let all = &playground.all;
    let organisations = playground.sim.world(|world| {
        let tenants = (1..).zip(&all.tenants).map(|(number, tenant)| {
            let rows = ENDPOINTS.iter().map(|table| {
                let rows = world.rows(tenant, table.entity).len();
                (table.key.to_owned(), rows.into())
            });
            let others = world.api_tables(tenant).into_iter().map(|table| {
                let rows = world.api_rows(tenant, table).len();
                (table.to_owned(), rows.into())
            });
            json!({
                "organisation": number,
                "tenant_id": tenant.as_str(),
                "name": world.tenant_name(tenant),
                "connected": world.is_connected(&all.app, tenant),
                "rows": rows.collect::<Map<_, _>>(),
                "rows_of_other_apis": others.collect::<Map<_, _>>(),
            })
        });
        tenants.collect::<Vec<_>>()
    });
    json!({ "url": playground.sim.url(), "organisations": organisations })
}
