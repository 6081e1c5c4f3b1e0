//! The faults: what the server does instead of its own answer.

use std::io::{self, Write};
use std::net::TcpStream;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use xero_sim::{Answer, Limit, Request};

/// Xero's words for a role without rights.
const NO_ROLE: &str = r#"{"title":"Forbidden","status":403,"detail":"The user's role has no permission to view this"}"#;

/// Xero's words for a request that is not valid.
const NOT_VALID: &str = r#"{"ErrorNumber":10,"Type":"ValidationException","Message":"A validation exception occurred","Elements":[{"ValidationErrors":[{"Message":"The parameter is not valid"}]}]}"#;

/// What a server does, and how the page names it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fault {
    pub(super) name: &'static str,
    pub(super) act: Act,
    /// The longest silence within a response that the connector accepts, in milliseconds, if it is
    /// to wait for it.
    pub(super) silence: Option<u32>,
}

/// How a server answers.
#[derive(Clone, Copy, Debug)]
pub(super) enum Act {
    /// With an answer of HTTP.
    Answer(fn(&Request) -> Answer),
    /// With bytes on the connection, until the client closes it.
    Bytes(fn(&mut TcpStream) -> io::Result<()>),
    /// Not at all: nothing listens.
    Refuse,
}

const fn fault(name: &'static str, answer: fn(&Request) -> Answer) -> Fault {
    Fault {
        name,
        act: Act::Answer(answer),
        silence: None,
    }
}

// The network.

pub(super) const REFUSED: Fault = Fault {
    name: "connection refused",
    act: Act::Refuse,
    silence: None,
};
pub(super) const RESET: Fault = fault("connection reset before the answer", |_| Answer::reset());
pub(super) const CUT: Fault = fault("body cut in the middle", |_| {
    Answer::honest().truncated(150)
});
pub(super) const STALL: Fault = Fault {
    silence: Some(700),
    ..fault("no answer", |_| Answer::silent())
};
pub(super) const TRICKLE: Fault = Fault {
    name: "one byte every 50 ms",
    act: Act::Bytes(trickle),
    silence: Some(300),
};
pub(super) const SLOW: Fault = fault("answer after 80 ms", |_| {
    Answer::honest().delayed(Duration::from_millis(80))
});

fn trickle(client: &mut TcpStream) -> io::Result<()> {
    let head =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{";
    client.write_all(head.as_bytes())?;
    loop {
        std::thread::sleep(Duration::from_millis(50));
        client.write_all(b" ")?;
    }
}

// Bodies that are no page.

pub(super) const NOT_GZIP: Fault = fault("body not gzip, though the header says so", |_| {
    Answer::json(200, r#"{"Status":"OK"}"#).header("Content-Encoding", "gzip")
});
pub(super) const CUT_GZIP: Fault = fault("gzip without its end", |_| {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let written = encoder.write_all(&br#"{"Status":"OK"}"#.repeat(99));
    let packed = written.and_then(|()| encoder.finish());
    let mut packed = packed.expect("a vector takes every byte");
    packed.truncate(packed.len() - 9);
    Answer::json(200, packed).header("Content-Encoding", "gzip")
});
pub(super) const HTML: Fault = fault("200 with an HTML page", |_| {
    Answer::html(200, "<html>Please wait</html>")
});
pub(super) const EMPTY: Fault = fault("200 with an empty body", |_| Answer::json(200, ""));
pub(super) const OTHER_SHAPE: Fault = fault("200 with JSON of another shape", |_| {
    Answer::json(200, r#"{"Status":"OK","Surprise":[]}"#)
});

// Statuses.

pub(super) const NOT_VALID_400: Fault =
    fault("400 ValidationException", |_| Answer::json(400, NOT_VALID));
pub(super) const HIGH_VOLUME: Fault = fault("400 HighVolumeException", |_| Answer::high_volume());
pub(super) const ENDED: Fault = fault("401 TokenExpired", |_| {
    Answer::unauthorized("TokenExpired: token expired at 08/14/2025 09:30:00")
});
pub(super) const UNKNOWN_TOKEN: Fault = fault("401 AuthenticationUnsuccessful", |_| {
    Answer::unauthorized("AuthenticationUnsuccessful")
});
pub(super) const NO_SCOPE: Fault =
    fault("401 AuthorizationUnsuccessful", |_| Answer::not_permitted());
pub(super) const NO_ROLE_403: Fault = fault("403 role without permission", |_| {
    Answer::json(403, NO_ROLE)
});
pub(super) const FORBIDDEN: Fault =
    fault("403 AuthenticationUnsuccessful", |_| Answer::forbidden());
pub(super) const NOT_FOUND: Fault = fault("404", |_| Answer::not_found());
pub(super) const PRECONDITION: Fault = fault("412", |_| Answer::text(412, ""));
pub(super) const SERVER_ERROR: Fault = fault("500", |_| Answer::server_error());
pub(super) const NOT_IMPLEMENTED: Fault = fault("501", |_| Answer::text(501, "ApiException"));
pub(super) const BAD_GATEWAY: Fault = fault("502 with an HTML page", |_| {
    Answer::html(502, "<html>Bad gateway</html>")
});
pub(super) const UNAVAILABLE: Fault =
    fault("503 temporarily unavailable", |_| Answer::unavailable());
pub(super) const MAINTENANCE: Fault =
    fault("503 offline for maintenance", |_| Answer::maintenance());
pub(super) const OFFLINE: Fault = fault("503 The Organisation is offline", |_| {
    Answer::organisation_offline()
});
pub(super) const REDIRECT: Fault = fault("302 to another host", |_| {
    Answer::text(302, "").header("Location", "https://elsewhere.example/")
});

// Limits.

pub(super) const MINUTE: Fault = fault("429 minute, Retry-After 37", |_| {
    Answer::too_many(Limit::Minute, Some(37))
});
pub(super) const CONCURRENT: Fault = fault("429 concurrent", |_| {
    Answer::too_many(Limit::Concurrent, None)
});
pub(super) const APP_MINUTE: Fault = fault("429 appminute", |_| {
    Answer::too_many(Limit::AppMinute, None)
});
pub(super) const DAY: Fault = fault("429 day, Retry-After 66975", |_| {
    Answer::too_many(Limit::Day, Some(66_975))
});
pub(super) const BARE_429: Fault = fault("429 without headers", |_| Answer::text(429, "").bare());

// Lists whose rows or counts are wrong.

/// An honest answer with other rows. `change` gets the rows of the list.
fn with_rows(change: fn(&mut Vec<Value>)) -> Answer {
    rewritten(move |body| {
        let lists = body.as_object_mut().into_iter().flatten();
        lists
            .filter_map(|(_, value)| value.as_array_mut())
            .for_each(change);
    })
}

fn rewritten(change: impl FnOnce(&mut Value) + Send + 'static) -> Answer {
    Answer::honest().rewritten(|body| {
        let mut body = serde_json::from_str(&body).expect("the simulator sends JSON");
        change(&mut body);
        body.to_string()
    })
}

/// The honest answer to another request.
fn instead(request: &Request, name: &str, value: &str) -> Answer {
    let mut other = request.clone();
    let named = other.query.iter_mut().filter(|(it, _)| it == name);
    named.for_each(|(_, it)| *it = value.to_owned());
    Answer::honest_to(other)
}

pub(super) const NUMBER_FOR_ROW: Fault = fault("a number in place of a row", |_| {
    with_rows(|rows| {
        rows.iter_mut()
            .skip(1)
            .take(1)
            .for_each(|row| *row = json!(7))
    })
});
pub(super) const NO_KEY: Fault = fault("a row without its key", |_| {
    with_rows(|rows| {
        for row in rows.iter_mut().skip(1).take(1) {
            let fields = row.as_object_mut().expect("a row is an object");
            fields.retain(|name, _| !name.ends_with("ID"));
        }
    })
});
pub(super) const DEEP: Fault = fault("a row with 130 levels", |_| {
    with_rows(|rows| {
        for row in rows.iter_mut().skip(1).take(1) {
            row["x"] = (0..130).fold(json!(1), |inner, _| json!([inner]));
        }
    })
});
pub(super) const DOUBLE: Fault = fault("each row twice", |_| {
    with_rows(|rows| {
        *rows = rows
            .iter()
            .flat_map(|row| [row.clone(), row.clone()])
            .collect()
    })
});
pub(super) const FIRST_PAGE_AGAIN: Fault =
    fault(
        "the first page again for each page",
        |request| match request.param("page") {
            Some(_) => instead(request, "page", "1"),
            None => instead(request, "offset", "0"),
        },
    );
pub(super) const WRONG_COUNT: Fault = fault("a count of more rows than there are", |_| {
    rewritten(|body| {
        if let Some(count) = body["pagination"]["itemCount"].as_u64() {
            body["pagination"]["itemCount"] = json!(count + 7);
        }
    })
});
pub(super) const FUTURE: Fault = fault("a clock in the year 9999", |_| {
    rewritten(|body| body["DateTimeUTC"] = json!("/Date(253402300799999)/"))
});
pub(super) const PAST: Fault = fault("a clock in 1970", |_| {
    rewritten(|body| body["DateTimeUTC"] = json!("/Date(0)/"))
});

// The token endpoint.

pub(super) const INVALID_GRANT: Fault = fault("400 invalid_grant", |_| {
    Answer::json(400, r#"{"error":"invalid_grant"}"#)
});
pub(super) const INVALID_CLIENT: Fault = fault("400 invalid_client", |_| {
    Answer::json(400, r#"{"error":"invalid_client"}"#)
});
pub(super) const LOST_TOKENS: Fault = fault("connection closed after the exchange", |_| {
    Answer::honest().truncated(0)
});
pub(super) const CUT_TOKENS: Fault = fault("half of the tokens", |_| {
    Answer::honest().rewritten(|body| body[..20].to_owned())
});
pub(super) const NO_REFRESH_TOKEN: Fault = fault("tokens without a refresh token", |_| {
    rewritten(|body| {
        body.as_object_mut()
            .expect("tokens are an object")
            .remove("refresh_token");
    })
});
pub(super) const NO_ACCESS_TOKEN: Fault = fault("tokens without an access token", |_| {
    rewritten(|body| {
        body.as_object_mut()
            .expect("tokens are an object")
            .remove("access_token");
    })
});
