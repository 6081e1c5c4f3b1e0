//! Generates random rows for the differential test.

use proptest::prelude::*;

/// A generated value. A token and each key are JSON text.
#[derive(Clone, Debug)]
pub(crate) enum Document {
    Token(String),
    List(Vec<Document>),
    Object(Vec<(String, Document)>),
}

impl Document {
    /// Appends the tokens. White space may separate them.
    pub(crate) fn tokens<'a>(&'a self, out: &mut Vec<&'a str>) {
        match self {
            Document::Token(token) => out.push(token),
            Document::List(items) => {
                out.push("[");
                for (at, item) in items.iter().enumerate() {
                    out.extend((at > 0).then_some(","));
                    item.tokens(out);
                }
                out.push("]");
            }
            Document::Object(members) => {
                out.push("{");
                for (at, (key, value)) in members.iter().enumerate() {
                    out.extend((at > 0).then_some(","));
                    out.extend([key.as_str(), ":"]);
                    value.tokens(out);
                }
                out.push("}");
            }
        }
    }
}

fn quoted_json(inside: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    inside.prop_map(|inside| format!("\"{inside}\""))
}

/// Generates the content of strings: characters, escapes, surrogates, and structural characters.
fn characters() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        r#"[^\x00-\x1f"\\]{1,4}"#,
        r#"\\["\\/bfnrt]"#,
        r"\\u(0[0-9a-f]{3}|[dD][89a-fA-F][0-9a-f]{2}|d83d\\ude0[0-9])",
        r"[ {}\[\]:,/+-]{1,3}",
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

fn date() -> impl Strategy<Value = String> {
    let millis = prop_oneof![
        4 => (0_i64..4_000_000_000_000).prop_map(|millis| millis.to_string()),
        1 => any::<i64>().prop_map(|millis| millis.to_string()),
        1 => "-?[0-9]{0,21}|[+-]",
    ];
    let offset = prop_oneof![4 => "([+-][0-9]{4})?", 1 => "[+-][0-9]{0,20}"];
    let slashed = |(millis, offset, slash): (String, String, bool)| match slash {
        true => format!(r"\/Date({millis}{offset})\/"),
        false => format!("/Date({millis}{offset})/"),
    };
    prop_oneof![
        3 => (millis, offset, any::<bool>()).prop_map(slashed),
        1 => "20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?Z?",
    ]
}

fn key() -> impl Strategy<Value = String> {
    quoted_json(prop_oneof![
        3 => "[A-C]|[A-Z][a-z]{1,3}(UTC|Date)?",
        2 => prop::sample::select(vec!["InvoiceID", "UpdatedDateUTC", "TotalAmount", "JournalNumber", "IsReconciled", "TenantID", r"Tenant\u0049D"])
            .prop_map(str::to_owned),
        1 => date(),
        1 => characters(),
    ])
}

fn document() -> impl Strategy<Value = Document> {
    let text = prop_oneof![
        characters(),
        date(),
        "-?[0-9]{1,20}(\\.[0-9]{1,4})?",
        "true|false"
    ];
    let leaf = prop_oneof![
        3 => quoted_json(text),
        2 => "-?(0|[1-9][0-9]{0,24})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?",
        1 => "null|true|false",
    ];
    let leaf = leaf.prop_map(Document::Token);
    leaf.prop_recursive(8, 64, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Document::List),
            prop::collection::vec((key(), inner), 0..5).prop_map(Document::Object),
        ]
    })
}

/// Generates a row and the white space between its tokens.
pub(crate) fn row() -> impl Strategy<Value = (Document, Vec<&'static str>)> {
    let gap = prop::sample::select(vec!["", " ", "\r\n      ", "\t", "\n"]);
    let members = prop::collection::vec((key(), document()), 0..8);
    (
        members.prop_map(Document::Object),
        prop::collection::vec(gap, 1..9),
    )
}
