//! The messages of one run.

use std::process::Output;

use serde_json::Value;

/// What one run printed and how it ended.
#[derive(Debug)]
pub struct Run {
    /// The messages on stdout, in their order.
    pub messages: Vec<Value>,
    /// The text of stdout.
    pub stdout: String,
    /// The text of stderr.
    pub stderr: String,
    /// The exit code. `None` after a signal.
    pub code: Option<i32>,
}

impl Run {
    /// Reads the output; every line of stdout must be a JSON object.
    pub fn of(output: Output) -> Run {
        let stdout = String::from_utf8(output.stdout).expect("stdout is UTF-8");
        let stderr = String::from_utf8(output.stderr).expect("stderr is UTF-8");
        Run::of_text(stdout, stderr, output.status.code())
    }

    /// Reads text that a run wrote.
    pub fn of_text(stdout: String, stderr: String, code: Option<i32>) -> Run {
        assert!(
            stdout.is_empty() || stdout.ends_with('\n'),
            "stdout ends in the middle of a line: {stdout}"
        );
        let parse = |line: &str| {
            let value: Value =
                serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON on stdout: {line}"));
            assert!(value.is_object(), "no object on stdout: {line}");
            value
        };
        let messages = stdout.lines().map(parse).collect();
        Run {
            messages,
            stdout,
            stderr,
            code,
        }
    }

    /// Returns the payloads of all messages of one type.
    pub fn payloads<'a>(
        &'a self,
        kind: &'a str,
        field: &'a str,
    ) -> impl Iterator<Item = &'a Value> {
        self.messages
            .iter()
            .filter(move |message| message["type"] == kind)
            .map(move |message| &message[field])
    }

    /// The data of the records of a stream.
    pub fn records(&self, stream: &str) -> Vec<&Value> {
        self.payloads("RECORD", "record")
            .filter(|record| record["stream"] == stream)
            .map(|record| &record["data"])
            .collect()
    }

    /// Returns one field of every record of a stream; each must be a string.
    pub fn column(&self, stream: &str, field: &str) -> Vec<&str> {
        let rows = self.records(stream);
        assert!(
            rows.iter().all(|row| row[field].is_string()),
            "{stream} has rows without {field}"
        );
        rows.into_iter()
            .filter_map(|row| row[field].as_str())
            .collect()
    }

    /// The states of a stream, in order.
    pub fn states(&self, stream: &str) -> Vec<&Value> {
        self.payloads("STATE", "state")
            .filter(|state| state["stream"]["stream_descriptor"]["name"] == stream)
            .map(|state| &state["stream"]["stream_state"])
            .collect()
    }

    /// Returns the last state of every stream, in the form that `--state` takes.
    pub fn last_states(&self) -> Value {
        let mut last = std::collections::BTreeMap::new();
        for state in self.payloads("STATE", "state") {
            last.insert(
                state["stream"]["stream_descriptor"].to_string(),
                state.clone(),
            );
        }
        last.into_values().collect()
    }

    /// The last status of a stream.
    pub fn status(&self, stream: &str) -> &str {
        self.payloads("TRACE", "trace")
            .map(|trace| &trace["stream_status"])
            .filter(|status| status["stream_descriptor"]["name"] == stream)
            .filter_map(|status| status["status"].as_str())
            .last()
            .unwrap_or("none")
    }

    /// The errors as `(failure_type, stream, sentence)`.
    pub fn errors(&self) -> Vec<(&str, &str, &str)> {
        fn text(value: &Value) -> &str {
            value.as_str().unwrap_or_default()
        }
        self.payloads("TRACE", "trace")
            .filter(|trace| trace["type"] == "ERROR")
            .map(|trace| &trace["error"])
            .map(|error| {
                (
                    text(&error["failure_type"]),
                    text(&error["stream_descriptor"]["name"]),
                    text(&error["message"]),
                )
            })
            .collect()
    }

    /// The configs that CONTROL messages carry.
    pub fn configs(&self) -> Vec<&Value> {
        self.payloads("CONTROL", "control")
            .map(|control| &control["connectorConfig"]["config"])
            .collect()
    }

    /// Asserts the connection status and returns its message.
    pub fn checked(&self, wanted: &str) -> &str {
        let status: Vec<_> = self
            .payloads("CONNECTION_STATUS", "connectionStatus")
            .collect();
        assert_eq!((status.len(), self.code), (1, Some(0)), "{self:#?}");
        assert_eq!(status[0]["status"], wanted, "{self:#?}");
        status[0]["message"].as_str().unwrap_or_default()
    }

    /// The log lines of a level.
    pub fn logs(&self, level: &str) -> Vec<&str> {
        let lines = self
            .payloads("LOG", "log")
            .filter(|log| log["level"] == level);
        lines.filter_map(|log| log["message"].as_str()).collect()
    }
}
