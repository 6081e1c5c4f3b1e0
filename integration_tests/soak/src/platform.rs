//! What a platform keeps of a connection: the config, the selected streams, and the last committed states.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::destination::{Mode, Table};
use crate::json::Json;

/// A connection of a platform.
pub(crate) struct Platform {
    pub(crate) config: Value,
    /// Every config that the connector may have had, for the search for secrets.
    pub(crate) configs: Vec<Value>,
    pub(crate) tables: BTreeMap<String, Table>,
    /// The last committed state of each stream, as its STATE message had it.
    states: BTreeMap<String, Value>,
    folder: PathBuf,
}

/// The end of a stream in one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Complete,
    Incomplete,
}

/// What the platform took from an attempt.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    pub(crate) ends: BTreeMap<String, End>,
    pub(crate) records: usize,
    pub(crate) states: usize,
    pub(crate) controls: usize,
}

impl Platform {
    pub(crate) fn new(config: Value, tables: Vec<Table>, folder: &Path) -> Platform {
        let tables = tables
            .into_iter()
            .map(|table| (table.stream.name.clone(), table));
        Platform {
            configs: vec![config.clone()],
            config,
            tables: tables.collect(),
            states: BTreeMap::new(),
            folder: folder.to_owned(),
        }
    }

    /// A job begins: full reads start anew.
    pub(crate) fn begin_job(&mut self, selection: &BTreeSet<String>) {
        for name in selection {
            let Some(table) = self.tables.get_mut(name) else {
                continue;
            };
            if table.mode != Mode::Deduplicated {
                table.begin_job();
                self.states.remove(name);
            }
        }
    }

    /// A user clears the data of a stream, or keeps it and reads the stream anew.
    pub(crate) fn reset(&mut self, name: &str, clears: bool) {
        self.states.remove(name);
        if let Some(table) = self.tables.get_mut(name)
            && clears
        {
            table.clear();
        }
    }

    /// Replaces the config, as a user or a CONTROL message does.
    pub(crate) fn configure(&mut self, config: Value) {
        self.configs.push(config.clone());
        self.config = config;
    }

    /// Writes the files of an attempt and returns the arguments.
    pub(crate) fn arguments(&self, selection: &BTreeSet<String>) -> Vec<String> {
        let streams: Vec<_> = selection
            .iter()
            .filter_map(|name| self.tables.get(name))
            .map(configured)
            .collect();
        let catalog = self.write("catalog.json", &json!({"streams": streams}));
        let config = self.write("config.json", &self.config);
        let mut arguments = ["read", "--config", &config, "--catalog", &catalog]
            .map(str::to_owned)
            .to_vec();
        if !self.states.is_empty() {
            let states: Value = self.states.values().cloned().collect();
            arguments.extend(["--state".to_owned(), self.write("state.json", &states)]);
        }
        arguments
    }

    fn write(&self, name: &str, content: &Value) -> String {
        write(&self.folder, name, content)
    }

    /// Takes the messages of an attempt. The destination commits the first `committed` messages; the
    /// platform itself reads all of them. Records behind the last committed state of a stream may be
    /// kept or not.
    pub(crate) fn take(&mut self, lines: &[String], committed: usize, keeps_tail: bool) -> Taken {
        let mut taken = Taken::default();
        let mut waiting: BTreeMap<String, Vec<Json>> = BTreeMap::new();
        for (at, line) in lines.iter().enumerate() {
            let Ok(message) = serde_json::from_str::<Value>(line) else {
                continue;
            };
            match message["type"].as_str().unwrap_or_default() {
                "CONTROL" => {
                    taken.controls += 1;
                    self.configure(message["control"]["connectorConfig"]["config"].clone());
                }
                _ if at >= committed => {}
                "RECORD" => {
                    taken.records += 1;
                    let stream = message["record"]["stream"].as_str().unwrap_or_default();
                    // The exact digits are in the text.
                    if let Ok(exact) = Json::parse(line) {
                        let row = exact.get("record").get("data").clone();
                        waiting.entry(stream.to_owned()).or_default().push(row);
                    }
                }
                "STATE" => {
                    taken.states += 1;
                    let name = message["state"]["stream"]["stream_descriptor"]["name"].as_str();
                    let name = name.unwrap_or_default().to_owned();
                    self.commit(&name, waiting.remove(&name).unwrap_or_default());
                    self.states.insert(name, message["state"].clone());
                }
                "TRACE" => {
                    let status = &message["trace"]["stream_status"];
                    let name = status["stream_descriptor"]["name"]
                        .as_str()
                        .unwrap_or_default();
                    let end = match status["status"].as_str() {
                        Some("COMPLETE") => End::Complete,
                        Some("INCOMPLETE") => End::Incomplete,
                        _ => continue,
                    };
                    taken.ends.insert(name.to_owned(), end);
                    if end == End::Complete {
                        self.commit(name, waiting.remove(name).unwrap_or_default());
                        if let Some(table) = self.tables.get_mut(name) {
                            table.complete();
                        }
                    }
                }
                _ => {}
            }
        }
        if keeps_tail {
            for (name, rows) in waiting {
                self.commit(&name, rows);
            }
        }
        taken
    }

    fn commit(&mut self, name: &str, rows: Vec<Json>) {
        if let Some(table) = self.tables.get_mut(name) {
            rows.into_iter().for_each(|row| table.write(row));
        }
    }
}

/// Writes a JSON file that only its owner can read, and returns its path.
pub(crate) fn write(folder: &Path, name: &str, content: &Value) -> String {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let path = folder.join(name);
    let mut options = std::fs::OpenOptions::new();
    let file = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&path);
    let mut file = file.expect("the folder of the round is writable");
    write!(file, "{content}").expect("the folder of the round has room");
    path.display().to_string()
}

fn configured(table: &Table) -> Value {
    let stream = &table.stream;
    let (sync, destination) = match table.mode {
        Mode::Deduplicated => ("incremental", "append_dedup"),
        Mode::Overwrite => ("full_refresh", "overwrite"),
        Mode::Append => ("full_refresh", "append"),
    };
    let cursor = match stream.cursor.is_empty() {
        true => json!([]),
        false => json!([stream.cursor]),
    };
    let key: Vec<_> = stream.key.iter().map(|field| json!([field])).collect();
    json!({
        "stream": stream.catalog,
        "sync_mode": sync,
        "destination_sync_mode": destination,
        "cursor_field": cursor,
        "primary_key": key,
    })
}
