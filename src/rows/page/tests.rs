//! Tests the parsing of a page.

use super::*;
use crate::streams::find;

fn parse(body: &str) -> Result<Page, ParseError> {
    Page::parse(
        body.as_bytes(),
        &Family::of(find("invoices").unwrap()),
        "t-1",
    )
}

fn kept<const N: usize>(page: Page, keep: [bool; N]) -> (Vec<u8>, u64) {
    let lines = page.lines.into_iter().next().unwrap();
    let records = lines.select(keep.into_iter());
    (records.lines, records.count)
}

const BODY: &str = "{\r\n \"Id\": \"x\", \"DateTimeUTC\": \"\\/Date(1758708209213)\\/\",\
    \"pagination\": {\"page\":1,\"pageSize\":2,\"pageCount\":3,\"itemCount\":5},\
    \"Invoices\": [ {\"InvoiceID\": \"a\", \"Total\": 1.0}, {\"InvoiceID\":\"c\"}, {\"InvoiceID\": \"b\"} ] }\r\n";

#[test]
fn each_row_of_a_page_becomes_one_line() {
    let page = parse(BODY).unwrap();
    assert_eq!(page.facts.clock, Some(1758708209213));
    let pagination = Pagination {
        page_count: Some(3),
        item_count: Some(5),
    };
    assert_eq!(page.facts.pagination, Some(pagination));
    let (lines, records) = kept(page, [true, true, true]);
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
fn the_key_of_a_row_without_an_id_is_its_organisation() {
    for (row, data) in [
        (
            r#"{"Enabled":true}"#,
            r#"{"TenantID":"t-1","Enabled":true}"#,
        ),
        ("{}", r#"{"TenantID":"t-1"}"#),
    ] {
        let body = format!(r#"{{"InvoiceReminders":[{row}]}}"#);
        let reminders = find("invoice_reminders").unwrap();
        let page = Page::parse(body.as_bytes(), &Family::of(reminders), "t-1").unwrap();
        assert_eq!(page.facts.rows[0].key.as_deref(), Some("t-1"));
        let lines = String::from_utf8(kept(page, [true]).0).unwrap();
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
        let (lines, records) = kept(parse(BODY).unwrap(), keep);
        let lines = String::from_utf8(lines).unwrap();
        let found: String = lines
            .lines()
            .map(|line| if line.contains(r#""a""#) { 'a' } else { 'b' })
            .collect();
        assert_eq!((found.as_str(), records), (ids, ids.len() as u64));
    }
}

#[test]
fn the_error_explains_why_a_body_is_not_a_page() {
    for (body, why) in [
        ("", "not the expected JSON"),
        ("<html></html>", "not the expected JSON"),
        (&BODY[..BODY.len() / 2], "not the expected JSON"),
        (r#"{"Invoices":[]} trailing"#, "not the expected JSON"),
        (r#"{"Invoices":7}"#, "not the expected JSON"),
        ("[]", "not the expected JSON"),
        (r#"{"Status":"OK"}"#, "no \"Invoices\""),
        (r#"{"Invoices":null}"#, "no \"Invoices\""),
        (r#"{"Invoices":[],"Invoices":[]}"#, "has the list twice"),
        (r#"{"Invoices":[1]}"#, "is not an object"),
        (r#"{"Invoices":[{}]}"#, "no InvoiceID"),
        (r#"{"Invoices":[{"InvoiceID":null}]}"#, "no InvoiceID"),
    ] {
        let error = parse(body).unwrap_err().to_string();
        assert!(error.contains(why), "{body}: {error}");
    }
    assert!(parse(r#"{"Invoices":[]}"#).unwrap().facts.rows.is_empty());
}

#[test]
fn many_tiny_rows_exceed_the_limit() {
    let list = |row: &str, count: usize| {
        let rows = format!("{row},").repeat(count);
        format!(r#"{{"Invoices":[{rows}{row}]}}"#)
    };
    let error = parse(&list("0", 1_000_000)).unwrap_err();
    assert!(
        error.to_string().contains("more than 1000000 rows"),
        "{error}"
    );
    let row = r#"{"InvoiceID":"a","LineItems":[{},{},{},{},{},{},{},{}]}"#;
    let family = Family::of(find("invoice_line_items").unwrap());
    let page = Page::parse(list(row, 100_000).as_bytes(), &family, "t");
    assert_eq!(page.unwrap_err(), ParseError::TooLarge);
    // A hint that is as long as a page is ignored.
    let hint = format!("[{}0]", "0,".repeat(1_000));
    let page = parse(&format!(
        r#"{{"pagination":{hint},"DateTimeUTC":{hint},"Invoices":[]}}"#
    ));
    assert_eq!(page.unwrap().facts.pagination, None);
}

#[test]
fn invalid_hints_are_ignored() {
    for hints in [
        r#""pagination":null,"DateTimeUTC":null"#,
        r#""pagination":"1 of 3","DateTimeUTC":17"#,
        r#""pagination":{"pageCount":"3","itemCount":-1},"DateTimeUTC":"/Date(999999999999999999)/""#,
        r#""pagination":{},"DateTimeUTC":"/Date(253402300799999)/""#,
        r#""pagination":{},"DateTimeUTC":"/Date(-1)/""#,
    ] {
        let page = parse(&format!(r#"{{{hints},"Invoices":[]}}"#)).unwrap();
        assert_eq!(page.facts.clock, None, "{hints}");
        let counts = page
            .facts
            .pagination
            .map(|counts| (counts.page_count, counts.item_count));
        assert!(matches!(counts, None | Some((None, None))), "{hints}");
    }
}

/// Returns the data of all records of the body, by stream of the family.
fn data(family: &Family, body: &str) -> Vec<Vec<String>> {
    let page = Page::parse(body.as_bytes(), family, "t").unwrap();
    let data = |line: &str| {
        let (_, data) = line.split_once(r#""data":"#).unwrap();
        data.strip_suffix("}}").unwrap().to_owned()
    };
    let texts = page
        .lines
        .into_iter()
        .map(|lines| String::from_utf8(lines.all().lines).unwrap());
    texts.map(|text| text.lines().map(data).collect()).collect()
}

const DOCUMENTS: &str = r#"{"Invoices": [
    {"Date": "/Date(1518652800000+0000)/", "LineItems": [
        {"LineItemID": "l1", "Quantity": 1.0000, "Tracking": [{"TrackingCategoryID": "c1", "Option": "N\"orth"}, {"TrackingCategoryID": "c2"}]},
        {"LineItemID": "l2", "Position": 9, "InvoiceID": "other", "Tracking": []},
        null ],
     "InvoiceID": "a", "Status": "PAID", "UpdatedDateUTC": "/Date(1518685950940+0000)/"},
    {"InvoiceID": "b", "LineItems": null, "Payments": [{}]},
    {"InvoiceID": "c", "LineItems": [{}]} ]}"#;

#[test]
fn child_rows_inherit_from_their_parent_and_have_a_position() {
    let members = ["invoice_line_item_tracking", "invoice_line_items"];
    let mut family = Family {
        parent: find("invoices").unwrap(),
        members: members.map(|name| find(name).unwrap()).to_vec(),
    };
    let parent = r#""InvoiceID":"a","ParentDate":"2018-02-15","ParentStatus":"PAID","UpdatedDateUTC":"2018-02-15T09:12:30.940Z""#;
    let tracking = [
        format!(
            r#"{{"TenantID":"t",{parent},"LineItemID":"l1","LinePosition":0,"Position":0,"TrackingCategoryID":"c1","Option":"N\"orth"}}"#
        ),
        format!(
            r#"{{"TenantID":"t",{parent},"LineItemID":"l1","LinePosition":0,"Position":1,"TrackingCategoryID":"c2"}}"#
        ),
    ];
    let lines = [
        format!(
            r#"{{"TenantID":"t",{parent},"Position":0,"LineItemID":"l1","Quantity":1.0000,"Tracking":[{{"TrackingCategoryID":"c1","Option":"N\"orth"}},{{"TrackingCategoryID":"c2"}}]}}"#
        ),
        format!(r#"{{"TenantID":"t",{parent},"Position":1,"LineItemID":"l2","Tracking":[]}}"#),
        r#"{"TenantID":"t","InvoiceID":"c","Position":0}"#.to_owned(),
    ];
    assert_eq!(
        data(&family, DOCUMENTS),
        [tracking.to_vec(), lines.to_vec()]
    );
    // The result is the same if the parent is selected too. Streams keep the order of the catalog.
    family.members.insert(1, family.parent);
    let [first, parents, last] = data(&family, DOCUMENTS).try_into().unwrap();
    assert_eq!((first, last), (tracking.to_vec(), lines.to_vec()));
    assert_eq!(parents.len(), 3);
}

#[test]
fn a_row_without_a_list_and_a_list_without_an_envelope_are_parsed() {
    let budget = r#"{"Budgets":{"BudgetID":"b","BudgetLines":[{"AccountID":"a","BudgetBalances":[{"Period":"2026-01","Amount":"12.50"}]}]}}"#;
    let lines = data(&Family::of(find("budget_lines").unwrap()), budget);
    let line = r#"{"TenantID":"t","BudgetID":"b","AccountID":"a","LinePosition":0,"Position":0,"Period":"2026-01","Amount":12.50}"#;
    assert_eq!(lines, [[line]]);
    let connections = r#"[{"id":"1","tenantId":"o-1"},{"tenantId":"o-2","id":"2"}]"#;
    let rows = data(&Family::of(find("connections").unwrap()), connections);
    let of = |tenant: &str, row: &str| format!(r#"{{"TenantID":"{tenant}",{row}}}"#);
    let expected = [
        of("o-1", r#""id":"1","tenantId":"o-1""#),
        of("o-2", r#""tenantId":"o-2","id":"2""#),
    ];
    assert_eq!(rows, [expected]);
}

#[test]
fn a_count_that_is_too_small_for_the_pages_is_ignored() {
    for (pages, items, rows, counted) in [
        (3, 250, 100, Some(250)),
        (3, 201, 100, Some(201)),
        // Three pages have at least two full pages and one row.
        (3, 200, 100, None),
        (3, 125, 100, None),
        // The last page has fewer rows than a full one.
        (3, 250, 50, Some(250)),
        (1, 40, 40, Some(40)),
        (0, 0, 0, Some(0)),
        (5, 0, 0, Some(0)),
    ] {
        let counts = Pagination {
            page_count: Some(pages),
            item_count: Some(items),
        };
        let rows = (0..rows).map(|id: u64| (id.to_string(), 1));
        let page = PageFacts::of(rows, Some(counts), None);
        assert_eq!(page.counted(), counted, "{items} rows on {pages} pages");
    }
}

#[test]
fn a_family_with_an_aged_report_has_the_contacts_of_a_page_and_no_lines() {
    let report = find("report_aged_receivables_by_contact").unwrap();
    let family = Family {
        parent: find("contacts").unwrap(),
        members: vec![report],
    };
    let body = r#"{"Contacts": [{"ContactID": "a", "Name": "A\ud800", "Balances":
        {"AccountsReceivable": {"Outstanding": 10.50, "Overdue": 0.00}}}, {"ContactID": "b"}]}"#;
    let page = Page::parse(body.as_bytes(), &family, "t").unwrap();
    let contact = |id: &str, name: Option<&str>| Contact {
        id: id.to_owned(),
        name: name.map(str::to_owned),
        receivable: name.is_some(),
        payable: false,
    };
    let expected = [contact("a", Some("A\u{fffd}")), contact("b", None)];
    assert_eq!(page.contacts, expected);
    assert!(page.lines.into_iter().all(|it| it.all().lines.is_empty()));
    // Other families of the list do not parse the balances.
    let broken = br#"{"Contacts": [{"ContactID": "a", "Balances": 7}]}"#;
    assert!(Page::parse(broken, &family, "t").is_err());
    assert!(Page::parse(broken, &Family::of(family.parent), "t").is_ok());
}

#[test]
fn rows_in_a_row_without_a_key_of_its_own_keep_their_ids() {
    let stream = find("payroll_au_earnings_rates").expect("the stream exists");
    let body =
        br#"{"PayItems":{"EarningsRates":[{"EarningsRateID":"e-1"},{"EarningsRateID":"e-2"}]}}"#;
    let page = Page::parse(body, &Family::of(stream), "t-1").expect("the page is valid");
    let lines = page.lines.into_iter().next().expect("a family of one");
    let lines = String::from_utf8(lines.all().lines).expect("lines are text");
    for (line, id) in lines.lines().zip(["e-1", "e-2"]) {
        let line: serde_json::Value = serde_json::from_str(line).expect("a line is JSON");
        let data = &line["record"]["data"];
        assert_eq!(data["EarningsRateID"], id);
        assert_eq!(data["TenantID"], "t-1");
    }
    assert_eq!(lines.lines().count(), 2);
}
