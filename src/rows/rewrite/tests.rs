//! Tests the byte rewriting on single rows.

use serde_json::Value;

use super::*;
use crate::xero::api::ACCOUNTING;

mod differential;
mod generated_rows;

const FIELDS: KeyFields<'_> = KeyFields {
    key: "InvoiceID",
    cursor: Some("UpdatedDateUTC"),
    ours: &["TenantID", "FileStatus"],
    dates: ACCOUNTING.dates,
};

pub(crate) fn rewritten(row: &str) -> (String, RowKey) {
    let mut out = Vec::new();
    let row_key = members(row.as_bytes(), FIELDS, &mut out).unwrap();
    (format!("{{{}}}", String::from_utf8(out).unwrap()), row_key)
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
            r#"{"TotalAmount":"\u0031\u0032.00","IsReconciled":"tru\u0065"}"#,
            r#"{"TotalAmount":12.00,"IsReconciled":true}"#,
        ),
        (
            r#"{"TotalAmount":"1,200","IsReconciled":"no"}"#,
            r#"{"TotalAmount":"1,200","IsReconciled":"no"}"#,
        ),
        (r#"{"TotalAmount":" 12"}"#, r#"{"TotalAmount":" 12"}"#),
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
fn keys_come_from_the_row_and_not_from_nested_objects() {
    let nested = r#"{"Contact":{"InvoiceID":"x","UpdatedDateUTC":"\/Date(1)\/"},"InvoiceID":"i-1","L":[{"UpdatedDateUTC":"\/Date(2)\/"}],"UpdatedDateUTC":"\/Date(1541176290160+0000)\/"}"#;
    let row_key = rewritten(nested).1;
    assert_eq!(
        row_key,
        RowKey {
            key: Some("i-1".into()),
            cursor: Some(1541176290160),
            ..RowKey::default()
        }
    );
    assert_eq!(
        rewritten(r#"{"InvoiceID":null,"UpdatedDateUTC":null}"#).1,
        RowKey::default()
    );
}

#[test]
fn fields_with_names_of_the_connector_are_dropped() {
    for (from, to) in [
        (r#"{"TenantID":"t"}"#, r#"{}"#),
        (r#"{ "TenantID" : "t" , "A" : 1 }"#, r#"{"A":1}"#),
        (r#"{"A":1, "TenantID":"t" }"#, r#"{"A":1}"#),
        (r#"{"A":1,"TenantID":"t","B":"b"}"#, r#"{"A":1,"B":"b"}"#),
        (r#"{"TenantID":{"a":[1,"}],\""]},"A":1}"#, r#"{"A":1}"#),
        (r#"{"A":1,"TenantID":-1.5e3}"#, r#"{"A":1}"#),
        (
            r#"{"TenantID":null,"FileStatus":[],"TenantID":true}"#,
            r#"{}"#,
        ),
        (r#"{"Tenant\u0049D":"t","A":1}"#, r#"{"A":1}"#),
        // Nested fields and other spellings stay.
        (
            r#"{"L":[{"TenantID":"t"}],"tenantID":"t","A":"TenantID"}"#,
            r#"{"L":[{"TenantID":"t"}],"tenantID":"t","A":"TenantID"}"#,
        ),
    ] {
        assert_eq!(rewritten(from).0, to, "{from}");
    }
    let row = r#"{"InvoiceID":"i","TenantID":7,"UpdatedDateUTC":"/Date(1541176290160)/"}"#;
    let row_key = rewritten(row).1;
    assert_eq!(
        (row_key.key.as_deref(), row_key.cursor),
        (Some("i"), Some(1_541_176_290_160))
    );
    let fields = KeyFields {
        key: "JournalID",
        cursor: Some("JournalNumber"),
        ours: &["TenantID"],
        dates: ACCOUNTING.dates,
    };
    let row = br#"{"JournalNumber": 7, "TenantID": 9}"#;
    assert_eq!(
        members(row, fields, &mut Vec::new()).unwrap().cursor,
        Some(7)
    );
}

#[test]
fn the_creation_time_is_read() {
    for (row, created) in [
        (
            r#"{"CreatedDateUTC":"\/Date(1541176290160+0000)\/"}"#,
            Some(1541176290160),
        ),
        (r#"{"CreatedDateUTC":"soon"}"#, None),
        (
            r#"{"L":[{"CreatedDateUTC":"\/Date(1541176290160)\/"}]}"#,
            None,
        ),
    ] {
        assert_eq!(rewritten(row).1.created, created, "{row}");
    }
    let fields = KeyFields {
        dates: crate::xero::api::FILES.dates,
        ..FIELDS
    };
    let file = br#"{"CreatedDateUtc":"2030-01-01T00:00:00.0000000"}"#;
    let row_key = members(file, fields, &mut Vec::new()).expect("the row is valid");
    assert_eq!(row_key.created, Some(1_893_456_000_000));
}

#[test]
fn a_cursor_may_be_a_number() {
    let fields = KeyFields {
        key: "JournalID",
        cursor: Some("JournalNumber"),
        ours: &["TenantID"],
        dates: ACCOUNTING.dates,
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
        let row_key = members(row.as_bytes(), fields, &mut Vec::new()).unwrap();
        assert_eq!(row_key.cursor, cursor, "{row}");
    }
}

#[test]
fn an_invalid_stamp_is_not_a_cursor() {
    for stamp in [
        "\"\\/Date(0+0000)\\/\"",
        "\"/Date(-62135596800000+0000)/\"",
        "1234",
        "\"\"",
        "\"1234\"",
    ] {
        let row_key = rewritten(&format!(r#"{{"InvoiceID":"i","UpdatedDateUTC":{stamp}}}"#)).1;
        assert_eq!(row_key.cursor, None, "{stamp}");
    }
}

#[test]
fn rows_that_destinations_reject_are_errors() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let text = |bytes: usize| format!("\"{}\"", "w".repeat(bytes));
    let digits = |count: usize| "9".repeat(count);
    for (name, value, refused) in [
        ("124 levels", nested(124), None),
        ("125 levels", nested(125), Some(LimitExceeded::Levels)),
        (
            "200,000 levels",
            nested(200_000),
            Some(LimitExceeded::Levels),
        ),
        ("brackets in a text", format!("\"{}\"", nested(200)), None),
        ("300 digits", digits(300), None),
        ("301 digits", digits(301), Some(LimitExceeded::Digits)),
        (
            "of a fraction",
            format!("-0.{}e-7", digits(299)),
            Some(LimitExceeded::Digits),
        ),
        (
            "in a list",
            format!("[1, {}]", digits(301)),
            Some(LimitExceeded::Digits),
        ),
        ("many numbers", format!("[{}1]", "12345,".repeat(100)), None),
        ("digits in a text", format!("\"{}\"", digits(301)), None),
        ("20 MB less the rest", text(LARGEST_ROW - 8), None),
        (
            "a byte more",
            text(LARGEST_ROW - 7),
            Some(LimitExceeded::Bytes),
        ),
    ] {
        let row = format!("{{\"A\":{value}}}");
        let mut out = Vec::new();
        let found = members(row.as_bytes(), FIELDS, &mut out);
        assert_eq!(found.err(), refused, "{name}");
        if refused.is_none() {
            let line = format!(
                "{{\"type\":1,\"record\":{{\"data\":{{{}}}}}}}",
                String::from_utf8(out).unwrap()
            );
            assert!(
                serde_json::from_str::<Value>(&line).is_ok() || name == "300 digits",
                "{name}"
            );
        }
    }
    // A string that holds a number with too many digits stays a string.
    let row = format!("{{\"Amount\":\"{}\"}}", digits(301));
    assert_eq!(rewritten(&row).0, row);
}
