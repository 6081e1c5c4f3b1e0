//! Tests the writer: record counts, waits, and a closed stdout.

use std::sync::Mutex;

use serde_json::json;

use super::*;

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct ClosedPipe;

impl Write for ClosedPipe {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn batch(stream: &'static str, records: u64, state: Option<Value>) -> Batch {
    let lines = "{}\n".repeat(records as usize).into_bytes();
    Batch {
        stream,
        lines,
        records,
        state,
    }
}

#[tokio::test]
async fn a_state_counts_the_records_of_its_stream_since_the_one_before() {
    let out = Shared::default();
    let (emitter, writer) = start(ProtocolLines::new(out.clone()));
    for item in [
        batch("invoices", 3, None),
        batch("items", 1, Some(json!(1))),
        batch("invoices", 2, Some(json!(2))),
        batch("invoices", 0, Some(json!(3))),
    ] {
        emitter.batch(item, None, None).unwrap();
    }
    emitter.finish(false);
    writer.join().unwrap();
    let text = String::from_utf8(out.0.lock().unwrap().clone()).unwrap();
    let counts: Vec<f64> = text
        .lines()
        .filter_map(|line| {
            serde_json::from_str::<Value>(line).unwrap()["state"]["sourceStats"]["recordCount"]
                .as_f64()
        })
        .collect();
    assert_eq!(counts, [1.0, 5.0, 0.0]);
    assert!(text.contains("\"recordCount\":5.0"));
}

#[tokio::test]
async fn a_closed_stdout_is_reported_to_every_waiting_caller() {
    let (emitter, writer) = start(ProtocolLines::new(ClosedPipe));
    let update = Message::config_update(json!({}));
    assert!(emitter.deliver(update).await.is_err());
    emitter.closed().await;
    let error = writer.join().unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
}

/// Writes only when the test sends it a signal.
struct Slow(std::sync::mpsc::Receiver<()>);

impl Write for Slow {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = self.0.recv(); // returns at once after the test dropped the sender
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_stalled_reader_stops_batches_and_no_other_message() {
    let (go, slow) = std::sync::mpsc::channel();
    let (emitter, writer) = start(ProtocolLines::new(Slow(slow)));
    let big = || Batch {
        lines: vec![b' '; BUFFER * 2],
        ..batch("invoices", 0, None)
    };
    for _ in 0..MAX_WAITING_BATCHES {
        let place = emitter.place().await.unwrap();
        emitter.batch(big(), Some(place), None).unwrap();
    }
    let third = emitter.place();
    let briefly = std::time::Duration::from_millis(20);
    assert!(
        tokio::time::timeout(briefly, third).await.is_err(),
        "a third batch has a place"
    );
    let update = emitter.deliver(Message::config_update(json!({})));
    assert!(
        tokio::time::timeout(briefly, update).await.is_err(),
        "an update was reported as written"
    );
    drop(go);
    let place = emitter.place().await.unwrap();
    emitter.batch(big(), Some(place), None).unwrap();
    emitter.finish(false);
    writer.join().unwrap();
}
