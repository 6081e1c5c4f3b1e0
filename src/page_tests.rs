//! Tests of reading an answer.

use super::*;
use crate::streams::find;

fn parse(body: &str) -> Result<Page, String> {
    Page::parse(body.as_bytes(), find("invoices").unwrap(), "t-1")
}

const BODY: &str = "{\r\n \"Id\": \"x\", \"DateTimeUTC\": \"\\/Date(1758708209213)\\/\",\
    \"pagination\": {\"page\":1,\"pageSize\":2,\"pageCount\":3,\"itemCount\":5},\
    \"Invoices\": [ {\"InvoiceID\": \"a\", \"Total\": 1.0}, {\"InvoiceID\":\"c\"}, {\"InvoiceID\": \"b\"} ] }\r\n";

#[test]
fn a_page_becomes_one_line_a_row() {
    let page = parse(BODY).unwrap();
    assert_eq!(page.clock, Some(1758708209213));
    let pagination = Pagination {
        page_count: Some(3),
        item_count: Some(5),
    };
    assert_eq!(page.pagination, Some(pagination));
    let (lines, records) = page.into_lines(&[true, true, true]);
    assert_eq!(records, 3);
    let lines = String::from_utf8(lines).unwrap();
    let data: Vec<String> = lines
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["record"]["data"].to_string()
        })
        .collect();
    assert_eq!(
        data,
        [
            r#"{"InvoiceID":"a","TenantID":"t-1","Total":1.0}"#,
            r#"{"InvoiceID":"c","TenantID":"t-1"}"#,
            r#"{"InvoiceID":"b","TenantID":"t-1"}"#
        ]
    );
}

#[test]
fn a_row_without_an_id_is_told_by_its_organisation() {
    for (row, data) in [
        (
            r#"{"Enabled":true}"#,
            r#"{"TenantID":"t-1","Enabled":true}"#,
        ),
        ("{}", r#"{"TenantID":"t-1"}"#),
    ] {
        let body = format!(r#"{{"InvoiceReminders":[{row}]}}"#);
        let reminders = find("invoice_reminders").unwrap();
        let page = Page::parse(body.as_bytes(), reminders, "t-1").unwrap();
        assert_eq!(page.rows[0].marks.key.as_deref(), Some("t-1"));
        let lines = String::from_utf8(page.into_lines(&[true]).0).unwrap();
        assert!(lines.contains(data), "{lines}");
    }
}

#[test]
fn only_the_kept_rows_remain() {
    for (keep, ids) in [
        ([true, false, true], "ab"),
        ([false, false, true], "b"),
        ([false, false, false], ""),
    ] {
        let (lines, records) = parse(BODY).unwrap().into_lines(&keep);
        let lines = String::from_utf8(lines).unwrap();
        let found: String = lines
            .lines()
            .map(|line| if line.contains(r#""a""#) { 'a' } else { 'b' })
            .collect();
        assert_eq!((found.as_str(), records), (ids, ids.len() as u64));
    }
}

#[test]
fn what_is_no_page_says_why() {
    for (body, why) in [
        ("", "not the JSON"),
        ("<html></html>", "not the JSON"),
        (&BODY[..BODY.len() / 2], "not the JSON"),
        (r#"{"Invoices":[]} trailing"#, "not the JSON"),
        (r#"{"Invoices":7}"#, "not the JSON"),
        ("[]", "not the JSON"),
        (r#"{"Status":"OK"}"#, "no \"Invoices\""),
        (r#"{"Invoices":null}"#, "no \"Invoices\""),
        (r#"{"Invoices":[],"Invoices":[]}"#, "comes twice"),
        (r#"{"Invoices":[1]}"#, "is no object"),
        (r#"{"Invoices":[{}]}"#, "no InvoiceID"),
        (r#"{"Invoices":[{"InvoiceID":null}]}"#, "no InvoiceID"),
    ] {
        let error = parse(body).unwrap_err();
        assert!(error.contains(why), "{body}: {error}");
    }
    assert!(parse(r#"{"Invoices":[]}"#).unwrap().rows.is_empty());
}

#[test]
fn hints_that_cannot_be_understood_are_as_if_missing() {
    for hints in [
        r#""pagination":null,"DateTimeUTC":null"#,
        r#""pagination":"1 of 3","DateTimeUTC":17"#,
        r#""pagination":{"pageCount":"3","itemCount":-1},"DateTimeUTC":"/Date(999999999999999999)/""#,
    ] {
        let page = parse(&format!(r#"{{{hints},"Invoices":[]}}"#)).unwrap();
        assert_eq!(page.clock, None, "{hints}");
        let counts = page
            .pagination
            .map(|counts| (counts.page_count, counts.item_count));
        assert!(matches!(counts, None | Some((None, None))), "{hints}");
    }
}
