//! Reads the files that `tenants --shards` takes: the calls of organisations, and an earlier answer.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::failure::Failure;
use crate::files;
use crate::json::{self, Misread};

/// The expected calls of organisations.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Calls {
    known: BTreeMap<String, u64>,
    /// The calls of an organisation that no file has: the median of the others.
    median: u64,
}

impl Calls {
    /// Creates them from files in the order of the command line. The last file that has an organisation counts.
    fn new(files: impl IntoIterator<Item = (String, u64)>) -> Calls {
        let known: BTreeMap<_, _> = files.into_iter().collect();
        let mut sorted: Vec<u64> = known.values().copied().collect();
        sorted.sort_unstable();
        let median = sorted.get(sorted.len() / 2).copied().unwrap_or(1);
        Calls { known, median }
    }

    /// Returns the expected calls of an organisation.
    pub(super) fn of(&self, tenant_id: &str) -> u64 {
        self.known.get(tenant_id).copied().unwrap_or(self.median)
    }
}

/// Reads the files of `--calls`. `None` if there are none.
pub(super) async fn calls(paths: &[PathBuf]) -> Result<Option<Calls>, Failure> {
    let mut all = Vec::new();
    for path in paths {
        let parse = |text: &[u8]| parse_calls(text).map_err(|misread| no_calls(path, misread));
        all.extend(files::read(path, "calls", parse).await?);
    }
    Ok((!paths.is_empty()).then(|| Calls::new(all)))
}

fn no_calls(path: &Path, misread: Misread) -> Failure {
    Failure::config(format!(
        "The calls file {} does not name the calls of organisations. Give the JSON that `xero-source estimate --json` prints.",
        files::shown(path)
    ))
    .because(misread)
}

/// Returns the calls of each organisation that the text has. An organisation that could not be estimated
/// has none.
fn parse_calls(text: &[u8]) -> Result<Vec<(String, u64)>, Misread> {
    #[derive(Deserialize)]
    struct Answer {
        organisations: Vec<Organisation>,
    }
    #[derive(Deserialize)]
    struct Organisation {
        tenant_id: String,
        calls: Option<u32>,
    }
    let answer: Answer = json::read(text)?;
    let organisations = answer.organisations.into_iter();
    let calls = organisations.filter_map(|it| {
        // Every sync proves the access to an organisation with a call.
        let calls = u64::from(it.calls?.max(1));
        Some((it.tenant_id.to_lowercase(), calls))
    });
    Ok(calls.collect())
}

/// An earlier answer of `tenants --shards --json`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Previous {
    pub(super) shard_count: usize,
    /// The shard of each organisation, from 0 and below `shard_count`.
    pub(super) shard_of: BTreeMap<String, usize>,
}

/// Reads the file of `--previous`.
pub(super) async fn previous(path: Option<&Path>) -> Result<Option<Previous>, Failure> {
    let Some(path) = path else {
        return Ok(None);
    };
    let parse = |text: &[u8]| {
        parse_previous(text).ok_or_else(|| {
            Failure::config(format!(
                "The shards file {} is not the JSON that `xero-source tenants --shards --json` prints.",
                files::shown(path)
            ))
        })
    };
    files::read(path, "shards", parse).await.map(Some)
}

fn parse_previous(text: &[u8]) -> Option<Previous> {
    #[derive(Deserialize)]
    struct Answer {
        shard_count: usize,
        shards: Vec<Shard>,
    }
    #[derive(Deserialize)]
    struct Shard {
        shard: usize,
        tenants: Vec<Organisation>,
    }
    #[derive(Deserialize)]
    struct Organisation {
        id: String,
    }
    let answer: Answer = json::read(text).ok()?;
    let mut shard_of = BTreeMap::new();
    for shard in answer.shards {
        let index = shard.shard.checked_sub(1)?;
        if index >= answer.shard_count {
            return None;
        }
        for tenant in shard.tenants {
            let earlier = shard_of.insert(tenant.id.to_lowercase(), index);
            if earlier.is_some() {
                return None; // An organisation is in one shard.
            }
        }
    }
    Some(Previous {
        shard_count: answer.shard_count,
        shard_of,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_organisation_without_calls_counts_as_the_median() {
        let text = br#"{"organisations": [
            {"tenant_id": "A", "name": "x", "calls": 9},
            {"tenant_id": "b", "calls": 0},
            {"tenant_id": "c", "error": "offline"},
            {"tenant_id": "d", "calls": 4}]}"#;
        let calls = Calls::new(parse_calls(text).expect("an estimate"));
        let of = ["a", "b", "c", "d", "e"].map(|id| calls.of(id));
        assert_eq!(of, [9, 1, 4, 4, 4]);
        assert_eq!(Calls::new([]).of("a"), 1);
        let twice = [("a".to_owned(), 3), ("a".to_owned(), 5)];
        assert_eq!(Calls::new(twice).of("a"), 5);
    }

    #[test]
    fn other_json_is_not_taken_for_calls_or_shards() {
        for text in [
            "{}",
            "[]",
            r#"{"organisations": [{"calls": 1}]}"#,
            r#"{"organisations": [{"tenant_id": "a", "calls": -1}]}"#,
        ] {
            assert!(parse_calls(text.as_bytes()).is_err(), "{text}");
        }
        for text in [
            "{}",
            r#"{"shards": []}"#,
            r#"{"shard_count": 2, "shards": [{"shard": 0, "tenants": []}]}"#,
            r#"{"shard_count": 2, "shards": [{"shard": 3, "tenants": []}]}"#,
            r#"{"shard_count": 2, "shards": [{"shard": 1, "tenants": [{"tenant_id": "a"}]}]}"#,
            r#"{"shard_count": 2, "shards": [{"shard": 1, "tenants": [{"id": "a"}]},
                {"shard": 2, "tenants": [{"id": "A"}]}]}"#,
        ] {
            assert_eq!(parse_previous(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn shards_of_an_earlier_answer_are_numbered_from_one() {
        let text = br#"{"shard_count": 3, "shards": [
            {"shard": 1, "tenants": [{"id": "A", "name": null}]},
            {"shard": 3, "tenants": [{"id": "b"}, {"id": "c"}]}]}"#;
        let previous = parse_previous(text).expect("shards");
        assert_eq!(previous.shard_count, 3);
        let expected = [("a", 0), ("b", 2), ("c", 2)].map(|(id, at)| (id.to_owned(), at));
        assert_eq!(previous.shard_of, BTreeMap::from(expected));
    }
}
