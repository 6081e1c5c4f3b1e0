//! Selects streams by the configured catalog.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use crate::excerpt::excerpt;
use crate::failure::Failure;
use crate::files;
use crate::json;
use crate::streams::{self, Stream};

/// The streams to read, each once, in the order of the catalog.
#[derive(Debug)]
pub(crate) struct Selection(pub(crate) Vec<Selected>);

/// One selected stream. An unknown stream or sync mode fails only itself.
#[derive(Debug)]
pub(crate) struct Selected {
    /// The name in the catalog.
    pub(crate) name: String,
    pub(crate) stream: Result<&'static Stream, String>,
    /// `include_files` of the catalog: whether to copy the files of its rows.
    pub(crate) include_files: Option<bool>,
    /// Whether the sync mode is not a full refresh, which has no state.
    pub(crate) incremental: bool,
}

/// The part of a configured catalog that a source needs. Other fields are for destinations.
#[derive(Deserialize)]
struct ConfiguredCatalog {
    streams: Vec<ConfiguredStream>,
}

#[derive(Deserialize)]
struct ConfiguredStream {
    stream: StreamName,
    sync_mode: Option<String>,
    include_files: Option<bool>,
}

#[derive(Deserialize)]
struct StreamName {
    name: String,
    namespace: Option<String>,
}

/// Whether Airbyte copies the files of a stream, by the name of the stream.
#[derive(Debug)]
pub(crate) struct IncludeFiles(HashMap<String, bool>);

impl IncludeFiles {
    /// Returns the setting of a stream. `None` if the catalog does not have it.
    pub(crate) fn of(&self, stream: &Stream) -> Option<bool> {
        self.0.get(stream.name).copied()
    }
}

impl Selection {
    /// Reads a catalog file.
    pub(crate) async fn read(path: &Path) -> Result<Selection, Failure> {
        files::read(path, "catalog", Selection::parse).await
    }

    /// Selects these streams.
    pub(crate) fn of(streams: Vec<&'static Stream>, is_full_refresh: bool) -> Selection {
        let select = |stream: &'static Stream| Selected {
            name: stream.name.to_owned(),
            stream: Ok(stream),
            include_files: None,
            incremental: !is_full_refresh,
        };
        Selection(streams.into_iter().map(select).collect())
    }

    /// Returns `include_files` of each selected stream that has it.
    pub(crate) fn include_files(&self) -> IncludeFiles {
        let streams = self.0.iter();
        let named = streams.filter_map(|it| Some((it.name.clone(), it.include_files?)));
        IncludeFiles(named.collect())
    }

    /// Reads a catalog.
    pub(crate) fn parse(text: &[u8]) -> Result<Selection, Failure> {
        let catalog: ConfiguredCatalog = json::read(text).map_err(|misread| {
            if is_discovered(text) {
                return Failure::config(
                    "The catalog file holds the output of discover, which lists the streams that can be read. read needs a configured catalog, which says what to read and in which sync mode: `xero-source discover --config config.json --configured` prints one of all these streams, and `xero-source catalog --streams ...` one of the streams that you name.",
                );
            }
            Failure::config("The catalog file is not a configured catalog, which is a JSON object whose \"streams\" each name a \"stream\" and a \"sync_mode\".").because(misread)
        })?;
        let mut names = HashSet::new();
        let streams = catalog
            .streams
            .into_iter()
            .filter(|stream| names.insert(stream.stream.name.clone()));
        Ok(Selection(streams.map(select).collect()))
    }
}

/// Whether a text is the output of `discover`: messages with a CATALOG among them, or the catalog
/// alone, whose streams have names and no sync modes.
fn is_discovered(text: &[u8]) -> bool {
    let values = serde_json::Deserializer::from_slice(text).into_iter::<Value>();
    let mut catalogs = values.map_while(Result::ok);
    catalogs.any(|value| {
        let streams = value.get("streams").and_then(Value::as_array);
        let mut streams = streams.into_iter().flatten();
        value["type"] == "CATALOG" || streams.any(|stream| stream.get("name").is_some())
    })
}

fn select(configured: ConfiguredStream) -> Selected {
    let name = configured.stream.name;
    let mode = configured.sync_mode.as_deref();
    let namespace = configured.stream.namespace.filter(|it| !it.is_empty());
    let stream = match (streams::find(&name), mode) {
        (Some(_), _) if namespace.is_some() => Err(format!(
            "The catalog names the stream {name} with a namespace, but this source has no namespaces. Refresh the source's schema."
        )),
        // Airbyte's own connector for Xero has this stream, so old catalogs name it.
        (None, _) if name == "employees" => Err(
            "The stream employees cannot be read: Xero removed its endpoint, /Employees, in April 2026. Remove the stream from the connection.".to_owned()
        ),
        (None, _) => Err(format!(
            "There is no stream called \"{}\". Run discover, or refresh the source's schema, to see the available streams.",
            excerpt(&name)
        )),
        // Both modes read the same way: from the state, if there is one.
        (Some(stream), None | Some("full_refresh" | "incremental")) => Ok(stream),
        (Some(_), Some(mode)) => Err(format!(
            "The stream {name} cannot be read in sync_mode \"{}\", only full_refresh or incremental.",
            excerpt(mode)
        )),
    };
    Selected {
        incremental: mode != Some("full_refresh"),
        name,
        stream,
        include_files: configured.include_files,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removed_stream_has_another_message_than_a_misspelt_one() {
        let text = br#"{"streams":[{"stream":{"name":"employees"},"sync_mode":"full_refresh"}]}"#;
        let selection = Selection::parse(text).unwrap();
        let why = selection.0[0].stream.as_ref().unwrap_err();
        assert!(
            why.contains("April 2026") && why.contains("employees"),
            "{why}"
        );
    }

    #[test]
    fn catalogs_are_read_leniently_and_faults_stay_with_their_stream() {
        let text = br#"{"streams":[
            {"stream":{"name":"invoices","json_schema":{},"namespace":null},"sync_mode":"incremental","cursor_field":null,"generation_id":null},
            {"stream":{"name":"invoices"},"sync_mode":"full_refresh"},
            {"stream":{"name":"items"},"sync_mode":null,"extra":1},
            {"stream":{"name":"users"},"sync_mode":"INVALID"},
            {"stream":{"name":"items2"},"sync_mode":"full_refresh"},
            {"stream":{"name":"payments"},"sync_mode":"INVALID"},
            {"stream":{"name":"contacts","namespace":"acme"},"sync_mode":"incremental"}]}"#;
        let selection = Selection::parse(text).unwrap();
        let found: Vec<_> = selection
            .0
            .iter()
            .map(|it| (it.name.as_str(), it.stream.is_ok()))
            .collect();
        assert_eq!(
            found,
            [
                ("invoices", true),
                ("items", true),
                ("users", false),
                ("items2", false),
                ("payments", false),
                ("contacts", false)
            ]
        );
        assert!(
            selection.0[4]
                .stream
                .as_ref()
                .unwrap_err()
                .contains("INVALID")
        );
    }

    #[test]
    fn the_output_of_discover_is_told_apart_from_other_files() {
        let stream = r#"{"name":"items","json_schema":{},"supported_sync_modes":["full_refresh"]}"#;
        let bare = format!(r#"{{"streams":[{stream}]}}"#);
        let log = r#"{"type":"LOG","log":{"level":"INFO","message":"m"}}"#;
        let message = format!(r#"{{"type":"CATALOG","catalog":{bare}}}"#);
        for (text, is_discovered) in [
            (bare.as_str(), true),
            (&message, true),
            (&format!("{log}\n{message}\n{log}\n"), true),
            (log, false),
            ("[]", false),
        ] {
            let failure = Selection::parse(text.as_bytes()).unwrap_err().to_string();
            assert_eq!(failure.contains("--configured"), is_discovered, "{text}");
        }
    }

    #[test]
    fn a_file_that_is_no_catalog_is_an_error() {
        for text in ["", "[]", "{}", r#"{"streams":null}"#, r#"{"streams":[{}]}"#] {
            let failure = Selection::parse(text.as_bytes()).unwrap_err();
            assert!(failure.to_string().contains("configured catalog"), "{text}");
        }
    }
}
