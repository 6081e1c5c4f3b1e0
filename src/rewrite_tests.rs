//! Tests of the byte rewriting, by table and against a plain rewriting of values.

use proptest::prelude::*;
use serde_json::{Map, Value};

use super::*;

const FIELDS: Fields<'_> = Fields {
    key: "InvoiceID",
    cursor: Some("UpdatedDateUTC"),
};

fn rewritten(row: &str) -> (String, Marks) {
    let mut out = Vec::new();
    let marks = members(row.as_bytes(), FIELDS, &mut out);
    (format!("{{{}}}", String::from_utf8(out).unwrap()), marks)
}

#[test]
fn values_are_rewritten_as_the_table_says() {
    for (from, to) in [
        (r#"{}"#, r#"{}"#),
        (
            "{ \"A\" : [ 1,\r\n  2 ] ,\t\"B\":{ } }",
            r#"{"A":[1,2],"B":{}}"#,
        ),
        (
            r#"{"Date":"\/Date(1540080000000+0000)\/"}"#,
            r#"{"Date":"2018-10-21"}"#,
        ),
        (
            r#"{"Date":"/Date(1540080000000)/"}"#,
            r#"{"Date":"2018-10-21"}"#,
        ),
        (
            r#"{"Date":"\/Date(1426849200000+1300)\/"}"#,
            r#"{"Date":"2015-03-21"}"#,
        ),
        (
            r#"{"Date":"\/Date(1426849200000-1130)\/"}"#,
            r#"{"Date":"2015-03-19"}"#,
        ),
        (r#"{"Date":"\/Date(0+0000)\/"}"#, r#"{"Date":"1970-01-01"}"#),
        (
            r#"{"Date":"\/Date(-86400000+0000)\/"}"#,
            r#"{"Date":"1969-12-31"}"#,
        ),
        (
            r#"{"CreatedDateUTC":"\/Date(1426849200001+1300)\/"}"#,
            r#"{"CreatedDateUTC":"2015-03-20T11:00:00.001Z"}"#,
        ),
        (
            r#"{"UpdatedDateUTC":"2015-09-09T22:13:28"}"#,
            r#"{"UpdatedDateUTC":"2015-09-09T22:13:28.000Z"}"#,
        ),
        (
            r#"{"UpdatedDateUTC":"2017-08-14T01:18:26.74"}"#,
            r#"{"UpdatedDateUTC":"2017-08-14T01:18:26.740Z"}"#,
        ),
        (
            r#"{"DateString":"2018-10-20T00:00:00"}"#,
            r#"{"DateString":"2018-10-20T00:00:00"}"#,
        ),
        (
            r#"{"UpdatedDateUTCString":"2018-11-02T16:31:30Z"}"#,
            r#"{"UpdatedDateUTCString":"2018-11-02T16:31:30Z"}"#,
        ),
        (
            r#"{"Date":"\/Date(99999999999999999)\/"}"#,
            r#"{"Date":"\/Date(99999999999999999)\/"}"#,
        ),
        (
            r#"{"Date":"\/Date(99999999999999999999)\/"}"#,
            r#"{"Date":"\/Date(99999999999999999999)\/"}"#,
        ),
        (r#"{"Date":"\/Date()\/"}"#, r#"{"Date":"\/Date()\/"}"#),
        (
            r#"{"Date":"\/Date(0+999999999999999999)\/"}"#,
            r#"{"Date":"\/Date(0+999999999999999999)\/"}"#,
        ),
        (
            r#"{"Date":"\/Date(0-9223372036854775808)\/"}"#,
            r#"{"Date":"\/Date(0-9223372036854775808)\/"}"#,
        ),
        (
            r#"{"Reference":"see \/Date(0)\/"}"#,
            r#"{"Reference":"see \/Date(0)\/"}"#,
        ),
        (
            r#"{"Total":12345678901234567890.1230}"#,
            r#"{"Total":12345678901234567890.1230}"#,
        ),
        (
            r#"{"B":{"TotalAmount":"12.00","IsReconciled":"false"}}"#,
            r#"{"B":{"TotalAmount":12.00,"IsReconciled":false}}"#,
        ),
        (
            r#"{"Amount":"1000","UnitAmount":"-12.50","ContentLength":"10294","ReceiptNumber":"1"}"#,
            r#"{"Amount":1000,"UnitAmount":-12.50,"ContentLength":10294,"ReceiptNumber":1}"#,
        ),
        (
            r#"{"TotalAmount":"1,200","IsReconciled":"no"}"#,
            r#"{"TotalAmount":"1,200","IsReconciled":"no"}"#,
        ),
        (
            r#"{"D":"a \"b\\\" {[ c\r\nü 😀"}"#,
            r#"{"D":"a \"b\\\" {[ c\r\nü 😀"}"#,
        ),
        (r#"{"a\"b" : "c:d"}"#, r#"{"a\"b":"c:d"}"#),
    ] {
        assert_eq!(rewritten(from).0, to, "{from}");
        let value: Value = serde_json::from_str(&rewritten(from).0).unwrap();
        assert!(value.is_object());
    }
}

#[test]
fn marks_come_from_the_row_itself_and_not_from_what_it_holds() {
    let nested = r#"{"Contact":{"InvoiceID":"x","UpdatedDateUTC":"\/Date(1)\/"},"InvoiceID":"i-1","L":[{"UpdatedDateUTC":"\/Date(2)\/"}],"UpdatedDateUTC":"\/Date(1541176290160+0000)\/"}"#;
    let marks = rewritten(nested).1;
    assert_eq!(
        marks,
        Marks {
            key: Some("i-1".into()),
            cursor: Some(1541176290160)
        }
    );
    assert_eq!(
        rewritten(r#"{"InvoiceID":null,"UpdatedDateUTC":null}"#).1,
        Marks::default()
    );
}

#[test]
fn a_cursor_may_be_a_number() {
    let fields = Fields {
        key: "JournalID",
        cursor: Some("JournalNumber"),
    };
    for (row, cursor) in [
        (
            r#"{"JournalID":"j","JournalNumber": 7, "L":[{"JournalNumber":9}]}"#,
            Some(7),
        ),
        (r#"{"JournalID":"j","JournalNumber": 8 }"#, Some(8)),
        (r#"{"JournalID":"j","JournalNumber": null }"#, None),
        (r#"{"JournalID":"j","JournalNumber":"9"}"#, Some(9)),
        (r#"{"JournalID":"j","JournalNumber":"nine"}"#, None),
    ] {
        let marks = members(row.as_bytes(), fields, &mut Vec::new());
        assert_eq!(marks.cursor, cursor, "{row}");
    }
}

/// The same rewriting on values: slow, plain, and lossless for what is generated here.
fn plainly(value: Value, key: &str) -> Value {
    match value {
        Value::String(text) => {
            let Some(inner) = text
                .strip_prefix("/Date(")
                .and_then(|text| text.strip_suffix(")/"))
            else {
                return Value::String(text);
            };
            let Ok(millis) = inner.parse() else {
                return Value::String(text);
            };
            let Some(moment) = DateTime::from_timestamp_millis(millis) else {
                return Value::String(text);
            };
            let pattern = if key.ends_with("UTC") {
                "%Y-%m-%dT%H:%M:%S%.3fZ"
            } else {
                "%Y-%m-%d"
            };
            Value::String(moment.format(pattern).to_string())
        }
        Value::Array(items) => items.into_iter().map(|item| plainly(item, "")).collect(),
        Value::Object(fields) => Value::Object(
            fields
                .into_iter()
                .map(|(key, value)| (key.clone(), plainly(value, &key)))
                .collect::<Map<_, _>>(),
        ),
        other => other,
    }
}

fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[\\\\\"/\r\n\t {}\\[\\]:,]*".prop_map(Value::from),
        (0_i64..4_000_000_000_000).prop_map(|millis| Value::from(format!("/Date({millis})/"))),
    ];
    let key = prop_oneof!["[a-z]{1,3}", Just("DateUTC".to_owned()), any::<String>()];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(key.clone(), inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn bytes_say_the_same_as_values(fields in prop::collection::btree_map("[A-Za-z]{1,8}|aUTC", document(), 0..6), pretty: bool) {
        let value = Value::Object(fields.into_iter().collect());
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
        let text = text.unwrap().replace("/Date(", "\\/Date(").replace(")/\"", ")\\/\"");
        let (out, _) = rewritten(&text);
        prop_assert!(!out.contains('\n'));
        prop_assert_eq!(serde_json::from_str::<Value>(&out).unwrap(), plainly(value, ""));
    }
}

#[test]
fn a_stamp_that_cannot_be_is_no_cursor() {
    for stamp in [
        "\"\\/Date(0+0000)\\/\"",
        "\"/Date(-62135596800000+0000)/\"",
        "1234",
        "\"\"",
        "\"1234\"",
    ] {
        let marks = rewritten(&format!(r#"{{"InvoiceID":"i","UpdatedDateUTC":{stamp}}}"#)).1;
        assert_eq!(marks.cursor, None, "{stamp}");
    }
}
