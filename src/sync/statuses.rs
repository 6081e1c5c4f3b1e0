//! Sends the first and the last status of each selected stream: STARTED, then COMPLETE or
//! INCOMPLETE.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use crate::airbyte::emit::Emitter;
use crate::airbyte::protocol::{Message, StreamStatus};
use crate::failure::Failure;
use crate::panics;
use crate::walk::proof::Proof;

/// Sends statuses and records how streams ended.
#[derive(Debug)]
pub(crate) struct Statuses<'a> {
    emitter: &'a Emitter,
    /// Streams that began and have not ended.
    open: RefCell<BTreeSet<String>>,
    has_failed: Cell<bool>,
}

impl<'a> Statuses<'a> {
    pub(crate) fn new(emitter: &'a Emitter) -> Statuses<'a> {
        Statuses {
            emitter,
            open: RefCell::default(),
            has_failed: Cell::new(false),
        }
    }

    /// Sends STARTED.
    pub(crate) fn begin(&self, stream: &str) {
        self.open.borrow_mut().insert(stream.to_owned());
        let started = Message::status(stream, StreamStatus::Started);
        self.emitter.send(started);
    }

    /// Sends the last status of a stream: COMPLETE if every organisation has a proof, otherwise the
    /// errors and INCOMPLETE.
    pub(crate) fn end(&self, stream: &str, ends: &[Result<Proof, Failure>]) {
        let failures = ends.iter().filter_map(|end| end.as_ref().err());
        for failure in failures.clone() {
            self.error(stream, failure);
        }
        if ends.is_empty() {
            self.error(stream, &Failure::system("No organisation was read."));
        }
        self.last(stream, !ends.is_empty() && failures.count() == 0);
    }

    /// Runs the work of some streams. A panic sends one error and ends those of them that are open. Other
    /// streams continue.
    pub(crate) async fn isolated(&self, streams: &[&str], work: impl Future<Output = ()>) {
        let Err(failure) = panics::caught(work).await else {
            return;
        };
        let open: Vec<_> = streams.iter().filter(|it| self.is_open(it)).collect();
        // An error is sent even if no stream is open: a panic is never silent.
        if let Some(stream) = open.first().or(streams.first().as_ref()) {
            self.error(stream, &failure);
        }
        for stream in open {
            self.last(stream, false);
        }
        self.has_failed.set(true);
    }

    /// Ends a stream INCOMPLETE without an error of its own.
    pub(crate) fn abandon(&self, stream: &str) {
        self.last(stream, false);
    }

    /// Whether the stream has begun and not ended.
    pub(crate) fn is_open(&self, stream: &str) -> bool {
        self.open.borrow().contains(stream)
    }

    /// Whether every stream that began ended COMPLETE.
    pub(crate) fn are_complete(&self) -> bool {
        !self.has_failed.get() && self.open.borrow().is_empty()
    }

    fn error(&self, stream: &str, failure: &Failure) {
        self.emitter.send(Message::error(failure, Some(stream)));
    }

    fn last(&self, stream: &str, is_complete: bool) {
        self.open.borrow_mut().remove(stream);
        let status = match is_complete {
            true => StreamStatus::Complete,
            false => {
                self.has_failed.set(true);
                StreamStatus::Incomplete
            }
        };
        self.emitter.send(Message::status(stream, status));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::airbyte::emit;

    /// Returns what `work` writes: the stream and the internal message of each error, the stream and
    /// the status of each status.
    async fn written(work: impl AsyncFnOnce(&Statuses<'_>)) -> Vec<[String; 2]> {
        let (sink, out) = std::io::pipe().map(|(out, sink)| (sink, out)).unwrap();
        let (emitter, writer) = emit::start(sink);
        work(&Statuses::new(&emitter)).await;
        emitter.finish();
        writer.join().unwrap();
        let lines = std::io::BufRead::lines(std::io::BufReader::new(out));
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let line = |line: std::io::Result<String>| {
            let line: Value = serde_json::from_str(&line.unwrap()).unwrap();
            let (trace, field) = match &line["trace"]["error"] {
                Value::Null => (&line["trace"]["stream_status"], "status"),
                error => (error, "internal_message"),
            };
            [
                text(&trace["stream_descriptor"]["name"]),
                text(&trace[field]),
            ]
        };
        lines.map(line).collect()
    }

    #[tokio::test]
    async fn a_panic_ends_its_own_streams_with_one_error() {
        let found = written(async |statuses| {
            statuses.begin("items");
            let read = async {
                for stream in ["invoices", "invoice_line_items", "quotes"] {
                    statuses.begin(stream);
                }
                statuses.end("quotes", &[Ok(Proof::Count)]);
                panic!("a page of {} rows", 7);
            };
            let streams = ["invoices", "invoice_line_items", "quotes"];
            statuses.isolated(&streams, read).await;
            assert!(statuses.is_open("items") && !statuses.is_open("invoices"));
            statuses.end("items", &[Ok(Proof::Count)]);
            assert!(!statuses.are_complete());
        })
        .await;
        let found: Vec<_> = found.iter().map(|[of, what]| (&**of, &**what)).collect();
        let (error, statuses): (Vec<_>, Vec<_>) =
            found.iter().partition(|(_, what)| what.contains("panic"));
        let [("invoices", text)] = error[..] else {
            panic!("{error:?}")
        };
        assert!(text.contains("a page of 7 rows"), "{text}");
        assert_eq!(
            statuses[4..],
            [
                ("quotes", "COMPLETE"),
                ("invoices", "INCOMPLETE"),
                ("invoice_line_items", "INCOMPLETE"),
                ("items", "COMPLETE"),
            ]
        );
    }

    #[tokio::test]
    async fn a_stream_is_complete_only_with_a_proof_from_each_organisation() {
        let failure = || Err(Failure::transient("An outage."));
        for (ends, expected) in [
            (vec![Ok(Proof::Count)], "COMPLETE"),
            (vec![Ok(Proof::Count), Ok(Proof::EmptyPage)], "COMPLETE"),
            (vec![Ok(Proof::Count), failure()], "INCOMPLETE"),
            (vec![failure()], "INCOMPLETE"),
            (vec![], "INCOMPLETE"),
        ] {
            let found = written(async |statuses| {
                statuses.begin("items");
                assert!(!statuses.are_complete(), "it has not ended");
                statuses.end("items", &ends);
                assert_eq!(statuses.are_complete(), expected == "COMPLETE");
            })
            .await;
            let [_, between @ .., last] = &found[..] else {
                panic!("{found:?}")
            };
            assert_eq!(last[1], expected);
            assert_eq!(between.len(), usize::from(expected != "COMPLETE"));
        }
    }
}
