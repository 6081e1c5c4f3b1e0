//! The writer against the text that Xero sends.

use super::*;

fn written(write: impl FnOnce(&mut Json)) -> String {
    let mut json = Json::default();
    write(&mut json);
    String::from_utf8(json.into_bytes()).expect("the writer writes UTF-8")
}

#[test]
fn nests_as_xero_indents() {
    let text = written(|json| {
        json.open_object();
        json.key("Invoices").open_array();
        json.open_object();
        json.key("LineItems").empty_array();
        json.key("IsDiscounted").bool(false);
        json.close_object();
        json.open_object();
        json.close_object();
        json.integer(7);
        json.close_array();
        json.key("Empty").open_array();
        json.close_array();
        json.key("Null").null();
        json.close_object();
    });
    let expected = "{\r\n  \"Invoices\": [\r\n    {\r\n      \"LineItems\": [],\r\n      \
                    \"IsDiscounted\": false\r\n    },\r\n    {},\r\n    7\r\n  ],\r\n  \"Empty\": [],\r\n  \
                    \"Null\": null\r\n}";
    assert_eq!(text, expected);
}

#[test]
fn indents_beyond_the_prepared_line() {
    let text = written(|json| {
        for _ in 0..25 {
            json.open_array();
        }
        json.number("1.50");
        for _ in 0..25 {
            json.close_array();
        }
    });
    assert!(text.contains(&format!("\r\n{}1.50\r\n", " ".repeat(50))));
}

#[test]
fn strings() {
    for (text, expected) in [
        ("", r#""""#),
        ("Ngāti Toa 株式会社 🥝", r#""Ngāti Toa 株式会社 🥝""#),
        (r#"a"b\c/d"#, r#""a\"b\\c\/d""#),
        ("a\r\nb\tc\u{1}\u{1f}", r#""a\r\nb\tc\u0001\u001f""#),
    ] {
        assert_eq!(written(|json| json.string(text)), expected);
        assert_eq!(written(|json| json.display(text)), expected);
    }
    assert_eq!(
        written(|json| json.display(format_args!("INV-{:04}/{}", 7, "a"))),
        r#""INV-0007\/a""#
    );
}

#[test]
fn decimals() {
    for (places, decimals, expected) in [
        (0, 0, "0"),
        (0, 2, "0.00"),
        (5, 2, "0.05"),
        (-5, 3, "-0.005"),
        (1250, 2, "12.50"),
        (-123_456, 4, "-12.3456"),
        (10_000_000_000, 10, "1.0000000000"),
        (i64::MIN, 0, "-9223372036854775808"),
    ] {
        assert_eq!(written(|json| json.decimal(places, decimals)), expected);
        let string = format!("\"{expected}\"");
        assert_eq!(
            written(|json| json.decimal_string(places, decimals)),
            string
        );
    }
}

#[test]
fn dates() {
    for (at, expected) in [
        (0, "1970-01-01T00:00:00"),
        (-1, "1969-12-31T23:59:59"),
        (951_782_400_000, "2000-02-29T00:00:00"),
        (1_541_176_290_999, "2018-11-02T16:31:30"),
        (4_107_542_399_000, "2100-02-28T23:59:59"),
    ] {
        assert_eq!(
            written(|json| json.date_string(at)),
            format!("\"{expected}\"")
        );
        assert_eq!(
            written(|json| json.utc_string(at)),
            format!("\"{expected}Z\"")
        );
        let (date, plain) = (format!("{at}+0000"), at.to_string());
        assert_eq!(
            written(|json| json.date(at)),
            format!("\"\\/Date({date})\\/\"")
        );
        assert_eq!(
            written(|json| json.date_plain(at)),
            format!("\"\\/Date({plain})\\/\"")
        );
        let summer = format!("{}+1300", at - 46_800_000);
        assert_eq!(
            written(|json| json.date_in_summer(at)),
            format!("\"\\/Date({summer})\\/\"")
        );
    }
}

#[test]
fn guids() {
    for (id, expected) in [
        (0, "00000000-0000-0000-0000-000000000000"),
        (
            0x0a1b_2c3d_4e5f_4a6b_8c7d_0102_0304_0506,
            "0a1b2c3d-4e5f-4a6b-8c7d-010203040506",
        ),
    ] {
        assert_eq!(written(|json| json.guid(id)), format!("\"{expected}\""));
    }
}
