//! Checks of messages. Each panics with the rule that was broken.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;

use crate::Run;

/// No secret shows anywhere but in CONTROL, in no encoding. A client's id and
/// secret joined by a colon are what travels in its Authorization header.
pub fn no_secret_shows(run: &Run, secrets: &[String]) {
    let shown = run
        .messages
        .iter()
        .filter(|message| message["type"] != "CONTROL");
    let mut text: String = shown.map(|message| format!("{message}\n")).collect();
    text.push_str(&run.stderr);
    for secret in secrets {
        let encoded = [
            secret.clone(),
            STANDARD.encode(secret),
            URL_SAFE_NO_PAD.encode(secret),
            url_encoded(secret),
        ];
        for form in encoded {
            assert!(
                !text.contains(form.trim_end_matches('=')),
                "a secret shows: {form}"
            );
        }
    }
}

fn url_encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// What the messages of a run say about its streams.
#[derive(Debug, Default)]
pub struct Streams<'r> {
    /// The statuses of each stream, in their order.
    statuses: HashMap<&'r str, Vec<&'r str>>,
    /// The organisations and the stamps of the records since the last state.
    uncounted: HashMap<&'r str, Vec<(&'r str, &'r Value)>>,
    last_state: HashMap<&'r str, String>,
}

/// The order of messages that platforms and acceptance suites demand of a read. It also holds for a read
/// that was killed.
pub fn messages_are_in_order(run: &Run) -> Streams<'_> {
    let mut streams = Streams::default();
    let Streams {
        statuses,
        uncounted,
        last_state,
    } = &mut streams;
    for message in &run.messages {
        if let Some(record) = message.get("record") {
            let stream = record["stream"]
                .as_str()
                .expect("a record names its stream");
            assert_eq!(
                statuses[stream].last(),
                Some(&"RUNNING"),
                "a record of {stream} comes before RUNNING or after the end"
            );
            assert!(record["emitted_at"].is_i64());
            let tenant = record["data"]["TenantID"].as_str();
            let tenant = tenant.expect("a record names its organisation");
            let stamp = &record["data"]["UpdatedDateUTC"];
            uncounted.entry(stream).or_default().push((tenant, stamp));
        } else if let Some(state) = message.get("state") {
            let stream = state["stream"]["stream_descriptor"]["name"]
                .as_str()
                .expect("a state names its stream");
            let count = uncounted.remove(stream).unwrap_or_default().len();
            assert_eq!(
                state["sourceStats"]["recordCount"].as_f64(),
                Some(count as f64),
                "the count of {stream}"
            );
            let content = state["stream"]["stream_state"].to_string();
            let before = last_state.insert(stream, content.clone());
            // Each sync reads the last periods of a report again, and its position stays before them.
            let may_stay = stream.starts_with("report_");
            assert!(
                count == 0 || may_stay || before != Some(content),
                "{stream}: the same state again after {count} records"
            );
            assert!(
                !matches!(statuses[stream].last(), Some(&"COMPLETE" | &"INCOMPLETE")),
                "a state after the end of {stream}"
            );
        } else if let Some(status) = message["trace"].get("stream_status") {
            let stream = status["stream_descriptor"]["name"]
                .as_str()
                .expect("a status names its stream");
            statuses
                .entry(stream)
                .or_default()
                .push(status["status"].as_str().expect("a status has a status"));
        }
        no_null_shows(message);
    }
    streams
}

/// The order of messages, the end of each stream, and the exit code of a read that ended by itself.
pub fn a_read_is_well_formed(run: &Run, streams: &[&str]) {
    let Streams {
        statuses,
        uncounted,
        last_state,
    } = messages_are_in_order(run);
    let mut complete = true;
    for stream in streams {
        let found = statuses.get(stream).map(Vec::as_slice).unwrap_or_default();
        let [first, between @ .., last] = found else {
            panic!("{stream} has the statuses {found:?}")
        };
        assert_eq!(*first, "STARTED", "{stream}");
        assert!(
            between.iter().all(|status| *status == "RUNNING"),
            "{stream}: {found:?}"
        );
        assert!(
            matches!(*last, "COMPLETE" | "INCOMPLETE"),
            "{stream}: {found:?}"
        );
        assert!(
            *last != "COMPLETE" || last_state.contains_key(stream),
            "{stream} is complete without a state"
        );
        // An organisation that broke off has nothing to go on from where its stream has no cursor,
        // and stays where it began where its list is read by passes. It also stays at a stamp that more rows
        // share than were read.
        let in_passes = run
            .logs("WARN")
            .iter()
            .any(|it| it.contains("by plain page numbers"))
            || run
                .errors()
                .iter()
                .any(|(_, of, text)| of == stream && text.contains("was incomplete"));
        let state = last_state.get(stream).map_or("", String::as_str);
        let state: Value = serde_json::from_str(state).unwrap_or_default();
        let may_lack_state = |(tenant, stamp): &&(&str, &Value)| {
            let own = &state["tenants"][*tenant];
            let stays = stamp.is_string() && own["UpdatedDateUTC"] == **stamp;
            // The row about the organisation itself has no stamp and is sent by every sync.
            let is_own = *stream == "cis_settings" && stamp.is_null();
            // A document with a file that failed stays to be read, and its rows come again.
            let has_files = ["attachments", "file_contents"].contains(stream);
            *last == "INCOMPLETE" && (in_passes || own.is_null() || stays || is_own || has_files)
        };
        let uncovered = uncounted.get(stream).map(Vec::as_slice).unwrap_or_default();
        let uncovered = uncovered.iter().filter(|it| !may_lack_state(it)).count();
        assert_eq!(uncovered, 0, "{stream} has records behind its last state");
        complete &= *last == "COMPLETE";
    }
    assert_eq!(run.code, Some(i32::from(!complete)), "{:?}", run.errors());
    assert!(
        complete || !run.errors().is_empty(),
        "incomplete without an error"
    );
}

/// Clients call methods on absent fields if they come as null.
fn no_null_shows(message: &Value) {
    let Value::Object(fields) = message else {
        return;
    };
    for (name, payload) in fields {
        let fields = payload.as_object().into_iter().flatten();
        for (field, value) in fields {
            assert!(!value.is_null(), "{name}.{field} is null in {message}");
        }
    }
}
