//! Tests of the table: what every row and every schema keeps to.

use serde_json::Value;

use super::*;

#[test]
fn rows_are_sorted_and_unique() {
    for pair in STREAMS.windows(2) {
        assert!(
            pair[0].name < pair[1].name,
            "{} stands before {}",
            pair[0].name,
            pair[1].name
        );
    }
}

#[test]
fn every_schema_declares_key_cursor_and_tenant() {
    for stream in STREAMS {
        let schema: Value = serde_json::from_str(stream.schema).expect(stream.name);
        let fields = &schema["properties"];
        for field in [Some(stream.key), stream.cursor, Some(TENANT)]
            .into_iter()
            .flatten()
        {
            assert!(
                fields[field].is_object(),
                "{} does not declare {field}",
                stream.name
            );
        }
        match stream.cursor {
            Some("JournalNumber") => assert_eq!(fields["JournalNumber"]["type"][1], "integer"),
            Some(cursor) => {
                assert_eq!(fields[cursor]["format"], "date-time", "{}", stream.name)
            }
            None => {}
        }
    }
}

#[test]
fn every_scope_only_reads_where_xero_has_such_a_one() {
    for stream in STREAMS {
        assert!(!stream.scopes.is_empty(), "{}", stream.name);
        for scope in stream.scopes {
            let reads = scope.starts_with("accounting.") && scope.ends_with(".read");
            assert!(reads || *scope == "paymentservices", "{scope}");
        }
    }
}

#[test]
fn a_broad_a_granular_or_a_writing_scope_suffices() {
    let invoices = find("invoices").unwrap();
    for (granted, readable) in [
        ("accounting.transactions.read", true),
        ("accounting.transactions", true),
        ("accounting.invoices.read", true),
        ("accounting.invoices", true),
        ("accounting.payments.read", false),
        ("accounting.invoices.readonly", false),
    ] {
        assert_eq!(
            invoices.readable_with(&[granted.to_owned()]),
            readable,
            "{granted}"
        );
    }
}

#[test]
fn the_readme_lists_every_stream_as_it_stands_here() {
    let readme = include_str!("../../README.md");
    for stream in STREAMS {
        let Stream {
            name, path, key, ..
        } = stream;
        let (cursor, scopes) = (stream.cursor.unwrap_or_default(), stream.scopes.join(", "));
        let cells = [name, path, key, cursor, &scopes].map(|cell| cell.trim());
        let row = format!("| {} |", cells.join(" | ")).replace("|  |", "| |");
        assert!(readme.contains(&row), "the README lacks {row}");
    }
    let rows = readme.lines().filter(|line| line.contains(" | /")).count();
    assert_eq!(
        rows,
        STREAMS.len(),
        "the README lists streams that do not exist"
    );
}

#[test]
fn the_remedy_names_scope_and_tier() {
    assert_eq!(
        find("invoices").unwrap().remedy(),
        "the scope accounting.invoices.read (or accounting.transactions.read)"
    );
    assert_eq!(
        find("journals").unwrap().remedy(),
        "the scope accounting.journals.read and an app on Xero's Advanced tier with its security assessment passed"
    );
}
