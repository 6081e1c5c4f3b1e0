//! What a document says about the things that hang on it.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::envelope::Envelope;
use crate::rewrite::ms_date;
use crate::streams::{Stream, Wanted};

/// Statuses of invoices that customers cannot see.
const OFFLINE: [&str; 2] = [r#""DRAFT""#, r#""DELETED""#];

/// The part of a document that decides whether it is asked. Whatever stands there,
/// it is no reason to refuse the page.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Facts<'a> {
    #[serde(borrow)]
    has_attachments: Option<&'a RawValue>,
    #[serde(borrow)]
    r#type: Option<&'a RawValue>,
    #[serde(borrow)]
    status: Option<&'a RawValue>,
    #[serde(rename = "CreatedDateUTC", borrow)]
    created: Option<&'a RawValue>,
}

/// Which rows of an answer are wanted, and when each was created.
pub(crate) fn read(
    body: &[u8],
    list: &Stream,
    wanted: Wanted,
) -> Result<Vec<(bool, Option<i64>)>, String> {
    let envelope = Envelope::parse(body, list.endpoint().envelope)?;
    let rows = envelope.rows.into_iter().map(|row| {
        let facts: Facts<'_> = serde_json::from_str(row.get()).unwrap_or_default();
        (facts.meets(wanted), facts.created())
    });
    Ok(rows.collect())
}

impl Facts<'_> {
    fn meets(&self, wanted: Wanted) -> bool {
        let is = |value: Option<&RawValue>, text: &str| value.is_some_and(|it| it.get() == text);
        match wanted {
            Wanted::All => true,
            Wanted::WithAttachments => {
                // Quotes do not tell whether they have files.
                let told = self.has_attachments.filter(|it| it.get() != "null");
                told.is_none() || is(told, "true") || is(told, r#""true""#)
            }
            Wanted::Online => {
                is(self.r#type, r#""ACCREC""#) && !OFFLINE.iter().any(|it| is(self.status, it))
            }
        }
    }

    fn created(&self) -> Option<i64> {
        let text = self.created?.get().trim_matches('"');
        ms_date(text.as_bytes()).map(|(millis, _)| millis)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::streams::find;

    #[test]
    fn documents_are_chosen_by_what_they_say() {
        for (row, [all, files, online]) in [
            (r#"{}"#, [true, true, false]),
            (r#"{"HasAttachments":true}"#, [true, true, false]),
            (r#"{"HasAttachments":"true"}"#, [true, true, false]),
            (r#"{"HasAttachments":false}"#, [true, false, false]),
            (r#"{"HasAttachments":{}}"#, [true, false, false]),
            (r#"{"Type":"ACCREC","Status":"PAID"}"#, [true, true, true]),
            (r#"{"Type":"ACCREC","Status":"DRAFT"}"#, [true, true, false]),
            (r#"{"Type":"ACCPAY","Status":"PAID"}"#, [true, true, false]),
            (r#"{"Type":"ACCREC","Status":null}"#, [true, true, true]),
        ] {
            let body = format!(r#"{{"Invoices":[{row}]}}"#);
            let invoices = find("invoices").unwrap();
            for (wanted, expected) in [
                (Wanted::All, all),
                (Wanted::WithAttachments, files),
                (Wanted::Online, online),
            ] {
                let found = read(body.as_bytes(), invoices, wanted).unwrap();
                assert_eq!(found, [(expected, None)], "{row} {wanted:?}");
            }
        }
    }

    #[test]
    fn creation_stands_in_for_the_stamp_that_transfers_lack() {
        let body = br#"{"BankTransfers":[{"CreatedDateUTC":"\/Date(1476737161173+0000)\/"},{"CreatedDateUTC":7}]}"#;
        let transfers = find("bank_transfers").unwrap();
        let found = read(body, transfers, Wanted::All).unwrap();
        assert_eq!(found, [(true, Some(1_476_737_161_173)), (true, None)]);
    }
}
