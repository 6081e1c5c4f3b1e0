//! Compares the byte rewriting with the reference implementation on generated rows.

use proptest::prelude::*;

use super::generated_rows::row;
use super::*;
use crate::cases::cases;

proptest! {
    #![proptest_config(cases(3_000))]

    #[test]
    fn both_implementations_agree((row, gaps) in row()) {
        let mut tokens = Vec::new();
        row.tokens(&mut tokens);
        let compact = tokens.concat();
        let gaps = gaps.into_iter().cycle();
        let spaced: String = tokens[1..].iter().zip(gaps).flat_map(|(token, gap)| [gap, token]).collect();
        let spaced = format!("{{{spaced}");

        let compared = |row: &str| reference::compared(serde_json::from_str(row).unwrap(), FIELDS);
        let found = compared(&compact);
        prop_assert!(found.is_some(), "the row is rejected");
        prop_assert_eq!(compared(&spaced), found, "white space changes the result");
    }
}

#[test]
fn a_row_means_the_same_in_every_spelling_of_json() {
    for (from, to) in [
        (
            r#"{"Invoice\u0049D":"i","Updated\u0044ateUTC":"/Date(1)/"}"#,
            r#"{"Invoice\u0049D":"i","Updated\u0044ateUTC":"1970-01-01T00:00:00.001Z"}"#,
        ),
        (
            r#"{"UpdatedDateUT\u0043":"\u002fDate(\u0031)\/"}"#,
            r#"{"UpdatedDateUT\u0043":"1970-01-01T00:00:00.001Z"}"#,
        ),
        (
            r#"{"HasAttachments":"tru\u0065","Total\u0041mount":"\u0031"}"#,
            r#"{"HasAttachments":"tru\u0065","Total\u0041mount":1}"#,
        ),
        (
            r#"{"\ud800UTC":"/Date(1)/"}"#,
            r#"{"\ufffdUTC":"1970-01-01T00:00:00.001Z"}"#,
        ),
    ] {
        let found = reference::compared(serde_json::from_str(from).unwrap(), FIELDS);
        assert_eq!(
            found.map(|(out, _)| format!("{{{out}}}")).as_deref(),
            Some(to)
        );
    }
}
